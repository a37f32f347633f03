//! `<pretune-sentiment>`: supervised fine-tuning from beginning to end. The reader labels reviews, or takes those that are
//! given, trains on them, and has sentences of their own judged.
//!
//! The run is that of [`experiments::sentiment`](crate::experiments::sentiment). Knows no page and no clock. Start with
//! [`Sentiment::new`].

mod frame;
mod snapshot;

use super::attributes::{self, SEED, Warning};
use super::base::{self, Origin, n_right, surprise};
use super::{Attributes, Files, Progress, Widget};
use crate::checkpoint;
use crate::data::Batch;
use crate::data::world::Question;
use crate::error::{Error, Result};
use crate::experiments::Base;
use crate::experiments::sentiment::{ANSWERS, ASK, Run, STEPS, confusion, reviews};
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, from_json, names};
use crate::nn::CausalLm;
use crate::rng::Rng;
use crate::tensor::Tape;
use crate::train::OptionInfo;

pub use frame::Frame;

/// Reviews that the reader may label.
const N_DECK: usize = 12;
/// Steps after which the held-out reviews are judged.
const MOMENTS: [usize; 6] = [0, 5, 10, 20, 40, 80];
/// Held-out reviews, and held-out documents with their longest, of a unit.
const N_JUDGED: usize = 32;
const HELD_OUT: (usize, usize) = (16, 32);
/// Most letters of a sentence of the reader's: what the model can read at once, and more.
const MAX_LETTERS: usize = 400;
/// What is judged at first.
const SENTENCE: &str = "The movie was wonderful. The plot was clever and moving.";

/// Whose labels are learned from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Labels {
    /// A thousand that come with the figure.
    Given,
    /// The reader's.
    Mine,
}

names!(Labels: Given = "given", Mine = "mine");

/// The settings of a tag.
pub const OPTIONS: &[OptionInfo] = &[
    OptionInfo { name: "labels", help: "Whose labels are learned from at first.", allowed: "given or mine" },
    OptionInfo { name: "steps", help: "Steps of the run.", allowed: "a number from 1 to 80" },
    SEED,
];

/// What an attribute allows, if a value is not allowed.
pub fn reject(name: &str, value: &str) -> Option<&'static str> {
    attributes::reject(OPTIONS, name, value, &mut |name, value| Settings::default().set(name, value))
}

#[derive(Debug, Clone)]
struct Settings {
    labels: Labels,
    steps: usize,
    seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { labels: Labels::Given, steps: STEPS, seed: 0 }
    }
}

impl Settings {
    fn set(&mut self, name: &str, given: &str) -> Option<()> {
        match name {
            "labels" => {
                self.labels = [Labels::Given, Labels::Mine].into_iter().find(|l| l.name() == given)?
            }
            "steps" => self.steps = given.parse().ok().filter(|n| (1..=STEPS).contains(n))?,
            "seed" => self.seed = attributes::seed(given)?,
            _ => return None,
        }
        Some(())
    }
}

/// What a model can do, once measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Rows are the right answers, columns the given ones; last, any other word.
    pub confusion: [[usize; 3]; 2],
    /// Right answers where something is "not" good or bad.
    pub negated: usize,
    /// Capitals that are known.
    pub capitals: usize,
    /// Loss on held-out text, in nats per token.
    pub held_out: f64,
}

fields!(Measured: confusion, negated, capitals, held_out);

/// A measurement under way: units done, and what they found.
#[derive(Default)]
struct Measure {
    unit: usize,
    confusion: [[usize; 3]; 2],
    negated: usize,
    nats: (f64, usize),
}

/// The state machine of the demo.
pub struct Sentiment {
    settings: Settings,
    warnings: Vec<Warning>,
    origin: Origin,
    base: Base,
    /// The given labels, and held-out ones.
    train: Vec<Question>,
    test: Vec<Question>,
    negated: Vec<bool>,
    capitals: Batch,
    /// Places in `train` of what the reader may label, and the reader's labels by place in [`ANSWERS`].
    deck: Vec<usize>,
    mine: Vec<Option<usize>>,
    sentence: String,
    run: Run,
    step: usize,
    loss: Option<f32>,
    before: Option<Measured>,
    /// Of the run: steps taken, and held-out reviews judged rightly.
    curve: Vec<(usize, usize)>,
    now: Option<Measured>,
    measure: Measure,
    tape: Tape,
    fingerprint: Option<String>,
}

