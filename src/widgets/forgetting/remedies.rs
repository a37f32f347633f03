//! What a reader can do against forgetting, alone or together. Start with [`Remedies::parse`].

use crate::experiments::forgetting::{RATE, Recipe, Remedy};

/// What is switched on.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Remedies {
    /// A thirty-second of the learning rate.
    pub low_rate: bool,
    /// Two steps.
    pub few_steps: bool,
    /// Elastic weight consolidation.
    pub ewc: bool,
    /// A frozen base with LoRA beside it, which has a learning rate of its own and leaves nothing to hold in place.
    pub lora: bool,
    /// Old documents beside the questions of a step.
    pub n_replayed: usize,
}

/// Numbers of old documents that the slider has; a step with more would take too long on a telephone.
pub const REPLAYED: [usize; 5] = [0, 4, 8, 12, 24];

/// What is tried in any case.
pub const STANDARD: [&str; 6] = ["none", "low-rate", "few-steps", "ewc", "lora", "replay-12"];

/// What [`Remedies::parse`] takes.
pub const ALLOWED: &str =
    "none, or some of low-rate, few-steps, ewc and replay-4, -8, -12 or -24, or lora for low-rate and ewc";

impl Remedies {
    /// Remedies by their names, in any order.
    pub fn parse(text: &str) -> Option<Self> {
        let mut remedies = Self::default();
        for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
            match word {
                "none" => {}
                "low-rate" => remedies.low_rate = true,
                "few-steps" => remedies.few_steps = true,
                "ewc" => remedies.ewc = true,
                "lora" => remedies.lora = true,
                _ => {
                    let n = word.strip_prefix("replay-")?.parse().ok();
                    remedies.n_replayed = n.filter(|n| REPLAYED.contains(n))?;
                }
            }
        }
        (!remedies.lora || !(remedies.low_rate || remedies.ewc)).then_some(remedies)
    }

    /// Their names, in one order.
    pub fn label(self) -> String {
        let replay = format!("replay-{}", self.n_replayed);
        self.join([("low-rate", "few-steps", "ewc", "lora"), (&replay, " ", "none", "")])
    }

    /// The same in a sentence.
    pub fn sentence(self, share: usize) -> String {
        let replay = format!("{share} % old text");
        let words = ("a low learning rate", "two steps only", "weights held in place (EWC)", "LoRA");
        self.join([words, (&replay, " and ", "no remedy", "")])
    }

    fn join(
        self,
        [(low_rate, few_steps, ewc, lora), (replay, between, none, _)]: [(&str, &str, &str, &str); 2],
    ) -> String {
        let mut text = String::new();
        for (is_on, name) in [
            (self.low_rate, low_rate),
            (self.few_steps, few_steps),
            (self.ewc, ewc),
            (self.lora, lora),
            (self.n_replayed > 0, replay),
        ] {
            if is_on {
                text.push_str(if text.is_empty() { "" } else { between });
                text.push_str(name);
            }
        }
        if text.is_empty() { none.to_owned() } else { text }
    }

    /// How a run with them goes, each as the experiment has it; `steps` where they are not few.
    pub fn recipe(self, steps: usize) -> Recipe {
        let [plain, low_rate, few_steps, ewc, lora, ..] = Remedy::ALL.map(Recipe::from);
        let learning_rate = match (self.low_rate, self.lora) {
            (true, _) => low_rate.learning_rate,
            (_, true) => lora.learning_rate,
            _ => RATE,
        };
        Recipe {
            learning_rate,
            steps: if self.few_steps { few_steps.steps } else { steps },
            ewc_lambda: ewc.ewc_lambda.filter(|_| self.ewc),
            peft: lora.peft.filter(|_| self.lora),
            n_replayed: self.n_replayed,
            ..plain
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_order_and_written_in_one() {
        for label in STANDARD.into_iter().chain(["low-rate ewc replay-4", "few-steps lora replay-24"]) {
            assert_eq!(Remedies::parse(label).expect("allowed").label(), label);
        }
        assert_eq!(Remedies::parse("replay-4, low-rate").expect("allowed").label(), "low-rate replay-4");
        for wrong in ["lora ewc", "lora low-rate", "replay-5", "replay", "magic"] {
            assert_eq!(Remedies::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn alone_each_is_the_experiments_own() {
        let [plain, low_rate, few_steps, ewc, lora, ..] = Remedy::ALL.map(Recipe::from);
        let replay = Recipe::from(Remedy::Replay(12));
        for (label, recipe) in STANDARD.iter().zip([plain, low_rate, few_steps, ewc, lora, replay]) {
            assert_eq!(Remedies::parse(label).expect("allowed").recipe(plain.steps), recipe, "{label}");
        }
    }
}
