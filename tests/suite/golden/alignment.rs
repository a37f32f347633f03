//! What people prefer: reward models, PPO, DPO.

use pretune::nn::Input;
use pretune::nn::Tuner;
use pretune::peft::{LoraConfig, train_only};
use pretune::tensor::{Graph, Params, Tape};
use pretune::train::ppo::{
    clip_fraction, gae, policy_loss, token_rewards, value_clip_fraction, value_loss, whiten,
};
use pretune::train::{
    Completion, Padded, Pooling, ScoreHead, bradley_terry, dpo_loss, sequence_logprobs, token_logprobs,
};

use super::Fixture;
use super::peft::lora;

/// `transformers.GPT2ForSequenceClassification(num_labels=1)`, `trl.RewardTrainer.compute_loss`
#[test]
fn golden_reward() {
    for f in Fixture::all("reward") {
        let (model, mut params) = f.model();
        let head = ScoreHead::init(1, Pooling::Last, &model, &mut params);
        params.value_mut(head.weight).copy_from_slice(f.floats("score.weight"));
        let (ids, mask) = (f.ids("input_ids"), f.flags("attention_mask"));
        let (batch_size, pad_id) = (f.shape("input_ids")[0], f.param("pad_id") as u32);
        let last = |row: &[u32]| row.iter().rposition(|&id| id != pad_id).expect("a token");
        let last: Vec<usize> = ids.chunks(ids.len() / batch_size).map(last).collect();
        assert_eq!(f.ids("last_token"), last.iter().map(|&i| i as u32).collect::<Vec<_>>());
        let spans: Vec<[usize; 2]> = last.iter().map(|&i| [0, i + 1]).collect();
        let margins = f.floats("margin");
        let center = f.param("center_coef") as f32;
        for (variant, margins, center) in
            [("loss", None, 0.0), ("loss_margin", Some(margins), 0.0), ("loss_centered", None, center)]
        {
            let mut tape = Tape::new();
            let mut g = Graph::new(&mut tape, &params);
            let input = Input { attention_mask: Some(&mask), ..Input::new(&ids, batch_size) };
            let rewards = head.scores(&mut g, &model, &input, &spans);
            let n = batch_size as u32 / 2;
            let (chosen, rejected) = (g.embedding(rewards, 0..n), g.embedding(rewards, n..2 * n));
            let loss = bradley_terry(&mut g, chosen, rejected, margins, center);
            g.backward(loss);
            f.check("rewards", g.value(rewards));
            f.check(variant, g.value(loss));
            if variant == "loss" {
                for id in params.ids() {
                    f.check(&format!("grad.{}", params.name(id)), tape.gradients.get(id).expect("reached"));
                }
            }
            let d_rewards = gradient(f.floats("rewards"), |g, rewards| {
                let (chosen, rejected) = (g.embedding(rewards, 0..n), g.embedding(rewards, n..2 * n));
                bradley_terry(g, chosen, rejected, margins, center)
            });
            f.check(&format!("grad_rewards.{variant}"), &d_rewards);
        }
    }
}

/// The gradient of a loss with respect to a column of numbers.
fn gradient(
    values: &[f32],
    loss: impl FnOnce(&mut Graph, pretune::tensor::Var) -> pretune::tensor::Var,
) -> Vec<f32> {
    let mut params = Params::new();
    let id = params.add_values("x", &[values.len(), 1], values);
    let mut tape = Tape::new();
    let mut g = Graph::new(&mut tape, &params);
    let x = g.param(id);
    let loss = loss(&mut g, x);
    g.backward(loss);
    tape.gradients.get(id).expect("reached").to_vec()
}

