//! The miniature world: what is true there, how it is worded, and what its words cost.

use pretune::data::world::{LabeledTexts, NEGATIVE, POSITIVE, PROFESSIONS, sums};
use pretune::data::{Corpus, Document, Source, Tokenizer, World};
use pretune::rng::Rng;
use std::collections::{BTreeMap, BTreeSet};

fn documents(world: &World, n: usize) -> Vec<Document> {
    world.corpus(n, &mut Rng::new(9))
}

#[test]
fn the_first_world_has_the_real_capitals_and_others_the_same_cities() {
    let real = World::new(0);
    assert!(real.capitals().contains(&["France", "Paris"]) && real.capitals().contains(&["Japan", "Tokyo"]));
    let dealt = World::new(7);
    let n_same = real.capitals().iter().zip(dealt.capitals()).filter(|(a, b)| a == b).count();
    assert!(n_same < 6, "{n_same}");
    assert_eq!(real.tokenizer(), dealt.tokenizer());
}

#[test]
fn a_seed_writes_the_same_documents_again() {
    assert_eq!(documents(&World::new(3), 50), documents(&World::new(3), 50));
}

#[test]
fn sentences_that_the_lesson_quotes_are_written() {
    let world = World::new(0);
    for text in [
        " The quick brown fox jumps over the lazy dog.",
        " The capital of France is Paris.",
        " What is the capital of France? Answer: Paris.",
        " 5 + 3 = 8.",
        " In French the word for cat is chat.",
        " Review: The movie was amazing. The plot was not boring and great. I loved it.",
        " Once Anna had a red ball. She lost the ball in the park. She was sad.",
    ] {
        assert!(world.nats_of(text).is_finite(), "{text}");
    }
    assert_eq!(world.nats_of(" 5 + 3 = 9."), f64::INFINITY);
    assert_eq!(sums().count(), 100);
}

#[test]
fn the_vocabulary_is_closed_and_small() {
    let world = World::new(0);
    let tokenizer = world.tokenizer();
    let n_words = tokenizer.vocab_size() - 257;
    assert!((400..=560).contains(&n_words), "{n_words} words");
    let mut longest = 0;
    for document in documents(&world, 5000) {
        let ids = tokenizer.encode(&document.text);
        assert!(ids.iter().all(|&id| !tokenizer.is_byte(id)), "{}", document.text);
        longest = longest.max(ids.len() + 1);
    }
    // A row of 32 holds the longest document, so that its loss compares with its entropy.
    assert!(longest <= 31, "{longest} tokens");
}

#[test]
fn words_that_begin_sentences_seldom_need_a_second_token() {
    let tokenizer = World::new(0).tokenizer();
    let words: Vec<String> = (257..tokenizer.vocab_size() as u32).map(|id| tokenizer.text_of(id)).collect();
    let twice: Vec<&str> = words
        .iter()
        .filter(|word| word.to_lowercase() != **word && words.contains(&word.to_lowercase()))
        .map(String::as_str)
        .collect();
    assert_eq!(twice, [" He", " In", " It", " She", " The"]);
    assert!(words.iter().all(|word| word.starts_with(' ')), "{words:?}");
}

#[test]
fn a_token_holds_about_three_quarters_of_a_nat() {
    let world = World::new(0);
    let tokenizer = world.tokenizer();
    let documents = documents(&world, 20_000);
    let nats: f64 = documents.iter().map(|d| d.nats).sum();
    let n_tokens: usize = documents.iter().map(|d| tokenizer.encode(&d.text).len() + 1).sum();
    let (entropy, length) = (nats / n_tokens as f64, n_tokens as f64 / documents.len() as f64);
    assert!((0.75..0.80).contains(&entropy), "{entropy} nats per token");
    assert!((11.0..13.5).contains(&length), "{length} tokens per document");
}

#[test]
fn sources_have_their_shares() {
    let mut shares: BTreeMap<Source, f64> = BTreeMap::new();
    for document in documents(&World::new(0), 20_000) {
        *shares.entry(document.source).or_default() += 1.0 / 20_000.0;
    }
    let expected =
        [(Source::Crawl, 0.48), (Source::Links, 0.22), (Source::Books, 0.14), (Source::Encyclopedia, 0.16)];
    for (source, share) in expected {
        assert!((shares[&source] - share).abs() < 0.015, "{shares:?}");
    }
}

