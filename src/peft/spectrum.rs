//! How many directions a matrix has: what a rank has to make do with.
//!
//! Knows no model. Start with [`singular_values`].

/// Halvings of the interval in which an eigenvalue lies: as many as a double has bits, and some.
const N_BISECTIONS: usize = 60;

/// The singular values of a matrix whose rows have `cols` elements, from the largest to the smallest.
///
/// They are the roots of the eigenvalues of M·Mᵀ or Mᵀ·M, whichever is smaller. That takes a millisecond for the weights
/// of the miniature, where turning pairs of columns takes forty; values below 10⁻⁷ of the largest are noise.
///
/// NumPy: `numpy.linalg.svd(m, compute_uv=False)`. Source: Golub & Van Loan, "Matrix Computations", 4th edition,
/// sections 8.3.1 (tridiagonal form) and 8.4.2 (bisection).
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
    // A matrix has the values of its transpose: the fewer vectors, the fewer products.
    let (n, stride, step) = if cols <= rows { (cols, 1, cols) } else { (rows, cols, 1) };
    let vector = |i: usize| -> Vec<f64> {
        (0..rows.max(cols)).map(|j| f64::from(matrix[i * stride + j * step])).collect()
    };
    let vectors: Vec<Vec<f64>> = (0..n).map(vector).collect();
    let mut gram = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let product = dot(&vectors[i], &vectors[j]);
            (gram[i * n + j], gram[j * n + i]) = (product, product);
        }
    }
    let trace: f64 = (0..n).map(|i| gram[i * n + i]).sum();
    let (diagonal, beside) = tridiagonal(gram, n);
    let nth = |i: usize| {
        let (mut low, mut high) = (0.0, trace);
        for _ in 0..N_BISECTIONS {
            let middle = (low + high) / 2.0;
            let is_above = n_below(middle, &diagonal, &beside) < n - i;
            if is_above { low = middle } else { high = middle }
        }
        ((low + high) / 2.0).sqrt()
    };
    if trace > 0.0 { (0..n).map(nth).collect() } else { vec![0.0; n] }
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

/// The diagonal of a symmetric matrix's tridiagonal form, and what stands beside it: Householder's reflections, which
/// leave the eigenvalues alone.
fn tridiagonal(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut beside = Vec::with_capacity(n);
    for k in 0..n.saturating_sub(1) {
        let mut v: Vec<f64> = (k + 1..n).map(|i| a[i * n + k]).collect();
        let norm = dot(&v, &v).sqrt();
        let reflected = if v[0] > 0.0 { -norm } else { norm };
        beside.push(reflected);
        v[0] -= reflected;
        let square = dot(&v, &v);
        if square == 0.0 {
            continue;
        }
        let row = |i: usize| (k + 1 + i) * n + k + 1;
        let w: Vec<f64> = (0..v.len()).map(|i| 2.0 * dot(&a[row(i)..][..v.len()], &v) / square).collect();
        let half = dot(&v, &w) / square;
        let w: Vec<f64> = w.iter().zip(&v).map(|(w, v)| w - half * v).collect();
        for i in 0..v.len() {
            let row = &mut a[row(i)..][..v.len()];
            row.iter_mut().zip(v.iter().zip(&w)).for_each(|(a, (vj, wj))| *a -= v[i] * wj + w[i] * vj);
        }
    }
    ((0..n).map(|i| a[i * n + i]).collect(), beside)
}

/// Number of eigenvalues below `x`: that of negative pivots of the tridiagonal matrix less `x`.
fn n_below(x: f64, diagonal: &[f64], beside: &[f64]) -> usize {
    let mut pivot = 1.0;
    let mut n = 0;
    for (i, d) in diagonal.iter().enumerate() {
        let before = if i == 0 { 0.0 } else { beside[i - 1] * beside[i - 1] / pivot };
        pivot = d - x - before;
        if pivot == 0.0 {
            pivot = -f64::MIN_POSITIVE;
        }
        n += usize::from(pivot < 0.0);
    }
    n
}

#[inline(never)]
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

    #[test]
    fn a_reflection_changes_nothing() {
        // (I − 2vvᵀ)·diag(5, 4, …) for a unit vector v.
        let n = 5;
        let v = [0.1_f32, 0.3, -0.5, 0.7, 0.4];
        let m: Vec<f32> = (0..n * n)
            .map(|i| (f32::from(i / n == i % n) - 2.0 * v[i / n] * v[i % n]) * (n - i % n) as f32)
            .collect();
        let values = singular_values(&m, n);
        assert!(
            values.iter().zip([5.0, 4.0, 3.0, 2.0, 1.0]).all(|(a, b)| (a - b).abs() < 1e-5),
            "{values:?}"
        );
    }
}
