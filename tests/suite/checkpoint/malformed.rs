//! Folders by others: the variants that are fine, and one clear error for each thing that is not.

use pretune::checkpoint::{Dtype, Meta, open, read, write};
use pretune::data::TokenizerKind;
use pretune::tensor::Params;
use safetensors::tensor::{Dtype as Kind, TensorView, serialize};
use serde_json::{Value, json};

use super::{Files, Model, bits, file, with};

const WEIGHTS: &str = "model.safetensors";

fn model() -> Model {
    Model::new(TokenizerKind::Word, |_| {})
}

/// The folder with other tensors: name, shape and values as `change` leaves them.
fn with_tensors(files: &Files, change: impl FnOnce(&mut Vec<(String, Vec<usize>, Vec<f32>)>)) -> Files {
    let (params, meta) = read(file(files, WEIGHTS)).unwrap();
    let mut tensors: Vec<_> = params
        .ids()
        .map(|id| (params.name(id).to_owned(), params.shape(id).to_vec(), params.value(id).to_vec()))
        .collect();
    change(&mut tensors);
    let mut changed = Params::new();
    for (name, shape, values) in tensors {
        let mut values = values.into_iter();
        changed.add(&name, &shape, || values.next().unwrap());
    }
    with(files, WEIGHTS, write(&changed, &meta, Dtype::F32))
}

/// The folder with another entry in config.json; `None` takes it away.
fn with_config(files: &Files, entry: &str, value: Option<Value>) -> Files {
    let mut config: Value = serde_json::from_slice(file(files, "config.json")).unwrap();
    match value {
        Some(value) => config[entry] = value,
        None => drop(config.as_object_mut().unwrap().remove(entry)),
    }
    with(files, "config.json", config.to_string().into_bytes())
}

fn assert_refused(files: &Files, parts: &[&str]) {
    let error = match open(files) {
        Ok(_) => panic!("opened, but should say {parts:?}"),
        Err(error) => error,
    };
    let message = error.to_string();
    assert!(
        error.is_input() && parts.iter().all(|part| message.contains(part)),
        "{message:?}, not {parts:?}"
    );
}

#[test]
fn names_without_prefix_and_with_old_buffers_are_the_same_model() {
    let model = model();
    let files = with_tensors(&model.files(), |tensors| {
        for tensor in tensors.iter_mut() {
            tensor.0 = tensor.0.trim_start_matches("transformer.").to_owned();
        }
        tensors.push(("h.0.attn.bias".to_owned(), vec![1, 1, 24, 24], vec![1.0; 24 * 24]));
        tensors.push(("transformer.h.1.attn.masked_bias".to_owned(), vec![], vec![f32::NEG_INFINITY]));
    });
    assert_eq!(bits(&open(&files).unwrap().1), bits(&model.params));
}

#[test]
fn a_head_that_equals_the_embedding_is_dropped_and_another_unties() {
    let model = model();
    let head = |change: f32| {
        with_tensors(&model.files(), |tensors| {
            let (_, shape, mut values) = tensors[0].clone();
            values[3] += change;
            tensors.insert(0, ("lm_head.weight".to_owned(), shape, values));
        })
    };
    let (config, params, _) = open(&head(0.0)).unwrap();
    assert!(config.tie_word_embeddings && params.id("lm_head.weight").is_none());
    let (config, params, _) = open(&head(0.5)).unwrap();
    assert!(!config.tie_word_embeddings && params.id("lm_head.weight").is_some());
}

