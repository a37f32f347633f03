//! A step's batch in parts, and their gradients added in an order that does not depend on who computed them.
//!
//! The rows of a batch are cut into shards, which several workers can share: the shards and the order of their sum
//! are fixed by the configuration alone, so one worker and four give the same bits. A shard is computed in passes,
//! forward and backward, short enough to stop in between and small enough for the cache; each adds to the gradient
//! of the one before.

use std::ops::Range;

use crate::tensor::Gradients;

/// As many as workers that can share a step: a power of two.
const MAX_SHARDS: usize = 4;
/// Most floating-point operations of a pass, if its rows can be divided: a worker cannot stop within one, and at
/// 2 GFLOP/s, a tenth of a laptop of today, this takes a fifth of a second.
const MAX_FLOPS: f64 = 0.4e9;

/// Number of shards of a batch: a power of two.
pub fn n_shards(batch_size: usize) -> usize {
    let mut n = MAX_SHARDS;
    while n > batch_size {
        n /= 2;
    }
    n.max(1)
}

/// The rows of shard `i` of `n`.
pub fn shard_rows(i: usize, n: usize, batch_size: usize) -> Range<usize> {
    i * batch_size / n..(i + 1) * batch_size / n
}

/// Number of passes for so many rows that take so many floating-point operations each.
pub fn n_passes(rows: usize, flops_per_row: f64) -> usize {
    rows.div_ceil(rows_per_pass(flops_per_row))
}

/// Rows that are short enough to read at once.
pub fn rows_per_pass(flops_per_row: f64) -> usize {
    ((MAX_FLOPS / flops_per_row) as usize).max(1)
}

/// The sum of gradients and losses over shards, which come in order, added in pairs: `(s0 + s1) + (s2 + s3)`.
///
/// Source: Higham, Accuracy and Stability of Numerical Algorithms, section 4.1 (pairwise summation).
#[derive(Debug, Default)]
pub struct ShardSum {
    /// Sums over 2ⁿ shards each, longer ones first, as the ones of a binary number.
    partial: Vec<Partial>,
    /// Buffers for later.
    spare: Vec<Gradients>,
}

/// A sum over neighboring shards.
#[derive(Debug, Default)]
pub struct Partial {
    n_shards: usize,
    /// The gradient.
    pub gradients: Gradients,
    /// The loss.
    pub loss: f32,
}

impl ShardSum {
    /// Number of shards that are in the sum.
    pub fn n_shards(&self) -> usize {
        self.partial.iter().map(|partial| partial.n_shards).sum()
    }

    /// Adds the sum over the next `n_shards` shards, and leaves an empty gradient in its place.
    pub fn push(&mut self, n_shards: usize, gradients: &mut Gradients, loss: f32) {
        let gradients = std::mem::replace(gradients, self.spare.pop().unwrap_or_default());
        let mut sum = Partial { n_shards, gradients, loss };
        while self.partial.last().is_some_and(|last| last.n_shards == sum.n_shards) {
            let mut left = self.partial.pop().expect("there is a last one");
            left.gradients.add(&sum.gradients);
            left.loss += sum.loss;
            left.n_shards += sum.n_shards;
            self.keep(std::mem::replace(&mut sum, left).gradients);
        }
        self.partial.push(sum);
    }

    /// [`ShardSum::push`] of a gradient that was computed elsewhere and [written](Gradients::write) out; the same
    /// tensors were reached there as here.
    ///
    /// # Panics
    ///
    /// If nothing was computed here.
    pub fn read(&mut self, n_shards: usize, gradients: &[f32], loss: f32) {
        let mut buffer = self.spare.pop().unwrap_or_default();
        let here = self.partial.first().expect("read: nothing was computed here");
        buffer.read(gradients, &here.gradients);
        self.push(n_shards, &mut buffer, loss);
        self.keep(buffer);
    }

    /// The sum, if its shards are one branch of the tree.
    pub fn branch(&self) -> Option<&Partial> {
        self.partial.first().filter(|_| self.partial.len() == 1)
    }

    /// The sum, if its shards are one branch of the tree; nothing is left then. [`ShardSum::keep`] takes the buffer back.
    pub fn take(&mut self) -> Option<Partial> {
        if self.partial.len() == 1 { self.partial.pop() } else { None }
    }

    /// Forgets everything but the buffers.
    pub fn clear(&mut self) {
        while let Some(partial) = self.partial.pop() {
            self.keep(partial.gradients);
        }
    }

    /// Keeps a buffer for later.
    pub fn keep(&mut self, mut gradients: Gradients) {
        gradients.clear();
        self.spare.push(gradients);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_a_power_of_two_and_cover_the_batch() {
        for batch_size in 1..40 {
            let n = n_shards(batch_size);
            assert!(n.is_power_of_two() && n <= batch_size.min(MAX_SHARDS));
            let rows: Vec<usize> = (0..n).flat_map(|i| shard_rows(i, n, batch_size)).collect();
            assert!(rows.into_iter().eq(0..batch_size));
        }
    }

    #[test]
    fn a_pass_is_short_unless_a_single_row_is_long() {
        assert_eq!(n_passes(4, 25e6), 1);
        assert_eq!(n_passes(4, 0.35e9), 4);
        assert_eq!(n_passes(3, 0.2e9), 2);
        assert_eq!(n_passes(2, 9e9), 2);
        assert_eq!(n_passes(0, 1.0), 0);
    }

    #[test]
    fn losses_are_added_in_pairs_whoever_computed_them() {
        let losses = [1e8_f32, 1.0, -1e8, 3.0];
        let mut alone = ShardSum::default();
        for loss in losses {
            alone.push(1, &mut Gradients::default(), loss);
        }
        let mut team = ShardSum::default();
        team.push(1, &mut Gradients::default(), losses[0]);
        team.push(1, &mut Gradients::default(), losses[1]);
        team.push(2, &mut Gradients::default(), losses[2] + losses[3]);
        let expected = (losses[0] + losses[1]) + (losses[2] + losses[3]);
        for mut sum in [alone, team] {
            assert_eq!((sum.n_shards(), sum.take().map(|all| all.loss)), (4, Some(expected)));
        }
    }
}
