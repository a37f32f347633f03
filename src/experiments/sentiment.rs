//! Supervised fine-tuning: a model of the language learns a task from labelled examples.
//!
//! The task is put into words, as for T5: after a review and "Answer:" the model says "happy" or "sad", two words that it
//! knows from stories. Only the answer is scored. For comparison the same reviews teach a head that names no word.

use super::{Bar, Base, Experiment, Lab, Measure};
use crate::data::world::{LabeledTexts, Question};
use crate::nn::{CausalLm, by_score};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Classifier, ClassifierConfig, Depth, Examples, Learner, scored_hidden};

/// What stands between a review and its label.
pub const ASK: &str = " Answer:";
/// The labels: of a bad review, and of a good one.
pub const ANSWERS: [&str; 2] = [" sad", " happy"];
/// Labelled reviews to learn from.
pub const N_TRAIN: usize = 1000;
/// Held-out reviews.
pub const N_TEST: usize = 400;
/// Reviews a step.
pub const BATCH_SIZE: usize = 16;
/// Steps.
pub const STEPS: usize = 80;
/// The learning rate: a sixteenth of the highest of pre-training.
pub const LEARNING_RATE: f64 = 5e-4;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "sentiment",
    claim: "Fine-tuned on 1,000 labelled reviews, the model judges new ones, at a small price in what it knew before.",
    measures: &[
        Measure {
            name: "accuracy",
            meaning: "share of held-out reviews after which the right answer is the likeliest of all words",
            bar: Bar::AtLeast(0.95),
        },
        Measure { name: "accuracy-before", meaning: "the same before fine-tuning", bar: Bar::Report },
        Measure {
            name: "accuracy-negated",
            meaning: "the same after fine-tuning, of reviews in which something is \"not\" good or bad",
            bar: Bar::Report,
        },
        Measure {
            name: "loss-rise",
            meaning: "what the held-out loss of the base's own text has risen by, in nats per token",
            bar: Bar::Report,
        },
        Measure {
            name: "capitals",
            meaning: "share of capitals that the model still knows",
            bar: Bar::Report,
        },
        Measure {
            name: "head-accuracy",
            meaning: "share of held-out reviews judged rightly by a head that was trained with the model instead",
            bar: Bar::Report,
        },
        Measure {
            name: "head-loss-rise",
            meaning: "what the held-out loss of the model under that head has risen by",
            bar: Bar::Report,
        },
    ],
    run,
};

/// Reviews to learn from and held-out ones, as questions, bad and good ones in turn; no review is in both.
pub fn reviews(seed: u64) -> [Vec<Question>; 2] {
    let texts = LabeledTexts::reviews();
    let mut rng = Rng::stream(seed, "sentiment: reviews");
    let mut question =
        |i: usize| Question { prompt: texts.draw(i % 2, &mut rng) + ASK, answer: ANSWERS[i % 2].to_owned() };
    let test: Vec<Question> = (0..N_TEST).map(&mut question).collect();
    let mut train = Vec::new();
    while train.len() < N_TRAIN {
        let drawn = question(train.len());
        if !test.contains(&drawn) {
            train.push(drawn);
        }
    }
    [train, test]
}

/// The experiment's fine-tuning, which can be stepped and looked at.
pub struct Run {
    /// The weights.
    pub params: Params,
    /// What moves them.
    pub learner: Learner,
    /// Decides which reviews a step has.
    pub rng: Rng,
}

impl Run {
    /// A run over the base's weights.
    pub fn new(base: &Base, seed: u64) -> Self {
        let params = base.params.clone();
        Self { learner: Learner::new(&params), params, rng: Rng::stream(seed, "sentiment: batches") }
    }

    /// Learns from [`BATCH_SIZE`] of the reviews; gives the loss before.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn step(&mut self, base: &Base, reviews: &[Question]) -> f32 {
        let Self { params, learner, rng } = self;
        let drawn: Vec<&Question> = (0..BATCH_SIZE).map(|_| &reviews[rng.below(reviews.len())]).collect();
        learner.learn(&base.model, params, None, &base.answers(&drawn), LEARNING_RATE)
    }

    /// The model as it is.
    pub fn lm<'a>(&'a self, base: &'a Base) -> CausalLm<'a> {
        CausalLm::new(&base.model, &self.params)
    }
}

/// How often the model gives each answer: rows are the right ones in the order of [`ANSWERS`], columns the given ones,
/// and last any other word.
pub fn confusion(base: &Base, lm: CausalLm, questions: &[Question]) -> [[usize; 3]; 2] {
    let answers = ANSWERS.map(|answer| base.tokenizer.encode(answer)[0]);
    let mut counts = [[0; 3]; 2];
    let mut tape = Tape::new();
    for questions in questions.chunks(64) {
        let batch = base.answers(&questions.iter().collect::<Vec<_>>());
        let mut g = lm.inference(&mut tape);
        let input = lm.input(&batch.input_ids, batch.batch_size);
        let (hidden, labels) = scored_hidden(&mut g, lm.model, &input, &batch.labels);
        let logits = lm.model.head(&mut g, hidden); // (questions, V)
        for (row, label) in g.value(logits).chunks_exact(g.cols(logits)).zip(labels) {
            let [right, given] = [label.expect("scored"), by_score(row)[0] as u32]
                .map(|word| answers.iter().position(|answer| *answer == word).unwrap_or(2));
            counts[right][given] += 1;
        }
    }
    counts
}

/// Share of right answers.
pub fn accuracy(confusion: [[usize; 3]; 2]) -> f64 {
    let total: usize = confusion.as_flattened().iter().sum();
    (confusion[0][0] + confusion[1][1]) as f64 / total as f64
}

fn run(lab: &Lab) -> Vec<f64> {
    let base = lab.base();
    let [train, test] = reviews(lab.seed);
    let negated: Vec<Question> =
        test.iter().filter(|review| review.prompt.contains(" not ")).cloned().collect();
    let loss_before = base.held_out_loss(base.lm());
    let accuracy_of = |lm, questions: &[Question]| accuracy(confusion(base, lm, questions));

    let mut tuning = Run::new(base, lab.seed);
    (0..STEPS).for_each(|_| _ = tuning.step(base, &train));
    let tuned = tuning.lm(base);

    let examples = |questions: &[Question]| {
        let mut examples = Examples::default();
        for Question { prompt, answer } in questions {
            let review = prompt.strip_suffix(ASK).expect("it was put there");
            examples.push(base.encode(review), u32::from(answer == ANSWERS[1]));
        }
        examples
    };
    let (train, test_examples) = (examples(&train), examples(&test));
    let config = ClassifierConfig {
        depth: Depth::Full,
        learning_rate: LEARNING_RATE,
        head_learning_rate: 1e-2,
        batch_size: BATCH_SIZE,
    };
    let rng = Rng::stream(lab.seed, "sentiment: order");
    let mut head = Classifier::new(config, 2, &base.model, base.params.clone(), None, rng);
    (0..STEPS).for_each(|_| _ = head.step(&train));

    vec![
        accuracy_of(tuned, &test),
        accuracy_of(base.lm(), &test),
        accuracy_of(tuned, &negated),
        base.held_out_loss(tuned) - loss_before,
        base.accuracy(tuned, &base.world.capital_questions()),
        head.accuracy(&test_examples),
        base.held_out_loss(CausalLm::new(&base.model, &head.params)) - loss_before,
    ]
}
