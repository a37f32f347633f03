//! The numeric kernels: plain functions on slices, one file a family, no knowledge of the tape.
//!
//! The tiling of the matrix product is explained in [`gemm`], the order in which sums are formed in
//! [`row_sum`]. Both are part of the contract: they decide the bits.

mod adamw;
mod gelu;
mod gemm;
mod rowwise;

pub use adamw::AdamW;
pub use gelu::{gelu, gelu_backward};
pub use gemm::{Init, Matrix, gemm};
pub use rowwise::{normalize_row, row_dot, row_max, row_sum, softmax_row};
