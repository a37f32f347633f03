//! What the page shows, and how its chart is drawn.

use plotters::prelude::DrawingBackend;

use super::super::attributes::Warning;
use super::{Known, Memorization, RELEARNING_STEPS, STAGES, Stage, TAG};
use crate::data::world::Secret;
use crate::error::{Error, Result};
use crate::experiments::mean;
use crate::experiments::memorization::COPIES;
use crate::json::{Value, fields, fixed};
use crate::plot::{Area, Axis, Dots, Plane, Points, Role, Theme, plane};
use crate::widgets::Attributes;

/// Everything on screen. Probabilities from 0 to 1, exposures in bits, losses in nats per token.
pub struct Frame {
    warnings: Vec<Warning>,
    config: Attributes,
    step: usize,
    steps: usize,
    loss: Option<f32>,
    /// The model that is trained now.
    learning: Option<usize>,
    /// Whose secrets can be forgotten; which of them is, is the setting `forget`, from 1.
    targets: Vec<String>,
    levels: Vec<Level>,
    shown: Vec<Shown>,
    /// What was found of each model: all read, unlearned, relearned, trained anew, taught anew.
    models: Vec<Outcome>,
    fingerprint: Option<String>,
    summary: String,
}

fields!(write Frame: warnings, config, step, steps, loss, learning, targets, levels, shown, models, fingerprint, summary);

/// Secrets with a number of copies.
struct Level {
    copies: usize,
    n: usize,
    /// Share that the first model says by itself, and mean exposure.
    extracted: Option<f64>,
    exposure: Option<f64>,
}

fields!(write Level: copies, n, extracted, exposure);

/// A secret, and what each model says.
struct Shown {
    keeper: String,
    code: String,
    copies: usize,
    said: Vec<Option<String>>,
}

fields!(write Shown: keeper, code, copies, said);

struct Outcome {
    done: bool,
    /// Steps that it took.
    steps: usize,
    target: Option<Known>,
    neighbors: Option<f64>,
    held_out: Option<f64>,
}

fields!(write Outcome: done, steps, target, neighbors, held_out);

impl Memorization {
    /// What is on screen now.
    pub(super) fn show(&self) -> Frame {
        let steps_of = |stage: Stage| {
            let slot = stage as usize;
            match stage {
                Stage::Read | Stage::Anew => self.settings.steps,
                _ if self.slots[slot].trained().is_some() => self.found[slot].steps,
                // Nobody knows beforehand.
                _ => (self.slots[slot].step(0) + 1).max(RELEARNING_STEPS),
            }
        };
        let shown = |(i, Secret { keeper, code, copies }): (usize, Secret)| Shown {
            keeper: keeper.to_owned(),
            code: code.map(|digit| digit.to_string()).join(" "),
            copies,
            said: self.found.iter().map(|found| Some(found.said.as_ref()?[i].clone())).collect(),
        };
        let outcome = |stage: Stage| {
            let found = &self.found[stage as usize];
            let is_measured = found.losses.len() == super::LOSS_PARTS;
            Outcome {
                done: self.slots[stage as usize].trained().is_some(),
                steps: self.slots[stage as usize].step(found.steps),
                target: found.target,
                neighbors: found.neighbors,
                held_out: is_measured.then(|| mean(&found.losses)),
            }
        };
        let mut frame = Frame {
            warnings: self.warnings.clone(),
            config: self.settings.config(),
            step: STAGES.into_iter().map(|stage| self.slots[stage as usize].step(steps_of(stage))).sum(),
            steps: STAGES.into_iter().map(steps_of).sum(),
            loss: self.loss,
            learning: self.next().map(|stage| stage as usize),
            targets: self.targets().iter().map(|secret| secret.keeper.to_owned()).collect(),
            levels: COPIES.map(|copies| self.level(copies)).into(),
            shown: self.shown().into_iter().enumerate().map(shown).collect(),
            models: STAGES.map(outcome).into(),
            fingerprint: self.fingerprint.clone(),
            summary: String::new(),
        };
        frame.summary = summary(&frame, &self.target());
        frame
    }

