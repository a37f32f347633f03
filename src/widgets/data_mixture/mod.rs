//! `<pretune-data-mixture>`: the reader decides how much of the text each of five voices has, and sees what a model that was
//! trained on it says, knows and is bad at, beside the model of the mixture before.
//!
//! The runs are those of [`experiments::data_mixture`](crate::experiments::data_mixture). One that a snapshot finds unfinished
//! begins anew, which takes a second and gives the same bits. Knows no page and no clock. Start with [`DataMixture::new`].

mod frame;

use super::attributes::{self, SEED, Warning};
use super::base::{self, Answer};
use super::slots;
use super::{Attributes, Files, Progress, Widget};
use crate::data::world::Vocabulary;
use crate::data::{Batch, Corpus};
use crate::error::{Error, Result};
use crate::experiments::data_mixture::{Mixture, MixtureRun, N};
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, from_json};
use crate::nn::{Sampling, Stop, generate};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{OptionInfo, Options};

pub use frame::draw;

const TAG: &str = "pretune-data-mixture";
/// Helpings of GPT-3's text: those of its four sources, and what makes 7 % of the whole, as of its words in all languages but
/// English.
///
/// Source: Brown et al., arXiv:2005.14165, table 2.2 and section 2.2.
const GPT_3: Helpings = [60, 22, 16, 3, 8];
/// What the first run has read, for comparison.
const ALIKE: Helpings = [20; N];
/// Voices whose facts are asked for.
const ENCYCLOPEDIA: usize = 3;
const FRENCH: usize = 4;
/// Tokens of the longest document.
const LONGEST: usize = 14;
const STEPS: usize = 320;
const ALLOWED: &str = "five whole numbers from 0 to 100, not all of them 0";

/// How much of each voice, in the order of [`Voice::ALL`](crate::data::world::Voice::ALL); what counts is the proportion.
type Helpings = [usize; N];

/// The settings of a tag.
pub const OPTIONS: &[OptionInfo] = &[
    OptionInfo {
        name: "mix",
        help: "How much of crawl, links, books, encyclopedia and French.",
        allowed: ALLOWED,
    },
    OptionInfo { name: "steps", help: "Steps of a run.", allowed: "a number from 1 to 1000" },
    SEED,
];

/// What an attribute allows, if a value is not allowed.
pub fn reject(name: &str, value: &str) -> Option<&'static str> {
    let mut settings = Settings::default();
    attributes::reject(OPTIONS, name, value, &mut |name, given| settings.set(name, given))
}

#[derive(Debug, Clone)]
struct Settings {
    mix: Helpings,
    steps: usize,
    seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { mix: GPT_3, steps: STEPS, seed: 0 }
    }
}

impl Settings {
    fn set(&mut self, name: &str, given: &str) -> Option<()> {
        match name {
            "mix" => self.mix = helpings(given)?,
            "steps" => self.steps = attributes::whole(given, 1, 1000)?,
            "seed" => self.seed = attributes::seed(given)?,
            _ => return None,
        }
        Some(())
    }
}

fn helpings(given: &str) -> Option<Helpings> {
    let mut mix = Vec::new();
    for word in given.split([' ', ',']).filter(|word| !word.is_empty()) {
        mix.push(attributes::whole(word, 0, 100)?);
    }
    Helpings::try_from(mix).ok().filter(|mix| mix.iter().any(|helping| *helping > 0))
}

/// A fact that one voice tells, to be completed.
struct Fact {
    voice: usize,
    question: String,
    answer: String,
}

/// A run that was made, or is next.
#[derive(Debug, Clone)]
struct Trial {
    mix: Helpings,
    found: Option<Found>,
}

fields!(Trial: mix, found);

/// What is known of a trained model.
#[derive(Debug, Clone)]
struct Found {
    /// Held-out loss on each voice, in nats per token.
    losses: Vec<f64>,
    /// What it says after each of the beginnings.
    said: Vec<String>,
    /// What it answers, in the order of the facts.
    answers: Vec<Answer>,
    loss: f32,
    fingerprint: String,
}

