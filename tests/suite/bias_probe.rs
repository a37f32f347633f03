//! `<pretune-bias-probe>` as the worker uses it.

use pretune::widgets::{Widget, open};
use serde_json::json;

use crate::lora_rank::attributes;
use crate::plain::{Plain, goes_on_with_the_same_bits, golden, misread, number, refuses, train};

const TAG: &str = "pretune-bias-probe";

fn figure(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    open(TAG, &attributes(pairs), None).expect("no model to go wrong")
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
    let straight = goes_on_with_the_same_bits(|| figure(&pairs), || figure(&[("steps", "1")]), 19);
    assert_ne!(
        train(&mut *figure(&[("steps", "4"), ("skew", "0.8")]))["fingerprint"],
        straight["fingerprint"]
    );
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = figure(&[("steps", "1")]);
    refuses(
        &mut *widget,
        &[json!({"type": "view", "model": "fair"}), json!({"type": "view"}), json!({"type": "dance"})],
    );
    assert!(widget.files().expect_err("nothing is trained").is_input());
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
    assert_eq!((misread(&frame), &frame["config"]["skew"]), (vec!["mood", "skew"], &json!("0.9")));
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
    golden("bias-probe", &frames);
}
