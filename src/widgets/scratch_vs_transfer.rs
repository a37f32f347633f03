//! `<pretune-scratch-vs-transfer>`: a network from scratch and the same network after pre-training learn from the same
//! labels, and it is read off how many each needs.
//!
//! The number of labels in hand goes first, then those that decide the claim. A run that a snapshot finds unfinished begins
//! anew, which takes a second and gives the same bits. Knows no page and no clock. Start with [`ScratchVsTransfer::new`]; the
//! runs are those of [`experiments::scratch_vs_transfer`](crate::experiments::scratch_vs_transfer).

use plotters::prelude::DrawingBackend;

use super::base::{self, Given, Origin, misfit};
use super::settings::{self, SEED, Warning};
use super::{Attributes, Files, Progress, Widget};
use crate::checkpoint;
use crate::error::{Error, Result};
use crate::experiments::scratch_vs_transfer::{
    ENOUGH, LABELS, SCRATCH, TRANSFER, Way, enough_from, first_enough, random_weights, test_reviews,
    training_reviews,
};
use crate::experiments::{Base, mean};
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, fixed, from_json};
use crate::nn::Gpt2;
use crate::plot::{Area, LabelCurve, LabelCurves, Theme, label_curves};
use crate::rng::Rng;
use crate::tensor::Params;
use crate::train::{Classifier, Examples, OptionInfo};

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
    settings::reject(OPTIONS, name, value, |name, value| set(&mut (0, 0), name, value))
}

/// Sets the place in hand or the seed.
fn set(settings: &mut (usize, u64), name: &str, given: &str) -> Option<()> {
    match name {
        "labels" => settings.0 = place(given)?,
        "seed" => settings.1 = settings::seed(given)?,
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
        let warnings = settings::read(attributes, OPTIONS, |name, given| set(&mut settings, name, given));
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
        Self { hand, seed, warnings, origin, base, test, parts, random, trials, live: None }
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

    fn show(&self) -> Frame {
        let mut config = Attributes::new();
        config.insert("labels".to_owned(), LABELS[self.hand].to_string());
        config.insert("seed".to_owned(), self.seed.to_string());
        let points = |is_transfer| (0..LABELS.len()).map(|place| self.accuracy(is_transfer, place)).collect();
        let is_enough = |(_, accuracy): &(usize, f64)| *accuracy >= ENOUGH;
        // Where a curve is not monotone, it is read to the disadvantage of the claim.
        let transfer_needs = self.curve(true).map(|curve| Needed {
            labels: enough_from(ENOUGH, &curve),
            reached: curve.last().is_some_and(is_enough),
        });
        let scratch_needs = self.curve(false).map(|curve| Needed {
            labels: first_enough(ENOUGH, &curve),
            reached: curve.iter().any(is_enough),
        });
        let factor =
            transfer_needs.as_ref().zip(scratch_needs.as_ref()).map(|(few, many)| many.labels / few.labels);
        let (mut step, mut steps) = (0, 0);
        for (i, trial) in self.trials.iter().enumerate().filter(|(_, trial)| self.is_wanted(trial)) {
            let taken = self.live.as_ref().filter(|live| live.trial == i).map_or(0, |live| live.step);
            step += if trial.result.is_some() { trial.way().steps } else { taken };
            steps += trial.way().steps;
        }
        let racing = self.live.as_ref().map(|live| {
            let trial = &self.trials[live.trial];
            Racing {
                is_transfer: trial.is_transfer,
                place: trial.place,
                step: live.step,
                steps: trial.way().steps,
            }
        });
        let reviews = training_reviews(&self.base, LABELS[self.hand], 0, &self.test, self.seed);
        let mut shown = Vec::new();
        for (ids, label) in reviews.ids.iter().zip(&reviews.labels).take(N_SHOWN) {
            let text = self.base.tokenizer.decode(&ids[1..]);
            shown.push(Labeled {
                text: text.trim().trim_start_matches("Review: ").to_owned(),
                good: *label == 1,
            });
        }
        let is_done = self.next().is_none();
        let of_hand = self.trials.iter().find(|trial| trial.is_transfer && trial.place == self.hand);
        let result = of_hand.and_then(|trial| trial.result.as_ref()).filter(|_| is_done);
        let mut frame = Frame {
            warnings: self.warnings.clone(),
            origin: self.origin,
            config,
            step,
            steps,
            loss: self.live.as_ref().and_then(|live| live.loss),
            labels: LABELS.to_vec(),
            hand: self.hand,
            enough: ENOUGH,
            n_test: self.test.len(),
            transfer: points(true),
            scratch: points(false),
            racing,
            transfer_needs,
            scratch_needs,
            factor,
            shown,
            fingerprint: result.map(|result| result.fingerprint.clone()),
            summary: String::new(),
        };
        frame.summary = summary(&frame);
        frame
    }
}

/// Everything on screen.
pub struct Frame {
    /// Attributes that were not understood, and gave way to their defaults.
    pub warnings: Vec<Warning>,
    /// Where the base comes from.
    pub origin: Origin,
    /// Every setting by its attribute's name, as in force.
    pub config: Attributes,
    /// Steps taken in all runs, and those of all runs that are wanted.
    pub step: usize,
    pub steps: usize,
    /// Loss of the run under way, before its last step.
    pub loss: Option<f32>,
    /// The places of the slider, and the one in hand.
    pub labels: Vec<usize>,
    pub hand: usize,
    /// Share of right answers that is enough.
    pub enough: f64,
    /// Held-out reviews.
    pub n_test: usize,
    /// Share of held-out reviews judged rightly, for each place whose runs are made.
    pub transfer: Vec<Option<f64>>,
    pub scratch: Vec<Option<f64>>,
    /// The run under way.
    pub racing: Option<Racing>,
    /// Labels that are enough, once the curves are whole, and how often the one goes into the other.
    pub transfer_needs: Option<Needed>,
    pub scratch_needs: Option<Needed>,
    pub factor: Option<f64>,
    /// Some of the labels in hand.
    pub shown: Vec<Labeled>,
    /// SHA-256 of the pre-trained model's weights after the run in hand, once all runs are made.
    pub fingerprint: Option<String>,
    /// One plain sentence of what is on screen.
    pub summary: String,
}

fields!(write Frame: warnings, origin, config, step, steps, loss, labels, hand, enough, n_test, transfer, scratch, racing, transfer_needs, scratch_needs, factor, shown, fingerprint, summary);

/// A run under way.
pub struct Racing {
    pub is_transfer: bool,
    pub place: usize,
    pub step: usize,
    pub steps: usize,
}

fields!(write Racing: is_transfer, place, step, steps);

/// Labels that are enough, or the most that were tried.
pub struct Needed {
    pub labels: f64,
    pub reached: bool,
}

fields!(write Needed: labels, reached);

/// A labelled review.
pub struct Labeled {
    pub text: String,
    pub good: bool,
}

fields!(write Labeled: text, good);

/// One sentence of what is on screen.
fn summary(frame: &Frame) -> String {
    let percent = |share: f64| format!("{} %", fixed(100.0 * share, 1));
    let n = frame.labels[frame.hand];
    let mut text = match (frame.transfer[frame.hand], frame.scratch[frame.hand]) {
        (Some(transfer), Some(scratch)) => format!(
            "From the same {n} labels the pre-trained model learns to judge {} of new reviews rightly, the network from \
             scratch {}.",
            percent(transfer),
            percent(scratch)
        ),
        _ => format!("Two networks of the same size wait for {n} labels: one has read, one has not."),
    };
    if let (Some(few), Some(many), Some(factor)) = (&frame.transfer_needs, &frame.scratch_needs, frame.factor)
    {
        let enough = format!("{} %", fixed(100.0 * frame.enough, 0));
        if few.reached && many.reached {
            text.push_str(&format!(
                " For {enough} they need {} and {} labels: {} times as many from scratch.",
                fixed(few.labels, 0),
                fixed(many.labels, 0),
                fixed(factor, 0)
            ));
        } else if few.reached {
            text.push_str(&format!(
                " For {enough} the pre-trained one needs {} labels; {} are not enough from scratch.",
                fixed(few.labels, 0),
                fixed(many.labels, 0)
            ));
        } else {
            text.push_str(&format!(
                " For {enough}, {} labels are not enough even for the pre-trained one.",
                fixed(few.labels, 0)
            ));
        }
    }
    text
}

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
        self.hand = place(&labels).ok_or_else(|| Error::input("labels", format!("{labels:?}"), ALLOWED))?;
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
        let (config, params, tokenizer) = checkpoint::open(files)?;
        let model = Gpt2::bind(config, &params)?;
        let (origin, base) = Given { origin: Origin::Imported, model, params, tokenizer }.base()?;
        *self = Self::with_base(origin, base, (self.hand, self.seed), self.warnings.clone());
        Ok(())
    }
}

