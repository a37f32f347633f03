//! Numbers of 16 bits. Start with [`f16`].

/// The bits of the nearest half-precision number (IEEE 754 binary16), ties to even.
pub(super) fn f16(x: f32) -> u16 {
    let bits = x.to_bits();
    let sign = (bits >> 16) as u16 & 0x8000;
    let magnitude = bits & 0x7fff_ffff;
    // Exponents are biased by 127 in binary32 and by 15 in binary16.
    let rounded = match magnitude {
        0x7f80_0001.. => 0x7e00, // not a number
        0x4780_0000.. => 0x7c00, // 65,536 and above, infinity included
        0x3880_0000.. => nearest(magnitude - (112 << 23), 13),
        // Below 2^-14 binary16 has no implicit one: shift the whole significand to multiples of 2^-24.
        0x3300_0000.. => nearest((magnitude & 0x7f_ffff) | 0x80_0000, 126 - (magnitude >> 23)),
        _ => 0,
    };
    sign | rounded
}

/// `bits / 2^shift`, rounded to nearest, ties to even. A carry runs on into the exponent, as it should.
fn nearest(bits: u32, shift: u32) -> u16 {
    let (kept, rest, tie) = (bits >> shift, bits & ((1 << shift) - 1), 1 << (shift - 1));
    (kept + u32::from(rest > tie || (rest == tie && kept % 2 == 1))) as u16
}

/// The number that half-precision bits stand for, exactly.
pub(super) fn from_f16(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let (exponent, fraction) = (u32::from(bits >> 10) & 0x1f, u32::from(bits) & 0x3ff);
    let magnitude = match exponent {
        0 => (fraction as f32 * (1.0 / (1 << 24) as f32)).to_bits(),
        31 => 0x7f80_0000 | (fraction << 13),
        _ => ((exponent + 112) << 23) | (fraction << 13),
    };
    f32::from_bits(sign | magnitude)
}

/// The number that bfloat16 bits stand for, exactly: the upper half of a binary32.
pub(super) fn from_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_precision_number_survives() {
        for bits in 0..=u16::MAX {
            let x = from_f16(bits);
            if x.is_nan() {
                assert!(from_f16(f16(x)).is_nan());
            } else {
                assert_eq!(f16(x), bits, "{x}");
            }
        }
    }

    #[test]
    fn what_lies_between_goes_to_the_nearest_and_halfway_to_even() {
        // Neighbors of finite positive numbers, the largest one included: its upper neighbor is 65,536.
        for low in 0..0x7c00_u16 {
            let (a, b) = (
                f64::from(from_f16(low)),
                if low == 0x7bff { 65_536.0 } else { f64::from(from_f16(low + 1)) },
            );
            let middle = ((a + b) / 2.0) as f32;
            assert_eq!(f16(middle), low + low % 2, "{middle}");
            assert_eq!(f16(middle.next_down()), low, "below {middle}");
            assert_eq!(f16(middle.next_up()), low + 1, "above {middle}");
            assert_eq!(f16(-middle.next_up()), (low + 1) | 0x8000);
        }
    }

    #[test]
    fn special_numbers_stay_special() {
        assert_eq!([0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY].map(f16), [0, 0x8000, 0x7c00, 0xfc00]);
        assert_eq!([65_519.0, 65_520.0, 1e30, f32::MIN_POSITIVE].map(f16), [0x7bff, 0x7c00, 0x7c00, 0]);
        // torch.tensor([1.0, -2.5, 3.0e38]).bfloat16() and the bits of its elements.
        assert_eq!([0x3f80, 0xc020, 0x7f62].map(from_bf16), [1.0, -2.5, 3.004_055_3e38]);
    }
}
