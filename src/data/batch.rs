//! What one training step or one evaluation reads.
//!
//! It knows nothing of where its ids came from. Start with [`Batch`].

/// Rows of tokens and what to predict from each.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// (B, T), row by row.
    pub input_ids: Vec<u32>,
    /// (B, T): `labels[t]` is the token after `input_ids[t]`, already shifted; `None` is not scored
    /// (the -100 of `transformers`).
    pub labels: Vec<Option<u32>>,
    /// B, the number of rows.
    pub batch_size: usize,
    /// T, the length of a row.
    pub block_size: usize,
}

impl Batch {
    /// Rows of `block_size` tokens, empty as yet.
    pub fn new(block_size: usize) -> Self {
        Self { input_ids: Vec::new(), labels: Vec::new(), batch_size: 0, block_size }
    }

    /// Takes all rows out, for others of `block_size` tokens.
    pub fn clear(&mut self, block_size: usize) {
        self.input_ids.clear();
        self.labels.clear();
        (self.batch_size, self.block_size) = (0, block_size);
    }

    /// Adds a row: each token of `tokens` is predicted from those before it. A row that is too short is
    /// filled with `padding`, which is not scored.
    ///
    /// # Panics
    ///
    /// If there are more than `block_size` + 1 tokens, or none.
    pub fn push(&mut self, tokens: &[u32], padding: u32) {
        self.push_completion(0, tokens, padding);
    }

    /// [`Batch::push`] where only what follows the first `n_prompt` tokens is scored.
    ///
    /// TRL: `SFTConfig(completion_only_loss=True)`.
    ///
    /// # Panics
    ///
    /// If there are more than `block_size` + 1 tokens, or none.
    pub fn push_completion(&mut self, n_prompt: usize, tokens: &[u32], padding: u32) {
        let n = tokens.len().checked_sub(1).expect("batch: a row has a token to start from");
        let unused = self.block_size.checked_sub(n).expect("batch: a row is longer than its block");
        self.input_ids.extend(&tokens[..n]);
        self.input_ids.extend(std::iter::repeat_n(padding, unused));
        self.labels.extend((1..).zip(&tokens[1..]).map(|(i, &token)| (i >= n_prompt).then_some(token)));
        self.labels.extend(std::iter::repeat_n(None, unused));
        self.batch_size += 1;
    }
}
