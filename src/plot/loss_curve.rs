//! Loss against steps, between what knows nothing and what nobody can beat. Start with [`loss_curve`].

use plotters::coord::CoordTranslate;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{BoldPoints, Ranged};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;

use super::labels::{Obstacles, Rect, first_free};
use super::pen::{Area, EDGE, Pen, Words};
use super::theme::{Rgb, Theme};
use super::ticks::{grouped, loss, loss_ticks};
use crate::error::Result;

/// How a model learned. Losses are cross-entropies in nats per token; both series are ordered by step.
#[derive(Debug, Clone, Copy)]
pub struct LossCurve<'a> {
    /// Steps of `train`.
    pub steps: &'a [u32],
    /// Loss of the batch that a step learned from. What is not finite leaves a gap.
    pub train: &'a [f32],
    /// Steps of `val`.
    pub val_steps: &'a [u32],
    /// Loss on the held-out text. What is not finite leaves a gap.
    pub val: &'a [f32],
    /// The step at which training ends: the right end of the axis.
    pub max_steps: u32,
    /// The entropy of the text, where it is known: the loss of the best possible model.
    pub floor: Option<f32>,
    /// ln V, the loss of a model that finds all V tokens equally likely.
    pub ceiling: f32,
}

/// Draws the training loss as a thin line and the held-out loss as a thick one with dots, both labelled where
/// they end, between dashed lines for the text's entropy and for ln V.
///
/// The axis of the loss starts at 0 and follows a diverging run up to one and a half times the ceiling; what is
/// beyond sticks to the upper edge, and the label says so. An area too small for a figure stays empty.
///
/// # Errors
///
/// What the backend reports.
///
/// # Panics
///
/// If a series and its steps differ in length.
pub fn loss_curve<DB: DrawingBackend>(area: &Area<DB>, curve: &LossCurve, theme: &Theme) -> Result<()> {
    assert_eq!(curve.steps.len(), curve.train.len(), "loss_curve: steps and train");
    assert_eq!(curve.val_steps.len(), curve.val.len(), "loss_curve: val_steps and val");
    let pen = Pen::new(area, theme);
    pen.clear()?;
    let Some(axes) = Axes::new(&pen, curve)? else { return Ok(()) };
    let training = Line::new(&axes, "training", theme.training, curve.steps, curve.train);
    let heldout = Line::new(&axes, "held-out", theme.heldout, curve.val_steps, curve.val);

    let names = end_labels(&pen, &axes, [&training, &heldout], curve.floor)?;
    let taken: Vec<Rect> = names.iter().map(|name| name.place).collect();
    let levels = Level::of(&pen, &axes, curve, taken, &[&training.points, &heldout.points])?;

    axes.draw(&pen)?;
    for level in &levels {
        pen.dashes(level.y, (axes.plot.left, axes.plot.right), theme.floor, 1.0)?;
    }
    training.draw(&pen, 1.0)?;
    heldout.draw(&pen, 2.0)?;
    heldout.draw_dots(&pen)?;
    for label in levels.into_iter().map(|level| level.label).chain(names) {
        pen.label(&Words::new(&label.text, label.color, label.align), label.place)?;
    }
    Ok(())
}

/// The share of the ceiling up to which the axis follows a loss that grows.
const HEADROOM: f64 = 1.5;

/// The plot's place on the canvas and its two scales.
struct Axes {
    canvas: Rect,
    plot: Rect,
    coord: Cartesian2d<RangedCoordf64, RangedCoordf64>,
    max_loss: f64,
    /// Ticks of the loss with their texts, and of the steps.
    losses: Vec<(f64, String)>,
    steps: Vec<f64>,
}

impl Axes {
    /// `None` where there is no room for a figure.
    fn new<DB: DrawingBackend>(pen: &Pen<DB>, curve: &LossCurve) -> Result<Option<Self>> {
        let canvas = pen.canvas();
        if canvas.right < pen.px(160.0) || canvas.bottom < pen.px(100.0) {
            return Ok(None);
        }
        let gap = pen.px(8.0);
        let (top, bottom) = (pen.line() * 3 / 2 + pen.px(EDGE), canvas.bottom - pen.line() * 3 / 2);
        // The ceiling's label stands above its line.
        let height = f64::from(bottom - top);
        let max_loss = highest(curve) * height / (height - f64::from(pen.line() + pen.px(4.0)));
        let losses = loss_ticks(max_loss, ((bottom - top) / (pen.line() * 2)).clamp(2, 6) as usize);
        let mut widest_loss = 0;
        for (_, text) in &losses {
            widest_loss = widest_loss.max(pen.measure(text)?.0);
        }

        let last_step = curve.steps.iter().chain(curve.val_steps).copied().max().unwrap_or(0);
        let max_step = f64::from(curve.max_steps.max(last_step).max(1));
        let widest_step = pen.measure(&grouped(max_step))?.0;
        let names = pen.measure("held-out")?.0.max(pen.measure("training")?.0) + gap;
        let plot = Rect {
            left: pen.px(EDGE) + widest_loss + gap,
            top,
            right: canvas.right - names.max(widest_step / 2 + gap + pen.measure(STEPS)?.0) - pen.px(EDGE),
            bottom,
        };
        if plot.right - plot.left < pen.px(40.0) {
            return Ok(None);
        }
        let n_steps = ((plot.right - plot.left) / (widest_step * 2)).clamp(2, 8) as usize;
        let steps = RangedCoordf64::from(0.0..max_step).key_points(BoldPoints(n_steps));
        Ok(Some(Self {
            canvas,
            plot,
            coord: Cartesian2d::new(
                0.0..max_step,
                0.0..max_loss,
                (plot.left..plot.right, plot.bottom..plot.top),
            ),
            max_loss,
            losses,
            steps: steps.into_iter().filter(|step| step.fract() == 0.0).collect(),
        }))
    }

