//! What the reader can ask for.

use crate::json::{FromJson, Value, Wrong, field, names};
use crate::widgets::Attributes;

/// Which adapter is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adapter {
    /// The base alone.
    None,
    /// That of the rank in hand.
    First,
    /// That of the second task.
    Second,
    /// That of a file.
    Opened,
}

names!(Adapter: None = "none", First = "first", Second = "second", Opened = "opened");

/// A command; in JSON `{"type": "rank", "rank": "8"}` and so on, in snake case.
#[derive(Debug)]
pub enum Command {
    /// Every run begins anew.
    Reset,
    /// The rank in hand, as it stands on the slider.
    Rank { rank: String },
    /// The matrix whose update is shown.
    Matrix { layer: usize, module: String },
    /// The adapter that is on.
    Adapter { adapter: Adapter },
    /// Whether it is added into the weights.
    Merge { merged: bool },
    /// Other settings; every run begins anew.
    Configure { attributes: Attributes },
}

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value["type"].as_str() {
            Some("reset") => Self::Reset,
            Some("rank") => Self::Rank { rank: field(value, "rank", wrong) },
            Some("matrix") => {
                Self::Matrix { layer: field(value, "layer", wrong), module: field(value, "module", wrong) }
            }
            Some("adapter") => Self::Adapter { adapter: field(value, "adapter", wrong) },
            Some("merge") => Self::Merge { merged: field(value, "merged", wrong) },
            Some("configure") => Self::Configure { attributes: field(value, "attributes", wrong) },
            _ => {
                wrong.expected("reset, rank, matrix, adapter, merge or configure", &value["type"]);
                Self::Reset
            }
        }
    }
}
