//! The model that a figure begins with, and what it says when it is asked.
//!
//! Knows no figure. Start with [`open`].

use crate::checkpoint::{self, Dtype, Files, Meta};
use crate::data::{Batch, Corpus, Tokenizer, World};
use crate::error::{Error, Result};
use crate::experiments;
use crate::json::{self, FromJson, ToJson, fields, names};
use crate::nn::{CausalLm, Gpt2, probabilities};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Options, lm_loss, scored_hidden};

/// The longest text that a figure has a model read at once.
const MIN_CONTEXT: usize = 32;

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

/// A model as it was given.
pub struct Given {
    /// Where it comes from.
    pub origin: Origin,
    /// The network.
    pub model: Gpt2,
    /// The weights.
    pub params: Params,
    /// Its words.
    pub tokenizer: Tokenizer,
}

impl Given {
    /// The model of a checkpoint: the shipped one, or a figure's snapshot.
    ///
    /// # Errors
    ///
    /// If it is none.
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
        Ok(Self { origin, model, params, tokenizer: Tokenizer::from_json(part("tokenizer")?)? })
    }

    /// A model that has read nothing, of the default size.
    pub fn random(seed: u64) -> Self {
        let tokenizer = World::new(0).tokenizer();
        let options = Options { seed, ..Options::default() };
        let mut params = Params::new();
        let config = options.model(tokenizer.vocab_size(), tokenizer.eos());
        let model = Gpt2::init(config, &mut params, &mut Rng::stream(seed, "weights"));
        Self { origin: Origin::Random, model, params, tokenizer }
    }

    /// The same, if it has read the world and sees so many tokens at once.
    ///
    /// # Errors
    ///
    /// If not.
    pub fn checked(self, min_context: usize) -> Result<Self> {
        if self.tokenizer.to_json() != World::new(0).tokenizer().to_json() {
            let given = "a model that has read another text";
            return Err(Error::input("model", given, "one that has read this page's miniature world"));
        }
        let config = &self.model.config;
        if config.n_positions < min_context || !config.is_causal {
            let given = format!("a context of {} tokens", config.n_positions);
            return Err(Error::input(
                "model",
                given,
                format!("one that reads on from left to right and sees at least {min_context}"),
            ));
        }
        Ok(self)
    }

    /// The same as what experiments begin with.
    ///
    /// # Errors
    ///
    /// If it has not read the world, or sees too few tokens at once.
    pub fn base(self) -> Result<(Origin, experiments::Base)> {
        let Self { origin, model, params, tokenizer } = self.checked(MIN_CONTEXT)?;
        let (base, _) = experiments::Base::untrained(0, 1);
        Ok((origin, experiments::Base { model, params, tokenizer, ..base }))
    }
}

/// A figure's snapshot: the base, so that it is whole, what the figure `saved`, which has to have an `origin`, and its own
/// `tensors`.
pub fn snapshot(base: &experiments::Base, tensors: &Params, saved: &impl ToJson) -> Vec<u8> {
    let mut all = base.params.clone();
    for id in tensors.ids() {
        all.add_values(tensors.name(id), tensors.shape(id), tensors.value(id));
    }
    let meta = Meta::from([
        ("config".to_owned(), checkpoint::config_json(&base.model.config)),
        ("tokenizer".to_owned(), base.tokenizer.to_json()),
        ("run".to_owned(), saved.to_json().to_string()),
    ]);
    checkpoint::write(&all, &meta, Dtype::F32)
}

/// What [`snapshot`] wrote: the base, what was saved, and all tensors.
///
/// # Errors
///
/// If it is none of such a figure.
pub fn restore<T: FromJson>(bytes: &[u8]) -> Result<(experiments::Base, T, Params)> {
    let (tensors, meta) = checkpoint::read(bytes)?;
    let given = Given::read(&tensors, &meta)?;
    let saved = json::parse(&meta["run"]).and_then(|run| json::from_json(&run));
    let saved = saved.map_err(|e| e.within("snapshot"))?;
    Ok((given.base()?.1, saved, tensors))
}

