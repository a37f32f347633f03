//! The tape, its coarse operations and the numeric kernels: the only place with derivatives.
//!
//! Three things, from the outside in: [`Params`] (the weights), [`Graph`] (one forward pass over them, with
//! the operations as methods, and the way back), [`Tape`] (the buffers of a pass, reused by the next).
//! Everything is `f32` and a matrix; a language model's rows are its tokens, `B·T` of them.
//!
//! Knows nothing of models, text or training. Start with [`Graph::conv1d`], the simplest operation with all
//! the parts; the arithmetic below it is in [`kernels`].

mod gradients;
mod graph;
pub mod kernels;
mod math;
mod ops;
mod params;
mod simd;
mod tape;

pub use gradients::Gradients;
pub use graph::{Graph, Var};
pub use ops::{AttentionMask, KvCache};
pub use params::{ParamId, Params};
pub use tape::Tape;
