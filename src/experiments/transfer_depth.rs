//! How deep to fine-tune: five ways to adapt a model, against the number of labels, in a domain that is near to the text
//! of pre-training and in one that is far from it. The winners are a map, and a rule of thumb is held against it.
//!
//! Near are reviews, of which pre-training has read thousands. Far are notes on patients with illnesses of one kind only:
//! pre-training knows each illness and says nothing of two kinds. Start with [`classifier`], which is trained for a cell of the map.

use super::{Bar, Base, Experiment, Lab, Measure, labeled, mean};
use crate::data::{Batch, world::LabeledTexts};
use crate::json::names;
use crate::nn::Tuner;
use crate::peft::{Lora, LoraConfig};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Classifier, ClassifierConfig, Cosine, Depth, Examples, Learner};

/// Numbers of labels, half of them for each class. What the lesson calls a small data set is here one of 4 or 16, a
/// medium one 64, a large one 256.
pub const LABELS: [usize; 4] = [4, 16, 64, 256];
/// Choices of labelled texts over which a cell is the mean, by the number of labels.
pub const N_DRAWS: [usize; 4] = [5, 3, 2, 1];
/// Held-out texts.
pub const N_TEST: usize = 200;
/// Texts without labels for continued pre-training, none of which is held out.
pub const N_UNLABELED: usize = 1000;
/// Steps of continued pre-training, of so many texts each.
pub const CONTINUED_STEPS: usize = 400;
const CONTINUED_BATCH_SIZE: usize = 12;
/// Its highest learning rate: half of that of pre-training.
const CONTINUED_RATE: f64 = 4e-3;

/// What is adapted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// Reviews.
    Near,
    /// Notes on patients.
    Far,
}

/// A way to adapt a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A head on the model as it is: feature extraction.
    Features,
    /// A head, and low-rank matrices beside the frozen weights.
    Lora,
    /// A head and the last block.
    LastBlock,
    /// A head and all of the model.
    Full,
    /// The same after more pre-training on texts of the domain without labels.
    Continued,
}

names!(Domain: Near = "near", Far = "far");
names!(Method: Features = "features", Lora = "lora", LastBlock = "last-block", Full = "full", Continued = "continued");

impl Domain {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Near, Self::Far];

    /// Where texts are drawn from.
    pub fn texts(self, base: &Base) -> LabeledTexts {
        match self {
            Self::Near => LabeledTexts::reviews(),
            Self::Far => LabeledTexts::patients(base.world.facts()),
        }
    }
}

impl Method {
    /// All, from the shallowest to the one that costs most.
    pub const ALL: [Self; 5] = [Self::Features, Self::Lora, Self::LastBlock, Self::Full, Self::Continued];

    /// How a classifier learns in this way, and for how many steps with so many labels.
    pub fn config(self, n_labels: usize) -> (ClassifierConfig, usize) {
        let (depth, learning_rate) = match self {
            Self::Features => (Depth::Features, 1e-2),
            Self::Lora => (Depth::Features, 5e-3),
            Self::LastBlock => (Depth::LastBlocks(1), 2e-3),
            Self::Full | Self::Continued => (Depth::Full, 1e-3),
        };
        let steps = match self {
            // A step of a head alone is next to nothing.
            Self::Features => 200,
            _ if n_labels <= 16 => 40,
            _ => 80,
        };
        (ClassifierConfig { depth, learning_rate, head_learning_rate: 1e-2, batch_size: 16 }, steps)
    }
}

/// A domain, and what is held out of it.
pub struct Ground {
    /// Which one.
    pub domain: Domain,
    /// Held-out texts.
    pub test: Examples,
    texts: LabeledTexts,
    seed: u64,
}

impl Ground {
    /// Holds out what nothing will be trained on.
    pub fn new(base: &Base, domain: Domain, seed: u64) -> Self {
        let texts = domain.texts(base);
        let mut rng = Self::stream(seed, "held-out", domain);
        let test = labeled::draw(base, &texts, N_TEST, &Examples::default(), &mut rng);
        Self { domain, test, texts, seed }
    }

    fn stream(seed: u64, purpose: &str, domain: Domain) -> Rng {
        Rng::stream(seed, &format!("transfer-depth: {purpose} {domain:?}"))
    }

    /// A choice of labelled texts, [`LABELS`]`[i]` of them: the same for every method.
    pub fn examples(&self, base: &Base, i: usize, draw: usize) -> Examples {
        let purpose = format!("{} labels, draw {draw}", LABELS[i]);
        let mut rng = Self::stream(self.seed, &purpose, self.domain);
        labeled::draw(base, &self.texts, LABELS[i], &self.test, &mut rng)
    }
}

