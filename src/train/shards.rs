//! A step's batch in parts, and their gradients added in an order that does not depend on who computed them.
//!
//! The rows of a batch are cut into shards, each of which is a forward and backward pass of its own. That keeps a
//! pass short enough to stop in between, its buffers small enough for the cache, and lets several workers take
//! part in a step: the shards and the order of their sum are fixed by the configuration alone, so one worker and
//! four give the same bits.

use std::ops::Range;

use crate::tensor::Gradients;

/// Most floating-point operations of a shard, if its rows can be divided: a worker cannot stop within one, and at
/// 3 GFLOP/s, a tenth of a current laptop, this takes a fifth of a second.
const MAX_FLOPS: f64 = 0.6e9;
/// Shards of a small step: as many as workers that can share it.
const MIN_SHARDS: usize = 4;

/// Number of shards of a batch whose step takes so many floating-point operations: a power of two.
pub fn n_shards(batch_size: usize, flops: f64) -> usize {
    let mut n = 1;
    while 2 * n <= batch_size && (n < MIN_SHARDS || flops / n as f64 > MAX_FLOPS) {
        n *= 2;
    }
    n
}

/// The rows of shard `i` of `n`.
pub fn shard_rows(i: usize, n: usize, batch_size: usize) -> Range<usize> {
    i * batch_size / n..(i + 1) * batch_size / n
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
            for flops in [1e6, 1e9, 1e10, 1e12] {
                let n = n_shards(batch_size, flops);
                assert!(n.is_power_of_two() && n <= batch_size);
                let rows: Vec<usize> = (0..n).flat_map(|i| shard_rows(i, n, batch_size)).collect();
                assert!(rows.into_iter().eq(0..batch_size));
            }
        }
        assert_eq!([n_shards(16, 1e6), n_shards(16, 5.6e9), n_shards(2, 1e12)], [4, 16, 2]);
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
