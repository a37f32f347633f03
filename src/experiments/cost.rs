//! What training costs: operations, device-hours, money, energy, carbon. Every formula and every constant of it stands
//! here, with its source; what nobody has published stays unknown.
//!
//! All is plain data for a calculator to show and to change. Knows no model and no clock. Start with [`Training`], or
//! with [`TABLE`], the lesson's.

/// A device that models are trained on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Device {
    /// What it is called.
    pub name: &'static str,
    /// Highest floating-point operations a second, in the precision that training uses.
    pub peak_flops: f64,
    /// Mean power in watts.
    pub watts: f64,
    /// The lowest and the highest price of an hour, in dollars, of a cloud in the device's time.
    pub dollars_per_hour: [f64; 2],
}

/// NVIDIA V100, half precision on tensor cores.
///
/// Peak: NVIDIA, "Programming Tensor Cores in CUDA 9" (2017). Power: measured for GPT-3, host and network included,
/// Patterson et al., arXiv:2104.10350, table 4. Prices: preemptible and on demand in 2019, Strubell et al.,
/// arXiv:1906.02243, table 3.
pub const V100: Device =
    Device { name: "V100", peak_flops: 125e12, watts: 330.0, dollars_per_hour: [0.74, 2.48] };

/// NVIDIA A100, bfloat16.
///
/// Peak and power, which is the rated one: NVIDIA, A100 data sheet. Prices: Amazon's p4d.24xlarge with eight of them,
/// reserved for days ($14.75, 2024) and on demand ($32.77).
pub const A100: Device =
    Device { name: "A100", peak_flops: 312e12, watts: 400.0, dollars_per_hour: [1.84, 4.10] };

/// A chip of Google's TPU v3, bfloat16.
///
/// Peak and power, which is that of the chip alone: Google, "TPU v3", cloud.google.com/tpu/docs/v3. Prices: a quarter of
/// those of a board with four, preemptible and on demand in 2019, Strubell et al., arXiv:1906.02243, table 3.
pub const TPU_V3: Device =
    Device { name: "TPU v3", peak_flops: 123e12, watts: 220.0, dollars_per_hour: [0.60, 2.00] };

/// A chip of Google's TPU v4, bfloat16.
///
/// Peak: Google, "TPU v4", cloud.google.com/tpu/docs/v4. Power: measured for PaLM, host and network included, Chowdhery
/// et al., arXiv:2204.02311, appendix B. Prices: for three years and on demand in 2022, cloud.google.com/tpu/pricing.
pub const TPU_V4: Device =
    Device { name: "TPU v4", peak_flops: 275e12, watts: 378.5, dollars_per_hour: [1.449, 3.22] };

/// All devices, for a calculator to choose from.
pub const DEVICES: [Device; 4] = [V100, A100, TPU_V3, TPU_V4];

/// A run of training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Training {
    /// N
    pub parameters: f64,
    /// D, tokens read, repetitions included.
    pub tokens: f64,
    /// Where.
    pub device: Device,
    /// Share of the peak that is reached, counting only the operations of [`Training::flops`].
    pub utilization: f64,
}

impl Training {
    /// Floating-point operations, `6·N·D`: two for each parameter and token forwards, four backwards.
    ///
    /// Source: Kaplan et al., arXiv:2001.08361, section 2.1. Attention over the context comes on top; at GPT-3's size it
    /// is 3 % at most.
    pub fn flops(&self) -> f64 {
        6.0 * self.parameters * self.tokens
    }

    /// Hours that devices work, all of them together.
    pub fn device_hours(&self) -> f64 {
        self.flops() / (self.device.peak_flops * self.utilization) / 3600.0
    }

    /// The lowest and the highest price, in dollars. People, data and failed attempts come on top.
    pub fn dollars(&self) -> [f64; 2] {
        self.device.dollars_per_hour.map(|price| price * self.device_hours())
    }

    /// Energy, for a building that needs `pue` times what its computers do (power usage effectiveness).
    pub fn kilowatt_hours(&self, pue: f64) -> f64 {
        kilowatt_hours(self.device_hours(), self.device.watts, pue)
    }

    /// The utilization with which the run would have taken so many device-hours.
    pub fn implied_utilization(&self, device_hours: f64) -> f64 {
        self.flops() / (self.device.peak_flops * device_hours * 3600.0)
    }
}

/// Energy of devices that work so many hours at a mean power in watts.
///
/// Source: Patterson et al., arXiv:2104.10350, section 2.5; Strubell et al., arXiv:1906.02243, equation 1.
pub fn kilowatt_hours(device_hours: f64, watts: f64, pue: f64) -> f64 {
    device_hours * watts * pue / 1000.0
}

/// Metric tons of carbon dioxide (and what warms alike), for the grams of a grid's kilowatt-hour.
///
/// Source: Patterson et al., arXiv:2104.10350, section 2.5.
pub fn carbon_tons(kilowatt_hours: f64, grams_per_kwh: f64) -> f64 {
    kilowatt_hours * grams_per_kwh / 1e6
}

