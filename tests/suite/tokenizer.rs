//! Tokenizers against the `tokenizers` library, and what any of them must keep.

use crate::golden;
use pretune::data::{Tokenizer, TokenizerKind};
use proptest::prelude::*;
use serde_json::Value;

const SPECIALS: [&str; 3] = ["<|endoftext|>", "<|pad|>", "<|mask|>"];

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn ids(value: &Value) -> Vec<u32> {
    serde_json::from_value(value.clone()).expect("a list of ids")
}

fn items(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

// golden.py::tokenizer: BpeTrainer(vocab_size, special_tokens, initial_alphabet=ByteLevel.alphabet()), saved.
#[test]
fn golden_tokenizer_training_gives_the_same_file() {
    for folder in golden::folders() {
        let text = golden::read(&folder, "tokenizer/train_text.txt");
        let expected = golden::read(&folder, "tokenizer/tokenizer.json");
        let config = json(&golden::read(&folder, "tokenizer/tokenizer_config.json"));
        let size = Tokenizer::from_json(&expected).unwrap().vocab_size();

        let trained = Tokenizer::train_with(&SPECIALS, TokenizerKind::Bpe, &text, size).unwrap();
        let same = json(&trained.to_json()) == json(&expected);
        assert!(same, "{}: another tokenizer than the library's", folder.display());
        let length = config["model_max_length"].as_u64().unwrap() as usize;
        assert_eq!(json(&trained.config_json(length)), config, "{}", folder.display());
    }
}

#[test]
fn golden_tokenizer_encodings_and_decodings_are_the_same() {
    for folder in golden::folders() {
        let tokenizer = Tokenizer::from_json(&golden::read(&folder, "tokenizer/tokenizer.json")).unwrap();
        let text = golden::read(&folder, "tokenizer/train_text.txt");
        let expected = json(&golden::read(&folder, "tokenizer/encodings.json"));
        assert_eq!(tokenizer.vocab_size() as u64, expected["vocab_size"].as_u64().unwrap());
        assert_eq!(tokenizer.encode(&text).len() as u64, expected["text_ids_length"].as_u64().unwrap());
        for case in items(&expected["encodings"]) {
            let text = case["text"].as_str().unwrap();
            assert_eq!(tokenizer.encode(text), ids(&case["ids"]), "{text:?} in {}", folder.display());
            assert_eq!(tokenizer.decode(&ids(&case["ids"])), text);
        }
        for case in items(&expected["decodings"]) {
            assert_eq!(tokenizer.decode(&ids(&case["ids"])), case["text"].as_str().unwrap());
        }
    }
}

fn tokenizers() -> Vec<Tokenizer> {
    let text = "Zürich isn't far, she said; 10 cafés\n\n  and 日本語 aaaaaaa. Zürich isn't far.";
    [TokenizerKind::Char, TokenizerKind::Word, TokenizerKind::Bpe]
        .map(|kind| Tokenizer::train(kind, text, 280).unwrap())
        .into()
}

proptest! {
    #[test]
    fn any_text_comes_back(text in r"(\PC|[\s\u{0}-\u{7f}é日]|<\|endoftext\|>| isn't|Zürich){0,40}") {
        for tokenizer in tokenizers() {
            prop_assert_eq!(&tokenizer.decode(&tokenizer.encode(&text)), &text);
        }
    }
}

#[test]
fn a_file_gives_the_same_tokenizer_again() {
    for tokenizer in tokenizers() {
        assert_eq!(Tokenizer::from_json(&tokenizer.to_json()).unwrap(), tokenizer);
    }
}

fn texts(tokenizer: &Tokenizer, text: &str) -> Vec<String> {
    tokenizer.encode(text).into_iter().map(|id| tokenizer.text_of(id)).collect()
}

#[test]
fn kinds_cut_in_their_own_way() {
    let [char, word, bpe] = tokenizers().try_into().unwrap();
    assert_eq!(texts(&char, "Zü<|endoftext|> é"), ["Z", "ü", "<|endoftext|>", " ", "é"]);
    assert_eq!(texts(&word, " isn't ox"), [" isn", "'t", " ", "o", "x"]);
    assert_eq!(texts(&bpe, " isn't"), [" isn", "'t"]);
    assert_eq!(
        word.encode(" ox.").iter().map(|&id| word.is_byte(id)).collect::<Vec<_>>(),
        [true, true, true, false]
    );
    assert_eq!(
        char.encode("x€").iter().map(|&id| char.is_byte(id)).collect::<Vec<_>>(),
        [false, true, true, true]
    );
}

#[test]
fn the_limit_of_the_vocabulary_counts_everything() {
    let text = "b b b b a a a c c";
    let word = Tokenizer::train(TokenizerKind::Word, text, 259).unwrap();
    assert_eq!(
        (word.vocab_size(), texts(&word, " b a c")),
        (259, [" b", " a", " ", "c"].map(String::from).into())
    );
    assert_eq!(Tokenizer::train(TokenizerKind::Bpe, text, 258).unwrap().vocab_size(), 258);
    let error = Tokenizer::train(TokenizerKind::Bpe, text, 256).unwrap_err().to_string();
    assert_eq!(error, "vocab_size: 256; at least 257: 256 bytes and <|endoftext|>");
}

/// A tokenizer's file with one value replaced.
fn spoiled(pointer: &str, value: Value) -> String {
    let mut file = json(&tokenizers()[2].to_json());
    *file.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
    file.to_string()
}

#[test]
fn files_that_ask_for_something_else_are_refused() {
    use serde_json::json;
    let added = json(&tokenizers()[2].to_json())["added_tokens"][0].clone();
    let cases = [
        ("/model/type", json!("Unigram"), "a model of type \"Unigram\""),
        ("/model/dropout", json!(0.1), "dropout"),
        ("/model/byte_fallback", json!(true), "byte_fallback"),
        ("/model/end_of_word_suffix", json!("</w>"), "suffix"),
        ("/model/ignore_merges", json!(true), "ignore_merges"),
        ("/model/vocab/a", json!(60_000), "gaps"),
        ("/model/vocab/a", json!(99_999), "a token of id 99999"),
        ("/model/vocab/a", json!(-1), "-1; a whole number"),
        ("/model/vocab/a", json!(2), "two tokens of id 2"),
        ("/model/merges/0", json!(["a", "€"]), r#"merge ["a","€"]"#),
        ("/model/merges/0", json!("ab"), "merge \"ab\""),
        ("/normalizer", json!({"type": "NFC"}), "a normalizer"),
        ("/pre_tokenizer", json!({"type": "Whitespace"}), "a pre-tokenizer"),
        ("/pre_tokenizer", json!("ByteLevel"), "a pre-tokenizer"),
        ("/pre_tokenizer/add_prefix_space", json!(true), "a pre-tokenizer"),
        ("/post_processor", json!({"type": "BertProcessing"}), "a post-processor"),
        ("/decoder", json!(null), "a decoder"),
        ("/added_tokens", json!([]), "no special token"),
        ("/added_tokens/0/lstrip", json!(true), "added token"),
        ("/added_tokens/0/content", json!(""), "added token"),
        ("/added_tokens/0/id", json!(70_000), "id 70000"),
        ("/added_tokens", json!(vec![added; 257]), "257 added tokens"),
        ("/model", json!(null), "a model of type null"),
    ];
    for (pointer, value, expected) in cases {
        let error = Tokenizer::from_json(&spoiled(pointer, value)).unwrap_err();
        assert!(error.is_input() && error.to_string().contains(expected), "{pointer}: {error}");
    }
    for text in ["", "{}", "[[[[[[[[", &"[".repeat(100_000), &" ".repeat(17 << 20)] {
        assert!(Tokenizer::from_json(text).unwrap_err().is_input());
    }
}

#[test]
fn a_file_in_the_style_of_gpt2s_own_is_read() {
    let ours = &tokenizers()[2];
    let mut file = json(&ours.to_json());
    let model = file["model"].as_object_mut().unwrap();
    model.remove("type");
    model["end_of_word_suffix"] = "".into();
    let line = |pair: &Value| format!("{} {}", pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
    model["merges"] = items(&model["merges"]).iter().map(line).collect::<Vec<_>>().into();
    file["pre_tokenizer"].as_object_mut().unwrap().remove("use_regex");
    file["post_processor"] = serde_json::json!({ "type": "ByteLevel", "trim_offsets": false });
    assert_eq!(&Tokenizer::from_json(&file.to_string()).unwrap(), ours);
}

#[test]
fn a_file_without_a_byte_is_refused() {
    let mut file = json(&tokenizers()[1].to_json());
    let vocab = file["model"]["vocab"].as_object_mut().unwrap();
    let last = vocab.len() - 1;
    let name = vocab.iter().find(|(_, id)| **id == last).unwrap().0.clone();
    vocab.remove(&name);
    let a = vocab.remove("a").unwrap();
    vocab.insert("ab".to_owned(), a);
    let error = Tokenizer::from_json(&file.to_string()).unwrap_err().to_string();
    assert!(error.contains("no token for byte 97"), "{error}");
}
