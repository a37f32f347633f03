//! Texts in two classes, which people would have to label: what a pre-trained model is adapted to.
//!
//! All words are of the world's vocabulary, and no class is ever named. Knows of no model. Start with [`LabeledTexts`].

use super::facts::{Facts, PROFESSIONS};
use super::grammar::{Grammar, choice, one_of, text};
use super::sources::opinion;
use crate::rng::Rng;

/// Where texts of two classes, 0 and 1, are drawn from.
#[derive(Debug, Clone)]
pub struct LabeledTexts([Grammar; 2]);

impl LabeledTexts {
    /// Reviews without the closing sentence, whose few wordings would give the class away: bad and good.
    ///
    /// A domain that is near to the world's text. It has such reviews, whose words agree with each other.
    pub fn reviews() -> Self {
        Self([false, true].map(opinion))
    }

    /// Notes on patients, each with illnesses of one kind only: those in "-itis", those in "-osis".
    ///
    /// A domain that is far from the world's text, which knows each illness but says nothing of two kinds of them. The
    /// endings give nothing away, since a word is one token.
    pub fn patients(facts: &Facts) -> Self {
        let names: Vec<&str> = facts.illnesses.iter().map(|[illness, ..]| *illness).collect();
        let ending_in = |ending: &str| -> Vec<&str> {
            names.iter().copied().filter(|name| name.ends_with(ending)).collect()
        };
        Self(["itis", "osis"].map(|ending| note(&ending_in(ending))))
    }

    /// Draws a text of a class.
    ///
    /// # Panics
    ///
    /// If the class is neither 0 nor 1.
    pub fn draw(&self, class: usize, rng: &mut Rng) -> String {
        let mut text = String::new();
        self.0[class].sample(rng, &mut text);
        text
    }
}

/// " The pilot was ill with pelkitis, florbitis and tarbitis."
fn note(illnesses: &[&str]) -> Grammar {
    let three = each_then(illnesses, ",", &|others| each_then(others, " and", &one_of));
    text(" The")
        + one_of(&PROFESSIONS.map(|[profession, _]| profession))
        + text(" was ill with")
        + three
        + text(".")
}

/// One of the words, a separator, and what comes of the other words.
fn each_then(words: &[&str], separator: &str, rest: &dyn Fn(&[&str]) -> Grammar) -> Grammar {
    let with = |word: &&str| {
        let others: Vec<&str> = words.iter().copied().filter(|other| other != word).collect();
        text(format!(" {word}{separator}")) + rest(&others)
    };
    choice(words.iter().map(with).collect())
}
