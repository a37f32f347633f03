//! JSON text to values. Start with [`parse`].

use super::{Value, parse_number};
use crate::error::{Error, Result};

/// Values in values; enough for any file, and little enough for the stack.
const MAX_DEPTH: usize = 128;

/// Reads a JSON text.
///
/// Source: RFC 8259.
///
/// # Errors
///
/// Says where (line and column), what stands there and what should.
pub fn parse(text: &str) -> Result<Value> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    let value = parser.value()?;
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.expected("the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    /// Bytes that have been read.
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn bytes(&self) -> &[u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while let [b' ' | b'\t' | b'\n' | b'\r', ..] = self.bytes() {
            self.at += 1;
        }
        self.bytes().first().copied()
    }

    /// Whether that byte was next; it is read then.
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    #[cold]
    fn expected(&self, what: &str) -> Error {
        let before = self.text.get(..self.at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let (line, column) = (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1);
        let found = match self.text[before.len()..].chars().next() {
            Some(found) => format!("{found:?}"),
            None => "the end".to_owned(),
        };
        Error::input(format!("{line}:{column}"), found, format!("{what}, to be JSON"))
    }

    fn value(&mut self) -> Result<Value> {
        match self.peek() {
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b'[' | b'{') if self.depth == MAX_DEPTH => Err(self.expected("less nesting")),
            Some(b'[') => self.nested(Self::list),
            Some(b'{') => self.nested(Self::object),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                const WORDS: [(&str, Value); 3] =
                    [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))];
                for (word, value) in WORDS {
                    if self.bytes().starts_with(word.as_bytes()) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err(self.expected("a value"))
            }
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value>) -> Result<Value> {
        self.depth += 1;
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn list(&mut self) -> Result<Value> {
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value()?);
            if self.eat(b']') {
                return Ok(Value::List(items));
            }
            if !self.eat(b',') {
                return Err(self.expected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self) -> Result<Value> {
        let mut fields = Vec::new();
        if self.eat(b'}') {
            return Ok(Value::Object(fields));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.expected("a name in quotes"));
            }
            let name = self.string()?;
            if !self.eat(b':') {
                return Err(self.expected("`:`"));
            }
            fields.push((name.into(), self.value()?));
            if self.eat(b'}') {
                return Ok(Value::Object(fields));
            }
            if !self.eat(b',') {
                return Err(self.expected("`,` or `}`"));
            }
        }
    }

    fn number(&mut self) -> Result<Value> {
        let start = self.at;
        self.at += usize::from(self.bytes()[0] == b'-');
        let starts_with_0 = self.bytes().first() == Some(&b'0');
        let n_whole = self.digits();
        let mut is_number = n_whole > 0 && !(starts_with_0 && n_whole > 1);
        if let [b'.', ..] = self.bytes() {
            self.at += 1;
            is_number &= self.digits() > 0;
        }
        if let [b'e' | b'E', rest @ ..] = self.bytes() {
            self.at += 1 + usize::from(matches!(rest, [b'+' | b'-', ..]));
            is_number &= self.digits() > 0;
        }
        let number = parse_number(&self.text[start..self.at]);
        match number.filter(|number| is_number && number.is_finite()) {
            Some(number) => Ok(Value::Number(number)),
            None => {
                self.at = start;
                Err(self.expected("a number"))
            }
        }
    }

    /// Reads digits; how many there were.
    fn digits(&mut self) -> usize {
        let n = self.bytes().iter().take_while(|b| b.is_ascii_digit()).count();
        self.at += n;
        n
    }

    fn string(&mut self) -> Result<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let plain = self.bytes().iter().take_while(|b| !matches!(b, b'"' | b'\\' | 0..0x20)).count();
            out.push_str(&self.text[self.at..self.at + plain]);
            self.at += plain;
            match self.bytes() {
                [b'"', ..] => {
                    self.at += 1;
                    return Ok(out);
                }
                [b'\\', ..] => {
                    let c = self.escape().ok_or_else(|| self.expected("an escaped character"))?;
                    out.push(c);
                }
                _ => return Err(self.expected("the end of the string")),
            }
        }
    }

    /// The character of an escape sequence, which is read.
    fn escape(&mut self) -> Option<char> {
        let letter = *self.bytes().get(1)?;
        if letter == b'u' {
            let first = self.unit()?;
            if !(0xD800..0xDC00).contains(&first) {
                return char::from_u32(first);
            }
            let second = self.unit().filter(|unit| (0xDC00..0xE000).contains(unit))?;
            return char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
        }
        let (letters, meanings) = (b"\"\\/bfnrt", b"\"\\/\x08\x0C\n\r\t");
        let i = letters.iter().position(|l| *l == letter)?;
        self.at += 2;
        Some(char::from(meanings[i]))
    }

    /// The number in `\u0041`, which is read.
    fn unit(&mut self) -> Option<u32> {
        let digits = self.bytes().strip_prefix(b"\\u")?.get(..4)?;
        let digits = digits.iter().try_fold(0, |unit, b| Some((unit << 4) | char::from(*b).to_digit(16)?))?;
        self.at += 6;
        Some(digits)
    }
}
