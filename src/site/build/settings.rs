//! `wasm-pack.toml`: how the core becomes WebAssembly.

use crate::error::{Error, Result};
use crate::site::files;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Which table of the file counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Release,
    /// Without SIMD: what SIMD is compared with.
    Scalar,
    Dev,
}

impl Profile {
    /// The profile of a command's `--dev` flag.
    pub fn of(dev: bool) -> Self {
        if dev { Profile::Dev } else { Profile::Release }
    }
}

/// One `[profile.…]` table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    pub target: Target,
    /// The cargo profile.
    pub profile: String,
    /// Where the module and its glue go, from the project's root.
    pub out_dir: PathBuf,
    /// Modules to build, by their cargo features.
    pub modules: Vec<String>,
    /// As for `-C target-feature`: `+simd128`.
    #[serde(default)]
    pub target_features: Vec<String>,
    /// As for `-C llvm-args`: `-inline-threshold=5`.
    #[serde(default)]
    pub llvm_args: Vec<String>,
    pub wasm_opt: WasmOpt,
    pub wasm_bindgen: WasmBindgen,
}

/// The kind of glue. The page's bundler wants `web`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    Web,
}

/// `false`, or the arguments.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum WasmOpt {
    /// `true` stands for `-O`, as in wasm-pack.
    Switch(bool),
    Arguments(Vec<String>),
}

impl Settings {
    /// The compiler's flags, for `RUSTFLAGS`.
    pub fn rustflags(&self) -> String {
        let features = [format!("-C target-feature={}", self.target_features.join(","))];
        let llvm = self.llvm_args.iter().map(|arg| format!("-C llvm-args={arg}"));
        features.into_iter().chain(llvm).collect::<Vec<_>>().join(" ")
    }
}

impl WasmOpt {
    /// The arguments to run it with; none: it is not run.
    pub fn arguments(&self) -> Option<Vec<String>> {
        match self {
            WasmOpt::Switch(false) => None,
            WasmOpt::Switch(true) => Some(vec!["-O".to_owned()]),
            WasmOpt::Arguments(arguments) => Some(arguments.clone()),
        }
    }
}

/// What wasm-bindgen leaves in its output.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WasmBindgen {
    pub debug_js_glue: bool,
    pub demangle_name_section: bool,
    pub dwarf_debug_info: bool,
    pub omit_default_module_path: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    profile: Profiles,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profiles {
    release: Settings,
    scalar: Settings,
    dev: Settings,
}

/// Reads the settings of a profile.
///
/// # Errors
///
/// Whatever the file has that this program does not know, with its place: a setting that nobody
/// reads would be believed.
pub fn read(path: &Path, profile: Profile) -> Result<Settings> {
    parse(&files::read_text(path)?, profile).map_err(|e| e.within(&path.display().to_string()))
}

fn parse(text: &str, profile: Profile) -> Result<Settings> {
    let file: File = toml::from_str(text).map_err(|e| {
        let offset = e.span().map_or(0, |s| s.start);
        let line = text.get(..offset).unwrap_or_default().matches('\n').count() + 1;
        Error::input(line.to_string(), e.message(), "the settings are explained in the file as it ships")
    })?;
    Ok(match profile {
        Profile::Release => file.profile.release,
        Profile::Scalar => file.profile.scalar,
        Profile::Dev => file.profile.dev,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../wasm-pack.toml");

    #[test]
    fn the_shipped_file_builds_for_the_page() {
        let settings = parse(SHIPPED, Profile::Release).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(settings.target, Target::Web);
        assert_eq!(settings.rustflags(), "-C target-feature=+simd128 -C llvm-args=-inline-threshold=5");
        assert_eq!(settings.modules, ["worker", "page", "claims"], "as `www/build.mjs` names them");
        assert!(
            settings.wasm_bindgen.omit_default_module_path,
            "import.meta would break the classic scripts"
        );
        for other in [Profile::Scalar, Profile::Dev] {
            assert!(parse(SHIPPED, other).is_ok());
        }
    }

    #[test]
    fn unknown_settings_are_named_with_their_line() {
        let text = SHIPPED.replacen("wasm-opt = false", "wasm-optt = false", 1);
        let line = text.lines().position(|l| l.starts_with("wasm-optt")).unwrap_or(0) + 1;
        let error = parse(&text, Profile::Release).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error.starts_with(&format!("{line}: ")) && error.contains("wasm-optt"), "{error}");
    }
}
