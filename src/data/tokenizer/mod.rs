//! One lossless tokenizer engine: any text comes back from its tokens byte by byte.
//!
//! All 256 bytes are tokens, so nothing is ever unknown. The kinds differ in where a text is cut
//! ([`split`]) and in what the vocabulary holds beside the bytes ([`Tokenizer::train`], the first function
//! to read). [`json`] reads and writes them as the `tokenizers` library does. Nothing here knows of models.

mod bpe;
mod bytes;
mod classes;
mod json;
mod specials;
mod split;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;

use super::check_length;
use crate::error::{Error, Result};
use crate::json::names;
use specials::Part;

pub(super) use split::gpt2 as words;

/// The token between documents, in every tokenizer of ours.
pub const END_OF_TEXT: &str = "<|endoftext|>";

/// The token that hides another, where a tokenizer has one.
pub const MASK: &str = "<|mask|>";

/// What the tokens beside the 256 bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenizerKind {
    /// The characters of the training text.
    Char,
    /// Its most frequent words, each with the space before it; other words fall apart into bytes.
    Word,
    /// Byte-pair encoding: what comes of merging the most frequent neighbors.
    Bpe,
}

names!(TokenizerKind: Char = "char", Word = "word", Bpe = "bpe");

impl fmt::Display for TokenizerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TokenizerKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        [Self::Char, Self::Word, Self::Bpe]
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| Error::input("tokenizer", format!("{name:?}"), "char, word or bpe"))
    }
}

/// A number for each of many pieces of text. The one map of its kind: each is kilobytes of code.
pub(super) type Pieces<'a> = BTreeMap<&'a str, i64>;

/// A vocabulary, and how to go from text to its ids and back.
#[derive(Debug, Clone, PartialEq)]
pub struct Tokenizer {
    kind: TokenizerKind,
    /// The bytes of each token, by id.
    tokens: Vec<Vec<u8>>,
    ids: HashMap<Vec<u8>, u32>,
    /// Recognized in a text as they stand, before anything else.
    specials: Vec<u32>,
    eos: u32,
    merges: bpe::Merges,
}

impl Tokenizer {
    /// Makes a tokenizer from a text. Its ids are the special token `<|endoftext|>`, the bytes in the order
    /// of their printable stand-ins, then the characters, words or merges.
    ///
    /// `vocab_size` is the upper limit for words and byte pairs, bytes and special token included; every
    /// character of the text has its token, however many there are.
    ///
    /// # Errors
    ///
    /// If the text is longer than [`MAX_TEXT_BYTES`](super::MAX_TEXT_BYTES), or `vocab_size` leaves no room
    /// for the bytes.
    pub fn train(kind: TokenizerKind, text: &str, vocab_size: usize) -> Result<Self> {
        Self::train_with(&[END_OF_TEXT], kind, text, vocab_size)
    }

    /// [`Tokenizer::train`] with other special tokens, the first of which ends a text.
    ///
    /// Byte pairs are the ones that `tokenizers` finds with its `BpeTrainer`, its `ByteLevel` alphabet and
    /// the same special tokens: those are recognized when encoding, not when training.
    ///
    /// # Errors
    ///
    /// If the text is longer than [`MAX_TEXT_BYTES`](super::MAX_TEXT_BYTES), or `vocab_size` leaves no room
    /// for the special tokens and the bytes.
    ///
    /// # Panics
    ///
    /// If there are no special tokens.
    pub fn train_with(specials: &[&str], kind: TokenizerKind, text: &str, vocab_size: usize) -> Result<Self> {
        check_length(text)?;
        let mut tokenizer = Self::bare(specials, kind);
        let least = tokenizer.vocab_size();
        if kind != TokenizerKind::Char && vocab_size < least {
            return Err(Error::input(
                "vocab_size",
                vocab_size,
                format!("at least {least}: 256 bytes and {}", specials.join(", ")),
            ));
        }
        let mut counts: Pieces = BTreeMap::new();
        for piece in tokenizer.split(text) {
            match counts.get_mut(piece) {
                Some(count) => *count += 1,
                None => _ = counts.insert(piece, 1),
            }
        }
        match kind {
            TokenizerKind::Char => tokenizer.add(counts.into_keys()),
            TokenizerKind::Word => {
                let words: Vec<(&str, i64)> = counts.into_iter().filter(|(word, _)| word.len() > 1).collect();
                // The most frequent first, in the order of the alphabet among equals, in which they are.
                let key =
                    |(i, (_, count)): (u64, &(&str, i64))| ((u64::from(u32::MAX) - *count as u64) << 32) | i;
                let mut keys: Vec<u64> = (0..).zip(&words).map(key).collect();
                keys.sort_unstable();
                let most_frequent = keys.into_iter().take(vocab_size - least);
                tokenizer.add(most_frequent.map(|key| words[key as u32 as usize].0));
            }
            TokenizerKind::Bpe => {
                let words = counts.into_iter().map(|(word, n)| (tokenizer.bytes_of(word), n)).collect();
                let Self { tokens, ids, .. } = &mut tokenizer;
                tokenizer.merges = bpe::train(tokens, ids, words, vocab_size);
            }
        }
        Ok(tokenizer)
    }

