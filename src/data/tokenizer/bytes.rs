//! The printable stand-ins of the 256 bytes, as GPT-2 spells its tokens in JSON.
//!
//! It knows nothing of vocabularies. Start with [`spell`].
//!
//! Source: `bytes_to_unicode` in openai/gpt-2, `src/encoder.py`.

/// The character that stands for a byte: itself where it is visible, else the next free one from U+0100 on.
pub(super) fn stand_in(byte: u8) -> char {
    match byte {
        b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF => char::from(byte),
        // The invisible ones in order: 0–32, 127–160, 173.
        0..=32 => stand_in_after(byte),
        127..=160 => stand_in_after(byte - 127 + 33),
        173 => stand_in_after(67),
    }
}

fn stand_in_after(n: u8) -> char {
    char::from_u32(0x100 + u32::from(n)).expect("U+0100 to U+0143 are characters")
}

/// The byte that a character stands for.
pub(super) fn byte_of(c: char) -> Option<u8> {
    match u32::from(c) {
        n @ (0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF) => Some(n as u8),
        n @ 0x100..=0x120 => Some((n - 0x100) as u8),
        n @ 0x121..=0x142 => Some((n - 0x121 + 127) as u8),
        0x143 => Some(173),
        _ => None,
    }
}

/// Bytes as a token's name in `tokenizer.json`: `" the"` → `"Ġthe"`.
pub(super) fn spell(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| stand_in(b)).collect()
}

/// The bytes that a token's name stands for, unless a character of it is no stand-in.
pub(super) fn unspell(name: &str) -> Option<Vec<u8>> {
    name.chars().map(byte_of).collect()
}

/// All bytes in the order of their stand-ins: the first 256 ids after the special tokens.
pub(super) fn alphabet() -> Vec<u8> {
    // A byte that can be printed stands for itself; the others' stand-ins come after all of those.
    let (printable, others): (Vec<u8>, Vec<u8>) = (0..=255).partition(|&b| stand_in(b) == char::from(b));
    [printable, others].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_a_stand_in_of_its_own() {
        for byte in 0..=255 {
            assert_eq!(byte_of(stand_in(byte)), Some(byte));
        }
        assert_eq!(spell(" é\n".as_bytes()), "ĠÃ©Ċ");
        assert_eq!((unspell("€"), alphabet()[0], alphabet()[255]), (None, b'!', 173));
    }
}
