//! Proximal policy optimization against a reward model, with a leash.
//!
//! The loop of InstructGPT: write completions, score them, charge for every nat away from the reference, and climb.
//! [`PpoTrainer::step`] is one turn of it; the pieces above it are the formulas, on the tape or on plain numbers.
//! Names and metrics are TRL's. Start with [`PpoTrainer::rollout`].
//!
//! Source: Schulman et al., arXiv:1707.06347; Ouyang et al., arXiv:2203.02155, section 3.5 and appendix C.4;
//! TRL 0.11, `ppo_trainer.py`.

use super::Learner;
use super::completion::{Completion, Padded, score_tokens, split};
use super::reward::RewardModel;
use crate::json::{fields, names};
use crate::nn::{BatchWriter, CausalLm, Gpt2, Sampling, Stop};
use crate::rng::Rng;
use crate::tensor::{Graph, ParamId, Params, Var};

mod saved;

pub use saved::SavedPpo;

/// Settings, named as in TRL's `PPOConfig`.
#[derive(Debug, Clone, PartialEq)]
pub struct PpoConfig {
    /// Learning rate.
    pub learning_rate: f64,
    /// Completions in a turn.
    pub batch_size: usize,
    /// Parts of a turn's completions, with a step each.
    pub num_mini_batches: usize,
    /// Times that a turn's completions are gone through. TRL: 4.
    pub num_ppo_epochs: usize,
    /// What a nat away from the reference costs. TRL: 0.05.
    pub kl_coef: f32,
    /// KL, in nats a completion, that `kl_coef` is adapted to; none: it stays.
    pub kl_target: Option<f32>,
    /// How far the probability of a token may move in a turn before its gradient is cut. TRL: 0.2.
    pub cliprange: f32,
    /// The same for values. TRL: 0.2.
    pub cliprange_value: f32,
    /// Weight of the value head's loss. TRL: 0.1.
    pub vf_coef: f32,
    /// What a reward a token later is worth. TRL: 1.
    pub gamma: f32,
    /// Between one step (0) and the whole rest (1) in estimating advantages. TRL: 0.95.
    pub lam: f32,
    /// When a completion ends.
    pub max_new_tokens: usize,
}

impl Default for PpoConfig {
    fn default() -> Self {
        Self {
            learning_rate: 3e-4,
            batch_size: 64,
            num_mini_batches: 2,
            num_ppo_epochs: 4,
            kl_coef: 0.3,
            kl_target: None,
            cliprange: 0.2,
            cliprange_value: 0.2,
            vf_coef: 0.1,
            gamma: 1.0,
            lam: 0.95,
            max_new_tokens: 40,
        }
    }
}

/// Rewards of a completion's tokens: `−kl_coef · (log π − log ref)`, and the score at the last one.
///
/// TRL 0.11: `compute_rewards`.
pub fn token_rewards(logprobs: &[f32], ref_logprobs: &[f32], score: f32, kl_coef: f32) -> Vec<f32> {
    let kl = |(logprob, reference): (&f32, &f32)| -kl_coef * (logprob - reference);
    let mut rewards: Vec<f32> = logprobs.iter().zip(ref_logprobs).map(kl).collect();
    if let Some(last) = rewards.last_mut() {
        *last += score;
    }
    rewards
}

/// Generalized advantage estimation over one completion: `Aₜ = δₜ + γλ·Aₜ₊₁` with `δₜ = rₜ + γ·vₜ₊₁ − vₜ`.
///
/// Source: Schulman et al., arXiv:1506.02438, equation 16.
pub fn gae(rewards: &[f32], values: &[f32], gamma: f32, lam: f32) -> Vec<f32> {
    let mut advantages = vec![0.0; rewards.len()];
    let (mut next_advantage, mut next_value) = (0.0, 0.0);
    for t in (0..rewards.len()).rev() {
        let delta = rewards[t] + gamma * next_value - values[t];
        next_advantage = delta + gamma * lam * next_advantage;
        next_value = values[t];
        advantages[t] = next_advantage;
    }
    advantages
}

