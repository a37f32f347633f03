//! Learning: optimizers, schedules and one file a method, each to be read from top to bottom.
//!
//! Methods are forward code plus a loss; derivatives are the tape's business. Nothing here knows a clock, a
//! file or a page: whoever calls decides how many steps fit. Start with [`Pretrainer::step`].

mod adamw;
mod best_of_n;
mod classifier;
mod completion;
mod contrastive;
mod depth;
mod dpo;
mod ewc;
mod learner;
mod memory;
mod objectives;
mod options;
pub mod ppo;
mod pretrain;
mod reward;
mod schedule;
mod sequence;
mod shards;
mod unlearn;

pub use adamw::{AdamW, AdamWConfig, clip_grad_norm};
pub use best_of_n::{best_of_n, best_of_n_kl};
pub use classifier::{Classifier, ClassifierConfig, Examples};
pub use completion::{Completion, Padded, Pair, score_tokens, sequence_logprobs, token_logprobs};
pub use contrastive::{ContrastiveTrainer, DualEncoder, DualEncoderConfig, info_nce};
pub use depth::{Depth, set_depth};
pub use dpo::{DpoConfig, DpoTrainer, SavedDpo, dpo_loss};
pub use ewc::Ewc;
pub use learner::{Learner, accuracy, lm_loss, mean_loss, scored_hidden};
pub use memory::{MAX_BYTES, training_bytes};
pub use objectives::{Example, Objective, ObjectiveConfig, ObjectiveTrainer, prefix_input};
pub use options::{OptionInfo, Options};
pub use ppo::{PpoConfig, PpoStats, PpoTrainer, SavedPpo};
pub use pretrain::{MeanLoss, PretrainConfig, Pretrainer, StepReport};
pub use reward::{RewardConfig, RewardModel, RewardTrainer, SavedReward, bradley_terry};
pub use schedule::Cosine;
pub use sequence::{Pooling, ScoreHead};
pub use shards::{ShardSum, n_shards};
pub use unlearn::unlearning_loss;
