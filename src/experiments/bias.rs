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
    /// Its sentences.
    pub sentences: Vec<String>,
    /// Its vocabulary.
    pub tokenizer: Tokenizer,
    /// The sentences to train on; those held out are from a text without bias.
    pub corpus: Corpus,
}

impl BiasedText {
    /// A text of so many sentences, in which a share `skew` of professions have their usual pronoun.
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

    /// The text and a copy in which pronouns are exchanged.
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

/// Which sentences of the copy have their pronouns exchanged.
///
/// Source: Zhao et al., arXiv:1804.06876, section 4.1 (counterfactual augmentation).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Augmentation {
    /// All of them, whoever they are about.
    Everything,
    /// Those about professions.
    Professions,
}

/// The run that takes the bias over.
pub fn options(seed: u64) -> Options {
    Options {
        n_embd: 32,
        batch_size: 21,
        max_iters: 600,
        learning_rate: 1e-2,
        min_lr: 1e-3,
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

/// Slope of the straight line through points, by least squares.
pub fn slope(x: &[f64], y: &[f64]) -> f64 {
    let (mx, my) = (mean(x), mean(y));
    let xy: f64 = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum();
    xy / x.iter().map(|x| (x - mx) * (x - mx)).sum::<f64>()
}

/// What a model says of professions and names.
pub struct Probe {
    /// Log-odds of "he" against "she" after each profession.
    pub professions: Vec<f64>,
    /// Share of names after which the right pronoun is the likelier one.
    pub names_right: f64,
    /// Mean log-odds of the right pronoun after a name.
    pub name_strength: f64,
}

/// Asks a model.
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

/// Mean distance from even odds.
pub fn gap(log_odds: &[f64]) -> f64 {
    mean(&log_odds.iter().map(|x| x.abs()).collect::<Vec<_>>())
}

/// The log-odds of the text itself.
pub fn corpus_log_odds(text: &BiasedText) -> Vec<f64> {
    count_pronouns(&text.sentences).into_iter().map(|p| p.log_odds()).collect()
}

/// A model that has read the text.
pub fn pretrain(text: &BiasedText, options: &Options) -> Pretrainer {
    let mut run = Pretrainer::random(options, text.tokenizer.vocab_size(), text.tokenizer.eos());
    while run.step < options.max_iters {
        run.step(&text.corpus);
    }
    run
}

/// Weights after some steps of fine-tuning on a text without bias.
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
    claim: "A model takes over the bias of its text; exchanging pronouns where it lies takes it away, exchanging all of \
            them takes away who Mary is as well.",
    measures: &[
        Measure {
            name: "slope",
            meaning: "of the model's log-odds of he and she on those of its text, over all professions",
            bar: Bar::Within(0.9, 1.1),
        },
        Measure {
            name: "removed",
            meaning: "share of the mean distance from even odds that augmenting the professions' sentences removes",
            bar: Bar::AtLeast(0.8),
        },
        Measure {
            name: "names",
            meaning: "share of names whose pronoun is right afterwards",
            bar: Bar::AtLeast(0.95),
        },
        Measure::report("removed-naively", "share of the distance that augmenting all sentences removes"),
        Measure::report("names-naively", "share of names whose pronoun is right after that"),
    ],
    run,
};

fn run(lab: &Lab) -> Vec<f64> {
    let text = BiasedText::new(SKEW, N_TRAIN, lab.seed);
    let trained = pretrain(&text, &options(lab.seed));
    let asked =
        |params: &Params| probe(CausalLm::new(&trained.model, params), &mut Tape::new(), &text.tokenizer);
    let before = asked(&trained.params);
    let mended = [Augmentation::Professions, Augmentation::Everything].map(|which| {
        let mut rng = Rng::stream(lab.seed, "bias: rows");
        let corpus = text.debiased(which);
        asked(&debias(&trained.model, &trained.params, &corpus, DEBIAS_STEPS, DEBIAS_RATE, &mut rng))
    });
    let [targeted, naive] = &mended;
    let removed = |after: &Probe| 1.0 - gap(&after.professions) / gap(&before.professions);
    vec![
        slope(&corpus_log_odds(&text), &before.professions),
        removed(targeted),
        targeted.names_right,
        removed(naive),
        naive.names_right,
    ]
}
