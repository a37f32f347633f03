//! From parsed Markdown to the HTML of a lesson's text.
//!
//! Writes semantic HTML without a style or a handler in it, so that it passes any content security
//! policy. What comes out still has the author's raw HTML in it: [`super::sanitize::clean`] is next.
//! Start with [`render`].

use super::blocks::{Block, Located};
use super::claims::Citations;
use super::components::{Kind, Widget};
use super::footnotes::Footnotes;
use super::front_matter::FrontMatter;
use super::glossary::Glossary;
use super::html::{escape, raw_tags};
use super::ids::{Ids, slug};
use super::links::{self, is_local_file};
use super::markers::Placement;
use super::sanitize;
use super::source::Source;
use super::tables::Tables;
use super::{Heading, Options};
use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, Tag, TagEnd};
use std::ops::Range;

/// A lesson's text as HTML, and what the linter and the page want to know of it.
#[derive(Default)]
pub struct Rendered {
    /// Not sanitised yet.
    pub html: String,
    /// Markup of our own that the sanitiser must not touch.
    pub trusted: Vec<String>,
    /// The words of the first heading of level 1, which moves to the page's head.
    pub title: Option<String>,
    /// All other headings in the order of the text.
    pub headings: Vec<Heading>,
    /// `#anchor` links and where they are.
    pub anchors: Vec<(String, usize)>,
    /// Image files next to the lesson, and where they are named.
    pub images: Vec<(String, usize)>,
    /// Names of glossary terms that never occur, and where they are defined.
    pub unmet_terms: Vec<(String, usize)>,
    pub ids: Ids,
}

/// Renders the blocks, with each marker's blocks inside its component.
pub fn render(
    source: &Source,
    front: &FrontMatter,
    (events, blocks): (&[Located], &[Block]),
    placement: &Placement,
    citations: &Citations,
    options: &Options,
) -> Rendered {
    let mut ids = Ids::default();
    ids.unique("main");
    let mut renderer = Renderer {
        source,
        options,
        citations,
        events,
        out: String::new(),
        page: Rendered { ids, ..Rendered::default() },
        glossary: Glossary::new(&front.glossary),
        footnotes: Footnotes::default(),
        tables: Tables::default(),
        closers: Vec::new(),
        in_task_label: false,
        no_terms: 0,
        n_tasks: 0,
    };
    for (i, block) in blocks.iter().enumerate() {
        for placed in placement.placed.iter().filter(|p| p.blocks.start == i) {
            renderer.open(placed.component);
        }
        if !placement.markers.contains(&i) {
            renderer.block(block, blocks.get(i + 1));
        }
        for placed in placement.placed.iter().filter(|p| p.blocks.end == i + 1) {
            renderer.close(placed.component);
        }
    }
    renderer.finish()
}

struct Renderer<'a> {
    source: &'a Source<'a>,
    options: &'a Options,
    citations: &'a Citations<'a>,
    events: &'a [Located<'a>],
    out: String,
    page: Rendered,
    glossary: Glossary<'a>,
    footnotes: Footnotes,
    tables: Tables,
    /// What ends the links and deletions that are open.
    closers: Vec<&'static str>,
    /// Whether the text goes into the label of a task's checkbox.
    in_task_label: bool,
    /// Above 0 where terms are not explained: headings, links, tables, components.
    no_terms: usize,
    n_tasks: usize,
}

