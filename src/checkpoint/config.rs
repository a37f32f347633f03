//! `config.json` of GPT-2, out as transformers writes it and in from anyone. Start with [`read_config`].

use crate::error::{Error, Result};
use crate::json::{self, ToJson, Value, Wrong, field, optional};
use crate::nn::Gpt2Config;

/// What fits a browser tab with room for training, and is beyond what anyone would wait for.
const MAX_VOCAB_SIZE: usize = 1 << 16;
const MAX_N_POSITIONS: usize = 4096;
const MAX_N_EMBD: usize = 4096;
const MAX_N_LAYER: usize = 64;
const MAX_PARAMETERS: u64 = 20_000_000;

/// A configuration that [`crate::nn::Gpt2`] can run, small enough for a tab. What is not mentioned is as in
/// transformers' `GPT2Config`.
///
/// Ids of special tokens outside of the vocabulary, as the defaults of a small model are, count as absent.
pub fn read_config(json: &[u8]) -> Result<Gpt2Config> {
    let allowed = "the config.json of a GPT-2 as transformers saves it";
    let text = std::str::from_utf8(json).map_err(|cause| Error::input("", cause, allowed))?;
    let file = json::parse(text)?;
    if file.as_object().is_none() {
        return Err(Error::input("", "no object", allowed));
    }
    let mut wrong = Wrong::default();
    check_network(&file, &mut wrong);
    let mut size = |names: [&str; 2], default: usize| {
        let name = if file.get(names[0]).is_some() { names[0] } else { names[1] };
        optional(&file, name, default, &mut wrong)
    };
    let vocab_size = size(["vocab_size"; 2], 50_257);
    let n_positions = size(["n_positions", "max_position_embeddings"], 1024);
    let n_embd = size(["n_embd", "hidden_size"], 768);
    let n_layer = size(["n_layer", "num_hidden_layers"], 12);
    let n_head = size(["n_head", "num_attention_heads"], 12);
    let mut token = |name: &str| {
        let id: Option<u32> = field(&file, name, &mut wrong);
        id.filter(|&id| (id as usize) < vocab_size)
    };
    let (bos_token_id, eos_token_id) = (token("bos_token_id"), token("eos_token_id"));
    let config = Gpt2Config {
        vocab_size,
        n_positions,
        n_embd,
        n_layer,
        n_head,
        n_inner: field(&file, "n_inner", &mut wrong),
        layer_norm_epsilon: optional(&file, "layer_norm_epsilon", 1e-5, &mut wrong),
        tie_word_embeddings: optional(&file, "tie_word_embeddings", true, &mut wrong),
        is_causal: optional(&file, "is_causal", true, &mut wrong),
        bos_token_id,
        eos_token_id,
    };
    let epsilon = config.layer_norm_epsilon;
    if !(epsilon > 0.0 && epsilon <= 1.0) {
        let given = json::shortest_f32(epsilon);
        wrong.note(Error::input("layer_norm_epsilon", given, "a number above 0, at most 1"));
    }
    wrong.check()?;
    check_size(&config)?;
    config.validate()?;
    Ok(config)
}

/// The entries that would change the network into one that this program does not have.
fn check_network(file: &Value, wrong: &mut Wrong) {
    let mut check = |entry: &str, is_right: bool, allowed: &str| {
        if !is_right {
            let given = if file[entry].is_null() { "missing".to_owned() } else { file[entry].to_string() };
            wrong.note(Error::input(entry, given, allowed));
        }
    };
    check("model_type", file["model_type"].as_str() == Some("gpt2"), "\"gpt2\"");
    let activation = &file["activation_function"];
    let is_right =
        activation.is_null() || matches!(activation.as_str(), Some("gelu_new" | "gelu_pytorch_tanh"));
    check("activation_function", is_right, "\"gelu_new\" or \"gelu_pytorch_tanh\"");
    for (entry, allowed) in [
        ("scale_attn_weights", true),
        ("scale_attn_by_inverse_layer_idx", false),
        ("add_cross_attention", false),
    ] {
        let is_right = file.get(entry).is_none_or(|given| given.as_bool() == Some(allowed));
        check(entry, is_right, if allowed { "true" } else { "false" });
    }
    if !file["quantization_config"].is_null() {
        wrong.note(Error::input("quantization_config", "present", "weights that are not quantized"));
    }
}