    /// The word tokenizer of a given vocabulary. Words carry the space before them (`" France"`);
    /// repetitions and single bytes, which have their token anyway, add nothing.
    pub fn from_words<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        Self::from_words_with(&[END_OF_TEXT], words)
    }

    /// [`Tokenizer::from_words`] with other special tokens, the first of which ends a text. They have the first ids,
    /// in their order.
    ///
    /// # Panics
    ///
    /// If there are no special tokens.
    pub fn from_words_with<'a>(specials: &[&str], words: impl Iterator<Item = &'a str>) -> Self {
        let mut tokenizer = Self::bare(specials, TokenizerKind::Word);
        tokenizer.add(words);
        tokenizer
    }

    /// Special tokens and bytes only.
    fn bare(specials: &[&str], kind: TokenizerKind) -> Self {
        assert!(!specials.is_empty(), "tokenizer: a special token must end a text");
        let mut tokenizer = Self {
            kind,
            tokens: specials.iter().map(|s| s.as_bytes().to_vec()).collect(),
            ids: HashMap::new(),
            specials: (0..specials.len() as u32).collect(),
            eos: 0,
            merges: bpe::Merges::default(),
        };
        tokenizer.tokens.extend(bytes::alphabet().into_iter().map(|byte| vec![byte]));
        tokenizer.index();
        tokenizer
    }

    /// Appends the words that are no tokens yet.
    fn add<'a>(&mut self, words: impl Iterator<Item = &'a str>) {
        for word in words {
            if !self.ids.contains_key(word.as_bytes()) {
                self.ids.insert(word.into(), self.tokens.len() as u32);
                self.tokens.push(word.into());
            }
        }
    }

    fn index(&mut self) {
        self.ids.clear();
        for (id, token) in (0..).zip(&self.tokens) {
            self.ids.insert(token.clone(), id);
        }
    }

    /// The tokens of a text. A special token that is spelled out in it becomes its one id.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let specials: Vec<(u32, &str)> = self.specials.iter().map(|&id| (id, self.name(id))).collect();
        let mut known: Pieces = BTreeMap::new();
        let mut ids_of_known = Vec::new();
        let mut ids = Vec::new();
        for part in specials::parts(text, &specials) {
            match part {
                Part::Special(id) => ids.push(id),
                Part::Text(text) => {
                    for piece in self.split(text) {
                        let i = known.get(piece).copied().unwrap_or_else(|| {
                            let i = ids_of_known.len() as i64;
                            ids_of_known.push(self.encode_piece(piece));
                            known.insert(piece, i);
                            i
                        });
                        ids.extend_from_slice(&ids_of_known[i as usize]);
                    }
                }
            }
        }
        ids
    }

    /// A special token as it is spelled in a text.
    fn name(&self, special: u32) -> &str {
        std::str::from_utf8(&self.tokens[special as usize]).expect("special tokens are made from strings")
    }

    fn split<'a>(&self, text: &'a str) -> Box<dyn Iterator<Item = &'a str> + 'a> {
        match self.kind {
            TokenizerKind::Char => Box::new(split::characters(text)),
            TokenizerKind::Word | TokenizerKind::Bpe => Box::new(split::gpt2(text)),
        }
    }

    fn encode_piece(&self, piece: &str) -> Vec<u32> {
        if self.kind != TokenizerKind::Bpe
            && let Some(&id) = self.ids.get(piece.as_bytes())
        {
            return vec![id];
        }
        let mut ids = self.bytes_of(piece);
        bpe::apply(&self.merges, &mut ids);
        ids
    }

    fn bytes_of(&self, text: &str) -> Vec<u32> {
        text.bytes().map(|byte| self.ids[[byte].as_slice()]).collect()
    }

    /// The text of tokens. Bytes that are no UTF-8 become U+FFFD, one for each maximal invalid sequence.
    ///
    /// # Panics
    ///
    /// If an id is not below [`Tokenizer::vocab_size`].
    pub fn decode(&self, ids: &[u32]) -> String {
        let bytes: Vec<u8> = ids.iter().flat_map(|&id| &self.tokens[id as usize]).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Number of tokens: specials, bytes and all others.
    pub fn vocab_size(&self) -> usize {
        self.tokens.len()
    }

    /// The token that ends a text.
    pub fn eos(&self) -> u32 {
        self.eos
    }

    /// What the tokens are.
    pub fn kind(&self) -> TokenizerKind {
        self.kind
    }

    /// A token's text as a label shows it: with its leading space, and U+FFFD for a part of a character.
    ///
    /// # Panics
    ///
    /// If the id is not below [`Tokenizer::vocab_size`].
    pub fn text_of(&self, id: u32) -> String {
        self.decode(&[id])
    }

    /// Whether the token is a lone byte that stands for a letter of an unknown word, or for a part of a
    /// character.
    ///
    /// # Panics
    ///
    /// If the id is not below [`Tokenizer::vocab_size`].
    pub fn is_byte(&self, id: u32) -> bool {
        match (self.tokens[id as usize].as_slice(), self.kind) {
            ([byte], TokenizerKind::Word) => !byte.is_ascii_punctuation() && *byte != b'\n',
            ([byte], _) => !byte.is_ascii(),
            _ => false,
        }
    }
}
