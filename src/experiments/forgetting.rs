//! Fine-tuning overwrites what a model knew; six remedies, and what each of them costs.

use super::medicine::Medicine;
use super::{Bar, Base, Experiment, Lab, Measure};
use crate::data::Batch;
use crate::data::world::{ANIMALS, Question, sums};
use crate::nn::{CausalLm, Input, Tuner};
use crate::peft::{METHODS, train_only};
use crate::rng::Rng;
use crate::tensor::Params;
use crate::train::{Ewc, Learner, lm_loss};

/// Steps, in each of which all trained questions are seen.
pub const STEPS: usize = 60;
/// The learning rate of pre-training.
pub const RATE: f64 = 8e-3;
/// Rows of old text or old tasks that are added to the twelve questions of a step, to try.
pub const N_OLD: [usize; 6] = [1, 4, 8, 12, 24, 36];
/// Documents from which it is learned what matters.
const N_FISHER: usize = 128;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "forgetting",
    claim: "Fine-tuned on medicine at the learning rate of pre-training, a model forgets the capitals; a low rate, \
            elastic weight consolidation and LoRA keep them, and so does enough replay.",
    measures: &[
        Measure {
            name: "plain",
            meaning: "share of capitals that plain fine-tuning makes the model forget",
            bar: Bar::AtLeast(0.5),
        },
        Measure {
            name: "learned",
            meaning: "share of trained questions answered rightly, of the remedy with the lowest",
            bar: Bar::AtLeast(0.95),
        },
        Measure {
            name: "low-rate",
            meaning: "share of capitals kept with a thirty-second of the learning rate",
            bar: Bar::AtLeast(0.9),
        },
        Measure {
            name: "ewc",
            meaning: "the same with elastic weight consolidation",
            bar: Bar::AtLeast(0.9),
        },
        Measure { name: "lora", meaning: "the same with LoRA", bar: Bar::AtLeast(0.9) },
        Measure::report("few-steps", "the same with two steps instead of sixty"),
        Measure::report("adapters", "the same with adapters"),
        Measure::report("replay-25", "the same with a quarter of old documents in every step"),
        Measure::report("replay-50", "the same with half of them"),
        Measure::report("replay-75", "the same with three quarters of them"),
        Measure::report("replay-share", "smallest share of old documents that keeps 90 % of the capitals"),
        Measure::report("multi-task-share", "smallest share of old tasks that does"),
        Measure::report("untouched-plain", "medicines of illnesses that were not trained, asked: plain"),
        Measure::report("untouched-low-rate", "the same with the low rate"),
        Measure::report("untouched-ewc", "the same with elastic weight consolidation"),
        Measure::report("untouched-lora", "the same with LoRA"),
        Measure::report("untouched-replay-75", "the same with three quarters of old documents"),
        Measure::report("stated-plain", "the same medicines in the words of the old text: plain"),
        Measure::report("stated-ewc", "the same with elastic weight consolidation"),
        Measure::report("rise-plain", "rise of the held-out loss, in nats: plain"),
        Measure::report("rise-low-rate", "the same with the low rate"),
        Measure::report("rise-few-steps", "the same with two steps"),
        Measure::report("rise-ewc", "the same with elastic weight consolidation"),
        Measure::report("rise-lora", "the same with LoRA"),
        Measure::report("rise-adapters", "the same with adapters"),
        Measure::report("rise-replay-75", "the same with three quarters of old documents"),
        Measure::report("rise-multi-task-75", "the same with three quarters of old tasks"),
    ],
    run,
};

/// What is done against forgetting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Remedy {
    /// Nothing: all weights are trained, with the learning rate of pre-training.
    Plain,
    /// A lower rate: this.
    Rate(f64),
    /// Fewer steps: these.
    Steps(usize),
    /// Elastic weight consolidation with this `ewc_lambda`.
    Ewc(f32),
    /// A method of [`METHODS`], by position, at this rate.
    Peft(usize, f64),
    /// So many old documents beside the questions of a step.
    Replay(usize),
    /// So many questions of the old tasks beside them.
    MultiTask(usize),
}

