//! `<pretune-forgetting>`: a model is fine-tuned on twelve questions about medicine, with what remedies the reader likes,
//! and asked for Paris.
//!
//! The remedies in hand go first, then each alone; the numbers of every run are kept. A run that a snapshot finds unfinished
//! begins anew, which takes seconds and gives the same bits. Knows no page and no clock. Start with [`Forgetting::new`];
//! the runs are those of [`experiments::forgetting`](crate::experiments::forgetting).

mod frame;
mod remedies;

use super::attributes::{self, SEED, Warning};
use super::base::{self, Answer, Origin, ask, misfit, n_right, surprise};
use super::{Attributes, Files, Progress, Widget};
use crate::data::Batch;
use crate::data::world::Question;
use crate::error::{Error, Result};
use crate::experiments::Base;
use crate::experiments::forgetting::{Recipe, Run, STEPS, tasks};
use crate::experiments::medicine::Medicine;
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, from_json};
use crate::nn::CausalLm;
use crate::tensor::{Params, Tape};
use crate::train::OptionInfo;

pub use frame::{Frame, draw};
use remedies::{ALLOWED, Remedies, STANDARD};

/// Steps after which all tasks are asked for.
const MOMENTS: [usize; 8] = [0, 1, 2, 5, 10, 20, 40, 60];
/// Documents of a unit: before a run, and of held-out text after it.
const N_DOCUMENTS: usize = 8;
const HELD_OUT: (usize, usize) = (16, 32);
/// Where the tasks of [`tasks`] are.
const LEARNED: usize = 0;
const UNTOUCHED: usize = 1;
const CAPITALS: [usize; 2] = [3, 4];
/// Which question of a task is shown; of the capitals France's, in both wordings.
const SHOWN: [(usize, usize); 8] = [(3, 0), (4, 0), (0, 0), (0, 1), (1, 0), (1, 1), (5, 0), (6, 0)];

/// The settings of a tag.
pub const OPTIONS: &[OptionInfo] = &[
    OptionInfo { name: "remedies", help: "What is done against forgetting at first.", allowed: ALLOWED },
    OptionInfo { name: "steps", help: "Steps of a run.", allowed: "a number from 1 to 60" },
    SEED,
];

/// What an attribute allows, if a value is not allowed.
pub fn reject(name: &str, value: &str) -> Option<&'static str> {
    attributes::reject(OPTIONS, name, value, &mut |name, value| Settings::default().set(name, value))
}

#[derive(Debug, Clone)]
struct Settings {
    remedies: Remedies,
    steps: usize,
    seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { remedies: Remedies::default(), steps: STEPS, seed: 0 }
    }
}

impl Settings {
    fn set(&mut self, name: &str, given: &str) -> Option<()> {
        match name {
            "remedies" => self.remedies = Remedies::parse(given)?,
            "steps" => self.steps = given.parse().ok().filter(|n| (1..=STEPS).contains(n))?,
            "seed" => self.seed = attributes::seed(given)?,
            _ => return None,
        }
        Some(())
    }
}

/// A run that was made, or is to be made.
struct Trial {
    remedies: Remedies,
    report: Option<Report>,
}

/// What a run came to.
#[derive(Debug, Clone)]
struct Report {
    /// Right answers: a row a task, a column a moment.
    right: Vec<Vec<usize>>,
    held_out: f64,
    answers: Vec<Answer>,
    loss: f32,
    fingerprint: String,
}

fields!(Report: right, held_out, answers, loss, fingerprint);

/// A run under way.
struct Live {
    trial: usize,
    run: Run,
    recipe: Recipe,
    step: usize,
    loss: Option<f32>,
    right: Vec<Vec<usize>>,
    nats: Nats,
}

/// A measurement of held-out text under way: parts read, their nats and tokens.
#[derive(Default)]
struct Nats(usize, f64, usize);

impl Nats {
    /// Reads a part; the loss in nats per token, once all are read.
    fn read(&mut self, base: &Base, lm: CausalLm, tape: &mut Tape) -> Option<f64> {
        let (rows, block_size) = HELD_OUT;
        match surprise(&base.corpus, lm, tape, (self.0, rows, block_size)) {
            Some((nats, n)) => {
                (self.0, self.1, self.2) = (self.0 + 1, self.1 + nats, self.2 + n);
                None
            }
            None => Some(self.1 / self.2 as f64),
        }
    }
}

