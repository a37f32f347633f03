//! Text and what becomes of it before a model sees it: tokens, corpora, batches, and the miniature world
//! that writes texts whose entropy is known.
//!
//! Nothing here knows of models, losses or widgets; a batch leaves as plain ids. Start with
//! [`Tokenizer::train`] and [`Corpus::from_text`].

mod batch;
mod corpus;
mod tokenizer;

pub use batch::Batch;
pub use corpus::{Corpus, MAX_TEXT_BYTES};
pub use tokenizer::{Tokenizer, TokenizerKind};
