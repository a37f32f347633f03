//! From scores to a token: what each setting of sampling removes.

use crate::error::{Error, Result};
use crate::json::{fields, names, shortest_f32};
use crate::rng::Rng;
use crate::tensor::kernels::softmax_row;

/// How the next token is drawn, named as in Hugging Face's `GenerationConfig`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Divides the scores: below 1 the likely get likelier. 0 means greedy, always the likeliest.
    pub temperature: f32,
    /// Keep only the k likeliest tokens (and those that tie with the last of them). 0: off.
    pub top_k: usize,
    /// Keep the shortest list of likeliest tokens whose probability reaches p. 1: off.
    pub top_p: f32,
    /// Drop tokens less likely than this share of the likeliest one's probability. 0: off.
    pub min_p: f32,
    /// Divides positive and multiplies negative scores of tokens that have occurred. 1: off.
    pub repetition_penalty: f32,
}

fields!(Sampling: temperature, top_k, top_p, min_p, repetition_penalty);

impl Default for Sampling {
    fn default() -> Self {
        Self { temperature: 1.0, top_k: 0, top_p: 1.0, min_p: 0.0, repetition_penalty: 1.0 }
    }
}

/// Which setting removed a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// [`Sampling::top_k`]
    TopK,
    /// [`Sampling::top_p`]
    TopP,
    /// [`Sampling::min_p`]
    MinP,
}

names!(Cut: TopK = "top_k", TopP = "top_p", MinP = "min_p");

impl Sampling {
    /// Always the likeliest token.
    pub fn greedy() -> Self {
        Self { temperature: 0.0, ..Self::default() }
    }

    /// The same settings.
    ///
    /// # Errors
    ///
    /// Names the setting that is out of its range.
    pub fn checked(self) -> Result<Self> {
        let check = |name: &str, value: f32, allowed: std::ops::RangeInclusive<f32>| {
            let words = || {
                format!(
                    "a number from {} to {}",
                    shortest_f32(*allowed.start()),
                    shortest_f32(*allowed.end())
                )
            };
            if allowed.contains(&value) {
                Ok(())
            } else {
                Err(Error::input(name, shortest_f32(value), words()))
            }
        };
        check("temperature", self.temperature, 0.0..=100.0)?;
        check("top_p", self.top_p, 0.0..=1.0)?;
        check("min_p", self.min_p, 0.0..=1.0)?;
        check("repetition_penalty", self.repetition_penalty, 0.01..=100.0)?;
        Ok(self)
    }

    /// Turns scores into what will be sampled from: repetition penalty, temperature, top-k, top-p, min-p, in
    /// this order. Removed tokens get −∞; the result says by what.
    ///
    /// `previous` are the tokens so far; one that occurs often is penalized once.
    /// A temperature of 0 is left to [`Sampling::draw`]: it orders tokens as 1 does.
    ///
    /// Source: Hugging Face's `generation/logits_process.py`; top-p: Holtzman et al., arXiv:1904.09751; min-p:
    /// Nguyen et al., arXiv:2407.01082; penalty: Keskar et al., arXiv:1909.05858, section 4.1.
    pub fn process(&self, logits: &mut [f32], previous: &[u32]) -> Vec<Option<Cut>> {
        self.penalize(logits, previous);
        if self.temperature > 0.0 {
            logits.iter_mut().for_each(|x| *x /= self.temperature);
        }
        let mut cuts = vec![None; logits.len()];
        let mut remove = |logits: &mut [f32], token: usize, cut| {
            logits[token] = f32::NEG_INFINITY;
            cuts[token].get_or_insert(cut);
        };
        if self.top_k > 0 && self.top_k < logits.len() {
            let kth = logits[by_score(logits)[self.top_k - 1]];
            for token in 0..logits.len() {
                if logits[token] < kth {
                    remove(logits, token, Cut::TopK);
                }
            }
        }
        if self.top_p < 1.0 {
            let probs = probabilities(logits);
            let mut before = 0.0;
            for (rank, token) in by_score(logits).into_iter().enumerate() {
                if rank > 0 && before >= self.top_p && probs[token] > 0.0 {
                    remove(logits, token, Cut::TopP);
                }
                before += probs[token];
            }
        }
        if self.min_p > 0.0 {
            let probs = probabilities(logits);
            let least = self.min_p * probs.iter().fold(0.0_f32, |a, &b| a.max(b));
            for token in 0..logits.len() {
                if probs[token] < least && logits[token] > f32::NEG_INFINITY {
                    remove(logits, token, Cut::MinP);
                }
            }
        }
        cuts
    }

    /// Draws a token from raw scores.
    pub fn draw(&self, logits: &[f32], previous: &[u32], rng: &mut Rng) -> u32 {
        let mut logits = logits.to_vec();
        if self.temperature <= 0.0 {
            self.penalize(&mut logits, previous);
            return by_score(&logits)[0] as u32;
        }
        self.process(&mut logits, previous);
        rng.weighted(&probabilities(&logits)) as u32
    }

    /// Leaves the generator as [`Sampling::draw`] would.
    pub fn skip(&self, rng: &mut Rng) {
        if self.temperature > 0.0 {
            rng.uniform();
        }
    }

    fn penalize(&self, logits: &mut [f32], previous: &[u32]) {
        if self.repetition_penalty != 1.0 {
            let mut seen = vec![false; logits.len()];
            for &token in previous {
                seen[token as usize] = true;
            }
            for (x, _) in logits.iter_mut().zip(seen).filter(|(_, seen)| *seen) {
                *x = if *x > 0.0 { *x / self.repetition_penalty } else { *x * self.repetition_penalty };
            }
        }
    }
}

/// `softmax(logits)`; a removed token gets exactly 0.
pub fn probabilities(logits: &[f32]) -> Vec<f32> {
    let mut probs = logits.to_vec();
    softmax_row(&mut probs, 1.0);
    probs.iter_mut().zip(logits).filter(|(_, x)| **x == f32::NEG_INFINITY).for_each(|(p, _)| *p = 0.0);
    probs
}

/// Tokens from the highest score to the lowest; among equals the smaller id first.
pub fn by_score(logits: &[f32]) -> Vec<usize> {
    // As whole numbers, because every type that is sorted brings a sorting algorithm of its own into the module.
    let key = |(token, x): (u64, &f32)| (u64::from(!ordered_bits(*x)) << 32) | token;
    let mut keys: Vec<u64> = (0..).zip(logits).map(key).collect();
    keys.sort_unstable();
    keys.into_iter().map(|key| key as u32 as usize).collect()
}

/// Bits in the order of [`f32::total_cmp`].
fn ordered_bits(x: f32) -> u32 {
    let bits = x.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | (1 << 31) }
}
