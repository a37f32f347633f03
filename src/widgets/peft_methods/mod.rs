//! `<pretune-peft-methods>`: LoRA, adapters, a prefix, a prompt and full fine-tuning on one base: what each trains, weighs,
//! learns and makes the model forget; then one after another is put on.
//!
//! Each method first teaches the base to tell what it knows, then facts that it cannot know. All small ones stand beside the
//! very same weights. A run that a snapshot finds unfinished begins anew, which takes seconds and gives the same bits. Knows
//! no page and no clock. Start with [`PeftMethods::new`]; the runs are those of
//! [`experiments::peft_methods`](crate::experiments::peft_methods).

mod frame;

use super::attributes::{self, SEED, Warning};
use super::base::{self, Answer, Origin, ask, misfit, n_right, surprise};
use super::{Attributes, Files, Progress, Widget};
use crate::checkpoint::{self, Dtype, Meta};
use crate::data::Batch;
use crate::data::world::Question;
use crate::error::{Error, Result};
use crate::experiments::Base;
use crate::experiments::peft_methods::{FULL_RATE, Facts, NEW_STEPS, Run, STEPS, Task, tuners};
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, from_json, names};
use crate::nn::{CausalLm, Tuner};
use crate::peft::{METHODS, train_only};
use crate::tensor::{ParamId, Params, Tape};
use crate::train::{Learner, OptionInfo};

pub use frame::{Frame, draw};

/// Held-out documents of a unit, and their longest. A prefix needs its own room.
const HELD_OUT_ROWS: usize = 16;
const HELD_OUT_TOKENS: usize = 32;
const MOST_VIRTUAL_TOKENS: usize = 16;
/// In which order the methods are trained: those two first that train equally many numbers, in different places.
const ORDER: [usize; 5] = [0, 2, 1, 3, 4];
/// Questions that are shown: of those that no method trains, new facts, capitals.
const N_PROBES: [usize; 3] = [3, 2, 3];

/// What is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Lora,
    Adapters,
    Prefix,
    Prompt,
    /// All weights, which is nothing to put on.
    Full,
}

names!(Way: Lora = "lora", Adapters = "adapters", Prefix = "prefix", Prompt = "prompt", Full = "full");

impl Way {
    /// The order of [`METHODS`], and then all weights.
    const ALL: [Self; 5] = [Self::Lora, Self::Adapters, Self::Prefix, Self::Prompt, Self::Full];
}

/// The settings of a tag.
pub const OPTIONS: &[OptionInfo] = &[
    OptionInfo {
        name: "steps",
        help: "Steps in which each method tells what is known; new facts take three times as many.",
        allowed: "a number from 1 to 100",
    },
    SEED,
];

/// What an attribute allows, if a value is not allowed.
pub fn reject(name: &str, value: &str) -> Option<&'static str> {
    attributes::reject(OPTIONS, name, value, &mut |name, value| Settings::default().set(name, value))
}

#[derive(Debug, Clone, Copy)]
struct Settings {
    steps: usize,
    seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { steps: STEPS, seed: 0 }
    }
}

impl Settings {
    fn set(&mut self, name: &str, given: &str) -> Option<()> {
        match name {
            "steps" => self.steps = attributes::whole(given, 1, STEPS)?,
            "seed" => self.seed = attributes::seed(given)?,
            _ => return None,
        }
        Some(())
    }

    fn of_task(self, task: Task) -> usize {
        if task == Task::New { self.steps * NEW_STEPS / STEPS } else { self.steps }
    }
}

/// What a method costs, whatever it learns.
#[derive(Debug, Clone)]
struct Price {
    trained: usize,
    optimizer_bytes: usize,
    file_bytes: usize,
}

/// What a run came to.
#[derive(Debug, Clone, Copy)]
struct Report {
    /// Right answers, and capitals that are still known.
    right: usize,
    kept: usize,
    /// Loss on held-out text.
    held_out: f64,
    loss: f32,
}

fields!(Report: right, kept, held_out, loss);

