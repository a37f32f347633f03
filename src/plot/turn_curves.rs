//! What became of a policy, turn by turn: its reward and what that stands for above, its distance from where it began
//! below. Start with [`turn_curves`].

use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;

use super::labels::Rect;
use super::pen::{Area, EDGE, Pen, Words};
use super::theme::{Rgb, Theme};
use super::ticks::span_ticks;
use crate::error::Result;

/// A run, one value a point; what is not known leaves a gap.
#[derive(Debug, Clone, Copy)]
pub struct TurnCurves<'a> {
    /// Turns of the points, in order.
    pub turns: &'a [usize],
    /// Where the axis ends.
    pub max_turns: usize,
    /// In standard deviations, as are the true score and the price.
    pub reward: &'a [Option<f32>],
    /// What the reward stands for.
    pub true_score: &'a [Option<f32>],
    /// What the leash charges for the distance; may be empty.
    pub price: &'a [Option<f32>],
    /// In nats an answer.
    pub kl: &'a [Option<f32>],
}

/// Draws the reward as a thick line with dots, the true score as a thin one, and the price of the distance dashed, each with
/// its name where it ends; below, on an axis of its own, the distance.
///
/// An area too small for a figure stays empty.
///
/// # Errors
///
/// What the backend reports.
///
/// # Panics
///
/// If a series does not have a value for each turn.
pub fn turn_curves<DB: DrawingBackend>(area: &Area<DB>, curves: &TurnCurves, theme: &Theme) -> Result<()> {
    for series in [curves.reward, curves.true_score, curves.kl] {
        assert_eq!(series.len(), curves.turns.len(), "turn_curves: values and turns");
    }
    let pen = Pen::new(area, theme);
    pen.clear()?;
    let canvas = pen.canvas();
    let gap = pen.px(8.0);
    let names = pen.measure("true score")?.0 + gap;
    let left = pen.px(EDGE) + pen.measure("−0.5")?.0.max(pen.measure(TURN)?.0) + gap;
    let right = canvas.right - pen.px(EDGE) - names;
    let (top, bottom) = (pen.px(EDGE), canvas.bottom - pen.line() * 3 / 2);
    if right - left < pen.px(60.0) || bottom - top < pen.line() * 9 {
        return Ok(());
    }
    let edge = top + (bottom - top) * 5 / 8;
    let panel = |from: i32, to: i32| Rect { left, top: from + pen.line() * 7 / 4, right, bottom: to };
    let above = Panel::new(
        "reward, in standard deviations",
        panel(top, edge - gap),
        vec![
            Series { name: "leash", values: curves.price, color: theme.floor, style: Style::Dashed },
            Series {
                name: "true score",
                values: curves.true_score,
                color: theme.heldout,
                style: Style::Thin,
            },
            Series { name: "reward", values: curves.reward, color: theme.training, style: Style::Dots },
        ],
        1.0,
    );
    let below = Panel::new(
        "distance, in nats an answer",
        panel(edge, bottom - gap),
        vec![Series { name: "KL", values: curves.kl, color: theme.base, style: Style::Dots }],
        2.0,
    );
    above.draw(&pen, curves)?;
    below.draw(&pen, curves)?;
    let row = canvas.bottom - pen.line() * 3 / 4;
    pen.text(&Words::new(TURN, theme.muted, HPos::Left), (pen.px(EDGE), row))?;
    let n_ticks = ((right - left) / pen.px(36.0)).clamp(2, 7) as usize;
    for (turn, text) in span_ticks(0.0, curves.max_turns as f64, n_ticks) {
        if turn == turn.trunc() {
            let x = left + ((right - left) as f64 * turn / curves.max_turns as f64).round() as i32;
            pen.text(&Words::new(&text, theme.muted, HPos::Center), (x, row))?;
        }
    }
    Ok(())
}

const TURN: &str = "turn";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Dots,
    Thin,
    Dashed,
}

struct Series<'a> {
    name: &'static str,
    values: &'a [Option<f32>],
    color: Rgb,
    style: Style,
}

/// Series with a common axis.
struct Panel<'a> {
    title: &'static str,
    place: Rect,
    series: Vec<Series<'a>>,
    low: f64,
    high: f64,
}

