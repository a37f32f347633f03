//! A small world of questions and answers for learning from preferences: " Explain rain:" and what many
//! authors with many habits reply.
//!
//! It writes pre-training documents and demonstrations, reads any reply sentence by sentence, also the mush of
//! a broken policy, and scores it for raters whose values are known. It knows nothing of models and losses.
//! Start with [`demonstration`]; [`read`] and [`Rater::prefer`] are the way back from text to a preference.
//!
//! Three rules make 30 comparisons enough for a reward model of this size: explanations of one style share
//! their words, authors of pre-training documents have habits, and a rater who sees no difference says so.

mod author;
mod raters;
mod reader;
mod topics;
mod traits;

use super::tokenizer::{Pieces, Tokenizer, words};

pub use author::{Author, Demonstration, MAX_COMPLETION_TOKENS, demonstration, pretraining_document};
pub use raters::{EVERYONES, Length, Pick, RATERS, Rater, RaterConfig, SINGLE_VALUES};
pub use reader::{Answer, Kind, Sentence, read, read_tokens};
pub use topics::{Opener, Topic};
pub use traits::{Trait, Traits};

/// The word tokenizer of everything that is written here, in alphabetic order. A prompt is three tokens.
pub fn tokenizer() -> Tokenizer {
    let texts = topics::all_texts();
    let mut vocabulary = Pieces::new();
    texts.iter().flat_map(|text| words(text)).for_each(|word| _ = vocabulary.insert(word, 0));
    Tokenizer::from_words(vocabulary.into_keys())
}
