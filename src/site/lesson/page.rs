//! The page around a lesson's text, and the list of the lessons.
//!
//! The structure is a contract with `www/styles/lesson.css`: `a.skip`, `header.lesson-head` (`h1`,
//! `p.lead`, `dl.facts`), `nav.toc`, `main#main > article.lesson`, `footer`; in the text
//! `figure.component`, `div.table-frame`, `ul.tasks`, `aside.note`, `section.footnotes`,
//! `section.glossary`, `button.term`, `span.term-note`, `a.external`, `span.elsewhere`.
//! Start with [`lesson`].

use super::html::escape;
use super::results::{self, Results};
use super::{Heading, Lesson};
use std::fmt::Write;

/// What a page loads, as the markup that loads it.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    /// Goes right after `<meta charset>`: the content security policy of a page that has its own.
    pub policy: String,
    /// The style sheet and the deferred script, in the head.
    pub head: String,
    /// What has to stand at the end of the body.
    pub body_end: String,
    /// What figures show where no script runs.
    pub results: Results,
}

impl Assets {
    /// Assets in files; `root` is the way from the page to the site's root, such as `../../`.
    pub fn linked(root: &str) -> Self {
        let head = format!(
            "<link rel=\"stylesheet\" href=\"{root}lesson.css\">\n<script defer src=\"{root}pretune.js\"></script>\n"
        );
        Self { head, ..Self::default() }
    }
}

/// The complete page of a lesson. `titles` finds the title of a lesson of the same site by its slug.
pub fn lesson(lesson: &Lesson, assets: &Assets, titles: &dyn Fn(&str) -> Option<String>) -> String {
    let front = &lesson.front;
    let body = format!(
        "<a class=\"skip\" href=\"#main\">Skip to the lesson</a>\n\
         <header class=\"lesson-head\">\n<h1>{}</h1>\n<p class=\"lead\">{}</p>\n{}</header>\n\
         {}<main id=\"main\" tabindex=\"-1\">\n<article class=\"lesson\">\n{}</article>\n</main>\n\
         <footer>\n{}</footer>\n",
        escape(&lesson.title),
        escape(&front.description),
        facts(lesson, titles),
        contents(&lesson.headings),
        results::place(&lesson.body, &assets.results),
        colophon(lesson, titles),
    );
    document(&front.title, &front.description, assets, &body)
}

/// The site's front page: every lesson with what the reader chooses by.
pub fn index(lessons: &[&Lesson], assets: &Assets) -> String {
    let mut cards = String::new();
    for lesson in lessons {
        let front = &lesson.front;
        let facts: Vec<&str> =
            [&front.estimated_time, &front.difficulty].into_iter().flatten().map(String::as_str).collect();
        let _ = write!(
            cards,
            "<li>\n<h2><a href=\"lessons/{}/\">{}</a></h2>\n<p>{}</p>\n<p class=\"facts\">{}</p>\n</li>\n",
            escape(&front.slug),
            escape(&lesson.title),
            escape(&front.description),
            escape(&facts.join(" · ")),
        );
    }
    let description = "Lessons that train a miniature language model in your browser.";
    let body = format!(
        "<a class=\"skip\" href=\"#main\">Skip to the lessons</a>\n\
         <header class=\"lesson-head\">\n<h1>Pretune</h1>\n<p class=\"lead\">{description} Nothing is sent anywhere.</p>\n</header>\n\
         <main id=\"main\" tabindex=\"-1\">\n<ul class=\"lessons\">\n{cards}</ul>\n</main>\n"
    );
    document("Pretune", description, assets, &body)
}

/// A page that says one thing: not found, or what is wrong with a lesson.
pub fn notice(title: &str, text: &str, assets: &Assets) -> String {
    let body = format!(
        "<main id=\"main\" tabindex=\"-1\">\n<article class=\"lesson\">\n<h1>{}</h1>\n<pre tabindex=\"0\">{}</pre>\n<p><a href=\"/\">All lessons</a></p>\n</article>\n</main>\n",
        escape(title),
        escape(text),
    );
    document(title, title, assets, &body)
}

