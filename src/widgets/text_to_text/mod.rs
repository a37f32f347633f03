//! `<pretune-text-to-text>`: one model that does four tasks because it reads what is asked of it, beside four models with a
//! task each; and the reader asks in words of their own.
//!
//! The runs are those of [`experiments::text_to_text`](crate::experiments::text_to_text). Fine-tuning that a snapshot finds
//! unfinished begins anew, which takes a second and gives the same bits. Knows no page and no clock. Start with
//! [`TextToTextFigure::new`].

mod frame;

use super::attributes::{self, SEED, Warning, whole};
use super::base::misfit;
use super::slots::{self, Slot, pass};
use super::{Attributes, Files, Progress, Widget};
use crate::data::Corpus;
use crate::data::world::{ANSWER, N_KNOWN_WORDINGS, Part, Task, TaskText, Vocabulary};
use crate::error::{Error, Result};
use crate::experiments::text_to_text::{
    BASE_STEPS, Instruction, KNOWN, LEARNING_RATE, STEPS, TextToText, UNSEEN, base_run,
};
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, from_json};
use crate::nn::{CausalLm, Sampling, Stop, generate};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{OptionInfo, Pretrainer};

pub use frame::draw;

const TAG: &str = "pretune-text-to-text";
const N_TASKS: usize = Task::ALL.len();
/// Base, one model for all tasks, and one for each.
const BASE: usize = 0;
const ONE: usize = 1;
const N_MODELS: usize = 2 + N_TASKS;
/// Held-out rows of a unit.
const N_ROWS: usize = 24;
/// Held-out texts of each task that are offered.
const N_TEXTS: usize = 3;
/// What the reader asked is kept so often.
const N_ASKED: usize = 4;
/// Tokens that may be read before an answer, and those of the longest answer.
const MAX_PROMPT: usize = 22;
const MAX_ANSWER: usize = 10;

/// The settings of a tag.
pub const OPTIONS: &[OptionInfo] =
    &[OptionInfo { name: "steps", help: "Steps of the base.", allowed: "a number from 1 to 3000" }, SEED];

/// What an attribute allows, if a value is not allowed.
pub fn reject(name: &str, value: &str) -> Option<&'static str> {
    attributes::reject(OPTIONS, name, value, &mut |name, given| set(&mut (0, 0), name, given))
}

/// Sets the steps or the seed.
fn set(settings: &mut (usize, u64), name: &str, given: &str) -> Option<()> {
    match name {
        "steps" => settings.0 = whole(given, 1, 3000)?,
        "seed" => settings.1 = attributes::seed(given)?,
        _ => return None,
    }
    Some(())
}

/// The tokens of a question with its answer, after the number of those that are given.
type Row = (usize, Vec<u32>);

/// What a model is asked, and what the base and the one model say.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    /// Without the space before it, as is the text.
    wording: String,
    text: String,
    base: Option<String>,
    one: Option<String>,
}

fields!(Asked: wording, text, base, one);

/// A part of a test that is under way, or all of it.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    right: usize,
    done: usize,
}

fields!(Score: right, done);

/// The state machine of the demo.
pub struct TextToTextFigure {
    steps: usize,
    seed: u64,
    warnings: Vec<Warning>,
    setting: TextToText,
    /// Held-out rows of each task, in wordings that were seen and in others.
    tests: [[Vec<Row>; 2]; N_TASKS],
    /// Held-out texts of each task.
    texts: [Vec<TaskText>; N_TASKS],
    slots: Vec<Slot>,
    live: Option<Instruction>,
    /// By task and wordings: of the one model, and of each task's own.
    scores: [[[Score; 2]; N_TASKS]; 2],
    /// First one question for each task, in an unseen wording, then the reader's.
    asked: Vec<Asked>,
    tape: Tape,
    loss: Option<f32>,
}

impl TextToTextFigure {
    /// The demo of a tag's attributes.
    pub fn new(attributes: &Attributes) -> Self {
        let mut settings = (BASE_STEPS, 0);
        let warnings =
            attributes::read(attributes, OPTIONS, &mut |name, given| set(&mut settings, name, given));
        Self::with(settings, warnings)
    }

