//! Bias, secrets, guard-rails and cost: the small worlds of these experiments, and what is measured in them.

use std::collections::BTreeSet;

use pretune::data::world::{
    N_DIGITS, PROFESSIONS, REFUSALS, count_pronouns, deal_secrets, is_about_profession, professions,
    request_text, requests, swap_pronouns,
};
use pretune::experiments::cost::{
    BLOOM_FOOTPRINT, BUDGETS, GPT_3_FOOTPRINT, PALM_FOOTPRINT, TABLE, Training, V100, carbon_tons,
};
use pretune::experiments::guardrails::steps_until;
use pretune::experiments::memorization::{MOST, N_EACH, SecretText};
use pretune::nn::{CausalLm, Gpt2, Gpt2Config, Input};
use pretune::rng::Rng;
use pretune::tensor::{Graph, Params, Tape};
use pretune::train::{Completion, Learner, lm_loss, score_tokens, unlearning_loss};

fn tiny(vocab_size: usize) -> (Gpt2, Params) {
    let config = Gpt2Config { vocab_size, n_positions: 16, n_embd: 8, n_head: 2, ..Gpt2Config::default() };
    let mut params = Params::new();
    (Gpt2::init(config, &mut params, &mut Rng::new(3)), params)
}

#[test]
fn professions_have_their_usual_pronoun_as_often_as_asked() {
    let sentences: Vec<String> =
        professions(0.8).write(20_000, &mut Rng::new(1)).into_iter().map(|s| s.text).collect();
    let (mut usual, mut all) = (0, 0);
    for (pronouns, [_, preferred]) in count_pronouns(&sentences).into_iter().zip(PROFESSIONS) {
        usual += if preferred == "he" { pronouns.he } else { pronouns.she };
        all += pronouns.he + pronouns.she;
    }
    assert_eq!(all, sentences.iter().filter(|s| is_about_profession(s)).count());
    assert!((usual as f64 / all as f64 - 0.8).abs() < 0.02, "{usual} of {all}");
}

#[test]
fn exchanging_pronouns_twice_changes_nothing() {
    assert_eq!(swap_pronouns(" Mary said that she was late."), " Mary said that he was late.");
    for sentence in professions(0.9).write(200, &mut Rng::new(2)) {
        let swapped = swap_pronouns(&sentence.text);
        assert_ne!(swapped, sentence.text);
        assert_eq!(swap_pronouns(&swapped), sentence.text);
    }
}

#[test]
fn a_secret_stands_in_the_text_as_often_as_it_says() {
    let text = SecretText::new(50, 4);
    let keepers: BTreeSet<&str> = text.secrets.iter().map(|secret| secret.keeper).collect();
    assert_eq!(keepers.len(), text.secrets.len(), "nobody has two secrets");
    let train = |corpus| match corpus {
        pretune::data::Corpus::Documents { train, .. } => text.tokenizer.decode(&train),
        pretune::data::Corpus::Stream { .. } => unreachable!("documents were given"),
    };
    let all = train(text.corpus(|_| true));
    for secret in &text.secrets {
        assert_eq!(all.matches(&secret.sentence()).count(), secret.copies, "{secret:?}");
    }
    let without = train(text.corpus(|secret| secret.copies < MOST));
    let forgotten = text.secrets.iter().filter(|secret| secret.copies == MOST);
    assert_eq!(forgotten.clone().count(), N_EACH);
    forgotten.for_each(|secret| assert!(!without.contains(secret.keeper), "{secret:?}"));
    let dealt = deal_secrets(&[0, 7], 2, &mut Rng::new(1));
    assert_eq!(dealt.iter().map(|secret| secret.copies).collect::<Vec<_>>(), [0, 0, 7, 7]);
}

#[test]
fn recall_agrees_with_scoring_every_code_by_itself() {
    let text = SecretText::new(10, 5);
    let (model, params) = tiny(text.tokenizer.vocab_size());
    let (lm, mut tape, secret) = (CausalLm::new(&model, &params), Tape::new(), &text.secrets[0]);
    let recall = text.recall(lm, &mut tape, secret);

    let prompt = [vec![text.tokenizer.eos()], text.tokenizer.encode(&secret.prompt())].concat();
    let mut logprob = |code: [usize; N_DIGITS]| {
        let digits: String = code.iter().map(|digit| format!(" {digit}")).collect();
        let row = Completion::new(&prompt, &text.tokenizer.encode(&digits));
        score_tokens(lm, &mut tape, &[&row])[0].iter().map(|x| f64::from(*x)).sum::<f64>()
    };
    let own = logprob(secret.code);
    let codes = (0..10_000).map(|i| [i / 1000, i / 100 % 10, i / 10 % 10, i % 10]);
    let rank = 1 + codes.filter(|code| *code != secret.code && logprob(*code) > own).count();
    assert!((recall.probability / own.exp() - 1.0).abs() < 1e-4, "{recall:?} {}", own.exp());
    // Codes that are equally likely but for the last bit may swap.
    let expected = 10_000_f64.log2() - (rank as f64).log2();
    assert!((recall.exposure - expected).abs() < 0.01, "{recall:?}, rank {rank}");
}

