//! The lesson's claims, each as an experiment that anyone can repeat: one file a claim, to be read like the methods
//! section of a paper.
//!
//! An [`Experiment`] is a function of a seed, and nothing else: the world, the weights and every draw come from it, and
//! it gives the same numbers on every target. Its measures say beforehand what they have to show. Knows no clock and no
//! page. Start with [`ALL`], the list, and with [`pretraining`], the simplest.

pub use lab::{Base, BaseRun, Lab, base_run};

/// A claim and how it is put to the test.
pub struct Experiment {
    /// In kebab case.
    pub name: &'static str,
    /// What the lesson says, in one sentence.
    pub claim: &'static str,
    /// What is measured. The first is the headline.
    pub measures: &'static [Measure],
    /// Runs it with the lab's seed; one value for each measure.
    pub run: fn(&Lab) -> Vec<f64>,
}

/// A number that an experiment gives for each seed.
pub struct Measure {
    /// In kebab case.
    pub name: &'static str,
    /// What it is, with its unit. Shares are from 0 to 1.
    pub meaning: &'static str,
    /// What it has to be.
    pub bar: Bar,
}

impl Measure {
    /// One that is shown, whatever it is.
    const fn report(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, bar: Bar::Report }
    }
}

/// What a measure has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bar {
    /// At least this, as a mean over seeds.
    AtLeast(f64),
    /// At most this, as a mean over seeds.
    AtMost(f64),
    /// From the one to the other, as a mean over seeds.
    Within(f64, f64),
    /// At least this with every seed.
    EachAtLeast(f64),
    /// At most this with every seed.
    EachAtMost(f64),
    /// Whatever it is.
    Report,
}

impl Bar {
    /// Whether the values of all seeds clear the bar.
    pub fn is_met(self, values: &[f64]) -> bool {
        let mean = mean(values);
        match self {
            Self::AtLeast(low) => mean >= low,
            Self::AtMost(high) => mean <= high,
            Self::Within(low, high) => (low..=high).contains(&mean),
            Self::EachAtLeast(low) => values.iter().all(|value| *value >= low),
            Self::EachAtMost(high) => values.iter().all(|value| *value <= high),
            Self::Report => values.iter().all(|value| value.is_finite()),
        }
    }
}

/// The mean of some numbers.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The standard deviation of some numbers, as that of a whole population.
pub fn spread(values: &[f64]) -> f64 {
    let center = mean(values);
    libm::sqrt(mean(&values.iter().map(|x| (x - center) * (x - center)).collect::<Vec<_>>()))
}

/// Every experiment, in the order of the lesson.
pub const ALL: &[&Experiment] = &[
    &scratch_vs_transfer::EXPERIMENT,
    &pretraining::EXPERIMENT,
    &objectives::masked_lm::EXPERIMENT,
    &objectives::span_corruption::EXPERIMENT,
    &objectives::denoising::EXPERIMENT,
    &contrastive::EXPERIMENT,
    &data_mixture::EXPERIMENT,
    &training_cost::EXPERIMENT,
    &scaling::EXPERIMENT,
    &sentiment::EXPERIMENT,
    &reward_model::EXPERIMENT,
    &rlhf::ALIGNED,
    &rlhf::HACKED,
    &preference_methods::EXPERIMENT,
    &raters::EXPERIMENT,
    &lora_rank::EXPERIMENT,
    &peft_methods::EXPERIMENT,
    &transfer_depth::EXPERIMENT,
    &text_to_text::EXPERIMENT,
    &forgetting::EXPERIMENT,
    &memorization::EXPERIMENT,
    &bias::EXPERIMENT,
    &environment::EXPERIMENT,
    &guardrails::EXPERIMENT,
];

pub mod assistant;
pub mod bias;
pub mod contrastive;
pub mod cost;
pub mod data_mixture;
mod environment;
pub mod forgetting;
pub mod guardrails;
mod lab;
pub mod labeled;
pub mod lora_rank;
pub mod medicine;
pub mod memorization;
pub mod objectives;
pub mod peft_methods;
pub mod preference_methods;
mod pretraining;
pub mod raters;
pub mod reward_model;
pub mod rlhf;
pub mod scaling;
pub mod scratch_vs_transfer;
pub mod sentiment;
pub mod text_to_text;
mod training_cost;
pub mod transfer_depth;
