//! A browser without a window, for as long as it is needed.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::error::{Error, Result};

/// A browser that can be started here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Browser {
    Chromium,
    Firefox,
}

impl Browser {
    /// The variable that names its program, and the names it goes by.
    fn programs(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Chromium => ("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"]),
            Self::Firefox => ("FIREFOX", &["firefox-esr", "firefox"]),
        }
    }

    /// Opens an address with a profile of its own, so that nothing of the user's is read or changed.
    ///
    /// # Errors
    ///
    /// When there is no such browser on this machine.
    pub fn open(self, url: &str) -> Result<Window> {
        let (variable, names) = self.programs();
        let profile = std::env::temp_dir().join(format!("pretune-browser-{}", std::process::id()));
        std::fs::create_dir_all(&profile).map_err(|e| {
            Error::environment(
                profile.display().to_string(),
                e,
                "make the folder for temporary files writable",
            )
        })?;
        let named = std::env::var_os(variable);
        let candidates = named.into_iter().chain(names.iter().map(OsString::from));
        for program in candidates {
            let mut command = Command::new(&program);
            match self {
                Self::Chromium => {
                    let mut folder = OsString::from("--user-data-dir=");
                    folder.push(&profile);
                    command.arg(folder).args(["--headless", "--disable-gpu", "--no-first-run"]);
                    // Its sandbox does not start for root, as in a container.
                    command.args(is_root().then_some("--no-sandbox"));
                }
                Self::Firefox => {
                    command.args(["--headless", "--no-remote", "--profile"]).arg(&profile);
                }
            }
            command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            if let Ok(child) = command.spawn() {
                return Ok(Window { child, profile });
            }
        }
        let next = format!("install it, or name its program in {variable}");
        Err(Error::environment(names[0], "not found on this machine", next))
    }
}

/// A running browser; ends when it is dropped.
pub struct Window {
    child: Child,
    profile: PathBuf,
}

impl Drop for Window {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
