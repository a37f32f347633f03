//! The one-file lesson: what it promises a browser must be true of its bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pretune::site::bundle::{Parts, bundle, read_lesson};
use scraper::{ElementRef, Html, Selector};
use sha2::{Digest, Sha256};
use std::io::Read;

const LESSON: &str = "---\ntitle: T\nslug: s\ndescription: D\n---\n\n## A\n\n<!-- component:example:next-token -->\n\nWords.\n\n![Dot](dot.png)\n\n[x](/root) [y](https://example.org)\n";

/// A script with everything that could end its element early or change with the encoding.
const SCRIPT: &str = "const a = \"</script><!-- <script>\", b = \"é😀\\u2028\";\r\n";

fn parts() -> Parts {
    Parts {
        script: SCRIPT.into(),
        style: "a::after { content: \"</style>→\" }\r\n".into(),
        workers: ["pretune-worker", "pretune-claims"]
            .map(|id| (id, "worker.js", format!("worker; {SCRIPT}")))
            .into(),
        binaries: vec![
            ("pretune-wasm", "pretune.wasm", (0..=255).cycle().take(10_000).collect()),
            ("pretune-claims-wasm", "pretune-claims.wasm", (0..=255).rev().cycle().take(10_000).collect()),
            ("pretune-base", "base.safetensors", vec![7; 5_000]),
            ("pretune-assistant", "assistant.safetensors", vec![9; 5_000]),
            ("pretune-results", "results.json", b"{}".to_vec()),
        ],
    }
}

fn bundled() -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lesson.md");
    std::fs::write(&path, LESSON).expect("a lesson");
    std::fs::write(folder.path().join("dot.png"), b"\x89PNG").expect("an image");
    let lesson = read_lesson(&path, None).expect("it compiles");
    bundle(&lesson, &parts()).expect("it fits").html
}

fn one<'a>(html: &'a Html, selector: &str) -> ElementRef<'a> {
    let found: Vec<_> = html.select(&Selector::parse(selector).expect("a selector")).collect();
    assert_eq!(found.len(), 1, "{selector}");
    found[0]
}

fn content(element: ElementRef) -> String {
    element.text().collect()
}

#[test]
fn the_policy_names_exactly_what_is_inside() {
    let text = bundled();
    let html = Html::parse_document(&text);
    let policy = one(&html, "meta[http-equiv=\"Content-Security-Policy\"]")
        .attr("content")
        .expect("a policy")
        .to_owned();
    let hash = |text: String| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    let script = hash(content(one(&html, "script:not([type])")));
    let style = hash(content(one(&html, "style")));
    let expected = format!(
        "default-src 'none'; script-src {script} 'wasm-unsafe-eval'; worker-src blob:; style-src {style}; img-src data:; \
         connect-src 'none'; base-uri 'none'; form-action 'none'"
    );
    assert_eq!(policy, expected);
}

#[test]
fn the_head_begins_with_encoding_and_policy() {
    let text = bundled();
    let html = Html::parse_document(&text);
    let head: Vec<_> = one(&html, "head").child_elements().take(2).collect();
    assert_eq!(head[0].attr("charset"), Some("utf-8"));
    assert_eq!(head[1].attr("http-equiv"), Some("Content-Security-Policy"));
    assert!(text.find("charset").is_some_and(|at| at < 1024));
}

#[test]
fn nothing_is_requested() {
    let text = bundled();
    let html = Html::parse_document(&text);
    let selector = Selector::parse("[src], link[href]").expect("a selector");
    for element in html.select(&selector) {
        let address = element.attr("src").or(element.attr("href")).unwrap_or_default();
        assert!(address.starts_with("data:"), "{}", element.html());
    }
    assert_eq!(one(&html, "article img").attr("src"), Some("data:image/png;base64,iVBORw=="));
    assert_eq!(one(&html, "article img").attr("alt"), Some("Dot"));
}

