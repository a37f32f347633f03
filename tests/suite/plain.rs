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