/// The state machine of the demo.
pub struct Forgetting {
    settings: Settings,
    warnings: Vec<Warning>,
    origin: Origin,
    base: Base,
    medicine: Medicine,
    /// Each with its name, and as rows.
    tasks: Vec<(&'static str, Vec<Question>, Batch)>,
    /// The task of each question that is shown.
    probes: Vec<(usize, Question)>,
    probed: Batch,
    /// What the base answers, and how many of each task.
    before: (Vec<Answer>, Vec<usize>),
    /// The base's held-out loss, once measured.
    held_out: Option<f64>,
    nats: Nats,
    trials: Vec<Trial>,
    hand: usize,
    live: Option<Live>,
    tape: Tape,
}

impl Forgetting {
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
        let medicine = Medicine::new(&base.world, settings.seed);
        let mut all = Vec::new();
        for (name, questions) in tasks(&base, &medicine) {
            let batch = base.answers(&questions.iter().collect::<Vec<_>>());
            all.push((name, questions, batch));
        }
        let paris = |task: usize| all[task].1.iter().position(|question| question.answer == " Paris");
        let mut probes = Vec::new();
        for (task, i) in SHOWN {
            let i = if CAPITALS.contains(&task) { paris(task).unwrap_or(i) } else { i };
            probes.push((task, all[task].1[i].clone()));
        }
        let mut tape = Tape::new();
        let probed = base.answers(&probes.iter().map(|(_, question)| question).collect::<Vec<_>>());
        let right = all.iter().map(|(_, _, batch)| n_right(base.lm(), &mut tape, batch)).collect();
        let mut trials: Vec<Trial> = Vec::new();
        for label in STANDARD {
            let remedies = Remedies::parse(label).expect("one of ours");
            trials.push(Trial { remedies, report: None });
        }
        let remedies = settings.remedies;
        let mut this = Self {
            before: (ask(base.lm(), &mut tape, &probed), right),
            settings,
            warnings,
            origin,
            base,
            medicine,
            tasks: all,
            probes,
            probed,
            held_out: None,
            nats: Nats::default(),
            trials,
            hand: 0,
            live: None,
            tape,
        };
        this.take(remedies);
        this
    }

    /// Makes these remedies those in hand.
    fn take(&mut self, remedies: Remedies) {
        let found = self.trials.iter().position(|trial| trial.remedies == remedies);
        self.hand = found.unwrap_or_else(|| {
            self.trials.push(Trial { remedies, report: None });
            self.trials.len() - 1
        });
    }

    fn recipe(&self, trial: &Trial) -> Recipe {
        trial.remedies.recipe(self.settings.steps)
    }

    /// The run that was begun, else the one in hand, else the first that was not made.
    fn next(&self) -> Option<usize> {
        let is_open = |i: &usize| self.trials[*i].report.is_none();
        let first = (0..self.trials.len()).find(is_open);
        self.live.as_ref().map(|live| live.trial).or(Some(self.hand).filter(is_open)).or(first)
    }

    /// A unit of the run under way: what has to be known before it, all questions of a task, a step, or held-out text.
    fn go_on(&mut self, live: &mut Live) -> (Progress, Option<f64>) {
        let Self { base, tape, tasks, .. } = self;
        if live.run.prepare(base, N_DOCUMENTS) {
            return (Progress::Part, None);
        }
        let n_moments = MOMENTS.iter().filter(|moment| **moment <= live.step).count();
        if MOMENTS.contains(&live.step) || live.step == live.recipe.steps {
            // The end is a moment of its own where it is none of them.
            let n_wanted = n_moments + usize::from(!MOMENTS.contains(&live.step));
            if let Some(task) = live.right.iter().position(|row| row.len() < n_wanted) {
                let right = match live.step {
                    0 => self.before.1[task],
                    _ => n_right(live.run.lm(base), tape, &tasks[task].2),
                };
                live.right[task].push(right);
                return (Progress::Part, None);
            }
        }
        if live.step < live.recipe.steps {
            live.loss = Some(live.run.step(base));
            live.step += 1;
            return (Progress::Step, None);
        }
        (Progress::Part, live.nats.read(base, live.run.lm(base), tape))
    }
}

