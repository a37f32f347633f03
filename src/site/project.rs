//! Where the sources are.

use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// The project folder and the places in it.
#[derive(Debug, Clone)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// The project that the current directory is in.
    ///
    /// # Errors
    ///
    /// When there is none: the program builds the runtime from its sources, so it needs them.
    pub fn find() -> Result<Self> {
        let here = std::env::current_dir()
            .map_err(|e| Error::environment("the current directory", e, "go to a directory that exists"))?;
        Self::around(&here)
    }

    /// The project that a folder is in.
    pub fn around(here: &Path) -> Result<Self> {
        let is_root =
            |folder: &&Path| folder.join("wasm-pack.toml").is_file() && folder.join("Cargo.toml").is_file();
        let root = here.ancestors().find(is_root).ok_or_else(|| {
            Error::environment(
                here.display().to_string(),
                "not inside the Pretune project, whose sources this command builds from",
                "go to the folder with Cargo.toml and wasm-pack.toml, or one below it",
            )
        })?;
        Ok(Self { root: root.to_owned() })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The built site.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The lessons' Markdown.
    pub fn lessons(&self) -> PathBuf {
        self.root.join("lessons")
    }

    /// The page's TypeScript and style sheets.
    pub fn www(&self) -> PathBuf {
        self.root.join("www")
    }

    /// What the build keeps for the next time.
    pub fn cache(&self) -> PathBuf {
        self.root.join("target").join("pretune")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_is_found_from_below_and_missed_from_outside() {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let error = Project::around(folder.path()).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error.contains("not inside the Pretune project"), "{error}");
        let below = folder.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap_or_else(|e| panic!("{e}"));
        for name in ["Cargo.toml", "wasm-pack.toml"] {
            std::fs::write(folder.path().join(name), "").unwrap_or_else(|e| panic!("{e}"));
        }
        assert_eq!(Project::around(&below).map(|p| p.root), Ok(folder.path().to_owned()));
    }
}
