//! `<pretune-memorization>`: secrets that stand in a text so and so often, what a model gives away of them, and what is left
//! of one that was to be forgotten.
//!
//! The experiment of the name `memorization`, with the reader's choice of what is forgotten, and how. Knows no page and
//! no clock. Start with [`Memorization::new`].

mod frame;
mod settings;

use super::attributes::{FromAttributes, Warning};
use super::base::misfit;
use super::slots::{self, Saved, Slot, Tuning, pass};
use super::{Attributes, Files, Progress, Widget};
use crate::data::Corpus;
use crate::data::world::Secret;
use crate::error::{Error, Result};
use crate::experiments::mean;
use crate::experiments::memorization::{
    FORGOTTEN, Keep, MOST, N_EACH, N_ORDINARY, PATIENCE, RELEARNING_RATE, Recall, Recalling, SecretText,
    UNLEARNING_RATE, options, unlearning_step,
};
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, from_json};
use crate::nn::{CausalLm, Gpt2, Sampling, Stop, generate};
use crate::rng::Rng;
use crate::tensor::Tape;
use crate::train::{Options, Pretrainer, mean_loss};

pub use frame::draw;
pub use settings::Settings;

const TAG: &str = "pretune-memorization";
/// Tokens of a code.
const CODE_TOKENS: usize = 4;
/// Rows of ordinary sentences that a loss is measured over, in parts that a worker can stop between.
const LOSS_ROWS: usize = 16;
const LOSS_PARTS: usize = 6;
/// Steps of unlearning and of learning again that are foreseen.
const RELEARNING_STEPS: usize = 10;
/// Parts of a recall.
const RECALL_PARTS: usize = 10;

/// The models, in the order in which they are trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Has read the whole text.
    Read,
    /// … and was made to forget one secret by gradient ascent.
    Unlearned,
    /// … and was shown its sentence again, until it says it.
    Relearned,
    /// Has read the text without that secret.
    Anew,
    /// … and was shown its sentence, until it says it.
    AnewTaught,
}

const STAGES: [Stage; 5] = [Stage::Read, Stage::Unlearned, Stage::Relearned, Stage::Anew, Stage::AnewTaught];

/// What was found of a model.
#[derive(Debug, Clone, Default)]
struct Found {
    /// Steps that it took to train it.
    steps: usize,
    /// What it knows of the secret that is to be forgotten.
    target: Option<Known>,
    /// Mean probability of the codes of other secrets with half as many copies or more.
    neighbors: Option<f64>,
    /// Mean loss of held-out ordinary sentences by their parts, in nats per token.
    losses: Vec<f64>,
    /// What it says of the secrets that are shown.
    said: Option<Vec<String>>,
}

fields!(Found: steps, target, neighbors, losses, said);

/// A [`Recall`] as plain data.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Known {
    extracted: bool,
    probability: f64,
    exposure: f64,
}

fields!(Known: extracted, probability, exposure);

impl From<Recall> for Known {
    fn from(Recall { is_extracted, probability, exposure }: Recall) -> Self {
        Self { extracted: is_extracted, probability, exposure }
    }
}

/// A run that has not begun.
fn fresh(settings: &Settings, text: &SecretText) -> Pretrainer {
    let options = Options { max_iters: settings.steps, ..options(settings.seed) };
    Pretrainer::random(&options, text.tokenizer.vocab_size(), text.tokenizer.eos())
}

enum Command {
    Reset,
    Forget { secret: usize, keep: Keep },
    Configure { attributes: Attributes },
}

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value["type"].as_str() {
            Some("forget") => {
                Self::Forget { secret: field(value, "secret", wrong), keep: field(value, "keep", wrong) }
            }
            Some("configure") => Self::Configure { attributes: field(value, "attributes", wrong) },
            Some("reset") => Self::Reset,
            _ => {
                wrong.expected("forget, configure or reset", &value["type"]);
                Self::Reset
            }
        }
    }
}

