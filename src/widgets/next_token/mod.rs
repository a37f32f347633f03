//! `<pretune-next-token>`: pre-trains a GPT on the miniature world, or on the reader's own text.
//!
//! Starts with the shipped model, if the page has it. Knows no page and no clock. Start with
//! [`NextToken::new`]; [`frame`] says what is shown, [`snapshot`] what is kept.

mod command;
mod frame;
mod snapshot;
mod text;

use super::{Attributes, Files, Progress, Widget};
use crate::checkpoint;
use crate::data::Corpus;
use crate::error::{Error, Result};
use crate::json::{ToJson, Value, from_json, names};
use crate::nn::{CausalLm, Gpt2, Sampling, Stop, generate};
use crate::rng::Rng;
use crate::train::{MeanLoss, Options, Pretrainer, StepReport};

use command::Command;
use frame::{Curve, Sample, Warning};
pub use frame::{Frame, draw};
pub use snapshot::base_checkpoint;
use text::Text;

/// Rows of held-out text in one evaluation.
const EVAL_ROWS: usize = 96;
/// Evaluations in a run.
const N_EVALS: usize = 24;
/// Texts that are kept of a run, from the first step to the last.
const N_SAMPLES: usize = 6;
/// Tokens in each.
const SAMPLE_TOKENS: usize = 24;
/// Most tokens that one command may generate.
const MAX_NEW_TOKENS: usize = 200;
/// Settings of the tag that are the page's business.
const PAGE_ATTRIBUTES: [&str; 12] = [
    "model", "corpus", "autoplay", "hide", "loading", "lang", "theme", "dir", "id", "class", "style", "slot",
];

/// Where the weights come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Drawn from the seed, and trained from there.
    Random,
    /// The shipped checkpoint.
    Base,
    /// The reader's own model of another figure.
    Mine,
    /// A folder that the reader opened.
    Imported,
}

names!(Origin: Random = "random", Base = "base", Mine = "mine", Imported = "imported");

/// The state machine of the demo.
pub struct NextToken {
    options: Options,
    warnings: Vec<Warning>,
    origin: Origin,
    text: Text,
    run: Pretrainer,
    report: Option<StepReport>,
    val_loss: Option<f32>,
    /// The text's entropy, where a checkpoint says it.
    entropy: Option<f32>,
    /// An evaluation under way: how many batches it has read, and their loss.
    evaluation: Option<(usize, MeanLoss)>,
    curve: Curve,
    samples: Vec<Sample>,
    sampling: Sampling,
    /// The prompt, without the token that begins a text.
    prompt: Vec<u32>,
    generated: Vec<u32>,
    head: (usize, usize),
    fingerprint: Option<String>,
}

impl NextToken {
    /// The demo of a tag's attributes. `model` is a snapshot or the shipped checkpoint.
    ///
    /// # Errors
    ///
    /// If `model` cannot be read.
    pub fn new(attributes: &Attributes, model: Option<&[u8]>) -> Result<Self> {
        let (options, warnings) = read_attributes(attributes);
        let text = Text::world();
        let run = random(&options, &text);
        let mut this = Self {
            prompt: text.encode_prompt(text.first_prompt()),
            text,
            options,
            warnings,
            origin: Origin::Random,
            run,
            report: None,
            val_loss: None,
            entropy: None,
            evaluation: None,
            curve: Curve::default(),
            samples: Vec::new(),
            sampling: Sampling::default(),
            generated: Vec::new(),
            head: (0, 0),
            fingerprint: None,
        };
        if let Some(bytes) = model {
            this.adopt(bytes, attributes)?;
        }
        Ok(this)
    }

    /// Random weights, and no memory of what was trained before.
    fn start_over(&mut self) {
        self.run = random(&self.options, &self.text);
        self.origin = Origin::Random;
        self.report = None;
        self.val_loss = None;
        self.entropy = None;
        self.evaluation = None;
        self.curve = Curve::default();
        self.samples.clear();
        self.generated.clear();
        self.fingerprint = None;
        self.head = (self.head.0.min(self.options.n_layer - 1), self.head.1.min(self.options.n_head - 1));
    }

