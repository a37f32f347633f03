//! Prompt tuning: trained embeddings in front of the text.

use super::Method;
use crate::error::Result;
use crate::nn::{Gpt2, Tuner};
use crate::rng::Rng;
use crate::tensor::{Graph, ParamId, Params, Var};

/// What a prompt begins as.
#[derive(Debug, Clone, Copy)]
pub enum PromptInit<'a> {
    /// Random numbers of this standard deviation. PEFT: `PromptTuningInit.RANDOM`, 1.
    Random(f32),
    /// The embeddings of a text of as many tokens. PEFT: `PromptTuningInit.TEXT`.
    Text(&'a [u32]),
}

/// Embeddings of `num_virtual_tokens` tokens that no vocabulary has; positions count them.
///
/// PEFT: `PromptTuningConfig`. Source: Lester et al., arXiv:2104.08691, section 2.
#[derive(Debug, Clone)]
pub struct PromptTuning {
    /// Number of virtual tokens.
    pub num_virtual_tokens: usize,
    /// (N, C)
    embedding: ParamId,
}

impl PromptTuning {
    /// Adds the tensor of a fresh prompt.
    ///
    /// # Panics
    ///
    /// If the model has a prompt of this name, or a text is not `num_virtual_tokens` long.
    pub fn init(
        name: &str,
        num_virtual_tokens: usize,
        init: PromptInit,
        model: &Gpt2,
        params: &mut Params,
        rng: &mut Rng,
    ) -> Self {
        let shape = [num_virtual_tokens, model.config.n_embd];
        match init {
            PromptInit::Random(std) => params.add(&Self::tensor(name), &shape, || std * rng.normal()),
            PromptInit::Text(ids) => {
                assert_eq!(ids.len(), num_virtual_tokens, "prompt: a text of as many tokens");
                let table = params.value(model.wte());
                let row = |id: &u32| table[*id as usize * shape[1]..][..shape[1]].to_vec();
                let values: Vec<f32> = ids.iter().flat_map(row).collect();
                params.add_values(&Self::tensor(name), &shape, &values)
            }
        };
        Self::bind(name, num_virtual_tokens, model, params).expect("the tensor was just added")
    }

    /// The tensor as PEFT calls it in memory, but for the kind, which keeps it apart from a prefix of the same name.
    pub(crate) fn tensor(adapter: &str) -> String {
        format!("prompt_encoder.{adapter}.embedding.weight")
    }

    /// Finds the tensor of a prompt in `params`.
    ///
    /// # Errors
    ///
    /// If it is missing, or of another shape.
    pub fn bind(name: &str, num_virtual_tokens: usize, model: &Gpt2, params: &Params) -> Result<Self> {
        let embedding = params.expect(&Self::tensor(name), &[num_virtual_tokens, model.config.n_embd])?;
        Ok(Self { num_virtual_tokens, embedding })
    }
}

impl Tuner for PromptTuning {
    fn tensors(&self) -> Vec<ParamId> {
        vec![self.embedding]
    }

    fn embed(&self, g: &mut Graph) -> Option<Var> {
        Some(g.param(self.embedding))
    }

    fn num_embedded_tokens(&self) -> usize {
        self.num_virtual_tokens
    }
}

pub(super) const METHOD: Method = Method {
    name: "Prompt tuning",
    size: 16,
    learning_rate: 3e-2,
    init: |name, size, text, model, params, rng| {
        let ids: Vec<u32> = text.iter().copied().cycle().take(size).collect();
        Box::new(PromptTuning::init(name, size, PromptInit::Text(&ids), model, params, rng))
    },
};