    fn at(&self, step: f64, loss: f64) -> (i32, i32) {
        self.coord.translate(&(step, loss.clamp(0.0, self.max_loss)))
    }

    fn draw<DB: DrawingBackend>(&self, pen: &Pen<DB>) -> Result<()> {
        let Theme { ink, muted, line, .. } = *pen.theme;
        let Rect { left, right, bottom, .. } = self.plot;
        for (loss, text) in &self.losses {
            let y = self.at(0.0, *loss).1;
            pen.path(&[(left, y), (right, y)], if *loss == 0.0 { ink } else { line }, 1.0)?;
            pen.text(&Words::new(text, muted, HPos::Right), (left - pen.px(8.0), y))?;
        }
        let tick_row = bottom + pen.line() * 4 / 5;
        let mut last_label = right;
        for &step in &self.steps {
            let x = self.at(step, 0.0).0;
            pen.path(&[(x, bottom), (x, bottom + pen.px(4.0))], ink, 1.0)?;
            let text = grouped(step);
            pen.text(&Words::new(&text, muted, HPos::Center), (x, tick_row))?;
            last_label = last_label.max(x + pen.measure(&text)?.0 / 2);
        }
        pen.text(&Words::new(STEPS, muted, HPos::Left), (last_label + pen.px(6.0), tick_row))?;
        pen.text(
            &Words::new("loss (nats per token)", muted, HPos::Left),
            (pen.px(EDGE), pen.line() / 2 + pen.px(EDGE)),
        )
    }
}

const STEPS: &str = "steps";

/// The loss that the axis has to reach.
fn highest(curve: &LossCurve) -> f64 {
    let largest = |values: &mut dyn Iterator<Item = f32>| {
        values.filter(|v| v.is_finite() && *v > 0.0).fold(0.0, f32::max)
    };
    let levels = largest(&mut curve.floor.into_iter().chain([curve.ceiling]));
    let losses = largest(&mut curve.train.iter().chain(curve.val).copied());
    match (f64::from(levels), f64::from(losses)) {
        (0.0, 0.0) => 1.0,
        (0.0, losses) => losses,
        (levels, losses) => levels.max(losses.min(levels * HEADROOM)),
    }
}

/// One of the two curves, in pixels.
struct Line {
    name: &'static str,
    color: Rgb,
    /// All points of all runs, for what must not cover them.
    points: Vec<(i32, i32)>,
    /// Stretches without a gap.
    runs: Vec<Vec<(i32, i32)>>,
    /// Whether the last value is beyond the axis, or no number.
    lost: bool,
}

impl Line {
    fn new(axes: &Axes, name: &'static str, color: Rgb, steps: &[u32], losses: &[f32]) -> Self {
        let pixel = |(&step, &loss): (&u32, &f32)| axes.at(f64::from(step), f64::from(loss));
        let pairs: Vec<(&u32, &f32)> = steps.iter().zip(losses).collect();
        let runs: Vec<Vec<(i32, i32)>> = pairs
            .split(|(_, loss)| !loss.is_finite())
            .filter(|run| !run.is_empty())
            .map(|run| run.iter().copied().map(pixel).collect())
            .collect();
        let lost = losses.last().is_some_and(|&loss| !loss.is_finite() || f64::from(loss) > axes.max_loss);
        Self { name, color, points: runs.concat(), runs, lost }
    }

    fn draw<DB: DrawingBackend>(&self, pen: &Pen<DB>, css_width: f64) -> Result<()> {
        for run in &self.runs {
            match run[..] {
                [only] => pen.dot(only, 1.5, self.color)?,
                _ => pen.path(run, self.color, css_width)?,
            }
        }
        Ok(())
    }

    /// Dots with a rim of paper, the last one always, the others where they do not run into each other.
    fn draw_dots<DB: DrawingBackend>(&self, pen: &Pen<DB>) -> Result<()> {
        let Some(&last) = self.points.last() else { return Ok(()) };
        let distance = pen.px(20.0);
        let mut previous = i32::MIN / 2;
        for &point in &self.points {
            if point == last || (point.0 - previous >= distance && last.0 - point.0 >= distance) {
                pen.dot(point, 4.0, pen.theme.paper)?;
                pen.dot(point, 3.0, self.color)?;
                previous = point.0;
            }
        }
        Ok(())
    }
}

