//! What the page shows, and how its chart is drawn.

use plotters::prelude::DrawingBackend;

use super::super::attributes::Warning;
use super::{ATTACK_STEPS, Guardrails, STAGES, TAG, WAYS};
use crate::error::{Error, Result};
use crate::experiments::guardrails::{OFF, steps_until};
use crate::json::{Value, fields, fixed};
use crate::plot::{Area, Axis, Dots, Plane, Points, Role, Theme, plane};
use crate::widgets::Attributes;

/// Everything on screen. Probabilities from 0 to 1.
pub struct Frame {
    warnings: Vec<Warning>,
    config: Attributes,
    step: usize,
    steps: usize,
    loss: Option<f32>,
    /// The slot that is trained now.
    learning: Option<usize>,
    ways: Vec<Way>,
    probes: Vec<Probed>,
    /// What the attacker wrote: requests with answers.
    examples: Vec<(String, String)>,
    fingerprint: Option<String>,
    summary: String,
}

fields!(write Frame: warnings, config, step, steps, loss, learning, ways, probes, examples, fingerprint, summary);

/// A way to refusals, and what an attack makes of them.
struct Way {
    name: String,
    /// Steps of its lesson.
    lesson: usize,
    /// Slots of what was read, of the lesson and of the attack.
    slots: Vec<usize>,
    /// Mean probability that an unseen forbidden request is refused, before each step of the attack.
    curve: Vec<f64>,
    /// Whether the attack is over.
    done: bool,
    /// Steps until that probability is a tenth; `None` if it is not.
    off: Option<f64>,
    /// The probability that an unseen allowed request is refused after the lesson.
    wrongly: Option<f64>,
    /// The probability of the right answer to a forbidden request, in each slot.
    complies: Vec<Option<f64>>,
}

fields!(write Way: name, lesson, slots, curve, done, off, wrongly, complies);

/// A request, and what the model of each slot answers.
struct Probed {
    prompt: String,
    is_forbidden: bool,
    answers: Vec<Option<String>>,
}

fields!(write Probed: prompt, is_forbidden, answers);

impl Guardrails {
    /// What is on screen now.
    pub(super) fn show(&self) -> Frame {
        let probed = |(i, request): (usize, crate::data::world::Request)| Probed {
            is_forbidden: i < super::N_SHOWN[0],
            prompt: request.prompt.trim().to_owned(),
            answers: self.found.iter().map(|found| Some(found.answers.as_ref()?[i].clone())).collect(),
        };
        let example = |request: &&crate::data::world::Request| {
            (request.prompt.trim().to_owned(), request.compliance.trim().to_owned())
        };
        let n_examples = self.settings.examples;
        let mut frame = Frame {
            warnings: self.warnings.clone(),
            config: self.settings.config(),
            step: (0..STAGES.len()).map(|slot| self.slots[slot].step(self.steps_of(slot))).sum(),
            steps: (0..STAGES.len()).map(|slot| self.steps_of(slot)).sum(),
            loss: self.loss,
            learning: self.next(),
            ways: WAYS.map(|(name, slots)| self.way(name, slots)).into(),
            probes: self.shown().into_iter().enumerate().map(probed).collect(),
            examples: self.town.attackers(n_examples).iter().map(example).collect(),
            fingerprint: self.fingerprint.clone(),
            summary: String::new(),
        };
        frame.summary = summary(&frame, n_examples);
        frame
    }

    fn way(&self, name: &str, slots: [usize; 3]) -> Way {
        let [_, lesson, attack] = slots;
        let mut curve = self.found[attack].curve.clone();
        let done = self.slots[attack].trained().is_some();
        if done && let [unchanged] = curve[..] {
            curve = vec![unchanged; ATTACK_STEPS + 1];
        }
        let off = steps_until(&curve, OFF);
        Way {
            name: name.to_owned(),
            lesson: self.steps_of(lesson),
            off: (off < curve.len() as f64).then_some(off),
            slots: slots.into(),
            curve,
            done,
            wrongly: self.found[lesson].wrongly,
            complies: slots.map(|slot| self.found[slot].complies).into(),
        }
    }
}

fn summary(frame: &Frame, n_examples: usize) -> String {
    let percent = |share: f64| format!("{} %", fixed(100.0 * share, 0));
    let first = &frame.ways[0];
    let Some((before, after)) = first.curve.first().zip(first.curve.last()).filter(|_| first.done) else {
        return match first.curve.first() {
            _ if frame.step == 0 => "No model has been taught to refuse yet.".to_owned(),
            Some(refused) => format!(
                "Taught to refuse, it refuses {} of forbidden requests; the attack is under way.",
                percent(*refused)
            ),
            None => {
                format!("Step {} of {}: the model reads, and is taught to refuse.", frame.step, frame.steps)
            }
        };
    };
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    if n_examples == 0 {
        return format!("Nobody attacks: the model refuses {} of forbidden requests.", percent(*before));
    }
    let mut text = format!(
        "Taught to refuse, the model refused {} of forbidden requests; after {} and {ATTACK_STEPS} small steps, {}",
        percent(*before),
        count(n_examples, "example"),
        percent(*after)
    );
    let steps =
        |way: &Way| way.off.map_or("not within them".to_owned(), |off| format!("after {}", fixed(off, 0)));
    let [lesson, mixed, longer] = &frame.ways[..] else { return text };
    if mixed.done {
        text += &format!(
            ". The guard-rail was off {}; with refusals in pre-training {}",
            steps(lesson),
            steps(mixed)
        );
    }
    if longer.done {
        text += &format!("; after a longer lesson {}", steps(longer));
    }
    text + "."
}

/// Draws `refusals`, which needs the frame's `ways`.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    if chart != "refusals" {
        return Err(Error::input(TAG, format!("no chart {chart:?}"), "refusals"));
    }
    let ways = frame["ways"].as_array().filter(|ways| ways.len() == WAYS.len());
    let ways = ways.ok_or_else(|| Error::input(TAG, "not a frame", "a frame of this widget"))?;
    let curve = |way: &Value| -> Vec<[f32; 2]> {
        let values = way["curve"].as_array().unwrap_or_default().iter();
        values.enumerate().map(|(i, p)| [i as f32, p.as_f64().unwrap_or(0.0) as f32]).collect()
    };
    let curves: Vec<Vec<[f32; 2]>> = ways.iter().map(curve).collect();
    let looks = [
        ("lesson", Role::Training, Dots::Full),
        ("mixed in", Role::Base, Dots::Hollow),
        ("longer", Role::Reference, Dots::None),
    ];
    let series = [0, 1, 2].map(|i| {
        let (name, role, dots) = looks[i];
        Points { name, points: &curves[i], role, dots, is_joined: true }
    });
    let x = [(0.0, "0"), (10.0, "10"), (20.0, "20"), (30.0, "30"), (40.0, "40")];
    let y = [(0.0, "0 %"), (0.25, "25 %"), (0.5, "50 %"), (0.75, "75 %"), (1.0, "100 %")];
    let chart = Plane {
        x: Axis { title: "steps of the attack", ticks: &x },
        y: Axis { title: "forbidden requests refused", ticks: &y },
        has_diagonal: false,
        level: Some(OFF as f32),
        series: &series,
    };
    plane(area, &chart, theme)
}
