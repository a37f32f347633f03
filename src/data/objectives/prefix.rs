//! Rows for a decoder-only model that is to read in both directions and write in one.
//!
//! Start with [`PrefixBatch`].

use std::iter::repeat_n;

use super::Masked;
use crate::data::Batch;

/// Rows whose first part, the prefix, is visible to all of the row; what follows sees only what is before it.
///
/// ```text
/// input_ids   i0    i1    i2    pad   sep   t0    t1    pad
/// labels      -     -     -     -     t0    t1    t2    -
/// attention   1     1     1     0     1     1     1     0
/// prefix      `---------------------´
/// ```
///
/// The model is told all three: `AttentionMask::Prefix(&prefix_lengths)`, and `attention_mask`, without which the
/// padding of the prefix would be read like words.
///
/// Source: the prefix LM of Raffel et al., arXiv:1910.10683, section 3.2.1, and of UL2, Tay et al., arXiv:2205.05131.
#[derive(Debug, Clone, PartialEq)]
pub struct PrefixBatch {
    /// What is read, and what is to be predicted from it: targets only.
    pub batch: Batch,
    /// (B): how many tokens of a row are its prefix, padding included. `targets[i]` is predicted at
    /// `prefix_lengths[b] + i`.
    pub prefix_lengths: Vec<usize>,
    /// (B, T): `false` where a token is padding.
    pub attention_mask: Vec<bool>,
    separator: u32,
    inputs_length: Option<usize>,
}

impl PrefixBatch {
    /// Rows of `block_size` tokens, empty as yet.
    ///
    /// `separator` stands between inputs and targets, and fills what is empty. With an `inputs_length` all inputs are
    /// padded to it, so that targets always begin at the same position: a small model with learned positions copies
    /// over a fixed distance far sooner than over one that it must find.
    pub fn new(block_size: usize, separator: u32, inputs_length: Option<usize>) -> Self {
        Self {
            batch: Batch::new(block_size),
            prefix_lengths: Vec::new(),
            attention_mask: Vec::new(),
            separator,
            inputs_length,
        }
    }

    /// Adds a row that reads `inputs` and is to write `targets`.
    ///
    /// # Panics
    ///
    /// If there are no targets, or either part is too long.
    pub fn push(&mut self, inputs: &[u32], targets: &[u32]) {
        let length = self.inputs_length.unwrap_or(inputs.len());
        let n_padding =
            length.checked_sub(inputs.len()).expect("prefix batch: inputs longer than their length");
        assert!(!targets.is_empty(), "prefix batch: nothing to predict");
        let mut row = inputs.to_vec();
        row.extend(repeat_n(self.separator, n_padding + 1));
        row.extend(targets);
        let start = self.batch.labels.len();
        self.batch.push(&row, self.separator);
        self.batch.labels[start..start + length].fill(None);
        self.prefix_lengths.push(length);
        self.show(inputs.len());
        self.attention_mask[start + length..start + length + targets.len()].fill(true);
    }

    /// Adds a row of masked language modeling: all of it is prefix, and labels stand where they are asked for.
    ///
    /// # Panics
    ///
    /// If it is too long.
    pub fn push_masked(&mut self, masked: &Masked) {
        let n = masked.input_ids.len();
        let block_size = self.batch.block_size;
        let n_padding = block_size.checked_sub(n).expect("prefix batch: a row is longer than its block");
        self.batch.input_ids.extend(&masked.input_ids);
        self.batch.input_ids.extend(repeat_n(self.separator, n_padding));
        self.batch.labels.extend(&masked.labels);
        self.batch.labels.extend(repeat_n(None, n_padding));
        self.batch.batch_size += 1;
        self.prefix_lengths.push(block_size);
        self.show(n);
    }

    /// Flags of one more row, of which the first `n` tokens are no padding.
    fn show(&mut self, n: usize) {
        self.attention_mask.extend((0..self.batch.block_size).map(|t| t < n));
    }
}
