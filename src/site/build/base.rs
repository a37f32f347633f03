//! The checkpoint that ships: trained here, because it is a function of the sources.

use super::stamp::Stamp;
use crate::error::Result;
use crate::site::files;
use crate::site::progress::Progress;
use crate::site::project::Project;
use crate::widgets::next_token::base_checkpoint;

/// Sources that no number of the checkpoint depends on.
const UNRELATED: [&str; 4] = ["main.rs", "web", "site", "plot"];

/// Trains `base.safetensors`, if it is missing or its sources have changed: some twenty seconds.
pub fn build(project: &Project, progress: &Progress) -> Result<()> {
    let root = project.root();
    let mut sources = files::below(&root.join("src"), &UNRELATED)?;
    sources.push(root.join("Cargo.lock"));
    let stamp = Stamp::new(project, "base", files::fingerprint(root, &sources, &[])?);
    let output = project.dist().join("base.safetensors");
    if stamp.is_fresh(std::slice::from_ref(&output)) {
        return Ok(());
    }
    let step = progress.step("training the model that ships");
    let bytes = base_checkpoint(&mut |done, steps| step.position(done, steps));
    files::write(&output, &bytes)?;
    step.done();
    stamp.set()
}
