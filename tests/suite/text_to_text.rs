//! `<pretune-text-to-text>` as the worker uses it.

use pretune::widgets::{Attributes, Progress, Widget, open};
use serde_json::{Value, json};

use crate::plain::Plain;

const TAG: &str = "pretune-text-to-text";

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

fn mean(frame: &Value, model: &str, part: usize) -> f64 {
    let tasks = frame["tasks"].as_array().unwrap();
    tasks.iter().map(|task| number(&task[model][part])).sum::<f64>() / tasks.len() as f64
}

#[test]
fn one_model_does_what_four_do_also_in_words_that_it_never_saw() {
    let mut widget = figure(&[]);
    let frame = train(&mut *widget);
    assert_eq!(frame["step"], frame["steps"]);
    let [one, unseen, apart] =
        [("one", 0), ("one", 1), ("apart", 0)].map(|(model, part)| mean(&frame, model, part));
    assert!(one > apart - 0.05 && unseen > 0.8, "{one} {unseen} {apart}");
    let asked = frame["asked"].as_array().unwrap();
    let right = asked.iter().filter(|asked| asked["one"] == asked["expected"]).count();
    assert!(right >= 3 && asked.iter().all(|asked| asked["seen"] == false), "{asked:?}");
    assert!(asked.iter().all(|asked| asked["base"] != asked["expected"]), "nobody asked the base: {asked:?}");

    // In the reader's own words.
    let text = frame["tasks"][0]["texts"][1].clone();
    widget.say(json!({"type": "ask", "wording": "translate English to French:", "text": text})).unwrap();
    let after = widget.show();
    let own = &after["asked"][0];
    assert_eq!((&own["seen"], &own["one"]), (&json!(true), &own["expected"]));
    widget.say(json!({"type": "ask", "wording": "In French", "text": text})).unwrap();
    let after = widget.show();
    assert_eq!([&after["asked"][0]["expected"], &after["asked"][0]["seen"]], [&Value::Null, &json!(false)]);
    assert!(after["asked"][0]["one"].as_str().unwrap().starts_with("Ici"));
    assert_eq!(after["asked"].as_array().unwrap().len(), 6);
    assert_eq!(widget.step(), Progress::Done, "an answer takes no learning");
}

#[test]
fn a_restored_figure_ends_with_the_same_bits() {
    let pairs = [("steps", "20"), ("seed", "5")];
    let straight = train(&mut *figure(&pairs));
    let mut one = figure(&pairs);
    let mut units = 0;
    while one.step() != Progress::Done {
        units += 1;
        if units % 521 == 70 {
            let mut other = figure(&[]);
            other.restore(&one.snapshot()).expect("its own snapshot");
            assert_eq!(
                (&other.show()["asked"], &other.show()["tasks"]),
                (&one.show()["asked"], &one.show()["tasks"])
            );
            one = other;
        }
    }
    assert!(units > 521);
    assert_eq!(one.show(), straight);
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = figure(&[("steps", "1")]);
    let before = widget.show();
    let long = "the ".repeat(30);
    for command in [
        json!({"type": "ask", "wording": "Translate this to Klingon:", "text": "Here the fox sleeps in the town."}),
        json!({"type": "ask", "wording": "Summarize:", "text": ""}),
        json!({"type": "ask", "wording": "Summarize:", "text": long}),
        json!({"type": "ask", "wording": "Summarize:"}),
        json!({"type": "dance"}),
    ] {
        assert!(widget.say(command.clone()).expect_err("refused").is_input(), "{command}");
    }
    assert!(widget.files().is_err() && widget.open(&Vec::new()).is_err());
    let snapshot = widget.snapshot();
    assert!(widget.restore(&snapshot[..snapshot.len() / 2]).expect_err("half of it").is_input());
    assert_eq!(widget.show(), before);
    let frame = figure(&[("steps", "0"), ("mood", "good")]).show();
    let warnings = frame["warnings"].as_array().unwrap();
    let names: Vec<_> = warnings.iter().map(|w| w["attribute"].as_str().unwrap()).collect();
    assert_eq!((names, &frame["config"]["steps"]), (vec!["mood", "steps"], &json!("900")));
}

#[test]
fn what_was_asked_before_anything_was_trained_is_answered_then() {
    let mut widget = figure(&[("steps", "1")]);
    let text = widget.show()["tasks"][1]["texts"][1].clone();
    widget.say(json!({"type": "ask", "wording": "Happy or sad?", "text": text})).unwrap();
    assert_eq!(widget.show()["asked"][0]["one"], Value::Null);
    let frame = train(&mut *widget);
    assert!(frame["asked"][0]["one"].is_string() && frame["asked"].as_array().unwrap().len() == 5);
}

/// The frames that TypeScript checks its types against: at rest, in the middle, at the end. `UPDATE=1 cargo test` rewrites
/// them.
#[test]
fn the_golden_frames_are_reproduced() {
    let mut widget = figure(&[("steps", "3"), ("seed", "3"), ("hue", "red")]);
    let mut frames = vec![widget.show()];
    (0..400).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    frames.push(train(&mut *widget));
    let lines: Vec<String> = frames.iter().map(Value::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/frames/text-to-text.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(expected == text, "UPDATE=1 cargo test rewrites {path}");
}
