//! What a compiled lesson is, asked of a parsed document: a snapshot can be accepted by mistake, a
//! missing label cannot.

use pretune::site::lesson::claims::{self, Claims};
use pretune::site::lesson::{self, Lesson, Options, page};
use scraper::{ElementRef, Html, Selector};
use std::collections::BTreeSet;
use std::path::Path;

const OWN: &str = include_str!("../lessons/all-markers/lesson.md");
const DIALECT: &str = include_str!("../lessons/markdown/lesson.md");

/// The lessons that the structure is asked of: the fixtures, the shipped ones, and a lesson written
/// by others, where the working copy has one beside it.
fn lessons() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found =
        vec![("all-markers".to_owned(), OWN.to_owned()), ("markdown".to_owned(), DIALECT.to_owned())];
    let shipped = std::fs::read_dir(root.join("lessons")).into_iter().flatten().flatten().map(|e| e.path());
    let others =
        [root.join("../shared/seed/lesson-brief.md"), root.join("../../shared/seed/lesson-brief.md")];
    for path in shipped.filter(|p| p.extension().is_some_and(|e| e == "md")).chain(others) {
        if let Ok(text) = std::fs::read_to_string(&path) {
            found.push((path.display().to_string(), text));
        }
    }
    found
}

fn compile(text: &str) -> Lesson {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons").join(claims::FILE);
    let recorded = std::fs::read_to_string(recorded).expect("results are recorded");
    let claims = Claims::read(claims::FILE, &recorded).expect("they can be read");
    let options = Options { claims, ..Options::default() };
    lesson::compile("lesson.md", text, &options).unwrap_or_else(|e| panic!("{}", lesson::all(&e)))
}

fn document(text: &str) -> Html {
    Html::parse_document(&page::lesson(&compile(text), &page::Assets::linked("../../"), &|_| None))
}

fn select<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).expect("a selector")).collect()
}

fn words(element: ElementRef) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Markers around whose block an element is placed.
const PLACED: [(&str, &str); 12] = [
    ("checklist:transfer-depth", "pretune-transfer-depth"),
    ("example:catastrophic-forgetting", "pretune-forgetting"),
    ("example:next-token", "pretune-next-token"),
    ("example:pretraining-corpus", "pretune-data-mixture"),
    ("example:sft-process", "pretune-sentiment"),
    ("example:traditional-vs-transfer", "pretune-scratch-vs-transfer"),
    ("diagram:rlhf-process", "pretune-rlhf-game"),
    ("summary", "pretune-summary"),
    ("table:peft-methods", "pretune-peft-methods"),
    ("table:finetuning-types", "pretune-finetuning-types"),
    ("table:pretraining-cost", "pretune-training-cost"),
    ("table:pretraining-objectives", "pretune-objectives"),
];

/// What selects the block of a marker.
fn block(component: &str) -> String {
    let placed = PLACED.iter().find(|(name, _)| *name == component);
    placed.map_or(format!("[data-component=\"{component}\"]"), |(_, tag)| (*tag).to_owned())
}

#[test]
fn the_twelve_markers_of_a_lesson_take_their_blocks() {
    for (name, text) in lessons().into_iter().filter(|(_, text)| text.contains("component:")) {
        let html = document(&text);
        let figures = select(&html, "article figure.component");
        let mut placed: Vec<&str> = figures.iter().filter_map(|f| f.attr("data-component")).collect();
        let mut widgets = Vec::new();
        for (component, tag) in PLACED {
            // A tag may stand there without a marker too.
            let found = select(&html, &format!("article {tag}"));
            let n = text.matches(&format!(" component:{component} ")).count();
            placed.extend(std::iter::repeat_n(component, n));
            widgets.extend(found.into_iter().take(n));
        }
        assert_eq!(placed.len(), text.matches(" component:").count(), "{name}: {placed:?}");
        for figure in figures.into_iter().chain(widgets) {
            assert!(!words(figure).is_empty(), "{name}: {:?} has no fallback", figure.attr("data-component"));
        }
        for component in placed.iter().filter(|c| c.starts_with("table:")) {
            let tables = select(&html, &format!("{} table", block(component)));
            assert_eq!(tables.len(), 1, "{name}: {component}");
        }
    }
}

