//! The YAML block at the top of a lesson: who it is for and where it belongs.
//!
//! The YAML is read into plain values with their places first, so that every wrong field of a block
//! is reported at once. Start with [`read`].

use super::nearest::suggestion;
use super::source::{Findings, Source};
use super::yaml::{self, Entry, Value};

/// What a lesson says about itself. `title`, `slug` and `description` are required.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FrontMatter {
    /// The lesson's name: page title and, where the text has none, its first heading.
    pub title: String,
    /// The lesson's place in the address: lower-case letters, digits and hyphens.
    pub slug: String,
    /// One sentence that says what the reader will learn.
    pub description: String,
    /// The shelf the lesson stands on.
    pub category: Option<String>,
    /// The day of publication, `YYYY-MM-DD`.
    pub pub_date: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Slugs of lessons to read first.
    pub prerequisites: Vec<String>,
    /// Slugs of lessons near by.
    pub related: Vec<String>,
    /// `beginner`, `intermediate` or `advanced`.
    pub difficulty: Option<String>,
    /// The course that the lesson is part of.
    pub learning_path: Option<String>,
    /// The lesson's place in its course; lessons without one come last.
    pub order: Option<i64>,
    /// How long a reader takes, in words: `17 minutes`.
    pub estimated_time: Option<String>,
    /// Terms that are explained where they first occur and listed at the end.
    pub glossary: Vec<Term>,
}

/// One entry of `glossary`.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The word as the text has it; upper and lower case are alike.
    pub name: String,
    /// Its meaning in one sentence, plain text.
    pub definition: String,
    /// Byte offset of the entry in the lesson.
    pub offset: usize,
}

/// All fields by their name in the block.
pub const FIELDS: [&str; 14] = [
    "title",
    "slug",
    "description",
    "category",
    "pubDate",
    "author",
    "tags",
    "prerequisites",
    "related",
    "difficulty",
    "learningPath",
    "order",
    "estimatedTime",
    "glossary",
];

const REQUIRED: [&str; 3] = ["title", "slug", "description"];
const DIFFICULTIES: [&str; 3] = ["beginner", "intermediate", "advanced"];

/// Reads the block of a lesson; also returns the offset at which the Markdown begins.
///
/// Whatever is wrong goes to `findings`; what could be read is returned all the same, so that the rest
/// of the lesson can be checked too.
pub fn read(source: &Source, findings: &mut Findings) -> (FrontMatter, usize) {
    let mut front = FrontMatter::default();
    let Some((block, body)) = block_of(source.text) else {
        let allowed =
            "a lesson begins with a line ---, the fields title, slug and description, and a line ---";
        findings.add(0, "no front matter", allowed);
        return (front, 0);
    };
    let entries = match yaml::entries(&source.text[block.clone()]) {
        Ok(entries) => entries,
        Err((offset, what)) => {
            findings.add(block.start + offset, what, "front matter is YAML: one `field: value` a line");
            return (front, body);
        }
    };
    for entry in &entries {
        set(&mut front, &mut Reader { base: block.start, entry, findings });
    }
    for name in REQUIRED {
        if entries.iter().all(|e| e.key != name) {
            findings.add(0, format!("no `{name}`"), format!("{} are required", REQUIRED.join(", ")));
        }
    }
    (front, body)
}

/// The range of the YAML between the fences, and where the text after them begins.
fn block_of(text: &str) -> Option<(std::ops::Range<usize>, usize)> {
    let start = text.strip_prefix('\u{feff}').map_or(0, |_| '\u{feff}'.len_utf8());
    let mut lines = text[start..].split_inclusive('\n');
    let first = lines.next()?;
    if first.trim_end() != "---" {
        return None;
    }
    let from = start + first.len();
    let mut end = from;
    for line in lines {
        if matches!(line.trim_end(), "---" | "...") {
            return Some((from..end, end + line.len()));
        }
        end += line.len();
    }
    None
}

