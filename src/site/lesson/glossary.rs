//! Terms of art, explained where they first stand and listed at the end.
//!
//! An author writes them in the front matter (`glossary:`, one `term: meaning` a line). The first
//! occurrence in the running text becomes a button that opens the meaning: a native popover, so it
//! works by keyboard, by touch and without scripts.

use super::front_matter::Term;
use super::html::escape;
use super::ids::{Ids, slug};

/// The terms of one lesson that have not been met yet.
pub struct Glossary<'a> {
    terms: &'a [Term],
    is_met: Vec<bool>,
}

impl<'a> Glossary<'a> {
    pub fn new(terms: &'a [Term]) -> Self {
        Self { terms, is_met: vec![false; terms.len()] }
    }

    /// A run of text as HTML, with the terms that occur in it for the first time explained.
    pub fn mark(&mut self, text: &str, ids: &mut Ids) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((start, length, term)) = self.first_in(rest, text.len() - rest.len(), text) {
            self.is_met[term] = true;
            out.push_str(&escape(&rest[..start]));
            out.push_str(&explained(&rest[start..start + length], &self.terms[term], ids));
            rest = &rest[start + length..];
        }
        out.push_str(&escape(rest));
        out
    }

    /// The terms that the text never uses.
    pub fn unmet(&self) -> impl Iterator<Item = &'a Term> {
        self.terms.iter().zip(&self.is_met).filter(|(_, met)| !**met).map(|(term, _)| term)
    }

    /// The list of all terms, in the order of the front matter; empty without terms.
    pub fn list(&self, ids: &mut Ids) -> String {
        if self.terms.is_empty() {
            return String::new();
        }
        let heading = ids.unique("glossary");
        let items: String = self
            .terms
            .iter()
            .map(|t| format!("<dt>{}</dt>\n<dd>{}</dd>\n", escape(&t.name), escape(&t.definition)))
            .collect();
        format!(
            "<section class=\"glossary\" aria-labelledby=\"{heading}\">\n<h2 id=\"{heading}\">Words used here</h2>\n<dl>\n{items}</dl>\n</section>\n"
        )
    }

    /// Start, length and index of the first unmet term in `rest`, which begins at `offset` of `text`.
    /// Of two that begin at the same place, the longer wins.
    fn first_in(&self, rest: &str, offset: usize, text: &str) -> Option<(usize, usize, usize)> {
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        for (start, _) in rest.char_indices() {
            if is_word(text[..offset + start].chars().next_back()) {
                continue;
            }
            let found = (0..self.terms.len())
                .filter(|&i| !self.is_met[i])
                .filter_map(|i| prefix_length(&rest[start..], &self.terms[i].name).map(|length| (length, i)))
                .filter(|(length, _)| !is_word(rest[start + length..].chars().next()))
                .max_by_key(|&(length, i)| (length, std::cmp::Reverse(i)));
            if let Some((length, i)) = found {
                return Some((start, length, i));
            }
        }
        None
    }
}

fn explained(word: &str, term: &Term, ids: &mut Ids) -> String {
    let id = ids.unique(&format!("term-{}", slug(&term.name)));
    format!(
        "<dfn><button type=\"button\" class=\"term\" popovertarget=\"{id}\">{}</button></dfn><span class=\"term-note\" id=\"{id}\" role=\"note\" popover=\"\">{}</span>",
        escape(word),
        escape(&term.definition)
    )
}

/// The bytes of `text` that spell `word`, upper and lower case alike, if it begins with it.
fn prefix_length(text: &str, word: &str) -> Option<usize> {
    let mut left = text.chars();
    for expected in word.chars() {
        let found = left.next()?;
        if found != expected && !found.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    Some(text.len() - left.as_str().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(names: &[&str]) -> Vec<Term> {
        names.iter().map(|n| Term { name: (*n).into(), definition: format!("<{n}>"), offset: 0 }).collect()
    }

    #[test]
    fn the_first_whole_word_is_explained_once() {
        let terms = terms(&["loss", "loss curve"]);
        let mut glossary = Glossary::new(&terms);
        let html = glossary.mark("A flossy Loss & a loss curve; loss.", &mut Ids::default());
        assert_eq!(html.matches("<dfn>").count(), 2);
        assert!(html.starts_with(
            "A flossy <dfn><button type=\"button\" class=\"term\" popovertarget=\"term-loss\">Loss</button>"
        ));
        assert!(html.contains(">loss curve</button>") && html.contains("&lt;loss curve&gt;</span>; loss."));
        assert_eq!(glossary.unmet().count(), 0);
    }

    #[test]
    fn terms_that_never_occur_are_known() {
        let terms = terms(&["entropy"]);
        let mut glossary = Glossary::new(&terms);
        assert_eq!(glossary.mark("entropyless", &mut Ids::default()), "entropyless");
        assert_eq!(glossary.unmet().next(), Some(&terms[0]));
    }
}
