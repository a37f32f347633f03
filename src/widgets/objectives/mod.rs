//! `<pretune-objectives>`: one sentence, five objectives of pre-training, a small model for each, and what it can then do.
//!
//! The objective in hand is trained first, then the others; one that a reader leaves half trained waits. A run that a
//! snapshot finds unfinished begins anew, which takes seconds and gives the same bits. Knows no page and no clock. Start with
//! [`Objectives::new`]; the runs are those of [`experiments::objectives`](crate::experiments::objectives) and
//! [`experiments::contrastive`](crate::experiments::contrastive).

mod exercise;
mod frame;
mod model;

use super::attributes::{self, SEED, Warning};
use super::slots;
use super::{Attributes, Files, Progress, Widget};
use crate::data::SmallWorld;
use crate::data::Statement;
use crate::data::pictures::Pictures;
use crate::error::{Error, Result};
use crate::experiments::objectives::STEPS;
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, from_json, names};
use crate::tensor::Params;
use crate::train::OptionInfo;

use exercise::Hidden;
pub use frame::{Frame, draw};
use model::{Model, Report};

const TAG: &str = "pretune-objectives";
/// Sentences that a reader can choose from; none of them is learned from.
const N_SENTENCES: usize = 6;
/// The one at first: three sentences, whose order a model can find out.
const SENTENCE: usize = 3;
/// Choices of pictures, after which the first comes again.
const N_CHOICES_OF_PICTURES: usize = 1000;
const ALLOWED: &str = "causal-lm, masked-lm, span-corruption, denoising or contrastive";

/// An objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// The next word.
    CausalLm,
    /// Hidden words.
    MaskedLm,
    /// Missing spans.
    SpanCorruption,
    /// A damaged text.
    Denoising,
    /// Pictures and captions.
    Contrastive,
}

names!(
    Goal: CausalLm = "causal-lm",
    MaskedLm = "masked-lm",
    SpanCorruption = "span-corruption",
    Denoising = "denoising",
    Contrastive = "contrastive",
);

impl Goal {
    /// In the order of the lesson's table.
    pub const ALL: [Self; 5] =
        [Self::CausalLm, Self::MaskedLm, Self::SpanCorruption, Self::Denoising, Self::Contrastive];

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|goal| goal.name() == name)
    }
}

/// The settings of a tag.
pub const OPTIONS: &[OptionInfo] = &[
    OptionInfo { name: "objective", help: "The objective that is trained first.", allowed: ALLOWED },
    SEED,
    OptionInfo { name: "steps", help: "Steps of each run.", allowed: "a number from 1 to 500" },
];

/// What an attribute allows, if a value is not allowed.
pub fn reject(name: &str, value: &str) -> Option<&'static str> {
    attributes::reject(OPTIONS, name, value, &mut |name, value| Settings::default().set(name, value))
}

#[derive(Debug, Clone)]
struct Settings {
    objective: Goal,
    seed: u64,
    steps: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { objective: Goal::MaskedLm, seed: 0, steps: STEPS }
    }
}

impl Settings {
    fn set(&mut self, name: &str, given: &str) -> Option<()> {
        match name {
            "objective" => self.objective = Goal::parse(given)?,
            "seed" => self.seed = attributes::seed(given)?,
            "steps" => self.steps = attributes::whole(given, 1, STEPS)?,
            _ => return None,
        }
        Some(())
    }
}

/// The state machine of the demo.
pub struct Objectives {
    settings: Settings,
    warnings: Vec<Warning>,
    world: SmallWorld,
    pictures: Pictures,
    /// Held-out statements, the one in hand, and what is hidden of it.
    sentences: Vec<Statement>,
    sentence: usize,
    hidden: Hidden,
    /// Which choice of pictures is shown.
    choice: usize,
    /// By their places in [`Goal::ALL`]; none before it has begun.
    models: [Option<Model>; 5],
    /// The one that learned last.
    live: Option<usize>,
}

impl Objectives {
    /// The demo of a tag's attributes.
    pub fn new(attributes: &Attributes) -> Self {
        let mut settings = Settings::default();
        let warnings = attributes::read(attributes, OPTIONS, &mut |name, given| settings.set(name, given));
        Self::with_settings(settings, warnings)
    }

    fn with_settings(settings: Settings, warnings: Vec<Warning>) -> Self {
        let world = SmallWorld::new(settings.seed);
        let held_out = world.held_out();
        let at = |i: usize| held_out[i * held_out.len() / N_SENTENCES].clone();
        let sentences: Vec<Statement> = (0..N_SENTENCES).map(at).collect();
        Self {
            pictures: Pictures::new(settings.seed),
            settings,
            warnings,
            world,
            hidden: Hidden::new(&sentences[SENTENCE]),
            sentences,
            sentence: SENTENCE,
            choice: 0,
            models: Default::default(),
            live: None,
        }
    }

    /// The model in hand unless it is trained, else the first that is not, begun ones before others.
    fn next(&self) -> Option<usize> {
        let is_open = |i: &usize| self.report(*i).is_none();
        let hand = self.settings.objective as usize;
        let begun = (0..Goal::ALL.len()).find(|i| self.models[*i].is_some() && is_open(i));
        Some(hand).filter(is_open).or(begun).or_else(|| (0..Goal::ALL.len()).find(is_open))
    }