fn set(front: &mut FrontMatter, field: &mut Reader) {
    match field.entry.key.as_str() {
        "title" => front.title = field.text().unwrap_or_default(),
        "slug" => front.slug = field.slug().unwrap_or_default(),
        "description" => front.description = field.text().unwrap_or_default(),
        "category" => front.category = field.text(),
        "pubDate" => front.pub_date = field.date(),
        "author" => front.author = field.text(),
        "tags" => front.tags = field.list(),
        "prerequisites" => front.prerequisites = field.list(),
        "related" => front.related = field.list(),
        "difficulty" => front.difficulty = field.one_of(&DIFFICULTIES),
        "learningPath" => front.learning_path = field.text(),
        "order" => front.order = field.integer(),
        "estimatedTime" => front.estimated_time = field.text(),
        "glossary" => front.glossary = field.terms(),
        unknown => {
            let hint = suggestion(unknown, FIELDS);
            let allowed = format!("{hint}known are {}", FIELDS.join(", "));
            field.findings.add(
                field.base + field.entry.key_offset,
                format!("unknown field `{unknown}`"),
                allowed,
            );
        }
    }
}

/// Reads one entry as what its field wants, or says what it wants.
struct Reader<'a, 's> {
    /// Byte offset of the YAML in the lesson.
    base: usize,
    entry: &'a Entry,
    findings: &'a mut Findings<'s>,
}

impl Reader<'_, '_> {
    fn wrong<T>(&mut self, allowed: &str) -> Option<T> {
        let (key, value) = (&self.entry.key, &self.entry.value);
        let at = self.base + self.entry.value_offset;
        self.findings.add(at, format!("{key}: {value}"), allowed);
        None
    }

    fn text(&mut self) -> Option<String> {
        match &self.entry.value {
            Value::Text(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            _ => self.wrong("text; put it in quotes if it looks like a number"),
        }
    }

    fn slug(&mut self) -> Option<String> {
        match &self.entry.value {
            Value::Text(text) if is_slug(text) => Some(text.clone()),
            _ => {
                self.wrong("lower-case letters, digits and single hyphens, such as pre-training-fine-tuning")
            }
        }
    }

    fn date(&mut self) -> Option<String> {
        match &self.entry.value {
            Value::Text(text) if is_date(text) => Some(text.clone()),
            _ => self.wrong("a date as YYYY-MM-DD"),
        }
    }

    fn one_of(&mut self, allowed: &[&str]) -> Option<String> {
        match &self.entry.value {
            Value::Text(text) if allowed.contains(&text.as_str()) => Some(text.clone()),
            _ => self.wrong(&format!("one of {}", allowed.join(", "))),
        }
    }

    fn integer(&mut self) -> Option<i64> {
        match self.entry.value {
            Value::Integer(number) => Some(number),
            _ => self.wrong("a whole number"),
        }
    }

    fn list(&mut self) -> Vec<String> {
        let text = |value: &Value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        };
        let items = match &self.entry.value {
            Value::List(items) => items.iter().map(text).collect(),
            _ => None,
        };
        items.or_else(|| self.wrong("a list of texts: [\"one\", \"two\"]")).unwrap_or_default()
    }

    fn terms(&mut self) -> Vec<Term> {
        let term = |entry: &Entry| match &entry.value {
            Value::Text(text) if !entry.key.trim().is_empty() => Some(Term {
                name: entry.key.trim().to_owned(),
                definition: text.trim().to_owned(),
                offset: self.base + entry.key_offset,
            }),
            _ => None,
        };
        let terms = match &self.entry.value {
            Value::Map(entries) => entries.iter().map(term).collect(),
            _ => None,
        };
        terms.or_else(|| self.wrong("a map of `term: its meaning in one sentence`")).unwrap_or_default()
    }
}

fn is_slug(text: &str) -> bool {
    let word =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('-').all(word)
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |i: usize, digits: usize| {
        let part: &&str = parts.get(i)?;
        (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())?
    };
    match (parts.len(), number(0, 4), number(1, 2), number(2, 2)) {
        (3, Some(year), Some(month @ 1..=12), Some(day @ 1..)) => {
            let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
            let days = match month {
                2 => 28 + u32::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day <= days
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_of_the_calendar() {
        for good in ["2024-01-20", "2024-02-29", "1999-12-31"] {
            assert!(is_date(good), "{good}");
        }
        for bad in ["2023-02-29", "2024-13-01", "2024-1-2", "20-01-2024", "2024-01-00", "today"] {
            assert!(!is_date(bad), "{bad}");
        }
    }

    #[test]
    fn slugs_are_safe_in_an_address_and_a_path() {
        assert!(is_slug("lora") && is_slug("step-1-of-2"));
        for bad in ["", "-a", "a--b", "../etc", "A", "a b", "ü"] {
            assert!(!is_slug(bad), "{bad}");
        }
    }
}
