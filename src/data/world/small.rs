//! A world of a few hundred texts, all of which are known, so that it can be said of any damaged text whether it can be
//! restored.
//!
//! Masked language modeling and its kin score few words a step, and learn the [`World`](super::World) too slowly for a
//! page. This one has 12 facts a relation and no sums. It knows nothing of how texts are damaged. Start with
//! [`SmallWorld::new`].

use std::ops::{Range, RangeInclusive};

use super::facts::{ANIMALS, CAPITALS, COLORS_OF_THINGS, NAMES, deal};
use super::grammar::filled;
use crate::data::tokenizer::{END_OF_TEXT, MASK, Pieces, Tokenizer, words};
use crate::rng::Rng;

/// Facts a relation.
const N_FACTS: usize = 12;
/// Of so many combinations of two tables' rows, one is held out.
const HELD_OUT: usize = 6;
/// Sentinels count down, so the first one has the highest id. A text of 12 words has room for 6 spans, and one
/// sentinel closes the targets.
#[rustfmt::skip]
const SENTINELS: [&str; 8] = [
    "<|extra_7|>", "<|extra_6|>", "<|extra_5|>", "<|extra_4|>",
    "<|extra_3|>", "<|extra_2|>", "<|extra_1|>", "<|extra_0|>",
];

/// A text of one to three sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Begins with a space, as every word of the vocabulary does.
    pub text: String,
    /// One for each word and each full stop, 12 at most; no `<|endoftext|>`.
    pub tokens: Vec<u32>,
    /// Positions in `tokens` of words of fact that the other words leave no choice about: of all words, only this one
    /// makes a text of this world. "Anna lives in Paris. It is the capital of France." determines the city and the
    /// country, but not who lives there.
    pub determined: Vec<usize>,
}

/// Facts in words.
#[derive(Debug, Clone)]
pub struct SmallWorld {
    tokenizer: Tokenizer,
    /// For each template, its statements to learn from.
    templates: Vec<Vec<Statement>>,
    held_out: Vec<Statement>,
}

impl SmallWorld {
    /// The world of a seed. Seed 0 has the facts of the big one; every other seed deals the same cities and colors, and
    /// what animals are like and do, anew. The vocabulary is the same in all of them.
    pub fn new(seed: u64) -> Self {
        let [capitals, animals, things] = facts(seed);
        let people = Table::new(["person"], &NAMES.map(|[name, _]| [name]));
        let others = Table { columns: vec!["other", "other nature", "", ""], rows: animals.rows.clone() };
        let nothing = Table { columns: vec![], rows: vec![vec![]] };
        let templates = [
            (" The capital of {country} is {city}.", &nothing, &capitals),
            (" {city} is the capital of {country}.", &nothing, &capitals),
            (" The color of the {thing} is {color}.", &nothing, &things),
            (" {person} lives in {city}. It is the capital of {country}.", &people, &capitals),
            (" {person} saw the {color} {thing}.", &people, &things),
            // What is said of an animal has an order, so that sentences that were shuffled can be put right.
            (" {person} met a {animal}. It is {nature}. It {does}.", &people, &animals),
            (" The {nature} {animal} {does} {place} the {other nature} {other}.", &others, &animals),
        ];
        let texts = templates.map(|(template, first, second)| combinations(template, first, second));

        let mut vocabulary = Pieces::new();
        for (text, _) in texts.iter().flatten() {
            words(text).for_each(|word| _ = vocabulary.insert(word, 0));
        }
        let specials = [&[END_OF_TEXT, MASK], SENTINELS.as_slice()].concat();
        let tokenizer = Tokenizer::from_words_with(&specials, vocabulary.into_keys());

        let mut is_fact = vec![false; tokenizer.vocab_size()];
        for word in [&capitals, &animals, &things].iter().flat_map(|table| table.rows.iter().flatten()) {
            tokenizer.encode(&format!(" {word}")).iter().for_each(|&id| is_fact[id as usize] = true);
        }
        let mut world = Self { tokenizer, templates: Vec::new(), held_out: Vec::new() };
        for texts in &texts {
            let mut statements = Vec::new();
            for (text, is_held_out) in texts {
                let tokens = world.tokenizer.encode(text);
                let to = if *is_held_out { &mut world.held_out } else { &mut statements };
                to.push(Statement { text: text.clone(), tokens, determined: Vec::new() });
            }
            world.templates.push(statements);
        }
        world.determine(&is_fact);
        world
    }

    /// Finds out which words of fact are determined.
    fn determine(&mut self, is_fact: &[bool]) {
        let mask = self.mask_token_id();
        let all: Vec<Vec<u32>> = self.statements().map(|statement| statement.tokens.clone()).collect();
        let is_determined = |tokens: &[u32], position: usize| {
            let mut masked = tokens.to_vec();
            masked[position] = mask;
            all.iter().filter(|text| fits(&masked, text, &(mask..mask + 1), &(1..=1))).nth(1).is_none()
        };
        for statement in self.templates.iter_mut().flatten().chain(&mut self.held_out) {
            let tokens = &statement.tokens;
            let positions = (0..tokens.len()).filter(|&i| is_fact[tokens[i] as usize]);
            statement.determined = positions.filter(|&i| is_determined(tokens, i)).collect();
        }
    }

