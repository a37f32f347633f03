//! The author's linter: what compiles but would disappoint a reader.
//!
//! Every finding is an [`Error`] with its `file:line:column`. Start with [`check`].

use super::blocks::{self, Block, Located, Sort};
use super::claims::{self, Citations, Claims};
use super::components::{Kind, widget};
use super::front_matter::{self, FrontMatter};
use super::html::{RawTag, raw_tags};
use super::markers::{self, Placement};
use super::nearest::suggestion;
use super::render::{self, Rendered, plain_text};
use super::source::{Findings, Source};
use super::{Options, sanitize};
use crate::error::Error;
use pulldown_cmark::{Event, Tag};

/// What the linter found in one lesson.
pub struct Checked {
    pub front: FrontMatter,
    /// Image files that the lesson shows, and where; whether they exist is for the caller to see.
    pub images: Vec<(String, String)>,
    /// In the order of the text.
    pub findings: Vec<Error>,
}

/// Checks one lesson against what experiments gave; `path` is only used in messages.
pub fn check(path: &str, text: &str, claims: &Claims) -> Checked {
    let source = Source { path, text };
    let mut findings = Findings::new(source);
    let (front, body) = front_matter::read(&source, &mut findings);
    let (events, blocks) = blocks::parse(text, body);
    let placement = markers::place(&source, &blocks, &mut findings);
    markers::misplaced(&source, &events, &blocks, &placement, &mut findings);
    let citations = Citations::find(&events, claims, &mut findings);
    citations.disagreements(&mut findings);
    let page =
        render::render(&source, &front, (&events, &blocks), &placement, &citations, &Options::default());
    let mut linter = Linter { source, findings };
    linter.headings(&events);
    linter.anchors(&page);
    linter.events(&events);
    linter.kinds(&blocks, &placement);
    linter.raw_html(&events, &blocks, &placement);
    for (name, offset) in &page.unmet_terms {
        let allowed =
            "a word of the running text, spelled as there; headings, tables, links and figures do not count";
        linter.findings.add(*offset, format!("glossary term `{name}` is never met"), allowed);
    }
    let images = page.images.into_iter().map(|(address, offset)| (address, source.at(offset))).collect();
    Checked { front, images, findings: linter.findings.sorted() }
}

/// Findings about several lessons: a slug is given to one only.
pub fn duplicate_slugs(lessons: &[(&str, &FrontMatter)]) -> Vec<Error> {
    let mut errors = Vec::new();
    for (i, (path, front)) in lessons.iter().enumerate() {
        let first = lessons[..i].iter().find(|(_, f)| f.slug == front.slug && !f.slug.is_empty());
        if let Some((other, _)) = first {
            let given = format!("slug {:?} is taken by {other}", front.slug);
            errors.push(Error::input(format!("{path}:1:1"), given, "every lesson has a slug of its own"));
        }
    }
    errors
}

struct Linter<'a> {
    source: Source<'a>,
    findings: Findings<'a>,
}

