//! Values to JSON text: compact by `Display`, in lines by [`Value::pretty`].

use std::fmt;

use super::{Value, shortest, shortest_f32};

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        write(self, None, &mut out);
        f.write_str(&out)
    }
}

impl Value {
    /// As text in lines, indented by two spaces, as serde_json and Python's `json.dumps(…, indent=2)` have it.
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        write(self, Some(0), &mut out);
        out
    }
}

/// `depth` is that of the indentation, if lines are wanted.
fn write(value: &Value, depth: Option<usize>, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number_text(shortest(*number), number.is_finite())),
        Value::Single(number) => out.push_str(&with_point(shortest_f32(*number), number.is_finite())),
        Value::Text(text) => write_string(text, out),
        Value::List(items) => {
            let mut parts = items.iter().map(|item| (None, item));
            write_parts(['[', ']'], &mut parts, depth, out);
        }
        Value::Object(fields) => {
            let mut parts = fields.iter().map(|(name, value)| (Some(name.as_ref()), value));
            write_parts(['{', '}'], &mut parts, depth, out);
        }
    }
}

fn number_text(text: String, is_finite: bool) -> String {
    if is_finite { text } else { "null".to_owned() }
}

/// A number that is not known to be whole shows that by a point.
fn with_point(mut text: String, is_finite: bool) -> String {
    if is_finite && !text.contains(['.', 'e']) {
        text.push_str(".0");
    }
    number_text(text, is_finite)
}

fn write_parts(
    [open, close]: [char; 2],
    parts: &mut dyn Iterator<Item = (Option<&str>, &Value)>,
    depth: Option<usize>,
    out: &mut String,
) {
    out.push(open);
    let inner = depth.map(|depth| depth + 1);
    let mut is_empty = true;
    for (name, value) in parts {
        if !is_empty {
            out.push(',');
        }
        is_empty = false;
        new_line(inner, out);
        if let Some(name) = name {
            write_string(name, out);
            out.push_str(if depth.is_some() { ": " } else { ":" });
        }
        write(value, inner, out);
    }
    if !is_empty {
        new_line(depth, out);
    }
    out.push(close);
}

fn new_line(depth: Option<usize>, out: &mut String) {
    if let Some(depth) = depth {
        out.push('\n');
        (0..depth).for_each(|_| out.push_str("  "));
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut written = 0;
    for (i, byte) in text.bytes().enumerate().filter(|(_, byte)| matches!(byte, b'"' | b'\\' | 0..0x20)) {
        out.push_str(&text[written..i]);
        written = i + 1;
        out.push('\\');
        match b"\"\\\x08\x0C\n\r\t".iter().position(|b| *b == byte) {
            Some(i) => out.push(char::from(b"\"\\bfnrt"[i])),
            None => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.push_str("u00");
                out.push(char::from(DIGITS[usize::from(byte >> 4)]));
                out.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
    out.push_str(&text[written..]);
    out.push('"');
}
