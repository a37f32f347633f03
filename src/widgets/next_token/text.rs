//! What a run learns from: the miniature world, or the reader's own text.

use std::cell::OnceCell;

use crate::data::{Corpus, END_OF_TEXT, Tokenizer, World};
use crate::error::Result;
use crate::json::{FromJson, ToJson, Value, Wrong, field};
use crate::train::Options;

/// Documents to train on: about three passes in 1,500 steps, and still quick to write in a tab.
const N_TRAIN: usize = 20_000;
/// Documents held out.
const N_VAL: usize = 96;
/// The name of the built-in corpus.
const WORLD: &str = "world";

/// Where text comes from; all that a snapshot has to keep of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// The miniature world with the real capitals.
    World,
    /// The reader's text.
    Own { name: String, text: String },
}

impl ToJson for Source {
    fn to_json(&self) -> Value {
        match self {
            Self::World => WORLD.into(),
            Self::Own { name, text } => {
                Value::object(vec![("name", name.to_json()), ("text", text.to_json())])
            }
        }
    }
}

impl FromJson for Source {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        if value.as_str() == Some(WORLD) {
            return Self::World;
        }
        Self::Own { name: field(value, "name", wrong), text: field(value, "text", wrong) }
    }
}

/// A text and how it is cut into tokens.
pub struct Text {
    pub source: Source,
    pub tokenizer: Tokenizer,
    corpus: OnceCell<Corpus>,
}

impl Text {
    /// The miniature world.
    pub fn world() -> Self {
        Self::new(Source::World, World::new(0).tokenizer())
    }

    /// A source as it was, with its tokenizer.
    pub fn new(source: Source, tokenizer: Tokenizer) -> Self {
        Self { source, tokenizer, corpus: OnceCell::new() }
    }

    /// The reader's text, with a tokenizer made for it.
    ///
    /// # Errors
    ///
    /// If the text is too long or too short to train on.
    pub fn own(name: String, text: String, options: &Options) -> Result<Self> {
        let tokenizer = Tokenizer::train(options.tokenizer, &text, options.vocab_size)?;
        Self::new(Source::Own { name, text }, tokenizer).checked(options.block_size)
    }

    /// The same text for other options.
    ///
    /// # Errors
    ///
    /// If the text is too short for the block size.
    pub fn retokenized(&self, options: &Options) -> Result<Self> {
        match &self.source {
            Source::World => Ok(Self::world()),
            Source::Own { name, text } => Self::own(name.clone(), text.clone(), options),
        }
    }

    /// The same text for a model that brings its tokenizer.
    ///
    /// # Errors
    ///
    /// If the text is too short for the block size.
    pub fn with_tokenizer(&self, tokenizer: Tokenizer, block_size: usize) -> Result<Self> {
        Self::new(self.source.clone(), tokenizer).checked(block_size)
    }

    /// The same text, if a run with this block size can be had from it.
    ///
    /// # Errors
    ///
    /// If it is too short.
    pub fn checked(self, block_size: usize) -> Result<Self> {
        if let Source::Own { text, .. } = &self.source {
            let corpus = Corpus::from_text(text, &self.tokenizer, block_size)?;
            // Not `expect`, which could print a corpus, and with that floats.
            assert!(self.corpus.set(corpus).is_ok(), "checked: a corpus is there already");
        }
        Ok(self)
    }

    /// What to train on, made when it is first wanted: a figure that only answers never needs it.
    pub fn corpus(&self, block_size: usize) -> &Corpus {
        self.corpus.get_or_init(|| match &self.source {
            Source::World => Corpus::from_world(&World::new(0), &self.tokenizer, N_TRAIN, N_VAL, 0),
            Source::Own { text, .. } => Corpus::from_text(text, &self.tokenizer, block_size)
                .expect("the text was checked when it was given"),
        })
    }

    /// Its name in the frame.
    pub fn name(&self) -> &str {
        match &self.source {
            Source::World => WORLD,
            Source::Own { name, .. } => name,
        }
    }

    /// A sentence as this text would have it: words of the world have a space before them.
    pub fn encode_prompt(&self, text: &str) -> Vec<u32> {
        match self.source {
            Source::World if text.trim().is_empty() => Vec::new(),
            Source::World => self.tokenizer.encode(&format!(" {}", text.trim())),
            Source::Own { .. } => self.tokenizer.encode(text),
        }
    }

    /// What the model reads for a prompt: its documents begin with the token that ends the one before.
    pub fn context(&self, prompt: &[u32]) -> Vec<u32> {
        let begin = (prompt.is_empty() || self.source == Source::World).then(|| self.tokenizer.eos());
        begin.into_iter().chain(prompt.iter().copied()).collect()
    }

    /// [`Text::context`] as text.
    pub fn begin(&self, prompt: &str) -> String {
        match self.source {
            Source::World => format!("{END_OF_TEXT}{prompt}"),
            Source::Own { .. } => prompt.to_owned(),
        }
    }

    /// What stands in the sentence box at first.
    pub fn first_prompt(&self) -> &str {
        match &self.source {
            Source::World => "The capital of France is",
            Source::Own { text, .. } => beginning(text),
        }
    }

    /// What samples of a run go on from.
    pub fn sample_prompt(&self) -> &str {
        match &self.source {
            Source::World => "",
            Source::Own { text, .. } => beginning(text),
        }
    }

    /// A piece of the training text whose every token is shown with its loss.
    pub fn example(&self, block_size: usize) -> Vec<u32> {
        const N_TOKENS: usize = 10;
        match &self.source {
            Source::World => self.tokenizer.encode(" The quick brown fox jumps over the lazy dog."),
            Source::Own { text, .. } => {
                let start = text.get(..4096.min(text.len())).unwrap_or(text);
                let mut ids = self.tokenizer.encode(start);
                ids.truncate(N_TOKENS.min(block_size));
                ids
            }
        }
    }
}

/// The first few words of a text.
fn beginning(text: &str) -> &str {
    const N_CHARS: usize = 24;
    let text = text.trim_start();
    let end = text.char_indices().nth(N_CHARS).map_or(text.len(), |(i, _)| i);
    let line = text[..end].lines().next().unwrap_or("");
    match line.rfind(' ') {
        Some(space) if line.len() == end => &line[..space],
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_texts_beginning_ends_with_a_word() {
        assert_eq!(beginning("\n\nFirst Citizen:\nBefore we proceed"), "First Citizen:");
        assert_eq!(beginning("It was the best of times, it was"), "It was the best of");
        assert_eq!(beginning(""), "");
    }

    #[test]
    fn the_worlds_example_is_in_its_vocabulary() {
        let text = Text::world();
        assert!(
            text.example(48)
                .iter()
                .all(|&id| !text.tokenizer.is_byte(id) || text.tokenizer.text_of(id) == ".")
        );
    }
}
