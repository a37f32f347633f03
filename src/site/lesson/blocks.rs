//! A lesson's Markdown as a list of its top-level blocks.
//!
//! The parser's events stay as they are; a [`Block`] is a range of them with what markers need to
//! know. Start with [`parse`].

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, TextMergeWithOffset};
use std::ops::Range;

/// An event and the bytes of the lesson that it stands for.
pub type Located<'a> = (Event<'a>, Range<usize>);

/// What a top-level block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// `is_title`: the whole paragraph is bold, so it heads the block after it.
    Paragraph {
        is_title: bool,
    },
    /// A heading and its level, 1 to 6.
    Heading(u8),
    Code,
    List,
    TaskList,
    Table,
    Quote,
    Html,
    /// A thematic break: `---`.
    Rule,
    Footnote,
}

/// One top-level block.
#[derive(Debug, Clone)]
pub struct Block {
    pub sort: Sort,
    /// The block's events, by index.
    pub events: Range<usize>,
    /// The block's bytes in the lesson.
    pub span: Range<usize>,
}

/// The dialect: CommonMark with tables, task lists, footnotes, `~~deleted~~` and GitHub's notes.
///
/// Mathematics and subscripts are off, because lessons on models are full of `$1M-$100M` and `~4K`.
fn dialect() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
}

/// Parses the Markdown that begins at byte `body` of the lesson; places are those of the lesson.
pub fn parse(text: &str, body: usize) -> (Vec<Located<'_>>, Vec<Block>) {
    let parser = Parser::new_ext(&text[body..], dialect()).into_offset_iter();
    let events: Vec<Located> = TextMergeWithOffset::new(parser)
        .map(|(e, range)| (e, range.start + body..range.end + body))
        .collect();
    let mut blocks = Vec::new();
    let mut depth = 0;
    let mut first = 0;
    for (i, (event, _)) in events.iter().enumerate() {
        match event {
            Event::Start(_) => {
                if depth == 0 {
                    first = i;
                }
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            _ if depth == 0 => first = i,
            _ => {}
        }
        if depth == 0 {
            let span = events[first].1.clone();
            blocks.push(Block { sort: sort_of(&events[first..=i]), events: first..i + 1, span });
        }
    }
    (events, blocks)
}

fn sort_of(events: &[Located]) -> Sort {
    let has_task = || events.iter().any(|(e, _)| matches!(e, Event::TaskListMarker(_)));
    match &events[0].0 {
        Event::Start(Tag::Heading { level, .. }) => Sort::Heading(*level as u8),
        Event::Start(Tag::CodeBlock(_)) => Sort::Code,
        Event::Start(Tag::List(_)) if has_task() => Sort::TaskList,
        Event::Start(Tag::List(_)) => Sort::List,
        Event::Start(Tag::Table(_)) => Sort::Table,
        Event::Start(Tag::BlockQuote(_)) => Sort::Quote,
        Event::Start(Tag::FootnoteDefinition(_)) => Sort::Footnote,
        Event::Start(Tag::HtmlBlock) => Sort::Html,
        Event::Rule => Sort::Rule,
        _ => Sort::Paragraph { is_title: is_title(events) },
    }
}

/// Whether a paragraph is one bold run, with at most a colon after it.
fn is_title(events: &[Located]) -> bool {
    let inner = events.get(1..events.len().saturating_sub(1)).unwrap_or_default();
    let Some(end) = inner.iter().position(|(e, _)| matches!(e, Event::End(TagEnd::Strong))) else {
        return false;
    };
    let opens = matches!(inner[0].0, Event::Start(Tag::Strong));
    let rest = &inner[end + 1..];
    let only_a_colon = match rest {
        [] => true,
        [(Event::Text(text), _)] => text.trim() == ":",
        _ => false,
    };
    opens && only_a_colon
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorts(text: &str) -> Vec<Sort> {
        parse(text, 0).1.iter().map(|b| b.sort).collect()
    }

    #[test]
    fn blocks_are_sorted() {
        let text = "# A\n\n**Title:**\n\n```\nx\n```\n\n- [ ] a\n  - b\n\ntext **bold**\n\n---\n\n<!-- c -->\n| a |\n|---|\n";
        let expected = [
            Sort::Heading(1),
            Sort::Paragraph { is_title: true },
            Sort::Code,
            Sort::TaskList,
            Sort::Paragraph { is_title: false },
            Sort::Rule,
            Sort::Html,
            Sort::Table,
        ];
        assert_eq!(sorts(text), expected);
    }

    #[test]
    fn a_title_is_bold_from_end_to_end() {
        let is_title = |text| sorts(text) == [Sort::Paragraph { is_title: true }];
        assert!(is_title("**All of it**") && is_title("**All of it**:") && is_title("**All *of* it:**"));
        assert!(!is_title("**Key insight:** the rest") && !is_title("A **word**") && !is_title("plain"));
    }
}