/// The steps at which a run of so many was looked at.
fn moments(steps: usize) -> Vec<usize> {
    let mut moments: Vec<usize> = MOMENTS.into_iter().filter(|moment| *moment < steps).collect();
    moments.push(steps);
    moments
}

struct Saved {
    origin: Origin,
    seed: u64,
    steps: usize,
    warnings: Vec<Warning>,
    hand: String,
    held_out: Option<f64>,
    trials: Vec<(String, Option<Report>)>,
}

fields!(Saved: origin, seed, steps, warnings, hand, held_out, trials);

/// A command in JSON: `{"type": "remedies", "remedies": "low-rate replay-12"}`.
struct Command(String);

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        if value["type"].as_str() != Some("remedies") {
            wrong.expected("remedies", &value["type"]);
        }
        Self(field(value, "remedies", wrong))
    }
}

impl Widget for Forgetting {
    fn command(&mut self, command: &Value) -> Result<()> {
        let Command(label) = from_json(command)?;
        let remedies =
            Remedies::parse(&label).ok_or_else(|| Error::input("remedies", format!("{label:?}"), ALLOWED))?;
        self.take(remedies);
        Ok(())
    }

    fn step(&mut self) -> Progress {
        if self.held_out.is_none() {
            let lm = CausalLm::new(&self.base.model, &self.base.params);
            self.held_out = self.nats.read(&self.base, lm, &mut self.tape);
            return Progress::Part;
        }
        let Some(i) = self.next() else { return Progress::Done };
        let mut live = match self.live.take() {
            Some(live) => live,
            None => {
                let recipe = self.recipe(&self.trials[i]);
                let run = Run::begin(&self.base, &self.medicine, recipe, self.settings.seed);
                let right = vec![Vec::new(); self.tasks.len()];
                Live { trial: i, run, recipe, step: 0, loss: None, right, nats: Nats::default() }
            }
        };
        let (progress, held_out) = self.go_on(&mut live);
        match held_out {
            Some(held_out) => {
                self.trials[i].report = Some(Report {
                    held_out,
                    answers: ask(live.run.lm(&self.base), &mut self.tape, &self.probed),
                    loss: live.loss.unwrap_or(f32::NAN),
                    fingerprint: live.run.params.fingerprint(),
                    right: live.right,
                });
            }
            None => self.live = Some(live),
        }
        progress
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        let trials = self.trials.iter().map(|trial| (trial.remedies.label(), trial.report.clone()));
        let saved = Saved {
            origin: self.origin,
            seed: self.settings.seed,
            steps: self.settings.steps,
            warnings: self.warnings.clone(),
            hand: self.trials[self.hand].remedies.label(),
            held_out: self.held_out,
            trials: trials.collect(),
        };
        base::snapshot(&self.base, &Params::new(), &saved)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let (base, saved, _): (_, Saved, _) = base::restore(bytes)?;
        let Saved { origin, seed, steps, warnings, hand, held_out, trials } = saved;
        let mut settings = Settings { remedies: Remedies::parse(&hand).ok_or_else(misfit)?, steps, seed };
        settings.set("steps", &steps.to_string()).ok_or_else(misfit)?;
        let hand = settings.remedies;
        let mut this = Self::with_base(origin, base, settings, warnings);
        // In the order in which they were begun.
        this.trials.clear();
        let vocab_size = this.base.tokenizer.vocab_size() as u32;
        for (label, report) in trials {
            let remedies = Remedies::parse(&label).ok_or_else(misfit)?;
            this.take(remedies);
            let i = this.hand;
            let n_moments = moments(this.recipe(&this.trials[i]).steps).len();
            if let Some(report) = &report {
                let is_whole = report.right.len() == this.tasks.len()
                    && report.right.iter().all(|row| row.len() == n_moments)
                    && report.answers.len() == this.probes.len()
                    && report.answers.iter().all(|answer| answer.id < vocab_size);
                if !is_whole {
                    return Err(misfit());
                }
            }
            this.trials[i].report = report;
        }
        this.take(hand);
        this.held_out = held_out;
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
        *self = Self::with_base(origin, base, self.settings.clone(), self.warnings.clone());
        Ok(())
    }
}