/// A run under way.
struct Live {
    at: usize,
    run: Run,
    /// The weights of full fine-tuning; all other runs train beside the shared ones.
    own: Option<Params>,
    step: usize,
    loss: Option<f32>,
    /// Right answers, and capitals still known, as far as they are counted.
    counted: Vec<usize>,
    nats: Nats,
}

/// A measurement of held-out text under way: parts read, their nats and tokens.
#[derive(Default)]
struct Nats(usize, f64, usize);

impl Nats {
    /// Reads a part; the loss in nats per token, once all are read.
    fn read(&mut self, base: &Base, lm: CausalLm, tape: &mut Tape) -> Option<f64> {
        let room = base.model.config.n_positions.saturating_sub(MOST_VIRTUAL_TOKENS);
        match surprise(&base.corpus, lm, tape, (self.0, HELD_OUT_ROWS, HELD_OUT_TOKENS.min(room))) {
            Some((nats, n)) => {
                (self.0, self.1, self.2) = (self.0 + 1, self.1 + nats, self.2 + n);
                None
            }
            None => Some(self.1 / self.2 as f64),
        }
    }
}

/// What the base knows, once and for all.
struct Before {
    answers: Vec<Answer>,
    /// Right answers by task, and capitals.
    right: [usize; 2],
    kept: usize,
    fingerprint: String,
}

/// The state machine of the demo.
pub struct PeftMethods {
    settings: Settings,
    warnings: Vec<Warning>,
    origin: Origin,
    base: Base,
    facts: Facts,
    /// The base's weights, with the tensors of all tuners beside them.
    shared: Params,
    tuners: [Vec<Box<dyn Tuner>>; 2],
    prices: Vec<Price>,
    /// What scores are over, by task; capitals; what is shown.
    asked: [Batch; 2],
    capitals: Batch,
    probes: Vec<(&'static str, Question)>,
    probed: Batch,
    before: Before,
    held_out: Option<f64>,
    nats: Nats,
    /// First those of the one task, then those of the other, in the order of [`Way::ALL`].
    reports: Vec<Option<Report>>,
    live: Option<Live>,
    /// What is on, and for which task.
    on: Option<usize>,
    task: Task,
    /// How often something else was put on, and the base's fingerprint since.
    n_switched: usize,
    after: Option<String>,
    fingerprint: Option<String>,
    tape: Tape,
}

/// The place of a task, and that of a way.
fn places(at: usize) -> (usize, usize) {
    (at / Way::ALL.len(), at % Way::ALL.len())
}

impl PeftMethods {
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
        let facts = Facts::new(&base, settings.seed);
        let capitals = base.world.capital_questions();
        let mut probes = Vec::new();
        let shown = [
            ("known", facts.asked(Task::Known)),
            ("new", facts.asked(Task::New)),
            // Of countries that are not at the beginning of every list.
            ("capitals", &capitals[16..]),
        ];
        for ((group, questions), n) in shown.into_iter().zip(N_PROBES) {
            probes.extend(questions.iter().take(n).map(|question| (group, question.clone())));
        }
        let batch = |questions: &[Question]| base.answers(&questions.iter().collect::<Vec<_>>());
        let asked = Task::ALL.map(|task| batch(facts.asked(task)));
        let (capitals, probed) = (
            batch(&capitals),
            base.answers(&probes.iter().map(|(_, question)| question).collect::<Vec<_>>()),
        );
        let mut tape = Tape::new();
        let mut shared = base.params.clone();
        let tuners = tuners(&base, &mut shared, settings.seed);
        let before = Before {
            answers: ask(base.lm(), &mut tape, &probed),
            right: [0, 1].map(|task| n_right(base.lm(), &mut tape, &asked[task])),
            kept: n_right(base.lm(), &mut tape, &capitals),
            fingerprint: base.params.fingerprint(),
        };
        let mut prices = Vec::new();
        for tuner in &tuners[0] {
            prices.push(price(&mut shared, &tuner.tensors()));
        }
        let all: Vec<ParamId> = base.params.ids().collect();
        prices.push(price(&mut shared, &all));
        Self {
            reports: vec![None; 2 * Way::ALL.len()],
            settings,
            warnings,
            origin,
            base,
            facts,
            shared,
            tuners,
            prices,
            asked,
            capitals,
            probes,
            probed,
            before,
            held_out: None,
            nats: Nats::default(),
            live: None,
            on: Some(0),
            task: Task::Known,
            n_switched: 0,
            after: None,
            fingerprint: None,
            tape,
        }
    }

