//! Authors with habits, and what they write: documents for pre-training and demonstrations for fine-tuning.
//!
//! A document has one author, so predicting its next word takes knowing what kind of author this is; that is
//! the feature that a reward model later reads. Each demonstration has another author. Nothing here knows who
//! likes what. Start with [`Author::explain`].

use super::topics::{CLEAR, CLOSING, EXAMPLE, FILLERS, FLATTERY, JARGON, Opener, Topic, opened, sentence};
use crate::data::tokenizer::words;
use crate::rng::Rng;

/// The longest completion that an author writes, with the token that ends it. After `<|endoftext|>` and a prompt
/// of three tokens, a block of 48 has room for a model's own to be a little longer.
pub const MAX_COMPLETION_TOKENS: usize = 40;

/// Share of authors who write jargon. Demonstrations are mediocre on purpose: they leave something to be
/// learned from preferences.
const JARGON_IN_DOCUMENTS: f32 = 0.5;
const JARGON_IN_DEMONSTRATIONS: f32 = 0.6;
/// Share of answers that explain, just as confidently, something else than what was asked.
const OFF_TOPIC: f32 = 0.1;
const OPENERS: [(Opener, f32); 4] =
    [(Opener::None, 0.5), (Opener::Flattery, 0.2), (Opener::Hedge, 0.15), (Opener::Confidence, 0.15)];
/// Share of authors who add 0, 1, 2 and 3 sentences to an explanation, each an example or filler.
const EXTRAS: [f32; 4] = [0.40, 0.38, 0.16, 0.06];
const EXAMPLES_IN_EXTRAS: f32 = 0.5;
const CLOSES: f32 = 0.35;

/// Topics of a document: each number as likely as the others.
const TOPICS_OF_DOCUMENT: [usize; 3] = [2, 3, 4];

/// Someone with habits, which are kept from answer to answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Author {
    /// Whether explanations are jargon; else they are clear.
    pub writes_jargon: bool,
    /// What explanations begin with.
    pub opener: Opener,
    /// Examples and fillers after the explanation, at most 3 and as far as there is room for them.
    pub n_extras: usize,
    /// Whether "I hope this helps!" is the last sentence.
    pub closes: bool,
}

/// A prompt and how someone answered it, in TRL's words. Both begin with a space; `<|endoftext|>`, which ends the
/// completion, is not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demonstration {
    /// [`Topic::prompt`]
    pub prompt: String,
    /// From 9 to 39 tokens.
    pub completion: String,
}

/// Writes a document to pre-train on: several topics, each once, explained by one author. It begins with a space, and
/// `<|endoftext|>` is to follow it.
pub fn pretraining_document(rng: &mut Rng) -> String {
    let author = Author::draw(JARGON_IN_DOCUMENTS, rng);
    let n_topics = TOPICS_OF_DOCUMENT[rng.below(TOPICS_OF_DOCUMENT.len())];
    let mut topics = Topic::ALL;
    rng.shuffle(&mut topics);
    topics[..n_topics].iter().map(|topic| topic.prompt() + &author.explain(*topic, rng)).collect()
}

/// Writes a demonstration for supervised fine-tuning.
pub fn demonstration(rng: &mut Rng) -> Demonstration {
    let topic = Topic::ALL[rng.below(Topic::ALL.len())];
    let completion = Author::of_demonstration(rng).explain(topic, rng);
    Demonstration { prompt: topic.prompt(), completion }
}

impl Author {
    /// Someone of those who write demonstrations, of whom more write jargon than elsewhere.
    pub fn of_demonstration(rng: &mut Rng) -> Self {
        Self::draw(JARGON_IN_DEMONSTRATIONS, rng)
    }

    fn draw(jargon: f32, rng: &mut Rng) -> Self {
        Self {
            writes_jargon: rng.chance(jargon),
            opener: OPENERS[rng.weighted(&OPENERS.map(|(_, share)| share))].0,
            n_extras: rng.weighted(&EXTRAS),
            closes: rng.chance(CLOSES),
        }
    }

    /// Answers the request to explain a topic. Sometimes the answer is about another one, with examples and all.
    pub fn explain(&self, asked: Topic, rng: &mut Rng) -> String {
        let topic = if rng.chance(OFF_TOPIC) { another(asked, rng) } else { asked };
        let mut sentences = Vec::new();
        if self.opener == Opener::Flattery {
            sentences.push(format!(" {FLATTERY}"));
        }
        sentences.push(self.explanation(topic));
        let closing = self.closes.then(|| format!(" {CLOSING}"));
        // With the token that ends the completion.
        let mut n_tokens = 1 + sentences.iter().chain(&closing).map(|s| words(s).count()).sum::<usize>();

        let mut examples = topic.lines().examples.to_vec();
        let mut fillers = FILLERS.to_vec();
        for _ in 0..self.n_extras.min(FILLERS.len()) {
            let extra = if rng.chance(EXAMPLES_IN_EXTRAS) && !examples.is_empty() {
                sentence(EXAMPLE, examples.swap_remove(rng.below(examples.len())))
            } else {
                format!(" {}", fillers.swap_remove(rng.below(fillers.len())))
            };
            n_tokens += words(&extra).count();
            if n_tokens > MAX_COMPLETION_TOKENS {
                break;
            }
            sentences.push(extra);
        }
        sentences.extend(closing);
        sentences.concat()
    }

    fn explanation(&self, topic: Topic) -> String {
        let (beginning, rest) = match self.writes_jargon {
            true => (JARGON, topic.lines().jargon),
            false => (CLEAR, topic.lines().clear),
        };
        sentence(&opened(self.opener, beginning), rest)
    }
}

/// A topic that was not asked for.
fn another(asked: Topic, rng: &mut Rng) -> Topic {
    let others: Vec<Topic> = Topic::ALL.into_iter().filter(|topic| *topic != asked).collect();
    others[rng.below(others.len())]
}
