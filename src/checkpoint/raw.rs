//! A safetensors file taken apart, within limits. Start with [`File::parse`].

use super::{METADATA, Meta, half};
use crate::error::{Error, Result};
use crate::json::{self, FromJson, Value, Wrong, field};

/// JSON at the head of a file. Ours are below 1 MiB, tokenizer included.
const MAX_HEADER_BYTES: usize = 8 << 20;
/// A snapshot holds every tensor of a model and its optimizer state.
const MAX_TENSORS: usize = 4096;
const MAX_RANK: usize = 4;
/// Parameters and two moments for the largest model that [`super::open()`] takes.
const MAX_ELEMENTS: usize = 60_000_000;

/// Names, shapes and bytes.
pub(super) struct File<'a> {
    /// In the order of their data.
    pub tensors: Vec<Tensor<'a>>,
    pub meta: Meta,
}

/// A tensor whose bytes are as many as its type and shape say.
pub(super) struct Tensor<'a> {
    pub name: String,
    pub shape: Vec<usize>,
    dtype: String,
    data: &'a [u8],
}

/// What a header says of a tensor.
struct Info {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

impl FromJson for Info {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        Self {
            dtype: field(value, "dtype", wrong),
            shape: field(value, "shape", wrong),
            data_offsets: field(value, "data_offsets", wrong),
        }
    }
}

impl<'a> File<'a> {
    /// Reads the header and checks it against the data, as strictly as the `safetensors` crate: the tensors must fill
    /// the file without gaps. Costs memory in proportion to the header only.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let header_len = bytes.first_chunk().map_or(0, |head| u64::from_le_bytes(*head));
        if header_len > MAX_HEADER_BYTES as u64 {
            let allowed = format!("at most {MAX_HEADER_BYTES} bytes in a safetensors file");
            return Err(Error::input("", format!("a header of {header_len} bytes"), allowed));
        }
        let rest = bytes.get(8..).unwrap_or_default();
        let Some((header, data)) = rest.split_at_checked(header_len as usize) else {
            return Err(broken("the header ends too early"));
        };
        let header = std::str::from_utf8(header).map_err(|_| broken("a header that is no text"))?;
        let header = json::parse(header).map_err(|e| broken(&e.to_string()))?;
        let fields = header.as_object().ok_or_else(|| broken("a header that is no object"))?;
        let n_tensors = fields.len() - usize::from(header.get(METADATA).is_some());
        if n_tensors > MAX_TENSORS {
            let given = format!("{n_tensors} tensors");
            return Err(Error::input("", given, format!("at most {MAX_TENSORS}")));
        }
        let meta = match &header[METADATA] {
            Value::Null => Meta::new(),
            meta => json::from_json(meta).map_err(|e| e.within(METADATA))?,
        };
        let (mut tensors, mut order) = (Vec::new(), Vec::new());
        let mut n_elements = 0;
        for (name, info) in fields.iter().filter(|(name, _)| name != METADATA) {
            let info: Info = json::from_json(info).map_err(|e| e.within(name))?;
            if info.shape.len() > MAX_RANK {
                let given = format!("{} dimensions", info.shape.len());
                return Err(Error::input(&**name, given, format!("at most {MAX_RANK}")));
            }
            let n = info.shape.iter().try_fold(1_usize, |n, size| n.checked_mul(*size));
            n_elements = n
                .and_then(|n| n.checked_add(n_elements))
                .filter(|n| *n <= MAX_ELEMENTS)
                .ok_or_else(|| Error::input("", "too many numbers", format!("at most {MAX_ELEMENTS}")))?;
            let [start, end] = info.data_offsets;
            let data = data.get(start..end).ok_or_else(|| {
                Error::input(&**name, format!("bytes {start} to {end}"), format!("at most {}", data.len()))
            })?;
            if n.zip(width(&info.dtype)).is_none_or(|(n, width)| n * width != data.len()) {
                let given = format!("{} bytes of {} in shape {:?}", data.len(), info.dtype, info.shape);
                return Err(Error::input(&**name, given, "as many as the shape says"));
            }
            if tensors.iter().flatten().any(|other: &Tensor| other.name == **name) {
                return Err(Error::input(&**name, "there twice", "each tensor once"));
            }
            order.push(((start as u64) << 32) | tensors.len() as u64);
            tensors.push(Some(Tensor { name: name.to_string(), shape: info.shape, dtype: info.dtype, data }));
        }
        order.sort_unstable();
        let tensors: Vec<Tensor> =
            order.into_iter().filter_map(|key| tensors[key as u32 as usize].take()).collect();
        let mut end = data.as_ptr();
        for tensor in &tensors {
            if tensor.data.as_ptr() != end {
                return Err(broken("gaps or overlaps between tensors"));
            }
            end = tensor.data.as_ptr_range().end;
        }
        if end != data.as_ptr_range().end {
            return Err(broken("more data than tensors"));
        }
        Ok(Self { tensors, meta })
    }
}

fn broken(what: &str) -> Error {
    Error::input("", format!("not a safetensors file: {what}"), "choose one that was saved completely")
}

/// Bytes of a number, for the types of torch that take whole bytes.
fn width(dtype: &str) -> Option<usize> {
    match dtype {
        "BOOL" | "U8" | "I8" => Some(1),
        "F16" | "BF16" | "I16" | "U16" => Some(2),
        "F32" | "I32" | "U32" => Some(4),
        "F64" | "I64" | "U64" => Some(8),
        _ => None,
    }
}

impl Tensor<'_> {
    /// The elements, row-major.
    ///
    /// # Errors
    ///
    /// If they are of a type that models are not stored in.
    pub fn values(&self) -> Result<Vec<f32>> {
        let (chunk, of): (usize, fn(&[u8]) -> f32) = match &self.dtype[..] {
            "F32" => (4, |b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])),
            "F16" => (2, |b| half::from_f16(u16::from_le_bytes([b[0], b[1]]))),
            "BF16" => (2, |b| half::from_bf16(u16::from_le_bytes([b[0], b[1]]))),
            other => {
                return Err(Error::input(
                    &*self.name,
                    format!("numbers of type {other}"),
                    "F32, F16 or BF16",
                ));
            }
        };
        Ok(self.data.chunks_exact(chunk).map(of).collect())
    }
}
