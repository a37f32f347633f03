//! `<pretune-training-cost>`: what a training run takes, in operations, device-hours, money, energy and carbon.
//!
//! Trains nothing: every number is a formula of [`cost`], and so is what the lesson's table says beside it. Knows no page
//! and no clock; how long a step of the shipped model takes here, the page tells. Start with [`TrainingCost::new`].

mod settings;

use super::attributes::Warning;
use super::slots;
use super::{Attributes, Files, Progress, Widget};
use crate::error::{Error, Result};
use crate::experiments::cost::{
    self, BLOOM, BLOOM_FOOTPRINT, BUDGETS, DEVICES, Footprint, GPT_3_FOOTPRINT, PALM_FOOTPRINT, Row,
    TAB_FLOPS_PER_SECOND, TABLE, Training, WORLD_GRAMS_PER_KWH, carbon_tons, tab_watt_hours,
};
use crate::experiments::{BaseRun, base_run};
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, fixed, from_json, shortest};
use crate::tensor::Params;

pub use settings::Settings;
use settings::{DEVICE_KEYS, ROW_KEYS, footprint};

const TAG: &str = "pretune-training-cost";
/// Devices that a run is spread over, to say how long it takes.
const N_DEVICES: f64 = 1000.0;

/// Grids by grams of carbon dioxide a kilowatt-hour; all but the last are those of a published run.
const GRIDS: [(&str, f64); 4] = [
    ("france", BLOOM_FOOTPRINT.grams_per_kwh),
    ("oklahoma", PALM_FOOTPRINT.grams_per_kwh),
    ("gpt-3", GPT_3_FOOTPRINT.grams_per_kwh),
    ("world", WORLD_GRAMS_PER_KWH),
];

/// Everything on screen.
#[derive(Debug, Clone)]
struct Frame {
    warnings: Vec<Warning>,
    config: Attributes,
    /// The published run that is set, if nothing of it was changed.
    run: Option<&'static str>,
    bill: Bill,
    devices: Vec<DeviceShown>,
    grids: Vec<(String, f64)>,
    rows: Vec<RowShown>,
    tab: Tab,
    budgets: Vec<BudgetShown>,
    /// There is nothing to train.
    step: usize,
    steps: usize,
    loss: Option<f32>,
    fingerprint: Option<String>,
    summary: String,
}

fields!(write Frame: warnings, config, run, bill, devices, grids, rows, tab, budgets, step, steps, loss, fingerprint, summary);

/// What a run takes.
#[derive(Debug, Clone, Copy)]
struct Bill {
    flops: f64,
    device_hours: f64,
    n_devices: f64,
    days: f64,
    dollars: [f64; 2],
    kilowatt_hours: f64,
    tons: f64,
}

fields!(write Bill: flops, device_hours, n_devices, days, dollars, kilowatt_hours, tons);

#[derive(Debug, Clone)]
struct DeviceShown {
    key: &'static str,
    name: &'static str,
    peak_flops: f64,
    watts: f64,
    dollars_per_hour: [f64; 2],
}

fields!(write DeviceShown: key, name, peak_flops, watts, dollars_per_hour);

/// A row of the lesson's table, what the formulas give for it, and what was published.
#[derive(Debug, Clone)]
struct RowShown {
    key: &'static str,
    name: &'static str,
    parameters: f64,
    tokens: Option<f64>,
    tokens_table: Option<f64>,
    flops: Option<f64>,
    /// For the tokens read, where they are known, else for those of the table.
    hours: Option<f64>,
    hours_table: Option<f64>,
    hours_published: Option<f64>,
    dollars: Option<[f64; 2]>,
    dollars_table: Option<[f64; 2]>,
    tons: Option<f64>,
    tons_published: Option<f64>,
    remark: &'static str,
}

fields!(write RowShown: key, name, parameters, tokens, tokens_table, flops, hours, hours_table, hours_published, dollars, dollars_table, tons, tons_published, remark);

/// The run of the shipped model in this tab.
#[derive(Debug, Clone)]
struct Tab {
    parameters: f64,
    tokens: f64,
    flops: f64,
    seconds: f64,
    /// Whether this device was measured, or a speed assumed.
    is_measured: bool,
    watt_hours: f64,
    grams: f64,
    /// Operations of the run that is set, over those.
    times: f64,
    /// Years that this tab would take for the run that is set.
    years: f64,
}

fields!(write Tab: parameters, tokens, flops, seconds, is_measured, watt_hours, grams, times, years);

