//! Objectives, one file each: the next word, hidden words, missing spans, damaged texts.
//!
//! Each has a model of its own, from scratch, and the same budget. All learn from a [`SmallWorld`], of which it is known
//! what the rest of a damaged text leaves no choice about; only that is measured. Start with [`Run::step`].

pub mod causal_lm;
pub mod denoising;
pub mod masked_lm;
pub mod span_corruption;

use super::{Lab, mean};
use crate::data::{SmallWorld, Statement};
use crate::rng::Rng;
use crate::train::{Cosine, Example, Objective, ObjectiveConfig, ObjectiveTrainer};

/// Steps of a run, each of about 580 tokens.
pub const STEPS: usize = 500;
/// Statements to learn from that are measured; of those that are held out, it is all.
const N_LEARNED: usize = 100;
/// Times that one is damaged at random.
const N_DAMAGES: usize = 4;

/// How an objective is learned.
pub struct Recipe {
    /// In kebab case. Also keeps the random numbers of several runs with one seed apart.
    pub name: &'static str,
    /// The objective, with the special tokens of a world.
    pub objective: fn(&SmallWorld) -> Objective,
    /// [`ObjectiveConfig::inputs_length`]; a statement has 12 tokens at most.
    pub inputs_length: usize,
    /// [`ObjectiveConfig::targets_length`]
    pub targets_length: usize,
    /// Statements a step.
    pub batch_size: usize,
    /// The highest rate of a run.
    pub learning_rate: f64,
    /// A statement, damaged in ways that leave no choice about what was there.
    pub decided: fn(&SmallWorld, &Statement, &mut Rng) -> Vec<Example>,
}

/// A model that learns an objective.
pub struct Run {
    /// What it learns from.
    pub world: SmallWorld,
    /// What becomes of a statement.
    pub objective: Objective,
    /// The model.
    pub trainer: ObjectiveTrainer,
    recipe: &'static Recipe,
    seed: u64,
    rng: Rng,
}

impl Run {
    /// A run of [`STEPS`] that has not begun.
    pub fn new(recipe: &'static Recipe, seed: u64) -> Self {
        let &Recipe { inputs_length, targets_length, learning_rate, .. } = recipe;
        let world = SmallWorld::new(seed);
        let schedule =
            Cosine { learning_rate, min_lr: learning_rate / 10.0, warmup_iters: 30, lr_decay_iters: STEPS };
        let config = ObjectiveConfig { inputs_length, targets_length, schedule };
        let (vocab_size, eos) = (world.tokenizer().vocab_size(), world.tokenizer().eos());
        let trainer = ObjectiveTrainer::new(config, vocab_size, eos, &mut stream(recipe, seed, "weights"));
        let (objective, rng) = ((recipe.objective)(&world), stream(recipe, seed, "batches"));
        Self { world, objective, trainer, recipe, seed, rng }
    }

    /// Learns from damaged statements; gives the loss before, in nats per target.
    pub fn step(&mut self) -> f32 {
        let eos = self.world.tokenizer().eos();
        let mut damaged = || {
            let statement = self.world.sample(&mut self.rng);
            self.objective.damage(&statement.tokens, eos, &mut self.rng)
        };
        let examples: Vec<Example> = (0..self.recipe.batch_size).map(|_| damaged()).collect();
        self.trainer.step(&examples)
    }

    /// Damages of which each leaves no choice: to statements that were held out, and to some that it learns from.
    pub fn exam(&self) -> [Vec<Example>; 2] {
        let mut rng = stream(self.recipe, self.seed, "damages");
        let learned: Vec<&Statement> = (0..N_LEARNED).map(|_| self.world.sample(&mut rng)).collect();
        [self.world.held_out().iter().collect(), learned].map(|statements| {
            let mut decided = |statement| (self.recipe.decided)(&self.world, statement, &mut rng);
            statements.into_iter().flat_map(&mut decided).collect()
        })
    }

    /// Shares of the [`Run::exam`] that the model undoes exactly.
    pub fn measure(&mut self) -> [f64; 2] {
        self.exam().map(|examples| {
            let are_right = self.trainer.are_right(&examples);
            mean(&are_right.into_iter().map(f64::from).collect::<Vec<_>>())
        })
    }
}

fn stream(recipe: &Recipe, seed: u64, purpose: &str) -> Rng {
    Rng::stream(seed, &format!("{}: {purpose}", recipe.name))
}

/// What the experiments do.
fn learn_and_measure(lab: &Lab, recipe: &'static Recipe) -> Vec<f64> {
    let mut run = Run::new(recipe, lab.seed);
    (0..STEPS).for_each(|_| _ = run.step());
    run.measure().to_vec()
}
