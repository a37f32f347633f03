//! The frozen model that every adapter is beside, and what it is asked.
//!
//! Knows no rank and no adapter's settings. Start with [`Base::read`].

use crate::checkpoint::Meta;
use crate::data::{Batch, Corpus, Tokenizer, World, world::Question};
use crate::error::Result;
use crate::nn::{CausalLm, Gpt2};
use crate::tensor::{Params, Tape};
use crate::widgets::base::{Answer, Given, Origin, Said, said, surprise};

/// Held-out documents, as the figure of pre-training has them, and how many are read at once.
const N_HELD_OUT: usize = 96;
const HELD_OUT_ROWS: usize = 16;
/// Tokens of a held-out document that are read.
const HELD_OUT_TOKENS: usize = 40;
/// The longest question with its answer; a model must see so much at once.
const MIN_CONTEXT: usize = 24;

/// A model that stays as it is.
pub struct Base {
    /// Where it comes from.
    pub origin: Origin,
    /// The world that it has read about.
    pub world: World,
    /// The world's words.
    pub tokenizer: Tokenizer,
    /// The network.
    pub model: Gpt2,
    /// The weights, which nothing here changes.
    pub params: Params,
    held_out: Corpus,
}

impl Base {
    /// The model of a checkpoint: the shipped one, another figure's snapshot, or one of this figure's.
    ///
    /// # Errors
    ///
    /// If it is none, or the model's words are not the world's.
    pub fn read(tensors: &Params, meta: &Meta) -> Result<Self> {
        let Given { origin, model, params, tokenizer } = Given::read(tensors, meta)?;
        Self::new(origin, model, params, tokenizer)
    }

    /// A model of the reader's.
    ///
    /// # Errors
    ///
    /// If its words are not the world's, or it sees too few tokens at once.
    pub fn new(origin: Origin, model: Gpt2, params: Params, tokenizer: Tokenizer) -> Result<Self> {
        let Given { origin, model, params, tokenizer } =
            Given { origin, model, params, tokenizer }.checked(MIN_CONTEXT)?;
        let world = World::new(0);
        let held_out = Corpus::from_world(&world, &tokenizer, 0, N_HELD_OUT, 0);
        Ok(Self { origin, world, tokenizer, model, params, held_out })
    }

    /// A model that has read nothing, of the default size.
    pub fn random(seed: u64) -> Self {
        let Given { origin, model, params, tokenizer } = Given::random(seed);
        Self::new(origin, model, params, tokenizer).expect("the world's own words")
    }

    /// The model as it is.
    pub fn lm(&self) -> CausalLm<'_> {
        CausalLm::new(&self.model, &self.params)
    }

    /// Questions as rows in which only the answers are scored. Each begins where a text begins.
    pub fn batch<'a>(&self, questions: impl IntoIterator<Item = &'a Question>) -> Batch {
        let mut rows = Vec::new();
        for Question { prompt, answer } in questions {
            let mut ids = vec![self.tokenizer.eos()];
            ids.extend(self.tokenizer.encode(prompt));
            let n_prompt = ids.len();
            ids.extend(self.tokenizer.encode(answer));
            rows.push((n_prompt, ids));
        }
        let mut batch = Batch::new(rows.iter().map(|(_, ids)| ids.len() - 1).max().unwrap_or(0));
        rows.iter().for_each(|(n_prompt, ids)| batch.push_completion(*n_prompt, ids, self.tokenizer.eos()));
        batch
    }

    /// The sum of `−log p` over the tokens of the `n`-th part of the held-out documents, and their number; `None` behind the
    /// last.
    pub fn held_out(&self, lm: CausalLm, tape: &mut Tape, n: usize) -> Option<(f64, usize)> {
        let block_size = HELD_OUT_TOKENS.min(self.model.config.n_positions);
        surprise(&self.held_out, lm, tape, (n, HELD_OUT_ROWS, block_size))
    }

    /// Answers in words.
    pub fn said(&self, answers: &[Answer]) -> Vec<Said> {
        said(&self.tokenizer, answers)
    }
}
