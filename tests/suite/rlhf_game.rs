//! `<pretune-rlhf-game>` as the worker uses it.

use std::sync::OnceLock;

use pretune::checkpoint::{Dtype, Meta, config_json, write};
use pretune::data::explain;
use pretune::experiments::assistant::{corpus, pretrainer};
use pretune::widgets::{Attributes, Files, Progress, Widget, open};
use serde_json::{Value, json};

use crate::plain::Plain;

const TAG: &str = "pretune-rlhf-game";

/// A model that has read long enough to write sentences: the shipped one with half of its steps.
fn pretrained() -> &'static [u8] {
    static MODEL: OnceLock<Vec<u8>> = OnceLock::new();
    MODEL.get_or_init(|| {
        let tokenizer = explain::tokenizer();
        let (corpus, mut run) = (corpus(&tokenizer, 0), pretrainer(&tokenizer, 0));
        (0..350).for_each(|_| _ = run.step(&corpus));
        let meta = Meta::from([("config".to_owned(), config_json(&run.model.config))]);
        write(&run.params, &meta, Dtype::BF16)
    })
}

fn figure(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    let attributes: Attributes =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    open(TAG, &attributes, Some(pretrained())).expect("the model that ships")
}

/// Steps until only the reader can go on.
fn settle(widget: &mut dyn Widget) -> Value {
    while widget.step() != Progress::Done {}
    widget.show()
}

/// A figure whose second round has begun, in which nothing was done yet.
fn judging() -> Box<dyn Widget> {
    static SNAPSHOT: OnceLock<Vec<u8>> = OnceLock::new();
    let snapshot = SNAPSHOT.get_or_init(|| {
        let mut widget = figure(&[("turns", "2")]);
        settle(&mut *widget);
        widget.snapshot()
    });
    let mut widget = figure(&[]);
    widget.restore(snapshot).expect("its own snapshot");
    widget
}

fn say(widget: &mut dyn Widget, command: Value) -> Value {
    widget.say(command.clone()).unwrap_or_else(|error| panic!("{command}: {error}"));
    settle(widget)
}

fn pick(choice: &str) -> Value {
    json!({"type": "pick", "choice": choice})
}

