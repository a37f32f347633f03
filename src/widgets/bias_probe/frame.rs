//! What the page shows, and how its chart is drawn.

use plotters::prelude::DrawingBackend;

use super::super::attributes::Warning;
use super::super::slots::Slot;
use super::{BiasProbe, MODELS, Model, TAG};
use crate::data::world::{NAMES, PROFESSIONS};
use crate::error::{Error, Result};
use crate::experiments::bias::{Probe, slope};
use crate::experiments::mean;
use crate::json::{Value, fields, fixed, from_json};
use crate::plot::{Area, Axis, Dots, Plane, Points, Role, Theme, plane};
use crate::widgets::Attributes;

/// A share is taken away from a bias, if there is one: below this skew the text has none to speak of.
const MIN_SKEW: f64 = 0.6;

/// Everything on screen. Log-odds are those of "he" over "she".
pub struct Frame {
    warnings: Vec<Warning>,
    config: Attributes,
    step: usize,
    steps: usize,
    loss: Option<f32>,
    /// The model whose numbers stand in front.
    view: Model,
    /// The model that is trained next.
    next: Option<Model>,
    professions: Vec<Profession>,
    names: Vec<Name>,
    /// Mean distance of the text from even odds, in nats.
    text_gap: f64,
    /// Of each of the models, as far as it has come.
    models: Vec<Option<Found>>,
    fingerprint: Option<String>,
    summary: String,
}

fields!(write Frame: warnings, config, step, steps, loss, view, next, professions, names, text_gap, models, fingerprint, summary);

struct Profession {
    name: String,
    usual: String,
    he: usize,
    she: usize,
    /// Log-odds in the text.
    text: f64,
    /// Of each model.
    models: Vec<Option<f64>>,
}

fields!(write Profession: name, usual, he, she, text, models);

struct Name {
    name: String,
    pronoun: String,
    /// Probability of the right one of the two pronouns, by each model.
    models: Vec<Option<f64>>,
}

fields!(write Name: name, pronoun, models);

/// What a model makes of pronouns.
#[derive(Debug, Clone, Copy)]
struct Found {
    done: bool,
    /// Of the model's log-odds on the text's.
    slope: f64,
    /// Mean distance from even odds, in nats.
    gap: f64,
    /// Share of the biased model's gap that is gone.
    removed: f64,
    /// Share of names with the right pronoun the likelier one, and its mean probability.
    names_right: f64,
    certainty: f64,
}

fields!(write Found: done, slope, gap, removed, names_right, certainty);

impl BiasProbe {
    /// What is on screen now.
    pub(super) fn show(&mut self) -> Frame {
        let probes: Vec<Option<Probe>> = MODELS.map(|model| self.probe(model)).into();
        let odds: Vec<f64> = self.pronouns.iter().map(|pronouns| pronouns.log_odds()).collect();
        let of_biased = probes[0].as_ref().map_or(f64::NAN, Probe::gap);
        let found = |(probe, slot): (&Option<Probe>, &Slot)| {
            let probe = probe.as_ref()?;
            Some(Found {
                done: slot.trained().is_some(),
                slope: slope(&odds, &probe.professions),
                gap: probe.gap(),
                removed: 1.0 - probe.gap() / of_biased,
                names_right: probe.names_right(),
                certainty: probe.names_certainty(),
            })
        };
        let profession = |(i, [name, usual]): (usize, [&str; 2])| Profession {
            name: name.to_owned(),
            usual: usual.to_owned(),
            he: self.pronouns[i].he,
            she: self.pronouns[i].she,
            text: odds[i],
            models: probes.iter().map(|probe| Some(probe.as_ref()?.professions[i])).collect(),
        };
        let right = |x: f64| 1.0 / (1.0 + libm::exp(-x));
        let name = |(i, [name, pronoun]): (usize, [&str; 2])| Name {
            name: name.to_owned(),
            pronoun: pronoun.to_lowercase(),
            models: probes.iter().map(|probe| Some(right(probe.as_ref()?.names[i]))).collect(),
        };
        let step = |model: Model| self.slots[model as usize].step(self.steps_of(model));
        let mut frame = Frame {
            warnings: self.warnings.clone(),
            config: self.settings.config(),
            step: MODELS.into_iter().map(step).sum(),
            steps: MODELS.into_iter().map(|model| self.steps_of(model)).sum(),
            loss: self.loss,
            view: self.view,
            next: self.next(),
            professions: PROFESSIONS.into_iter().enumerate().map(profession).collect(),
            names: NAMES.into_iter().enumerate().map(name).collect(),
            text_gap: mean(&odds.iter().map(|x| x.abs()).collect::<Vec<_>>()),
            models: probes.iter().zip(&self.slots).map(found).collect(),
            fingerprint: self.fingerprint.clone(),
            summary: String::new(),
        };
        frame.summary = summary(&frame, self.settings.skew);
        frame
    }
}

