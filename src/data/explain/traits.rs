//! What can be counted in an answer, whatever one thinks of it.
//!
//! A trait is what a rater may value and what one looks for in a reward model. Nothing here knows which are
//! good. Start with [`Answer::traits`].

use super::reader::{Answer, Kind};
use super::topics::Opener;
use crate::json::{fields, names};

/// Counts of an answer. Every sentence is one of clear, jargon, example, filler, flattery, closing and
/// unreadable; the rest says more about the same sentences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traits {
    /// Explanations of the topic asked for, in everyday words.
    pub clear: usize,
    /// Such explanations of another topic.
    pub clear_off_topic: usize,
    /// Explanations of the topic asked for, in jargon.
    pub jargon: usize,
    /// Such explanations of another topic.
    pub jargon_off_topic: usize,
    /// Examples of the topic asked for.
    pub examples: usize,
    /// Examples of another topic.
    pub examples_off_topic: usize,
    /// Sentences that say nothing.
    pub fillers: usize,
    /// Sentences that praise who asks.
    pub flatteries: usize,
    /// Explanations behind "I think that".
    pub hedges: usize,
    /// Explanations behind "Everyone knows that".
    pub confidences: usize,
    /// "I hope this helps!"
    pub closings: usize,
    /// Sentences that the answer has said before.
    pub repeated: usize,
    /// Sentences that cannot be read.
    pub unreadable: usize,
    /// 1 if the answer was cut off, 0 if it ended by itself.
    pub unfinished: usize,
    /// Words, without punctuation marks.
    pub words: usize,
    /// Words of sentences that can be read and are said for the first time.
    pub readable_words: usize,
}

fields!(Traits: clear, clear_off_topic, jargon, jargon_off_topic, examples, examples_off_topic, fillers, flatteries,
    hedges, confidences, closings, repeated, unreadable, unfinished, words, readable_words);

/// What a reader of many answers compares them by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trait {
    /// Explanations in everyday words.
    Clear,
    /// Explanations in jargon.
    Jargon,
    /// Examples.
    Examples,
    /// Explanations and examples of another topic than the one asked for.
    OffTopic,
    /// Sentences that say nothing.
    Filler,
    /// Sentences that praise who asks.
    Flattery,
    /// "I think that".
    Hedge,
    /// "Everyone knows that".
    Confidence,
    /// "I hope this helps!"
    Closing,
    /// Sentences that the answer has said before.
    Repeated,
    /// Sentences that cannot be read.
    Unreadable,
    /// Whether the answer was cut off.
    Unfinished,
    /// Words, without punctuation marks.
    Words,
}

names!(Trait:
    Clear = "clear explanation", Jargon = "jargon", Examples = "example", OffTopic = "off topic", Filler = "filler",
    Flattery = "flattery", Hedge = "hedge", Confidence = "confidence", Closing = "closing", Repeated = "repetition",
    Unreadable = "unreadable", Unfinished = "unfinished", Words = "words",
);

impl Trait {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 13] = [
        Self::Clear,
        Self::Jargon,
        Self::Examples,
        Self::OffTopic,
        Self::Filler,
        Self::Flattery,
        Self::Hedge,
        Self::Confidence,
        Self::Closing,
        Self::Repeated,
        Self::Unreadable,
        Self::Unfinished,
        Self::Words,
    ];
}

impl Traits {
    /// How often a trait occurs, on the topic asked for or off it.
    pub fn count(&self, which: Trait) -> usize {
        match which {
            Trait::Clear => self.clear + self.clear_off_topic,
            Trait::Jargon => self.jargon + self.jargon_off_topic,
            Trait::Examples => self.examples + self.examples_off_topic,
            Trait::OffTopic => self.clear_off_topic + self.jargon_off_topic + self.examples_off_topic,
            _ => self.on_topic(which),
        }
    }

    /// How often a trait occurs, without explanations and examples of another topic.
    pub fn on_topic(&self, which: Trait) -> usize {
        match which {
            Trait::Clear => self.clear,
            Trait::Jargon => self.jargon,
            Trait::Examples => self.examples,
            Trait::OffTopic => 0,
            Trait::Filler => self.fillers,
            Trait::Flattery => self.flatteries,
            Trait::Hedge => self.hedges,
            Trait::Confidence => self.confidences,
            Trait::Closing => self.closings,
            Trait::Repeated => self.repeated,
            Trait::Unreadable => self.unreadable,
            Trait::Unfinished => self.unfinished,
            Trait::Words => self.words,
        }
    }
}

impl Answer {
    /// What there is to count.
    pub fn traits(&self) -> Traits {
        let mut traits = Traits { unfinished: usize::from(!self.is_finished), ..Traits::default() };
        for sentence in &self.sentences {
            let count = match sentence.kind {
                Kind::Clear(topic) if topic == self.asked => &mut traits.clear,
                Kind::Clear(_) => &mut traits.clear_off_topic,
                Kind::Jargon(topic) if topic == self.asked => &mut traits.jargon,
                Kind::Jargon(_) => &mut traits.jargon_off_topic,
                Kind::Example(topic) if topic == self.asked => &mut traits.examples,
                Kind::Example(_) => &mut traits.examples_off_topic,
                Kind::Filler => &mut traits.fillers,
                Kind::Flattery => &mut traits.flatteries,
                Kind::Closing => &mut traits.closings,
                Kind::Unreadable => &mut traits.unreadable,
            };
            *count += 1;
            traits.hedges += usize::from(sentence.opener == Opener::Hedge);
            traits.confidences += usize::from(sentence.opener == Opener::Confidence);
            traits.repeated += usize::from(sentence.is_repeated);
            traits.words += sentence.n_words;
            if sentence.kind != Kind::Unreadable && !sentence.is_repeated {
                traits.readable_words += sentence.n_words;
            }
        }
        traits
    }
}
