//! The one error type: what an author, a reader or the machine did that the program cannot go on with.
//!
//! Bugs of our own are panics with the operation and the shapes in the message, never an [`Error`].
//! Start with [`Error::input`].

use std::fmt;

/// `Result` with the crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Something that the person in front of the program can mend.
///
/// # Design
///
/// The type is opaque on purpose. Callers show it (`Display` is the whole message) or ask for its
/// kind; nobody matches on causes, so messages can be bettered without breaking anyone.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    kind: Kind,
    at: String,
    message: String,
    hint: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Input,
    Environment,
}

impl Error {
    /// Bad input: `at` says where (`file:line:column`, or tag and attribute), `given` quotes what was
    /// found there, `allowed` says what would have been right, or what to do.
    pub fn input(at: impl Into<String>, given: impl fmt::Display, allowed: impl Into<String>) -> Self {
        Self { kind: Kind::Input, at: at.into(), message: given.to_string(), hint: allowed.into() }
    }

    /// The surroundings failed: `at` says what was tried, `cause` what came back, `next` what to do.
    pub fn environment(at: impl Into<String>, cause: impl fmt::Display, next: impl Into<String>) -> Self {
        Self { kind: Kind::Environment, at: at.into(), message: cause.to_string(), hint: next.into() }
    }

    /// The same error with its place made more precise: `prefix` goes in front of where it happened.
    pub fn within(mut self, prefix: &str) -> Self {
        self.at = if self.at.is_empty() { prefix.to_owned() } else { format!("{prefix}:{}", self.at) };
        self
    }

    /// Whether the reader's or author's input was at fault.
    pub fn is_input(&self) -> bool {
        self.kind == Kind::Input
    }

    /// Whether files, tools or the browser were at fault.
    pub fn is_environment(&self) -> bool {
        self.kind == Kind::Environment
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.at.is_empty() {
            write!(f, "{}: ", self.at)?;
        }
        write!(f, "{}", self.message)?;
        if !self.hint.is_empty() {
            write!(f, "; {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_says_where_what_and_what_is_allowed() {
        let error =
            Error::input("rank", "\"ten\"", "a whole number from 0 to 64").within("pretune-lora-rank");
        assert_eq!(error.to_string(), "pretune-lora-rank:rank: \"ten\"; a whole number from 0 to 64");
        assert!(error.is_input() && !error.is_environment());
    }
}
