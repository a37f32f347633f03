//! Widgets in serde_json's values, which tests write and compare more easily than our own.

use pretune::error::Result;
use pretune::json::{from_json, parse};
use pretune::widgets::{Attributes, Widget};
use serde_json::Value;

/// Our own plain data of serde_json's.
pub fn ours(value: &Value) -> pretune::json::Value {
    parse(&value.to_string()).expect("serde_json writes JSON")
}

/// The attributes of a tag.
pub fn attributes(value: &Value) -> Attributes {
    from_json(&ours(value)).expect("texts by their names")
}

pub trait Plain {
    /// [`Widget::command`]
    fn say(&mut self, command: Value) -> Result<()>;
    /// [`Widget::frame`]
    fn show(&mut self) -> Value;
}

impl<W: Widget + ?Sized> Plain for W {
    fn say(&mut self, command: Value) -> Result<()> {
        self.command(&ours(&command))
    }

    fn show(&mut self) -> Value {
        serde_json::to_value(self.frame()).expect("plain data")
    }
}

/// Compares frames with `tests/frames/<name>.json`, against which TypeScript checks its types. `UPDATE=1 cargo test`
/// rewrites them.
pub fn golden(name: &str, frames: &[Value]) {
    let lines: Vec<String> = frames.iter().map(Value::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let path = format!("{}/tests/frames/{name}.json", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == text, "UPDATE=1 cargo test rewrites {path}");
}
