//! The memory of a forward pass: values, gradients and what to do on the way back.
//!
//! Knows nothing of any operation. Start with [`Tape::take`].

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem::MaybeUninit;

use super::gradients::Gradients;
use super::graph::Graph;
use super::kernels::{Matrix, Packed};
use super::params::{ParamId, Params};

/// Buffers of one pass, kept for the next.
///
/// Variables are numbered: first the tensors of the [`Params`] in their order, then whatever
/// the forward pass computes. [`Tape::gradients`] add up over passes until they are cleared.
#[derive(Default)]
pub struct Tape {
    /// The gradient of the parameters, which backward passes add to.
    pub gradients: Gradients,
    pub(super) nodes: Vec<Node>,
    pub(super) backward: Vec<Backward>,
    pub(super) indices: Vec<u32>,
    pub(super) packed: RefCell<PackedParams>,
    spare: BTreeMap<u32, Vec<Vec<f32>>>,
}

/// Parameters as [`gemm_packed`](super::kernels::gemm_packed) reads them, as they are and transposed, and of which
/// version each was made.
#[derive(Default)]
pub(super) struct PackedParams(Vec<[(u64, Packed); 2]>);

impl PackedParams {
    /// A parameter as a right-hand matrix. It is packed anew only when it has changed: the shards of a step share it,
    /// and so do the tokens of a text that is written.
    pub fn get(&mut self, params: &Params, id: ParamId, transposed: bool) -> &Packed {
        if self.0.len() <= id.0 {
            self.0.resize_with(id.0 + 1, Default::default);
        }
        let (version, packed) = &mut self.0[id.0][usize::from(transposed)];
        if *version != params.version(id) {
            let (value, cols) = (params.value(id), params.shape(id).last().copied().unwrap_or(1));
            let (rows, whole) = (value.len().checked_div(cols).unwrap_or(0), Matrix::rows(value, cols));
            if transposed {
                packed.pack(whole.transpose(), cols, rows);
            } else {
                packed.pack(whole, rows, cols);
            }
            *version = params.version(id);
        }
        packed
    }
}

pub(super) struct Node {
    pub value: Vec<f32>,
    /// Empty until something adds to it, and again once it was passed on.
    pub grad: Vec<f32>,
    pub cols: usize,
    pub requires_grad: bool,
}

impl Tape {
    /// A tape without buffers; the first passes get them.
    pub fn new() -> Self {
        Self::default()
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
    pub(super) fn rewind(&mut self) {
        while let Some(node) = self.nodes.pop() {
            self.give(node.value);
            self.give(node.grad);
        }
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
