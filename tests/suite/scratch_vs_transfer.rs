//! `<pretune-scratch-vs-transfer>` as the worker uses it.

use pretune::widgets::{Progress, Widget, open};
use serde_json::{Value, json};

use crate::lora_rank::{attributes, base};
use crate::plain::Plain;

const TAG: &str = "pretune-scratch-vs-transfer";

fn figure(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    open(TAG, &attributes(pairs), Some(base())).expect("a model of the world")
}

/// Steps until the number of labels in hand is raced.
fn race(widget: &mut dyn Widget) -> Value {
    loop {
        let frame = widget.show();
        let hand = frame["hand"].as_u64().unwrap() as usize;
        if !frame["transfer"][hand].is_null() && !frame["scratch"][hand].is_null() {
            return frame;
        }
        assert_ne!(widget.step(), Progress::Done);
    }
}

fn take(widget: &mut dyn Widget, labels: &str) {
    widget.say(json!({"type": "labels", "labels": labels})).unwrap();
}

#[test]
fn with_few_labels_the_pre_trained_model_is_far_ahead() {
    for seed in ["0", "1"] {
        let frame = race(&mut *figure(&[("seed", seed)]));
        let of = |kind: &str| frame[kind][3].as_f64().unwrap();
        assert!(
            of("transfer") >= 0.9 && of("transfer") > of("scratch") + 0.05,
            "seed {seed}: {} {}",
            of("transfer"),
            of("scratch")
        );
        assert!(frame["factor"].is_null(), "the curves are not whole");
        let summary = frame["summary"].as_str().unwrap();
        assert!(
            summary.starts_with("From the same 16 labels the pre-trained model learns to judge "),
            "{summary}"
        );
    }
}

#[test]
fn the_factor_is_read_off_whole_curves() {
    let mut widget = figure(&[]);
    while widget.step() != Progress::Done {}
    let frame = widget.show();
    assert!(frame["factor"].as_f64().unwrap() >= 8.0, "{}", frame["summary"]);
    assert_eq!(frame["step"], frame["steps"]);
    let labels = |kind: &str| frame[kind]["labels"].as_f64().unwrap();
    assert_eq!(labels("scratch_needs") / labels("transfer_needs"), frame["factor"].as_f64().unwrap());
    assert!(
        frame["transfer"][6].is_null() && frame["scratch"][2].is_null(),
        "what decides nothing is not raced"
    );
    take(&mut *widget, "4");
    let more = race(&mut *widget);
    assert!(more["scratch"][1].as_f64().unwrap() < 0.7 && more["factor"] == frame["factor"]);
    let mut again = figure(&[("seed", "7")]);
    again.restore(&widget.snapshot()).unwrap();
    assert_eq!(again.show(), widget.show());
}

#[test]
fn what_is_in_hand_is_raced_first_and_a_restored_race_ends_with_the_same_bits() {
    let mut straight = figure(&[("labels", "2")]);
    let raced = race(&mut *straight);
    assert_eq!(raced["transfer"].as_array().unwrap().iter().filter(|share| !share.is_null()).count(), 1);
    let mut one = figure(&[("labels", "2")]);
    for unit in 1..=250 {
        one.step();
        if unit % 50 == 0 {
            let mut other = figure(&[]);
            other.restore(&one.snapshot()).expect("its own snapshot");
            assert_eq!(other.show()["transfer"], one.show()["transfer"], "after {unit} units");
            one = other;
        }
    }
    let shares = |frame: &Value| (frame["transfer"][0].clone(), frame["scratch"][0].clone());
    assert_eq!(shares(&race(&mut *one)), shares(&raced));
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = figure(&[]);
    (0..5).for_each(|_| _ = widget.step());
    let before = widget.show();
    for command in
        [json!({"type": "labels", "labels": "3"}), json!({"type": "labels"}), json!({"type": "dance"})]
    {
        assert!(widget.say(command.clone()).expect_err("refused").is_input(), "{command}");
    }
    assert!(widget.files().expect_err("none is kept").is_input());
    let snapshot = widget.snapshot();
    for bytes in [&snapshot[..snapshot.len() / 2], b"", base()] {
        assert!(widget.restore(bytes).expect_err("not a snapshot of this figure").is_input());
    }
    assert_eq!(widget.show(), before);
    let frame = figure(&[("labels", "1000"), ("colour", "red"), ("class", "wide")]).show();
    let names: Vec<_> =
        frame["warnings"].as_array().unwrap().iter().map(|w| w["attribute"].as_str().unwrap()).collect();
    assert_eq!(names, ["colour", "labels"]);
    assert_eq!(frame["config"], json!({"labels": "16", "seed": "0"}));
}

/// The frames that TypeScript checks its types against. `UPDATE=1 cargo test` rewrites them.
#[test]
fn the_golden_frames_are_reproduced() {
    let mut widget = open(TAG, &attributes(&[("labels", "2"), ("seed", "3"), ("hue", "red")]), None).unwrap();
    let mut frames = vec![widget.show()];
    (0..40).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    frames.push(race(&mut *widget));
    crate::plain::golden("scratch-vs-transfer", &frames);
}