/// A row of the lesson's table, and what its sources say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// The model.
    pub name: &'static str,
    /// N
    pub parameters: f64,
    /// D as the table has it.
    pub tokens: Option<f64>,
    /// Where, as the table has it.
    pub device: Option<Device>,
    /// Share of the peak, where it was published; [`ASSUMED_UTILIZATION`] stands in.
    pub utilization: Option<f64>,
    /// Device-hours as the table has them.
    pub hours: Option<f64>,
    /// Dollars as the table has them.
    pub dollars: [f64; 2],
    /// Tokens that the model read, repetitions included, where that was published.
    pub tokens_read: Option<f64>,
    /// Device-hours that whoever trained the model has published, on whatever device.
    pub published_hours: Option<f64>,
    /// Why computed and stated hours differ.
    pub remark: &'static str,
}

/// Share of the peak where none was published: in between those of GPT-3 and PaLM.
pub const ASSUMED_UTILIZATION: f64 = 0.3;

/// The lesson's table.
///
/// BERT: 1,000,000 steps of 128,000 tokens, 16 chips for 4 days, Devlin et al., arXiv:1810.04805, appendix A.2; the
/// table's hours and dollars are rather those of a repetition on 64 V100 for 79 hours, Strubell et al.,
/// arXiv:1906.02243, table 3. GPT-2: Radford et al. 2019 name 40 GB of text, and neither passes nor hours. GPT-3: 24.6
/// of 125 TFLOP/s on 10,000 V100 for 14.8 days, Patterson et al., arXiv:2104.10350, table 4. PaLM: 46.2 % of the peak,
/// and 6,144 chips for 1,200 hours and 3,072 for 336, downtime and repeated steps included, Chowdhery et al.,
/// arXiv:2204.02311, section 4.1 and appendix B. GPT-4: nothing, OpenAI, arXiv:2303.08774, section 2.
pub const TABLE: [Row; 5] = [
    Row {
        name: "BERT-Base",
        parameters: 110e6,
        tokens: Some(3e9),
        device: Some(TPU_V3),
        utilization: None,
        hours: Some(4e3),
        dollars: [10e3, 10e3],
        tokens_read: Some(128e9),
        published_hours: Some(16.0 * 4.0 * 24.0),
        remark: "The table counts the text once; the model read it about 40 times.",
    },
    Row {
        name: "GPT-2",
        parameters: 1.5e9,
        tokens: Some(10e9),
        device: Some(V100),
        utilization: None,
        hours: Some(50e3),
        dollars: [50e3, 50e3],
        tokens_read: None,
        published_hours: None,
        remark: "The table counts the text once; how often the model read it was never published.",
    },
    Row {
        name: "GPT-3",
        parameters: 175e9,
        tokens: Some(300e9),
        device: Some(V100),
        utilization: Some(24.6 / 125.0),
        hours: Some(3.6e6),
        dollars: [4e6, 12e6],
        tokens_read: Some(300e9),
        published_hours: Some(10_000.0 * 14.8 * 24.0),
        remark: "The formula gives what was published.",
    },
    Row {
        name: "PaLM",
        parameters: 540e9,
        tokens: Some(780e9),
        device: Some(TPU_V4),
        utilization: Some(0.462),
        hours: Some(10e6),
        dollars: [10e6, 20e6],
        tokens_read: Some(780e9),
        published_hours: Some(6_144.0 * 1_200.0 + 3_072.0 * 336.0),
        remark: "Downtime and repeated steps are in the hours, not in the formula; and the table rounds up.",
    },
    Row {
        name: "GPT-4",
        parameters: 1.7e12,
        tokens: None,
        device: None,
        utilization: None,
        hours: None,
        dollars: [50e6, 100e6],
        tokens_read: None,
        published_hours: None,
        remark: "Nothing but rumors: there is nothing to compute.",
    },
];

impl Row {
    /// The run as the table has it, if that is known.
    pub fn training(&self) -> Option<Training> {
        self.with_tokens(self.tokens)
    }

    /// The run with the tokens that the model really read, if they are known.
    pub fn training_as_read(&self) -> Option<Training> {
        self.with_tokens(self.tokens_read)
    }

    fn with_tokens(&self, tokens: Option<f64>) -> Option<Training> {
        Some(Training {
            parameters: self.parameters,
            tokens: tokens?,
            device: self.device?,
            utilization: self.utilization.unwrap_or(ASSUMED_UTILIZATION),
        })
    }

    /// Device-hours by the formula over those of the table.
    pub fn hours_ratio(&self) -> Option<f64> {
        Some(self.training()?.device_hours() / self.hours?)
    }

    /// Device-hours by the formula, for the tokens read, over those that whoever trained the model has published.
    pub fn published_ratio(&self) -> Option<f64> {
        Some(self.training_as_read()?.device_hours() / self.published_hours?)
    }
}

