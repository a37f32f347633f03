//! Pre-training: predict the next token of a text.

use super::shards::{ShardSum, n_passes, n_shards, rows_per_pass, shard_rows};
use super::{AdamW, AdamWConfig, Cosine, Options, clip_grad_norm};
use crate::data::{Batch, Corpus};
use crate::json::fields;
use crate::nn::{Gpt2, Input};
use crate::rng::Rng;
use crate::tensor::{Graph, Params, Tape};

/// How a run goes, named as in nanoGPT.
#[derive(Debug, Clone, PartialEq)]
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
    /// Where batches come from, as it was before the step under way.
    pub rng: Rng,
    /// Steps taken.
    pub step: usize,
    /// Buffers, also for passes over the model outside of training.
    pub tape: Tape,
    batch: Batch,
    /// The random numbers after the batch, if a step is under way.
    under_way: Option<Rng>,
    /// Passes of the shard under way, whose gradient is in the tape, and their loss.
    passes: usize,
    pass_loss: f32,
    sum: ShardSum,
}

/// What one step measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepReport {
    /// Loss of the batch before the step, in nats per token.
    pub loss: f32,
    /// Norm of the gradient before clipping.
    pub grad_norm: f32,
    /// The learning rate used.
    pub learning_rate: f32,
}

fields!(StepReport: loss, grad_norm, learning_rate);

impl Pretrainer {
    /// A run over weights as they are, with batches from `rng`.
    pub fn new(config: PretrainConfig, model: Gpt2, params: Params, rng: Rng) -> Self {
        let optimizer = AdamW::new(config.optimizer.clone(), &params);
        let batch = Batch::new(config.block_size);
        let (tape, sum) = (Tape::new(), ShardSum::default());
        let (under_way, passes, pass_loss) = (None, 0, 0.0);
        Self {
            config,
            model,
            params,
            optimizer,
            rng,
            step: 0,
            tape,
            batch,
            under_way,
            passes,
            pass_loss,
            sum,
        }
    }

    /// A run over weights as they are, with the options' seed for its batches.
    pub fn with_options(options: &Options, model: Gpt2, params: Params) -> Self {
        Self::new(options.run(), model, params, Rng::stream(options.seed, "batches"))
    }

    /// A run over random weights, which the seed decides as well, for texts that begin and end with `eos`.
    pub fn random(options: &Options, vocab_size: usize, eos: u32) -> Self {
        let mut params = Params::new();
        let mut rng = Rng::stream(options.seed, "weights");
        let model = Gpt2::init(options.model(vocab_size, eos), &mut params, &mut rng);
        Self::with_options(options, model, params)
    }

    /// Learns from one batch: [`Pretrainer::begin`], each [`Pretrainer::shard`] in order, [`Pretrainer::finish`].
    pub fn step(&mut self, corpus: &Corpus) -> StepReport {
        self.begin(corpus);
        (0..self.n_shards()).for_each(|i| self.shard(i));
        self.finish()
    }

    /// [`Pretrainer::step`] with a batch of the caller's.
    pub fn learn(&mut self, batch: &Batch) -> StepReport {
        self.batch.clone_from(batch);
        self.begun(self.rng.clone());
        (0..self.n_shards()).for_each(|i| self.shard(i));
        self.finish()
    }

    /// Number of parts in which a step is computed.
    pub fn n_shards(&self) -> usize {
        n_shards(self.config.batch_size)
    }

    /// Floating-point operations of a step, as [`Gpt2Config::flops`](crate::nn::Gpt2Config::flops) counts them.
    pub fn flops(&self) -> f64 {
        self.model.config.flops(self.config.batch_size, self.config.block_size)
    }

    /// Whether a step is under way.
    pub fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// Number of shards of the step under way that are in the sum.
    pub fn shards_done(&self) -> usize {
        self.sum.n_shards()
    }

    /// Draws the batch of a step.
    pub fn begin(&mut self, corpus: &Corpus) {
        let mut rng = self.rng.clone();
        corpus.sample_into(&mut rng, self.config.batch_size, self.config.block_size, &mut self.batch);
        self.begun(rng);
    }

    fn begun(&mut self, rng: Rng) {
        self.under_way = Some(rng);
        self.forget_shards();
    }

    fn forget_shards(&mut self) {
        (self.passes, self.pass_loss) = (0, 0.0);
        self.tape.gradients.clear();
        self.sum.clear();
    }

    /// Adds the gradient of one shard, the one after those that are in the sum or, at first, any.
    ///
    /// # Panics
    ///
    /// If no step is under way.
    pub fn shard(&mut self, i: usize) {
        while !self.pass(i) {}
    }

