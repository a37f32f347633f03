//! GPT-2 and what is done with it between a prompt and a continuation.
//!
//! A model is a [`Gpt2`] (which tensor is what) beside a [`Params`](crate::tensor::Params) (what they hold):
//! the same weights can be read by several models. Knows nothing of text or of training. Start with
//! [`Gpt2::forward`].

mod causal_lm;
mod generate;
mod gpt2;
mod sampling;
mod tuner;

pub use causal_lm::CausalLm;
pub use generate::{BatchWriter, Generator, Stop, generate, generate_batch};
pub use gpt2::{Forward, Gpt2, Gpt2Config, Input};
pub use sampling::{Cut, Sampling, by_score, probabilities};
pub use tuner::{Linear, Sublayer, Tuner};
