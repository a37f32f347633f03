//! The file of comparisons.

use pretune::data::{MAX_FIELD_BYTES, MAX_PREFERENCES, MAX_TEXT_BYTES, Preference, from_jsonl, to_jsonl};
use proptest::prelude::*;

fn preference(prompt: &str, chosen: &str, rejected: &str) -> Preference {
    let [prompt, chosen, rejected] = [prompt, chosen, rejected].map(str::to_owned);
    Preference { prompt, chosen, rejected }
}

fn refused(text: &str) -> String {
    let error = from_jsonl(text).unwrap_err();
    assert!(error.is_input());
    error.to_string()
}

const GOOD: &str = "{\"prompt\": \"p\", \"chosen\": \"a\", \"rejected\": \"b\"}\n";

proptest! {
    #[test]
    fn what_is_written_is_read_again(texts in prop::collection::vec("(?s).{0,30}", 0..12)) {
        let preferences: Vec<Preference> = texts
            .chunks_exact(2)
            .map(|pair| preference(&pair[0], &pair[1], &format!("{} ", pair[1])))
            .collect();
        let text = to_jsonl(&preferences);
        prop_assert_eq!(text.matches('\n').count(), preferences.len());
        for line in text.lines() {
            prop_assert!(serde_json::from_str::<serde_json::Value>(line).is_ok());
        }
        prop_assert_eq!(from_jsonl(&text).unwrap(), preferences);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(?s)[{}\",:a-c\\\\\n\u{2028} ]{0,60}") {
        if let Err(error) = from_jsonl(&text) {
            prop_assert!(error.to_string().starts_with("preferences:"));
        }
    }
}

#[test]
fn a_line_is_what_trl_expects() {
    let one = preference(" Explain rain:", " It \"means\"\nthat\u{2028}.", " Él 雨 🌧 \\");
    assert_eq!(
        to_jsonl(std::slice::from_ref(&one)),
        "{\"prompt\":\" Explain rain:\",\"chosen\":\" It \\\"means\\\"\\nthat\u{2028}.\",\"rejected\":\" Él 雨 🌧 \\\\\"}\n"
    );
    let escaped = r#"{"rejected": " \u00c9l \u96e8 \ud83c\udf27 \\", "score": 3, "chosen": " It \"means\"\nthat\u2028.", "prompt": " Explain rain:"}"#;
    assert_eq!(from_jsonl(&format!("\r\n{escaped}\r\n\n  \n{escaped}")).unwrap(), [one.clone(), one]);
    assert_eq!(from_jsonl("").unwrap(), []);
}

#[test]
fn a_malformed_line_is_named_with_what_is_wrong() {
    for (line, expected) in [
        ("{\"prompt\": \"p\", ", "preferences:4:17: the end; a name in quotes, to be JSON"),
        (
            "[1, 2]",
            "preferences:4: a list; an object {\"prompt\": …, \"chosen\": …, \"rejected\": …} on each line",
        ),
        ("7", "preferences:4: a number; an object"),
        ("{\"prompt\": \"p\", \"chosen\": \"a\"}", "preferences:4:rejected: nothing; a text"),
        (
            "{\"prompt\": \"p\", \"chosen\": [{\"role\": \"user\"}], \"rejected\": \"b\"}",
            "preferences:4:chosen: [{\"role\":\"user\"}]; a text",
        ),
        (
            "{\"prompt\": \"p\", \"chosen\": \"a\", \"rejected\": \"a\"}",
            "preferences:4: chosen and rejected are the same; two different completions",
        ),
        (&(GOOD.trim().to_owned() + GOOD.trim()), "preferences:4:48: '{'; the end, to be JSON"),
    ] {
        let message = refused(&format!("{GOOD}\n{GOOD}{line}\n{GOOD}"));
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn what_is_too_much_is_refused_with_both_numbers() {
    let field = |n| format!("{{\"prompt\": \"p\", \"chosen\": \"a\", \"rejected\": \"{}\"}}", "b".repeat(n));
    assert!(from_jsonl(&field(MAX_FIELD_BYTES)).is_ok());
    let long = refused(&field(MAX_FIELD_BYTES + 1));
    assert_eq!(long, "preferences:1:rejected: a text of 16385 bytes; at most 16384 bytes");

    let many = GOOD.repeat(MAX_PREFERENCES);
    assert_eq!(from_jsonl(&many).unwrap().len(), MAX_PREFERENCES);
    let more = refused(&(many + GOOD));
    assert_eq!(more, "preferences:10001: one more comparison; at most 10000 comparisons in a file");

    let bytes = refused(&"\n".repeat(MAX_TEXT_BYTES + 1));
    assert_eq!(bytes, "preferences: a file of 4194305 bytes; at most 4 MiB");
}
