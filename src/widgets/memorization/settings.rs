//! What is forgotten, and how. Start with [`Settings::read`].

use crate::experiments::memorization::{Keep, N_EACH, options};
use crate::json::names;
use crate::train::OptionInfo;
use crate::widgets::Attributes;
use crate::widgets::attributes::{FromAttributes, option, seed, whole};

names!(Keep: Nothing = "nothing", OtherSecrets = "others");

/// What a tag, or the reader, decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Which of the secrets with most copies is to be forgotten, from 1.
    pub forget: usize,
    /// What is kept while it is unlearned.
    pub keep: Keep,
    /// Steps of pre-training.
    pub steps: usize,
    /// Decides secrets, text and weights.
    pub seed: u64,
}

impl FromAttributes for Settings {
    const ALL: &[OptionInfo] = &[
        option("forget", "Which of the secrets with 64 copies is forgotten.", "a number from 1 to 5"),
        option("keep", "What is kept while it is unlearned.", "nothing or others"),
        option("steps", "Steps of pre-training.", "a number from 1 to 2000"),
        option("seed", "Decides secrets, text and weights.", "a number from 0 to 9007199254740991"),
    ];

    fn set(&mut self, name: &str, given: &str) -> Option<()> {
        match name {
            "forget" => self.forget = whole(given, 1, N_EACH)?,
            "keep" => {
                let all = [Keep::Nothing, Keep::OtherSecrets];
                self.keep = all.into_iter().find(|keep| keep.name() == given)?;
            }
            "steps" => self.steps = whole(given, 1, 2000)?,
            "seed" => self.seed = seed(given)?,
            _ => return None,
        }
        Some(())
    }
}

impl Settings {
    /// Every setting by its attribute's name, as in force.
    pub fn config(&self) -> Attributes {
        let mut config = Attributes::new();
        for (name, value) in
            [("forget", self.forget as u64), ("steps", self.steps as u64), ("seed", self.seed)]
        {
            config.insert(name.to_owned(), value.to_string());
        }
        config.insert("keep".to_owned(), self.keep.name().to_owned());
        config
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { forget: 1, keep: Keep::Nothing, steps: options(0).max_iters, seed: 0 }
    }
}
