//! What a tag, or the reader, decides. Start with [`Settings::read`].

use super::run::{Kind, Plan};
use super::task::Task;
use crate::json::{parse_number, shortest};
use crate::peft::LoraConfig;
use crate::train::OptionInfo;
use crate::widgets::Attributes;
use crate::widgets::attributes::{self as shared, Warning};

const MAX_STEPS: usize = 1000;
const MAX_ALPHA: f64 = 256.0;

/// The settings in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// What is learned by the slider's runs.
    pub task: Task,
    /// The rank in hand at first.
    pub rank: Kind,
    /// How those runs go.
    pub plan: Plan,
}

macro_rules! option {
    ($name:literal, $help:literal, $allowed:literal) => {
        OptionInfo { name: $name, help: $help, allowed: $allowed }
    };
}

impl Settings {
    /// Every setting, in the order in which the figure shows them.
    pub const ALL: &[OptionInfo] = &[
        option!("task", "What is learned.", "known or new"),
        option!("rank", "The rank to begin with.", "0, 1, 2, 4 … up to the model's width, or full"),
        option!(
            "lora-alpha",
            "Divided by the rank it is the factor of the update.",
            "a number from 0 to 256"
        ),
        option!("target-modules", "Layers that get an update.", "some of c_attn, c_proj and c_fc"),
        option!("learning-rate", "Learning rate of the adapters.", "a number from 0 to 1"),
        option!("full-learning-rate", "Learning rate of full fine-tuning.", "a number from 0 to 1"),
        option!("steps", "Steps of each run.", "a number from 1 to 1000"),
        option!(
            "seed",
            "Decides what is asked, and what adapters begin with.",
            "a number from 0 to 9007199254740991"
        ),
    ];

    /// The settings of a task where nothing else is said.
    fn of(task: Task) -> Self {
        let recipe = task.recipe();
        let plan = Plan {
            seed: 0,
            steps: recipe.steps,
            learning_rate: recipe.learning_rate,
            full_learning_rate: recipe.full_learning_rate,
            lora_alpha: 4.0,
            target_modules: LoraConfig::default().target_modules,
        };
        Self { task, rank: Kind::Lora(4), plan }
    }

    /// How the second adapter's run goes, whatever the first one's settings are.
    pub fn second(seed: u64) -> Plan {
        Plan { seed, ..Self::of(Task::Reviews).plan }
    }

    /// Settings from attributes; what is wrong gives way to its default and is reported. `ranks` are those that the
    /// slider has.
    pub fn read(attributes: &Attributes, ranks: &[Kind]) -> (Self, Vec<Warning>) {
        // What the others default to depends on the task.
        let mut settings = Self::of(Task::Known);
        if attributes.get("task").is_some_and(|task| task.trim() == "new") {
            settings = Self::of(Task::New);
        }
        let warnings =
            shared::read(attributes, Self::ALL, &mut |name, given| settings.set(name, given, ranks));
        (settings, warnings)
    }

    /// What an attribute allows, if `value` is not allowed, as far as that can be said without a model.
    pub fn reject(name: &str, value: &str) -> Option<&'static str> {
        let any_rank: Vec<Kind> = (0..=1024).map(Kind::Lora).chain([Kind::Full]).collect();
        let mut set = |name: &str, value: &str| Self::of(Task::Known).set(name, value, &any_rank);
        shared::reject(Self::ALL, name, value, &mut set)
    }

    fn set(&mut self, name: &str, given: &str, ranks: &[Kind]) -> Option<()> {
        let number = |low: f64, high: f64| parse_number(given).filter(|x| (low..=high).contains(x));
        let plan = &mut self.plan;
        match name {
            "task" => {
                // [`Settings::read`] has looked at it before all others.
                let slider = [Task::Known, Task::New];
                self.task = slider.into_iter().find(|task| task.name() == given)?;
            }
            "rank" => self.rank = find(ranks, given)?,
            "lora-alpha" => plan.lora_alpha = number(0.0, MAX_ALPHA)? as f32,
            "target-modules" => {
                let separators = [' ', ',', '+'];
                let names = given.split(separators).filter(|name| !name.is_empty());
                let target_modules: Vec<String> = names.map(str::to_owned).collect();
                let config = LoraConfig { target_modules, ..LoraConfig::default() };
                if config.target_modules.is_empty() || config.validate().is_err() {
                    return None;
                }
                plan.target_modules = config.target_modules;
            }
            "learning-rate" => plan.learning_rate = number(0.0, 1.0)?,
            "full-learning-rate" => plan.full_learning_rate = number(0.0, 1.0)?,
            "steps" => plan.steps = given.parse().ok().filter(|n| (1..=MAX_STEPS).contains(n))?,
            "seed" => plan.seed = shared::seed(given)?,
            _ => return None,
        }
        Some(())
    }

    /// Every setting by its attribute's name, as in force.
    pub fn config(&self) -> Attributes {
        let mut config = Attributes::new();
        let Plan { seed, steps, learning_rate, full_learning_rate, lora_alpha, target_modules } = &self.plan;
        for (name, value) in [
            ("task", self.task.name().to_owned()),
            ("rank", self.rank.label()),
            ("lora-alpha", shortest((*lora_alpha).into())),
            ("target-modules", target_modules.join(" ")),
            ("learning-rate", shortest(*learning_rate)),
            ("full-learning-rate", shortest(*full_learning_rate)),
            ("steps", steps.to_string()),
            ("seed", seed.to_string()),
        ] {
            config.insert(name.to_owned(), value);
        }
        config
    }
}

/// The rank of a label.
pub fn find(ranks: &[Kind], label: &str) -> Option<Kind> {
    ranks.iter().copied().find(|kind| kind.label() == label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> (Settings, Vec<Warning>) {
        let attributes = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::read(&attributes.collect(), &[Kind::Lora(0), Kind::Lora(4), Kind::Lora(8), Kind::Full])
    }

    #[test]
    fn what_is_set_is_in_force_and_reads_back() {
        let pairs = [("target-modules", "c_attn, c_fc"), ("rank", "8"), ("lora-alpha", "16"), ("steps", "7")];
        let (settings, warnings) = read(&pairs);
        assert_eq!(warnings, []);
        assert_eq!(settings.plan.target_modules, ["c_attn", "c_fc"]);
        assert_eq!((settings.rank, settings.plan.lora_alpha, settings.plan.steps), (Kind::Lora(8), 16.0, 7));
        let ranks = [Kind::Lora(8)];
        assert_eq!(Settings::read(&settings.config(), &ranks), (settings, Vec::new()));
    }

    #[test]
    fn what_is_wrong_is_named_and_changes_nothing() {
        let wrong = [
            ("rank", "3"),
            ("target-modules", "c_atn"),
            ("steps", "0"),
            ("task", "reviews"),
            ("colour", "red"),
        ];
        let (settings, warnings) = read(&wrong);
        assert_eq!(settings, read(&[]).0);
        assert_eq!(warnings.len(), wrong.len());
        assert_eq!(Settings::reject("rank", "many"), Some("0, 1, 2, 4 … up to the model's width, or full"));
        assert_eq!(Settings::reject("rank", "16"), None);
    }

    #[test]
    fn each_task_has_settings_of_its_own() {
        assert!(read(&[("task", "new")]).0.plan.learning_rate > read(&[]).0.plan.learning_rate);
        assert_eq!(read(&[("task", "new"), ("learning-rate", "0.5")]).0.plan.learning_rate, 0.5);
    }
}
