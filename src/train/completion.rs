//! Prompts with their completions as tokens, and what a model thinks of each: what reward models, PPO and DPO share.
//!
//! Start with [`Completion`].

use crate::json::fields;
use crate::nn::{CausalLm, Gpt2, Input, Tuner};
use crate::tensor::{Graph, Tape, Var};

/// Batches of [`Padded`], if each gets at least so many rows.
const N_BATCHES: usize = 4;
const MIN_ROWS: usize = 4;

/// A prompt and its completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Both, one after the other.
    pub ids: Vec<u32>,
    /// Where the completion begins.
    pub start: usize,
}

fields!(Completion: ids, start);

impl Completion {
    /// Whether a model can read it: it has a prompt and a completion, fits into the context, and has known tokens only.
    pub fn fits(&self, model: &Gpt2) -> bool {
        let config = &model.config;
        (1..self.ids.len()).contains(&self.start)
            && self.ids.len() <= config.n_positions
            && self.ids.iter().all(|id| (*id as usize) < config.vocab_size)
    }

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

/// Completions side by side, in a few batches of rows of similar length, so that little of what is computed is padding.
#[derive(Debug, Clone)]
pub struct Padded {
    batches: Vec<Rows>,
    /// What follows each token that a part of a completion follows, (R), one completion after the other.
    pub labels: Vec<u32>,
    /// Where each completion begins and ends among all its tokens, the prompt's before them.
    pub spans: Vec<[usize; 2]>,
}

/// Rows of one length, filled up on the right.
#[derive(Debug, Clone)]
struct Rows {
    /// (B, T)
    input_ids: Vec<u32>,
    /// Which of the completions each row is.
    members: Vec<usize>,
}

impl Padded {
    /// Completions in any order.
    pub fn new(completions: &[&Completion]) -> Self {
        // As whole numbers, because every type that is sorted brings a sorting algorithm of its own into the module.
        let key = |(i, c): (usize, &&Completion)| ((c.ids.len() as u64) << 32) | i as u64;
        let mut order: Vec<u64> = completions.iter().enumerate().map(key).collect();
        order.sort_unstable();
        let members: Vec<usize> = order.iter().map(|key| *key as u32 as usize).collect();
        let rows = |members: &[usize]| {
            let block_size = members.iter().map(|&i| completions[i].ids.len()).max().unwrap_or(0);
            // A causal model does not see what comes after, so any token will do.
            let padded = |&i: &usize| {
                let ids = &completions[i].ids;
                ids.iter().copied().chain(std::iter::repeat_n(0, block_size - ids.len()))
            };
            Rows { input_ids: members.iter().flat_map(padded).collect(), members: members.to_vec() }
        };
        let batches = members.chunks(members.len().div_ceil(N_BATCHES).max(MIN_ROWS)).map(rows).collect();
        let labels = completions.iter().flat_map(|c| &c.ids[c.start.max(1)..]).copied().collect();
        let spans = completions.iter().map(|c| [c.start, c.ids.len()]).collect();
        Self { batches, labels, spans }
    }

    /// Tokens in each completion that are predicted from something.
    pub fn lengths(&self) -> impl Iterator<Item = usize> {
        self.spans.iter().map(|[start, end]| end - (*start).max(1))
    }

    /// The last hidden states of all tokens, and the row in them of each completion's first one, the prompt's.
    pub fn hidden(&self, g: &mut Graph, model: &Gpt2, tuner: Option<&dyn Tuner>) -> (Var, Vec<usize>) {
        let mut first_rows = vec![0; self.spans.len()];
        let mut all: Option<Var> = None;
        for Rows { input_ids, members } in &self.batches {
            let input = Input { tuner, ..Input::new(input_ids, members.len()) };
            let hidden = model.hidden(g, &input);
            let before = all.map_or(0, |all| g.rows(all));
            for (row, &i) in members.iter().enumerate() {
                first_rows[i] = before + input.row(row * (input_ids.len() / members.len()));
            }
            all = Some(all.map_or(hidden, |all| g.prepend(all, hidden, 1)));
        }
        (all.expect("padded: no completions"), first_rows)
    }

    /// The last hidden states of the tokens that [`Padded::labels`] follow, (R, C).
    pub fn scored_hidden(&self, g: &mut Graph, model: &Gpt2, tuner: Option<&dyn Tuner>) -> Var {
        let (hidden, first_rows) = self.hidden(g, model, tuner);
        let scored = |([start, end], first): (&[usize; 2], usize)| {
            ((*start).max(1) - 1..end - 1).map(move |t| (first + t) as u32)
        };
        let rows: Vec<u32> = self.spans.iter().zip(first_rows).flat_map(scored).collect();
        g.embedding(hidden, rows.into_iter())
    }
}

/// `log p` of each completion's tokens on the tape, (R, 1), one completion after the other.
pub fn token_logprobs(g: &mut Graph, model: &Gpt2, tuner: Option<&dyn Tuner>, rows: &Padded) -> Var {
    let hidden = rows.scored_hidden(g, model, tuner);
    let logits = model.head(g, hidden); // (R, V)
    let labels: Vec<Option<u32>> = rows.labels.iter().copied().map(Some).collect();
    g.logprobs(logits, &labels)
}

/// `log p` of each completion on the tape, (N, 1): the sum over its tokens, not their mean.
///
/// TRL: `DPOTrainer`'s `chosen_logps` and `rejected_logps`.
pub fn sequence_logprobs(g: &mut Graph, model: &Gpt2, tuner: Option<&dyn Tuner>, rows: &Padded) -> Var {
    let logprobs = token_logprobs(g, model, tuner, rows);
    let n = g.rows(logprobs);
    let mut members = vec![0.0; rows.spans.len() * n];
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
