//! The weights after 200 seeded steps, which are the same on every target. `tests/browser` holds Node and
//! Chromium against the same file.

use pretune::widgets::{Progress, Widget, open};
use serde_json::{Value, json};

use crate::plain::{Plain, attributes};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/fingerprints.json");

fn cases() -> Vec<Value> {
    let text = "All happy families are alike; every unhappy family is unhappy in its own way.\n".repeat(40);
    let own =
        |tokenizer: &str| json!({"type": "corpus", "name": "own", "text": text, "tokenizer": tokenizer});
    let case = |name: &str, attributes: Value, commands: Vec<Value>| json!({"name": name, "attributes": attributes, "commands": commands, "fingerprint": Value::Null});
    vec![
        case("the default model", json!({"seed": "5", "steps": "200"}), vec![]),
        case(
            "odd sizes",
            json!({"seed": "11", "steps": "200", "n-embd": "27", "n-head": "3", "n-layer": "3", "block-size": "13", "batch-size": "5"}),
            vec![],
        ),
        case("characters", json!({"seed": "2", "steps": "200", "block-size": "24"}), vec![own("char")]),
        case(
            "byte pairs",
            json!({"seed": "2", "steps": "200", "block-size": "24", "vocab-size": "300"}),
            vec![own("bpe")],
        ),
    ]
}

fn widget(case: &Value) -> Box<dyn Widget> {
    let mut widget =
        open("pretune-next-token", &attributes(&case["attributes"]), None).expect("no checkpoint");
    for command in case["commands"].as_array().expect("a list") {
        widget.say(command.clone()).expect("a good command");
    }
    widget
}

fn fingerprint(case: &Value) -> Value {
    let mut widget = widget(case);
    while widget.step() != Progress::Done {}
    widget.show()["fingerprint"].clone()
}

/// A run whose steps are shared by `n` workers, wherever one can be.
fn fingerprint_of_a_team(case: &Value, n: usize) -> Value {
    let mut team: Vec<_> = (0..n).map(|_| widget(case)).collect();
    let n_trained = team[0].run().0.params.n_trained();
    let (mut partial, mut weights) = (vec![0.0; n_trained + 1], vec![0.0; n_trained]);
    loop {
        let shards = team[0].shards();
        if shards < n {
            // Alone: an evaluation, or the very first step, after which the others begin where it ended.
            match team[0].step() {
                Progress::Done => return team[0].show()["fingerprint"].clone(),
                Progress::Part => continue,
                Progress::Step => {}
            }
            let snapshot = team[0].snapshot();
            team[1..].iter_mut().for_each(|other| other.restore(&snapshot).expect("a snapshot"));
            continue;
        }
        let each = shards / n;
        for (i, member) in team.iter_mut().enumerate() {
            let (run, corpus) = member.run();
            run.begin(corpus);
            (i * each..(i + 1) * each).for_each(|shard| run.shard(shard));
        }
        let (first, others) = team.split_first_mut().expect("a team of one at least");
        for other in &mut *others {
            other.run().0.partial(&mut partial);
            first.run().0.merge(each, &partial);
        }
        assert_eq!(first.finish(), Progress::Step);
        first.run().0.params.trained(&mut weights);
        others.iter_mut().for_each(|other| other.run().0.follow(&weights));
    }
}

#[test]
fn a_team_computes_the_same_bits_as_one() {
    for mut case in cases().into_iter().take(2) {
        case["attributes"]["steps"] = json!("30");
        let expected = fingerprint(&case);
        for n in [2, 4] {
            assert_eq!(fingerprint_of_a_team(&case, n), expected, "{} by {n}", case["name"]);
        }
    }
}

#[test]
fn golden_fingerprints_are_reproduced() {
    let mut cases = cases();
    for case in &mut cases {
        case["fingerprint"] = fingerprint(case);
    }
    let cases = serde_json::to_string_pretty(&cases).expect("JSON") + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(FILE, &cases).expect("a writable file");
    }
    let golden = std::fs::read_to_string(FILE).unwrap_or_default();
    assert_eq!(golden, cases, "a change of bits is a decision: UPDATE=1 cargo test rewrites {FILE}");
}
