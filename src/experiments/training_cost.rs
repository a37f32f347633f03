//! What a training run costs: operations, device-hours, money, energy and carbon. Every formula and every constant of
//! it stands here, with its source.
//!
//! Start with [`Training::flops`]. A calculator can fill in a [`Training`] of its own.

use super::{Bar, Experiment, Lab, Measure};

/// A device that models are trained on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Device {
    /// What it is called.
    pub name: &'static str,
    /// Highest floating-point operations a second, in the precision that training uses.
    pub peak_flops: f64,
}

/// NVIDIA V100, half precision on tensor cores. Source: NVIDIA, Tesla V100 data sheet (2018).
pub const V100: Device = Device { name: "V100", peak_flops: 125e12 };
/// NVIDIA A100, bfloat16. Source: NVIDIA, A100 data sheet (2020).
pub const A100: Device = Device { name: "A100", peak_flops: 312e12 };
/// A chip of Google's TPU v3, bfloat16. Source: Jouppi et al., CACM 63(7), 2020, table 3.
pub const TPU_V3: Device = Device { name: "TPU v3", peak_flops: 123e12 };
/// A chip of Google's TPU v4, bfloat16. Source: Chowdhery et al., arXiv:2204.02311, section 4.1.
pub const TPU_V4: Device = Device { name: "TPU v4", peak_flops: 275e12 };

/// A run, as it is known; what nobody has published is not made up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Training {
    /// The model.
    pub name: &'static str,
    /// N
    pub parameters: f64,
    /// D, tokens seen, repetitions included.
    pub tokens: f64,
    /// Where.
    pub device: Device,
    /// Share of the peak that the run reached.
    pub utilization: f64,
    /// Device-hours that were published.
    pub published_hours: Option<f64>,
}

impl Training {
    /// Floating-point operations, `6·N·D`: two a parameter and token forwards, four backwards.
    ///
    /// Source: Kaplan et al., arXiv:2001.08361, section 2.1.
    pub fn flops(&self) -> f64 {
        6.0 * self.parameters * self.tokens
    }

    /// Hours that the devices run, all of them together.
    pub fn device_hours(&self) -> f64 {
        self.flops() / (self.device.peak_flops * self.utilization) / 3600.0
    }

    /// Computed over published device-hours.
    pub fn ratio(&self) -> Option<f64> {
        self.published_hours.map(|hours| self.device_hours() / hours)
    }

    /// Dollars, for a price of a device-hour.
    pub fn cost(&self, dollars_per_hour: f64) -> f64 {
        self.device_hours() * dollars_per_hour
    }

    /// Kilowatt-hours, for the mean power of a device in watts and the building's overhead, its PUE.
    ///
    /// Source: Strubell et al., arXiv:1906.02243, equation 1.
    pub fn energy_kwh(&self, device_watts: f64, pue: f64) -> f64 {
        self.device_hours() * device_watts * pue / 1000.0
    }
}

/// Tons of carbon dioxide, for kilowatt-hours and the grid's grams a kilowatt-hour.
///
/// Source: Patterson et al., arXiv:2104.10350, section 2.5.
pub fn carbon_tons(energy_kwh: f64, grams_per_kwh: f64) -> f64 {
    energy_kwh * grams_per_kwh / 1e6
}

/// The lesson's table. Hours are those of its sources; utilizations of GPT-3 (24.6 of 125 TFLOP/s) from Patterson et
/// al., arXiv:2104.10350, table 4; of PaLM from Chowdhery et al., arXiv:2204.02311, table 3. For BERT and GPT-2 none is
/// published: 30 % and 20 % are assumed, and the tokens are those of the corpus, as the table has them, though both
/// models read theirs many times. That is why their rows do not fit.
pub const TABLE: [Training; 4] = [
    Training {
        name: "BERT-Base",
        parameters: 110e6,
        tokens: 3e9,
        device: TPU_V3,
        utilization: 0.3,
        published_hours: Some(4e3),
    },
    Training {
        name: "GPT-2",
        parameters: 1.5e9,
        tokens: 10e9,
        device: V100,
        utilization: 0.2,
        published_hours: Some(50e3),
    },
    Training {
        name: "GPT-3",
        parameters: 175e9,
        tokens: 300e9,
        device: V100,
        utilization: 0.197,
        published_hours: Some(3.6e6),
    },
    Training {
        name: "PaLM",
        parameters: 540e9,
        tokens: 780e9,
        device: TPU_V4,
        utilization: 0.462,
        published_hours: Some(10e6),
    },
];