    fn with((steps, seed): (usize, u64), warnings: Vec<Warning>) -> Self {
        let setting = TextToText::with_steps(seed, steps);
        let mut rng = Rng::stream(seed, "text-to-text: shown");
        let texts = Task::ALL.map(|task| {
            let mut texts: Vec<TaskText> = Vec::new();
            while texts.len() < N_TEXTS {
                let text = setting.world.draw(task, Part::HeldOut, &mut rng);
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
            texts
        });
        let mut asked = Vec::new();
        for (task, texts) in Task::ALL.iter().zip(&texts) {
            asked.push(ask(task.wordings()[N_KNOWN_WORDINGS], &texts[0].text));
        }
        let tests = Task::ALL.map(|task| [KNOWN, UNSEEN].map(|wordings| setting.test_rows(task, wordings)));
        let mut slots: Vec<Slot> = Vec::new();
        slots.resize_with(N_MODELS, Slot::default);
        Self {
            steps,
            seed,
            warnings,
            setting,
            tests,
            texts,
            slots,
            live: None,
            scores: Default::default(),
            asked,
            tape: Tape::new(),
            loss: None,
        }
    }

    fn lm(&self, model: usize) -> Option<CausalLm<'_>> {
        Some(CausalLm::new(&self.setting.base.model, self.slots[model].trained()?))
    }

    /// The answer of a model to a prompt that fits.
    fn say(&mut self, model: usize, wording: &str, text: &str) -> Option<String> {
        let prompt = self.prompt(wording, text).ok()?;
        let mut tape = std::mem::take(&mut self.tape);
        let said = self.lm(model).map(|lm| {
            let stop = Stop { max_new_tokens: MAX_ANSWER, eos_token_id: Some(Vocabulary::EOS) };
            let mut ids = generate(lm, &mut tape, &prompt, &Sampling::greedy(), stop, &mut Rng::new(0));
            ids.retain(|id| *id != Vocabulary::EOS);
            self.setting.vocabulary.decode(&ids).trim().to_owned()
        });
        self.tape = tape;
        said
    }

    /// The tokens of what is asked.
    fn prompt(&self, wording: &str, text: &str) -> Result<Vec<u32>> {
        let whole = format!(" {wording} {text}{ANSWER}");
        let unknown = self.setting.vocabulary.unknown(&whole);
        if !unknown.is_empty() {
            let allowed = "words of its small world, written as in the examples";
            return Err(Error::input("words", unknown.join(", "), allowed));
        }
        let ids = [vec![Vocabulary::EOS], self.setting.vocabulary.encode(&whole)].concat();
        if ids.len() > MAX_PROMPT || wording.is_empty() || text.is_empty() {
            let allowed = "an instruction and a text, together of at most 20 words and signs";
            return Err(Error::input("words", ids.len() - 2, allowed));
        }
        Ok(ids)
    }

    /// Something is to be found out about a trained model; says whether there was.
    fn measure(&mut self) -> bool {
        for i in 0..self.asked.len() {
            for (model, is_open) in [(BASE, self.asked[i].base.is_none()), (ONE, self.asked[i].one.is_none())]
            {
                if is_open && self.slots[model].trained().is_some() {
                    let Asked { wording, text, .. } = self.asked[i].clone();
                    let said = self.say(model, &wording, &text);
                    let place = if model == BASE { &mut self.asked[i].base } else { &mut self.asked[i].one };
                    *place = Some(said.unwrap_or_default());
                    return true;
                }
            }
        }
        for (group, task) in (0..2).flat_map(|group| (0..N_TASKS).map(move |task| (group, task))) {
            let Some(params) = self.slots[ONE + group * (1 + task)].trained() else { continue };
            for (rows, score) in self.tests[task].iter().zip(&mut self.scores[group][task]) {
                if score.done < rows.len() {
                    let rows = &rows[score.done..rows.len().min(score.done + N_ROWS)];
                    score.right += self.setting.n_right(params, &mut self.tape, rows);
                    score.done += rows.len();
                    return true;
                }
            }
        }
        false
    }

    /// The model that is trained, or is next.
    fn next(&self) -> Option<usize> {
        self.slots.iter().position(|slot| slot.trained().is_none())
    }

    fn completed(&mut self, loss: f32) -> Progress {
        self.loss = Some(loss);
        if let Slot::Pretraining(run) = &self.slots[BASE]
            && run.step == self.steps
        {
            self.setting.base.params = run.params.clone();
            self.slots[BASE].finish();
        }
        Progress::Step
    }

    fn fresh(&self) -> Pretrainer {
        base_run(self.seed, self.steps, self.setting.vocabulary.size())
    }
}

fn ask(wording: &str, text: &str) -> Asked {
    Asked { wording: wording.trim().to_owned(), text: text.trim().to_owned(), base: None, one: None }
}

