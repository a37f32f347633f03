//! Each folder of `tests/lessons/` is a lesson; next to it stands what the compiler makes of it
//! (`body.html`) and what the linter says (`findings.txt`). `UPDATE=1 cargo test` writes them anew.

use pretune::site::lesson::claims::{self, Claims};
use pretune::site::lesson::{self, Options, check, page};
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lessons").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder(name).join("lesson.md")).expect("the fixture is there")
}

/// Compares with a file of the fixture, or writes it.
fn expect(name: &str, file: &str, actual: &str) {
    let path = folder(name).join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, actual).expect("the fixture can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(actual, expected, "{} differs; if that is right: UPDATE=1 cargo test", path.display());
}

fn snapshot(name: &str) {
    let text = text(name);
    let recorded = std::fs::read_to_string(folder(name).join(claims::FILE)).unwrap_or_default();
    let claims = Claims::read(claims::FILE, &recorded).expect("what is recorded can be read");
    let options = Options { claims, ..Options::default() };
    let body = match lesson::compile("lesson.md", &text, &options) {
        Ok(lesson) => lesson.body,
        Err(_) => String::new(),
    };
    expect(name, "body.html", &body);
    let findings = check::check("lesson.md", &text, &options.claims).findings;
    let lines: String = findings.iter().map(|f| format!("{f}\n")).collect();
    expect(name, "findings.txt", &lines);
}

#[test]
fn every_marker_is_placed() {
    snapshot("all-markers");
}

#[test]
fn the_dialect_is_rendered() {
    snapshot("markdown");
}

#[test]
fn every_mistake_is_reported_with_its_place() {
    snapshot("mistakes");
}

#[test]
fn widgets_can_be_written_as_tags() {
    snapshot("widget-tags");
}

#[test]
fn numbers_of_experiments_are_filled_in() {
    snapshot("claims");
}

#[test]
fn numbers_that_no_experiment_gave_are_reported() {
    snapshot("claim-mistakes");
}

#[test]
fn the_page_around_a_lesson_is_as_before() {
    let lesson =
        lesson::compile("lesson.md", &text("all-markers"), &Options::default()).expect("it compiles");
    let titles = |slug: &str| (slug == "bread-twice-risen").then(|| "Bread & butter".to_owned());
    let page = page::lesson(
        &lesson::Lesson { body: String::new(), ..lesson },
        &page::Assets::linked("../../"),
        &titles,
    );
    expect("all-markers", "page.html", &page);
}

#[test]
fn the_site_lists_its_lessons() {
    let lesson =
        lesson::compile("lesson.md", &text("all-markers"), &Options::default()).expect("it compiles");
    expect("all-markers", "index.html", &page::index(&[&lesson], &page::Assets::linked("")));
}
