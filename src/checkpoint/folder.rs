//! The way out: a model as the folder that `from_pretrained` loads. Start with [`folder`].

use super::{Dtype, Files, Meta, Probe, config_json, write};
use crate::data::Tokenizer;
use crate::json::ToJson;
use crate::nn::Gpt2;
use crate::tensor::Params;

/// The files of a Hugging Face folder, by name: `config.json`, `model.safetensors` (F32; the
/// model's tensors, without those of adapters), `tokenizer.json`,
/// `tokenizer_config.json`, and `probe.json`, which says what the model computes.
///
/// The same model gives the same bytes.
pub fn folder(model: &Gpt2, params: &Params, tokenizer: &Tokenizer, probe: &Probe) -> Files {
    // transformers refuses a file without this entry.
    let mut meta = Meta::new();
    meta.insert("format".to_owned(), "pt".to_owned());
    let files = [
        ("config.json", config_json(&model.config).into_bytes()),
        ("model.safetensors", write(&params.subset(&model.tensors(params)), &meta, Dtype::F32)),
        ("tokenizer.json", tokenizer.to_json().into_bytes()),
        ("tokenizer_config.json", tokenizer.config_json(model.config.n_positions).into_bytes()),
        ("probe.json", probe.to_json().pretty().into_bytes()),
    ];
    files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}
