//! Matrix multiplication: where nearly all the time of training goes.
//!
//! # The tiling, explained once
//!
//! The result is computed in tiles of [`MR`] × [`NR`] elements that stay in registers while the loop runs
//! over the shared dimension `k`; each turn of the loop reads [`NR`] values of `b` and [`MR`] of `a` and does
//! `MR·NR` multiplications and additions with them. With 2 × 16 that is eight accumulators of four lanes, as
//! many as V8 keeps in registers; with more it spills and runs at half the speed.
//!
//! `b` is first copied ("packed") into panels of [`NR`] columns, so that the inner loop reads it front to
//! back whatever its layout was. The last panel is padded with zeros, which makes every tile a full tile.
//! Rows of `a` are read in place where `k` runs along memory, and packed in pairs where it does not.
//!
//! Each element of the result is a sum over `k = 0, 1, 2, …` in that order, begun with the initial value
//! (0, a bias, or what is there): neither the tile's size nor the number of lanes can change a bit of it.
//! Cutting `k` into blocks does not either, because a block goes on from the stored partial sum.

use std::cell::RefCell;

use crate::tensor::simd::F32x4;

const MR: usize = 2;
const NR: usize = 4 * F32x4::LANES;
/// Longest stretch of `k` in one go: a panel of it (16 KB) stays in the first-level cache.
const KC: usize = 256;

/// A matrix inside a slice: element `(i, j)` is `data[i * row + j * col]`.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    data: &'a [f32],
    row: usize,
    col: usize,
}

impl<'a> Matrix<'a> {
    /// Rows of `stride` elements, of which the first are used.
    pub fn rows(data: &'a [f32], stride: usize) -> Self {
        Self { data, row: stride, col: 1 }
    }

    /// The transpose of [`Matrix::rows`].
    pub fn transposed(data: &'a [f32], stride: usize) -> Self {
        Self::rows(data, stride).transpose()
    }

    /// The same elements with rows and columns exchanged; nothing moves.
    pub fn transpose(self) -> Self {
        Self { row: self.col, col: self.row, ..self }
    }

    fn assert_holds(&self, rows: usize, cols: usize, name: &str) {
        if rows > 0 && cols > 0 {
            let last = (rows - 1) * self.row + (cols - 1) * self.col;
            assert!(
                last < self.data.len(),
                "gemm: {name} is not {rows} × {cols}: {} elements",
                self.data.len()
            );
        }
    }
}

/// What the sums begin with.
#[derive(Clone, Copy)]
pub enum Init<'a> {
    /// `c = a·b`
    Zero,
    /// `c = c + a·b`
    Accumulate,
    /// `c = bias + a·b`, with one value a column.
    Bias(&'a [f32]),
}

