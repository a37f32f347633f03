//! Text and what becomes of it before a model sees it: tokens, corpora, batches, the miniature world
//! that writes texts whose entropy is known, and questions and answers about which raters disagree.
//!
//! Nothing here knows of models, losses or widgets; a batch leaves as plain ids. Start with
//! [`Tokenizer::train`] for a reader's own text, or with [`World::new`] for the built-in one; both end in
//! a [`Corpus`]. Learning from preferences starts with [`explain`].

mod batch;
mod corpus;
pub mod dialogue;
pub mod explain;
pub mod objectives;
pub mod pictures;
mod preferences;
mod tokenizer;
pub mod world;

use crate::error::{Error, Result};

pub use batch::Batch;
pub use corpus::Corpus;
pub use preferences::{MAX_FIELD_BYTES, MAX_PREFERENCES, Preference, from_jsonl, to_jsonl};
pub use tokenizer::{END_OF_TEXT, MASK, Tokenizer, TokenizerKind};
pub use world::{Document, SmallWorld, Source, Statement, World};

/// The longest text that is made into a tokenizer or a corpus.
pub const MAX_TEXT_BYTES: usize = 4 << 20;

fn check_length(text: &str) -> Result<()> {
    if text.len() <= MAX_TEXT_BYTES {
        return Ok(());
    }
    let allowed = format!("at most {} MiB ({MAX_TEXT_BYTES} bytes)", MAX_TEXT_BYTES >> 20);
    Err(Error::input("corpus", format!("a text of {} bytes", text.len()), allowed))
}
