//! A reward model that learns from picks, in short parts, always from the beginning: what it is depends on the picks
//! alone, so a pick that was taken back has left no trace. Start with [`Fit::step`].

use super::survey::ROWS;
use crate::data::explain::{Rater, Trait};
use crate::experiments::assistant::{Assistant, Examination};
use crate::json::fields;
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Completion, Pair, Pooling, RewardConfig, RewardModel, RewardTrainer, SavedReward};

/// Steps for a few picks, and at most; between them as many as there are picks.
const N_STEPS: [usize; 2] = [30, 100];
/// A trait is told of if at least so many answers have it, and so many do not.
const MIN_ANSWERS: usize = 6;

/// A reward model that has learned, and what it gives to the assistant's own answers.
pub struct Judge {
    pub reward_model: RewardModel,
    /// Of the answers that it is normalized by.
    pub rewards: Vec<f32>,
    /// Decided picks that it has learned from.
    pub n_picks: usize,
    pub steps: usize,
    /// Of its last step.
    pub loss: f32,
    /// Rewards of the chosen answers less those of the rejected ones, in log-odds: smallest, median, largest.
    pub margins: [f32; 3],
}

/// A reward model on its way.
pub struct Fit {
    trainer: RewardTrainer,
    pairs: Vec<Pair>,
    pub step: usize,
    loss: f32,
    /// Raw rewards of the assistant's own answers, as far as they were asked for.
    rewards: Vec<f32>,
}

/// A fit without its tensors and pairs.
#[derive(Debug, Clone)]
pub struct SavedFit {
    trainer: SavedReward,
    step: usize,
    loss: f32,
    rewards: Vec<f32>,
}

fields!(SavedFit: trainer, step, loss, rewards);

/// A judge without its tensors.
#[derive(Debug, Clone)]
pub struct SavedJudge {
    normalization: [f32; 2],
    rewards: Vec<f32>,
    n_picks: usize,
    steps: usize,
    loss: f32,
    margins: [f32; 3],
}

fields!(SavedJudge: normalization, rewards, n_picks, steps, loss, margins);

/// What a trait of an answer is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct TraitValue {
    /// The trait's name.
    pub r#trait: Trait,
    /// Answers that have it.
    pub n: usize,
    /// To the reward model, in standard deviations.
    pub pays: Option<f64>,
    /// To a rater.
    pub wants: Option<f64>,
}