/// More pre-training of the base on texts of a domain, none of which is held out.
pub struct Continuing {
    /// The weights as far as they have come.
    pub params: Params,
    /// Steps taken, of [`CONTINUED_STEPS`].
    pub step: usize,
    /// What it learns from, none of which is held out.
    pub texts: Vec<Vec<u32>>,
    learner: Learner,
    rng: Rng,
}

impl Continuing {
    /// Begins with the base; `test` is held out.
    pub fn new(base: &Base, domain: Domain, test: &Examples, seed: u64) -> Self {
        let mut rng = Ground::stream(seed, "unlabeled", domain);
        let texts = labeled::draw(base, &domain.texts(base), N_UNLABELED, test, &mut rng).ids;
        let params = base.params.clone();
        Self { learner: Learner::new(&params), params, step: 0, texts, rng }
    }

    /// Takes a step. Gives the loss before.
    pub fn step(&mut self, base: &Base) -> f32 {
        let eos = base.tokenizer.eos();
        let rate = Cosine {
            learning_rate: CONTINUED_RATE,
            min_lr: CONTINUED_RATE / 10.0,
            warmup_iters: CONTINUED_STEPS / 20,
            lr_decay_iters: CONTINUED_STEPS,
        };
        let mut batch = Batch::new(self.texts.iter().map(Vec::len).max().unwrap_or(0));
        for _ in 0..CONTINUED_BATCH_SIZE {
            batch.push(&[&self.texts[self.rng.below(N_UNLABELED)][..], &[eos]].concat(), eos);
        }
        self.step += 1;
        self.learner.learn(&base.model, &mut self.params, None, &batch, rate.rate(self.step - 1))
    }

    /// Whether all steps are taken.
    pub fn is_complete(&self) -> bool {
        self.step == CONTINUED_STEPS
    }
}

/// A classifier that is to learn in one way from so many labels, and its steps. It begins with weights that are the base's,
/// or those of [`Continuing`].
pub fn classifier(
    base: &Base,
    params: &Params,
    method: Method,
    n_labels: usize,
    seed: u64,
) -> (Classifier, usize) {
    let (config, steps) = method.config(n_labels);
    let mut params = params.clone();
    let tuner = (method == Method::Lora).then(|| -> Box<dyn Tuner> {
        let config = LoraConfig { r: 2, lora_alpha: 4.0, ..LoraConfig::default() };
        let mut rng = Rng::stream(seed, "transfer-depth: LoRA");
        Box::new(Lora::init("default", config, &base.model, &mut params, &mut rng))
    });
    let rng = Rng::stream(seed, "transfer-depth: order");
    (Classifier::new(config, 2, &base.model, params, tuner, rng), steps)
}

/// Accuracy on held-out texts by domain, number of labels ([`LABELS`]) and method ([`Method::ALL`]).
pub fn map(base: &Base, seed: u64) -> [[[f64; 5]; 4]; 2] {
    Domain::ALL.map(|domain| {
        let ground = Ground::new(base, domain, seed);
        let test_features = ground.test.with_features(base.lm(), &mut Tape::new());
        let mut continuing = Continuing::new(base, domain, &ground.test, seed);
        while !continuing.is_complete() {
            continuing.step(base);
        }
        let adapt = |params: &Params, method, examples: &Examples, test: &Examples| {
            let (mut classifier, steps) = classifier(base, params, method, examples.len(), seed);
            (0..steps).for_each(|_| _ = classifier.step(examples));
            classifier.accuracy(test)
        };
        [0, 1, 2, 3].map(|i| {
            let mut sums = [0.0; 5];
            for draw in 0..N_DRAWS[i] {
                let examples = ground.examples(base, i, draw);
                for (sum, method) in sums.iter_mut().zip(Method::ALL) {
                    *sum += match method {
                        Method::Features => {
                            let examples = examples.with_features(base.lm(), &mut Tape::new());
                            adapt(&base.params, method, &examples, &test_features)
                        }
                        Method::Continued => adapt(&continuing.params, method, &examples, &ground.test),
                        _ => adapt(&base.params, method, &examples, &ground.test),
                    };
                }
            }
            sums.map(|sum| sum / N_DRAWS[i] as f64)
        })
    })
}

/// What the rule of thumb names for each number of labels: features or parameter-efficient tuning for few, partial or
/// full fine-tuning for more, full fine-tuning or continued pre-training for many.
pub const RULE: [&[Method]; 4] = [
    &[Method::Features, Method::Lora],
    &[Method::Features, Method::Lora],
    &[Method::LastBlock, Method::Full],
    &[Method::Full, Method::Continued],
];
/// And for a very different domain, whatever their number.
pub const RULE_FAR: &[Method] = &[Method::Continued];

/// A rule holds where what it names is the best, or short of it by no more than this.
pub const TIE: f64 = 0.02;
const HOLDS: Bar = Bar::AtLeast(-TIE);
const FAILS: Bar = Bar::AtMost(-TIE);

