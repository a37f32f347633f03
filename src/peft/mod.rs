//! Parameter-efficient fine-tuning: a frozen base, and a few tensors of its own for each method.
//!
//! One file a method, named and configured as in Hugging Face's PEFT. Each adds its tensors to the base's
//! [`Params`] and changes the pass through a [`Tuner`]'s seams; derivatives and training are not its business.
//! Several tuners, also of one kind, share a base: whoever is handed to [`CausalLm`](crate::nn::CausalLm) is on.
//! Start with [`Lora`].

mod bottleneck;
mod lora;
mod prefix_tuning;
mod prompt_tuning;
mod spectrum;

use crate::nn::{Gpt2, Tuner};
use crate::rng::Rng;
use crate::tensor::{ParamId, Params};

pub use bottleneck::{Activation, Bottleneck, BottleneckConfig};
pub use lora::{Lora, LoraConfig, Unmerged};
pub use prefix_tuning::{PrefixInit, PrefixTuning};
pub use prompt_tuning::{PromptInit, PromptTuning};
pub use spectrum::{energy, singular_values};

/// A method, as a comparison of all of them needs it.
pub struct Method {
    /// What it is called.
    pub name: &'static str,
    /// Its size for the lesson's miniature.
    pub size: usize,
    /// The learning rate that goes with it, where the base holds what is asked for.
    pub learning_rate: f64,
    /// Makes a tuner.
    pub init: Init,
}

/// Adds a tuner of a name and a size: the rank, the width of the bottleneck, or the number of virtual tokens. Those
/// begin as the tokens of a text, repeated as often as needed.
pub type Init = fn(name: &str, size: usize, text: &[u32], &Gpt2, &mut Params, &mut Rng) -> Box<dyn Tuner>;

/// Every method, with its usual settings.
pub const METHODS: &[Method] =
    &[lora::METHOD, bottleneck::METHOD, prefix_tuning::METHOD, prompt_tuning::METHOD];

/// Freezes every tensor but these.
pub fn train_only(params: &mut Params, tensors: &[ParamId]) {
    params.ids().for_each(|id| params.set_requires_grad(id, tensors.contains(&id)));
}

/// Number of elements in a tuner's tensors. PEFT: `get_nb_trainable_parameters`.
pub fn trainable_parameters(tuner: &dyn Tuner, params: &Params) -> usize {
    tuner.tensors().into_iter().map(|id| params.value(id).len()).sum()
}
