//! What defines each method of fine-tuning, on a small random model. A method that is added to `peft::METHODS` is
//! tested here without another line.

use pretune::data::Batch;
use pretune::nn::{CausalLm, Gpt2, Gpt2Config, Input, Sampling, Stop, Tuner, generate, generate_batch};
use pretune::peft::{
    Bottleneck, BottleneckConfig, Lora, LoraConfig, METHODS, Method, train_only, trainable_parameters,
};
use pretune::rng::Rng;
use pretune::tensor::{Graph, ParamId, Params, Tape};
use pretune::train::{
    Completion, Depth, DpoConfig, DpoTrainer, Ewc, Learner, Pair, Pooling, PpoConfig, PpoTrainer,
    RewardConfig, RewardModel, RewardTrainer, best_of_n, lm_loss, set_depth,
};

const VOCAB: usize = 13;
const EOS: u32 = 0;

fn base() -> (Gpt2, Params) {
    let config = Gpt2Config {
        vocab_size: VOCAB,
        n_positions: 16,
        n_embd: 12,
        n_head: 3,
        eos_token_id: Some(EOS),
        ..Gpt2Config::default()
    };
    let mut params = Params::new();
    (Gpt2::init(config, &mut params, &mut Rng::new(1)), params)
}

fn batch() -> Batch {
    let mut batch = Batch::new(6);
    for row in [[1, 2, 3, 4, 5, 6, 7], [3, 1, 4, 1, 5, 9, 2], [8, 8, 1, 12, 0, 3, 11]] {
        batch.push_completion(2, &row, EOS);
    }
    batch
}

/// Each method with a tuner of size 3 on the base, which is frozen.
fn tuned() -> impl Iterator<Item = (&'static Method, Gpt2, Params, Box<dyn Tuner>)> {
    METHODS.iter().map(|method| {
        let (model, mut params) = base();
        let tuner = (method.init)("a", 3, &[1, 2, 3], &model, &mut params, &mut Rng::new(2));
        train_only(&mut params, &tuner.tensors());
        (method, model, params, tuner)
    })
}

fn bits(params: &Params, ids: &[ParamId]) -> Vec<u32> {
    ids.iter().flat_map(|&id| params.value(id)).map(|x| x.to_bits()).collect()
}

