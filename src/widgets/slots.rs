//! Models that a figure trains, each in a slot of its own: not begun, in training, trained.
//!
//! Whoever has several says which is next; one can wait half trained while another is. Knows no method. Start with [`Slot`].

use super::Files;
use crate::checkpoint::{self, Dtype, Meta, Probe};
use crate::data::{Corpus, END_OF_TEXT, Tokenizer};
use crate::error::{Error, Result};
use crate::json::{self, FromJson, Value, fields, from_json, names};
use crate::nn::{CausalLm, Gpt2};
use crate::rng::Rng;
use crate::tensor::Params;
use crate::train::{Learner, Pretrainer};

/// A model on its way.
#[derive(Default)]
pub enum Slot {
    /// Nothing has begun.
    #[default]
    Waiting,
    /// Pre-training from random weights.
    Pretraining(Box<Pretrainer>),
    /// Training of weights that were trained before.
    Tuning(Box<Tuning>),
    /// Weights that stay.
    Trained(Params),
}

/// A model that is trained on, and what its method needs.
pub struct Tuning {
    /// Its weights.
    pub params: Params,
    /// Its optimizer.
    pub learner: Learner,
    /// Where its batches come from.
    pub rng: Rng,
    /// Steps taken.
    pub step: usize,
}

impl Tuning {
    /// Begins with a copy of weights.
    pub fn new(params: &Params, rng: Rng) -> Self {
        Self { params: params.clone(), learner: Learner::new(params), rng, step: 0 }
    }
}

impl Slot {
    /// The weights as far as they have come.
    pub fn params(&self) -> Option<&Params> {
        match self {
            Self::Waiting => None,
            Self::Pretraining(run) => Some(&run.params),
            Self::Tuning(tuning) => Some(&tuning.params),
            Self::Trained(params) => Some(params),
        }
    }

    /// The weights once they stay.
    pub fn trained(&self) -> Option<&Params> {
        if let Self::Trained(params) = self { Some(params) } else { None }
    }

    /// Steps taken, of those that a trained one took.
    pub fn step(&self, steps: usize) -> usize {
        match self {
            Self::Waiting => 0,
            Self::Pretraining(run) => run.step,
            Self::Tuning(tuning) => tuning.step,
            Self::Trained(_) => steps,
        }
    }

    /// The weights stay as they are now.
    pub fn finish(&mut self) {
        *self = match std::mem::take(self) {
            Self::Pretraining(run) => Self::Trained(run.params),
            Self::Tuning(tuning) => Self::Trained(tuning.params),
            other => other,
        };
    }
}

/// A part of a step of pre-training; the loss of the batch before it where the step is complete.
pub fn pass(run: &mut Pretrainer, corpus: &Corpus) -> Option<f32> {
    if !run.is_under_way() {
        run.begin(corpus);
    }
    run.pass(run.shards_done());
    (run.shards_done() == run.n_shards()).then(|| run.finish().loss)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Waiting,
    Pretraining,
    Tuning,
    Trained,
}

names!(Kind: Waiting = "waiting", Pretraining = "pretraining", Tuning = "tuning", Trained = "trained");

/// A slot without its tensors.
pub struct Saved {
    kind: Kind,
    step: usize,
    optimizer_step: usize,
    rng: Rng,
}

fields!(Saved: kind, step, optimizer_step, rng);

/// Slots as plain data, and their tensors beside: the name of each begins with its slot's number.
pub fn save(slots: &[Slot]) -> (Vec<Saved>, Params) {
    let (mut saved, mut tensors) = (Vec::new(), Params::new());
    for (i, slot) in slots.iter().enumerate() {
        let mut add_all = |from: &Params| {
            for id in from.ids() {
                tensors.add_values(&format!("{i}.{}", from.name(id)), from.shape(id), from.value(id));
            }
        };
        slot.params().into_iter().for_each(&mut add_all);
        let (kind, rng, state) = match slot {
            Slot::Waiting => (Kind::Waiting, Rng::new(0), None),
            Slot::Pretraining(run) => {
                (Kind::Pretraining, run.rng.clone(), Some(run.optimizer.state(&run.params)))
            }
            Slot::Tuning(tuning) => {
                let state = tuning.learner.optimizer.state(&tuning.params);
                (Kind::Tuning, tuning.rng.clone(), Some(state))
            }
            Slot::Trained(_) => (Kind::Trained, Rng::new(0), None),
        };
        let optimizer_step = state.map_or(0, |(state, step)| {
            add_all(&state);
            step
        });
        saved.push(Saved { kind, step: slot.step(0), optimizer_step, rng });
    }
    (saved, tensors)
}

