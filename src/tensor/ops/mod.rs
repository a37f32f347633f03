//! The operations of the tape: one file each, forward and backward side by side.
//!
//! Each is a method of [`Graph`](super::Graph) that checks shapes (a wrong one is our bug and panics with the
//! operation's name), computes the value with the [`kernels`](super::kernels), and records its derivative.
//! `x (R, C)` in the docs means a variable of `R` rows and `C` columns; in a language model a row is a
//! token, so `R = B·T`.

mod add;
mod attention;
mod cross_entropy;
mod dropout;
mod elementwise;
mod embedding;
mod gelu;
#[cfg(test)]
mod gradcheck;
mod layer_norm;
mod linear;
mod logprobs;
mod normalize;
mod shape;

pub use attention::{AttentionMask, KvCache};

/// Stands for "not scored" in the tape's list of indices; no vocabulary is that large.
const IGNORE: u32 = u32::MAX;
