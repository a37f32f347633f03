//! A reward model: what people prefer, from pairs of which they chose one.

use super::completion::{Completion, Padded, Pair};
use super::{Learner, Pooling, ScoreHead};
use crate::json::fields;
use crate::nn::Gpt2;
use crate::rng::Rng;
use crate::tensor::{Graph, Params, Tape, Var};

/// `−log σ(r_chosen − r_rejected − margin)`, averaged over pairs, in nats.
///
/// With `center_rewards_coefficient` times the mean of `(r_chosen + r_rejected)²`, which keeps rewards around 0.
///
/// Shapes: `chosen (N, 1), rejected (N, 1), margins (N) → (1, 1)`. TRL: `RewardTrainer.compute_loss`.
/// Source: Bradley & Terry 1952; Ouyang et al., arXiv:2203.02155, equation 1; margins: Touvron et al.,
/// arXiv:2307.09288, section 3.2.2; centering: Eisenstein et al., arXiv:2312.09244.
///
/// # Panics
///
/// If the shapes differ.
pub fn bradley_terry(
    g: &mut Graph,
    chosen: Var,
    rejected: Var,
    margins: Option<&[f32]>,
    center_rewards_coefficient: f32,
) -> Var {
    let mut difference = g.sub(chosen, rejected);
    if let Some(margins) = margins {
        let margins = g.constant(1, margins);
        difference = g.sub(difference, margins);
    }
    let log_sigmoid = g.log_sigmoid(difference);
    let mean = g.mean(log_sigmoid);
    let loss = g.scale(mean, -1.0);
    if center_rewards_coefficient == 0.0 {
        return loss;
    }
    let sum = g.add(chosen, rejected);
    let square = g.mul(sum, sum);
    let mean = g.mean(square);
    let penalty = g.scale(mean, center_rewards_coefficient);
    g.add(loss, penalty)
}

/// Settings, named as in TRL's `RewardConfig`.
#[derive(Debug, Clone, PartialEq)]
pub struct RewardConfig {
    /// Learning rate of the network.
    pub learning_rate: f64,
    /// Learning rate of the head, which begins at 0.
    pub head_learning_rate: f64,
    /// Most pairs in a step.
    pub batch_size: usize,
    /// Share of a weight that decays each step, times the learning rate.
    pub weight_decay: f64,
    /// Keeps rewards around 0; TRL: off.
    pub center_rewards_coefficient: f32,
}

impl Default for RewardConfig {
    fn default() -> Self {
        Self {
            learning_rate: 3e-4,
            head_learning_rate: 3e-3,
            batch_size: 32,
            weight_decay: 0.05,
            center_rewards_coefficient: 0.0,
        }
    }
}

/// A GPT-2 with a head that scores a completion.
///
/// Source: Ouyang et al., arXiv:2203.02155, section 3.5. Differs: the head may read the mean over the completion
/// instead of its last token; at this size that agrees with people after fewer pairs.
#[derive(Debug, Clone)]
pub struct RewardModel {
    /// The network.
    pub model: Gpt2,
    /// Its weights, `score.weight` among them.
    pub params: Params,
    /// The head.
    pub head: ScoreHead,
    /// Rewards are shifted by the one and divided by the other.
    normalization: [f32; 2],
}

impl RewardModel {
    /// A copy of a model, all of it trained, with a head that scores everything 0.
    pub fn new(model: &Gpt2, params: &Params, pooling: Pooling) -> Self {
        let (model, mut params) = (model.clone(), params.clone());
        params.ids().for_each(|id| params.set_requires_grad(id, true));
        let head = ScoreHead::init(1, pooling, &model, &mut params);
        Self { model, params, head, normalization: [0.0, 1.0] }
    }

    /// Rewards of completions.
    pub fn score(&self, tape: &mut Tape, completions: &[&Completion]) -> Vec<f32> {
        let mut g = Graph::inference(tape, &self.params);
        let rewards = rewards(&mut g, &self.model, &self.head, completions);
        let [shift, scale] = self.normalization;
        g.value(rewards).iter().map(|r| (r - shift) / scale).collect()
    }

    /// What rewards are shifted by, and divided by.
    pub fn normalization(&self) -> [f32; 2] {
        self.normalization
    }

    /// Puts back what [`RewardModel::normalization`] gave.
    pub fn set_normalization(&mut self, normalization: [f32; 2]) {
        self.normalization = normalization;
    }

    /// What rewards are divided by.
    pub fn scale(&self) -> f32 {
        self.normalization[1]
    }

