//! A lesson's text, the places in it as `file:line:column`, and what was found there.

use crate::error::Error;
use std::fmt;

/// The text of one lesson and the name under which messages speak of it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The path as the author typed it.
    pub path: &'a str,
    /// The whole file, front matter included. Offsets count its bytes.
    pub text: &'a str,
}

impl Source<'_> {
    /// `file:line:column` of a byte offset; line and column count from 1, columns in characters.
    pub fn at(&self, offset: usize) -> String {
        let boundary = (0..=offset.min(self.text.len())).rev().find(|&i| self.text.is_char_boundary(i));
        let before = &self.text[..boundary.unwrap_or(0)];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        format!("{}:{line}:{column}", self.path)
    }
}

/// What is wrong with a lesson, gathered by all that read it.
#[derive(Debug)]
pub struct Findings<'a> {
    source: Source<'a>,
    found: Vec<(usize, Error)>,
}

impl<'a> Findings<'a> {
    pub fn new(source: Source<'a>) -> Self {
        Self { source, found: Vec::new() }
    }

    /// Adds an [`Error::input`] at a byte offset.
    pub fn add(&mut self, offset: usize, given: impl fmt::Display, allowed: impl Into<String>) {
        self.found.push((offset, Error::input(self.source.at(offset), given, allowed)));
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All findings in the order of the text.
    pub fn sorted(mut self) -> Vec<Error> {
        self.found.sort_by_key(|(offset, _)| *offset);
        self.found.into_iter().map(|(_, error)| error).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_from_one() {
        let source = Source { path: "a.md", text: "é\n→ x\n" };
        assert_eq!(source.at(0), "a.md:1:1");
        assert_eq!(source.at("é\n→ ".len()), "a.md:2:3");
        assert_eq!(source.at(4), "a.md:2:1", "an offset within a character is the character's");
    }
}