struct Saved {
    steps: usize,
    seed: u64,
    warnings: Vec<Warning>,
    slots: Vec<slots::Saved>,
    scores: [[[Score; 2]; N_TASKS]; 2],
    asked: Vec<Asked>,
    loss: Option<f32>,
}

fields!(Saved: steps, seed, warnings, slots, scores, asked, loss);

enum Command {
    /// `{"type": "ask", "wording": "Please translate this:", "text": "Here the fox sleeps in the town."}`
    Ask(String, String),
    /// `{"type": "configure", "attributes": {…}}`
    Configure(Attributes),
}

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value["type"].as_str() {
            Some("configure") => Self::Configure(field(value, "attributes", wrong)),
            Some("ask") => Self::Ask(field(value, "wording", wrong), field(value, "text", wrong)),
            _ => {
                wrong.expected("ask or configure", &value["type"]);
                Self::Configure(Attributes::new())
            }
        }
    }
}

impl Widget for TextToTextFigure {
    fn command(&mut self, command: &Value) -> Result<()> {
        match from_json(command)? {
            Command::Ask(wording, text) => {
                let mut asked = ask(&wording, &text);
                self.prompt(&asked.wording, &asked.text)?;
                self.asked.retain(|other| [&other.wording, &other.text] != [&asked.wording, &asked.text]);
                asked.base = self.say(BASE, &asked.wording, &asked.text);
                asked.one = self.say(ONE, &asked.wording, &asked.text);
                self.asked.insert(0, asked);
                self.asked.truncate(N_TASKS + N_ASKED);
            }
            Command::Configure(attributes) => *self = Self::new(&attributes),
        }
        Ok(())
    }

    /// A pass of a step of the base, a step of fine-tuning, or a part of what is found out.
    fn step(&mut self) -> Progress {
        if self.measure() {
            return Progress::Part;
        }
        let Some(model) = self.next() else { return Progress::Done };
        if model == BASE {
            let Slot::Pretraining(run) = &mut self.slots[BASE] else {
                self.slots[BASE] = Slot::Pretraining(Box::new(self.fresh()));
                return Progress::Part;
            };
            return match pass(run, &self.setting.corpus) {
                Some(loss) => self.completed(loss),
                None => Progress::Part,
            };
        }
        let mut live = self.live.take().unwrap_or_else(|| {
            let tasks = if model == ONE { &Task::ALL[..] } else { &Task::ALL[model - 2..=model - 2] };
            self.setting.instruct(tasks, N_KNOWN_WORDINGS, LEARNING_RATE)
        });
        self.loss = Some(live.step(&self.setting));
        if live.step == STEPS {
            self.slots[model] = Slot::Trained(live.params);
        } else {
            self.live = Some(live);
        }
        Progress::Step
    }

    fn shards(&self) -> usize {
        match &self.slots[BASE] {
            Slot::Pretraining(run) if !run.is_under_way() => run.n_shards(),
            _ => 0,
        }
    }

    fn run(&mut self) -> (&mut Pretrainer, &Corpus) {
        let Slot::Pretraining(run) = &mut self.slots[BASE] else { unreachable!("run: the base is trained") };
        (run, &self.setting.corpus)
    }

    fn finish(&mut self) -> Progress {
        let loss = self.run().0.finish().loss;
        self.completed(loss)
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        let (slots, tensors) = slots::save(&self.slots);
        let Self { steps, seed, scores, loss, .. } = *self;
        let (warnings, asked) = (self.warnings.clone(), self.asked.clone());
        slots::write(TAG, &Saved { steps, seed, warnings, slots, scores, asked, loss }.to_json(), &tensors)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let (saved, tensors): (Saved, Params) = slots::read(TAG, bytes)?;
        if !(1..=3000).contains(&saved.steps) || saved.slots.len() != N_MODELS {
            return Err(misfit());
        }
        let mut this = Self::with((saved.steps, saved.seed), saved.warnings);
        this.slots = slots::load(saved.slots, &tensors, &|| this.fresh())?;
        if let Some(params) = this.slots[BASE].trained() {
            this.setting.base.params = params.clone();
        }
        (this.scores, this.asked, this.loss) = (saved.scores, saved.asked, saved.loss);
        *self = this;
        Ok(())
    }

    /// Its words are its own world's, which no folder holds.
    fn files(&mut self) -> Result<Files> {
        let given = "this figure keeps its models to itself";
        Err(Error::input("export", given, "another figure's model"))
    }

    fn open(&mut self, _: &Files) -> Result<()> {
        Err(Error::input("model", "a model from elsewhere", "none: this figure trains its own"))
    }
}
