//! A lesson as one HTML file that opens from a disk and requests nothing.
//!
//! Its own content security policy makes that a promise which the browser keeps: scripts and styles
//! by their hash, no connection to anywhere. Start with [`bundle`].

use super::build::{image_file, recorded_claims};
use super::files;
use super::lesson::page::{self, Assets};
use super::lesson::results;
use super::lesson::{self, Lesson, Options};
use crate::error::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::path::Path;

/// What a bundle should stay under, in bytes: small enough for an e-mail and a slow line.
const BUDGET: usize = 2_500_000;

/// Scripts of workers, by the ids under which the page's script finds them, and their files in `dist/`.
const WORKERS: [(&str, &str); 2] =
    [("pretune-worker", "pretune-worker.js"), ("pretune-claims", "pretune-claims.js")];
/// The same of what is no text.
const BINARIES: [(&str, &str); 6] = [
    ("pretune-wasm", "pretune.wasm"),
    ("pretune-worker-wasm", "pretune-worker.wasm"),
    ("pretune-claims-wasm", "pretune-claims.wasm"),
    ("pretune-base", "base.safetensors"),
    ("pretune-assistant", "assistant.safetensors"),
    ("pretune-results", "results.json"),
];

/// The built runtime, as it lies in `dist/`.
pub struct Parts {
    /// `pretune.js`.
    pub script: String,
    /// `lesson.css`.
    pub style: String,
    /// Scripts of workers: id, name of the file, text.
    pub workers: Vec<(&'static str, &'static str, String)>,
    /// Modules and models: id, name of the file, bytes.
    pub binaries: Vec<(&'static str, &'static str, Vec<u8>)>,
}

impl Parts {
    pub fn read(dist: &Path) -> Result<Self> {
        let text = |name: &str| files::read_text(&dist.join(name));
        let worker = |(id, name)| Ok((id, name, text(name)?));
        let binary = |(id, name)| Ok((id, name, files::read(&dist.join(name))?));
        Ok(Self {
            script: text("pretune.js")?,
            style: text("lesson.css")?,
            workers: WORKERS.into_iter().map(worker).collect::<Result<_>>()?,
            binaries: BINARIES.into_iter().map(binary).collect::<Result<_>>()?,
        })
    }
}

