//! Pre-training: predict the next token of a text.

use serde::{Deserialize, Serialize};

use super::{AdamW, AdamWConfig, Cosine, Options, clip_grad_norm};
use crate::data::{Batch, Corpus};
use crate::nn::{Gpt2, Input};
use crate::rng::Rng;
use crate::tensor::{Graph, Params, Tape};

/// How a run goes, named as in nanoGPT.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PretrainConfig {
    /// Rows a step.
    pub batch_size: usize,
    /// Tokens a row.
    pub block_size: usize,
    /// Steps.
    pub max_iters: usize,
    /// The learning rate over the run.
    pub schedule: Cosine,
    /// The optimizer.
    pub optimizer: AdamWConfig,
    /// Largest norm of the gradient; 0 for no limit.
    pub grad_clip: f64,
}

/// A run that can be stepped, looked at, saved and gone on with.
pub struct Pretrainer {
    /// How it goes.
    pub config: PretrainConfig,
    /// The model.
    pub model: Gpt2,
    /// Its weights.
    pub params: Params,
    /// Its optimizer.
    pub optimizer: AdamW,
    /// Where batches come from.
    pub rng: Rng,
    /// Steps taken.
    pub step: usize,
    /// Buffers, also for passes over the model outside of training.
    pub tape: Tape,
}

/// What one step measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StepReport {
    /// Loss of the batch before the step, in nats per token.
    pub loss: f32,
    /// Norm of the gradient before clipping.
    pub grad_norm: f32,
    /// The learning rate used.
    pub learning_rate: f32,
}

impl Pretrainer {
    /// A run over weights as they are. The seed decides the batches.
    pub fn new(options: &Options, model: Gpt2, params: Params) -> Self {
        let config = options.run();
        let optimizer = AdamW::new(config.optimizer.clone(), &params);
        let rng = Rng::stream(options.seed, "batches");
        Self { config, model, params, optimizer, rng, step: 0, tape: Tape::new() }
    }

    /// A run over random weights, which the seed decides as well, for texts that begin and end with `eos`.
    pub fn random(options: &Options, vocab_size: usize, eos: u32) -> Self {
        let mut params = Params::new();
        let mut rng = Rng::stream(options.seed, "weights");
        let model = Gpt2::init(options.model(vocab_size, eos), &mut params, &mut rng);
        Self::new(options, model, params)
    }

    /// Learns from one batch.
    pub fn step(&mut self, corpus: &Corpus) -> StepReport {
        let batch = corpus.sample(&mut self.rng, self.config.batch_size, self.config.block_size);
        self.tape.zero_grad();
        let mut g = Graph::new(&mut self.tape, &self.params);
        let forward = self.model.forward(&mut g, &Input::new(&batch.input_ids, batch.batch_size));
        let loss = g.cross_entropy(forward.logits, &batch.labels);
        g.backward(loss);
        let loss = g.value(loss)[0];
        let grad_norm = clip_grad_norm(&self.params, &mut self.tape, self.config.grad_clip) as f32;
        let learning_rate = self.config.schedule.rate(self.step);
        self.optimizer.step(&mut self.params, &self.tape, learning_rate);
        self.step += 1;
        StepReport { loss, grad_norm, learning_rate: learning_rate as f32 }
    }

    /// Adds a batch to a loss over held-out text.
    pub fn evaluate(&mut self, batch: &Batch, sum: &mut MeanLoss) {
        let mut g = Graph::inference(&mut self.tape, &self.params);
        let forward = self.model.forward(&mut g, &Input::new(&batch.input_ids, batch.batch_size));
        let loss = g.cross_entropy(forward.logits, &batch.labels);
        let n_labels = batch.labels.iter().flatten().count();
        let nats = f64::from(g.value(loss)[0]) * n_labels as f64;
        sum.nats = (f64::from_bits(sum.nats) + nats).to_bits();
        sum.n_labels += n_labels;
    }
}

/// A mean over batches of different sizes, each scored token counting alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct MeanLoss {
    /// The sum's bits, which survive being written as text.
    nats: u64,
    n_labels: usize,
}

impl MeanLoss {
    /// Nats per token; `None` if nothing was scored.
    pub fn mean(&self) -> Option<f32> {
        (self.n_labels > 0).then(|| (f64::from_bits(self.nats) / self.n_labels as f64) as f32)
    }
}
