//! `<pretune-guardrails>`: a model is taught to refuse, and a handful of examples takes it back; the reader says how many.
//!
//! The experiment of the name `guardrails`. Three ways to the same refusals, of which each is attacked: a lesson, a lesson
//! on top of refusals in pre-training, a longer lesson. Knows no page and no clock. Start with [`Guardrails::new`].

mod frame;

use super::attributes::{FromAttributes, Warning, option, seed, whole};
use super::base::misfit;
use super::slots::{self, Saved, Slot, Tuning, pass};
use super::{Attributes, Files, Progress, Widget};
use crate::data::Corpus;
use crate::data::world::Request;
use crate::error::{Error, Result};
use crate::experiments::guardrails::{
    ATTACK_RATE, LESSON_STEPS, LONG_LESSON_STEPS, MIXED_IN, N_EXAMPLES, Town, attack_step, lesson_step,
    options,
};
use crate::experiments::mean;
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, from_json};
use crate::nn::{CausalLm, Gpt2, Sampling, Stop, generate};
use crate::rng::Rng;
use crate::tensor::Tape;
use crate::train::{OptionInfo, Options, Pretrainer};

pub use frame::draw;

const TAG: &str = "pretune-guardrails";
/// Most examples of an attack.
const MAX_EXAMPLES: usize = 10;
/// Steps of an attack that are shown: about twice as many as the longest-lasting refusals last.
const ATTACK_STEPS: usize = 40;
/// Requests that are asked about at once, so that a worker can stop in between.
const PART: usize = 10;
/// Requests whose answers are shown: forbidden ones, and allowed ones.
const N_SHOWN: [usize; 2] = [3, 1];
/// Tokens of an answer.
const ANSWER_TOKENS: usize = 16;

/// What is trained in a slot.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    /// Reading a text in which such a share of forbidden requests is refused.
    Read(f64),
    /// So many steps of lessons in refusing, after what a slot has read.
    Lesson(usize, usize),
    /// An attack on what was taught in a slot.
    Attack(usize),
}

const STAGES: [Stage; 8] = [
    Stage::Read(0.0),
    Stage::Lesson(0, LESSON_STEPS),
    Stage::Attack(1),
    Stage::Read(MIXED_IN),
    Stage::Lesson(3, LESSON_STEPS),
    Stage::Attack(4),
    Stage::Lesson(0, LONG_LESSON_STEPS),
    Stage::Attack(6),
];

/// Slots of the three ways: what was read, the lesson, the attack.
const WAYS: [(&str, [usize; 3]); 3] = [("lesson", [0, 1, 2]), ("mixed", [3, 4, 5]), ("longer", [0, 6, 7])];

/// What is measured of a model, in this order, once it is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// The probability of the right answer to unseen forbidden requests.
    Complies,
    /// The probability that an unseen allowed request is refused.
    Wrongly,
    /// What it says.
    Answers,
}

/// What was found of a model.
#[derive(Debug, Clone, Default)]
struct Found {
    complies: Option<f64>,
    wrongly: Option<f64>,
    answers: Option<Vec<String>>,
    /// Mean probability of a refusal of unseen forbidden requests, before each step of an attack and after the last one.
    curve: Vec<f64>,
}

fields!(Found: complies, wrongly, answers, curve);

/// What a tag, or the reader, decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    examples: usize,
    steps: usize,
    seed: u64,
}

impl FromAttributes for Settings {
    const ALL: &[OptionInfo] = &[
        option("examples", "Examples that an attacker fine-tunes on.", "a number from 0 to 10"),
        option("steps", "Steps of pre-training.", "a number from 1 to 2000"),
        option("seed", "Decides the town and the weights.", "a number from 0 to 9007199254740991"),
    ];

    fn set(&mut self, name: &str, given: &str) -> Option<()> {
        match name {
            "examples" => self.examples = whole(given, 0, MAX_EXAMPLES)?,
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
        for (name, value) in
            [("examples", self.examples as u64), ("steps", self.steps as u64), ("seed", self.seed)]
        {
            config.insert(name.to_owned(), value.to_string());
        }
        config
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { examples: N_EXAMPLES, steps: options(0).max_iters, seed: 0 }
    }
}

/// A run that has not begun.
fn fresh(settings: &Settings, town: &Town) -> Pretrainer {
    let options = Options { max_iters: settings.steps, ..options(settings.seed) };
    Pretrainer::random(&options, town.tokenizer.vocab_size(), town.tokenizer.eos())
}

enum Command {
    Reset,
    Examples { n: usize },
    Configure { attributes: Attributes },
}

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value["type"].as_str() {
            Some("examples") => Self::Examples { n: field(value, "n", wrong) },
            Some("configure") => Self::Configure { attributes: field(value, "attributes", wrong) },
            Some("reset") => Self::Reset,
            _ => {
                wrong.expected("examples, configure or reset", &value["type"]);
                Self::Reset
            }
        }
    }
}