/// Draws `curves`, which needs the frame's `labels`, `hand`, `enough`, `transfer`, `scratch` and what each needs.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    let wrong =
        |given| Error::input("pretune-scratch-vs-transfer", given, "the chart curves of its own frame");
    if chart != "curves" {
        return Err(wrong("no such chart"));
    }
    let labels = frame["labels"].as_array().unwrap_or_default();
    let places: Vec<String> = labels.iter().map(|n| n.as_u64().unwrap_or(0).to_string()).collect();
    let values = |name: &str| -> Vec<Option<f32>> {
        let values = frame[name].as_array().unwrap_or_default();
        values.iter().map(|value| value.as_f64().map(|share| 100.0 * share as f32)).collect()
    };
    let enough_at = |name: &str| {
        let needed = &frame[name];
        needed["reached"].as_bool().filter(|reached| *reached)?;
        // Places double from 2 on.
        Some(libm::log2(needed["labels"].as_f64()?) as f32 - 1.0)
    };
    let (transfer, scratch) = (values("transfer"), values("scratch"));
    let selected = frame["hand"].as_u64().unwrap_or(0) as usize;
    if places.is_empty() || transfer.len() != places.len() || scratch.len() != places.len() {
        return Err(wrong("not a frame"));
    }
    let curve = |name, values, needs| LabelCurve { name, values, enough_at: enough_at(needs) };
    let curves = [
        curve("pre-trained", &transfer[..], "transfer_needs"),
        curve("from scratch", &scratch[..], "scratch_needs"),
    ];
    let enough = 100.0 * frame["enough"].as_f64().unwrap_or(ENOUGH) as f32;
    label_curves(area, &LabelCurves { places: &places, selected, enough, curves }, theme)
}
