//! `<pretune-memorization>` as the worker uses it.

use pretune::widgets::{Widget, open};
use serde_json::json;

use crate::lora_rank::attributes;
use crate::plain::{Plain, goes_on_with_the_same_bits, golden, misread, number, refuses, train};

const TAG: &str = "pretune-memorization";

fn figure(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    open(TAG, &attributes(pairs), None).expect("no model to go wrong")
}

#[test]
fn what_stands_often_is_given_away_and_unlearning_leaves_more_than_training_anew() {
    let mut widget = figure(&[]);
    let frame = train(&mut *widget);
    assert_eq!(frame["step"], frame["steps"]);
    let level = |i: usize, what: &str| number(&frame["levels"][i][what]);
    assert!(level(7, "extracted") >= 0.8 && (0..4).all(|i| level(i, "extracted") == 0.0));
    assert!(level(7, "exposure") > 12.0 && level(0, "exposure") < 5.0);
    let [read, unlearned, relearned, anew, taught] = [0, 1, 2, 3, 4].map(|i| &frame["models"][i]);
    assert_eq!(read["target"]["extracted"], true);
    assert!(number(&unlearned["target"]["probability"]) <= 1e-4, "no likelier than a guess: {unlearned}");
    let [left, never] = [unlearned, anew].map(|model| number(&model["target"]["exposure"]));
    assert!(left > never, "{left} bits are left, {never} where it was never read");
    assert!(number(&unlearned["neighbors"]) < number(&read["neighbors"]));
    assert!(number(&relearned["steps"]) <= number(&taught["steps"]), "{relearned} {taught}");
    assert_eq!(
        (&relearned["target"]["extracted"], &taught["target"]["extracted"]),
        (&json!(true), &json!(true))
    );
    let shown = frame["shown"].as_array().unwrap();
    assert_eq!(shown[7]["said"][0], shown[7]["code"]);
    assert_ne!(shown[7]["said"][1], shown[7]["code"]);
    assert!(frame["summary"].as_str().unwrap().contains("of 13.3 bits"));

    // Another way to unlearn needs no other reading, and brings the same back when it is undone.
    widget.say(json!({"type": "forget", "secret": 1, "keep": "others"})).unwrap();
    let kept = train(&mut *widget);
    assert_eq!(kept["models"][3], frame["models"][3]);
    assert!(number(&kept["models"][1]["neighbors"]) > number(&unlearned["neighbors"]));
    widget.say(json!({"type": "forget", "secret": 1, "keep": "nothing"})).unwrap();
    let again = train(&mut *widget);
    assert_eq!([&again["models"], &again["fingerprint"]], [&frame["models"], &frame["fingerprint"]]);
}

#[test]
fn a_restored_figure_goes_on_with_the_same_bits() {
    let pairs = [("steps", "2"), ("forget", "3"), ("keep", "others"), ("seed", "5")];
    goes_on_with_the_same_bits(|| figure(&pairs), || figure(&[("steps", "1")]), 211);
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = figure(&[("steps", "1")]);
    refuses(
        &mut *widget,
        &[
            json!({"type": "forget", "secret": 6, "keep": "nothing"}),
            json!({"type": "forget", "secret": 1, "keep": "all"}),
            json!({"type": "forget"}),
            json!({"type": "dance"}),
        ],
    );
    assert!(widget.files().expect_err("nothing is trained").is_input());
    let frame = figure(&[("forget", "0"), ("steps", "1"), ("mood", "good")]).show();
    assert_eq!((misread(&frame), &frame["config"]["forget"]), (vec!["forget", "mood"], &json!("1")));
}

/// The frames that TypeScript checks its types against: at rest, in the middle, at the end. `UPDATE=1 cargo test` rewrites
/// them.
#[test]
fn the_golden_frames_are_reproduced() {
    let mut widget = figure(&[("steps", "3"), ("seed", "3"), ("keep", "others"), ("hue", "red")]);
    let mut frames = vec![widget.show()];
    (0..500).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    frames.push(train(&mut *widget));
    golden("memorization", &frames);
}
