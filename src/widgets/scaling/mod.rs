//! `<pretune-scaling>`: a ladder of models from small to large, a straight line through what is left of their losses, and the
//! loss of the next size, foretold by the line and by the reader before it is trained.
//!
//! The runs are those of [`experiments::scaling`](crate::experiments::scaling). Knows no page and no clock. Start with
//! [`Scaling::new`].

mod frame;

use super::attributes::{self, SEED, Warning, whole};
use super::base::{misfit, surprise};
use super::slots::{self, Slot, pass};
use super::{Attributes, Files, Progress, Widget};
use crate::data::Corpus;
use crate::error::{Error, Result};
use crate::experiments::Base;
use crate::experiments::scaling::{Point, PowerLaw, WIDTHS, frontier, n_steps, n_used, questions, rung};
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, from_json, shortest};
use crate::nn::{CausalLm, Gpt2};
use crate::tensor::Tape;
use crate::train::{OptionInfo, Pretrainer};

pub use frame::draw;

const TAG: &str = "pretune-scaling";
const N: usize = WIDTHS.len();
/// Sizes before the first that is foretold, and sizes in all unless more are asked for: what fits into some seconds.
const N_FIRST: usize = 4;
const N_SIZES: usize = 5;
/// Held-out documents of a unit, and the tokens that one may have.
const HELD_OUT: (usize, usize) = (16, 32);
const ALLOWED: &str = "a number from 3 to 7";

/// The settings of a tag.
pub const OPTIONS: &[OptionInfo] = &[
    OptionInfo { name: "sizes", help: "Sizes that are trained, from the smallest on.", allowed: ALLOWED },
    SEED,
];

/// What an attribute allows, if a value is not allowed.
pub fn reject(name: &str, value: &str) -> Option<&'static str> {
    attributes::reject(OPTIONS, name, value, &mut |name, given| set(&mut (0, 0), name, given))
}

/// Sets the number of sizes or the seed.
fn set(settings: &mut (usize, u64), name: &str, given: &str) -> Option<()> {
    match name {
        "sizes" => settings.0 = whole(given, 3, N)?,
        "seed" => settings.1 = attributes::seed(given)?,
        _ => return None,
    }
    Some(())
}

/// A size that was trained.
#[derive(Debug, Clone)]
struct Trained {
    /// Held-out loss, in nats per token.
    loss: f64,
    /// Share of sums that it knows.
    sums: f64,
    fingerprint: String,
}

fields!(Trained: loss, sums, fingerprint);

/// The state machine of the demo.
pub struct Scaling {
    sizes: usize,
    seed: u64,
    warnings: Vec<Warning>,
    base: Base,
    entropy: f64,
    /// Parameters of each size, and its floating-point operations.
    costs: [(usize, f64); N],
    trained: Vec<Trained>,
    /// What the reader expects of each size's loss, said before it was trained.
    guesses: [Option<f64>; N],
    /// The size that is next.
    slot: Slot,
    /// Its network, as long as it is measured.
    model: Option<Gpt2>,
    /// Parts of the held-out text that it has read, −log p of them, and their tokens.
    read: (usize, f64, usize),
    tape: Tape,
    loss: Option<f32>,
}

impl Scaling {
    /// The demo of a tag's attributes.
    pub fn new(attributes: &Attributes) -> Self {
        let mut settings = (N_SIZES, 0);
        let warnings =
            attributes::read(attributes, OPTIONS, &mut |name, given| set(&mut settings, name, given));
        Self::with(settings, warnings)
    }

