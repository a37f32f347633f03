//! Masked language modeling, as BERT is trained.

use super::{Recipe, learn_and_measure};
use crate::data::objectives::Masking;
use crate::experiments::{Bar, Experiment, Measure};
use crate::train::{Example, Objective};

pub(in crate::experiments) const EXPERIMENT: Experiment = Experiment {
    name: RECIPE.name,
    claim: "A model that guesses hidden words from both sides gets right what the other words decide.",
    measures: &[
        Measure {
            name: "new-texts",
            meaning: "share of words of fact, hidden one by one, that it guesses in texts it never saw",
            bar: Bar::AtLeast(0.9),
        },
        Measure {
            name: "learned-texts",
            meaning: "the same in texts that it learned from",
            bar: Bar::AtLeast(0.9),
        },
    ],
    run: |lab| learn_and_measure(lab, &RECIPE),
};

/// How it is learned. Twice as many words are hidden as in BERT: so many more are asked for in a step.
pub static RECIPE: Recipe = Recipe {
    name: "masked-lm",
    objective: |world| {
        Objective::MaskedLm(Masking {
            mlm_probability: 0.3,
            mask_token_id: world.mask_token_id(),
            random_ids: world.word_ids(),
        })
    },
    inputs_length: 12,
    targets_length: 0,
    batch_size: 48,
    learning_rate: 4e-3,
    decided: |world, statement, _| {
        let hidden = |&slot: &usize| {
            let mut inputs = statement.tokens.clone();
            let target = std::mem::replace(&mut inputs[slot], world.mask_token_id());
            Example { inputs, targets: vec![target], slots: Some(vec![slot]), n_given: 0 }
        };
        statement.determined.iter().map(hidden).collect()
    },
};
