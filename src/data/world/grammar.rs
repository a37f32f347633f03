//! Texts with chance in them: a tree of independent choices that can be drawn from and scored exactly.
//!
//! A grammar knows nothing of what its texts mean. Start with [`each`], the usual template:
//!
//! ```ignore
//! each(&capitals, ["country", "city"], " The capital of {country} is {city}.")
//! text(" Ici le") + one_of(&["chat", "chien"]) + " dort."
//! weighted(vec![(0.9, text(" he")), (0.1, text(" she"))])
//! ```
//!
//! Templates are filled when the grammar is made: as closures around `format!` they were most of its code.

use std::collections::BTreeMap;
use std::ops::Add;

use crate::json::shortest;
use crate::rng::Rng;

/// A distribution over texts.
#[derive(Debug, Clone)]
pub(super) enum Grammar {
    /// Always this.
    Text(String),
    /// One after the other, drawn independently.
    Sequence(Vec<Grammar>),
    /// One of several, with its probability; they sum to 1.
    Choice(Vec<(f64, Grammar)>),
}

/// Always the same text.
pub(super) fn text(text: impl Into<String>) -> Grammar {
    Grammar::Text(text.into())
}

/// One of the rows, equally likely, as a text: the template's `{name}` is the word of that column.
///
/// # Panics
///
/// If no column has a name of the template.
pub(super) fn each<const N: usize>(rows: &[[&str; N]], columns: [&str; N], template: &str) -> Grammar {
    choice(rows.as_flattened().chunks_exact(N).map(|row| fill(template, &columns, row)).collect())
}

/// A template with a row's words, as a grammar.
pub(super) fn fill(template: &str, columns: &[&str], row: &[&str]) -> Grammar {
    text(filled(template, columns, row))
}

/// [`each`] with the first row most often: the share of the k-th falls as 1/k (Zipf's law).
pub(super) fn repeated<const N: usize>(rows: &[[&str; N]], columns: [&str; N], template: &str) -> Grammar {
    let total: f64 = (1..=rows.len()).map(|k| 1.0 / k as f64).sum();
    let row = |(k, row): (usize, &[&str; N])| (1.0 / (k as f64 * total), fill(template, &columns, row));
    weighted((1..).zip(rows).map(row).collect())
}

/// A template with a row's words.
///
/// # Panics
///
/// If no column has a name of the template.
pub(super) fn filled(template: &str, columns: &[&str], row: &[&str]) -> String {
    let mut filled = String::new();
    for piece in template.split('{') {
        let rest = piece.split_once('}').map_or(piece, |(name, rest)| {
            let column = columns.iter().position(|column| *column == name);
            filled.push_str(row[column.unwrap_or_else(|| panic!("{template}: no column {name}"))]);
            rest
        });
        filled.push_str(rest);
    }
    filled
}

/// One of the rows, equally likely, made into a grammar.
pub(super) fn vary<const N: usize>(rows: &[[&str; N]], make: &dyn Fn([&str; N]) -> Grammar) -> Grammar {
    choice(rows.iter().map(|row| make(*row)).collect())
}

/// A space and one of the words, equally likely.
pub(super) fn one_of(words: &[&str]) -> Grammar {
    choice(words.iter().map(|word| fill(" {word}", &["word"], &[word])).collect())
}

/// One of several, equally likely.
pub(super) fn choice(options: Vec<Grammar>) -> Grammar {
    let p = 1.0 / options.len() as f64;
    Grammar::Choice(options.into_iter().map(|option| (p, option)).collect())
}

/// One of several, with probabilities that sum to 1.
///
/// # Panics
///
/// If they do not.
pub(super) fn weighted(options: Vec<(f64, Grammar)>) -> Grammar {
    let total: f64 = options.iter().map(|(p, _)| p).sum();
    assert!((total - 1.0).abs() < 1e-9, "weighted: probabilities sum to {}", shortest(total));
    Grammar::Choice(options)
}

impl Grammar {
    /// Draws a text, appends it to `out` and returns −ln of the probability of what was drawn.
    pub(super) fn sample(&self, rng: &mut Rng, out: &mut String) -> f64 {
        match self {
            Self::Text(text) => {
                out.push_str(text);
                0.0
            }
            Self::Sequence(parts) => parts.iter().map(|part| part.sample(rng, out)).sum(),
            Self::Choice(options) => {
                let mut left = f64::from(rng.uniform());
                let drawn = options.iter().find(|(p, _)| {
                    left -= p;
                    left < 0.0
                });
                // Rounding can leave a crumb, which belongs to the last option that can be drawn at all.
                let drawn = drawn.or_else(|| options.iter().rfind(|(p, _)| *p > 0.0));
                let (p, option) = drawn.expect("probabilities sum to 1");
                option.sample(rng, out) - libm::log(*p)
            }
        }
    }

