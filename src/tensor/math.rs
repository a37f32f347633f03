//! The exponential, in fixed arithmetic.
//!
//! The maths library of an operating system or a browser differs from machine to machine in the last
//! digit; a polynomial does not. Scalar code that is not in a hot loop uses the `libm` crate instead.

use super::simd::F32x4;

/// Adding and subtracting this rounds a small float to a whole number and leaves that number in its low bits.
const ROUND: f32 = 12_582_912.0; // 1.5 · 2²³

/// `eˣ` in each lane, with a relative error below 2·10⁻⁷.
///
/// `x = n·ln 2 + r` with |r| ≤ ½ ln 2, then `eˣ = 2ⁿ·eʳ` with a polynomial for `eʳ`.
/// Arguments below −87 give 1.6·10⁻³⁸ and arguments above 88 give 1.7·10³⁸: finite, never 0 or infinite.
///
/// Source: Moshier, Cephes, `expf.c`.
#[inline(always)]
pub fn exp(x: F32x4) -> F32x4 {
    let s = F32x4::splat;
    // min(x, 88) as −max(−x, −88): one comparison fewer to keep alike on every target.
    let zero = s(0.0);
    let x = s(-87.0).max(x);
    let x = zero - s(-88.0).max(zero - x);
    let shifted = x * s(std::f32::consts::LOG2_E) + s(ROUND);
    let n = shifted - s(ROUND);
    // ln 2 in two parts, the first with few enough digits that n times it is exact.
    let r = x - n * s(0.693_359_4) - n * s(-2.121_944_4e-4);
    let p = s(1.987_569_1e-4);
    let p = p * r + s(1.398_199_9e-3);
    let p = p * r + s(8.333_452e-3);
    let p = p * r + s(4.166_579_6e-2);
    let p = p * r + s(1.666_666_5e-1);
    let p = p * r + s(0.5);
    (p * (r * r) + r + s(1.0)) * shifted.exponent_from_low_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_has_a_relative_error_below_2e_7() {
        let mut worst = 0.0_f64;
        for i in -86_999..88_000 {
            let x = i as f32 * 1e-3;
            let y = f64::from(exp(F32x4::splat(x)).to_array()[0]);
            let expected = libm::exp(f64::from(x));
            worst = worst.max((y - expected).abs() / expected);
        }
        assert!(worst < 2e-7, "{worst:e}");
    }

    #[test]
    fn exp_of_the_extremes_is_finite() {
        let y = exp(F32x4::from_array([f32::NEG_INFINITY, -1e30, 1e30, f32::INFINITY])).to_array();
        assert!(y.iter().all(|y| y.is_finite() && *y > 0.0), "{y:?}");
    }
}
