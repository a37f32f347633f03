//! Matrix multiplication: where nearly all the time of training goes.
//!
//! # The tiling, explained once
//!
//! The result is computed in tiles of [`MR`] × [`NR`] elements that stay in registers while the loop runs
//! over the shared dimension `k`; each turn of the loop reads [`NR`] values of `b` and [`MR`] of `a` and does
//! `MR·NR` multiplications and additions with them. With 2 × 16 that is eight accumulators of four lanes, as
//! many as V8 keeps in registers; with more it spills and runs at half the speed.
//!
//! `b` is first copied ("packed", see [`Packed`]) into panels of [`NR`] columns, so that the inner loop reads it front
//! to back whatever its layout was. The last panel is padded with zeros, which makes every tile a full tile. Rows
//! of `a` are read in place where `k` runs along memory, and packed in pairs where it does not and more than one
//! panel will read them.
//!
//! Each element of the result is a sum over `k = 0, 1, 2, …` in that order, begun with the initial value
//! (0, a bias, or what is there): neither the tile's size nor the number of lanes can change a bit of it.
//! Cutting `k` into blocks does not either, because a block goes on from the stored partial sum.

use std::cell::RefCell;
use std::ops::Range;

use super::pack::{Line, Packed, pack_rows};
use crate::tensor::simd::F32x4;

/// Rows of a tile.
pub(super) const MR: usize = 2;
/// Columns of a tile.
pub(super) const NR: usize = 4 * F32x4::LANES;
/// Longest stretch of `k` in one go: a panel of it (16 KB) stays in the first-level cache.
const KC: usize = 256;

/// A matrix inside a slice: element `(i, j)` is `data[i * row + j * col]`.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    pub(super) data: &'a [f32],
    pub(super) row: usize,
    pub(super) col: usize,
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

    pub(super) fn assert_holds(&self, rows: usize, cols: usize, name: &str) {
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

impl Init<'_> {
    /// What these columns of a row begin with, where `c` stands now.
    #[inline(always)]
    fn row(&self, c: &[f32], columns: &Range<usize>) -> Row {
        match self {
            Self::Zero => Row::zero(),
            Self::Accumulate => Row::read(c),
            Self::Bias(bias) => Row::read(&bias[columns.clone()]),
        }
    }
}

/// What may be left out of a product, because it is known to be 0 or not wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Triangle {
    /// Nothing.
    Full,
    /// `c` is wanted only where `j ≤ i`; what stands elsewhere is of no meaning afterwards.
    LowerC,
    /// `a` is 0 where `k > i`.
    LowerA,
    /// `a` is 0 where `k < i`.
    UpperA,
}

impl Triangle {
    /// The part of `k` that matters to a tile which begins at row `i`.
    fn k_range(self, i: usize, block: Range<usize>) -> Range<usize> {
        match self {
            Self::Full | Self::LowerC => block,
            Self::LowerA => block.start..block.end.min(i + MR).max(block.start),
            Self::UpperA => block.start.max(i).min(block.end)..block.end,
        }
    }

    /// The first row that is wanted of a panel which begins at column `j`.
    fn first_row(self, j: usize) -> usize {
        if self == Self::LowerC { j / MR * MR } else { 0 }
    }
}

thread_local! {
    /// Packed operands, kept from call to call so that a training step allocates nothing.
    static PACKED_A: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
    static PACKED_B: RefCell<Packed> = const { RefCell::new(Packed::new()) };
}

/// `c = init + a·b` with `a (m, k)`, `b (k, n)`, and `c (m, n)` in rows of `c_stride`.
///
/// PyTorch: `torch.addmm`.
///
/// # Panics
///
/// If a slice is too short for its shape.
pub fn gemm(shape: [usize; 3], a: Matrix, b: Matrix, init: Init, c: &mut [f32], c_stride: usize) {
    gemm_triangle(Triangle::Full, shape, a, b, init, c, c_stride);
}