thread_local! {
    /// Packed panels, kept from call to call so that a training step allocates nothing.
    static SCRATCH: RefCell<(Vec<f32>, Vec<f32>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

/// `c = init + a·b` with `a (m, k)`, `b (k, n)`, and `c (m, n)` in rows of `c_stride`.
///
/// PyTorch: `torch.addmm`.
///
/// # Panics
///
/// If a slice is too short for its shape.
pub fn gemm([m, k, n]: [usize; 3], a: Matrix, b: Matrix, init: Init, c: &mut [f32], c_stride: usize) {
    if m == 0 || n == 0 {
        return;
    }
    a.assert_holds(m, k, "a");
    b.assert_holds(k, n, "b");
    assert!((m - 1) * c_stride + n <= c.len(), "gemm: c is not {m} × {n}: {} elements", c.len());
    if let Init::Bias(bias) = init {
        assert_eq!(bias.len(), n, "gemm: one bias a column");
    }
    SCRATCH.with_borrow_mut(|(packed_a, packed_b)| {
        // Without anything to add the loop would not run, yet `c` has to be begun.
        let n_blocks = k.div_ceil(KC).max(1);
        for block in 0..n_blocks {
            let (k0, k1) = (block * KC, k.min((block + 1) * KC));
            let kc = k1 - k0;
            let a = if a.col == 1 { a } else { pack_rows(a, m, k0, k1, packed_a) };
            let a_offset = if a.col == 1 { k0 } else { 0 };
            pack_columns(b, k0, k1, n, packed_b);
            for (panel, j0) in packed_b.chunks_exact((kc * NR).max(1)).zip((0..n).step_by(NR)).chain(
                // An empty `k` has no panels; the tiles still have to be written.
                (0..if kc == 0 { n } else { 0 }).step_by(NR).map(|j| (&[][..], j)),
            ) {
                let width = NR.min(n - j0);
                let init = if block > 0 { Init::Accumulate } else { init };
                let mut i = 0;
                while i < m {
                    let rows = MR.min(m - i);
                    let tile = Tile { kc, panel, width, j0, init, c_stride };
                    let (row, col, start) =
                        if a.col == 1 { (a.row, 1, i * a.row + a_offset) } else { (1, MR, i * kc) };
                    if rows == MR {
                        tile.compute::<MR>(&a.data[start..], row, col, &mut c[i * c_stride..]);
                    } else {
                        tile.compute::<1>(&a.data[start..], row, col, &mut c[i * c_stride..]);
                    }
                    i += rows;
                }
            }
        }
    });
}

/// One column of tiles of the result.
#[derive(Clone, Copy)]
struct Tile<'a> {
    kc: usize,
    panel: &'a [f32],
    width: usize,
    j0: usize,
    init: Init<'a>,
    c_stride: usize,
}

impl Tile<'_> {
    /// `ROWS` rows of the result, whose `a` starts at `a[0]` and whose row starts at `c[0]`.
    #[inline(always)]
    fn compute<const ROWS: usize>(&self, a: &[f32], a_row: usize, a_col: usize, c: &mut [f32]) {
        let Self { kc, panel, width, j0, init, c_stride } = *self;
        assert!(panel.len() >= kc * NR && (kc == 0 || (ROWS - 1) * a_row + (kc - 1) * a_col < a.len()));
        let begin = |row: usize| match init {
            Init::Zero => Row::zero(),
            Init::Accumulate => Row::read(&c[row * c_stride + j0..][..width]),
            Init::Bias(bias) => Row::read(&bias[j0..j0 + width]),
        };
        let mut top = begin(0);
        let mut bottom = if ROWS == MR { begin(1) } else { Row::zero() };
        let (mut a_at, mut b_at) = (a.as_ptr(), panel.as_ptr());
        for _ in 0..kc {
            // SAFETY: the assertion above covers the last row and column that are read here.
            unsafe {
                let b = Row::load(b_at);
                top.add_product(*a_at, b);
                if ROWS == MR {
                    bottom.add_product(*a_at.add(a_row), b);
                }
                a_at = a_at.wrapping_add(a_col);
                b_at = b_at.add(NR);
            }
        }
        top.write(&mut c[j0..][..width]);
        if ROWS == MR {
            bottom.write(&mut c[c_stride + j0..][..width]);
        }
    }
}

/// [`NR`] elements of a row, in registers. Named, because an array that is walked in a loop stays in memory
/// when the compiler is asked for small code.
#[derive(Clone, Copy)]
struct Row(F32x4, F32x4, F32x4, F32x4);

impl Row {
    #[inline(always)]
    fn zero() -> Self {
        let zero = F32x4::splat(0.0);
        Self(zero, zero, zero, zero)
    }

    /// Up to [`NR`] elements; the rest is 0.
    #[inline(always)]
    fn read(from: &[f32]) -> Self {
        let mut edge = [0.0; NR];
        let full = if from.len() == NR {
            from
        } else {
            edge[..from.len()].copy_from_slice(from);
            &edge
        };
        // SAFETY: `full` has `NR` elements.
        unsafe { Self::load(full.as_ptr()) }
    }

    /// As many elements as fit.
    #[inline(always)]
    fn write(self, to: &mut [f32]) {
        if to.len() == NR {
            self.store(to);
        } else {
            let mut edge = [0.0; NR];
            self.store(&mut edge);
            to.copy_from_slice(&edge[..to.len()]);
        }
    }

    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        self.0.store(to);
        self.1.store(&mut to[4..]);
        self.2.store(&mut to[8..]);
        self.3.store(&mut to[12..]);
    }

    /// # Safety
    ///
    /// [`NR`] floats must be readable from `from` on.
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        let at = |i: usize| {
            // SAFETY: promised by the caller.
            unsafe { F32x4::load_unchecked(from.add(i * F32x4::LANES)) }
        };
        Self(at(0), at(1), at(2), at(3))
    }

    /// `self + x·b`
    #[inline(always)]
    fn add_product(&mut self, x: f32, b: Self) {
        let x = F32x4::splat(x);
        self.0 = self.0 + x * b.0;
        self.1 = self.1 + x * b.1;
        self.2 = self.2 + x * b.2;
        self.3 = self.3 + x * b.3;
    }
}