fn simulate(rater: &str, n: usize) -> Value {
    json!({"type": "simulate", "rater": rater, "n": n})
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn imitation_makes_answers_of_documents_and_opens_the_second_round() {
    let mut widget = figure(&[]);
    let first = widget.show();
    assert_eq!((&first["phase"], &first["doing"]), (&json!("imitate"), &json!("imitating")));
    assert_eq!(first["answers"].as_array().unwrap().len(), 6);
    assert!(first["judging"].is_null() && first["answers"][0]["now"].is_null());
    let frame = settle(&mut *widget);
    assert_eq!((&frame["phase"], &frame["doing"]), (&json!("judge"), &Value::Null));
    let loss = frame["imitation"]["curve"]["loss"].as_array().unwrap();
    assert_eq!(loss.len(), 30);
    assert!(number(&loss[29]) < 0.9 * number(&loss[0]), "{loss:?}");
    assert_eq!(frame["fingerprint"].as_str().unwrap().len(), 64);
    let pair = &frame["judging"]["pair"];
    assert_ne!(pair["first"]["text"], pair["second"]["text"]);
    assert!(pair["first"]["reward"].is_null(), "what the model thinks is not told before");
    let text: String = pair["first"]["sentences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sentence| sentence["text"].as_str().unwrap())
        .collect();
    assert_eq!(pair["first"]["text"], text);
}

#[test]
fn a_pick_is_guessed_before_it_is_learnt_from() {
    let mut widget = judging();
    let frame = say(&mut *widget, pick("first"));
    assert!(frame["judging"]["last"]["p_before"].is_null(), "there was no model yet");
    assert!(number(&frame["judging"]["last"]["p_after"]) > 0.5, "it has learned");
    let frame = say(&mut *widget, pick("second"));
    let last = &frame["judging"]["last"];
    assert!(number(&last["p_after"]) > number(&last["p_before"]));
    assert_eq!((&frame["judging"]["guessed"], &frame["reward_model"]["picks"]), (&json!(1), &json!(2)));
    let frame = say(&mut *widget, pick("tie"));
    assert_eq!((&frame["judging"]["ties"], &frame["reward_model"]["picks"]), (&json!(1), &json!(2)));
    assert_eq!(frame["judging"]["pair"]["number"], 4);
}

#[test]
fn picks_may_come_faster_than_the_model_learns() {
    let choices = ["first", "second", "tie", "first", "first"];
    let mut slow = judging();
    choices.iter().for_each(|choice| _ = say(&mut *slow, pick(choice)));
    let mut fast = judging();
    choices.iter().for_each(|choice| fast.say(pick(choice)).unwrap());
    assert_eq!(settle(&mut *fast), slow.show());
}

#[test]
fn what_is_taken_back_leaves_no_trace() {
    let mut widget = judging();
    let mut frames = vec![widget.show()];
    for choice in ["first", "tie", "second"] {
        frames.push(say(&mut *widget, pick(choice)));
    }
    frames.push(say(&mut *widget, simulate("plain", 14)));
    assert_eq!(frames[4]["judging"]["undo"], 14, "those of one command go together");
    for before in frames.iter().rev().skip(1) {
        assert_eq!(say(&mut *widget, json!({"type": "undo"})), *before);
    }
    // Also in the middle of learning.
    say(&mut *widget, pick("first"));
    widget.say(pick("second")).unwrap();
    (0..9).for_each(|_| _ = widget.step());
    assert_eq!(say(&mut *widget, json!({"type": "undo"})), frames[1]);
}

#[test]
fn a_simulated_rater_is_understood_and_two_who_disagree_are_not() {
    let mut widget = judging();
    let frame = say(&mut *widget, simulate("clarity", 30));
    let seen = &frame["judging"];
    assert_eq!(
        (&seen["decided"], &seen["whose"], &seen["to_simulate"]),
        (&json!(30), &json!("clarity"), &json!(0))
    );
    assert!(number(&seen["guessed_right"]) >= 0.8 * number(&seen["guessed"]), "{seen}");
    let value = |frame: &Value, name: &str| {
        let traits = frame["reward_model"]["traits"].as_array().unwrap();
        traits.iter().find(|row| row["trait"] == name).unwrap().clone()
    };
    let (clear, jargon) = (value(&frame, "clear explanation"), value(&frame, "jargon"));
    assert!(number(&clear["pays"]) > 1.0 && number(&jargon["pays"]) < -1.0, "{clear} {jargon}");
    assert!(number(&clear["wants"]) > 1.0);
    let mut widget = judging();
    let frame = say(&mut *widget, simulate("plain+expert", 30));
    assert!(frame["judging"]["whose"].is_null());
    assert!(value(&frame, "jargon")["wants"].is_null(), "nobody's values are the picks'");
}

#[test]
fn every_run_goes_on_with_the_same_bits_wherever_it_was_kept() {
    for (method, every) in [("ppo", 9), ("dpo", 9), ("best-of-n", 7)] {
        let begin = || {
            let mut widget = judging();
            say(&mut *widget, simulate("plain", 12));
            widget.say(json!({"type": "method", "method": method})).unwrap();
            widget.say(json!({"type": "optimize"})).unwrap();
            widget
        };
        let straight = settle(&mut *begin());
        assert_eq!(straight["optimizing"]["runs"][0]["method"], method);
        let mut one = begin();
        let mut unit = 0;
        while one.step() != Progress::Done {
            unit += 1;
            if unit % every == 0 && unit < 120 {
                let mut other = figure(&[]);
                other.restore(&one.snapshot()).expect("its own snapshot");
                assert_eq!(other.show(), one.show(), "{method} after {unit} units");
                one = other;
            }
        }
        assert_eq!(one.show(), straight, "{method}");
        assert!(one.snapshot().len() < 3_000_000);
    }
}

#[test]
fn imitation_and_picks_go_on_with_the_same_bits_wherever_they_were_kept() {
    let mut straight = figure(&[("rater", "plain"), ("picks", "11")]);
    settle(&mut *straight);
    let mut one = figure(&[("rater", "plain"), ("picks", "11")]);
    let mut unit = 0;
    while one.step() != Progress::Done {
        unit += 1;
        if unit % 23 == 0 {
            let mut other = figure(&[]);
            other.restore(&one.snapshot()).expect("its own snapshot");
            assert_eq!(other.show(), one.show(), "after {unit} units");
            one = other;
        }
    }
    assert_eq!(one.show(), straight.show());
}

#[test]
fn off_the_leash_the_reward_is_hacked() {
    for seed in ["11", "12", "13"] {
        let mut widget = figure(&[("seed", seed), ("rater", "plain"), ("kl-coef", "0"), ("turns", "16")]);
        settle(&mut *widget);
        let frame = say(&mut *widget, json!({"type": "optimize"}));
        let end = &frame["optimizing"]["runs"][0];
        assert_eq!(end["outcome"], "hacked", "seed {seed}: {end}");
        assert!(number(&end["reward"]) >= 1.0, "seed {seed}: {end}");
        assert!(
            number(&end["peak_true_score"]) > 0.3 && number(&end["true_score"]) < 0.0,
            "seed {seed}: {end}"
        );
        assert!(frame["summary"].as_str().unwrap().contains("hacked"), "{}", frame["summary"]);
    }
}

#[test]
fn another_group_has_another_model() {
    let mut widget = judging();
    say(&mut *widget, simulate("plain", 20));
    widget.say(json!({"type": "other", "rater": "expert"})).expect_err("there is nothing to compare with");
    say(&mut *widget, json!({"type": "optimize"}));
    widget.say(json!({"type": "other", "rater": "expert"})).unwrap();
    // Also kept half-way.
    (0..40).for_each(|_| _ = widget.step());
    let mut other = figure(&[]);
    other.restore(&widget.snapshot()).unwrap();
    let frame = settle(&mut *widget);
    assert_eq!(settle(&mut *other), frame);
    let standing = &frame["standing"];
    let who: Vec<_> = standing["models"].as_array().unwrap().iter().map(|model| &model["who"]).collect();
    assert_eq!(who, ["plain", "expert"]);
    let gain = |group: usize, model: usize| number(&standing["groups"][group]["gains"][model]);
    assert!(gain(0, 0) > gain(0, 1) && gain(1, 1) > gain(1, 0), "{}", standing["groups"]);
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let refused = |widget: &mut dyn Widget, commands: &[Value]| {
        let before = widget.show();
        for command in commands {
            let error = widget.say(command.clone()).expect_err("refused");
            assert!(error.is_input(), "{command}");
        }
        assert_eq!(widget.show(), before);
    };
    let mut widget = figure(&[]);
    let early = [pick("first"), simulate("plain", 30), json!({"type": "optimize"}), json!({"type": "undo"})];
    refused(&mut *widget, &early);
    assert!(widget.files().expect_err("imitation is not over").is_input());
    let mut widget = judging();
    refused(
        &mut *widget,
        &[
            pick("third"),
            json!({"type": "undo"}),
            json!({"type": "optimize"}),
            json!({"type": "leash", "kl_coef": 2}),
            json!({"type": "method", "method": "sft"}),
            simulate("everyone", 30),
            simulate("plain", 0),
            simulate("plain", 1000),
            json!({"type": "other", "rater": "expert"}),
            json!({"type": "dance"}),
        ],
    );
    widget.say(pick("first")).unwrap();
    refused(&mut *widget, &[json!({"type": "optimize"})]);
    let snapshot = widget.snapshot();
    let before = widget.show();
    for bytes in [&snapshot[..snapshot.len() / 2], b"", pretrained()] {
        assert!(widget.restore(bytes).expect_err("not a snapshot of this figure").is_input());
    }
    assert_eq!(widget.show(), before);
    say(&mut *widget, json!({"type": "leash", "kl_coef": 0}));
    say(&mut *widget, json!({"type": "method", "method": "dpo"}));
    let error = widget.say(json!({"type": "optimize"})).expect_err("without a leash");
    assert!(error.to_string().contains("leash"), "{error}");
}

#[test]
fn another_model_is_refused_and_without_one_all_works() {
    let other = open("pretune-next-token", &Attributes::new(), None).unwrap().snapshot();
    assert!(open(TAG, &Attributes::new(), Some(&other)).err().expect("another text").is_input());
    let mut widget = open(TAG, &Attributes::new(), None).unwrap();
    (0..3).for_each(|_| _ = widget.step());
    assert_eq!(widget.show()["origin"], "random");
}

fn file<'a>(files: &'a Files, name: &str) -> &'a str {
    let (_, bytes) = files.iter().find(|(found, _)| found == name).unwrap_or_else(|| panic!("no {name}"));
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_curves_of_a_run_follow_from_what_is_exported() {
    let mut widget = judging();
    say(&mut *widget, simulate("plain", 12));
    let frame = say(&mut *widget, json!({"type": "optimize"}));
    let files = widget.files().expect("a finished run");
    let names: Vec<&str> = files.iter().map(|(name, _)| &name[..]).collect();
    for name in
        ["config.json", "model.safetensors", "reference/model.safetensors", "reward_model/model.safetensors"]
    {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    assert_eq!(file(&files, "preferences.jsonl").lines().count(), 12);
    let runs: Value = serde_json::from_str(file(&files, "runs.json")).unwrap();
    let points = frame["optimizing"]["run"]["points"].as_array().unwrap();
    assert_eq!(runs["last_run"]["points"].as_array().unwrap().len(), points.len());
    let lines: Vec<Value> =
        file(&files, "rollouts.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for point in &points[1..] {
        let answers: Vec<&Value> = lines.iter().filter(|line| line["turn"] == point["turn"]).collect();
        let mean = |of: &dyn Fn(&Value) -> f64| {
            answers.iter().map(|line| of(line)).sum::<f64>() / answers.len() as f64
        };
        let reward = mean(&|line| number(&line["reward"]));
        let kl = mean(&|line| number(&line["logprob"]) - number(&line["ref_logprob"]));
        assert!((reward - number(&point["reward"])).abs() < 1e-4, "{point}: {reward}");
        assert!((kl - number(&point["kl"])).abs() < 1e-3, "{point}: {kl}");
    }
}

#[test]
fn picks_go_out_as_a_file_and_come_in_again() {
    let mut widget = judging();
    say(&mut *widget, simulate("plain", 12));
    let files = widget.files().unwrap();
    let mut other = judging();
    other.open(&files).expect("our own folder");
    let frame = settle(&mut *other);
    assert_eq!((&frame["judging"]["decided"], &frame["reward_model"]["picks"]), (&json!(12), &json!(12)));
    assert_eq!(file(&other.files().unwrap(), "preferences.jsonl"), file(&files, "preferences.jsonl"));
    for text in ["", "{}", "{\"prompt\": \"x\", \"chosen\": \"a\", \"rejected\": \"b\"}"] {
        let files = vec![("preferences.jsonl".to_owned(), text.as_bytes().to_vec())];
        assert!(other.open(&files).expect_err("no picks").is_input(), "{text}");
    }
    assert_eq!(other.show(), frame);
}

#[test]
fn other_settings_begin_anew_and_bad_ones_are_named() {
    let mut widget =
        figure(&[("kl-coef", "much"), ("rater", "nobody"), ("colour", "red"), ("class", "wide")]);
    let frame = widget.show();
    let names: Vec<_> =
        frame["warnings"].as_array().unwrap().iter().map(|w| w["attribute"].as_str().unwrap()).collect();
    assert_eq!(names, ["colour", "kl-coef", "rater"]);
    (0..9).for_each(|_| _ = widget.step());
    widget.say(json!({"type": "configure", "attributes": {"seed": "5", "picks": "20"}})).unwrap();
    let frame = widget.show();
    assert_eq!((&frame["step"], &frame["config"]["picks"]), (&json!(0), &json!("20")));
    widget.step();
    widget.say(json!({"type": "reset"})).unwrap();
    assert_eq!(widget.show(), frame);
}

/// The frames that TypeScript checks its types against, one of each round and of what is between. `UPDATE=1 cargo test`
/// rewrites them.
#[test]
fn the_golden_frames_are_reproduced() {
    let mut widget = figure(&[("turns", "2"), ("seed", "3"), ("hue", "red")]);
    let mut frames = vec![widget.show()];
    (0..40).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    frames.push(settle(&mut *widget));
    say(&mut *widget, pick("first"));
    frames.push(say(&mut *widget, pick("tie")));
    say(&mut *widget, json!({"type": "undo"}));
    say(&mut *widget, json!({"type": "undo"}));
    say(&mut *widget, simulate("plain", 10));
    widget.say(json!({"type": "optimize"})).unwrap();
    (0..90).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    settle(&mut *widget);
    frames.push(say(&mut *widget, json!({"type": "other", "rater": "expert"})));
    // Without the checkpoint, so that a browser can be held against it.
    let attributes = [("model", "random"), ("turns", "2"), ("seed", "3")];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut widget = open(TAG, &attributes.into_iter().collect(), None).expect("random weights");
    settle(&mut *widget);
    say(&mut *widget, pick("first"));
    say(&mut *widget, pick("second"));
    frames.push(say(&mut *widget, json!({"type": "optimize"})));
    let lines: Vec<String> = frames.iter().map(Value::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/frames/rlhf-game.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(expected == text, "UPDATE=1 cargo test rewrites {path}");
}
