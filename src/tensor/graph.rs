//! A forward pass that remembers how to go back.
//!
//! Every operation (the files of [`ops`](super::ops)) computes its result at once and, if a gradient will be
//! wanted, leaves a closure that turns the gradient of its result into gradients of its inputs.
//! [`Graph::backward`] runs the closures from the last to the first.

use super::params::{ParamId, Params};
use super::tape::{Backward, Node, Tape};

/// A matrix of the pass: a parameter or the result of an operation. Vectors have one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Var(pub(super) usize);

/// Numbers in the tape's list of indices, such as token ids: closures capture this instead of a slice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Indices {
    start: usize,
    len: usize,
}

/// One pass over a model whose weights are `params`.
pub struct Graph<'a> {
    params: &'a Params,
    tape: &'a mut Tape,
    recording: bool,
}

impl<'a> Graph<'a> {
    /// A pass that [`Graph::backward`] can follow.
    pub fn new(tape: &'a mut Tape, params: &'a Params) -> Self {
        tape.rewind(params.len());
        Self { params, tape, recording: true }
    }

    /// A pass that computes values only.
    pub fn inference(tape: &'a mut Tape, params: &'a Params) -> Self {
        Self { recording: false, ..Self::new(tape, params) }
    }

    /// The variable of a parameter.
    pub fn param(&self, id: ParamId) -> Var {
        Var(id.0)
    }

    /// A constant (rows, cols).
    ///
    /// # Panics
    ///
    /// If the length is not a multiple of `cols`.
    pub fn constant(&mut self, cols: usize, values: &[f32]) -> Var {
        let mut buffer = self.buffer(values.len());
        buffer.copy_from_slice(values);
        self.push(cols, buffer, &[])
    }

    /// The elements, row-major.
    pub fn value(&self, var: Var) -> &[f32] {
        match var.0.checked_sub(self.params.len()) {
            None => self.params.value(ParamId(var.0)),
            Some(node) => &self.tape.nodes[node].value,
        }
    }

    /// Number of rows.
    pub fn rows(&self, var: Var) -> usize {
        self.value(var).len().checked_div(self.cols(var)).unwrap_or(0)
    }

    /// Number of columns.
    pub fn cols(&self, var: Var) -> usize {
        match var.0.checked_sub(self.params.len()) {
            None => self.params.shape(ParamId(var.0)).last().copied().unwrap_or(1),
            Some(node) => self.tape.nodes[node].cols,
        }
    }

    /// Whether a gradient will be computed for this variable.
    pub fn requires_grad(&self, var: Var) -> bool {
        self.recording
            && match var.0.checked_sub(self.params.len()) {
                None => self.params.requires_grad(ParamId(var.0)),
                Some(node) => self.tape.nodes[node].requires_grad,
            }
    }

    /// Adds the gradients of `loss` with respect to all trained parameters to the tape.
    ///
    /// # Panics
    ///
    /// If `loss` is not a single number.
    pub fn backward(&mut self, loss: Var) {
        assert_eq!(self.value(loss).len(), 1, "backward: the loss must be one number");
        if !self.requires_grad(loss) {
            return;
        }
        self.grad(loss)[0] = 1.0;
        let closures = std::mem::take(&mut self.tape.backward);
        for closure in closures.iter().rev() {
            closure.call(self);
        }
        self.tape.backward = closures;
    }

    // What operations are made of.

    pub(super) fn buffer(&mut self, len: usize) -> Vec<f32> {
        self.tape.take(len)
    }

    pub(super) fn recycle(&mut self, buffer: Vec<f32>) {
        self.tape.give(buffer);
    }

    /// Makes `value` a variable, which requires a gradient if any of `inputs` does.
    pub(super) fn push(&mut self, cols: usize, value: Vec<f32>, inputs: &[Var]) -> Var {
        assert!(
            cols > 0 && value.len().is_multiple_of(cols),
            "push: {} elements in rows of {cols}",
            value.len()
        );
        let requires_grad = inputs.iter().any(|&v| self.requires_grad(v));
        self.tape.nodes.push(Node { value, cols, requires_grad });
        self.tape.grads.push(Vec::new());
        Var(self.params.len() + self.tape.nodes.len() - 1)
    }

    /// Remembers how the gradient of `output` becomes gradients of inputs. `f` is called if and only if
    /// `output` got one, and gets it.
    pub(super) fn on_backward(&mut self, output: Var, f: impl Fn(&mut Graph<'_>, &[f32]) + Copy + 'static) {
        if self.requires_grad(output) {
            self.tape.backward.push(Backward::new(move |g| {
                let d_output = std::mem::take(&mut g.tape.grads[output.0]);
                if !d_output.is_empty() {
                    f(g, &d_output);
                    g.tape.give(d_output);
                }
            }));
        }
    }

    /// The gradient of a variable so far, to add to.
    pub(super) fn grad(&mut self, var: Var) -> &mut [f32] {
        if self.tape.grads[var.0].is_empty() {
            let len = self.value(var).len();
            let mut grad = self.tape.take(len);
            grad.fill(0.0);
            self.tape.grads[var.0] = grad;
        }
        &mut self.tape.grads[var.0]
    }

    /// Calls `f` with the gradient of `var`, to add to, beside the graph's values. Does nothing for a
    /// variable without gradient: this is where frozen weights save their time.
    pub(super) fn with_grad(&mut self, var: Var, f: impl FnOnce(&Graph<'_>, &mut [f32])) {
        if self.requires_grad(var) {
            self.grad(var);
            let mut grad = std::mem::take(&mut self.tape.grads[var.0]);
            f(self, &mut grad);
            self.tape.grads[var.0] = grad;
        }
    }

    pub(super) fn indices(&mut self, indices: impl IntoIterator<Item = u32>) -> Indices {
        let start = self.tape.indices.len();
        self.tape.indices.extend(indices);
        Indices { start, len: self.tape.indices.len() - start }
    }

    pub(super) fn index_slice(&self, indices: Indices) -> &[u32] {
        &self.tape.indices[indices.start..indices.start + indices.len]
    }
}
