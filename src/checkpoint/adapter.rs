//! Adapters as PEFT folders, out and in. Start with [`adapter_folder`].
//!
//! PEFT's in-memory names hold the adapter's name, those on disk do not. Houlsby's adapters are not PEFT's and stay
//! in Pretune's own snapshots.

use super::raw::File;
use super::{Dtype, Files, Meta, Probe, find, write};
use crate::data::Tokenizer;
use crate::error::{Error, Result};
use crate::json::{self, ToJson, Value, Wrong, field, optional};
use crate::nn::{CausalLm, Gpt2, Gpt2Config, Tuner};
use crate::peft::{Lora, LoraConfig, PrefixTuning, PromptTuning};
use crate::tensor::{ParamId, Params};

const CONFIG: &str = "adapter_config.json";
const WEIGHTS: &str = "adapter_model.safetensors";
const EMBEDDINGS: &str = "prompt_embeddings";
const MAX_CONFIG_BYTES: usize = 1 << 20;

/// What `adapter_config.json` says of an adapter, as far as this program has it.
#[derive(Debug, Clone, PartialEq)]
pub enum AdapterConfig {
    /// PEFT: `LoraConfig`.
    Lora(LoraConfig),
    /// PEFT: `PrefixTuningConfig`.
    PrefixTuning {
        /// Number of virtual tokens.
        num_virtual_tokens: usize,
    },
    /// PEFT: `PromptTuningConfig`.
    PromptTuning {
        /// Number of virtual tokens.
        num_virtual_tokens: usize,
    },
}

impl AdapterConfig {
    /// The adapter of a name, whose tensors are in `params`.
    ///
    /// # Errors
    ///
    /// Names the tensor that is missing, or whose shape is not the configuration's.
    pub fn bind(&self, name: &str, model: &Gpt2, params: &Params) -> Result<Box<dyn Tuner>> {
        Ok(match self {
            Self::Lora(config) => Box::new(Lora::bind(name, config.clone(), model, params)?),
            Self::PrefixTuning { num_virtual_tokens } => {
                Box::new(PrefixTuning::bind(name, *num_virtual_tokens, model, params)?)
            }
            Self::PromptTuning { num_virtual_tokens } => {
                Box::new(PromptTuning::bind(name, *num_virtual_tokens, model, params)?)
            }
        })
    }

    /// The file that PEFT's `save_pretrained` writes, without the entries that are only defaults.
    fn to_json(&self, model: &Gpt2Config) -> Value {
        let mut file = Value::object(vec![
            ("base_model_name_or_path", Value::Null),
            ("inference_mode", true.into()),
            ("task_type", "CAUSAL_LM".into()),
        ]);
        match self {
            Self::Lora(LoraConfig { r, lora_alpha, lora_dropout, target_modules }) => {
                file.push("peft_type", "LORA".into());
                file.push("r", r.to_json());
                file.push("lora_alpha", lora_alpha.to_json());
                file.push("lora_dropout", lora_dropout.to_json());
                file.push("target_modules", target_modules.to_json());
                file.push("fan_in_fan_out", true.into());
                file.push("bias", "none".into());
            }
            Self::PrefixTuning { num_virtual_tokens: n } | Self::PromptTuning { num_virtual_tokens: n } => {
                let is_prefix = matches!(self, Self::PrefixTuning { .. });
                let peft_type = if is_prefix { "PREFIX_TUNING" } else { "PROMPT_TUNING" };
                file.push("peft_type", peft_type.into());
                file.push("num_virtual_tokens", n.to_json());
                file.push("num_layers", model.n_layer.to_json());
                file.push("num_attention_heads", model.n_head.to_json());
                file.push("token_dim", model.n_embd.to_json());
                file.push("num_transformer_submodules", 1_usize.to_json());
                if is_prefix {
                    file.push("prefix_projection", false.into());
                    file.push("encoder_hidden_size", model.n_embd.to_json());
                }
            }
        }
        file
    }
}