impl Sentiment {
    /// The demo of a tag's attributes. `model` is the shipped checkpoint, or a snapshot of the reader's own model.
    ///
    /// # Errors
    ///
    /// If `model` cannot be read, or has not read the world.
    pub fn new(attributes: &Attributes, model: Option<&[u8]>) -> Result<Self> {
        let (origin, base) = base::open(model)?;
        let mut settings = Settings::default();
        let warnings = attributes::read(attributes, OPTIONS, &mut |name, given| settings.set(name, given));
        Ok(Self::with_base(origin, base, settings, warnings))
    }

    fn with_base(origin: Origin, base: Base, settings: Settings, warnings: Vec<Warning>) -> Self {
        let [train, test] = reviews(settings.seed);
        // Labels of `train` alternate: the deck is in another order.
        let mut deck: Vec<usize> = (0..N_DECK).collect();
        Rng::stream(settings.seed, "sentiment: deck").shuffle(&mut deck);
        let capitals = base.world.capital_questions();
        Self {
            run: Run::new(&base, settings.seed),
            capitals: base.answers(&capitals.iter().collect::<Vec<_>>()),
            negated: test.iter().map(|review| review.prompt.contains(" not ")).collect(),
            settings,
            warnings,
            origin,
            base,
            train,
            test,
            deck,
            mine: vec![None; N_DECK],
            sentence: SENTENCE.to_owned(),
            step: 0,
            loss: None,
            before: None,
            curve: Vec::new(),
            now: None,
            measure: Measure::default(),
            tape: Tape::new(),
            fingerprint: None,
        }
    }

    /// Back to the base, which knows no label.
    fn start_over(&mut self) {
        self.run = Run::new(&self.base, self.settings.seed);
        (self.step, self.loss, self.now, self.fingerprint) = (0, None, None, None);
        self.curve.truncate(usize::from(self.before.is_some()));
        if self.before.is_some() {
            self.measure = Measure::default();
        }
    }

    /// What is learned from.
    fn labeled(&self) -> Vec<Question> {
        if self.settings.labels == Labels::Given {
            return self.train.clone();
        }
        let mut labeled = Vec::new();
        for (at, label) in self.deck.iter().zip(&self.mine) {
            if let Some(label) = label {
                let prompt = self.train[*at].prompt.clone();
                labeled.push(Question { prompt, answer: ANSWERS[*label].to_owned() });
            }
        }
        labeled
    }

    /// Whether there is a label of each kind.
    fn can_train(&self) -> bool {
        let has = |label| self.mine.contains(&Some(label));
        self.settings.labels == Labels::Given || has(0) && has(1)
    }

    /// A unit of a measurement, of the base or of the run; what it found after the last one. `whole`: not reviews only.
    fn measure(&mut self, is_base: bool, whole: bool) -> Option<Measured> {
        let Self { base, run, test, negated, measure, tape, .. } = self;
        let lm = if is_base { base.lm() } else { run.lm(base) };
        let unit = measure.unit;
        measure.unit += 1;
        let n_slices = test.len().div_ceil(N_JUDGED);
        if unit < n_slices {
            let at = unit * N_JUDGED;
            let rows = at..(at + N_JUDGED).min(test.len());
            // Reviews with a "not" are counted apart, and then added.
            for is_negated in [false, true] {
                let of_kind = rows.clone().filter(|i| negated[*i] == is_negated);
                let questions: Vec<Question> = of_kind.map(|i| test[i].clone()).collect();
                let found = confusion(base, lm, &questions);
                for (row, found) in measure.confusion.iter_mut().zip(found) {
                    row.iter_mut().zip(found).for_each(|(n, found)| *n += found);
                }
                measure.negated += if is_negated { found[0][0] + found[1][1] } else { 0 };
            }
            return None;
        }
        let mut held_out = f64::NAN;
        if whole {
            let (rows, block_size) = HELD_OUT;
            if let Some((nats, n)) = surprise(&base.corpus, lm, tape, (unit - n_slices, rows, block_size)) {
                measure.nats = (measure.nats.0 + nats, measure.nats.1 + n);
                return None;
            }
            held_out = measure.nats.0 / measure.nats.1 as f64;
        }
        let capitals = if whole { n_right(lm, tape, &self.capitals) } else { 0 };
        let Measure { confusion, negated, .. } = std::mem::take(measure);
        Some(Measured { confusion, negated, capitals, held_out })
    }
}