impl<'a> Panel<'a> {
    /// The axis holds 0, all values and `least`, with some room.
    fn new(title: &'static str, place: Rect, series: Vec<Series<'a>>, least: f64) -> Self {
        let (mut low, mut high) = (0.0_f64, least);
        for value in series.iter().flat_map(|series| series.values).flatten().filter(|x| x.is_finite()) {
            (low, high) = (low.min((*value).into()), high.max((*value).into()));
        }
        let room = 0.06 * (high - low);
        Self { title, place, series, low: if low < 0.0 { low - room } else { 0.0 }, high: high + room }
    }

    fn y(&self, value: f64) -> i32 {
        let Rect { top, bottom, .. } = self.place;
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        bottom - (f64::from(bottom - top) * share).round() as i32
    }

    fn draw<DB: DrawingBackend>(&self, pen: &Pen<DB>, curves: &TurnCurves) -> Result<()> {
        let (theme, place) = (pen.theme, self.place);
        let title = Words { bold: true, ..Words::new(self.title, theme.muted, HPos::Left) };
        pen.text(&title, (pen.px(EDGE), place.top - pen.line()))?;
        let n_ticks = ((place.bottom - place.top) / (pen.line() * 3 / 2)).clamp(2, 6) as usize;
        for (tick, text) in span_ticks(self.low, self.high, n_ticks) {
            let y = self.y(tick);
            let color = if tick == 0.0 { theme.ink } else { theme.line };
            pen.path(&[(place.left, y), (place.right, y)], color, 1.0)?;
            pen.text(&Words::new(&text, theme.muted, HPos::Right), (place.left - pen.px(8.0), y))?;
        }
        let width = f64::from(place.right - place.left);
        let x = |turn: usize| place.left + (width * turn as f64 / curves.max_turns as f64).round() as i32;
        let mut names: Vec<(i32, &Series)> = Vec::new();
        for series in &self.series {
            let mut line: Vec<(i32, i32)> = Vec::new();
            for (turn, value) in curves.turns.iter().zip(series.values) {
                if let Some(value) = value.filter(|value| value.is_finite()) {
                    line.push((x(*turn), self.y(value.into())));
                }
            }
            match series.style {
                Style::Dashed => {
                    for pair in line.windows(2) {
                        dashed(pen, pair[0], pair[1], series.color)?;
                    }
                }
                Style::Thin => pen.path(&line, series.color, 1.25)?,
                Style::Dots => {
                    pen.path(&line, series.color, 2.0)?;
                    line.iter().try_for_each(|at| pen.dot(*at, 2.5, series.color))?;
                }
            }
            if let Some((_, y)) = line.last() {
                names.push((*y, series));
            }
        }
        self.draw_names(pen, names)
    }

    /// Names at the right, from top to bottom in the order of where the lines end, apart from each other.
    fn draw_names<DB: DrawingBackend>(&self, pen: &Pen<DB>, mut names: Vec<(i32, &Series)>) -> Result<()> {
        for i in 1..names.len() {
            let mut at = i;
            while at > 0 && names[at].0 < names[at - 1].0 {
                names.swap(at, at - 1);
                at -= 1;
            }
        }
        let line = pen.line();
        for i in 1..names.len() {
            names[i].0 = names[i].0.max(names[i - 1].0 + line);
        }
        let mut lowest = self.place.bottom;
        for (y, _) in names.iter_mut().rev() {
            *y = (*y).min(lowest);
            lowest = *y - line;
        }
        for (y, series) in names {
            let bold = series.style == Style::Dots;
            let words = Words { bold, ..Words::new(series.name, series.color, HPos::Left) };
            pen.text(&words, (self.place.right + pen.px(8.0), y))?;
        }
        Ok(())
    }
}

/// A straight dashed line.
fn dashed<DB: DrawingBackend>(pen: &Pen<DB>, from: (i32, i32), to: (i32, i32), color: Rgb) -> Result<()> {
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let length = libm::sqrt(dx * dx + dy * dy);
    let (dash, gap) = (f64::from(pen.px(5.0).max(2)), f64::from(pen.px(4.0).max(1)));
    let at = |along: f64| {
        let share = (along / length).min(1.0);
        (from.0 + (dx * share).round() as i32, from.1 + (dy * share).round() as i32)
    };
    let mut along = 0.0;
    while along < length {
        pen.path(&[at(along), at(along + dash)], color, 1.5)?;
        along += dash + gap;
    }
    Ok(())
}
