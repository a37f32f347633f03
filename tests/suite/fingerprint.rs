//! The weights after 200 seeded steps, which are the same on every target. `tests/browser` holds Node and
//! Chromium against the same file.

use pretune::widgets::{Attributes, open};
use serde_json::{Value, json};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/fingerprints.json");

fn cases() -> Vec<Value> {
    let text = "All happy families are alike; every unhappy family is unhappy in its own way.\n".repeat(40);
    let own =
        |tokenizer: &str| json!({"type": "corpus", "name": "own", "text": text, "tokenizer": tokenizer});
    let case = |name: &str, attributes: Value, commands: Vec<Value>| json!({"name": name, "attributes": attributes, "commands": commands, "fingerprint": Value::Null});
    vec![
        case("the default model", json!({"seed": "5", "steps": "200"}), vec![]),
        case(
            "odd sizes",
            json!({"seed": "11", "steps": "200", "n-embd": "27", "n-head": "3", "n-layer": "3", "block-size": "13", "batch-size": "5"}),
            vec![],
        ),
        case("characters", json!({"seed": "2", "steps": "200", "block-size": "24"}), vec![own("char")]),
        case(
            "byte pairs",
            json!({"seed": "2", "steps": "200", "block-size": "24", "vocab-size": "300"}),
            vec![own("bpe")],
        ),
    ]
}

fn fingerprint(case: &Value) -> Value {
    let attributes: Attributes = serde_json::from_value(case["attributes"].clone()).expect("strings");
    let mut widget = open("pretune-next-token", &attributes, None).expect("no checkpoint");
    for command in case["commands"].as_array().expect("a list") {
        widget.command(command.clone()).expect("a good command");
    }
    while widget.step() {}
    widget.frame()["fingerprint"].clone()
}

#[test]
fn golden_fingerprints_are_reproduced() {
    let mut cases = cases();
    for case in &mut cases {
        case["fingerprint"] = fingerprint(case);
    }
    let cases = serde_json::to_string_pretty(&cases).expect("JSON") + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(FILE, &cases).expect("a writable file");
    }
    let golden = std::fs::read_to_string(FILE).unwrap_or_default();
    assert_eq!(golden, cases, "a change of bits is a decision: UPDATE=1 cargo test rewrites {FILE}");
}
