//! A forward pass that remembers how to go back.
//!
//! Every operation (the files of [`ops`](super::ops)) computes its result at once and, if a gradient will be
//! wanted, leaves a closure that turns the gradient of its result into gradients of its inputs.
//! [`Graph::backward`] runs the closures from the last to the first.

use super::kernels::{Init, Matrix, gemm, gemm_packed};
use super::params::{ParamId, Params};
use super::tape::{Backward, Node, Tape};
use crate::rng::Rng;

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
    /// Decides what [`Graph::dropout`] leaves out; without it, nothing.
    pub(super) dropout: Option<&'a mut Rng>,
}

impl<'a> Graph<'a> {
    /// A pass that [`Graph::backward`] can follow.
    pub fn new(tape: &'a mut Tape, params: &'a Params) -> Self {
        tape.rewind();
        tape.gradients.lay_out(params);
        Self { params, tape, recording: true, dropout: None }
    }

    /// A pass that computes values only.
    pub fn inference(tape: &'a mut Tape, params: &'a Params) -> Self {
        Self { recording: false, ..Self::new(tape, params) }
    }

    /// The same pass with [dropout](Graph::dropout). PyTorch: `model.train()`.
    pub fn with_dropout(self, rng: &'a mut Rng) -> Self {
        Self { dropout: Some(rng), ..self }
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

    /// Adds the gradients of `loss` with respect to all trained parameters to [`Tape::gradients`].
    ///
    /// # Panics
    ///
    /// If `loss` is not a single number.
    pub fn backward(&mut self, loss: Var) {
        assert_eq!(self.value(loss).len(), 1, "backward: the loss must be one number");
        if !self.requires_grad(loss) {
            return;
        }
        self.backward_from(loss);
    }

    /// [`Graph::backward`] from a variable of any shape, with a gradient of 1 in each element.
    ///
    /// PyTorch: `output.backward(torch.ones_like(output))`.
    pub fn backward_from(&mut self, output: Var) {
        self.with_grad(output, |_, grad| grad.begun().iter_mut().for_each(|d| *d += 1.0));
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

    /// `c = init + a·w`, or with `wᵀ`, for an `a` of `rows` rows.
    pub(super) fn multiply(
        &self,
        a: &[f32],
        rows: usize,
        w: Var,
        transposed: bool,
        init: Init,
        c: &mut [f32],
    ) {
        let (inner, cols) =
            if transposed { (self.cols(w), self.rows(w)) } else { (self.rows(w), self.cols(w)) };
        let a = Matrix::rows(a, inner);
        if w.0 < self.params.len() {
            let mut packed = self.tape.packed.borrow_mut();
            gemm_packed(rows, a, packed.get(self.params, ParamId(w.0), transposed), init, c, cols);
        } else {
            let whole = Matrix::rows(self.value(w), self.cols(w));
            let w = if transposed { whole.transpose() } else { whole };
            gemm([rows, inner, cols], a, w, init, c, cols);
        }
    }

    /// Takes away the value of an operation's own variable, which nobody else asks for.
    pub(super) fn take_value(&mut self, var: Var) -> Vec<f32> {
        std::mem::take(&mut self.tape.nodes[var.0 - self.params.len()].value)
    }

    /// Makes `value` a variable, which requires a gradient if any of `inputs` does.
    pub(super) fn push(&mut self, cols: usize, value: Vec<f32>, inputs: &[Var]) -> Var {
        assert!(
            cols > 0 && value.len().is_multiple_of(cols),
            "push: {} elements in rows of {cols}",
            value.len()
        );
        let requires_grad = inputs.iter().any(|&v| self.requires_grad(v));
        self.tape.nodes.push(Node { value, grad: Vec::new(), cols, requires_grad });
        Var(self.params.len() + self.tape.nodes.len() - 1)
    }

    /// Remembers how the gradient of `output` becomes gradients of inputs. `f` is called if and only if
    /// `output` got one, and gets it; it may keep the buffer.
    pub(super) fn on_backward(
        &mut self,
        output: Var,
        f: impl Fn(&mut Graph<'_>, &mut Vec<f32>) + Copy + 'static,
    ) {
        if self.requires_grad(output) {
            let node = output.0 - self.params.len();
            self.tape.backward.push(Backward::new(move |g| {
                let mut d_output = std::mem::take(&mut g.tape.nodes[node].grad);
                if !d_output.is_empty() {
                    f(g, &mut d_output);
                    g.tape.give(d_output);
                }
            }));
        }
    }

    /// Calls `f` with the gradient of `var`, to write or to add to, beside the graph's values. Does nothing for a
    /// variable without gradient: this is where frozen weights save their time.
    pub(super) fn with_grad(&mut self, var: Var, f: impl FnOnce(&Graph<'_>, Grad)) {
        if !self.requires_grad(var) {
            return;
        }
        let Some(node) = var.0.checked_sub(self.params.len()) else {
            let mut gradients = std::mem::take(&mut self.tape.gradients);
            let (data, begun) = gradients.reach(ParamId(var.0));
            f(self, Grad { data, begun });
            self.tape.gradients = gradients;
            return;
        };
        let mut grad = std::mem::take(&mut self.tape.nodes[node].grad);
        let begun = !grad.is_empty();
        if !begun {
            grad = self.tape.take(self.tape.nodes[node].value.len());
        }
        f(self, Grad { data: &mut grad, begun });
        self.tape.nodes[node].grad = grad;
    }

    /// Adds `d_output` to the gradient of `var`, which keeps the buffer if that is quicker.
    pub(super) fn hand_over(&mut self, var: Var, d_output: &mut Vec<f32>) {
        match var.0.checked_sub(self.params.len()).map(|node| &mut self.tape.nodes[node]) {
            Some(node) if node.requires_grad && node.grad.is_empty() => {
                std::mem::swap(&mut node.grad, d_output)
            }
            _ => self.with_grad(var, |_, grad| grad.add(d_output)),
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

/// The gradient of a variable under construction.
pub(super) struct Grad<'a> {
    /// Of any content as long as the gradient has not begun.
    pub data: &'a mut [f32],
    /// Whether there is something in it to add to.
    pub begun: bool,
}

impl<'a> Grad<'a> {
    /// What a matrix product into [`Grad::data`] begins with.
    pub fn init(&self) -> Init<'static> {
        if self.begun { Init::Accumulate } else { Init::Zero }
    }

    /// The gradient so far, which is 0 at first.
    pub fn begun(self) -> &'a mut [f32] {
        if !self.begun {
            self.data.fill(0.0);
        }
        self.data
    }

    /// Adds the same number of elements.
    pub fn add(self, d: &[f32]) {
        if self.begun {
            self.data.iter_mut().zip(d).for_each(|(to, d)| *to += d);
        } else {
            self.data.copy_from_slice(d);
        }
    }
}
