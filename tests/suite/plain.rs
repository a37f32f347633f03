//! Widgets in serde_json's values, which tests write and compare more easily than our own; and what every figure has to do.

use pretune::error::Result;
use pretune::json::{from_json, parse};
use pretune::widgets::{Attributes, Progress, Widget};
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

/// Trains to the end.
pub fn train(widget: &mut dyn Widget) -> Value {
    while widget.step() != Progress::Done {}
    widget.show()
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The attributes that gave way to their defaults.
pub fn misread(frame: &Value) -> Vec<&str> {
    let warnings = frame["warnings"].as_array().expect("a list");
    warnings.iter().map(|warning| warning["attribute"].as_str().expect("a name")).collect()
}

/// A figure that is kept and restored every so many units, each time by `another`, shows the same as one that is not, and
/// comes to the same end.
pub fn goes_on_with_the_same_bits(
    figure: impl Fn() -> Box<dyn Widget>,
    another: impl Fn() -> Box<dyn Widget>,
    every: usize,
) -> Value {
    let straight = train(&mut *figure());
    let mut one = figure();
    let mut units = 0;
    while one.step() != Progress::Done {
        units += 1;
        if units % every == 0 {
            let mut other = another();
            other.restore(&one.snapshot()).expect("its own snapshot");
            assert_eq!(other.show(), one.show(), "after {units} units");
            one = other;
        }
    }
    assert!(units >= every, "only {units} units");
    assert_eq!(one.show(), straight);
    straight
}

/// Commands, half a snapshot and no snapshot at all are refused, and change nothing.
pub fn refuses(widget: &mut dyn Widget, commands: &[Value]) {
    let before = widget.show();
    for command in commands {
        assert!(widget.say(command.clone()).expect_err("refused").is_input(), "{command}");
    }
    let snapshot = widget.snapshot();
    for bytes in [&snapshot[..snapshot.len() / 2], b""] {
        assert!(widget.restore(bytes).expect_err("no snapshot").is_input());
    }
    assert!(widget.open(&Vec::new()).expect_err("no model").is_input());
    assert_eq!(widget.show(), before);
}
