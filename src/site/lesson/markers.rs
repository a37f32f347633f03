//! Markers, and the blocks that belong to them.
//!
//! **The rule, in one sentence:** a marker takes the block after it, together with the paragraph
//! that leads in to it, and goes on for as long as a further bold line heads another block of the
//! same sort (code after code, list after list); `summary` in front of a heading takes that whole
//! section, up to the next heading of its level, a marker or `---`; and where that is not what you
//! mean, you end it yourself with `<!-- /component -->`.
//!
//! So the sentence that draws the conclusion from an example stays in the lesson's text, and a
//! table's marker never swallows the list under the table. Start with [`place`].

use super::blocks::{Block, Located, Sort};
use super::components::{self, Component, Kind};
use super::source::{Findings, Source};
use pulldown_cmark::Event;
use std::ops::Range;

/// A component and the blocks that it takes, by index.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub component: &'static Component,
    /// Byte offset of the marker.
    pub offset: usize,
    /// The blocks that are its fallback content.
    pub blocks: Range<usize>,
}

/// The result of [`place`].
#[derive(Debug, Default)]
pub struct Placement {
    pub placed: Vec<Placed>,
    /// The blocks that are markers themselves, by index: they are not rendered.
    pub markers: Vec<usize>,
}

/// A block that is a marker.
enum Marker {
    Start(&'static Component),
    End,
}

const FORM: &str = "a marker is <!-- component:KIND:NAME --> on a line of its own, as in <!-- component:table:peft-methods -->";

/// Finds the markers among `blocks` and decides which blocks each of them takes.
pub fn place(source: &Source, blocks: &[Block], findings: &mut Findings) -> Placement {
    let markers: Vec<Option<Marker>> = blocks.iter().map(|b| read(source, b, findings)).collect();
    let mut placement = Placement::default();
    let mut open_until = 0;
    for (i, marker) in markers.iter().enumerate() {
        let Some(marker) = marker else { continue };
        placement.markers.push(i);
        let offset = blocks[i].span.start;
        match marker {
            Marker::End if open_until == i => {}
            Marker::End => findings.add(
                offset,
                "`/component` without a beginning",
                "it ends the marker before it; take it away or put the marker in front",
            ),
            Marker::Start(component) => {
                let next = (i + 1..blocks.len()).find(|&j| markers[j].is_some()).unwrap_or(blocks.len());
                let is_closed = matches!(markers.get(next), Some(Some(Marker::End)));
                let taken = if is_closed {
                    i + 1..next
                } else {
                    i + 1..i + 1 + extent(component.kind, &blocks[i + 1..next])
                };
                if is_closed {
                    open_until = next;
                }
                if taken.is_empty() {
                    findings.add(
                        offset,
                        format!("nothing follows component:{component}"),
                        "put the table, text or code after it that is shown where the demo cannot run",
                    );
                } else {
                    placement.placed.push(Placed { component, offset, blocks: taken });
                }
            }
        }
    }
    placement
}

/// Reports markers inside a paragraph, a list or a quotation, where no block could follow them.
pub fn misplaced(
    source: &Source,
    events: &[Located],
    blocks: &[Block],
    placement: &Placement,
    findings: &mut Findings,
) {
    for (_, block) in blocks.iter().enumerate().filter(|(i, _)| !placement.markers.contains(i)) {
        let is_own_line = block.sort == Sort::Html && read_words(source, block).is_some();
        for (event, range) in &events[block.events.clone()] {
            let (Event::Html(html) | Event::InlineHtml(html)) = event else { continue };
            let is_marker = html.split("<!--").skip(1).any(|c| is_meant(c.trim_start()));
            if is_marker && !is_own_line {
                findings.add(range.start, "a marker inside other text", FORM);
            }
        }
    }
}

/// How many of the blocks after a marker are its own, if no end marker says so.
fn extent(kind: Kind, blocks: &[Block]) -> usize {
    let sort = |i: usize| blocks.get(i).map(|b| b.sort);
    if let (Kind::Summary, Some(Sort::Heading(level))) = (kind, sort(0)) {
        let ends = |b: &Block| b.sort == Sort::Rule || matches!(b.sort, Sort::Heading(l) if l <= level);
        return blocks.iter().skip(1).position(ends).map_or(blocks.len(), |i| i + 1);
    }
    let lead_in = usize::from(matches!(sort(0), Some(Sort::Paragraph { .. })));
    let Some(matter) = sort(lead_in).filter(is_matter) else { return lead_in };
    let mut end = lead_in + 1;
    while sort(end) == Some(Sort::Paragraph { is_title: true }) && sort(end + 1) == Some(matter) {
        end += 2;
    }
    end
}

/// Whether a block can be what a marker is about.
fn is_matter(sort: &Sort) -> bool {
    matches!(sort, Sort::Code | Sort::List | Sort::TaskList | Sort::Table | Sort::Quote | Sort::Html)
}

/// The words of a block that is meant as a marker, and the text after it.
fn read_words<'a>(source: &Source<'a>, block: &Block) -> Option<(&'a str, &'a str)> {
    let (open, close) = match block.sort {
        Sort::Html => ("<!--", "-->"),
        Sort::Paragraph { .. } => ("{/*", "*/}"),
        _ => return None,
    };
    let inside = source.text[block.span.clone()].trim().strip_prefix(open)?;
    let (words, rest) = inside.split_once(close).unwrap_or((inside, ""));
    is_meant(words.trim()).then_some((words.trim(), rest.trim()))
}