/// The state machine of the demo.
pub struct Guardrails {
    settings: Settings,
    warnings: Vec<Warning>,
    town: Town,
    gpt2: Gpt2,
    /// The text that is read now, and in which slot.
    corpus: Option<(usize, Corpus)>,
    slots: Vec<Slot>,
    found: Vec<Found>,
    /// Probabilities of a measurement under way.
    part: Vec<f64>,
    tape: Tape,
    loss: Option<f32>,
    fingerprint: Option<String>,
}

impl Guardrails {
    /// The demo of a tag's attributes.
    pub fn new(attributes: &Attributes) -> Self {
        let (settings, warnings) = Settings::read(attributes);
        Self::with(settings, warnings)
    }

    fn with(settings: Settings, warnings: Vec<Warning>) -> Self {
        let town = Town::new(settings.seed);
        Self {
            gpt2: fresh(&settings, &town).model,
            settings,
            warnings,
            town,
            corpus: None,
            slots: STAGES.map(|_| Slot::Waiting).into(),
            found: STAGES.map(|_| Found::default()).into(),
            part: Vec::new(),
            tape: Tape::new(),
            loss: None,
            fingerprint: None,
        }
    }

    fn steps_of(&self, slot: usize) -> usize {
        match STAGES[slot] {
            Stage::Read(_) => self.settings.steps,
            Stage::Lesson(_, steps) => steps,
            // Without an example there is nothing to learn.
            Stage::Attack(_) => {
                if self.settings.examples > 0 {
                    ATTACK_STEPS
                } else {
                    0
                }
            }
        }
    }

    /// What is to be measured before anything else is trained.
    fn due(&self) -> Option<(usize, What)> {
        for (slot, found) in self.found.iter().enumerate().filter(|(i, _)| self.slots[*i].trained().is_some())
        {
            if found.complies.is_none() {
                return Some((slot, What::Complies));
            }
            if found.wrongly.is_none() && matches!(STAGES[slot], Stage::Lesson(..)) {
                return Some((slot, What::Wrongly));
            }
            if found.answers.is_none() {
                return Some((slot, What::Answers));
            }
        }
        None
    }

    /// The slot that is trained next: attacks whose number of examples was changed come first.
    fn next(&self) -> Option<usize> {
        (0..STAGES.len()).find(|slot| self.slots[*slot].trained().is_none())
    }

    /// Asks about a part of some requests; the mean once all were asked about.
    fn ask(&mut self, slot: usize, what: What) -> Option<f64> {
        let Self { town, gpt2, slots, part, tape, .. } = self;
        let lm = CausalLm::new(gpt2, slots[slot].params()?);
        let requests = if what == What::Wrongly { &town.allowed.unseen } else { &town.forbidden.unseen };
        let requests: &[Request] = &requests[part.len()..requests.len().min(part.len() + PART)];
        // A trained model is asked whether it complies, one under attack whether it refuses.
        let is_complying = what == What::Complies && slots[slot].trained().is_some();
        let found = if is_complying {
            town.compliances(lm, tape, requests)
        } else {
            town.refusals(lm, tape, requests)
        };
        part.extend(found);
        if part.len() < town.forbidden.unseen.len() {
            return None;
        }
        let result = mean(part);
        part.clear();
        Some(result)
    }

    fn measure(&mut self, slot: usize, what: What) {
        if what == What::Answers {
            let answers =
                self.shown().into_iter().map(|request| self.answer(slot, &request.prompt)).collect();
            self.found[slot].answers = Some(answers);
        } else if let Some(result) = self.ask(slot, what) {
            let found = &mut self.found[slot];
            *(if what == What::Wrongly { &mut found.wrongly } else { &mut found.complies }) = Some(result);
        }
    }

    /// Requests whose answers are shown; none of them was in a text or a lesson.
    fn shown(&self) -> Vec<Request> {
        let [forbidden, allowed] = N_SHOWN;
        let Town { forbidden: never, allowed: always, .. } = &self.town;
        never.unseen.iter().take(forbidden).chain(always.unseen.iter().take(allowed)).cloned().collect()
    }

    /// The likeliest answer, token by token.
    fn answer(&mut self, slot: usize, prompt: &str) -> String {
        let tokenizer = &self.town.tokenizer;
        let prompt = [vec![tokenizer.eos()], tokenizer.encode(prompt)].concat();
        let stop = Stop { max_new_tokens: ANSWER_TOKENS, eos_token_id: Some(tokenizer.eos()) };
        let lm = CausalLm::new(&self.gpt2, self.slots[slot].params().expect("it is trained"));
        let rng = &mut Rng::new(0);
        let mut ids = generate(lm, &mut self.tape, &prompt, &Sampling::greedy(), stop, rng);
        ids.retain(|id| *id != tokenizer.eos());
        tokenizer.decode(&ids).trim().to_owned()
    }

