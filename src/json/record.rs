//! Types as plain data. The macros `fields!` and `names!` are what a type needs; the traits are behind them.

use std::collections::BTreeMap;

use super::Value;
use crate::error::{Error, Result};

/// What can be written as plain data.
pub trait ToJson {
    /// As plain data.
    fn to_json(&self) -> Value;
}

/// What can be read from plain data.
///
/// A reader that meets something wrong notes it and goes on with whatever is at hand: there is one way out, in
/// [`from_json`], and not one behind every field, each of which would drop what has been read so far.
pub trait FromJson: Sized {
    /// What the value says, or anything after noting what is wrong.
    fn read(value: &Value, wrong: &mut Wrong) -> Self;
}

/// The first thing that was wrong.
#[derive(Default)]
pub struct Wrong(Option<Error>);

impl Wrong {
    /// The way out.
    ///
    /// # Errors
    ///
    /// What was noted first.
    pub fn check(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }

    /// Notes an error.
    #[cold]
    pub fn note(&mut self, error: Error) {
        self.0.get_or_insert(error);
    }

    /// Notes that something else should stand here.
    #[cold]
    #[inline(never)]
    pub fn expected(&mut self, what: &str, value: &Value) {
        let given = if value.is_null() { "nothing".to_owned() } else { excerpt(value) };
        self.note(Error::input("", given, what));
    }
}

/// The beginning of a value, for a message.
fn excerpt(value: &Value) -> String {
    const N_CHARS: usize = 60;
    let mut text = value.to_string();
    if let Some((end, _)) = text.char_indices().nth(N_CHARS) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Reads a type from plain data.
///
/// # Errors
///
/// The first field that is missing or wrong, what was given and what is allowed.
pub fn from_json<T: FromJson>(value: &Value) -> Result<T> {
    let mut wrong = Wrong::default();
    let read = T::read(value, &mut wrong);
    wrong.check().map(|()| read)
}

/// Reads a field of an object.
pub fn field<T: FromJson>(object: &Value, name: &str, wrong: &mut Wrong) -> T {
    let had_error = wrong.0.is_some();
    let value = T::read(&object[name], wrong);
    if !had_error && wrong.0.is_some() {
        wrong.0 = wrong.0.take().map(|error| error.within(name));
    }
    value
}

/// Reads a field that may be missing.
pub fn optional<T: FromJson>(object: &Value, name: &str, default: T, wrong: &mut Wrong) -> T {
    if object.get(name).is_none() { default } else { field(object, name, wrong) }
}

/// The fields of a struct, for reading and writing it, or for writing only:
///
/// ```ignore
/// fields!(Sample: step, text);
/// fields!(write Frame: step, steps, loss);
/// ```
macro_rules! fields {
    (write $type:ty: $($field:ident),+ $(,)?) => {
        impl $crate::json::ToJson for $type {
            fn to_json(&self) -> $crate::json::Value {
                // Names every field, so that none can be forgotten.
                let Self { $($field),+ } = self;
                let mut object = $crate::json::Value::Object(Vec::new());
                $( object.push(stringify!($field), $crate::json::ToJson::to_json($field)); )+
                object
            }
        }
    };
    ($type:ty: $($field:ident),+ $(,)?) => {
        $crate::json::fields!(write $type: $($field),+);
        impl $crate::json::FromJson for $type {
            fn read(value: &$crate::json::Value, wrong: &mut $crate::json::Wrong) -> Self {
                Self { $($field: $crate::json::field(value, stringify!($field), wrong)),+ }
            }
        }
    };
}

/// The names of an enum's variants, for reading and writing it:
///
/// ```ignore
/// names!(Origin: Random = "random", Base = "base");
/// ```
macro_rules! names {
    ($type:ty: $first:ident = $first_name:literal $(, $variant:ident = $name:literal)* $(,)?) => {
        impl $type {
            /// The name in plain data.
            pub fn name(self) -> &'static str {
                match self {
                    Self::$first => $first_name,
                    $( Self::$variant => $name, )*
                }
            }
        }

        impl $crate::json::ToJson for $type {
            fn to_json(&self) -> $crate::json::Value {
                $crate::json::Value::Text(self.name().to_owned())
            }
        }

        impl $crate::json::FromJson for $type {
            fn read(value: &$crate::json::Value, wrong: &mut $crate::json::Wrong) -> Self {
                match value.as_str() {
                    Some($first_name) => Self::$first,
                    $( Some($name) => Self::$variant, )*
                    _ => {
                        wrong.expected(concat!($first_name $(, ", ", $name)*), value);
                        Self::$first
                    }
                }
            }
        }
    };
}

