//! `<pretune-scratch-vs-transfer>`: a network from scratch and the same network after pre-training learn from the same
//! labels, and it is read off how many each needs.
//!
//! The number of labels in hand goes first, then those that decide the claim. A run that a snapshot finds unfinished begins
//! anew, which takes a second and gives the same bits. Knows no page and no clock. Start with [`ScratchVsTransfer::new`]; the
//! runs are those of [`experiments::scratch_vs_transfer`](crate::experiments::scratch_vs_transfer).

mod frame;

use super::attributes::{self, SEED, Warning};
use super::base::{self, Origin, misfit};
use super::{Attributes, Files, Progress, Widget};
use crate::error::{Error, Result};
use crate::experiments::scratch_vs_transfer::{
    LABELS, SCRATCH, TRANSFER, Way, random_weights, test_reviews, training_reviews,
};
use crate::experiments::{Base, mean};
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, from_json};
use crate::rng::Rng;
use crate::tensor::Params;
use crate::train::{Classifier, Examples, OptionInfo};

pub use frame::{Frame, draw};

/// Held-out reviews of a unit.
const N_JUDGED: usize = 32;
/// Up to this place of [`LABELS`] much depends on which labels there are, and the pre-trained model's is a mean.
const FEW: usize = 2;
const N_DRAWS: usize = 3;
/// Places at which the pre-trained model is tried in any case, and from which on the network from scratch is.
const N_TRANSFER: usize = 6;
const FIRST_SCRATCH: usize = 3;
/// Labels that are shown.
const N_SHOWN: usize = 4;
const ALLOWED: &str = "2, 4, 8, 16, 32, 64, 128 or 256";

/// The settings of a tag.
pub const OPTIONS: &[OptionInfo] =
    &[OptionInfo { name: "labels", help: "Labels that both learn from at first.", allowed: ALLOWED }, SEED];

/// What an attribute allows, if a value is not allowed.
pub fn reject(name: &str, value: &str) -> Option<&'static str> {
    attributes::reject(OPTIONS, name, value, &mut |name, value| set(&mut (0, 0), name, value))
}

/// Sets the place in hand or the seed.
fn set(settings: &mut (usize, u64), name: &str, given: &str) -> Option<()> {
    match name {
        "labels" => settings.0 = place(given)?,
        "seed" => settings.1 = attributes::seed(given)?,
        _ => return None,
    }
    Some(())
}

fn place(labels: &str) -> Option<usize> {
    let n: usize = labels.parse().ok()?;
    LABELS.iter().position(|labels| *labels == n)
}

/// A run that was made or can be made.
struct Trial {
    place: usize,
    is_transfer: bool,
    /// Which choice of labels of the pre-trained model's, or which learning rate of the other one's.
    variant: usize,
    result: Option<Outcome>,
}

#[derive(Clone)]
struct Outcome {
    accuracy: f64,
    fingerprint: String,
}

fields!(Outcome: accuracy, fingerprint);

impl Trial {
    fn way(&self) -> &'static Way {
        if self.is_transfer { &TRANSFER } else { &SCRATCH[self.variant] }
    }
}

/// A run under way.
struct Live {
    trial: usize,
    classifier: Classifier,
    reviews: Examples,
    step: usize,
    loss: Option<f32>,
    /// Parts of the held-out reviews that were judged, and how many rightly.
    part: usize,
    n_right: usize,
}

/// The state machine of the demo.
pub struct ScratchVsTransfer {
    hand: usize,
    seed: u64,
    warnings: Vec<Warning>,
    origin: Origin,
    base: Base,
    test: Examples,
    /// The same in parts.
    parts: Vec<Examples>,
    random: Params,
    trials: Vec<Trial>,
    live: Option<Live>,
    /// Some of the labels in hand.
    shown: Vec<Labeled>,
}

impl ScratchVsTransfer {
    /// The demo of a tag's attributes. `model` is the shipped checkpoint, or a snapshot of the reader's own model.
    ///
    /// # Errors
    ///
    /// If `model` cannot be read, or has not read the world.
    pub fn new(attributes: &Attributes, model: Option<&[u8]>) -> Result<Self> {
        let (origin, base) = base::open(model)?;
        let mut settings = (FIRST_SCRATCH, 0);
        let warnings =
            attributes::read(attributes, OPTIONS, &mut |name, given| set(&mut settings, name, given));
        Ok(Self::with_base(origin, base, settings, warnings))
    }

    fn with_base(origin: Origin, base: Base, (hand, seed): (usize, u64), warnings: Vec<Warning>) -> Self {
        let test = test_reviews(&base, seed);
        let mut parts = Vec::new();
        for start in (0..test.len()).step_by(N_JUDGED) {
            let mut part = Examples::default();
            for i in start..(start + N_JUDGED).min(test.len()) {
                part.push(test.ids[i].clone(), test.labels[i]);
            }
            parts.push(part);
        }
        let mut trials = Vec::new();
        for is_transfer in [true, false] {
            for place in 0..LABELS.len() {
                let n = if !is_transfer {
                    SCRATCH.len()
                } else if place <= FEW {
                    N_DRAWS
                } else {
                    1
                };
                for variant in 0..n {
                    trials.push(Trial { place, is_transfer, variant, result: None });
                }
            }
        }
        let random = random_weights(&base, seed);
        let mut this = Self {
            hand,
            seed,
            warnings,
            origin,
            base,
            test,
            parts,
            random,
            trials,
            live: None,
            shown: Vec::new(),
        };
        this.take(hand);
        this
    }

