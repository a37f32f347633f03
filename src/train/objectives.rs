//! Objectives that damage a text: hidden words, missing spans, noise. A decoder-only model reads what is left in both
//! directions and says what was there.
//!
//! Texts are ids; nothing here knows words or where texts come from. Start with [`Objective::damage`], then
//! [`ObjectiveTrainer::step`].

use std::slice;

use super::{Cosine, Learner, lm_loss, scored_hidden};
use crate::data::objectives::{
    Denoising, Masked, Masking, Noise, PrefixBatch, SpanNoise, mask_tokens, random_spans_noise_mask,
    span_corruption,
};
use crate::nn::{Gpt2, Gpt2Config, Input, by_score};
use crate::rng::Rng;
use crate::tensor::{AttentionMask, Graph, Params};

/// Rows that are read at once where nothing is learned.
const ROWS: usize = 64;

/// How a text is damaged, and what is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Objective {
    /// GPT's: all of the text, each word from those before it. Nothing is damaged, and nothing else is read.
    CausalLm,
    /// BERT's: each hidden word, in its place.
    MaskedLm(Masking),
    /// T5's: the missing spans, written after the text, each behind its sentinel.
    SpanCorruption {
        /// How much is missing.
        noise: SpanNoise,
        /// The first sentinel; the others count down from it.
        first_sentinel: u32,
    },
    /// BART's: all of the text, written anew. Spans are masked, then sentences shuffled.
    Denoising(Denoising),
}

/// A damaged text, and what was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The text as the model reads it.
    pub inputs: Vec<u32>,
    /// What it is asked for.
    pub targets: Vec<u32>,
    /// Where in `inputs` each of `targets` belongs, from left to right. `None` if they are written after the inputs,
    /// `eos` at their end.
    pub slots: Option<Vec<usize>>,
    /// How many of the targets that are written after the inputs are given: the model reads them and writes on.
    pub n_given: usize,
}

impl Example {
    /// One whose targets are asked for in their places.
    pub fn in_place(masked: Masked) -> Self {
        let Masked { input_ids, labels } = masked;
        let slots = (0..labels.len()).filter(|&i| labels[i].is_some()).collect();
        let targets = labels.into_iter().flatten().collect();
        Self { inputs: input_ids, targets, slots: Some(slots), n_given: 0 }
    }

    /// One whose targets are written after the inputs.
    pub fn written(inputs: Vec<u32>, targets: Vec<u32>) -> Self {
        Self { inputs, targets, slots: None, n_given: 0 }
    }
}

impl Objective {
    /// Damages a text, which `eos` ends.
    ///
    /// # Panics
    ///
    /// As the functions of [`data::objectives`](crate::data::objectives).
    pub fn damage(&self, text: &[u32], eos: u32, rng: &mut Rng) -> Example {
        match self {
            Self::CausalLm => Example::written(Vec::new(), [text, &[eos]].concat()),
            Self::MaskedLm(masking) => Example::in_place(mask_tokens(text, masking, rng)),
            Self::SpanCorruption { noise, first_sentinel } => {
                let noise_mask = random_spans_noise_mask(text.len(), noise, rng);
                let (mut inputs, targets) = span_corruption(text, &noise_mask, *first_sentinel, eos);
                // What comes after the inputs says that they have ended.
                inputs.pop();
                Example::written(inputs, targets)
            }
            Self::Denoising(denoising) => {
                let masked = Noise::TextInfilling.apply(text, denoising, rng);
                let inputs = Noise::SentencePermutation.apply(&masked, denoising, rng);
                Example::written(inputs, [text, &[eos]].concat())
            }
        }
    }
}

/// How a run goes.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectiveConfig {
    /// Most tokens that inputs have. All are padded to it, so that answers always begin at the same position.
    pub inputs_length: usize,
    /// Most tokens that the model writes after the inputs.
    pub targets_length: usize,
    /// The learning rate over the run.
    pub schedule: Cosine,
}

/// A model from scratch that learns an objective.
pub struct ObjectiveTrainer {
    /// How.
    pub config: ObjectiveConfig,
    /// The model.
    pub model: Gpt2,
    /// Its weights.
    pub params: Params,
    /// The optimizer, and buffers.
    pub learner: Learner,
    /// Steps taken.
    pub step: usize,
    eos: u32,
}

