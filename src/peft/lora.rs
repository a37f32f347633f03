//! LoRA: a low-rank matrix beside each frozen weight.

use super::Method;
use crate::error::{Error, Result};
use crate::nn::{Gpt2, Gpt2Config, Linear, Tuner};
use crate::rng::Rng;
use crate::tensor::{Graph, ParamId, Params, Tape, Var};

/// Settings, named as in PEFT's `LoraConfig`.
#[derive(Debug, Clone, PartialEq)]
pub struct LoraConfig {
    /// The rank, from 0, which changes nothing. PEFT: 8.
    pub r: usize,
    /// Divided by the rank it is the factor of the update. PEFT: 8.
    pub lora_alpha: f32,
    /// Share of the inputs that is left out while training. PEFT: 0.
    pub lora_dropout: f32,
    /// Names of linear layers, or their endings: `c_proj` means both.
    pub target_modules: Vec<String>,
}

impl Default for LoraConfig {
    fn default() -> Self {
        let target_modules = ["c_attn", "c_proj", "c_fc"].map(str::to_owned).to_vec();
        Self { r: 8, lora_alpha: 8.0, lora_dropout: 0.0, target_modules }
    }
}

impl LoraConfig {
    /// The factor of the update, `lora_alpha / r`.
    pub fn scaling(&self) -> f32 {
        self.lora_alpha / self.r.max(1) as f32
    }

    /// Whether a layer gets an update.
    pub fn targets(&self, module: Linear) -> bool {
        let is_end = |target: &String| format!(".{}", module.name()).ends_with(&format!(".{target}"));
        self.target_modules.iter().any(is_end)
    }

    /// Layers that get an update, in the order of a network of `n_layer` blocks.
    pub(crate) fn layers(&self, n_layer: usize) -> Vec<(usize, Linear)> {
        let of_block = |layer| Linear::ALL.into_iter().map(move |module| (layer, module));
        let all = (0..n_layer).flat_map(of_block);
        all.filter(|(_, module)| self.r > 0 && self.targets(*module)).collect()
    }

    /// Shapes of A and B for a layer.
    pub(crate) fn shapes(&self, module: Linear, model: &Gpt2Config) -> [[usize; 2]; 2] {
        let [inputs, outputs] = module.shape(model.n_embd, model.n_inner());
        [[self.r, inputs], [outputs, self.r]]
    }

    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// Names the one that is out of its range.
    pub fn validate(&self) -> Result<()> {
        for target in &self.target_modules {
            let one = Self { target_modules: vec![target.clone()], ..self.clone() };
            if !Linear::ALL.iter().any(|module| one.targets(*module)) {
                return Err(Error::input("target_modules", format!("{target:?}"), "c_attn, c_proj or c_fc"));
            }
        }
        if !(0.0..1.0).contains(&self.lora_dropout) {
            let given = crate::json::shortest_f32(self.lora_dropout);
            return Err(Error::input("lora_dropout", given, "a number from 0 to below 1"));
        }
        Ok(())
    }
}

/// `y = x·W + b + scaling · (x·Aᵀ)·Bᵀ` for each targeted layer, with A `(r, in)` and B `(out, r)`.
///
/// PEFT: `LoraModel`. Source: Hu et al., arXiv:2106.09685, equation 3.
#[derive(Debug, Clone)]
pub struct Lora {
    /// The settings.
    pub config: LoraConfig,
    /// A and B of each targeted layer, by block and [`Linear`].
    pairs: Vec<[Option<[ParamId; 2]>; 4]>,
}

/// Weights before [`Lora::merge`].
#[derive(Debug, Clone)]
pub struct Unmerged(Vec<(ParamId, Vec<f32>)>);

impl Lora {
    /// Adds the tensors of a fresh adapter, which changes nothing yet: B is 0, and A uniform within `1/√in`.
    ///
    /// # Panics
    ///
    /// If the model has an adapter of this name.
    pub fn init(name: &str, config: LoraConfig, model: &Gpt2, params: &mut Params, rng: &mut Rng) -> Self {
        for (layer, module) in config.layers(model.config.n_layer) {
            let ([a, b], [a_shape, b_shape]) =
                (Self::names(name, layer, module), config.shapes(module, &model.config));
            let bound = 1.0 / (a_shape[1] as f32).sqrt();
            params.add(&a, &a_shape, || (2.0 * rng.uniform() - 1.0) * bound);
            params.add(&b, &b_shape, || 0.0);
        }
        Self::bind(name, config, model, params).expect("the tensors were just added")
    }

