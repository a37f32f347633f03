//! `<pretune-sentiment>` as the worker uses it.

use pretune::widgets::{Progress, Widget, open};
use serde_json::{Value, json};

use crate::lora_rank::{attributes, base};
use crate::plain::Plain;

const TAG: &str = "pretune-sentiment";

fn figure(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    open(TAG, &attributes(pairs), Some(base())).expect("a model of the world")
}

fn train(widget: &mut dyn Widget) -> Value {
    while widget.step() != Progress::Done {}
    widget.show()
}

fn right(measured: &Value) -> u64 {
    let cell = |i: usize| measured["confusion"][i][i].as_u64().unwrap();
    cell(0) + cell(1)
}

fn label(widget: &mut dyn Widget, review: usize, label: Value) {
    widget.say(json!({"type": "label", "review": review, "label": label})).unwrap();
}

/// Labels so many reviews of the deck, rightly or the wrong way round.
fn label_some(widget: &mut dyn Widget, n: usize, flip: bool) {
    let deck = widget.show()["deck"].clone();
    for review in 0..n {
        let given = deck[review]["given"].as_u64().unwrap();
        label(widget, review, json!(if flip { 1 - given } else { given }));
    }
}

#[test]
fn a_thousand_labels_teach_the_task_and_cost_little() {
    for seed in ["0", "1"] {
        let frame = train(&mut *figure(&[("seed", seed)]));
        assert!(right(&frame["before"]) <= 40, "seed {seed}: it knows no label, but {}", frame["before"]);
        assert!(right(&frame["now"]) >= 380, "seed {seed}: {}", frame["now"]);
        let of = |when: &str| frame[when]["capitals"].as_u64().unwrap();
        assert!(4 * of("now") >= 3 * of("before"), "seed {seed}: {} of {}", of("now"), of("before"));
        let all: u64 = frame["now"]["confusion"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|row| row.as_array().unwrap())
            .map(|n| n.as_u64().unwrap())
            .sum();
        assert_eq!((all, &frame["labels"]), (400, &json!([500, 500])));
        assert_eq!(frame["curve"].as_array().unwrap().last().unwrap(), &json!([80, right(&frame["now"])]));
        assert!(frame["summary"].as_str().unwrap().starts_with("Fine-tuned on 1,000 labels, it judges "));
    }
}

#[test]
fn it_learns_what_the_reader_says_even_if_that_is_the_wrong_way_round() {
    let of = |flip| {
        let mut widget = figure(&[]);
        label_some(&mut *widget, 12, flip);
        let frame = train(&mut *widget);
        assert_eq!(frame["labels"][0].as_u64().unwrap() + frame["labels"][1].as_u64().unwrap(), 12);
        right(&frame["now"])
    };
    let (rightly, flipped) = (of(false), of(true));
    assert!(rightly >= 300 && flipped <= 100, "{rightly} and {flipped} of 400");
}

#[test]
fn labels_begin_anew_and_one_of_each_kind_is_needed() {
    let mut widget = figure(&[("steps", "4")]);
    train(&mut *widget);
    let given = widget.show()["fingerprint"].clone();
    widget.say(json!({"type": "train_on", "labels": "mine"})).unwrap();
    let frame = widget.show();
    assert_eq!(
        (&frame["can_train"], &frame["step"], &frame["now"]),
        (&json!(false), &json!(0), &Value::Null)
    );
    assert_eq!(widget.step(), Progress::Done, "there is nothing to learn from");
    label(&mut *widget, 3, json!(0));
    assert_eq!(widget.show()["can_train"], false);
    label(&mut *widget, 4, json!(1));
    let mine = train(&mut *widget);
    assert!(mine["fingerprint"].is_string() && mine["fingerprint"] != given);
    label(&mut *widget, 4, Value::Null);
    assert_eq!(widget.show()["can_train"], false);
    widget.say(json!({"type": "train_on", "labels": "given"})).unwrap();
    let again = train(&mut *widget);
    assert_eq!(again["fingerprint"], given);
    assert_eq!(again["deck"][3]["label"], 0, "the reader's labels stay");
}

