//! What the page shows, and how its chart is drawn. Start with [`Frame`].

use plotters::prelude::DrawingBackend;

use super::{Labeled, ScratchVsTransfer};
use crate::error::{Error, Result};
use crate::experiments::scratch_vs_transfer::{ENOUGH, LABELS, enough_from, first_enough};
use crate::json::{Value, fields, fixed};
use crate::plot::{Area, LabelCurve, LabelCurves, Theme, label_curves};
use crate::widgets::Attributes;
use crate::widgets::attributes::Warning;
use crate::widgets::base::Origin;

/// Everything on screen.
pub struct Frame {
    /// Attributes that were not understood, and gave way to their defaults.
    pub warnings: Vec<Warning>,
    /// Where the base comes from.
    pub origin: Origin,
    /// Every setting by its attribute's name, as in force.
    pub config: Attributes,
    /// Steps taken in all runs, and those of all runs that are wanted.
    pub step: usize,
    pub steps: usize,
    /// Loss of the run under way, before its last step.
    pub loss: Option<f32>,
    /// The places of the slider, and the one in hand.
    pub labels: Vec<usize>,
    pub hand: usize,
    /// Share of right answers that is enough.
    pub enough: f64,
    /// Held-out reviews.
    pub n_test: usize,
    /// Share of held-out reviews judged rightly, for each place whose runs are made.
    pub transfer: Vec<Option<f64>>,
    pub scratch: Vec<Option<f64>>,
    /// The run under way.
    pub racing: Option<Racing>,
    /// Labels that are enough, once the curves are whole, and how often the one goes into the other.
    pub transfer_needs: Option<Needed>,
    pub scratch_needs: Option<Needed>,
    pub factor: Option<f64>,
    /// Some of the labels in hand.
    pub shown: Vec<Labeled>,
    /// SHA-256 of the pre-trained model's weights after the run in hand, once all runs are made.
    pub fingerprint: Option<String>,
    /// One plain sentence of what is on screen.
    pub summary: String,
}

fields!(write Frame: warnings, origin, config, step, steps, loss, labels, hand, enough, n_test, transfer, scratch, racing, transfer_needs, scratch_needs, factor, shown, fingerprint, summary);

/// A run under way.
pub struct Racing {
    pub is_transfer: bool,
    pub place: usize,
    pub step: usize,
    pub steps: usize,
}

fields!(write Racing: is_transfer, place, step, steps);

/// Labels that are enough, or the most that were tried.
pub struct Needed {
    pub labels: f64,
    pub reached: bool,
}

fields!(write Needed: labels, reached);

impl ScratchVsTransfer {
    /// What is on screen now.
    pub(super) fn show(&self) -> Frame {
        let mut config = Attributes::new();
        config.insert("labels".to_owned(), LABELS[self.hand].to_string());
        config.insert("seed".to_owned(), self.seed.to_string());
        let points = |is_transfer| (0..LABELS.len()).map(|place| self.accuracy(is_transfer, place)).collect();
        let is_enough = |(_, accuracy): &(usize, f64)| *accuracy >= ENOUGH;
        // Where a curve is not monotone, it is read to the disadvantage of the claim.
        let transfer_needs = self.curve(true).map(|curve| Needed {
            labels: enough_from(ENOUGH, &curve),
            reached: curve.last().is_some_and(is_enough),
        });
        let scratch_needs = self.curve(false).map(|curve| Needed {
            labels: first_enough(ENOUGH, &curve),
            reached: curve.iter().any(is_enough),
        });
        let factor =
            transfer_needs.as_ref().zip(scratch_needs.as_ref()).map(|(few, many)| many.labels / few.labels);
        let (mut step, mut steps) = (0, 0);
        for (i, trial) in self.trials.iter().enumerate().filter(|(_, trial)| self.is_wanted(trial)) {
            let taken = self.live.as_ref().filter(|live| live.trial == i).map_or(0, |live| live.step);
            step += if trial.result.is_some() { trial.way().steps } else { taken };
            steps += trial.way().steps;
        }
        let racing = self.live.as_ref().map(|live| {
            let trial = &self.trials[live.trial];
            Racing {
                is_transfer: trial.is_transfer,
                place: trial.place,
                step: live.step,
                steps: trial.way().steps,
            }
        });
        let is_done = self.next().is_none();
        let of_hand = self.trials.iter().find(|trial| trial.is_transfer && trial.place == self.hand);
        let result = of_hand.and_then(|trial| trial.result.as_ref()).filter(|_| is_done);
        let mut frame = Frame {
            warnings: self.warnings.clone(),
            origin: self.origin,
            config,
            step,
            steps,
            loss: self.live.as_ref().and_then(|live| live.loss),
            labels: LABELS.to_vec(),
            hand: self.hand,
            enough: ENOUGH,
            n_test: self.test.len(),
            transfer: points(true),
            scratch: points(false),
            racing,
            transfer_needs,
            scratch_needs,
            factor,
            shown: self.shown.clone(),
            fingerprint: result.map(|result| result.fingerprint.clone()),
            summary: String::new(),
        };
        frame.summary = summary(&frame);
        frame
    }
}

