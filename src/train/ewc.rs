//! Elastic weight consolidation: what mattered to the old task is held in place.

use crate::data::Batch;
use crate::nn::Gpt2;
use crate::tensor::{Graph, ParamId, Params, Tape, Var};

use super::lm_loss;

/// Weights as they were, and how much each of them matters.
#[derive(Debug, Clone)]
pub struct Ewc {
    /// Of each trained tensor: its id, its values, and the diagonal of the Fisher information.
    tensors: Vec<(ParamId, Vec<f32>, Vec<f32>)>,
}

impl Ewc {
    /// Anchors the trained tensors where they are. Each batch is one example of the old task, or of few.
    ///
    /// `fisher = mean over batches of (∂ loss / ∂ θ)²`, with the loss a mean over the batch's own labels: the empirical
    /// Fisher information, whose labels are the data's.
    ///
    /// Source: Kirkpatrick et al., arXiv:1612.00796, section 2. Differs: they draw labels from the model.
    ///
    /// # Panics
    ///
    /// If there are no batches.
    pub fn new(model: &Gpt2, params: &Params, batches: &[Batch]) -> Self {
        assert!(!batches.is_empty(), "ewc: no batches");
        let mut this = Self::anchor(params);
        let mut tape = Tape::new();
        batches.iter().for_each(|batch| this.observe(model, params, batch, batches.len(), &mut tape));
        this
    }

    /// Anchors the trained tensors where they are, before anything is known of what matters.
    pub fn anchor(params: &Params) -> Self {
        let trained = params.ids().filter(|id| params.requires_grad(*id));
        let tensor = |id| (id, params.value(id).to_vec(), vec![0.0; params.value(id).len()]);
        Self { tensors: trained.map(tensor).collect() }
    }

    /// Adds one of `n` batches to the mean that [`Ewc::new`] takes; the weights are where they were anchored.
    pub fn observe(&mut self, model: &Gpt2, params: &Params, batch: &Batch, n: usize, tape: &mut Tape) {
        tape.gradients.clear();
        let mut g = Graph::new(tape, params);
        let input = crate::nn::Input::new(&batch.input_ids, batch.batch_size);
        let loss = lm_loss(&mut g, model, &input, &batch.labels);
        g.backward(loss);
        for (id, _, fisher) in &mut self.tensors {
            let Some(gradient) = tape.gradients.get(*id) else { continue };
            fisher.iter_mut().zip(gradient).for_each(|(f, d)| *f += d * d / n as f32);
        }
    }

    /// The diagonal of the Fisher information of a tensor, if it was trained.
    pub fn fisher(&self, id: ParamId) -> Option<&[f32]> {
        self.tensors.iter().find(|(tensor, ..)| *tensor == id).map(|(_, _, fisher)| &fisher[..])
    }

    /// `λ/2 · Σ fisher·(θ − θ*)²` on the tape, to add to the new task's loss; (1, 1).
    ///
    /// Source: Kirkpatrick et al., arXiv:1612.00796, equation 3.
    pub fn penalty(&self, g: &mut Graph, ewc_lambda: f32) -> Var {
        let mut total = g.constant(1, &[0.0]);
        for (id, anchor, fisher) in &self.tensors {
            let theta = g.param(*id);
            let cols = g.cols(theta);
            let (anchor, fisher) = (g.constant(cols, anchor), g.constant(cols, fisher));
            let moved = g.sub(theta, anchor);
            let square = g.mul(moved, moved);
            let weighted = g.mul(fisher, square);
            let sum = g.sum(weighted);
            total = g.add(total, sum);
        }
        g.scale(total, 0.5 * ewc_lambda)
    }
}
