//! `<pretune-lora-rank>` as the worker uses it.

use std::sync::OnceLock;

use pretune::widgets::{Attributes, Progress, Widget, open};
use serde_json::{Value, json};

use crate::plain::Plain;

const TAG: &str = "pretune-lora-rank";

/// A model that has read the world long enough to know its medicines, as the page keeps a reader's own.
pub fn base() -> &'static [u8] {
    static BASE: OnceLock<Vec<u8>> = OnceLock::new();
    BASE.get_or_init(|| {
        let attributes = attributes(&[("steps", "900")]);
        let mut widget = open("pretune-next-token", &attributes, None).expect("no checkpoint");
        while widget.step() != Progress::Done {}
        widget.snapshot()
    })
}

pub fn attributes(pairs: &[(&str, &str)]) -> Attributes {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn figure(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    open(TAG, &attributes(pairs), Some(base())).expect("a model of the world")
}

/// A figure whose runs are too short to learn much, for what does not depend on that.
fn short(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    figure(&[&[("steps", "4")], pairs].concat())
}

fn train(widget: &mut dyn Widget) -> Value {
    while widget.step() != Progress::Done {}
    widget.show()
}

/// Steps until the rank in hand is finished.
fn train_hand(widget: &mut dyn Widget) -> Value {
    loop {
        let frame = widget.show();
        if frame["runs"][frame["hand"].as_u64().unwrap() as usize]["done"] == true {
            return frame;
        }
        assert_ne!(widget.step(), Progress::Done);
    }
}

fn labels(frame: &Value) -> Vec<&str> {
    frame["runs"].as_array().unwrap().iter().map(|run| run["label"].as_str().unwrap()).collect()
}

#[test]
fn a_small_rank_answers_what_it_was_never_taught_with_few_numbers() {
    let frame = train(&mut *figure(&[]));
    assert_eq!(labels(&frame), ["0", "1", "2", "4", "8", "16", "32", "64", "full"]);
    let run = |i: usize| &frame["runs"][i];
    let asked = |i: usize| run(i)["asked"].as_u64().unwrap();
    let (base, rank_2, full) = (asked(0), asked(2), asked(8));
    assert!(base <= 1, "the base does not understand the question: {base}");
    assert!(full >= 10 && 20 * (rank_2 - base) >= 19 * (full - base), "rank 2: {rank_2}, full: {full} of 12");
    assert!(run(2)["share"].as_f64().unwrap() < 0.05);
    assert_eq!(run(8)["trained"], frame["n_params"]);
    for i in 0..9 {
        let bytes = 8 * run(i)["trained"].as_u64().unwrap();
        assert_eq!(run(i)["optimizer_bytes"], bytes, "two numbers of four bytes for each trained one");
    }
    assert_eq!((&run(0)["trained"], &run(0)["rise"]), (&json!(0), &json!(0.0)));
    assert_eq!(frame["step"], frame["steps"]);
    assert_eq!(frame["fingerprint"].as_str().unwrap().len(), 64);
    let spectrum = &frame["spectrum"];
    assert_eq!(spectrum["values"].as_array().unwrap().len(), 64);
    assert!(spectrum["energy"].as_f64().unwrap() > 0.4, "rank 4 of 64 holds {}", spectrum["energy"]);
    assert!(frame["summary"].as_str().unwrap().starts_with("Rank 4 trains "));
}

#[test]
fn the_base_is_measured_first_and_then_the_rank_in_hand_and_its_neighbors() {
    let mut widget = short(&[("rank", "4")]);
    let mut finished = Vec::new();
    while widget.step() != Progress::Done {
        let frame = widget.show();
        for run in frame["runs"].as_array().unwrap() {
            let label = run["label"].as_str().unwrap().to_owned();
            if run["done"] == true && !finished.contains(&label) {
                finished.push(label);
            }
        }
    }
    assert_eq!(finished, ["0", "4", "8", "2", "full", "16", "1", "32", "64"]);
}

#[test]
fn moving_the_thumb_goes_on_elsewhere_and_loses_nothing() {
    let undisturbed = train(&mut *short(&[]));
    let mut widget = short(&[]);
    for (i, rank) in ["8", "full", "1", "8", "4"].iter().cycle().take(40).enumerate() {
        widget.say(json!({"type": "rank", "rank": rank})).unwrap();
        (0..=i % 3).for_each(|_| _ = widget.step());
    }
    widget.say(json!({"type": "rank", "rank": "4"})).unwrap();
    assert_eq!(train(&mut *widget), undisturbed);
}

#[test]
fn a_restored_figure_goes_on_with_the_same_bits() {
    let mut one = short(&[("task", "new"), ("target-modules", "c_attn c_fc")]);
    one.say(json!({"type": "matrix", "layer": 1, "module": "mlp.c_fc"})).unwrap();
    for unit in 1..=60 {
        one.step();
        if unit % 7 == 0 {
            // Also with runs that were put aside unfinished.
            let rank = ["2", "full", "16"][unit / 7 % 3];
            one.say(json!({"type": "rank", "rank": rank})).unwrap();
            let mut other = figure(&[]);
            other.restore(&one.snapshot()).expect("its own snapshot");
            assert_eq!(other.show(), one.show(), "after {unit} units");
            one = other;
        }
    }
    let mut straight = short(&[("task", "new"), ("target-modules", "c_attn c_fc")]);
    straight.say(json!({"type": "matrix", "layer": 1, "module": "mlp.c_fc"})).unwrap();
    let hand = one.show()["config"]["rank"].clone();
    straight.say(json!({"type": "rank", "rank": hand})).unwrap();
    assert_eq!(train(&mut *one), train(&mut *straight));
}

#[test]
fn the_seed_and_the_settings_decide_the_bits() {
    let fingerprint = |pairs: &[(&str, &str)]| train(&mut *short(pairs))["fingerprint"].clone();
    let first = fingerprint(&[]);
    assert_eq!(fingerprint(&[("rank", "full")]), first, "the order does not matter");
    for other in
        [("seed", "1"), ("lora-alpha", "8"), ("learning-rate", "0.001"), ("target-modules", "c_attn")]
    {
        assert_ne!(fingerprint(&[other]), first, "{other:?}");
    }
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = short(&[]);
    let before = widget.show();
    for command in [
        json!({"type": "rank", "rank": "3"}),
        json!({"type": "rank"}),
        json!({"type": "matrix", "layer": 9, "module": "attn.c_attn"}),
        json!({"type": "matrix", "layer": 0, "module": "ln_1"}),
        json!({"type": "adapter", "adapter": "opened"}),
        json!({"type": "merge", "merged": true}),
        json!({"type": "dance"}),
    ] {
        assert!(widget.say(command.clone()).expect_err("refused").is_input(), "{command}");
    }
    assert!(widget.files().expect_err("nothing was trained").is_input());
    let snapshot = widget.snapshot();
    for bytes in [&snapshot[..snapshot.len() / 2], b"", base()] {
        assert!(widget.restore(bytes).expect_err("not a snapshot of this figure").is_input());
    }
    assert_eq!(widget.show(), before);
}

#[test]
fn bad_attributes_give_way_to_their_defaults_and_are_named() {
    let pairs =
        [("rank", "5"), ("target-modules", "c_atn"), ("steps", "0"), ("colour", "red"), ("class", "wide")];
    let frame = figure(&pairs).show();
    let warnings = frame["warnings"].as_array().unwrap();
    let names: Vec<_> = warnings.iter().map(|w| w["attribute"].as_str().unwrap()).collect();
    assert_eq!(names, ["colour", "rank", "steps", "target-modules"]);
    assert_eq!((&frame["config"]["rank"], &frame["config"]["steps"]), (&json!("4"), &json!("80")));
}

#[test]
fn other_settings_begin_anew_and_reset_keeps_them() {
    let mut widget = short(&[]);
    train_hand(&mut *widget);
    let attributes = json!({"task": "new", "steps": "6", "rank": "8", "seed": "5"});
    widget.say(json!({"type": "configure", "attributes": attributes})).unwrap();
    let frame = widget.show();
    assert_eq!((&frame["step"], &frame["task"], &frame["n_asked"]), (&json!(0), &json!("new"), &json!(96)));
    train_hand(&mut *widget);
    widget.say(json!({"type": "rank", "rank": "2"})).unwrap();
    widget.say(json!({"type": "reset"})).unwrap();
    let again = widget.show();
    assert_eq!((&again["step"], &again["config"]["seed"]), (&json!(0), &json!("5")));
    assert_eq!(again["config"]["rank"], "2", "what is in hand stays");
}

#[test]
fn merged_is_unmerged_and_the_base_stays_what_it_was() {
    let mut widget = figure(&[]);
    train(&mut *widget);
    widget.say(json!({"type": "merge", "merged": true})).unwrap();
    let desk = widget.show()["desk"].clone();
    let found = &desk["found"];
    assert_eq!((&desk["adapter"], &desk["merged"]), (&json!("first"), &json!(true)));
    assert!(found["difference"].as_f64().unwrap() < 1e-4, "{}", found["difference"]);
    for same in ["swapped", "unmerged"] {
        assert_eq!(found[same], found["fingerprint"], "{same}");
    }
    assert_ne!(found["merged"], found["fingerprint"]);
    let right = |tried: usize, groups: &[&str]| {
        let questions = desk["questions"].as_array().unwrap().iter();
        let answers = found["tried"][tried]["answers"].as_array().unwrap().iter();
        let of_groups =
            questions.zip(answers).filter(|(q, _)| groups.contains(&q["group"].as_str().unwrap()));
        of_groups.map(|(_, a)| a["right"].as_bool().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(right(0, &["asked", "second"]), [false; 4], "the base");
    assert_eq!(right(1, &["asked"]), [true; 2], "with the first adapter");
    assert_eq!(right(2, &["second"]), [true; 2], "with the second adapter");
    widget.say(json!({"type": "adapter", "adapter": "second"})).unwrap();
    let desk = widget.show()["desk"].clone();
    assert_eq!(desk["merged"], false, "another adapter on the base as it was");
    assert!(desk["found"]["difference"].as_f64().unwrap() < 1e-4);
}

#[test]
fn an_adapter_goes_out_as_a_peft_folder_and_comes_in_again() {
    let mut widget = short(&[("rank", "2")]);
    train_hand(&mut *widget);
    let files = widget.files().expect("a trained rank");
    let names: Vec<&str> = files.iter().map(|(name, _)| &name[..]).collect();
    assert_eq!(names, ["adapter_config.json", "adapter_model.safetensors", "probe.json"]);
    let mut other = short(&[]);
    other.open(&files).expect("our own folder");
    let (desk, own) = (other.show()["desk"].clone(), widget.show()["desk"].clone());
    assert_eq!((&desk["adapter"], &desk["found"]["tried"][1]["r"]), (&json!("opened"), &json!(2)));
    assert_eq!(desk["found"]["tried"][1]["answers"], own["found"]["tried"][1]["answers"]);
    // It is kept.
    let mut again = short(&[]);
    again.restore(&other.snapshot()).unwrap();
    assert_eq!(again.show(), other.show());
    assert_eq!(again.files().expect("the opened one"), files);
}

#[test]
fn merged_or_trained_whole_it_goes_out_as_a_model() {
    let mut widget = short(&[("rank", "2")]);
    train_hand(&mut *widget);
    widget.say(json!({"type": "merge", "merged": true})).unwrap();
    let merged = widget.files().expect("a merged model");
    assert!(merged.iter().any(|(name, _)| name == "model.safetensors"));
    let mut other = short(&[]);
    other.open(&merged).expect("a model of the world");
    let frame = other.show();
    assert_eq!((&frame["origin"], &frame["step"]), (&json!("imported"), &json!(0)));
    widget.say(json!({"type": "rank", "rank": "full"})).unwrap();
    assert!(widget.files().is_err(), "not trained yet");
    train_hand(&mut *widget);
    assert!(widget.files().unwrap().iter().any(|(name, _)| name == "model.safetensors"));
}

#[test]
fn a_model_of_another_text_is_refused() {
    let mut other =
        open("pretune-next-token", &attributes(&[("n-embd", "8"), ("n-layer", "1")]), None).unwrap();
    let text = "the cat sat on the mat and the dog sat on the log. ".repeat(90);
    other.say(json!({"type": "corpus", "name": "cats", "text": text, "tokenizer": "word"})).unwrap();
    let error = open(TAG, &Attributes::new(), Some(&other.snapshot())).err().expect("it knows no medicine");
    assert!(error.is_input() && error.to_string().contains("miniature world"), "{error}");
}

#[test]
fn without_a_model_there_is_nothing_to_elicit_but_all_works() {
    let mut widget = open(TAG, &attributes(&[("steps", "2")]), None).unwrap();
    let frame = train(&mut *widget);
    assert_eq!(frame["origin"], "random");
    assert!(frame["runs"][0]["kept"].as_u64().unwrap() <= 2);
}

/// The frames that TypeScript checks its types against: at rest, in the middle, at the end. `UPDATE=1 cargo test` rewrites
/// them.
#[test]
fn the_golden_frames_are_reproduced() {
    let mut widget = open(TAG, &attributes(&[("steps", "3"), ("seed", "3"), ("hue", "red")]), None).unwrap();
    let mut frames = vec![widget.show()];
    (0..12).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    train(&mut *widget);
    frames.push(widget.show());
    let lines: Vec<String> = frames.iter().map(Value::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/frames/lora-rank.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(expected == text, "UPDATE=1 cargo test rewrites {path}");
}
