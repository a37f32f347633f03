//! Softmax and layer normalization, a row at a time, forward and backward.
//!
//! A row's sum has sixteen parts: element `i` belongs to part `i mod 16`, and the parts are added in a fixed order.
//! Sixteen, because additions that wait for each other would take longer than reading the row. Zeros at the end of
//! a row change nothing, so a masked row and the same row cut short agree bit for bit.

use crate::tensor::{math::Exp, simd::F32x4};

const LANES: usize = F32x4::LANES;
/// Elements that are summed side by side.
const WIDE: usize = 4 * LANES;

/// The row's values four at a time with their position, the last ones filled up with `pad`.
#[inline(always)]
fn lanes<const N: usize>(rows: [&[f32]; N], pad: f32, mut f: impl FnMut(usize, [F32x4; N])) {
    let n = rows[0].len();
    assert!(rows.iter().all(|row| row.len() == n), "rows of different lengths");
    let whole = n / LANES * LANES;
    for i in (0..whole).step_by(LANES) {
        // SAFETY: every row has `n` elements.
        f(i, rows.map(|row| unsafe { F32x4::load_unchecked(row.as_ptr().add(i)) }));
    }
    if whole < n {
        f(whole, rows.map(|row| partial(&row[whole..], pad)));
    }
}

/// The last few elements of a row, filled up.
#[inline(always)]
fn partial(rest: &[f32], pad: f32) -> F32x4 {
    F32x4::from_array(std::array::from_fn(|i| rest.get(i).copied().unwrap_or(pad)))
}

/// Writes `f` of four elements at a time of each of `rows` and of `out`.
#[inline(always)]
pub(super) fn map<const N: usize>(
    rows: [&[f32]; N],
    out: &mut [f32],
    mut f: impl FnMut([F32x4; N], F32x4) -> F32x4,
) {
    let n = out.len();
    assert!(rows.iter().all(|row| row.len() == n), "rows of different lengths");
    let whole = n / LANES * LANES;
    for i in (0..whole).step_by(LANES) {
        // SAFETY: every row, and `out`, has `n` elements.
        unsafe {
            let x = rows.map(|row| F32x4::load_unchecked(row.as_ptr().add(i)));
            let to = out.as_mut_ptr().add(i);
            f(x, F32x4::load_unchecked(to)).store_unchecked(to);
        }
    }
    if whole < n {
        let rest = f(rows.map(|row| partial(&row[whole..], 0.0)), partial(&out[whole..], 0.0)).to_array();
        out[whole..].copy_from_slice(&rest[..n - whole]);
    }
}

/// Folds sixteen parts of a row, each with four lanes of `f`.
#[inline(always)]
fn fold<const N: usize>(
    rows: [&[f32]; N],
    start: f32,
    mut f: impl FnMut(F32x4, [F32x4; N]) -> F32x4,
) -> [F32x4; 4] {
    let mut parts = [F32x4::splat(start); 4];
    let n = rows[0].len();
    assert!(rows.iter().all(|row| row.len() == n), "rows of different lengths");
    let wide = n / WIDE * WIDE;
    for i in (0..wide).step_by(WIDE) {
        for (j, part) in parts.iter_mut().enumerate() {
            // SAFETY: every row has `n` elements.
            *part =
                f(*part, rows.map(|row| unsafe { F32x4::load_unchecked(row.as_ptr().add(i + j * LANES)) }));
        }
    }
    lanes(rows.map(|row| &row[wide..]), start, |i, x| parts[i / LANES] = f(parts[i / LANES], x));
    parts
}

#[inline(always)]
fn sum([a, b, c, d]: [F32x4; 4]) -> f32 {
    ((a + b) + (c + d)).sum()
}

/// The largest value of a row; −∞ for an empty one.
pub fn row_max(row: &[f32]) -> f32 {
    let [a, b, c, d] = fold([row], f32::NEG_INFINITY, |max, [x]| max.max(x));
    a.max(b).max(c.max(d)).max_lane()
}

/// The sum of a row, in the order that this module's docs say.
pub fn row_sum(row: &[f32]) -> f32 {
    sum(fold([row], 0.0, |sum, [x]| sum + x))
}

/// The dot product, added in the order of [`row_sum`].
pub fn row_dot(a: &[f32], b: &[f32]) -> f32 {
    sum(fold([a, b], 0.0, |sum, [a, b]| sum + a * b))
}

/// Replaces a row of scores by `exp(scale·x − max) / sum` and returns `log Σ exp(scale·x)`.
///
/// PyTorch: `torch.softmax(scale * x, -1)`, `torch.logsumexp`. An empty row stays empty.
pub fn softmax_row(row: &mut [f32], scale: f32) -> f32 {
    let max = row_max(row) * scale;
    let (scale, shift) = (F32x4::splat(scale), F32x4::splat(max));
    let exp = Exp::new();
    map([], row, |[], x| exp.of(x * scale - shift));
    let sum = row_sum(row);
    let inverse = F32x4::splat(1.0 / sum);
    map([], row, |[], x| x * inverse);
    max + libm::logf(sum)
}