    /// Shifts and scales rewards so that these completions have mean 0 and standard deviation 1.
    ///
    /// Source: Stiennon et al., arXiv:2009.01325, section 3.4 (mean 0); the scale makes one KL coefficient fit all.
    pub fn normalize(&mut self, tape: &mut Tape, completions: &[&Completion]) {
        self.normalization = [0.0, 1.0];
        let rewards = self.score(tape, completions);
        self.normalize_by(&rewards);
    }

    /// The same where these completions' rewards are there: raw ones, of a model that was not normalized.
    pub fn normalize_by(&mut self, rewards: &[f32]) {
        let n = rewards.len() as f32;
        let mean = rewards.iter().sum::<f32>() / n;
        let variance = rewards.iter().map(|r| (r - mean) * (r - mean)).sum::<f32>() / n;
        self.normalization = [mean, variance.sqrt().max(1e-6)];
    }
}

/// Rewards on the tape, (N, 1).
fn rewards(g: &mut Graph, model: &Gpt2, head: &ScoreHead, completions: &[&Completion]) -> Var {
    let rows = Padded::new(completions);
    let (hidden, first_rows) = rows.hidden(g, model, None);
    let range = |(span, first): (&[usize; 2], usize)| span.map(|t| first + t);
    let ranges: Vec<[usize; 2]> = rows.spans.iter().zip(first_rows).map(range).collect();
    let pooled = head.pool_rows(g, hidden, &ranges);
    g.linear(pooled, g.param(head.weight))
}

/// Fits a reward model to pairs.
///
/// TRL: `RewardTrainer`.
pub struct RewardTrainer {
    /// How.
    pub config: RewardConfig,
    /// The reward model.
    pub reward_model: RewardModel,
    learner: Learner,
    rng: Rng,
}

impl RewardTrainer {
    /// A trainer of a reward model, with pairs drawn from `rng`.
    pub fn new(config: RewardConfig, reward_model: RewardModel, rng: Rng) -> Self {
        let mut learner = Learner::new(&reward_model.params);
        learner.optimizer.config.weight_decay = config.weight_decay;
        let factor = config.head_learning_rate / config.learning_rate;
        learner.optimizer.scale_rate(reward_model.head.weight, factor);
        Self { config, reward_model, learner, rng }
    }

    /// Learns from up to `batch_size` of the pairs; gives the loss before.
    ///
    /// # Panics
    ///
    /// If there are no pairs.
    pub fn step(&mut self, pairs: &[Pair]) -> f32 {
        let n = pairs.len().min(self.config.batch_size);
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        self.rng.shuffle(&mut order);
        let drawn = || order[..n].iter().map(|&i| &pairs[i]);
        let both: Vec<&Completion> =
            drawn().map(|pair| &pair.chosen).chain(drawn().map(|pair| &pair.rejected)).collect();
        let RewardModel { model, params, head, .. } = &mut self.reward_model;
        self.learner.step(params, self.config.learning_rate, |g| {
            let rewards = rewards(g, model, head, &both); // (2N, 1)
            let chosen = g.embedding(rewards, 0..n as u32);
            let rejected = g.embedding(rewards, n as u32..2 * n as u32);
            bradley_terry(g, chosen, rejected, None, self.config.center_rewards_coefficient)
        })
    }
}

/// What a [`RewardTrainer`] is besides its tensors.
#[derive(Debug, Clone)]
pub struct SavedReward {
    optimizer_step: usize,
    rng: Rng,
}

fields!(SavedReward: optimizer_step, rng);

impl RewardTrainer {
    /// All that is needed to go on with the same bits: the tensors with those of the optimizer, and the rest.
    pub fn save(&self) -> (Params, SavedReward) {
        let params = &self.reward_model.params;
        let (state, optimizer_step) = self.learner.optimizer.state(params);
        let mut tensors = params.clone();
        for id in state.ids() {
            tensors.add_values(state.name(id), state.shape(id), state.value(id));
        }
        (tensors, SavedReward { optimizer_step, rng: self.rng.clone() })
    }

    /// Makes a trainer of the same settings the one that [`RewardTrainer::save`] was called on; `None`, and anything changed,
    /// if the parts do not fit.
    pub fn load(&mut self, tensors: &Params, saved: SavedReward) -> Option<()> {
        self.reward_model.params.load(tensors)?;
        self.rng = saved.rng;
        self.learner.optimizer.load_state(&self.reward_model.params, tensors, saved.optimizer_step)
    }
}
