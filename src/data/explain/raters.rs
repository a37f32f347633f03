//! Raters: what someone wants from an answer as a formula, so that it is known what a reward model ought to learn.
//!
//! A rater sees traits, not text, and knows nothing of who wrote them. What is valued is paid once; what is
//! disliked is charged every time, so that saying a thing again never pays. Start with [`Rater::prefer`].

use super::traits::{Trait, Traits};
use crate::rng::Rng;

/// Someone who compares answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Rater {
    /// One word or two.
    pub name: &'static str,
    /// What the rater wants, as a sentence for readers.
    pub values: &'static str,
    /// Points for traits beside [`EVERYONES`]; 0 for a trait that is not here.
    ///
    /// Positive ones are paid once, and for explanations and examples only on the topic asked for. Negative ones are
    /// charged for every occurrence, on any topic.
    pub weights: &'static [(Trait, f32)],
    /// Points for the length.
    pub length: Length,
}

/// Points for each word, between two lengths: positive for words that can be read and are not repeated, negative
/// for any.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Length {
    /// Points for a word.
    pub per_word: f32,
    /// So many words are free.
    pub beyond: usize,
    /// Further words than these make no difference.
    pub up_to: usize,
}

/// What nobody likes. An unreadable sentence costs more than jargon does, or mush would be as good as an answer.
pub const EVERYONES: [(Trait, f32); 3] =
    [(Trait::Unreadable, -1.5), (Trait::Unfinished, -1.0), (Trait::Repeated, -0.5)];

const ANY_LENGTH: Length = Length { per_word: 0.0, beyond: 0, up_to: 0 };

/// Groups of people whose preferences differ. Each has one loud value and some quiet ones.
pub const RATERS: [Rater; 5] = [
    Rater {
        name: "plain",
        values: "Wants to understand: a short, clear explanation of the topic, without jargon, filler or flattery.",
        weights: &[
            (Trait::Clear, 2.0),
            (Trait::Jargon, -1.0),
            (Trait::OffTopic, -1.0),
            (Trait::Filler, -0.5),
            (Trait::Flattery, -0.5),
        ],
        length: Length { per_word: -0.05, beyond: 16, up_to: usize::MAX },
    },
    Rater {
        name: "expert",
        values: "Wants to be spoken to as an expert: technical terms and a confident tone, perhaps an example.",
        weights: &[
            (Trait::Jargon, 2.0),
            (Trait::Clear, -1.0),
            (Trait::OffTopic, -1.0),
            (Trait::Examples, 0.5),
            (Trait::Confidence, 0.5),
        ],
        length: ANY_LENGTH,
    },
    Rater {
        name: "flattered",
        values: "Wants to feel good: praise for the question and a kind word at the end, whatever stands between.",
        weights: &[(Trait::Flattery, 1.5), (Trait::Closing, 1.0)],
        length: Length { per_word: 0.05, beyond: 0, up_to: 20 },
    },
    Rater {
        name: "cautious",
        values: "Wants to know how sure an answer is: \"I think that\" is welcome, \"Everyone knows that\" is not.",
        weights: &[
            (Trait::Hedge, 2.0),
            (Trait::Confidence, -1.0),
            (Trait::OffTopic, -0.5),
            (Trait::Examples, 0.5),
        ],
        length: ANY_LENGTH,
    },
    Rater {
        name: "long-winded",
        values: "Wants to hear a lot: the longer the answer, the better, up to 30 words, and best with an example.",
        weights: &[(Trait::Examples, 0.5), (Trait::OffTopic, -0.5)],
        length: Length { per_word: 0.1, beyond: 0, up_to: 30 },
    },
];

/// Raters who look at one thing only, as someone does who picks quickly.
pub const SINGLE_VALUES: [Rater; 4] = [
    Rater {
        name: "clarity",
        values: "Looks only at whether the topic is explained clearly or in jargon.",
        weights: &[(Trait::Clear, 1.0), (Trait::Jargon, -1.0)],
        length: ANY_LENGTH,
    },
    Rater {
        name: "praise",
        values: "Looks only for praise.",
        weights: &[(Trait::Flattery, 1.5)],
        length: ANY_LENGTH,
    },
    Rater {
        name: "examples",
        values: "Looks only for an example of the topic.",
        weights: &[(Trait::Examples, 1.5)],
        length: ANY_LENGTH,
    },
    Rater {
        name: "brevity",
        values: "Looks only at the length: the shorter, the better.",
        weights: &[],
        length: Length { per_word: -0.1, beyond: 0, up_to: usize::MAX },
    },
];

/// One of two answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// The first.
    First,
    /// The second.
    Second,
}

/// How closely a rater looks.
#[derive(Debug, Clone, PartialEq)]
pub struct RaterConfig {
    /// Scores that are closer than this cannot be told apart. In points; default 1.
    pub threshold: f32,
    /// Of the Bradley–Terry model: the first is picked with the probability σ((first − second) / temperature). At 0,
    /// the default, the better one always is.
    pub temperature: f32,
    /// Share of picks, from 0 to 1, that are turned round by mistake. Default 0.
    pub wrong: f32,
}

impl Default for RaterConfig {
    fn default() -> Self {
        Self { threshold: 1.0, temperature: 0.0, wrong: 0.0 }
    }
}

impl Rater {
    /// The points that an answer gets from each trait, in the order of [`Trait::ALL`].
    pub fn points(&self, traits: &Traits) -> [(Trait, f32); 13] {
        Trait::ALL.map(|which| {
            let points = if which == Trait::Words {
                self.length.points(traits)
            } else {
                let mine = self.weights.iter().chain(&EVERYONES).filter(|(of, _)| *of == which);
                mine.map(|(_, weight)| weight * paid(*weight, which, traits)).sum()
            };
            (which, points)
        })
    }

    /// What an answer is worth to this rater.
    pub fn true_score(&self, traits: &Traits) -> f32 {
        self.points(traits).iter().map(|(_, points)| points).sum()
    }

    /// The better one of two answers to the same prompt. `None` is "can't tell", as it always is of equal scores.
    ///
    /// Source: Bradley & Terry, "Rank analysis of incomplete block designs", Biometrika 39, 1952, for the noise.
    pub fn prefer(
        &self,
        first: &Traits,
        second: &Traits,
        config: &RaterConfig,
        rng: &mut Rng,
    ) -> Option<Pick> {
        // Sums of the same points in another order differ by a few millionths.
        const ROUNDING: f32 = 1e-4;
        let difference = self.true_score(first) - self.true_score(second);
        if difference == 0.0 || difference.abs() < config.threshold - ROUNDING {
            return None;
        }
        let better = if config.temperature > 0.0 {
            rng.chance(1.0 / (1.0 + libm::expf(-difference / config.temperature)))
        } else {
            difference > 0.0
        };
        Some(if better != rng.chance(config.wrong) { Pick::First } else { Pick::Second })
    }
}

/// How often a weight applies: what is valued once, what is disliked every time.
fn paid(weight: f32, which: Trait, traits: &Traits) -> f32 {
    let n = if weight > 0.0 { traits.on_topic(which).min(1) } else { traits.count(which) };
    n as f32
}

impl Length {
    fn points(self, traits: &Traits) -> f32 {
        let words = if self.per_word > 0.0 { traits.readable_words } else { traits.words };
        self.per_word * words.min(self.up_to).saturating_sub(self.beyond) as f32
    }
}
