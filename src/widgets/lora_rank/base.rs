//! The frozen model that every adapter is beside, and what it is asked.
//!
//! Knows no rank and no adapter's settings. Start with [`Base::read`].

use crate::checkpoint::{self, Meta};
use crate::data::{Batch, Corpus, Tokenizer, World, world::Question};
use crate::error::{Error, Result};
use crate::json::{self, fields, names};
use crate::nn::{CausalLm, Gpt2, probabilities};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Options, lm_loss, scored_hidden};

/// Held-out documents, as the figure of pre-training has them, and how many are read at once.
const N_HELD_OUT: usize = 96;
const HELD_OUT_ROWS: usize = 16;
/// Tokens of a held-out document that are read.
const HELD_OUT_TOKENS: usize = 40;
/// The longest question with its answer; a model must see so much at once.
const MIN_CONTEXT: usize = 24;

/// Where the base comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The shipped checkpoint.
    Base,
    /// The reader's own model of another figure.
    Mine,
    /// A folder that the reader opened.
    Imported,
    /// Drawn from the seed: it has read nothing.
    Random,
}

names!(Origin: Base = "base", Mine = "mine", Imported = "imported", Random = "random");

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

/// What a model said to a question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// The likeliest token.
    pub id: u32,
    /// Its probability.
    pub p: f32,
    /// Whether it is the right one.
    pub is_right: bool,
}

fields!(Answer: id, p, is_right);

/// An [`Answer`] in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The likeliest token, without the space before it.
    pub text: String,
    /// Its probability.
    pub p: f32,
    /// Whether it is the right one.
    pub right: bool,
}

fields!(write Said: text, p, right);

impl Base {
    /// The model of a checkpoint: the shipped one, another figure's snapshot, or one of this figure's.
    ///
    /// # Errors
    ///
    /// If it is none, or the model's words are not the world's.
    pub fn read(tensors: &Params, meta: &Meta) -> Result<Self> {
        let part = |key: &str| {
            meta.get(key).ok_or_else(|| Error::input("model", format!("no {key}"), "a model of this page"))
        };
        let run = json::parse(part("run")?)?;
        let origin = if run["origin"].as_str() == Some("base") { Origin::Base } else { Origin::Mine };
        let config = checkpoint::read_config(part("config")?.as_bytes())?;
        let mut params = Params::new();
        let of_model = |name: &str| name.starts_with("transformer.") || name.starts_with("lm_head.");
        for id in tensors.ids().filter(|id| of_model(tensors.name(*id))) {
            params.add_values(tensors.name(id), tensors.shape(id), tensors.value(id));
        }
        let model = Gpt2::bind(config, &params)?;
        Self::new(origin, model, params, Tokenizer::from_json(part("tokenizer")?)?)
    }

    /// A model of the reader's.
    ///
    /// # Errors
    ///
    /// If its words are not the world's, or it sees too few tokens at once.
    pub fn new(origin: Origin, model: Gpt2, params: Params, tokenizer: Tokenizer) -> Result<Self> {
        let world = World::new(0);
        if tokenizer.to_json() != world.tokenizer().to_json() {
            let given = "a model that has read another text";
            return Err(Error::input("model", given, "one that has read this page's miniature world"));
        }
        if model.config.n_positions < MIN_CONTEXT || !model.config.is_causal {
            let given = format!("a context of {} tokens", model.config.n_positions);
            return Err(Error::input(
                "model",
                given,
                format!("one that reads on from left to right and sees at least {MIN_CONTEXT}"),
            ));
        }
        let held_out = Corpus::from_world(&world, &tokenizer, 0, N_HELD_OUT, 0);
        Ok(Self { origin, world, tokenizer, model, params, held_out })
    }

    /// A model that has read nothing, of the default size.
    pub fn random(seed: u64) -> Self {
        let tokenizer = World::new(0).tokenizer();
        let options = Options { seed, ..Options::default() };
        let mut params = Params::new();
        let config = options.model(tokenizer.vocab_size(), tokenizer.eos());
        let model = Gpt2::init(config, &mut params, &mut Rng::stream(seed, "weights"));
        Self::new(Origin::Random, model, params, tokenizer).expect("the world's own words")
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

    /// Scores of the token that answers each question, a row each.
    pub fn logits(lm: CausalLm, tape: &mut Tape, questions: &Batch) -> Vec<Vec<f32>> {
        let mut g = lm.inference(tape);
        let input = lm.input(&questions.input_ids, questions.batch_size);
        let (hidden, _) = scored_hidden(&mut g, lm.model, &input, &questions.labels);
        let logits = lm.model.head(&mut g, hidden);
        g.value(logits).chunks_exact(lm.model.config.vocab_size).map(<[f32]>::to_vec).collect()
    }

    /// What a model says to each question, all of which have answers of one token.
    pub fn ask(lm: CausalLm, tape: &mut Tape, questions: &Batch) -> Vec<Answer> {
        let rights = questions.labels.iter().flatten();
        let logits = Self::logits(lm, tape, questions);
        let answer = |(logits, right): (&Vec<f32>, &u32)| {
            let id = (1..logits.len()).fold(0, |best, id| if logits[id] > logits[best] { id } else { best });
            let p = probabilities(logits)[id];
            Answer { id: id as u32, p, is_right: id as u32 == *right }
        };
        logits.iter().zip(rights).map(answer).collect()
    }

    /// Answers in words.
    pub fn said(&self, answers: &[Answer]) -> Vec<Said> {
        let text = |id| self.tokenizer.text_of(id).trim().to_owned();
        answers.iter().map(|a| Said { text: text(a.id), p: a.p, right: a.is_right }).collect()
    }

    /// The sum of `−log p` over the tokens of the `n`-th part of the held-out documents, and their number; `None` behind the
    /// last.
    pub fn held_out(&self, lm: CausalLm, tape: &mut Tape, n: usize) -> Option<(f64, usize)> {
        let block_size = HELD_OUT_TOKENS.min(self.model.config.n_positions);
        let batch = self.held_out.val_batches(HELD_OUT_ROWS, block_size).nth(n)?;
        let mut g = lm.inference(tape);
        let loss = lm_loss(&mut g, lm.model, &lm.input(&batch.input_ids, batch.batch_size), &batch.labels);
        let n_labels = batch.labels.iter().flatten().count();
        Some((f64::from(g.value(loss)[0]) * n_labels as f64, n_labels))
    }
}