    /// Makes this the place in hand.
    fn take(&mut self, place: usize) {
        self.hand = place;
        let reviews = training_reviews(&self.base, LABELS[place], 0, &self.test, self.seed);
        self.shown.clear();
        for (ids, label) in reviews.ids.iter().zip(&reviews.labels).take(N_SHOWN) {
            let text = self.base.tokenizer.decode(&ids[1..]);
            let text = text.trim().trim_start_matches("Review: ").to_owned();
            self.shown.push(Labeled { text, good: *label == 1 });
        }
    }

    /// Whether a run belongs to what is to be seen.
    fn is_wanted(&self, trial: &Trial) -> bool {
        let decides = if trial.is_transfer { trial.place < N_TRANSFER } else { trial.place >= FIRST_SCRATCH };
        decides || trial.place == self.hand
    }

    /// The run that was begun, else one in hand, else the next that is wanted.
    fn next(&self) -> Option<usize> {
        let first = |of_hand: bool| {
            let is_open = |trial: &Trial| trial.result.is_none() && self.is_wanted(trial);
            self.trials.iter().position(|trial| is_open(trial) && (!of_hand || trial.place == self.hand))
        };
        self.live.as_ref().map(|live| live.trial).or_else(|| first(true)).or_else(|| first(false))
    }

    fn begin(&self, i: usize) -> Live {
        let trial = &self.trials[i];
        // A draw of labels is the same for both.
        let draw = if trial.is_transfer { trial.variant } else { 0 };
        let reviews = training_reviews(&self.base, LABELS[trial.place], draw, &self.test, self.seed);
        let rng = Rng::stream(self.seed, "scratch-vs-transfer: order");
        let params = if trial.is_transfer { &self.base.params } else { &self.random };
        let config = trial.way().config.clone();
        let classifier = Classifier::new(config, 2, &self.base.model, params.clone(), None, rng);
        Live { trial: i, classifier, reviews, step: 0, loss: None, part: 0, n_right: 0 }
    }

    /// The accuracy at a place once all its runs are made: the mean of the pre-trained model's, the better one from scratch.
    fn accuracy(&self, is_transfer: bool, place: usize) -> Option<f64> {
        let mut all = Vec::new();
        for trial in self.trials.iter().filter(|t| t.is_transfer == is_transfer && t.place == place) {
            all.push(trial.result.as_ref()?.accuracy);
        }
        Some(if is_transfer { mean(&all) } else { all.into_iter().fold(0.0, f64::max) })
    }

    /// The curve that decides the claim, once it is whole.
    fn curve(&self, is_transfer: bool) -> Option<Vec<(usize, f64)>> {
        let places = if is_transfer { 0..N_TRANSFER } else { FIRST_SCRATCH..LABELS.len() };
        let mut curve = Vec::new();
        for place in places {
            curve.push((LABELS[place], self.accuracy(is_transfer, place)?));
        }
        Some(curve)
    }
}

/// A labelled review.
#[derive(Clone)]
pub struct Labeled {
    pub text: String,
    pub good: bool,
}

fields!(write Labeled: text, good);

struct Saved {
    origin: Origin,
    hand: usize,
    seed: u64,
    warnings: Vec<Warning>,
    results: Vec<Option<Outcome>>,
}

fields!(Saved: origin, hand, seed, warnings, results);

/// A command in JSON: `{"type": "labels", "labels": "16"}`.
struct Command(String);

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        if value["type"].as_str() != Some("labels") {
            wrong.expected("labels", &value["type"]);
        }
        Self(field(value, "labels", wrong))
    }
}

impl Widget for ScratchVsTransfer {
    fn command(&mut self, command: &Value) -> Result<()> {
        let Command(labels) = from_json(command)?;
        let place = place(&labels).ok_or_else(|| Error::input("labels", format!("{labels:?}"), ALLOWED))?;
        self.take(place);
        Ok(())
    }

    fn step(&mut self) -> Progress {
        let Some(i) = self.next() else { return Progress::Done };
        let mut live = self.live.take().unwrap_or_else(|| self.begin(i));
        if live.step < self.trials[i].way().steps {
            live.loss = Some(live.classifier.step(&live.reviews));
            live.step += 1;
            self.live = Some(live);
            return Progress::Step;
        }
        let part = &self.parts[live.part];
        let classes = live.classifier.predict(part);
        live.n_right += classes.iter().zip(&part.labels).filter(|(class, label)| class == label).count();
        live.part += 1;
        if live.part == self.parts.len() {
            let accuracy = live.n_right as f64 / self.test.len() as f64;
            let fingerprint = live.classifier.params.fingerprint();
            self.trials[i].result = Some(Outcome { accuracy, fingerprint });
        } else {
            self.live = Some(live);
        }
        Progress::Part
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        let results = self.trials.iter().map(|trial| trial.result.clone()).collect();
        let Self { origin, hand, seed, .. } = *self;
        let saved = Saved { origin, hand, seed, warnings: self.warnings.clone(), results };
        base::snapshot(&self.base, &Params::new(), &saved)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let (base, saved, _): (_, Saved, _) = base::restore(bytes)?;
        if saved.hand >= LABELS.len() || saved.results.len() != self.trials.len() {
            return Err(misfit());
        }
        let mut this = Self::with_base(saved.origin, base, (saved.hand, saved.seed), saved.warnings);
        for (trial, result) in this.trials.iter_mut().zip(saved.results) {
            trial.result = result;
        }
        *self = this;
        Ok(())
    }

    /// Its models live as long as their runs: there is none to give away.
    fn files(&mut self) -> Result<Files> {
        Err(Error::input(
            "export",
            "this figure keeps the numbers of its runs only",
            "another figure's model",
        ))
    }

    /// Another base.
    fn open(&mut self, files: &Files) -> Result<()> {
        let (origin, base) = base::import(files)?;
        *self = Self::with_base(origin, base, (self.hand, self.seed), self.warnings.clone());
        Ok(())
    }
}