/// `trl.DPOTrainer._compute_loss(loss_type="sigmoid")`, the policy being the base with an adapter
#[test]
fn golden_dpo() {
    for f in Fixture::all("dpo") {
        let (model, mut params) = f.model();
        let manifest = f.hyperparameters("lora");
        let config = LoraConfig {
            r: manifest["r"].as_u64().expect("a rank") as usize,
            lora_alpha: manifest["alpha"].as_f64().expect("a number") as f32,
            lora_dropout: 0.0,
            target_modules: serde_json::from_value(manifest["targets"].clone()).expect("names"),
        };
        let adapter = lora(&f, config, &model, &mut params);
        train_only(&mut params, &adapter.tensors());
        let (ids, mask) = (f.ids("input_ids"), f.flags("attention_mask"));
        let completion_mask = f.flags("completion_mask");
        let t = f.shape("input_ids")[1];
        let completion = |row: usize| {
            let range = row * t..(row + 1) * t;
            let end = mask[range.clone()].iter().filter(|keep| **keep).count();
            let start = completion_mask[range.clone()].iter().position(|keep| *keep).expect("a completion");
            Completion { ids: ids[range][..end].to_vec(), start }
        };
        let completions: Vec<Completion> = (0..f.shape("input_ids")[0]).map(completion).collect();
        let rows = Padded::new(&completions.iter().collect::<Vec<_>>());
        let beta = f.param("beta") as f32;

        let mut tape = Tape::new();
        let mut g = Graph::inference(&mut tape, &params);
        let reference = sequence_logprobs(&mut g, &model, None, &rows);
        let reference = g.value(reference).to_vec();
        f.check("ref_logps", &reference);
        for (name, tuner) in [("ref", None), ("policy", Some(&adapter as &dyn Tuner))] {
            let mut g = Graph::inference(&mut tape, &params);
            let logps = token_logprobs(&mut g, &model, tuner, &rows);
            let mut logps = g.value(logps).iter();
            let is_completion = |i: usize| completion_mask[i / (t - 1) * t + i % (t - 1) + 1];
            let n = completions.len() * (t - 1);
            let expected: Vec<f32> = (0..n)
                .map(|i| if is_completion(i) { *logps.next().expect("one a token") } else { 0.0 })
                .collect();
            f.check(&format!("{name}_token_logps"), &expected);
        }
        let mut g = Graph::new(&mut tape, &params);
        let policy = sequence_logprobs(&mut g, &model, Some(&adapter), &rows);
        let policy_logps = g.value(policy).to_vec();
        let ref_logps = g.constant(1, &reference);
        let loss = dpo_loss(&mut g, policy, ref_logps, beta);
        g.backward(loss);
        f.check("policy_logps", &policy_logps);
        f.check("loss", g.value(loss));
        let rewards: Vec<f32> = policy_logps.iter().zip(&reference).map(|(p, r)| beta * (p - r)).collect();
        f.check("rewards", &rewards);
        for id in adapter.tensors() {
            let name = params.name(id).replace(".default", "").replace("base_model.model.", "");
            f.check(&format!("grad.{name}"), tape.gradients.get(id).expect("it is trained"));
        }
        let n = policy_logps.len() / 2;
        let per_pair: Vec<f32> = (0..n)
            .map(|i| {
                let mut tape = Tape::new();
                let params = Params::new();
                let mut g = Graph::inference(&mut tape, &params);
                let logps = g.constant(1, &[policy_logps[i], policy_logps[n + i]]);
                let reference = g.constant(1, &[reference[i], reference[n + i]]);
                let loss = dpo_loss(&mut g, logps, reference, beta);
                g.value(loss)[0]
            })
            .collect();
        f.check("loss_per_pair", &per_pair);
        let d_logps = gradient(&policy_logps, |g, logps| {
            let reference = g.constant(1, &reference);
            dpo_loss(g, logps, reference, beta)
        });
        f.check("grad_policy_logps", &d_logps);
    }
}

/// `trl` 0.11 `PPOTrainer.compute_rewards`, `.compute_advantages`, `.loss`; variant `p1` is that of 0.12 and later, which
/// adds the score one position after the last token, where there is one
#[test]
fn golden_ppo() {
    for f in Fixture::all("ppo") {
        for variant in ["classic", "p1"] {
            ppo(&f, variant);
        }
    }
}