#[test]
fn half_and_brain_floats_are_read_and_other_types_are_not() {
    let model = model();
    let files = model.files();
    let store = |kind: Kind, bytes: &dyn Fn(f32) -> Vec<u8>| {
        let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = bits(&model.params)
            .into_iter()
            .map(|(name, shape, bits)| {
                let data = bits.into_iter().flat_map(|b| bytes(f32::from_bits(b))).collect();
                (name.to_owned(), shape.to_vec(), data)
            })
            .collect();
        let views = tensors.iter().map(|(n, s, d)| (n, TensorView::new(kind, s.clone(), d).unwrap()));
        with(&files, WEIGHTS, serialize(views, None).unwrap())
    };
    let brain = open(&store(Kind::BF16, &|x| x.to_bits().to_le_bytes()[2..].to_vec())).unwrap().1;
    for id in model.params.ids() {
        let again = brain.id(model.params.name(id)).unwrap();
        for (x, y) in model.params.value(id).iter().zip(brain.value(again)) {
            assert_eq!(x.to_bits() & 0xffff_0000, y.to_bits());
        }
    }
    let half = with(&files, WEIGHTS, write(&model.params, &Meta::new(), Dtype::BF16));
    assert_eq!(open(&half).unwrap().1.n_params(), model.params.n_params());
    let double = store(Kind::F64, &|x| f64::from(x).to_le_bytes().to_vec());
    assert_refused(&double, &["model.safetensors", "F64", "F32, F16 or BF16"]);
}

#[test]
fn files_are_found_below_a_folder_and_missed_by_name() {
    let files = model().files();
    let mut below: Files = files.iter().map(|(n, b)| (format!("my model/{n}"), b.clone())).collect();
    below.push(("my model/adapter/config.json".to_owned(), b"{}".to_vec()));
    below.push(("my model/README.md".to_owned(), Vec::new()));
    open(&below).unwrap();
    for name in ["config.json", WEIGHTS, "tokenizer.json"] {
        let rest: Files = files.iter().filter(|(n, _)| n != name).cloned().collect();
        assert_refused(&rest, &[name, "missing"]);
    }
    let mut sharded: Files = files.iter().filter(|(n, _)| n != WEIGHTS).cloned().collect();
    sharded.push(("model.safetensors.index.json".to_owned(), Vec::new()));
    assert_refused(&sharded, &["a single file"]);
    assert_refused(&Vec::new(), &["config.json", "missing"]);
}

#[test]
fn a_configuration_of_another_network_is_refused() {
    let files = model().files();
    let cases: [(&str, Option<Value>, &str); 22] = [
        ("model_type", Some(json!("llama")), "\"llama\"; \"gpt2\""),
        ("model_type", None, "missing"),
        ("activation_function", Some(json!("relu")), "\"relu\"; \"gelu_new\""),
        ("activation_function", Some(json!("gelu")), "\"gelu\"; \"gelu_new\""),
        ("scale_attn_weights", Some(json!(false)), "false; true"),
        ("scale_attn_by_inverse_layer_idx", Some(json!(true)), "true; false"),
        ("add_cross_attention", Some(json!(true)), "true; false"),
        ("quantization_config", Some(json!({"bits": 4})), "quantized"),
        ("layer_norm_epsilon", Some(json!(0.0)), "above 0"),
        ("layer_norm_epsilon", Some(json!(1e30)), "above 0"),
        ("n_head", Some(json!(5)), "divides n_embd"),
        ("n_head", Some(json!(0)), "at least 1"),
        ("n_layer", Some(json!(0)), "at least 1"),
        ("n_layer", Some(json!(1_000_000)), "at most 64"),
        ("n_layer", Some(json!(-1)), "-1; a whole number"),
        ("n_embd", Some(json!(1u64 << 50)), "at most 4096"),
        ("n_embd", Some(json!(4092)), "parameters; at most 20000000"),
        ("n_positions", Some(json!(1 << 20)), "at most 4096"),
        ("n_inner", Some(json!(1 << 30)), "at most 16384"),
        ("vocab_size", Some(json!(1 << 17)), "at most 65536"),
        ("vocab_size", Some(json!("300")), "\"300\"; a whole number"),
        ("is_causal", Some(json!("no")), "\"no\"; true or false"),
    ];
    for (entry, value, part) in cases {
        assert_refused(&with_config(&files, entry, value), &["config.json", part]);
    }
    assert_refused(&with(&files, "config.json", b"[1".to_vec()), &["config.json"]);
    assert_refused(
        &with(&files, "config.json", vec![b' '; (1 << 20) + 1]),
        &["config.json", "at most 1048576"],
    );
}

