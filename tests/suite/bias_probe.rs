//! `<pretune-bias-probe>` as the worker uses it.

use pretune::widgets::{Attributes, Progress, Widget, open};
use serde_json::{Value, json};

use crate::plain::Plain;

const TAG: &str = "pretune-bias-probe";

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
fn a_model_leans_as_its_text_and_a_careful_repair_spares_what_it_knows() {
    let mut widget = figure(&[]);
    let before = widget.show();
    assert_eq!(before["models"], json!([null, null, null]));
    assert!(number(&before["text_gap"]) > 1.8, "the text is counted before anything is trained");
    let frame = train(&mut *widget);
    assert_eq!(frame["step"], frame["steps"]);
    let [biased, targeted, naive] = [0, 1, 2].map(|i| &frame["models"][i]);
    assert!((number(&biased["slope"]) - 1.0).abs() < 0.15, "{biased}");
    assert!(number(&targeted["removed"]) > 0.7 && number(&naive["removed"]) > 0.8, "{targeted} {naive}");
    assert!(number(&targeted["certainty"]) > 0.9 && number(&naive["certainty"]) < 0.75);
    let summary = frame["summary"].as_str().unwrap();
    assert!(summary.contains("where the bias lies takes away"), "{summary}");
    assert_eq!(frame["fingerprint"].as_str().unwrap().len(), 64);
}

#[test]
fn a_restored_figure_goes_on_with_the_same_bits() {
    let pairs = [("steps", "4"), ("skew", "0.8"), ("seed", "5")];
    let straight = train(&mut *figure(&pairs));
    let mut one = figure(&pairs);
    let mut units = 0;
    while one.step() != Progress::Done {
        units += 1;
        if units % 19 == 0 {
            let mut other = figure(&[("steps", "1")]);
            other.restore(&one.snapshot()).expect("its own snapshot");
            assert_eq!(other.show(), one.show(), "after {units} units");
            one = other;
        }
    }
    assert_eq!(one.show(), straight);
    assert_ne!(
        train(&mut *figure(&[("steps", "4"), ("skew", "0.8")]))["fingerprint"],
        straight["fingerprint"]
    );
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = figure(&[("steps", "1")]);
    let before = widget.show();
    for command in
        [json!({"type": "view", "model": "fair"}), json!({"type": "view"}), json!({"type": "dance"})]
    {
        assert!(widget.say(command.clone()).expect_err("refused").is_input(), "{command}");
    }
    assert!(widget.files().is_err() && widget.open(&Vec::new()).is_err());
    let snapshot = widget.snapshot();
    assert!(widget.restore(&snapshot[..snapshot.len() / 2]).expect_err("half of it").is_input());
    assert_eq!(widget.show(), before);
}

#[test]
fn another_skew_begins_anew_and_a_bad_one_is_named() {
    let mut widget = figure(&[("steps", "1")]);
    let gap = number(&train(&mut *widget)["text_gap"]);
    widget.say(json!({"type": "configure", "attributes": {"skew": "0.6", "steps": "2"}})).unwrap();
    let frame = widget.show();
    assert_eq!((&frame["step"], &frame["config"]["steps"]), (&json!(0), &json!("2")));
    assert!(number(&frame["text_gap"]) < gap / 3.0);
    let frame = figure(&[("skew", "1"), ("steps", "1"), ("mood", "good")]).show();
    let warnings = frame["warnings"].as_array().unwrap();
    let names: Vec<_> = warnings.iter().map(|w| w["attribute"].as_str().unwrap()).collect();
    assert_eq!((names, &frame["config"]["skew"]), (vec!["mood", "skew"], &json!("0.9")));
}

#[test]
fn the_model_in_front_goes_out_as_a_folder() {
    let mut widget = figure(&[("steps", "2")]);
    train(&mut *widget);
    widget.say(json!({"type": "view", "model": "naive"})).unwrap();
    let files = widget.files().expect("it is trained");
    assert!(files.iter().any(|(name, _)| name == "model.safetensors"));
}

/// The frames that TypeScript checks its types against: at rest, in the middle, at the end. `UPDATE=1 cargo test` rewrites
/// them.
#[test]
fn the_golden_frames_are_reproduced() {
    let mut widget = figure(&[("steps", "3"), ("seed", "3"), ("hue", "red")]);
    let mut frames = vec![widget.show()];
    (0..12).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    widget.say(json!({"type": "view", "model": "targeted"})).unwrap();
    frames.push(train(&mut *widget));
    let lines: Vec<String> = frames.iter().map(Value::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/frames/bias-probe.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(expected == text, "UPDATE=1 cargo test rewrites {path}");
}
