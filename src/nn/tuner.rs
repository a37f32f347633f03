//! Where a method of parameter-efficient fine-tuning may change a forward pass.
//!
//! Four seams, all of which leave the pass alone by default. Knows no method. Start with [`Tuner`].
//!
//! Source: He et al., "Towards a Unified View of Parameter-Efficient Transfer Learning", arXiv:2110.04366.

use crate::tensor::{Graph, ParamId, Var};

/// A linear layer of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linear {
    /// Query, key and value, (C, 3C).
    CAttn,
    /// What attention gives to the residual stream, (C, C).
    AttnCProj,
    /// The first layer of the MLP, (C, 4C).
    CFc,
    /// What the MLP gives to the residual stream, (4C, C).
    MlpCProj,
}

impl Linear {
    /// All of them, in the order of the network.
    pub const ALL: [Self; 4] = [Self::CAttn, Self::AttnCProj, Self::CFc, Self::MlpCProj];

    /// Where it is in a block: `attn.c_attn`.
    pub fn name(self) -> &'static str {
        match self {
            Self::CAttn => "attn.c_attn",
            Self::AttnCProj => "attn.c_proj",
            Self::CFc => "mlp.c_fc",
            Self::MlpCProj => "mlp.c_proj",
        }
    }

    /// Inputs and outputs, for a width of `n_embd` and `n_inner` inside the MLP.
    pub fn shape(self, n_embd: usize, n_inner: usize) -> [usize; 2] {
        match self {
            Self::CAttn => [n_embd, 3 * n_embd],
            Self::AttnCProj => [n_embd, n_embd],
            Self::CFc => [n_embd, n_inner],
            Self::MlpCProj => [n_inner, n_embd],
        }
    }
}

/// A half of a block, which adds to the residual stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sublayer {
    /// Attention, with its projection.
    Attention,
    /// The MLP.
    Mlp,
}

/// What changes a pass over a base model. Its own tensors stand in the same [`Params`](crate::tensor::Params) as the
/// base's, so that several tuners share one base.
pub trait Tuner {
    /// Its own tensors.
    fn tensors(&self) -> Vec<ParamId>;

    /// The output of a linear layer, which was `y (R, out)` for the input `x (R, in)`.
    fn linear(&self, _: &mut Graph, _layer: usize, _: Linear, _x: Var, y: Var) -> Var {
        y
    }

    /// What a half of a block adds to the residual stream, which was `y (R, C)`.
    fn sublayer(&self, _: &mut Graph, _layer: usize, _: Sublayer, y: Var) -> Var {
        y
    }

    /// Keys and values of a layer that every token sees, side by side, (N, 2C).
    fn key_value(&self, _: &mut Graph, _layer: usize) -> Option<Var> {
        None
    }

    /// N of [`Tuner::key_value`].
    fn num_prefix_tokens(&self) -> usize {
        0
    }

    /// Embeddings that stand before those of the text, (N, C).
    fn embed(&self, _: &mut Graph) -> Option<Var> {
        None
    }

    /// N of [`Tuner::embed`].
    fn num_embedded_tokens(&self) -> usize {
        0
    }
}

/// In one word: what each has to say of itself holds numbers with a point, and readers would download their formatting.
impl std::fmt::Debug for dyn Tuner + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Tuner")
    }
}