/// One sentence of what is on screen.
fn summary(frame: &Frame) -> String {
    let percent = |share: f64| format!("{} %", fixed(100.0 * share, 1));
    let n = frame.labels[frame.hand];
    let mut text = match (frame.transfer[frame.hand], frame.scratch[frame.hand]) {
        (Some(transfer), Some(scratch)) => format!(
            "From the same {n} labels the pre-trained model learns to judge {} of new reviews rightly, the network from \
             scratch {}.",
            percent(transfer),
            percent(scratch)
        ),
        _ => format!("Two networks of the same size wait for {n} labels: one has read, one has not."),
    };
    if let (Some(few), Some(many), Some(factor)) = (&frame.transfer_needs, &frame.scratch_needs, frame.factor)
    {
        let enough = format!("{} %", fixed(100.0 * frame.enough, 0));
        if few.reached && many.reached {
            text.push_str(&format!(
                " For {enough} they need {} and {} labels: {} times as many from scratch.",
                fixed(few.labels, 0),
                fixed(many.labels, 0),
                fixed(factor, 0)
            ));
        } else if few.reached {
            text.push_str(&format!(
                " For {enough} the pre-trained one needs {} labels; {} are not enough from scratch.",
                fixed(few.labels, 0),
                fixed(many.labels, 0)
            ));
        } else {
            text.push_str(&format!(
                " For {enough}, {} labels are not enough even for the pre-trained one.",
                fixed(few.labels, 0)
            ));
        }
    }
    text
}

/// Draws `curves`, which needs the frame's `labels`, `hand`, `enough`, `transfer`, `scratch` and what each needs.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    let wrong =
        |given| Error::input("pretune-scratch-vs-transfer", given, "the chart curves of its own frame");
    if chart != "curves" {
        return Err(wrong("no such chart"));
    }
    let labels = frame["labels"].as_array().unwrap_or_default();
    let places: Vec<String> = labels.iter().map(|n| n.as_u64().unwrap_or(0).to_string()).collect();
    let values = |name: &str| -> Vec<Option<f32>> {
        let values = frame[name].as_array().unwrap_or_default();
        values.iter().map(|value| value.as_f64().map(|share| 100.0 * share as f32)).collect()
    };
    let enough_at = |name: &str| {
        let needed = &frame[name];
        needed["reached"].as_bool().filter(|reached| *reached)?;
        // Places double from 2 on.
        Some(libm::log2(needed["labels"].as_f64()?) as f32 - 1.0)
    };
    let (transfer, scratch) = (values("transfer"), values("scratch"));
    let selected = frame["hand"].as_u64().unwrap_or(0) as usize;
    if places.is_empty() || transfer.len() != places.len() || scratch.len() != places.len() {
        return Err(wrong("not a frame"));
    }
    let curve = |name, values, needs| LabelCurve { name, values, enough_at: enough_at(needs) };
    let curves = [
        curve("pre-trained", &transfer[..], "transfer_needs"),
        curve("from scratch", &scratch[..], "scratch_needs"),
    ];
    let enough = 100.0 * frame["enough"].as_f64().unwrap_or(ENOUGH) as f32;
    label_curves(area, &LabelCurves { places: &places, selected, enough, curves }, theme)
}
