//! Corpora and their batches.

use pretune::data::{Corpus, MAX_TEXT_BYTES, Tokenizer, TokenizerKind};
use pretune::rng::Rng;

/// A text of distinct neighbors, so that a window shows where it was cut.
fn counting(n: usize) -> (Tokenizer, Corpus, Vec<u32>) {
    let text: String = (0..n).map(|i| format!(" w{i}")).collect();
    let words: Vec<String> = (0..n).map(|i| format!(" w{i}")).collect();
    // " w7" is two pieces, letters and digits.
    let tokenizer = Tokenizer::train(TokenizerKind::Word, &(text.clone() + &words.concat()), 2000).unwrap();
    let corpus = Corpus::from_text(&text, &tokenizer, 8).unwrap();
    let ids = tokenizer.encode(&text);
    (tokenizer, corpus, ids)
}

#[test]
fn labels_follow_their_inputs_in_the_training_part() {
    let (_, corpus, ids) = counting(200);
    let train = &ids[..ids.len() - ids.len() / 10];
    let batch = corpus.sample(&mut Rng::new(1), 64, 8);
    assert_eq!((batch.batch_size, batch.input_ids.len(), batch.labels.len()), (64, 512, 512));
    for (input, labels) in batch.input_ids.chunks(8).zip(batch.labels.chunks(8)) {
        let labels: Vec<u32> = labels.iter().map(|label| label.unwrap()).collect();
        assert_eq!(input[1..], labels[..7]);
        assert!(train.windows(9).any(|window| window[..8] == *input && window[1..] == labels));
    }
}

#[test]
fn every_training_window_can_be_drawn() {
    let (_, corpus, ids) = counting(100);
    let n_windows = ids.len() - ids.len() / 10 - 8;
    let batch = corpus.sample(&mut Rng::new(2), 4000, 8);
    let windows: std::collections::BTreeSet<&[u32]> = batch.input_ids.chunks(8).collect();
    assert_eq!(windows.len(), n_windows);
}

#[test]
fn held_out_windows_follow_each_other_without_overlap() {
    let (_, corpus, ids) = counting(200);
    let val = &ids[ids.len() - ids.len() / 10..];
    let batches: Vec<_> = corpus.val_batches(3, 8).collect();
    let inputs: Vec<u32> = batches.iter().flat_map(|batch| batch.input_ids.clone()).collect();
    let labels: Vec<u32> = batches.iter().flat_map(|batch| batch.labels.iter().map(|l| l.unwrap())).collect();
    assert_eq!((inputs.len(), batches.len(), batches[1].batch_size), (32, 2, 1));
    assert_eq!((&inputs[..], &labels[..]), (&val[..32], &val[1..33]));
    assert_eq!(corpus.entropy(), None);
}

#[test]
fn texts_of_the_wrong_length_are_refused_with_both_numbers() {
    let tokenizer = Tokenizer::train(TokenizerKind::Char, "", 0).unwrap();
    let refused =
        |text: &str, block_size| Corpus::from_text(text, &tokenizer, block_size).unwrap_err().to_string();
    assert!(Corpus::from_text(&"a".repeat(650), &tokenizer, 32).is_ok());
    let short = refused(&"a".repeat(649), 32);
    assert!(short.contains("649 tokens") && short.contains("at least 650 tokens"), "{short}");
    assert!(refused("", 1).contains("0 tokens"));
    let long = "a".repeat(MAX_TEXT_BYTES + 1);
    assert!(refused(&long, 32).contains("at most 4 MiB"));
    let untrained = Tokenizer::train(TokenizerKind::Bpe, &long, 300).unwrap_err().to_string();
    assert!(untrained.contains("at most 4 MiB"), "{untrained}");
}
