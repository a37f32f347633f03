//! Denoising, as BART is trained.

use super::{N_DAMAGES, Recipe, learn_and_measure};
use crate::data::SmallWorld;
use crate::data::objectives::{Denoising, Noise};
use crate::experiments::{Bar, Experiment, Measure};
use crate::train::{Example, Objective};

pub(in crate::experiments) const EXPERIMENT: Experiment = Experiment {
    name: RECIPE.name,
    claim: "A model that learns to undo damage writes a text as it was, missing words and order of sentences included.",
    measures: &[
        Measure {
            name: "new-texts",
            meaning: "share of texts it never saw that it restores word for word",
            bar: Bar::AtLeast(0.8),
        },
        Measure {
            name: "learned-texts",
            meaning: "the same of texts that it learned from",
            bar: Bar::AtLeast(0.8),
        },
    ],
    run: |lab| learn_and_measure(lab, &RECIPE),
};

/// How it is learned, with BART's share of damage. A mask can stand for no token, so inputs can be longer than the text.
pub static RECIPE: Recipe = Recipe {
    name: "denoising",
    objective: |world| Objective::Denoising(noise(world)),
    inputs_length: 16,
    targets_length: 13,
    batch_size: 20,
    learning_rate: 4e-3,
    decided: |world, statement, rng| {
        let (noise, mask) = (noise(world), world.mask_token_id());
        let mut decided = Vec::new();
        for _ in 0..N_DAMAGES {
            let filled = Noise::TextInfilling.apply(&statement.tokens, &noise, rng);
            // Decided with the sentences in order. Which order that is, the model has to find out as well.
            if world.candidates(&filled, mask..mask + 1, 0..=12).len() == 1 {
                let inputs = Noise::SentencePermutation.apply(&filled, &noise, rng);
                let targets = [statement.tokens.as_slice(), &[world.tokenizer().eos()]].concat();
                decided.push(Example::written(inputs, targets));
            }
        }
        decided
    },
};

fn noise(world: &SmallWorld) -> Denoising {
    Denoising {
        mask_ratio: 0.3,
        poisson_lambda: 3.0,
        mask_token_id: world.mask_token_id(),
        full_stop_id: world.full_stop_id(),
    }
}
