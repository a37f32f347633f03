//! The next word, as GPT is trained: for comparison with the others, in the same small world and with the same budget.

use super::Recipe;
use crate::data::{SmallWorld, Statement};
use crate::train::{Example, Objective};

/// How it is learned. Nothing is hidden, so that every word of a text is asked for.
pub static RECIPE: Recipe = Recipe {
    name: "causal-lm",
    objective: |_| Objective::CausalLm,
    inputs_length: 0,
    targets_length: 13,
    batch_size: 45,
    learning_rate: 4e-3,
    decided: |world, statement, _| {
        let up_to = |slot: usize| {
            let targets = statement.tokens[..=slot].to_vec();
            Example { n_given: slot, ..Example::written(Vec::new(), targets) }
        };
        decided(world, statement).into_iter().map(up_to).collect()
    },
};

/// Positions of words of fact that the words to their left leave no choice about.
fn decided(world: &SmallWorld, statement: &Statement) -> Vec<usize> {
    let tokens = &statement.tokens;
    let is_decided = |slot: &usize| {
        let begun = |other: &&Statement| other.tokens.starts_with(&tokens[..*slot]);
        world.statements().filter(begun).all(|other| other.tokens.get(*slot) == tokens.get(*slot))
    };
    statement.determined.iter().copied().filter(is_decided).collect()
}