fields!(Found: losses, said, answers, loss, fingerprint);

/// A run under way.
struct Live {
    run: MixtureRun,
    loss: f32,
    losses: Vec<f64>,
}

/// The state machine of the demo.
pub struct DataMixture {
    settings: Settings,
    warnings: Vec<Warning>,
    mixture: Mixture,
    floors: [f64; N],
    facts: Vec<Fact>,
    /// The facts as rows.
    asked: Batch,
    /// What texts can begin with: nothing, or the first word of a voice.
    starts: Vec<Vec<u32>>,
    /// The run before, and the last one.
    trials: [Trial; 2],
    live: Option<Live>,
    tape: Tape,
}

impl DataMixture {
    /// The demo of a tag's attributes.
    pub fn new(attributes: &Attributes) -> Self {
        let mut settings = Settings::default();
        let warnings = attributes::read(attributes, OPTIONS, &mut |name, given| settings.set(name, given));
        Self::with(settings, warnings)
    }

    fn with(settings: Settings, warnings: Vec<Warning>) -> Self {
        let mixture = Mixture::new(settings.seed);
        let mut asked = Batch::new(LONGEST);
        let mut facts = Vec::new();
        for voice in [ENCYCLOPEDIA, FRENCH] {
            for text in told(&mixture, voice) {
                // The last word before the full stop.
                let n = text.len() - 2;
                let ids = [&[Vocabulary::EOS], &text[..=n]].concat();
                asked.push_completion(n + 1, &ids, Vocabulary::EOS);
                let [question, answer] = [&text[..n], &text[n..=n]].map(|ids| mixture.vocabulary.decode(ids));
                facts.push(Fact { voice, question, answer });
            }
        }
        let mut starts = vec![vec![Vocabulary::EOS]];
        for voice in 0..N {
            starts.push(vec![Vocabulary::EOS, documents(&mixture, voice).next().expect("it writes")[0]]);
        }
        Self {
            trials: [ALIKE, settings.mix].map(|mix| Trial { mix, found: None }),
            settings,
            warnings,
            floors: mixture.entropies(),
            mixture,
            facts,
            asked,
            starts,
            live: None,
            tape: Tape::new(),
        }
    }

    /// The first run that was not made.
    fn next(&self) -> Option<usize> {
        self.trials.iter().position(|trial| trial.found.is_none())
    }

    /// Another mixture, to be trained on from now on.
    fn take(&mut self, mix: Helpings) {
        self.settings.mix = mix;
        let [before, last] = &mut self.trials;
        if last.mix == mix {
            return;
        }
        if last.found.is_some() {
            std::mem::swap(before, last);
        } else if before.found.is_some() {
            // What was under way is not wanted any more.
            self.live = None;
        }
        *last = Trial { mix, found: None };
    }

    fn begin(&self, mix: Helpings) -> Live {
        let options = Options { max_iters: self.settings.steps, ..self.mixture.options() };
        let run = self.mixture.begin(mix.map(|helping| helping as f64), &options);
        Live { run, loss: f32::NAN, losses: Vec::new() }
    }

    /// What it says and knows.
    fn find(&mut self, live: Live) -> Found {
        let lm = live.run.lm();
        let mut said = Vec::new();
        for start in &self.starts {
            let stop = Stop { max_new_tokens: LONGEST, eos_token_id: Some(Vocabulary::EOS) };
            let mut ids = generate(lm, &mut self.tape, start, &Sampling::greedy(), stop, &mut Rng::new(0));
            ids.retain(|id| *id != Vocabulary::EOS);
            said.push(self.mixture.vocabulary.decode(&[&start[1..], &ids].concat()).trim().to_owned());
        }
        Found {
            said,
            answers: base::ask(lm, &mut self.tape, &self.asked),
            losses: live.losses,
            loss: live.loss,
            fingerprint: live.run.pretrainer.params.fingerprint(),
        }
    }
}

