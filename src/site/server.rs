//! A server of static files for this machine: the built site, with the lessons kept up to date.
//!
//! It sends the strict content security policy that a careful host would, so that a page which
//! works here works there. Start with [`serve`]; [`respond`] is the part without a socket.

use super::build::Library;
use super::files;
use super::lesson::page::{self, Assets};
use super::project::Project;
use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const N_THREADS: usize = 4;

/// Nothing but the site's own scripts; `wasm-unsafe-eval` is what compiling WebAssembly is called,
/// and lessons may show images and open models from elsewhere.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; \
    img-src 'self' data: https:; connect-src 'self' blob: data: https:; base-uri 'none'; form-action 'none'";

/// What is served.
pub struct Site {
    dist: PathBuf,
    library: Option<Library>,
}

impl Site {
    /// The site of a project.
    pub fn new(project: &Project, base_url: Option<String>) -> Self {
        Self { dist: project.dist(), library: Some(Library::new(project, base_url)) }
    }

    /// A folder as it is.
    pub fn folder(dist: &Path) -> Self {
        Self { dist: dist.to_owned(), library: None }
    }
}

/// An answer.
#[derive(Debug, PartialEq)]
pub struct Response {
    pub status: u16,
    pub content_type: &'static str,
    /// Changes when the body does.
    pub etag: Option<String>,
    /// For a redirection.
    pub location: Option<String>,
    pub body: Vec<u8>,
}

/// Serves until the process ends.
///
/// # Errors
///
/// When the listener is of no use.
pub fn serve(listener: TcpListener, site: Site) -> Result<()> {
    let server = tiny_http::Server::from_listener(listener, None)
        .map_err(|e| Error::environment("the server", e, "try another --port"))?;
    let (server, site) = (Arc::new(server), Arc::new(site));
    let threads: Vec<_> = (0..N_THREADS)
        .map(|_| {
            let (server, site) = (Arc::clone(&server), Arc::clone(&site));
            std::thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    answer(request, &site);
                }
            })
        })
        .collect();
    for thread in threads {
        // A thread ends when the server does; one that panicked has said so.
        let _ = thread.join();
    }
    Ok(())
}

/// Serves a folder until a page posts something to `/result`, and gives that.
///
/// # Errors
///
/// When the listener is of no use, or nothing has come in time.
pub fn receive(listener: TcpListener, site: &Site, patience: Duration) -> Result<Vec<u8>> {
    let server = tiny_http::Server::from_listener(listener, None)
        .map_err(|e| Error::environment("the server", e, "try again"))?;
    let deadline = Instant::now() + patience;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let request = server.recv_timeout(left).ok().flatten();
        let Some(mut request) = request else {
            let next = "look whether the browser starts by hand";
            return Err(Error::environment("the browser", "no result has come from it", next));
        };
        if request.method() == &tiny_http::Method::Post && request.url() == "/result" {
            let mut body = Vec::new();
            let read = request.as_reader().read_to_end(&mut body);
            let _ = request.respond(tiny_http::Response::empty(204));
            return read.map(|_| body).map_err(|e| Error::environment("the browser", e, "try again"));
        }
        answer(request, site);
    }
}

fn answer(request: tiny_http::Request, site: &Site) {
    let known =
        request.headers().iter().find(|h| h.field.equiv("If-None-Match")).map(|h| h.value.to_string());
    let response = respond(site, request.method().as_str(), request.url(), known.as_deref());
    let headers = [
        ("Content-Type", Some(response.content_type.to_owned())),
        ("Cache-Control", Some("no-cache".to_owned())),
        ("Content-Security-Policy", Some(POLICY.to_owned())),
        ("X-Content-Type-Options", Some("nosniff".to_owned())),
        ("ETag", response.etag),
        ("Location", response.location),
        ("Allow", (response.status == 405).then(|| "GET, HEAD".to_owned())),
    ];
    let mut reply = tiny_http::Response::from_data(response.body).with_status_code(response.status);
    for (name, value) in headers {
        if let Some(header) = value.and_then(|v| tiny_http::Header::from_bytes(name, v).ok()) {
            reply.add_header(header);
        }
    }
    // A browser that has gone away needs no answer.
    let _ = request.respond(reply);
}

/// The answer to a request; `known` is the `If-None-Match` header. (HEAD is answered like GET; the
/// server leaves the body away.)
pub fn respond(site: &Site, method: &str, url: &str, known: Option<&str>) -> Response {
    if !matches!(method, "GET" | "HEAD") {
        return text(405, "only GET and HEAD are served here");
    }
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let Some(file) = resolve(&site.dist, path) else { return not_found(path) };
    let is_page = path == "/" || path.starts_with("/lessons/") || path == "/index.html";
    if let (true, Some(library)) = (is_page, &site.library)
        && let Err(error) = library.refresh()
    {
        return html(500, &page::notice("A lesson needs mending", &error.to_string(), &Assets::linked("/")));
    }
    if file.is_dir() {
        if !path.ends_with('/') {
            return Response { location: Some(format!("{path}/")), ..text(301, "moved") };
        }
        return from_file(&file.join("index.html"), path, known);
    }
    from_file(&file, path, known)
}

fn from_file(file: &Path, path: &str, known: Option<&str>) -> Response {
    let Ok(body) = std::fs::read(file) else { return not_found(path) };
    let etag = format!("\"{}\"", &files::hex(&Sha256::digest(&body))[..32]);
    let content_type = content_type(file);
    if known == Some(&etag) {
        return Response { status: 304, content_type, etag: Some(etag), location: None, body: Vec::new() };
    }
    Response { status: 200, content_type, etag: Some(etag), location: None, body }
}

/// The file below `dist` that a path names; none if it leads anywhere else.
pub fn resolve(dist: &Path, path: &str) -> Option<PathBuf> {
    let mut file = dist.to_owned();
    let decoded = percent_decode(path.strip_prefix('/')?)?;
    for part in decoded.split('/') {
        // Also what is no name on another system: drives, streams, backslashes.
        if part.starts_with('.') || part.contains(['\\', ':', '\0']) {
            return None;
        }
        if !part.is_empty() {
            file.push(part);
        }
    }
    // A link inside dist/ must not lead out of it either.
    match (file.canonicalize(), dist.canonicalize()) {
        (Ok(real), Ok(root)) if !real.starts_with(&root) => None,
        _ => Some(file),
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |b: Option<u8>| char::from(b?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "txt" | "md" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        _ => "application/octet-stream",
    }
}

fn not_found(path: &str) -> Response {
    html(404, &page::notice("Not found", &format!("There is nothing at {path}"), &Assets::linked("/")))
}

fn html(status: u16, body: &str) -> Response {
    Response { content_type: "text/html; charset=utf-8", ..text(status, body) }
}

fn text(status: u16, body: &str) -> Response {
    let content_type = "text/plain; charset=utf-8";
    Response { status, content_type, etag: None, location: None, body: body.as_bytes().to_vec() }
}
