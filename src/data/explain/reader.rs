//! From any text back to sentences and what each of them is.
//!
//! Whatever stands there is read: a demonstration, what a policy made of it, tokens drawn at random, something
//! that a person typed. Upper case, spaces and which of `.!?` ends a sentence do not matter; every word does.
//! Nothing here knows what is good or bad. Start with [`read`].

use std::ops::Range;

use super::topics::{
    CLEAR, CLOSING, CONFIDENCE, EXAMPLE, FILLERS, FLATTERY, HEDGE, JARGON, Lines, Opener, Topic,
};
use crate::data::Tokenizer;

/// What a sentence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An explanation of this topic in everyday words.
    Clear(Topic),
    /// An explanation of this topic in jargon.
    Jargon(Topic),
    /// An example of this topic.
    Example(Topic),
    /// It says nothing.
    Filler,
    /// Praise for who asks.
    Flattery,
    /// "I hope this helps!"
    Closing,
    /// No sentence of this world.
    Unreadable,
}

/// A sentence of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// What it is.
    pub kind: Kind,
    /// What an explanation begins with, hedge, confidence or nothing; nothing for any other sentence.
    pub opener: Opener,
    /// Whether the answer has said the same before, be it with another opener.
    pub is_repeated: bool,
    /// Number of words. Punctuation marks are none.
    pub n_words: usize,
    /// The bytes of the completion that it takes, with the space before it. The sentences of an answer follow
    /// each other without gaps.
    pub range: Range<usize>,
}

/// A completion that has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was to be explained.
    pub asked: Topic,
    /// At least one: an answer that says nothing is a sentence that cannot be read.
    pub sentences: Vec<Sentence>,
    /// Whether it ended by itself, with `<|endoftext|>`.
    pub is_finished: bool,
}

/// Reads a completion of the prompt that asks for a topic. The completion does not contain the `<|endoftext|>` that
/// ended it; whether there was one is `is_finished`.
pub fn read(asked: Topic, completion: &str, is_finished: bool) -> Answer {
    let mut sentences: Vec<Sentence> = Vec::new();
    // What has been said, without openers.
    let mut said: Vec<String> = Vec::new();
    for range in ranges(completion) {
        let words = plain(&completion[range.clone()]);
        let (opener, rest) = opener_of(&words);
        let kind = kind_of(rest, opener);
        // An opener belongs to an explanation; what cannot be read is compared as it stands.
        let is_opened = matches!(kind, Kind::Clear(_) | Kind::Jargon(_));
        let saying = if is_opened { rest } else { &words };
        let is_repeated = said.iter().any(|before| before == saying);
        said.push(saying.to_owned());
        sentences.push(Sentence {
            kind,
            opener: if is_opened { opener } else { Opener::None },
            is_repeated,
            n_words: words.split(' ').filter(|word| is_word(word)).count(),
            range,
        });
    }
    Answer { asked, sentences, is_finished }
}

/// Reads the tokens that a policy gave after the prompt, up to the first `<|endoftext|>`; if there is none, the
/// answer was cut off.
///
/// # Panics
///
/// If an id is not below [`Tokenizer::vocab_size`].
pub fn read_tokens(asked: Topic, tokenizer: &Tokenizer, ids: &[u32]) -> (String, Answer) {
    let end = ids.iter().position(|id| *id == tokenizer.eos());
    let completion = tokenizer.decode(&ids[..end.unwrap_or(ids.len())]);
    let answer = read(asked, &completion, end.is_some());
    (completion, answer)
}

/// Cuts a text behind every `.`, `!` and `?`. What has no word in it goes with such neighbors, and white space at the
/// end with the last sentence.
fn ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut had_words = true;
    let mut start = 0;
    for piece in text.split_inclusive(['.', '!', '?']) {
        let end = start + piece.len();
        let has_words = piece.split_whitespace().any(is_word);
        match ranges.last_mut() {
            Some(last) if piece.trim().is_empty() || !(has_words || had_words) => last.end = end,
            _ => {
                ranges.push(start..end);
                had_words = has_words;
            }
        }
        start = end;
    }
    if ranges.is_empty() {
        ranges.push(0..0);
    }
    ranges
}

fn is_word(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

/// A sentence in lower case, with single spaces and without the sign at its end.
fn plain(sentence: &str) -> String {
    let words: Vec<String> = sentence.split_whitespace().map(str::to_ascii_lowercase).collect();
    let mut plain = words.join(" ");
    if plain.ends_with(['.', '!', '?']) {
        plain.pop();
        plain.truncate(plain.trim_end().len());
    }
    plain
}

/// What `text`, from [`plain`], has behind a beginning of this world.
fn after<'a>(beginning: &str, text: &'a str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(beginning.len())?;
    if head.eq_ignore_ascii_case(beginning) { rest.strip_prefix(' ') } else { None }
}

fn opener_of(text: &str) -> (Opener, &str) {
    let opened = |opener, beginning| after(beginning, text).map(|rest| (opener, rest));
    opened(Opener::Hedge, HEDGE)
        .or_else(|| opened(Opener::Confidence, CONFIDENCE))
        .unwrap_or((Opener::None, text))
}

fn kind_of(text: &str, opener: Opener) -> Kind {
    let topic = |beginning, is_said: &dyn Fn(&Lines, &str) -> bool| {
        let rest = after(beginning, text)?;
        Topic::ALL.into_iter().find(|topic| is_said(topic.lines(), rest))
    };
    let is = |sentence: &str| plain(sentence) == text;
    if let Some(topic) = topic(CLEAR, &|lines, rest| lines.clear == rest) {
        Kind::Clear(topic)
    } else if let Some(topic) = topic(JARGON, &|lines, rest| lines.jargon == rest) {
        Kind::Jargon(topic)
    } else if opener != Opener::None {
        Kind::Unreadable
    } else if let Some(topic) = topic(EXAMPLE, &|lines, rest| lines.examples.contains(&rest)) {
        Kind::Example(topic)
    } else if FILLERS.into_iter().any(is) {
        Kind::Filler
    } else if is(FLATTERY) {
        Kind::Flattery
    } else if is(CLOSING) {
        Kind::Closing
    } else {
        Kind::Unreadable
    }
}