#[test]
fn a_configuration_in_other_words_is_accepted() {
    let files = model().files();
    open(&with_config(&files, "activation_function", Some(json!("gelu_pytorch_tanh")))).unwrap();
    for entry in ["activation_function", "layer_norm_epsilon", "tie_word_embeddings", "n_inner"] {
        open(&with_config(&files, entry, None)).unwrap();
    }
    // transformers' default ids lie outside of a small vocabulary.
    let files = with_config(&files, "eos_token_id", Some(json!(50_256)));
    assert_eq!(open(&files).unwrap().0.eos_token_id, None);
    let mut renamed = with_config(&files, "n_positions", None);
    renamed = with_config(&renamed, "max_position_embeddings", Some(json!(24)));
    assert_eq!(open(&renamed).unwrap().0.n_positions, 24);
}

#[test]
fn tensors_that_do_not_fit_are_named() {
    let files = model().files();
    let drop_last = with_tensors(&files, |tensors| drop(tensors.pop()));
    assert_refused(&drop_last, &["model.safetensors:transformer.ln_f.bias", "missing", "[12]"]);
    let transposed = with_tensors(&files, |tensors| {
        let tensor = tensors.iter_mut().find(|t| t.0 == "transformer.h.0.attn.c_attn.weight").unwrap();
        tensor.1.reverse();
    });
    let parts = ["transformer.h.0.attn.c_attn.weight", "shape [36, 12]", "[12, 36]"];
    assert_refused(&transposed, &parts);
    for name in
        ["score.weight", "transformer.h.2.ln_1.weight", "transformer.h.00.ln_1.weight", "h.0.attn.q.weight"]
    {
        let extra = with_tensors(&files, |t| t.push((name.to_owned(), vec![12], vec![0.0; 12])));
        assert_refused(&extra, &[name, "not part of the model"]);
    }
    let twice = with_tensors(&files, |tensors| {
        let mut copy = tensors[1].clone();
        copy.0 = copy.0.replace("transformer.", "");
        tensors.push(copy);
    });
    assert_refused(&twice, &["transformer.wpe.weight", "twice"]);
    for value in [f32::NAN, f32::INFINITY] {
        let broken = with_tensors(&files, |tensors| tensors[2].2[1] = value);
        assert_refused(&broken, &["transformer.h.0.ln_1.weight", "not a number"]);
    }
    let untied = with_config(&files, "tie_word_embeddings", Some(json!(false)));
    assert_refused(&untied, &["lm_head.weight", "missing"]);
}

#[test]
fn a_tokenizer_must_be_one_and_fit() {
    let files = model().files();
    assert_refused(&with(&files, "tokenizer.json", b"{}".to_vec()), &["tokenizer.json"]);
    assert_refused(&with(&files, "tokenizer.json", vec![0xff]), &["tokenizer.json", "UTF-8"]);
    let larger = Model::new(TokenizerKind::Bpe, |_| {}).tokenizer;
    assert!(larger.vocab_size() > model().tokenizer.vocab_size());
    let files = with(&files, "tokenizer.json", larger.to_json().into_bytes());
    assert_refused(&files, &["tokenizer.json", "300 tokens", "the model's vocab_size"]);
}

#[test]
fn too_much_is_refused_before_it_is_read() {
    let mut files = model().files();
    let header = with(&files, WEIGHTS, u64::MAX.to_le_bytes().to_vec());
    assert_refused(&header, &["model.safetensors", "header"]);
    files.push(("optimizer.bin".to_owned(), vec![0; (128 << 20) + 1]));
    assert_refused(&files, &["folder", "bytes", "at most"]);
    let mut many = Params::new();
    for i in 0..4097 {
        many.add(&format!("t{i}"), &[0], || 0.0);
    }
    let error = read(&write(&many, &Meta::new(), Dtype::F32)).unwrap_err().to_string();
    assert!(error.contains("4097 tensors"), "{error}");
}
