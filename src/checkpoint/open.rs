//! The way in: a GPT-2 folder from anywhere. Nothing in it is trusted. Start with [`open`].

use super::raw::{File, Tensor};
use crate::data::Tokenizer;
use crate::error::{Error, Result};
use crate::nn::{Gpt2, Gpt2Config};
use crate::tensor::Params;

/// Room for 20 million parameters in F32, a tokenizer, and the odd extra file.
const MAX_BYTES: usize = 128 << 20;
const MAX_CONFIG_BYTES: usize = 1 << 20;

/// A GPT-2 from the files of its Hugging Face folder: `config.json`, `model.safetensors` and `tokenizer.json`;
/// others are ignored. Names may carry a path, as archives and folder pickers give them.
///
/// Tensors may be called with or without `transformer.` in front, in F32, F16 or BF16; the mask buffers of
/// older files are ignored. An `lm_head.weight` that equals the embedding is dropped; one that differs unties
/// the output layer, as transformers 5 has it.
///
/// # Errors
///
/// The first thing that is missing, malformed, too large for a tab, not finite, or not GPT-2: which file, which
/// entry or tensor, what was found and what was expected.
pub fn open(files: &[(String, Vec<u8>)]) -> Result<(Gpt2Config, Params, Tokenizer)> {
    let n_bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    if n_bytes > MAX_BYTES {
        return Err(Error::input("folder", format!("{n_bytes} bytes"), format!("at most {MAX_BYTES}")));
    }
    let config = find(files, "config.json")?;
    let weights = find(files, "model.safetensors")?;
    let tokenizer = find(files, "tokenizer.json")?;

    let config = read_config(config).map_err(|e| e.within("config.json"))?;
    let tokenizer = read_tokenizer(tokenizer, &config).map_err(|e| e.within("tokenizer.json"))?;
    let (config, params) = read_weights(weights, config).map_err(|e| e.within("model.safetensors"))?;
    Ok((config, params, tokenizer))
}

/// The file of that name, the one nearest to the top if there are several.
pub(super) fn find<'a>(files: &'a [(String, Vec<u8>)], name: &str) -> Result<&'a [u8]> {
    let depth = |path: &str| path.bytes().filter(|b| matches!(b, b'/' | b'\\')).count();
    let base = |path: &str| path.rsplit(['/', '\\']).next() == Some(name);
    let found = files.iter().filter(|(path, _)| base(path)).min_by_key(|(path, _)| depth(path));
    found.map(|(_, bytes)| &bytes[..]).ok_or_else(|| {
        let sharded = name == "model.safetensors"
            && files.iter().any(|(path, _)| path.ends_with("model.safetensors.index.json"));
        let allowed =
            if sharded { "weights in a single file" } else { "a folder that save_pretrained wrote" };
        Error::input(name, "missing", allowed)
    })
}

fn read_config(json: &[u8]) -> Result<Gpt2Config> {
    if json.len() > MAX_CONFIG_BYTES {
        return Err(Error::input("", format!("{} bytes", json.len()), format!("at most {MAX_CONFIG_BYTES}")));
    }
    super::read_config(json)
}

fn read_tokenizer(json: &[u8], config: &Gpt2Config) -> Result<Tokenizer> {
    let json = std::str::from_utf8(json).map_err(|cause| Error::input("", cause, "JSON in UTF-8"))?;
    let tokenizer = Tokenizer::from_json(json)?;
    if tokenizer.vocab_size() > config.vocab_size {
        let given = format!("{} tokens", tokenizer.vocab_size());
        return Err(Error::input(
            "",
            given,
            format!("at most {}, the model's vocab_size", config.vocab_size),
        ));
    }
    Ok(tokenizer)
}

fn read_weights(bytes: &[u8], mut config: Gpt2Config) -> Result<(Gpt2Config, Params)> {
    let mut tensors = File::parse(bytes)?.tensors;
    tensors.retain(|tensor| !is_buffer(&tensor.name));
    for tensor in &mut tensors {
        if tensor.name != HEAD && !tensor.name.starts_with(PREFIX) {
            tensor.name.insert_str(0, PREFIX);
        }
        check_shape(tensor, &config)?;
    }
    // A copy of the embedding is not a second tensor.
    if let Some(head) = tensors.iter().position(|tensor| tensor.name == HEAD)
        && config.tie_word_embeddings
    {
        config.tie_word_embeddings = match tensors.iter().find(|tensor| tensor.name == EMBEDDING) {
            Some(embedding) => embedding.values()? == tensors[head].values()?,
            None => false,
        };
        if config.tie_word_embeddings {
            tensors.remove(head);
        }
    }
    let mut params = Params::new();
    for tensor in &tensors {
        if params.id(&tensor.name).is_some() {
            return Err(Error::input(&tensor.name, "there twice", "each tensor once"));
        }
        let values = tensor.values()?;
        if !values.iter().all(|value| value.is_finite()) {
            return Err(Error::input(&tensor.name, "infinite or not a number", "finite values only"));
        }
        params.add_values(&tensor.name, &tensor.shape, &values);
    }
    Gpt2::bind(config.clone(), &params)?;
    Ok((config, params))
}

const PREFIX: &str = "transformer.";
const EMBEDDING: &str = "transformer.wte.weight";
const HEAD: &str = "lm_head.weight";

/// Whether it is one of the constant masks that transformers once saved with the weights.
fn is_buffer(name: &str) -> bool {
    let name = name.strip_prefix(PREFIX).unwrap_or(name);
    name.starts_with("h.") && (name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias"))
}

/// Before anything of that size is allocated.
fn check_shape(tensor: &Tensor, config: &Gpt2Config) -> Result<()> {
    let Some(expected) = expected_shape(&tensor.name, config) else {
        let allowed = format!("the tensors of a GPT2LMHeadModel of {} layers", config.n_layer);
        return Err(Error::input(&tensor.name, "not part of the model", allowed));
    };
    if tensor.shape != expected {
        let given = format!("shape {:?}", tensor.shape);
        return Err(Error::input(&tensor.name, given, format!("{expected:?}, by config.json")));
    }
    Ok(())
}

/// `None` for a name that is not GPT-2's. Weights of the layers are Conv1D's, (in, out).
fn expected_shape(name: &str, config: &Gpt2Config) -> Option<Vec<usize>> {
    let (c, inner) = (config.n_embd, config.n_inner());
    if name == HEAD {
        return Some(vec![config.vocab_size, c]);
    }
    let name = name.strip_prefix(PREFIX)?;
    match name {
        "wte.weight" => return Some(vec![config.vocab_size, c]),
        "wpe.weight" => return Some(vec![config.n_positions, c]),
        "ln_f.weight" | "ln_f.bias" => return Some(vec![c]),
        _ => {}
    }
    let (layer, tensor) = name.strip_prefix("h.")?.split_once('.')?;
    // Written as a number is, or `h.00` would pass for a layer.
    layer.parse().ok().filter(|&i: &usize| i < config.n_layer && i.to_string() == layer)?;
    Some(match tensor {
        "ln_1.weight" | "ln_1.bias" | "ln_2.weight" | "ln_2.bias" => vec![c],
        "attn.c_attn.weight" => vec![c, 3 * c],
        "attn.c_attn.bias" => vec![3 * c],
        "attn.c_proj.weight" => vec![c, c],
        "mlp.c_fc.weight" => vec![c, inner],
        "mlp.c_fc.bias" => vec![inner],
        "mlp.c_proj.weight" => vec![inner, c],
        "attn.c_proj.bias" | "mlp.c_proj.bias" => vec![c],
        _ => return None,
    })
}
