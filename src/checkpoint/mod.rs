//! Weights as bytes: safetensors files, and the Hugging Face folder that a model travels in.
//!
//! Knows tensors, the model and the tokenizer, and no files: everything goes in and out as bytes with a name.
//! [`write()`] and [`read`] are for what Pretune keeps for itself; [`folder()`] is the way out, and [`open()`] the way
//! in for files that nobody vouches for. Read [`write()`] first.
//!
//! Source: <https://huggingface.co/docs/safetensors> for the format.

mod adapter;
mod config;
mod folder;
mod half;
mod open;
mod probe;
mod raw;

use std::collections::BTreeMap;

use crate::error::Result;
use crate::json::{ToJson, Value};
use crate::tensor::Params;

pub use adapter::{AdapterConfig, adapter_folder, open_adapter};
pub use config::{config_json, read_config};
pub use folder::folder;
use open::find;
pub use open::open;
pub use probe::{Encoding, Probe};

/// What a file says about itself, in safetensors' `__metadata__`. Ours hold `"config"` (config.json) and
/// `"tokenizer"` (tokenizer.json), and what a snapshot adds.
pub type Meta = BTreeMap<String, String>;

/// The files of a folder: name and contents.
pub type Files = Vec<(String, Vec<u8>)>;

/// How a number is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dtype {
    /// As it is, 4 bytes.
    F32,
    /// Rounded to bfloat16, 2 bytes: 8 significant bits and the range of `f32`. The bytes of an exponent are few
    /// and alike, so such a file compresses better than one of half precision.
    BF16,
}

/// A safetensors file. The same tensors and metadata give the same bytes; tensors keep their order.
///
/// # Panics
///
/// If a tensor is called `__metadata__`.
pub fn write(params: &Params, meta: &Meta, dtype: Dtype) -> Vec<u8> {
    let (stored, width) = match dtype {
        Dtype::F32 => ("F32", 4),
        Dtype::BF16 => ("BF16", 2),
    };
    let mut header = Value::Object(Vec::new());
    if !meta.is_empty() {
        header.push(METADATA, meta.to_json());
    }
    let mut end = 0;
    for id in params.ids() {
        let name = params.name(id);
        assert_ne!(name, METADATA, "write: a tensor has the name of the metadata");
        let start = end;
        end += params.value(id).len() * width;
        let tensor = Value::object(vec![
            ("dtype", stored.into()),
            ("shape", params.shape(id).to_vec().to_json()),
            ("data_offsets", [start, end].to_json()),
        ]);
        header.push(name.to_owned(), tensor);
    }
    let mut header = header.to_string().into_bytes();
    // Readers that map the file into memory expect numbers at multiples of their width.
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut bytes = Vec::with_capacity(8 + header.len() + end);
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend(header);
    for id in params.ids() {
        match dtype {
            Dtype::F32 => bytes.extend(params.value(id).iter().flat_map(|x| x.to_le_bytes())),
            Dtype::BF16 => bytes.extend(params.value(id).iter().flat_map(|x| half::bf16(*x).to_le_bytes())),
        }
    }
    bytes
}

/// The tensors of a safetensors file, in the order of their data, and its metadata. Reads F32, F16 and BF16.
///
/// # Errors
///
/// If the file is malformed, has numbers of another kind, or is larger than anything that Pretune writes.
pub fn read(bytes: &[u8]) -> Result<(Params, Meta)> {
    let file = raw::File::parse(bytes).map_err(|e| e.within("checkpoint"))?;
    let mut params = Params::new();
    for tensor in &file.tensors {
        let values = tensor.values().map_err(|e| e.within("checkpoint"))?;
        params.add_values(&tensor.name, &tensor.shape, &values);
    }
    Ok((params, file.meta))
}

const METADATA: &str = "__metadata__";