impl ObjectiveTrainer {
    /// The lesson's miniature with random weights, for texts that `eos` ends.
    pub fn new(config: ObjectiveConfig, vocab_size: usize, eos: u32, rng: &mut Rng) -> Self {
        let n_positions = config.inputs_length + config.targets_length;
        let gpt2 = Gpt2Config { vocab_size, n_positions, eos_token_id: Some(eos), ..Gpt2Config::default() };
        let mut params = Params::new();
        let model = Gpt2::init(gpt2, &mut params, rng);
        let learner = Learner::new(&params);
        Self { config, model, params, learner, step: 0, eos }
    }

    /// Gives back what a run that is over no longer needs.
    pub fn release(&mut self) {
        self.learner.release();
    }

    /// Learns from some examples; gives the loss before, in nats per target.
    ///
    /// # Panics
    ///
    /// If inputs or targets are too long.
    pub fn step(&mut self, examples: &[Example]) -> f32 {
        let rows = self.rows(examples);
        let learning_rate = self.config.schedule.rate(self.step);
        self.step += 1;
        self.learner.step(&mut self.params, learning_rate, |g| {
            lm_loss(g, &self.model, &prefix_input(&rows), &rows.batch.labels)
        })
    }

    /// What the model says: the likeliest token in each slot; or what it writes, always the likeliest token, up to
    /// `eos` or as long as it may be, after what is given. It does not see the other targets.
    ///
    /// # Panics
    ///
    /// If the inputs are too long.
    pub fn answer(&mut self, example: &Example) -> Vec<u32> {
        if example.slots.is_some() {
            return self.likeliest(slice::from_ref(example));
        }
        let given = example.targets[..example.n_given].to_vec();
        let mut answer = Example::written(example.inputs.clone(), given);
        while answer.targets.len() < self.config.targets_length && answer.targets.last() != Some(&self.eos) {
            // Whatever is asked for: a token is predicted from those before it.
            answer.n_given = answer.targets.len();
            answer.targets.push(self.eos);
            let next = self.likeliest(slice::from_ref(&answer)).pop();
            answer.targets.pop();
            answer.targets.extend(next);
        }
        answer.targets
    }

    /// Whether [`ObjectiveTrainer::answer`] would be the targets, for each example, from one pass over many. As long as
    /// all tokens so far are right, the model reads the targets themselves: it writes them exactly if it would write each
    /// of them after those before.
    ///
    /// # Panics
    ///
    /// If inputs or targets are too long.
    pub fn are_right(&mut self, examples: &[Example]) -> Vec<bool> {
        let mut are_right = Vec::new();
        for examples in examples.chunks(ROWS) {
            let likeliest = self.likeliest(examples);
            let mut rest = likeliest.as_slice();
            are_right.extend(examples.iter().map(|example| {
                let asked = &example.targets[example.n_given..];
                let (answer, others) = rest.split_at(asked.len());
                rest = others;
                answer == asked
            }));
        }
        are_right
    }

    /// The likeliest token for each target that is not given, one example after the other.
    fn likeliest(&mut self, examples: &[Example]) -> Vec<u32> {
        let rows = self.rows(examples);
        let mut g = Graph::inference(&mut self.learner.tape, &self.params);
        let (hidden, _) = scored_hidden(&mut g, &self.model, &prefix_input(&rows), &rows.batch.labels);
        let logits = self.model.head(&mut g, hidden);
        g.value(logits).chunks_exact(g.cols(logits)).map(|logits| by_score(logits)[0] as u32).collect()
    }

    fn rows(&self, examples: &[Example]) -> PrefixBatch {
        let n_written = |example: &Example| example.slots.is_none().then_some(example.targets.len());
        let longest = examples.iter().filter_map(n_written).max().unwrap_or(0);
        let inputs_length = self.config.inputs_length;
        let mut rows = PrefixBatch::new(inputs_length + longest, self.eos, Some(inputs_length));
        for Example { inputs, targets, slots, n_given } in examples {
            let Some(slots) = slots else {
                let first = rows.batch.labels.len() + inputs_length;
                rows.push(inputs, targets);
                rows.batch.labels[first..first + n_given].fill(None);
                continue;
            };
            let mut labels = vec![None; inputs.len()];
            slots.iter().zip(targets).for_each(|(&slot, &target)| labels[slot] = Some(target));
            rows.push_masked(&Masked { input_ids: inputs.clone(), labels });
        }
        rows
    }
}

/// Rows whose prefix is visible to all of the row, as the model reads them.
pub fn prefix_input(rows: &PrefixBatch) -> Input<'_> {
    Input {
        mask: Some(AttentionMask::Prefix(&rows.prefix_lengths)),
        attention_mask: Some(&rows.attention_mask),
        ..Input::new(&rows.batch.input_ids, rows.batch.batch_size)
    }
}
