//! The data side of the objectives of pre-training: what a model is shown, and what it is asked for.
//!
//! Tokens in, tokens out. Nothing here knows of words, models or losses. [`mask_tokens`] is BERT's masked language
//! modeling, [`span_corruption`] is T5's, [`Noise`] is BART's denoising; [`PrefixBatch`] makes rows of them for one
//! decoder-only model. Start with [`mask_tokens`]. (Predicting the next token needs no more than a
//! [`Batch`](super::Batch).)

mod denoising;
mod masking;
mod prefix;
mod spans;

pub use denoising::{
    Denoising, Noise, document_rotation, sentence_permutation, text_infilling, token_deletion, token_masking,
};
pub use masking::{Masked, Masking, mask_tokens};
pub use prefix::PrefixBatch;
pub use spans::{
    SpanNoise, random_spans_noise_mask, span_corruption, spans_noise_mask, targets_reference_code,
};

use crate::rng::Rng;

/// How many of `length` tokens a share is. Half a token is rounded to even, as in Python and TensorFlow; where
/// there are tokens, at least one is meant.
fn n_noise_tokens(length: usize, share: f32) -> usize {
    (libm::rintf(length as f32 * share) as usize).max(1).min(length)
}

/// Flags, `n_chosen` of them set; all choices are equally likely.
fn choose(length: usize, n_chosen: usize, rng: &mut Rng) -> Vec<bool> {
    let mut chosen = vec![false; length];
    chosen[..n_chosen].fill(true);
    rng.shuffle(&mut chosen);
    chosen
}
