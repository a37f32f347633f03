//! GELU in its tanh form.

use super::rowwise::map;
use crate::tensor::math::{Exp, opaque};
use crate::tensor::simd::F32x4;

/// √(2/π)
const A: f32 = 0.797_884_6;
const B: f32 = 0.044_715;

/// `1 / (1 + exp(−2u))` with `u = √(2/π)(x + 0.044715 x³)`, so that `½(1 + tanh u)` is this very number.
struct Gate {
    exp: Exp,
    minus_2a: F32x4,
    b: F32x4,
    one: F32x4,
}

impl Gate {
    #[inline(always)]
    fn new() -> Self {
        Self { exp: Exp::new(), minus_2a: opaque(-2.0 * A), b: opaque(B), one: opaque(1.0) }
    }

    #[inline(always)]
    fn of(&self, x: F32x4) -> F32x4 {
        let minus_2u = (x * x * self.b + self.one) * x * self.minus_2a;
        self.one / (self.one + self.exp.of(minus_2u))
    }
}

/// `y = ½x(1 + tanh(√(2/π)(x + 0.044715 x³)))`, and `½(1 + tanh …)` to go back with.
///
/// PyTorch: `torch.nn.functional.gelu(x, approximate="tanh")`; Hugging Face: `gelu_new`.
/// Source: Hendrycks & Gimpel, arXiv:1606.08415, section 2.
pub fn gelu(x: &[f32], gates: &mut [f32], y: &mut [f32]) {
    let gate = Gate::new();
    map([x], gates, |[x], _| gate.of(x));
    map([x, gates], y, |[x, gate], _| x * gate);
}

/// `dx = dy · gelu′(x)`, in place of `dy`.
///
/// With `s` the gate and `v = 2u`: `(x·s)′ = s + x·s·(1 − s)·v′`.
pub fn gelu_backward(x: &[f32], gates: &[f32], dy: &mut [f32]) {
    let [one, two_a, six_ab] = [1.0, 2.0 * A, 6.0 * A * B].map(opaque);
    map([x, gates], dy, |[x, s], dy| {
        let slope = x * x * six_ab + two_a;
        dy * (s + x * s * (one - s) * slope)
    });
}