fn summary(frame: &Frame, skew: f64) -> String {
    let percent = |share: f64| format!("{} %", fixed(100.0 * share, 0));
    let Some(biased) = frame.models[0].filter(|found| found.done) else {
        return if frame.step == 0 {
            format!(
                "{} of the sentences about a profession have its usual pronoun. No model has read them yet.",
                percent(skew)
            )
        } else {
            format!("Step {} of {}: the model reads the text.", frame.step, frame.steps)
        };
    };
    let mut text = format!(
        "The text leans to a profession’s pronoun by {} to 1, and the model that read it by {} to 1",
        fixed(libm::exp(frame.text_gap), 1),
        fixed(libm::exp(biased.gap), 1)
    );
    let done = |i: usize| frame.models[i].filter(|found| found.done && skew >= MIN_SKEW);
    if let Some(targeted) = done(1) {
        text += &format!(
            ". Exchanging pronouns where the bias lies takes away {} of that, and the right pronoun for a name is still {} sure",
            percent(targeted.removed),
            percent(targeted.certainty)
        );
    }
    if let Some(naive) = done(2) {
        text += &format!(
            "; exchanging all of them takes away {}, and the right pronoun for a name is {} sure",
            percent(naive.removed),
            percent(naive.certainty)
        );
    }
    text + "."
}

/// Draws `odds`, which needs the frame's `professions`, `models` and `view`.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    if chart != "odds" {
        return Err(Error::input(TAG, format!("no chart {chart:?}"), "odds"));
    }
    let not_a_frame = || Error::input(TAG, "not a frame", "a frame of this widget");
    let view: Model = from_json(&frame["view"])?;
    let professions = frame["professions"].as_array().ok_or_else(not_a_frame)?;
    let points = |model: usize| -> Vec<[f32; 2]> {
        let point = |row: &Value| {
            let (text, says) = row["text"].as_f64().zip(row["models"][model].as_f64())?;
            Some([text as f32, says as f32])
        };
        professions.iter().filter_map(point).collect()
    };
    let (before, after) = (points(0), points(view as usize));
    let slope = frame["models"][view as usize]["slope"].as_f64();
    let center = |axis: usize| after.iter().map(|p| p[axis]).sum::<f32>() / after.len().max(1) as f32;
    let [center_x, center_y] = [0, 1].map(center);
    let fit: Vec<[f32; 2]> = match slope {
        Some(slope) => {
            [-3.0, 3.0].map(|x| [x, center_y + slope as f32 * (x - center_x)]).into_iter().collect()
        }
        None => Vec::new(),
    };
    let label = format!("slope {}", fixed(slope.unwrap_or(0.0), 2));
    // e⁴ and e², in round numbers.
    let ticks = [(-4.0, "she 55:1"), (-2.0, "she 7:1"), (0.0, "even"), (2.0, "he 7:1"), (4.0, "he 55:1")];
    let all = [
        Points { name: "", points: &before, role: Role::Reference, dots: Dots::Hollow, is_joined: false },
        Points { name: &label, points: &fit, role: Role::Training, dots: Dots::None, is_joined: true },
        Points { name: "", points: &after, role: Role::Training, dots: Dots::Full, is_joined: false },
    ];
    let series = if view == Model::Biased { &all[1..] } else { &all };
    let chart = Plane {
        x: Axis { title: "the text’s odds", ticks: &ticks },
        y: Axis { title: "the model’s odds", ticks: &ticks },
        has_diagonal: true,
        level: None,
        series,
    };
    plane(area, &chart, theme)
}
