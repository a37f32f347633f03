//! Masked language modeling: guess the words that are hidden, from both sides.
//!
//! Start with [`mask_tokens`].

use std::ops::Range;

use super::{choose, n_noise_tokens};
use crate::rng::Rng;

/// How much is masked, and with what.
#[derive(Debug, Clone, PartialEq)]
pub struct Masking {
    /// Share of the tokens to predict; BERT has 0.15.
    pub mlm_probability: f32,
    /// The token that hides another.
    pub mask_token_id: u32,
    /// The tokens that can stand in for another: the vocabulary without special tokens.
    pub random_ids: Range<u32>,
}

/// A text with some tokens hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// The text as the model reads it.
    pub input_ids: Vec<u32>,
    /// The token that belongs to each position chosen, `None` elsewhere. Not shifted: `labels[t]` is asked for at `t`.
    pub labels: Vec<Option<u32>>,
}

/// Chooses a share of the tokens, at least one. Of those chosen, 80 % become the mask, 10 % a random token and 10 %
/// stay as they are, so that the model cannot trust any token that it reads.
///
/// Special tokens are chosen like all others: what must not be masked is not handed in.
///
/// Source: Devlin et al., arXiv:1810.04805, appendix A.1; the number of tokens, rounded and never 0, is that of their
/// `create_pretraining_data.py`.
///
/// # Panics
///
/// If there is no random token.
pub fn mask_tokens(tokens: &[u32], masking: &Masking, rng: &mut Rng) -> Masked {
    let Range { start, end } = masking.random_ids;
    let chosen = choose(tokens.len(), n_noise_tokens(tokens.len(), masking.mlm_probability), rng);
    let read = |(&token, &chosen): (&u32, &bool)| match chosen.then(|| rng.below(10)) {
        Some(0..8) => masking.mask_token_id,
        Some(8) => start + rng.below((end - start) as usize) as u32,
        _ => token,
    };
    let input_ids = tokens.iter().zip(&chosen).map(read).collect();
    let labels = tokens.iter().zip(&chosen).map(|(&token, &chosen)| chosen.then_some(token)).collect();
    Masked { input_ids, labels }
}