    /// Makes a run the one under way.
    fn begin(&mut self, at: usize) -> Live {
        let (task, way) = places(at);
        let task_of = Task::ALL[task];
        let own = (Way::ALL[way] == Way::Full).then(|| self.base.params.clone());
        let (params, rate) = match &own {
            Some(own) => (own, FULL_RATE),
            None => {
                train_only(&mut self.shared, &self.tuners[task][way].tensors());
                (&self.shared, METHODS[way].learning_rate)
            }
        };
        let run = Run::new(params, task_of, rate, self.settings.seed);
        Live { at, run, own, step: 0, loss: None, counted: Vec::new(), nats: Nats::default() }
    }

    /// A unit of the run under way: a step, all questions, or held-out text. What it came to, after the last.
    fn go_on(&mut self, live: &mut Live) -> (Progress, Option<Report>) {
        let Self { base, shared, tuners, tape, .. } = self;
        let (task, way) = places(live.at);
        let tuner = tuners[task].get(way).map(|tuner| &**tuner);
        if live.step < self.settings.of_task(Task::ALL[task]) {
            let params = live.own.as_mut().unwrap_or(shared);
            live.loss = Some(live.run.step(base, &self.facts, params, tuner));
            live.step += 1;
            return (Progress::Step, None);
        }
        let params = live.own.as_ref().unwrap_or(shared);
        let lm = CausalLm { model: &base.model, params, tuner };
        let [right, kept] = live.counted[..] else {
            let questions = if live.counted.is_empty() { &self.asked[task] } else { &self.capitals };
            live.counted.push(n_right(lm, tape, questions));
            return (Progress::Part, None);
        };
        let held_out = live.nats.read(base, lm, tape);
        let loss = live.loss.unwrap_or(f32::NAN);
        (Progress::Part, held_out.map(|held_out| Report { right, kept, held_out, loss }))
    }

    /// What is on, if it is trained: its place among the runs.
    fn worn(&self) -> Option<usize> {
        let task = usize::from(self.task == Task::New);
        self.on.map(|way| task * Way::ALL.len() + way).filter(|at| self.reports[*at].is_some())
    }

    /// Looks at the base's weights after something was put on and used.
    fn look_at_base(&mut self) {
        let ids: Vec<ParamId> = self.base.params.ids().collect();
        self.after = Some(self.shared.subset(&ids).fingerprint());
    }

    fn end(&mut self) {
        self.fingerprint = Some(self.shared.fingerprint());
        self.look_at_base();
    }
}

/// What it takes to train these tensors.
fn price(params: &mut Params, tensors: &[ParamId]) -> Price {
    train_only(params, tensors);
    Price {
        trained: params.n_trained(),
        optimizer_bytes: Learner::new(params).optimizer.state_bytes(),
        file_bytes: checkpoint::write(&params.subset(tensors), &Meta::new(), Dtype::F32).len(),
    }
}

struct Saved {
    origin: Origin,
    steps: usize,
    seed: u64,
    warnings: Vec<Warning>,
    held_out: Option<f64>,
    reports: Vec<Option<Report>>,
    on: Option<usize>,
    task: Task,
    n_switched: usize,
}

fields!(Saved: origin, steps, seed, warnings, held_out, reports, on, task, n_switched);

/// A command; in JSON `{"type": "adapter", "way": "lora"}` or `{"type": "task", "task": "new"}`.
enum Command {
    /// Puts something on, or takes it off.
    Adapter { way: Option<Way> },
    /// For which task it is.
    Task { task: Task },
}

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value["type"].as_str() {
            Some("adapter") => Self::Adapter { way: field(value, "way", wrong) },
            Some("task") => Self::Task { task: field(value, "task", wrong) },
            _ => {
                wrong.expected("adapter or task", &value["type"]);
                Self::Adapter { way: None }
            }
        }
    }
}