/// Shifts and scales to mean 0 and variance 1, the unbiased one. TRL: `masked_whiten`.
pub fn whiten(values: &mut [f32]) {
    let n = values.len() as f64;
    let mean = values.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
    let square = |x: &f32| (f64::from(*x) - mean) * (f64::from(*x) - mean);
    let variance = values.iter().map(square).sum::<f64>() / (n - 1.0).max(1.0);
    let scale = 1.0 / libm::sqrt(variance + 1e-8);
    values.iter_mut().for_each(|x| *x = ((f64::from(*x) - mean) * scale) as f32);
}

/// `mean max(−A·r, −A·clip(r, 1 − ε, 1 + ε))` with `r = exp(log π − log π_old)`.
///
/// Shapes: all `(R, 1)` → `(1, 1)`. Source: Schulman et al., arXiv:1707.06347, equation 7.
pub fn policy_loss(g: &mut Graph, logprobs: Var, old_logprobs: Var, advantages: Var, cliprange: f32) -> Var {
    let log_ratio = g.sub(logprobs, old_logprobs);
    let ratio = g.exp(log_ratio);
    let clipped = g.clamp(ratio, 1.0 - cliprange, 1.0 + cliprange);
    let against = g.scale(advantages, -1.0);
    let (free, bound) = (g.mul(against, ratio), g.mul(against, clipped));
    let worse = g.maximum(free, bound);
    g.mean(worse)
}

/// `½ mean max((v − R)², (clip(v, v_old − ε, v_old + ε) − R)²)`
///
/// Shapes: all `(R, 1)` → `(1, 1)`. TRL 0.11: `PPOTrainer.loss`.
pub fn value_loss(g: &mut Graph, values: Var, old_values: Var, returns: Var, cliprange_value: f32) -> Var {
    let moved = g.sub(values, old_values);
    let moved = g.clamp(moved, -cliprange_value, cliprange_value);
    let clipped = g.add(old_values, moved);
    let mut square = |values| {
        let error = g.sub(values, returns);
        g.mul(error, error)
    };
    let (free, bound) = (square(values), square(clipped));
    let worse = g.maximum(free, bound);
    let mean = g.mean(worse);
    g.scale(mean, 0.5)
}

/// Share of ratios that are cut off, `|r − 1| > cliprange` on the losing side. TRL: `policy/clipfrac_avg`.
pub fn clip_fraction(logprobs: &[f32], old_logprobs: &[f32], advantages: &[f32], cliprange: f32) -> f32 {
    let is_clipped = |((new, old), advantage): &((&f32, &f32), &f32)| {
        let ratio = libm::expf(*new - *old);
        -*advantage * ratio.clamp(1.0 - cliprange, 1.0 + cliprange) > -*advantage * ratio
    };
    let n = logprobs.iter().zip(old_logprobs).zip(advantages).filter(is_clipped).count();
    n as f32 / logprobs.len() as f32
}

/// Share of values whose error counts as if they had moved by `cliprange_value` only. TRL: `val/clipfrac_avg`.
pub fn value_clip_fraction(values: &[f32], old_values: &[f32], returns: &[f32], cliprange_value: f32) -> f32 {
    let is_clipped = |((value, old), target): &((&f32, &f32), &f32)| {
        let clipped = *old + (*value - *old).clamp(-cliprange_value, cliprange_value);
        (clipped - *target).abs() > (*value - *target).abs()
    };
    let n = values.iter().zip(old_values).zip(returns).filter(is_clipped).count();
    n as f32 / values.len() as f32
}

/// What a turn measured. Means over its completions unless said otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PpoStats {
    /// The reward model's score, before the charge for the KL. TRL: `objective/scores`.
    pub scores: f32,
    /// `Σ log π − log ref` over a completion, in nats. TRL: `objective/kl`.
    pub kl: f32,
    /// What a nat cost in this turn.
    pub kl_coef: f32,
    /// Tokens in a completion.
    pub length: f32,
    /// Mean entropy of the policy over tokens, in nats. TRL: `policy/entropy_avg`.
    pub entropy: f32,
    /// Share of tokens whose gradient was cut in the last step. TRL: `policy/clipfrac_avg`.
    pub clipfrac: f32,
    /// Share of values whose error was cut in the last step. TRL: `val/clipfrac_avg`.
    pub value_clipfrac: f32,
    /// `½ mean (log π − log π_old)²` over tokens in the last step. TRL: `policy/approxkl_avg`.
    pub approxkl: f32,
    /// Loss of the value head in the last step. TRL: `loss/value_avg`.
    pub value_loss: f32,
    /// Loss of the policy in the last step. TRL: `loss/policy_avg`.
    pub policy_loss: f32,
}

