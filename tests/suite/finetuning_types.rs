//! `<pretune-finetuning-types>` as the worker uses it.

use pretune::widgets::{Widget, open};
use serde_json::{Value, json};

use crate::lora_rank::{attributes, base};
use crate::plain::Plain;

const TAG: &str = "pretune-finetuning-types";

fn figure(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    open(TAG, &attributes(pairs), Some(base())).expect("a model of the world")
}

/// Tunes the type in hand.
fn tune(widget: &mut dyn Widget) -> Value {
    loop {
        let frame = widget.show();
        let hand = frame["hand"].as_u64().unwrap() as usize;
        if frame["kinds"][hand]["done"] == true {
            return frame;
        }
        for _ in 0..20 {
            widget.step();
        }
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn each_type_is_better_at_its_own_exam_than_the_base() {
    for (i, (kind, most_before, least_after)) in
        [("task-specific", 0.2, 0.9), ("instruction", 0.5, 0.8), ("dialogue", 0.3, 0.6), ("rlhf", 0.7, 0.85)]
            .into_iter()
            .enumerate()
    {
        let frame = tune(&mut *figure(&[("type", kind), ("seed", "1")]));
        let shown = &frame["kinds"][i];
        let (before, after) = (number(&shown["before"]), number(&shown["after"]));
        assert!(before <= most_before && after >= least_after, "{kind}: {before} {after}");
        let probes = frame["probes"].as_array().unwrap();
        assert!(
            probes.iter().any(|probe| probe["before"]["right"] == false && probe["after"]["right"] == true)
        );
        assert_ne!(frame["examples"].as_array().unwrap().len(), 0);
    }
}

#[test]
fn a_domain_is_less_of_a_surprise_and_its_notes_are_written_as_doctors_write_them() {
    let frame = tune(&mut *figure(&[("type", "domain")]));
    let kind = &frame["kinds"][4];
    assert!(number(&kind["after"]) < 0.5 * number(&kind["before"]), "{}", frame["summary"]);
    let right =
        |when: &str| frame["probes"].as_array().unwrap().iter().filter(|p| p[when]["right"] == true).count();
    assert!(right("after") >= 2 && right("before") == 0, "{}", frame["probes"]);
}

#[test]
fn the_one_in_hand_goes_first_and_results_are_restored() {
    let mut one = figure(&[("type", "task-specific"), ("seed", "2")]);
    let straight = tune(&mut *one);
    let done =
        |frame: &Value| frame["kinds"].as_array().unwrap().iter().filter(|kind| kind["done"] == true).count();
    assert_eq!(done(&straight), 1);
    let mut other = figure(&[]);
    other.restore(&one.snapshot()).expect("its own snapshot");
    let (again, before) = (other.show(), one.show());
    for part in ["config", "examples", "probes", "summary"] {
        assert_eq!(again[part], before[part]);
    }
    assert_eq!(again["kinds"][0], before["kinds"][0]);

    // Half way it begins anew, to the same end.
    let mut half = figure(&[("type", "task-specific"), ("seed", "2")]);
    (0..50).for_each(|_| _ = half.step());
    other.restore(&half.snapshot()).expect("its own snapshot");
    assert_eq!(tune(&mut *other)["kinds"][0], straight["kinds"][0]);
    other.say(json!({"type": "kind", "kind": "instruction"})).unwrap();
    let next = tune(&mut *other);
    assert_eq!((done(&next), &next["kinds"][0]), (2, &straight["kinds"][0]), "results stay");
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = figure(&[]);
    (0..5).for_each(|_| _ = widget.step());
    let before = widget.show();
    for command in
        [json!({"type": "kind", "kind": "magic"}), json!({"type": "kind"}), json!({"type": "dance"})]
    {
        assert!(widget.say(command.clone()).expect_err("refused").is_input(), "{command}");
    }
    assert!(widget.files().expect_err("none is kept").is_input());
    let snapshot = widget.snapshot();
    for bytes in [&snapshot[..snapshot.len() / 2], b"", base()] {
        assert!(widget.restore(bytes).expect_err("not a snapshot of this figure").is_input());
    }
    assert_eq!(widget.show(), before);
    let frame = figure(&[("type", "magic"), ("colour", "red"), ("class", "wide")]).show();
    let warnings = frame["warnings"].as_array().unwrap();
    let names: Vec<_> = warnings.iter().map(|w| w["attribute"].as_str().unwrap()).collect();
    assert_eq!(names, ["colour", "type"]);
    assert_eq!(frame["config"], json!({"seed": "0", "type": "instruction"}));
}

/// The frames that TypeScript checks its types against: at rest, in the middle, at the end. `UPDATE=1 cargo test` rewrites
/// them.
#[test]
fn the_golden_frames_are_reproduced() {
    let mut widget =
        open(TAG, &attributes(&[("type", "rlhf"), ("seed", "3"), ("hue", "red")]), None).unwrap();
    let mut frames = vec![widget.show()];
    (0..30).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    frames.push(tune(&mut *widget));
    widget.say(json!({"type": "kind", "kind": "task-specific"})).unwrap();
    frames.push(tune(&mut *widget));
    crate::plain::golden("finetuning-types", &frames);
}
