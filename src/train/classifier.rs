//! Supervised fine-tuning for a class: a head on the last token, and as much of the model under it as is to be trained.
//!
//! Knows nothing of what the classes mean. Start with [`Classifier::step`].

use super::{Depth, Learner, Pooling, ScoreHead, set_depth};
use crate::nn::{CausalLm, Gpt2, Input, Tuner, by_score};
use crate::rng::Rng;
use crate::tensor::{Graph, Params, Tape, Var};

/// Rows that are read at once where nothing is learned.
const ROWS: usize = 64;

/// Texts, each with its class.
#[derive(Debug, Clone, Default)]
pub struct Examples {
    /// The tokens of each text.
    pub ids: Vec<Vec<u32>>,
    /// Its class.
    pub labels: Vec<u32>,
    /// (N, C), what a model that stays as it is gives for the last token of each; empty if none was asked.
    features: Vec<f32>,
}

impl Examples {
    /// Adds a text.
    pub fn push(&mut self, ids: Vec<u32>, label: u32) {
        self.ids.push(ids);
        self.labels.push(label);
        self.features.clear();
    }

    /// Number of texts.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The same texts with what `lm` makes of each, read once: a head on a model that stays as it is need not have all
    /// of it read again at every step.
    pub fn with_features(&self, lm: CausalLm, tape: &mut Tape) -> Self {
        let mut examples = Self { features: Vec::new(), ..self.clone() };
        while !examples.extract(lm, tape) {}
        examples
    }

    /// A part of [`Examples::with_features`]: reads the next texts. Whether all are read.
    pub fn extract(&mut self, lm: CausalLm, tape: &mut Tape) -> bool {
        let n_read = self.features.len() / lm.model.config.n_embd;
        let rows = &self.ids[n_read..(n_read + ROWS).min(self.ids.len())];
        if rows.is_empty() {
            return true;
        }
        let (input_ids, ends) = pad(rows.iter());
        let mut g = lm.inference(tape);
        let hidden = lm.model.hidden(&mut g, &lm.input(&input_ids, rows.len())); // (B·T, C)
        let (width, block_size) = (g.cols(hidden), input_ids.len() / rows.len());
        for (row, end) in ends.iter().enumerate() {
            self.features
                .extend_from_slice(&g.value(hidden)[(row * block_size + end - 1) * width..][..width]);
        }
        n_read + rows.len() == self.ids.len()
    }
}

/// Rows of the length of the longest, filled up on the right, and where each ends.
fn pad<'a>(rows: impl Iterator<Item = &'a Vec<u32>> + Clone) -> (Vec<u32>, Vec<usize>) {
    let ends: Vec<usize> = rows.clone().map(Vec::len).collect();
    let block_size = ends.iter().copied().max().unwrap_or(0);
    let mut input_ids = Vec::with_capacity(ends.len() * block_size);
    for row in rows {
        input_ids.extend_from_slice(row);
        // A causal model does not see what comes after, so any token will do.
        input_ids.resize(input_ids.len().next_multiple_of(block_size), 0);
    }
    (input_ids, ends)
}

/// How a classifier learns.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassifierConfig {
    /// How much of the model is trained. A tuner is trained in any case.
    pub depth: Depth,
    /// Learning rate of the model and of the tuner.
    pub learning_rate: f64,
    /// Learning rate of the head, which begins at 0.
    pub head_learning_rate: f64,
    /// Most examples in a step.
    pub batch_size: usize,
}

/// A GPT-2 with a head that tells classes apart, and what trains both.
///
/// Hugging Face: `GPT2ForSequenceClassification`. Source: Radford et al. 2018 ("Improving Language Understanding by
/// Generative Pre-Training"), section 3.2. Differs: the loss of the language model is not added.
pub struct Classifier {
    /// How it learns.
    pub config: ClassifierConfig,
    /// The network.
    pub model: Gpt2,
    /// Its weights, those of the tuner and `score.weight` among them.
    pub params: Params,
    /// The head.
    pub head: ScoreHead,
    tuner: Option<Box<dyn Tuner>>,
    learner: Learner,
    /// Examples that are still to come before any comes again.
    order: Vec<usize>,
    rng: Rng,
}

impl Classifier {
    /// Takes a copy of a model, with a head that scores all classes alike. The tensors of a tuner are in `params`.
    /// Examples come in an order from `rng`.
    ///
    /// # Panics
    ///
    /// If there is a head already.
    pub fn new(
        config: ClassifierConfig,
        n_classes: usize,
        model: &Gpt2,
        mut params: Params,
        tuner: Option<Box<dyn Tuner>>,
        rng: Rng,
    ) -> Self {
        set_depth(config.depth, model, &mut params);
        let head = ScoreHead::init(n_classes, Pooling::Last, model, &mut params);
        let mut learner = Learner::new(&params);
        learner.optimizer.scale_rate(head.weight, config.head_learning_rate / config.learning_rate);
        Self { config, model: model.clone(), params, head, tuner, learner, order: Vec::new(), rng }
    }