impl Renderer<'_> {
    fn open(&mut self, component: &super::components::Component) {
        self.no_terms += 1;
        let Some(Widget { tag, .. }) = component.widget() else {
            self.out.push_str(&format!("<figure class=\"component\" data-component=\"{component}\">\n"));
            return;
        };
        // Its name, by which the text can link to it.
        let id = self.page.ids.unique(tag.trim_start_matches("pretune-"));
        self.out.push_str(&format!("<{tag} id=\"{id}\">\n"));
        if component.kind == Kind::Checklist {
            self.out.push_str("<pretune-checklist>\n");
        }
    }

    fn close(&mut self, component: &super::components::Component) {
        self.no_terms -= 1;
        if component.kind == Kind::Checklist {
            self.out.push_str("</pretune-checklist>\n");
        }
        let tag = component.widget().map_or("figure", |w| w.tag);
        self.out.push_str(&format!("</{tag}>\n"));
    }

    fn block(&mut self, block: &Block, next: Option<&Block>) {
        let range = block.events.clone();
        if self.tables.is_caption(self.source.text, block, next) {
            let start = self.out.len();
            self.no_terms += 1;
            self.inline(range.start + 1..range.end - 1);
            self.no_terms -= 1;
            self.tables.set_caption(&self.out.split_off(start));
        } else {
            self.inline(range);
        }
    }

    /// Writes a range of events.
    fn inline(&mut self, range: Range<usize>) {
        let mut i = range.start;
        while i < range.end {
            i = self.event(i);
        }
    }

    /// Writes the event at `i` and says which is next: some elements take all of theirs at once.
    fn event(&mut self, i: usize) -> usize {
        let (event, place) = &self.events[i];
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                return self.heading(i, *level as u8, id.as_deref());
            }
            Event::Start(Tag::Image { dest_url, title, .. }) => return self.image(i, dest_url, title),
            Event::Start(Tag::HtmlBlock) => return self.html_block(i),
            Event::Start(Tag::Link { .. }) if let Some(html) = self.citations.html(place.start) => {
                self.out.push_str(&sanitize::place(self.page.trusted.len()));
                self.page.trusted.push(html);
                return self.end_of(i);
            }
            Event::Start(tag) => self.start(tag, i),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.no_terms > 0 || self.in_task_label => self.out.push_str(&escape(text)),
            Event::Text(text) => {
                let html = self.glossary.mark(text, &mut self.page.ids);
                self.out.push_str(&html);
            }
            Event::Code(code) => self.out.push_str(&format!("<code>{}</code>", escape(code))),
            Event::InlineHtml(html) | Event::Html(html) => {
                self.note_ids(html);
                self.out.push_str(html);
            }
            Event::FootnoteReference(label) => {
                let html = self.footnotes.reference(label, &mut self.page.ids);
                self.out.push_str(&html);
            }
            Event::SoftBreak => self.out.push('\n'),
            Event::HardBreak => self.out.push_str("<br>\n"),
            Event::Rule => self.out.push_str("<hr>\n"),
            Event::TaskListMarker(is_done) => self.task(*is_done),
            // Mathematics is off; its source is shown should the parser's defaults ever change.
            Event::InlineMath(_) | Event::DisplayMath(_) => {
                self.out.push_str(&escape(&self.source.text[place.clone()]))
            }
        }
        i + 1
    }

    fn start(&mut self, tag: &Tag, i: usize) {
        if !matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. }) {
            self.end_task_label();
        }
        match tag {
            Tag::Paragraph => self.out.push_str("<p>"),
            Tag::BlockQuote(None) => self.out.push_str("<blockquote>\n"),
            Tag::BlockQuote(Some(kind)) => {
                let (class, name) = note(*kind);
                self.out.push_str(&format!(
                    "<aside class=\"note {class}\">\n<p class=\"note-name\">{name}</p>\n"
                ));
            }
            Tag::CodeBlock(kind) => {
                self.no_terms += 1;
                self.out.push_str(&format!("<pre tabindex=\"0\"><code{}>", language(kind)));
            }
            Tag::List(Some(1)) => self.out.push_str("<ol>\n"),
            Tag::List(Some(first)) => self.out.push_str(&format!("<ol start=\"{first}\">\n")),
            Tag::List(None) if self.is_task(i + 1) => self.out.push_str("<ul class=\"tasks\">\n"),
            Tag::List(None) => self.out.push_str("<ul>\n"),
            Tag::Item => self.out.push_str("<li>"),
            Tag::Emphasis => self.out.push_str("<em>"),
            Tag::Strong => self.out.push_str("<strong>"),
            Tag::Strikethrough => {
                // One tilde is "about" in these lessons (`~4K`), only two are a deletion.
                let is_deletion = self.source.text[self.events[i].1.clone()].starts_with("~~");
                self.out.push_str(if is_deletion { "<del>" } else { "~" });
                self.closers.push(if is_deletion { "</del>" } else { "~" });
            }
            Tag::Link { dest_url, title, .. } => {
                self.no_terms += 1;
                if let Some(anchor) = dest_url.strip_prefix('#') {
                    self.page.anchors.push((anchor.to_owned(), self.events[i].1.start));
                }
                let tags = links::link(dest_url, title, self.options.base_url.as_deref());
                self.out.push_str(&tags.open);
                self.closers.push(tags.close);
            }
            Tag::FootnoteDefinition(label) => self.footnotes.begin(label, &mut self.out),
            Tag::Table(alignments) => {
                self.no_terms += 1;
                let html = self.tables.start(alignments, self.page.headings.last(), &mut self.page.ids);
                self.out.push_str(&html);
            }
            Tag::TableHead | Tag::TableRow => {
                self.out.push_str(self.tables.start_row(matches!(tag, Tag::TableHead)))
            }
            Tag::TableCell => {
                let first = self.events.get(i + 1).map(|(e, _)| e);
                let is_bold = matches!(first, Some(Event::Start(Tag::Strong)));
                let is_empty = matches!(first, Some(Event::End(_)));
                self.out.push_str(&self.tables.start_cell(is_bold, is_empty));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: &TagEnd) {
        if matches!(tag, TagEnd::Paragraph | TagEnd::Item) {
            self.end_task_label();
        }
        match tag {
            TagEnd::Paragraph => self.out.push_str("</p>\n"),
            TagEnd::BlockQuote(None) => self.out.push_str("</blockquote>\n"),
            TagEnd::BlockQuote(Some(_)) => self.out.push_str("</aside>\n"),
            TagEnd::CodeBlock => {
                self.no_terms -= 1;
                self.out.push_str("</code></pre>\n");
            }
            TagEnd::List(is_ordered) => self.out.push_str(if *is_ordered { "</ol>\n" } else { "</ul>\n" }),
            TagEnd::Item => self.out.push_str("</li>\n"),
            TagEnd::Emphasis => self.out.push_str("</em>"),
            TagEnd::Strong => self.out.push_str("</strong>"),
            TagEnd::Strikethrough | TagEnd::Link => {
                self.no_terms -= usize::from(*tag == TagEnd::Link);
                self.out.push_str(self.closers.pop().unwrap_or_default());
            }
            TagEnd::FootnoteDefinition => self.footnotes.end(&mut self.out),
            TagEnd::Table => {
                self.no_terms -= 1;
                self.out.push_str("</tbody>\n</table>\n</div>\n");
            }
            TagEnd::TableHead => self.out.push_str("</tr>\n</thead>\n<tbody>\n"),
            TagEnd::TableRow => self.out.push_str("</tr>\n"),
            TagEnd::TableCell => self.out.push_str(self.tables.end_cell()),
            _ => {}
        }
    }

    /// A heading with its anchor. The first of level 1 is the page's own and is not repeated here.
    fn heading(&mut self, start: usize, level: u8, given_id: Option<&str>) -> usize {
        let end = self.end_of(start);
        let text = plain_text(&self.events[start..end]);
        if level == 1 && self.page.title.is_none() {
            self.page.title = Some(text);
            return end;
        }
        let id = self.page.ids.unique(&given_id.map_or_else(|| slug(&text), str::to_owned));
        self.out.push_str(&format!("<h{level} id=\"{}\">", escape(&id)));
        self.no_terms += 1;
        self.inline(start + 1..end - 1);
        self.no_terms -= 1;
        self.out.push_str(&format!("</h{level}>\n"));
        self.page.headings.push(Heading { level, id, text, offset: self.events[start].1.start });
        end
    }

    fn image(&mut self, start: usize, address: &str, title: &str) -> usize {
        let end = self.end_of(start);
        let alt = escape(&plain_text(&self.events[start..end]));
        let title = if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escape(title)) };
        if is_local_file(address) {
            self.page.images.push((address.to_owned(), self.events[start].1.start));
        }
        match self.options.images.get(address) {
            Some(data) => {
                self.out.push_str(&sanitize::place(self.page.trusted.len()));
                self.page.trusted.push(format!("<img src=\"{}\" alt=\"{alt}\"{title}>", escape(data)));
            }
            None => self.out.push_str(&format!("<img src=\"{}\" alt=\"{alt}\"{title}>", escape(address))),
        }
        end
    }

    /// Raw HTML as it stands, but for a widget's own corpus, which no sanitiser would let through.
    fn html_block(&mut self, start: usize) -> usize {
        let end = self.end_of(start);
        self.end_task_label();
        let lines = self.events[start + 1..end - 1].iter();
        let html: String = lines
            .map(|(e, _)| if let Event::Html(line) | Event::Text(line) = e { line } else { "" })
            .collect();
        self.note_ids(&html);
        match inline_corpus(&html) {
            Some(corpus) => {
                self.out.push_str(&sanitize::place(self.page.trusted.len()));
                self.page.trusted.push(corpus.to_owned());
            }
            None => self.out.push_str(&html),
        }
        end
    }

    /// Keeps the ids of raw HTML from being given out again.
    fn note_ids(&mut self, html: &str) {
        let attributes = raw_tags(html).into_iter().flat_map(|t| t.attributes);
        for id in attributes.filter(|a| a.name == "id") {
            self.page.ids.unique(&id.value);
        }
    }

    /// A task is a real checkbox with a label, so the reader can tick it without any script.
    fn task(&mut self, is_done: bool) {
        self.n_tasks += 1;
        let id = self.page.ids.unique(&format!("task-{}", self.n_tasks));
        let checked = if is_done { " checked=\"\"" } else { "" };
        self.out.push_str(&format!("<input type=\"checkbox\" id=\"{id}\"{checked}> <label for=\"{id}\">"));
        self.in_task_label = true;
    }

    fn end_task_label(&mut self) {
        if std::mem::take(&mut self.in_task_label) {
            self.out.push_str("</label>");
        }
    }

    /// Whether the item that starts at event `i` is a task.
    fn is_task(&self, i: usize) -> bool {
        let mut inside = self.events[i + 1..].iter().map(|(e, _)| e);
        let first = inside.next();
        let first = if let Some(Event::Start(Tag::Paragraph)) = first { inside.next() } else { first };
        matches!(first, Some(Event::TaskListMarker(_)))
    }

    /// The index after the end of the element that starts at `start`.
    fn end_of(&self, start: usize) -> usize {
        let mut depth = 0;
        for (i, (event, _)) in self.events.iter().enumerate().skip(start) {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return i + 1;
            }
        }
        self.events.len()
    }

    fn finish(mut self) -> Rendered {
        self.out.push_str(&self.footnotes.list());
        self.out.push_str(&self.glossary.list(&mut self.page.ids));
        self.page.unmet_terms = self.glossary.unmet().map(|t| (t.name.clone(), t.offset)).collect();
        self.page.html = self.out;
        self.page
    }
}

