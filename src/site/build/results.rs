//! What figures show before anyone has started them: a finished run with the default attributes, computed here by the core
//! that the page runs.

use super::stamp::Stamp;
use crate::error::{Error, Result};
use crate::site::files;
use crate::site::progress::Progress;
use crate::site::project::Project;
use crate::widgets::{self, Attributes};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Sources that no result depends on.
const UNRELATED: [&str; 3] = ["main.rs", "web", "site"];
/// Units after which a run is taken to be endless: far more than any figure needs.
const MAX_UNITS: usize = 1_000_000;

/// The file of a tag's result, in `dist/`.
pub fn path(dist: &Path, tag: &str) -> PathBuf {
    dist.join("results").join(format!("{tag}.json"))
}

/// Runs every figure that shows a result, if one is missing or its sources have changed.
pub fn build(project: &Project, progress: &Progress) -> Result<()> {
    let (root, dist) = (project.root(), project.dist());
    let mut sources = files::below(&root.join("src"), &UNRELATED)?;
    sources.push(root.join("Cargo.lock"));
    let stamp = Stamp::new(project, "results", files::fingerprint(root, &sources, &[])?);
    let outputs: Vec<PathBuf> = widgets::WITH_RESULT.iter().map(|tag| path(&dist, tag)).collect();
    if stamp.is_fresh(&outputs) {
        return Ok(());
    }
    let step = progress.step("running the figures");
    let base = files::read(&dist.join("base.safetensors"))?;
    let next = Mutex::new(0);
    let results = Mutex::new(Vec::new());
    let work = || {
        loop {
            let i = {
                let mut next = next.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                *next += 1;
                *next - 1
            };
            let Some(&tag) = widgets::WITH_RESULT.get(i) else { return };
            step.message(tag);
            let written = run(tag, &base).and_then(|frame| files::write(&path(&dist, tag), frame.as_bytes()));
            results.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(written);
        }
    };
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..n_threads).for_each(|_| _ = scope.spawn(work)));
    results
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
        .into_iter()
        .collect::<Result<()>>()?;
    step.done();
    stamp.set()
}

/// The last frame of a figure's run.
fn run(tag: &str, base: &[u8]) -> Result<String> {
    let mut widget = widgets::open(tag, &Attributes::new(), Some(base))?;
    for _ in 0..MAX_UNITS {
        if widget.step() == widgets::Progress::Done {
            return Ok(widget.frame().to_string());
        }
    }
    Err(Error::environment(tag, "its run does not end", "let Widget::step come to Progress::Done"))
}
