//! What of an author's HTML reaches the page.
//!
//! A lesson may come from anywhere, so the whole rendered text goes through an allow-list: no
//! scripts, no event handlers, no styles, no `javascript:`. Start with [`clean`].

use super::components::{self, WIDGETS};
use ammonia::Builder;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Elements that a lesson may contain, beside the widgets that exist.
pub const TAGS: [&str; 67] = [
    "a",
    "abbr",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "button",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "pretune-checklist",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "ul",
    "var",
];

/// Attributes that any of them may carry.
const GENERIC: [&str; 11] = [
    "id",
    "class",
    "lang",
    "dir",
    "title",
    "role",
    "tabindex",
    "aria-label",
    "aria-labelledby",
    "aria-describedby",
    "aria-hidden",
];

/// Attributes of single elements.
const SPECIFIC: [(&str, &[&str]); 14] = [
    ("a", &["href", "rel"]),
    ("button", &["type", "popovertarget"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("details", &["open"]),
    ("figure", &["data-component"]),
    ("img", &["src", "alt", "width", "height"]),
    ("input", &["type", "checked"]),
    ("label", &["for"]),
    ("ol", &["start", "reversed"]),
    ("span", &["popover"]),
    ("td", &["colspan", "rowspan"]),
    ("th", &["colspan", "rowspan", "scope"]),
    ("time", &["datetime"]),
];

/// Ids that the page itself uses: a lesson that took one would break the page.
const RESERVED_IDS: [&str; 1] = ["main"];
const RESERVED_PREFIX: &str = "pretune-";

/// The element that stands for trusted markup while the rest is cleaned.
const PLACE: &str = "data";

/// Whether a lesson may contain an element.
pub fn allows_tag(tag: &str) -> bool {
    TAGS.contains(&tag) || components::widget(tag).is_some()
}

/// The attributes that an allowed element may carry.
pub fn allowed_attributes(tag: &str) -> Vec<&'static str> {
    let mut names = GENERIC.to_vec();
    names.extend(SPECIFIC.iter().filter(|(t, _)| *t == tag).flat_map(|(_, names)| *names));
    names.extend(components::widget(tag).into_iter().flat_map(|w| w.attributes()));
    names
}

/// Whether the value of an allowed attribute is let through.
pub fn allows_value(tag: &str, attribute: &str, value: &str) -> bool {
    match attribute {
        "id" => !value.starts_with(RESERVED_PREFIX) && !RESERVED_IDS.contains(&value),
        "tabindex" => matches!(value, "0" | "-1"),
        "href" | "src" => scheme(value).is_none_or(|s| matches!(s.as_str(), "http" | "https" | "mailto")),
        "model" | "corpus" if components::widget(tag).is_some() => {
            scheme(value).is_none_or(|s| matches!(s.as_str(), "http" | "https"))
        }
        _ => true,
    }
}

/// The scheme of an address as a browser reads it, in lower case: spaces and control characters in
/// front of and inside it do not count.
pub fn scheme(address: &str) -> Option<String> {
    let kept: String = address.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let (scheme, _) = kept.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then(|| scheme.to_ascii_lowercase())
}

/// The mark in the text where the `n`th piece of trusted markup will stand.
pub fn place(n: usize) -> String {
    format!("<{PLACE} value=\"{n}\"></{PLACE}>")
}

/// Cleans rendered HTML, then puts each piece of `trusted` markup in its [`place`].
pub fn clean(html: &str, trusted: &[String]) -> String {
    let tags: HashSet<&str> = TAGS.into_iter().chain(WIDGETS.iter().map(|w| w.tag)).chain([PLACE]).collect();
    let mut attributes: HashMap<&str, HashSet<&str>> =
        SPECIFIC.iter().map(|(tag, names)| (*tag, names.iter().copied().collect())).collect();
    attributes.extend(WIDGETS.iter().map(|w| (w.tag, w.attributes().collect())));
    attributes.insert(PLACE, HashSet::from(["value"]));
    let cleaned = Builder::empty()
        .tags(tags)
        .tag_attributes(attributes)
        .generic_attributes(HashSet::from(GENERIC))
        .clean_content_tags(HashSet::from(["script", "style", "template", "noscript", "iframe", "object"]))
        // Nothing but a checkbox or a plain button may stand in a lesson: no forms, no text fields.
        .set_tag_attribute_value("input", "type", "checkbox")
        .set_tag_attribute_value("button", "type", "button")
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(None)
        .attribute_filter(|tag, attribute, value| {
            allows_value(tag, attribute, value).then_some(Cow::Borrowed(value))
        })
        .clean(html)
        .to_string();
    let mark = format!("<{PLACE} value=\"");
    let mut pieces = cleaned.split(&mark);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (number, rest) = piece.split_once('"').unwrap_or_default();
        let rest = rest.strip_prefix('>').unwrap_or(rest);
        out.push_str(number.parse().ok().and_then(|n: usize| trusted.get(n)).map_or("", String::as_str));
        out.push_str(rest);
    }
    // An author's own <data> is not on the list: with the places filled, its tags have no use.
    out.replace(&format!("</{PLACE}>"), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_read_as_a_browser_does() {
        assert_eq!(scheme(" java\tscript:alert(1)").as_deref(), Some("javascript"));
        assert_eq!(scheme("HTTPS://a").as_deref(), Some("https"));
        assert_eq!(scheme("a/b:c"), None);
        assert_eq!(scheme("#a:b"), None);
    }

    #[test]
    fn trusted_markup_survives_and_nothing_else_does() {
        let trusted = ["<script type=\"text/plain\">x</script>".to_owned()];
        let html = format!("<p onclick=\"x\">a{}<script>alert(1)</script></p>{}", place(0), place(7));
        assert_eq!(clean(&html, &trusted), "<p>a<script type=\"text/plain\">x</script></p>");
    }
}
