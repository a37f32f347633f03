//! The core as WebAssembly modules with their JavaScript glue.
//!
//! cargo compiles, and wasm-bindgen's own library makes the glue. The library is pinned to the
//! version of the `wasm-bindgen` crate, so the two cannot disagree, and nothing has to be installed.

use super::settings::Settings;
use super::stamp::Stamp;
use crate::error::{Error, Result};
use crate::site::files;
use crate::site::progress::{Progress, Step};
use crate::site::project::Project;
use crate::site::tools::{CARGO, NODE, RUSTC, RUSTUP};
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

const TRIPLE: &str = "wasm32-unknown-unknown";

/// The folder with `<module>.js` and `<module>_bg.wasm` of every module, built if one is missing or stale.
pub fn build(project: &Project, settings: &Settings, progress: &Progress) -> Result<PathBuf> {
    let out_dir = project.root().join(&settings.out_dir);
    let stamp = Stamp::new(project, &format!("wasm-{}", settings.profile), inputs(project, settings)?);
    let outputs =
        |module: &str| [format!("{module}.js"), format!("{module}_bg.wasm")].map(|f| out_dir.join(f));
    if stamp.is_fresh(&settings.modules.iter().flat_map(|module| outputs(module)).collect::<Vec<_>>()) {
        return Ok(out_dir);
    }
    add_target(project, progress)?;
    let step = progress.step("compiling the core to WebAssembly");
    for module in &settings.modules {
        let compiled = compile(project, settings, module, &step)?;
        glue(&compiled, settings, module, &out_dir)?;
        optimize(project, settings, &outputs(module)[1], &step)?;
    }
    step.done();
    stamp.set()?;
    Ok(out_dir)
}

/// Everything that the modules are made from. `site/` and `main.rs` are not part of them.
fn inputs(project: &Project, settings: &Settings) -> Result<String> {
    let root = project.root();
    let site = root.join("src/site");
    let mut sources = files::below(&root.join("src"), &["main.rs"])?;
    sources.retain(|path| !path.starts_with(&site));
    sources.extend(["Cargo.toml", "Cargo.lock"].map(|name| root.join(name)));
    let compiler = RUSTC.run(RUSTC.command().arg("-vV").current_dir(root), None)?;
    files::fingerprint(root, &sources, &[&compiler, &format!("{settings:?}")])
}

/// Adds the standard library for WebAssembly to the toolchain, if it is not there.
fn add_target(project: &Project, progress: &Progress) -> Result<()> {
    let mut ask = RUSTC.command();
    ask.args(["--print", "target-libdir", "--target", TRIPLE]).current_dir(project.root());
    let folder = RUSTC.run(&mut ask, None)?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    let step = progress.step("adding WebAssembly to the Rust toolchain");
    RUSTUP.run(RUSTUP.command().args(["target", "add", TRIPLE]).current_dir(project.root()), Some(&step))?;
    step.done();
    Ok(())
}

/// Compiles the library with a module's feature; the path of what came of it.
fn compile(project: &Project, settings: &Settings, module: &str, step: &Step) -> Result<PathBuf> {
    let mut cargo = CARGO.command();
    cargo
        .args(["build", "--lib", "--locked", "--target", TRIPLE, "--profile", &settings.profile])
        .args(["--no-default-features", "--features", module])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(project.root())
        // The flags are the file's, whatever the shell has for native builds.
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", settings.rustflags());
    let messages = CARGO.run(&mut cargo, Some(step))?;
    let files = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .flat_map(|m| {
            let files = m["filenames"].as_array().cloned().unwrap_or_default();
            files.into_iter().filter_map(|f| f.as_str().map(PathBuf::from))
        });
    files.rev().find(|f| f.file_name().is_some_and(|n| n == "pretune.wasm")).ok_or_else(|| {
        Error::environment(
            "cargo build",
            "no pretune.wasm among its outputs",
            "check the [lib] section of Cargo.toml",
        )
    })
}

/// Runs wasm-bindgen over the module.
fn glue(compiled: &Path, settings: &Settings, module: &str, out_dir: &Path) -> Result<()> {
    let leave = &settings.wasm_bindgen;
    let mut bindgen = Bindgen::new();
    let result = bindgen.input_path(compiled).out_name(module).web(true).and_then(|bindgen| {
        bindgen
            .typescript(true)
            .debug(leave.debug_js_glue)
            .demangle(leave.demangle_name_section)
            .remove_name_section(!leave.demangle_name_section)
            .remove_producers_section(true)
            .keep_debug(leave.dwarf_debug_info)
            .omit_default_module_path(leave.omit_default_module_path)
            .generate(out_dir)
    });
    result.map_err(|e| {
        let next = "run `cargo update -p wasm-bindgen-cli-support -p wasm-bindgen` if their versions differ";
        Error::environment("wasm-bindgen", format!("{e:#}"), next)
    })
}

/// Runs wasm-opt of npm's binaryen in place, where the settings ask for it.
fn optimize(project: &Project, settings: &Settings, module: &Path, step: &Step) -> Result<()> {
    let Some(arguments) = settings.wasm_opt.arguments() else { return Ok(()) };
    let program = project.www().join("node_modules/binaryen/bin/wasm-opt");
    if !program.is_file() {
        let next = "run `npm install --save-dev --save-exact binaryen` in www/, or set wasm-opt = false in wasm-pack.toml";
        return Err(Error::environment("wasm-opt", "binaryen is not installed", next));
    }
    NODE.run(NODE.command().arg(program).args(arguments).arg(module).arg("-o").arg(module), Some(step))?;
    Ok(())
}
