//! A model takes over the bias of its text, and unlearning it can cost more than the bias.

use super::{Bar, Experiment, Lab, Measure, mean};
use crate::data::world::{
    NAMES, PROFESSIONS, count_pronouns, is_about_profession, professions, swap_pronouns,
};
use crate::data::{Corpus, Tokenizer};
use crate::nn::{CausalLm, Gpt2};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Learner, Options, Pretrainer};

/// Share of usual pronouns in sentences about professions.
const SKEW: f64 = 0.9;
/// Sentences to train on, which the model reads about four times, and held-out ones.
const N_TRAIN: usize = 16_000;
const N_VAL: usize = 400;
/// Steps, rate and rows of the fine-tuning that takes the bias away.
pub const DEBIAS_STEPS: usize = 100;
pub const DEBIAS_RATE: f64 = 1e-3;

/// A biased text.
#[derive(Debug, Clone)]
pub struct BiasedText {
    pub sentences: Vec<String>,
    pub tokenizer: Tokenizer,
    pub corpus: Corpus,
}

impl BiasedText {
    pub fn new(skew: f64, n_train: usize, seed: u64) -> Self {
        let world = professions(skew);
        let tokenizer = world.tokenizer();
        let train = world.write(n_train, &mut Rng::stream(seed, "bias: text"));
        let sentences: Vec<String> = train.into_iter().map(|s| s.text).collect();
        let balanced = professions(0.5).write(N_VAL, &mut Rng::stream(seed, "bias: held-out"));
        let held_out = balanced.into_iter().map(|s| (s.text, s.nats));
        let corpus = Corpus::from_documents(sentences.iter().cloned(), held_out, &tokenizer);
        Self { sentences, tokenizer, corpus }
    }

    pub fn debiased(&self, which: Augmentation) -> Corpus {
        let twin = |s: &String| match which {
            Augmentation::Professions if !is_about_profession(s) => s.clone(),
            _ => swap_pronouns(s),
        };
        let train = self.sentences.iter().cloned().chain(self.sentences.iter().map(twin));
        let val = self.sentences.iter().take(1).map(|s| (s.clone(), 1.0));
        Corpus::from_documents(train, val, &self.tokenizer)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Augmentation {
    Everything,
    Professions,
}

pub fn options(seed: u64) -> Options {
    Options {
        n_embd: 48,
        batch_size: 21,
        max_iters: 450,
        learning_rate: 8e-3,
        min_lr: 8e-4,
        seed,
        ..Options::default()
    }
}

/// `ln (p(he) / p(she))` after "<subject> said that", for each.
pub fn log_odds(lm: CausalLm, tape: &mut Tape, tokenizer: &Tokenizer, subjects: &[String]) -> Vec<f64> {
    let rows: Vec<u32> = subjects
        .iter()
        .flat_map(|s| [vec![tokenizer.eos()], tokenizer.encode(&format!("{s} said that"))].concat())
        .collect();
    let [he, she] = [" he", " she"].map(|word| tokenizer.encode(word)[0] as usize);
    let mut g = lm.inference(tape);
    let logits = lm.model.logits(&mut g, &lm.input(&rows, subjects.len()));
    let length = rows.len() / subjects.len();
    let last = g.value(logits).chunks_exact(length * g.cols(logits));
    last.map(|row| {
        let row = &row[row.len() - g.cols(logits)..];
        f64::from(row[he] - row[she])
    })
    .collect()
}

pub fn slope(x: &[f64], y: &[f64]) -> f64 {
    let (mx, my) = (mean(x), mean(y));
    let xy: f64 = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum();
    xy / x.iter().map(|x| (x - mx) * (x - mx)).sum::<f64>()
}

pub struct Probe {
    pub professions: Vec<f64>,
    pub names_right: f64,
    pub name_strength: f64,
}

pub fn probe(lm: CausalLm, tape: &mut Tape, tokenizer: &Tokenizer) -> Probe {
    let p: Vec<String> = PROFESSIONS.iter().map(|[p, _]| format!(" The {p}")).collect();
    let n: Vec<String> = NAMES.iter().map(|[n, _]| format!(" {n}")).collect();
    let professions = log_odds(lm, tape, tokenizer, &p);
    let towards: Vec<f64> = log_odds(lm, tape, tokenizer, &n)
        .into_iter()
        .zip(NAMES)
        .map(|(x, [_, pronoun])| if pronoun == "He" { x } else { -x })
        .collect();
    let names_right = towards.iter().filter(|x| **x > 0.0).count() as f64 / towards.len() as f64;
    Probe { professions, names_right, name_strength: mean(&towards) }
}

pub fn gap(log_odds: &[f64]) -> f64 {
    mean(&log_odds.iter().map(|x| x.abs()).collect::<Vec<_>>())
}

pub fn corpus_log_odds(text: &BiasedText) -> Vec<f64> {
    count_pronouns(&text.sentences).into_iter().map(|p| p.log_odds()).collect()
}

pub fn pretrain(text: &BiasedText, options: &Options) -> Pretrainer {
    let mut run = Pretrainer::random(options, text.tokenizer.vocab_size(), text.tokenizer.eos());
    while run.step < options.max_iters {
        run.step(&text.corpus);
    }
    run
}

pub fn debias(
    model: &Gpt2,
    params: &Params,
    corpus: &Corpus,
    steps: usize,
    rate: f64,
    rng: &mut Rng,
) -> Params {
    let mut params = params.clone();
    let mut learner = Learner::new(&params);
    for _ in 0..steps {
        let batch = corpus.sample(rng, 21, 48);
        learner.learn(model, &mut params, None, &batch, rate);
    }
    params
}

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "bias",
    claim: "A model takes over the bias of its text.",
    measures: &[Measure { name: "slope", meaning: "", bar: Bar::Within(0.9, 1.1) }],
    run,
};

fn run(lab: &Lab) -> Vec<f64> {
    let text = BiasedText::new(SKEW, N_TRAIN, lab.seed);
    let run = pretrain(&text, &options(lab.seed));
    let p = probe(CausalLm::new(&run.model, &run.params), &mut Tape::new(), &text.tokenizer);
    vec![slope(&corpus_log_odds(&text), &p.professions)]
}