#[derive(Debug, Clone)]
struct BudgetShown {
    name: &'static str,
    dollars: f64,
    /// Share of the run's lowest price.
    share: f64,
    /// Rows of the table that it pays for.
    pays_for: Vec<String>,
}

fields!(write BudgetShown: name, dollars, share, pays_for);

enum Command {
    Reset,
    Configure { attributes: Attributes },
    Speed { step_ms: f64 },
}

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value["type"].as_str() {
            Some("configure") => Self::Configure { attributes: field(value, "attributes", wrong) },
            Some("speed") => Self::Speed { step_ms: field(value, "step_ms", wrong) },
            Some("reset") => Self::Reset,
            _ => {
                wrong.expected("configure, speed or reset", &value["type"]);
                Self::Reset
            }
        }
    }
}

/// The state machine of the calculator.
pub struct TrainingCost {
    settings: Settings,
    warnings: Vec<Warning>,
    base: BaseRun,
    /// What a step of the shipped model takes here, if the page knows it.
    step_ms: Option<f64>,
}

impl TrainingCost {
    /// The calculator of a tag's attributes.
    pub fn new(attributes: &Attributes) -> Self {
        let (settings, warnings) = Settings::read(attributes);
        Self { settings, warnings, base: base_run(), step_ms: None }
    }

    fn bill(&self) -> Bill {
        let Settings { training, price, pue, grams_per_kwh, .. } = &self.settings;
        let device_hours = training.device_hours();
        let kilowatt_hours = training.kilowatt_hours(*pue);
        Bill {
            flops: training.flops(),
            device_hours,
            n_devices: N_DEVICES,
            days: device_hours / N_DEVICES / 24.0,
            dollars: price.map_or_else(|| training.dollars(), |price| [price * device_hours; 2]),
            kilowatt_hours,
            tons: carbon_tons(kilowatt_hours, *grams_per_kwh),
        }
    }

    fn tab(&self) -> Tab {
        let BaseRun { n_params, steps, tokens, step_flops } = self.base;
        let flops = step_flops * steps as f64;
        let seconds = match self.step_ms {
            Some(ms) => ms * steps as f64 / 1000.0,
            None => flops / TAB_FLOPS_PER_SECOND,
        };
        let watt_hours = tab_watt_hours(seconds);
        let times = self.settings.training.flops() / flops;
        Tab {
            parameters: n_params as f64,
            tokens: tokens as f64,
            flops,
            seconds,
            is_measured: self.step_ms.is_some(),
            watt_hours,
            grams: watt_hours * self.settings.grams_per_kwh / 1000.0,
            times,
            years: times * seconds / (365.25 * 86_400.0),
        }
    }

    fn show(&self) -> Frame {
        let bill = self.bill();
        let run = self.settings.key();
        let mut rows: Vec<RowShown> =
            TABLE.iter().zip(ROW_KEYS).map(|(row, key)| of_table(row, key)).collect();
        rows.push(of_bloom());
        let budget = |budget: &cost::Budget| BudgetShown {
            name: budget.name,
            dollars: budget.dollars,
            share: budget.dollars / bill.dollars[0],
            pays_for: budget.pays_for().map(|row| row.name.to_owned()).collect(),
        };
        let device = |(device, key): (cost::Device, &'static str)| {
            let cost::Device { name, peak_flops, watts, dollars_per_hour } = device;
            DeviceShown { key, name, peak_flops, watts, dollars_per_hour }
        };
        Frame {
            warnings: self.warnings.clone(),
            config: self.settings.config(),
            run,
            summary: self.summary(&bill, run),
            bill,
            devices: DEVICES.into_iter().zip(DEVICE_KEYS).map(device).collect(),
            grids: GRIDS.iter().map(|(key, grams)| ((*key).to_owned(), *grams)).collect(),
            rows,
            tab: self.tab(),
            budgets: BUDGETS.iter().map(budget).collect(),
            step: 0,
            steps: 0,
            loss: None,
            fingerprint: None,
        }
    }

