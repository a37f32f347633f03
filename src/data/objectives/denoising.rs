//! Denoising: a text is damaged, and the model writes it anew as it was.
//!
//! Source: Lewis et al., arXiv:1910.13461, section 2.2. Start with [`Noise`].

use super::{choose, n_noise_tokens};
use crate::json::names;
use crate::rng::Rng;

/// A way to damage a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noise {
    /// [`token_masking`].
    TokenMasking,
    /// [`token_deletion`].
    TokenDeletion,
    /// [`text_infilling`].
    TextInfilling,
    /// [`sentence_permutation`].
    SentencePermutation,
    /// [`document_rotation`].
    DocumentRotation,
}

names!(
    Noise: TokenMasking = "token_masking",
    TokenDeletion = "token_deletion",
    TextInfilling = "text_infilling",
    SentencePermutation = "sentence_permutation",
    DocumentRotation = "document_rotation",
);

/// How much damage, and the tokens that it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Denoising {
    /// Share of the tokens that are masked, deleted or in filled spans; BART has 0.3.
    pub mask_ratio: f32,
    /// Mean length of a span, in tokens; BART has 3.
    pub poisson_lambda: f32,
    /// The token that stands for others.
    pub mask_token_id: u32,
    /// The token that ends a sentence.
    pub full_stop_id: u32,
}

impl Noise {
    /// The damaged text. Damages add up by applying one to what another leaves; BART itself permutes sentences and
    /// then fills spans.
    pub fn apply(self, tokens: &[u32], denoising: &Denoising, rng: &mut Rng) -> Vec<u32> {
        let Denoising { mask_ratio, poisson_lambda, mask_token_id, full_stop_id } = *denoising;
        match self {
            Self::TokenMasking => token_masking(tokens, mask_ratio, mask_token_id, rng),
            Self::TokenDeletion => token_deletion(tokens, mask_ratio, rng),
            Self::TextInfilling => text_infilling(tokens, mask_ratio, poisson_lambda, mask_token_id, rng),
            Self::SentencePermutation => sentence_permutation(tokens, full_stop_id, rng),
            Self::DocumentRotation => document_rotation(tokens, rng),
        }
    }
}

/// A share of the tokens, at least one, become the mask.
pub fn token_masking(tokens: &[u32], mask_ratio: f32, mask_token_id: u32, rng: &mut Rng) -> Vec<u32> {
    let masked = choose(tokens.len(), n_noise_tokens(tokens.len(), mask_ratio), rng);
    tokens.iter().zip(masked).map(|(&token, masked)| if masked { mask_token_id } else { token }).collect()
}

/// A share of the tokens, at least one, are missing, and nothing says where.
pub fn token_deletion(tokens: &[u32], mask_ratio: f32, rng: &mut Rng) -> Vec<u32> {
    let deleted = choose(tokens.len(), n_noise_tokens(tokens.len(), mask_ratio), rng);
    tokens.iter().zip(deleted).filter(|(_, deleted)| !deleted).map(|(&token, _)| token).collect()
}

/// Spans that hold a share of the tokens, at least one, become one mask each, so that the model must guess how many
/// are missing. Their lengths come from a Poisson distribution; where one is 0, a mask is put in.
///
/// The last span is cut where the share is reached. All ways to lay the spans out are equally likely, also side by
/// side. Differs: no more masks are put in than tokens are taken out, so that there is a limit to the length.
///
/// # Panics
///
/// If `poisson_lambda` is not between 0 and 500, above which the probability of length 0 vanishes.
pub fn text_infilling(
    tokens: &[u32],
    mask_ratio: f32,
    poisson_lambda: f32,
    mask_token_id: u32,
    rng: &mut Rng,
) -> Vec<u32> {
    assert!((0.0..=500.0).contains(&poisson_lambda), "text_infilling: lambda from 0 to 500");
    let n_noise = n_noise_tokens(tokens.len(), mask_ratio);
    let (mut spans, mut left, mut n_empty) = (Vec::new(), n_noise, 0);
    while left > 0 {
        let shortest = usize::from(n_empty == n_noise);
        let span = poisson(poisson_lambda, rng).clamp(shortest, left);
        n_empty += usize::from(span == 0);
        left -= span;
        spans.push(span);
    }
    let mut filled = Vec::new();
    let (mut at, mut next) = (0, 0);
    for is_span in choose(tokens.len() - n_noise + spans.len(), spans.len(), rng) {
        filled.push(if is_span { mask_token_id } else { tokens[at] });
        at += if is_span { spans[next] } else { 1 };
        next += usize::from(is_span);
    }
    filled
}

/// The sentences in a random order, each with the full stop that ends it.
pub fn sentence_permutation(tokens: &[u32], full_stop_id: u32, rng: &mut Rng) -> Vec<u32> {
    let mut sentences: Vec<&[u32]> = tokens.split_inclusive(|&token| token == full_stop_id).collect();
    rng.shuffle(&mut sentences);
    sentences.concat()
}

/// The text from a random token on, then what was before it.
pub fn document_rotation(tokens: &[u32], rng: &mut Rng) -> Vec<u32> {
    let mut rotated = tokens.to_vec();
    rotated.rotate_left(rng.below(tokens.len().max(1)));
    rotated
}

/// A draw from the Poisson distribution: the first number whose cumulative probability is above a uniform one.
fn poisson(lambda: f32, rng: &mut Rng) -> usize {
    let lambda = f64::from(lambda);
    let uniform = f64::from(rng.uniform());
    let mut probability = libm::exp(-lambda);
    let mut cumulative = probability;
    let mut n = 0;
    while cumulative <= uniform {
        n += 1;
        probability *= lambda / n as f64;
        cumulative += probability;
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_draws_have_the_probabilities_of_the_formula() {
        const N: usize = 40_000;
        let mut rng = Rng::new(11);
        let mut counts = [0_usize; 40];
        (0..N).for_each(|_| counts[poisson(3.0, &mut rng)] += 1);
        let mut probability = libm::exp(-3.0);
        for (n, &count) in counts[..10].iter().enumerate() {
            let deviation = libm::sqrt(N as f64 * probability * (1.0 - probability));
            let error = count as f64 - N as f64 * probability;
            assert!(error.abs() < 4.0 * deviation, "{n}: {count}, off by {error}, deviation {deviation}");
            probability *= 3.0 / (n + 1) as f64;
        }
    }
}
