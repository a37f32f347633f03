//! Running other programs: cargo, rustup, npm, node.

use super::progress::Step;
use crate::error::{Error, Result};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

/// A program that the build needs, and what installs it.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    pub program: &'static str,
    pub install: &'static str,
}

pub const RUSTC: Tool = Tool { program: "rustc", install: "install Rust with rustup: https://rustup.rs" };
pub const CARGO: Tool = Tool { program: "cargo", install: RUSTC.install };
pub const RUSTUP: Tool = Tool {
    program: "rustup",
    install: "install rustup (https://rustup.rs), or your distribution's standard library for wasm32-unknown-unknown",
};
pub const NODE: Tool = Tool { program: "node", install: "install Node.js 20 or newer: https://nodejs.org" };
pub const NPM: Tool = Tool { program: if cfg!(windows) { "npm.cmd" } else { "npm" }, install: NODE.install };

impl Tool {
    /// A command of the tool. Under `cargo run`, cargo is the one that runs us.
    pub fn command(&self) -> Command {
        let named = (self.program == CARGO.program).then(|| std::env::var_os("CARGO")).flatten();
        Command::new(named.unwrap_or_else(|| self.program.into()))
    }

    /// Runs a command to its end, showing its last line as the step's message; gives its output.
    ///
    /// # Errors
    ///
    /// When the tool is missing: what installs it. When it fails: what it said.
    pub fn run(&self, command: &mut Command, step: Option<&Step>) -> Result<String> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| self.missing(&e))?;
        let stdout = child.stdout.take();
        let output = std::thread::spawn(move || {
            let mut text = Vec::new();
            stdout.map(|mut s| s.read_to_end(&mut text));
            String::from_utf8_lossy(&text).into_owned()
        });
        let mut said = Vec::new();
        for line in
            child.stderr.take().into_iter().flat_map(|s| BufReader::new(s).split(b'\n')).map_while(|l| l.ok())
        {
            let line = String::from_utf8_lossy(&line).into_owned();
            if let Some(step) = step {
                step.message(&line);
            }
            said.push(line);
        }
        let output = output.join().unwrap_or_default();
        let status = child.wait().map_err(|e| self.missing(&e))?;
        if status.success() {
            return Ok(output);
        }
        let words: Vec<_> = command.get_args().map(|a| a.to_string_lossy()).collect();
        let mut cause = said.join("\n").trim().to_owned();
        if cause.is_empty() {
            cause = output.trim().to_owned();
        }
        let at = format!("{} {}", self.program, words.join(" "));
        Err(Error::environment(
            at,
            format!("{status}\n{cause}\n"),
            "mend what it says and run the command again",
        ))
    }

    fn missing(&self, error: &std::io::Error) -> Error {
        let cause = match error.kind() {
            std::io::ErrorKind::NotFound => "not found on this machine".to_owned(),
            _ => error.to_string(),
        };
        Error::environment(self.program, cause, self.install)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tool_says_what_installs_it() {
        let tool = Tool { program: "pretune-no-such-tool", install: "install it so" };
        let error = tool.run(&mut tool.command(), None).err().map(|e| e.to_string());
        assert_eq!(error.as_deref(), Some("pretune-no-such-tool: not found on this machine; install it so"));
    }

    #[test]
    fn a_failing_tool_says_what_it_said() {
        let error = RUSTC.run(RUSTC.command().arg("no-such-file.rs"), None).err().map(|e| e.to_string());
        let error = error.unwrap_or_default();
        assert!(error.starts_with("rustc no-such-file.rs: ") && error.contains("couldn't read"), "{error}");
    }
}
