//! Tables: a caption and a number, header cells with their scope, and a frame that scrolls sideways
//! by keyboard when the screen is narrower than the table.
//!
//! A paragraph `Table: its caption` right before a table is the table's caption; without one it is
//! named after the heading above it. A first cell that begins in bold heads its row.

use super::Heading;
use super::blocks::{Block, Sort};
use super::html::escape;
use super::ids::Ids;
use pulldown_cmark::Alignment;

const CAPTION_MARK: &str = "Table: ";

/// The tables of one lesson, and the one that is being written.
#[derive(Debug, Default)]
pub struct Tables {
    n_tables: usize,
    caption: Option<String>,
    alignments: Vec<Alignment>,
    is_head: bool,
    column: usize,
    is_header_cell: bool,
}

impl Tables {
    /// Whether a block is the caption of the table after it.
    pub fn is_caption(&self, text: &str, block: &Block, next: Option<&Block>) -> bool {
        matches!(block.sort, Sort::Paragraph { .. })
            && next.is_some_and(|b| b.sort == Sort::Table)
            && text[block.span.clone()].starts_with(CAPTION_MARK)
    }

    /// Keeps the caption, as HTML, for the table that follows.
    pub fn set_caption(&mut self, html: &str) {
        self.caption = Some(html.strip_prefix(CAPTION_MARK).unwrap_or(html).to_owned());
    }

    /// The beginning of a table, down to its caption.
    pub fn start(&mut self, alignments: &[Alignment], above: Option<&Heading>, ids: &mut Ids) -> String {
        self.n_tables += 1;
        self.alignments = alignments.to_vec();
        let n = self.n_tables;
        let id = ids.unique(&format!("table-{n}"));
        let caption = self.caption.take().or_else(|| above.map(|h| escape(&h.text)));
        let caption = caption.map_or(String::new(), |c| format!(" {c}"));
        format!(
            "<div class=\"table-frame\" role=\"region\" aria-labelledby=\"{id}\" tabindex=\"0\">\n<table>\n<caption id=\"{id}\"><span class=\"number\">Table {n}.</span>{caption}</caption>\n"
        )
    }

    pub fn start_row(&mut self, is_head: bool) -> &'static str {
        self.is_head = is_head;
        self.column = 0;
        if is_head { "<thead>\n<tr>" } else { "<tr>" }
    }

    /// The tag of the next cell. `is_bold`: its text begins in bold. An empty cell heads nothing.
    pub fn start_cell(&mut self, is_bold: bool, is_empty: bool) -> String {
        let class = match self.alignments.get(self.column) {
            Some(Alignment::Right) => " class=\"right\"",
            Some(Alignment::Center) => " class=\"center\"",
            _ => "",
        };
        let is_row_header = self.column == 0 && is_bold;
        self.is_header_cell = !is_empty && (self.is_head || is_row_header);
        self.column += 1;
        match (self.is_header_cell, self.is_head) {
            (true, true) => format!("<th scope=\"col\"{class}>"),
            (true, false) => format!("<th scope=\"row\"{class}>"),
            (false, _) => format!("<td{class}>"),
        }
    }

    pub fn end_cell(&self) -> &'static str {
        if self.is_header_cell { "</th>" } else { "</td>" }
    }
}
