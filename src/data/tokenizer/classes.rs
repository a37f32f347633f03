//! Letters, numbers, white space: what GPT-2's pre-tokenizer tells apart.
//!
//! Not `char::is_alphabetic`, which also holds for many combining marks, nor `is_numeric`, whose Unicode is newer
//! than that of the `tokenizers` library. The crate `unicode-general-category` is right, and the table is made from
//! it; its own tables would be a twentieth of all that readers download. Start with [`class`].

use std::sync::LazyLock;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Class {
    Letter,
    Number,
    Space,
    Other,
}

const CLASSES: [Class; 3] = [Class::Other, Class::Letter, Class::Number];

/// Runs of characters of one class from U+0000 on, each as 3 · length + index in [`CLASSES`], in groups of seven
/// bits, low ones first, all but the last with the high bit set. `UPDATE=1 cargo test` rewrites it.
static RUNS: &[u8] = include_bytes!("classes.bin");

/// The end of each run, and its class.
static ENDS: LazyLock<Vec<(u32, Class)>> = LazyLock::new(|| {
    let (mut ends, mut end, mut number, mut shift) = (Vec::new(), 0, 0, 0);
    for byte in RUNS {
        number |= u32::from(byte & 0x7f) << shift;
        shift += 7;
        if byte >> 7 == 0 {
            end += number / 3;
            ends.push((end, CLASSES[number as usize % 3]));
            (number, shift) = (0, 0);
        }
    }
    ends
});

pub(super) fn class(c: char) -> Class {
    if c.is_ascii_alphabetic() {
        return Class::Letter;
    }
    if c.is_whitespace() {
        return Class::Space;
    }
    let run = ENDS.partition_point(|(end, _)| *end <= u32::from(c));
    ENDS.get(run).map_or(Class::Other, |(_, class)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    use unicode_general_category::{GeneralCategory, get_general_category};

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/data/tokenizer/classes.bin");

    /// The index of a character's class in [`CLASSES`].
    fn index(c: char) -> u32 {
        use GeneralCategory::{DecimalNumber, LetterNumber, OtherNumber};
        use GeneralCategory::{
            LowercaseLetter, ModifierLetter, OtherLetter, TitlecaseLetter, UppercaseLetter,
        };
        match get_general_category(c) {
            UppercaseLetter | LowercaseLetter | TitlecaseLetter | ModifierLetter | OtherLetter => 1,
            DecimalNumber | LetterNumber | OtherNumber => 2,
            _ => 0,
        }
    }

    #[test]
    fn every_character_has_the_class_of_its_general_category() {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for code in 0..=u32::from(char::MAX) {
            let index = char::from_u32(code).map_or(0, index);
            match runs.last_mut() {
                Some((length, last)) if *last == index => *length += 1,
                _ => runs.push((1, index)),
            }
        }
        let mut bytes = Vec::new();
        for (length, index) in runs {
            let mut number = 3 * length + index;
            while number > 0x7f {
                bytes.push(number as u8 | 0x80);
                number >>= 7;
            }
            bytes.push(number as u8);
        }
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(FILE, &bytes).unwrap();
        }
        assert!(RUNS == bytes, "other classes than the crate's: UPDATE=1 cargo test rewrites {FILE}");
        for c in ('\0'..=char::MAX).filter(|c| !c.is_whitespace()) {
            assert_eq!(class(c), CLASSES[index(c) as usize], "{c:?}");
        }
    }
}
