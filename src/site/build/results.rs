//! What figures show before anyone has started them: a finished run with the default attributes, computed here by the core
//! that the page runs.

use super::stamp::Stamp;
use crate::error::{Error, Result};
use crate::json::{Name, Value};
use crate::site::files;
use crate::site::progress::Progress;
use crate::site::project::Project;
use crate::widgets::{self, Attributes};
use std::sync::Mutex;

/// Sources that no frame depends on.
const UNRELATED: [&str; 4] = ["main.rs", "web", "site", "plot"];
/// Units after which a run is taken to be endless: far more than any figure needs.
const MAX_UNITS: usize = 1_000_000;

/// Writes `results.json`, an object of tags and last frames, if it is missing or its sources have changed: a minute and a
/// half on two cores.
pub fn build(project: &Project, progress: &Progress) -> Result<()> {
    let (root, output) = (project.root(), project.dist().join("results.json"));
    let mut sources = files::below(&root.join("src"), &UNRELATED)?;
    sources.push(root.join("Cargo.lock"));
    let stamp = Stamp::new(project, "results", files::fingerprint(root, &sources, &[])?);
    if stamp.is_fresh(std::slice::from_ref(&output)) {
        return Ok(());
    }
    let step = progress.step("running the figures");
    let base = files::read(&project.dist().join("base.safetensors"))?;
    let waiting = Mutex::new(widgets::WITH_RESULT.iter().rev().map(|(tag, _)| *tag).collect::<Vec<_>>());
    let next = || waiting.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop();
    let work = || -> Result<Vec<(Name, Value)>> {
        std::iter::from_fn(next).map(|tag| Ok((tag.into(), run(tag, &base)?))).collect()
    };
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
    let parts: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a figure's run does not panic")).collect()
    });
    let mut results = Vec::new();
    for part in parts {
        results.extend(part?);
    }
    results.sort_by(|(a, _), (b, _)| a.cmp(b));
    files::write(&output, Value::Object(results).to_string().as_bytes())?;
    step.done();
    stamp.set()
}

/// The last frame of a figure's run.
fn run(tag: &str, base: &[u8]) -> Result<Value> {
    let mut widget = widgets::open(tag, &Attributes::new(), Some(base))?;
    for _ in 0..MAX_UNITS {
        if widget.step() == widgets::Progress::Done {
            return Ok(widget.frame());
        }
    }
    Err(Error::environment(tag, "its run does not end", "let Widget::step come to Progress::Done"))
}
