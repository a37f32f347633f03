//! The numeric kernels: plain functions on slices, one file a family, no knowledge of the tape.
//!
//! The tiling of the matrix product is explained in [`mod@gemm`], the order in which sums are formed in
//! [`rowwise`]. Both are part of the contract: they decide the bits.

mod adamw;
mod attention;
mod gelu;
mod gemm;
mod pack;
mod peak;
mod rowwise;

pub use adamw::AdamW;
pub use attention::{Heads, attention, attention_backward};
pub use gelu::{gelu, gelu_backward};
pub use gemm::{Init, Matrix, Triangle, gemm, gemm_packed, gemm_triangle};
pub use pack::Packed;
pub use peak::{peak, peak_flops};
pub use rowwise::{
    add_row_products, add_rows, layer_norm_row, layer_norm_row_backward, row_dot, row_max, row_sum,
    softmax_row, softmax_row_backward,
};
