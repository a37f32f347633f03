//! GELU in its tanh form.

use super::rowwise::map;
use crate::tensor::{math, simd::F32x4};

/// √(2/π)
const A: f32 = 0.797_884_6;
const B: f32 = 0.044_715;

/// `1 / (1 + exp(−2u))` with `u = √(2/π)(x + 0.044715 x³)`, so that `½(1 + tanh u)` is this very number.
#[inline(always)]
fn gate(x: F32x4) -> F32x4 {
    let s = F32x4::splat;
    let u = (x * x * s(B) + s(1.0)) * x * s(-2.0 * A);
    s(1.0) / (s(1.0) + math::exp(u))
}

/// `y = ½x(1 + tanh(√(2/π)(x + 0.044715 x³)))`
///
/// PyTorch: `torch.nn.functional.gelu(x, approximate="tanh")`; Hugging Face: `gelu_new`.
/// Source: Hendrycks & Gimpel, arXiv:1606.08415, section 2.
pub fn gelu(x: &[f32], y: &mut [f32]) {
    map([x], y, |[x], _| x * gate(x));
}

/// `dx = dy · gelu′(x)`, in place of `dy`.
///
/// With `s` the gate and `v = 2u`: `(x·s)′ = s + x·s·(1 − s)·v′`.
pub fn gelu_backward(x: &[f32], dy: &mut [f32]) {
    let s = F32x4::splat;
    map([x], dy, |[x], dy| {
        let gate = gate(x);
        let slope = x * x * s(6.0 * A * B) + s(2.0 * A);
        dy * (gate + x * gate * (s(1.0) - gate) * slope)
    });
}