    /// A random statement to learn from: each template is as likely as any other.
    pub fn sample(&self, rng: &mut Rng) -> &Statement {
        let statements = &self.templates[rng.below(self.templates.len())];
        &statements[rng.below(statements.len())]
    }

    /// Statements that are never learned from. All their facts are in others, with other people or other animals.
    pub fn held_out(&self) -> &[Statement] {
        &self.held_out
    }

    /// All statements, those held out last.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.templates.iter().flatten().chain(&self.held_out)
    }

    /// The statements from which a damaged text can come: its tokens in their order, and for each id in `marks` as many
    /// tokens as `lengths` allows. If there is one only, the text can be restored without a guess.
    ///
    /// `lengths` is `1..=1` for masks of single tokens, `1..=12` for the sentinels of span corruption and `0..=12` for
    /// the masks of text infilling.
    pub fn candidates(
        &self,
        damaged: &[u32],
        marks: Range<u32>,
        lengths: RangeInclusive<usize>,
    ) -> Vec<&Statement> {
        self.statements().filter(|statement| fits(damaged, &statement.tokens, &marks, &lengths)).collect()
    }

    /// The word tokenizer: `<|endoftext|>`, `<|mask|>`, sentinels, bytes, and the words in alphabetic order.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The token that hides another, `<|mask|>`.
    pub fn mask_token_id(&self) -> u32 {
        1
    }

    /// The sentinels' ids, from the last one to `<|extra_0|>`, with which counting down begins.
    pub fn sentinels(&self) -> RangeInclusive<u32> {
        2..=SENTINELS.len() as u32 + 1
    }

    /// The ids of all words.
    pub fn word_ids(&self) -> Range<u32> {
        self.sentinels().end() + 257..self.tokenizer.vocab_size() as u32
    }

    /// The token that ends a sentence.
    pub fn full_stop_id(&self) -> u32 {
        self.tokenizer.encode(".")[0]
    }
}

/// Names of columns, and rows of words.
struct Table {
    columns: Vec<&'static str>,
    rows: Vec<Vec<&'static str>>,
}

impl Table {
    fn new<const N: usize>(columns: [&'static str; N], rows: &[[&'static str; N]]) -> Self {
        Self { columns: columns.to_vec(), rows: rows.iter().map(|row| row.to_vec()).collect() }
    }
}

/// What is true: capitals, animals, colors of things.
fn facts(seed: u64) -> [Table; 3] {
    let mut capitals: [[&str; 2]; N_FACTS] = std::array::from_fn(|i| CAPITALS[i]);
    let mut things: [[&str; 2]; N_FACTS] = std::array::from_fn(|i| COLORS_OF_THINGS[i]);
    let mut animals: [[&str; 4]; N_FACTS] = std::array::from_fn(|i| {
        let [name, nature, _, does, place, ..] = ANIMALS[i];
        [name, nature, does, place]
    });
    if seed != 0 {
        let mut rng = Rng::stream(seed, "small facts");
        deal(capitals.as_flattened_mut(), 2, 1, &mut rng);
        deal(things.as_flattened_mut(), 2, 1, &mut rng);
        (1..4).for_each(|column| deal(animals.as_flattened_mut(), 4, column, &mut rng));
    }
    [
        Table::new(["country", "city"], &capitals),
        Table::new(["animal", "nature", "does", "place"], &animals),
        Table::new(["thing", "color"], &things),
    ]
}

/// A template with every row of the one table and every row of the other, and whether that is held out. No animal meets
/// itself.
fn combinations(template: &str, first: &Table, second: &Table) -> Vec<(String, bool)> {
    let columns = [first.columns.as_slice(), &second.columns].concat();
    let mut texts = Vec::new();
    for (i, a) in first.rows.iter().enumerate() {
        for (j, b) in second.rows.iter().enumerate().filter(|(_, b)| a != *b) {
            let is_held_out = first.rows.len() > 1 && (i + j) % HELD_OUT == HELD_OUT - 1;
            texts.push((filled(template, &columns, &[a.as_slice(), b].concat()), is_held_out));
        }
    }
    texts
}

/// Whether a text can become `damaged` by putting a mark in the place of some of its tokens.
fn fits(damaged: &[u32], text: &[u32], marks: &Range<u32>, lengths: &RangeInclusive<usize>) -> bool {
    let Some((first, rest)) = damaged.split_first() else { return text.is_empty() };
    if marks.contains(first) {
        let mut allowed = lengths.clone().take_while(|&n| n <= text.len());
        allowed.any(|n| fits(rest, &text[n..], marks, lengths))
    } else {
        text.first() == Some(first) && fits(rest, &text[1..], marks, lengths)
    }
}