#[rustfmt::skip]
pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "transfer-depth",
    claim: "Near to the text of pre-training, the last block is enough for any number of labels; far from it, continued \
            pre-training wins by far with few labels, and full fine-tuning catches up with more. Of the rule of thumb, \
            what it says of small data sets fails in the far domain.",
    measures: &[
        Measure {
            name: "far-few-continued",
            meaning: "far domain, 4 and 16 labels: accuracy after continued pre-training, less the best other way's",
            bar: Bar::AtLeast(0.05),
        },
        Measure {
            name: "near-last-block",
            meaning: "near domain, all numbers of labels: accuracy of the last block, less the best other way's",
            bar: HOLDS,
        },
        Measure {
            name: "far-many-full",
            meaning: "far domain, 64 and 256 labels: accuracy of full fine-tuning, less the best other way's",
            bar: HOLDS,
        },
        rule("near-4-rule", "near, 4 labels: best of features and LoRA, less the best other way", Bar::Report),
        rule("near-16-rule", "near, 16 labels: best of features and LoRA, less the best other way", Bar::Report),
        rule("near-64-rule", "near, 64 labels: better of last block and full, less the best other way", HOLDS),
        rule("near-256-rule", "near, 256 labels: better of full and continued, less the best other way", HOLDS),
        rule("far-4-rule", "far, 4 labels: best of features and LoRA, less the best other way", FAILS),
        rule("far-16-rule", "far, 16 labels: best of features and LoRA, less the best other way", FAILS),
        rule("far-64-rule", "far, 64 labels: better of last block and full, less the best other way", HOLDS),
        rule("far-256-rule", "far, 256 labels: better of full and continued, less the best other way", HOLDS),
        rule("far-4-domain-rule", "far, 4 labels: continued, less the best other way", HOLDS),
        rule("far-16-domain-rule", "far, 16 labels: continued, less the best other way", HOLDS),
        rule("far-64-domain-rule", "far, 64 labels: continued, less the best other way", HOLDS),
        rule("far-256-domain-rule", "far, 256 labels: continued, less the best other way", HOLDS),
        cell("near-4-features"), cell("near-4-lora"), cell("near-4-last-block"), cell("near-4-full"), cell("near-4-continued"),
        cell("near-16-features"), cell("near-16-lora"), cell("near-16-last-block"), cell("near-16-full"), cell("near-16-continued"),
        cell("near-64-features"), cell("near-64-lora"), cell("near-64-last-block"), cell("near-64-full"), cell("near-64-continued"),
        cell("near-256-features"), cell("near-256-lora"), cell("near-256-last-block"), cell("near-256-full"), cell("near-256-continued"),
        cell("far-4-features"), cell("far-4-lora"), cell("far-4-last-block"), cell("far-4-full"), cell("far-4-continued"),
        cell("far-16-features"), cell("far-16-lora"), cell("far-16-last-block"), cell("far-16-full"), cell("far-16-continued"),
        cell("far-64-features"), cell("far-64-lora"), cell("far-64-last-block"), cell("far-64-full"), cell("far-64-continued"),
        cell("far-256-features"), cell("far-256-lora"), cell("far-256-last-block"), cell("far-256-full"), cell("far-256-continued"),
    ],
    run,
};

const fn rule(name: &'static str, meaning: &'static str, bar: Bar) -> Measure {
    Measure { name, meaning, bar }
}

const fn cell(name: &'static str) -> Measure {
    let meaning = "share of held-out texts whose class is right, by domain, number of labels and way";
    Measure { name, meaning, bar: Bar::Report }
}

/// By how much the best of some methods is better than the best of the others; negative if it is worse.
pub fn advantage(methods: &[Method], accuracies: &[f64; 5]) -> f64 {
    let best = |named: bool| {
        let of = Method::ALL.iter().zip(accuracies).filter(|(method, _)| methods.contains(method) == named);
        of.map(|(_, accuracy)| *accuracy).fold(0.0, f64::max)
    };
    best(true) - best(false)
}

fn run(lab: &Lab) -> Vec<f64> {
    let [near, far] = map(lab.base(), lab.seed);
    let mean_over =
        |cells: &[[f64; 5]], f: &dyn Fn(&[f64; 5]) -> f64| mean(&cells.iter().map(f).collect::<Vec<_>>());
    let lead = |cells, method| mean_over(cells, &|cell| advantage(&[method], cell));
    let mut values = vec![
        lead(&far[..2], Method::Continued),
        lead(&near, Method::LastBlock),
        lead(&far[2..], Method::Full),
    ];
    for cells in [&near, &far] {
        values.extend(RULE.iter().zip(cells).map(|(rule, cell)| advantage(rule, cell)));
    }
    values.extend(far.iter().map(|cell| advantage(RULE_FAR, cell)));
    values.extend(near.as_flattened().iter().chain(far.as_flattened()));
    values
}
