//! Whose values? Three groups of raters, and three models that are best for one of them each.

use super::assistant::{REWARD_STEPS, collect, examine, reward_model};
use super::rlhf::{N_EACH, align};
use super::{Bar, Experiment, Lab, Measure};
use crate::data::explain::{RATERS, Rater, RaterConfig};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::RewardConfig;

/// Those who want it plain, flattering and cautious.
const GROUPS: [&Rater; 3] = [&RATERS[0], &RATERS[2], &RATERS[3]];
/// Comparisons of each group: twice as many as are enough where nothing is set against it.
const N_PICKS: usize = 60;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "raters",
    claim: "A model aligned to one group of people is the best for that group, and makes another group worse off.",
    measures: &[
        Measure {
            name: "margin",
            meaning: "lead of a group's own model over the best of the other two, to that group, in standard deviations \
                      of the fine-tuned model's score; the smallest of three",
            bar: Bar::AtLeast(0.5),
        },
        Measure {
            name: "worst",
            meaning: "the most that a group loses against the fine-tuned model by a model of another group, in standard \
                      deviations",
            bar: Bar::EachAtMost(0.0),
        },
        Measure::report(
            "worse-off",
            "of the six pairs of a group and another's model, those that are worse off",
        ),
    ],
    run,
};

fn run(lab: &Lab) -> Vec<f64> {
    let assistant = lab.assistant();
    let models: Vec<Params> = GROUPS
        .iter()
        .map(|rater| {
            let mut rng = Rng::stream(lab.seed, "raters: comparisons");
            let pairs = collect(assistant, rater, &RaterConfig::default(), N_PICKS, &mut rng);
            let judge = reward_model(assistant, RewardConfig::default(), &pairs, REWARD_STEPS, &mut rng);
            align(assistant, &judge, lab.seed)
        })
        .collect();
    let mut tape = Tape::new();
    let before = examine(assistant, &assistant.params, &mut tape, N_EACH);
    let seen: Vec<_> = models.iter().map(|model| examine(assistant, model, &mut tape, N_EACH)).collect();
    // By group, then by model.
    let gains: Vec<Vec<f64>> = GROUPS
        .iter()
        .map(|rater| {
            let gain = |score: f64| (score - before.true_score(rater)) / before.true_spread(rater);
            seen.iter().map(|seen| gain(seen.true_score(rater))).collect()
        })
        .collect();
    let others = |i: usize| gains[i].iter().enumerate().filter(move |(j, _)| *j != i).map(|(_, gain)| *gain);
    let margin = (0..3).map(|i| gains[i][i] - others(i).fold(f64::NEG_INFINITY, f64::max));
    let all: Vec<f64> = (0..3).flat_map(others).collect();
    vec![
        margin.fold(f64::INFINITY, f64::min),
        all.iter().copied().fold(f64::INFINITY, f64::min),
        all.iter().filter(|gain| **gain < 0.0).count() as f64,
    ]
}
