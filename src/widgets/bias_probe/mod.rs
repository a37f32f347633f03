//! `<pretune-bias-probe>`: a text with a skew that the reader chooses, a model that takes it over, and two ways to take
//! it out again.
//!
//! The experiment of the name `bias`, with the reader's skew. Knows no page and no clock. Start with [`BiasProbe::new`].

mod frame;

use super::attributes::{FromAttributes, Warning, number, option, seed, whole};
use super::base::misfit;
use super::slots::{self, Saved, Slot, Tuning, pass};
use super::{Attributes, Files, Progress, Widget};
use crate::data::Corpus;
use crate::data::world::{Pronouns, count_pronouns};
use crate::error::Result;
use crate::experiments::bias::{
    Augmentation, BiasedText, DEBIAS_RATE, DEBIAS_STEPS, N_TRAIN, Probe, debias_step, options,
};
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, from_json, names, shortest};
use crate::nn::{CausalLm, Gpt2};
use crate::rng::Rng;
use crate::tensor::Tape;
use crate::train::{OptionInfo, Options, Pretrainer};

pub use frame::draw;

const TAG: &str = "pretune-bias-probe";
/// The models, in the order in which they are trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Model {
    /// Has read the text.
    Biased,
    /// … and then a copy in which pronouns are exchanged in sentences about professions.
    Targeted,
    /// … in all sentences.
    Naive,
}

names!(Model: Biased = "biased", Targeted = "targeted", Naive = "naive");

const MODELS: [Model; 3] = [Model::Biased, Model::Targeted, Model::Naive];

/// What a tag, or the reader, decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    skew: f64,
    steps: usize,
    seed: u64,
}

impl FromAttributes for Settings {
    const ALL: &[OptionInfo] = &[
        option(
            "skew",
            "Share of sentences about a profession that have its usual pronoun.",
            "a number from 0.5 to 0.99",
        ),
        option("steps", "Steps of pre-training.", "a number from 1 to 2000"),
        option("seed", "Decides the text and the weights.", "a number from 0 to 9007199254740991"),
    ];

    fn set(&mut self, name: &str, given: &str) -> Option<()> {
        match name {
            "skew" => self.skew = number(given, 0.5, 0.99)?,
            "steps" => self.steps = whole(given, 1, 2000)?,
            "seed" => self.seed = seed(given)?,
            _ => return None,
        }
        Some(())
    }
}

impl Settings {
    fn config(&self) -> Attributes {
        let mut config = Attributes::new();
        for (name, value) in [
            ("skew", shortest(self.skew)),
            ("steps", self.steps.to_string()),
            ("seed", self.seed.to_string()),
        ] {
            config.insert(name.to_owned(), value);
        }
        config
    }

    fn options(&self) -> Options {
        Options { max_iters: self.steps, ..options(self.seed) }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { skew: 0.9, steps: options(0).max_iters, seed: 0 }
    }
}

/// A run that has not begun.
fn fresh(settings: &Settings, text: &BiasedText) -> Pretrainer {
    Pretrainer::random(&settings.options(), text.tokenizer.vocab_size(), text.tokenizer.eos())
}

enum Command {
    Reset,
    View { model: Model },
    Configure { attributes: Attributes },
}

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value["type"].as_str() {
            Some("view") => Self::View { model: field(value, "model", wrong) },
            Some("configure") => Self::Configure { attributes: field(value, "attributes", wrong) },
            Some("reset") => Self::Reset,
            _ => {
                wrong.expected("view, configure or reset", &value["type"]);
                Self::Reset
            }
        }
    }
}

/// The state machine of the demo.
pub struct BiasProbe {
    settings: Settings,
    warnings: Vec<Warning>,
    text: BiasedText,
    gpt2: Gpt2,
    pronouns: Vec<Pronouns>,
    /// The text that the model in training reads instead, if it is one of the latter two.
    augmented: Option<(Model, Corpus)>,
    slots: Vec<Slot>,
    tape: Tape,
    loss: Option<f32>,
    view: Model,
    fingerprint: Option<String>,
}

impl BiasProbe {
    /// The demo of a tag's attributes.
    pub fn new(attributes: &Attributes) -> Self {
        let (settings, warnings) = Settings::read(attributes);
        Self::with(settings, warnings)
    }

    fn with(settings: Settings, warnings: Vec<Warning>) -> Self {
        let text = BiasedText::new(settings.skew, N_TRAIN, settings.seed);
        Self {
            gpt2: fresh(&settings, &text).model,
            pronouns: count_pronouns(&text.sentences),
            text,
            settings,
            warnings,
            augmented: None,
            slots: MODELS.map(|_| Slot::Waiting).into(),
            tape: Tape::new(),
            loss: None,
            view: Model::Biased,
            fingerprint: None,
        }
    }

