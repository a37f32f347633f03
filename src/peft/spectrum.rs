//! Singular values: in how many directions a matrix does what it does. Knows no model. Start with [`singular_values`].

/// Halvings of an interval: the last of `f32`'s bits are beyond the precision of a Gram matrix anyway.
const N_BISECTIONS: usize = 48;

/// The singular values of a matrix with rows of `cols` numbers, the largest first.
///
/// They are the roots of the eigenvalues of M·Mᵀ or Mᵀ·M, whichever is smaller, in double precision. What is below
/// about a millionth of the largest one is noise.
///
/// NumPy: `numpy.linalg.svd(m, compute_uv=False)`. Source: Golub & Van Loan, "Matrix Computations", 4th edition,
/// sections 8.3.1 (tridiagonal form) and 8.4.2 (bisection).
///
/// # Panics
///
/// If the last row is not whole.
pub fn singular_values(values: &[f32], cols: usize) -> Vec<f32> {
    assert!(values.len().is_multiple_of(cols), "singular_values: {} numbers in rows of {cols}", values.len());
    let rows = values.len() / cols;
    let n = rows.min(cols);
    // Vectors one after the other, as many as there are singular values.
    let vectors: Vec<f64> = if rows <= cols {
        values.iter().map(|x| f64::from(*x)).collect()
    } else {
        let column = |j: usize| values.iter().skip(j).step_by(cols).map(|x| f64::from(*x));
        (0..cols).flat_map(column).collect()
    };
    let length = vectors.len() / n;
    let vector = |i: usize| &vectors[i * length..][..length];
    let mut gram = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let product = dot(vector(i), vector(j));
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
        libm::sqrt((low + high) / 2.0) as f32
    };
    if trace > 0.0 { (0..n).map(nth).collect() } else { vec![0.0; n] }
}

/// Share of the energy, the sum of squares, that the `r` largest of some singular values hold; 1 if there is none at all.
pub fn energy(singular_values: &[f32], r: usize) -> f32 {
    let energy = |values: &[f32]| -> f64 { values.iter().map(|x| f64::from(*x) * f64::from(*x)).sum() };
    let all = energy(singular_values);
    if all > 0.0 { (energy(&singular_values[..r.min(singular_values.len())]) / all) as f32 } else { 1.0 }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The diagonal of a symmetric matrix's tridiagonal form, and what stands beside it: Householder's reflections, which
/// leave the eigenvalues alone.
fn tridiagonal(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut beside = Vec::with_capacity(n);
    for k in 0..n.saturating_sub(1) {
        let mut v: Vec<f64> = (k + 1..n).map(|i| a[i * n + k]).collect();
        let norm = libm::sqrt(dot(&v, &v));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn random(n: usize, rng: &mut Rng) -> Vec<f32> {
        (0..n).map(|_| rng.normal()).collect()
    }

    /// (rows, inner) · (inner, cols)
    fn product(a: &[f32], b: &[f32], inner: usize, cols: usize) -> Vec<f32> {
        let entry = |i: usize| (0..inner).map(|k| a[i / cols * inner + k] * b[k * cols + i % cols]).sum();
        (0..a.len() / inner * cols).map(entry).collect()
    }

    #[test]
    fn a_diagonal_matrix_shows_its_own() {
        let m = [0.0, 0.0, -3.0, 0.0, 0.5, 0.0, 0.0, 0.0];
        let values = singular_values(&m, 4);
        assert_eq!(values.len(), 2);
        assert!((values[0] - 3.0).abs() < 1e-6 && (values[1] - 0.5).abs() < 1e-5, "{values:?}");
        assert!((energy(&values, 1) - 9.0 / 9.25).abs() < 1e-6);
        assert_eq!(energy(&[0.0, 0.0], 1), 1.0);
        assert_eq!(singular_values(&[0.0; 6], 2), [0.0, 0.0]);
    }

    #[test]
    fn tall_and_wide_are_alike_and_squares_add_up() {
        let mut rng = Rng::new(1);
        let (rows, cols) = (12, 40);
        let m = random(rows * cols, &mut rng);
        let transposed: Vec<f32> = (0..cols).flat_map(|j| m.iter().skip(j).step_by(cols).copied()).collect();
        let (a, b) = (singular_values(&m, cols), singular_values(&transposed, rows));
        assert!(a.windows(2).all(|pair| pair[0] >= pair[1]), "{a:?}");
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-5));
        let sum = |values: &[f32]| -> f32 { values.iter().map(|x| x * x).sum() };
        assert!((sum(&a) / sum(&m) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn a_product_of_thin_matrices_has_as_many_as_they_are_thin() {
        let mut rng = Rng::new(2);
        let (rows, rank, cols) = (30, 3, 20);
        let m = product(&random(rows * rank, &mut rng), &random(rank * cols, &mut rng), rank, cols);
        let values = singular_values(&m, cols);
        assert!(values[rank - 1] > 1.0 && values[rank] < 1e-5 * values[0], "{values:?}");
        assert!((energy(&values, rank) - 1.0).abs() < 1e-6 && energy(&values, rank - 1) < 0.999);
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
