//! How many directions a matrix has: what a rank has to make do with.
//!
//! Knows no model. Start with [`singular_values`].

use crate::nn::by_score;

/// Sweeps over all pairs of columns, at most. Eight are enough for weights of this size.
const MAX_SWEEPS: usize = 30;
/// Cosine below which two columns count as orthogonal.
const TOLERANCE: f64 = 1e-9;

/// The singular values of a matrix whose rows have `cols` elements, from the largest to the smallest.
///
/// Turns pairs of columns in their plane until all are orthogonal; their lengths are then the values.
///
/// Source: Hestenes, "Inversion of matrices by biorthogonalization and related results", J. SIAM 6 (1958).
///
/// # Panics
///
/// If the elements are not whole rows.
pub fn singular_values(matrix: &[f32], cols: usize) -> Vec<f64> {
    assert!(
        matrix.len().is_multiple_of(cols),
        "singular_values: {} elements in rows of {cols}",
        matrix.len()
    );
    let rows = matrix.len() / cols;
    // A matrix has the values of its transpose: the fewer vectors, the fewer pairs.
    let (n, stride, step) = if cols <= rows { (cols, 1, cols) } else { (rows, cols, 1) };
    let vector = |i: usize| -> Vec<f64> {
        (0..rows.max(cols)).map(|j| f64::from(matrix[i * stride + j * step])).collect()
    };
    let mut vectors: Vec<Vec<f64>> = (0..n).map(vector).collect();
    for _ in 0..MAX_SWEEPS {
        let mut is_done = true;
        for p in 0..n {
            let (left, right) = vectors.split_at_mut(p + 1);
            let a = &mut left[p];
            for b in right {
                is_done &= !turn(a, b);
            }
        }
        if is_done {
            break;
        }
    }
    let lengths: Vec<f64> = vectors.iter().map(|v| dot(v, v).sqrt()).collect();
    let order = by_score(&lengths.iter().map(|x| *x as f32).collect::<Vec<f32>>());
    order.into_iter().map(|i| lengths[i]).collect()
}

/// Share of the sum of squares that the `k` largest of some singular values hold: what a matrix of rank `k` can be of
/// this one, at best. 1 if there is nothing to hold.
///
/// Source: Eckart & Young, "The approximation of one matrix by another of lower rank", Psychometrika 1 (1936).
pub fn energy(singular_values: &[f64], k: usize) -> f64 {
    let total = dot(singular_values, singular_values);
    let largest = &singular_values[..k.min(singular_values.len())];
    if total == 0.0 { 1.0 } else { dot(largest, largest) / total }
}

/// Turns two vectors in their plane so that they are orthogonal; whether they were not.
fn turn(a: &mut [f64], b: &mut [f64]) -> bool {
    let (aa, bb, ab) = (dot(a, a), dot(b, b), dot(a, b));
    if ab.abs() <= TOLERANCE * (aa * bb).sqrt() {
        return false;
    }
    // The smaller angle whose tangent t solves t² + 2·zeta·t = 1.
    let zeta = (bb - aa) / (2.0 * ab);
    let t = zeta.signum() / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
    let cos = 1.0 / (1.0 + t * t).sqrt();
    let sin = cos * t;
    for (x, y) in a.iter_mut().zip(b) {
        (*x, *y) = (cos * *x - sin * *y, sin * *x + cos * *y);
    }
    true
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// `numpy.linalg.svd([[1, 2, 3], [4, 5, 6], [7, 8, 10], [1, 0, -1]], compute_uv=False)`
    #[test]
    fn the_reference_values_are_found() {
        let matrix = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 1.0, 0.0, -1.0];
        let expected = [17.413985218793975, 1.64524300314333, 0.21516101001995913];
        for (found, expected) in singular_values(&matrix, 3).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }

    #[test]
    fn a_product_of_rank_2_has_two_values_and_all_its_energy_in_them() {
        let mut rng = Rng::new(3);
        let mut draw = |n: usize| (0..n).map(|_| rng.normal()).collect::<Vec<f32>>();
        let (a, b) = (draw(10 * 2), draw(2 * 25));
        for cols in [25, 10] {
            let element = |i: usize| {
                let (row, col) = if cols == 25 { (i / 25, i % 25) } else { (i % 10, i / 10) };
                a[2 * row] * b[col] + a[2 * row + 1] * b[25 + col]
            };
            let values = singular_values(&(0..250).map(element).collect::<Vec<f32>>(), cols);
            assert_eq!(values.len(), 10);
            assert!(values[1] > 1.0 && values[2] < 1e-5, "{values:?}");
            assert!(energy(&values, 1) < 0.99 && energy(&values, 2) > 1.0 - 1e-12);
        }
    }

    #[test]
    fn the_sum_of_squares_is_that_of_the_elements() {
        let mut rng = Rng::new(4);
        let matrix: Vec<f32> = (0..64 * 192).map(|_| rng.normal()).collect();
        let values = singular_values(&matrix, 192);
        let of_elements: f64 = matrix.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
        assert!((dot(&values, &values) / of_elements - 1.0).abs() < 1e-9);
        assert!(values.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn nothing_has_no_energy_to_miss() {
        assert_eq!(singular_values(&[0.0; 6], 3), [0.0; 2]);
        assert_eq!(energy(&[0.0; 2], 1), 1.0);
    }
}