impl Widget for PeftMethods {
    fn command(&mut self, command: &Value) -> Result<()> {
        match from_json(command)? {
            Command::Adapter { way: Some(Way::Full) } => {
                let given = "all weights, which are no adapter";
                return Err(Error::input("adapter", given, "lora, adapters, prefix, prompt or null"));
            }
            Command::Adapter { way } => {
                self.on = way.and_then(|way| Way::ALL.iter().position(|other| *other == way));
            }
            Command::Task { task } => self.task = task,
        }
        if self.worn().is_some() {
            self.n_switched += 1;
        }
        self.look_at_base();
        Ok(())
    }

    fn step(&mut self) -> Progress {
        if self.held_out.is_none() {
            let lm = CausalLm::new(&self.base.model, &self.base.params);
            self.held_out = self.nats.read(&self.base, lm, &mut self.tape);
            return Progress::Part;
        }
        let of_task = |task: usize| ORDER.map(|way| task * Way::ALL.len() + way);
        let mut order = [0, 1].into_iter().flat_map(of_task);
        let Some(at) = order.find(|at| self.reports[*at].is_none()) else { return Progress::Done };
        let Some(mut live) = self.live.take() else {
            self.live = Some(self.begin(at));
            return Progress::Part;
        };
        let (progress, report) = self.go_on(&mut live);
        match report {
            Some(report) => {
                self.reports[at] = Some(report);
                if self.reports.iter().all(Option::is_some) {
                    self.end();
                }
            }
            None => self.live = Some(live),
        }
        progress
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        let mut tensors = Params::new();
        for at in (0..self.reports.len()).filter(|at| self.reports[*at].is_some()) {
            let (task, way) = places(at);
            for id in self.tuners[task].get(way).map(|tuner| tuner.tensors()).unwrap_or_default() {
                tensors.add_values(self.shared.name(id), self.shared.shape(id), self.shared.value(id));
            }
        }
        let saved = Saved {
            origin: self.origin,
            steps: self.settings.steps,
            seed: self.settings.seed,
            warnings: self.warnings.clone(),
            held_out: self.held_out,
            reports: self.reports.clone(),
            on: self.on,
            task: self.task,
            n_switched: self.n_switched,
        };
        base::snapshot(&self.base, &tensors, &saved)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let (base, saved, tensors): (_, Saved, _) = base::restore(bytes)?;
        let mut settings = Settings { seed: saved.seed, ..Settings::default() };
        settings.set("steps", &saved.steps.to_string()).ok_or_else(misfit)?;
        let mut this = Self::with_base(saved.origin, base, settings, saved.warnings);
        if saved.reports.len() != this.reports.len() || saved.on.is_some_and(|on| on >= METHODS.len()) {
            return Err(misfit());
        }
        for (at, _) in saved.reports.iter().enumerate().filter(|(_, report)| report.is_some()) {
            let (task, way) = places(at);
            for id in this.tuners[task].get(way).map(|tuner| tuner.tensors()).unwrap_or_default() {
                let stored = tensors.expect(this.shared.name(id), this.shared.shape(id));
                let values = tensors.value(stored.map_err(|_| misfit())?);
                this.shared.value_mut(id).copy_from_slice(values);
            }
        }
        (this.held_out, this.reports) = (saved.held_out, saved.reports);
        (this.on, this.task, this.n_switched) = (saved.on, saved.task, saved.n_switched);
        if this.reports.iter().all(Option::is_some) {
            this.end();
        } else if this.n_switched > 0 {
            this.look_at_base();
        }
        *self = this;
        Ok(())
    }

    /// A comparison has no model of its own to give away.
    fn files(&mut self) -> Result<Files> {
        Err(Error::input(
            "export",
            "this figure compares methods",
            "the figure of LoRA, which exports adapters",
        ))
    }

    /// Another base.
    fn open(&mut self, files: &Files) -> Result<()> {
        let (origin, base) = base::import(files)?;
        *self = Self::with_base(origin, base, self.settings, self.warnings.clone());
        Ok(())
    }
}
