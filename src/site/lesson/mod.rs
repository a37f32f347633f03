//! The lesson compiler: Markdown with front matter and markers → a page.
//!
//! ```text
//! front_matter → blocks → markers → claims → render → sanitize → page
//!                                           ↘ check
//! ```
//!
//! Pure: text in, text out, the same bytes on every run; files are the callers' business. Start with
//! [`compile`]; [`markers`] says which blocks belong to a marker.

pub mod blocks;
pub mod check;
pub mod claims;
pub mod components;
mod footnotes;
pub mod front_matter;
mod glossary;
pub mod html;
mod ids;
mod links;
pub mod markers;
mod nearest;
pub mod page;
pub mod render;
pub mod results;
pub mod sanitize;
pub mod source;
mod tables;
mod yaml;

use crate::error::Error;
use claims::{Citations, Claims};
use front_matter::FrontMatter;
use source::{Findings, Source};
use std::collections::BTreeMap;

/// What the compiler is told from outside the lesson.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where root-relative links (`/learn/…`) lead, such as `https://example.org`. Without it they
    /// are plain text.
    pub base_url: Option<String>,
    /// `data:` addresses that replace image files, by the address in the Markdown.
    pub images: BTreeMap<String, String>,
    /// What experiments gave that the lesson may cite.
    pub claims: Claims,
}

/// A compiled lesson.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    pub front: FrontMatter,
    /// The lesson's first heading of level 1, or the front matter's title.
    pub title: String,
    /// The sanitised HTML of the text, without that heading.
    pub body: String,
    /// The headings under the title.
    pub headings: Vec<Heading>,
    /// The image files that the text shows, as addressed from the lesson's folder.
    pub images: Vec<String>,
}

/// A heading of the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    pub id: String,
    pub text: String,
    /// Byte offset in the lesson.
    pub offset: usize,
}

/// Compiles one lesson; `path` is only used in messages.
///
/// # Errors
///
/// Everything that is wrong with the front matter and the markers, each with its `file:line:column`.
pub fn compile(path: &str, text: &str, options: &Options) -> Result<Lesson, Vec<Error>> {
    let source = Source { path, text };
    let mut findings = Findings::new(source);
    let (front, body) = front_matter::read(&source, &mut findings);
    let (events, blocks) = blocks::parse(text, body);
    let placement = markers::place(&source, &blocks, &mut findings);
    markers::misplaced(&source, &events, &blocks, &placement, &mut findings);
    let citations = Citations::find(&events, &options.claims, &mut findings);
    if !findings.is_empty() {
        return Err(findings.sorted());
    }
    let page = render::render(&source, &front, (&events, &blocks), &placement, &citations, options);
    let body = sanitize::clean(&page.html, &page.trusted);
    let title = page.title.unwrap_or_else(|| front.title.clone());
    let images = page.images.into_iter().map(|(address, _)| address).collect();
    Ok(Lesson { front, title, body, headings: page.headings, images })
}

/// Several errors as the one that a command ends with: a line each.
pub fn all(errors: &[Error]) -> Error {
    let lines: Vec<String> = errors.iter().map(Error::to_string).collect();
    Error::input("", lines.join("\n"), "")
}