    fn level(&self, copies: usize) -> Level {
        let secrets = self.text.secrets.iter().zip(&self.recalls);
        let known: Vec<&Known> =
            secrets.filter(|(secret, _)| secret.copies == copies).map(|(_, known)| known).collect();
        let n = super::N_EACH;
        let of = |value: &dyn Fn(&Known) -> f64| {
            (known.len() == n).then(|| mean(&known.iter().map(|known| value(known)).collect::<Vec<_>>()))
        };
        let extracted = of(&|known| f64::from(u8::from(known.extracted)));
        Level { copies, n, extracted, exposure: of(&|known| known.exposure) }
    }
}

fn summary(frame: &Frame, target: &Secret) -> String {
    let Some(most) = frame.levels.last().and_then(|level| level.extracted) else {
        return if frame.step == 0 {
            "No model has read the secrets yet.".to_owned()
        } else {
            format!("Step {} of {}: the model reads the text.", frame.step, frame.steps)
        };
    };
    let n = super::N_EACH as f64;
    let few: f64 = frame.levels.iter().filter(|level| level.copies <= 4).filter_map(|l| l.extracted).sum();
    let mut text = format!(
        "Of secrets that stand in the text 64 times the model gives away {} of {}, of those with at most 4 copies {}",
        fixed(most * n, 0),
        fixed(n, 0),
        fixed(few * n, 0),
    );
    let known = |stage: Stage| frame.models[stage as usize].target;
    let bits = |known: Known| fixed(known.exposure, 1);
    if let Some(unlearned) = known(Stage::Unlearned) {
        text += &format!(". Unlearned, the code of {} keeps {} of 13.3 bits", target.keeper, bits(unlearned));
        if frame.models[Stage::Relearned as usize].done {
            text += &format!(" and is back after {} steps", frame.models[Stage::Relearned as usize].steps);
        }
    }
    if let Some(anew) = known(Stage::Anew) {
        text += &format!("; trained anew without it, {}", bits(anew));
        if frame.models[Stage::AnewTaught as usize].done {
            text += &format!(", and learns it in {}", frame.models[Stage::AnewTaught as usize].steps);
        }
    }
    text + "."
}

/// Draws `exposure`, which needs the frame's `levels` and `models`.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    if chart != "exposure" {
        return Err(Error::input(TAG, format!("no chart {chart:?}"), "exposure"));
    }
    let levels = frame["levels"].as_array().filter(|levels| levels.len() == COPIES.len());
    let levels = levels.ok_or_else(|| Error::input(TAG, "not a frame", "a frame of this widget"))?;
    let point = |(i, level): (usize, &Value)| Some([i as f32, level["exposure"].as_f64()? as f32]);
    let known: Vec<[f32; 2]> = levels.iter().enumerate().filter_map(point).collect();
    let end = (COPIES.len() - 1) as f32;
    let of = |stage: Stage| -> Vec<[f32; 2]> {
        let exposure = frame["models"][stage as usize]["target"]["exposure"].as_f64();
        exposure.map(|exposure| [end, exposure as f32]).into_iter().collect()
    };
    let (unlearned, anew) = (of(Stage::Unlearned), of(Stage::Anew));
    let series = [
        Points { name: "read", points: &known, role: Role::Training, dots: Dots::Full, is_joined: true },
        Points {
            name: "unlearned",
            points: &unlearned,
            role: Role::Base,
            dots: Dots::Hollow,
            is_joined: false,
        },
        Points { name: "anew", points: &anew, role: Role::Reference, dots: Dots::Full, is_joined: false },
    ];
    let labels = ["0", "1", "2", "4", "8", "16", "32", "64"];
    let x: Vec<(f32, &str)> = labels.iter().enumerate().map(|(i, label)| (i as f32, *label)).collect();
    let y = [(0.0, "0"), (3.3, "3.3"), (6.6, "6.6"), (10.0, "10"), (13.3, "13.3")];
    let chart = Plane {
        x: Axis { title: "copies in the text", ticks: &x },
        y: Axis { title: "exposure, bits", ticks: &y },
        has_diagonal: false,
        // Of a code that was never read, on average.
        level: Some(1.44),
        series: &series,
    };
    plane(area, &chart, theme)
}
