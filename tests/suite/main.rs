//! Everything that looks at the crate from outside.

mod allocation;
mod bundle;
mod checkpoint;
mod cli;
mod contrastive;
mod corpus;
mod explain;
mod fingerprint;
mod golden;
mod hostile;
mod json;
mod lessons;
mod lora_rank;
mod methods;
mod next_token;
mod objectives;
mod plain;
mod plot;
mod preferences;
mod restoring;
mod server;
mod small_world;
mod structure;
mod tidy;
mod tokenizer;
mod world;
