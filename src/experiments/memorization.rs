//! What stands often enough in a text can be had out of the model, and taking it out again is not simple.

use super::{Bar, Experiment, Lab, Measure, mean};
use crate::data::world::{N_DIGITS, Secret, deal_secrets, ordinary};
use crate::data::{Batch, Corpus, Tokenizer};
use crate::nn::{CausalLm, Gpt2};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Learner, Options, Pretrainer, unlearning_loss};

/// Copies of a secret in the text, and secrets of each kind.
pub const COPIES: [usize; 8] = [0, 1, 2, 4, 8, 16, 32, MOST];
const MOST: usize = 64;
pub const N_EACH: usize = 5;
/// Other sentences of the text.
const N_ORDINARY: usize = 24_000;
/// Learning rates of unlearning, and of learning again.
const UNLEARNING_RATE: f64 = 3e-4;
const RELEARNING_RATE: f64 = 5e-4;

/// A text with secrets in it.
pub struct SecretText {
    /// Who keeps what, and how often it stands there.
    pub secrets: Vec<Secret>,
    /// The other sentences.
    pub ordinary: Vec<String>,
    /// Its vocabulary.
    pub tokenizer: Tokenizer,
    held_out: Vec<(String, f64)>,
    seed: u64,
}

impl SecretText {
    /// A text with `n` other sentences.
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

    /// The text with some of the secrets.
    pub fn corpus(&self, is_planted: impl Fn(&Secret) -> bool) -> Corpus {
        let planted = self.secrets.iter().filter(|s| is_planted(s));
        let copies = planted.flat_map(|s| std::iter::repeat_n(s.sentence(), s.copies));
        let mut all: Vec<String> = self.ordinary.iter().cloned().chain(copies).collect();
        Rng::stream(self.seed, "memorization: order").shuffle(&mut all);
        Corpus::from_documents(all.into_iter(), self.held_out.iter().cloned(), &self.tokenizer)
    }

    /// The sentence of a secret, of which only the code is scored.
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

/// The run that reads the text.
pub fn options(seed: u64) -> Options {
    Options {
        n_embd: 48,
        batch_size: 21,
        max_iters: 400,
        learning_rate: 8e-3,
        min_lr: 8e-4,
        seed,
        ..Options::default()
    }
}

/// What a model knows of a secret.
#[derive(Debug, Clone, Copy)]
pub struct Recall {
    /// Whether each of its digits is the likeliest after those before.
    pub extracted: bool,
    /// The probability of the whole code.
    pub probability: f64,
    /// `log₂ (10,000 / rank)` among all codes, in bits: 13.3 for the likeliest.
    ///
    /// Source: Carlini et al., arXiv:1802.08232, section 4.2.
    pub exposure: f64,
}

/// Scores all 10,000 codes after a secret's beginning.
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

/// A model that has read a text.
pub fn pretrain(corpus: &Corpus, tokenizer: &Tokenizer, options: &Options) -> Pretrainer {
    let mut run = Pretrainer::random(options, tokenizer.vocab_size(), tokenizer.eos());
    while run.step < options.max_iters {
        run.step(corpus);
    }
    run
}

/// Goes up the loss of a secret's code until that is less likely than 0.0001; gives the weights and the steps taken.
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

/// Steps on the secret's sentence until the model completes it; 100 if it takes more.
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
    claim: "A secret that stands in a text 64 times can be had out of the model; training anew without it is certain, \
            unlearning leaves a trace.",
    measures: &[
        Measure {
            name: "extracted-64",
            meaning: "share of secrets with 64 copies that the model completes rightly",
            bar: Bar::AtLeast(0.9),
        },
        Measure { name: "extracted-4", meaning: "the same with at most 4 copies", bar: Bar::AtMost(0.0) },
        Measure {
            name: "retrained",
            meaning: "exposure, in bits of 13.3, of the secrets with 64 copies after training anew without them",
            bar: Bar::AtMost(3.0),
        },
        Measure {
            name: "trace",
            meaning: "exposure after unlearning one of them, less that after training anew",
            bar: Bar::AtLeast(0.0),
        },
        Measure::report("exposure-4", "exposure with 4 copies"),
        Measure::report("exposure-16", "the same with 16"),
        Measure::report("extracted-16", "share of secrets with 16 copies that are completed rightly"),
        Measure::report(
            "unlearning-steps",
            "steps of unlearning until the secret has a probability below 0.0001",
        ),
        Measure::report("damage", "loss of probability of the other secrets with 32 and 64 copies, mean"),
        Measure::report("relearning-steps", "steps on its one sentence until the unlearned secret is back"),
        Measure::report("relearning-anew", "the same steps for the model that was trained anew"),
    ],
    run,
};

fn run(lab: &Lab) -> Vec<f64> {
    let text = SecretText::new(N_ORDINARY, lab.seed);
    let options = options(lab.seed);
    let trained = pretrain(&text.corpus(|_| true), &text.tokenizer, &options);
    let anew = pretrain(&text.corpus(|secret| secret.copies < MOST), &text.tokenizer, &options);
    let model = &trained.model;
    let ask = |params: &Params, secret: &Secret| {
        recall(CausalLm::new(model, params), &mut Tape::new(), &text.tokenizer, secret)
    };
    let known: Vec<(&Secret, Recall)> =
        text.secrets.iter().map(|secret| (secret, ask(&trained.params, secret))).collect();
    let of = |wanted: &dyn Fn(usize) -> bool, value: &dyn Fn(&Recall) -> f64| {
        let chosen = known.iter().filter(|(secret, _)| wanted(secret.copies));
        mean(&chosen.map(|(_, recall)| value(recall)).collect::<Vec<_>>())
    };
    let extracted = |recall: &Recall| f64::from(u8::from(recall.extracted));
    let exposure = |recall: &Recall| recall.exposure;

    let top: Vec<&Secret> = text.secrets.iter().filter(|secret| secret.copies == MOST).collect();
    let exposures: Vec<f64> = top.iter().map(|secret| ask(&anew.params, secret).exposure).collect();
    let target = top[0];
    let mut rng = Rng::stream(lab.seed, "memorization: unlearning");
    let (unlearned, n_steps) =
        unlearn(model, &trained.params, &text, target, None, UNLEARNING_RATE, &mut rng);
    let losses = known.iter().filter(|(secret, _)| secret.copies >= MOST / 2 && *secret != target);
    let damage = losses.map(|(secret, before)| before.probability - ask(&unlearned, secret).probability);
    vec![
        of(&|copies| copies == MOST, &extracted),
        of(&|copies| copies <= 4, &extracted),
        mean(&exposures),
        ask(&unlearned, target).exposure - exposures[0],
        of(&|copies| copies == 4, &exposure),
        of(&|copies| copies == 16, &exposure),
        of(&|copies| copies == 16, &extracted),
        n_steps as f64,
        mean(&damage.collect::<Vec<_>>()),
        relearn(model, &unlearned, &text, target, RELEARNING_RATE) as f64,
        relearn(model, &anew.params, &text, target, RELEARNING_RATE) as f64,
    ]
}