#[test]
fn code_arrives_as_it_was_meant() {
    let text = bundled();
    let html = Html::parse_document(&text);
    for (selector, begins) in [("script:not([type])", "const a"), ("#pretune-worker", "worker; const a")] {
        let code = content(one(&html, selector));
        assert!(code.starts_with(begins) && code.ends_with(";\n"), "{selector}: {code}");
        assert!(
            code.is_ascii() && !code.contains("</script") && !code.contains("<!--"),
            "{selector}: {code}"
        );
        assert!(code.contains("\"\\x3C/script>\\x3C!-- \\x3Cscript>\""), "{selector}: {code}");
    }
    assert_eq!(one(&html, "#pretune-worker").attr("type"), Some("text/plain"));
}

#[test]
fn the_binary_parts_unpack_to_their_bytes() {
    let text = bundled();
    let html = Html::parse_document(&text);
    let has = |id: &str| !["pretune-claims-wasm", "pretune-assistant"].contains(&id);
    for (id, _, expected) in parts().binaries.iter().filter(|(id, ..)| has(id)) {
        let element = one(&html, &format!("#{id}"));
        assert_eq!(element.attr("type"), Some("application/octet-stream+gzip+base64"));
        let packed = STANDARD.decode(content(element)).expect("base64");
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).expect("gzip");
        assert_eq!(&bytes, expected, "{id}");
    }
}

#[test]
fn what_few_figures_need_is_there_if_the_lesson_has_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lesson.md");
    let ids = |text: &str| {
        std::fs::write(&path, format!("---\ntitle: T\nslug: s\ndescription: D\n---\n\n{text}\n"))
            .expect("a lesson");
        let lesson = read_lesson(&path, None).expect("it compiles");
        let html = bundle(&lesson, &parts()).expect("it fits").html;
        let ids = ["pretune-worker", "pretune-claims", "pretune-claims-wasm", "pretune-assistant"];
        ids.map(|id| html.contains(&format!(" id=\"{id}\"")))
    };
    assert_eq!(ids("Words."), [true, false, false, false]);
    assert_eq!(ids("<pretune-rlhf-game></pretune-rlhf-game>"), [true, false, false, true]);
    let recorded = r#"{"name":"a","claim":"","seconds":1,"seeds":[0],"measures":[{"name":"b","meaning":"","mean":1,"spread":0,"values":[1]}]}"#;
    std::fs::write(folder.path().join("claims.jsonl"), recorded).expect("results");
    assert_eq!(ids("[1](claim:a.b)"), [true, true, true, false]);
}

#[test]
fn a_bundle_is_the_same_bytes_every_time() {
    assert_eq!(bundled(), bundled());
}

#[test]
fn the_sizes_add_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lesson.md");
    std::fs::write(&path, "---\ntitle: T\nslug: s\ndescription: D\n---\n\nWords.\n").expect("a lesson");
    let bundle = bundle(&read_lesson(&path, None).expect("it compiles"), &parts()).expect("it fits");
    let inside: usize = bundle.sizes.iter().map(|(_, _, inside)| inside).sum();
    let page = bundle.html.len() - inside;
    assert!((1_000..3_000).contains(&page), "{page} bytes of page around {inside} bytes of parts");
    assert!(bundle.size_table().contains(&format!("{:>12}  within", bundle.html.len())));
}

#[test]
fn images_from_elsewhere_on_the_disk_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("in/lesson.md");
    std::fs::create_dir_all(folder.path().join("in")).expect("a folder");
    std::fs::write(folder.path().join("secret.png"), b"x").expect("a file");
    std::fs::write(&path, "---\ntitle: T\nslug: s\ndescription: D\n---\n\n![x](../secret.png)\n")
        .expect("a lesson");
    let error = read_lesson(&path, None).expect_err("it leads out").to_string();
    assert!(error.contains("image ../secret.png; an image in the lesson's folder or below it"), "{error}");
}