/// Reviews that were judged rightly.
fn right(confusion: [[usize; 3]; 2]) -> usize {
    confusion[0][0] + confusion[1][1]
}

/// A command; in JSON `{"type": "label", "review": 0, "label": 1}` and so on, in snake case.
enum Command {
    /// The reader's label of a review of the deck, or none; only these are learned from now.
    Label { review: usize, label: Option<usize> },
    /// Whose labels are learned from.
    TrainOn { labels: Labels },
    /// Another sentence to judge.
    Judge { text: String },
}

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value["type"].as_str() {
            Some("label") => {
                Self::Label { review: field(value, "review", wrong), label: field(value, "label", wrong) }
            }
            Some("train_on") => Self::TrainOn { labels: field(value, "labels", wrong) },
            Some("judge") => Self::Judge { text: field(value, "text", wrong) },
            _ => {
                wrong.expected("label, train_on or judge", &value["type"]);
                Self::TrainOn { labels: Labels::Given }
            }
        }
    }
}

impl Widget for Sentiment {
    fn command(&mut self, command: &Value) -> Result<()> {
        match from_json(command)? {
            Command::Label { review, label } => {
                if review >= N_DECK || label.is_some_and(|label| label >= ANSWERS.len()) {
                    let allowed = format!("a review below {N_DECK}, and 0, 1 or null");
                    return Err(Error::input("label", format!("review {review}, label {label:?}"), allowed));
                }
                self.mine[review] = label;
                self.settings.labels = Labels::Mine;
                self.start_over();
            }
            Command::TrainOn { labels } => {
                self.settings.labels = labels;
                self.start_over();
            }
            Command::Judge { text } => {
                if text.len() > MAX_LETTERS {
                    let given = format!("a sentence of {} letters", text.len());
                    return Err(Error::input("judge", given, format!("at most {MAX_LETTERS}")));
                }
                self.sentence = text;
            }
        }
        Ok(())
    }

    fn step(&mut self) -> Progress {
        if self.before.is_none() {
            if let Some(measured) = self.measure(true, true) {
                self.before = Some(measured);
                self.curve = vec![(0, right(measured.confusion))];
            }
            return Progress::Part;
        }
        if self.fingerprint.is_some() || !self.can_train() {
            return Progress::Done;
        }
        let is_last = self.step == self.settings.steps;
        let is_due = is_last || MOMENTS.contains(&self.step);
        if is_due && (is_last || self.curve.last().is_none_or(|(step, _)| *step < self.step)) {
            if let Some(measured) = self.measure(false, is_last) {
                self.curve.push((self.step, right(measured.confusion)));
                if is_last {
                    self.now = Some(measured);
                    self.fingerprint = Some(self.run.params.fingerprint());
                }
            }
            return Progress::Part;
        }
        let labeled = self.labeled();
        self.loss = Some(self.run.step(&self.base, &labeled));
        self.step += 1;
        Progress::Step
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        self.save()
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        *self = Self::load(bytes)?;
        Ok(())
    }

    /// The model as far as it has learned.
    fn files(&mut self) -> Result<Files> {
        let lm = CausalLm::new(&self.base.model, &self.run.params);
        let prompt = format!("{}{}", crate::data::END_OF_TEXT, self.test[0].prompt);
        let probe = checkpoint::Probe::new(lm, &self.base.tokenizer, &prompt, None);
        Ok(checkpoint::folder(&self.base.model, &self.run.params, &self.base.tokenizer, &probe))
    }

    /// Another base.
    fn open(&mut self, files: &Files) -> Result<()> {
        let (origin, base) = base::import(files)?;
        *self = Self::with_base(origin, base, self.settings.clone(), self.warnings.clone());
        Ok(())
    }
}

/// A review as the model reads it, from what the reader wrote; every review that it has read ends with a full stop.
fn prompt(sentence: &str) -> String {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let end = if sentence.trim_end().ends_with(|c: char| c.is_alphanumeric()) { "." } else { "" };
    format!(" Review: {}{end}{ASK}", words.join(" "))
}