    /// The model that is trained next.
    fn next(&self) -> Option<Model> {
        MODELS.into_iter().find(|model| self.slots[*model as usize].trained().is_none())
    }

    fn steps_of(&self, model: Model) -> usize {
        if model == Model::Biased { self.settings.steps } else { DEBIAS_STEPS }
    }

    fn begin(&mut self, model: Model) {
        self.slots[model as usize] = match self.slots[0].trained() {
            Some(params) => {
                let rng = Rng::stream(self.settings.seed, "bias: fine-tuning");
                Slot::Tuning(Box::new(Tuning::new(params, rng)))
            }
            None => Slot::Pretraining(Box::new(fresh(&self.settings, &self.text))),
        };
    }

    /// One step of fine-tuning, or the text for it.
    fn debias(&mut self, model: Model) -> Option<f32> {
        let augmented = match self.augmented.take() {
            Some((of, augmented)) if of == model => augmented,
            _ => {
                let naive = model == Model::Naive;
                let which = if naive { Augmentation::Everything } else { Augmentation::Professions };
                self.augmented = Some((model, self.text.augmented(which)));
                return None;
            }
        };
        let Slot::Tuning(tuning) = &mut self.slots[model as usize] else { unreachable!("it was begun") };
        let Tuning { params, learner, rng, step } = &mut **tuning;
        let loss = debias_step(learner, &self.gpt2, params, &augmented, DEBIAS_RATE, rng);
        *step += 1;
        self.augmented = Some((model, augmented));
        Some(loss)
    }

    fn probe(&mut self, model: Model) -> Option<Probe> {
        let params = self.slots[model as usize].params()?;
        Some(Probe::new(CausalLm::new(&self.gpt2, params), &mut self.tape, &self.text.tokenizer))
    }
}

struct SavedProbe {
    settings: Attributes,
    warnings: Vec<Warning>,
    slots: Vec<Saved>,
    loss: Option<f32>,
    view: Model,
    fingerprint: Option<String>,
}

fields!(SavedProbe: settings, warnings, slots, loss, view, fingerprint);

impl Widget for BiasProbe {
    fn command(&mut self, command: &Value) -> Result<()> {
        match from_json(command)? {
            Command::View { model } => self.view = model,
            Command::Reset => *self = Self::with(self.settings.clone(), self.warnings.clone()),
            Command::Configure { attributes } => {
                let (settings, warnings) = Settings::read(&attributes);
                *self = Self::with(settings, warnings);
            }
        }
        Ok(())
    }

    /// A pass of a step, or a text for the next model.
    fn step(&mut self) -> Progress {
        let Some(model) = self.next() else { return Progress::Done };
        if matches!(self.slots[model as usize], Slot::Waiting) {
            self.begin(model);
        }
        let loss = match &mut self.slots[model as usize] {
            Slot::Pretraining(run) => pass(run, &self.text.corpus),
            _ => self.debias(model),
        };
        if loss.is_none() {
            return Progress::Part;
        }
        self.loss = loss;
        let steps = self.steps_of(model);
        let slot = &mut self.slots[model as usize];
        if slot.step(0) == steps {
            slot.finish();
            if self.next().is_none() {
                self.fingerprint = Some(slots::save(&self.slots).1.fingerprint());
            }
        }
        Progress::Step
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        let (slots, tensors) = slots::save(&self.slots);
        let saved = SavedProbe {
            settings: self.settings.config(),
            warnings: self.warnings.clone(),
            slots,
            loss: self.loss,
            view: self.view,
            fingerprint: self.fingerprint.clone(),
        };
        slots::write(TAG, &saved.to_json(), &tensors)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let (saved, tensors) = slots::read::<SavedProbe>(TAG, bytes)?;
        let mut this = Self::with(Settings::read(&saved.settings).0, saved.warnings);
        if saved.slots.len() != MODELS.len() {
            return Err(misfit());
        }
        this.slots = slots::load(saved.slots, &tensors, &|| fresh(&this.settings, &this.text))?;
        (this.loss, this.view, this.fingerprint) = (saved.loss, saved.view, saved.fingerprint);
        *self = this;
        Ok(())
    }

    /// The model in front.
    fn files(&mut self) -> Result<Files> {
        let params = self.slots[self.view as usize].trained();
        slots::folder(&self.gpt2, params, &self.text.tokenizer, " The doctor said that")
    }

    fn open(&mut self, _: &Files) -> Result<()> {
        Err(slots::trains_its_own())
    }
}