/// [`gemm`] without the part that `triangle` leaves out.
///
/// # Panics
///
/// If a slice is too short for its shape.
pub fn gemm_triangle(
    triangle: Triangle,
    [m, k, n]: [usize; 3],
    a: Matrix,
    b: Matrix,
    init: Init,
    c: &mut [f32],
    c_stride: usize,
) {
    PACKED_B.with_borrow_mut(|packed| {
        packed.pack(b, k, n);
        multiply(triangle, m, a, packed, init, c, c_stride);
    });
}

/// [`gemm`] with a `b` that was packed before, as weights are that many products share.
///
/// # Panics
///
/// If a slice is too short for its shape.
pub fn gemm_packed(m: usize, a: Matrix, b: &Packed, init: Init, c: &mut [f32], c_stride: usize) {
    multiply(Triangle::Full, m, a, b, init, c, c_stride);
}

fn multiply(triangle: Triangle, m: usize, a: Matrix, b: &Packed, init: Init, c: &mut [f32], c_stride: usize) {
    let [k, n] = b.shape();
    if m == 0 || n == 0 {
        return;
    }
    a.assert_holds(m, k, "a");
    assert!((m - 1) * c_stride + n <= c.len(), "gemm: c is not {m} × {n}: {} elements", c.len());
    if let Init::Bias(bias) = init {
        assert_eq!(bias.len(), n, "gemm: one bias a column");
    }
    PACKED_A.with_borrow_mut(|packed_a| {
        // Without anything to add the loop would not run, yet `c` has to be begun.
        for block in 0..k.div_ceil(KC).max(1) {
            let ks = block * KC..k.min((block + 1) * KC);
            let init = if block > 0 { Init::Accumulate } else { init };
            let packs_a = a.col != 1 && n > NR;
            if packs_a {
                pack_rows(a, m, ks.clone(), packed_a);
            }
            for j in (0..n).step_by(NR) {
                let panel = Panel { panel: b.panel(j), j, width: NR.min(n - j), init };
                for i in (triangle.first_row(j)..m).step_by(MR) {
                    let range = triangle.k_range(i, ks.clone());
                    let rows = Rows {
                        data: match () {
                            () if ks.is_empty() => &[],
                            () if packs_a => &packed_a[i * ks.len()..],
                            () => &a.data[i * a.row..],
                        },
                        row: if packs_a { 1 } else { a.row },
                        col: if packs_a { MR } else { a.col },
                        first_k: if packs_a { ks.start } else { 0 },
                    };
                    let c = &mut c[i * c_stride..];
                    match (m - i, rows.col) {
                        (1, _) => panel.compute::<1, 0>(range, rows, c, c_stride),
                        (_, 1) => panel.compute::<MR, 1>(range, rows, c, c_stride),
                        (_, MR) => panel.compute::<MR, MR>(range, rows, c, c_stride),
                        _ => panel.compute::<MR, 0>(range, rows, c, c_stride),
                    }
                }
            }
        }
    });
}

/// The rows of `a` that a tile reads: element `(r, k)` is `data[r * row + (k - first_k) * col]`.
#[derive(Clone, Copy)]
struct Rows<'a> {
    data: &'a [f32],
    row: usize,
    col: usize,
    first_k: usize,
}

/// One column of tiles of the result, and the packed part of `b` that it needs.
#[derive(Clone, Copy)]
struct Panel<'a> {
    panel: &'a [Line],
    j: usize,
    width: usize,
    init: Init<'a>,
}

impl Panel<'_> {
    /// A tile of `ROWS` rows, the first of which is at `c[0]`. `COL` is `a.col` where that is known in advance, else 0.
    #[inline(always)]
    fn compute<const ROWS: usize, const COL: usize>(
        &self,
        ks: Range<usize>,
        a: Rows,
        c: &mut [f32],
        c_stride: usize,
    ) {
        let Self { panel, j, width, init } = *self;
        let columns = j..j + width;
        let second = if ROWS == MR { c_stride } else { 0 };
        let mut tile =
            [init.row(&c[columns.clone()], &columns), init.row(&c[second..][columns.clone()], &columns)];
        if !ks.is_empty() {
            let col = if COL == 0 { a.col } else { COL };
            let a_start = (ks.start - a.first_k) * col;
            let b = &panel[ks.clone()];
            assert!(a_start + (ROWS - 1) * a.row + (ks.len() - 1) * col < a.data.len());
            // SAFETY: the assertion covers the last row and column of `a`.
            unsafe { add_products::<ROWS>(&mut tile, a.data.as_ptr().add(a_start), a.row, col, b) };
        }
        let [top, bottom] = tile;
        top.write(&mut c[j..][..width]);
        if ROWS == MR {
            bottom.write(&mut c[c_stride + j..][..width]);
        }
    }
}