/// The state machine of the demo.
pub struct Memorization {
    settings: Settings,
    warnings: Vec<Warning>,
    text: SecretText,
    gpt2: Gpt2,
    /// The text that is read now, and by which model.
    corpus: Option<(Stage, Corpus)>,
    slots: Vec<Slot>,
    found: Vec<Found>,
    /// What the first model knows of each secret, as far as it was asked.
    recalls: Vec<Known>,
    /// A recall under way, and how many of its parts are done.
    recalling: (usize, Recalling),
    tape: Tape,
    loss: Option<f32>,
    fingerprint: Option<String>,
}

impl Memorization {
    /// The demo of a tag's attributes.
    pub fn new(attributes: &Attributes) -> Self {
        let (settings, warnings) = Settings::read(attributes);
        Self::with(settings, warnings)
    }

    fn with(settings: Settings, warnings: Vec<Warning>) -> Self {
        let text = SecretText::new(N_ORDINARY, settings.seed);
        Self {
            gpt2: fresh(&settings, &text).model,
            settings,
            warnings,
            text,
            corpus: None,
            slots: STAGES.map(|_| Slot::Waiting).into(),
            found: STAGES.map(|_| Found::default()).into(),
            recalls: Vec::new(),
            recalling: Default::default(),
            tape: Tape::new(),
            loss: None,
            fingerprint: None,
        }
    }

    /// The secrets that one can choose to forget.
    fn targets(&self) -> Vec<&Secret> {
        self.text.secrets.iter().filter(|secret| secret.copies == MOST).collect()
    }

    fn target(&self) -> Secret {
        self.targets()[self.settings.forget - 1].clone()
    }

    /// Other secrets that the model knows well.
    fn neighbors(&self) -> Vec<&Secret> {
        let target = self.target();
        self.text.secrets.iter().filter(|other| other.copies >= MOST / 2 && **other != target).collect()
    }

    /// One secret of each number of copies, of most copies the one that is to be forgotten.
    fn shown(&self) -> Vec<Secret> {
        let target = self.target();
        let mut shown: Vec<Secret> = self.text.secrets.iter().step_by(N_EACH).cloned().collect();
        if let Some(last) = shown.last_mut() {
            *last = target;
        }
        shown
    }

    fn next(&self) -> Option<Stage> {
        STAGES.into_iter().find(|stage| self.slots[*stage as usize].trained().is_none())
    }

    /// Something is to be measured of a trained model; says whether there was.
    fn measure(&mut self) -> bool {
        for stage in STAGES {
            let slot = stage as usize;
            if self.slots[slot].trained().is_none() {
                continue;
            }
            if stage == Stage::Read && self.recalls.len() < self.text.secrets.len() {
                let secret = self.text.secrets[self.recalls.len()].clone();
                if let Some(known) = self.recall(slot, &secret) {
                    self.recalls.push(known);
                }
                return true;
            }
            if self.found[slot].target.is_none() {
                let target = self.target();
                self.found[slot].target = self.recall(slot, &target);
                return true;
            }
            if self.found[slot].said.is_none() {
                let said = self.shown().iter().map(|secret| self.say(slot, secret)).collect();
                self.found[slot].said = Some(said);
                return true;
            }
            if matches!(stage, Stage::Relearned | Stage::AnewTaught) {
                continue;
            }
            if self.found[slot].neighbors.is_none() {
                let lm = CausalLm::new(&self.gpt2, self.slots[slot].params().expect("it is trained"));
                let mut tape = std::mem::take(&mut self.tape);
                let probabilities = self.text.probabilities(lm, &mut tape, &self.neighbors());
                self.tape = tape;
                self.found[slot].neighbors = Some(mean(&probabilities));
                return true;
            }
            if self.found[slot].losses.len() < LOSS_PARTS {
                self.measure_loss(slot);
                return true;
            }
        }
        false
    }

    /// A part of a recall; what is known once it is complete.
    fn recall(&mut self, slot: usize, secret: &Secret) -> Option<Known> {
        let lm = CausalLm::new(&self.gpt2, self.slots[slot].params()?);
        let (part, recalling) = &mut self.recalling;
        self.text.recall_part(lm, &mut self.tape, secret, *part, recalling);
        *part += 1;
        if *part < RECALL_PARTS {
            return None;
        }
        Some(std::mem::take(&mut self.recalling).1.finish(secret).into())
    }

