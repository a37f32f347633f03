//! Everything that looks at the crate from outside.

mod corpus;
mod golden;
mod plot;
mod tokenizer;
mod world;