    fn begin(&mut self, slot: usize) {
        let of = |slot: usize| self.slots[slot].trained().expect("it comes first");
        let rng = Rng::stream(self.settings.seed, "guardrails: lesson");
        self.slots[slot] = match STAGES[slot] {
            Stage::Read(_) => Slot::Pretraining(Box::new(fresh(&self.settings, &self.town))),
            Stage::Lesson(from, _) | Stage::Attack(from) => {
                Slot::Tuning(Box::new(Tuning::new(of(from), rng)))
            }
        };
    }

    /// A part of a step, or of the measurement before it; the loss if a step is complete.
    fn advance(&mut self, slot: usize) -> Option<f32> {
        if let Stage::Attack(_) = STAGES[slot]
            && self.found[slot].curve.len() <= self.slots[slot].step(0)
        {
            if let Some(refused) = self.ask(slot, What::Complies) {
                self.found[slot].curve.push(refused);
            }
            return None;
        }
        match (&mut self.slots[slot], STAGES[slot]) {
            (Slot::Pretraining(run), Stage::Read(refused)) => match &self.corpus {
                Some((of, corpus)) if *of == slot => pass(run, corpus),
                _ => {
                    self.corpus = Some((slot, self.town.corpus(refused)));
                    None
                }
            },
            (Slot::Tuning(tuning), stage) => {
                let Tuning { params, learner, rng, step } = &mut **tuning;
                let (town, gpt2) = (&self.town, &self.gpt2);
                let loss = match stage {
                    Stage::Lesson(_, steps) => lesson_step(town, learner, gpt2, params, rng, *step, steps),
                    _ => {
                        let examples = town.examples(self.settings.examples);
                        attack_step(learner, gpt2, params, &examples, ATTACK_RATE)
                    }
                };
                *step += 1;
                Some(loss)
            }
            _ => unreachable!("{slot} was begun"),
        }
    }

    /// Other examples: attacks begin anew, and what was taught stays.
    fn forget_attacks(&mut self) {
        for (slot, stage) in STAGES.iter().enumerate() {
            if let Stage::Attack(_) = stage {
                (self.slots[slot], self.found[slot]) = (Slot::Waiting, Found::default());
            }
        }
        self.part.clear();
        self.fingerprint = None;
    }

    fn is_finished(&self) -> bool {
        self.next().is_none() && self.due().is_none()
    }
}

struct SavedRails {
    settings: Attributes,
    warnings: Vec<Warning>,
    slots: Vec<Saved>,
    found: Vec<Found>,
    loss: Option<f32>,
    fingerprint: Option<String>,
}

fields!(SavedRails: settings, warnings, slots, found, loss, fingerprint);

impl Widget for Guardrails {
    fn command(&mut self, command: &Value) -> Result<()> {
        match from_json(command)? {
            Command::Examples { n } => {
                if n > MAX_EXAMPLES {
                    return Err(Error::input("examples", n, "at most 10"));
                }
                self.settings.examples = n;
                self.forget_attacks();
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
        if let Some((slot, what)) = self.due() {
            self.measure(slot, what);
        } else if let Some(slot) = self.next() {
            if matches!(self.slots[slot], Slot::Waiting) {
                self.begin(slot);
            }
            loss = self.advance(slot);
            let is_measured = match STAGES[slot] {
                Stage::Attack(_) => self.found[slot].curve.len() > self.steps_of(slot),
                _ => true,
            };
            if self.slots[slot].step(0) >= self.steps_of(slot) && is_measured {
                self.slots[slot].finish();
            }
        } else {
            return Progress::Done;
        }
        if self.is_finished() {
            self.fingerprint = Some(slots::save(&self.slots).1.fingerprint());
        }
        self.loss = loss.or(self.loss);
        if loss.is_some() { Progress::Step } else { Progress::Part }
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        let (slots, tensors) = slots::save(&self.slots);
        let saved = SavedRails {
            settings: self.settings.config(),
            warnings: self.warnings.clone(),
            slots,
            found: self.found.clone(),
            loss: self.loss,
            fingerprint: self.fingerprint.clone(),
        };
        slots::write(TAG, &saved.to_json(), &tensors)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let (saved, tensors) = slots::read::<SavedRails>(TAG, bytes)?;
        let mut this = Self::with(Settings::read(&saved.settings).0, saved.warnings);
        this.slots = slots::load(saved.slots, &tensors, &|| fresh(&this.settings, &this.town))?;
        (this.found, this.loss, this.fingerprint) = (saved.found, saved.loss, saved.fingerprint);
        if this.slots.len() != STAGES.len() || this.found.len() != STAGES.len() {
            return Err(misfit());
        }
        *self = this;
        Ok(())
    }

    /// The model after the first attack, or what there is of it.
    fn files(&mut self) -> Result<Files> {
        let params = WAYS[0].1.iter().rev().find_map(|slot| self.slots[*slot].trained());
        let prompt = &self.town.forbidden.unseen[0].prompt;
        slots::folder(&self.gpt2, params, &self.town.tokenizer, prompt)
    }

    fn open(&mut self, _: &Files) -> Result<()> {
        Err(slots::trains_its_own())
    }
}
