//! `<pretune-scaling>` as the worker uses it.

use pretune::widgets::{Attributes, Progress, Widget, open};
use serde_json::{Value, json};

use crate::plain::Plain;

const TAG: &str = "pretune-scaling";

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

/// Trains sizes until so many are there.
fn sizes(widget: &mut dyn Widget, n: usize) -> Value {
    widget.say(json!({"type": "sizes", "sizes": n})).unwrap();
    train(widget)
}

#[test]
fn the_next_size_is_foretold_by_a_straight_line_through_the_smaller_ones() {
    let mut widget = figure(&[]);
    let first = sizes(&mut *widget, 4);
    assert_eq!((&first["trained"], &first["law"]["sizes"]), (&json!(4), &json!(4)));
    assert!(number(&first["law"]["r_squared"]) > 0.9 && number(&first["law"]["exponent"]) < -0.3, "{first}");
    assert_eq!(first["rungs"][4]["foretold"], Value::Null, "whoever guesses is not told beforehand");
    widget.say(json!({"type": "guess", "loss": 0.84})).unwrap();
    let guessed = widget.show();
    let foretold = number(&guessed["rungs"][4]["foretold"]);
    let second = sizes(&mut *widget, 5);
    let rung = &second["rungs"][4];
    assert_eq!([number(&rung["foretold"]), number(&rung["guess"])], [foretold, 0.84]);
    assert!((foretold / number(&rung["loss"]) - 1.0).abs() < 0.1, "{rung}");
    assert_eq!(second["law"]["sizes"], json!(4), "the line that has foretold it");
    let sums = |i: usize| number(&second["rungs"][i]["sums"]);
    assert!(sums(0) <= 0.35 && sums(4) > sums(0), "{second}");
    let summary = second["summary"].as_str().unwrap();
    assert!(summary.contains("the line foretold") && summary.contains("You had said 0.840"), "{summary}");
}

#[test]
fn a_restored_figure_goes_on_with_the_same_bits() {
    let pairs = [("sizes", "3"), ("seed", "5")];
    let straight = train(&mut *figure(&pairs));
    let mut one = figure(&pairs);
    let mut units = 0;
    while one.step() != Progress::Done {
        units += 1;
        if units % 3001 == 0 {
            let mut other = figure(&[]);
            other.restore(&one.snapshot()).expect("its own snapshot");
            assert_eq!(other.show(), one.show(), "after {units} units");
            one = other;
        }
    }
    assert!(units > 3001);
    assert_eq!(one.show(), straight);
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = figure(&[]);
    let before = widget.show();
    for command in [
        json!({"type": "sizes", "sizes": 8}),
        json!({"type": "sizes", "sizes": 2}),
        json!({"type": "guess", "loss": 0.9}),
        json!({"type": "guess"}),
        json!({"type": "dance"}),
    ] {
        assert!(widget.say(command.clone()).expect_err("refused").is_input(), "{command}");
    }
    assert!(widget.files().is_err() && widget.open(&Vec::new()).is_err());
    let snapshot = widget.snapshot();
    assert!(widget.restore(&snapshot[..snapshot.len() / 2]).expect_err("half of it").is_input());
    assert_eq!(widget.show(), before);
    let frame = figure(&[("sizes", "9"), ("mood", "good")]).show();
    let warnings = frame["warnings"].as_array().unwrap();
    let names: Vec<_> = warnings.iter().map(|w| w["attribute"].as_str().unwrap()).collect();
    assert_eq!((names, &frame["config"]["sizes"]), (vec!["mood", "sizes"], &json!("5")));
}

#[test]
fn a_guess_is_made_before_the_size_is_trained() {
    let mut widget = figure(&[("sizes", "3"), ("seed", "1")]);
    train(&mut *widget);
    let floor = number(&widget.show()["floor"]);
    for loss in [floor - 0.01, 10.0] {
        assert!(widget.say(json!({"type": "guess", "loss": loss})).is_err(), "{loss}");
    }
    widget.say(json!({"type": "guess", "loss": 1.0})).unwrap();
    widget.say(json!({"type": "guess", "loss": 0.9})).unwrap();
    widget.say(json!({"type": "sizes", "sizes": 4})).unwrap();
    widget.step();
    assert!(widget.say(json!({"type": "guess", "loss": 0.8})).is_err(), "too late");
    assert_eq!(widget.show()["rungs"][3]["guess"], json!(0.9));
}

/// The frames that TypeScript checks its types against: at rest, in the middle, at the end. `UPDATE=1 cargo test` rewrites
/// them.
#[test]
fn the_golden_frames_are_reproduced() {
    let mut widget = figure(&[("sizes", "3"), ("seed", "3"), ("hue", "red")]);
    let mut frames = vec![widget.show()];
    (0..2000).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    frames.push(train(&mut *widget));
    widget.say(json!({"type": "guess", "loss": 0.9})).unwrap();
    frames.push(widget.show());
    let lines: Vec<String> = frames.iter().map(Value::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/frames/scaling.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(expected == text, "UPDATE=1 cargo test rewrites {path}");
}
