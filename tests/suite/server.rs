//! The server, asked without a socket and once over one.

use pretune::site::server::{Response, Site, resolve, respond, serve};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

/// A built site in a folder of its own, next to a file that nobody must see.
fn dist() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    write("secret.txt", "secret");
    write("dist/index.html", "<p>index");
    write("dist/pretune.wasm", "\0asm");
    write("dist/.hidden", "secret");
    write("dist/lessons/a b/index.html", "<p>lesson");
    folder
}

fn get(dist: &Path, url: &str) -> Response {
    respond(&Site::folder(dist), "GET", url, None)
}

#[test]
fn files_have_their_types() {
    let folder = dist();
    let dist = folder.path().join("dist");
    let index = get(&dist, "/?x=1");
    assert_eq!(
        (index.status, index.content_type, index.body.as_slice()),
        (200, "text/html; charset=utf-8", &b"<p>index"[..])
    );
    assert_eq!(get(&dist, "/pretune.wasm").content_type, "application/wasm");
    assert_eq!(get(&dist, "/lessons/a%20b/").body, b"<p>lesson");
    let moved = get(&dist, "/lessons/a%20b");
    assert_eq!((moved.status, moved.location.as_deref()), (301, Some("/lessons/a%20b/")));
}

#[test]
fn what_is_not_there_is_said_and_escaped() {
    let folder = dist();
    let missing = get(&folder.path().join("dist"), "/<script>");
    assert_eq!((missing.status, missing.content_type), (404, "text/html; charset=utf-8"));
    assert!(String::from_utf8_lossy(&missing.body).contains("There is nothing at /&lt;script&gt;"));
    let posted = respond(&Site::folder(folder.path()), "POST", "/", None);
    assert_eq!(posted.status, 405);
}

#[test]
fn nothing_outside_the_site_is_served() {
    let folder = dist();
    let dist = folder.path().join("dist");
    let mut attempts = vec![
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/lessons/../../secret.txt",
        "/..\\secret.txt",
        "/..%5csecret.txt",
        "/.hidden",
        "/%2ehidden",
        "/lessons/..",
        "//../secret.txt",
        "secret.txt",
        "",
        "/%00",
        "/%ff",
        "/%",
        "/%2",
        "/C:/secret.txt",
        "/index.html:stream",
        "/....//secret.txt",
    ];
    let absolute = folder.path().join("secret.txt").display().to_string();
    attempts.push(&absolute);
    for url in attempts {
        let response = get(&dist, url);
        assert_ne!(response.status, 200, "{url}");
        assert!(!String::from_utf8_lossy(&response.body).contains("secret\""), "{url}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path(), dist.join("out")).expect("a link");
        assert_eq!(resolve(&dist, "/out/secret.txt"), None, "a link must not lead out");
        assert_eq!(get(&dist, "/out/secret.txt").status, 404);
    }
}

#[test]
fn a_known_file_is_not_sent_again_and_a_changed_one_is() {
    let folder = dist();
    let dist = folder.path().join("dist");
    let etag = get(&dist, "/").etag.expect("a tag");
    let again = |tag: &str| respond(&Site::folder(&dist), "GET", "/", Some(tag));
    assert_eq!((again(&etag).status, again(&etag).body.len()), (304, 0));
    std::fs::write(dist.join("index.html"), "<p>new").expect("a file");
    assert_eq!((again(&etag).status, again(&etag).body.as_slice()), (200, &b"<p>new"[..]));
}

#[test]
fn over_a_socket_headers_are_strict() {
    let folder = dist();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let site = Site::folder(&folder.path().join("dist"));
    std::thread::spawn(move || serve(listener, site));
    let ask = |request: &str| {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.write_all(request.as_bytes()).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    };
    let answer = ask("GET /pretune.wasm HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    for header in [
        "Content-Type: application/wasm\r\n",
        "Cache-Control: no-cache\r\n",
        "X-Content-Type-Options: nosniff\r\n",
        "script-src 'self' 'wasm-unsafe-eval';",
    ] {
        assert!(answer.contains(header), "{header} is missing in {answer}");
    }
    assert!(answer.ends_with("\r\n\r\n\0asm"));
    let head = ask("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"), "{head}");
    assert!(
        ask("GET /../secret.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .starts_with("HTTP/1.1 404 ")
    );
}
