//! What the reader can ask for.

use crate::data::TokenizerKind;
use crate::json::{FromJson, Value, Wrong, field, optional};
use crate::nn::Sampling;
use crate::widgets::Attributes;

/// A command; in JSON `{"type": "prompt", "text": "…"}` and so on, in snake case.
#[derive(Debug)]
pub enum Command {
    /// Random weights, step 0.
    Reset,
    /// A sentence to go on with.
    Prompt { text: String },
    /// One token more.
    Append { id: u32 },
    /// How tokens are drawn.
    Sampling(Sampling),
    /// Let the model write.
    Generate { max_new_tokens: usize },
    /// Which attention to show.
    Head { layer: usize, head: usize },
    /// The reader's own text; random weights, step 0.
    Corpus { name: String, text: String, tokenizer: TokenizerKind },
    /// Other settings; random weights, step 0.
    Configure { attributes: Attributes },
}

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value["type"].as_str() {
            Some("reset") => Self::Reset,
            Some("prompt") => Self::Prompt { text: field(value, "text", wrong) },
            Some("append") => Self::Append { id: field(value, "id", wrong) },
            Some("sampling") => Self::Sampling(sampling(value, wrong)),
            Some("generate") => Self::Generate { max_new_tokens: field(value, "max_new_tokens", wrong) },
            Some("head") => {
                Self::Head { layer: field(value, "layer", wrong), head: field(value, "head", wrong) }
            }
            Some("corpus") => Self::Corpus {
                name: field(value, "name", wrong),
                text: field(value, "text", wrong),
                tokenizer: field(value, "tokenizer", wrong),
            },
            Some("configure") => Self::Configure { attributes: field(value, "attributes", wrong) },
            _ => {
                let allowed = "reset, prompt, append, sampling, generate, head, corpus or configure";
                wrong.expected(allowed, &value["type"]);
                Self::Reset
            }
        }
    }
}

/// Settings that are not mentioned are off.
fn sampling(value: &Value, wrong: &mut Wrong) -> Sampling {
    let off = Sampling::default();
    let given = Sampling {
        temperature: optional(value, "temperature", off.temperature, wrong),
        top_k: optional(value, "top_k", off.top_k, wrong),
        top_p: optional(value, "top_p", off.top_p, wrong),
        min_p: optional(value, "min_p", off.min_p, wrong),
        repetition_penalty: optional(value, "repetition_penalty", off.repetition_penalty, wrong),
    };
    given.checked().unwrap_or_else(|error| {
        wrong.note(error);
        off
    })
}