    fn report(&self, i: usize) -> Option<&Report> {
        self.models[i].as_ref()?.report.as_ref()
    }
}

struct Saved {
    objective: Goal,
    seed: u64,
    steps: usize,
    warnings: Vec<Warning>,
    sentence: usize,
    hidden: Hidden,
    choice: usize,
    reports: Vec<Option<Report>>,
}

fields!(Saved: objective, seed, steps, warnings, sentence, hidden, choice, reports);

/// A command; in JSON `{"type": "objective", "objective": "denoising"}` and so on, in snake case.
enum Command {
    /// Another objective in hand.
    Objective(Goal),
    /// Another sentence, by its place.
    Sentence(usize),
    /// A word of the sentence is hidden, or what is hidden begins with it.
    Press(usize),
    /// Other pictures.
    Pictures,
}

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value["type"].as_str() {
            Some("objective") => Self::Objective(field(value, "objective", wrong)),
            Some("sentence") => Self::Sentence(field(value, "sentence", wrong)),
            Some("press") => Self::Press(field(value, "word", wrong)),
            Some("pictures") => Self::Pictures,
            _ => {
                wrong.expected("objective, sentence, press or pictures", &value["type"]);
                Self::Pictures
            }
        }
    }
}

impl Widget for Objectives {
    fn command(&mut self, command: &Value) -> Result<()> {
        match from_json(command)? {
            Command::Objective(goal) => self.settings.objective = goal,
            Command::Sentence(i) => {
                let sentence = self.sentences.get(i).ok_or_else(|| {
                    Error::input("sentence", i.to_string(), format!("a number below {N_SENTENCES}"))
                })?;
                (self.sentence, self.hidden) = (i, Hidden::new(sentence));
            }
            Command::Press(word) => {
                let n = self.sentences[self.sentence].tokens.len();
                if word >= n {
                    return Err(Error::input("word", word.to_string(), format!("a number below {n}")));
                }
                self.hidden.press(self.settings.objective, word);
            }
            Command::Pictures => self.choice = (self.choice + 1) % N_CHOICES_OF_PICTURES,
        }
        Ok(())
    }

    fn step(&mut self) -> Progress {
        let Some(i) = self.next() else { return Progress::Done };
        self.live = Some(i);
        match &mut self.models[i] {
            Some(model) => model.go_on(self.settings.steps),
            begins => {
                *begins = Some(Model::new(Goal::ALL[i], self.settings.seed));
                Progress::Part
            }
        }
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        let Settings { objective, seed, steps } = self.settings;
        let mut tensors = Params::new();
        for (i, model) in self.models.iter().enumerate() {
            let Some(model) = model.as_ref().filter(|model| model.report.is_some()) else { continue };
            let params = model.params();
            for id in params.ids() {
                tensors.add_values(&format!("{i}.{}", params.name(id)), params.shape(id), params.value(id));
            }
        }
        let saved = Saved {
            objective,
            seed,
            steps,
            warnings: self.warnings.clone(),
            sentence: self.sentence,
            hidden: self.hidden.clone(),
            choice: self.choice,
            reports: (0..Goal::ALL.len()).map(|i| self.report(i).cloned()).collect(),
        };
        slots::write(TAG, &saved.to_json(), &tensors)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let misfit =
            || Error::input("snapshot", "parts that do not fit each other", "a snapshot of this figure");
        let (saved, tensors): (Saved, _) = slots::read(TAG, bytes)?;
        let Saved { objective, seed, steps, warnings, sentence, hidden, choice, reports } = saved;
        let mut settings = Settings { objective, seed, steps };
        settings.set("steps", &steps.to_string()).ok_or_else(misfit)?;
        let mut this = Self::with_settings(settings, warnings);
        let n = this.sentences.get(sentence).ok_or_else(misfit)?.tokens.len();
        let is_word = |word: &usize| *word < n;
        let are_words = hidden.words.iter().all(is_word) && hidden.from.iter().all(is_word);
        let is_whole = !hidden.words.is_empty() && hidden.from.len() + 1 == Goal::ALL.len();
        if !are_words || !is_whole || choice >= N_CHOICES_OF_PICTURES || reports.len() != Goal::ALL.len() {
            return Err(misfit());
        }
        for (i, report) in reports.into_iter().enumerate() {
            let Some(report) = report else { continue };
            let mut model = Model::new(Goal::ALL[i], seed);
            let params = slots::values(&tensors, i, model.params()).ok_or_else(misfit)?;
            model.restore(params, report, steps).ok_or_else(misfit)?;
            this.models[i] = Some(model);
        }
        (this.sentence, this.hidden, this.choice) = (sentence, hidden, choice);
        *self = this;
        Ok(())
    }

    /// They read in two directions, or look at pictures: no folder of Hugging Face's GPT-2 says so.
    fn files(&mut self) -> Result<Files> {
        Err(Error::input("export", "models that only this figure can use", "another figure's model"))
    }

    fn open(&mut self, _: &Files) -> Result<()> {
        Err(Error::input("import", "a folder", "no folder: this figure trains its own models"))
    }
}