fn ppo(f: &Fixture, variant: &str) {
    let [rows, t] = [0, 1].map(|i| f.shape("actions")[i]);
    let lengths: Vec<usize> = f.ids("lengths").iter().map(|&n| n as usize).collect();
    // Positions whose values count: in `p1` one more, if there is room.
    let n_values = |row: usize| if variant == "p1" { (lengths[row] + 1).min(t) } else { lengths[row] };
    let row = |name: &str, row: usize, n: usize| f.floats(name)[row * t..][..n].to_vec();
    let padded = |lists: &[Vec<f32>]| -> Vec<f32> {
        lists.iter().flat_map(|list| [&list[..], &vec![0.0; t - list.len()]].concat()).collect()
    };
    let param = |name: &str| f.param(name) as f32;
    let rewards_of = |i: usize| {
        let n = lengths[i];
        let (old, reference) = (row("old_logprobs", i, n), row("ref_logprobs", i, n));
        let score = f.floats("scores")[i];
        if n_values(i) == n {
            return token_rewards(&old, &reference, score, param("kl_coef"));
        }
        [token_rewards(&old, &reference, 0.0, param("kl_coef")), vec![score]].concat()
    };
    let rewards: Vec<Vec<f32>> = (0..rows).map(rewards_of).collect();
    let values: Vec<Vec<f32>> = (0..rows).map(|i| row("old_values", i, n_values(i))).collect();
    f.check(&format!("{variant}.rewards"), &padded(&rewards));
    f.check(&format!("{variant}.values"), &padded(&values));

    let raw: Vec<Vec<f32>> =
        rewards.iter().zip(&values).map(|(r, v)| gae(r, v, param("gamma"), param("lam"))).collect();
    let returns: Vec<Vec<f32>> =
        raw.iter().zip(&values).map(|(a, v)| a.iter().zip(v).map(|(a, v)| a + v).collect()).collect();
    f.check(&format!("{variant}.returns"), &padded(&returns));
    let of_tokens: Vec<Vec<f32>> = raw.iter().zip(&lengths).map(|(a, &n)| a[..n].to_vec()).collect();
    f.check(&format!("{variant}.advantages_raw"), &padded(&of_tokens));
    let mut advantages = of_tokens.concat();
    whiten(&mut advantages);
    let mut rest = &advantages[..];
    let white: Vec<Vec<f32>> = lengths
        .iter()
        .map(|&n| {
            let (head, tail) = rest.split_at(n);
            rest = tail;
            head.to_vec()
        })
        .collect();
    f.check(&format!("{variant}.advantages"), &padded(&white));

    // The losses, with gradients down to the logits and the values.
    let vocab = f.shape("logits")[2];
    let mut params = Params::new();
    let logits = params.add_values("logits", &[rows * t, vocab], f.floats("logits"));
    let new_values = params.add_values("values", &[rows * t, 1], f.floats("new_values"));
    let actions = f.ids("actions");
    let is_token = |i: &usize| i % t < lengths[i / t];
    let has_value = |i: &usize| i % t < n_values(i / t);
    let pick = |of: &dyn Fn(&usize) -> bool| (0..rows * t).filter(of).map(|i| i as u32).collect::<Vec<u32>>();
    let (tokens, valued) = (pick(&is_token), pick(&has_value));
    let column =
        |name: &str, at: &[u32]| at.iter().map(|&i| f.floats(name)[i as usize]).collect::<Vec<f32>>();
    let labels: Vec<Option<u32>> = tokens.iter().map(|&i| Some(actions[i as usize])).collect();
    let old_logprobs = column("old_logprobs", &tokens);
    let run = |ent_coef: f32| {
        let mut tape = Tape::new();
        let mut g = Graph::new(&mut tape, &params);
        let picked = g.embedding(g.param(logits), tokens.iter().copied());
        let logprobs = g.logprobs(picked, &labels);
        let [old, advantage] = [&old_logprobs, &advantages].map(|c| g.constant(1, c));
        let policy = policy_loss(&mut g, logprobs, old, advantage, param("cliprange"));
        let values = g.embedding(g.param(new_values), valued.iter().copied());
        let [old_value, target] =
            [&column("old_values", &valued), &returns.concat()].map(|c| g.constant(1, c));
        let value = value_loss(&mut g, values, old_value, target, param("cliprange_value"));
        let weighted = g.scale(value, param("vf_coef"));
        let loss = g.add(policy, weighted);
        let entropies = g.entropy(picked);
        let entropy = g.mean(entropies);
        let bonus = g.scale(entropy, -ent_coef);
        let total = g.add(loss, bonus);
        g.backward(total);
        let numbers = [policy, value, loss, entropy, total].map(|v| g.value(v)[0]);
        let logprobs = g.value(logprobs).to_vec();
        let entropies = g.value(entropies).to_vec();
        let grads = [logits, new_values].map(|id| tape.gradients.get(id).expect("reached").to_vec());
        (numbers, logprobs, entropies, grads)
    };
    let ([policy, value, loss, entropy, _], logprobs, entropies, [_, d_values]) = run(0.0);
    f.check(&format!("{variant}.policy_loss"), &[policy]);
    f.check(&format!("{variant}.value_loss"), &[value]);
    f.check(&format!("{variant}.loss"), &[loss]);
    f.check(&format!("{variant}.entropy"), &[entropy]);
    f.check(&format!("{variant}.grad.new_values"), &d_values);
    let ([.., total], _, _, [d_logits, _]) = run(param("ent_coef"));
    f.check(&format!("{variant}.loss_entropy"), &[total]);
    f.check(&format!("{variant}.grad.logits"), &d_logits);

    let clipfrac = clip_fraction(&logprobs, &old_logprobs, &advantages, param("cliprange"));
    f.check(&format!("{variant}.policy_clipfrac"), &[clipfrac]);
    let values = [column("new_values", &valued), column("old_values", &valued), returns.concat()];
    let [new, old, target] = values.each_ref().map(Vec::as_slice);
    let clipfrac = value_clip_fraction(new, old, target, param("cliprange_value"));
    f.check(&format!("{variant}.value_clipfrac"), &[clipfrac]);
    let square = |(new, old): (&f32, &f32)| (new - old) * (new - old);
    let approx_kl = 0.5 * logprobs.iter().zip(&old_logprobs).map(square).sum::<f32>() / logprobs.len() as f32;
    f.check(&format!("{variant}.approx_kl"), &[approx_kl]);
    let d_logprobs = gradient(&logprobs, |g, logprobs| {
        let [old, advantage] = [&old_logprobs, &advantages].map(|c| g.constant(1, c));
        policy_loss(g, logprobs, old, advantage, param("cliprange"))
    });
    let spread = |values: &[f32], at: &[u32]| {
        let mut all = vec![0.0; rows * t];
        at.iter().zip(values).for_each(|(&i, &x)| all[i as usize] = x);
        all
    };
    f.check(&format!("{variant}.grad.new_logprobs"), &spread(&d_logprobs, &tokens));
    if variant == "classic" {
        let mask =
            |n: &dyn Fn(usize) -> usize| -> Vec<bool> { (0..rows * t).map(|i| i % t < n(i / t)).collect() };
        assert_eq!(f.flags("mask"), mask(&|row| lengths[row]));
        assert_eq!(f.flags("mask_p1"), mask(&|row| (lengths[row] + 1).min(t)));
        let kl: Vec<f32> =
            old_logprobs.iter().zip(column("ref_logprobs", &tokens)).map(|(o, r)| o - r).collect();
        f.check("kl_k1", &spread(&kl, &tokens));
        let k3: Vec<f32> = kl.iter().map(|k| (-k).exp() - 1.0 + k).collect();
        f.check("kl_k3", &spread(&k3, &tokens));
        // Those of padding are stored as well.
        let mut tape = Tape::new();
        let mut g = Graph::inference(&mut tape, &params);
        let labels: Vec<Option<u32>> = actions.iter().copied().map(Some).collect();
        let all = g.logprobs(g.param(logits), &labels);
        f.check("new_logprobs", g.value(all));
        f.check("entropy_per_token", &spread(&entropies, &tokens));
    }
}