/// BLOOM: 1,082,990 A100-hours (Luccioni, Viguier & Ligozat, arXiv:2211.02001, table 1), at the 156 TFLOP/s of its
/// fastest configuration (Scao et al., arXiv:2211.05100, section 3.4): what the hours hold beyond that is everything
/// that went less well.
pub const BLOOM: Training = Training {
    name: "BLOOM",
    parameters: 176e9,
    tokens: 366e9,
    device: A100,
    utilization: 0.5,
    published_hours: Some(1_082_990.0),
};

/// Energy, grid and published carbon of a run: kilowatt-hours, grams a kilowatt-hour, tons.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Footprint {
    /// The model.
    pub name: &'static str,
    /// Kilowatt-hours.
    pub energy_kwh: f64,
    /// Grams of carbon dioxide a kilowatt-hour.
    pub grams_per_kwh: f64,
    /// Tons of carbon dioxide that were published.
    pub published_tons: f64,
}

/// GPT-3. Source: Patterson et al., arXiv:2104.10350, table 4.
pub const GPT_3_FOOTPRINT: Footprint =
    Footprint { name: "GPT-3", energy_kwh: 1_287_000.0, grams_per_kwh: 429.0, published_tons: 552.0 };
/// BLOOM, the run itself on the French grid. Source: Luccioni et al., arXiv:2211.02001, section 4.2.
pub const BLOOM_FOOTPRINT: Footprint =
    Footprint { name: "BLOOM", energy_kwh: 433_195.0, grams_per_kwh: 57.0, published_tons: 24.7 };

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "training-cost",
    claim: "Six times parameters times tokens gives the device-hours of GPT-3 as published, and the grid decides what \
            it means for the climate; rows of the table that count a corpus once do not fit.",
    measures: &[
        Measure {
            name: "gpt-3-hours",
            meaning: "device-hours of GPT-3 by the formula over those published",
            bar: Bar::Within(0.9, 1.1),
        },
        Measure {
            name: "gpt-3-carbon",
            meaning: "tons of carbon dioxide of GPT-3 by energy and grid over those published",
            bar: Bar::Within(0.95, 1.05),
        },
        Measure { name: "bloom-carbon", meaning: "the same of BLOOM", bar: Bar::Within(0.95, 1.05) },
        Measure::report("bloom-hours", "device-hours of BLOOM by the formula over those published"),
        Measure::report("palm-hours", "device-hours of PaLM by the formula over those of the lesson's table"),
        Measure::report("bert-hours", "the same of BERT-Base"),
        Measure::report("gpt-2-hours", "the same of GPT-2"),
        Measure::report("grid", "carbon of GPT-3 on its own grid over that on BLOOM's"),
    ],
    run,
};

fn run(_: &Lab) -> Vec<f64> {
    let ratio = |training: &Training| training.ratio().unwrap_or(f64::NAN);
    let [bert, gpt_2, gpt_3, palm] = TABLE.each_ref().map(ratio);
    let carbon = |f: &Footprint| carbon_tons(f.energy_kwh, f.grams_per_kwh) / f.published_tons;
    vec![
        gpt_3,
        carbon(&GPT_3_FOOTPRINT),
        carbon(&BLOOM_FOOTPRINT),
        ratio(&BLOOM),
        palm,
        bert,
        gpt_2,
        GPT_3_FOOTPRINT.grams_per_kwh / BLOOM_FOOTPRINT.grams_per_kwh,
    ]
}
