//! Named tensors in one flat buffer: the weights of a model.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::{ArrayViewD, IxDyn};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// A tensor of a [`Params`], by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ParamId(pub(super) usize);

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    shape: Vec<usize>,
    range: Range<usize>,
    requires_grad: bool,
    version: u64,
}

/// Named `f32` tensors, row-major, one after the other in a single buffer, in the order in which they were
/// added.
///
/// Names are those of Hugging Face's checkpoints, so that a file needs no translation.
#[derive(Debug, Clone, Default)]
pub struct Params {
    entries: Vec<Entry>,
    data: Vec<f32>,
}

/// Says that something changed, and never reaches a number.
fn next_version() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Params {
    /// No tensors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tensor whose elements are the next `values`, and which is trained.
    ///
    /// # Panics
    ///
    /// If the name is taken.
    pub fn add(&mut self, name: &str, shape: &[usize], mut values: impl FnMut() -> f32) -> ParamId {
        let len: usize = shape.iter().product();
        self.data.extend((0..len).map(|_| values()));
        self.add_last(name, shape)
    }

    /// Adds a tensor with these elements, which is trained.
    ///
    /// # Panics
    ///
    /// If the name is taken, or the shape has another number of elements.
    pub fn add_values(&mut self, name: &str, shape: &[usize], values: &[f32]) -> ParamId {
        assert_eq!(values.len(), shape.iter().product::<usize>(), "add_values: the elements of {name}");
        self.data.extend_from_slice(values);
        self.add_last(name, shape)
    }

    /// Names the elements at the end of the buffer.
    fn add_last(&mut self, name: &str, shape: &[usize]) -> ParamId {
        assert!(self.id(name).is_none(), "add: a tensor named {name} exists");
        let end = self.data.len();
        let range = end - shape.iter().product::<usize>()..end;
        let (name, shape) = (name.to_owned(), shape.to_vec());
        self.entries.push(Entry { name, shape, range, requires_grad: true, version: next_version() });
        ParamId(self.entries.len() - 1)
    }

    /// The tensor of a name.
    pub fn id(&self, name: &str) -> Option<ParamId> {
        self.entries.iter().position(|e| e.name == name).map(ParamId)
    }

    /// The tensor of a name and a shape.
    ///
    /// # Errors
    ///
    /// If there is none of the name, or it has another shape.
    pub fn expect(&self, name: &str, shape: &[usize]) -> Result<ParamId> {
        match self.id(name) {
            None => Err(Error::input(name, "missing", format!("a tensor of shape {shape:?}"))),
            Some(id) if self.shape(id) != shape => {
                let found = format!("shape {:?}", self.shape(id));
                Err(Error::input(name, found, format!("{shape:?}, by the configuration")))
            }
            Some(id) => Ok(id),
        }
    }

    /// All tensors, in the order in which they were added.
    pub fn ids(&self) -> impl Iterator<Item = ParamId> + use<> {
        (0..self.entries.len()).map(ParamId)
    }

    /// The name.
    pub fn name(&self, id: ParamId) -> &str {
        &self.entries[id.0].name
    }

    /// The shape, outermost dimension first.
    pub fn shape(&self, id: ParamId) -> &[usize] {
        &self.entries[id.0].shape
    }

    /// The elements, row-major.
    pub fn value(&self, id: ParamId) -> &[f32] {
        &self.data[self.entries[id.0].range.clone()]
    }

    /// The elements, to change.
    pub fn value_mut(&mut self, id: ParamId) -> &mut [f32] {
        self.entries[id.0].version = next_version();
        &mut self.data[self.entries[id.0].range.clone()]
    }

    /// A number that no tensor of other content has, here or in any other `Params`.
    pub(super) fn version(&self, id: ParamId) -> u64 {
        self.entries[id.0].version
    }

    /// The elements with their shape.
    pub fn view(&self, id: ParamId) -> ArrayViewD<'_, f32> {
        ArrayViewD::from_shape(IxDyn(self.shape(id)), self.value(id))
            .expect("the buffer has the shape's size")
    }

    /// Some of the tensors, in the order in which they are here.
    pub fn subset(&self, ids: &[ParamId]) -> Self {
        let mut subset = Self::new();
        for id in self.ids().filter(|id| ids.contains(id)) {
            subset.add_values(self.name(id), self.shape(id), self.value(id));
        }
        subset
    }

    /// Whether the tensor is trained. A frozen one costs neither a gradient nor optimizer state.
    pub fn requires_grad(&self, id: ParamId) -> bool {
        self.entries[id.0].requires_grad
    }

    /// Trains or freezes a tensor.
    pub fn set_requires_grad(&mut self, id: ParamId, requires_grad: bool) {
        self.entries[id.0].requires_grad = requires_grad;
    }

    /// Number of tensors.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no tensors.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Number of elements in all tensors.
    pub fn n_params(&self) -> usize {
        self.data.len()
    }

    /// Number of elements in the tensors that are trained.
    pub fn n_trained(&self) -> usize {
        self.entries.iter().filter(|e| e.requires_grad).map(|e| e.range.len()).sum()
    }

    /// Copies the elements of the trained tensors to a buffer of [`Params::n_trained`] numbers, in the tensors' order.
    ///
    /// # Panics
    ///
    /// If the buffer has another length.
    pub fn trained(&self, to: &mut [f32]) {
        assert_eq!(to.len(), self.n_trained(), "trained: a buffer of another length");
        for (entry, range) in self.entries.iter().zip(self.trained_ranges()) {
            if let Some(range) = range {
                to[range].copy_from_slice(&self.data[entry.range.clone()]);
            }
        }
    }

    /// Takes back what [`Params::trained`] gave.
    ///
    /// # Panics
    ///
    /// If the buffer has another length.
    pub fn set_trained(&mut self, from: &[f32]) {
        assert_eq!(from.len(), self.n_trained(), "set_trained: the weights of another model");
        let mut at = 0;
        for entry in self.entries.iter_mut().filter(|entry| entry.requires_grad) {
            entry.version = next_version();
            let n = entry.range.len();
            self.data[entry.range.clone()].copy_from_slice(&from[at..at + n]);
            at += n;
        }
    }

    /// Takes the elements of another's tensors of the same names; `None`, and anything changed, if one is missing or has
    /// another shape.
    pub fn load(&mut self, from: &Self) -> Option<()> {
        for id in self.ids() {
            let stored = from.expect(self.name(id), self.shape(id)).ok()?;
            self.value_mut(id).copy_from_slice(from.value(stored));
        }
        Some(())
    }

    /// Where each tensor stands in a buffer that holds the trained ones only; `None` for a frozen one.
    pub(super) fn trained_ranges(&self) -> impl Iterator<Item = Option<Range<usize>>> {
        self.entries.iter().scan(0, |end, entry| {
            let start = *end;
            *end += if entry.requires_grad { entry.range.len() } else { 0 };
            Some(entry.requires_grad.then_some(start..*end))
        })
    }

    /// SHA-256, in hex, of the tensors' little-endian `f32` bytes in the order of their names: two models
    /// are the same model exactly when their fingerprints are equal.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let mut last = None;
        // Models have tens of tensors: looking for the next name is less code than a sorted map.
        let after =
            |last| self.ids().filter(move |&id| Some(self.name(id)) > last).min_by_key(|&id| self.name(id));
        while let Some(id) = after(last) {
            last = Some(self.name(id));
            let bytes: Vec<u8> = self.value(id).iter().flat_map(|x| x.to_le_bytes()).collect();
            hash.update(bytes);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_depends_on_values_and_not_on_the_order_of_adding() {
        let build = |names: [&str; 2], values: [f32; 2]| {
            let mut params = Params::new();
            for (name, value) in names.iter().zip(values) {
                params.add(name, &[1], || value);
            }
            params.fingerprint()
        };
        assert_eq!(build(["a", "b"], [1.0, 2.0]), build(["b", "a"], [2.0, 1.0]));
        assert_ne!(build(["a", "b"], [1.0, 2.0]), build(["a", "b"], [2.0, 1.0]));
    }

    #[test]
    fn a_tensor_is_found_by_name_with_its_shape() {
        let mut params = Params::new();
        let id = params.add("w", &[2, 3], || 0.5);
        assert_eq!(params.id("w"), Some(id));
        assert_eq!(params.view(id).shape(), [2, 3]);
        assert_eq!(params.id("v"), None);
    }
}
