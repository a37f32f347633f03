//! `<pretune-forgetting>` as the worker uses it.

use pretune::widgets::{Attributes, Progress, Widget, open};
use serde_json::{Value, json};

use crate::lora_rank::{attributes, base};
use crate::plain::Plain;

const TAG: &str = "pretune-forgetting";

fn figure(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    open(TAG, &attributes(pairs), Some(base())).expect("a model of the world")
}

fn train(widget: &mut dyn Widget) -> Value {
    while widget.step() != Progress::Done {}
    widget.show()
}

fn run<'a>(frame: &'a Value, remedies: &str) -> &'a Value {
    let runs = frame["runs"].as_array().unwrap();
    runs.iter().find(|run| run["remedies"] == remedies).unwrap_or_else(|| panic!("no run {remedies}"))
}

#[test]
fn careless_fine_tuning_forgets_the_capitals_and_remedies_keep_them() {
    for seed in ["0", "1"] {
        let frame = train(&mut *figure(&[("seed", seed)]));
        let kept = |remedies| run(&frame, remedies)["right"]["kept"].as_u64().unwrap();
        let before = frame["base"]["kept"].as_u64().unwrap();
        assert!(2 * kept("none") <= before, "seed {seed}: {} of {before}", kept("none"));
        for remedy in ["low-rate", "ewc", "lora"] {
            assert!(5 * kept(remedy) >= 4 * before, "seed {seed}, {remedy}: {} of {before}", kept(remedy));
            assert!(run(&frame, remedy)["right"]["learned"].as_u64() >= Some(11), "seed {seed}, {remedy}");
        }
        assert_eq!(
            (&frame["step"], &frame["answers"][0]["right"]),
            (&frame["steps"], &json!(false)),
            "Paris"
        );
        assert_eq!(frame["moments"], json!([0, 1, 2, 5, 10, 20, 40, 60]));
        assert!(
            frame["summary"]
                .as_str()
                .unwrap()
                .starts_with("Fine-tuned on medicine with no remedy, it answers ")
        );
    }
}

#[test]
fn what_is_in_hand_is_made_first_and_all_others_stay() {
    let mut widget = figure(&[("steps", "3"), ("remedies", "lora")]);
    let first = |widget: &mut dyn Widget| loop {
        widget.step();
        let frame = widget.show();
        let done = frame["runs"].as_array().unwrap().iter().find(|run| run["done"] == true);
        if let Some(run) = done {
            return run["remedies"].clone();
        }
    };
    assert_eq!(first(&mut *widget), "lora");
    widget.say(json!({"type": "remedies", "remedies": "replay-4 low-rate"})).unwrap();
    let frame = widget.show();
    assert_eq!((&frame["hand"], &frame["config"]["remedies"]), (&json!(6), &json!("low-rate replay-4")));
    let frame = train(&mut *widget);
    assert!(frame["runs"].as_array().unwrap().iter().all(|run| run["done"] == true));
    assert_eq!(frame["moments"], json!([0, 1, 2, 3]), "the end is a moment, whatever it is");
    let trained = frame["fingerprint"].clone();
    widget.say(json!({"type": "remedies", "remedies": "none"})).unwrap();
    let frame = widget.show();
    assert!(frame["fingerprint"].is_string() && frame["fingerprint"] != trained, "of the run in hand");
    assert_eq!(widget.step(), Progress::Done);
}

#[test]
fn a_restored_figure_ends_with_the_same_bits() {
    let straight = train(&mut *figure(&[("steps", "3"), ("remedies", "ewc low-rate")]));
    let mut one = figure(&[("steps", "3"), ("remedies", "ewc low-rate")]);
    for unit in 1..=160 {
        one.step();
        if unit % 40 == 0 {
            let finished = |frame: Value| {
                frame["runs"].as_array().unwrap().iter().map(|r| r["right"].clone()).collect::<Vec<_>>()
            };
            let mut other = figure(&[("seed", "5")]);
            other.restore(&one.snapshot()).expect("its own snapshot");
            assert_eq!(finished(other.show()), finished(one.show()), "after {unit} units");
            one = other;
        }
    }
    assert_eq!(train(&mut *one), straight);
    let mut again = figure(&[]);
    again.restore(&one.snapshot()).unwrap();
    assert_eq!(again.show(), straight);
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = figure(&[("steps", "2")]);
    widget.step();
    let before = widget.show();
    for command in [
        json!({"type": "remedies", "remedies": "lora ewc"}),
        json!({"type": "remedies", "remedies": "replay-5"}),
        json!({"type": "remedies"}),
        json!({"type": "dance"}),
    ] {
        assert!(widget.say(command.clone()).expect_err("refused").is_input(), "{command}");
    }
    assert!(widget.files().expect_err("none is kept").is_input());
    let snapshot = widget.snapshot();
    for bytes in [&snapshot[..snapshot.len() / 2], b"", base()] {
        assert!(widget.restore(bytes).expect_err("not a snapshot of this figure").is_input());
    }
    assert_eq!(widget.show(), before);
}

#[test]
fn bad_attributes_give_way_to_their_defaults_and_are_named() {
    let frame =
        figure(&[("remedies", "ewc lora"), ("steps", "0"), ("colour", "red"), ("class", "wide")]).show();
    let names: Vec<_> =
        frame["warnings"].as_array().unwrap().iter().map(|w| w["attribute"].as_str().unwrap()).collect();
    assert_eq!(names, ["colour", "remedies", "steps"]);
    assert_eq!(frame["config"], json!({"remedies": "none", "seed": "0", "steps": "60"}));
}

/// The frames that TypeScript checks its types against. `UPDATE=1 cargo test` rewrites them.
#[test]
fn the_golden_frames_are_reproduced() {
    let mut widget = open(TAG, &attributes(&[("steps", "3"), ("seed", "3"), ("hue", "red")]), None).unwrap();
    let mut frames = vec![widget.show()];
    (0..45).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    frames.push(train(&mut *widget));
    crate::plain::golden("forgetting", &frames);
}

#[test]
fn without_a_model_there_is_nothing_to_forget_but_all_works() {
    let mut widget = open(TAG, &Attributes::from([("steps".to_owned(), "1".to_owned())]), None).unwrap();
    let frame = train(&mut *widget);
    assert_eq!(frame["origin"], "random");
    assert!(frame["base"]["kept"].as_u64().unwrap() <= 4);
}
