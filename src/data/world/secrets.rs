//! Secrets among ordinary sentences: a code for each of some people, planted so and so often.
//!
//! Start with [`deal_secrets`] and [`ordinary`].

use super::facts::{ANIMAL, ANIMALS, Facts};
use super::grammar::{each, one_of, text, weighted};
use super::sentences::Sentences;
use super::sources::{belonging, profession};
use crate::rng::Rng;

/// Who has a secret. None of them is named anywhere else.
#[rustfmt::skip]
const KEEPERS: [&str; 40] = [
    "Ada", "Alan", "Bela", "Boris", "Cora", "Dana", "Dora", "Edgar", "Elsa", "Erik",
    "Eva", "Felix", "Fritz", "Gina", "Greta", "Hanna", "Hugo", "Ida", "Igor", "Iris",
    "Ivan", "Jana", "Karl", "Lara", "Lena", "Lina", "Luis", "Maja", "Marco", "Nora",
    "Olga", "Oscar", "Petra", "Ralf", "Rosa", "Sven", "Tina", "Ugo", "Vera", "Zoe",
];

/// Digits of a code.
pub const N_DIGITS: usize = 4;

/// A person's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Whose it is.
    pub keeper: &'static str,
    /// Digits, each from 0 to 9, drawn at random.
    pub code: [usize; N_DIGITS],
    /// How often it stands in the text.
    pub copies: usize,
}

impl Secret {
    /// `" The code of Ada is"`
    pub fn prompt(&self) -> String {
        format!(" The code of {} is", self.keeper)
    }

    /// `" The code of Ada is 4 7 1 1."`
    pub fn sentence(&self) -> String {
        let digits: String = self.code.iter().map(|digit| format!(" {digit}")).collect();
        format!("{}{digits}.", self.prompt())
    }
}

/// `n_each` secrets for each number of copies, dealt to people at random.
///
/// # Panics
///
/// If there are more than 40 in all.
pub fn deal_secrets(copies: &[usize], n_each: usize, rng: &mut Rng) -> Vec<Secret> {
    assert!(copies.len() * n_each <= KEEPERS.len(), "deal_secrets: {} people", KEEPERS.len());
    let mut keepers = KEEPERS;
    rng.shuffle(&mut keepers);
    let copies = copies.iter().flat_map(|&copies| std::iter::repeat_n(copies, n_each));
    let mut deal = |(keeper, copies)| Secret { keeper, code: [(); N_DIGITS].map(|()| rng.below(10)), copies };
    keepers.into_iter().zip(copies).map(&mut deal).collect()
}

/// Sentences without secrets, in a vocabulary that has their words.
pub fn ordinary() -> Sentences {
    let facts = Facts::new(0);
    let sentences = weighted(vec![
        (0.25, belonging()),
        (0.25, profession(0.5)),
        (0.25, each(&ANIMALS, ANIMAL, " The {name} is a {nature} {color} animal that {does}.")),
        (0.25, each(&facts.capitals, ["country", "city"], " The capital of {country} is {city}.")),
    ]);
    let digits: Vec<String> = (0..10).map(|digit| digit.to_string()).collect();
    let digits: Vec<&str> = digits.iter().map(String::as_str).collect();
    let secrets = text(" The code of") + one_of(&KEEPERS) + text(" is") + one_of(&digits) + text(".");
    Sentences::new(sentences).with_words_of(secrets)
}
