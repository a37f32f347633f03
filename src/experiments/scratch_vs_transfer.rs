//! A pre-trained model needs far fewer labels than one that begins with random weights.
//!
//! The task: whether a review is good or bad, from labelled reviews without their closing sentence. Pre-training has seen
//! such reviews without any label, and that their words agree with each other: fine-tuning has only to name two clusters
//! that are there, while the same network from scratch has to meet each of 60 words of praise and blame.

use super::{Bar, Base, Experiment, Lab, Measure, labeled, mean};
use crate::data::world::LabeledTexts;
use crate::nn::Gpt2;
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Classifier, ClassifierConfig, Depth, Examples};

/// Numbers of labels, half of them for each class.
pub const LABELS: [usize; 8] = [2, 4, 8, 16, 32, 64, 128, 256];
/// As many of them, the first, are tried with the pre-trained model: it needs no more.
const N_TRANSFER: usize = 6;
/// The first with which the network from scratch is tried. With fewer it is next to guessing.
const FIRST_SCRATCH: usize = 3;
/// What a classifier must get right for its labels to be enough.
pub const ENOUGH: f64 = 0.9;
/// Held-out reviews.
const N_TEST: usize = 400;
/// Choices of labelled reviews over which a point of the pre-trained model's curve is the mean. With a handful of labels
/// much depends on which: where both bad ones say "not" before a word of praise, they mislead.
const N_DRAWS: usize = 8;

/// A way to come to a classifier.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// How the classifier learns.
    pub config: ClassifierConfig,
    /// For how many steps.
    pub steps: usize,
}

/// Fine-tunes the last block of the pre-trained model.
pub const TRANSFER: Way = Way {
    config: ClassifierConfig {
        depth: Depth::LastBlocks(1),
        learning_rate: 1e-3,
        head_learning_rate: 3e-3,
        batch_size: 16,
    },
    steps: 30,
};

/// Fine-tunes all of it, more carefully.
pub const FULL: Way = Way {
    config: ClassifierConfig { depth: Depth::Full, learning_rate: 3e-4, ..TRANSFER.config },
    steps: TRANSFER.steps,
};

/// Leaves it as it is and trains a head.
pub const FEATURES: Way = Way {
    config: ClassifierConfig { depth: Depth::Features, head_learning_rate: 1e-2, ..TRANSFER.config },
    steps: 100,
};

/// Trains the network from random weights with each of two learning rates, about those of pre-training. The better
/// result counts, although it is the held-out reviews that tell which.
pub const SCRATCH: [Way; 2] = [scratch(4e-3), scratch(8e-3)];

const fn scratch(learning_rate: f64) -> Way {
    Way {
        config: ClassifierConfig {
            depth: Depth::Full,
            learning_rate,
            head_learning_rate: learning_rate,
            batch_size: 16,
        },
        steps: 100,
    }
}

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "scratch-vs-transfer",
    claim: "To judge nine reviews in ten rightly, a network from scratch needs at least ten times as many labels as \
            the same network after pre-training.",
    measures: &[
        Measure {
            name: "label-ratio",
            meaning: "labels that the network needs from scratch for 90 %, divided by those that it needs pre-trained",
            bar: Bar::AtLeast(10.0),
        },
        Measure {
            name: "scratch-labels",
            meaning: "labels at which it is first 90 % from scratch",
            bar: Bar::Report,
        },
        Measure {
            name: "transfer-labels",
            meaning: "labels from which on it is 90 % after pre-training; 2, one for each class, are the fewest",
            bar: Bar::Report,
        },
        Measure {
            name: "transfer-at-4",
            meaning: "share of held-out reviews judged rightly after pre-training, with 4 labels",
            bar: Bar::Report,
        },
        Measure {
            name: "full-at-4",
            meaning: "the same where all of the model is fine-tuned",
            bar: Bar::Report,
        },
        Measure {
            name: "features-at-4",
            meaning: "the same where the model is left as it is and only a head trained",
            bar: Bar::Report,
        },
        Measure { name: "scratch-at-16", meaning: "the same from scratch, with 16 labels", bar: Bar::Report },
        Measure {
            name: "scratch-at-256",
            meaning: "the same from scratch, with 256 labels",
            bar: Bar::Report,
        },
    ],
    run,
};

/// The labelled reviews that seed, number and draw decide, the same for every way; none of them is in `test`.
pub fn training_reviews(base: &Base, n: usize, draw: usize, test: &Examples, seed: u64) -> Examples {
    let mut rng = Rng::stream(seed, &format!("scratch-vs-transfer: {n} labels, draw {draw}"));
    labeled::draw(base, &LabeledTexts::reviews(), n, test, &mut rng)
}

/// Held-out reviews.
pub fn test_reviews(base: &Base, seed: u64) -> Examples {
    let mut rng = Rng::stream(seed, "scratch-vs-transfer: held-out");
    labeled::draw(base, &LabeledTexts::reviews(), N_TEST, &Examples::default(), &mut rng)
}