    fn generate(&mut self, max_new_tokens: usize) {
        let context = self.text.context(&self.prompt);
        // The length of the prompt picks the stream: pressing again draws other numbers, a replay the same ones.
        let mut rng = Rng::stream(self.options.seed ^ self.prompt.len() as u64, "generate");
        let stop = Stop {
            max_new_tokens: max_new_tokens.min(MAX_NEW_TOKENS),
            eos_token_id: Some(self.text.tokenizer.eos()),
        };
        let run = &mut self.run;
        let mut new = generate(
            CausalLm::new(&run.model, &run.params),
            &mut run.tape,
            &context,
            &self.sampling,
            stop,
            &mut rng,
        );
        new.retain(|&id| id != self.text.tokenizer.eos());
        self.prompt.extend(&new);
        self.generated = new;
    }

    /// The prompt continued with the same random numbers at several moments of the run.
    fn take_sample(&mut self) {
        let context = self.text.context(&self.text.encode_prompt(self.text.sample_prompt()));
        let sampling = Sampling { temperature: 0.8, ..Sampling::default() };
        let stop = Stop { max_new_tokens: SAMPLE_TOKENS, eos_token_id: Some(self.text.tokenizer.eos()) };
        let mut rng = Rng::stream(self.options.seed, "sample");
        let run = &mut self.run;
        let mut ids = generate(
            CausalLm::new(&run.model, &run.params),
            &mut run.tape,
            &context,
            &sampling,
            stop,
            &mut rng,
        );
        ids.retain(|&id| id != self.text.tokenizer.eos());
        let text = format!("{}{}", self.text.sample_prompt(), self.text.tokenizer.decode(&ids));
        self.samples.push(Sample { step: run.step, text: text.trim_start().to_owned() });
    }

    /// One batch of an evaluation; `true` once it is complete.
    fn evaluate(&mut self) -> bool {
        let (n, mut loss) = self.evaluation.unwrap_or_default();
        let block_size = self.run.config.block_size;
        let rows = self.run.evaluation_rows();
        let batch = self.text.corpus(block_size).val_batches(rows, block_size).nth(n);
        if let Some(batch) = &batch {
            self.run.evaluate(batch, &mut loss);
        }
        if batch.is_some() && (n + 1) * rows < EVAL_ROWS {
            self.evaluation = Some((n + 1, loss));
            return false;
        }
        self.evaluation = None;
        self.val_loss = loss.mean();
        if let Some(loss) = self.val_loss {
            self.curve.push_val(self.run.step, loss);
        }
        true
    }

    fn is_due(&self, times: usize) -> bool {
        let interval = (self.options.max_iters / times).max(1);
        self.run.step.is_multiple_of(interval) || self.run.step == self.options.max_iters
    }
}

impl Widget for NextToken {
    fn command(&mut self, command: &Value) -> Result<()> {
        match from_json(command)? {
            Command::Reset => self.start_over(),
            Command::Prompt { text } => {
                self.prompt = self.text.encode_prompt(&text);
                self.generated.clear();
            }
            Command::Append { id } => {
                if id as usize >= self.run.model.config.vocab_size {
                    let allowed = format!("a token below {}", self.run.model.config.vocab_size);
                    return Err(Error::input("append", id, allowed));
                }
                self.prompt.push(id);
                self.generated.clear();
            }
            Command::Sampling(sampling) => self.sampling = sampling,
            Command::Generate { max_new_tokens } => self.generate(max_new_tokens),
            Command::Head { layer, head } => {
                let config = &self.run.model.config;
                if layer >= config.n_layer || head >= config.n_head {
                    let allowed =
                        format!("a layer below {} and a head below {}", config.n_layer, config.n_head);
                    return Err(Error::input("head", format!("layer {layer}, head {head}"), allowed));
                }
                self.head = (layer, head);
            }
            Command::Corpus { name, text, tokenizer } => {
                let options = Options { tokenizer, ..self.options.clone() };
                self.text = Text::own(name, text, &options)?;
                self.options = options;
                self.prompt = self.text.encode_prompt(self.text.first_prompt());
                self.start_over();
            }
            Command::Configure { attributes } => {
                (self.options, self.warnings) = read_attributes(&attributes);
                self.text = self.text.retokenized(&self.options)?;
                self.prompt = self.text.encode_prompt(self.text.first_prompt());
                self.start_over();
            }
        }
        Ok(())
    }

