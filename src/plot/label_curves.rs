//! How much two learners get right with so many labels, and where each has enough. Start with [`label_curves`].

use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;

use super::labels::Rect;
use super::pen::{Area, EDGE, Pen, Words};
use super::theme::Rgb;
use crate::error::Result;

/// Two curves over numbers of labels.
#[derive(Debug, Clone, Copy)]
pub struct LabelCurves<'a> {
    /// What stands below each place; from place to place the number doubles.
    pub places: &'a [String],
    /// The place in hand.
    pub selected: usize,
    /// Per cents that are enough.
    pub enough: f32,
    /// The pre-trained learner, and the one from scratch.
    pub curves: [LabelCurve<'a>; 2],
}

/// A learner.
#[derive(Debug, Clone, Copy)]
pub struct LabelCurve<'a> {
    pub name: &'a str,
    /// Per cents of right answers for each place, as far as they are known.
    pub values: &'a [Option<f32>],
    /// Where it has enough, in places, once that is known.
    pub enough_at: Option<f32>,
}

const X: &str = "labels";
const Y: &str = "right answers, %";
/// Where guessing ends up, and the top.
const RANGE: (f32, f32) = (45.0, 100.0);
const TICKS: [(f32, &str); 3] = [(50.0, "50"), (75.0, "75"), (100.0, "100")];

/// Draws both curves with their names, a dashed line at what is enough, and the two places where it is reached.
///
/// # Errors
///
/// What the backend reports.
///
/// # Panics
///
/// If a curve does not have a value for each place.
pub fn label_curves<DB: DrawingBackend>(
    area: &Area<DB>,
    chart: &LabelCurves,
    theme: &super::Theme,
) -> Result<()> {
    let pen = Pen::new(area, theme);
    pen.clear()?;
    let canvas = pen.canvas();
    let gap = pen.px(8.0);
    let left = pen.px(EDGE) + pen.measure("100")?.0.max(pen.measure(X)?.0) + gap;
    let place = Rect {
        left,
        top: pen.line() * 2,
        right: canvas.right - pen.px(EDGE),
        bottom: canvas.bottom - pen.line() * 2,
    };
    let n = chart.places.len() as i32;
    if place.right - place.left < n * pen.px(20.0) || place.bottom - place.top < pen.line() * 6 {
        return Ok(());
    }
    let width = (place.right - place.left) as f32 / n as f32;
    let x = |at: f32| place.left + (width * (at + 0.5)).round() as i32;
    let (low, high) = RANGE;
    let y = |value: f32| {
        let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
        place.bottom - ((place.bottom - place.top) as f32 * share).round() as i32
    };
    let band = Rect {
        left: x(chart.selected as f32) - (width / 2.0) as i32,
        right: x(chart.selected as f32) + (width / 2.0) as i32,
        ..place
    };
    pen.fill(band, theme.paper.mix(theme.training, 0.1))?;
    let words = Words { bold: true, ..Words::new(Y, theme.muted, HPos::Left) };
    pen.text(&words, (pen.px(EDGE), pen.line() * 3 / 4))?;
    for (tick, text) in TICKS {
        pen.path(&[(place.left, y(tick)), (place.right, y(tick))], theme.line, 1.0)?;
        pen.text(&Words::new(text, theme.muted, HPos::Right), (place.left - gap, y(tick)))?;
    }
    pen.path(&[(place.left, place.bottom), (place.right, place.bottom)], theme.ink, 1.0)?;
    pen.dashes(y(chart.enough), (place.left, place.right), theme.floor, 1.0)?;
    let row = canvas.bottom - pen.line() * 3 / 4;
    pen.text(&Words::new(X, theme.muted, HPos::Left), (pen.px(EDGE), row))?;
    for (i, text) in chart.places.iter().enumerate() {
        let bold = i == chart.selected;
        let color = if bold { theme.ink } else { theme.muted };
        pen.text(&Words { bold, ..Words::new(text, color, HPos::Center) }, (x(i as f32), row))?;
    }
    for (i, curve) in chart.curves.iter().enumerate() {
        assert_eq!(curve.values.len(), chart.places.len(), "label_curves: values and places");
        let color = if i == 0 { theme.base } else { theme.training };
        let known = |at: usize| curve.values[at].map(|value| (x(at as f32), y(value)));
        let points: Vec<(i32, i32)> = (0..curve.values.len()).filter_map(known).collect();
        pen.path(&points, color, 2.0)?;
        for at in &points {
            mark(&pen, *at, color, i == 1)?;
        }
        if let Some(at) = curve.enough_at {
            let at = x(at);
            pen.path(&[(at, y(chart.enough)), (at, place.bottom)], color, 1.0)?;
            mark(&pen, (at, place.bottom), color, false)?;
        }
        // The first one's name is below its curve, the second one's at the bottom, where neither curve comes.
        let Some((_, at)) = points.first() else { continue };
        let (name_width, _) = pen.measure(curve.name)?;
        let words = Words { bold: true, ..Words::new(curve.name, color, HPos::Left) };
        let below = if i == 0 { at + pen.line() } else { place.bottom - pen.line() * 3 / 4 };
        let left = if i == 0 { place.left + gap } else { place.right - gap - name_width * 11 / 10 };
        let middle = below.min(place.bottom - pen.line() * 3 / 4);
        pen.label(&words, Rect::beside((left, middle), (name_width * 11 / 10, pen.line())))?;
    }
    Ok(())
}

/// A dot with a rim of paper, full or hollow.
fn mark<DB: DrawingBackend>(pen: &Pen<DB>, at: (i32, i32), color: Rgb, hollow: bool) -> Result<()> {
    pen.dot(at, 5.0, pen.theme.paper)?;
    pen.dot(at, 4.0, color)?;
    if hollow { pen.dot(at, 2.5, pen.theme.paper) } else { Ok(()) }
}