fn logits(lm: CausalLm, ids: &[u32]) -> Vec<f32> {
    let mut tape = Tape::new();
    let mut g = lm.inference(&mut tape);
    let logits = lm.model.logits(&mut g, &lm.input(ids, 1));
    g.value(logits).to_vec()
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn only_the_tensors_of_a_tuner_get_gradients_and_move() {
    for (method, model, mut params, tuner) in tuned() {
        let frozen = model.tensors(&params);
        let before = (bits(&params, &frozen), bits(&params, &tuner.tensors()));
        let mut learner = Learner::new(&params);
        for _ in 0..2 {
            learner.learn(&model, &mut params, Some(&*tuner), &batch(), 1e-2);
        }
        for id in params.ids() {
            let reached = learner.tape.gradients.get(id).is_some();
            assert_eq!(reached, tuner.tensors().contains(&id), "{}: {}", method.name, params.name(id));
        }
        assert_eq!(before.0, bits(&params, &frozen), "{}: the base has moved", method.name);
        assert_ne!(before.1, bits(&params, &tuner.tensors()), "{}: nothing has moved", method.name);
        assert_eq!(trainable_parameters(&*tuner, &params), params.n_trained(), "{}", method.name);
        assert_eq!(learner.optimizer.state_bytes(), 8 * params.n_trained(), "{}", method.name);
    }
}

#[test]
fn every_method_learns() {
    for (method, model, mut params, tuner) in tuned() {
        let mut learner = Learner::new(&params);
        let losses: Vec<f32> =
            (0..60).map(|_| learner.learn(&model, &mut params, Some(&*tuner), &batch(), 2e-2)).collect();
        assert!(losses[59] < 0.9 * losses[0], "{}: {} to {}", method.name, losses[0], losses[59]);
    }
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    for ((method, model, params, tuner), (_, _, again, _)) in tuned().zip(tuned()) {
        let [a, b] = [params, again].map(|mut params| {
            let mut learner = Learner::new(&params);
            (0..5).for_each(|_| _ = learner.learn(&model, &mut params, Some(&*tuner), &batch(), 1e-2));
            params.fingerprint()
        });
        assert_eq!(a, b, "{}", method.name);
    }
}

#[test]
fn several_tuners_share_a_base_and_do_not_touch_each_other() {
    for method in METHODS {
        let (model, mut params) = base();
        let untouched = logits(CausalLm::new(&model, &params), &[1, 2, 3]);
        let mut tuner = |name| (method.init)(name, 2, &[4, 5], &model, &mut params, &mut Rng::new(3));
        let (a, b) = (tuner("a"), tuner("b"));
        let asked = |params: &Params, tuner: &dyn Tuner| {
            logits(CausalLm { model: &model, params, tuner: Some(tuner) }, &[1, 2, 3])
        };
        let of_b = asked(&params, &*b);
        train_only(&mut params, &a.tensors());
        let mut learner = Learner::new(&params);
        (0..5).for_each(|_| _ = learner.learn(&model, &mut params, Some(&*a), &batch(), 1e-2));
        assert_ne!(asked(&params, &*a), of_b, "{}", method.name);
        assert_eq!(asked(&params, &*b), of_b, "{}: the other one has changed", method.name);
        assert_eq!(logits(CausalLm::new(&model, &params), &[1, 2, 3]), untouched, "{}: without", method.name);
    }
}

#[test]
fn cached_texts_of_a_tuned_model_are_those_of_the_whole_pass() {
    for (method, model, mut params, tuner) in tuned() {
        let mut learner = Learner::new(&params);
        (0..5).for_each(|_| _ = learner.learn(&model, &mut params, Some(&*tuner), &batch(), 1e-2));
        let lm = CausalLm { model: &model, params: &params, tuner: Some(&*tuner) };
        let stop = Stop { max_new_tokens: 6, eos_token_id: None };
        let (mut tape, greedy) = (Tape::new(), Sampling::greedy());
        let new = generate(lm, &mut tape, &[1, 2], &greedy, stop, &mut Rng::new(0));
        let together = generate_batch(lm, &mut tape, &[&[1, 2], &[5, 6]], &greedy, stop, &mut Rng::new(0));
        assert_eq!(together[0], new, "{}: side by side", method.name);
        let mut text = vec![1, 2];
        for token in new {
            let all = logits(lm, &text);
            assert_eq!(pretune::nn::by_score(&all[all.len() - VOCAB..])[0] as u32, token, "{}", method.name);
            text.push(token);
        }
    }
}

#[test]
fn lora_at_initialization_equals_the_base_model() {
    let (model, mut params) = base();
    let before = logits(CausalLm::new(&model, &params), &[1, 2, 3]);
    let lora = Lora::init("a", LoraConfig::default(), &model, &mut params, &mut Rng::new(5));
    assert_eq!(logits(CausalLm { model: &model, params: &params, tuner: Some(&lora) }, &[1, 2, 3]), before);
    let none = LoraConfig { r: 0, ..LoraConfig::default() };
    assert_eq!(Lora::init("none", none, &model, &mut params, &mut Rng::new(5)).tensors(), []);
}

#[test]
fn fresh_adapters_change_next_to_nothing() {
    let (model, mut params) = base();
    let before = logits(CausalLm::new(&model, &params), &[1, 2, 3]);
    let adapters = Bottleneck::init("a", BottleneckConfig::default(), &model, &mut params, &mut Rng::new(5));
    let after = logits(CausalLm { model: &model, params: &params, tuner: Some(&adapters) }, &[1, 2, 3]);
    let change = largest_difference(&before, &after);
    assert!(change > 0.0 && change < 1e-2, "{change}");
}

#[test]
fn merged_lora_equals_unmerged_and_comes_apart_again() {
    for r in [1, 3, 12] {
        let (model, mut params) = base();
        let config = LoraConfig { r, lora_alpha: 6.0, ..LoraConfig::default() };
        let lora = Lora::init("a", config, &model, &mut params, &mut Rng::new(5));
        train_only(&mut params, &lora.tensors());
        let mut learner = Learner::new(&params);
        (0..20).for_each(|_| _ = learner.learn(&model, &mut params, Some(&lora), &batch(), 1e-2));
        let unmerged = logits(CausalLm { model: &model, params: &params, tuner: Some(&lora) }, &[1, 2, 3]);
        let before = params.fingerprint();
        let kept = lora.merge(&model, &mut params);
        let merged = logits(CausalLm::new(&model, &params), &[1, 2, 3]);
        let change = largest_difference(&unmerged, &merged);
        assert!(change < 1e-5, "rank {r}: {change}");
        Lora::unmerge(&mut params, kept);
        assert_eq!(params.fingerprint(), before, "rank {r}");
    }
}

#[test]
fn a_module_that_is_no_target_gets_no_update() {
    let (model, mut params) = base();
    let config = LoraConfig { r: 2, target_modules: vec!["c_attn".to_owned()], ..LoraConfig::default() };
    let lora = Lora::init("a", config, &model, &mut params, &mut Rng::new(5));
    let names: Vec<&str> = lora.tensors().iter().map(|&id| params.name(id)).collect();
    assert_eq!(names.len(), 4);
    assert!(names.iter().all(|name| name.contains("attn.c_attn")), "{names:?}");
    let wrong = LoraConfig { target_modules: vec!["q_proj".to_owned()], ..LoraConfig::default() };
    let error = wrong.validate().expect_err("no such module").to_string();
    assert!(error.contains("q_proj") && error.contains("c_attn"), "{error}");
}

#[test]
fn dropout_is_off_outside_of_training() {
    let (model, mut params) = base();
    let config = LoraConfig { lora_dropout: 0.5, ..LoraConfig::default() };
    let lora = Lora::init("a", config, &model, &mut params, &mut Rng::new(5));
    train_only(&mut params, &lora.tensors());
    let mut learner = Learner::new(&params);
    (0..5).for_each(|_| _ = learner.learn(&model, &mut params, Some(&lora), &batch(), 1e-2));
    let lm = CausalLm { model: &model, params: &params, tuner: Some(&lora) };
    assert_eq!(logits(lm, &[1, 2, 3]), logits(lm, &[1, 2, 3]));
    let losses = [(); 2].map(|()| learner.learn(&model, &mut params.clone(), Some(&lora), &batch(), 0.0));
    assert_ne!(losses[0], losses[1], "while training, two passes leave out different inputs");
}

#[test]
fn a_depth_names_what_is_trained() {
    let (model, mut params) = base();
    for (depth, expected) in [
        (Depth::Features, vec![]),
        (Depth::LastBlocks(1), vec!["transformer.h.1.", "transformer.ln_f."]),
        (Depth::Full, vec!["transformer."]),
    ] {
        set_depth(depth, &model, &mut params);
        for id in params.ids() {
            let is_named = expected.iter().any(|prefix| params.name(id).starts_with(prefix));
            assert_eq!(params.requires_grad(id), is_named, "{depth:?}: {}", params.name(id));
        }
    }
}

#[test]
fn ewc_with_lambda_0_equals_plain_and_a_large_one_holds_the_weights() {
    let (model, params) = base();
    let ewc = Ewc::new(&model, &params, &[batch()]);
    let train = |ewc_lambda: Option<f32>| {
        let mut params = params.clone();
        let mut learner = Learner::new(&params);
        let batch = batch();
        for _ in 0..10 {
            learner.step(&mut params, 1e-2, |g| {
                let loss = lm_loss(g, &model, &Input::new(&batch.input_ids, batch.batch_size), &batch.labels);
                let Some(ewc_lambda) = ewc_lambda else { return loss };
                let penalty = ewc.penalty(g, ewc_lambda);
                g.add(loss, penalty)
            });
        }
        params
    };
    assert_eq!(train(None).fingerprint(), train(Some(0.0)).fingerprint());
    let distance = |after: &Params| -> f32 {
        let id = model.weight(0, pretune::nn::Linear::CFc);
        let weighted = after.value(id).iter().zip(params.value(id)).zip(ewc.fisher(id).expect("trained"));
        weighted.map(|((a, b), fisher)| fisher * (a - b) * (a - b)).sum()
    };
    let (free, held) = (distance(&train(None)), distance(&train(Some(1e4))));
    assert!(held < 0.2 * free, "{held} {free}");
}

fn pairs() -> Vec<Pair> {
    let completion = |new: &[u32]| Completion::new(&[1, 2], new);
    let pair = |chosen: &[u32], rejected: &[u32]| Pair {
        chosen: completion(chosen),
        rejected: completion(rejected),
    };
    vec![pair(&[3, 4, 0], &[5, 0]), pair(&[3, 0], &[6, 7, 8, 0]), pair(&[4, 3, 3, 0], &[9, 9, 0])]
}

#[test]
fn a_reward_model_begins_undecided_and_learns_the_pairs() {
    let (model, params) = base();
    for pooling in [Pooling::Last, Pooling::Mean] {
        let reward_model = RewardModel::new(&model, &params, pooling);
        let mut trainer = RewardTrainer::new(RewardConfig::default(), reward_model, Rng::new(1));
        let first = trainer.step(&pairs());
        assert!((first - std::f32::consts::LN_2).abs() < 1e-6, "{pooling:?}: {first}");
        (0..60).for_each(|_| _ = trainer.step(&pairs()));
        let mut reward_model = trainer.reward_model;
        let (mut tape, pairs) = (Tape::new(), pairs());
        for Pair { chosen, rejected } in &pairs {
            let scores = reward_model.score(&mut tape, &[chosen, rejected]);
            assert!(scores[0] > scores[1], "{pooling:?}: {scores:?}");
        }
        let all: Vec<&Completion> = pairs.iter().flat_map(|pair| [&pair.chosen, &pair.rejected]).collect();
        reward_model.normalize(&mut tape, &all);
        let scores = reward_model.score(&mut tape, &all);
        let n = scores.len() as f32;
        assert!((scores.iter().sum::<f32>() / n).abs() < 1e-5);
        assert!((scores.iter().map(|s| s * s).sum::<f32>() / n - 1.0).abs() < 1e-4);
    }
}

#[test]
fn dpo_at_the_reference_has_loss_ln_2_and_then_prefers_what_was_chosen() {
    let (model, params) = base();
    let mut trainer = DpoTrainer::new(DpoConfig::default(), &model, &params, pairs(), Rng::new(1));
    let first = trainer.step(None);
    assert!((first - std::f32::consts::LN_2).abs() < 1e-6, "{first}");
    let losses: Vec<f32> = (0..30).map(|_| trainer.step(None)).collect();
    assert!(losses[29] < losses[0], "{losses:?}");
}

fn reward_model(model: &Gpt2, params: &Params) -> RewardModel {
    let mut trainer = RewardTrainer::new(
        RewardConfig::default(),
        RewardModel::new(model, params, Pooling::Mean),
        Rng::new(1),
    );
    (0..30).for_each(|_| _ = trainer.step(&pairs()));
    trainer.reward_model
}

#[test]
fn the_first_step_of_ppo_has_ratio_1_and_the_policy_begins_as_the_reference() {
    let (model, params) = base();
    let reward_model = reward_model(&model, &params);
    let config = PpoConfig { batch_size: 8, max_new_tokens: 8, ..PpoConfig::default() };
    let mut trainer = PpoTrainer::new(config, &model, &params, Rng::new(2));
    trainer.rollout(&[&[1, 2], &[2, 1]], &reward_model);
    assert_eq!(trainer.stats.kl, 0.0);
    assert!(trainer.update());
    assert_eq!((trainer.stats.clipfrac, trainer.stats.approxkl), (0.0, 0.0));
    let mut n_updates = 1;
    while trainer.update() {
        n_updates += 1;
    }
    assert_eq!(n_updates, trainer.config.num_ppo_epochs * trainer.config.num_mini_batches);
    trainer.rollout(&[&[1, 2], &[2, 1]], &reward_model);
    assert_ne!(trainer.stats.kl, 0.0);
}

#[test]
fn ppo_raises_the_score_and_a_leash_keeps_it_near() {
    let (model, params) = base();
    let mut reward_model = reward_model(&model, &params);
    let prompts: [&[u32]; 2] = [&[1, 2], &[2, 1]];
    let stop = Stop { max_new_tokens: 8, eos_token_id: Some(EOS) };
    let written: Vec<Completion> = best_of_n(
        CausalLm::new(&model, &params),
        &reward_model,
        &mut Tape::new(),
        &prompts.repeat(16),
        1,
        stop,
        &mut Rng::new(4),
    );
    reward_model.normalize(&mut Tape::new(), &written.iter().collect::<Vec<_>>());
    let run = |kl_coef: f32| {
        let config = PpoConfig {
            batch_size: 32,
            max_new_tokens: 8,
            learning_rate: 2e-3,
            kl_coef,
            ..PpoConfig::default()
        };
        let mut trainer = PpoTrainer::new(config, &model, &params, Rng::new(2));
        let stats: Vec<_> = (0..12).map(|_| trainer.step(&prompts, &reward_model)).collect();
        (stats[0].scores, stats[11].scores, stats[11].kl)
    };
    let (before, free, free_kl) = run(0.0);
    let (_, _, held_kl) = run(2.0);
    assert!(free > before + 0.5, "{before} {free}");
    assert!(held_kl < 0.5 * free_kl, "{held_kl} {free_kl}");
}

#[test]
fn the_best_of_one_is_a_sample_and_more_are_better() {
    let (model, params) = base();
    let reward_model = reward_model(&model, &params);
    let (lm, mut tape) = (CausalLm::new(&model, &params), Tape::new());
    let stop = Stop { max_new_tokens: 8, eos_token_id: Some(EOS) };
    let prompts: Vec<&[u32]> = vec![&[1, 2]; 8];
    let one = best_of_n(lm, &reward_model, &mut tape, &prompts, 1, stop, &mut Rng::new(4));
    let sample = generate_batch(lm, &mut tape, &prompts, &Sampling::default(), stop, &mut Rng::new(4));
    assert_eq!(one.iter().map(|c| c.completion().to_vec()).collect::<Vec<_>>(), sample);
    let many = best_of_n(lm, &reward_model, &mut tape, &prompts, 16, stop, &mut Rng::new(4));
    let mut score = |all: &[Completion]| {
        reward_model.score(&mut tape, &all.iter().collect::<Vec<_>>()).iter().sum::<f32>()
    };
    assert!(score(&many) > score(&one));
}

#[test]
fn a_bidirectional_pass_takes_a_tuner_as_well() {
    for (method, model, params, tuner) in tuned() {
        let mask = pretune::tensor::AttentionMask::Prefix(&[2, 3]);
        let keep = [true, true, true, false, true, true, true, true];
        let input = Input {
            mask: Some(mask),
            attention_mask: Some(&keep),
            tuner: Some(&*tuner),
            ..Input::new(&[1, 2, 3, 4, 5, 6, 7, 8], 2)
        };
        let mut tape = Tape::new();
        let mut g = Graph::inference(&mut tape, &params);
        let logits = model.logits(&mut g, &input);
        assert!(g.value(logits).iter().all(|x| x.is_finite()), "{}", method.name);
        let last = input.row(7);
        assert_eq!(last + 1, g.rows(logits), "{}", method.name);
    }
}
