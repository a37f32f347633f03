//! A step of whatever method: forward code gives a loss, and the weights move against its gradient.

use super::{AdamW, AdamWConfig, clip_grad_norm};
use crate::data::Batch;
use crate::nn::{CausalLm, Gpt2, Input, Tuner};
use crate::rng::Rng;
use crate::tensor::{Graph, Params, Tape, Var};

/// What a method needs beside its model: an optimizer of the tensors that are trained when it is made, and buffers.
pub struct Learner {
    /// Buffers, also for passes between steps.
    pub tape: Tape,
    /// The optimizer.
    pub optimizer: AdamW,
    /// Largest norm of the gradient; 0 for no limit.
    pub max_grad_norm: f64,
    /// Decides what dropout leaves out.
    rng: Rng,
}

impl Learner {
    /// AdamW as the lesson's experiments have it: `betas` (0.9, 0.95), no weight decay, and gradients clipped at 1.
    pub fn new(params: &Params) -> Self {
        let config = AdamWConfig { beta2: 0.95, weight_decay: 0.0, ..AdamWConfig::default() };
        Self::with_config(config, params)
    }

    /// Another optimizer.
    pub fn with_config(config: AdamWConfig, params: &Params) -> Self {
        let optimizer = AdamW::new(config, params);
        Self { tape: Tape::new(), optimizer, max_grad_norm: 1.0, rng: Rng::stream(0, "dropout") }
    }

    /// Gives back the buffers of its passes, of which the next one would take new ones: for a run that is over.
    pub fn release(&mut self) {
        self.tape = Tape::new();
    }

    /// Goes down the gradient of a loss once; gives the loss before.
    pub fn step(
        &mut self,
        params: &mut Params,
        learning_rate: f64,
        loss: impl FnOnce(&mut Graph) -> Var,
    ) -> f32 {
        self.tape.gradients.clear();
        let mut g = Graph::new(&mut self.tape, params).with_dropout(&mut self.rng);
        let loss = loss(&mut g);
        g.backward(loss);
        let value = g.value(loss)[0];
        clip_grad_norm(&mut self.tape.gradients, self.max_grad_norm);
        self.optimizer.step(params, &self.tape.gradients, learning_rate);
        value
    }

    /// [`Learner::step`] with the loss of a batch's labels.
    pub fn learn(
        &mut self,
        model: &Gpt2,
        params: &mut Params,
        tuner: Option<&dyn Tuner>,
        batch: &Batch,
        learning_rate: f64,
    ) -> f32 {
        self.step(params, learning_rate, |g| {
            let input = Input { tuner, ..Input::new(&batch.input_ids, batch.batch_size) };
            lm_loss(g, model, &input, &batch.labels)
        })
    }
}

/// The mean of `−log p(label)` over the tokens that have a label, in nats. Only those pass the output layer.
///
/// Shapes: `labels (B·T)`, each what follows its token.
///
/// # Panics
///
/// If there is not one label a token.
pub fn lm_loss(g: &mut Graph, model: &Gpt2, input: &Input, labels: &[Option<u32>]) -> Var {
    let (hidden, labels) = scored_hidden(g, model, input, labels);
    let logits = model.head(g, hidden); // (R, V)
    g.cross_entropy(logits, &labels)
}

/// The last hidden states of the tokens that have a label, (R, C), with the R labels.
///
/// # Panics
///
/// If there is not one label a token.
pub fn scored_hidden(
    g: &mut Graph,
    model: &Gpt2,
    input: &Input,
    labels: &[Option<u32>],
) -> (Var, Vec<Option<u32>>) {
    assert_eq!(labels.len(), input.input_ids.len(), "scored_hidden: one label a token");
    let hidden = model.hidden(g, input);
    let scored = |i: &usize| labels[*i].is_some();
    let rows: Vec<u32> = (0..labels.len()).filter(scored).map(|i| input.row(i) as u32).collect();
    (g.embedding(hidden, rows.into_iter()), labels.iter().copied().filter(Option::is_some).collect())
}

/// Mean loss of batches, each label counting alike, in nats; `NaN` if there are none.
pub fn mean_loss(lm: CausalLm, tape: &mut Tape, batches: impl Iterator<Item = Batch>) -> f64 {
    let (mut nats, mut n_labels) = (0.0, 0);
    for batch in batches {
        let mut g = lm.inference(tape);
        let loss = lm_loss(&mut g, lm.model, &lm.input(&batch.input_ids, batch.batch_size), &batch.labels);
        let n = batch.labels.iter().flatten().count();
        nats += f64::from(g.value(loss)[0]) * n as f64;
        n_labels += n;
    }
    nats / n_labels as f64
}

/// Share of a batch's labels that are the likeliest token.
pub fn accuracy(lm: CausalLm, tape: &mut Tape, batch: &Batch) -> f64 {
    let mut g = lm.inference(tape);
    let input = lm.input(&batch.input_ids, batch.batch_size);
    let (hidden, labels) = scored_hidden(&mut g, lm.model, &input, &batch.labels);
    let logits = lm.model.head(&mut g, hidden); // (R, V)
    let scores = g.value(logits).chunks_exact(g.cols(logits));
    let is_right = |(scores, label): &(&[f32], &Option<u32>)| {
        let of_label = scores[label.expect("a label") as usize];
        scores.iter().all(|score| *score <= of_label)
    };
    scores.zip(&labels).filter(is_right).count() as f64 / labels.len() as f64
}
