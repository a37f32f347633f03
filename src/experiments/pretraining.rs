//! Predicting the next token is enough to learn a text, facts included.

use super::{Bar, Base, Experiment, Lab, Measure};
use crate::nn::CausalLm;

/// Steps of a run that a reader watches.
const LIVE_STEPS: usize = 600;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "pretraining",
    claim: "A model that only predicts the next token comes close to the entropy of its text, and knows its facts.",
    measures: &[
        Measure {
            name: "base-loss",
            meaning: "held-out loss of the base, divided by the exact entropy of the text",
            bar: Bar::AtMost(1.05),
        },
        Measure {
            name: "base-capitals",
            meaning: "share of capitals that the base knows, in two wordings",
            bar: Bar::AtLeast(0.9),
        },
        Measure {
            name: "live-loss",
            meaning: "the same loss after the 600 steps that a reader watches",
            bar: Bar::AtMost(1.2),
        },
        Measure {
            name: "live-capitals",
            meaning: "the same capitals after these 600 steps",
            bar: Bar::AtLeast(0.9),
        },
    ],
    run,
};

fn run(lab: &Lab) -> Vec<f64> {
    let base = lab.base();
    let (_, mut live) = Base::untrained(lab.seed, LIVE_STEPS);
    while live.step < LIVE_STEPS {
        live.step(&base.corpus);
    }
    let capitals = base.world.capital_questions();
    let entropy = base.corpus.entropy().expect("a world's is known");
    let measure = |lm: CausalLm| [base.held_out_loss(lm) / entropy, base.accuracy(lm, &capitals)];
    [base.lm(), CausalLm::new(&live.model, &live.params)].into_iter().flat_map(measure).collect()
}