    fn with((sizes, seed): (usize, u64), warnings: Vec<Warning>) -> Self {
        let (base, _) = Base::untrained(seed, 1);
        let cost = |n_embd| {
            let run = rung(n_embd, seed, &base.world);
            let n_params = n_used(&run, &base.corpus);
            let tokens = n_steps(n_embd) * run.config.batch_size * run.config.block_size;
            (n_params, 6.0 * n_params as f64 * tokens as f64)
        };
        Self {
            sizes,
            seed,
            warnings,
            entropy: base.corpus.entropy().expect("a world's is known"),
            costs: WIDTHS.map(cost),
            base,
            trained: Vec::new(),
            guesses: [None; N],
            slot: Slot::Waiting,
            model: None,
            read: (0, 0.0, 0),
            tape: Tape::new(),
            loss: None,
        }
    }

    /// The straight line through the first so many sizes, of which none may be beaten by a smaller one.
    fn law(&self, n: usize) -> Option<PowerLaw> {
        let point = |i: usize| {
            let (n_params, compute) = self.costs[i];
            Point { n_embd: WIDTHS[i], n_params, compute, loss: self.trained[i].loss }
        };
        let best = frontier(&(0..n).map(point).collect::<Vec<_>>());
        let gaps: Vec<(f64, f64)> =
            best.iter().map(|point| (point.compute, point.loss - self.entropy)).collect();
        // A model that was lucky on the held-out text has no logarithm.
        (gaps.len() > 2 && gaps.iter().all(|(_, gap)| *gap > 0.0)).then(|| PowerLaw::fit(&gaps))
    }

    /// The loss of a size as the line through all smaller ones has it, once these are trained.
    fn foretold(&self, i: usize) -> Option<f64> {
        let is_known = (N_FIRST..=self.trained.len()).contains(&i);
        let law = is_known.then(|| self.law(i))??;
        Some(self.entropy + law.at(self.costs[i].1))
    }

    /// A part of what is measured of the trained size; what was found once all is.
    fn measure(&mut self) -> Option<Trained> {
        let width = WIDTHS[self.trained.len()];
        let network = || rung(width, self.seed, &self.base.world).model;
        let model = self.model.get_or_insert_with(network);
        let params = self.slot.trained()?;
        let lm = CausalLm::new(model, params);
        let (n, nats, n_labels) = self.read;
        if let Some((more, labels)) =
            surprise(&self.base.corpus, lm, &mut self.tape, (n, HELD_OUT.0, HELD_OUT.1))
        {
            self.read = (n + 1, nats + more, n_labels + labels);
            return None;
        }
        let sums = self.base.accuracy(lm, &questions());
        Some(Trained { loss: nats / n_labels as f64, sums, fingerprint: params.fingerprint() })
    }

    /// Whether the next size has been begun: it is too late for a guess.
    fn is_begun(&self) -> bool {
        !matches!(self.slot, Slot::Waiting)
    }

    fn completed(&mut self, loss: f32) -> Progress {
        self.loss = Some(loss);
        if let Slot::Pretraining(run) = &self.slot
            && run.step == run.config.max_iters
        {
            self.slot.finish();
        }
        Progress::Step
    }
}

struct Saved {
    sizes: usize,
    seed: u64,
    warnings: Vec<Warning>,
    trained: Vec<Trained>,
    guesses: [Option<f64>; N],
    slots: Vec<slots::Saved>,
    loss: Option<f32>,
}

fields!(Saved: sizes, seed, warnings, trained, guesses, slots, loss);

enum Command {
    /// `{"type": "sizes", "sizes": 6}`
    Sizes(usize),
    /// `{"type": "guess", "loss": 0.8}`: of the next size.
    Guess(f64),
    /// `{"type": "configure", "attributes": {…}}`
    Configure(Attributes),
}

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value["type"].as_str() {
            Some("sizes") => Self::Sizes(field(value, "sizes", wrong)),
            Some("guess") => Self::Guess(field(value, "loss", wrong)),
            Some("configure") => Self::Configure(field(value, "attributes", wrong)),
            _ => {
                wrong.expected("sizes, guess or configure", &value["type"]);
                Self::Sizes(0)
            }
        }
    }
}