/// Text and where it stands.
struct Label {
    text: String,
    color: Rgb,
    /// The edge of its place that the text keeps to.
    align: HPos,
    place: Rect,
}

/// A dashed line with its label.
struct Level {
    y: i32,
    label: Label,
}

const CEILING: [&str; 2] = ["knows nothing: ln V = ", "ln V = "];
const FLOOR: [&str; 3] = ["entropy of the text, the best possible: ", "entropy of the text: ", "entropy: "];

impl Level {
    /// Ceiling and floor, as far as they are known. A label is as long as it can be, and covers neither a label
    /// nor a curve if that can be helped.
    fn of<DB: DrawingBackend>(
        pen: &Pen<DB>,
        axes: &Axes,
        curve: &LossCurve,
        mut taken: Vec<Rect>,
        lines: &[&[(i32, i32)]],
    ) -> Result<Vec<Self>> {
        let ceiling = (curve.ceiling, &CEILING[..], true);
        let floor = curve.floor.map(|floor| (floor, &FLOOR[..], false));
        let canvas = Rect { top: axes.plot.top - pen.px(2.0), ..axes.plot };
        let mut levels: Vec<Level> = Vec::new();
        for (value, wordings, above) in [Some(ceiling), floor].into_iter().flatten() {
            if !value.is_finite() || value < 0.0 {
                continue;
            }
            let y = axes.at(0.0, f64::from(value)).1;
            let mut candidates = Vec::new();
            for wording in wordings {
                let text = format!("{wording}{}", loss(value));
                let size = pen.measure(&text)?;
                let (left, right) = (axes.plot.left + pen.px(4.0), axes.plot.right - size.0);
                let off = size.1 / 2 + pen.px(2.0);
                // The ceiling's label stands above its line, the floor's below: outside of what can be.
                let (out, inner) = if above { (y - off, y + off) } else { (y + off, y - off) };
                let corners = [
                    (right, out, HPos::Right),
                    (left, out, HPos::Left),
                    ((left + right) / 2, out, HPos::Center),
                    (right, inner, HPos::Right),
                    (left, inner, HPos::Left),
                ];
                candidates.extend(corners.map(|(x, y, align)| Label {
                    text: text.clone(),
                    color: pen.theme.muted,
                    align,
                    place: Rect::beside((x, y), size),
                }));
            }
            let places: Vec<Rect> = candidates.iter().map(|label| label.place).collect();
            let best = first_free(&places, &Obstacles { canvas, taken: &taken, lines });
            let label = candidates.swap_remove(best);
            taken.push(label.place);
            levels.push(Level { y, label });
        }
        Ok(levels)
    }
}

/// The curves' names, to the right of where they end, the upper curve's above the other's.
fn end_labels<DB: DrawingBackend>(
    pen: &Pen<DB>,
    axes: &Axes,
    lines: [&Line; 2],
    floor: Option<f32>,
) -> Result<Vec<Label>> {
    let ends = lines.iter().filter_map(|line| line.points.last());
    let end = ends.map(|point| point.0).max().unwrap_or(0);
    let (mut lines, top) = (lines.to_vec(), axes.plot.top);
    let height = |line: &Line| if line.lost { top } else { line.points.last().map_or(top, |point| point.1) };
    if height(lines[0]) > height(lines[1]) {
        lines.swap(0, 1);
    }
    let mut labels = Vec::new();
    for line in lines.into_iter().filter(|line| !line.points.is_empty()) {
        let text = if line.lost { format!("{}: off the chart", line.name) } else { line.name.to_owned() };
        let size = pen.measure(&text)?;
        let left = (end + pen.px(8.0)).min(axes.canvas.right - size.0);
        let place = Rect::beside((left, height(line)), size);
        labels.push(Label { text, color: line.color, align: HPos::Left, place });
    }
    let (top, bottom) = (axes.plot.top, axes.plot.bottom);
    if let [upper, lower] = &mut labels[..] {
        let overlap = (upper.place.bottom - lower.place.top).max(0);
        upper.place = upper.place.moved(0, -(overlap + 1) / 2);
        upper.place = upper.place.moved(0, (top - upper.place.top).max(0));
        lower.place = lower.place.moved(0, (upper.place.bottom - lower.place.top).max(0));
    }
    // From below: off the axis, and off the floor's label where that has room below its line.
    let mut limit = bottom;
    if let Some(floor) = floor.filter(|floor| floor.is_finite()) {
        let line = axes.at(0.0, f64::from(floor)).1 + pen.px(2.0);
        limit = if line + pen.line() <= bottom { line } else { bottom };
    }
    for label in labels.iter_mut().rev() {
        label.place = label.place.moved(0, (limit - label.place.bottom).min(0));
        limit = label.place.top;
    }
    Ok(labels)
}
