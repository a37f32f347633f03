//! `<pretune-memorization>` as the worker uses it.

use pretune::widgets::{Attributes, Progress, Widget, open};
use serde_json::{Value, json};

use crate::plain::Plain;

const TAG: &str = "pretune-memorization";

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
fn what_stands_often_is_given_away_and_unlearning_leaves_more_than_training_anew() {
    let mut widget = figure(&[]);
    let frame = train(&mut *widget);
    assert_eq!(frame["step"], frame["steps"]);
    let level = |i: usize, what: &str| number(&frame["levels"][i][what]);
    assert!(level(7, "extracted") >= 0.8 && (0..4).all(|i| level(i, "extracted") == 0.0));
    assert!(level(7, "exposure") > 12.0 && level(0, "exposure") < 5.0);
    let [read, unlearned, relearned, anew, taught] = [0, 1, 2, 3, 4].map(|i| &frame["models"][i]);
    assert_eq!(read["target"]["extracted"], true);
    assert!(number(&unlearned["target"]["probability"]) <= 1e-4, "no likelier than a guess: {unlearned}");
    let [left, never] = [unlearned, anew].map(|model| number(&model["target"]["exposure"]));
    assert!(left > never, "{left} bits are left, {never} where it was never read");
    assert!(number(&unlearned["neighbors"]) < number(&read["neighbors"]));
    assert!(number(&relearned["steps"]) <= number(&taught["steps"]), "{relearned} {taught}");
    assert_eq!(
        (&relearned["target"]["extracted"], &taught["target"]["extracted"]),
        (&json!(true), &json!(true))
    );
    let shown = frame["shown"].as_array().unwrap();
    assert_eq!(shown[7]["said"][0], shown[7]["code"]);
    assert_ne!(shown[7]["said"][1], shown[7]["code"]);
    assert!(frame["summary"].as_str().unwrap().contains("of 13.3 bits"));

    // Another way to unlearn needs no other reading, and brings the same back when it is undone.
    widget.say(json!({"type": "forget", "secret": 1, "keep": "others"})).unwrap();
    let kept = train(&mut *widget);
    assert_eq!(kept["models"][3], frame["models"][3]);
    assert!(number(&kept["models"][1]["neighbors"]) > number(&unlearned["neighbors"]));
    widget.say(json!({"type": "forget", "secret": 1, "keep": "nothing"})).unwrap();
    let again = train(&mut *widget);
    assert_eq!([&again["models"], &again["fingerprint"]], [&frame["models"], &frame["fingerprint"]]);
}

#[test]
fn a_restored_figure_goes_on_with_the_same_bits() {
    let pairs = [("steps", "2"), ("forget", "3"), ("keep", "others"), ("seed", "5")];
    let straight = train(&mut *figure(&pairs));
    let mut one = figure(&pairs);
    let mut units = 0;
    while one.step() != Progress::Done {
        units += 1;
        if units % 211 == 0 {
            let mut other = figure(&[("steps", "1")]);
            other.restore(&one.snapshot()).expect("its own snapshot");
            assert_eq!(other.show(), one.show(), "after {units} units");
            one = other;
        }
    }
    assert_eq!(one.show(), straight);
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = figure(&[("steps", "1")]);
    let before = widget.show();
    for command in [
        json!({"type": "forget", "secret": 6, "keep": "nothing"}),
        json!({"type": "forget", "secret": 1, "keep": "all"}),
        json!({"type": "forget"}),
        json!({"type": "dance"}),
    ] {
        assert!(widget.say(command.clone()).expect_err("refused").is_input(), "{command}");
    }
    assert!(widget.files().is_err() && widget.open(&Vec::new()).is_err());
    let snapshot = widget.snapshot();
    assert!(widget.restore(&snapshot[..snapshot.len() / 2]).expect_err("half of it").is_input());
    assert_eq!(widget.show(), before);
    let frame = figure(&[("forget", "0"), ("steps", "1"), ("mood", "good")]).show();
    let warnings = frame["warnings"].as_array().unwrap();
    let names: Vec<_> = warnings.iter().map(|w| w["attribute"].as_str().unwrap()).collect();
    assert_eq!((names, &frame["config"]["forget"]), (vec!["forget", "mood"], &json!("1")));
}

/// The frames that TypeScript checks its types against: at rest, in the middle, at the end. `UPDATE=1 cargo test` rewrites
/// them.
#[test]
fn the_golden_frames_are_reproduced() {
    let mut widget = figure(&[("steps", "3"), ("seed", "3"), ("keep", "others"), ("hue", "red")]);
    let mut frames = vec![widget.show()];
    (0..500).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    frames.push(train(&mut *widget));
    let lines: Vec<String> = frames.iter().map(Value::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/frames/memorization.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(expected == text, "UPDATE=1 cargo test rewrites {path}");
}
