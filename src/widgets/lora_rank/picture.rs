//! W + B·A as pictures: matrices as few enough cells, and the singular values of full fine-tuning's own update.
//!
//! As the papers write it: rows are outputs, columns inputs, and so the transpose of what is stored. Knows no page.
//! Start with [`Picture`].

use super::base::Base;
use super::run::Tuned;
use crate::json::fields;
use crate::nn::Linear;
use crate::peft::{energy, singular_values};

/// Cells of a picture, at most, in either direction.
const MAX_CELLS: usize = 32;

/// A matrix as cells, each the mean of a block of it, from −1 to 1.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grid {
    /// Rows of the matrix.
    pub rows: usize,
    /// Its columns.
    pub cols: usize,
    /// What 1 stands for: the largest mean, without its sign.
    pub largest: f32,
    /// In parts of the largest, to two digits.
    pub cells: Vec<Vec<f32>>,
}

fields!(write Grid: rows, cols, largest, cells);

impl Grid {
    /// Of a matrix with rows of `cols` numbers.
    fn new(values: &[f32], cols: usize) -> Self {
        let rows = values.len().checked_div(cols).unwrap_or(0);
        let (n_rows, n_cols) = (rows.min(MAX_CELLS), cols.min(MAX_CELLS));
        let mut cells = Vec::with_capacity(n_rows);
        for i in 0..n_rows {
            let block = i * rows / n_rows..(i + 1) * rows / n_rows;
            let mut row = vec![0.0_f32; n_cols];
            for (j, mean) in row.iter_mut().enumerate() {
                let columns = j * cols / n_cols..(j + 1) * cols / n_cols;
                let n = block.len() * columns.len();
                let sum: f32 =
                    block.clone().map(|i| values[i * cols..][columns.clone()].iter().sum::<f32>()).sum();
                *mean = sum / n as f32;
            }
            cells.push(row);
        }
        let largest = cells.as_slice().concat().iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
        if largest > 0.0 {
            let rounded = |x: &mut f32| *x = (100.0 * *x / largest).round() / 100.0;
            cells.iter_mut().flatten().for_each(rounded);
        }
        Self { rows, cols, largest, cells }
    }
}

/// The update of one matrix, in pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The block.
    pub layer: usize,
    /// Its matrix.
    pub module: String,
    /// Blocks that there are.
    pub n_layer: usize,
    /// Names of the matrices in each.
    pub modules: Vec<String>,
    /// Whether this one is trained by the rank in hand.
    pub is_trained: bool,
    /// W, frozen.
    pub weight: Grid,
    /// What was learned: `scaling · B·A`, or what full fine-tuning changed.
    pub update: Grid,
    /// (outputs, r); nothing without an adapter.
    pub b: Grid,
    /// (r, inputs)
    pub a: Grid,
    /// The update's length over that of W, both as roots of the sum of squares.
    pub relative_norm: f32,
}

fields!(write Picture: layer, module, n_layer, modules, is_trained, weight, update, b, a, relative_norm);

impl Picture {
    /// Of a matrix of the rank in hand.
    pub fn new((layer, module): (usize, Linear), base: &Base, tuned: &Tuned) -> Self {
        let id = base.model.weight(layer, module);
        let (weight, outputs) = (base.params.value(id), base.params.shape(id)[1]);
        let update = update((layer, module), base, tuned);
        let pair = tuned.lora.as_ref().and_then(|lora| lora.pair(layer, module));
        let grid_of = |id| Grid::new(tuned.params.value(id), tuned.params.shape(id)[1]);
        let [a, b] = pair.map_or_else(Default::default, |pair| pair.map(grid_of));
        let norm =
            |values: &[f32]| libm::sqrt(values.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>());
        let as_rows = |values: &[f32]| Grid::new(&transposed(values, outputs), weight.len() / outputs);
        Self {
            layer,
            module: module.name().to_owned(),
            n_layer: base.model.config.n_layer,
            modules: Linear::ALL.map(|module| module.name().to_owned()).to_vec(),
            is_trained: tuned.lora.is_none() || pair.is_some(),
            weight: as_rows(weight),
            update: as_rows(&update),
            b,
            a,
            relative_norm: (norm(&update) / norm(weight)) as f32,
        }
    }
}

/// What a run changed of a matrix, as it is stored, (in, out).
pub fn update((layer, module): (usize, Linear), base: &Base, tuned: &Tuned) -> Vec<f32> {
    let id = base.model.weight(layer, module);
    let before = base.params.value(id);
    match &tuned.lora {
        None => tuned.params.value(id).iter().zip(before).map(|(now, before)| now - before).collect(),
        Some(lora) => {
            lora.delta_weight(layer, module, &tuned.params).unwrap_or_else(|| vec![0.0; before.len()])
        }
    }
}

/// In how many directions full fine-tuning changed a matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// Singular values of full fine-tuning's own update, the largest first.
    pub values: Vec<f32>,
    /// Those that a matrix of the rank in hand could keep.
    pub kept: usize,
    /// Their share of the sum of squares.
    pub energy: f32,
    /// How many hold nine tenths of it.
    pub for_90: usize,
}

fields!(write Spectrum: values, kept, energy, for_90);

impl Spectrum {
    /// Singular values of the update that full fine-tuning made.
    pub fn values_of(matrix: (usize, Linear), base: &Base, full: &Tuned) -> Vec<f64> {
        let cols = base.params.shape(base.model.weight(matrix.0, matrix.1))[1];
        singular_values(&update(matrix, base, full), cols)
    }

    /// With the cut of a rank.
    pub fn new(values: &[f64], kept: usize) -> Self {
        let kept = kept.min(values.len());
        let for_90 = (0..values.len()).find(|n| energy(values, *n) >= 0.9).unwrap_or(values.len());
        let energy = energy(values, kept) as f32;
        Self { values: values.iter().map(|x| *x as f32).collect(), kept, energy, for_90 }
    }
}

/// Rows of `cols` elements as columns.
fn transposed(values: &[f32], cols: usize) -> Vec<f32> {
    (0..cols).flat_map(|col| values.iter().skip(col).step_by(cols).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_matrix_is_itself_and_a_large_one_means_of_blocks() {
        let small = Grid::new(&[0.5, -2.0, 1.0, 0.0], 2);
        assert_eq!(small.cells, [[0.25, -1.0], [0.5, 0.0]]);
        assert_eq!((small.rows, small.cols, small.largest), (2, 2, 2.0));
        let values: Vec<f32> = (0..64 * 96).map(|i| (i / 96 / 2) as f32).collect();
        let large = Grid::new(&values, 96);
        assert_eq!((large.rows, large.cols, large.cells.len(), large.cells[0].len()), (64, 96, 32, 32));
        assert_eq!((large.cells[31][0], large.largest), (1.0, 31.0));
        assert_eq!(Grid::new(&[], 0), Grid::default());
        assert_eq!(Grid::new(&[0.0; 4], 2).cells, [[0.0; 2]; 2]);
    }

    #[test]
    fn the_cut_keeps_no_more_than_there_is() {
        let spectrum = Spectrum::new(&[3.0, 1.0], 64);
        assert_eq!((spectrum.kept, spectrum.energy, spectrum.for_90), (2, 1.0, 1));
    }
}
