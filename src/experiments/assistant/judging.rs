//! Two answers to the same request, which of them someone prefers, and a model of these preferences.

use super::{Assistant, Reply, write};
use crate::data::explain::{Pick, Rater, RaterConfig, Topic};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Completion, Pair, Pooling, RewardConfig, RewardModel, RewardTrainer};

/// Steps in which a reward model learns from 30 comparisons.
pub const REWARD_STEPS: usize = 50;
/// Answers of the assistant that get the mean reward 0 with a standard deviation of 1.
const N_NORMALIZED: usize = 240;
/// Requests at once.
const BATCH_SIZE: usize = 64;

/// Two answers of a model to each request. They may be the same.
pub fn compare(
    assistant: &Assistant,
    params: &Params,
    tape: &mut Tape,
    topics: &[Topic],
    rng: &mut Rng,
) -> Vec<[Reply; 2]> {
    let twice: Vec<Topic> = topics.iter().flat_map(|&topic| [topic, topic]).collect();
    let mut replies = write(assistant, params, tape, &twice, rng).into_iter();
    std::iter::from_fn(|| Some([replies.next()?, replies.next()?])).collect()
}

/// What a rater says of two answers; `None` if nothing.
pub fn judge(
    [first, second]: &[Reply; 2],
    rater: &Rater,
    config: &RaterConfig,
    rng: &mut Rng,
) -> Option<Pair> {
    let pick = rater.prefer(&first.traits, &second.traits, config, rng)?;
    let (chosen, rejected) = match pick {
        Pick::First => (first, second),
        Pick::Second => (second, first),
    };
    Some(Pair { chosen: chosen.completion.clone(), rejected: rejected.completion.clone() })
}

/// Has the assistant answer random requests twice until a rater has judged `n` of the pairs.
pub fn collect(
    assistant: &Assistant,
    rater: &Rater,
    config: &RaterConfig,
    n: usize,
    rng: &mut Rng,
) -> Vec<Pair> {
    let mut tape = Tape::new();
    let mut pairs = Vec::new();
    while pairs.len() < n {
        let topics: Vec<Topic> = (0..BATCH_SIZE).map(|_| Topic::ALL[rng.below(Topic::ALL.len())]).collect();
        for two in compare(assistant, &assistant.params, &mut tape, &topics, rng) {
            pairs.extend(judge(&two, rater, config, rng));
        }
    }
    pairs.truncate(n);
    pairs
}

/// A model of preferences, fitted to pairs.
pub fn reward_model(
    assistant: &Assistant,
    config: RewardConfig,
    pairs: &[Pair],
    n_steps: usize,
    rng: &mut Rng,
) -> RewardModel {
    let untrained = RewardModel::new(&assistant.model, &assistant.params, Pooling::Mean);
    let mut trainer = RewardTrainer::new(config, untrained, rng.clone());
    (0..n_steps).for_each(|_| _ = trainer.step(pairs));
    let mut reward_model = trainer.reward_model;
    let mut tape = Tape::new();
    let topics: Vec<Topic> = Topic::ALL.into_iter().cycle().take(N_NORMALIZED).collect();
    let replies = write(assistant, &assistant.params, &mut tape, &topics, rng);
    let completions: Vec<&Completion> = replies.iter().map(|reply| &reply.completion).collect();
    reward_model.normalize(&mut tape, &completions);
    reward_model
}

/// What a reward model says of pairs: the reward of the chosen one, less that of the rejected one.
pub fn margins(reward_model: &RewardModel, pairs: &[Pair]) -> Vec<f32> {
    let both: Vec<&Completion> = pairs.iter().flat_map(|pair| [&pair.chosen, &pair.rejected]).collect();
    let rewards = reward_model.score(&mut Tape::new(), &both);
    rewards.chunks_exact(2).map(|pair| pair[0] - pair[1]).collect()
}

/// Share of pairs of which a reward model prefers the same answer.
pub fn agreement(reward_model: &RewardModel, pairs: &[Pair]) -> f64 {
    let margins = margins(reward_model, pairs);
    margins.iter().filter(|margin| **margin > 0.0).count() as f64 / margins.len() as f64
}