/// The inner loop: `tile[r] += Σₖ a(r, k)·b(k)`.
///
/// # Safety
///
/// `a` must be readable at `(ROWS - 1) * a_row + (b.len() - 1) * a_col`.
#[inline(always)]
unsafe fn add_products<const ROWS: usize>(
    tile: &mut [Row; MR],
    mut a: *const f32,
    a_row: usize,
    a_col: usize,
    b: &[Line],
) {
    let [mut top, mut bottom] = *tile;
    for line in b {
        let line = Row::of(line);
        // SAFETY: promised by the caller for each turn.
        unsafe {
            top.add_product(*a, line);
            if ROWS == MR {
                bottom.add_product(*a.add(a_row), line);
            }
        }
        // After the last turn this may lie beyond the slice.
        a = a.wrapping_add(a_col);
    }
    *tile = [top, bottom];
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
        if let Ok(full) = from.try_into() {
            return Self::load(full);
        }
        edge[..from.len()].copy_from_slice(from);
        Self::load(&edge)
    }

    #[inline(always)]
    fn of(line: &Line) -> Self {
        Self::load(&line.0)
    }

    #[inline(always)]
    fn load(from: &[f32; NR]) -> Self {
        let at = |i: usize| F32x4::load(&from[i * F32x4::LANES..]);
        Self(at(0), at(1), at(2), at(3))
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
        assert!(to.len() >= NR);
        self.0.store(to);
        self.1.store(&mut to[4..]);
        self.2.store(&mut to[8..]);
        self.3.store(&mut to[12..]);
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

    fn bits(values: &[f32]) -> Vec<u32> {
        values.iter().map(|x| x.to_bits()).collect()
    }

    #[test]
    fn every_shape_and_layout_equals_the_definition_bit_for_bit() {
        let mut rng = Rng::new(3);
        let edges = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33];
        for case in 0..900 {
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
            assert_eq!(bits(&c), bits(&expected), "case {case}: {m} × {k} × {n}");
        }
    }

    #[test]
    fn a_triangle_equals_the_whole_product_where_it_is_wanted() {
        let mut rng = Rng::new(4);
        for size in [0, 1, 2, 3, 15, 16, 17, 32, 48, 2 * KC + 3] {
            for triangle in [Triangle::LowerC, Triangle::LowerA, Triangle::UpperA] {
                let n = if triangle == Triangle::LowerC { size } else { 1 + rng.below(40) };
                let k = if triangle == Triangle::LowerC { 1 + rng.below(40) } else { size };
                let mut fill = |n: usize| (0..n).map(|_| rng.normal()).collect::<Vec<f32>>();
                let (mut a, b, mut c) = (fill(size * k), fill(k * n), fill(size * n));
                for (at, a) in a.iter_mut().enumerate() {
                    let (i, k) = (at / k, at % k);
                    if triangle == Triangle::LowerA && k > i || triangle == Triangle::UpperA && k < i {
                        *a = 0.0;
                    }
                }
                let (a, b, mut expected) = (Matrix::rows(&a, k), Matrix::rows(&b, n), c.clone());
                gemm_triangle(triangle, [size, k, n], a, b, Init::Accumulate, &mut c, n);
                gemm_reference([size, k, n], a, b, Init::Accumulate, &mut expected, n);
                for (at, (c, expected)) in c.iter().zip(&expected).enumerate() {
                    let unwanted = triangle == Triangle::LowerC && at % n > at / n;
                    assert!(unwanted || c == expected, "{size}, element {at}: {c} for {expected}");
                }
            }
        }
    }
}
