//! Adapters, LoRA, prefix and prompt tuning: four ways to change a model without touching it.
//!
//! Start with [`Run`], one method on its way.

use super::medicine::{self, Medicine};
use super::{Bar, Base, Experiment, Lab, Measure};
use crate::data::{Batch, world::Question};
use crate::json::names;
use crate::nn::{CausalLm, Tuner};
use crate::peft::{METHODS, Method, train_only};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::Learner;

/// Steps of eliciting, in each of which all trained questions are seen.
pub const STEPS: usize = 100;
/// What virtual tokens begin as.
pub const TEXT: &str = " What is the medicine of? Answer:";
/// Learning rate of full fine-tuning.
pub const FULL_RATE: f64 = 2.5e-4;

/// Steps and batch size of learning new facts, and how much higher the learning rates are.
pub const NEW_STEPS: usize = 300;
const NEW_BATCH: usize = 24;
const NEW_RATE: f64 = 4.0;

/// What a model is to learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// To tell what it knows.
    Known,
    /// Facts that nothing it has read says.
    New,
}

names!(Task: Known = "known", New = "new");

impl Task {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Known, Self::New];
}

/// What both tasks are about.
pub struct Facts {
    /// What the base holds.
    pub medicine: Medicine,
    /// What it cannot hold.
    pub patients: Vec<Question>,
    /// All that is trained of [`Task::Known`].
    questions: Batch,
}

impl Facts {
    /// The seed decides which facts are trained, and what is new.
    pub fn new(base: &Base, seed: u64) -> Self {
        let medicine = Medicine::new(&base.world, seed);
        let questions = medicine.batch(base);
        Self { medicine, patients: medicine::patients(&base.world, seed), questions }
    }

    /// What the score of a task is over: for what is known facts that are not trained, for what is new the very facts.
    pub fn asked(&self, task: Task) -> &[Question] {
        match task {
            Task::Known => &self.medicine.untouched,
            Task::New => &self.patients,
        }
    }
}

/// A tuner of each of [`METHODS`] for either task, in the order of [`Task::ALL`], all beside the same weights.
pub fn tuners(base: &Base, params: &mut Params, seed: u64) -> [Vec<Box<dyn Tuner>>; 2] {
    let text = base.tokenizer.encode(TEXT);
    let mut rng = Rng::stream(seed, "peft-methods: tuners");
    ["medicine", "patients"].map(|name| {
        let init = |method: &Method| (method.init)(name, method.size, &text, &base.model, params, &mut rng);
        METHODS.iter().map(init).collect()
    })
}

/// A method on its way.
pub struct Run {
    /// The optimizer of what is trained when it begins.
    pub learner: Learner,
    task: Task,
    learning_rate: f64,
    rng: Rng,
}

impl Run {
    /// Begins with weights of which a part is trained; the rate is that of eliciting.
    pub fn new(params: &Params, task: Task, rate: f64, seed: u64) -> Self {
        let learning_rate = if task == Task::New { NEW_RATE * rate } else { rate };
        let rng = Rng::stream(seed, "peft-methods: new facts");
        Self { learner: Learner::new(params), task, learning_rate, rng }
    }

    /// Takes a step. Gives the loss before.
    pub fn step(
        &mut self,
        base: &Base,
        facts: &Facts,
        params: &mut Params,
        tuner: Option<&dyn Tuner>,
    ) -> f32 {
        if self.task == Task::Known {
            return self.learner.learn(&base.model, params, tuner, &facts.questions, self.learning_rate);
        }
        let patients = &facts.patients;
        let drawn: Vec<&Question> =
            (0..NEW_BATCH).map(|_| &patients[self.rng.below(patients.len())]).collect();
        self.learner.learn(&base.model, params, tuner, &base.answers(&drawn), self.learning_rate)
    }
}

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "peft-methods",
    claim: "A frozen model tells what it knows with any of the four methods; LoRA and adapters also teach it new \
            facts, in as many steps a prefix teaches it fewer, and a prompt hardly any.",
    measures: &[
        Measure {
            name: "elicits",
            meaning: "score on facts that are not trained, of the method with the lowest",
            bar: Bar::AtLeast(0.9),
        },
        Measure {
            name: "over-prefix",
            meaning: "new facts that LoRA and adapters learn, whichever learns fewer, less those of a prefix",
            bar: Bar::AtLeast(0.1),
        },
        Measure {
            name: "over-prompt",
            meaning: "new facts that a prefix learns, less those of a prompt",
            bar: Bar::AtLeast(0.1),
        },
        Measure {
            name: "switching",
            meaning: "logits whose bits have changed after all tuners were trained and used on the one base",
            bar: Bar::EachAtMost(0.0),
        },
        Measure::report("trained-lora", "trained parameters of LoRA, as a share of all of the base's"),
        Measure::report("trained-adapters", "the same of adapters"),
        Measure::report("trained-prefix", "the same of a prefix"),
        Measure::report("trained-prompt", "the same of a prompt"),
        Measure::report("bytes-full", "bytes of optimizer state of full fine-tuning"),
        Measure::report("bytes-lora", "the same of LoRA"),
        Measure::report("bytes-adapters", "the same of adapters"),
        Measure::report("bytes-prefix", "the same of a prefix"),
        Measure::report("bytes-prompt", "the same of a prompt"),
        Measure::report("score-full", "score on facts that are not trained, of full fine-tuning"),
        Measure::report("score-lora", "the same of LoRA"),
        Measure::report("score-adapters", "the same of adapters"),
        Measure::report("score-prefix", "the same of a prefix"),
        Measure::report("score-prompt", "the same of a prompt"),
        Measure::report("rise-full", "rise of the held-out loss by full fine-tuning, in nats"),
        Measure::report("rise-lora", "the same with LoRA on"),
        Measure::report("rise-adapters", "the same with the adapters on"),
        Measure::report("rise-prefix", "the same with the prefix on"),
        Measure::report("rise-prompt", "the same with the prompt on"),
        Measure::report("new-full", "share of 44 new facts that full fine-tuning learns"),
        Measure::report("new-lora", "the same of LoRA"),
        Measure::report("new-adapters", "the same of adapters"),
        Measure::report("new-prefix", "the same of a prefix"),
        Measure::report("new-prompt", "the same of a prompt"),
    ],
    run,
};