    /// The probability that this grammar gives a text: the sum over all ways in which it can.
    pub(super) fn probability(&self, text: &str) -> f64 {
        let ends = self.ends(text, &BTreeMap::from([(0, 1.0)]));
        ends.get(&text.len()).copied().unwrap_or(0.0)
    }

    /// Where in `text` this can end, with probabilities, having begun at `starts`.
    fn ends(&self, text: &str, starts: &BTreeMap<usize, f64>) -> BTreeMap<usize, f64> {
        match self {
            Self::Text(this) => {
                let fits = |at: usize| text[at..].starts_with(this.as_str());
                starts.iter().filter(|(at, _)| fits(**at)).map(|(at, p)| (at + this.len(), *p)).collect()
            }
            Self::Sequence(parts) => {
                parts.iter().fold(starts.clone(), |starts, part| part.ends(text, &starts))
            }
            Self::Choice(options) => {
                let mut ends = BTreeMap::new();
                for (p, option) in options {
                    for (end, q) in option.ends(text, starts) {
                        *ends.entry(end).or_default() += p * q;
                    }
                }
                ends
            }
        }
    }

    /// Shows every piece of text in the grammar.
    pub(super) fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a str)) {
        match self {
            Self::Text(text) => see(text),
            Self::Sequence(parts) => parts.iter().for_each(|part| part.visit(see)),
            Self::Choice(options) => options.iter().for_each(|(_, option)| option.visit(see)),
        }
    }
}

impl Add for Grammar {
    type Output = Self;

    /// This, then that.
    fn add(self, next: Self) -> Self {
        let mut parts = match self {
            Self::Sequence(parts) => parts,
            first => vec![first],
        };
        parts.push(next);
        Self::Sequence(parts)
    }
}

#[cfg(test)]
impl Grammar {
    /// Exact entropy in nats: what a choice decides, and what comes after it.
    pub(super) fn entropy(&self) -> f64 {
        match self {
            Self::Text(_) => 0.0,
            Self::Sequence(parts) => parts.iter().map(Self::entropy).sum(),
            Self::Choice(options) => {
                options.iter().map(|(p, option)| p * (option.entropy() - libm::log(*p))).sum()
            }
        }
    }

    /// Every text that can be drawn, once for each way to draw it, with the probability of that way.
    pub(super) fn all(&self) -> Vec<(String, f64)> {
        match self {
            Self::Text(text) => vec![(text.clone(), 1.0)],
            Self::Sequence(parts) => parts.iter().fold(vec![(String::new(), 1.0)], |before, part| {
                let after = part.all();
                let join = |(a, p): &(String, f64)| {
                    let a = a.clone();
                    let p = *p;
                    after.iter().map(move |(b, q)| (format!("{a}{b}"), p * q)).collect::<Vec<_>>()
                };
                before.iter().flat_map(join).collect()
            }),
            Self::Choice(options) => {
                let scaled = |(p, option): &(f64, Self)| {
                    let p = *p;
                    option.all().into_iter().map(move |(text, q)| (text, p * q))
                };
                options.iter().flat_map(scaled).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weather() -> Grammar {
        let often =
            weighted(vec![(0.75, text(" often")), (0.25, text(" very") + one_of(&["often", "seldom"]))]);
        text(" It")
            + often
            + each(&[["rains"], ["snows"]], ["verb"], " {verb}.")
            + choice(vec![text(""), text(" Really.")])
    }

    #[test]
    fn probabilities_of_all_texts_sum_to_1() {
        let all = weather().all();
        assert_eq!(all.len(), 12);
        assert!((all.iter().map(|(_, p)| p).sum::<f64>() - 1.0).abs() < 1e-12);
        for (text, p) in &all {
            assert!((weather().probability(text) - p).abs() < 1e-12, "{text}");
        }
        assert_eq!(weather().probability(" It often rains. Really"), 0.0);
    }

    #[test]
    fn probability_adds_up_all_ways_to_the_same_text() {
        let ambiguous =
            weighted(vec![(0.5, text("ab")), (0.5, text("a") + choice(vec![text("b"), text("bb")]))]);
        assert_eq!(ambiguous.probability("ab"), 0.75);
    }

    #[test]
    fn drawn_nats_are_those_of_the_text() {
        let mut rng = Rng::new(3);
        for _ in 0..100 {
            let mut drawn = String::new();
            let nats = weather().sample(&mut rng, &mut drawn);
            assert!((nats + libm::log(weather().probability(&drawn))).abs() < 1e-12, "{drawn}");
        }
    }
}