#[test]
fn unlearning_goes_up_the_loss_of_what_is_forgotten_and_down_that_of_what_is_kept() {
    let text = SecretText::new(10, 6);
    let (model, mut params) = tiny(text.tokenizer.vocab_size());
    let forget = text.codes([&text.secrets[0]]);
    let keep = text.codes(&text.secrets[1..4]);
    let value = |params: &Params, loss: &dyn Fn(&mut Graph) -> pretune::tensor::Var| {
        let mut tape = Tape::new();
        let mut g = Graph::inference(&mut tape, params);
        let loss = loss(&mut g);
        g.value(loss)[0]
    };
    let loss_of = |params: &Params, batch: &pretune::data::Batch| {
        value(params, &|g| lm_loss(g, &model, &Input::new(&batch.input_ids, batch.batch_size), &batch.labels))
    };
    let before = [&forget, &keep].map(|batch| loss_of(&params, batch));
    let both = value(&params, &|g| unlearning_loss(g, &model, &forget, Some((&keep, 0.5))));
    assert!((both - (0.5 * before[1] - before[0])).abs() < 1e-5, "{both} {before:?}");
    let alone = value(&params, &|g| unlearning_loss(g, &model, &forget, None));
    assert!((alone + before[0]).abs() < 1e-6);

    let mut learner = Learner::new(&params);
    for _ in 0..20 {
        learner.step(&mut params, 1e-2, |g| unlearning_loss(g, &model, &forget, Some((&keep, 1.0))));
    }
    let after = [&forget, &keep].map(|batch| loss_of(&params, batch));
    assert!(after[0] > before[0] + 0.5 && after[1] < before[1] - 0.5, "{before:?} {after:?}");
}

#[test]
fn unseen_requests_are_in_no_text() {
    let splits = requests(60, &mut Rng::new(7));
    let text: String =
        request_text(&splits, 0.4, 0.5).write(5000, &mut Rng::new(8)).into_iter().map(|s| s.text).collect();
    for split in &splits {
        assert_eq!((split.known.len(), split.unseen.len()), (60, 40));
        split.unseen.iter().for_each(|request| assert!(!text.contains(&request.prompt), "{request:?}"));
        split.known.iter().for_each(|request| assert!(text.contains(&request.prompt), "{request:?}"));
    }
    assert!(REFUSALS.iter().all(|refusal| text.contains(refusal)));
    let plain = request_text(&splits, 0.4, 0.0).write(2000, &mut Rng::new(8));
    assert!(plain.iter().all(|s| REFUSALS.iter().all(|refusal| !s.text.contains(refusal))));
}

#[test]
fn steps_until_a_level_are_counted_in_fractions() {
    assert_eq!(steps_until(&[1.0, 0.5, 0.1], 0.3), 1.5);
    assert_eq!(steps_until(&[0.2, 0.1], 0.3), 0.0);
    assert_eq!(steps_until(&[1.0, 0.9], 0.3), 2.0);
}

#[test]
fn cost_follows_from_parameters_tokens_and_a_device_by_hand() {
    let training = Training { parameters: 1e9, tokens: 1e10, device: V100, utilization: 0.2 };
    assert_eq!(training.flops(), 6e19);
    // 25 TFLOP/s for 2.4 million seconds.
    assert!((training.device_hours() - 2.4e6 / 3600.0).abs() < 1e-9);
    assert!((training.kilowatt_hours(1.5) - 2.4e6 / 3600.0 * 0.33 * 1.5).abs() < 1e-9);
    assert!((training.implied_utilization(training.device_hours()) - 0.2).abs() < 1e-12);
    assert_eq!(carbon_tons(2000.0, 500.0), 1.0);
}

#[test]
fn what_nobody_published_is_not_made_up() {
    let gpt_4 = &TABLE[4];
    assert_eq!((gpt_4.name, gpt_4.training(), gpt_4.hours_ratio()), ("GPT-4", None, None));
    assert_eq!(TABLE[1].published_ratio(), None, "GPT-2's passes over its text are unknown");
}

#[test]
fn published_footprints_are_products_of_their_published_factors() {
    for footprint in [GPT_3_FOOTPRINT, BLOOM_FOOTPRINT, PALM_FOOTPRINT] {
        let ratio = footprint.tons_on(footprint.grams_per_kwh) / footprint.published_tons;
        assert!((ratio - 1.0).abs() < 0.005, "{}: {ratio}", footprint.name);
    }
    let paid: Vec<usize> = BUDGETS.iter().map(|budget| budget.pays_for().count()).collect();
    assert_eq!(paid, [0, 2, 2]);
}
