//! HTML by hand: escaping what goes in, and finding the tags that an author wrote.

/// Text made safe between tags and inside a double-quoted attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}

/// An opening tag in a piece of raw HTML; offsets count the bytes of the piece.
#[derive(Debug, PartialEq)]
pub struct RawTag {
    pub name: String,
    pub offset: usize,
    pub attributes: Vec<RawAttribute>,
}

/// An attribute as written, its name in lower case, its value without quotes.
#[derive(Debug, PartialEq)]
pub struct RawAttribute {
    pub name: String,
    pub value: String,
    pub offset: usize,
}

/// The opening tags of a piece of HTML, for messages about them.
///
/// A linter's view, not a parser's: what a browser makes of broken markup is the sanitiser's business.
pub fn raw_tags(html: &str) -> Vec<RawTag> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(found) = html[at..].find('<') {
        let start = at + found;
        let rest = &html[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            at = start + 4 + comment.find("-->").map_or(comment.len(), |end| end + 3);
            continue;
        }
        let name: String = rest[1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        at = start + 1 + name.len();
        if name.is_empty() {
            continue;
        }
        let (attributes, length) = attributes(&html[at..], at);
        tags.push(RawTag { name: name.to_lowercase(), offset: start, attributes });
        at += length;
    }
    tags
}

/// The attributes up to the end of a tag, and how many bytes they take.
fn attributes(text: &str, base: usize) -> (Vec<RawAttribute>, usize) {
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        at += skip(&text[at..], |c| c.is_whitespace() || c == '/');
        let length = skip(&text[at..], |c| !c.is_whitespace() && !matches!(c, '=' | '>' | '/'));
        let name = text[at..at + length].to_lowercase();
        let offset = base + at;
        at += length;
        let spaces = skip(&text[at..], char::is_whitespace);
        let mut value = String::new();
        if text[at + spaces..].starts_with('=') {
            at += spaces + 1;
            at += skip(&text[at..], char::is_whitespace);
            let quote = text[at..].chars().next().filter(|&c| c == '"' || c == '\'');
            at += quote.map_or(0, char::len_utf8);
            let length = match quote {
                Some(quote) => skip(&text[at..], |c| c != quote),
                None => skip(&text[at..], |c| !c.is_whitespace() && c != '>'),
            };
            value = text[at..at + length].to_owned();
            at += length;
            at += quote.filter(|&q| text[at..].starts_with(q)).map_or(0, char::len_utf8);
        } else if name.is_empty() {
            // The end of the tag, or of the text.
            return (found, at);
        }
        found.push(RawAttribute { name, value, offset });
    }
}

/// The number of bytes at the start of `text` for which `is_inside` holds.
fn skip(text: &str, is_inside: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_inside(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_in_every_spelling() {
        let html = "x <B a=1 b = 'two 2' c><!-- <i z> --><br/></b><p title=\"<q>\">";
        let tags = raw_tags(html);
        let names: Vec<&str> = tags.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names, ["b", "br", "p"]);
        let attributes: Vec<(&str, &str)> =
            tags[0].attributes.iter().map(|a| (a.name.as_str(), a.value.as_str())).collect();
        assert_eq!(attributes, [("a", "1"), ("b", "two 2"), ("c", "")]);
        assert_eq!(&html[tags[0].attributes[1].offset..][..1], "b");
        assert_eq!(tags[2].attributes[0].value, "<q>");
    }

    #[test]
    fn unfinished_tags_end_with_the_text() {
        for html in ["<", "<a", "<a b", "<a b=", "<a b='", "<a =", "<a ==>", "<!--", "<!-- <a", "</"] {
            raw_tags(html);
        }
    }
}
