//! The invariants of the crate docs, read off the sources.

use std::path::Path;

/// Sources below a folder of the project, with their text; unit tests are cut off.
fn sources(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).expect("a folder");
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            let name = path.file_name().and_then(|n| n.to_str()).expect("UTF-8").to_owned();
            if path.is_dir() && !name.starts_with('.') && name != "node_modules" {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = std::fs::read_to_string(&path).expect("UTF-8");
                found.push((relative(root, &path), text));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/")
}

/// Lines of code with one of the words, outside of the places where it is allowed.
fn offenders(sources: &[(String, String)], words: &[&str], allowed: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources.iter().filter(|(path, _)| !allowed.iter().any(|a| path.starts_with(a))) {
        let code = text.split("#[cfg(test)]\nmod tests").next().expect("a first part");
        for (n, line) in code.lines().enumerate() {
            let is_comment = line.trim_start().starts_with("//") || line.trim_start().starts_with('*');
            if !is_comment && words.iter().any(|word| line.contains(word)) {
                found.push(format!("{path}:{}: {}", n + 1, line.trim()));
            }
        }
    }
    found
}

fn assert_none(rule: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn only_web_knows_the_browser() {
    let words = ["wasm_bindgen", "web_sys", "js_sys", "serde_wasm_bindgen", "plotters_canvas"];
    // The build runs wasm-bindgen's own program, which is a library with a similar name.
    let found = offenders(&sources("src", &[".rs"]), &words, &["src/web/", "src/site/build/"]);
    assert_none("the browser's crates belong in src/web/", found);
}

#[test]
fn only_the_command_line_knows_files_processes_and_clocks() {
    let words =
        ["std::fs", "std::net", "std::process", "std::env", "std::time", "Instant::now", "SystemTime"];
    let found = offenders(&sources("src", &[".rs"]), &words, &["src/site/", "src/main.rs"]);
    assert_none("the core has no files, network, processes and clocks", found);
}

/// What each layer of the crate docs may know besides `error`, `json` and `rng`.
const LAYERS: [(&str, &[&str]); 11] = [
    ("tensor", &[]),
    ("plot", &[]),
    ("data", &[]),
    ("nn", &["tensor"]),
    ("peft", &["nn", "tensor"]),
    ("train", &["data", "nn", "peft", "tensor"]),
    ("checkpoint", &["data", "nn", "peft", "tensor"]),
    ("experiments", &["data", "nn", "peft", "tensor", "train"]),
    ("bench", &["data", "nn", "tensor", "train"]),
    ("widgets", &["checkpoint", "data", "experiments", "nn", "peft", "plot", "tensor", "train"]),
    ("web", &["bench", "experiments", "plot", "widgets"]),
];

#[test]
fn each_layer_knows_only_those_below_it() {
    let mut found = Vec::new();
    for (layer, below) in LAYERS {
        let known =
            |name: &str| name == layer || below.contains(&name) || ["error", "json", "rng"].contains(&name);
        for (path, text) in sources(&format!("src/{layer}"), &[".rs"]) {
            let code = text.split("#[cfg(test)]\nmod tests").next().expect("a first part");
            let lines = code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
            for (n, line) in lines {
                let mut names = line
                    .split("crate::")
                    .skip(1)
                    .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next());
                if let Some(name) = names.find(|name| !known(name) && !name.is_empty()) {
                    found.push(format!("{path}:{}: {layer} knows {name}", n + 1));
                }
            }
        }
    }
    assert_none("arrows in the crate docs point down only", found);
}

#[test]
fn nothing_random_but_the_seeded_generator() {
    let words = ["HashMap", "HashSet", "RandomState", "rand::", "getrandom", "thread_rng"];
    // Tokenizers look words up by the million, and their ids are held against the `tokenizers` library.
    let found = offenders(&sources("src", &[".rs"]), &words, &["src/site/", "src/data/tokenizer/"]);
    assert_none("a hash map's order differs from run to run; use a BTreeMap or a Vec", found);
}

#[test]
fn arithmetic_is_the_same_on_every_target() {
    let words = [
        ".mul_add(",
        ".exp()",
        ".ln()",
        ".ln_1p()",
        ".exp_m1()",
        ".tanh()",
        ".sin()",
        ".cos()",
        ".powf(",
        ".powi(",
        ".log2()",
        ".log10()",
        ".sqrt(&",
        "relaxed_",
    ];
    let found = offenders(&sources("src", &[".rs"]), &words, &["src/site/", "src/plot/"]);
    assert_none("the platform's maths differs in the last digit; use the libm crate or tensor::math", found);
}

#[test]
fn derivatives_are_in_tensor_only() {
    let found = offenders(&sources("src", &[".rs"]), &["on_backward", "with_grad("], &["src/tensor/"]);
    assert_none("a method is forward code and a loss", found);
}

/// What widgets share: modules beside them that are none.
const SHARED: [&str; 3] = ["attributes", "base", "slots"];

#[test]
fn no_widget_knows_another() {
    for (path, text) in sources("src/widgets", &[".rs"]) {
        let own =
            path.trim_start_matches("src/widgets/").split(['/', '.']).next().expect("a name").to_owned();
        if own == "mod" {
            continue;
        }
        let others = sources("src/widgets", &[".rs"]).into_iter().map(|(other, _)| {
            other.trim_start_matches("src/widgets/").split(['/', '.']).next().expect("a name").to_owned()
        });
        for other in others.filter(|other| *other != own && other != "mod" && !SHARED.contains(&&other[..])) {
            assert!(!text.contains(&format!("widgets::{other}")), "{path} knows {other}");
        }
    }
}

#[test]
fn elements_know_no_worker_and_the_worker_knows_no_page() {
    let page = sources("www/src/elements", &[".ts"]);
    let found = offenders(&page, &["new Worker", ".postMessage(", "pretune-wasm", "WebAssembly."], &[]);
    assert_none("elements speak to a session, not to a worker", found);
    let runtime = sources("www/src/runtime", &[".ts"]);
    let worker: Vec<_> = runtime
        .into_iter()
        .filter(|(path, _)| path.ends_with("/worker.ts") || path.ends_with("/engine.ts"))
        .collect();
    assert_none("the worker has no page", offenders(&worker, &["document.", "window.", "HTMLElement"], &[]));
}

#[test]
fn every_rust_file_says_what_it_is_for() {
    let silent: Vec<String> = sources("src", &[".rs"])
        .into_iter()
        // An operation is one documented method: a heading would say it twice.
        .filter(|(path, text)| !text.starts_with("//!") && !path.starts_with("src/tensor/ops/"))
        .map(|(path, _)| path)
        .collect();
    assert_none("a file begins with a line of //! docs", silent);
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let mut long = Vec::new();
    for (folder, endings) in [("src", &[".rs"][..]), ("tests/suite", &[".rs"]), ("www/src", &[".ts", ".css"])]
    {
        for (path, text) in sources(folder, endings) {
            if text.lines().count() > 500 {
                long.push(format!("{path}: {} lines", text.lines().count()));
            }
        }
    }
    assert_none("a long file has two subjects", long);
}
