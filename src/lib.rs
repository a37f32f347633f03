//! Pretune trains a miniature GPT-2 inside the reader's browser.

pub mod checkpoint;
pub mod data;
pub mod error;
pub mod nn;
pub mod plot;
pub mod rng;
#[cfg(not(target_arch = "wasm32"))]
pub mod site;
pub mod tensor;
pub mod train;
#[cfg(target_arch = "wasm32")]
pub mod web;
pub mod widgets;
