//! Span corruption: stretches of a text are left out, a sentinel in the place of each, and the model says what
//! belongs there.
//!
//! ```text
//! text     Thank you for inviting me to your party last week
//! inputs   Thank you <X> me to your party <Y> week
//! targets  <X> for inviting <Y> last <Z>
//! ```
//!
//! Start with [`span_corruption`].

use std::iter::repeat_n;
use std::ops::Range;

use super::{choose, n_noise_tokens};
use crate::rng::Rng;

/// Inputs and targets. Every run of noise is one span: in the inputs a sentinel stands for it, in the targets it
/// follows the same sentinel. One more sentinel closes the targets. Sentinels count down from `first_sentinel`, as in
/// T5, and `eos` ends both.
///
/// Source: Raffel et al., arXiv:1910.10683, figure 2.
///
/// # Panics
///
/// If there is not one flag a token, or there are more spans than ids below `first_sentinel`.
pub fn span_corruption(
    tokens: &[u32],
    noise_mask: &[bool],
    first_sentinel: u32,
    eos: u32,
) -> (Vec<u32>, Vec<u32>) {
    assert_eq!(tokens.len(), noise_mask.len(), "span_corruption: one flag a token");
    let (mut inputs, mut targets) = (Vec::new(), Vec::new());
    let mut sentinel = first_sentinel;
    let mut in_span = false;
    for (&token, &is_noise) in tokens.iter().zip(noise_mask) {
        if is_noise && !in_span {
            inputs.push(sentinel);
            targets.push(sentinel);
            sentinel = sentinel.checked_sub(1).expect("span_corruption: a sentinel for each span");
        }
        if is_noise {
            targets.push(token)
        } else {
            inputs.push(token)
        }
        in_span = is_noise;
    }
    targets.push(sentinel);
    inputs.push(eos);
    targets.push(eos);
    (inputs, targets)
}

/// The targets that T5's code makes, where the paper's figure has those of [`span_corruption`]: every run of text
/// becomes a sentinel. No text after the last span, no closing sentinel. A text that begins with a span would have
/// its sentinels out of step with the inputs, so then there are none.
///
/// Source: `nonnoise_span_to_unique_sentinel` in `t5/data/preprocessors.py`.
///
/// # Panics
///
/// As [`span_corruption`].
pub fn targets_reference_code(
    tokens: &[u32],
    noise_mask: &[bool],
    first_sentinel: u32,
    eos: u32,
) -> Option<Vec<u32>> {
    assert_eq!(tokens.len(), noise_mask.len(), "targets_reference_code: one flag a token");
    if noise_mask.first() == Some(&true) {
        return None;
    }
    let mut targets = Vec::new();
    let mut sentinels = (0..=first_sentinel).rev();
    let mut in_text = false;
    for (&token, &is_noise) in tokens.iter().zip(noise_mask) {
        if is_noise {
            targets.push(token);
        } else if !in_text {
            targets.push(sentinels.next().expect("targets_reference_code: a sentinel for each run of text"));
        }
        in_text = !is_noise;
    }
    targets.push(eos);
    Some(targets)
}

/// The mask of given spans in a text of `length` tokens. Spans that touch or overlap become one.
///
/// # Panics
///
/// If a span goes beyond the text.
pub fn spans_noise_mask(length: usize, spans: &[Range<usize>]) -> Vec<bool> {
    let mut noise_mask = vec![false; length];
    spans.iter().for_each(|span| noise_mask[span.clone()].fill(true));
    noise_mask
}

/// How much of a text is noise, and in how long spans.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanNoise {
    /// Share of the tokens that are noise. Default 0.15.
    pub noise_density: f32,
    /// Mean length of a span, in tokens. Default 3.
    pub mean_noise_span_length: f32,
    /// Whether to shift the mask by a random offset, around the end of the text. Without it a text ends with a span,
    /// and one that is so short that it has a single span has that always in the same place. Default `false`.
    pub random_roll: bool,
}

impl Default for SpanNoise {
    /// T5's.
    fn default() -> Self {
        Self { noise_density: 0.15, mean_noise_span_length: 3.0, random_roll: false }
    }
}

/// A random mask of spans. The numbers of noise tokens and of spans follow from the length; text and noise take turns,
/// text first, and all masks with these numbers are equally likely. A text of two tokens or more keeps one and
/// loses one at least.
///
/// Source: `random_spans_noise_mask` in `t5/data/preprocessors.py`.
/// Differs: there are never more spans than tokens to begin them or to part them, with which the original fails.
pub fn random_spans_noise_mask(length: usize, noise: &SpanNoise, rng: &mut Rng) -> Vec<bool> {
    let n_tokens = length.max(2);
    let n_noise = n_noise_tokens(n_tokens, noise.noise_density).min(n_tokens - 1);
    let n_text = n_tokens - n_noise;
    let n_spans = libm::rintf(n_noise as f32 / noise.mean_noise_span_length) as usize;
    let n_spans = n_spans.clamp(1, n_noise.min(n_text));
    let spans = random_segmentation(n_noise, n_spans, rng);
    let texts = random_segmentation(n_text, n_spans, rng);
    let mut noise_mask = Vec::with_capacity(n_tokens);
    for (text, span) in texts.into_iter().zip(spans) {
        noise_mask.extend(repeat_n(false, text));
        noise_mask.extend(repeat_n(true, span));
    }
    noise_mask.truncate(length);
    if noise.random_roll {
        noise_mask.rotate_right(rng.below(length.max(1)));
    }
    noise_mask
}

/// Lengths of `n_segments` pieces of `n_items` items, none of them empty; all ways to cut are equally likely.
fn random_segmentation(n_items: usize, n_segments: usize, rng: &mut Rng) -> Vec<usize> {
    let mut lengths = vec![0; n_segments];
    let mut segment = 0;
    lengths[0] = 1;
    for is_first in choose(n_items - 1, n_segments - 1, rng) {
        segment += usize::from(is_first);
        lengths[segment] += 1;
    }
    lengths
}
