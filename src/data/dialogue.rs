//! Conversations and instructions as rows of tokens in which only what the model has to say is scored.
//!
//! Roles and the masked loss are those of TRL's conversational data sets; the template is plain words, because a word
//! tokenizer has no `<|im_start|>`. Knows tokens, no models. Start with [`conversation`].

use super::{Batch, Tokenizer};
use crate::json::{fields, names};

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Who sets the tone.
    System,
    /// Who asks.
    User,
    /// Who answers: the model.
    Assistant,
}

names!(Role: System = "system", User = "user", Assistant = "assistant");

/// A turn of a conversation. TRL: an entry of `messages`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What, beginning with a space as every word of the miniature world does.
    pub content: String,
}

fields!(Message: role, content);

/// What stands before each turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Before the system's turn.
    pub system: &'static str,
    /// Before the user's.
    pub user: &'static str,
    /// Before the model's.
    pub assistant: &'static str,
}

/// A conversation: `" User: … Assistant: …"`.
pub const DIALOGUE: Template = Template { system: "", user: " User:", assistant: " Assistant:" };

/// An instruction and its answer: `" … Answer:"`.
pub const INSTRUCTION: Template = Template { system: "", user: "", assistant: " Answer:" };

/// A row of tokens, and which of them the loss counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `<|endoftext|>`, then the turns; the model's end with `<|endoftext|>`.
    pub input_ids: Vec<u32>,
    /// Whether the token is one that the model has to say. TRL: `assistant_masks`.
    pub assistant_mask: Vec<bool>,
}

/// A conversation as a row. Only the assistant's words, and the end of each of its turns, are scored.
///
/// TRL: `SFTConfig(assistant_only_loss=True)`. Source: Ouyang et al., arXiv:2203.02155, section 3.5.
pub fn conversation(messages: &[Message], template: &Template, tokenizer: &Tokenizer) -> Row {
    let mut row = Row { input_ids: vec![tokenizer.eos()], assistant_mask: vec![false] };
    for Message { role, content } in messages {
        let (before, is_scored) = match role {
            Role::System => (template.system, false),
            Role::User => (template.user, false),
            Role::Assistant => (template.assistant, true),
        };
        row.push(&tokenizer.encode(before), false);
        row.push(&tokenizer.encode(content), is_scored);
        if is_scored {
            row.push(&[tokenizer.eos()], true);
        }
    }
    row
}

/// The beginning of the model's next turn: what it reads before it speaks.
pub fn generation_prompt(messages: &[Message], template: &Template, tokenizer: &Tokenizer) -> Vec<u32> {
    let Row { mut input_ids, .. } = conversation(messages, template, tokenizer);
    input_ids.extend(tokenizer.encode(template.assistant));
    input_ids
}

impl Row {
    fn push(&mut self, ids: &[u32], is_scored: bool) {
        self.input_ids.extend(ids);
        self.assistant_mask.extend(ids.iter().map(|_| is_scored));
    }
}

/// Rows as a batch of the length of the longest.
pub fn batch(rows: &[Row], padding: u32) -> Batch {
    let mut batch = Batch::new(rows.iter().map(|row| row.input_ids.len() - 1).max().unwrap_or(0));
    for Row { input_ids, assistant_mask } in rows {
        let start = batch.labels.len();
        batch.push(input_ids, padding);
        for (label, is_scored) in batch.labels[start..].iter_mut().zip(&assistant_mask[1..]) {
            *label = label.filter(|_| *is_scored);
        }
    }
    batch
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages() -> Vec<Message> {
        let say = |role, content: &str| Message { role, content: content.to_owned() };
        vec![
            say(Role::User, " What is red?"),
            say(Role::Assistant, " A cherry."),
            say(Role::User, " What is blue?"),
            say(Role::Assistant, " The sea."),
        ]
    }

    fn tokenizer() -> Tokenizer {
        let words = [" User", " Assistant", " What", " is", " red", " blue", " A", " cherry", " The", " sea"];
        Tokenizer::from_words(words.into_iter())
    }

    #[test]
    fn only_what_the_model_says_is_scored() {
        let tokenizer = tokenizer();
        let row = conversation(&messages(), &DIALOGUE, &tokenizer);
        let text = "<|endoftext|> User: What is red? Assistant: A cherry.<|endoftext|> User: What is blue? Assistant: The sea.<|endoftext|>";
        assert_eq!(tokenizer.decode(&row.input_ids), text);
        let batch = batch(&[row], tokenizer.eos());
        let scored: Vec<u32> = batch.labels.iter().copied().flatten().collect();
        assert_eq!(tokenizer.decode(&scored), " A cherry.<|endoftext|> The sea.<|endoftext|>");
    }

    #[test]
    fn what_the_model_reads_before_it_speaks_is_how_its_turn_began_in_training() {
        let tokenizer = tokenizer();
        for template in [DIALOGUE, INSTRUCTION] {
            let all = conversation(&messages(), &template, &tokenizer);
            let prompt = generation_prompt(&messages()[..3], &template, &tokenizer);
            assert!(all.input_ids.starts_with(&prompt));
            assert!(all.assistant_mask[prompt.len()], "the next token is the model's");
        }
    }

    #[test]
    fn shorter_rows_are_filled_up_unscored() {
        let tokenizer = tokenizer();
        let row = |n| conversation(&messages()[..n], &DIALOGUE, &tokenizer);
        let batch = batch(&[row(4), row(2)], tokenizer.eos());
        let n_second = batch.labels[batch.block_size..].iter().flatten().count();
        assert_eq!((batch.batch_size, n_second), (2, 4));
    }
}
