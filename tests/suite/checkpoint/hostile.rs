//! Damaged folders never crash the program, nor make it reach for memory that the files cannot justify.

use std::sync::LazyLock;

use pretune::checkpoint::{open, read};
use pretune::data::TokenizerKind;
use proptest::prelude::*;

use super::{Files, Model, file, with};
use crate::allocation::peak_bytes;

static FILES: LazyLock<Files> = LazyLock::new(|| Model::new(TokenizerKind::Word, |_| {}).files());

/// The most memory that opening and reading the intact folder takes.
static INTACT: LazyLock<usize> = LazyLock::new(|| peak(&FILES));

fn peak(files: &Files) -> usize {
    let opened = peak_bytes(|| drop(open(files))).1;
    opened.max(peak_bytes(|| drop(read(file(files, "model.safetensors")))).1)
}

fn survives(files: &Files) {
    let (intact, damaged) = (*INTACT, peak(files));
    assert!(damaged < 2 * intact, "{damaged} bytes, and {intact} for the intact folder");
}

fn name() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("config.json"), Just("model.safetensors"), Just("tokenizer.json")]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn truncated_files(name in name(), keep in 0.0..1.0_f64) {
        let content = file(&FILES, name);
        let keep = (content.len() as f64 * keep) as usize;
        survives(&with(&FILES, name, content[..keep].to_vec()));
    }

    #[test]
    fn flipped_bytes(name in name(), flips in prop::collection::vec((0.0..1.0_f64, 1..=255_u8), 1..8)) {
        let mut content = file(&FILES, name).to_vec();
        for (at, flip) in flips {
            // Half of the flips hit the beginning, where the structure is.
            let len = if flip % 2 == 0 { content.len() } else { content.len().min(4096) };
            content[(len as f64 * at) as usize] ^= flip;
        }
        survives(&with(&FILES, name, content));
    }

    /// Numbers in the header become other numbers: shapes, offsets, and the length in front.
    #[test]
    fn other_numbers_in_the_header(
        nth in 0..120_usize,
        number in prop_oneof![0..40_u64, Just(u64::MAX), Just(1 << 32), Just(1 << 61), any::<u64>()],
    ) {
        let content = file(&FILES, "model.safetensors");
        let header_len = u64::from_le_bytes(*content.first_chunk().unwrap()) as usize;
        let header = std::str::from_utf8(&content[8..8 + header_len]).unwrap();
        let mut pieces: Vec<String> = Vec::new();
        for c in header.chars() {
            let digit = c.is_ascii_digit();
            match pieces.last_mut() {
                Some(piece) if digit && piece.ends_with(|d: char| d.is_ascii_digit()) => piece.push(c),
                Some(piece) if !digit && !piece.ends_with(|d: char| d.is_ascii_digit()) => piece.push(c),
                _ => pieces.push(c.to_string()),
            }
        }
        let at = 1 + 2 * (nth % (pieces.len() / 2));
        pieces[at] = number.to_string();
        let header = pieces.concat();
        let mut changed = (header.len() as u64).to_le_bytes().to_vec();
        changed.extend(header.as_bytes());
        changed.extend(&content[8 + header_len..]);
        survives(&with(&FILES, "model.safetensors", changed));

        let mut longer = content.to_vec();
        longer[..8].copy_from_slice(&number.to_le_bytes());
        survives(&with(&FILES, "model.safetensors", longer));
    }

    #[test]
    fn other_values_in_the_configuration(
        entry in prop::sample::select(vec!["vocab_size", "n_positions", "n_embd", "n_layer", "n_head", "n_inner"]),
        value in prop_oneof![0..5000_u64, any::<u64>()],
    ) {
        let mut config: serde_json::Value = serde_json::from_slice(file(&FILES, "config.json")).unwrap();
        config[entry] = value.into();
        survives(&with(&FILES, "config.json", config.to_string().into_bytes()));
    }

    #[test]
    fn anything_at_all(bytes in prop::collection::vec(any::<u8>(), 0..200), name in name()) {
        survives(&with(&FILES, name, bytes));
    }
}
