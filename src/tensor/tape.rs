//! The memory of a forward pass: values, gradients and what to do on the way back.
//!
//! Knows nothing of any operation. Start with [`Tape::take`].

use std::collections::BTreeMap;
use std::mem::MaybeUninit;

use super::graph::Graph;
use super::params::ParamId;

/// Buffers of one training step, kept for the next.
///
/// Variables are numbered: first the tensors of the [`Params`](super::Params) in their order, then whatever
/// the forward pass computes. Gradients of parameters add up over passes until [`Tape::zero_grad`].
#[derive(Default)]
pub struct Tape {
    pub(super) nodes: Vec<Node>,
    pub(super) grads: Vec<Vec<f32>>,
    pub(super) backward: Vec<Backward>,
    pub(super) indices: Vec<u32>,
    pub(super) n_params: usize,
    spare: BTreeMap<u32, Vec<Vec<f32>>>,
}

pub(super) struct Node {
    pub value: Vec<f32>,
    pub cols: usize,
    pub requires_grad: bool,
}

impl Tape {
    /// A tape without buffers; the first passes get them.
    pub fn new() -> Self {
        Self::default()
    }

    /// The gradient of a parameter, if a backward pass reached it.
    pub fn grad(&self, id: ParamId) -> Option<&[f32]> {
        self.grads.get(id.0).filter(|_| id.0 < self.n_params).filter(|g| !g.is_empty()).map(Vec::as_slice)
    }

    /// The gradient of a parameter, to change, for instance to clip it.
    pub fn grad_mut(&mut self, id: ParamId) -> Option<&mut [f32]> {
        let n_params = self.n_params;
        self.grads.get_mut(id.0).filter(|g| id.0 < n_params && !g.is_empty()).map(Vec::as_mut_slice)
    }

    /// Forgets the gradients of the parameters.
    pub fn zero_grad(&mut self) {
        for i in 0..self.n_params.min(self.grads.len()) {
            let grad = std::mem::take(&mut self.grads[i]);
            self.give(grad);
        }
    }

    /// A buffer of `len` numbers of any content, used before if there is one of about that size.
    pub(super) fn take(&mut self, len: usize) -> Vec<f32> {
        let mut buffer = self.spare.get_mut(&size_class(len)).and_then(Vec::pop).unwrap_or_default();
        if buffer.capacity() < len {
            buffer.reserve_exact(len.next_power_of_two() - buffer.len());
        }
        buffer.resize(len, 0.0);
        buffer
    }

    /// Keeps a buffer for later.
    pub(super) fn give(&mut self, buffer: Vec<f32>) {
        if buffer.capacity() > 0 {
            self.spare.entry(size_class(buffer.capacity())).or_default().push(buffer);
        }
    }

    /// Forgets the last pass, except for the gradients of parameters.
    pub(super) fn rewind(&mut self, n_params: usize) {
        while let Some(node) = self.nodes.pop() {
            self.give(node.value);
        }
        while self.grads.len() > self.n_params.min(n_params) {
            let grad = self.grads.pop().expect("not empty");
            self.give(grad);
        }
        self.grads.resize_with(n_params, Vec::new);
        self.n_params = n_params;
        self.backward.clear();
        self.indices.clear();
    }
}

/// Buffers whose sizes round up to the same power of two are interchangeable.
fn size_class(len: usize) -> u32 {
    len.next_power_of_two().trailing_zeros()
}

const WORDS: usize = 16;

/// A closure that is stored in place.
///
/// A pass records dozens of closures, each of which captures a few indices and sizes; boxing them would be
/// an allocation each. They are `Copy`, so there is nothing to drop.
#[derive(Clone, Copy)]
pub(super) struct Backward {
    captured: [MaybeUninit<usize>; WORDS],
    call: unsafe fn(*const MaybeUninit<usize>, &mut Graph<'_>),
}

impl Backward {
    pub fn new<F: Fn(&mut Graph<'_>) + Copy + 'static>(f: F) -> Self {
        const { assert!(size_of::<F>() <= size_of::<[usize; WORDS]>() && align_of::<F>() <= align_of::<usize>()) };
        let mut captured = [MaybeUninit::uninit(); WORDS];
        // SAFETY: the assertion above says that an `F` fits, in size and alignment.
        unsafe { captured.as_mut_ptr().cast::<F>().write(f) };
        // SAFETY: `captured` holds the `F` written above, and is only ever copied as a whole.
        Self { captured, call: |captured, graph| unsafe { (*captured.cast::<F>())(graph) } }
    }

    pub fn call(&self, graph: &mut Graph<'_>) {
        // SAFETY: `call` was made for the type that `captured` holds.
        unsafe { (self.call)(self.captured.as_ptr(), graph) }
    }
}
