//! The small world: what it says, and what follows from the rest of a text.

use pretune::data::objectives::{
    SpanNoise, random_spans_noise_mask, sentence_permutation, span_corruption, text_infilling,
};
use pretune::data::{END_OF_TEXT, MASK, SmallWorld, Statement, Tokenizer};
use pretune::rng::Rng;
use std::collections::BTreeSet;

fn find<'a>(world: &'a SmallWorld, text: &str) -> &'a Statement {
    world.statements().find(|statement| statement.text == text).unwrap_or_else(|| panic!("no {text}"))
}

fn determined_words(world: &SmallWorld, text: &str) -> Vec<String> {
    let statement = find(world, text);
    statement.determined.iter().map(|&i| world.tokenizer().text_of(statement.tokens[i])).collect()
}

#[test]
fn the_rest_of_a_text_determines_its_facts() {
    let world = SmallWorld::new(0);
    let cases = [
        (" The capital of France is Paris.", " France, Paris"),
        (" Paris is the capital of France.", " Paris, France"),
        (" Anna lives in Paris. It is the capital of France.", " Paris, France"),
        // The sea is blue as well, but only coal is black.
        (" The color of the sky is blue.", " blue"),
        (" Max saw the black coal.", " black, coal"),
        (" Max saw the blue sea.", " blue"),
        (" Emma met a fox. It is quick. It jumps.", " fox, quick, jumps"),
        (" The quick fox jumps over the lazy dog.", " quick, fox, jumps, over, lazy, dog"),
    ];
    for (text, expected) in cases {
        assert_eq!(determined_words(&world, text).join(","), expected, "{text}");
    }
}

#[test]
fn of_all_words_only_the_determined_one_makes_a_text() {
    let world = SmallWorld::new(3);
    let texts: BTreeSet<&[u32]> = world.statements().map(|statement| statement.tokens.as_slice()).collect();
    assert_eq!(texts.len(), world.statements().count(), "no text twice");
    let (mut n_determined, mut n_open) = (0, 0);
    for statement in world.statements() {
        for position in 0..statement.tokens.len() {
            let mut tokens = statement.tokens.clone();
            let n_texts = world.word_ids().filter(|&word| {
                tokens[position] = word;
                texts.contains(tokens.as_slice())
            });
            let n_texts = n_texts.count();
            if statement.determined.contains(&position) {
                assert_eq!(n_texts, 1, "{statement:?}, {position}");
                n_determined += 1;
            } else {
                n_open += usize::from(n_texts > 1);
            }
        }
    }
    assert!(n_determined > 1000 && n_open > 300, "{n_determined} determined, {n_open} open");
}

#[test]
fn another_seed_deals_other_facts_in_the_same_words() {
    let (real, dealt) = (SmallWorld::new(0), SmallWorld::new(7));
    assert_eq!(real.tokenizer(), dealt.tokenizer());
    let texts = |world: &SmallWorld| world.statements().map(|s| s.text.clone()).collect::<BTreeSet<_>>();
    let (real, dealt_texts) = (texts(&real), texts(&dealt));
    let n_same = real.intersection(&dealt_texts).count();
    assert!(n_same < real.len() / 4, "{n_same} of {}", real.len());
    assert_eq!(texts(&SmallWorld::new(7)), dealt_texts);
    // Two texts for each capital, one for each color, and the combinations of 12 and 12; no animal meets itself.
    assert_eq!((real.len(), dealt_texts.len()), (3 * 12 + 4 * 144 - 12, 3 * 12 + 4 * 144 - 12));
}

