//! A model takes over the bias of its text, and taking it out again can cost more than the bias.
//!
//! The text: sentences about professions, a share of which have the pronoun that is usual for the profession, and the
//! same sentences about people by name. The model is asked for "he" and "she" after each profession and each name.
//! Then it is fine-tuned on the text with a copy in which pronouns are exchanged, in one of two ways.

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
/// The same in a milder text.
const MILD_SKEW: f64 = 0.7;
/// Sentences to train on. The run of [`options`] reads them between four and five times: often enough to learn the
/// odds, and not so often that it becomes surer than the text.
pub const N_TRAIN: usize = 16_000;
/// Sentences held out.
const N_VAL: usize = 400;
/// Steps of fine-tuning against the bias.
pub const DEBIAS_STEPS: usize = 100;
/// Their learning rate.
pub const DEBIAS_RATE: f64 = 1e-3;

/// A biased text.
#[derive(Debug, Clone)]
pub struct BiasedText {
    /// Its sentences.
    pub sentences: Vec<String>,
    /// Its vocabulary.
    pub tokenizer: Tokenizer,
    /// Its sentences, to train on, and others of the same kind that are held out.
    pub corpus: Corpus,
    held_out: Vec<(String, f64)>,
}

/// Which sentences of the copy have their pronouns exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Augmentation {
    /// Those about professions. It takes somebody who knows where the bias is.
    Professions,
    /// All of them, whoever they are about.
    Everything,
}

/// What a model makes of pronouns.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// `ln (p(he) / p(she))` after each of [`PROFESSIONS`].
    pub professions: Vec<f64>,
    /// The same after each of [`NAMES`], where the pronoun that belongs to the name counts as the upper one.
    pub names: Vec<f64>,
}

impl BiasedText {
    /// A text in which professions have their usual pronoun in a share `skew` of their sentences, from 0 to 1.
    pub fn new(skew: f64, n_train: usize, seed: u64) -> Self {
        let world = professions(skew);
        let tokenizer = world.tokenizer();
        let train = world.write(n_train, &mut Rng::stream(seed, "bias: text"));
        let held_out = world.write(N_VAL, &mut Rng::stream(seed, "bias: held-out"));
        let sentences: Vec<String> = train.into_iter().map(|s| s.text).collect();
        let held_out: Vec<(String, f64)> = held_out.into_iter().map(|s| (s.text, s.nats)).collect();
        let corpus = Corpus::from_documents(sentences.iter().cloned(), held_out.iter().cloned(), &tokenizer);
        Self { sentences, tokenizer, corpus, held_out }
    }

    /// The text and a copy of it in which some pronouns are exchanged.
    ///
    /// Source: counterfactual data augmentation, Lu et al., arXiv:1807.11714, section 4. They exchange all of them, but
    /// for sentences in which a name decides.
    pub fn augmented(&self, augmentation: Augmentation) -> Corpus {
        let copy = |sentence: &String| match augmentation {
            Augmentation::Professions if !is_about_profession(sentence) => sentence.clone(),
            _ => swap_pronouns(sentence),
        };
        let train = self.sentences.iter().cloned().chain(self.sentences.iter().map(copy));
        Corpus::from_documents(train, self.held_out.iter().cloned(), &self.tokenizer)
    }

    /// `ln (he / she)` of each of [`PROFESSIONS`] in the text.
    pub fn log_odds(&self) -> Vec<f64> {
        count_pronouns(&self.sentences).into_iter().map(|pronouns| pronouns.log_odds()).collect()
    }
}

impl Probe {
    /// Asks a model.
    pub fn new(lm: CausalLm, tape: &mut Tape, tokenizer: &Tokenizer) -> Self {
        let subjects = PROFESSIONS.map(|[profession, _]| format!(" The {profession}"));
        let names = log_odds(lm, tape, tokenizer, &NAMES.map(|[name, _]| format!(" {name}")));
        let towards_right = |(x, [_, pronoun]): (f64, [&str; 2])| if pronoun == "He" { x } else { -x };
        Self {
            professions: log_odds(lm, tape, tokenizer, &subjects),
            names: names.into_iter().zip(NAMES).map(towards_right).collect(),
        }
    }

    /// Mean distance of the professions from even odds, in nats.
    pub fn gap(&self) -> f64 {
        mean(&self.professions.iter().map(|x| x.abs()).collect::<Vec<_>>())
    }

    /// Share of names after which the right pronoun is the likelier one.
    pub fn names_right(&self) -> f64 {
        self.names.iter().filter(|x| **x > 0.0).count() as f64 / self.names.len() as f64
    }

    /// Mean probability of the right pronoun after a name, of the two.
    pub fn names_certainty(&self) -> f64 {
        mean(&self.names.iter().map(|x| 1.0 / (1.0 + libm::exp(-x))).collect::<Vec<_>>())
    }
}