#[test]
fn a_marker_takes_what_it_shows_and_leaves_the_prose() {
    let briefs =
        lessons().into_iter().filter(|(name, _)| name.ends_with("all-markers") || name.ends_with("brief.md"));
    for (name, text) in briefs {
        let html = document(&text);
        let count = |selector: &str| select(&html, selector).len();
        let inside = |component: &str| words(select(&html, &block(component))[0]);
        assert_eq!(count(&format!("{} pre", block("example:traditional-vs-transfer"))), 2, "{name}");
        assert!(!inside("example:traditional-vs-transfer").contains("Key insight"), "{name}");
        assert_eq!(
            count(&format!("{} > *", block("table:pretraining-objectives"))),
            1,
            "{name}: the table alone"
        );
        assert!(!inside("example:pretraining-corpus").contains("oncern:"), "{name}");
        assert_eq!(count(&format!("{} > ul", block("example:pretraining-corpus"))), 1, "{name}");
        assert_eq!(count(&format!("{} > *", block("example:sft-process"))), 2, "{name}: title and code");
        assert_eq!(count(&format!("{} > *", block("diagram:rlhf-process"))), 2, "{name}: title and code");
        assert_eq!(
            count(&format!("{} > pretune-checklist > ul.tasks", block("checklist:transfer-depth"))),
            1,
            "{name}"
        );
        assert!(!inside("checklist:transfer-depth").contains("When to use"), "{name}");
        assert_eq!(count(&format!("{} > *", block("example:catastrophic-forgetting"))), 2, "{name}");
        assert!(inside("summary").contains("Bottom line"), "{name}");
        assert!(!inside("summary").contains("Related concepts"), "{name}");
        assert!(words(select(&html, "article")[0]).contains("Related concepts"), "{name}: prose is kept");
    }
}

#[test]
fn a_lesson_by_others_compiles_as_it_stands() {
    // The text is not ours to ship; it is checked wherever it lies beside the working copy.
    for (_, text) in lessons().into_iter().filter(|(name, _)| name.ends_with("lesson-brief.md")) {
        let html = document(&text);
        let count = |selector: &str| select(&html, selector).len();
        assert_eq!(count("figure.component"), 1, "the others are elements");
        assert_eq!(count("figure.component"), 1, "the others are elements");
        assert_eq!(count("article table"), 5);
        assert_eq!(count("article li > input[type=checkbox], article li > p > input[type=checkbox]"), 4);
        assert_eq!(count(".math, sub, article del"), 0, "amounts such as $1M-$100M and ~4K stay text");
        assert!(words(select(&html, "article")[0]).contains("Cost: $1M-$100M in compute"));
        assert!(words(select(&html, "article")[0]).contains("~50K (V100)"));
        assert_eq!(select(&html, ".elsewhere").len(), 4, "root-relative links are text without a base");
    }
}

#[test]
fn ids_are_unique_and_every_reference_has_its_target() {
    for (name, text) in lessons() {
        let html = document(&text);
        let ids: Vec<&str> = select(&html, "[id]").iter().filter_map(|e| e.attr("id")).collect();
        let known: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), known.len(), "{name}: an id is used twice in {ids:?}");
        for link in select(&html, "a[href^=\"#\"]") {
            let target = link.attr("href").and_then(|h| h.strip_prefix('#')).unwrap_or_default();
            assert!(known.contains(target), "{name}: #{target}");
        }
        for (attribute, selector) in
            [("aria-labelledby", "[aria-labelledby]"), ("for", "[for]"), ("popovertarget", "[popovertarget]")]
        {
            for element in select(&html, selector) {
                let target = element.attr(attribute).unwrap_or_default();
                assert!(known.contains(target), "{name}: {attribute}={target}");
            }
        }
    }
}

#[test]
fn a_page_has_one_title_and_an_outline_that_lists_its_sections() {
    for (name, text) in lessons() {
        let html = document(&text);
        assert_eq!(select(&html, "h1").len(), 1, "{name}");
        assert_eq!(select(&html, "header.lesson-head > h1").len(), 1, "{name}");
        assert_eq!(select(&html, "main#main > article.lesson").len(), 1, "{name}");
        let sections: Vec<String> = select(&html, "article h2, article h3")
            .into_iter()
            .filter(|h| h.attr("id") != Some("glossary"))
            .map(words)
            .collect();
        let contents: Vec<String> = select(&html, "nav.toc a").into_iter().map(words).collect();
        assert_eq!(contents, sections, "{name}");
    }
}

