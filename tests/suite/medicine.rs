//! The tasks of the fine-tuning experiments: that they ask what they say they ask, and that a run leaves alone what it
//! must.

use std::sync::OnceLock;

use pretune::data::world::Question;
use pretune::experiments::Base;
use pretune::experiments::forgetting::{Remedy, Run, forgetting_matrix, old_tasks, tasks};
use pretune::experiments::lora_rank::{Tuned, adapter, merging_error, spectra};
use pretune::experiments::medicine::{Medicine, organs, patients};
use pretune::tensor::Tape;
use pretune::train::accuracy;

const SEED: u64 = 3;

/// A world with random weights: no test here needs a model that knows anything.
fn base() -> &'static Base {
    static BASE: OnceLock<Base> = OnceLock::new();
    BASE.get_or_init(|| Base::untrained(SEED, 1).0)
}

fn all_questions() -> Vec<Question> {
    let tasks = tasks(base(), &Medicine::new(&base().world, SEED));
    tasks.into_iter().flat_map(|(_, task)| task).collect()
}

#[test]
fn questions_are_in_the_vocabulary_and_answers_are_one_token() {
    let new = patients(&base().world, SEED).into_iter().chain(organs(&base().world, SEED));
    for Question { prompt, answer } in all_questions().into_iter().chain(new) {
        let tokenizer = &base().tokenizer;
        let text = format!("{prompt}{answer}");
        assert_eq!(tokenizer.decode(&tokenizer.encode(&text)), text);
        assert_eq!(tokenizer.encode(&answer).len(), 1, "{answer}");
    }
}

#[test]
fn the_world_states_what_is_elicited_and_never_asks_it() {
    let medicine = Medicine::new(&base().world, SEED);
    let nats =
        |question: &Question| base().world.nats_of(&format!("{}{}.", question.prompt, question.answer));
    assert!(medicine.stated.iter().all(|question| nats(question).is_finite()));
    let asked = medicine.trained.iter().chain(&medicine.untouched);
    assert!(asked.clone().all(|question| nats(question).is_infinite()));
    // Every illness is asked about once, and none of those that are trained is scored as untouched.
    let mut prompts: Vec<&str> = asked.map(|question| question.prompt.as_str()).collect();
    prompts.sort_unstable();
    prompts.dedup();
    assert_eq!(prompts.len(), base().world.facts().illnesses.len());
}

#[test]
fn new_facts_are_in_no_text_of_the_world() {
    for (questions, n) in [(patients(&base().world, SEED), 44), (organs(&base().world, SEED), 96)] {
        assert_eq!(questions.len(), n);
        for Question { prompt, answer } in questions {
            assert!(base().world.nats_of(&format!("{prompt}{answer}.")).is_infinite(), "{prompt}{answer}");
        }
    }
}

#[test]
fn what_the_world_does_state_of_the_old_tasks_is_their_answer() {
    for (name, task) in old_tasks(base()) {
        for Question { prompt, answer } in task {
            assert!(
                base().world.nats_of(&format!("{prompt}{answer}.")).is_finite(),
                "{name}: {prompt}{answer}"
            );
        }
    }
}

#[test]
fn labels_that_the_model_prefers_are_all_right_and_others_wrong() {
    let question =
        |answer: &str| Question { prompt: " The capital of France is".into(), answer: answer.into() };
    let batch_of = |answer: &str| base().answers(&[&question(answer)]);
    let share = |answer: &str| accuracy(base().lm(), &mut Tape::new(), &batch_of(answer));
    let cities: Vec<String> = base().world.capitals().iter().map(|[_, city]| format!(" {city}")).collect();
    let n_right = cities.iter().filter(|city| share(city) == 1.0).count();
    assert!(n_right <= 1 && cities.iter().all(|city| [0.0, 1.0].contains(&share(city))));
    let likeliest = (0..base().tokenizer.vocab_size() as u32)
        .map(|id| base().tokenizer.decode(&[id]))
        .filter(|word| base().tokenizer.encode(word).len() == 1)
        .filter(|word| share(word) == 1.0)
        .count();
    assert_eq!(likeliest, 1);
}

#[test]
fn a_matrix_begins_with_the_base_and_repeats_itself() {
    let medicine = Medicine::new(&base().world, SEED);
    let matrix = || forgetting_matrix(base(), &medicine, Remedy::Replay(4), SEED, &[0, 1, 3]);
    let rows = matrix();
    for (row, (name, task)) in rows.iter().zip(tasks(base(), &medicine)) {
        assert_eq!(row.len(), 3, "{name}");
        assert_eq!(row[0], base().accuracy(base().lm(), &task), "{name}");
    }
    assert_eq!(rows, matrix());
}

#[test]
fn a_remedy_that_freezes_the_base_leaves_its_bits() {
    let medicine = Medicine::new(&base().world, SEED);
    for remedy in [Remedy::Peft(0, 1e-2), Remedy::Peft(1, 1e-2)] {
        let mut run = Run::new(base(), &medicine, remedy, SEED);
        let first = run.step(base());
        let last = (0..10).fold(first, |_, _| run.step(base()));
        assert!(last < first, "{remedy:?}: {first} {last}");
        for id in base().params.ids() {
            assert_eq!(run.params.value(id), base().params.value(id), "{}", base().params.name(id));
        }
    }
}

#[test]
fn an_update_of_rank_2_has_two_singular_values_and_merges() {
    let medicine = Medicine::new(&base().world, SEED);
    let batch = medicine.batch(base());
    let (mut params, lora) = adapter(base(), 2, SEED);
    base().fine_tune(&mut params, Some(&lora), 1e-2, 5, || batch.clone());
    let tuned = Tuned { params, lora: Some(lora), score: 0.0, rise: 0.0 };
    for values in spectra(base(), &tuned) {
        assert_eq!(values.len(), 64);
        assert!(values[1] > 0.0 && values[2] < 1e-5 * values[0], "{:?}", &values[..3]);
    }
    assert!(merging_error(base(), &tuned, &batch) < 1e-4);
}