    /// A part of [`Pretrainer::shard`] that is short enough to stop after it; `true` when the shard is complete.
    ///
    /// # Panics
    ///
    /// If no step is under way.
    pub fn pass(&mut self, i: usize) -> bool {
        assert!(self.is_under_way(), "shard: no step is under way");
        let Batch { input_ids, labels, batch_size, block_size } = &self.batch;
        let shard = shard_rows(i, n_shards(*batch_size), *batch_size);
        let n = n_passes(shard.len(), self.model.config.flops(1, *block_size));
        let rows = shard_rows(self.passes, n, shard.len());
        let tokens = (shard.start + rows.start) * block_size..(shard.start + rows.end) * block_size;
        let num_items_in_batch = labels.iter().flatten().count();
        let mut g = Graph::new(&mut self.tape, &self.params);
        let logits = self.model.logits(&mut g, &Input::new(&input_ids[tokens.clone()], rows.len()));
        let loss = g.cross_entropy_over(logits, &labels[tokens], num_items_in_batch);
        g.backward(loss);
        self.pass_loss += g.value(loss)[0];
        self.passes += 1;
        if self.passes < n {
            return false;
        }
        self.sum.push(1, &mut self.tape.gradients, self.pass_loss);
        (self.passes, self.pass_loss) = (0, 0.0);
        true
    }

    /// The sum over the shards that were computed here, to be added elsewhere: the gradient of every trained weight,
    /// and the loss behind it.
    ///
    /// # Panics
    ///
    /// If the shards are not one branch of the tree that [`ShardSum`] describes, or the buffer has another length than
    /// [`Params::n_trained`] and 1.
    pub fn partial(&self, to: &mut [f32]) {
        let partial = self.sum.branch().expect("partial: the shards are not one branch");
        let (loss, gradients) = to.split_last_mut().expect("partial: a buffer with room for the loss");
        partial.gradients.write(gradients);
        *loss = partial.loss;
    }

    /// Adds what [`Pretrainer::partial`] gave elsewhere for the next `n_shards` shards.
    ///
    /// # Panics
    ///
    /// If nothing was computed here, or the buffer has another length.
    pub fn merge(&mut self, n_shards: usize, from: &[f32]) {
        let (&loss, gradients) = from.split_last().expect("merge: a buffer with the loss");
        self.sum.read(n_shards, gradients, loss);
    }

    /// Moves the weights by the sum of all shards.
    ///
    /// # Panics
    ///
    /// If shards are missing.
    pub fn finish(&mut self) -> StepReport {
        let mut sum = self.sum.take().expect("finish: shards are missing");
        let grad_norm = clip_grad_norm(&mut sum.gradients, self.config.grad_clip) as f32;
        let learning_rate = self.config.schedule.rate(self.step);
        self.optimizer.step(&mut self.params, &sum.gradients, learning_rate);
        self.sum.keep(sum.gradients);
        self.advance();
        StepReport { loss: sum.loss, grad_norm, learning_rate: learning_rate as f32 }
    }

    /// [`Pretrainer::finish`] where another worker has moved the weights: takes its [`Params::trained`].
    ///
    /// # Panics
    ///
    /// If no step is under way, or the weights are another model's.
    pub fn follow(&mut self, weights: &[f32]) {
        self.params.set_trained(weights);
        self.forget_shards();
        self.advance();
    }

    fn advance(&mut self) {
        self.rng = self.under_way.take().expect("finish: no step is under way");
        self.step += 1;
    }

    /// Rows of held-out text for [`Pretrainer::evaluate`] to read at once: about a third of a pass of training.
    pub fn evaluation_rows(&self) -> usize {
        rows_per_pass(self.model.config.flops(1, self.config.block_size))
    }

    /// Adds a batch to a loss over held-out text.
    pub fn evaluate(&mut self, batch: &Batch, sum: &mut MeanLoss) {
        let mut g = Graph::inference(&mut self.tape, &self.params);
        let logits = self.model.logits(&mut g, &Input::new(&batch.input_ids, batch.batch_size));
        let loss = g.cross_entropy(logits, &batch.labels);
        let n_labels = batch.labels.iter().flatten().count();
        let nats = f64::from(g.value(loss)[0]) * n_labels as f64;
        sum.nats = (f64::from_bits(sum.nats) + nats).to_bits();
        sum.n_labels += n_labels;
    }
}

/// A mean over batches of different sizes, each scored token counting alike.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MeanLoss {
    /// The sum's bits, which survive being written as text.
    nats: u64,
    n_labels: usize,
}

fields!(MeanLoss: nats, n_labels);

impl MeanLoss {
    /// Nats per token; `None` if nothing was scored.
    pub fn mean(&self) -> Option<f32> {
        (self.n_labels > 0).then(|| (f64::from_bits(self.nats) / self.n_labels as f64) as f32)
    }
}
