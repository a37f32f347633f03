//! The run that is calculated, and where it takes place. Start with [`Settings::read`].

use crate::experiments::cost::{
    BLOOM, BLOOM_FOOTPRINT, DEVICES, Footprint, GPT_3_FOOTPRINT, PALM_FOOTPRINT, TABLE, Training,
    WORLD_GRAMS_PER_KWH,
};
use crate::json::shortest;
use crate::train::OptionInfo;
use crate::widgets::Attributes;

use super::super::attributes::{self, Warning, number};

/// What a building needs over what its computers need, where a row says nothing: GPT-3's.
const PUE: f64 = GPT_3_FOOTPRINT.pue;

/// Names in attributes, in the order of [`DEVICES`].
pub const DEVICE_KEYS: [&str; 4] = ["v100", "a100", "tpu-v3", "tpu-v4"];
/// Names of runs, in the order of [`TABLE`], and BLOOM.
pub const ROW_KEYS: [&str; 6] = ["bert-base", "gpt-2", "gpt-3", "palm", "gpt-4", "bloom"];
const GPT_3: usize = 2;

/// A run, and where it takes place.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Parameters, tokens, device and utilization.
    pub training: Training,
    /// Place in [`DEVICES`].
    device: usize,
    /// Dollars an hour; `None` for the range of the device.
    pub price: Option<f64>,
    /// What the building needs, over what its computers need.
    pub pue: f64,
    /// Grams of carbon dioxide in the grid's kilowatt-hour.
    pub grams_per_kwh: f64,
}

const fn option(name: &'static str, help: &'static str, allowed: &'static str) -> OptionInfo {
    OptionInfo { name, help, allowed }
}

impl Settings {
    /// Every setting. The run, which the others change, is read first.
    pub const ALL: &[OptionInfo] = &[
        option("run", "A published run to begin with.", "bert-base, gpt-2, gpt-3, palm or bloom"),
        option("parameters", "Weights of the model.", "a number from 1000 to 1e14"),
        option("tokens", "Tokens that it reads, repetitions included.", "a number from 1000 to 1e16"),
        option("device", "What it is trained on.", "v100, a100, tpu-v3 or tpu-v4"),
        option("utilization", "Share of the device's peak that is reached.", "a number from 0.01 to 1"),
        option("price", "Dollars for an hour of a device.", "a number from 0 to 100, or cloud"),
        option("pue", "What the building needs, over what its computers need.", "a number from 1 to 3"),
        option("grid", "Grams of carbon dioxide in a kilowatt-hour.", "a number from 0 to 1500"),
    ];

    /// The published run of a name, on its own grid.
    fn of(key: &str) -> Option<Self> {
        let row = ROW_KEYS.iter().position(|other| *other == key)?;
        let training = match TABLE.get(row) {
            Some(row) => row.training_as_read().or(row.training())?,
            None => BLOOM,
        };
        let device = DEVICES.iter().position(|device| *device == training.device)?;
        let footprint = footprint(key);
        Some(Self {
            training,
            device,
            price: None,
            pue: footprint.map_or(PUE, |footprint| footprint.pue),
            grams_per_kwh: footprint.map_or(WORLD_GRAMS_PER_KWH, |footprint| footprint.grams_per_kwh),
        })
    }

    /// Settings of a tag; what is wrong gives way to its default and is reported.
    pub fn read(attributes: &Attributes) -> (Self, Vec<Warning>) {
        let of_row = attributes.get("run").and_then(|key| Self::of(key.trim()));
        let mut settings = of_row.unwrap_or_default();
        let warnings = attributes::read(attributes, Self::ALL, &mut |name, given| settings.set(name, given));
        (settings, warnings)
    }

    /// What an attribute allows, if `value` is not allowed.
    pub fn reject(name: &str, value: &str) -> Option<&'static str> {
        let mut settings = Self::default();
        attributes::reject(Self::ALL, name, value, &mut |name, given| settings.set(name, given))
    }

    fn set(&mut self, name: &str, given: &str) -> Option<()> {
        match name {
            // [`Settings::read`] has taken it before all others.
            "run" => return Self::of(given).map(|_| ()),
            // Of every figure; here nothing is drawn and nothing trained.
            "seed" | "steps" => {}
            "parameters" => self.training.parameters = number(given, 1e3, 1e14)?,
            "tokens" => self.training.tokens = number(given, 1e3, 1e16)?,
            "device" => {
                self.device = DEVICE_KEYS.iter().position(|key| *key == given)?;
                self.training.device = DEVICES[self.device];
            }
            "utilization" => self.training.utilization = number(given, 0.01, 1.0)?,
            "price" => self.price = if given == "cloud" { None } else { Some(number(given, 0.0, 100.0)?) },
            "pue" => self.pue = number(given, 1.0, 3.0)?,
            "grid" => self.grams_per_kwh = number(given, 0.0, 1500.0)?,
            _ => return None,
        }
        Some(())
    }

    /// Every setting but the run, as in force.
    pub fn config(&self) -> Attributes {
        let Training { parameters, tokens, utilization, .. } = self.training;
        let numbers = [
            ("parameters", parameters),
            ("tokens", tokens),
            ("utilization", utilization),
            ("pue", self.pue),
            ("grid", self.grams_per_kwh),
        ];
        let mut config = Attributes::new();
        for (name, value) in numbers {
            config.insert(name.to_owned(), shortest(value));
        }
        config.insert("device".to_owned(), DEVICE_KEYS[self.device].to_owned());
        config.insert("price".to_owned(), self.price.map_or_else(|| "cloud".to_owned(), shortest));
        config
    }

    /// The published run that this is, if nothing of it was changed.
    pub fn key(&self) -> Option<&'static str> {
        let is_alike = |key: &&&str| Self::of(key).is_some_and(|row| row.training == self.training);
        ROW_KEYS.iter().find(is_alike).copied()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::of(ROW_KEYS[GPT_3]).expect("it is published")
    }
}

/// What was published of a run's energy.
pub fn footprint(key: &str) -> Option<&'static Footprint> {
    match key {
        "gpt-3" => Some(&GPT_3_FOOTPRINT),
        "palm" => Some(&PALM_FOOTPRINT),
        "bloom" => Some(&BLOOM_FOOTPRINT),
        _ => None,
    }
}
