//! Whether a step's inputs are those of the last time.

use crate::error::Result;
use crate::site::files;
use crate::site::project::Project;
use std::path::PathBuf;

/// The memory of one step: the fingerprint of the inputs that its outputs were made from.
pub struct Stamp {
    path: PathBuf,
    inputs: String,
}

impl Stamp {
    pub fn new(project: &Project, step: &str, inputs: String) -> Self {
        Self { path: project.cache().join("stamps").join(step), inputs }
    }

    /// Whether the outputs are there and were made from these inputs.
    pub fn is_fresh(&self, outputs: &[PathBuf]) -> bool {
        let is_same = std::fs::read_to_string(&self.path).is_ok_and(|last| last == self.inputs);
        is_same && outputs.iter().all(|o| o.is_file())
    }

    /// Remembers that the outputs were made from these inputs.
    pub fn set(&self) -> Result<()> {
        files::write(&self.path, self.inputs.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_fresh_while_inputs_and_outputs_stay() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["Cargo.toml", "wasm-pack.toml", "output"] {
            files::write(&folder.path().join(name), b"").unwrap();
        }
        let project = Project::around(folder.path()).unwrap();
        let outputs = [folder.path().join("output")];
        let stamp = |inputs: &str| Stamp::new(&project, "step", inputs.to_owned());
        assert!(!stamp("1").is_fresh(&outputs), "never made");
        stamp("1").set().unwrap();
        assert!(stamp("1").is_fresh(&outputs));
        assert!(!stamp("2").is_fresh(&outputs), "other inputs");
        std::fs::remove_file(&outputs[0]).unwrap();
        assert!(!stamp("1").is_fresh(&outputs), "the output is gone");
    }
}
