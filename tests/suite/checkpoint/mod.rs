//! Weights leave and come back bit by bit, and what is not right is refused with a reason.

mod adapter;
mod export;
mod files;
mod hostile;
mod malformed;

use pretune::checkpoint::{self, Probe};
use pretune::data::{Tokenizer, TokenizerKind};
use pretune::nn::{CausalLm, Gpt2, Gpt2Config};
use pretune::rng::Rng;
use pretune::tensor::Params;

/// The files of a folder.
type Files = Vec<(String, Vec<u8>)>;

/// A model with random weights and the tokenizer of a short text.
struct Model {
    model: Gpt2,
    params: Params,
    tokenizer: Tokenizer,
}

const TEXT: &str = " The quick brown fox jumps over the lazy dog. The capital of France is Paris, the capital of Japan is Tokyo.";

impl Model {
    fn new(kind: TokenizerKind, change: impl FnOnce(&mut Gpt2Config)) -> Self {
        let tokenizer = Tokenizer::train(kind, TEXT, 300).unwrap();
        let mut config = Gpt2Config {
            vocab_size: tokenizer.vocab_size(),
            n_positions: 24,
            n_embd: 12,
            n_layer: 2,
            n_head: 3,
            eos_token_id: Some(tokenizer.eos()),
            ..Gpt2Config::default()
        };
        change(&mut config);
        let mut params = Params::new();
        let model = Gpt2::init(config, &mut params, &mut Rng::new(5));
        Self { model, params, tokenizer }
    }

    fn probe(&self) -> Probe {
        Probe::new(CausalLm::new(&self.model, &self.params), &self.tokenizer, " The capital of", Some(TEXT))
    }

    fn files(&self) -> Files {
        checkpoint::folder(&self.model, &self.params, &self.tokenizer, &self.probe())
    }
}

/// The bits of all tensors by name.
fn bits(params: &Params) -> Vec<(&str, &[usize], Vec<u32>)> {
    let values = |id| params.value(id).iter().map(|x| x.to_bits()).collect();
    params.ids().map(|id| (params.name(id), params.shape(id), values(id))).collect()
}

fn file<'a>(files: &'a Files, name: &str) -> &'a [u8] {
    &files.iter().find(|(n, _)| n == name).unwrap().1
}

/// The same folder with one file changed.
fn with(files: &Files, name: &str, content: Vec<u8>) -> Files {
    files.iter().map(|(n, old)| (n.clone(), if n == name { content.clone() } else { old.clone() })).collect()
}