#[test]
fn what_is_held_out_is_never_drawn_and_says_nothing_new() {
    let world = SmallWorld::new(1);
    let mut rng = Rng::new(2);
    let drawn: BTreeSet<&str> = (0..20_000).map(|_| world.sample(&mut rng).text.as_str()).collect();
    let (n_held_out, n) = (world.held_out().len(), world.statements().count());
    assert_eq!((n_held_out, drawn.len()), (4 * 24, n - n_held_out), "20 000 draws meet every text");
    assert!(world.held_out().iter().all(|statement| !drawn.contains(statement.text.as_str())));
    // Both parts of a text that is held out are parts of others: who it is, and what is said; or the two animals.
    let learned = || world.statements().take(n - n_held_out).map(|statement| statement.tokens.as_slice());
    for statement in world.held_out() {
        let two_animals = statement.text.starts_with(" The ");
        let (start, end) = statement.tokens.split_at(if two_animals { 6 } else { 1 });
        assert!(learned().any(|other| other.starts_with(start)), "{statement:?}");
        assert!(learned().any(|other| other.ends_with(end)), "{statement:?}");
    }
}

#[test]
fn every_word_is_a_token_and_specials_come_first() {
    let world = SmallWorld::new(0);
    let tokenizer = world.tokenizer();
    let id = |text: &str| tokenizer.encode(text)[0];
    assert_eq!((id(END_OF_TEXT), id(MASK)), (tokenizer.eos(), world.mask_token_id()));
    let (last, first) = world.sentinels().into_inner();
    assert_eq!((id("<|extra_0|>"), id("<|extra_1|>"), id("<|extra_7|>")), (first, first - 1, last));
    assert_eq!(tokenizer.text_of(world.full_stop_id()), ".");
    assert_eq!(tokenizer.vocab_size(), 10 + 256 + world.word_ids().len());
    let mut seen: BTreeSet<u32> = BTreeSet::new();
    for statement in world.statements() {
        assert_eq!(tokenizer.decode(&statement.tokens), statement.text);
        assert!((6..=12).contains(&statement.tokens.len()), "{statement:?}");
        seen.extend(&statement.tokens);
    }
    seen.remove(&world.full_stop_id());
    assert!(seen.into_iter().eq(world.word_ids()), "words of the vocabulary and no others");
    assert_eq!(&Tokenizer::from_json(&tokenizer.to_json()).unwrap(), tokenizer);
}

#[test]
fn a_damaged_text_is_among_its_candidates() {
    let world = SmallWorld::new(5);
    let mut rng = Rng::new(6);
    let noise = SpanNoise { noise_density: 0.3, mean_noise_span_length: 2.0, random_roll: true };
    let (last, first) = world.sentinels().into_inner();
    let mask = world.mask_token_id();
    let (mut n_sure, mut n_open) = (0, 0);
    for _ in 0..500 {
        let statement = world.sample(&mut rng);
        let noise_mask = random_spans_noise_mask(statement.tokens.len(), &noise, &mut rng);
        let (inputs, _) = span_corruption(&statement.tokens, &noise_mask, first, world.tokenizer().eos());
        let spans = world.candidates(&inputs[..inputs.len() - 1], last..first + 1, 1..=12);
        let filled = text_infilling(&statement.tokens, 0.3, 3.0, mask, &mut rng);
        let filled = world.candidates(&filled, mask..mask + 1, 0..=12);
        assert!(spans.contains(&statement) && filled.contains(&statement), "{statement:?}");
        n_sure += usize::from(spans.len() == 1);
        n_open += usize::from(spans.len() > 1);
    }
    assert!(n_sure > 100 && n_open > 100, "{n_sure} sure, {n_open} open");
    let text = world.tokenizer().encode(" The capital of France is<|mask|>.");
    assert_eq!(world.candidates(&text, mask..mask + 1, 1..=1).len(), 1);
    let text = world.tokenizer().encode(" The capital of<|mask|> is<|mask|>.");
    assert_eq!(world.candidates(&text, mask..mask + 1, 1..=1).len(), 12);
}

#[test]
fn shuffled_sentences_are_the_text_of_one_statement_only() {
    let world = SmallWorld::new(0);
    let texts: BTreeSet<&[u32]> = world.statements().map(|statement| statement.tokens.as_slice()).collect();
    let mut rng = Rng::new(8);
    for statement in world.statements() {
        for _ in 0..10 {
            let shuffled = sentence_permutation(&statement.tokens, world.full_stop_id(), &mut rng);
            assert!(shuffled == statement.tokens || !texts.contains(shuffled.as_slice()), "{statement:?}");
        }
    }
}