/// `ln (p(he) / p(she))` after "… said that", for each subject. All subjects have the same number of tokens.
fn log_odds(lm: CausalLm, tape: &mut Tape, tokenizer: &Tokenizer, subjects: &[String]) -> Vec<f64> {
    let row = |subject: &String| {
        [vec![tokenizer.eos()], tokenizer.encode(&format!("{subject} said that"))].concat()
    };
    let ids: Vec<u32> = subjects.iter().flat_map(row).collect();
    let [he, she] = [" he", " she"].map(|word| tokenizer.encode(word)[0] as usize);
    let mut g = lm.inference(tape);
    let logits = lm.model.logits(&mut g, &lm.input(&ids, subjects.len()));
    let (cols, length) = (g.cols(logits), ids.len() / subjects.len());
    let last = |row: &[f32]| f64::from(row[(length - 1) * cols + he] - row[(length - 1) * cols + she]);
    g.value(logits).chunks_exact(length * cols).map(last).collect()
}

/// Slope of the straight line through points, by least squares.
pub fn slope(x: &[f64], y: &[f64]) -> f64 {
    let (center_x, center_y) = (mean(x), mean(y));
    let products = x.iter().zip(y).map(|(x, y)| (x - center_x) * (y - center_y)).sum::<f64>();
    products / x.iter().map(|x| (x - center_x) * (x - center_x)).sum::<f64>()
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

/// A model that has read the text.
pub fn pretrain(text: &BiasedText, options: &Options) -> Pretrainer {
    let mut run = Pretrainer::random(options, text.tokenizer.vocab_size(), text.tokenizer.eos());
    while run.step < options.max_iters {
        run.step(&text.corpus);
    }
    run
}

/// One step of fine-tuning on a text without the bias; gives the loss before.
pub fn debias_step(
    learner: &mut Learner,
    model: &Gpt2,
    params: &mut Params,
    augmented: &Corpus,
    learning_rate: f64,
    rng: &mut Rng,
) -> f32 {
    let Options { batch_size, block_size, .. } = options(0);
    let batch = augmented.sample(rng, batch_size, block_size);
    learner.learn(model, params, None, &batch, learning_rate)
}

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "bias",
    claim: "A model takes over the bias of its text. Exchanging pronouns where the bias lies takes it away; exchanging \
            all of them takes away who Mary is as well.",
    measures: &[
        Measure {
            name: "slope",
            meaning: "of the model's log-odds of he and she on those of its text, over all professions",
            bar: Bar::Within(0.9, 1.1),
        },
        Measure {
            name: "removed",
            meaning: "share of the mean distance from even odds that goes with an exchange in the professions' \
                      sentences",
            bar: Bar::AtLeast(0.8),
        },
        Measure {
            name: "names",
            meaning: "share of names after which the right pronoun is then the likelier one",
            bar: Bar::AtLeast(0.95),
        },
        Measure::report(
            "removed-naively",
            "share of the distance that goes with an exchange in all sentences",
        ),
        Measure {
            name: "certainty-naively",
            meaning: "mean probability of the right pronoun after a name then; a half is not to know",
            bar: Bar::AtMost(0.75),
        },
        Measure::report("certainty", "the same after the exchange in the professions' sentences"),
        Measure {
            name: "slope-mild",
            meaning: "the slope where 0.7 instead of 0.9 of the pronouns are the usual ones",
            bar: Bar::Within(0.9, 1.1),
        },
        Measure::report("removed-mild", "share of that milder distance that the same exchange removes"),
        Measure::report("gap-text", "mean distance of the text from even odds, in nats"),
        Measure::report("gap-model", "the same of the model"),
    ],
    run,
};

fn run(lab: &Lab) -> Vec<f64> {
    let text = BiasedText::new(SKEW, N_TRAIN, lab.seed);
    let model = pretrain(&text, &options(lab.seed));
    let before = probe(&text, &model.model, &model.params);
    let targeted = debiased(&text, &model, Augmentation::Professions, lab.seed);
    let naive = debiased(&text, &model, Augmentation::Everything, lab.seed);

    let mild_text = BiasedText::new(MILD_SKEW, N_TRAIN, lab.seed);
    let mild_model = pretrain(&mild_text, &options(lab.seed));
    let mild = probe(&mild_text, &mild_model.model, &mild_model.params);
    let mild_after = debiased(&mild_text, &mild_model, Augmentation::Professions, lab.seed);

    let odds = text.log_odds();
    vec![
        slope(&odds, &before.professions),
        1.0 - targeted.gap() / before.gap(),
        targeted.names_right(),
        1.0 - naive.gap() / before.gap(),
        naive.names_certainty(),
        targeted.names_certainty(),
        slope(&mild_text.log_odds(), &mild.professions),
        1.0 - mild_after.gap() / mild.gap(),
        mean(&odds.iter().map(|x| x.abs()).collect::<Vec<_>>()),
        before.gap(),
    ]
}

fn probe(text: &BiasedText, model: &Gpt2, params: &Params) -> Probe {
    Probe::new(CausalLm::new(model, params), &mut Tape::new(), &text.tokenizer)
}

/// What a copy of the model says after [`DEBIAS_STEPS`].
fn debiased(text: &BiasedText, run: &Pretrainer, augmentation: Augmentation, seed: u64) -> Probe {
    let corpus = text.augmented(augmentation);
    let mut params = run.params.clone();
    let mut learner = Learner::new(&params);
    let mut rng = Rng::stream(seed, "bias: fine-tuning");
    for _ in 0..DEBIAS_STEPS {
        debias_step(&mut learner, &run.model, &mut params, &corpus, DEBIAS_RATE, &mut rng);
    }
    probe(text, &run.model, &params)
}
