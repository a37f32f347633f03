//! `<pretune-data-mixture>` as the worker uses it.

use pretune::widgets::{Attributes, Progress, Widget, open};
use serde_json::{Value, json};

use crate::plain::Plain;

const TAG: &str = "pretune-data-mixture";

fn figure(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    let attributes: Attributes =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    open(TAG, &attributes, None).expect("no model to go wrong")
}

fn train(widget: &mut dyn Widget) -> Value {
    while widget.step() != Progress::Done {}
    widget.show()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn a_voice_with_a_small_share_is_guessed_badly_and_its_facts_are_not_known() {
    for seed in ["0", "1", "2"] {
        let mut widget = figure(&[("seed", seed)]);
        let frame = train(&mut *widget);
        assert_eq!(frame["step"], frame["steps"]);
        let loss = |run: usize, voice: usize| number(&frame["runs"][run]["losses"][voice]);
        // Encyclopedia and French went from 20 % to 3 % and 7 %.
        assert!(loss(1, 3) > loss(0, 3) + 0.1 && loss(1, 4) > loss(0, 4) + 0.03, "{frame}");
        // Crawl and links have the most; they lose nothing.
        assert!(loss(1, 0) < loss(0, 0) + 0.01 && loss(1, 1) < loss(0, 1) + 0.01, "{frame}");
        let knows = |run: usize, i: usize| number(&frame["runs"][run]["knows"][i]["right"]);
        assert!(knows(0, 0) >= 15.0 && knows(1, 0) < knows(0, 0), "{frame}");
        assert!((0..5).all(|voice| loss(0, voice) > number(&frame["floors"][voice]) - 0.02), "{frame}");
        // Left to itself, it says what it has read most of.
        assert!(frame["runs"][1]["said"][0].as_str().unwrap().starts_with("Hey"), "{frame}");
        assert!(
            frame["summary"].as_str().unwrap().starts_with("Encyclopedia went from 20 % of the text to 3 %")
        );
    }
}

#[test]
fn another_mixture_stands_beside_the_one_before() {
    let mut widget = figure(&[("steps", "3")]);
    let first = train(&mut *widget);
    widget.say(json!({"type": "mix", "mix": "0 0 0 0 100"})).unwrap();
    let waiting = widget.show();
    assert_eq!((&waiting["runs"][0], &waiting["fingerprint"]), (&first["runs"][1], &Value::Null));
    widget.step();
    widget.say(json!({"type": "mix", "mix": "1,1,1,1,6"})).unwrap();
    let second = train(&mut *widget);
    assert_eq!(second["runs"][0], first["runs"][1], "what was under way has left nothing");
    assert_eq!(second["runs"][1]["shares"], json!([0.1, 0.1, 0.1, 0.1, 0.6]));
    let mut straight = figure(&[("steps", "3"), ("mix", "1 1 1 1 6")]);
    assert_eq!(train(&mut *straight)["runs"][1], second["runs"][1]);
    widget.say(json!({"type": "mix", "mix": "1 1 1 1 6"})).unwrap();
    assert_eq!(widget.show(), second, "the same mixture is no other one");
}

#[test]
fn a_restored_figure_ends_with_the_same_bits() {
    let pairs = [("steps", "4"), ("mix", "10 0 5 0 1"), ("seed", "5")];
    let straight = train(&mut *figure(&pairs));
    let mut one = figure(&pairs);
    // In the middle of the second run.
    (0..13).for_each(|_| _ = one.step());
    let mut other = figure(&[]);
    other.restore(&one.snapshot()).expect("its own snapshot");
    assert_eq!(other.show()["runs"], one.show()["runs"]);
    assert_eq!(train(&mut *other), straight);
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = figure(&[("steps", "1")]);
    let before = widget.show();
    for command in [
        json!({"type": "mix", "mix": "0 0 0 0 0"}),
        json!({"type": "mix", "mix": "1 2 3 4"}),
        json!({"type": "mix", "mix": "1 2 3 4 101"}),
        json!({"type": "mix"}),
        json!({"type": "dance"}),
    ] {
        assert!(widget.say(command.clone()).expect_err("refused").is_input(), "{command}");
    }
    assert!(widget.files().is_err() && widget.open(&Vec::new()).is_err());
    let snapshot = widget.snapshot();
    assert!(widget.restore(&snapshot[..snapshot.len() / 2]).expect_err("half of it").is_input());
    assert_eq!(widget.show(), before);
    let frame = figure(&[("mix", "most"), ("mood", "good")]).show();
    let warnings = frame["warnings"].as_array().unwrap();
    let names: Vec<_> = warnings.iter().map(|w| w["attribute"].as_str().unwrap()).collect();
    assert_eq!((names, &frame["config"]["mix"]), (vec!["mix", "mood"], &json!("60 22 16 3 8")));
}

/// The frames that TypeScript checks its types against: at rest, in the middle, at the end. `UPDATE=1 cargo test` rewrites
/// them.
#[test]
fn the_golden_frames_are_reproduced() {
    let mut widget = figure(&[("steps", "5"), ("seed", "3"), ("mix", "1 2 3 4 5"), ("hue", "red")]);
    let mut frames = vec![widget.show()];
    (0..14).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    frames.push(train(&mut *widget));
    let lines: Vec<String> = frames.iter().map(Value::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/frames/data-mixture.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(expected == text, "UPDATE=1 cargo test rewrites {path}");
}
