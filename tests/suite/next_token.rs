//! `<pretune-next-token>` as the worker uses it.

use pretune::widgets::{Attributes, Progress, Widget, open};
use serde_json::{Value, json};

use crate::plain::Plain;

const TAG: &str = "pretune-next-token";

fn attributes(pairs: &[(&str, &str)]) -> Attributes {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A run that is small enough for a test and still learns something.
fn small(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    let mut all = attributes(&[("n-embd", "32"), ("n-layer", "1"), ("steps", "60"), ("warmup-iters", "5")]);
    all.extend(attributes(pairs));
    open(TAG, &all, None).expect("no checkpoint")
}

fn train(widget: &mut dyn Widget) -> Value {
    while widget.step() != Progress::Done {}
    widget.show()
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
    let fingerprint = |seed| train(&mut *small(&[("seed", seed)]))["fingerprint"].as_str().map(str::to_owned);
    let first = fingerprint("7").expect("a complete run has a fingerprint");
    assert_eq!(fingerprint("7"), Some(first.clone()));
    assert_ne!(fingerprint("8"), Some(first));
}

#[test]
fn a_run_learns() {
    let frame = train(&mut *small(&[]));
    let (loss, ceiling) = (frame["val_loss"].as_f64().unwrap(), frame["ceiling"].as_f64().unwrap());
    let floor = frame["floor"].as_f64().unwrap();
    assert!(floor < loss && loss < 0.6 * ceiling, "{floor} < {loss} < {ceiling}");
    assert_eq!(frame["step"], 60);
    assert!(frame["samples"].as_array().unwrap().len() >= 2, "early and late samples");
}

#[test]
fn a_restored_run_goes_on_with_the_same_bits() {
    let mut one = small(&[]);
    for _ in 0..37 {
        one.step();
    }
    let snapshot = one.snapshot();
    let expected = train(&mut *one);
    let mut other = open(TAG, &Attributes::new(), None).unwrap();
    other.restore(&snapshot).expect("its own snapshot");
    assert_eq!(train(&mut *other), expected);
}

#[test]
fn a_broken_snapshot_is_an_error_and_changes_nothing() {
    let mut widget = small(&[]);
    let before = widget.show();
    let snapshot = widget.snapshot();
    for bytes in [&snapshot[..snapshot.len() / 2], b"", b"not a snapshot"] {
        assert!(widget.restore(bytes).expect_err("broken").is_input());
    }
    assert_eq!(widget.show(), before);
}

#[test]
fn a_bad_attribute_gives_way_to_its_default_and_is_named() {
    let frame = small(&[("n-head", "0"), ("colour", "red"), ("class", "wide")]).show();
    let warnings = frame["warnings"].as_array().unwrap();
    let names: Vec<_> = warnings.iter().map(|w| w["attribute"].as_str().unwrap()).collect();
    assert_eq!(names, ["colour", "n-head"]);
    assert_eq!(frame["config"]["n-head"], "4");
}

#[test]
fn the_readers_text_is_learned_with_each_tokenizer() {
    let text = "the cat sat on the mat and the dog sat on the log. ".repeat(60);
    for tokenizer in ["char", "word", "bpe"] {
        let mut widget = small(&[("block-size", "16"), ("learning-rate", "0.02")]);
        let command = json!({"type": "corpus", "name": "cats.txt", "text": text, "tokenizer": tokenizer});
        widget.say(command).expect("long enough");
        let frame = train(&mut *widget);
        assert_eq!((&frame["corpus"], &frame["tokenizer"]), (&json!("cats.txt"), &json!(tokenizer)));
        assert_eq!(frame["floor"], Value::Null);
        assert!(frame["val_loss"].as_f64().unwrap() < 2.0, "{tokenizer}: {}", frame["val_loss"]);
        let mut other = small(&[]);
        other.restore(&widget.snapshot()).expect("the text is kept");
        assert_eq!(other.show(), frame);
    }
}

#[test]
fn a_text_too_short_is_refused_and_the_run_goes_on() {
    let mut widget = small(&[]);
    let before = widget.show();
    let command = json!({"type": "corpus", "name": "x", "text": "too short", "tokenizer": "char"});
    let message = widget.say(command).expect_err("too short").to_string();
    assert!(message.contains("9 tokens") && message.contains("at least"), "{message}");
    assert_eq!(widget.show(), before);
}

#[test]
fn sampling_says_what_each_cut_removes() {
    let mut widget = small(&[]);
    train(&mut *widget);
    widget.say(json!({"type": "prompt", "text": "The capital of"})).unwrap();
    let sampling = json!({"type": "sampling", "temperature": 0.5, "top_k": 3, "top_p": 1.0, "min_p": 0.0, "repetition_penalty": 1.0});
    widget.say(sampling).unwrap();
    let frame = widget.show();
    assert_eq!(frame["n_kept"], 3);
    let next = frame["next"].as_array().unwrap();
    assert!(next[..3].iter().all(|c| c["removed_by"].is_null()));
    assert!(next[3..].iter().all(|c| c["removed_by"] == "top_k" && c["p_sampled"] == 0.0));
    let kept: f64 = next[..3].iter().map(|c| c["p_sampled"].as_f64().unwrap()).sum();
    assert!((kept - 1.0).abs() < 1e-5);
    assert!(widget.say(json!({"type": "sampling", "temperature": -1.0})).is_err());
}

#[test]
fn a_prompt_grows_by_clicks_and_by_generation() {
    let mut widget = small(&[]);
    widget.say(json!({"type": "prompt", "text": "The quick"})).unwrap();
    let id = widget.show()["next"][0]["id"].clone();
    widget.say(json!({"type": "append", "id": id})).unwrap();
    assert_eq!(widget.show()["prompt"]["tokens"].as_array().unwrap().len(), 3);
    widget.say(json!({"type": "generate", "max_new_tokens": 5})).unwrap();
    let frame = widget.show();
    let n_new = frame["generated"].as_array().unwrap().len();
    assert_eq!(frame["prompt"]["tokens"].as_array().unwrap().len(), 3 + n_new);
    assert!(widget.say(json!({"type": "append", "id": 1_000_000})).is_err());
    assert!(widget.say(json!({"type": "dance"})).is_err());
}

#[test]
fn an_exported_model_opens_again_with_the_same_answers() {
    let mut widget = small(&[]);
    train(&mut *widget);
    let files = widget.files().expect("a folder");
    let mut other = open(TAG, &Attributes::new(), None).unwrap();
    other.open(&files).expect("our own folder");
    let (mut a, mut b) = (widget.show(), other.show());
    assert_eq!(b["origin"], "imported");
    assert_eq!(a["next"].take(), b["next"].take());
    assert_eq!(a["examples"].take(), b["examples"].take());
}

/// The frame that TypeScript checks its types against. `UPDATE=1 cargo test` rewrites it.
#[test]
fn the_golden_frame_is_reproduced() {
    let mut widget = small(&[("seed", "3")]);
    train(&mut *widget);
    widget.say(json!({"type": "generate", "max_new_tokens": 4})).unwrap();
    let frame = serde_json::to_string_pretty(&widget.show()).unwrap() + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/frames/next-token.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &frame).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(path).unwrap_or_default(),
        frame,
        "UPDATE=1 cargo test rewrites {path}"
    );
}
