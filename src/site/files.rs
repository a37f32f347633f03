//! Files, with errors that say which file and what to do.

use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| unreadable(path, &e))
}

pub fn read_text(path: &Path) -> Result<String> {
    let bytes = read(path)?;
    String::from_utf8(bytes).map_err(|e| {
        let line = e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|&&b| b == b'\n').count() + 1;
        Error::input(format!("{}:{line}", path.display()), "not UTF-8 text", "save the file as UTF-8")
    })
}

/// Writes a file, making its folder; a file that holds the same bytes is left alone.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let wrong = |e: std::io::Error| {
        Error::environment(
            format!("writing {}", path.display()),
            e,
            "make the folder writable, or choose another place",
        )
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(wrong)?;
    }
    std::fs::write(path, bytes).map_err(wrong)
}

/// All files below a folder, sorted, without the folders that `skip` names; none if it is missing.
pub fn below(folder: &Path, skip: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&folder).map_err(|e| unreadable(&folder, &e))? {
            let path = entry.map_err(|e| unreadable(&folder, &e))?.path();
            let is_skipped = path.file_name().is_some_and(|n| skip.iter().any(|s| n == *s));
            if path.is_dir() && !is_skipped {
                folders.push(path);
            } else if path.is_file() && !is_skipped {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// SHA-256 over files' names, relative to `root`, and contents, and over `more`; in hex.
pub fn fingerprint(root: &Path, files: &[PathBuf], more: &[&str]) -> Result<String> {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        // The length in front keeps one piece from passing for two.
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    for path in files {
        let name = path.strip_prefix(root).unwrap_or(path);
        add(name.to_string_lossy().as_bytes());
        add(&read(path)?);
    }
    for piece in more {
        add(piece.as_bytes());
    }
    Ok(hex(&hash.finalize()))
}

/// Bytes in hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    let next = match error.kind() {
        std::io::ErrorKind::NotFound => "check the spelling of the path",
        std::io::ErrorKind::PermissionDenied => "make it readable for this user",
        _ => "check that it is a file that can be read",
    };
    Error::environment(format!("reading {}", path.display()), error, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_sees_names_contents_and_borders() {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            write(&path, text.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
            path
        };
        let of =
            |files: &[PathBuf], more: &[&str]| fingerprint(folder.path(), files, more).unwrap_or_default();
        let (a, b) = (file("a", "x"), file("b", "x"));
        let base = of(std::slice::from_ref(&a), &[]);
        assert_ne!(base, of(&[b], &[]), "another name");
        assert_ne!(
            of(std::slice::from_ref(&a), &["pq", "r"]),
            of(std::slice::from_ref(&a), &["p", "qr"]),
            "borders"
        );
        file("a", "y");
        assert_ne!(base, of(&[a], &[]), "other contents");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read(Path::new("no/such.md")).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(
            error.starts_with("reading no/such.md: ") && error.ends_with("; check the spelling of the path")
        );
    }
}
