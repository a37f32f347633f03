//! What the reader can ask for, read from plain data by hand: the derived reader of a tagged enum would weigh
//! more than all the arithmetic of the module that readers download.

use serde_json::Value;

use crate::data::TokenizerKind;
use crate::error::{Error, Result};
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

impl Command {
    /// Reads a command.
    ///
    /// # Errors
    ///
    /// Names the field that is missing or wrong.
    pub fn parse(value: &Value) -> Result<Self> {
        Ok(match value["type"].as_str() {
            Some("reset") => Self::Reset,
            Some("prompt") => Self::Prompt { text: text(value, "text")? },
            Some("append") => Self::Append { id: whole(value, "id")? },
            Some("sampling") => Self::Sampling(sampling(value)?),
            Some("generate") => Self::Generate { max_new_tokens: whole(value, "max_new_tokens")? as usize },
            Some("head") => {
                Self::Head { layer: whole(value, "layer")? as usize, head: whole(value, "head")? as usize }
            }
            Some("corpus") => Self::Corpus {
                name: text(value, "name")?,
                text: text(value, "text")?,
                tokenizer: text(value, "tokenizer")?.parse()?,
            },
            Some("configure") => Self::Configure { attributes: attributes(value)? },
            _ => {
                let allowed = "reset, prompt, append, sampling, generate, head, corpus or configure";
                return Err(Error::input("type", &value["type"], allowed));
            }
        })
    }
}

fn text(value: &Value, field: &str) -> Result<String> {
    let text = value[field].as_str().map(str::to_owned);
    text.ok_or_else(|| Error::input(field, &value[field], "a text"))
}

fn whole(value: &Value, field: &str) -> Result<u32> {
    let whole = value[field].as_u64().and_then(|n| n.try_into().ok());
    whole.ok_or_else(|| Error::input(field, &value[field], "a whole number"))
}

/// Settings that are not mentioned are off.
fn sampling(value: &Value) -> Result<Sampling> {
    let off = Sampling::default();
    let number = |field: &str, default: f32| match &value[field] {
        Value::Null => Ok(default),
        given => given.as_f64().map(|x| x as f32).ok_or_else(|| Error::input(field, given, "a number")),
    };
    let top_k = if value["top_k"].is_null() { off.top_k } else { whole(value, "top_k")? as usize };
    Sampling {
        temperature: number("temperature", off.temperature)?,
        top_k,
        top_p: number("top_p", off.top_p)?,
        min_p: number("min_p", off.min_p)?,
        repetition_penalty: number("repetition_penalty", off.repetition_penalty)?,
    }
    .checked()
}

fn attributes(value: &Value) -> Result<Attributes> {
    let field = &value["attributes"];
    let wrong = || Error::input("attributes", field, "texts by their names");
    let pairs = field.as_object().ok_or_else(wrong)?.iter();
    pairs
        .map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect::<Option<_>>()
        .ok_or_else(wrong)
}