fn run(lab: &Lab) -> Vec<f64> {
    let base = lab.base();
    let loss = base.held_out_loss(base.lm());
    let facts = Facts::new(base, lab.seed);
    let learn = |params: &mut Params, tuner: Option<&dyn Tuner>, task, rate| {
        let mut run = Run::new(params, task, rate, lab.seed);
        let steps = if task == Task::New { NEW_STEPS } else { STEPS };
        (0..steps).for_each(|_| _ = run.step(base, &facts, params, tuner));
    };
    let bytes = |params: &Params| Learner::new(params).optimizer.state_bytes() as f64;
    let held_out = base.corpus.val_batches(32, 32).next().expect("there is one");

    // One base for all, each with a tuner for either task.
    let mut shared = base.params.clone();
    let tuners = tuners(base, &mut shared, lab.seed);
    let mut rows = Vec::new();
    let mut seen: Vec<(&dyn Tuner, Vec<u32>)> = Vec::new();
    for (i, method) in METHODS.iter().enumerate() {
        let [elicited, taught] = [&tuners[0][i], &tuners[1][i]].map(|tuner| Some(&**tuner));
        train_only(&mut shared, &tuners[0][i].tensors());
        let (n_trained, bytes) = (shared.n_trained(), bytes(&shared));
        learn(&mut shared, elicited, Task::Known, method.learning_rate);
        train_only(&mut shared, &tuners[1][i].tensors());
        learn(&mut shared, taught, Task::New, method.learning_rate);

        let lm = CausalLm { tuner: elicited, ..CausalLm::new(&base.model, &shared) };
        let (score, rise) = (base.accuracy(lm, facts.asked(Task::Known)), base.held_out_loss(lm) - loss);
        let new = base.accuracy(CausalLm { tuner: taught, ..lm }, facts.asked(Task::New));
        for tuner in [elicited, taught].into_iter().flatten() {
            seen.push((tuner, bits(CausalLm { tuner: Some(tuner), ..lm }, &held_out)));
        }
        let share = n_trained as f64 / base.params.n_params() as f64;
        rows.push([share, bytes, score, rise, new]);
    }
    let full = {
        let [mut elicited, mut taught] = [base.params.clone(), base.params.clone()];
        learn(&mut elicited, None, Task::Known, FULL_RATE);
        learn(&mut taught, None, Task::New, FULL_RATE);
        let [elicited, taught] = [&elicited, &taught].map(|params| CausalLm::new(&base.model, params));
        let rise = base.held_out_loss(elicited) - loss;
        let (score, new) = (
            base.accuracy(elicited, facts.asked(Task::Known)),
            base.accuracy(taught, facts.asked(Task::New)),
        );
        [1.0, bytes(&base.params), score, rise, new]
    };

    // Each tuner, and none, gives what it gave before the others were trained.
    let alone = CausalLm::new(&base.model, &shared);
    let differs = |tuner, before: &[u32]| {
        let now = bits(CausalLm { tuner, ..alone }, &held_out);
        now.iter().zip(before).filter(|(a, b)| a != b).count() as f64
    };
    let switching: f64 = seen.iter().map(|(tuner, before)| differs(Some(*tuner), before)).sum();
    let switching = switching + differs(None, &bits(base.lm(), &held_out));

    let column = |i: usize| rows.iter().map(move |row| row[i]);
    let with_full = |i: usize| std::iter::once(full[i]).chain(column(i));
    let new: Vec<f64> = column(4).collect();
    let mut values =
        vec![column(2).fold(1.0, f64::min), new[0].min(new[1]) - new[2], new[2] - new[3], switching];
    values.extend(column(0));
    (1..5).for_each(|i| values.extend(with_full(i)));
    values
}

/// Bits of all logits.
fn bits(lm: CausalLm, batch: &Batch) -> Vec<u32> {
    let mut tape = Tape::new();
    let mut g = lm.inference(&mut tape);
    let logits = lm.model.logits(&mut g, &lm.input(&batch.input_ids, batch.batch_size));
    g.value(logits).iter().map(|x| x.to_bits()).collect()
}
