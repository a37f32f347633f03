//! Adapters as PEFT folders: what leaves comes back with its rank and its bits, and nothing malformed gets in.
//!
//! `PRETUNE_EXPORT=DIR cargo test export` writes them below the folder of their base, for a look from outside.

use std::path::Path;

use pretune::checkpoint::{AdapterConfig, Dtype, Meta, adapter_folder, open_adapter, write};
use pretune::data::{Batch, TokenizerKind};
use pretune::nn::CausalLm;
use pretune::peft::{Lora, LoraConfig, PrefixInit, PrefixTuning, PromptInit, PromptTuning, train_only};
use pretune::rng::Rng;
use pretune::tensor::Params;
use pretune::train::Learner;

use super::{Files, Model, TEXT, bits, file, with};

/// A base with a trained adapter of each kind, all in one `Params`.
fn adapters() -> (Model, Vec<(&'static str, AdapterConfig)>) {
    let mut base = Model::new(TokenizerKind::Word, |_| {});
    let (model, params, mut rng) = (&base.model, &mut base.params, Rng::new(3));
    let lora = |r: usize, targets: &[&str]| LoraConfig {
        r,
        lora_alpha: 3.0,
        lora_dropout: 0.1,
        target_modules: targets.iter().map(|t| (*t).to_owned()).collect(),
    };
    let all = vec![
        ("lora", AdapterConfig::Lora(lora(3, &["c_attn", "c_proj", "c_fc"]))),
        ("lora-attn", AdapterConfig::Lora(lora(1, &["c_attn"]))),
        ("prefix", AdapterConfig::PrefixTuning { num_virtual_tokens: 3 }),
        ("prompt", AdapterConfig::PromptTuning { num_virtual_tokens: 4 }),
    ];
    for (name, config) in &all {
        match config {
            AdapterConfig::Lora(config) => {
                _ = Lora::init(name, config.clone(), model, params, &mut rng);
            }
            AdapterConfig::PrefixTuning { num_virtual_tokens: n } => {
                _ = PrefixTuning::init(name, *n, PrefixInit::Random(0.5), model, params, &mut rng);
            }
            AdapterConfig::PromptTuning { num_virtual_tokens: n } => {
                _ = PromptTuning::init(name, *n, PromptInit::Random(0.5), model, params, &mut rng);
            }
        }
        let tuner = config.bind(name, model, params).unwrap();
        train_only(params, &tuner.tensors());
        let mut batch = Batch::new(8);
        batch.push(&base.tokenizer.encode(TEXT)[..9], 0);
        let mut learner = Learner::new(params);
        (0..5).for_each(|_| _ = learner.learn(model, params, Some(&*tuner), &batch, 1e-2));
    }
    (base, all)
}

fn exported(base: &Model, name: &str, config: &AdapterConfig) -> Files {
    let tuner = config.bind(name, &base.model, &base.params).unwrap();
    let lm = CausalLm { model: &base.model, params: &base.params, tuner: Some(&*tuner) };
    adapter_folder(name, config, lm, &base.tokenizer, " The capital of").unwrap()
}

#[test]
fn exported_adapters_come_back_as_they_were() {
    let (base, all) = adapters();
    let plain = base.params.subset(&base.model.tensors(&base.params));
    for (name, config) in &all {
        let files = exported(&base, name, config);
        let mut params = plain.clone();
        let opened = open_adapter("again", &files, &base.model, &mut params).unwrap();
        assert_eq!(&opened, config, "{name}");
        let tuner = opened.bind("again", &base.model, &params).unwrap();
        let renamed = Files::from([
            ("adapter_config.json".to_owned(), file(&files, "adapter_config.json").to_vec()),
            ("adapter_model.safetensors".to_owned(), file(&files, "adapter_model.safetensors").to_vec()),
        ]);
        let lm = CausalLm { model: &base.model, params: &params, tuner: Some(&*tuner) };
        let again = adapter_folder("again", &opened, lm, &base.tokenizer, " The capital of").unwrap();
        assert_eq!(again[..2], renamed[..], "{name}: not the same bytes");
        assert_eq!(again[2], files[2], "{name}: it computes something else");
    }
    let folder = base.files();
    let (_, params, _) = pretune::checkpoint::open(&folder).unwrap();
    assert_eq!(bits(&params), bits(&plain), "a model leaves without its adapters");
    if let Some(to) = std::env::var_os("PRETUNE_EXPORT") {
        let to = Path::new(&to).join("adapted");
        super::export::write(&to, &folder);
        all.iter()
            .for_each(|(name, config)| super::export::write(&to.join(name), &exported(&base, name, config)));
    }
}

/// What `peft` itself saved, with all of its entries.
#[test]
fn golden_adapter_folders_are_read() {
    for f in crate::golden::Fixture::all("gpt2_forward") {
        for (folder, kind) in
            [("lora", "Lora"), ("prefix_tuning", "PrefixTuning"), ("prompt_tuning", "PromptTuning")]
        {
            let (model, mut params) = f.model();
            let read =
                |name: &str| (name.to_owned(), std::fs::read(f.folder.join(folder).join(name)).unwrap());
            let files = [read("adapter_config.json"), read("adapter_model.safetensors")];
            let config = open_adapter("theirs", &files, &model, &mut params).unwrap();
            assert!(format!("{config:?}").starts_with(kind), "{config:?}");
            config.bind("theirs", &model, &params).unwrap();
        }
    }
}

#[test]
fn a_malformed_adapter_says_what_is_wrong_and_changes_nothing() {
    let (base, all) = adapters();
    let files = exported(&base, "lora", &all[0].1);
    let json: serde_json::Value = serde_json::from_slice(file(&files, "adapter_config.json")).unwrap();
    let changed = |entry: &str, value: serde_json::Value| {
        let mut json = json.clone();
        json[entry] = value;
        with(&files, "adapter_config.json", serde_json::to_vec(&json).unwrap())
    };
    type Tensor = (String, Vec<usize>, Vec<f32>);
    type Change<'a> = &'a dyn Fn(&str, Vec<usize>, Vec<f32>) -> Option<Tensor>;
    let weights = |change: Change| {
        let (stored, _) = pretune::checkpoint::read(file(&files, "adapter_model.safetensors")).unwrap();
        let mut params = Params::new();
        for id in stored.ids() {
            let tensor = change(stored.name(id), stored.shape(id).to_vec(), stored.value(id).to_vec());
            if let Some((name, shape, values)) = tensor {
                params.add_values(&name, &shape, &values);
            }
        }
        with(&files, "adapter_model.safetensors", write(&params, &Meta::new(), Dtype::F32))
    };
    let first = "base_model.model.transformer.h.0.attn.c_attn.lora_A.weight";
    let cases = [
        (files[1..].to_vec(), "adapter_config.json", "missing"),
        (files[..1].to_vec(), "adapter_model.safetensors", "missing"),
        (with(&files, "adapter_config.json", b"{".to_vec()), "adapter_config.json", ""),
        (with(&files, "adapter_config.json", vec![0xff]), "adapter_config.json", "UTF-8"),
        (with(&files, "adapter_config.json", vec![b' '; 2 << 20]), "adapter_config.json", "at most"),
        (changed("peft_type", "IA3".into()), "peft_type", "LORA"),
        (changed("r", 0.into()), "r", "from 1 to"),
        (changed("r", 4_000_000_000_u64.into()), "r", "from 1 to"),
        (changed("r", (-1).into()), "r", "whole number"),
        (changed("r", 5.into()), "lora_A", "shape"),
        (changed("lora_alpha", "much".into()), "lora_alpha", "number"),
        (changed("lora_alpha", serde_json::Value::Null), "lora_alpha", "number"),
        (changed("target_modules", "all-linear".into()), "target_modules", "list"),
        (changed("target_modules", vec!["q_proj"].into()), "target_modules", "c_attn"),
        (changed("use_dora", true.into()), "use_dora", "false"),
        (changed("bias", "all".into()), "bias", "none"),
        (changed("rank_pattern", serde_json::json!({"c_attn": 2})), "rank_pattern", "{}"),
        (changed("modules_to_save", vec!["wte"].into()), "modules_to_save", "null"),
        (with(&files, "adapter_model.safetensors", vec![1; 40]), "adapter_model.safetensors", ""),
        (
            weights(&|name, shape, values| (name != first).then(|| (name.to_owned(), shape, values))),
            first,
            "missing",
        ),
        (
            weights(&|name, shape, values| Some((name.replace("h.0.", "h.7."), shape, values))),
            "h.0.",
            "missing",
        ),
        (
            weights(&|name, shape, mut values| {
                values[0] = if name == first { f32::NAN } else { values[0] };
                Some((name.to_owned(), shape, values))
            }),
            first,
            "finite",
        ),
        (
            weights(&|name, shape, values| {
                Some((name.to_owned(), if name == first { vec![values.len()] } else { shape }, values))
            }),
            first,
            "shape",
        ),
    ];
    for (i, (files, place, allowed)) in cases.into_iter().enumerate() {
        let mut params = base.params.subset(&base.model.tensors(&base.params));
        let before = params.fingerprint();
        let error = open_adapter("a", &files, &base.model, &mut params).expect_err(place).to_string();
        assert!(error.contains(place) && error.contains(allowed), "case {i}: {error}");
        assert_eq!(params.fingerprint(), before, "case {i}: {error}");
    }
}

#[test]
fn an_adapter_with_one_tensor_too_many_or_of_a_taken_name_is_refused() {
    let (base, all) = adapters();
    let files = exported(&base, "lora-attn", &all[1].1);
    let (mut stored, _) = pretune::checkpoint::read(file(&files, "adapter_model.safetensors")).unwrap();
    stored.add("base_model.model.transformer.h.0.mlp.c_fc.lora_A.weight", &[1, 12], || 0.0);
    let more = with(&files, "adapter_model.safetensors", write(&stored, &Meta::new(), Dtype::F32));
    let mut params = base.params.clone();
    let error = open_adapter("new", &more, &base.model, &mut params).unwrap_err().to_string();
    assert!(error.contains("c_fc") && error.contains("not part of"), "{error}");
    let error = open_adapter("lora-attn", &files, &base.model, &mut params).unwrap_err().to_string();
    assert!(error.contains("taken"), "{error}");
}

#[test]
fn rank_0_has_nothing_to_export() {
    let (base, _) = adapters();
    let config = LoraConfig { r: 0, ..LoraConfig::default() };
    let lora = Lora::bind("none", config.clone(), &base.model, &base.params).unwrap();
    let lm = CausalLm { model: &base.model, params: &base.params, tuner: Some(&lora) };
    let error = adapter_folder("none", &AdapterConfig::Lora(config), lm, &base.tokenizer, " a").unwrap_err();
    assert!(error.to_string().contains("rank"), "{error}");
}
