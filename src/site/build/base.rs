//! The checkpoints that ship: trained here, because they are functions of the sources.

use super::stamp::Stamp;
use crate::error::Result;
use crate::site::files;
use crate::site::progress::Progress;
use crate::site::project::Project;
use crate::widgets::next_token::base_checkpoint;
use crate::widgets::rlhf_game::assistant_checkpoint;

/// Sources that no number of a checkpoint depends on.
const UNRELATED: [&str; 4] = ["main.rs", "web", "site", "plot"];

/// Trains a model; it is told of every step and of their number.
type Train = fn(&mut dyn FnMut(usize, usize)) -> Vec<u8>;

/// Name, what is said while it is trained, and how.
const CHECKPOINTS: [(&str, &str, Train); 2] = [
    ("base", "training the model that ships", base_checkpoint),
    ("assistant", "training the model that is to be aligned", assistant_checkpoint),
];

/// Trains `base.safetensors` and `assistant.safetensors`, if they are missing or their sources have changed: some twenty
/// seconds for the one, ten for the other.
pub fn build(project: &Project, progress: &Progress) -> Result<()> {
    let root = project.root();
    let mut sources = files::below(&root.join("src"), &UNRELATED)?;
    sources.push(root.join("Cargo.lock"));
    for (name, what, train) in CHECKPOINTS {
        let stamp = Stamp::new(project, name, files::fingerprint(root, &sources, &[])?);
        let output = project.dist().join(format!("{name}.safetensors"));
        if stamp.is_fresh(std::slice::from_ref(&output)) {
            continue;
        }
        let step = progress.step(what);
        let bytes = train(&mut |done, steps| step.position(done, steps));
        files::write(&output, &bytes)?;
        step.done();
        stamp.set()?;
    }
    Ok(())
}
