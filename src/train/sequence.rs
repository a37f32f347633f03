//! A number, or a score for each class, for a whole sequence: what classifiers and reward models have on top.

use crate::nn::{Gpt2, Input};
use crate::rng::Rng;
use crate::tensor::{Graph, ParamId, Params, Var};

/// Which hidden states of a sequence the head reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// The one of its last token, as in Hugging Face.
    Last,
    /// The mean over the tokens from the first that counts to the last.
    Mean,
}

/// A linear head without bias on a GPT-2's last hidden states.
///
/// Hugging Face: `GPT2ForSequenceClassification`, whose tensor is `score.weight`, (num_labels, C).
#[derive(Debug, Clone)]
pub struct ScoreHead {
    /// What it reads.
    pub pooling: Pooling,
    /// (num_labels, C)
    pub weight: ParamId,
}

impl ScoreHead {
    /// Adds a head that scores everything 0.
    ///
    /// # Panics
    ///
    /// If there is one already.
    pub fn init(num_labels: usize, pooling: Pooling, model: &Gpt2, params: &mut Params) -> Self {
        let weight = params.add("score.weight", &[num_labels, model.config.n_embd], || 0.0);
        Self { pooling, weight }
    }

    /// Adds a head of small random weights.
    ///
    /// # Panics
    ///
    /// If there is one already.
    pub fn random(
        num_labels: usize,
        pooling: Pooling,
        model: &Gpt2,
        params: &mut Params,
        rng: &mut Rng,
    ) -> Self {
        let head = Self::init(num_labels, pooling, model, params);
        params.value_mut(head.weight).iter_mut().for_each(|w| *w = 0.02 * rng.normal());
        head
    }

    /// Scores of each row's sequence, (B, num_labels). `spans` says where it begins and ends in its row; a head that
    /// reads the last token needs only the end.
    ///
    /// # Panics
    ///
    /// If there is not one span a row, or one is empty.
    pub fn scores(&self, g: &mut Graph, model: &Gpt2, input: &Input, spans: &[[usize; 2]]) -> Var {
        let hidden = model.hidden(g, input);
        let pooled = self.pool(g, hidden, input, spans);
        g.linear(pooled, g.param(self.weight))
    }

    /// What the head reads of hidden states that there are, (B, C).
    ///
    /// # Panics
    ///
    /// If there is not one span a row, or one is empty.
    pub fn pool(&self, g: &mut Graph, hidden: Var, input: &Input, spans: &[[usize; 2]]) -> Var {
        assert_eq!(spans.len(), input.batch_size, "score head: one span a row");
        let block_size = input.input_ids.len() / input.batch_size;
        let in_row =
            |(b, [start, end]): (usize, &[usize; 2])| [*start, *end].map(|t| t + input.row(b * block_size));
        self.pool_rows(g, hidden, &spans.iter().enumerate().map(in_row).collect::<Vec<_>>())
    }

    /// What the head reads of each of these ranges of hidden states.
    ///
    /// Shapes: `hidden (R, C)`, N ranges `→ (N, C)`.
    ///
    /// # Panics
    ///
    /// If one is empty.
    pub fn pool_rows(&self, g: &mut Graph, hidden: Var, ranges: &[[usize; 2]]) -> Var {
        assert!(ranges.iter().all(|[start, end]| start < end), "score head: an empty sequence");
        match self.pooling {
            Pooling::Last => g.embedding(hidden, ranges.iter().map(|range| range[1] as u32 - 1)),
            Pooling::Mean => {
                // A matrix of shares picks and averages in one product.
                let n = g.rows(hidden);
                let mut shares = vec![0.0; ranges.len() * n];
                for (i, [start, end]) in ranges.iter().enumerate() {
                    shares[i * n..][*start..*end].fill(1.0 / (end - start) as f32);
                }
                let shares = g.constant(n, &shares);
                g.matmul(shares, hidden)
            }
        }
    }
}
