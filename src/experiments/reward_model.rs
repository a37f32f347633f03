//! A few comparisons are enough for a model of what someone prefers.

use super::assistant::{REWARD_STEPS, agreement, collect, margins, reward_model};
use super::{Bar, Experiment, Lab, Measure};
use crate::data::explain::{RATERS, RaterConfig, SINGLE_VALUES};
use crate::rng::Rng;
use crate::train::RewardConfig;

/// Comparisons of the rater with several values, and of a reader who looks at one.
pub const N_PICKS: usize = 30;
const N_PICKS_ONE_TRAIT: usize = 12;
/// Held-out comparisons.
const N_HELD_OUT: usize = 300;
/// A margin of rewards that stands for 90 %: the logarithm of the odds.
const SURE: f32 = 2.197;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "reward-model",
    claim: "After thirty comparisons a reward model mostly agrees with the rater about answers it has never seen.",
    measures: &[
        Measure {
            name: "agreement-30",
            meaning: "share of held-out comparisons on which it agrees after 30, where the rater is decided",
            bar: Bar::AtLeast(0.85),
        },
        Measure {
            name: "agreement-12",
            meaning: "the same after 12 picks of a rater who values one thing, mean over four such raters",
            bar: Bar::AtLeast(0.8),
        },
        Measure::report("sure", "share of held-out comparisons of which it is at least 90 % sure"),
        Measure::report("right-if-sure", "share of these on which it agrees"),
    ],
    run,
};

fn run(lab: &Lab) -> Vec<f64> {
    let assistant = lab.assistant();
    let decided = RaterConfig::default();
    let held_out = |rater| {
        let mut rng = Rng::stream(lab.seed, "reward-model: held-out");
        collect(assistant, rater, &decided, N_HELD_OUT, &mut rng)
    };
    let plain = held_out(&RATERS[0]);
    let judge = lab.reward_model();
    let scale = judge.scale();
    // Rewards are normalized; their odds are not.
    let margins: Vec<f32> = margins(judge, &plain).into_iter().map(|margin| margin * scale).collect();
    let sure: Vec<&f32> = margins.iter().filter(|margin| margin.abs() >= SURE).collect();
    let right = sure.iter().filter(|margin| ***margin > 0.0).count();
    let one_trait = SINGLE_VALUES.iter().map(|rater| {
        let mut rng = Rng::stream(lab.seed, "reward-model: picks");
        let pairs = collect(assistant, rater, &decided, N_PICKS_ONE_TRAIT, &mut rng);
        let judge = reward_model(assistant, RewardConfig::default(), &pairs, REWARD_STEPS, &mut rng);
        agreement(&judge, &held_out(rater))
    });
    vec![
        agreement(judge, &plain),
        super::mean(&one_trait.collect::<Vec<_>>()),
        sure.len() as f64 / margins.len() as f64,
        right as f64 / sure.len().max(1) as f64,
    ]
}
