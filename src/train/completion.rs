//! Prompts with their completions as tokens, and what a model thinks of each: what reward models, PPO and DPO share.
//!
//! Start with [`Completion`].

use super::scored_hidden;
use crate::nn::{CausalLm, Gpt2, Input, Tuner};
use crate::tensor::{Graph, Tape, Var};

/// A prompt and its completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Both, one after the other.
    pub ids: Vec<u32>,
    /// Where the completion begins.
    pub start: usize,
}

impl Completion {
    /// Puts a completion behind its prompt.
    pub fn new(prompt: &[u32], completion: &[u32]) -> Self {
        Self { ids: [prompt, completion].concat(), start: prompt.len() }
    }

    /// The completion alone.
    pub fn completion(&self) -> &[u32] {
        &self.ids[self.start..]
    }
}

/// Two completions of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The better one, to whoever chose.
    pub chosen: Completion,
    /// The other one.
    pub rejected: Completion,
}

/// Completions as the rows of a batch, filled up on the right.
#[derive(Debug, Clone)]
pub struct Padded {
    /// (N, T)
    pub input_ids: Vec<u32>,
    /// (N, T): what follows each token, where that is a part of a completion.
    pub labels: Vec<Option<u32>>,
    /// N
    pub batch_size: usize,
    /// Where each completion begins and ends in its row.
    pub spans: Vec<[usize; 2]>,
}

impl Padded {
    /// As rows of the length of the longest.
    pub fn new(completions: &[&Completion]) -> Self {
        let block_size = completions.iter().map(|c| c.ids.len()).max().unwrap_or(0);
        let (mut input_ids, mut labels) = (Vec::new(), Vec::new());
        for Completion { ids, start } in completions {
            input_ids.extend(ids);
            // A causal model does not see what comes after, so any token will do.
            input_ids.extend(std::iter::repeat_n(0, block_size - ids.len()));
            labels.extend((1..=block_size).map(|i| ids.get(i).copied().filter(|_| i >= *start)));
        }
        let spans = completions.iter().map(|c| [c.start, c.ids.len()]).collect();
        Self { input_ids, labels, batch_size: completions.len(), spans }
    }

    /// The rows for a forward pass.
    pub fn input<'a>(&'a self, tuner: Option<&'a dyn Tuner>) -> Input<'a> {
        Input { tuner, ..Input::new(&self.input_ids, self.batch_size) }
    }

    /// Tokens in each completion that are predicted from something.
    pub fn lengths(&self) -> impl Iterator<Item = usize> {
        self.spans.iter().map(|[start, end]| end - (*start).max(1))
    }
}

/// `log p` of each completion's tokens on the tape, (R, 1), one completion after the other.
pub fn token_logprobs(g: &mut Graph, model: &Gpt2, tuner: Option<&dyn Tuner>, rows: &Padded) -> Var {
    let (hidden, labels) = scored_hidden(g, model, &rows.input(tuner), &rows.labels);
    let logits = model.head(g, hidden); // (R, V)
    g.logprobs(logits, &labels)
}

/// `log p` of each completion on the tape, (N, 1): the sum over its tokens, not their mean.
///
/// TRL: `DPOTrainer`'s `chosen_logps` and `rejected_logps`.
pub fn sequence_logprobs(g: &mut Graph, model: &Gpt2, tuner: Option<&dyn Tuner>, rows: &Padded) -> Var {
    let logprobs = token_logprobs(g, model, tuner, rows);
    let n = g.rows(logprobs);
    let mut members = vec![0.0; rows.batch_size * n];
    let mut start = 0;
    for (row, length) in rows.lengths().enumerate() {
        members[row * n + start..][..length].fill(1.0);
        start += length;
    }
    let members = g.constant(n, &members);
    g.matmul(members, logprobs)
}

/// `log p` of each completion's tokens, a list for each.
pub fn score_tokens(lm: CausalLm, tape: &mut Tape, completions: &[&Completion]) -> Vec<Vec<f32>> {
    let rows = Padded::new(completions);
    let mut g = lm.inference(tape);
    let logprobs = token_logprobs(&mut g, lm.model, lm.tuner, &rows);
    split(g.value(logprobs), rows.lengths())
}

/// Numbers one after the other as lists of the given lengths.
pub fn split(values: &[f32], lengths: impl Iterator<Item = usize>) -> Vec<Vec<f32>> {
    let mut rest = values;
    let mut next = |length| {
        let (row, after) = rest.split_at(length);
        rest = after;
        row.to_vec()
    };
    lengths.map(&mut next).collect()
}
