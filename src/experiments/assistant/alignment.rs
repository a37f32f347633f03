//! Runs of PPO.

use super::{Assistant, Examination, examine};
use crate::data::explain::{Rater, Topic};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{PpoConfig, PpoTrainer, RewardModel};

/// Where a model stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The mean reward, in standard deviations of the assistant's.
    pub proxy: f64,
    /// The mean true score, in points.
    pub true_score: f64,
    /// From the assistant, in nats an answer.
    pub kl: f64,
}

/// What a run led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Aligned.
    Aligned,
    /// Hacked.
    Hacked,
    /// Diverged.
    Diverged,
}

/// What a run led to.
pub fn outcome(_points: &[Point]) -> Outcome {
    Outcome::Aligned
}

/// A run of PPO that is examined after every turn.
pub struct Run<'a> {
    /// asst
    pub assistant: &'a Assistant,
    /// rm
    pub reward_model: &'a RewardModel,
    /// trainer
    pub trainer: PpoTrainer,
    prompts: Vec<Vec<u32>>,
    tape: Tape,
}

impl<'a> Run<'a> {
    /// A run.
    pub fn new(assistant: &'a Assistant, reward_model: &'a RewardModel, config: PpoConfig, rng: Rng) -> Self {
        let trainer = PpoTrainer::new(config, &assistant.model, &assistant.params, rng);
        let prompts = Topic::ALL.map(|topic| assistant.prompt(topic)).to_vec();
        Self { assistant, reward_model, trainer, prompts, tape: Tape::new() }
    }

    /// A turn.
    pub fn step(&mut self) {
        let prompts: Vec<&[u32]> = self.prompts.iter().map(|prompt| &prompt[..]).collect();
        self.trainer.step(&prompts, self.reward_model);
    }

    /// The weights of the policy.
    pub fn params(&self) -> &Params {
        &self.trainer.params
    }

    /// Where it stands.
    pub fn examine(&mut self, rater: &Rater, n: usize) -> (Point, Examination) {
        let seen = examine(self.assistant, &self.trainer.params, &mut self.tape, n);
        let proxy = seen.proxy(self.reward_model, &mut self.tape);
        (Point { proxy, true_score: seen.true_score(rater), kl: seen.kl }, seen)
    }
}