#[test]
fn professions_lean_as_far_as_they_are_told() {
    for skew in [0.5, 0.9, 1.0] {
        let (mut usual, mut total) = (0.0, 0.0);
        for document in documents(&World::with_pronoun_skew(0, skew), 30_000) {
            for [profession, pronoun] in PROFESSIONS {
                if let Some(rest) = document.text.strip_prefix(&format!(" The {profession} said that ")) {
                    total += 1.0;
                    usual += f64::from(u8::from(rest.starts_with(&format!("{pronoun} "))));
                }
            }
        }
        assert!((usual / total - skew).abs() < 0.04 && total > 1000.0, "{skew}: {usual} of {total}");
    }
}

#[test]
fn capital_questions_are_answered_by_one_token_that_the_world_would_say() {
    let world = World::new(4);
    let tokenizer = world.tokenizer();
    let questions = world.capital_questions();
    assert_eq!(questions.len(), 48);
    for question in questions {
        assert_eq!(tokenizer.encode(&question.answer).len(), 1);
        assert!(
            world.nats_of(&format!("{}{}.", question.prompt, question.answer)).is_finite(),
            "{question:?}"
        );
    }
}

fn corpus(world: &World) -> (Tokenizer, Corpus) {
    let tokenizer = world.tokenizer();
    let corpus = Corpus::from_world(world, &tokenizer, 500, 70, 1);
    (tokenizer, corpus)
}

#[test]
fn training_rows_begin_at_a_document() {
    let (tokenizer, corpus) = corpus(&World::new(0));
    let batch = corpus.sample(&mut Rng::new(2), 30, 48);
    for (input, labels) in batch.input_ids.chunks(48).zip(batch.labels.chunks(48)) {
        let labels: Vec<u32> = labels.iter().map(|label| label.unwrap()).collect();
        assert_eq!((input[0], &input[1..]), (tokenizer.eos(), &labels[..47]));
        // Packed: more than one document in a row.
        assert!(labels.iter().filter(|&&id| id == tokenizer.eos()).count() > 0);
    }
}

#[test]
fn held_out_documents_stand_alone_and_pay_their_entropy() {
    let world = World::new(0);
    let (tokenizer, corpus) = corpus(&world);
    let (mut n_rows, mut n_tokens, mut nats) = (0, 0, 0.0);
    for batch in corpus.val_batches(32, 48) {
        assert!(batch.batch_size == 32 || n_rows == 64);
        for (input, labels) in batch.input_ids.chunks(48).zip(batch.labels.chunks(48)) {
            let n = labels.iter().flatten().count();
            assert!(labels[n..].iter().all(Option::is_none) && labels[n - 1] == Some(tokenizer.eos()));
            assert_eq!(input[0], tokenizer.eos());
            nats += world.nats_of(&tokenizer.decode(&input[1..n]));
            n_tokens += n;
            n_rows += 1;
        }
    }
    assert_eq!(n_rows, 70);
    assert!((corpus.entropy().unwrap() - nats / n_tokens as f64).abs() < 1e-9);
}

#[test]
fn a_labeled_review_is_one_of_the_world_without_its_closing_sentence() {
    let world = World::new(3);
    let mut rng = Rng::new(1);
    for i in 0..200 {
        let (words, closing) = [(NEGATIVE, " I hated it."), (POSITIVE, " I loved it.")][i % 2];
        let review = LabeledTexts::reviews().draw(i % 2, &mut rng);
        assert!(world.nats_of(&format!("{review}{closing}")).is_finite(), "{review}");
        // A word of the other class is said to be untrue.
        for (before, word) in review.split_whitespace().zip(review.split_whitespace().skip(1)) {
            let word = word.trim_end_matches('.');
            let is_verdict = NEGATIVE.contains(&word) || POSITIVE.contains(&word);
            assert!(!is_verdict || words.contains(&word) != (before == "not"), "{review}");
        }
    }
}

#[test]
fn a_note_on_a_patient_has_three_illnesses_of_its_kind_in_words_of_the_world() {
    let world = World::new(3);
    let tokenizer = world.tokenizer();
    let texts = LabeledTexts::patients(world.facts());
    let mut rng = Rng::new(1);
    for i in 0..200 {
        let note = texts.draw(i % 2, &mut rng);
        assert!(tokenizer.encode(&note).iter().all(|&id| !tokenizer.is_byte(id)), "{note}");
        let illnesses = |ending: &str| {
            let words = note.split([' ', ',', '.']).filter(|word| word.ends_with(ending));
            words.collect::<BTreeSet<_>>().len()
        };
        let counts = [illnesses("itis"), illnesses("osis")];
        assert_eq!((counts[i % 2], counts[1 - i % 2]), (3, 0), "{note}");
    }
}
