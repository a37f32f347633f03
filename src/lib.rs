//! Pretune trains a miniature GPT-2 inside the reader's browser, so that every claim of a lesson about
//! pre-training and fine-tuning can be tried where it stands.
//!
//! These docs are the architecture. A newcomer reads them once, then the first function that each module's
//! docs name.
//!
//! # Layers
//!
//! Arrows point down only: a layer knows what is below it and nothing of what is above.
//!
//! ```text
//!        native only                                  browser only (TypeScript, www/)
//!   main.rs ── site/  command line, build,        elements/   DOM, controls, text, tables
//!      │        lesson compiler, server               │ commands ▼   ▲ frames
//!      │                                          runtime/    protocol, worker, supervisor
//!      │                                              │ wasm-bindgen
//!      │                                          web/        Session, draw
//!      └───────────────┬──────────────────────────────┘
//!                  widgets/    a demo: commands, steps, frames, charts
//!             ┌────────┼──────────────┐          (bench/, beside it: what is timed)
//!           plot/  experiments/  checkpoint/   charts · the lesson's claims, put to the test · files in and out
//!                      │              │
//!                    train/           │        one file a method: pre-training, reward models, PPO, DPO, EWC, …
//!                   ┌──┴────┬─────────┘
//!                 peft/   data/    LoRA, adapters, prefixes, prompts · tokenizers, miniature worlds, batches
//!                   │
//!                  nn/     GPT-2, sampling, the seams at which a tuner may change a pass
//!                   │
//!               tensor/    the tape, its coarse operations, the SIMD kernels
//!                  │
//!          error.rs  json/  rng.rs
//! ```
//!
//! # Invariants
//!
//! `tests/suite/tidy.rs` reads the sources and holds us to these.
//!
//! 1. wasm-bindgen, web-sys, js-sys, serde-wasm-bindgen and plotters-canvas appear in `web/` only.
//! 2. Files, network, processes and clocks appear in `site/` and `main.rs` only. The core has no clock: who
//!    calls decides how many steps fit.
//! 3. Randomness comes from the seeded [`rng::Rng`] only, and no hash map's order reaches a number.
//! 4. Derivatives live in [`tensor`] only. A method of fine-tuning is forward code and a loss.
//! 5. Elements never see `Worker`, `postMessage` or wasm; the worker never sees the DOM. No widget knows another.
//! 6. The core computes the same bits on every target: sums have a fixed order, nothing is fused, and the
//!    exponential is our own ([`tensor::kernels`]).
//!
//! # One step of training, from the page down
//!
//! The reader presses Train. The element sends `run` to the worker (`www/src/runtime/protocol.ts`), whose engine
//! calls `Session::step` in slices of a few milliseconds. The session is a [`widgets::Widget`];
//! [`widgets::next_token`] draws a batch from its [`data::Corpus`] and goes through it in passes, each short enough
//! to stop after it: [`train::Pretrainer::pass`] runs [`nn::Gpt2::logits`] on a [`tensor::Graph`] and goes back over
//! it. Passes add up to four shards, and the shards to the gradient with which [`train::AdamW`] moves the weights.
//! Where the reader's machine has the cores, and a measurement says that it pays, other workers with replicas of the
//! session compute some of the shards; the order of the sum is fixed, so the bits are the same. At most twenty times
//! a second the worker asks for a frame, plain data with all the numbers and words on screen, and posts it. The
//! element shows it; the page's second instance of the module draws its charts.
//!
//! # Adding things
//!
//! - **A widget**: `src/widgets/<name>.rs` with a [`widgets::Widget`] and one line in each of the two lists of
//!   [`widgets`]; what several share is in [`widgets::base`] and [`widgets::attributes`]. `www/src/elements/<name>.ts` and
//!   one line in `elements/index.ts`; a marker in `src/site/lesson/components.rs`; if its run ends by itself, a line in
//!   [`widgets::WITH_RESULT`], so that the page shows it finished before it is started. Record a golden frame in `tests/frames/`: `tsc` then checks the element's
//!   types against it. Everything of it that crosses is plain data ([`json`]): one line of `fields!` under a struct
//!   of the frame or the snapshot, one of `names!` under an enum, `FromJson` by hand for the command. Readers download
//!   what a widget adds to the modules, and `tests/browser/size.test.mjs` holds their size: no serde, no `{}` of a
//!   float (that is [`json::fixed`] and [`json::shortest`]), no sort but that of `u64` keys, no `collect` into a map.
//! - **A method**: one file in `src/train/`, or, if it changes the pass over a frozen base, in `src/peft/` with one line
//!   in [`peft::METHODS`]; `tests/suite/methods.rs` then asks of it what defines every such method.
//! - **An experiment**: one file in `src/experiments/` and one line in [`experiments::ALL`]. `pretune claims` runs it; what it
//!   gave is recorded in `lessons/claims.jsonl`, where lessons cite it and the tests find it again, natively and in WebAssembly.
//! - **An operation**: one file in `src/tensor/ops/` with forward and backward, and one line in `gradcheck.rs`.
//! - **A lesson**: one Markdown file in `lessons/`.
//!
//! # Errors
//!
//! A bug of ours panics, with the operation and the shapes; in a tab that ends the worker, and the page starts a
//! new one from the last snapshot. What an author or a reader gets wrong, and what the machine lacks, is an
//! [`error::Error`], which says where, what was given, what is allowed and what to do.

pub mod bench;
pub mod checkpoint;
pub mod data;
pub mod error;
pub mod experiments;
pub mod json;
pub mod nn;
pub mod peft;
pub mod plot;
pub mod rng;
#[cfg(not(target_arch = "wasm32"))]
pub mod site;
pub mod tensor;
pub mod train;
#[cfg(target_arch = "wasm32")]
pub mod web;
pub mod widgets;