/// The documents of a voice, without what stands between them.
fn documents(mixture: &Mixture, voice: usize) -> impl Iterator<Item = &[u32]> {
    let Corpus::Documents { train, .. } = &mixture.corpora[voice] else { unreachable!("documents") };
    train.split(|id| *id == Vocabulary::EOS).filter(|text| !text.is_empty())
}

/// What a voice says of things of which it says one thing only, each once.
fn told(mixture: &Mixture, voice: usize) -> Vec<&[u32]> {
    let un = mixture.vocabulary.id(" un");
    let mut all: Vec<&[u32]> = Vec::new();
    for text in documents(mixture, voice) {
        // Where an animal goes; what it is like and does is said in the other sentences, in two words.
        let is_fact = voice != FRENCH || text.iter().any(|id| Some(*id) == un);
        if is_fact && !all.contains(&text) {
            all.push(text);
        }
    }
    all
}

struct Saved {
    mix: Helpings,
    steps: usize,
    seed: u64,
    warnings: Vec<Warning>,
    trials: [Trial; 2],
}

fields!(Saved: mix, steps, seed, warnings, trials);

enum Command {
    /// `{"type": "mix", "mix": "60 22 16 3 8"}`
    Mix(String),
    /// `{"type": "configure", "attributes": {…}}`
    Configure(Attributes),
}

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value["type"].as_str() {
            Some("mix") => Self::Mix(field(value, "mix", wrong)),
            Some("configure") => Self::Configure(field(value, "attributes", wrong)),
            _ => {
                wrong.expected("mix or configure", &value["type"]);
                Self::Mix(String::new())
            }
        }
    }
}

impl Widget for DataMixture {
    fn command(&mut self, command: &Value) -> Result<()> {
        match from_json(command)? {
            Command::Mix(mix) => {
                let refused = || Error::input("mix", format!("{mix:?}"), ALLOWED);
                self.take(helpings(&mix).ok_or_else(refused)?);
            }
            Command::Configure(attributes) => *self = Self::new(&attributes),
        }
        Ok(())
    }

    /// A step of a run, or the loss on a voice after it.
    fn step(&mut self) -> Progress {
        let Some(i) = self.next() else { return Progress::Done };
        let mut live = self.live.take().unwrap_or_else(|| self.begin(self.trials[i].mix));
        if live.run.pretrainer.step < self.settings.steps {
            live.loss = live.run.step(&self.mixture);
            self.live = Some(live);
            return Progress::Step;
        }
        if live.losses.len() < N {
            live.losses.push(self.mixture.loss(live.run.lm(), &mut self.tape, live.losses.len()));
            self.live = Some(live);
        } else {
            self.trials[i].found = Some(self.find(live));
        }
        Progress::Part
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        let Settings { mix, steps, seed } = self.settings;
        let saved = Saved { mix, steps, seed, warnings: self.warnings.clone(), trials: self.trials.clone() };
        slots::write(TAG, &saved.to_json(), &Params::new())
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let (Saved { mix, steps, seed, warnings, trials }, _) = slots::read(TAG, bytes)?;
        let mut this = Self::with(Settings { mix, steps, seed }, warnings);
        let vocab_size = this.mixture.vocabulary.size() as u32;
        let is_whole = |found: &Found| {
            found.losses.len() == N
                && found.said.len() == this.starts.len()
                && found.answers.len() == this.facts.len()
                && found.answers.iter().all(|answer| answer.id < vocab_size)
        };
        if !trials.iter().flat_map(|trial| &trial.found).all(is_whole) || !(1..=1000).contains(&steps) {
            return Err(base::misfit());
        }
        this.trials = trials;
        *self = this;
        Ok(())
    }

    /// Its models live as long as their runs: there is none to give away.
    fn files(&mut self) -> Result<Files> {
        let given = "this figure keeps the numbers of its runs only";
        Err(Error::input("export", given, "another figure's model"))
    }

    fn open(&mut self, _: &Files) -> Result<()> {
        Err(Error::input("model", "a model from elsewhere", "none: this figure trains its own"))
    }
}