/// That a snapshot does not fit itself.
pub fn misfit() -> Error {
    Error::input("snapshot", "parts that do not fit each other", "a snapshot of this figure")
}

/// The base of a page's checkpoint or of a snapshot; without one, a model that has read nothing.
///
/// # Errors
///
/// If it cannot be read, or has not read the world.
pub fn open(model: Option<&[u8]>) -> Result<(Origin, experiments::Base)> {
    match model {
        Some(bytes) => {
            let (tensors, meta) = checkpoint::read(bytes)?;
            Given::read(&tensors, &meta)?.base()
        }
        None => Given::random(0).base(),
    }
}

/// The base of a Hugging Face folder that a reader opened.
///
/// # Errors
///
/// If it holds no model that has read the world.
pub fn import(files: &Files) -> Result<(Origin, experiments::Base)> {
    let (config, params, tokenizer) = checkpoint::open(files)?;
    let model = Gpt2::bind(config, &params)?;
    Given { origin: Origin::Imported, model, params, tokenizer }.base()
}

/// What a model says to each question, all of which have answers of one token.
pub fn ask(lm: CausalLm, tape: &mut Tape, questions: &Batch) -> Vec<Answer> {
    let rights = questions.labels.iter().flatten();
    let logits = logits(lm, tape, questions);
    let answer = |(logits, right): (&Vec<f32>, &u32)| {
        let id = (1..logits.len()).fold(0, |best, id| if logits[id] > logits[best] { id } else { best });
        let p = probabilities(logits)[id];
        Answer { id: id as u32, p, is_right: id as u32 == *right }
    };
    logits.iter().zip(rights).map(answer).collect()
}

/// How many of the answers are right.
pub fn n_right(lm: CausalLm, tape: &mut Tape, questions: &Batch) -> usize {
    ask(lm, tape, questions).iter().filter(|answer| answer.is_right).count()
}

/// Scores of the token that answers each question, a row each.
pub fn logits(lm: CausalLm, tape: &mut Tape, questions: &Batch) -> Vec<Vec<f32>> {
    let mut g = lm.inference(tape);
    let input = lm.input(&questions.input_ids, questions.batch_size);
    let (hidden, _) = scored_hidden(&mut g, lm.model, &input, &questions.labels);
    let logits = lm.model.head(&mut g, hidden);
    g.value(logits).chunks_exact(lm.model.config.vocab_size).map(<[f32]>::to_vec).collect()
}

/// Answers in words.
pub fn said(tokenizer: &Tokenizer, answers: &[Answer]) -> Vec<Said> {
    let text = |id| tokenizer.text_of(id).trim().to_owned();
    answers.iter().map(|a| Said { text: text(a.id), p: a.p, right: a.is_right }).collect()
}

/// The sum of `−log p` over the tokens of the `n`-th part of the held-out documents, and their number; `None` behind the
/// last. `rows` documents of at most `block_size` tokens are a part.
pub fn surprise(
    corpus: &Corpus,
    lm: CausalLm,
    tape: &mut Tape,
    (n, rows, block_size): (usize, usize, usize),
) -> Option<(f64, usize)> {
    let batch = corpus.val_batches(rows, block_size).nth(n)?;
    let mut g = lm.inference(tape);
    let loss = lm_loss(&mut g, lm.model, &lm.input(&batch.input_ids, batch.batch_size), &batch.labels);
    let n_labels = batch.labels.iter().flatten().count();
    Some((f64::from(g.value(loss)[0]) * n_labels as f64, n_labels))
}

/// A whole number with its thousands set apart.
pub fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share in whole per cents; with a digit after the point where it is nearly nothing or nearly all, and neither.
pub fn percent(share: f64) -> String {
    let is_nearly = (0.0 < share && share < 0.005) || (0.995..1.0).contains(&share);
    format!("{} %", json::fixed(100.0 * share, usize::from(is_nearly)))
}