impl Widget for Scaling {
    fn command(&mut self, command: &Value) -> Result<()> {
        match from_json(command)? {
            Command::Sizes(sizes) => {
                if !(3..=N).contains(&sizes) {
                    return Err(Error::input("sizes", sizes, ALLOWED));
                }
                self.sizes = sizes;
            }
            Command::Guess(loss) => {
                let next = self.trained.len();
                if next < 3 || next == N || self.is_begun() {
                    let allowed = "a guess before the next size is trained, and after three others";
                    return Err(Error::input("guess", "one at another time", allowed));
                }
                if !(loss > self.entropy && loss < 10.0) {
                    let allowed = format!("a loss between {} and 10", shortest(self.entropy));
                    return Err(Error::input("guess", shortest(loss), allowed));
                }
                self.guesses[next] = Some(loss);
            }
            Command::Configure(attributes) => *self = Self::new(&attributes),
        }
        Ok(())
    }

    /// A pass of a step, or a part of what is measured.
    fn step(&mut self) -> Progress {
        if matches!(self.slot, Slot::Trained(_)) {
            if let Some(found) = self.measure() {
                self.trained.push(found);
                (self.slot, self.model, self.read) = (Slot::Waiting, None, (0, 0.0, 0));
            }
            return Progress::Part;
        }
        if self.trained.len() >= self.sizes && !self.is_begun() {
            return Progress::Done;
        }
        let Slot::Pretraining(run) = &mut self.slot else {
            let run = rung(WIDTHS[self.trained.len()], self.seed, &self.base.world);
            self.slot = Slot::Pretraining(Box::new(run));
            return Progress::Part;
        };
        match pass(run, &self.base.corpus) {
            Some(loss) => self.completed(loss),
            None => Progress::Part,
        }
    }

    fn flops(&self) -> f64 {
        if let Slot::Pretraining(run) = &self.slot { run.flops() } else { 0.0 }
    }

    fn shards(&self) -> usize {
        match &self.slot {
            // Helpers follow the weights from step to step, and would not notice that they are another size's: the first one is
            // done without them.
            Slot::Pretraining(run) if run.step > 0 && !run.is_under_way() => run.n_shards(),
            _ => 0,
        }
    }

    fn run(&mut self) -> (&mut Pretrainer, &Corpus) {
        let Slot::Pretraining(run) = &mut self.slot else { unreachable!("run: nothing is trained") };
        (run, &self.base.corpus)
    }

    fn finish(&mut self) -> Progress {
        let loss = self.run().0.finish().loss;
        self.completed(loss)
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        let (slots, tensors) = slots::save(std::slice::from_ref(&self.slot));
        let Self { sizes, seed, guesses, loss, .. } = *self;
        let (warnings, trained) = (self.warnings.clone(), self.trained.clone());
        slots::write(TAG, &Saved { sizes, seed, warnings, trained, guesses, slots, loss }.to_json(), &tensors)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let (saved, tensors): (Saved, _) = slots::read(TAG, bytes)?;
        let mut this = Self::with((saved.sizes, saved.seed), saved.warnings);
        let next = saved.trained.len();
        if next > N || !(3..=N).contains(&saved.sizes) || saved.slots.len() != 1 {
            return Err(misfit());
        }
        let fresh = || rung(WIDTHS[next.min(N - 1)], saved.seed, &this.base.world);
        let slots = slots::load(saved.slots, &tensors, &fresh)?;
        this.slot = slots.into_iter().next().expect("there is one");
        if next == N && this.is_begun() {
            return Err(misfit());
        }
        (this.trained, this.guesses, this.loss) = (saved.trained, saved.guesses, saved.loss);
        *self = this;
        Ok(())
    }

    /// It keeps what was measured of its models only.
    fn files(&mut self) -> Result<Files> {
        let given = "this figure keeps the numbers of its runs only";
        Err(Error::input("export", given, "another figure's model"))
    }

    fn open(&mut self, _: &Files) -> Result<()> {
        Err(Error::input("model", "a model from elsewhere", "none: this figure trains its own"))
    }
}
