//! Plain data: what commands, frames, snapshots and the JSON files around a model are made of.
//!
//! Knows values and text, and nothing of what they mean. A type becomes plain data by one line, `fields!` for a
//! struct and `names!` for an enum. Start with [`Value`]; [`parse()`] and `Display` are the way in and out as text.
//!
//! By hand, because every reader downloads it: serde's derived readers and serde_json's tables of floating-point
//! numbers weighed more than all the arithmetic, and the small JSON crates bring as much or round numbers wrongly.
//! `tests/suite/json.rs` holds it against serde_json.

mod decimal;
mod parse;
mod record;
mod write;

use std::borrow::Cow;
use std::ops::Index;

pub use decimal::{fixed, parse_number, shortest, shortest_f32};
pub use parse::parse;
pub use record::{FromJson, ToJson, Wrong, field, from_json, optional};
pub(crate) use record::{fields, names};

/// A piece of plain data.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing, and what stands for a number that is not finite.
    Null,
    /// True or false.
    Bool(bool),
    /// A number, whole up to 2⁵³.
    Number(f64),
    /// A number of single precision, written with as many digits as that needs.
    Single(f32),
    /// A text.
    Text(String),
    /// Values in their order.
    List(Vec<Value>),
    /// Values with names, in their order. Of equal names the last one counts.
    Object(Vec<(Name, Value)>),
}

/// The name of a value in an object.
pub type Name = Cow<'static, str>;

static NULL: Value = Value::Null;

impl Value {
    /// An object of the given fields.
    pub fn object(fields: Vec<(&'static str, Value)>) -> Self {
        Self::Object(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// Whether there is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The bool, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(yes) = self { Some(*yes) } else { None }
    }

    /// The number, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Single(number) => Some(f64::from(*number)),
            _ => None,
        }
    }

    /// The number, if it is whole and neither negative nor beyond 2⁵³.
    pub fn as_u64(&self) -> Option<u64> {
        let number = self.as_f64()?;
        let whole = number as u64;
        (whole as f64 == number && whole <= 1 << 53).then_some(whole)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The list, if it is one.
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    /// The fields, if it is an object.
    pub fn as_object(&self) -> Option<&[(Name, Value)]> {
        if let Self::Object(fields) = self { Some(fields) } else { None }
    }

    /// The field of a name, if it is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_object()?.iter().rev().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    /// Adds a field at the end.
    ///
    /// # Panics
    ///
    /// If it is no object.
    #[inline(never)]
    pub fn push(&mut self, name: impl Into<Name>, value: Value) {
        let Self::Object(fields) = self else { panic!("push: not an object") };
        fields.push((name.into(), value));
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

/// The field of that name; null if there is none.
impl Index<&str> for Value {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&NULL)
    }
}

/// The item of that number; null if there is none.
impl Index<usize> for Value {
    type Output = Value;

    fn index(&self, i: usize) -> &Value {
        self.as_array().and_then(|items| items.get(i)).unwrap_or(&NULL)
    }
}

/// For the browser's plain data, which serde-wasm-bindgen makes.
impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Null => to.serialize_unit(),
            Self::Bool(yes) => to.serialize_bool(*yes),
            Self::Number(number) if !number.is_finite() => to.serialize_unit(),
            Self::Single(number) if !number.is_finite() => to.serialize_unit(),
            Self::Number(number) => match self.as_u64() {
                Some(whole) if number.is_sign_positive() => to.serialize_u64(whole),
                _ => to.serialize_f64(*number),
            },
            Self::Single(number) => to.serialize_f64(f64::from(*number)),
            Self::Text(text) => to.serialize_str(text),
            Self::List(items) => to.collect_seq(items),
            Self::Object(fields) => to.collect_map(fields.iter().map(|(name, value)| (name.as_ref(), value))),
        }
    }
}