fields!(PpoStats: scores, kl, kl_coef, length, entropy, clipfrac, value_clipfrac, approxkl, value_loss, policy_loss);

/// A completion of a turn with all that a step needs to know of it; lists have one number a token.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The completion.
    pub completion: Completion,
    /// What the reward model gave.
    pub score: f32,
    /// `Σ log π` in nats, of the policy that wrote it.
    pub logprob: f32,
    /// `Σ log ref` in nats.
    pub ref_logprob: f32,
    logprobs: Vec<f32>,
    values: Vec<f32>,
    advantages: Vec<f32>,
    returns: Vec<f32>,
}

/// A part of a turn that is short enough to stop after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The next token of each completion.
    Writing,
    /// Rewards, or what the reference or the policy thinks of the completions.
    Scoring,
    /// A step of the optimizer.
    Updating,
}

names!(Part: Writing = "writing", Scoring = "scoring", Updating = "updating");

/// What comes before the steps of a turn.
enum Stage {
    /// Nothing, or nothing is left of it.
    Over,
    /// Completions are written. With the random numbers before the first token.
    Writing { writer: BatchWriter, before: Rng },
    /// They are written, and scored by the reward model first and by the reference then.
    Scoring { completions: Vec<Completion>, scores: Option<Vec<f32>>, ref_logprobs: Option<Vec<Vec<f32>>> },
}

/// Trains a policy. The reference is what the policy was at first.
///
/// TRL: `PPOTrainer`. Differs: the value head reads the policy's own last hidden state, as up to TRL 0.11.
pub struct PpoTrainer {
    /// How. `kl_coef` moves if there is a target.
    pub config: PpoConfig,
    /// The network of policy and reference.
    pub model: Gpt2,
    /// The policy's weights, with those of its value head.
    pub params: Params,
    /// The reference's weights.
    pub ref_params: Params,
    /// What happened in the last turn.
    pub stats: PpoStats,
    v_head: [ParamId; 2],
    learner: Learner,
    rng: Rng,
    stage: Stage,
    samples: Vec<Sample>,
    /// Samples of the steps that are left in this turn, the next one last.
    steps: Vec<Vec<usize>>,
}

impl PpoTrainer {
    /// A trainer of a copy of a model, whose completions are drawn from `rng`.
    pub fn new(config: PpoConfig, model: &Gpt2, params: &Params, rng: Rng) -> Self {
        let (model, ref_params, mut params) = (model.clone(), params.clone(), params.clone());
        params.ids().for_each(|id| params.set_requires_grad(id, true));
        let v_head = [
            params.add("v_head.summary.weight", &[1, model.config.n_embd], || 0.0),
            params.add("v_head.summary.bias", &[1], || 0.0),
        ];
        let learner = Learner::new(&params);
        let (stats, stage) = (PpoStats::default(), Stage::Over);
        let (samples, steps) = (Vec::new(), Vec::new());
        Self { config, model, params, ref_params, stats, v_head, learner, rng, stage, samples, steps }
    }

