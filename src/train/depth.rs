//! How much of a model is trained: the head alone, the last blocks, or everything.

use crate::nn::Gpt2;
use crate::tensor::Params;

/// How deep fine-tuning goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Nothing of the model: whatever stands on top of it reads its features as they are.
    Features,
    /// The last so many blocks, and the final layer normalization.
    LastBlocks(usize),
    /// Everything.
    Full,
}

/// Trains a model to a depth and freezes the rest of it; tensors that are not the model's stay as they are.
pub fn set_depth(depth: Depth, model: &Gpt2, params: &mut Params) {
    let n_layer = model.config.n_layer;
    let first = match depth {
        Depth::Features => n_layer,
        Depth::LastBlocks(n) => n_layer.saturating_sub(n),
        Depth::Full => 0,
    };
    for id in model.tensors(params) {
        params.set_requires_grad(id, depth == Depth::Full);
    }
    if depth == Depth::Features {
        return;
    }
    let last = (first..n_layer).flat_map(|layer| model.block(layer)).chain(model.ln_f());
    last.for_each(|id| params.set_requires_grad(id, true));
}
