//! Numbers of 16 bits. Start with [`bf16`].

/// The bits of the nearest bfloat16 number, ties to even.
pub(super) fn bf16(x: f32) -> u16 {
    let bits = x.to_bits();
    if x.is_nan() {
        return 0x7fc0;
    }
    // A carry runs on into the exponent, as it should.
    ((bits + 0x7fff + (bits >> 16 & 1)) >> 16) as u16
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
    fn every_bfloat16_number_survives() {
        for bits in 0..=u16::MAX {
            let x = from_bf16(bits);
            assert!(bf16(x) == bits || x.is_nan() && from_bf16(bf16(x)).is_nan(), "{x}");
        }
    }

    #[test]
    fn what_lies_between_goes_to_the_nearest_and_halfway_to_even() {
        for low in 0..0x7f7f_u16 {
            let middle = f32::from_bits((u32::from(low) << 16) + 0x8000);
            assert_eq!(bf16(middle), low + low % 2, "{middle}");
            assert_eq!(bf16(middle.next_down()), low, "below {middle}");
            assert_eq!(bf16(middle.next_up()), low + 1, "above {middle}");
            assert_eq!(bf16(-middle.next_up()), (low + 1) | 0x8000);
        }
    }

    #[test]
    fn special_numbers_stay_special() {
        assert_eq!([0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY].map(bf16), [0, 0x8000, 0x7f80, 0xff80]);
        // torch.tensor([1.0, -2.5, 3.0e38]).bfloat16() and the bits of its elements.
        assert_eq!([0x3f80, 0xc020, 0x7f62].map(from_bf16), [1.0, -2.5, 3.004_055_3e38]);
        // torch.tensor([1.0, 65504.0, 2.0**-24, -inf]).half() and the bits of its elements.
        assert_eq!(
            [0x3c00, 0x7bff, 1, 0xfc00].map(from_f16),
            [1.0, 65_504.0, 5.960_464_5e-8, f32::NEG_INFINITY]
        );
        assert!(from_f16(0x7e00).is_nan());
    }
}
