//! What the reader can ask for.

use super::judging::Choice;
use super::settings::Method;
use crate::json::{FromJson, Value, Wrong, field};
use crate::widgets::Attributes;

/// A command; in JSON `{"type": "pick", "choice": "first"}` and so on, in snake case.
#[derive(Debug)]
pub enum Command {
    /// Everything begins anew.
    Reset,
    /// Which of the two answers is better.
    Pick { choice: Choice },
    /// Takes the last pick back, or all those of the last command.
    Undo,
    /// Raters go on.
    Simulate { rater: String, n: usize },
    /// Back to the second round.
    Judge,
    /// What a nat away from the assistant costs, from the next run on.
    Leash { kl_coef: f64 },
    /// How, from the next run on.
    Method { method: Method },
    /// A run begins.
    Optimize,
    /// Another group's model.
    Other { rater: String },
    /// Other settings; everything begins anew.
    Configure { attributes: Attributes },
}

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value["type"].as_str() {
            Some("reset") => Self::Reset,
            Some("pick") => Self::Pick { choice: field(value, "choice", wrong) },
            Some("undo") => Self::Undo,
            Some("simulate") => {
                Self::Simulate { rater: field(value, "rater", wrong), n: field(value, "n", wrong) }
            }
            Some("judge") => Self::Judge,
            Some("leash") => Self::Leash { kl_coef: field(value, "kl_coef", wrong) },
            Some("method") => Self::Method { method: field(value, "method", wrong) },
            Some("optimize") => Self::Optimize,
            Some("other") => Self::Other { rater: field(value, "rater", wrong) },
            Some("configure") => Self::Configure { attributes: field(value, "attributes", wrong) },
            _ => {
                let allowed =
                    "reset, pick, undo, simulate, judge, leash, method, optimize, other or configure";
                wrong.expected(allowed, &value["type"]);
                Self::Reset
            }
        }
    }
}