impl Remedy {
    /// The remedies of the lesson, replay and multi-task training with as much old as [`N_OLD`] has at most.
    pub const ALL: [Self; 8] = [
        Self::Plain,
        Self::Rate(RATE / 32.0),
        Self::Steps(2),
        Self::Ewc(1e4),
        Self::Peft(0, 1.25e-3),
        Self::Peft(1, 2.5e-3),
        Self::Replay(36),
        Self::MultiTask(36),
    ];

    /// Steps of a run.
    pub fn steps(self) -> usize {
        Recipe::from(self).steps
    }
}

/// How a run goes: any of the remedies, also several at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recipe {
    /// The learning rate.
    pub learning_rate: f64,
    /// Steps.
    pub steps: usize,
    /// `ewc_lambda`, where weights are held in place.
    pub ewc_lambda: Option<f32>,
    /// A method of [`METHODS`], by position, where the base is frozen.
    pub peft: Option<usize>,
    /// Old documents in every step.
    pub n_replayed: usize,
    /// Questions of old tasks in every step.
    pub n_old_tasks: usize,
}

impl From<Remedy> for Recipe {
    fn from(remedy: Remedy) -> Self {
        let plain = Self {
            learning_rate: RATE,
            steps: STEPS,
            ewc_lambda: None,
            peft: None,
            n_replayed: 0,
            n_old_tasks: 0,
        };
        match remedy {
            Remedy::Plain => plain,
            Remedy::Rate(learning_rate) => Self { learning_rate, ..plain },
            Remedy::Steps(steps) => Self { steps, ..plain },
            Remedy::Ewc(lambda) => Self { ewc_lambda: Some(lambda), ..plain },
            Remedy::Peft(method, learning_rate) => Self { peft: Some(method), learning_rate, ..plain },
            Remedy::Replay(n_replayed) => Self { n_replayed, ..plain },
            Remedy::MultiTask(n_old_tasks) => Self { n_old_tasks, ..plain },
        }
    }
}

/// A run of fine-tuning on medicine, with remedies, that can be stepped and looked at.
pub struct Run {
    /// The weights, a tuner's included.
    pub params: Params,
    /// The learning rate, which is the recipe's.
    pub learning_rate: f64,
    tuner: Option<Box<dyn Tuner>>,
    learner: Learner,
    recipe: Recipe,
    ewc: Option<Ewc>,
    /// Documents that are still to be looked at before the first step.
    n_unread: usize,
    rng: Rng,
    /// The questions about medicine.
    new: Vec<(usize, Vec<u32>)>,
    /// Tasks that the base was good at.
    old: Vec<Vec<Question>>,
}

impl Run {
    /// A run over the base's weights.
    pub fn new(base: &Base, medicine: &Medicine, recipe: impl Into<Recipe>, seed: u64) -> Self {
        let mut run = Self::begin(base, medicine, recipe.into(), seed);
        while run.prepare(base, N_FISHER) {}
        run
    }

    /// [`Run::new`] for who cannot wait: [`Run::prepare`] is to be called before the first step.
    pub fn begin(base: &Base, medicine: &Medicine, recipe: Recipe, seed: u64) -> Self {
        let mut rng = Rng::stream(seed, "forgetting: run");
        let mut params = base.params.clone();
        let tuner = recipe.peft.map(|method| {
            let method = &METHODS[method];
            let tuner = (method.init)("medicine", method.size, &[], &base.model, &mut params, &mut rng);
            train_only(&mut params, &tuner.tensors());
            tuner
        });
        let ewc = recipe.ewc_lambda.map(|_| Ewc::anchor(&params));
        Self {
            learner: Learner::new(&params),
            learning_rate: recipe.learning_rate,
            params,
            tuner,
            recipe,
            n_unread: if ewc.is_some() { N_FISHER } else { 0 },
            ewc,
            rng,
            new: medicine.trained.iter().map(|question| base.completion(question)).collect(),
            old: old_tasks(base).into_iter().map(|(_, questions)| questions).collect(),
        }
    }