/// A snapshot: what is saved of a figure, and its tensors.
pub fn write(tag: &str, saved: &Value, tensors: &Params) -> Vec<u8> {
    let meta = Meta::from([(tag.to_owned(), saved.to_string())]);
    checkpoint::write(tensors, &meta, Dtype::F32)
}

/// Reads what [`write()`] gave.
///
/// # Errors
///
/// If it is another figure's, or none.
pub fn read<T: FromJson>(tag: &str, bytes: &[u8]) -> Result<(T, Params)> {
    let (tensors, meta) = checkpoint::read(bytes)?;
    let saved = meta.get(tag);
    let saved = saved.ok_or_else(|| Error::input("snapshot", "another one", "a snapshot of this figure"))?;
    let saved = json::parse(saved).and_then(|saved| from_json(&saved)).map_err(|e| e.within("snapshot"))?;
    Ok((saved, tensors))
}

/// The slots of a snapshot. `fresh` is a run that has not begun, for each of them.
///
/// # Errors
///
/// If a tensor is missing or has another shape.
pub fn load(saved: Vec<Saved>, tensors: &Params, fresh: &dyn Fn() -> Pretrainer) -> Result<Vec<Slot>> {
    let slot = |(i, saved): (usize, Saved)| {
        if saved.kind == Kind::Waiting {
            return Some(Slot::Waiting);
        }
        let mut run = fresh();
        run.params = values(tensors, i, &run.params)?;
        Some(match saved.kind {
            Kind::Pretraining => {
                let state = values(tensors, i, &run.optimizer.state(&run.params).0)?;
                run.optimizer.load_state(&run.params, &state, saved.optimizer_step)?;
                (run.step, run.rng) = (saved.step, saved.rng);
                Slot::Pretraining(Box::new(run))
            }
            Kind::Tuning => {
                let mut tuning = Tuning::new(&run.params, saved.rng);
                tuning.step = saved.step;
                let optimizer = &mut tuning.learner.optimizer;
                let state = values(tensors, i, &optimizer.state(&tuning.params).0)?;
                optimizer.load_state(&tuning.params, &state, saved.optimizer_step)?;
                Slot::Tuning(Box::new(tuning))
            }
            _ => Slot::Trained(run.params),
        })
    };
    let slots: Option<Vec<Slot>> = saved.into_iter().enumerate().map(slot).collect();
    slots.ok_or_else(|| Error::input("snapshot", "tensors of another model", "a snapshot of this figure"))
}

/// The tensors of a slot, as those of `like`.
pub fn values(tensors: &Params, i: usize, like: &Params) -> Option<Params> {
    let mut params = like.clone();
    for id in like.ids() {
        let stored = tensors.expect(&format!("{i}.{}", like.name(id)), like.shape(id)).ok()?;
        params.value_mut(id).copy_from_slice(tensors.value(stored));
    }
    Some(params)
}

/// A model as a Hugging Face folder, with what it says to `prompt` at the beginning of a text.
///
/// # Errors
///
/// If there are no weights: none are trained.
pub fn folder(model: &Gpt2, params: Option<&Params>, tokenizer: &Tokenizer, prompt: &str) -> Result<Files> {
    let untrained = || Error::input("export", "no model is trained", "train it first");
    let params = params.ok_or_else(untrained)?;
    let probe = Probe::new(CausalLm::new(model, params), tokenizer, &format!("{END_OF_TEXT}{prompt}"), None);
    Ok(checkpoint::folder(model, params, tokenizer, &probe))
}

/// That a figure has no use for the reader's own model.
pub fn trains_its_own() -> Error {
    Error::input("model", "a model from elsewhere", "none: this figure trains its own")
}
