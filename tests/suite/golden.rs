//! Our numbers against those of torch and transformers.
//!
//! A fixture folder holds inputs, outputs and, in `manifest.json`, the largest error to accept for each
//! tensor. Two folders are in the repository; `PRETUNE_GOLDEN=FOLDER cargo test golden` tests one more.

mod alignment;
mod fixture;
mod forward;
mod methods;
mod objectives;
mod optimizer;
mod peft;
mod sampling;

pub use fixture::Fixture;

use std::path::{Path, PathBuf};

/// The two folders that ship with the tests, and the one that `PRETUNE_GOLDEN` names.
pub fn folders() -> Vec<PathBuf> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let more = std::env::var_os("PRETUNE_GOLDEN").map(PathBuf::from);
    ["small", "quirks"].into_iter().map(|name| shipped.join(name)).chain(more).collect()
}

/// The text of a file of a fixture folder.
pub fn read(folder: &Path, file: &str) -> String {
    let path = folder.join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
