//! Prefix tuning: trained keys and values in every layer, which every token sees.

use super::Method;
use crate::error::Result;
use crate::nn::{Gpt2, Input, Linear, Tuner};
use crate::rng::Rng;
use crate::tensor::{Graph, ParamId, Params, Tape, Var};

/// What a prefix begins as.
#[derive(Debug, Clone, Copy)]
pub enum PrefixInit<'a> {
    /// Random numbers of this standard deviation. PEFT: 1.
    Random(f32),
    /// The keys and values that the model computes for a text of as many tokens.
    ///
    /// Source: Li & Liang, arXiv:2101.00190, section 7.4: real words' activations help where data are few.
    Text(&'a [u32]),
}

/// Keys and values of `num_virtual_tokens` tokens that no text has, not projected and without a position.
///
/// PEFT: `PrefixTuningConfig(prefix_projection=False)`. Source: Li & Liang, arXiv:2101.00190, section 4.
#[derive(Debug, Clone)]
pub struct PrefixTuning {
    /// Number of virtual tokens.
    pub num_virtual_tokens: usize,
    n_embd: usize,
    /// (N, L·2C): key and value of each layer in turn.
    embedding: ParamId,
}

impl PrefixTuning {
    /// Adds the tensor of a fresh prefix.
    ///
    /// # Panics
    ///
    /// If the model has a prefix of this name, or a text is not `num_virtual_tokens` long.
    pub fn init(
        name: &str,
        num_virtual_tokens: usize,
        init: PrefixInit,
        model: &Gpt2,
        params: &mut Params,
        rng: &mut Rng,
    ) -> Self {
        let shape = [num_virtual_tokens, 2 * model.config.n_layer * model.config.n_embd];
        match init {
            PrefixInit::Random(std) => params.add(&Self::tensor(name), &shape, || std * rng.normal()),
            PrefixInit::Text(ids) => {
                assert_eq!(ids.len(), num_virtual_tokens, "prefix: a text of as many tokens");
                let values = key_values(ids, model, params);
                params.add_values(&Self::tensor(name), &shape, &values)
            }
        };
        Self::bind(name, num_virtual_tokens, model, params).expect("the tensor was just added")
    }

    /// The tensor as PEFT calls it in memory.
    pub(crate) fn tensor(adapter: &str) -> String {
        format!("prefix_encoder.{adapter}.embedding.weight")
    }

    /// Finds the tensor of a prefix in `params`.
    ///
    /// # Errors
    ///
    /// If it is missing, or of another shape.
    pub fn bind(name: &str, num_virtual_tokens: usize, model: &Gpt2, params: &Params) -> Result<Self> {
        let n_embd = model.config.n_embd;
        let embedding =
            params.expect(&Self::tensor(name), &[num_virtual_tokens, 2 * model.config.n_layer * n_embd])?;
        Ok(Self { num_virtual_tokens, n_embd, embedding })
    }
}

impl Tuner for PrefixTuning {
    fn tensors(&self) -> Vec<ParamId> {
        vec![self.embedding]
    }

    fn key_value(&self, g: &mut Graph, layer: usize) -> Option<Var> {
        let width = 2 * self.n_embd;
        Some(g.narrow(g.param(self.embedding), layer * width, width))
    }

    fn num_prefix_tokens(&self) -> usize {
        self.num_virtual_tokens
    }
}

/// Keys and values of each token in each layer, (N, L·2C).
fn key_values(ids: &[u32], model: &Gpt2, params: &Params) -> Vec<f32> {
    /// Listens at the linear layers.
    #[derive(Debug, Default)]
    struct Listener(std::cell::RefCell<Vec<Var>>);
    impl Tuner for Listener {
        fn tensors(&self) -> Vec<ParamId> {
            Vec::new()
        }
        fn linear(&self, _: &mut Graph, _: usize, module: Linear, _: Var, y: Var) -> Var {
            if module == Linear::CAttn {
                self.0.borrow_mut().push(y);
            }
            y
        }
    }
    let (mut tape, listener) = (Tape::new(), Listener::default());
    let mut g = Graph::inference(&mut tape, params);
    model.hidden(&mut g, &Input { tuner: Some(&listener), ..Input::new(ids, 1) });
    let (c, heard) = (model.config.n_embd, listener.0.into_inner());
    let row = |token: usize| {
        let of_layer = |qkv: &Var| g.value(*qkv)[token * 3 * c + c..(token + 1) * 3 * c].to_vec();
        heard.iter().flat_map(of_layer).collect::<Vec<f32>>()
    };
    (0..ids.len()).flat_map(row).collect()
}

pub(super) const METHOD: Method = Method {
    name: "Prefix tuning",
    size: 16,
    learning_rate: 3e-2,
    init: |name, size, text, model, params, rng| {
        let ids: Vec<u32> = text.iter().copied().cycle().take(size).collect();
        Box::new(PrefixTuning::init(name, size, PrefixInit::Text(&ids), model, params, rng))
    },
};
