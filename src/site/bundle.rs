//! A lesson as one HTML file that opens from a disk and requests nothing.
//!
//! Its own content security policy makes that a promise which the browser keeps: scripts and styles
//! by their hash, no connection to anywhere. Start with [`bundle`].

use super::build::image_file;
use super::files;
use super::lesson::page::{self, Assets};
use super::lesson::{self, Lesson, Options};
use crate::error::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::path::Path;

/// What a bundle should stay under, in bytes: small enough for an e-mail and a slow line.
const BUDGET: usize = 1_000_000;

/// The built runtime, as it lies in `dist/`.
pub struct Parts {
    /// `pretune.js`.
    pub script: String,
    /// `pretune-worker.js`.
    pub worker: String,
    /// `lesson.css`.
    pub style: String,
    /// `pretune.wasm`.
    pub wasm: Vec<u8>,
    /// `pretune-worker.wasm`.
    pub worker_wasm: Vec<u8>,
    /// `base.safetensors`.
    pub base: Vec<u8>,
    /// `assistant.safetensors`.
    pub assistant: Vec<u8>,
}

impl Parts {
    pub fn read(dist: &Path) -> Result<Self> {
        let read = |name: &str| files::read(&dist.join(name));
        let text = |name: &str| files::read_text(&dist.join(name));
        Ok(Self {
            script: text("pretune.js")?,
            worker: text("pretune-worker.js")?,
            style: text("lesson.css")?,
            wasm: read("pretune.wasm")?,
            worker_wasm: read("pretune-worker.wasm")?,
            base: read("base.safetensors")?,
            assistant: read("assistant.safetensors")?,
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
    let mut options = Options { base_url, ..Options::default() };
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

/// Puts a compiled lesson and the runtime into one file.
pub fn bundle(lesson: &Lesson, parts: &Parts) -> Result<Bundle> {
    let script = inline_script(&parts.script);
    let worker = inline_script(&parts.worker);
    let style = inline_style(&parts.style);
    let wasm = pack(&parts.wasm)?;
    let worker_wasm = pack(&parts.worker_wasm)?;
    let base = pack(&parts.base)?;
    let mut sizes = vec![
        ("lesson text", lesson.body.len(), lesson.body.len()),
        ("lesson.css", parts.style.len(), style.len()),
        ("pretune.js", parts.script.len(), script.len()),
        ("pretune-worker.js", parts.worker.len(), worker.len()),
        ("pretune.wasm", parts.wasm.len(), wasm.len()),
        ("pretune-worker.wasm", parts.worker_wasm.len(), worker_wasm.len()),
        ("base.safetensors", parts.base.len(), base.len()),
    ];
    // Only one figure needs it.
    let mut assistant = String::new();
    if lesson.body.contains("<pretune-rlhf-game") {
        let packed = pack(&parts.assistant)?;
        sizes.push(("assistant.safetensors", parts.assistant.len(), packed.len()));
        assistant = format!(
            "<script type=\"application/octet-stream+gzip+base64\" id=\"pretune-assistant\">{packed}</script>\n"
        );
    }
    // The script is last, because an inline script cannot wait for what stands behind it.
    let assets = Assets {
        policy: policy(&script, &style),
        head: format!("<style>{style}</style>\n"),
        body_end: format!(
            "<script type=\"application/octet-stream+gzip+base64\" id=\"pretune-wasm\">{wasm}</script>\n\
             <script type=\"application/octet-stream+gzip+base64\" id=\"pretune-worker-wasm\">{worker_wasm}</script>\n\
             <script type=\"application/octet-stream+gzip+base64\" id=\"pretune-base\">{base}</script>\n\
             {assistant}\
             <script type=\"text/plain\" id=\"pretune-worker\">{worker}</script>\n\
             <script>{script}</script>\n"
        ),
    };
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