fn document(title: &str, description: &str, assets: &Assets, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{}\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<meta name=\"description\" content=\"{}\">\n\
         <link rel=\"icon\" href=\"data:,\">\n{}</head>\n<body>\n{body}{}</body>\n</html>\n",
        assets.policy,
        escape(title),
        escape(description),
        assets.head,
        assets.body_end,
    )
}

/// Time, difficulty and prerequisites, as far as they are given.
fn facts(lesson: &Lesson, titles: &dyn Fn(&str) -> Option<String>) -> String {
    let front = &lesson.front;
    let mut rows = String::new();
    let mut row = |name: &str, html: String| {
        let _ = writeln!(rows, "<div><dt>{name}</dt><dd>{html}</dd></div>");
    };
    if let Some(time) = &front.estimated_time {
        row("Time", escape(time));
    }
    if let Some(difficulty) = &front.difficulty {
        row("Difficulty", escape(difficulty));
    }
    if !front.prerequisites.is_empty() {
        row("Read first", lesson_links(&front.prerequisites, titles));
    }
    if rows.is_empty() { rows } else { format!("<dl class=\"facts\">\n{rows}</dl>\n") }
}

/// Author, date, tags and what to read next, as far as they are given.
fn colophon(lesson: &Lesson, titles: &dyn Fn(&str) -> Option<String>) -> String {
    let front = &lesson.front;
    let mut out = String::new();
    if !front.related.is_empty() {
        let _ = writeln!(out, "<p class=\"related\">Related: {}</p>", lesson_links(&front.related, titles));
    }
    let date = front.pub_date.as_ref().map(|d| format!("<time datetime=\"{0}\">{0}</time>", escape(d)));
    let by: Vec<String> = front.author.iter().map(|a| escape(a)).chain(date).collect();
    if !by.is_empty() {
        let _ = writeln!(out, "<p class=\"by\">{}</p>", by.join(" · "));
    }
    if !front.tags.is_empty() {
        let tags: String = front.tags.iter().map(|t| format!("<li>{}</li>", escape(t))).collect();
        let _ = writeln!(out, "<ul class=\"tags\" aria-label=\"Tags\">{tags}</ul>");
    }
    out
}

/// Lessons by slug: linked where the site has them, otherwise their name alone.
fn lesson_links(slugs: &[String], titles: &dyn Fn(&str) -> Option<String>) -> String {
    let link = |slug: &String| match titles(slug) {
        Some(title) => format!("<a href=\"../{}/\">{}</a>", escape(slug), escape(&title)),
        None => escape(&spoken(slug)),
    };
    slugs.iter().map(link).collect::<Vec<_>>().join(", ")
}

/// A slug as words: `model-size-scale` → `Model size scale`.
fn spoken(slug: &str) -> String {
    let words = slug.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// The table of contents: headings of level 2 with those of level 3 under them.
fn contents(headings: &[Heading]) -> String {
    let shown: Vec<&Heading> = headings.iter().filter(|h| matches!(h.level, 2 | 3)).collect();
    if shown.is_empty() {
        return String::new();
    }
    let mut out = String::from("<nav class=\"toc\" aria-label=\"Contents\">\n<ol>\n");
    let mut is_item_open = false;
    let mut is_list_open = false;
    for heading in shown {
        let link = format!("<a href=\"#{}\">{}</a>", escape(&heading.id), escape(&heading.text));
        if heading.level == 3 && is_item_open {
            out.push_str(if is_list_open { "" } else { "\n<ol>\n" });
            is_list_open = true;
            let _ = writeln!(out, "<li>{link}</li>");
            continue;
        }
        out.push_str(if is_list_open { "</ol>\n" } else { "" });
        out.push_str(if is_item_open { "</li>\n" } else { "" });
        let _ = write!(out, "<li>{link}");
        (is_item_open, is_list_open) = (true, false);
    }
    out.push_str(if is_list_open { "</ol>\n" } else { "" });
    out.push_str("</li>\n</ol>\n</nav>\n");
    out
}