    /// The policy.
    pub fn policy(&self) -> CausalLm<'_> {
        CausalLm::new(&self.model, &self.params)
    }

    /// One turn: [`PpoTrainer::begin`], then [`PpoTrainer::part`] until nothing is left of it.
    pub fn step(&mut self, prompts: &[&[u32]], reward_model: &RewardModel) -> PpoStats {
        self.begin(prompts);
        while self.next_part().is_some() {
            self.part(reward_model);
        }
        self.stats
    }

    /// The first half of a turn: writes the completions, and finds what each token deserves.
    ///
    /// # Panics
    ///
    /// If the prompts differ in length, or there are none.
    pub fn rollout(&mut self, prompts: &[&[u32]], reward_model: &RewardModel) {
        self.begin(prompts);
        while self.next_part().is_some_and(|part| part != Part::Updating) {
            self.part(reward_model);
        }
    }

    /// Begins a turn of `batch_size` completions, of the prompts in turn.
    ///
    /// # Panics
    ///
    /// If the prompts differ in length, or there are none.
    pub fn begin(&mut self, prompts: &[&[u32]]) {
        let writer = self.writer(prompts);
        self.steps.clear();
        self.stage = Stage::Writing { writer, before: self.rng.clone() };
    }

    fn writer(&self, prompts: &[&[u32]]) -> BatchWriter {
        assert!(!prompts.is_empty(), "ppo: no prompts");
        let config = &self.config;
        let prompts: Vec<&[u32]> = prompts.iter().copied().cycle().take(config.batch_size).collect();
        let stop =
            Stop { max_new_tokens: config.max_new_tokens, eos_token_id: self.model.config.eos_token_id };
        BatchWriter::new(&prompts, stop)
    }

    /// What comes next in this turn, if anything does.
    pub fn next_part(&self) -> Option<Part> {
        match &self.stage {
            Stage::Writing { .. } => Some(Part::Writing),
            Stage::Scoring { .. } => Some(Part::Scoring),
            Stage::Over => (!self.steps.is_empty()).then_some(Part::Updating),
        }
    }

    /// The completions that this turn learns from, once they are scored.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Does the next part of a turn, if there is one.
    pub fn part(&mut self, reward_model: &RewardModel) {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Over => {
                self.update();
                Stage::Over
            }
            Stage::Writing { mut writer, before } => {
                let policy = CausalLm::new(&self.model, &self.params);
                let tape = &mut self.learner.tape;
                if writer.step(policy, tape, &Sampling::default(), &mut self.rng) {
                    Stage::Writing { writer, before }
                } else {
                    let completions = completions(writer);
                    Stage::Scoring { completions, scores: None, ref_logprobs: None }
                }
            }
            Stage::Scoring { completions, scores, ref_logprobs } => {
                let all: Vec<&Completion> = completions.iter().collect();
                let tape = &mut self.learner.tape;
                match (scores, ref_logprobs) {
                    (None, _) => {
                        let scores = Some(reward_model.score(tape, &all));
                        Stage::Scoring { completions, scores, ref_logprobs: None }
                    }
                    (scores, None) => {
                        let reference = CausalLm::new(&self.model, &self.ref_params);
                        let ref_logprobs = Some(score_tokens(reference, tape, &all));
                        Stage::Scoring { completions, scores, ref_logprobs }
                    }
                    (Some(scores), Some(ref_logprobs)) => {
                        self.deserve(completions, &scores, &ref_logprobs);
                        Stage::Over
                    }
                }
            }
        };
    }

    /// Finds what each token of the completions deserves, and plans the steps.
    fn deserve(&mut self, completions: Vec<Completion>, scores: &[f32], ref_logprobs: &[Vec<f32>]) {
        let config = &self.config;
        let all: Vec<&Completion> = completions.iter().collect();
        let n = all.len() as f32;
        let length = all.iter().map(|completion| completion.completion().len()).sum::<usize>() as f32 / n;
        let policy = CausalLm::new(&self.model, &self.params);
        let rows = Padded::new(&all);
        let mut g = policy.inference(&mut self.learner.tape);
        let [logprobs, values, logits] = evaluate(&mut g, &self.model, self.v_head, &rows);
        let entropy = g.entropy(logits);
        let entropy = g.mean(entropy);
        let entropy = g.value(entropy)[0];
        let logprobs = split(g.value(logprobs), rows.lengths());
        let values = split(g.value(values), rows.lengths());

        let sum = |list: &Vec<f32>| list.iter().sum::<f32>();
        let difference = |(new, old): (&Vec<f32>, &Vec<f32>)| sum(new) - sum(old);
        let kl = logprobs.iter().zip(ref_logprobs).map(difference).sum::<f32>() / n;
        self.stats = PpoStats {
            scores: scores.iter().sum::<f32>() / n,
            kl,
            kl_coef: config.kl_coef,
            length,
            entropy,
            ..PpoStats::default()
        };
        let inputs = completions.into_iter().zip(scores).zip(logprobs).zip(values).zip(ref_logprobs);
        self.samples = inputs
            .map(|((((completion, &score), logprobs), values), ref_logprobs)| {
                let rewards = token_rewards(&logprobs, ref_logprobs, score, config.kl_coef);
                let advantages = gae(&rewards, &values, config.gamma, config.lam);
                let returns = advantages.iter().zip(&values).map(|(a, v)| a + v).collect();
                let (logprob, ref_logprob) = (sum(&logprobs), sum(ref_logprobs));
                Sample { completion, score, logprob, ref_logprob, logprobs, values, advantages, returns }
            })
            .collect();
        let mut advantages: Vec<f32> = self.samples.iter().flat_map(|s| s.advantages.clone()).collect();
        whiten(&mut advantages);
        let white = split(&advantages, self.samples.iter().map(|s| s.advantages.len()));
        self.samples.iter_mut().zip(white).for_each(|(sample, advantages)| sample.advantages = advantages);
        self.plan();
        self.adapt(kl);
    }

    /// Deals the samples to steps, anew for each epoch.
    fn plan(&mut self) {
        let n = self.samples.len().div_ceil(self.config.num_mini_batches);
        for _ in 0..self.config.num_ppo_epochs {
            let mut order: Vec<usize> = (0..self.samples.len()).collect();
            self.rng.shuffle(&mut order);
            self.steps.extend(order.chunks(n).map(<[usize]>::to_vec));
        }
        self.steps.reverse();
    }

    /// Moves the price of a nat towards the KL that was asked for.
    ///
    /// Source: Schulman et al., arXiv:1707.06347, section 4, with gentler factors.
    fn adapt(&mut self, kl: f32) {
        let Some(target) = self.config.kl_target else { return };
        let factor = if kl > 1.3 * target {
            1.5
        } else if kl < target / 1.3 {
            1.0 / 1.5
        } else {
            1.0
        };
        self.config.kl_coef = (self.config.kl_coef * factor).clamp(0.02, 3.0);
    }

    /// The next step with samples of this turn; `false` if there was none.
    pub fn update(&mut self) -> bool {
        let Some(step) = self.steps.pop() else { return false };
        let samples: Vec<&Sample> = step.iter().map(|&i| &self.samples[i]).collect();
        let rows = Padded::new(&samples.iter().map(|sample| &sample.completion).collect::<Vec<_>>());
        let column =
            |of: fn(&Sample) -> &Vec<f32>| samples.iter().flat_map(|s| of(s).clone()).collect::<Vec<f32>>();
        let old_logprobs = column(|s| &s.logprobs);
        let advantages = column(|s| &s.advantages);
        let (old_values, returns) = (column(|s| &s.values), column(|s| &s.returns));
        let (config, model, v_head) = (&self.config, &self.model, self.v_head);
        let stats = &mut self.stats;
        self.learner.step(&mut self.params, config.learning_rate, |g| {
            let [logprobs, values, _] = evaluate(g, model, v_head, &rows);
            let constants =
                [&old_logprobs, &advantages, &old_values, &returns].map(|values| g.constant(1, values));
            let [old, advantage, old_value, target] = constants;
            let policy = policy_loss(g, logprobs, old, advantage, config.cliprange);
            let value = value_loss(g, values, old_value, target, config.cliprange_value);
            stats.policy_loss = g.value(policy)[0];
            stats.value_loss = g.value(value)[0];
            stats.clipfrac = clip_fraction(g.value(logprobs), &old_logprobs, &advantages, config.cliprange);
            stats.value_clipfrac =
                value_clip_fraction(g.value(values), &old_values, &returns, config.cliprange_value);
            let square = |(new, old): (&f32, &f32)| (new - old) * (new - old);
            let squares = g.value(logprobs).iter().zip(&old_logprobs).map(square);
            stats.approxkl = 0.5 * squares.sum::<f32>() / old_logprobs.len() as f32;
            let value = g.scale(value, config.vf_coef);
            g.add(policy, value)
        });
        true
    }
}

/// What was written, with the prompts.
fn completions(writer: BatchWriter) -> Vec<Completion> {
    let start = writer.n_prompt();
    writer.into_texts().into_iter().map(|ids| Completion { ids, start }).collect()
}

/// `log p` and value at each token of the completions, (R, 1) both, and the logits behind them, (R, V).
fn evaluate(g: &mut Graph, model: &Gpt2, v_head: [ParamId; 2], rows: &Padded) -> [Var; 3] {
    let hidden = rows.scored_hidden(g, model, None);
    let labels: Vec<Option<u32>> = rows.labels.iter().copied().map(Some).collect();
    let logits = model.head(g, hidden);
    let [weight, bias] = v_head.map(|id| g.param(id));
    let values = g.linear(hidden, weight);
    [g.logprobs(logits, &labels), g.add_row(values, bias), logits]
}