fn is_meant(words: &str) -> bool {
    let words = words.strip_prefix('/').unwrap_or(words);
    words.get(..9).is_some_and(|w| w.eq_ignore_ascii_case("component"))
}

/// The marker that a block is, if it is one.
fn read(source: &Source, block: &Block, findings: &mut Findings) -> Option<Marker> {
    let text = source.text[block.span.clone()].trim();
    if block.sort == Sort::Html && text.starts_with("<!--") && !text.contains("-->") {
        findings.add(
            block.span.start,
            "a comment without an end",
            "`-->` at its end; all that follows is in it",
        );
        return None;
    }
    let (words, rest) = read_words(source, block)?;
    let offset = block.span.start;
    if let Some((line, _)) = words.split_once('\n') {
        findings.add(offset, format!("`{line}` does not end on its line"), FORM);
        return None;
    }
    if !rest.is_empty() {
        findings.add(offset, "a marker with text after it", format!("{FORM}, with an empty line after it"));
        return None;
    }
    if words == "/component" {
        return Some(Marker::End);
    }
    let Some(written) = words.strip_prefix("component:") else {
        findings.add(offset, format!("marker `{words}`"), FORM);
        return None;
    };
    match components::find(written) {
        Ok(component) => Some(Marker::Start(component)),
        Err(hint) => {
            findings.add(offset, format!("unknown component {written}"), hint);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::parse;
    use super::*;

    /// The text that the only marker of `text` takes, or the only error.
    fn taken(text: &str) -> Result<String, String> {
        let source = Source { path: "a.md", text };
        let (_, blocks) = parse(text, 0);
        let mut findings = Findings::new(source);
        let placement = place(&source, &blocks, &mut findings);
        if let Some(error) = findings.sorted().pop() {
            return Err(error.to_string());
        }
        let range = &placement.placed[0].blocks;
        Ok(text[blocks[range.start].span.start..blocks[range.end - 1].span.end].trim().to_owned())
    }

    #[test]
    fn a_marker_takes_the_block_and_its_lead_in() {
        let table = "| a |\n|---|\n| b |";
        let marker = "<!-- component:table:peft-methods -->";
        assert_eq!(taken(&format!("{marker}\n\n{table}\n\n**So:**\n\n- x\n")), Ok(table.into()));
        assert_eq!(
            taken(&format!("{marker}\nAs seen:\n\n{table}\n\ntext\n")),
            Ok(format!("As seen:\n\n{table}"))
        );
        assert_eq!(taken(&format!("{marker}\n\nJust words.\n\nMore.\n")), Ok("Just words.".into()));
        assert_eq!(taken(&format!("{{/* component:table:peft-methods */}}\n\n{table}\n")), Ok(table.into()));
    }

    #[test]
    fn titled_blocks_of_the_same_sort_belong_together() {
        let pair = "**One:**\n\n```\n1\n```\n\n**Two:**\n\n```\n2\n```";
        let marker = "<!-- component:example:next-token -->";
        assert_eq!(
            taken(&format!("{marker}\n\n{pair}\n\n**Insight:** more\n\n```\n3\n```\n")),
            Ok(pair.into())
        );
        assert_eq!(taken(&format!("{marker}\n\n{pair}\n\n**List:**\n\n- x\n")), Ok(pair.into()));
    }

    #[test]
    fn a_summary_takes_its_section() {
        let section = "## Key\n\n- a\n\n### Sub\n\nLine.";
        assert_eq!(
            taken(&format!("<!-- component:summary -->\n\n{section}\n\n---\n\nafter\n")),
            Ok(section.into())
        );
        assert_eq!(
            taken(&format!("<!-- component:summary -->\n\n{section}\n\n## Next\n")),
            Ok(section.into())
        );
    }

    #[test]
    fn an_end_marker_decides() {
        let text = "<!-- component:table:peft-methods -->\n\na\n\n## b\n\nc\n\n<!-- /component -->\n\nd\n";
        assert_eq!(taken(text), Ok("a\n\n## b\n\nc".into()));
    }

    #[test]
    fn what_is_wrong_with_a_marker_is_said() {
        let error = |text: &str| taken(text).unwrap_err();
        assert_eq!(
            error("\n<!-- component:table:peft-method -->\n\na\n"),
            "a.md:2:1: unknown component table:peft-method; did you mean table:peft-methods?"
        );
        assert!(
            error("<!-- component:summary -->\n")
                .starts_with("a.md:1:1: nothing follows component:summary; ")
        );
        assert!(error("<!-- component:table:peft-methods -->\n\n## Next\n").contains("nothing follows"));
        assert!(error("<!-- Component table -->\n\na\n").contains("marker `Component table`; a marker is"));
        assert!(error("<!-- component:summary --> x\n\na\n").contains("text after it"));
        assert!(error("{/* component:summary */}\na\n").contains("text after it"));
        assert!(error("a\n\n<!-- /component -->\n").contains("without a beginning"));
        assert!(error("<!-- component:summary\n\na\n").contains("a comment without an end"));
        let swallows = error("<!-- component:summary\n\na\n\n<!-- component:summary -->\n\na\n");
        assert!(swallows.contains("`component:summary` does not end on its line"), "{swallows}");
    }
}