/// `d = scale·p∘(d − Σ p∘d)`: from the gradient of probabilities `p` to that of their scores.
pub fn softmax_row_backward(p: &[f32], d: &mut [f32], scale: f32) {
    let dot = F32x4::splat(row_dot(p, d));
    let scale = F32x4::splat(scale);
    map([p], d, |[p], d| (d - dot) * p * scale);
}

/// `y = x̂·weight + bias` with `x̂ = (x − mean) / √(variance + eps)`, of one row; gives `1/√(variance + eps)`.
pub fn layer_norm_row(
    x: &[f32],
    [weight, bias]: [&[f32]; 2],
    eps: f32,
    normed: &mut [f32],
    y: &mut [f32],
) -> f32 {
    let n = x.len() as f32;
    let mean = F32x4::splat(row_sum(x) / n);
    map([x], normed, |[x], _| x - mean);
    let variance = row_dot(normed, normed) / n;
    let rstd = 1.0 / (variance + eps).sqrt();
    let scale = F32x4::splat(rstd);
    map([], normed, |[], x| x * scale);
    map([normed, weight, bias], y, |[x, weight, bias], _| x * weight + bias);
    rstd
}

/// `dx += (d − mean(d) − x̂·mean(d·x̂))·rstd` with `d = dy·weight`: what moves the mean or the scale of a row is lost.
/// `d` is scratch of the row's length.
pub fn layer_norm_row_backward(
    dy: &[f32],
    weight: &[f32],
    normed: &[f32],
    rstd: f32,
    d: &mut [f32],
    dx: &mut [f32],
) {
    let n = dy.len() as f32;
    map([dy, weight], d, |[dy, weight], _| dy * weight);
    let mean = F32x4::splat(row_sum(d) / n);
    let slope = F32x4::splat(row_dot(d, normed) / n);
    let rstd = F32x4::splat(rstd);
    map([d, normed], dx, |[d, normed], dx| dx + (d - mean - normed * slope) * rstd);
}

/// `sums += Σ rows`, row after row.
pub fn add_rows(rows: &[f32], sums: &mut [f32]) {
    for row in rows.chunks_exact(sums.len().max(1)) {
        map([row], sums, |[x], sum| sum + x);
    }
}

/// `sums += Σ a∘b` over rows, row after row.
pub fn add_row_products(a: &[f32], b: &[f32], sums: &mut [f32]) {
    let n = sums.len().max(1);
    for (a, b) in a.chunks_exact(n).zip(b.chunks_exact(n)) {
        map([a, b], sums, |[a, b], sum| sum + a * b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn rows(n: usize) -> [Vec<f32>; 3] {
        let mut rng = Rng::new(n as u64);
        [0, 1, 2].map(|_| (0..n).map(|_| rng.normal()).collect())
    }

    #[test]
    fn sums_and_maxima_equal_the_definition() {
        for n in 0..70 {
            let [a, b, _] = rows(n);
            let mut parts = [0.0; 16];
            let mut dots = [0.0; 16];
            for i in 0..n {
                parts[i % 16] += a[i];
                dots[i % 16] += a[i] * b[i];
            }
            let total = |p: [f32; 16]| {
                let [x, y, z, w] = [0, 1, 2, 3].map(|l| (p[l] + p[l + 4]) + (p[l + 8] + p[l + 12]));
                (x + z) + (y + w)
            };
            assert_eq!(row_sum(&a).to_bits(), total(parts).to_bits(), "{n}");
            assert_eq!(row_dot(&a, &b).to_bits(), total(dots).to_bits(), "{n}");
            assert_eq!(row_max(&a), a.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        }
    }

    #[test]
    fn softmax_sums_to_1_and_its_logsumexp_is_right() {
        for n in 1..40 {
            let [scores, ..] = rows(n);
            let mut p = scores.clone();
            let lse = softmax_row(&mut p, 0.5);
            let expected = libm::log(scores.iter().map(|&x| libm::exp(0.5 * f64::from(x))).sum());
            assert!((p.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            assert!((f64::from(lse) - expected).abs() < 1e-6);
            assert!((libm::logf(p[0]) - (0.5 * scores[0] - lse)).abs() < 1e-6);
        }
    }

    #[test]
    fn layer_norm_equals_the_definition() {
        for n in 1..40 {
            let [x, weight, bias] = rows(n);
            let (mut normed, mut y) = (vec![0.0; n], vec![0.0; n]);
            let rstd = layer_norm_row(&x, [&weight, &bias], 1e-5, &mut normed, &mut y);
            let x: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
            let mean = x.iter().sum::<f64>() / n as f64;
            let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64;
            let expected = 1.0 / libm::sqrt(variance + 1e-5);
            assert!((f64::from(rstd) / expected - 1.0).abs() < 1e-5);
            for i in 0..n {
                let y_i = (x[i] - mean) * expected * f64::from(weight[i]) + f64::from(bias[i]);
                assert!((f64::from(y[i]) - y_i).abs() < 1e-4, "{n}: {} for {y_i}", y[i]);
            }
        }
    }

    #[test]
    fn trailing_zeros_do_not_change_a_sum() {
        let [row, ..] = rows(13);
        let mut padded = row.clone();
        padded.resize(37, 0.0);
        assert_eq!(row_sum(&row).to_bits(), row_sum(&padded).to_bits());
    }
}
