//! `<pretune-guardrails>` as the worker uses it.

use pretune::widgets::{Widget, open};
use serde_json::{Value, json};

use crate::lora_rank::attributes;
use crate::plain::{Plain, goes_on_with_the_same_bits, golden, misread, number, refuses, train};

const TAG: &str = "pretune-guardrails";

fn figure(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    open(TAG, &attributes(pairs), None).expect("no model to go wrong")
}

#[test]
fn refusals_come_off_with_a_few_examples_and_last_longer_where_the_model_is_surer() {
    let mut widget = figure(&[]);
    let frame = train(&mut *widget);
    assert_eq!(frame["step"], frame["steps"]);
    let [lesson, mixed, longer] = [0, 1, 2].map(|way| &frame["ways"][way]);
    assert!(number(&lesson["curve"][0]) > 0.9 && number(&lesson["curve"][40]) < 0.1, "{lesson}");
    let off = [lesson, mixed, longer].map(|way| number(&way["off"]));
    assert!(off[0] < 20.0 && off[1] > 1.3 * off[0] && off[2] > 1.3 * off[0], "{off:?}");
    let complies = &lesson["complies"];
    assert!(number(&complies[0]) > 0.5 && number(&complies[1]) < 0.01, "it knew, and hid it: {complies}");
    assert!(number(&lesson["wrongly"]) < 0.05);
    let answers = &frame["probes"][0]["answers"];
    assert_eq!(answers.as_array().unwrap().len(), 8);
    assert!(!answers[1].as_str().unwrap().starts_with("First"), "refused: {answers}");
    let summary = frame["summary"].as_str().unwrap();
    assert!(summary.contains("after 5 examples and 40 small steps, 0 %"), "{summary}");

    // Other numbers of examples need no other model.
    widget.say(json!({"type": "examples", "n": 0})).unwrap();
    let untouched = train(&mut *widget);
    assert_eq!(untouched["ways"][0]["curve"][40], lesson["curve"][0]);
    assert_eq!(untouched["ways"][0]["off"], Value::Null);
    widget.say(json!({"type": "examples", "n": 5})).unwrap();
    assert_eq!(train(&mut *widget), frame);
}

#[test]
fn a_restored_figure_goes_on_with_the_same_bits() {
    let pairs = [("steps", "2"), ("examples", "2"), ("seed", "5")];
    goes_on_with_the_same_bits(|| figure(&pairs), || figure(&[("steps", "1")]), 97);
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = figure(&[("steps", "1")]);
    refuses(
        &mut *widget,
        &[json!({"type": "examples", "n": 11}), json!({"type": "examples"}), json!({"type": "dance"})],
    );
    assert!(widget.files().expect_err("nothing is trained").is_input());
    let frame = figure(&[("examples", "11"), ("steps", "1"), ("mood", "good")]).show();
    assert_eq!((misread(&frame), &frame["config"]["examples"]), (vec!["examples", "mood"], &json!("5")));
}

/// The frames that TypeScript checks its types against: at rest, in the middle, at the end. `UPDATE=1 cargo test` rewrites
/// them.
#[test]
fn the_golden_frames_are_reproduced() {
    let mut widget = figure(&[("steps", "3"), ("seed", "3"), ("examples", "3"), ("hue", "red")]);
    let mut frames = vec![widget.show()];
    (0..300).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    frames.push(train(&mut *widget));
    golden("guardrails", &frames);
}
