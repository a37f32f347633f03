//! YAML as plain values with their places, read within a tight budget.
//!
//! Knows nothing of lessons. Start with [`entries`].

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use std::fmt;

/// A value of the kinds that front matter uses.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    Integer(i64),
    List(Vec<Value>),
    Map(Vec<Entry>),
    /// Anything else, in words for a message: `true`, `null`, `1.5`.
    Other(String),
}

/// One `key: value` and the byte offsets of both in the YAML text.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key: String,
    pub key_offset: usize,
    pub value: Value,
    pub value_offset: usize,
}

/// The entries of a YAML map in the order of the text; of an empty text, none.
///
/// # Errors
///
/// The byte offset and the parser's words when `text` is not a map or breaks the budget.
pub fn entries(text: &str) -> Result<Vec<Entry>, (usize, String)> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let options = serde_saphyr::options! {
        // Front matter is a page of text: a block that needs more is a mistake or an attack.
        budget: serde_saphyr::budget! {
            max_events: 2_000,
            max_nodes: 1_000,
            max_depth: 8,
            max_documents: 1,
            max_total_scalar_bytes: 64 * 1024,
            max_aliases: 0,
            max_anchors: 0,
        },
        strict_booleans: true,
        with_snippet: false,
    };
    let located: Result<Map, _> = serde_saphyr::from_str_with_options(text, options);
    match located {
        Ok(Map(entries)) => Ok(entries.into_iter().map(|e| e.locate(text)).collect()),
        Err(error) => {
            let offset = error.location().map_or(0, |l| offset_of(text, &l));
            let message = error.without_snippet().to_string();
            // The place is said by the caller, in the lines of the whole file.
            let message = message.split(" at line ").next().unwrap_or_default().to_owned();
            Err((offset, message))
        }
    }
}

/// Byte offset of a location, whose line and column count characters from 1.
fn offset_of(text: &str, location: &serde_saphyr::Location) -> usize {
    let line = (location.line() as usize).saturating_sub(1);
    let column = (location.column() as usize).saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text[start..].split('\n').next().unwrap_or_default();
    start + rest.char_indices().nth(column).map_or(rest.len(), |(i, _)| i)
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => write!(f, "{text:?}"),
            Value::Integer(number) => write!(f, "{number}"),
            Value::List(_) => f.write_str("a list"),
            Value::Map(_) => f.write_str("a map"),
            Value::Other(words) => f.write_str(words),
        }
    }
}

/// A map as it comes from the parser: places are lines and columns still.
struct Map(Vec<LocatedEntry>);

struct LocatedEntry {
    key: Spanned<String>,
    value: Spanned<Raw>,
}

/// A [`Value`] whose maps are not located yet.
enum Raw {
    Plain(Value),
    List(Vec<Raw>),
    Map(Map),
}

impl LocatedEntry {
    fn locate(self, text: &str) -> Entry {
        Entry {
            key_offset: offset_of(text, &self.key.referenced),
            key: self.key.value,
            value_offset: offset_of(text, &self.value.referenced),
            value: self.value.value.locate(text),
        }
    }
}

impl Raw {
    fn locate(self, text: &str) -> Value {
        match self {
            Raw::Plain(value) => value,
            Raw::List(items) => Value::List(items.into_iter().map(|i| i.locate(text)).collect()),
            Raw::Map(Map(entries)) => Value::Map(entries.into_iter().map(|e| e.locate(text)).collect()),
        }
    }
}

impl<'de> Deserialize<'de> for Map {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Map;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a map of fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Map, A::Error> {
                map_entries(map)
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

fn map_entries<'de, A: MapAccess<'de>>(mut map: A) -> Result<Map, A::Error> {
    let mut entries = Vec::new();
    while let Some(key) = map.next_key()? {
        entries.push(LocatedEntry { key, value: map.next_value()? });
    }
    Ok(Map(entries))
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Raw;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a text, a number, a list or a map")
            }

            fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
                Ok(Raw::Plain(Value::Text(text.to_owned())))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
                Ok(Raw::Plain(Value::Integer(number)))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
                Ok(Raw::Plain(i64::try_from(number).map_or(Value::Other(number.to_string()), Value::Integer)))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Raw, E> {
                Ok(Raw::Plain(Value::Other(number.to_string())))
            }

            fn visit_bool<E>(self, yes: bool) -> Result<Raw, E> {
                Ok(Raw::Plain(Value::Other(yes.to_string())))
            }

            fn visit_unit<E>(self) -> Result<Raw, E> {
                Ok(Raw::Plain(Value::Other("nothing".to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Raw::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Raw, A::Error> {
                map_entries(map).map(Raw::Map)
            }

            fn visit_bytes<E>(self, _: &[u8]) -> Result<Raw, E> {
                Ok(Raw::Plain(Value::Other("binary data".to_owned())))
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
                IgnoredAny::deserialize(deserializer)?;
                Ok(Raw::Plain(Value::Other("a tagged value".to_owned())))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_kind_and_place() {
        let text = "title: \"Ä: b\"\npubDate: 2024-01-20\norder: 10\ntags: [a, \"b\"]\n";
        let entries = entries(text).unwrap();
        let value = |key: &str| entries.iter().find(|e| e.key == key).map(|e| e.value.clone()).unwrap();
        assert_eq!(value("title"), Value::Text("Ä: b".to_owned()));
        assert_eq!(value("pubDate"), Value::Text("2024-01-20".to_owned()));
        assert_eq!(value("order"), Value::Integer(10));
        assert_eq!(value("tags"), Value::List(vec![Value::Text("a".into()), Value::Text("b".into())]));
        assert_eq!(entries[2].key_offset, text.find("order").unwrap());
        assert_eq!(entries[2].value_offset, text.find("10\n").unwrap());
    }

    #[test]
    fn a_bomb_breaks_the_budget_and_not_the_machine() {
        let bomb = format!("a: {}x{}\n", "[".repeat(5_000), "]".repeat(5_000));
        assert!(entries(&bomb).is_err());
        assert!(entries("a: &x [1]\nb: *x\n").is_err(), "anchors have no use here");
        assert!(entries("a: 1\na: 2\n").is_err(), "a field is given once");
        assert!(entries("- a\n").is_err(), "a list is not a map");
    }
}
