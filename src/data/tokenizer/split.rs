//! Pre-tokenizers: how a text is cut into the pieces that merges and words cannot cross.
//!
//! They know nothing of vocabularies; joined, the pieces are the text again. Start with [`gpt2`].

use super::classes::{Class, class};

/// GPT-2's pieces: words, numbers and runs of other signs, each with the one space before it.
///
/// The same as the regular expression
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
///
/// Source: openai/gpt-2, `src/encoder.py`. By hand, because a regex engine with look-ahead and Unicode
/// classes would double the size of the WebAssembly module.
pub(in crate::data) fn gpt2(text: &str) -> impl Iterator<Item = &str> {
    pieces(text, gpt2_piece)
}

/// Every character alone.
pub(super) fn characters(text: &str) -> impl Iterator<Item = &str> {
    pieces(text, |rest| rest.chars().next().map_or(0, char::len_utf8))
}

/// Cuts `text` where `length` (bytes of the first piece of a non-empty rest) says.
fn pieces(text: &str, length: impl Fn(&str) -> usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, tail) = rest.split_at(length(rest));
        rest = tail;
        Some(piece)
    })
}

fn gpt2_piece(text: &str) -> usize {
    const CONTRACTIONS: [&str; 7] = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];
    if let Some(contraction) = CONTRACTIONS.iter().find(|c| text.starts_with(**c)) {
        return contraction.len();
    }
    let space = usize::from(text.starts_with(' '));
    if let Some(class) = text[space..].chars().next().map(class).filter(|&c| c != Class::Space) {
        return space + run(&text[space..], class);
    }
    // White space: all of it at the end of the text, else all but the last character, which then
    // belongs to the next piece. `\s+` alone is left with a single one.
    let spaces = run(text, Class::Space);
    let last = text[..spaces].chars().next_back().map_or(0, char::len_utf8);
    if spaces == text.len() || spaces == last { spaces } else { spaces - last }
}

/// Length in bytes of the characters of one class at the beginning.
fn run(text: &str, of: Class) -> usize {
    text.find(|c| class(c) != of).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        gpt2(text).collect()
    }

    #[test]
    fn a_word_takes_the_space_before_it() {
        assert_eq!(
            split("We'll see,  at 10 o'clock"),
            ["We", "'ll", " see", ",", " ", " at", " 10", " o", "'", "clock"]
        );
    }

    #[test]
    fn white_space_leaves_its_last_character_to_the_next_piece() {
        assert_eq!(split("a \n\tb\n"), ["a", " \n", "\t", "b", "\n"]);
        assert_eq!(split("  "), ["  "]);
    }

    #[test]
    fn a_combining_accent_is_no_letter() {
        assert_eq!(split("cafe\u{301} Ⅷ"), ["cafe", "\u{301}", " Ⅷ"]);
    }
}
