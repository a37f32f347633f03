//! Copies of matrices in the order in which [`gemm`](super::gemm()) reads them.

use std::ops::Range;

use super::gemm::{MR, Matrix, NR};
use crate::tensor::simd::F32x4;

const LANES: usize = F32x4::LANES;

/// A row of a panel: a line of the cache, so that no load straddles two.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Line(pub [f32; NR]);

/// A right-hand matrix `(k, n)` in panels of [`NR`] columns, one panel after the other, padded with zeros.
#[derive(Debug, Clone, Default)]
pub struct Packed {
    data: Vec<Line>,
    k: usize,
    n: usize,
}

impl Packed {
    /// A matrix without elements.
    pub const fn new() -> Self {
        Self { data: Vec::new(), k: 0, n: 0 }
    }

    /// Rows and columns.
    pub fn shape(&self) -> [usize; 2] {
        [self.k, self.n]
    }

    /// The panel that begins at column `j`, a multiple of [`NR`]: row after row.
    pub(super) fn panel(&self, j: usize) -> &[Line] {
        &self.data[j / NR * self.k..][..self.k]
    }

    /// Copies `b (k, n)`.
    ///
    /// # Panics
    ///
    /// If its slice is too short.
    pub fn pack(&mut self, b: Matrix, k: usize, n: usize) {
        b.assert_holds(k, n, "b");
        (self.k, self.n) = (k, n);
        self.data.resize(n.div_ceil(NR) * k, Line([0.0; NR]));
        if k == 0 {
            return;
        }
        for (panel, j) in self.data.chunks_exact_mut(k).zip((0..n).step_by(NR)) {
            let width = NR.min(n - j);
            if b.col == 1 {
                pack_rows_of_panel(&b.data[j..], b.row, width, panel);
            } else {
                for first in (0..NR).step_by(LANES) {
                    let columns = LANES.min(width.saturating_sub(first));
                    let from = if columns > 0 { &b.data[(j + first) * b.col..] } else { &[] };
                    pack_four_columns(from, [b.row, b.col], columns, first, panel);
                }
            }
        }
    }
}

/// A panel from rows that run along memory, `stride` apart.
fn pack_rows_of_panel(from: &[f32], stride: usize, width: usize, panel: &mut [Line]) {
    for (k, Line(to)) in panel.iter_mut().enumerate() {
        let from = &from[k * stride..][..width];
        if let Ok(from) = from.try_into() {
            *to = from;
        } else {
            to[..width].copy_from_slice(from);
            to[width..].fill(0.0);
        }
    }
}

/// Four columns of a panel, from `first` on, of a matrix whose columns run along memory, if `row` is 1: element
/// `(k, j)` is `from[k * row + j * col]`. Columns from `n` on become 0.
fn pack_four_columns(from: &[f32], [row, col]: [usize; 2], n: usize, first: usize, panel: &mut [Line]) {
    let mut k = 0;
    if n == LANES && row == 1 {
        for four in panel.chunks_exact_mut(LANES) {
            let lines = [0, 1, 2, 3].map(|j| F32x4::load(&from[k + j * col..]));
            for (to, line) in four.iter_mut().zip(F32x4::transpose(lines)) {
                line.store(&mut to.0[first..]);
            }
            k += LANES;
        }
    }
    for (k, to) in panel.iter_mut().enumerate().skip(k) {
        for (j, to) in to.0[first..][..LANES].iter_mut().enumerate() {
            *to = if j < n { from[k * row + j * col] } else { 0.0 };
        }
    }
}

/// Columns `ks` of `a (m, k)` in pairs of rows, one pair after the other: the [`MR`] values of a tile's column lie
/// side by side. For an odd `m` the last pair's second row is of any content.
pub(super) fn pack_rows(a: Matrix, m: usize, ks: Range<usize>, packed: &mut Vec<f32>) {
    let kc = ks.len();
    packed.resize(m.div_ceil(MR) * kc * MR, 0.0);
    if kc == 0 {
        return;
    }
    let mut i = 0;
    if a.row == 1 {
        // Two pairs at a time: halves of four neighbors.
        for pairs in packed.chunks_exact_mut(2 * kc * MR).take(m / (2 * MR)) {
            let (low, high) = pairs.split_at_mut(kc * MR);
            let mut k = 0;
            while k + 2 <= kc {
                let line = |k: usize| F32x4::load(&a.data[i + (ks.start + k) * a.col..]);
                let (this, next) = (line(k), line(k + 1));
                F32x4::low_halves(this, next).store(&mut low[k * MR..]);
                F32x4::high_halves(this, next).store(&mut high[k * MR..]);
                k += 2;
            }
            if k < kc {
                let line = &a.data[i + (ks.start + k) * a.col..][..2 * MR];
                low[k * MR..].copy_from_slice(&line[..MR]);
                high[k * MR..].copy_from_slice(&line[MR..]);
            }
            i += 2 * MR;
        }
    }
    for i in i..m {
        let to = packed[i / MR * kc * MR + i % MR..].iter_mut().step_by(MR).take(kc);
        let from = a.data[i * a.row + ks.start * a.col..].iter().step_by(a.col);
        to.zip(from).for_each(|(to, from)| *to = *from);
    }
}
