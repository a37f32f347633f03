//! Best of n: no training at all, only choosing. What every other method of alignment has to beat.

use super::completion::Completion;
use super::reward::RewardModel;
use crate::nn::{CausalLm, Sampling, Stop, generate_batch};
use crate::rng::Rng;
use crate::tensor::Tape;

/// For each prompt, the one of `n` completions that the reward model likes best; the earliest among equals.
///
/// Source: Stiennon et al., arXiv:2009.01325, appendix G.
///
/// # Panics
///
/// If the prompts differ in length, or `n` is 0.
pub fn best_of_n(
    lm: CausalLm,
    reward_model: &RewardModel,
    tape: &mut Tape,
    prompts: &[&[u32]],
    n: usize,
    stop: Stop,
    rng: &mut Rng,
) -> Vec<Completion> {
    assert!(n > 0, "best_of_n: n must not be 0");
    let mut best: Vec<Option<(f32, Completion)>> = vec![None; prompts.len()];
    for _ in 0..n {
        let written = generate_batch(lm, tape, prompts, &Sampling::default(), stop, rng);
        let completions: Vec<Completion> =
            prompts.iter().zip(&written).map(|(prompt, new)| Completion::new(prompt, new)).collect();
        let scores = reward_model.score(tape, &completions.iter().collect::<Vec<_>>());
        for ((best, score), completion) in best.iter_mut().zip(scores).zip(completions) {
            if best.as_ref().is_none_or(|(most, _)| score > *most) {
                *best = Some((score, completion));
            }
        }
    }
    best.into_iter().flatten().map(|(_, completion)| completion).collect()
}

/// An upper bound of the KL divergence of best-of-n from the model that it chooses from: `ln n − (n − 1)/n` nats.
///
/// Source: Hilton & Gao, "Measuring Goodhart's law" (2022); Beirami et al., arXiv:2401.01879, theorem 3.1.
pub fn best_of_n_kl(n: usize) -> f64 {
    let n = n as f64;
    libm::log(n) - (n - 1.0) / n
}
