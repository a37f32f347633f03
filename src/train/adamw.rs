//! AdamW, and clipping of the gradient's norm.

use crate::tensor::{Gradients, ParamId, Params, kernels};

/// Settings of [`AdamW`], named as in `torch.optim.AdamW`.
#[derive(Debug, Clone, PartialEq)]
pub struct AdamWConfig {
    /// Share of the old running mean of the gradient that is kept at each step.
    pub beta1: f64,
    /// The same for the running mean of its square.
    pub beta2: f64,
    /// What keeps the division from blowing up.
    pub eps: f64,
    /// Share of a weight that is taken away at each step, times the learning rate.
    pub weight_decay: f64,
    /// Whether biases, gains and other vectors decay as well; GPT-style recipes exempt them.
    pub decay_vectors: bool,
}

impl Default for AdamWConfig {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.01, decay_vectors: true }
    }
}

/// Adam with decoupled weight decay: `p ← p·(1 − lr·λ) − lr·m̂ / (√v̂ + ε)`.
///
/// Keeps two numbers a trained weight, and none for a frozen one.
///
/// PyTorch: `torch.optim.AdamW`. Source: Loshchilov & Hutter, arXiv:1711.05101, algorithm 2.
#[derive(Debug, Clone)]
pub struct AdamW {
    /// The settings.
    pub config: AdamWConfig,
    /// Steps taken, with which the running means are corrected for having begun at 0.
    step: usize,
    /// Running means of the gradient and of its square, of trained tensors.
    moments: Vec<(ParamId, Vec<f32>, Vec<f32>)>,
    /// Tensors with a learning rate of their own, as a multiple of that of the others.
    rates: Vec<(ParamId, f64)>,
}

impl AdamW {
    /// An optimizer of the tensors that require a gradient now.
    pub fn new(config: AdamWConfig, params: &Params) -> Self {
        let trained = params.ids().filter(|&id| params.requires_grad(id));
        let zeros = |id| vec![0.0; params.value(id).len()];
        Self {
            config,
            step: 0,
            moments: trained.map(|id| (id, zeros(id), zeros(id))).collect(),
            rates: Vec::new(),
        }
    }

    /// Gives a tensor a learning rate of its own, as a multiple of that of the others.
    ///
    /// PyTorch: a parameter group with another `lr`.
    pub fn scale_rate(&mut self, id: ParamId, factor: f64) {
        self.rates.push((id, factor));
    }

    /// Moves each trained tensor that got a gradient.
    pub fn step(&mut self, params: &mut Params, gradients: &Gradients, learning_rate: f64) {
        self.step += 1;
        let AdamWConfig { beta1, beta2, eps, weight_decay, decay_vectors } = self.config;
        let correction = |beta: f64| 1.0 - libm::pow(beta, self.step as f64);
        let update = kernels::AdamW {
            beta1: beta1 as f32,
            beta2: beta2 as f32,
            eps: eps as f32,
            step_size: 0.0,
            correction2_sqrt: libm::sqrt(correction(beta2)) as f32,
            keep: 1.0,
        };
        for (id, m, v) in &mut self.moments {
            let Some(grad) = gradients.get(*id) else { continue };
            let own = self.rates.iter().find(|(tensor, _)| tensor == id);
            let learning_rate = own.map_or(learning_rate, |(_, factor)| factor * learning_rate);
            let step_size = (learning_rate / correction(beta1)) as f32;
            let decays = decay_vectors || params.shape(*id).len() > 1;
            let keep = if decays { (1.0 - learning_rate * weight_decay) as f32 } else { 1.0 };
            kernels::AdamW { keep, step_size, ..update }.apply(params.value_mut(*id), grad, m, v);
        }
    }

    /// Bytes of optimizer state: eight a trained weight.
    pub fn state_bytes(&self) -> usize {
        self.moments.iter().map(|(_, m, v)| size_of_val(&m[..]) + size_of_val(&v[..])).sum()
    }

    /// Everything but the settings, as tensors `exp_avg.NAME` and `exp_avg_sq.NAME` and the number of steps.
    pub fn state(&self, params: &Params) -> (Params, usize) {
        let mut state = Params::new();
        for (id, m, v) in &self.moments {
            for (kind, values) in [("exp_avg", m), ("exp_avg_sq", v)] {
                let name = format!("{kind}.{}", params.name(*id));
                state.add_values(&name, params.shape(*id), values);
            }
        }
        (state, self.step)
    }

    /// Takes back what [`AdamW::state`] gave; `None` if it was another model's.
    pub fn load_state(&mut self, params: &Params, state: &Params, step: usize) -> Option<()> {
        for (id, m, v) in &mut self.moments {
            for (kind, values) in [("exp_avg", m), ("exp_avg_sq", v)] {
                let saved = state.id(&format!("{kind}.{}", params.name(*id)))?;
                (state.value(saved).len() == values.len()).then_some(())?;
                values.copy_from_slice(state.value(saved));
            }
        }
        self.step = step;
        Some(())
    }
}

/// Scales all gradients down so that their common norm is at most `max_norm`; gives the norm before.
///
/// A `max_norm` of 0 leaves them alone. PyTorch: `torch.nn.utils.clip_grad_norm_`.
/// Source: Pascanu, Mikolov & Bengio, arXiv:1211.5063, algorithm 1.
pub fn clip_grad_norm(gradients: &mut Gradients, max_norm: f64) -> f64 {
    let norm = gradients.norm();
    let scale = (max_norm / (norm + 1e-6)) as f32;
    if max_norm > 0.0 && scale < 1.0 {
        gradients.scale(scale);
    }
    norm
}