    /// Looks at up to `n` of the documents from which it is learned what matters; `false` if there are none left.
    pub fn prepare(&mut self, base: &Base, n: usize) -> bool {
        let n = n.min(self.n_unread);
        for _ in 0..n {
            let document = base.batch(&[(0, base.document(&mut self.rng).to_vec())]);
            let ewc = self.ewc.as_mut().expect("documents are read for it");
            ewc.observe(&base.model, &self.params, &document, N_FISHER, &mut self.learner.tape);
        }
        self.n_unread -= n;
        n > 0
    }

    /// Goes down the gradient once; gives the loss before.
    pub fn step(&mut self, base: &Base) -> f32 {
        let batch = self.batch(base);
        let (tuner, ewc) = (self.tuner.as_deref(), self.ewc.as_ref());
        self.learner.step(&mut self.params, self.learning_rate, |g| {
            let input = Input { tuner, ..Input::new(&batch.input_ids, batch.batch_size) };
            let loss = lm_loss(g, &base.model, &input, &batch.labels);
            match ewc.zip(self.recipe.ewc_lambda) {
                Some((ewc, lambda)) => {
                    let penalty = ewc.penalty(g, lambda);
                    g.add(loss, penalty)
                }
                None => loss,
            }
        })
    }

    /// The model as it is.
    pub fn lm<'a>(&'a self, base: &'a Base) -> CausalLm<'a> {
        CausalLm { tuner: self.tuner.as_deref(), ..CausalLm::new(&base.model, &self.params) }
    }

    /// All new questions, and what the remedies add.
    fn batch(&mut self, base: &Base) -> Batch {
        let mut rows = self.new.clone();
        let Recipe { n_replayed, n_old_tasks, .. } = self.recipe;
        rows.extend((0..n_replayed).map(|_| (0, base.document(&mut self.rng).to_vec())));
        rows.extend((0..n_old_tasks).map(|_| {
            let task = &self.old[self.rng.below(self.old.len())];
            base.completion(&task[self.rng.below(task.len())])
        }));
        base.batch(&rows)
    }
}

/// What the base is good at, by name.
pub fn old_tasks(base: &Base) -> Vec<(&'static str, Vec<Question>)> {
    let question = |prompt: String, answer: &str| Question { prompt, answer: format!(" {answer}") };
    let capitals = base.world.capital_questions();
    let wording = |i: usize| capitals.iter().skip(i).step_by(2).cloned().collect();
    let color = |[thing, color]: &[&str; 2]| question(format!(" What color is the {thing}? Answer:"), color);
    let french =
        |animal: &[&str; 7]| question(format!(" In French the word for {} is", animal[0]), animal[6]);
    let sum = |(a, b, sum): (u32, u32, u32)| question(format!(" {a} + {b} ="), &sum.to_string());
    vec![
        ("capitals, stated", wording(0)),
        ("capitals, asked", wording(1)),
        ("colors", base.world.facts().colors.iter().map(color).collect()),
        ("French words", ANIMALS.iter().map(french).collect()),
        ("sums", sums().map(sum).collect()),
    ]
}

/// The new task, the rest of its domain, and the old tasks, by name.
pub fn tasks(base: &Base, medicine: &Medicine) -> Vec<(&'static str, Vec<Question>)> {
    let mut tasks = vec![
        ("medicine, trained", medicine.trained.clone()),
        ("medicine, untouched", medicine.untouched.clone()),
        ("medicine, as stated", medicine.stated.clone()),
    ];
    tasks.extend(old_tasks(base));
    tasks
}

