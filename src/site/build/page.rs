//! The page's scripts and style sheet, by `www/build.mjs`.

use super::stamp::Stamp;
use crate::error::{Error, Result};
use crate::site::files;
use crate::site::progress::Progress;
use crate::site::project::Project;
use crate::site::tools::{NODE, NPM};
use std::path::Path;
use std::time::SystemTime;

/// What `build.mjs` writes into `dist/`.
const OUTPUTS: [&str; 7] = [
    "pretune.js",
    "pretune.wasm",
    "pretune-worker.js",
    "pretune-worker.wasm",
    "pretune-claims.js",
    "pretune-claims.wasm",
    "lesson.css",
];

const OLDEST_NODE: u32 = 20;

/// Bundles the scripts with the modules of `wasm_dir`, if they are missing or stale.
pub fn build(project: &Project, wasm_dir: &Path, progress: &Progress) -> Result<()> {
    let www = project.www();
    let mut inputs = files::below(&www, &["node_modules", "test", "tests", "dist"])?;
    inputs.extend(files::below(wasm_dir, &[])?);
    let stamp = Stamp::new(project, "page", files::fingerprint(project.root(), &inputs, &[])?);
    if stamp.is_fresh(&OUTPUTS.map(|name| project.dist().join(name))) {
        return Ok(());
    }
    check_node()?;
    install(&www, progress)?;
    let step = progress.step("bundling the page's scripts");
    let mut bundle = NODE.command();
    bundle.arg("build.mjs").arg(wasm_dir).arg(project.dist()).current_dir(&www);
    NODE.run(&mut bundle, Some(&step))?;
    step.done();
    stamp.set()
}

/// Bundles the page that times the module of `wasm_dir`.
pub fn bench(project: &Project, wasm_dir: &Path, folder: &Path, progress: &Progress) -> Result<()> {
    check_node()?;
    install(&project.www(), progress)?;
    let mut bundle = NODE.command();
    bundle.arg("bench.mjs").arg(wasm_dir).arg(folder).current_dir(project.www());
    NODE.run(&mut bundle, None).map(|_| ())
}

fn check_node() -> Result<()> {
    let version = NODE.run(NODE.command().arg("--version"), None)?;
    let version = version.trim();
    let major = version.trim_start_matches('v').split('.').next().and_then(|n| n.parse::<u32>().ok());
    match major {
        Some(major) if major < OLDEST_NODE => {
            Err(Error::environment("node", format!("{version} is too old"), NODE.install))
        }
        _ => Ok(()),
    }
}

/// Installs what `package-lock.json` pins, when nothing is installed or the lock is newer.
fn install(www: &Path, progress: &Progress) -> Result<()> {
    let changed = |path: &Path| std::fs::metadata(path).and_then(|m| m.modified()).ok();
    // npm writes its own copy of the lock last, so a broken-off installation has none.
    let installed: Option<SystemTime> = changed(&www.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= changed(&www.join("package-lock.json")) {
        return Ok(());
    }
    let step = progress.step("installing the page's tools");
    NPM.run(NPM.command().args(["ci", "--no-audit", "--no-fund"]).current_dir(www), Some(&step))?;
    step.done();
    Ok(())
}