pub(crate) use {fields, names};

macro_rules! whole {
    ($($type:ty),+) => { $(
        impl ToJson for $type {
            fn to_json(&self) -> Value {
                Value::Number(*self as f64)
            }
        }

        impl FromJson for $type {
            fn read(value: &Value, wrong: &mut Wrong) -> Self {
                value.as_u64().and_then(|n| n.try_into().ok()).unwrap_or_else(|| {
                    wrong.expected("a whole number", value);
                    0
                })
            }
        }
    )+ };
}

whole!(u32, usize);

/// All 64 bits, as a text: plain numbers are exact up to 2⁵³.
impl ToJson for u64 {
    fn to_json(&self) -> Value {
        Value::Text(self.to_string())
    }
}

impl FromJson for u64 {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| {
            wrong.expected("a whole number as a text", value);
            0
        })
    }
}

impl ToJson for bool {
    fn to_json(&self) -> Value {
        Value::Bool(*self)
    }
}

impl FromJson for bool {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        value.as_bool().unwrap_or_else(|| {
            wrong.expected("true or false", value);
            false
        })
    }
}

impl ToJson for f32 {
    fn to_json(&self) -> Value {
        Value::Single(*self)
    }
}

/// Plain data has no infinities and no NaN; they travel as null.
impl FromJson for f32 {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        f64::read(value, wrong) as f32
    }
}

impl ToJson for f64 {
    fn to_json(&self) -> Value {
        Value::Number(*self)
    }
}

/// Plain data has no infinities and no NaN; they travel as null.
impl FromJson for f64 {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value.as_f64() {
            None if !value.is_null() => {
                wrong.expected("a number", value);
                0.0
            }
            number => number.unwrap_or(f64::NAN),
        }
    }
}

impl ToJson for String {
    fn to_json(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl ToJson for &str {
    fn to_json(&self) -> Value {
        Value::Text((*self).to_owned())
    }
}

impl FromJson for String {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        value.as_str().map(str::to_owned).unwrap_or_else(|| {
            wrong.expected("a text", value);
            String::new()
        })
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_json)
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        if value.is_null() { None } else { Some(T::read(value, wrong)) }
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json(&self) -> Value {
        Value::List(self.iter().map(T::to_json).collect())
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        let items = value.as_array().unwrap_or_else(|| {
            wrong.expected("a list", value);
            &[]
        });
        items.iter().map(|item| T::read(item, wrong)).collect()
    }
}

impl<T: ToJson, const N: usize> ToJson for [T; N] {
    fn to_json(&self) -> Value {
        Value::List(self.iter().map(T::to_json).collect())
    }
}

impl<T: FromJson, const N: usize> FromJson for [T; N] {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        std::array::from_fn(|i| T::read(&value[i], wrong))
    }
}

impl<A: ToJson, B: ToJson> ToJson for (A, B) {
    fn to_json(&self) -> Value {
        Value::List(vec![self.0.to_json(), self.1.to_json()])
    }
}

impl<A: FromJson, B: FromJson> FromJson for (A, B) {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        (A::read(&value[0], wrong), B::read(&value[1], wrong))
    }
}

impl ToJson for BTreeMap<String, String> {
    fn to_json(&self) -> Value {
        let field = |(name, text): (&String, &String)| (name.clone().into(), Value::Text(text.clone()));
        Value::Object(self.iter().map(field).collect())
    }
}

impl FromJson for BTreeMap<String, String> {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        let fields = value.as_object().unwrap_or_else(|| {
            wrong.expected("texts by their names", value);
            &[]
        });
        let mut map = BTreeMap::new();
        for (name, text) in fields {
            map.insert(name.to_string(), String::read(text, wrong));
        }
        map
    }
}
