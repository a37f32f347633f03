//! The exponential, in fixed arithmetic.
//!
//! The maths library of an operating system or a browser differs from machine to machine in the last
//! digit; a polynomial does not. Scalar code that is not in a hot loop uses the `libm` crate instead.

use super::simd::F32x4;

/// The exponential function with its constants at hand: make one before a loop.
///
/// An engine builds a vector constant anew wherever code names it, which costs more than the arithmetic; these
/// are values that it has to keep.
#[derive(Clone, Copy)]
pub struct Exp {
    low: F32x4,
    high: F32x4,
    log2_e: F32x4,
    round: F32x4,
    ln_2: [F32x4; 2],
    polynomial: [F32x4; 6],
    one: F32x4,
}

/// Adding and subtracting this rounds a small float to a whole number and leaves that number in its low bits.
const ROUND: f32 = 12_582_912.0; // 1.5 · 2²³
/// ln 2 in two parts, the first with few enough digits that a whole number times it is exact.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
/// Highest power first.
const POLYNOMIAL: [f32; 6] =
    [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];

impl Exp {
    /// Reads the constants.
    #[inline(always)]
    pub fn new() -> Self {
        Self {
            low: opaque(-87.0),
            high: opaque(88.0),
            log2_e: opaque(std::f32::consts::LOG2_E),
            round: opaque(ROUND),
            ln_2: LN_2.map(opaque),
            polynomial: POLYNOMIAL.map(opaque),
            one: opaque(1.0),
        }
    }

    /// `eˣ` in each lane, with a relative error below 2·10⁻⁷.
    ///
    /// `x = n·ln 2 + r` with |r| ≤ ½ ln 2, then `eˣ = 2ⁿ·eʳ` with a polynomial for `eʳ`.
    /// Arguments below −87 give 1.6·10⁻³⁸ and arguments above 88 give 1.7·10³⁸: finite, never 0 or infinite.
    ///
    /// Source: Moshier, Cephes, `expf.c`.
    #[inline(always)]
    pub fn of(&self, x: F32x4) -> F32x4 {
        let x = self.high.min(self.low.max(x));
        let shifted = x * self.log2_e + self.round;
        let n = shifted - self.round;
        let r = x - n * self.ln_2[0] - n * self.ln_2[1];
        let [a, b, c, d, e, f] = self.polynomial;
        // In pairs instead of Horner's way: a processor waits for the longest chain of operations.
        let r2 = r * r;
        let p = ((a * r + b) * r2 + (c * r + d)) * r2 + (e * r + f);
        (p * r2 + (r + self.one)) * shifted.exponent_from_low_bits()
    }
}

/// All lanes equal `x`, which the compiler does not know.
#[inline(always)]
pub fn opaque(x: f32) -> F32x4 {
    F32x4::splat(std::hint::black_box(x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_has_a_relative_error_below_2e_7() {
        let mut worst = 0.0_f64;
        for i in -86_999..88_000 {
            let x = i as f32 * 1e-3;
            let y = f64::from(Exp::new().of(F32x4::splat(x)).to_array()[0]);
            let expected = libm::exp(f64::from(x));
            worst = worst.max((y - expected).abs() / expected);
        }
        assert!(worst < 2e-7, "{worst:e}");
    }

    #[test]
    fn exp_of_the_extremes_is_finite() {
        let y = Exp::new().of(F32x4::from_array([f32::NEG_INFINITY, -1e30, 1e30, f32::INFINITY])).to_array();
        assert!(y.iter().all(|y| y.is_finite() && *y > 0.0), "{y:?}");
    }
}