/// BLOOM, a model of GPT-3's size, trained in public.
///
/// Sizes and 156 TFLOP/s: Scao et al., arXiv:2211.05100, section 3. These count each activation that is computed a
/// second time to save memory: eight operations a parameter and token instead of six (`TFLOPs` in the project's
/// engineering notes, github.com/bigscience-workshop/bigscience).
pub const BLOOM: Training =
    Training { parameters: 176.247e9, tokens: 366e9, device: A100, utilization: 156.0 / 312.0 * 6.0 / 8.0 };

/// What a run took from the grid, as it was published.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Footprint {
    /// The model.
    pub name: &'static str,
    /// Device-hours.
    pub device_hours: f64,
    /// Mean power of a device.
    pub watts: f64,
    /// What the building needs, over what its computers need.
    pub pue: f64,
    /// Grams of carbon dioxide in the grid's kilowatt-hour.
    pub grams_per_kwh: f64,
    /// Kilowatt-hours that were published, if they were.
    pub published_kwh: Option<f64>,
    /// Tons that were published.
    pub published_tons: f64,
}

impl Footprint {
    /// Kilowatt-hours by the formula.
    pub fn kilowatt_hours(&self) -> f64 {
        kilowatt_hours(self.device_hours, self.watts, self.pue)
    }

    /// Tons by the formula, on a grid of so many grams a kilowatt-hour.
    pub fn tons_on(&self, grams_per_kwh: f64) -> f64 {
        carbon_tons(self.kilowatt_hours(), grams_per_kwh)
    }
}

/// Source: Patterson et al., arXiv:2104.10350, table 4.
pub const GPT_3_FOOTPRINT: Footprint = Footprint {
    name: "GPT-3",
    device_hours: 10_000.0 * 14.8 * 24.0,
    watts: 330.0,
    pue: 1.10,
    grams_per_kwh: 429.0,
    published_kwh: Some(1_287_000.0),
    published_tons: 552.1,
};

/// The GPUs' work alone, at their rated power and without the building.
///
/// Source: Luccioni, Viguier & Ligozat, arXiv:2211.02001, section 4.2.
pub const BLOOM_FOOTPRINT: Footprint = Footprint {
    name: "BLOOM",
    device_hours: 1_082_990.0,
    watts: 400.0,
    pue: 1.0,
    grams_per_kwh: 57.0,
    published_kwh: Some(433_196.0),
    published_tons: 24.7,
};

/// Source: Chowdhery et al., arXiv:2204.02311, appendix B.
pub const PALM_FOOTPRINT: Footprint = Footprint {
    name: "PaLM",
    device_hours: 6_144.0 * 1_200.0 + 3_072.0 * 336.0,
    watts: 378.5,
    pue: 1.08,
    grams_per_kwh: 79.0,
    published_kwh: None,
    published_tons: 271.43,
};

/// Tons of BLOOM with the idle machine around the GPUs and the making of the hardware: 24.7 and 14.6 and 11.2.
///
/// Source: Luccioni et al., arXiv:2211.02001, section 4.
pub const BLOOM_WHOLE_TONS: f64 = 50.5;

/// Grams of carbon dioxide in a kilowatt-hour, the mean of the world in 2023.
///
/// Source: Ember, "Global Electricity Review 2024".
pub const WORLD_GRAMS_PER_KWH: f64 = 480.0;

/// Watts of a thin laptop's processor at work: the rated power of Intel's U series. What screen and memory need comes
/// on top, but they are on anyway.
pub const TAB_WATTS: f64 = 15.0;

/// Operations a second of one worker in a tab, for where nobody has measured them: about what this project's kernels
/// reach in Chromium on one core of a server of 2023.
pub const TAB_FLOPS_PER_SECOND: f64 = 15e9;

/// Watt-hours of a tab that trains for so many seconds.
pub fn tab_watt_hours(seconds: f64) -> f64 {
    TAB_WATTS * seconds / 3600.0
}

/// Who could pay for what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// What it is.
    pub name: &'static str,
    /// How much of it there is.
    pub dollars: f64,
}

/// Dollars for a euro, the mean of 2022. Source: European Central Bank.
const DOLLARS_PER_EURO: f64 = 1.053;

/// Money that is given for research, beside that of a reader. The Starting Grant is the most that the European Research
/// Council gives to one beginning group for five years; BLOOM's the worth of the public computer's time by BigScience's
/// announcement (bigscience.huggingface.co/blog/bloom).
pub const BUDGETS: [Budget; 3] = [
    Budget { name: "a reader's pocket money", dollars: 100.0 },
    Budget { name: "an ERC Starting Grant", dollars: 1.5e6 * DOLLARS_PER_EURO },
    Budget { name: "the public grant of BLOOM", dollars: 3e6 * DOLLARS_PER_EURO },
];

impl Budget {
    /// Rows of the table that it pays for, at the lowest price there.
    pub fn pays_for(&self) -> impl Iterator<Item = &'static Row> {
        TABLE.iter().filter(|row| row.dollars[0] <= self.dollars)
    }
}
