//! Text and what becomes of it before a model sees it: tokens, corpora, batches, and the miniature world
//! that writes texts whose entropy is known.
//!
//! Nothing here knows of models, losses or widgets; a batch leaves as plain ids. Start with
//! [`Tokenizer::train`] for a reader's own text, or with [`World::new`] for the built-in one; both end in
//! a [`Corpus`].

mod batch;
mod corpus;
mod tokenizer;
pub mod world;

pub use batch::Batch;
pub use corpus::{Corpus, MAX_TEXT_BYTES};
pub use tokenizer::{END_OF_TEXT, Tokenizer, TokenizerKind};
pub use world::{Document, Source, World};