    fn summary(&self, bill: &Bill, run: Option<&str>) -> String {
        let name = run.and_then(|key| ROW_KEYS.iter().position(|other| *other == key));
        let name = name.map_or("This run", |row| TABLE.get(row).map_or(BLOOM_FOOTPRINT.name, |row| row.name));
        let [low, high] = bill.dollars;
        let dollars = if low == high {
            format!("${}", large(low))
        } else {
            format!("${} to ${}", large(low), large(high))
        };
        let payers: Vec<&str> =
            BUDGETS.iter().filter(|budget| budget.dollars >= low).map(|budget| budget.name).collect();
        let who = match payers.first() {
            None => "None of the three budgets pays for that".to_owned(),
            Some(first) => format!("The smallest budget here that pays for it is {first}"),
        };
        format!(
            "{name} keeps {} devices busy for {} days and costs {dollars}; its power makes {} tons of CO₂. {who}.",
            large(bill.n_devices),
            large(bill.days),
            large(bill.tons),
        )
    }
}

fn of_table(row: &Row, key: &'static str) -> RowShown {
    let training = row.training_as_read().or(row.training());
    let footprint = footprint(key);
    let tons = |training: Training| {
        let Footprint { pue, grams_per_kwh, .. } = footprint?;
        Some(carbon_tons(training.kilowatt_hours(*pue), *grams_per_kwh))
    };
    RowShown {
        key,
        name: row.name,
        parameters: row.parameters,
        tokens: training.map(|training| training.tokens),
        tokens_table: row.tokens,
        flops: training.map(|training| training.flops()),
        hours: training.map(|training| training.device_hours()),
        hours_table: row.hours,
        hours_published: row.published_hours,
        dollars: training.map(|training| training.dollars()),
        dollars_table: Some(row.dollars),
        tons: training.and_then(tons),
        tons_published: footprint.map(|footprint| footprint.published_tons),
        remark: row.remark,
    }
}

fn of_bloom() -> RowShown {
    let Footprint { name, device_hours, pue, grams_per_kwh, published_tons, .. } = BLOOM_FOOTPRINT;
    RowShown {
        key: ROW_KEYS[TABLE.len()],
        name,
        parameters: BLOOM.parameters,
        tokens: Some(BLOOM.tokens),
        tokens_table: None,
        flops: Some(BLOOM.flops()),
        hours: Some(BLOOM.device_hours()),
        hours_table: None,
        hours_published: Some(device_hours),
        dollars: Some(BLOOM.dollars()),
        dollars_table: None,
        tons: Some(carbon_tons(BLOOM.kilowatt_hours(pue), grams_per_kwh)),
        tons_published: Some(published_tons),
        remark: "Not in the table: of GPT-3’s size, trained in public, on the grid of France. Failed attempts and restarts \
                 are in the published hours.",
    }
}

/// A number in words, with three digits that count: `3.55 million`.
fn large(x: f64) -> String {
    const WORDS: [&str; 5] = ["", " thousand", " million", " billion", " trillion"];
    let (mut x, mut word) = (x, 0);
    while x >= 999.5 && word + 1 < WORDS.len() && (word > 0 || x >= 99_999.5) {
        (x, word) = (x / 1000.0, word + 1);
    }
    // Below a hundred thousand there is no word, so the first step makes two.
    let decimals = if x >= 99.95 {
        0
    } else if x >= 9.995 {
        1
    } else {
        2
    };
    let text = fixed(x, decimals);
    let text = if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{}", WORDS[word])
}

impl Widget for TrainingCost {
    fn command(&mut self, command: &Value) -> Result<()> {
        match from_json(command)? {
            Command::Reset => self.settings = Settings::default(),
            Command::Configure { attributes } => (self.settings, self.warnings) = Settings::read(&attributes),
            Command::Speed { step_ms } => {
                if !(step_ms > 0.0 && step_ms < 1e6) {
                    return Err(Error::input("speed", shortest(step_ms), "milliseconds from 0 to 1000000"));
                }
                self.step_ms = Some(step_ms);
            }
        }
        Ok(())
    }

    fn step(&mut self) -> Progress {
        Progress::Done
    }

    /// Those of the shipped model, so that the page can say what a step of it takes here.
    fn flops(&self) -> f64 {
        self.base.step_flops
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        slots::write(TAG, &self.settings.config().to_json(), &Params::new())
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let (config, _) = slots::read::<Attributes>(TAG, bytes)?;
        (self.settings, self.warnings) = Settings::read(&config);
        Ok(())
    }

    fn files(&mut self) -> Result<Files> {
        Err(Error::input("export", "a calculator has no model", "a figure that trains one"))
    }

    fn open(&mut self, _: &Files) -> Result<()> {
        Err(Error::input("model", "a calculator takes no model", "a figure that trains one"))
    }
}
