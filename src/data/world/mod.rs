//! The miniature world: a small grammar that writes a corpus whose facts and whose entropy are known.
//!
//! It knows nothing of models and training. Each document is a tree of independent choices, no two of
//! which end in the same text, so that its probability is exact. Start with [`World::document`];
//! `sources` has the sentences, `facts` what they say. [`SmallWorld`] is another one, small enough to learn it with
//! objectives that see few words a step.

mod facts;
mod grammar;
mod labeled;
mod mixture;
mod professions;
mod requests;
mod secrets;
mod sentences;
mod small;
mod sources;
mod tasks;
mod vocabulary;

use super::tokenizer::{Pieces, Tokenizer, words};
use crate::rng::Rng;
use grammar::Grammar;

pub use professions::{Pronouns, count_pronouns, is_about_profession, professions, swap_pronouns};
pub use requests::{REFUSALS, Request, Split, request_text, requests};
pub use secrets::{N_DIGITS, Secret, deal_secrets, ordinary};
pub use sentences::{Sentence, Sentences};

pub use facts::{ANIMAL, ANIMALS, COLORS, Facts, NAMES, NEGATIVE, ORGANS, POSITIVE, PROFESSIONS, sums};
pub use labeled::LabeledTexts;
pub use mixture::Voice;
pub use small::{SmallWorld, Statement};
pub use tasks::{ANSWER, N_KNOWN_WORDINGS, N_WORDINGS, Part, Task, TaskText, TaskWorld};
pub use vocabulary::Vocabulary;

/// Share of the sentences about a profession that have the pronoun which is usual for it.
const PRONOUN_SKEW: f64 = 0.9;

/// Who writes a document, as in the mixture that GPT-3 was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The web as it comes.
    Crawl,
    /// Pages that people linked to.
    Links,
    /// Short stories.
    Books,
    /// Facts.
    Encyclopedia,
}

/// A document of the world.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Begins with a space, as every word of the vocabulary does.
    pub text: String,
    /// Who wrote it.
    pub source: Source,
    /// −ln of the probability that the world writes this document and ends it there.
    pub nats: f64,
}

/// A text to be continued, and the one right continuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What the model reads after `<|endoftext|>`: `" The capital of France is"`.
    pub prompt: String,
    /// What ought to follow, one token of [`World::tokenizer`]: `" Paris"`.
    pub answer: String,
}

/// Facts, and the grammars that put them into words.
#[derive(Debug, Clone)]
pub struct World {
    facts: Facts,
    /// Each with its share of the documents.
    sources: [(Source, f64, Grammar); 4],
}

impl World {
    /// The world of a seed. Seed 0 has the real capitals; every other one deals capitals, colors, organs and
    /// medicines anew. The vocabulary is the same in all of them.
    pub fn new(seed: u64) -> Self {
        Self::with_pronoun_skew(seed, PRONOUN_SKEW)
    }

    /// The same with another share, from 0 to 1, of usual pronouns in sentences about professions.
    pub fn with_pronoun_skew(seed: u64, pronoun_skew: f64) -> Self {
        let facts = Facts::new(seed);
        let sources = [
            (Source::Crawl, 0.48, sources::crawl(&facts, pronoun_skew)),
            (Source::Links, 0.22, sources::links(&facts)),
            (Source::Books, 0.14, sources::books()),
            (Source::Encyclopedia, 0.16, sources::encyclopedia(&facts)),
        ];
        Self { facts, sources }
    }

    /// Writes a document.
    pub fn document(&self, rng: &mut Rng) -> Document {
        let shares = self.sources.each_ref().map(|(_, share, _)| *share as f32);
        let (source, share, grammar) = &self.sources[rng.weighted(&shares)];
        let mut text = String::new();
        let nats = grammar.sample(rng, &mut text) - libm::log(*share);
        Document { text, source: *source, nats }
    }

    /// Writes many.
    pub fn corpus(&self, n_documents: usize, rng: &mut Rng) -> Vec<Document> {
        (0..n_documents).map(|_| self.document(rng)).collect()
    }

    /// −ln of the probability that a document is this text; infinite if the world never writes it.
    pub fn nats_of(&self, text: &str) -> f64 {
        let p: f64 = self.sources.iter().map(|(_, share, grammar)| share * grammar.probability(text)).sum();
        -libm::log(p)
    }

    /// The word tokenizer of the world's closed vocabulary, in alphabetic order.
    pub fn tokenizer(&self) -> Tokenizer {
        tokenizer_of(self.sources.iter().map(|(_, _, grammar)| grammar))
    }

    /// What is true in this world and not in others.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Countries and their capitals.
    pub fn capitals(&self) -> &[[&'static str; 2]] {
        &self.facts.capitals
    }

    /// Every capital in both wordings of the world: as a statement, as a question.
    pub fn capital_questions(&self) -> Vec<Question> {
        let ask = |&[country, city]: &[&str; 2]| {
            let prompts = [
                format!(" The capital of {country} is"),
                format!(" What is the capital of {country}? Answer:"),
            ];
            prompts.map(|prompt| Question { prompt, answer: format!(" {city}") })
        };
        self.facts.capitals.iter().flat_map(ask).collect()
    }
}

/// The word tokenizer of all that grammars can write, in alphabetic order.
fn tokenizer_of<'a>(grammars: impl Iterator<Item = &'a Grammar>) -> Tokenizer {
    let mut vocabulary = Pieces::new();
    for grammar in grammars {
        grammar.visit(&mut |text| words(text).for_each(|word| _ = vocabulary.insert(word, 0)));
    }
    Tokenizer::from_words(vocabulary.into_keys())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn mean_nats_approach_the_exact_entropy_of_each_source() {
        const N: usize = 20_000;
        for (source, _, grammar) in &World::new(0).sources {
            let mut rng = Rng::new(5);
            let nats: Vec<f64> = (0..N).map(|_| grammar.sample(&mut rng, &mut String::new())).collect();
            let mean = nats.iter().sum::<f64>() / N as f64;
            let variance = nats.iter().map(|n| (n - mean) * (n - mean)).sum::<f64>() / N as f64;
            let standard_error = libm::sqrt(variance / N as f64);
            let exact = grammar.entropy();
            assert!(
                (mean - exact).abs() < 3.0 * standard_error + 1e-9,
                "{source:?}: {mean} {exact} ± {standard_error}"
            );
        }
    }

    #[test]
    fn no_two_paths_give_the_same_document() {
        let world = World::new(1);
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for (source, _, grammar) in &world.sources {
            // The crawl's reviews are too many: the test below draws them.
            if *source != Source::Crawl {
                let mut total = 0.0;
                for (text, p) in grammar.all() {
                    total += p;
                    assert!(seen.insert(text.clone()), "{text}");
                }
                assert!((total - 1.0).abs() < 1e-9, "{source:?}: {total}");
            }
        }
        assert!(seen.len() > 20_000);
    }

    #[test]
    fn nats_of_a_document_count_every_way_to_write_it() {
        let world = World::new(2);
        for document in world.corpus(3000, &mut Rng::new(6)) {
            let nats = world.nats_of(&document.text);
            assert!((nats - document.nats).abs() < 1e-9, "{document:?}: {nats}");
        }
    }
}
