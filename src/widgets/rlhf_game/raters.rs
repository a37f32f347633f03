//! Who picks: the reader, a simulated rater, or two raters in turn. Start with [`team`].

use crate::data::explain::{RATERS, Rater, SINGLE_VALUES};

/// What the reader is called.
pub const YOU: &str = "you";

/// All raters, those of one value last.
pub fn all() -> impl Iterator<Item = &'static Rater> {
    RATERS.iter().chain(&SINGLE_VALUES)
}

/// The rater of a name.
pub fn find(name: &str) -> Option<&'static Rater> {
    all().find(|rater| rater.name == name)
}

/// One rater, or two with a plus sign between their names.
pub fn team(names: &str) -> Option<Vec<&'static Rater>> {
    let team: Option<Vec<&Rater>> = names.split('+').map(|name| find(name.trim())).collect();
    team.filter(|team| team.len() == 1 || team.len() == 2 && team[0] != team[1])
}