#[test]
fn a_sentence_of_the_readers_is_judged_before_and_now() {
    let mut widget = figure(&[]);
    let before = widget.show()["judged"].clone();
    assert!(before["now"].is_null() && before["before"]["chances"][1].as_f64().unwrap() < 0.5, "{before}");
    train(&mut *widget);
    for (text, at) in [
        ("The movie was great. The plot was clever and  moving", 1),
        ("The show was dull. The cast was bad and boring.", 0),
    ] {
        widget.say(json!({"type": "judge", "text": text})).unwrap();
        let judged = widget.show()["judged"].clone();
        assert!(judged["now"]["chances"][at].as_f64().unwrap() > 0.5, "{judged}");
    }
    widget.say(json!({"type": "judge", "text": "The movie was zorgly."})).unwrap();
    assert_eq!(widget.show()["judged"]["unknown"], json!(["zorgly"]));
    widget.say(json!({"type": "judge", "text": "The movie was good and ".repeat(15)})).unwrap();
    let judged = widget.show()["judged"].clone();
    assert_eq!((&judged["too_long"], &judged["now"]), (&json!(true), &Value::Null));
    widget.say(json!({"type": "judge", "text": ""})).unwrap();
    assert!(widget.show()["judged"]["now"]["said"].is_string());
}

#[test]
fn a_restored_figure_goes_on_with_the_same_bits() {
    let begin = || {
        let mut widget = figure(&[("steps", "12")]);
        label_some(&mut *widget, 6, false);
        widget.say(json!({"type": "judge", "text": "The film was bad."})).unwrap();
        widget
    };
    let straight = train(&mut *begin());
    let mut one = begin();
    for unit in 1..=90 {
        one.step();
        if unit % 9 == 0 {
            let mut other = figure(&[("seed", "5")]);
            other.restore(&one.snapshot()).expect("its own snapshot");
            assert_eq!(other.show(), one.show(), "after {unit} units");
            // A measurement begins anew, so it has to come to its end.
            if unit % 45 == 0 {
                one = other;
            }
        }
    }
    assert_eq!(train(&mut *one), straight);
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = figure(&[("steps", "2")]);
    train(&mut *widget);
    let before = widget.show();
    for command in [
        json!({"type": "label", "review": 12, "label": 0}),
        json!({"type": "label", "review": 0, "label": 2}),
        json!({"type": "train_on", "labels": "yours"}),
        json!({"type": "judge", "text": "good ".repeat(100)}),
        json!({"type": "dance"}),
    ] {
        assert!(widget.say(command.clone()).expect_err("refused").is_input(), "{command}");
    }
    let snapshot = widget.snapshot();
    for bytes in [&snapshot[..snapshot.len() / 2], b"", base()] {
        assert!(widget.restore(bytes).expect_err("not a snapshot of this figure").is_input());
    }
    assert_eq!(widget.show(), before);
    let frame = figure(&[("labels", "all"), ("steps", "0"), ("colour", "red")]).show();
    let names: Vec<_> =
        frame["warnings"].as_array().unwrap().iter().map(|w| w["attribute"].as_str().unwrap()).collect();
    assert_eq!(names, ["colour", "labels", "steps"]);
}

#[test]
fn the_fine_tuned_model_goes_out_as_a_folder_and_comes_in_as_a_base() {
    let mut widget = figure(&[("steps", "3")]);
    train(&mut *widget);
    let files = widget.files().expect("a model");
    let mut other = figure(&[("steps", "3")]);
    other.open(&files).expect("our own folder");
    let frame = train(&mut *other);
    assert_eq!(
        (&frame["origin"], right(&frame["before"])),
        (&json!("imported"), right(&widget.show()["now"]))
    );
}

/// The frames that TypeScript checks its types against. `UPDATE=1 cargo test` rewrites them.
#[test]
fn the_golden_frames_are_reproduced() {
    let mut widget = open(TAG, &attributes(&[("steps", "3"), ("seed", "3"), ("hue", "red")]), None).unwrap();
    let mut frames = vec![widget.show()];
    frames.push(train(&mut *widget));
    label_some(&mut *widget, 3, false);
    frames.push(widget.show());
    crate::plain::golden("sentiment", &frames);
}
