//! `<pretune-objectives>` as the worker uses it.

use pretune::widgets::{Progress, Widget, open};
use serde_json::{Value, json};

use crate::lora_rank::attributes;
use crate::plain::Plain;

const TAG: &str = "pretune-objectives";

fn figure(pairs: &[(&str, &str)]) -> Box<dyn Widget> {
    open(TAG, &attributes(pairs), None).expect("no model to go wrong")
}

/// Trains the objective in hand.
fn train(widget: &mut dyn Widget) -> Value {
    loop {
        let frame = widget.show();
        let hand = frame["hand"].as_u64().unwrap() as usize;
        if frame["goals"][hand]["done"] == true {
            return frame;
        }
        for _ in 0..20 {
            widget.step();
        }
    }
}

fn say(widget: &mut dyn Widget, command: Value) -> Value {
    widget.say(command).expect("it can be done");
    widget.show()
}

/// Pieces as one text.
fn text(pieces: &Value) -> String {
    let name = |piece: &Value| match piece["kind"].as_str().unwrap() {
        "word" => piece["text"].as_str().unwrap().to_owned(),
        "gap" => format!("[{}]", piece["text"].as_str().unwrap()),
        kind => format!("[{kind}]"),
    };
    pieces.as_array().unwrap().iter().map(name).collect::<Vec<_>>().join(" ")
}

fn share(goal: &Value) -> f64 {
    goal["right"].as_f64().unwrap() / goal["asked"].as_f64().unwrap()
}

#[test]
fn the_same_sentence_becomes_another_exercise_under_each_objective() {
    let frame = figure(&[]).show();
    let both = |i: usize| (text(&frame["goals"][i]["input"]), text(&frame["goals"][i]["target"]));
    let words: Vec<&str> =
        frame["words"].as_array().unwrap().iter().map(|w| w["text"].as_str().unwrap()).collect();
    let sentence = words.join(" ");
    assert_eq!(words.iter().filter(|word| **word == ".").count(), 3, "{sentence}");
    let (read, asked) = both(0);
    assert_eq!([read, asked].join(" "), format!("{sentence} [end]"), "the next word");
    let (read, asked) = both(1);
    assert_eq!((read.matches("[mask]").count(), asked.split(' ').count()), (2, 2), "{read}");
    let (read, asked) = both(2);
    assert!(
        read.matches("[1]").count() == 1 && asked.starts_with("[1] ") && asked.ends_with(" [2] [end]"),
        "{read}: {asked}"
    );
    let (read, asked) = both(3);
    assert_eq!(asked, format!("{sentence} [end]"));
    assert!(read.contains("[mask]") && !sentence.starts_with(&read[..8]), "damaged and out of order: {read}");
    assert_eq!(frame["fits"], 1, "the rest decides");
    assert_eq!(frame["said"], Value::Null, "nothing is learned yet");
}

#[test]
fn what_is_pressed_is_hidden() {
    let mut widget = figure(&[("objective", "masked-lm")]);
    let hidden = |frame: &Value| -> Vec<usize> {
        let words = frame["words"].as_array().unwrap();
        (0..words.len()).filter(|i| words[*i]["hidden"] == true).collect()
    };
    let before = hidden(&widget.show());
    let more = say(&mut *widget, json!({"type": "press", "word": 0}));
    assert_eq!(hidden(&more), [&[0], &before[..]].concat());
    assert!(more["fits"].as_u64().unwrap() > 1, "nobody can know who it was");
    for word in hidden(&more) {
        say(&mut *widget, json!({"type": "press", "word": word}));
    }
    assert_eq!(hidden(&widget.show()).len(), 1, "one stays hidden");
    say(&mut *widget, json!({"type": "objective", "objective": "span-corruption"}));
    assert_eq!(
        hidden(&say(&mut *widget, json!({"type": "press", "word": 11}))),
        [10, 11],
        "15 % of 12 words"
    );
    say(&mut *widget, json!({"type": "objective", "objective": "causal-lm"}));
    assert_eq!(
        hidden(&say(&mut *widget, json!({"type": "press", "word": 10}))),
        [10, 11],
        "all that follows"
    );
}

#[test]
fn what_is_learned_is_used_on_what_was_never_read() {
    for (goal, i, steps, seed) in [("causal-lm", 0, "100", "1"), ("masked-lm", 1, "240", "0")] {
        let frame = train(&mut *figure(&[("objective", goal), ("steps", steps), ("seed", seed)]));
        assert!(share(&frame["goals"][i]) > 0.9, "{goal}: {}", frame["summary"]);
        assert_eq!(frame["fits"], 1, "{goal}: the rest decides");
        assert_eq!(text(&frame["said"]), text(&frame["goals"][i]["target"]), "{goal}");
        assert_eq!(frame["exact"], true);
    }
}

