//! `config.json` of GPT-2, out as transformers writes it and in from anyone. Start with [`read`].

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::nn::Gpt2Config;

/// What fits a browser tab with room for training, and is beyond what anyone would wait for.
const MAX_VOCAB_SIZE: usize = 1 << 16;
const MAX_N_POSITIONS: usize = 4096;
const MAX_N_EMBD: usize = 4096;
const MAX_N_LAYER: usize = 64;
const MAX_PARAMETERS: u64 = 20_000_000;

/// The entries that matter to a forward pass, with the defaults of transformers' `GPT2Config`, and those that
/// would change the network into one that this program does not have.
#[derive(Deserialize)]
#[serde(default)]
struct Entries {
    model_type: Option<String>,
    vocab_size: usize,
    #[serde(alias = "max_position_embeddings")]
    n_positions: usize,
    #[serde(alias = "hidden_size")]
    n_embd: usize,
    #[serde(alias = "num_hidden_layers")]
    n_layer: usize,
    #[serde(alias = "num_attention_heads")]
    n_head: usize,
    n_inner: Option<usize>,
    layer_norm_epsilon: f32,
    tie_word_embeddings: bool,
    is_causal: bool,
    bos_token_id: Option<u32>,
    eos_token_id: Option<u32>,
    activation_function: String,
    scale_attn_weights: bool,
    scale_attn_by_inverse_layer_idx: bool,
    add_cross_attention: bool,
    quantization_config: Option<serde::de::IgnoredAny>,
}

impl Default for Entries {
    fn default() -> Self {
        Self {
            model_type: None,
            vocab_size: 50_257,
            n_positions: 1024,
            n_embd: 768,
            n_layer: 12,
            n_head: 12,
            n_inner: None,
            layer_norm_epsilon: 1e-5,
            tie_word_embeddings: true,
            is_causal: true,
            bos_token_id: None,
            eos_token_id: None,
            activation_function: "gelu_new".to_owned(),
            scale_attn_weights: true,
            scale_attn_by_inverse_layer_idx: false,
            add_cross_attention: false,
            quantization_config: None,
        }
    }
}

/// A configuration that [`crate::nn::Gpt2`] can run, small enough for a tab.
///
/// Ids of special tokens outside of the vocabulary, as the defaults of a small model are, count as absent.
pub(super) fn read(json: &[u8]) -> Result<Gpt2Config> {
    let entries: Entries = serde_json::from_slice(json)
        .map_err(|cause| Error::input("", cause, "the config.json of a GPT-2 as transformers saves it"))?;
    entries.check_network()?;
    let token = |id: Option<u32>| id.filter(|&id| (id as usize) < entries.vocab_size);
    let config = Gpt2Config {
        vocab_size: entries.vocab_size,
        n_positions: entries.n_positions,
        n_embd: entries.n_embd,
        n_layer: entries.n_layer,
        n_head: entries.n_head,
        n_inner: entries.n_inner,
        layer_norm_epsilon: entries.layer_norm_epsilon,
        tie_word_embeddings: entries.tie_word_embeddings,
        is_causal: entries.is_causal,
        bos_token_id: token(entries.bos_token_id),
        eos_token_id: token(entries.eos_token_id),
    };
    check_size(&config)?;
    config.validate()?;
    Ok(config)
}

impl Entries {
    fn check_network(&self) -> Result<()> {
        let wrong = |entry: &str, given: String, allowed: &str| Err(Error::input(entry, given, allowed));
        match self.model_type.as_deref() {
            Some("gpt2") => {}
            Some(other) => return wrong("model_type", format!("{other:?}"), "\"gpt2\""),
            None => return wrong("model_type", "missing".to_owned(), "\"gpt2\""),
        }
        if !matches!(&self.activation_function[..], "gelu_new" | "gelu_pytorch_tanh") {
            let given = format!("{:?}", self.activation_function);
            return wrong("activation_function", given, "\"gelu_new\" or \"gelu_pytorch_tanh\"");
        }
        let epsilon = self.layer_norm_epsilon;
        if !(epsilon > 0.0 && epsilon <= 1.0) {
            return wrong("layer_norm_epsilon", epsilon.to_string(), "a number above 0, at most 1");
        }
        let flags = [
            ("scale_attn_weights", self.scale_attn_weights, true),
            ("scale_attn_by_inverse_layer_idx", self.scale_attn_by_inverse_layer_idx, false),
            ("add_cross_attention", self.add_cross_attention, false),
        ];
        for (entry, given, allowed) in flags {
            if given != allowed {
                return wrong(entry, given.to_string(), if allowed { "true" } else { "false" });
            }
        }
        if self.quantization_config.is_some() {
            return wrong("quantization_config", "present".to_owned(), "weights that are not quantized");
        }
        Ok(())
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
pub(super) fn write(config: &Gpt2Config) -> String {
    #[derive(Serialize)]
    struct File {
        activation_function: &'static str,
        add_cross_attention: bool,
        architectures: [&'static str; 1],
        attn_pdrop: f32,
        bos_token_id: Option<u32>,
        dtype: &'static str,
        embd_pdrop: f32,
        eos_token_id: Option<u32>,
        initializer_range: f32,
        #[serde(skip_serializing_if = "Option::is_none")]
        is_causal: Option<bool>,
        layer_norm_epsilon: f32,
        model_type: &'static str,
        n_embd: usize,
        n_head: usize,
        n_inner: Option<usize>,
        n_layer: usize,
        n_positions: usize,
        pad_token_id: Option<u32>,
        reorder_and_upcast_attn: bool,
        resid_pdrop: f32,
        scale_attn_by_inverse_layer_idx: bool,
        scale_attn_weights: bool,
        summary_activation: Option<&'static str>,
        summary_first_dropout: f32,
        summary_proj_to_labels: bool,
        summary_type: &'static str,
        summary_use_proj: bool,
        tie_word_embeddings: bool,
        use_cache: bool,
        vocab_size: usize,
    }
    let file = File {
        activation_function: "gelu_new",
        add_cross_attention: false,
        architectures: ["GPT2LMHeadModel"],
        attn_pdrop: 0.0,
        bos_token_id: config.bos_token_id,
        dtype: "float32",
        embd_pdrop: 0.0,
        eos_token_id: config.eos_token_id,
        initializer_range: 0.02,
        is_causal: (!config.is_causal).then_some(false),
        layer_norm_epsilon: config.layer_norm_epsilon,
        model_type: "gpt2",
        n_embd: config.n_embd,
        n_head: config.n_head,
        n_inner: config.n_inner,
        n_layer: config.n_layer,
        n_positions: config.n_positions,
        pad_token_id: None,
        reorder_and_upcast_attn: false,
        resid_pdrop: 0.0,
        scale_attn_by_inverse_layer_idx: false,
        scale_attn_weights: true,
        summary_activation: None,
        summary_first_dropout: 0.1,
        summary_proj_to_labels: true,
        summary_type: "cls_index",
        summary_use_proj: true,
        tie_word_embeddings: config.tie_word_embeddings,
        use_cache: true,
        vocab_size: config.vocab_size,
    };
    serde_json::to_string_pretty(&file).expect("strings and numbers are JSON") + "\n"
}
