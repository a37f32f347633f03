//! Learning: optimizers, schedules and one file a method, each to be read from top to bottom.
//!
//! Methods are forward code plus a loss; derivatives are the tape's business. Nothing here knows a clock, a
//! file or a page: whoever calls decides how many steps fit.

mod adamw;
mod schedule;

pub use adamw::{AdamW, AdamWConfig, clip_grad_norm};
pub use schedule::Cosine;
