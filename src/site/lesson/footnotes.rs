//! Footnotes: numbered in the order of their first mention, listed at the end, linked both ways.

use super::html::escape;
use super::ids::Ids;

/// The footnotes of one lesson.
#[derive(Debug, Default)]
pub struct Footnotes {
    notes: Vec<Note>,
    /// The text around the definition that is being written.
    outside: Vec<(usize, String)>,
}

#[derive(Debug)]
struct Note {
    label: String,
    html: String,
    /// Ids of the places that mention it.
    mentions: Vec<String>,
}

impl Footnotes {
    /// The number in the text, linked to the note.
    pub fn reference(&mut self, label: &str, ids: &mut Ids) -> String {
        let n = self.index(label) + 1;
        let id = ids.unique(&format!("mention-{n}"));
        self.notes[n - 1].mentions.push(id.clone());
        format!(
            "<sup><a class=\"footnote\" id=\"{id}\" href=\"#note-{n}\" aria-label=\"Note {n}\">{n}</a></sup>"
        )
    }

    /// Begins a definition: until [`Self::end`], what is written to `out` is the note's text.
    pub fn begin(&mut self, label: &str, out: &mut String) {
        let i = self.index(label);
        self.outside.push((i, std::mem::take(out)));
    }

    /// Ends the definition and gives `out` back to the text around it.
    pub fn end(&mut self, out: &mut String) {
        if let Some((i, outside)) = self.outside.pop() {
            self.notes[i].html = std::mem::replace(out, outside);
        }
    }

    /// The list of the notes; empty without any.
    pub fn list(&self) -> String {
        let item = |(i, note): (usize, &Note)| {
            let back: String = note
                .mentions
                .iter()
                .map(|id| format!(" <a href=\"#{}\" aria-label=\"Back to the text\">↩</a>", escape(id)))
                .collect();
            let html = note.html.trim_end();
            // The way back stands on the note's last line, not under it.
            let body = match html.strip_suffix("</p>") {
                Some(open) => format!("{open}{back}</p>"),
                None => format!("{html}{back}"),
            };
            format!("<li id=\"note-{}\">{body}</li>\n", i + 1)
        };
        let items: String = self.notes.iter().enumerate().map(item).collect();
        if items.is_empty() {
            return items;
        }
        format!("<section class=\"footnotes\" aria-label=\"Notes\">\n<ol>\n{items}</ol>\n</section>\n")
    }

    fn index(&mut self, label: &str) -> usize {
        self.notes.iter().position(|n| n.label == label).unwrap_or_else(|| {
            self.notes.push(Note { label: label.to_owned(), html: String::new(), mentions: Vec::new() });
            self.notes.len() - 1
        })
    }
}
