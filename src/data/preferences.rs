//! Comparisons of two completions, and the file that they travel in: one JSON object a line, as TRL reads it.
//!
//! Nothing here knows who compared and why. Start with [`to_jsonl`].
//!
//! Source: TRL, "Dataset formats and types", the standard preference format with an explicit prompt.

use super::MAX_TEXT_BYTES;
use crate::error::{Error, Result};
use crate::json::{ToJson, Value, fields, from_json, parse};

/// The most comparisons that a file is read to.
pub const MAX_PREFERENCES: usize = 10_000;
/// The longest prompt or completion in such a file.
pub const MAX_FIELD_BYTES: usize = 16 << 10;

/// Which one of two completions someone preferred. Prompt and completion are joined as they are, so a completion
/// begins with its space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preference {
    /// What both complete.
    pub prompt: String,
    /// The better one.
    pub chosen: String,
    /// The other one.
    pub rejected: String,
}

fields!(Preference: prompt, chosen, rejected);

/// Writes `{"prompt": …, "chosen": …, "rejected": …}`, one a line.
pub fn to_jsonl(preferences: &[Preference]) -> String {
    preferences.iter().map(|preference| preference.to_json().to_string() + "\n").collect()
}

/// Reads what [`to_jsonl`] or any other program wrote. Empty lines and further fields are passed over.
///
/// # Errors
///
/// If the text is longer than [`MAX_TEXT_BYTES`] or holds more than [`MAX_PREFERENCES`]; if a line is no such
/// object, has a text longer than [`MAX_FIELD_BYTES`], or prefers a completion to itself. The message says which line.
pub fn from_jsonl(text: &str) -> Result<Vec<Preference>> {
    if text.len() > MAX_TEXT_BYTES {
        let allowed = format!("at most {} MiB", MAX_TEXT_BYTES >> 20);
        return Err(Error::input("preferences", format!("a file of {} bytes", text.len()), allowed));
    }
    let mut preferences = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let at = format!("preferences:{}", i + 1);
        if preferences.len() == MAX_PREFERENCES {
            let allowed = format!("at most {MAX_PREFERENCES} comparisons in a file");
            return Err(Error::input(at, "one more comparison", allowed));
        }
        let Ok(value) = parse(line) else {
            // With the lines before it, the place that the parser names is the one in the file.
            let padded = "\n".repeat(i) + line;
            return Err(parse(&padded).expect_err("it is no JSON").within("preferences"));
        };
        preferences.push(read_line(&value).map_err(|error| error.within(&at))?);
    }
    Ok(preferences)
}

fn read_line(value: &Value) -> Result<Preference> {
    if value.as_object().is_none() {
        let allowed = "an object {\"prompt\": …, \"chosen\": …, \"rejected\": …} on each line";
        return Err(Error::input("", kind_of(value), allowed));
    }
    let preference: Preference = from_json(value)?;
    let Preference { prompt, chosen, rejected } = &preference;
    for (name, text) in [("prompt", prompt), ("chosen", chosen), ("rejected", rejected)] {
        if text.len() > MAX_FIELD_BYTES {
            let allowed = format!("at most {MAX_FIELD_BYTES} bytes");
            return Err(Error::input(name, format!("a text of {} bytes", text.len()), allowed));
        }
    }
    if chosen == rejected {
        let allowed = "two different completions; leave out comparisons that were a tie";
        return Err(Error::input("", "chosen and rejected are the same", allowed));
    }
    Ok(preference)
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) | Value::Single(_) => "a number",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Object(_) => "an object",
    }
}