/// The files of a PEFT folder, by name: `adapter_config.json`, `adapter_model.safetensors`, and `probe.json`, which says
/// what the model computes with the adapter on.
///
/// # Errors
///
/// If `lm` has no tuner, or its rank is 0, which PEFT does not know.
pub fn adapter_folder(
    name: &str,
    config: &AdapterConfig,
    lm: CausalLm,
    tokenizer: &Tokenizer,
    prompt: &str,
) -> Result<Files> {
    let tensors = lm.tuner.map(Tuner::tensors).unwrap_or_default();
    if tensors.is_empty() {
        return Err(Error::input("export", "an adapter without weights", "a rank of at least 1"));
    }
    let mut stored = Params::new();
    for id in tensors {
        stored.add_values(&on_disk(lm.params, id, name), lm.params.shape(id), lm.params.value(id));
    }
    let mut meta = Meta::new();
    meta.insert("format".to_owned(), "pt".to_owned());
    let probe = Probe::new(lm, tokenizer, prompt, None);
    let files = [
        (CONFIG, (config.to_json(&lm.model.config).pretty() + "\n").into_bytes()),
        (WEIGHTS, write(&stored, &meta, Dtype::F32)),
        ("probe.json", probe.to_json().pretty().into_bytes()),
    ];
    Ok(files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect())
}

/// A tensor's name in the file of its adapter.
fn on_disk(params: &Params, id: ParamId, adapter: &str) -> String {
    let name = params.name(id);
    if name.ends_with(".embedding.weight") {
        return EMBEDDINGS.to_owned();
    }
    name.replace(&format!(".{adapter}.weight"), ".weight")
}

/// Adds the adapter of a PEFT folder to the weights of its base, under a name.
///
/// # Errors
///
/// The first thing that is missing, malformed, too large, not finite, not this base's, or not one of PEFT's methods
/// that this program has: which file, which entry or tensor, what was found and what is allowed. Nothing was added then.
pub fn open_adapter(
    name: &str,
    files: &[(String, Vec<u8>)],
    model: &Gpt2,
    params: &mut Params,
) -> Result<AdapterConfig> {
    let (json, weights) = (find(files, CONFIG)?, find(files, WEIGHTS)?);
    let config = read_config(json, &model.config).map_err(|e| e.within(CONFIG))?;
    let with_tensors = read_weights(name, weights, &config, model, params).map_err(|e| e.within(WEIGHTS))?;
    *params = with_tensors;
    Ok(config)
}

fn read_config(json: &[u8], model: &Gpt2Config) -> Result<AdapterConfig> {
    if json.len() > MAX_CONFIG_BYTES {
        return Err(Error::input("", format!("{} bytes", json.len()), format!("at most {MAX_CONFIG_BYTES}")));
    }
    let text = std::str::from_utf8(json).map_err(|cause| Error::input("", cause, "JSON in UTF-8"))?;
    let file = json::parse(text)?;
    let mut wrong = Wrong::default();
    check_variant(&file, &mut wrong);
    let config = match file["peft_type"].as_str() {
        Some("LORA") => AdapterConfig::Lora(LoraConfig {
            r: field(&file, "r", &mut wrong),
            lora_alpha: field(&file, "lora_alpha", &mut wrong),
            lora_dropout: optional(&file, "lora_dropout", 0.0, &mut wrong),
            target_modules: field(&file, "target_modules", &mut wrong),
        }),
        Some("PREFIX_TUNING") => {
            AdapterConfig::PrefixTuning { num_virtual_tokens: field(&file, "num_virtual_tokens", &mut wrong) }
        }
        Some("PROMPT_TUNING") => {
            AdapterConfig::PromptTuning { num_virtual_tokens: field(&file, "num_virtual_tokens", &mut wrong) }
        }
        _ => {
            let given = if file["peft_type"].is_null() {
                "missing".to_owned()
            } else {
                file["peft_type"].to_string()
            };
            return Err(Error::input("peft_type", given, "LORA, PREFIX_TUNING or PROMPT_TUNING"));
        }
    };
    wrong.check()?;
    let (entry, given, most) = match &config {
        AdapterConfig::Lora(config) => {
            config.validate()?;
            if !config.lora_alpha.is_finite() {
                return Err(Error::input("lora_alpha", "not a finite number", "a number"));
            }
            ("r", config.r, model.n_inner())
        }
        AdapterConfig::PrefixTuning { num_virtual_tokens: n }
        | AdapterConfig::PromptTuning { num_virtual_tokens: n } => {
            ("num_virtual_tokens", *n, model.n_positions - 1)
        }
    };
    if !(1..=most).contains(&given) {
        return Err(Error::input(entry, given, format!("a whole number from 1 to {most}")));
    }
    Ok(config)
}

