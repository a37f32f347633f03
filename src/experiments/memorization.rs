//! What stands often enough in a text can be had out of the model, and taking it out again is not simple.

use super::{Bar, Experiment, Lab, Measure, mean};
use crate::data::world::{N_DIGITS, Secret, deal_secrets, ordinary};
use crate::data::{Batch, Corpus, Tokenizer};
use crate::nn::{CausalLm, Gpt2};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Learner, Options, Pretrainer, unlearning_loss};

pub const COPIES: [usize; 8] = [0, 1, 2, 4, 8, 16, 32, 64];
pub const N_EACH: usize = 5;

pub struct SecretText {
    pub secrets: Vec<Secret>,
    pub ordinary: Vec<String>,
    pub tokenizer: Tokenizer,
    held_out: Vec<(String, f64)>,
    seed: u64,
}

impl SecretText {
    pub fn new(n: usize, seed: u64) -> Self {
        let secrets = deal_secrets(&COPIES, N_EACH, &mut Rng::stream(seed, "memorization: secrets"));
        let world = ordinary();
        let train = world.write(n, &mut Rng::stream(seed, "memorization: text"));
        let held_out = world.write(400, &mut Rng::stream(seed, "memorization: held-out"));
        Self {
            secrets,
            ordinary: train.into_iter().map(|s| s.text).collect(),
            tokenizer: world.tokenizer(),
            held_out: held_out.into_iter().map(|s| (s.text, s.nats)).collect(),
            seed,
        }
    }

    pub fn corpus(&self, is_planted: impl Fn(&Secret) -> bool) -> Corpus {
        let planted = self.secrets.iter().filter(|s| is_planted(s));
        let copies = planted.flat_map(|s| std::iter::repeat_n(s.sentence(), s.copies));
        let mut all: Vec<String> = self.ordinary.iter().cloned().chain(copies).collect();
        Rng::stream(self.seed, "memorization: order").shuffle(&mut all);
        Corpus::from_documents(all.into_iter(), self.held_out.iter().cloned(), &self.tokenizer)
    }

    pub fn sentence(&self, s: &Secret) -> Batch {
        let eos = self.tokenizer.eos();
        let prompt = [vec![eos], self.tokenizer.encode(&s.prompt())].concat();
        let ids = [vec![eos], self.tokenizer.encode(&s.sentence())].concat();
        let ids = &ids[..prompt.len() + N_DIGITS];
        let mut batch = Batch::new(ids.len() - 1);
        batch.push_completion(prompt.len(), ids, eos);
        batch
    }
}

pub fn options(seed: u64) -> Options {
    Options {
        n_embd: 48,
        batch_size: 21,
        max_iters: 350,
        learning_rate: 8e-3,
        min_lr: 8e-4,
        seed,
        ..Options::default()
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Recall {
    pub extracted: bool,
    pub probability: f64,
    pub exposure: f64,
}

pub fn recall(lm: CausalLm, tape: &mut Tape, tokenizer: &Tokenizer, secret: &Secret) -> Recall {
    let prompt = [vec![tokenizer.eos()], tokenizer.encode(&secret.prompt())].concat();
    let digit: Vec<u32> = (0..10).map(|d| tokenizer.encode(&format!(" {d}"))[0]).collect();
    let n = prompt.len();
    let mut rows = Vec::new();
    for i in 0..1000 {
        rows.extend(&prompt);
        rows.extend([i / 100, i / 10 % 10, i % 10].map(|d| digit[d]));
    }
    let length = n + 3;
    let mut g = lm.inference(tape);
    let hidden = lm.model.hidden(&mut g, &lm.input(&rows, 1000));
    let wanted: Vec<u32> = [1000, 100, 10, 1]
        .into_iter()
        .enumerate()
        .flat_map(|(k, every)| (0..1000).step_by(every).map(move |row| (row * length + n - 1 + k) as u32))
        .collect();
    let hidden = g.embedding(hidden, wanted.into_iter());
    let logits = lm.model.head(&mut g, hidden);
    let cols = g.cols(logits);
    let logits: Vec<&[f32]> = g.value(logits).chunks_exact(cols).collect();
    let logp: Vec<Vec<f64>> = logits
        .iter()
        .map(|row| {
            let max = row.iter().fold(f32::MIN, |a, &b| a.max(b));
            let sum: f64 = row.iter().map(|x| libm::exp(f64::from(*x - max))).sum();
            digit.iter().map(|&d| f64::from(row[d as usize] - max) - libm::log(sum)).collect()
        })
        .collect();
    let total = |code: usize| {
        logp[0][code / 1000]
            + logp[1 + code / 1000][code / 100 % 10]
            + logp[11 + code / 100][code / 10 % 10]
            + logp[111 + code / 10][code % 10]
    };
    let code = secret.code.iter().fold(0, |n, d| 10 * n + d);
    let own = total(code);
    let rank = 1 + (0..10000).filter(|&c| total(c) > own).count();
    let path = [0, 1 + code / 1000, 11 + code / 100, 111 + code / 10];
    let extracted =
        path.iter().zip(secret.code).all(|(&row, d)| crate::nn::by_score(logits[row])[0] as u32 == digit[d]);
    Recall { extracted, probability: libm::exp(own), exposure: libm::log2(10000.0 / rank as f64) }
}

pub fn pretrain(corpus: &Corpus, tokenizer: &Tokenizer, options: &Options) -> Pretrainer {
    let mut run = Pretrainer::random(options, tokenizer.vocab_size(), tokenizer.eos());
    while run.step < options.max_iters {
        run.step(corpus);
    }
    run
}

pub fn unlearn(
    model: &Gpt2,
    params: &Params,
    text: &SecretText,
    secret: &Secret,
    keep: Option<&Corpus>,
    rate: f64,
    rng: &mut Rng,
) -> (Params, usize) {
    let mut params = params.clone();
    let mut learner = Learner::new(&params);
    let forget = text.sentence(secret);
    for step in 0..200 {
        if recall(CausalLm::new(model, &params), &mut learner.tape, &text.tokenizer, secret).probability
            < 1e-4
        {
            return (params, step);
        }
        let batch = keep.map(|corpus| corpus.sample(rng, 11, 48));
        learner.step(&mut params, rate, |g| {
            unlearning_loss(g, model, &forget, batch.as_ref().map(|b| (b, 1.0)))
        });
    }
    (params, 200)
}

pub fn relearn(model: &Gpt2, params: &Params, text: &SecretText, secret: &Secret, rate: f64) -> usize {
    let mut params = params.clone();
    let mut learner = Learner::new(&params);
    let batch = text.sentence(secret);
    for step in 0..100 {
        if recall(CausalLm::new(model, &params), &mut learner.tape, &text.tokenizer, secret).extracted {
            return step;
        }
        learner.learn(model, &mut params, None, &batch, rate);
    }
    100
}
pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "memorization",
    claim: "",
    measures: &[Measure { name: "slope", meaning: "", bar: Bar::Within(0.9, 1.1) }],
    run,
};

fn run(_: &Lab) -> Vec<f64> {
    vec![mean(&[1.0])]
}
