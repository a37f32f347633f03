//! What a tag, or the reader, decides. Start with [`Settings::read`].

use super::raters::{self, YOU};
use crate::json::{fields, names, parse_number, shortest};
use crate::train::OptionInfo;
use crate::widgets::Attributes;
use crate::widgets::attributes::{self as shared, Warning};

const MAX_TURNS: usize = 60;
const MAX_PICKS: usize = 200;
/// Turns on the leash and off it, and answers of which the best is taken, where nothing else is said.
const TURNS: usize = 10;
const FREE_TURNS: usize = 25;
const BEST_OF: usize = 16;

/// How a policy is made from picks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Proximal policy optimization against the reward model.
    Ppo,
    /// Direct preference optimization, without the reward model.
    Dpo,
    /// The best of several answers, by the reward model.
    BestOfN,
}

names!(Method: Ppo = "ppo", Dpo = "dpo", BestOfN = "best-of-n");

/// How a run goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub method: Method,
    /// What a nat away from the assistant costs, in standard deviations of the reward.
    pub kl_coef: f64,
    pub turns: usize,
    /// Of PPO; DPO learns at a third of it.
    pub learning_rate: f64,
}

fields!(Plan: method, kl_coef, turns, learning_rate);

/// The settings in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Decides the order of demonstrations, what is answered, and all luck.
    pub seed: u64,
    /// Who picks at first: the reader, a rater, or two with a plus sign.
    pub rater: String,
    pub kl_coef: f64,
    /// Nothing: as many as suit the method and the leash.
    pub turns: Option<usize>,
    pub method: Method,
    /// Picks that are asked for.
    pub picks: usize,
    pub learning_rate: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 0,
            rater: YOU.to_owned(),
            kl_coef: 0.3,
            turns: None,
            method: Method::Ppo,
            picks: 12,
            learning_rate: 3e-4,
        }
    }
}

macro_rules! option {
    ($name:literal, $help:literal, $allowed:literal) => {
        OptionInfo { name: $name, help: $help, allowed: $allowed }
    };
}

impl Settings {
    /// Every setting, in the order in which the figure shows them.
    pub const ALL: &[OptionInfo] = &[
        option!("rater", "Who picks at first.", "you, the name of a rater, or two with a plus sign"),
        option!("picks", "Picks that are asked for.", "a number from 1 to 200"),
        option!("method", "How the policy is made.", "ppo, dpo or best-of-n"),
        option!("kl-coef", "What a nat away from the assistant costs.", "a number from 0 to 1"),
        option!("turns", "Turns of a run.", "auto, or a number from 1 to 60"),
        option!("learning-rate", "Learning rate of PPO.", "a number above 0 and up to 0.01"),
        option!("seed", "Decides everything random.", "a number from 0 to 9007199254740991"),
    ];

    /// Settings from attributes; what is wrong gives way to its default and is reported.
    pub fn read(attributes: &Attributes) -> (Self, Vec<Warning>) {
        let mut settings = Self::default();
        let warnings = shared::read(attributes, Self::ALL, &mut |name, given| settings.set(name, given));
        (settings, warnings)
    }

    /// What an attribute allows, if `value` is not allowed.
    pub fn reject(name: &str, value: &str) -> Option<&'static str> {
        shared::reject(Self::ALL, name, value, &mut |name, given| Self::default().set(name, given))
    }

    fn set(&mut self, name: &str, given: &str) -> Option<()> {
        let number = |low: f64, high: f64| parse_number(given).filter(|x| (low..=high).contains(x));
        let whole = |high: usize| given.parse().ok().filter(|n| (1..=high).contains(n));
        match name {
            "seed" => self.seed = shared::seed(given)?,
            "rater" => {
                if given != YOU {
                    raters::team(given)?;
                }
                self.rater = given.to_owned();
            }
            "kl-coef" => self.kl_coef = number(0.0, 1.0)?,
            "turns" => self.turns = if given == "auto" { None } else { Some(whole(MAX_TURNS)?) },
            "method" => {
                let all = [Method::Ppo, Method::Dpo, Method::BestOfN];
                self.method = all.into_iter().find(|method| method.name() == given)?;
            }
            "picks" => self.picks = whole(MAX_PICKS)?,
            "learning-rate" => self.learning_rate = number(0.0, 0.01).filter(|rate| *rate > 0.0)?,
            _ => return None,
        }
        Some(())
    }

    /// How the next run goes.
    pub fn plan(&self) -> Plan {
        let usual = match self.method {
            Method::BestOfN => BEST_OF,
            Method::Ppo if self.kl_coef == 0.0 => FREE_TURNS,
            _ => TURNS,
        };
        let (method, kl_coef) = (self.method, self.kl_coef);
        Plan { method, kl_coef, turns: self.turns.unwrap_or(usual), learning_rate: self.learning_rate }
    }

    /// Every setting by its attribute's name, as in force.
    pub fn config(&self) -> Attributes {
        let mut config = Attributes::new();
        for (name, value) in [
            ("seed", self.seed.to_string()),
            ("rater", self.rater.clone()),
            ("kl-coef", shortest(self.kl_coef)),
            ("turns", self.turns.map_or("auto".to_owned(), |turns| turns.to_string())),
            ("method", self.method.name().to_owned()),
            ("picks", self.picks.to_string()),
            ("learning-rate", shortest(self.learning_rate)),
        ] {
            config.insert(name.to_owned(), value);
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> (Settings, Vec<Warning>) {
        let attributes = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::read(&attributes.collect())
    }

    #[test]
    fn what_is_set_is_in_force_and_reads_back() {
        let pairs = [("rater", "plain+expert"), ("kl-coef", "0"), ("method", "dpo"), ("turns", "7")];
        let (settings, warnings) = read(&pairs);
        assert_eq!(warnings, []);
        assert_eq!((settings.method, settings.turns, settings.kl_coef), (Method::Dpo, Some(7), 0.0));
        assert_eq!(Settings::read(&settings.config()), (settings, Vec::new()));
    }

    #[test]
    fn what_is_wrong_is_named_and_changes_nothing() {
        let wrong = [
            ("rater", "everyone"),
            ("kl-coef", "2"),
            ("turns", "0"),
            ("method", "rl"),
            ("picks", "many"),
            ("learning-rate", "0"),
            ("seed", "-1"),
            ("colour", "red"),
        ];
        let (settings, warnings) = read(&wrong);
        assert_eq!(settings, Settings::default());
        assert_eq!(warnings.len(), wrong.len());
        assert_eq!(Settings::reject("method", "rl"), Some("ppo, dpo or best-of-n"));
    }

    #[test]
    fn without_a_leash_there_is_time_to_see_it_hacked() {
        assert_eq!(read(&[]).0.plan().turns, TURNS);
        assert_eq!(read(&[("kl-coef", "0")]).0.plan().turns, FREE_TURNS);
        assert_eq!(read(&[("method", "best-of-n")]).0.plan().turns, BEST_OF);
    }
}
