//! Bottleneck adapters: a small network after each half of a block.

use super::Method;
use crate::error::Result;
use crate::nn::{Gpt2, Sublayer, Tuner};
use crate::rng::Rng;
use crate::tensor::{Graph, ParamId, Params, Var};

/// What stands between the two layers of an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// GELU by way of tanh, as in GPT-2.
    GeluNew,
    /// `max(x, 0)`
    Relu,
}

/// Settings.
#[derive(Debug, Clone, PartialEq)]
pub struct BottleneckConfig {
    /// Width of the bottleneck.
    pub bottleneck_dim: usize,
    /// What stands between the two layers.
    pub activation: Activation,
    /// Standard deviation of fresh weights, cut off at two of it. Houlsby et al.: 0.01.
    pub init_std: f32,
}

impl Default for BottleneckConfig {
    fn default() -> Self {
        Self { bottleneck_dim: 8, activation: Activation::GeluNew, init_std: 0.01 }
    }
}

/// `y + W_up·act(W_down·y + b_down) + b_up`, for what each half of a block adds to the residual stream.
///
/// Source: Houlsby et al., arXiv:1902.00751, section 2. Differs: they train the layer norms as well; here they stay
/// frozen, so that the base is shared, unless the caller trains them.
#[derive(Debug, Clone)]
pub struct Bottleneck {
    /// The settings.
    pub config: BottleneckConfig,
    /// By block and [`Sublayer`]: weight and bias of the layer down, of the layer up.
    adapters: Vec<[[ParamId; 4]; 2]>,
}

impl Bottleneck {
    /// Adds the tensors of fresh adapters, which change next to nothing: biases are 0 and weights small.
    ///
    /// # Panics
    ///
    /// If the model has adapters of this name.
    pub fn init(
        name: &str,
        config: BottleneckConfig,
        model: &Gpt2,
        params: &mut Params,
        rng: &mut Rng,
    ) -> Self {
        let truncated = |rng: &mut Rng| loop {
            let x = rng.normal();
            if x.abs() <= 2.0 {
                return config.init_std * x;
            }
        };
        for (tensor, shape) in tensors(name, &config, model) {
            let is_bias = shape.len() == 1;
            params.add(&tensor, &shape, || if is_bias { 0.0 } else { truncated(rng) });
        }
        Self::bind(name, config, model, params).expect("the tensors were just added")
    }

    /// Finds the tensors of adapters in `params`.
    ///
    /// # Errors
    ///
    /// Names the tensor that is missing, or whose shape is not the configuration's.
    pub fn bind(name: &str, config: BottleneckConfig, model: &Gpt2, params: &Params) -> Result<Self> {
        let ids: Result<Vec<ParamId>> =
            tensors(name, &config, model).iter().map(|(name, shape)| params.expect(name, shape)).collect();
        let halves = ids?.as_chunks().0.to_vec();
        Ok(Self { config, adapters: halves.as_chunks().0.to_vec() })
    }
}

impl Tuner for Bottleneck {
    fn tensors(&self) -> Vec<ParamId> {
        self.adapters.as_flattened().as_flattened().to_vec()
    }

    fn sublayer(&self, g: &mut Graph, layer: usize, sublayer: Sublayer, y: Var) -> Var {
        let [down, down_bias, up, up_bias] = self.adapters[layer][sublayer as usize].map(|id| g.param(id));
        let h = g.linear(y, down); // (R, bottleneck_dim)
        let h = g.add_row(h, down_bias);
        let h = match self.config.activation {
            Activation::GeluNew => g.gelu(h),
            Activation::Relu => g.relu(h),
        };
        let h = g.linear(h, up); // (R, C)
        let h = g.add_row(h, up_bias);
        g.add(y, h)
    }
}

/// Names and shapes, four tensors for each half of each block.
fn tensors(adapter: &str, config: &BottleneckConfig, model: &Gpt2) -> Vec<(String, Vec<usize>)> {
    let (c, inner) = (model.config.n_embd, config.bottleneck_dim);
    let mut all = Vec::new();
    for layer in 0..model.config.n_layer {
        for half in ["attn", "mlp"] {
            let layers = [("down.weight", vec![inner, c]), ("down.bias", vec![inner])];
            let layers = layers.into_iter().chain([("up.weight", vec![c, inner]), ("up.bias", vec![c])]);
            all.extend(
                layers
                    .map(|(tensor, shape)| (format!("adapters.{adapter}.h.{layer}.{half}.{tensor}"), shape)),
            );
        }
    }
    all
}

pub(super) const METHOD: Method = Method {
    name: "Adapters",
    size: 8,
    learning_rate: 2.5e-3,
    init: |name, size, _, model, params, rng| {
        let config = BottleneckConfig { bottleneck_dim: size, ..BottleneckConfig::default() };
        Box::new(Bottleneck::init(name, config, model, params, rng))
    },
};
