//! `<pretune-finetuning-types>`: six types of fine-tuning of one base, the data of each, and what the model answers before and
//! after.
//!
//! The type in hand goes first, then the others; results stay. A run that a snapshot finds unfinished begins anew, which
//! takes seconds and gives the same bits. Knows no page and no clock. Start with [`FinetuningTypes::new`].

mod frame;
mod lessons;
mod run;

use super::attributes::{self, SEED, Warning};
use super::base::{self, Origin, misfit};
use super::{Attributes, Files, Progress, Widget};
use crate::data::world::Question;
use crate::error::{Error, Result};
use crate::experiments::transfer_depth::{Continuing, Domain};
use crate::experiments::{Base, sentiment};
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, from_json, names};
use crate::nn::CausalLm;
use crate::tensor::{Params, Tape};
use crate::train::{Examples, OptionInfo};

pub use frame::{Frame, draw};
use lessons::Lessons;
use run::{Comparisons, Exam, N_COMPARISONS, Run, Score, answer, held_out_notes, probes};

const TAG: &str = "pretune-finetuning-types";
/// Examples that are shown.
const N_SHOWN: usize = 2;
const ALLOWED: &str = "task-specific, instruction, dialogue, rlhf, domain or multi-task";

/// A type of fine-tuning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One thing: is a review good or bad?
    Task,
    /// Requests of several kinds.
    Instruction,
    /// Conversations.
    Dialogue,
    /// What people prefer.
    Alignment,
    /// The texts of a field.
    Domain,
    /// The first three at once.
    MultiTask,
}

names!(
    Kind: Task = "task-specific",
    Instruction = "instruction",
    Dialogue = "dialogue",
    Alignment = "rlhf",
    Domain = "domain",
    MultiTask = "multi-task",
);

impl Kind {
    /// In the order of the lesson's table.
    pub const ALL: [Self; 6] =
        [Self::Task, Self::Instruction, Self::Dialogue, Self::Alignment, Self::Domain, Self::MultiTask];

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The settings of a tag.
pub const OPTIONS: &[OptionInfo] =
    &[SEED, OptionInfo { name: "type", help: "The type that is trained first.", allowed: ALLOWED }];

/// What an attribute allows, if a value is not allowed.
pub fn reject(name: &str, value: &str) -> Option<&'static str> {
    attributes::reject(OPTIONS, name, value, &mut |name, value| set(&mut (Kind::Instruction, 0), name, value))
}

/// Sets the type in hand or the seed.
fn set(settings: &mut (Kind, u64), name: &str, given: &str) -> Option<()> {
    match name {
        "type" => settings.0 = Kind::parse(given)?,
        "seed" => settings.1 = attributes::seed(given)?,
        _ => return None,
    }
    Some(())
}

/// What a model said to what is shown, and whether it was right.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub text: String,
    pub right: bool,
}

fields!(Reply: text, right);

/// What a run came to.
#[derive(Debug, Clone)]
struct Report {
    before: Score,
    after: Score,
    replies: Vec<Reply>,
    loss: f32,
    fingerprint: String,
}

fields!(Report: before, after, replies, loss, fingerprint);

/// A run under way: the exam of the base, the steps, the exam of what was tuned.
struct Live {
    kind: Kind,
    exam: Exam,
    before: Option<Score>,
    run: Option<Run>,
}

/// The state machine of the demo.
pub struct FinetuningTypes {
    hand: Kind,
    seed: u64,
    warnings: Vec<Warning>,
    origin: Origin,
    base: Base,
    lessons: Lessons,
    /// The reviews of the one task, as its experiment has them.
    labeled: Vec<Question>,
    /// Held-out texts of the domain, and some that are learned from.
    notes: Examples,
    learned_notes: Vec<Vec<u32>>,
    comparisons: Comparisons,
    reports: [Option<Report>; 6],
    /// What the base says to what is shown, once it was asked.
    before: [Option<Vec<Reply>>; 6],
    live: Option<Live>,
    tape: Tape,
}

impl FinetuningTypes {
    /// The demo of a tag's attributes. `model` is the shipped checkpoint, or a snapshot of the reader's own model.
    ///
    /// # Errors
    ///
    /// If `model` cannot be read, or has not read the world.
    pub fn new(attributes: &Attributes, model: Option<&[u8]>) -> Result<Self> {
        let (origin, base) = base::open(model)?;
        let mut settings = (Kind::Instruction, 0);
        let warnings =
            attributes::read(attributes, OPTIONS, &mut |name, given| set(&mut settings, name, given));
        Ok(Self::with_base(origin, base, settings, warnings))
    }