    /// Four tokens, each the likeliest.
    fn say(&mut self, slot: usize, secret: &Secret) -> String {
        let tokenizer = &self.text.tokenizer;
        let prompt = [vec![tokenizer.eos()], tokenizer.encode(&secret.prompt())].concat();
        let stop = Stop { max_new_tokens: CODE_TOKENS, eos_token_id: Some(tokenizer.eos()) };
        let lm = CausalLm::new(&self.gpt2, self.slots[slot].params().expect("it is trained"));
        let mut ids = generate(lm, &mut self.tape, &prompt, &Sampling::greedy(), stop, &mut Rng::new(0));
        ids.retain(|id| *id != tokenizer.eos());
        tokenizer.decode(&ids).trim().to_owned()
    }

    fn measure_loss(&mut self, slot: usize) {
        self.write_corpus(Stage::Anew);
        let Some((_, corpus)) = &self.corpus else { unreachable!("just written") };
        let lm = CausalLm::new(&self.gpt2, self.slots[slot].params().expect("it is trained"));
        let losses = &mut self.found[slot].losses;
        let part = corpus.val_batches(LOSS_ROWS, options(0).block_size).skip(losses.len()).take(1);
        losses.push(mean_loss(lm, &mut self.tape, part));
    }

    /// Which text is there for a model to read; the held-out part is the same in both.
    fn write_corpus(&mut self, stage: Stage) -> bool {
        if self.corpus.as_ref().is_some_and(|(of, _)| *of == stage) {
            return false;
        }
        let target = self.target();
        let corpus = self.text.corpus(|secret| stage == Stage::Read || *secret != target);
        self.corpus = Some((stage, corpus));
        true
    }

    fn begin(&mut self, stage: Stage) {
        let of = |stage: Stage| self.slots[stage as usize].trained().expect("it comes first");
        let rng = Rng::stream(self.settings.seed, "memorization: unlearning");
        let tuning = |params| Slot::Tuning(Box::new(Tuning::new(params, rng)));
        self.slots[stage as usize] = match stage {
            Stage::Read | Stage::Anew => Slot::Pretraining(Box::new(fresh(&self.settings, &self.text))),
            Stage::Unlearned => tuning(of(Stage::Read)),
            Stage::Relearned => tuning(of(Stage::Unlearned)),
            Stage::AnewTaught => tuning(of(Stage::Anew)),
        };
    }

    /// A part of a step; its loss if it is complete, and whether the model is trained.
    fn advance(&mut self, stage: Stage) -> (Option<f32>, bool) {
        let slot = stage as usize;
        if matches!(stage, Stage::Read | Stage::Anew) {
            if self.write_corpus(stage) {
                return (None, false);
            }
            let Some((_, corpus)) = &self.corpus else { unreachable!("just written") };
            let Slot::Pretraining(run) = &mut self.slots[slot] else { unreachable!("it was begun") };
            let loss = pass(run, corpus);
            return (loss, run.step == self.settings.steps);
        }
        let target = self.target();
        let is_unlearning = stage == Stage::Unlearned;
        let is_patient = self.slots[slot].step(0) < PATIENCE;
        let is_there = if is_unlearning {
            let lm = CausalLm::new(&self.gpt2, self.slots[slot].params().expect("it was begun"));
            self.text.probabilities(lm, &mut self.tape, &[&target])[0] <= FORGOTTEN
        } else {
            let Some(known) = self.recall(slot, &target) else { return (None, false) };
            known.extracted
        };
        if is_there || !is_patient {
            return (None, true);
        }
        let (text, gpt2) = (&self.text, &self.gpt2);
        let Slot::Tuning(tuning) = &mut self.slots[slot] else { unreachable!("it was begun") };
        let Tuning { params, learner, rng, step } = &mut **tuning;
        let loss = if is_unlearning {
            unlearning_step(text, (&target, self.settings.keep), learner, gpt2, params, rng, UNLEARNING_RATE)
        } else {
            learner.learn(gpt2, params, None, &text.codes([&target]), RELEARNING_RATE)
        };
        *step += 1;
        (Some(loss), false)
    }

