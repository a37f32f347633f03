//! Learning: optimizers, schedules and one file a method, each to be read from top to bottom.
//!
//! Methods are forward code plus a loss; derivatives are the tape's business. Nothing here knows a clock, a
//! file or a page: whoever calls decides how many steps fit. Start with [`Pretrainer::step`].

mod adamw;
mod memory;
mod options;
mod pretrain;
mod schedule;
mod shards;

pub use adamw::{AdamW, AdamWConfig, clip_grad_norm};
pub use memory::{MAX_BYTES, training_bytes};
pub use options::{OptionInfo, Options};
pub use pretrain::{MeanLoss, PretrainConfig, Pretrainer, StepReport};
pub use schedule::Cosine;
pub use shards::{ShardSum, n_shards};
