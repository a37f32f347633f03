//! Special tokens spelled out in a text: found before anything else is cut.
//!
//! Start with [`parts`].

use std::cmp::Reverse;

/// A stretch of text without special tokens, or one special token.
#[derive(Debug, PartialEq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    Special(u32),
}

/// Cuts a text at its special tokens, the leftmost first and the longest of those that start together.
///
/// Where each special token comes next is remembered, so the text is searched once for each of them, not
/// once for each place where any of them occurs.
pub(super) fn parts<'a>(text: &'a str, specials: &'a [(u32, &str)]) -> impl Iterator<Item = Part<'a>> {
    let mut at = 0;
    let mut next: Vec<Option<usize>> = specials.iter().map(|(_, name)| text.find(name)).collect();
    std::iter::from_fn(move || {
        if at == text.len() {
            return None;
        }
        for (next, (_, name)) in next.iter_mut().zip(specials) {
            if next.is_some_and(|next| next < at) {
                *next = text[at..].find(name).map(|start| at + start);
            }
        }
        let found = next.iter().zip(specials).filter_map(|(start, special)| Some(((*start)?, special)));
        let first = found.min_by_key(|(start, (_, name))| (*start, Reverse(name.len())));
        Some(match first {
            Some((start, &(id, name))) if start == at => {
                at += name.len();
                Part::Special(id)
            }
            first => {
                let end = first.map_or(text.len(), |(start, _)| start);
                let part = Part::Text(&text[at..end]);
                at = end;
                part
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_of_those_that_start_together_wins() {
        let specials = [(0, "<a>"), (1, "<a><b>")];
        let found: Vec<Part> = parts("x<a><b><a>y", &specials).collect();
        assert_eq!(found, [Part::Text("x"), Part::Special(1), Part::Special(0), Part::Text("y")]);
    }
}
