//! Direct preference optimization: a policy from pairs, without a reward model.

use super::Learner;
use super::completion::{Completion, Padded, Pair, sequence_logprobs};
use crate::json::fields;
use crate::nn::{Gpt2, Tuner};
use crate::rng::Rng;
use crate::tensor::{Graph, Params, Tape, Var};

/// Settings, named as in TRL's `DPOConfig`.
#[derive(Debug, Clone, PartialEq)]
pub struct DpoConfig {
    /// How dear a step away from the reference is. TRL: 0.1.
    pub beta: f32,
    /// Learning rate.
    pub learning_rate: f64,
    /// Most pairs in a step.
    pub batch_size: usize,
}

impl Default for DpoConfig {
    fn default() -> Self {
        Self { beta: 1.0, learning_rate: 1e-4, batch_size: 32 }
    }
}

/// `−log σ(β((π_chosen − ref_chosen) − (π_rejected − ref_rejected)))`, averaged over pairs.
///
/// Shapes: `logps (2N, 1)`, chosen first, and `ref_logps (2N, 1)` `→ (1, 1)`. TRL: `loss_type="sigmoid"`.
/// Source: Rafailov et al., arXiv:2305.18290, equation 7.
///
/// # Panics
///
/// If the shapes differ.
pub fn dpo_loss(g: &mut Graph, logps: Var, ref_logps: Var, beta: f32) -> Var {
    let n = g.rows(logps) as u32 / 2;
    let log_ratios = g.sub(logps, ref_logps);
    let chosen = g.embedding(log_ratios, 0..n);
    let rejected = g.embedding(log_ratios, n..2 * n);
    let difference = g.sub(chosen, rejected);
    let scaled = g.scale(difference, beta);
    let log_sigmoid = g.log_sigmoid(scaled);
    let mean = g.mean(log_sigmoid);
    g.scale(mean, -1.0)
}

/// Trains a policy on pairs. The reference is what the policy was at first.
///
/// TRL: `DPOTrainer`.
pub struct DpoTrainer {
    /// How.
    pub config: DpoConfig,
    /// The network.
    pub model: Gpt2,
    /// The policy's weights.
    pub params: Params,
    pairs: Vec<Pair>,
    /// `log p` of each pair to the reference.
    ref_logps: Vec<[f32; 2]>,
    learner: Learner,
    rng: Rng,
}

impl DpoTrainer {
    /// A trainer of a copy of a model, with pairs drawn from `rng`.
    ///
    /// # Panics
    ///
    /// If there are no pairs.
    pub fn new(config: DpoConfig, model: &Gpt2, params: &Params, pairs: Vec<Pair>, rng: Rng) -> Self {
        assert!(!pairs.is_empty(), "dpo: no pairs");
        let (model, params) = (model.clone(), params.clone());
        let mut tape = Tape::new();
        let ref_logps = pairs.iter().map(|pair| {
            let mut g = Graph::inference(&mut tape, &params);
            let rows = Padded::new(&[&pair.chosen, &pair.rejected]);
            let logps = sequence_logprobs(&mut g, &model, None, &rows);
            [g.value(logps)[0], g.value(logps)[1]]
        });
        let ref_logps = ref_logps.collect();
        let learner = Learner::new(&params);
        Self { config, model, params, pairs, ref_logps, learner, rng }
    }

    /// Learns from up to `batch_size` of the pairs; gives the loss before, which is ln 2 at first.
    pub fn step(&mut self, tuner: Option<&dyn Tuner>) -> f32 {
        let n = self.pairs.len().min(self.config.batch_size);
        let mut order: Vec<usize> = (0..self.pairs.len()).collect();
        self.rng.shuffle(&mut order);
        let drawn = &order[..n];
        let chosen = drawn.iter().map(|&i| &self.pairs[i].chosen);
        let both: Vec<&Completion> = chosen.chain(drawn.iter().map(|&i| &self.pairs[i].rejected)).collect();
        let reference: Vec<f32> = [0, 1]
            .iter()
            .flat_map(|&side| drawn.iter().map(move |&i| (i, side)))
            .map(|(i, side)| self.ref_logps[i][side])
            .collect();
        let rows = Padded::new(&both);
        let model = &self.model;
        self.learner.step(&mut self.params, self.config.learning_rate, |g| {
            let logps = sequence_logprobs(g, model, tuner, &rows);
            let ref_logps = g.constant(1, &reference);
            dpo_loss(g, logps, ref_logps, self.config.beta)
        })
    }
}

/// What a [`DpoTrainer`] is besides its tensors and its pairs.
#[derive(Debug, Clone)]
pub struct SavedDpo {
    optimizer_step: usize,
    rng: Rng,
}

fields!(SavedDpo: optimizer_step, rng);

impl DpoTrainer {
    /// All that is needed to go on with the same bits: the tensors with those of the optimizer, and the rest.
    pub fn save(&self) -> (Params, SavedDpo) {
        let (state, optimizer_step) = self.learner.optimizer.state(&self.params);
        let mut tensors = self.params.clone();
        for id in state.ids() {
            tensors.add_values(state.name(id), state.shape(id), state.value(id));
        }
        (tensors, SavedDpo { optimizer_step, rng: self.rng.clone() })
    }

    /// Makes a trainer of the same settings, reference and pairs the one that [`DpoTrainer::save`] was called on; `None`, and
    /// anything changed, if the parts do not fit.
    pub fn load(&mut self, tensors: &Params, saved: SavedDpo) -> Option<()> {
        self.params.load(tensors)?;
        self.rng = saved.rng;
        self.learner.optimizer.load_state(&self.params, tensors, saved.optimizer_step)
    }
}
