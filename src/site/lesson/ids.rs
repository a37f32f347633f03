//! Anchors of a page: readable, stable, each used once.

use std::collections::BTreeSet;

/// The ids that a page has given out.
#[derive(Debug, Default)]
pub struct Ids {
    used: BTreeSet<String>,
}

impl Ids {
    /// `wanted`, or the first of `wanted-2`, `wanted-3`, … that is free.
    pub fn unique(&mut self, wanted: &str) -> String {
        let mut id = wanted.to_owned();
        let mut n = 1;
        while !self.used.insert(id.clone()) {
            n += 1;
            id = format!("{wanted}-{n}");
        }
        id
    }

    /// Whether an id has been given out.
    pub fn contains(&self, id: &str) -> bool {
        self.used.contains(id)
    }
}

/// A heading's words as an id: letters and digits in lower case, hyphens between the words.
pub fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    let kept: String = lower
        .chars()
        .map(|c| if c.is_whitespace() || matches!(c, '-' | '_' | '/') { ' ' } else { c })
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .collect();
    let slug = kept.split_whitespace().collect::<Vec<_>>().join("-");
    if slug.is_empty() { "section".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_become_readable_anchors() {
        assert_eq!(slug("Stage 1: Pre-training + Fine-tuning"), "stage-1-pre-training-fine-tuning");
        assert_eq!(slug("Größe & Skala"), "größe-skala");
        assert_eq!(slug("???"), "section");
    }

    #[test]
    fn no_id_is_given_twice() {
        let mut ids = Ids::default();
        assert_eq!([ids.unique("a"), ids.unique("a"), ids.unique("a-2")], ["a", "a-2", "a-2-2"]);
    }
}
