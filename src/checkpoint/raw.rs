//! A safetensors file taken apart, within limits. Start with [`File::parse`].

use safetensors::{Dtype, SafeTensors};

use super::{Meta, half};
use crate::error::{Error, Result};

/// JSON at the head of a file. Ours are below 1 MiB, tokenizer included.
const MAX_HEADER_BYTES: usize = 8 << 20;
/// A snapshot holds every tensor of a model and its optimizer state.
const MAX_TENSORS: usize = 4096;
const MAX_RANK: usize = 4;
/// Parameters and two moments for the largest model that [`super::open`] takes.
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
    dtype: Dtype,
    data: &'a [u8],
}

impl<'a> File<'a> {
    /// Reads the header and checks it against the data. Costs memory in proportion to the header only.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let header_len = bytes.first_chunk().map_or(0, |head| u64::from_le_bytes(*head));
        if header_len > MAX_HEADER_BYTES as u64 {
            let allowed = format!("at most {MAX_HEADER_BYTES} bytes in a safetensors file");
            return Err(Error::input("", format!("a header of {header_len} bytes"), allowed));
        }
        let (header_len, header) = SafeTensors::read_metadata(bytes).map_err(|cause| {
            Error::input(
                "",
                format!("not a safetensors file: {cause}"),
                "choose one that was saved completely",
            )
        })?;
        let data = &bytes[8 + header_len..];
        let names = header.offset_keys();
        if names.len() > MAX_TENSORS {
            return Err(Error::input(
                "",
                format!("{} tensors", names.len()),
                format!("at most {MAX_TENSORS}"),
            ));
        }
        let mut tensors = Vec::with_capacity(names.len());
        let mut n_elements = 0;
        for name in names {
            let info = header.info(&name).expect("the name is from the header");
            if info.shape.len() > MAX_RANK {
                let given = format!("{} dimensions", info.shape.len());
                return Err(Error::input(name, given, format!("at most {MAX_RANK}")));
            }
            // The reader has checked that the product fits and agrees with the offsets.
            n_elements += info.shape.iter().product::<usize>();
            if n_elements > MAX_ELEMENTS {
                return Err(Error::input("", "too many numbers", format!("at most {MAX_ELEMENTS}")));
            }
            let (start, end) = info.data_offsets;
            let data = data.get(start..end).ok_or_else(|| {
                Error::input(
                    name.clone(),
                    format!("bytes {start} to {end}"),
                    format!("at most {}", data.len()),
                )
            })?;
            tensors.push(Tensor { name, shape: info.shape.clone(), dtype: info.dtype, data });
        }
        let meta = header.metadata().iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect();
        Ok(Self { tensors, meta })
    }
}

impl Tensor<'_> {
    /// The elements, row-major.
    pub fn values(&self) -> Result<Box<dyn Iterator<Item = f32> + '_>> {
        fn words<const N: usize>(data: &[u8]) -> impl Iterator<Item = [u8; N]> {
            data.as_chunks().0.iter().copied()
        }
        match self.dtype {
            Dtype::F32 => Ok(Box::new(words(self.data).map(f32::from_le_bytes))),
            Dtype::F16 => Ok(Box::new(words(self.data).map(|w| half::from_f16(u16::from_le_bytes(w))))),
            Dtype::BF16 => Ok(Box::new(words(self.data).map(|w| half::from_bf16(u16::from_le_bytes(w))))),
            other => {
                Err(Error::input(self.name.clone(), format!("numbers of type {other:?}"), "F32, F16 or BF16"))
            }
        }
    }
}