    /// Finds the tensors of an adapter in `params`.
    ///
    /// # Errors
    ///
    /// Names the tensor that is missing, or whose shape is not the configuration's.
    pub fn bind(name: &str, config: LoraConfig, model: &Gpt2, params: &Params) -> Result<Self> {
        config.validate()?;
        let mut pairs = vec![[None; 4]; model.config.n_layer];
        for (layer, module) in config.layers(model.config.n_layer) {
            let ([a, b], [a_shape, b_shape]) =
                (Self::names(name, layer, module), config.shapes(module, &model.config));
            let pair = [params.expect(&a, &a_shape)?, params.expect(&b, &b_shape)?];
            pairs[layer][module as usize] = Some(pair);
        }
        Ok(Self { config, pairs })
    }

    /// A and B of a layer as PEFT calls them in memory.
    pub(crate) fn names(adapter: &str, layer: usize, module: Linear) -> [String; 2] {
        ["lora_A", "lora_B"].map(|matrix| {
            format!("base_model.model.transformer.h.{layer}.{}.{matrix}.{adapter}.weight", module.name())
        })
    }

    /// A and B of a layer, if it is targeted and the rank is not 0.
    pub fn pair(&self, layer: usize, module: Linear) -> Option<[ParamId; 2]> {
        self.pairs[layer][module as usize]
    }

    /// The update of a layer's weight, `scaling · (B·A)ᵀ`, (in, out); nothing where it is not targeted.
    pub fn delta_weight(&self, layer: usize, module: Linear, params: &Params) -> Option<Vec<f32>> {
        let [a, b] = self.pair(layer, module)?;
        let mut tape = Tape::new();
        let mut g = Graph::inference(&mut tape, params);
        // (B·A)ᵀ = Aᵀ·Bᵀ, and a constant's columns are rows of its transpose.
        let a_transposed = transposed(params.value(a), params.shape(a)[1]);
        let a = g.constant(self.config.r, &a_transposed); // (in, r)
        let delta = g.linear(a, g.param(b)); // (in, out)
        Some(g.value(delta).iter().map(|x| self.config.scaling() * x).collect())
    }

    /// Adds the updates to the base's weights: the model without the tuner is then the model with it.
    ///
    /// PEFT: `merge_adapter`. Differs: [`Lora::unmerge`] puts the very bits back, where PEFT subtracts the update.
    pub fn merge(&self, model: &Gpt2, params: &mut Params) -> Unmerged {
        let mut before = Vec::new();
        for layer in 0..model.config.n_layer {
            for module in Linear::ALL {
                let Some(delta) = self.delta_weight(layer, module, params) else { continue };
                let id = model.weight(layer, module);
                before.push((id, params.value(id).to_vec()));
                params.value_mut(id).iter_mut().zip(delta).for_each(|(w, d)| *w += d);
            }
        }
        Unmerged(before)
    }

    /// Takes [`Lora::merge`] back.
    pub fn unmerge(params: &mut Params, Unmerged(before): Unmerged) {
        before.into_iter().for_each(|(id, values)| params.value_mut(id).copy_from_slice(&values));
    }
}

impl Tuner for Lora {
    fn tensors(&self) -> Vec<ParamId> {
        self.pairs.as_flattened().iter().flatten().flatten().copied().collect()
    }

    fn linear(&self, g: &mut Graph, layer: usize, module: Linear, x: Var, y: Var) -> Var {
        let Some([a, b]) = self.pair(layer, module) else { return y };
        let x = g.dropout(x, self.config.lora_dropout);
        let h = g.linear(x, g.param(a)); // (R, r)
        let h = g.linear(h, g.param(b)); // (R, out)
        let h = g.scale(h, self.config.scaling());
        g.add(y, h)
    }
}

/// Rows of `cols` elements as columns.
fn transposed(values: &[f32], cols: usize) -> Vec<f32> {
    (0..cols).flat_map(|col| values.iter().skip(col).step_by(cols).copied()).collect()
}

pub(super) const METHOD: Method = Method {
    name: "LoRA",
    size: 2,
    learning_rate: 2.5e-3,
    init: |name, size, _, model, params, rng| {
        let config = LoraConfig { r: size, lora_alpha: 4.0, ..LoraConfig::default() };
        Box::new(Lora::init(name, config, model, params, rng))
    },
};