    /// Learns from up to `batch_size` of the examples, the same ones at every step; each comes once before any comes
    /// again. Gives the loss before.
    ///
    /// # Panics
    ///
    /// If there are no examples, or they have features and more than the head is trained.
    pub fn step(&mut self, examples: &Examples) -> f32 {
        let n = self.config.batch_size.min(examples.len());
        if self.order.len() < n {
            self.order = (0..examples.len()).collect();
            self.rng.shuffle(&mut self.order);
        }
        let drawn = self.order.split_off(self.order.len() - n);
        let labels: Vec<Option<u32>> = drawn.iter().map(|&i| Some(examples.labels[i])).collect();
        let is_fixed = self.config.depth == Depth::Features && self.tuner.is_none();
        assert!(is_fixed || examples.features.is_empty(), "classifier: features of a model that is trained");
        let Self { config, model, params, head, tuner, learner, .. } = self;
        learner.step(params, config.learning_rate, |g| {
            let scores = scores(g, model, tuner.as_deref(), head, examples, &drawn);
            g.cross_entropy(scores, &labels)
        })
    }

    /// The likeliest class of each example.
    pub fn predict(&mut self, examples: &Examples) -> Vec<u32> {
        let Self { model, params, head, tuner, learner, .. } = self;
        let all: Vec<usize> = (0..examples.len()).collect();
        let mut classes = Vec::new();
        for rows in all.chunks(ROWS) {
            let mut g = Graph::inference(&mut learner.tape, params);
            let scores = scores(&mut g, model, tuner.as_deref(), head, examples, rows);
            classes.extend(g.value(scores).chunks_exact(g.cols(scores)).map(|row| by_score(row)[0] as u32));
        }
        classes
    }

    /// Share of the examples whose likeliest class is theirs.
    pub fn accuracy(&mut self, examples: &Examples) -> f64 {
        let classes = self.predict(examples);
        let n_right = classes.iter().zip(&examples.labels).filter(|(class, label)| class == label).count();
        n_right as f64 / examples.len() as f64
    }
}

/// Scores of some of the examples on the tape, (rows, classes).
fn scores(
    g: &mut Graph,
    model: &Gpt2,
    tuner: Option<&dyn Tuner>,
    head: &ScoreHead,
    examples: &Examples,
    rows: &[usize],
) -> Var {
    if examples.features.is_empty() {
        let (input_ids, ends) = pad(rows.iter().map(|&i| &examples.ids[i]));
        let spans: Vec<[usize; 2]> = ends.iter().map(|end| [0, *end]).collect();
        return head.scores(g, model, &Input { tuner, ..Input::new(&input_ids, rows.len()) }, &spans);
    }
    let width = model.config.n_embd;
    let of_row = |i: &usize| &examples.features[i * width..][..width];
    let features: Vec<f32> = rows.iter().flat_map(of_row).copied().collect();
    let features = g.constant(width, &features);
    g.linear(features, g.param(head.weight))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Gpt2Config;

    fn config(depth: Depth) -> ClassifierConfig {
        ClassifierConfig { depth, learning_rate: 1e-2, head_learning_rate: 1e-2, batch_size: 3 }
    }

    fn model() -> (Gpt2, Params) {
        let mut params = Params::new();
        let config =
            Gpt2Config { vocab_size: 9, n_positions: 8, n_embd: 8, n_head: 2, ..Gpt2Config::default() };
        (Gpt2::init(config, &mut params, &mut Rng::new(1)), params)
    }

    /// The class is whether the text has an 8, wherever it stands.
    fn examples() -> Examples {
        let mut examples = Examples::default();
        for i in 0..8 {
            examples.push((0..3 + i % 3).chain([7 + i % 2]).chain([6]).collect(), i % 2);
        }
        examples
    }

    #[test]
    fn features_that_were_extracted_give_the_same_bits_as_reading_again() {
        let (model, params) = model();
        let plain = examples();
        let extracted = plain.with_features(CausalLm::new(&model, &params), &mut Tape::new());
        let new = || Classifier::new(config(Depth::Features), 2, &model, params.clone(), None, Rng::new(2));
        let (mut a, mut b) = (new(), new());
        for _ in 0..10 {
            assert_eq!(a.step(&plain), b.step(&extracted));
        }
        assert_eq!(a.params.fingerprint(), b.params.fingerprint());
        assert_eq!(a.predict(&plain), b.predict(&extracted));
    }

    #[test]
    fn all_of_a_model_learns_what_its_head_alone_cannot() {
        let (model, params) = model();
        let examples = examples();
        let accuracy = |depth| {
            let mut classifier = Classifier::new(config(depth), 2, &model, params.clone(), None, Rng::new(2));
            (0..60).for_each(|_| _ = classifier.step(&examples));
            classifier.accuracy(&examples)
        };
        assert_eq!(accuracy(Depth::Full), 1.0);
        assert!(accuracy(Depth::Features) < 1.0);
    }

    #[test]
    #[should_panic(expected = "features of a model that is trained")]
    fn features_are_of_no_use_to_a_model_that_changes() {
        let (model, params) = model();
        let extracted = examples().with_features(CausalLm::new(&model, &params), &mut Tape::new());
        Classifier::new(config(Depth::Full), 2, &model, params, None, Rng::new(2)).step(&extracted);
    }
}
