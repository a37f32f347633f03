//! The gradient of a model: one number a trained weight, all in one buffer.

use std::ops::Range;

use super::kernels::row_dot;
use super::params::{ParamId, Params};

/// Gradients of the tensors that are trained, in the tensors' order.
///
/// A pass adds to what is there. A tensor that no pass has reached has no gradient, which is not the same as 0:
/// an optimizer leaves it alone.
#[derive(Debug, Clone, Default)]
pub struct Gradients {
    /// Where each tensor's gradient stands in `data`; `None` for a frozen tensor.
    ranges: Vec<Option<Range<usize>>>,
    reached: Vec<bool>,
    data: Vec<f32>,
}

impl Gradients {
    /// The gradient of a tensor, if a pass has reached it.
    pub fn get(&self, id: ParamId) -> Option<&[f32]> {
        let range = self.ranges.get(id.0)?.clone()?;
        self.reached[id.0].then(|| &self.data[range])
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.reached.fill(false);
    }

    /// Whether no pass has reached anything.
    pub fn is_empty(&self) -> bool {
        !self.reached.contains(&true)
    }

    /// Adds another gradient of the same model.
    ///
    /// # Panics
    ///
    /// If it is another model's.
    pub fn add(&mut self, other: &Self) {
        assert_eq!(self.ranges, other.ranges, "add: gradients of different models");
        for (i, range) in self.ranges.iter().enumerate() {
            let Some(range) = range.clone().filter(|_| other.reached[i]) else { continue };
            let (to, from) = (&mut self.data[range.clone()], &other.data[range]);
            if self.reached[i] {
                to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
            } else {
                to.copy_from_slice(from);
            }
            self.reached[i] = true;
        }
    }

    /// The square root of the sum of all squares.
    pub fn norm(&self) -> f64 {
        // Short sums in single precision, and their sum in double.
        const BLOCK: usize = 1024;
        let reached = self.ranges.iter().zip(&self.reached).filter(|(_, reached)| **reached);
        let blocks = reached.flat_map(|(range, _)| self.data[range.clone().unwrap_or(0..0)].chunks(BLOCK));
        blocks.map(|block| f64::from(row_dot(block, block))).sum::<f64>().sqrt()
    }

    /// Multiplies everything.
    pub fn scale(&mut self, factor: f32) {
        self.data.iter_mut().for_each(|g| *g *= factor);
    }

    /// Number of trained weights.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Copies the gradient to a buffer of [`Gradients::len`] numbers, with 0 where no pass has been.
    ///
    /// # Panics
    ///
    /// If the buffer has another length.
    pub fn write(&self, to: &mut [f32]) {
        to.copy_from_slice(&self.data);
        for (range, reached) in self.ranges.iter().zip(&self.reached) {
            if let (Some(range), false) = (range, reached) {
                to[range.clone()].fill(0.0);
            }
        }
    }

    /// Takes what [`Gradients::write`] gave elsewhere, where the same tensors were reached as here.
    ///
    /// # Panics
    ///
    /// If the buffer has another length.
    pub fn read(&mut self, from: &[f32], like: &Self) {
        self.ranges.clone_from(&like.ranges);
        self.reached.clone_from(&like.reached);
        self.data.clear();
        self.data.extend_from_slice(from);
        assert_eq!(self.data.len(), like.data.len(), "read: the gradient of another model");
    }

    /// Makes room for these tensors; what is there stays if it is theirs.
    pub(super) fn lay_out(&mut self, params: &Params) {
        if !params.trained_ranges().eq(self.ranges.iter().cloned()) {
            self.ranges = params.trained_ranges().collect();
            self.reached = vec![false; self.ranges.len()];
            self.data = vec![0.0; params.n_trained()];
        }
    }

    /// The gradient of a tensor, to write or, if a pass has reached it before, to add to.
    ///
    /// # Panics
    ///
    /// If the tensor is frozen.
    pub(super) fn reach(&mut self, id: ParamId) -> (&mut [f32], bool) {
        let range = self.ranges[id.0].clone().expect("a trained tensor");
        let reached = std::mem::replace(&mut self.reached[id.0], true);
        (&mut self.data[range], reached)
    }
}