    /// Another secret, or another way: what the first model knows stays.
    fn forget(&mut self, secret: usize, keep: Keep) {
        let is_other = secret != self.settings.forget;
        (self.settings.forget, self.settings.keep) = (secret, keep);
        for stage in STAGES {
            let depends = match stage {
                Stage::Read => false,
                Stage::Unlearned | Stage::Relearned => true,
                Stage::Anew | Stage::AnewTaught => is_other,
            };
            let slot = stage as usize;
            if depends {
                (self.slots[slot], self.found[slot]) = (Slot::Waiting, Found::default());
            } else if is_other {
                self.found[slot].target = None;
                self.found[slot].said = None;
                self.found[slot].neighbors = None;
            }
        }
        if is_other {
            self.corpus = None;
        }
        self.recalling = Default::default();
        self.fingerprint = None;
    }
}

struct SavedSecrets {
    settings: Attributes,
    warnings: Vec<Warning>,
    slots: Vec<Saved>,
    found: Vec<Found>,
    recalls: Vec<Known>,
    loss: Option<f32>,
    fingerprint: Option<String>,
}

fields!(SavedSecrets: settings, warnings, slots, found, recalls, loss, fingerprint);

impl Widget for Memorization {
    fn command(&mut self, command: &Value) -> Result<()> {
        match from_json(command)? {
            Command::Forget { secret, keep } => {
                if !(1..=N_EACH).contains(&secret) {
                    return Err(Error::input("forget", secret, "a number from 1 to 5"));
                }
                self.forget(secret, keep);
            }
            Command::Reset => *self = Self::with(self.settings.clone(), self.warnings.clone()),
            Command::Configure { attributes } => {
                let (settings, warnings) = Settings::read(&attributes);
                *self = Self::with(settings, warnings);
            }
        }
        Ok(())
    }

    /// A pass of a step, or a part of a measurement.
    fn step(&mut self) -> Progress {
        let mut loss = None;
        if !self.measure() {
            let Some(stage) = self.next() else {
                if self.fingerprint.is_none() {
                    self.fingerprint = Some(slots::save(&self.slots).1.fingerprint());
                }
                return Progress::Done;
            };
            if matches!(self.slots[stage as usize], Slot::Waiting) {
                self.begin(stage);
            }
            let (of_step, is_trained) = self.advance(stage);
            loss = of_step;
            if is_trained {
                let slot = &mut self.slots[stage as usize];
                self.found[stage as usize].steps = slot.step(0);
                slot.finish();
            }
        }
        self.loss = loss.or(self.loss);
        if loss.is_some() { Progress::Step } else { Progress::Part }
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        let (slots, tensors) = slots::save(&self.slots);
        let saved = SavedSecrets {
            settings: self.settings.config(),
            warnings: self.warnings.clone(),
            slots,
            found: self.found.clone(),
            recalls: self.recalls.clone(),
            loss: self.loss,
            fingerprint: self.fingerprint.clone(),
        };
        slots::write(TAG, &saved.to_json(), &tensors)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let (saved, tensors) = slots::read::<SavedSecrets>(TAG, bytes)?;
        let mut this = Self::with(Settings::read(&saved.settings).0, saved.warnings);
        this.slots = slots::load(saved.slots, &tensors, &|| fresh(&this.settings, &this.text))?;
        (this.found, this.recalls, this.loss, this.fingerprint) =
            (saved.found, saved.recalls, saved.loss, saved.fingerprint);
        let n_secrets = this.text.secrets.len();
        if [this.slots.len(), this.found.len()] != [STAGES.len(); 2] || this.recalls.len() > n_secrets {
            return Err(misfit());
        }
        *self = this;
        Ok(())
    }

    /// The first model.
    fn files(&mut self) -> Result<Files> {
        let prompt = self.target().prompt();
        slots::folder(&self.gpt2, self.slots[0].trained(), &self.text.tokenizer, &prompt)
    }

    fn open(&mut self, _: &Files) -> Result<()> {
        Err(slots::trains_its_own())
    }
}
