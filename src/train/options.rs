//! The options of a pre-training run: one list, from which flags, attributes, ranges and help are derived.

use crate::data::TokenizerKind;
use crate::error::{Error, Result};
use crate::json::{parse_number, shortest};
use crate::nn::Gpt2Config;

use super::{AdamWConfig, Cosine, MAX_BYTES, PretrainConfig, training_bytes};

/// What is known of an option besides its value.
#[derive(Debug, Clone, Copy)]
pub struct OptionInfo {
    /// As a flag (`--n-layer`) and as an attribute (`n-layer`).
    pub name: &'static str,
    /// What it means, in one sentence.
    pub help: &'static str,
    /// What it may be.
    pub allowed: &'static str,
}

/// A number as text. The standard library's reader and writer of floats would weigh more than all options.
trait Number: Sized {
    fn read(text: &str) -> Option<Self>;
    fn write(&self) -> String;
}

impl Number for f64 {
    fn read(text: &str) -> Option<Self> {
        parse_number(text)
    }

    fn write(&self) -> String {
        shortest(*self)
    }
}

macro_rules! whole {
    ($($type:ty),+) => { $(
        impl Number for $type {
            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn write(&self) -> String {
                self.to_string()
            }
        }
    )+ };
}

whole!(usize, u64);

/// Sets a field, if there is a value and it is allowed; whether it did.
fn store<T>(field: &mut T, value: Option<T>, is_allowed: fn(&T) -> bool) -> bool {
    let value = value.filter(is_allowed);
    let is_allowed = value.is_some();
    if let Some(value) = value {
        *field = value;
    }
    is_allowed
}