/// The file, and what its parts weigh in it.
pub struct Bundle {
    pub html: String,
    /// Name, bytes as built, bytes in the file.
    pub sizes: Vec<(&'static str, usize, usize)>,
}

/// Compiles a lesson with its images inside.
pub fn read_lesson(path: &Path, base_url: Option<String>) -> Result<Lesson> {
    let name = path.display().to_string();
    let text = files::read_text(path)?;
    let claims = recorded_claims(path.parent().unwrap_or(path))?;
    let mut options = Options { base_url, claims, ..Options::default() };
    let lesson = lesson::compile(&name, &text, &options).map_err(|errors| lesson::all(&errors))?;
    if lesson.images.is_empty() {
        return Ok(lesson);
    }
    for address in lesson.images {
        let file = image_file(path, &address)?;
        let kind = image_type(&file).ok_or_else(|| {
            Error::input(name.as_str(), format!("image {address}"), "a .png, .jpg, .gif, .webp or .svg file")
        })?;
        let data = format!("data:{kind};base64,{}", STANDARD.encode(files::read(&file)?));
        options.images.insert(address, data);
    }
    lesson::compile(&name, &text, &options).map_err(|errors| lesson::all(&errors))
}

fn image_type(file: &Path) -> Option<&'static str> {
    match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "png" => Some("image/png"),
        "jpg" | "jpeg" => Some("image/jpeg"),
        "gif" => Some("image/gif"),
        "webp" => Some("image/webp"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

/// Puts a compiled lesson and the runtime into one file, with what only some figures need if they are there.
pub fn bundle(lesson: &Lesson, parts: &Parts) -> Result<Bundle> {
    let is_placed = |tag: &str| lesson.body.contains(&format!("<{tag}"));
    let is_needed = |id: &str| match id {
        "pretune-claims" | "pretune-claims-wasm" => is_placed("pretune-claim"),
        "pretune-assistant" => is_placed("pretune-rlhf-game"),
        _ => true,
    };
    let script = inline_script(&parts.script);
    let style = inline_style(&parts.style);
    let mut sizes = vec![
        ("lesson text", lesson.body.len(), lesson.body.len()),
        ("lesson.css", parts.style.len(), style.len()),
        ("pretune.js", parts.script.len(), script.len()),
    ];
    let mut body_end = String::new();
    for (id, name, bytes) in parts.binaries.iter().filter(|(id, ..)| is_needed(id)) {
        let packed = pack(bytes)?;
        sizes.push((name, bytes.len(), packed.len()));
        body_end.push_str(&format!(
            "<script type=\"application/octet-stream+gzip+base64\" id=\"{id}\">{packed}</script>\n"
        ));
    }
    for (id, name, text) in parts.workers.iter().filter(|(id, ..)| is_needed(id)) {
        let code = inline_script(text);
        sizes.push((name, text.len(), code.len()));
        body_end.push_str(&format!("<script type=\"text/plain\" id=\"{id}\">{code}</script>\n"));
    }
    // The script is last, because an inline script cannot wait for what stands behind it.
    body_end.push_str(&format!("<script>{script}</script>\n"));
    let frames =
        parts.binaries.iter().find(|(id, ..)| *id == "pretune-results").map_or(&b"{}"[..], |(.., json)| json);
    let results = results::read(&String::from_utf8_lossy(frames))?;
    let head = format!("<style>{style}</style>\n");
    let assets = Assets { policy: policy(&script, &style), head, body_end, results };
    Ok(Bundle { html: page::lesson(lesson, &assets, &|_| None), sizes })
}

impl Bundle {
    /// What each part weighs, and the whole against its budget.
    pub fn size_table(&self) -> String {
        let mut out = format!("{:<20}{:>12}{:>12}\n", "part", "built", "in the file");
        for (name, built, inside) in &self.sizes {
            out.push_str(&format!("{name:<20}{built:>12}{inside:>12}\n"));
        }
        let total = self.html.len();
        let verdict = if total <= BUDGET { "within" } else { "OVER" };
        out.push_str(&format!(
            "{:<20}{:>12}{total:>12}  {verdict} the budget of {BUDGET} bytes\n",
            "total", ""
        ));
        out
    }
}

/// The policy as a `<meta>` element: the two hashes, and nothing from anywhere.
fn policy(script: &str, style: &str) -> String {
    format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         script-src '{}' 'wasm-unsafe-eval'; worker-src blob:; style-src '{}'; img-src data:; \
         connect-src 'none'; base-uri 'none'; form-action 'none'\">\n",
        source_hash(script),
        source_hash(style),
    )
}

/// `sha256-…` of an inline element's text, as a policy names it.
fn source_hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// gzip, then base64: survives any encoding, and every browser unpacks it by itself.
fn pack(bytes: &[u8]) -> Result<String> {
    let mut packed = Vec::new();
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, bytes, &mut packed)
        .map_err(|e| Error::environment("compressing", e, "free some memory"))?;
    Ok(STANDARD.encode(packed))
}

/// JavaScript that means the same and can stand in a `<script>`: nothing in it ends the element or
/// starts a comment, and all of it is ASCII, so that no encoding can hurt it.
///
/// `\x3C` is `<` in every place where these sequences can stand in minified code: strings, templates
/// and regular expressions (esbuild keeps a comparison from spelling one).
fn inline_script(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut units = [0; 2];
    for (i, c) in code.char_indices() {
        let rest = code.as_bytes().get(i + 1..).unwrap_or_default();
        let starts =
            |word: &str| rest.get(..word.len()).is_some_and(|r| r.eq_ignore_ascii_case(word.as_bytes()));
        match c {
            '<' if starts("/script") || starts("!--") || starts("script") => out.push_str("\\x3C"),
            // The parser would turn it into a line feed, and the hash would be of another text.
            '\r' => {}
            c if c.is_ascii() => out.push(c),
            c => out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}"))),
        }
    }
    out
}

/// A style sheet that can stand in a `<style>`.
fn inline_style(css: &str) -> String {
    css.replace('\r', "").replace("</", "<\\/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_cannot_end_their_element() {
        let code = "a=\"</script>\";b=`<!-- <SCRIPT>`;c=1<2;d=\"é😀\";\r\n";
        let inline = inline_script(code);
        assert_eq!(
            inline,
            "a=\"\\x3C/script>\";b=`\\x3C!-- \\x3CSCRIPT>`;c=1<2;d=\"\\u00e9\\ud83d\\ude00\";\n"
        );
        assert_eq!(inline_style("a::after{content:\"</style>\"}"), "a::after{content:\"<\\/style>\"}");
    }
}
