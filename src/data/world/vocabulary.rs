//! The words of a text and nothing else.
//!
//! Knows nothing of what the words mean. Start with [`Vocabulary::corpus`].

use super::sentences::{Sentence, Sentences};
use crate::data::Corpus;
use crate::data::tokenizer::{END_OF_TEXT, words};
use crate::rng::Rng;

/// A closed vocabulary. Every row of a model's table is a word that occurs, where a
/// [`Tokenizer`](crate::data::Tokenizer) would have 256 rows for bytes that do not: a small model's parameters can be
/// counted honestly, and its output layer takes half the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    /// By id: `<|endoftext|>`, then words in alphabetic order, each with the space before it.
    tokens: Vec<String>,
}

impl Vocabulary {
    /// `<|endoftext|>`
    pub const EOS: u32 = 0;

    /// The words of these sentences, also of those that are not written by themselves.
    pub fn new(sentences: &[Sentences]) -> Self {
        let mut tokens: Vec<String> = Vec::new();
        for grammar in sentences.iter().flat_map(Sentences::grammars) {
            grammar.visit(&mut |text| {
                for word in words(text) {
                    if let Err(at) = tokens.binary_search_by(|token| token.as_str().cmp(word)) {
                        tokens.insert(at, word.to_owned());
                    }
                }
            });
        }
        tokens.insert(0, END_OF_TEXT.to_owned());
        Self { tokens }
    }

    /// Number of tokens, `<|endoftext|>` included.
    pub fn size(&self) -> usize {
        self.tokens.len()
    }

    /// The token of a word, which carries the space before it.
    pub fn id(&self, word: &str) -> Option<u32> {
        self.tokens[1..].binary_search_by(|token| token.as_str().cmp(word)).ok().map(|at| at as u32 + 1)
    }

    /// The tokens of a text.
    ///
    /// # Panics
    ///
    /// If a word is not one of these.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        words(text).map(|word| self.id(word).unwrap_or_else(|| panic!("encode: no word {word:?}"))).collect()
    }

    /// The words of a text that are none of these, without the space before them.
    pub fn unknown<'a>(&self, text: &'a str) -> Vec<&'a str> {
        words(text).filter(|word| self.id(word).is_none()).map(str::trim).collect()
    }

    /// The text of tokens.
    ///
    /// # Panics
    ///
    /// If an id is not below [`Vocabulary::size`].
    pub fn decode(&self, ids: &[u32]) -> String {
        ids.iter().map(|&id| self.tokens[id as usize].as_str()).collect()
    }

    /// Documents to train on and fresh ones that are held out, from two streams of the seed whose names begin with
    /// `name`.
    ///
    /// # Panics
    ///
    /// If no document is held out, or a word is not one of these.
    pub fn corpus(&self, from: &Sentences, n_train: usize, n_val: usize, seed: u64, name: &str) -> Corpus {
        let draw = |n, purpose| from.write(n, &mut Rng::stream(seed, &format!("{name}: {purpose}")));
        let (train, held_out) = (draw(n_train, "train"), draw(n_val, "held-out"));
        let tokens = |sentence: &Sentence| self.encode(&sentence.text);
        let held_out = held_out.iter().map(|sentence| (tokens(sentence), sentence.nats));
        Corpus::from_tokens(Self::EOS, train.iter().map(tokens), held_out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::grammar::{one_of, text};
    use super::*;

    #[test]
    fn a_text_comes_back_and_every_token_is_a_word_of_it() {
        let sentences = Sentences::new(text(" The") + one_of(&["fox", "dog"]) + text(" sleeps."));
        let vocabulary = Vocabulary::new(&[sentences.clone(), sentences]);
        assert_eq!(vocabulary.size(), 6);
        let ids = vocabulary.encode(" The dog sleeps.");
        assert_eq!((vocabulary.decode(&ids).as_str(), ids.len()), (" The dog sleeps.", 4));
        assert_eq!(vocabulary.id(" cat"), None);
        assert_eq!(vocabulary.unknown(" The cat sleeps!"), ["cat", "!"]);
    }
}