impl crate::json::ToJson for TraitValue {
    fn to_json(&self) -> crate::json::Value {
        let Self { r#trait, n, pays, wants } = self;
        crate::json::Value::object(vec![
            ("trait", r#trait.to_json()),
            ("n", n.to_json()),
            ("pays", pays.to_json()),
            ("wants", wants.to_json()),
        ])
    }
}

impl crate::json::FromJson for TraitValue {
    fn read(value: &crate::json::Value, wrong: &mut crate::json::Wrong) -> Self {
        use crate::json::field;
        Self {
            r#trait: field(value, "trait", wrong),
            n: field(value, "n", wrong),
            pays: field(value, "pays", wrong),
            wants: field(value, "wants", wrong),
        }
    }
}

/// A fit from few pairs a step, so that each is short, and few steps, at twice the rates of a fit that has more of both.
fn config() -> RewardConfig {
    let usual = RewardConfig::default();
    RewardConfig {
        batch_size: 8,
        learning_rate: 2.0 * usual.learning_rate,
        head_learning_rate: 2.0 * usual.head_learning_rate,
        ..usual
    }
}

impl Fit {
    /// A fit that has not begun.
    pub fn new(assistant: &Assistant, pairs: Vec<Pair>, seed: u64) -> Self {
        let untrained = RewardModel::new(&assistant.model, &assistant.params, Pooling::Mean);
        let rng = Rng::stream(seed, "rlhf-game: reward model");
        let trainer = RewardTrainer::new(config(), untrained, rng);
        Self { trainer, pairs, step: 0, loss: f32::NAN, rewards: Vec::new() }
    }

    /// Steps of the fit.
    pub fn steps(&self) -> usize {
        self.pairs.len().clamp(N_STEPS[0], N_STEPS[1])
    }

    /// Loss before the last step.
    pub fn loss(&self) -> f32 {
        self.loss
    }

    /// A step, or a part of the normalization; `false` when there is nothing left.
    pub fn step(&mut self, seen: &Examination, tape: &mut Tape) -> bool {
        if self.step < self.steps() {
            self.loss = self.trainer.step(&self.pairs);
            self.step += 1;
            return true;
        }
        let rest = &seen.replies[self.rewards.len()..];
        let part: Vec<&Completion> = rest.iter().take(ROWS).map(|reply| &reply.completion).collect();
        if part.is_empty() {
            return false;
        }
        self.rewards.extend(self.trainer.reward_model.score(tape, &part));
        true
    }

    /// The reward model, once nothing is left to do.
    pub fn into_judge(self, tape: &mut Tape) -> Judge {
        let (n_picks, steps) = (self.pairs.len(), self.steps());
        let mut reward_model = self.trainer.reward_model;
        let some: Vec<&Pair> = self.pairs.iter().take(ROWS).collect();
        let both: Vec<&Completion> = some.iter().flat_map(|pair| [&pair.chosen, &pair.rejected]).collect();
        let raw = reward_model.score(tape, &both);
        let mut margins: Vec<f32> = raw.chunks_exact(2).map(|two| two[0] - two[1]).collect();
        put_in_order(&mut margins);
        let margins = [margins[0], margins[margins.len() / 2], margins[margins.len() - 1]];
        reward_model.normalize_by(&self.rewards);
        let [shift, scale] = reward_model.normalization();
        let rewards = self.rewards.iter().map(|reward| (reward - shift) / scale).collect();
        Judge { reward_model, rewards, n_picks, steps, loss: self.loss, margins }
    }

    pub fn save(&self) -> (Params, SavedFit) {
        let (tensors, trainer) = self.trainer.save();
        let rewards = self.rewards.clone();
        (tensors, SavedFit { trainer, step: self.step, loss: self.loss, rewards })
    }

    /// `None` if the parts do not fit each other.
    pub fn load(mut self, tensors: &Params, saved: SavedFit, n_seen: usize) -> Option<Self> {
        self.trainer.load(tensors, saved.trainer)?;
        (self.step, self.loss, self.rewards) = (saved.step, saved.loss, saved.rewards);
        (self.step <= self.steps() && self.rewards.len() <= n_seen && !self.pairs.is_empty()).then_some(self)
    }
}

/// Smallest first. Few numbers: insertion is the least code.
fn put_in_order(values: &mut [f32]) {
    for i in 1..values.len() {
        let mut at = i;
        while at > 0 && values[at] < values[at - 1] {
            values.swap(at, at - 1);
            at -= 1;
        }
    }
}

impl Judge {
    /// Rewards on the scale on which differences are log-odds.
    pub fn log_odds(&self, tape: &mut Tape, completions: &[&Completion]) -> Vec<f32> {
        let scale = self.reward_model.scale();
        self.reward_model.score(tape, completions).iter().map(|reward| scale * reward).collect()
    }

    /// What each trait is worth to it, and to the one rater who made the picks, over the assistant's answers.
    pub fn values(&self, seen: &Examination, rater: Option<&Rater>) -> Vec<TraitValue> {
        let rewards: Vec<f64> = self.rewards.iter().map(|reward| f64::from(*reward)).collect();
        let wanted = rater.map(|rater| seen.true_scores(rater));
        let mut lengths: Vec<f32> = seen.replies.iter().map(|reply| reply.traits.words as f32).collect();
        put_in_order(&mut lengths);
        let median = lengths[lengths.len() / 2];
        let value = |which: Trait| {
            let has: Vec<bool> = seen
                .replies
                .iter()
                .map(|reply| {
                    let n = reply.traits.count(which);
                    if which == Trait::Words { n as f32 > median } else { n > 0 }
                })
                .collect();
            TraitValue {
                r#trait: which,
                n: has.iter().filter(|has| **has).count(),
                pays: difference(&rewards, &has),
                wants: wanted.as_ref().and_then(|wanted| difference(wanted, &has)),
            }
        };
        Trait::ALL.into_iter().map(value).collect()
    }

    pub fn save(&self) -> SavedJudge {
        SavedJudge {
            normalization: self.reward_model.normalization(),
            rewards: self.rewards.clone(),
            n_picks: self.n_picks,
            steps: self.steps,
            loss: self.loss,
            margins: self.margins,
        }
    }

    /// `None` if the parts do not fit each other.
    pub fn load(assistant: &Assistant, tensors: &Params, saved: SavedJudge, n_seen: usize) -> Option<Self> {
        let mut reward_model = RewardModel::new(&assistant.model, &assistant.params, Pooling::Mean);
        reward_model.params.load(tensors)?;
        reward_model.set_normalization(saved.normalization);
        let SavedJudge { rewards, n_picks, steps, loss, margins, .. } = saved;
        (rewards.len() == n_seen).then_some(Self { reward_model, rewards, n_picks, steps, loss, margins })
    }
}

/// The mean of those that have something less the mean of those that do not, in standard deviations of all.
fn difference(values: &[f64], has: &[bool]) -> Option<f64> {
    let mean = |of: &dyn Fn(usize) -> bool| {
        let some: Vec<f64> = (0..values.len()).filter(|i| of(*i)).map(|i| values[i]).collect();
        (some.len() >= MIN_ANSWERS).then(|| some.iter().sum::<f64>() / some.len() as f64)
    };
    let all = mean(&|_| true)?;
    let squares = values.iter().map(|value| (value - all) * (value - all)).sum::<f64>();
    let spread = (squares / values.len() as f64).sqrt();
    if spread == 0.0 {
        return None;
    }
    Some((mean(&|i| has[i])? - mean(&|i| !has[i])?) / spread)
}
