//! A model with its weights, ready to be asked.

use super::{Gpt2, Input, Tuner};
use crate::tensor::{Graph, Params, Tape};

/// What is needed to compute with a language model: the network, the weights, and what was tuned.
#[derive(Debug, Clone, Copy)]
pub struct CausalLm<'a> {
    /// The network.
    pub model: &'a Gpt2,
    /// The weights, a tuner's included.
    pub params: &'a Params,
    /// What changes a pass on its way.
    pub tuner: Option<&'a dyn Tuner>,
}

impl<'a> CausalLm<'a> {
    /// A model without a tuner.
    pub fn new(model: &'a Gpt2, params: &'a Params) -> Self {
        Self { model, params, tuner: None }
    }

    /// Tokens of a text that the model sees at once, beside a tuner's virtual ones.
    pub fn context(&self) -> usize {
        let n_virtual = |tuner: &dyn Tuner| tuner.num_prefix_tokens() + tuner.num_embedded_tokens();
        self.model.config.n_positions - self.tuner.map_or(0, n_virtual)
    }

    /// Rows for a forward pass of this model.
    pub fn input(&self, input_ids: &'a [u32], batch_size: usize) -> Input<'a> {
        Input { tuner: self.tuner, ..Input::new(input_ids, batch_size) }
    }

    /// A pass that computes values only.
    pub fn inference(&self, tape: &'a mut Tape) -> Graph<'a> {
        Graph::inference(tape, self.params)
    }
}
