//! What figures share in reading the attributes of their tags. Start with [`read`].

use super::Attributes;
use crate::json::fields;
use crate::train::OptionInfo;

/// An attribute whose value is not allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct Warning {
    pub attribute: String,
    pub given: String,
    pub allowed: String,
}

fields!(Warning: attribute, given, allowed);

/// Settings of the tag that are the page's business.
const PAGE_ATTRIBUTES: [&str; 12] = [
    "model", "corpus", "autoplay", "hide", "loading", "lang", "theme", "dir", "id", "class", "style", "slot",
];

const MAX_SEED: u64 = 9_007_199_254_740_991;

/// Hands each attribute to `set`, which says `None` where it is not allowed; gives what was not.
pub fn read(
    attributes: &Attributes,
    options: &[OptionInfo],
    mut set: impl FnMut(&str, &str) -> Option<()>,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (name, given) in attributes {
        let is_page = PAGE_ATTRIBUTES.contains(&name.as_str());
        if is_page || name.starts_with("data-") || name.starts_with("aria-") {
            continue;
        }
        if set(name, given.trim()).is_none() {
            let known = options.iter().find(|info| info.name == name);
            let allowed = known.map_or("no attribute of this tag", |info| info.allowed).to_owned();
            warnings.push(Warning { attribute: name.clone(), given: given.clone(), allowed });
        }
    }
    warnings
}

/// What an attribute allows, if `set` does not take its value.
pub fn reject(
    options: &[OptionInfo],
    name: &str,
    value: &str,
    set: impl FnOnce(&str, &str) -> Option<()>,
) -> Option<&'static str> {
    let info = options.iter().find(|info| info.name == name)?;
    set(name, value.trim()).is_none().then_some(info.allowed)
}

/// The setting that every figure has.
pub const SEED: OptionInfo = OptionInfo {
    name: "seed",
    help: "Decides everything random; the same seed gives the same numbers.",
    allowed: "a number from 0 to 9007199254740991",
};

/// A seed.
pub fn seed(given: &str) -> Option<u64> {
    given.parse().ok().filter(|n| *n <= MAX_SEED)
}
