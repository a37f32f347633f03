//! The Hugging Face folder: what leaves can come back, and says what transformers expects.
//!
//! `PRETUNE_EXPORT=DIR cargo test export` also writes the folders to DIR, one below it for each model, for a look
//! from outside (`AutoModelForCausalLM.from_pretrained`).

use std::path::Path;

use pretune::checkpoint::{Probe, folder, open, read_config};
use pretune::data::{Tokenizer, TokenizerKind};
use pretune::nn::{CausalLm, Gpt2};
use pretune::tensor::Params;
use serde_json::Value;

use super::{Model, TEXT, bits, file};

fn models() -> Vec<(&'static str, Model)> {
    vec![
        ("char", Model::new(TokenizerKind::Char, |_| {})),
        ("word", Model::new(TokenizerKind::Word, |config| config.n_inner = Some(20))),
        ("bpe", Model::new(TokenizerKind::Bpe, |config| config.layer_norm_epsilon = 1e-3)),
        // More rows than tokens, as some training programs pad.
        ("padded", Model::new(TokenizerKind::Bpe, |config| config.vocab_size += 20)),
        ("untied", Model::new(TokenizerKind::Word, |config| config.tie_word_embeddings = false)),
        ("bidirectional", Model::new(TokenizerKind::Word, |config| config.is_causal = false)),
    ]
}

#[test]
fn exported_models_open_as_they_were() {
    for (name, model) in models() {
        let files = model.files();
        assert_eq!(files, model.files(), "the same model gives the same bytes");
        let (config, params, tokenizer) = open(&files).unwrap();
        assert_eq!(config, model.model.config, "{name}");
        assert_eq!(bits(&params), bits(&model.params), "{name}");
        assert_eq!(tokenizer.encode(TEXT), model.tokenizer.encode(TEXT), "{name}");
        if let Some(folder) = std::env::var_os("PRETUNE_EXPORT") {
            write(&Path::new(&folder).join(name), &files);
        }
    }
}

pub fn write(folder: &Path, files: &super::Files) {
    std::fs::create_dir_all(folder).unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    std::fs::write(folder.join("text.txt"), TEXT).unwrap();
}

#[test]
fn golden_config_json_is_what_transformers_writes() {
    for path in crate::golden::folders() {
        let golden = crate::golden::read(&path, "model/config.json");
        let mut theirs: Value = serde_json::from_str(&golden).unwrap();
        theirs.as_object_mut().unwrap().remove("transformers_version");
        let config = read_config(golden.as_bytes()).unwrap();
        let mut params = Params::new();
        let model = Gpt2::init(config, &mut params, &mut pretune::rng::Rng::new(0));
        let probe = Probe {
            prompt: String::new(),
            input_ids: Vec::new(),
            logits_last: Vec::new(),
            greedy: None,
            perplexity: None,
            encodings: Vec::new(),
        };
        let files = folder(&model, &params, &Tokenizer::train(TokenizerKind::Char, "a", 0).unwrap(), &probe);
        let ours: Value = serde_json::from_slice(file(&files, "config.json")).unwrap();
        assert_eq!(ours, theirs);
    }
}

#[test]
fn bidirectional_and_only_bidirectional_models_say_so() {
    for (name, model) in models() {
        let config: Value = serde_json::from_slice(file(&model.files(), "config.json")).unwrap();
        let expected = if name == "bidirectional" { Some(&Value::Bool(false)) } else { None };
        assert_eq!(config.get("is_causal"), expected, "{name}");
    }
}

#[test]
fn the_probe_fits_the_context_and_states_what_the_model_computes() {
    let model = Model::new(TokenizerKind::Word, |_| {});
    let long = TEXT.repeat(3);
    for prompt in ["", " The", "日本語", &long] {
        let probe =
            Probe::new(CausalLm::new(&model.model, &model.params), &model.tokenizer, prompt, Some(&long));
        assert_eq!(probe.input_ids, model.tokenizer.encode(&probe.prompt), "{prompt:?}");
        assert!(long.ends_with(&probe.prompt) || probe.prompt != long);
        assert_eq!(probe.logits_last.len(), model.model.config.vocab_size);
        let greedy = probe.greedy.unwrap();
        assert!(!greedy.is_empty() && probe.input_ids.len() + greedy.len() <= 25, "{}", greedy.len());
        let likeliest = (0..probe.logits_last.len())
            .max_by(|&a, &b| probe.logits_last[a].total_cmp(&probe.logits_last[b]))
            .unwrap();
        assert_eq!(greedy[0] as usize, likeliest);
        // Random weights know nothing: about as lost as among all tokens.
        let perplexity = probe.perplexity.unwrap();
        assert!((100.0..2000.0).contains(&perplexity), "{perplexity}");
    }
    let tiny = Model::new(TokenizerKind::Char, |config| config.n_positions = 1);
    let probe = tiny.probe();
    assert_eq!((probe.input_ids.len(), probe.greedy.unwrap().len(), probe.perplexity), (1, 1, None));
    let both_ways = Model::new(TokenizerKind::Char, |config| config.is_causal = false).probe();
    assert_eq!((both_ways.greedy, both_ways.perplexity), (None, None));
}