/// The entries that would make it a method that this program does not have.
fn check_variant(file: &Value, wrong: &mut Wrong) {
    for (entry, allowed) in [
        ("use_dora", "false"),
        ("use_rslora", "false"),
        ("use_qalora", "false"),
        ("use_bdlora", "null"),
        ("lora_bias", "false"),
        ("prefix_projection", "false"),
        ("modules_to_save", "null"),
        ("layers_to_transform", "null"),
        ("layers_pattern", "null"),
        ("layer_replication", "null"),
        ("exclude_modules", "null"),
        ("target_parameters", "null"),
        ("trainable_token_indices", "null"),
        ("alora_invocation_tokens", "null"),
        ("rank_pattern", "{}"),
        ("alpha_pattern", "{}"),
        ("bias", "\"none\""),
    ] {
        let given = &file[entry];
        let is_nothing = given.is_null()
            || given.as_bool() == Some(false)
            || given.as_object().is_some_and(<[_]>::is_empty);
        if !is_nothing && given.to_string() != allowed {
            wrong.note(Error::input(entry, given.to_string(), allowed));
        }
    }
}

fn read_weights(
    name: &str,
    bytes: &[u8],
    config: &AdapterConfig,
    model: &Gpt2,
    params: &Params,
) -> Result<Params> {
    let expected = expected(name, config, model);
    let tensors = File::parse(bytes)?.tensors;
    let mut with_tensors = params.clone();
    for (in_memory, stored, shape) in &expected {
        let tensor = tensors.iter().find(|tensor| tensor.name == *stored);
        let tensor =
            tensor.ok_or_else(|| Error::input(stored, "missing", format!("a tensor of shape {shape:?}")))?;
        if tensor.shape != *shape {
            let given = format!("shape {:?}", tensor.shape);
            return Err(Error::input(stored, given, format!("{shape:?}, by {CONFIG}")));
        }
        let values = tensor.values()?;
        if !values.iter().all(|value| value.is_finite()) {
            return Err(Error::input(stored, "infinite or not a number", "finite values only"));
        }
        if with_tensors.id(in_memory).is_some() {
            return Err(Error::input(name, "a name that is taken", "another name for the adapter"));
        }
        with_tensors.add_values(in_memory, shape, &values);
    }
    if let Some(extra) =
        tensors.iter().find(|tensor| !expected.iter().any(|(_, stored, _)| *stored == tensor.name))
    {
        return Err(Error::input(&extra.name, "not part of the adapter", format!("the tensors of {CONFIG}")));
    }
    config.bind(name, model, &with_tensors)?;
    Ok(with_tensors)
}

/// Each tensor's name in memory and on disk, and its shape.
fn expected(name: &str, config: &AdapterConfig, model: &Gpt2) -> Vec<(String, String, Vec<usize>)> {
    let (c, n_layer) = (model.config.n_embd, model.config.n_layer);
    match config {
        AdapterConfig::Lora(config) => {
            let both = |(layer, module)| {
                let names = Lora::names(name, layer, module);
                names.into_iter().zip(config.shapes(module, &model.config)).collect::<Vec<_>>()
            };
            let all = config.layers(n_layer).into_iter().flat_map(both);
            let stored = |in_memory: &str| in_memory.replace(&format!(".{name}.weight"), ".weight");
            all.map(|(in_memory, shape)| (in_memory.clone(), stored(&in_memory), shape.to_vec())).collect()
        }
        AdapterConfig::PrefixTuning { num_virtual_tokens } => {
            vec![(
                PrefixTuning::tensor(name),
                EMBEDDINGS.to_owned(),
                vec![*num_virtual_tokens, 2 * n_layer * c],
            )]
        }
        AdapterConfig::PromptTuning { num_virtual_tokens } => {
            vec![(PromptTuning::tensor(name), EMBEDDINGS.to_owned(), vec![*num_virtual_tokens, c])]
        }
    }
}
