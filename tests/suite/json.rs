//! Our plain data against serde_json's: the same texts are JSON, with the same values, written alike.

use pretune::json::{Value, parse};
use proptest::prelude::*;
use serde_json::json;

use crate::plain::ours;

fn theirs(value: &Value) -> serde_json::Value {
    serde_json::from_str(&value.to_string()).expect("what we write is JSON")
}

/// Values of every kind, in each other; whole numbers up to 2⁵³, as JavaScript has them.
fn values() -> impl Strategy<Value = serde_json::Value> {
    let text = any::<String>();
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(|yes| json!(yes)),
        (-1_i64 << 53..1 << 53).prop_map(|n| json!(n)),
        (-1e9..1e9).prop_map(|n: f64| json!(n.trunc() + 0.5)),
        text.prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| json!(items)),
            prop::collection::btree_map(text, inner, 0..6).prop_map(|fields| json!(fields)),
        ]
    })
}

proptest! {
    #[test]
    fn values_come_back_from_text(value in values()) {
        prop_assert_eq!(&theirs(&ours(&value)), &value);
        prop_assert_eq!(ours(&value).to_string(), value.to_string());
        prop_assert_eq!(ours(&value).pretty(), format!("{value:#}"));
    }

    #[test]
    fn the_same_texts_are_json(text in r#"[\[\]{}",:0-9.eE+\-\\u nultrfas/]{0,12}"#) {
        let expected = serde_json::from_str::<serde_json::Value>(&text);
        prop_assert_eq!(parse(&text).is_ok(), expected.is_ok(), "{:?}", expected);
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (text, expected) in [
        ("", "1:1: the end; a value, to be JSON"),
        ("[1,\n 2,,]", "2:4: ','; a value, to be JSON"),
        ("{\"a\" 1}", "1:6: '1'; `:`, to be JSON"),
        ("[1 2]", "1:4: '2'; `,` or `]`, to be JSON"),
        ("\"é\n\"", "1:3: '\\n'; the end of the string, to be JSON"),
        ("01", "1:1: '0'; a number, to be JSON"),
    ] {
        assert_eq!(parse(text).expect_err(text).to_string(), expected);
    }
    assert!(parse(&"[".repeat(100_000)).is_err(), "deeper than any stack");
}