    /// A pass of a training step, or a batch of an evaluation that is due.
    fn step(&mut self) -> Progress {
        let finished = self.run.step >= self.options.max_iters;
        if self.evaluation.is_some() || (finished && self.val_loss.is_none()) {
            let complete = self.evaluate();
            return if complete && finished { Progress::Done } else { Progress::Part };
        }
        if finished {
            return Progress::Done;
        }
        if self.run.step == 0 && self.samples.is_empty() {
            self.take_sample();
            return Progress::Part;
        }
        if !self.run.is_under_way() {
            self.run.begin(self.text.corpus(self.run.config.block_size));
        }
        self.run.pass(self.run.shards_done());
        if self.run.shards_done() < self.run.n_shards() {
            return Progress::Part;
        }
        self.finish()
    }

    fn flops(&self) -> f64 {
        self.run.flops()
    }

    fn shards(&self) -> usize {
        // The very first step comes after a sample of the random model.
        let alone = self.evaluation.is_some() || self.samples.is_empty() || self.run.is_under_way();
        if alone || self.run.step >= self.options.max_iters { 0 } else { self.run.n_shards() }
    }

    fn run(&mut self) -> (&mut Pretrainer, &Corpus) {
        let corpus = self.text.corpus(self.run.config.block_size);
        (&mut self.run, corpus)
    }

    fn finish(&mut self) -> Progress {
        let report = self.run.finish();
        self.curve.push(self.run.step - 1, report.loss);
        self.report = Some(report);
        if self.is_due(N_SAMPLES - 1) {
            self.take_sample();
        }
        if self.is_due(N_EVALS) {
            self.evaluation = Some(Default::default());
        }
        if self.run.step == self.options.max_iters {
            self.fingerprint = Some(self.run.params.fingerprint());
        }
        Progress::Step
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        self.save()
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        *self = Self::load(bytes)?;
        Ok(())
    }

    fn files(&mut self) -> Result<Files> {
        let prompt = self.text.begin(&self.text.tokenizer.decode(&self.prompt));
        let run = &self.run;
        let probe = checkpoint::Probe::new(
            CausalLm::new(&run.model, &run.params),
            &self.text.tokenizer,
            &prompt,
            None,
        );
        Ok(checkpoint::folder(&run.model, &run.params, &self.text.tokenizer, &probe))
    }

    fn open(&mut self, files: &Files) -> Result<()> {
        let (config, params, tokenizer) = checkpoint::open(files)?;
        let model = Gpt2::bind(config, &params)?;
        let text = self.text.with_tokenizer(tokenizer, model.config.n_positions)?;
        self.options.n_layer = model.config.n_layer;
        self.options.n_head = model.config.n_head;
        self.options.n_embd = model.config.n_embd;
        self.options.block_size = model.config.n_positions;
        let prompt = text.encode_prompt(&self.text.tokenizer.decode(&self.prompt));
        (self.text, self.prompt) = (text, prompt);
        self.start_over();
        self.origin = Origin::Imported;
        self.run = Pretrainer::with_options(&self.options, model, params);
        Ok(())
    }
}

/// A fresh model on this text.
fn random(options: &Options, text: &Text) -> Pretrainer {
    Pretrainer::random(options, text.tokenizer.vocab_size(), text.tokenizer.eos())
}

/// Options from attributes; what is wrong gives way to its default and is reported.
fn read_attributes(attributes: &Attributes) -> (Options, Vec<Warning>) {
    let mut options = Options::default();
    let mut warnings = Vec::new();
    for (name, given) in attributes {
        // `steps` is what every widget calls it, `max-iters` what nanoGPT does.
        let option = if name == "steps" { "max-iters" } else { name };
        if PAGE_ATTRIBUTES.contains(&option) || name.starts_with("data-") || name.starts_with("aria-") {
            continue;
        }
        if options.set(option, given).is_err() {
            let known = Options::ALL.iter().find(|info| info.name == option);
            let allowed =
                known.map_or_else(|| "no attribute of this tag".to_owned(), |info| info.allowed.to_owned());
            warnings.push(Warning { attribute: name.clone(), given: given.clone(), allowed });
        }
    }
    if let Err(error) = options.validate() {
        warnings.push(Warning {
            attribute: String::new(),
            given: error.to_string(),
            allowed: "the defaults".to_owned(),
        });
        options = Options::default();
    }
    (options, warnings)
}