impl Linter<'_> {
    /// One heading of level 1, and no level left out on the way down.
    fn headings(&mut self, events: &[Located]) {
        let mut above = 1;
        let mut has_title = false;
        for (event, range) in events {
            let Event::Start(Tag::Heading { level, .. }) = event else { continue };
            let level = *level as u8;
            if level == 1 && has_title {
                self.findings.add(
                    range.start,
                    "a second heading of level 1",
                    "one # heading, the lesson's title",
                );
            }
            if level > above + 1 {
                let allowed = format!(
                    "at most {} here, so that the outline has no gap",
                    "#".repeat(above as usize + 1)
                );
                self.findings.add(range.start, format!("heading {}", "#".repeat(level as usize)), allowed);
            }
            has_title |= level == 1;
            above = level;
        }
    }

    fn anchors(&mut self, page: &Rendered) {
        for (anchor, offset) in &page.anchors {
            if !page.ids.contains(anchor) {
                let known = page.headings.iter().map(|h| h.id.as_str());
                let hint = suggestion(anchor, known);
                self.findings.add(
                    *offset,
                    format!("link to #{anchor}"),
                    format!("{hint}the id of a heading or a figure of this lesson"),
                );
            }
        }
    }

    fn events(&mut self, events: &[Located]) {
        for (i, (event, range)) in events.iter().enumerate() {
            match event {
                Event::Start(Tag::Image { dest_url, .. }) => {
                    let end = events[i..].iter().position(|(e, _)| matches!(e, Event::End(_))).unwrap_or(0);
                    if plain_text(&events[i..i + end]).is_empty() {
                        self.findings.add(
                            range.start,
                            format!("image {dest_url} without a text"),
                            "![what it shows](address), for readers who cannot see it",
                        );
                    }
                    self.address(range.start, "src", dest_url);
                }
                Event::Start(Tag::Link { dest_url, .. }) if dest_url.starts_with(claims::SCHEME) => {}
                Event::Start(Tag::Link { dest_url, .. }) => self.address(range.start, "href", dest_url),
                Event::Start(Tag::Table(_)) => {
                    let end = events[i..]
                        .iter()
                        .position(|(e, _)| matches!(e, Event::End(pulldown_cmark::TagEnd::Table)));
                    let inside = &events[i..i + end.unwrap_or(0)];
                    let body = inside.iter().position(|(e, _)| matches!(e, Event::Start(Tag::TableRow)));
                    if body.is_none_or(|row| plain_text(&inside[row..]).is_empty()) {
                        self.findings.add(
                            range.start,
                            "a table without content",
                            "at least one row under the heading row",
                        );
                    }
                }
                _ => {}
            }
        }
    }

    fn address(&mut self, offset: usize, attribute: &str, address: &str) {
        if !sanitize::allows_value("a", attribute, address) {
            self.findings.add(
                offset,
                format!("address {address}"),
                "http:, https:, mailto:, #anchor or a path",
            );
        }
    }

    /// A table's marker is followed by a table, a checklist's by tasks.
    fn kinds(&mut self, blocks: &[Block], placement: &Placement) {
        for placed in &placement.placed {
            let has = |sort| blocks[placed.blocks.clone()].iter().any(|b| b.sort == sort);
            let (is_met, wanted) = match placed.component.kind {
                Kind::Table => (has(Sort::Table), "a table"),
                Kind::Checklist => (has(Sort::TaskList), "a list of tasks: - [ ] …"),
                Kind::Example | Kind::Diagram | Kind::Summary => (true, ""),
            };
            if !is_met {
                let given = format!("component:{} in front of something else", placed.component);
                self.findings.add(placed.offset, given, format!("{wanted} right after the marker"));
            }
        }
    }

    fn raw_html(&mut self, events: &[Located], blocks: &[Block], placement: &Placement) {
        let is_marker = |i: usize| placement.markers.iter().any(|&m| blocks[m].events.contains(&i));
        for (i, (event, range)) in events.iter().enumerate() {
            let (Event::Html(_) | Event::InlineHtml(_)) = event else {
                if let Event::Start(Tag::HtmlBlock) = event
                    && !is_marker(i)
                {
                    // The block as a whole, since a tag may go over several lines.
                    self.fragment(range.start, &self.source.text[range.clone()]);
                }
                continue;
            };
            if matches!(event, Event::InlineHtml(_)) {
                self.fragment(range.start, &self.source.text[range.clone()]);
            }
        }
    }

    fn fragment(&mut self, base: usize, html: &str) {
        let is_corpus = html.trim_start().starts_with("<script type=\"text/plain\">");
        for tag in raw_tags(html) {
            let is_text = tag.attributes.iter().any(|a| a.name == "type" && a.value == "text/plain");
            if tag.name == "script" && is_text {
                if !is_corpus {
                    let allowed = "an empty line before a widget's <script type=\"text/plain\">, so that it is a block of its own";
                    self.findings.add(base + tag.offset, "<script>", allowed);
                }
            } else if sanitize::allows_tag(&tag.name) {
                self.attributes(base, &tag);
            } else {
                let widgets = super::components::WIDGETS.iter().map(|w| w.tag);
                let hint = suggestion(&tag.name, widgets.chain(sanitize::TAGS));
                let allowed =
                    format!("{hint}it would be dropped; a lesson has text, tables, figures and pretune tags");
                self.findings.add(base + tag.offset, format!("<{}>", tag.name), allowed);
            }
        }
    }

    fn attributes(&mut self, base: usize, tag: &RawTag) {
        let allowed = sanitize::allowed_attributes(&tag.name);
        for attribute in &tag.attributes {
            let offset = base + attribute.offset;
            let given = format!("<{} {}=\"{}\">", tag.name, attribute.name, attribute.value);
            if !allowed.contains(&attribute.name.as_str()) {
                let hint = suggestion(&attribute.name, allowed.iter().copied());
                let known = match widget(&tag.name) {
                    Some(widget) => {
                        format!("known are {}", widget.attributes().collect::<Vec<_>>().join(", "))
                    }
                    None => "it would be dropped".to_owned(),
                };
                self.findings.add(offset, given, format!("{hint}{known}"));
            } else if let Some(range) =
                widget(&tag.name).and_then(|w| w.reject(&attribute.name, &attribute.value))
            {
                self.findings.add(offset, given, range);
            } else if !sanitize::allows_value(&tag.name, &attribute.name, &attribute.value) {
                self.findings.add(
                    offset,
                    given,
                    "it would be dropped: not a safe address, or an id that the page itself uses",
                );
            }
        }
    }
}
