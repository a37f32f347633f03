//! `<pretune-peft-methods>` as the worker uses it.

use pretune::widgets::{Widget, open};
use serde_json::{Value, json};

use crate::lora_rank::{attributes, base};
use crate::plain::{Plain, golden, misread, refuses, train};

const TAG: &str = "pretune-peft-methods";
/// Places of the methods.
const LORA: usize = 0;
const ADAPTERS: usize = 1;
const PREFIX: usize = 2;
const PROMPT: usize = 3;
const FULL: usize = 4;

fn figure(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    open(TAG, &attributes(pairs), Some(base())).expect("a model of the world")
}

fn put_on(widget: &mut dyn Widget, way: Value) -> Value {
    widget.say(json!({"type": "adapter", "way": way})).unwrap();
    widget.show()
}

#[test]
fn a_prompt_tells_what_is_known_and_only_lora_and_adapters_learn_what_is_new() {
    let mut widget = figure(&[("seed", "1")]);
    let frame = train(&mut *widget);
    let right = |task: usize, method: usize| frame["runs"][task * 5 + method]["right"].as_u64().unwrap();
    let [known, new] = [0, 1].map(|task| frame["asked"][task].as_u64().unwrap());
    assert!(10 * right(0, PROMPT) >= 8 * known, "{}", frame["runs"]);
    for method in [LORA, ADAPTERS, FULL] {
        assert!(10 * right(1, method) >= 7 * new, "{}", frame["runs"]);
    }
    assert!(
        right(1, PREFIX) + 4 <= right(1, LORA) && right(1, PROMPT) < right(1, PREFIX),
        "{}",
        frame["runs"]
    );

    let of = |method: usize, what: &str| frame["methods"][method][what].as_u64().unwrap();
    assert_eq!(of(LORA, "trained"), of(PREFIX, "trained"));
    assert!(
        (0..5).all(|m| of(m, "optimizer_bytes") == 8 * of(m, "trained")
            && of(m, "file_bytes") > 4 * of(m, "trained"))
    );
    assert_eq!(of(FULL, "trained"), frame["n_params"].as_u64().unwrap());
    assert_eq!(frame["step"], frame["steps"]);

    // One after the other on the same base, which stays what it was.
    let mut said = vec![frame["before"].clone()];
    for way in ["lora", "adapters", "prefix", "prompt"] {
        let frame = put_on(&mut *widget, json!(way));
        assert_eq!(frame["base_after"], frame["base_before"]);
        said.push(frame["answers"].clone());
    }
    assert!((0..5).all(|i| (0..i).all(|j| said[i] != said[j])), "each answers in its own way");
    let frame = put_on(&mut *widget, Value::Null);
    assert_eq!((&frame["answers"], &frame["n_switched"]), (&Value::Null, &json!(4)));
    assert_eq!(put_on(&mut *widget, json!("lora"))["answers"], said[1], "and again as before");
    let summary = frame["summary"].as_str().unwrap();
    assert!(summary.ends_with("The base under all of them is bit for bit what it was."), "{summary}");
}

#[test]
fn the_task_decides_whose_tensors_are_on() {
    let mut widget = figure(&[("steps", "2")]);
    let known = train(&mut *widget)["answers"].clone();
    widget.say(json!({"type": "task", "task": "new"})).unwrap();
    let frame = widget.show();
    assert_eq!((&frame["task"], &frame["on"]), (&json!("new"), &json!(LORA)));
    assert!(frame["answers"] != known && frame["answers"].is_array());
}

#[test]
fn a_restored_figure_ends_with_the_same_bits() {
    let settings = [("steps", "2"), ("seed", "2")];
    let straight = train(&mut *figure(&settings));
    let mut one = figure(&settings);
    for unit in 1..=240 {
        one.step();
        if unit % 60 == 0 {
            let done = |frame: Value| {
                frame["runs"].as_array().unwrap().iter().map(|run| run["right"].clone()).collect::<Vec<_>>()
            };
            let mut other = figure(&[("seed", "5")]);
            other.restore(&one.snapshot()).expect("its own snapshot");
            assert_eq!(done(other.show()), done(one.show()), "after {unit} units");
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
    let mut widget = figure(&[("steps", "1")]);
    widget.step();
    refuses(
        &mut *widget,
        &[
            json!({"type": "adapter", "way": "full"}),
            json!({"type": "adapter", "way": "glue"}),
            json!({"type": "task", "task": "cooking"}),
            json!({"type": "dance"}),
        ],
    );
    assert!(widget.files().expect_err("none is kept").is_input());
    assert!(widget.restore(base()).expect_err("another figure's").is_input());
}

#[test]
fn bad_attributes_give_way_to_their_defaults_and_are_named() {
    let frame = figure(&[("steps", "101"), ("colour", "red"), ("class", "wide")]).show();
    assert_eq!(misread(&frame), ["colour", "steps"]);
    assert_eq!(frame["config"], json!({"seed": "0", "steps": "100"}));
}

/// The frames that TypeScript checks its types against. `UPDATE=1 cargo test` rewrites them.
#[test]
fn the_golden_frames_are_reproduced() {
    let pairs = [("steps", "1"), ("seed", "3"), ("hue", "red")];
    let mut widget = open(TAG, &attributes(&pairs), None).unwrap();
    let mut frames = vec![widget.show()];
    (0..100).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    frames.push(train(&mut *widget));
    widget.say(json!({"type": "task", "task": "new"})).unwrap();
    frames.push(put_on(&mut *widget, json!("prefix")));
    golden("peft-methods", &frames);
}
