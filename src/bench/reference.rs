//! Two fixed sizes of model, weights and data, that any program can reproduce from a line of arithmetic.

use crate::data::Batch;
use crate::nn::{Gpt2, Gpt2Config};
use crate::rng::Rng;
use crate::tensor::Params;
use crate::train::{AdamWConfig, Cosine, PretrainConfig, Pretrainer, n_shards};

/// Sizes of a reference step: GPT-2 with an output layer of its own, AdamW on every weight, no clipping.
#[derive(Debug, Clone, Copy)]
pub struct Reference {
    pub vocab_size: usize,
    pub n_layer: usize,
    pub n_head: usize,
    pub n_embd: usize,
    pub block_size: usize,
    pub batch_size: usize,
    /// Losses of the first three steps, as PyTorch computes them.
    pub losses: [f32; 3],
}

impl Reference {
    /// About the model of a lesson's figure.
    pub const MICRO: Self = Self {
        vocab_size: 256,
        n_layer: 2,
        n_head: 4,
        n_embd: 64,
        block_size: 32,
        batch_size: 16,
        losses: [5.554_446, 5.560_023, 5.559_663],
    };
    /// As large as a reader would wait for.
    pub const MINI: Self = Self {
        vocab_size: 512,
        n_layer: 4,
        n_head: 4,
        n_embd: 128,
        block_size: 64,
        batch_size: 16,
        losses: [6.262_863, 6.269_05, 6.260_34],
    };

    /// The model.
    pub fn model(&self) -> Gpt2Config {
        Gpt2Config {
            vocab_size: self.vocab_size,
            n_positions: self.block_size,
            n_embd: self.n_embd,
            n_layer: self.n_layer,
            n_head: self.n_head,
            tie_word_embeddings: false,
            ..Gpt2Config::default()
        }
    }

    /// A run at its first step.
    pub fn pretrainer(&self) -> Pretrainer {
        let mut params = Params::new();
        let model = Gpt2::init(self.model(), &mut params, &mut Rng::new(0));
        self.fill(&mut params);
        let rate = 1e-3;
        let schedule = Cosine { learning_rate: rate, min_lr: rate, warmup_iters: 0, lr_decay_iters: 0 };
        let optimizer =
            AdamWConfig { beta1: 0.9, beta2: 0.95, eps: 1e-8, weight_decay: 0.1, decay_vectors: true };
        let config = PretrainConfig {
            batch_size: self.batch_size,
            block_size: self.block_size,
            max_iters: usize::MAX,
            schedule,
            optimizer,
            grad_clip: 0.0,
        };
        Pretrainer::new(config, model, params, Rng::new(0))
    }

    /// Rows of a batch in one shard of its step.
    pub(super) fn rows_of_a_shard(&self) -> usize {
        self.batch_size / n_shards(self.batch_size)
    }

    /// Weights from the generator, uniform with a deviation of 0.02; gains 1, biases 0.
    fn fill(&self, params: &mut Params) {
        let mut numbers = Lcg(42);
        let mut next = || {
            let unit = f64::from(numbers.next() >> 8) / f64::from(1 << 24);
            ((2.0 * unit - 1.0) * 0.034_641_016_2) as f32
        };
        for id in params.ids() {
            let name = params.name(id).to_owned();
            if !name.contains("ln_") && !name.ends_with(".bias") && name != "lm_head.weight" {
                params.value_mut(id).iter_mut().for_each(|x| *x = next());
            }
        }
        // Drawn as (C, V), stored as (V, C).
        let head = params.id("lm_head.weight").expect("an output layer of its own");
        for c in 0..self.n_embd {
            for v in 0..self.vocab_size {
                params.value_mut(head)[v * self.n_embd + c] = next();
            }
        }
    }
}

/// Batches without end.
pub struct Stream {
    numbers: Lcg,
    row: Vec<u32>,
    batch: Batch,
}

impl Stream {
    /// The stream from its beginning.
    #[expect(clippy::new_without_default, reason = "there is nothing default about it")]
    pub fn new() -> Self {
        Self { numbers: Lcg(1234), row: Vec::new(), batch: Batch::new(0) }
    }

    /// The next batch.
    pub fn batch(&mut self, reference: &Reference) -> &Batch {
        self.batch.clear(reference.block_size);
        for _ in 0..reference.batch_size {
            self.row.clear();
            for _ in 0..=reference.block_size {
                self.row.push((self.numbers.next() >> 16) % reference.vocab_size as u32);
            }
            self.batch.push(&self.row, 0);
        }
        &self.batch
    }
}

/// The linear congruential generator of Numerical Recipes.
struct Lcg(u32);

impl Lcg {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_losses_are_pytorchs() {
        for reference in [Reference::MICRO, Reference::MINI] {
            let (mut run, mut stream) = (reference.pretrainer(), Stream::new());
            for expected in reference.losses {
                let loss = run.learn(stream.batch(&reference)).loss;
                assert!((loss - expected).abs() < 3e-6, "{loss} for {expected}");
            }
        }
    }
}
