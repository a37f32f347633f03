//! Models that learn to restore damaged texts, and how it is measured what they restore.

use pretune::data::Statement;
use pretune::experiments::objectives::{Recipe, Run, causal_lm, denoising, masked_lm, span_corruption};
use pretune::rng::Rng;
use pretune::train::{Example, Objective};

const RECIPES: [&Recipe; 3] = [&masked_lm::RECIPE, &span_corruption::RECIPE, &denoising::RECIPE];

fn decided(recipe: &Recipe, run: &Run, rng: &mut Rng) -> Vec<(Statement, Example)> {
    let of = |statement: &Statement| {
        let examples = (recipe.decided)(&run.world, statement, rng);
        examples.into_iter().map(|example| (statement.clone(), example)).collect::<Vec<_>>()
    };
    run.world.held_out().iter().flat_map(of).collect()
}

#[test]
fn one_pass_over_many_says_whose_answers_are_right() {
    for recipe in RECIPES {
        let mut run = Run::new(recipe, 1);
        (0..80).for_each(|_| _ = run.step());
        let examples: Vec<Example> =
            decided(recipe, &run, &mut Rng::new(2)).into_iter().map(|(_, e)| e).step_by(3).collect();
        let are_right = run.trainer.are_right(&examples);
        assert!(are_right.contains(&true) && are_right.contains(&false), "{}: half learned", recipe.name);
        for (example, is_right) in examples.iter().zip(are_right) {
            let answer = run.trainer.answer(example);
            assert_eq!(answer == example.targets, is_right, "{}: {example:?}, {answer:?}", recipe.name);
        }
    }
}

#[test]
fn an_answer_is_given_without_the_targets() {
    for recipe in RECIPES {
        let mut run = Run::new(recipe, 1);
        (0..80).for_each(|_| _ = run.step());
        for (_, example) in decided(recipe, &run, &mut Rng::new(3)).into_iter().take(20) {
            let others = Example { targets: vec![0; example.targets.len()], ..example.clone() };
            assert_eq!(run.trainer.answer(&example), run.trainer.answer(&others), "{}", recipe.name);
        }
    }
}

/// The text that an answer makes of a damaged one: slots and sentinels are filled.
fn restored(objective: &Objective, example: &Example) -> Vec<u32> {
    match objective {
        Objective::CausalLm => unreachable!("nothing is damaged"),
        Objective::MaskedLm(_) => {
            let mut text = example.inputs.clone();
            let slots = example.slots.as_ref().expect("in place");
            slots.iter().zip(&example.targets).for_each(|(&slot, &target)| text[slot] = target);
            text
        }
        Objective::SpanCorruption { first_sentinel, .. } => {
            let is_sentinel = |token: &u32| (first_sentinel - 7..=*first_sentinel).contains(token);
            let behind = |sentinel: u32| {
                let start = example.targets.iter().position(|&token| token == sentinel).expect("a span") + 1;
                example.targets[start..].iter().copied().take_while(|token| !is_sentinel(token))
            };
            let fill = |&token: &u32| -> Vec<u32> {
                if is_sentinel(&token) { behind(token).collect() } else { vec![token] }
            };
            example.inputs.iter().flat_map(fill).collect()
        }
        Objective::Denoising(_) => example.targets[..example.targets.len() - 1].to_vec(),
    }
}

#[test]
fn what_is_given_is_read_and_the_next_word_is_asked_for_where_it_is_decided() {
    let mut run = Run::new(&causal_lm::RECIPE, 1);
    (0..80).for_each(|_| _ = run.step());
    let examples: Vec<Example> =
        decided(&causal_lm::RECIPE, &run, &mut Rng::new(2)).into_iter().map(|(_, e)| e).collect();
    assert!(examples.len() > 100, "{}", examples.len());
    let are_right = run.trainer.are_right(&examples);
    assert!(are_right.contains(&true) && are_right.contains(&false), "half learned");
    for (example, is_right) in examples.iter().zip(are_right) {
        let answer = run.trainer.answer(example);
        assert_eq!(answer[..example.n_given], example.targets[..example.n_given], "it was given");
        assert_eq!(
            answer.get(example.n_given) == example.targets.last(),
            is_right,
            "{example:?}, {answer:?}"
        );
        let fits = |tokens: &[u32]| tokens.starts_with(&example.targets[..example.n_given]);
        for other in run.world.statements().filter(|other| fits(&other.tokens)) {
            assert_eq!(other.tokens[example.n_given], example.targets[example.n_given], "one way to go on");
        }
    }
}

#[test]
fn damages_that_are_measured_have_one_way_out() {
    for recipe in RECIPES {
        let run = Run::new(recipe, 4);
        let examples = decided(recipe, &run, &mut Rng::new(5));
        assert!(examples.len() > 150, "{}: {}", recipe.name, examples.len());
        for (statement, example) in &examples {
            assert_eq!(restored(&run.objective, example), statement.tokens, "{}", recipe.name);
            assert_ne!(example.inputs, statement.tokens, "{}", recipe.name);
            assert!(example.inputs.len() <= recipe.inputs_length, "{}", recipe.name);
            assert!(example.slots.is_some() || example.targets.len() <= recipe.targets_length);
        }
        // What is read determines what is to be written: nobody is asked one thing in two ways.
        for (i, (_, example)) in examples.iter().enumerate() {
            for (_, other) in &examples[..i] {
                assert!(example.inputs != other.inputs || example.targets == other.targets, "{example:?}");
            }
        }
    }
}

#[test]
fn the_same_seed_learns_the_same_bits_and_another_seed_others() {
    for recipe in RECIPES {
        let [a, b, other] = [6, 6, 7].map(|seed| {
            let mut run = Run::new(recipe, seed);
            let losses: Vec<u32> = (0..3).map(|_| run.step().to_bits()).collect();
            (losses, run.trainer.params.fingerprint())
        });
        assert_eq!(a, b);
        assert_ne!(a, other);
    }
}