#[test]
fn tables_have_a_caption_and_scoped_headers_and_a_frame() {
    for (name, text) in lessons() {
        let html = document(&text);
        let mut captions = BTreeSet::new();
        for table in select(&html, "article table") {
            let caption = table.child_elements().next().expect("a table has children");
            assert_eq!(caption.value().name(), "caption", "{name}");
            assert!(captions.insert(words(caption)), "{name}: two tables are called {}", words(caption));
            let frame = table.parent().and_then(ElementRef::wrap).expect("a table is framed");
            assert_eq!(frame.attr("tabindex"), Some("0"), "{name}: a wide table scrolls by keyboard");
            assert_eq!(frame.attr("aria-labelledby"), caption.attr("id"), "{name}");
        }
        for header in select(&html, "article th") {
            assert!(matches!(header.attr("scope"), Some("col" | "row")), "{name}: {}", header.html());
        }
    }
}

#[test]
fn every_checkbox_has_a_label_with_words() {
    for (name, text) in lessons() {
        let html = document(&text);
        for checkbox in select(&html, "article input") {
            assert_eq!(checkbox.attr("type"), Some("checkbox"), "{name}");
            let id = checkbox.attr("id").expect("a checkbox has an id");
            let label = select(&html, &format!("label[for=\"{id}\"]"));
            assert_eq!(label.len(), 1, "{name}");
            assert!(!words(label[0]).is_empty(), "{name}");
            assert_eq!(
                label[0].select(&Selector::parse("ul, p, div").expect("a selector")).count(),
                0,
                "{name}"
            );
        }
    }
}

#[test]
fn nothing_on_a_page_needs_a_lax_content_security_policy() {
    for (name, text) in lessons() {
        let html = document(&text);
        assert_eq!(select(&html, "style, [style]").len(), 0, "{name}");
        assert_eq!(select(&html, "script:not([src])").len(), 0, "{name}");
        for element in select(&html, "*") {
            let handlers =
                element.value().attrs().filter(|(attribute, _)| attribute.starts_with("on")).count();
            assert_eq!(handlers, 0, "{name}: {}", element.html());
        }
    }
}

#[test]
fn images_keep_their_words_and_external_links_are_marked() {
    let html = document(DIALECT);
    let image = select(&html, "article img")[0];
    assert_eq!((image.attr("alt"), image.attr("src")), (Some("A loaf, \"sliced\""), Some("loaf.png")));
    for link in select(&html, "article a[href^=\"http\"]") {
        assert_eq!(link.attr("class"), Some("external"));
        assert_eq!(link.attr("rel"), Some("noopener noreferrer"));
    }
    assert_eq!(select(&html, "article a[href^=\"http\"]").len(), 2);
}

#[test]
fn terms_are_explained_by_keyboard_and_listed() {
    let html = document(OWN);
    let terms = select(&html, "article dfn > button[popovertarget]");
    assert_eq!(terms.iter().map(|t| words(*t)).collect::<Vec<_>>(), ["leaven", "crumb"]);
    for term in terms {
        let id = term.attr("popovertarget").expect("a target");
        let note = select(&html, &format!("[popover][id=\"{id}\"]"));
        assert_eq!(note.len(), 1);
        assert!(!words(note[0]).is_empty());
    }
    let listed: Vec<String> = select(&html, "section.glossary dt").into_iter().map(words).collect();
    assert_eq!(listed, ["leaven", "crumb"]);
}

#[test]
fn root_relative_links_lead_to_the_given_site() {
    let options = Options { base_url: Some("https://example.org/".into()), ..Options::default() };
    let lesson = lesson::compile("lesson.md", OWN, &options).expect("it compiles");
    let html = Html::parse_document(&lesson.body);
    assert_eq!(select(&html, "a[href=\"https://example.org/learn/flour\"]").len(), 1);
    assert_eq!(select(&html, ".elsewhere").len(), 0);
}