#[test]
fn captions_are_found_and_the_order_of_their_words_is_hardly_read() {
    for seed in ["0", "1"] {
        let mut widget = figure(&[("objective", "contrastive"), ("seed", seed)]);
        let frame = train(&mut *widget);
        let goal = &frame["goals"][4];
        let swapped = goal["swapped"][0].as_f64().unwrap() / goal["swapped"][1].as_f64().unwrap();
        assert!(share(goal) > 0.9 && (0.5..0.9).contains(&swapped), "{}", frame["summary"]);
        let pairs = frame["pairs"].as_array().unwrap();
        assert_eq!(pairs.len(), 4);
        for pair in pairs {
            assert_eq!(pair["pixels"].as_str().unwrap().len(), 16 * 16 * 6);
            assert_eq!(pair["found"]["right"], pair["found"]["caption"] == pair["caption"]);
        }
        let others = say(&mut *widget, json!({"type": "pictures"}));
        assert_ne!(others["pairs"][0]["caption"], pairs[0]["caption"]);
    }
}

#[test]
fn the_one_in_hand_goes_first_and_what_is_trained_is_restored() {
    let pairs = [("steps", "12"), ("objective", "denoising"), ("seed", "4")];
    let mut straight = figure(&pairs);
    let first = train(&mut *straight);
    let done: Vec<bool> =
        first["goals"].as_array().unwrap().iter().map(|goal| goal["done"] == true).collect();
    assert_eq!(done, [false, false, false, true, false]);
    while straight.step() != Progress::Done {}
    let whole = straight.show();
    assert!(whole["fingerprint"].is_string() && whole["step"] == whole["steps"]);

    let mut one = figure(&pairs);
    let mut unit = 0;
    while one.step() != Progress::Done {
        unit += 1;
        if unit % 40 == 0 {
            let mut other = figure(&[]);
            other.restore(&one.snapshot()).expect("its own snapshot");
            let done = |widget: &mut dyn Widget| {
                let frame = widget.show();
                let goals = frame["goals"].as_array().unwrap().clone();
                (
                    goals.into_iter().filter(|goal| goal["done"] == true).collect::<Vec<_>>(),
                    frame["config"].clone(),
                )
            };
            assert_eq!(done(&mut *other), done(&mut *one), "after {unit} units");
            one = other;
        }
    }
    let mut ended = one.show();
    ended["learning"] = whole["learning"].clone();
    assert_eq!(ended, whole);
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut widget = figure(&[("steps", "2")]);
    (0..4).for_each(|_| _ = widget.step());
    let before = widget.show();
    for command in [
        json!({"type": "objective", "objective": "guessing"}),
        json!({"type": "sentence", "sentence": 6}),
        json!({"type": "press", "word": 12}),
        json!({"type": "press"}),
        json!({"type": "dance"}),
    ] {
        assert!(widget.say(command.clone()).expect_err("refused").is_input(), "{command}");
    }
    assert!(widget.files().expect_err("none is given away").is_input());
    assert!(widget.open(&Vec::new()).expect_err("none is taken").is_input());
    let snapshot = widget.snapshot();
    assert!(widget.restore(&snapshot[..snapshot.len() / 2]).expect_err("half of it").is_input());
    assert!(widget.restore(b"").expect_err("nothing").is_input());
    assert_eq!(widget.show(), before);
    let frame =
        figure(&[("objective", "sleep"), ("steps", "501"), ("colour", "red"), ("class", "wide")]).show();
    let warnings = frame["warnings"].as_array().unwrap();
    let names: Vec<_> = warnings.iter().map(|w| w["attribute"].as_str().unwrap()).collect();
    assert_eq!(names, ["colour", "objective", "steps"]);
    assert_eq!(frame["config"], json!({"objective": "masked-lm", "seed": "0", "steps": "500"}));
}

/// The frames that TypeScript checks its types against: at rest, of words, of pictures. `UPDATE=1 cargo test` rewrites them.
#[test]
fn the_golden_frames_are_reproduced() {
    let mut widget = figure(&[("steps", "20"), ("seed", "3"), ("hue", "red")]);
    let mut frames = vec![widget.show()];
    (0..15).for_each(|_| _ = widget.step());
    frames.push(widget.show());
    while widget.step() != Progress::Done {}
    frames.push(widget.show());
    frames.push(say(&mut *widget, json!({"type": "objective", "objective": "contrastive"})));
    crate::plain::golden("objectives", &frames);
}