/// The words of a range of events, without any markup.
pub fn plain_text(events: &[Located]) -> String {
    let words = events.iter().map(|(event, _)| match event {
        Event::Text(text) | Event::Code(text) => text,
        Event::SoftBreak | Event::HardBreak => " ",
        _ => "",
    });
    words.collect::<String>().trim().to_owned()
}

fn note(kind: BlockQuoteKind) -> (&'static str, &'static str) {
    match kind {
        BlockQuoteKind::Note => ("info", "Note"),
        BlockQuoteKind::Tip => ("tip", "Tip"),
        BlockQuoteKind::Important => ("important", "Important"),
        BlockQuoteKind::Warning => ("warning", "Warning"),
        BlockQuoteKind::Caution => ("caution", "Caution"),
    }
}

/// The class that names a code block's language, if it has one.
fn language(kind: &CodeBlockKind) -> String {
    let CodeBlockKind::Fenced(info) = kind else { return String::new() };
    let word: String = info
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '#' | '_'))
        .collect();
    if word.is_empty() { word } else { format!(" class=\"language-{word}\"") }
}

/// The text of a widget's inline corpus, `<script type="text/plain">…</script>` alone in its block.
///
/// A browser never runs it, and it is let through only when it can hold nothing but text: a second
/// tag or a comment inside could end the element early.
fn inline_corpus(html: &str) -> Option<&str> {
    let html = html.trim();
    let text = html.strip_prefix("<script type=\"text/plain\">")?.strip_suffix("</script>")?;
    let lower = text.to_ascii_lowercase();
    (!lower.contains("<script") && !lower.contains("</script") && !lower.contains("<!--")).then_some(html)
}
