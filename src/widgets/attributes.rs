//! What stands in a tag: settings by name, and what is wrong with them. Start with [`read`].

use super::Attributes;
use crate::json::{fields, parse_number};
use crate::train::OptionInfo;

/// An attribute whose value is not allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct Warning {
    pub attribute: String,
    pub given: String,
    pub allowed: String,
}

fields!(Warning: attribute, given, allowed);

/// Settings of a tag that are the page's business.
const PAGE: [&str; 12] = [
    "model", "corpus", "autoplay", "hide", "loading", "lang", "theme", "dir", "id", "class", "style", "slot",
];

/// The setting that every figure has.
pub const SEED: OptionInfo = OptionInfo {
    name: "seed",
    help: "Decides everything random; the same seed gives the same numbers.",
    allowed: "a number from 0 to 9007199254740991",
};

/// The largest seed: beyond, a page's own numbers are not exact.
const MAX_SEED: u64 = 9_007_199_254_740_991;

/// Says a setting's value; `None` if it is no setting, or the value is not allowed.
pub type Set<'a> = dyn FnMut(&str, &str) -> Option<()> + 'a;

/// Hands every setting of a tag to `set`. What is not allowed is reported, and whatever was in force stays.
pub fn read(attributes: &Attributes, all: &[OptionInfo], set: &mut Set) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (name, given) in attributes {
        let is_page = PAGE.contains(&name.as_str()) || name.starts_with("data-") || name.starts_with("aria-");
        if !is_page && set(name, given.trim()).is_none() {
            let known = all.iter().find(|info| info.name == name);
            let allowed = known.map_or("no attribute of this tag", |info| info.allowed).to_owned();
            warnings.push(Warning { attribute: name.clone(), given: given.clone(), allowed });
        }
    }
    warnings
}

/// What an attribute allows, if `value` is not allowed.
pub fn reject(all: &[OptionInfo], name: &str, value: &str, set: &mut Set) -> Option<&'static str> {
    let info = all.iter().find(|info| info.name == name)?;
    set(name, value.trim()).is_none().then_some(info.allowed)
}

/// Settings of a figure, each of which has a default.
pub trait FromAttributes: Default {
    /// Every setting.
    const ALL: &'static [OptionInfo];

    /// Sets one; `None` if it is no setting, or the value is not allowed.
    fn set(&mut self, name: &str, given: &str) -> Option<()>;

    /// Settings of a tag; what is wrong gives way to its default and is reported.
    fn read(attributes: &Attributes) -> (Self, Vec<Warning>) {
        let mut settings = Self::default();
        let warnings = read(attributes, Self::ALL, &mut |name, given| settings.set(name, given));
        (settings, warnings)
    }

    /// What an attribute allows, if `value` is not allowed.
    fn reject(name: &str, value: &str) -> Option<&'static str> {
        let mut settings = Self::default();
        reject(Self::ALL, name, value, &mut |name, given| settings.set(name, given))
    }
}

/// A setting, in a line.
pub const fn option(name: &'static str, help: &'static str, allowed: &'static str) -> OptionInfo {
    OptionInfo { name, help, allowed }
}

/// A number within its range.
pub fn number(given: &str, low: f64, high: f64) -> Option<f64> {
    parse_number(given).filter(|x| (low..=high).contains(x))
}

/// A whole number within its range.
pub fn whole(given: &str, low: usize, high: usize) -> Option<usize> {
    given.parse().ok().filter(|n| (low..=high).contains(n))
}

/// A seed.
pub fn seed(given: &str) -> Option<u64> {
    given.parse().ok().filter(|seed| *seed <= MAX_SEED)
}
