//! The build: sources → `dist/`.
//!
//! ```text
//! src/ ─ wasm ─┐
//! www/ ────────┴ page ─→ dist/pretune{,-worker,-claims}.{js,wasm}, lesson.css
//! src/ ─ base ─────────→ dist/base.safetensors, assistant.safetensors
//! src/ ─ results ──────→ dist/results.json
//! lessons/ ─ lessons ──→ dist/index.html, dist/lessons/<slug>/
//! ```
//!
//! Each step but the last, which takes milliseconds, is skipped when its inputs are those of the
//! last time ([`stamp`]). Start with [`runtime`].

mod base;
mod lessons;
mod page;
mod results;
mod settings;
mod stamp;
mod wasm;

pub use lessons::{Library, image_file, lessons, recorded_claims};
pub use settings::Profile;

use super::progress::Progress;
use super::project::Project;
use crate::error::Result;
use std::path::PathBuf;

/// Builds what the lessons' pages load, as far as it is missing or stale.
pub fn runtime(project: &Project, profile: Profile, progress: &Progress) -> Result<()> {
    let settings = settings::read(&project.root().join("wasm-pack.toml"), profile)?;
    let wasm = wasm::build(project, &settings, progress)?;
    page::build(project, &wasm, progress)?;
    base::build(project, progress)?;
    results::build(project, progress)
}

/// What is timed in a browser or in Node: the folder of the module, and a folder to serve.
pub fn bench(project: &Project, profile: Profile, progress: &Progress) -> Result<(PathBuf, PathBuf)> {
    let settings = settings::read(&project.root().join("wasm-pack.toml"), profile)?;
    let wasm = wasm::build(project, &settings, progress)?;
    let folder = project.root().join("target/pretune/bench");
    page::bench(project, &wasm, &folder, progress)?;
    Ok((wasm, folder))
}

/// `1 lesson`, `2 lessons`.
pub fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