/// Share of each of [`tasks`] that is right before a run of so many steps and after each step of `moments`, in
/// ascending order: a row a task, a column a moment.
pub fn forgetting_matrix(
    base: &Base,
    medicine: &Medicine,
    remedy: Remedy,
    seed: u64,
    moments: &[usize],
) -> Vec<Vec<f64>> {
    let tasks = tasks(base, medicine);
    let mut rows = vec![Vec::new(); tasks.len()];
    let mut run = Run::new(base, medicine, remedy, seed);
    let mut step = 0;
    for &moment in moments {
        while step < moment {
            run.step(base);
            step += 1;
        }
        let lm = run.lm(base);
        rows.iter_mut().zip(&tasks).for_each(|(row, (_, task))| row.push(base.accuracy(lm, task)));
    }
    rows
}

/// What a run ended with.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// Share of trained questions that are right.
    pub learned: f64,
    /// Share of the same questions about other illnesses.
    pub untouched: f64,
    /// Share of medicines of those illnesses in the words of the old text.
    pub stated: f64,
    /// Share of capitals in both wordings, of those that the base knew.
    pub kept: f64,
    /// Rise of the held-out loss, in nats.
    pub rise: f64,
}

/// Runs a remedy to its end.
pub fn try_out(base: &Base, medicine: &Medicine, remedy: Remedy, seed: u64) -> Outcome {
    let mut run = Run::new(base, medicine, remedy, seed);
    (0..remedy.steps()).for_each(|_| _ = run.step(base));
    let (lm, capitals) = (run.lm(base), base.world.capital_questions());
    Outcome {
        learned: base.accuracy(lm, &medicine.trained),
        untouched: base.accuracy(lm, &medicine.untouched),
        stated: base.accuracy(lm, &medicine.stated),
        kept: base.accuracy(lm, &capitals) / base.accuracy(base.lm(), &capitals),
        rise: base.held_out_loss(lm) - base.held_out_loss(base.lm()),
    }
}

/// Share of old rows among those of a step.
pub fn share(n_old: usize, medicine: &Medicine) -> f64 {
    n_old as f64 / (n_old + medicine.trained.len()) as f64
}

fn run(lab: &Lab) -> Vec<f64> {
    let base = lab.base();
    let medicine = Medicine::new(&base.world, lab.seed);
    let of = |remedy| try_out(base, &medicine, remedy, lab.seed);
    let [plain, low, few, ewc, lora, adapters, replay_75, multi_75] = Remedy::ALL.map(of);
    let curve = |remedy: fn(usize) -> Remedy, last: Outcome| -> Vec<Outcome> {
        let before = N_OLD[..N_OLD.len() - 1].iter().map(|n| of(remedy(*n)));
        before.chain([last]).collect()
    };
    let (replay, multi) = (curve(Remedy::Replay, replay_75), curve(Remedy::MultiTask, multi_75));
    let smallest = |curve: &[Outcome]| {
        let i = curve.iter().position(|outcome| outcome.kept >= 0.9);
        i.map_or(1.0, |i| share(N_OLD[i], &medicine))
    };
    let replayed = |n: usize| replay[N_OLD.iter().position(|m| *m == n).expect("one of them")].kept;
    let learned = [plain, low, few, ewc, lora, adapters, replay_75, multi_75].map(|o| o.learned);
    vec![
        1.0 - plain.kept,
        learned.into_iter().fold(1.0, f64::min),
        low.kept,
        ewc.kept,
        lora.kept,
        few.kept,
        adapters.kept,
        replayed(4),
        replayed(12),
        replayed(36),
        smallest(&replay),
        smallest(&multi),
        plain.untouched,
        low.untouched,
        ewc.untouched,
        lora.untouched,
        replay_75.untouched,
        plain.stated,
        ewc.stated,
        plain.rise,
        low.rise,
        few.rise,
        ewc.rise,
        lora.rise,
        adapters.rise,
        replay_75.rise,
        multi_75.rise,
    ]
}