/// Copies rows `k0..k1` of `b` into panels of [`NR`] columns, padded with zeros.
fn pack_columns(b: Matrix, k0: usize, k1: usize, n: usize, packed: &mut Vec<f32>) {
    let kc = k1 - k0;
    packed.resize(n.div_ceil(NR) * kc * NR, 0.0);
    for (panel, j0) in packed.chunks_exact_mut((kc * NR).max(1)).zip((0..n).step_by(NR)) {
        let width = NR.min(n - j0);
        if b.col == 1 {
            for (k, row) in panel.chunks_exact_mut(NR).enumerate() {
                let from = (k0 + k) * b.row + j0;
                row[..width].copy_from_slice(&b.data[from..from + width]);
                row[width..].fill(0.0);
            }
        } else {
            // Along memory first: column j of `b` is a row of what it is the transpose of.
            for j in 0..NR {
                if j < width {
                    let from = (j0 + j) * b.col + k0 * b.row;
                    for (k, &x) in b.data[from..].iter().step_by(b.row).take(kc).enumerate() {
                        panel[k * NR + j] = x;
                    }
                } else {
                    (0..kc).for_each(|k| panel[k * NR + j] = 0.0);
                }
            }
        }
    }
}

/// Copies columns `k0..k1` of `a` so that the [`MR`] values of a tile's column lie side by side.
fn pack_rows<'a>(a: Matrix, m: usize, k0: usize, k1: usize, packed: &'a mut Vec<f32>) -> Matrix<'a> {
    let kc = k1 - k0;
    packed.resize(m.div_ceil(MR) * kc * MR, 0.0);
    for (pair, i0) in packed.chunks_exact_mut((kc * MR).max(1)).zip((0..m).step_by(MR)) {
        let rows = MR.min(m - i0);
        for (k, to) in pair.chunks_exact_mut(MR).enumerate() {
            for (r, to) in to.iter_mut().enumerate().take(rows) {
                *to = a.data[(i0 + r) * a.row + (k0 + k) * a.col];
            }
        }
    }
    // Only the data matters: the caller knows the layout.
    Matrix { data: packed, row: 1, col: MR }
}

/// The definition, for tests.
#[cfg(test)]
fn gemm_reference([m, k, n]: [usize; 3], a: Matrix, b: Matrix, init: Init, c: &mut [f32], c_stride: usize) {
    for i in 0..m {
        for j in 0..n {
            let mut sum = match init {
                Init::Zero => 0.0,
                Init::Accumulate => c[i * c_stride + j],
                Init::Bias(bias) => bias[j],
            };
            for k in 0..k {
                sum += a.data[i * a.row + k * a.col] * b.data[k * b.row + j * b.col];
            }
            c[i * c_stride + j] = sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn every_shape_and_layout_equals_the_definition_bit_for_bit() {
        let mut rng = Rng::new(3);
        let edges = [0, 1, 2, 3, 5, 15, 16, 17, 33];
        for case in 0..600 {
            let mut size = || edges[rng.below(edges.len())];
            let (m, n) = (size(), size());
            let k = if case % 20 == 0 { 2 * KC + size() } else { size() };
            let mut fill = |n: usize| (0..n).map(|_| rng.normal()).collect::<Vec<f32>>();
            let (a, b, bias, mut c) = (fill(m * k), fill(k * n), fill(n), fill(m * (n + 1)));
            let a = if case % 2 == 0 { Matrix::rows(&a, k) } else { Matrix::transposed(&a, m) };
            let b = if case / 2 % 2 == 0 { Matrix::rows(&b, n) } else { Matrix::transposed(&b, k) };
            let init = [Init::Zero, Init::Accumulate, Init::Bias(&bias)][case / 4 % 3];
            let mut expected = c.clone();
            gemm([m, k, n], a, b, init, &mut c, n + 1);
            gemm_reference([m, k, n], a, b, init, &mut expected, n + 1);
            let bits = |v: &[f32]| v.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&c), bits(&expected), "case {case}: {m} × {k} × {n}");
        }
    }
}