/// Every size on its own first, so that their product cannot overflow.
fn check_size(config: &Gpt2Config) -> Result<()> {
    let sizes = [
        ("vocab_size", config.vocab_size, MAX_VOCAB_SIZE),
        ("n_positions", config.n_positions, MAX_N_POSITIONS),
        ("n_embd", config.n_embd, MAX_N_EMBD),
        ("n_layer", config.n_layer, MAX_N_LAYER),
        ("n_head", config.n_head, MAX_N_EMBD),
        ("n_inner", config.n_inner.unwrap_or(0), 4 * MAX_N_EMBD),
    ];
    for (entry, given, most) in sizes {
        if given > most {
            return Err(Error::input(entry, given, format!("at most {most} in a browser tab")));
        }
    }
    let [v, p, c, l, inner] =
        [config.vocab_size, config.n_positions, config.n_embd, config.n_layer, config.n_inner()]
            .map(|n| n as u64);
    let block = 4 * c * c + 2 * c * inner + 9 * c + inner;
    let n_parameters = (v + p) * c + l * block + 2 * c + if config.tie_word_embeddings { 0 } else { v * c };
    if n_parameters > MAX_PARAMETERS {
        let given = format!("{n_parameters} parameters");
        return Err(Error::input("", given, format!("at most {MAX_PARAMETERS} in a browser tab")));
    }
    Ok(())
}

/// The file that transformers' `save_pretrained` writes for the model: the same entries in the same order,
/// without `transformers_version`. `is_causal` is there where it is false; transformers 5 heeds it.
pub fn config_json(config: &Gpt2Config) -> String {
    let mut file = Value::object(vec![
        ("activation_function", "gelu_new".into()),
        ("add_cross_attention", false.into()),
        ("architectures", Value::List(vec!["GPT2LMHeadModel".into()])),
        ("attn_pdrop", Value::Single(0.0)),
        ("bos_token_id", config.bos_token_id.to_json()),
        ("dtype", "float32".into()),
        ("embd_pdrop", Value::Single(0.0)),
        ("eos_token_id", config.eos_token_id.to_json()),
        ("initializer_range", Value::Single(0.02)),
    ]);
    if !config.is_causal {
        file.push("is_causal", false.into());
    }
    let rest = vec![
        ("layer_norm_epsilon", config.layer_norm_epsilon.to_json()),
        ("model_type", "gpt2".into()),
        ("n_embd", config.n_embd.to_json()),
        ("n_head", config.n_head.to_json()),
        ("n_inner", config.n_inner.to_json()),
        ("n_layer", config.n_layer.to_json()),
        ("n_positions", config.n_positions.to_json()),
        ("pad_token_id", Value::Null),
        ("reorder_and_upcast_attn", false.into()),
        ("resid_pdrop", Value::Single(0.0)),
        ("scale_attn_by_inverse_layer_idx", false.into()),
        ("scale_attn_weights", true.into()),
        ("summary_activation", Value::Null),
        ("summary_first_dropout", Value::Single(0.1)),
        ("summary_proj_to_labels", true.into()),
        ("summary_type", "cls_index".into()),
        ("summary_use_proj", true.into()),
        ("tie_word_embeddings", config.tie_word_embeddings.into()),
        ("use_cache", true.into()),
        ("vocab_size", config.vocab_size.to_json()),
    ];
    rest.into_iter().for_each(|(name, value)| file.push(name, value));
    file.pretty() + "\n"
}
