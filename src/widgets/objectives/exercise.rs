//! What becomes of a sentence under each objective: what the model reads, what it is to say, and what it says.
//!
//! Words are hidden where the reader wants it, in the amounts of the experiments. Knows no run. Start with [`Exercise::new`].

use super::Goal;
use crate::data::objectives::span_corruption;
use crate::data::{SmallWorld, Statement};
use crate::json::{fields, names};
use crate::train::Example;

/// Share of the words that are one missing span, as in [`span_corruption`](crate::experiments::objectives::span_corruption).
const SPAN: f32 = 0.15;
/// The same of [`denoising`](crate::experiments::objectives::denoising).
const FILLED: f32 = 0.3;

/// What a piece of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A word or a full stop.
    Word,
    /// It hides one word, or, in denoising, any number of them.
    Mask,
    /// It stands for a missing span, or before what was missing.
    Gap,
    /// The end of what is written.
    End,
}

names!(Kind: Word = "word", Mask = "mask", Gap = "gap", End = "end");

/// A piece of a text.
pub struct Piece {
    /// Of a gap, its number from 1.
    pub text: String,
    pub kind: Kind,
}

fields!(write Piece: text, kind);

/// What the reader hides of a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Hidden {
    /// Of masked language modeling: each word by itself.
    pub words: Vec<usize>,
    /// Of the others by their place in [`Goal::ALL`]: the first hidden word.
    pub from: Vec<usize>,
}

fields!(Hidden: words, from);

impl Hidden {
    /// What is hidden at first: words that the rest decides.
    pub fn new(statement: &Statement) -> Self {
        let decided = &statement.determined;
        let first = decided.first().copied().unwrap_or(1);
        let next = decided.get(1).copied().unwrap_or(first);
        let words = vec![1, *decided.last().unwrap_or(&first)];
        Self { words, from: vec![next, 0, first.saturating_sub(1), first.saturating_sub(1)] }
    }

    /// The reader presses a word.
    pub fn press(&mut self, goal: Goal, word: usize) {
        if goal == Goal::MaskedLm {
            match self.words.iter().position(|hidden| *hidden == word) {
                // One stays hidden, or nothing would be asked for.
                Some(at) if self.words.len() > 1 => _ = self.words.remove(at),
                Some(_) => (),
                None => self.words.push(word),
            }
        } else if let Some(from) = self.from.get_mut(goal as usize) {
            *from = word;
        }
    }
}

/// A sentence under an objective.
pub struct Exercise {
    /// What the model reads and is to say.
    pub example: Example,
    /// Whether each word of the sentence is hidden.
    pub is_hidden: Vec<bool>,
    /// Sentences of this world that what is read can come from.
    pub n_fits: usize,
}

impl Exercise {
    /// The exercise that an objective makes of a sentence; contrastive learning makes none.
    pub fn new(goal: Goal, world: &SmallWorld, tokens: &[u32], hidden: &Hidden) -> Option<Self> {
        let (n, eos, mask) = (tokens.len(), world.tokenizer().eos(), world.mask_token_id());
        let whole = [tokens, &[eos]].concat();
        let from = hidden.from.get(goal as usize).copied().unwrap_or(0);
        // As many words as the share is, and as far to the left as they need.
        let run = |share: f32| {
            let length = (libm::rintf(n as f32 * share) as usize).clamp(1, n);
            let first = from.min(n - length);
            first..first + length
        };
        let (example, is_hidden, n_fits): (_, Vec<bool>, _) = match goal {
            Goal::CausalLm => {
                let example = Example { n_given: from, ..Example::written(Vec::new(), whole) };
                let begun = world.statements().filter(|other| other.tokens.starts_with(&tokens[..from]));
                (example, (0..n).map(|i| i >= from).collect(), begun.count())
            }
            Goal::MaskedLm => {
                let is_hidden: Vec<bool> = (0..n).map(|i| hidden.words.contains(&i)).collect();
                let slots: Vec<usize> = (0..n).filter(|i| is_hidden[*i]).collect();
                let inputs: Vec<u32> = (0..n).map(|i| if is_hidden[i] { mask } else { tokens[i] }).collect();
                let targets = slots.iter().map(|slot| tokens[*slot]).collect();
                let n_fits = world.candidates(&inputs, mask..mask + 1, 1..=1).len();
                (Example { inputs, targets, slots: Some(slots), n_given: 0 }, is_hidden, n_fits)
            }
            Goal::SpanCorruption => {
                let span = run(SPAN);
                let is_hidden: Vec<bool> = (0..n).map(|i| span.contains(&i)).collect();
                let (last, first) = world.sentinels().into_inner();
                let (mut inputs, targets) = span_corruption(tokens, &is_hidden, first, eos);
                // As in training: what comes after the inputs says that they have ended.
                inputs.pop();
                let n_fits = world.candidates(&inputs, last..first + 1, 1..=12).len();
                (Example::written(inputs, targets), is_hidden, n_fits)
            }
            Goal::Denoising => {
                let span = run(FILLED);
                let filled = [&tokens[..span.start], &[mask], &tokens[span.end..]].concat();
                let n_fits = world.candidates(&filled, mask..mask + 1, 0..=12).len();
                // Of all orders, the one that moves most.
                let full_stop = world.full_stop_id();
                let sentences = filled.split_inclusive(|token| *token == full_stop);
                let inputs = sentences.rev().collect::<Vec<_>>().concat();
                (Example::written(inputs, whole), (0..n).map(|i| span.contains(&i)).collect(), n_fits)
            }
            Goal::Contrastive => return None,
        };
        Some(Self { example, is_hidden, n_fits })
    }

    /// What the model reads: of the next word's, what is given.
    pub fn reads(&self) -> &[u32] {
        let Example { inputs, targets, n_given, .. } = &self.example;
        if *n_given > 0 { &targets[..*n_given] } else { inputs }
    }

    /// What it is to say.
    pub fn asked(&self) -> &[u32] {
        &self.example.targets[self.example.n_given..]
    }
}

/// A token as a piece of a text.
pub fn piece(world: &SmallWorld, token: u32) -> Piece {
    let sentinels = world.sentinels();
    let (text, kind) = if token == world.tokenizer().eos() {
        (String::new(), Kind::End)
    } else if token == world.mask_token_id() {
        (String::new(), Kind::Mask)
    } else if sentinels.contains(&token) {
        ((sentinels.end() - token + 1).to_string(), Kind::Gap)
    } else {
        (world.tokenizer().text_of(token).trim().to_owned(), Kind::Word)
    };
    Piece { text, kind }
}
