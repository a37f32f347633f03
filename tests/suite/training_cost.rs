//! `<pretune-training-cost>` as the worker uses it.

use pretune::widgets::{Attributes, Progress, Widget, open};
use serde_json::{Value, json};

use crate::plain::Plain;

const TAG: &str = "pretune-training-cost";

fn figure(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    let attributes: Attributes =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    open(TAG, &attributes, None).expect("no model to go wrong")
}

fn configure(widget: &mut dyn Widget, attributes: Value) -> Value {
    widget.say(json!({"type": "configure", "attributes": attributes})).unwrap();
    widget.show()
}

fn row<'a>(frame: &'a Value, key: &str) -> &'a Value {
    frame["rows"].as_array().unwrap().iter().find(|row| row["key"] == key).expect("a row of the table")
}

fn ratio(a: &Value, b: &Value) -> f64 {
    a.as_f64().unwrap() / b.as_f64().unwrap()
}

#[test]
fn it_opens_finished_with_the_run_of_gpt_3() {
    let mut widget = figure(&[]);
    assert_eq!(widget.step(), Progress::Done);
    let frame = widget.show();
    assert_eq!((&frame["run"], &frame["step"], &frame["steps"]), (&json!("gpt-3"), &json!(0), &json!(0)));
    assert!((frame["bill"]["flops"].as_f64().unwrap() / 3.15e23 - 1.0).abs() < 1e-9);
    assert!((ratio(&frame["bill"]["tons"], &row(&frame, "gpt-3")["tons_published"]) - 1.0).abs() < 0.05);
    assert!(frame["summary"].as_str().unwrap().starts_with("GPT-3 keeps 1000 devices busy for 148 days"));
    assert_eq!(frame["warnings"], json!([]));
}

#[test]
fn each_row_stands_beside_what_was_published() {
    let frame = figure(&[]).show();
    let published = |key| ratio(&row(&frame, key)["hours"], &row(&frame, key)["hours_published"]);
    assert!((published("gpt-3") - 1.0).abs() < 0.1);
    assert!((0.5..1.0).contains(&published("palm")) && (0.5..1.0).contains(&published("bloom")));
    assert!(published("bert-base") < 0.5, "of the 128 billion tokens that it read");
    assert_eq!(row(&frame, "gpt-4")["hours"], Value::Null, "nothing was published");
    assert_eq!(row(&frame, "gpt-2")["hours_published"], Value::Null);
    for row in frame["rows"].as_array().unwrap() {
        assert!(!row["remark"].as_str().unwrap().is_empty(), "{row}");
    }
}

#[test]
fn the_grid_alone_changes_the_carbon_by_a_factor_of_seven() {
    let mut widget = figure(&[]);
    let bill = widget.show()["bill"].clone();
    let in_france = configure(&mut *widget, json!({"run": "gpt-3", "grid": "57"}));
    assert!(ratio(&bill["tons"], &in_france["bill"]["tons"]) > 7.0);
    assert_eq!(in_france["bill"]["kilowatt_hours"], bill["kilowatt_hours"]);
}

#[test]
fn money_follows_the_price_and_budgets_follow_the_money() {
    let mut widget = figure(&[]);
    let frame = configure(&mut *widget, json!({"parameters": "1e9", "tokens": "1e9", "price": "2"}));
    let (bill, budgets) = (&frame["bill"], &frame["budgets"]);
    assert_eq!(bill["dollars"][0], bill["dollars"][1]);
    assert!((ratio(&bill["dollars"][0], &bill["device_hours"]) - 2.0).abs() < 1e-9);
    assert_eq!(frame["run"], Value::Null);
    assert!(frame["summary"].as_str().unwrap().starts_with("This run "));
    assert_eq!(budgets[0]["pays_for"], json!([]), "not even BERT for a hundred dollars");
    assert_eq!(budgets[1]["pays_for"], json!(["BERT-Base", "GPT-2"]));
}

#[test]
fn the_speed_of_the_device_says_what_this_tab_takes() {
    let mut widget = figure(&[]);
    let assumed = widget.show()["tab"].clone();
    assert_eq!(assumed["is_measured"], false);
    assert!((assumed["flops"].as_f64().unwrap() - 1500.0 * widget.flops()).abs() < 1.0);
    widget.say(json!({"type": "speed", "step_ms": 20})).unwrap();
    let tab = widget.show()["tab"].clone();
    assert_eq!((&tab["is_measured"], &tab["seconds"]), (&json!(true), &json!(30)));
    assert!(tab["grams"].as_f64().unwrap() < 1.0);
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = figure(&[("run", "palm"), ("utilization", "0.5")]);
    let before = widget.show();
    for command in
        [json!({"type": "speed", "step_ms": -1}), json!({"type": "speed"}), json!({"type": "dance"})]
    {
        assert!(widget.say(command.clone()).expect_err("refused").is_input(), "{command}");
    }
    let snapshot = widget.snapshot();
    assert!(widget.restore(&snapshot[..9]).expect_err("half of it").is_input());
    assert!(widget.files().is_err() && widget.open(&Vec::new()).is_err());
    assert_eq!(widget.show(), before);
    let mut other = figure(&[]);
    other.restore(&snapshot).expect("its own snapshot");
    assert_eq!(other.show(), before);
}

#[test]
fn bad_attributes_give_way_to_their_defaults_and_are_named() {
    let frame =
        figure(&[("run", "gpt-4"), ("device", "abacus"), ("grid", "-1"), ("class", "wide"), ("seed", "7")])
            .show();
    let warnings = frame["warnings"].as_array().unwrap();
    let names: Vec<_> = warnings.iter().map(|w| w["attribute"].as_str().unwrap()).collect();
    assert_eq!(names, ["device", "grid", "run"]);
    assert_eq!(frame["run"], "gpt-3");
}

/// The frames that TypeScript checks its types against. `UPDATE=1 cargo test` rewrites them.
#[test]
fn the_golden_frames_are_reproduced() {
    let own =
        [("parameters", "7e9"), ("tokens", "2e12"), ("device", "a100"), ("price", "1.5"), ("hue", "red")];
    let mut measured = figure(&own);
    measured.say(json!({"type": "speed", "step_ms": 12.5})).unwrap();
    let lines = [figure(&[]).show().to_string(), measured.show().to_string()];
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/frames/training-cost.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(expected == text, "UPDATE=1 cargo test rewrites {path}");
}