macro_rules! options {
    ($( #[doc = $help:literal] $field:ident $name:literal: $type:ty = $default:expr, $low:literal ..= $high:literal; )*) => {
        /// A run's options, named as in nanoGPT.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Options {
            /// How text is cut into tokens.
            pub tokenizer: TokenizerKind,
            $( #[doc = $help] pub $field: $type, )*
        }

        impl Default for Options {
            fn default() -> Self {
                Self { tokenizer: TokenizerKind::Word, $( $field: $default, )* }
            }
        }

        impl Options {
            /// Every option, in the order in which help shows them.
            pub const ALL: &[OptionInfo] = &[
                OptionInfo { name: "tokenizer", help: "How text is cut into tokens.", allowed: "char, word or bpe" },
                $( OptionInfo {
                    name: $name,
                    help: $help.trim_ascii(),
                    allowed: concat!("a number from ", $low, " to ", $high),
                }, )*
            ];

            /// Sets an option from text.
            ///
            /// # Errors
            ///
            /// Names the option, what was given and what is allowed; the option keeps its value.
            pub fn set(&mut self, name: &str, given: &str) -> Result<()> {
                let info = Self::ALL.iter().find(|o| o.name == name);
                let info = info.ok_or_else(|| Error::input(name, "unknown option", Self::names()))?;
                let is_allowed = match name {
                    "tokenizer" => store(&mut self.tokenizer, given.parse().ok(), |_| true),
                    $( $name => store(&mut self.$field, <$type>::read(given.trim()), |n| ($low..=$high).contains(n)), )*
                    _ => unreachable!("it is in the list"),
                };
                if is_allowed { Ok(()) } else { Err(Error::input(name, format!("{given:?}"), info.allowed)) }
            }

            /// An option as text; `None` if there is none of that name.
            pub fn get(&self, name: &str) -> Option<String> {
                match name {
                    "tokenizer" => Some(self.tokenizer.to_string()),
                    $( $name => Some(self.$field.write()), )*
                    _ => None,
                }
            }
        }
    };
}

options! {
    /// Most tokens that a word or BPE tokenizer may have.
    vocab_size "vocab-size": usize = 512, 257..=8192;
    /// Blocks of the network.
    n_layer "n-layer": usize = 2, 1..=8;
    /// Attention heads in a block; divides n-embd.
    n_head "n-head": usize = 4, 1..=16;
    /// Numbers that stand for a token inside the network.
    n_embd "n-embd": usize = 64, 4..=384;
    /// Tokens that the model sees at once.
    block_size "block-size": usize = 48, 2..=512;
    /// Rows of text in a step.
    batch_size "batch-size": usize = 11, 1..=64;
    /// Steps of the run.
    max_iters "max-iters": usize = 600, 1..=100_000;
    /// Steps until the learning rate is at its lowest; 0 for max-iters.
    lr_decay_iters "lr-decay-iters": usize = 0, 0..=100_000;
    /// Highest learning rate.
    learning_rate "learning-rate": f64 = 8e-3, 0.0..=1.0;
    /// Lowest learning rate, at the end.
    min_lr "min-lr": f64 = 8e-4, 0.0..=1.0;
    /// Steps in which the learning rate rises from 0.
    warmup_iters "warmup-iters": usize = 30, 0..=10_000;
    /// Share of a weight that decays each step, times the learning rate.
    weight_decay "weight-decay": f64 = 0.01, 0.0..=1.0;
    /// Memory of the gradient's running mean.
    beta1 "beta1": f64 = 0.9, 0.0..=0.9999;
    /// Memory of the squared gradient's running mean.
    beta2 "beta2": f64 = 0.95, 0.0..=0.99999;
    /// Largest norm of the gradient; 0 for no limit.
    grad_clip "grad-clip": f64 = 1.0, 0.0..=1000.0;
    /// Seed of everything random: weights, batches, samples.
    seed "seed": u64 = 0, 0..=9_007_199_254_740_991;
}

impl Options {
    /// Checks options against each other.
    ///
    /// # Errors
    ///
    /// Names the options that do not go together.
    pub fn validate(&self) -> Result<()> {
        if !self.n_embd.is_multiple_of(self.n_head) {
            let allowed = format!("a number that divides n-embd, which is {}", self.n_embd);
            return Err(Error::input("n-head", self.n_head, allowed));
        }
        if self.warmup_iters > self.lr_decay_iters() {
            let allowed = format!("at most lr-decay-iters, which is {}", self.lr_decay_iters());
            return Err(Error::input("warmup-iters", self.warmup_iters, allowed));
        }
        let bytes = training_bytes(&self.model(self.vocab_size, 0), self.batch_size, self.block_size);
        if bytes > MAX_BYTES {
            let given = format!("{} MB of memory", bytes >> 20);
            let allowed = format!("at most {} MB; lower one of these options", MAX_BYTES >> 20);
            return Err(Error::input("n-embd, n-layer, block-size, vocab-size", given, allowed));
        }
        Ok(())
    }

    /// Steps until the learning rate is at its lowest.
    pub fn lr_decay_iters(&self) -> usize {
        if self.lr_decay_iters == 0 { self.max_iters } else { self.lr_decay_iters }
    }

    /// The model of these options, for a vocabulary whose text begins and ends with `eos`.
    pub fn model(&self, vocab_size: usize, eos: u32) -> Gpt2Config {
        Gpt2Config {
            vocab_size,
            n_positions: self.block_size,
            n_embd: self.n_embd,
            n_layer: self.n_layer,
            n_head: self.n_head,
            bos_token_id: Some(eos),
            eos_token_id: Some(eos),
            ..Gpt2Config::default()
        }
    }

    /// The run of these options. As in nanoGPT, only matrices decay.
    pub fn run(&self) -> PretrainConfig {
        PretrainConfig {
            batch_size: self.batch_size,
            block_size: self.block_size,
            max_iters: self.max_iters,
            schedule: Cosine {
                learning_rate: self.learning_rate,
                min_lr: self.min_lr,
                warmup_iters: self.warmup_iters,
                lr_decay_iters: self.lr_decay_iters(),
            },
            optimizer: AdamWConfig {
                beta1: self.beta1,
                beta2: self.beta2,
                weight_decay: self.weight_decay,
                decay_vectors: false,
                ..AdamWConfig::default()
            },
            grad_clip: self.grad_clip,
        }
    }

    fn names() -> String {
        let names: Vec<_> = Self::ALL.iter().map(|o| o.name).collect();
        format!("one of {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_read_back_as_it_was_set() {
        let mut options = Options::default();
        for info in Options::ALL {
            let value = options.get(info.name).expect("in the list");
            options.set(info.name, &value).expect("its own value is allowed");
        }
        assert_eq!(options, Options::default());
    }

    #[test]
    fn a_run_that_needs_too_much_memory_is_refused() {
        let mut options = Options { n_embd: 384, n_layer: 8, block_size: 512, ..Options::default() };
        let message = options.validate().expect_err("too large").to_string();
        assert!(message.contains("n-embd") && message.contains("512 MB"), "{message}");
        options.n_layer = 1;
        options.validate().expect("not too large");
    }

    #[test]
    fn a_bad_value_names_the_option_and_changes_nothing() {
        let mut options = Options::default();
        for (name, given) in
            [("n-layer", "0"), ("n-layer", "two"), ("learning-rate", "NaN"), ("tokenizer", "bytes")]
        {
            let message = options.set(name, given).expect_err("not allowed").to_string();
            assert!(message.starts_with(name) && message.contains(given), "{message}");
        }
        assert!(options.set("n_layer", "2").is_err(), "names have hyphens");
        assert_eq!(options, Options::default());
    }
}