/// Random weights for the base's network.
pub fn random_weights(base: &Base, seed: u64) -> Params {
    let mut params = Params::new();
    let mut rng = Rng::stream(seed, "scratch-vs-transfer: weights");
    Gpt2::init(base.model.config.clone(), &mut params, &mut rng);
    params
}

/// Where a curve of (labels, accuracy) first reaches `accuracy`: its first number of labels if that is enough, its last
/// if none is.
pub fn first_enough(accuracy: f64, curve: &[(usize, f64)]) -> f64 {
    crossing(accuracy, curve, curve.iter().position(|(_, a)| *a >= accuracy))
}

/// From where on a curve of (labels, accuracy) is not below `accuracy`: its first number of labels if it never is, its
/// last if it is at the end.
pub fn enough_from(accuracy: f64, curve: &[(usize, f64)]) -> f64 {
    let short = curve.iter().rposition(|(_, a)| *a < accuracy);
    crossing(accuracy, curve, Some(short.map_or(0, |short| short + 1)))
}

/// Where a curve crosses `accuracy` between its point `i` and the one before, by the logarithm of the number of labels.
fn crossing(accuracy: f64, curve: &[(usize, f64)], i: Option<usize>) -> f64 {
    let Some(&(n, a)) = i.and_then(|i| curve.get(i)) else {
        return curve[curve.len() - 1].0 as f64;
    };
    let Some((fewer, below)) = i.and_then(|i| i.checked_sub(1)).map(|i| curve[i]) else {
        return n as f64;
    };
    let share = (accuracy - below) / (a - below);
    fewer as f64 * libm::pow(n as f64 / fewer as f64, share)
}

fn run(lab: &Lab) -> Vec<f64> {
    let base = lab.base();
    let test = test_reviews(base, lab.seed);
    let test_features = test.with_features(base.lm(), &mut Tape::new());
    let random = random_weights(base, lab.seed);
    let classifier = |way: &Way, params: &Params, reviews: &Examples| {
        let rng = Rng::stream(lab.seed, "scratch-vs-transfer: order");
        let mut classifier = Classifier::new(way.config.clone(), 2, &base.model, params.clone(), None, rng);
        (0..way.steps).for_each(|_| _ = classifier.step(reviews));
        classifier
    };
    let reviews = |n, draw| training_reviews(base, n, draw, &test, lab.seed);
    let tuned = |way: &Way, n: usize| {
        let accuracy = |draw| match way.config.depth {
            Depth::Features => {
                let reviews = reviews(n, draw).with_features(base.lm(), &mut Tape::new());
                classifier(way, &base.params, &reviews).accuracy(&test_features)
            }
            _ => classifier(way, &base.params, &reviews(n, draw)).accuracy(&test),
        };
        // The more labels, the less depends on which.
        let n_draws = if n <= 8 { N_DRAWS } else { N_DRAWS / 4 };
        mean(&(0..n_draws).map(accuracy).collect::<Vec<_>>())
    };
    let scratch = |n| {
        let accuracies = SCRATCH.iter().map(|way| classifier(way, &random, &reviews(n, 0)).accuracy(&test));
        accuracies.fold(0.0, f64::max)
    };
    let transfer: Vec<(usize, f64)> =
        LABELS[..N_TRANSFER].iter().map(|&n| (n, tuned(&TRANSFER, n))).collect();
    let scratch: Vec<(usize, f64)> = LABELS[FIRST_SCRATCH..].iter().map(|&n| (n, scratch(n))).collect();
    // Where a curve is not monotone, it is read to the disadvantage of the claim.
    let (needed, needed_scratch) = (enough_from(ENOUGH, &transfer), first_enough(ENOUGH, &scratch));
    vec![
        needed_scratch / needed,
        needed_scratch,
        needed,
        transfer[1].1,
        tuned(&FULL, 4),
        tuned(&FEATURES, 4),
        scratch[0].1,
        scratch[scratch.len() - 1].1,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_off_a_curve_on_a_logarithmic_scale() {
        let curve = [(4, 0.5), (16, 0.7), (64, 0.9)];
        for labels_for in [first_enough, enough_from] {
            assert!((labels_for(0.8, &curve) - 32.0).abs() < 1e-9);
            assert!((labels_for(0.9, &curve) - 64.0).abs() < 1e-9);
            assert_eq!((labels_for(0.4, &curve), labels_for(0.95, &curve)), (4.0, 64.0));
        }
    }

    #[test]
    fn a_curve_that_falls_back_counts_as_enough_only_from_there_on() {
        let curve = [(2, 0.9), (8, 0.7), (32, 0.9)];
        let [first, stays] = [first_enough, enough_from].map(|labels_for| labels_for(0.8, &curve));
        assert!(first == 2.0 && (stays - 16.0).abs() < 1e-9, "{stays}");
    }
}