    fn with_base(origin: Origin, base: Base, (hand, seed): (Kind, u64), warnings: Vec<Warning>) -> Self {
        let [labeled, _] = sentiment::reviews(seed);
        let notes = held_out_notes(&base, seed);
        let mut learned_notes = Continuing::new(&base, Domain::Far, &notes, seed).texts;
        learned_notes.truncate(N_SHOWN);
        Self {
            hand,
            seed,
            warnings,
            origin,
            lessons: Lessons::new(&base, seed),
            labeled,
            notes,
            learned_notes,
            base,
            comparisons: Comparisons::new(seed),
            reports: Default::default(),
            before: Default::default(),
            live: None,
            tape: Tape::new(),
        }
    }

    /// The run that was begun, else the type in hand, else the first that was not trained.
    fn next(&self) -> Option<Kind> {
        let is_open = |kind: &Kind| self.reports[*kind as usize].is_none();
        let first = Kind::ALL.into_iter().find(is_open);
        self.live.as_ref().map(|live| live.kind).or(Some(self.hand).filter(is_open)).or(first)
    }

    /// What a model says to what is shown of a type; the base where there is none.
    fn replies(&mut self, kind: Kind, params: Option<&Params>) -> Vec<Reply> {
        let Self { base, lessons, notes, tape, .. } = self;
        let lm = CausalLm::new(&base.model, params.unwrap_or(&base.params));
        let mut replies = Vec::new();
        for (i, probe) in probes(kind, base, lessons, notes).iter().enumerate() {
            let (text, right) = answer(kind, base, lm, tape, (i, probe));
            replies.push(Reply { text, right });
        }
        replies
    }

    /// A unit of a run; what it came to after the last one.
    fn go_on(&mut self, live: &mut Live) -> (Progress, Option<Report>) {
        let Self { base, lessons, labeled, notes, comparisons, tape, .. } = self;
        let Live { kind, exam, before, run } = live;
        let data = (&*lessons, &*notes);
        if before.is_none() {
            *before = exam.go_on(*kind, base, data, base.lm(), tape);
            return (Progress::Part, None);
        }
        let Some(run) = run else {
            if *kind == Kind::Alignment && comparisons.pairs.len() < N_COMPARISONS {
                comparisons.more(base, tape);
            } else {
                *exam = Exam::new();
                *run = Some(Run::new(*kind, base, comparisons, notes, self.seed));
            }
            return (Progress::Part, None);
        };
        if !run.is_done() {
            run.step(base, lessons, labeled);
            return (Progress::Step, None);
        }
        let lm = CausalLm::new(&base.model, run.params());
        let Some(after) = exam.go_on(*kind, base, data, lm, tape) else { return (Progress::Part, None) };
        let report = Report {
            before: before.take().unwrap_or_default(),
            after,
            replies: self.replies(*kind, Some(run.params())),
            loss: run.loss.unwrap_or(f32::NAN),
            fingerprint: run.params().fingerprint(),
        };
        (Progress::Part, Some(report))
    }
}

struct Saved {
    origin: Origin,
    hand: Kind,
    seed: u64,
    warnings: Vec<Warning>,
    reports: Vec<Option<Report>>,
}

fields!(Saved: origin, hand, seed, warnings, reports);

/// A command in JSON: `{"type": "kind", "kind": "dialogue"}`.
struct Command(Kind);

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        if value["type"].as_str() != Some("kind") {
            wrong.expected("kind", &value["type"]);
        }
        Self(field(value, "kind", wrong))
    }
}

impl Widget for FinetuningTypes {
    fn command(&mut self, command: &Value) -> Result<()> {
        let Command(kind) = from_json(command)?;
        self.hand = kind;
        Ok(())
    }

    fn step(&mut self) -> Progress {
        let Some(kind) = self.next() else { return Progress::Done };
        let begin = || Live { kind, exam: Exam::new(), before: None, run: None };
        let mut live = self.live.take().unwrap_or_else(begin);
        let (progress, report) = self.go_on(&mut live);
        match report {
            Some(report) => self.reports[kind as usize] = Some(report),
            None => self.live = Some(live),
        }
        progress
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        let Self { origin, hand, seed, .. } = *self;
        let reports = self.reports.to_vec();
        let saved = Saved { origin, hand, seed, warnings: self.warnings.clone(), reports };
        base::snapshot(&self.base, &Params::new(), &saved)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let (base, saved, _): (_, Saved, _) = base::restore(bytes)?;
        let Saved { origin, hand, seed, warnings, reports } = saved;
        let reports: [Option<Report>; 6] = reports.try_into().map_err(|_| misfit())?;
        let mut this = Self::with_base(origin, base, (hand, seed), warnings);
        for (kind, report) in Kind::ALL.into_iter().zip(&reports) {
            let n = probes(kind, &this.base, &this.lessons, &this.notes).len();
            let is_whole = |score: &Score| score.nats.is_some() || score.right.len() == score.asked.len();
            let fits = |report: &Report| {
                report.replies.len() == n && is_whole(&report.before) && is_whole(&report.after)
            };
            if !report.as_ref().is_none_or(fits) {
                return Err(misfit());
            }
        }
        this.reports = reports;
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
