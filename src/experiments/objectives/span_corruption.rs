//! Span corruption, as T5 is trained.

use super::{N_DAMAGES, Recipe, learn_and_measure};
use crate::data::SmallWorld;
use crate::data::objectives::SpanNoise;
use crate::experiments::{Bar, Experiment, Measure};
use crate::train::Objective;

pub(in crate::experiments) const EXPERIMENT: Experiment = Experiment {
    name: RECIPE.name,
    claim: "A model that learns to say what is missing in a text says it word for word where the rest decides it.",
    measures: &[
        Measure {
            name: "new-texts",
            meaning: "share of texts it never saw of which it says exactly what is missing",
            bar: Bar::AtLeast(0.9),
        },
        Measure {
            name: "learned-texts",
            meaning: "the same of texts that it learned from",
            bar: Bar::AtLeast(0.9),
        },
    ],
    run: |lab| learn_and_measure(lab, &RECIPE),
};

/// How it is learned, with T5's share of noise. Spans are shorter than its 3 tokens, as texts are, and shifted, so that
/// any word can be missing. The rate is half that of the other objectives, which is where most is learned.
pub static RECIPE: Recipe = Recipe {
    name: "span-corruption",
    objective,
    inputs_length: 12,
    targets_length: 15,
    batch_size: 32,
    learning_rate: 2e-3,
    decided: |world, statement, rng| {
        let (objective, eos) = (objective(world), world.tokenizer().eos());
        let (last, first) = world.sentinels().into_inner();
        let damages = (0..N_DAMAGES).map(|_| objective.damage(&statement.tokens, eos, rng));
        damages.filter(|e| world.candidates(&e.inputs, last..first + 1, 1..=12).len() == 1).collect()
    },
};

fn objective(world: &SmallWorld) -> Objective {
    let noise = SpanNoise { noise_density: 0.15, mean_noise_span_length: 2.0, random_roll: true };
    Objective::SpanCorruption { noise, first_sentinel: *world.sentinels().end() }
}
