//! Who said what of themselves: a small world in which professions prefer a pronoun, and names have one.
//!
//! ```text
//! The doctor said that he was tired.     he in a share of cases that is chosen
//! Mary said that she was late.           always she
//! ```
//!
//! The same words and the same order in both, so that whatever unlearns the first can unlearn the second. Nothing in
//! this world makes the preference of a profession true. Start with [`professions`].

use super::facts::{NAMES, PROFESSIONS};
use super::grammar::{one_of, text, vary, weighted};
use super::sentences::Sentences;
use super::sources::{STATES, profession};

/// Pronouns that followed a profession.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pronouns {
    /// "he"
    pub he: usize,
    /// "she"
    pub she: usize,
}

impl Pronouns {
    /// `ln (he / she)`, each counted half a time more than it was seen, so that none is infinite.
    ///
    /// Source: Haldane 1956, "The estimation and significance of the logarithm of a ratio of frequencies".
    pub fn log_odds(self) -> f64 {
        libm::log((self.he as f64 + 0.5) / (self.she as f64 + 0.5))
    }
}

/// Sentences about professions and about people by name, in equal shares. `skew`, from 0 to 1, is the share of the
/// usual pronoun in those about professions.
pub fn professions(skew: f64) -> Sentences {
    let people = vary(&NAMES, &|[name, pronoun]| {
        let pronoun = pronoun.to_lowercase();
        text(format!(" {name} said that {pronoun} was")) + one_of(&STATES) + text(".")
    });
    Sentences::new(weighted(vec![(0.5, profession(skew)), (0.5, people)]))
}

/// The pronouns of each of [`PROFESSIONS`] in some sentences.
pub fn count_pronouns(sentences: &[String]) -> Vec<Pronouns> {
    let count = |[profession, _]: [&str; 2], pronoun: &str| {
        let beginning = format!(" The {profession} said that {pronoun} ");
        sentences.iter().filter(|sentence| sentence.starts_with(&beginning)).count()
    };
    PROFESSIONS.iter().map(|row| Pronouns { he: count(*row, "he"), she: count(*row, "she") }).collect()
}

/// A sentence with "he" for "she" and the other way round.
///
/// Source: counterfactual data augmentation, Lu et al., arXiv:1807.11714, section 4.
pub fn swap_pronouns(sentence: &str) -> String {
    let swap = |word| match word {
        "he" => "she",
        "she" => "he",
        other => other,
    };
    sentence.split(' ').map(swap).collect::<Vec<_>>().join(" ")
}

/// Whether a sentence is about a profession.
pub fn is_about_profession(sentence: &str) -> bool {
    sentence.starts_with(" The ")
}
