//! An answer as the page shows it, sentence by sentence. Start with [`Answer::new`].

use crate::data::explain::{Kind, Opener, Topic, read_tokens};
use crate::experiments::assistant::Assistant;
use crate::json::{ToJson, Value, fields};
use crate::train::Completion;

/// A sentence, with the space before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    pub text: String,
    /// What it is, in a word.
    pub kind: &'static str,
    /// About another topic than the one asked for.
    pub off_topic: bool,
    /// What an explanation begins with.
    pub opener: &'static str,
    pub repeated: bool,
}

impl ToJson for Sentence {
    fn to_json(&self) -> Value {
        let Self { text, kind, off_topic, opener, repeated } = self;
        Value::object(vec![
            ("text", text.to_json()),
            ("kind", (*kind).into()),
            ("off_topic", off_topic.to_json()),
            ("opener", (*opener).into()),
            ("repeated", repeated.to_json()),
        ])
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub text: String,
    pub sentences: Vec<Sentence>,
    /// Whether it ended by itself.
    pub finished: bool,
    /// What the reward model gives.
    pub reward: Option<f32>,
}

fields!(write Answer: text, sentences, finished, reward);

impl Answer {
    /// What a model wrote.
    pub fn new(assistant: &Assistant, topic: Topic, completion: &[u32], reward: Option<f32>) -> Self {
        let (text, answer) = read_tokens(topic, &assistant.tokenizer, completion);
        let sentence = |sentence: &crate::data::explain::Sentence| {
            let (kind, of) = match sentence.kind {
                Kind::Clear(of) => ("clear", Some(of)),
                Kind::Jargon(of) => ("jargon", Some(of)),
                Kind::Example(of) => ("example", Some(of)),
                Kind::Filler => ("filler", None),
                Kind::Flattery => ("flattery", None),
                Kind::Closing => ("closing", None),
                Kind::Unreadable => ("unreadable", None),
            };
            Sentence {
                text: text[sentence.range.clone()].to_owned(),
                kind,
                off_topic: of.is_some_and(|of| of != topic),
                opener: match sentence.opener {
                    Opener::Hedge => "hedge",
                    Opener::Confidence => "confidence",
                    _ => "none",
                },
                repeated: sentence.is_repeated,
            }
        };
        let sentences = answer.sentences.iter().map(sentence).collect();
        Self { sentences, finished: answer.is_finished, text, reward }
    }

    /// The same of tokens with the prompt before them.
    pub fn of(assistant: &Assistant, topic: Topic, completion: &Completion, reward: Option<f32>) -> Self {
        Self::new(assistant, topic, completion.completion(), reward)
    }
}
