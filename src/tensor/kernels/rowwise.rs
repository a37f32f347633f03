//! Softmax and layer normalization: one pass over each row.

use crate::tensor::{math, simd::F32x4};

const LANES: usize = F32x4::LANES;

/// The row's values four at a time, the last ones filled up with `pad`.
#[inline(always)]
fn lanes(row: &[f32], pad: f32) -> impl Iterator<Item = F32x4> {
    let (whole, rest) = row.as_chunks::<LANES>();
    let tail = (!rest.is_empty()).then(|| {
        let mut last = [pad; LANES];
        last[..rest.len()].copy_from_slice(rest);
        F32x4::from_array(last)
    });
    whole.iter().map(|&a| F32x4::from_array(a)).chain(tail)
}

/// Applies `f` to four values of `out` at a time, with the four values of `x` beside them.
#[inline(always)]
pub(super) fn zip_map(x: &[f32], out: &mut [f32], mut f: impl FnMut(F32x4, F32x4) -> F32x4) {
    assert_eq!(x.len(), out.len());
    let (xs, x_rest) = x.as_chunks::<LANES>();
    let (outs, out_rest) = out.as_chunks_mut::<LANES>();
    for (&x, out) in xs.iter().zip(outs) {
        *out = f(F32x4::from_array(x), F32x4::from_array(*out)).to_array();
    }
    if !x_rest.is_empty() {
        let (mut a, mut b) = ([0.0; LANES], [0.0; LANES]);
        a[..x_rest.len()].copy_from_slice(x_rest);
        b[..x_rest.len()].copy_from_slice(out_rest);
        let y = f(F32x4::from_array(a), F32x4::from_array(b)).to_array();
        out_rest.copy_from_slice(&y[..x_rest.len()]);
    }
}

/// The largest value of a row; −∞ for an empty one.
pub fn row_max(row: &[f32]) -> f32 {
    lanes(row, f32::NEG_INFINITY).fold(F32x4::splat(f32::NEG_INFINITY), F32x4::max).max_lane()
}

/// The sum of a row: lane `l` adds the elements `l, l + 4, l + 8, …`, then the lanes are added. Trailing
/// zeros do not change it, so a masked row and the same row cut short agree bit for bit.
pub fn row_sum(row: &[f32]) -> f32 {
    lanes(row, 0.0).fold(F32x4::splat(0.0), |s, x| s + x).sum()
}

/// The dot product, added in the order of [`row_sum`].
pub fn row_dot(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    lanes(a, 0.0).zip(lanes(b, 0.0)).fold(F32x4::splat(0.0), |s, (a, b)| s + a * b).sum()
}

/// Replaces a row of scores by `exp(scale·x − max) / sum` and returns `log Σ exp(scale·x)`.
///
/// PyTorch: `torch.softmax(scale * x, -1)`, `torch.logsumexp`. An empty row stays empty.
pub fn softmax_row(row: &mut [f32], scale: f32) -> f32 {
    let max = row_max(row) * scale;
    let (scale, shift) = (F32x4::splat(scale), F32x4::splat(max));
    let (whole, rest) = row.as_chunks_mut::<LANES>();
    let mut sum = F32x4::splat(0.0);
    for x in whole {
        let e = math::exp(F32x4::from_array(*x) * scale - shift);
        sum = sum + e;
        *x = e.to_array();
    }
    if !rest.is_empty() {
        let mut last = [0.0; LANES];
        last[..rest.len()].copy_from_slice(rest);
        let mut e = math::exp(F32x4::from_array(last) * scale - shift).to_array();
        e[rest.len()..].fill(0.0);
        sum = sum + F32x4::from_array(e);
        rest.copy_from_slice(&e[..rest.len()]);
    }
    let sum = sum.sum();
    let inverse = 1.0 / sum;
    row.iter_mut().for_each(|x| *x *= inverse);
    max + libm::logf(sum)
}

/// `out = (x − mean) / √(variance + eps)` of one row, and `1/√(variance + eps)`.
pub fn normalize_row(x: &[f32], eps: f32, out: &mut [f32]) -> f32 {
    let n = x.len() as f32;
    let mean = row_sum(x) / n;
    let shift = F32x4::splat(mean);
    zip_map(x, out, |x, _| x - shift);
    let variance = row_dot(out, out) / n;
    let rstd = 1.0 / libm::sqrtf(variance + eps);
    out.iter_mut().for_each(|x| *x *= rstd);
    rstd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_sums_to_1_and_its_logsumexp_is_right() {
        for n in 1..20 {
            let scores: Vec<f32> = (0..n).map(|i| ((i * 7) % 5) as f32 - 2.0).collect();
            let mut p = scores.clone();
            let lse = softmax_row(&mut p, 0.5);
            let expected = libm::log(scores.iter().map(|&x| libm::exp(0.5 * f64::from(x))).sum());
            assert!((p.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            assert!((f64::from(lse) - expected).abs() < 1e-6);
            assert!((libm::logf(p[0]) - (0.5 * scores[0] - lse)).abs() < 1e-6);
        }
    }

    #[test]
    fn trailing_zeros_do_not_change_a_sum() {
        let row: Vec<f32> = (0..13).map(|i| libm::sqrtf(i as f32) - 1.3).collect();
        let mut padded = row.clone();
        padded.resize(21, 0.0);
        assert_eq!(row_sum(&row).to_bits(), row_sum(&padded).to_bits());
    }
}
