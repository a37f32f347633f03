//! Small worlds of one kind of sentence, for experiments that need a text of their own.
//!
//! Start with [`Sentences::write`].

use super::grammar::Grammar;
use super::tokenizer_of;
use crate::data::Tokenizer;
use crate::rng::Rng;

/// A grammar of short documents.
#[derive(Debug, Clone)]
pub struct Sentences {
    grammar: Grammar,
    /// What has its words in the vocabulary, and is never drawn.
    unwritten: Option<Grammar>,
}

/// A document of such a world.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// Begins with a space, as every word of the vocabulary does.
    pub text: String,
    /// −ln of the probability with which it was drawn.
    pub nats: f64,
}

impl Sentences {
    pub(super) fn new(grammar: Grammar) -> Self {
        Self { grammar, unwritten: None }
    }

    /// The same with words in the vocabulary that the grammar does not write by itself.
    pub(super) fn with_words_of(self, unwritten: Grammar) -> Self {
        Self { unwritten: Some(unwritten), ..self }
    }

    /// Draws many.
    pub fn write(&self, n: usize, rng: &mut Rng) -> Vec<Sentence> {
        let mut draw = || {
            let mut text = String::new();
            let nats = self.grammar.sample(rng, &mut text);
            Sentence { text, nats }
        };
        (0..n).map(|_| draw()).collect()
    }

    /// The word tokenizer of the closed vocabulary.
    pub fn tokenizer(&self) -> Tokenizer {
        tokenizer_of(self.grammars())
    }

    /// Whatever has its words in the vocabulary.
    pub(super) fn grammars(&self) -> impl Iterator<Item = &Grammar> {
        [&self.grammar].into_iter().chain(&self.unwritten)
    }
}
