//! Named values from 0 on, to one side or both, with a second value to compare each with. Start with [`bars`].

use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;

use super::labels::Rect;
use super::pen::{Area, EDGE, Pen, Words};
use super::theme::Theme;
use super::ticks::span_ticks;
use crate::error::Result;

/// Rows of bars.
#[derive(Debug, Clone, Copy)]
pub struct Bars<'a> {
    /// What is shown, with its unit.
    pub title: &'a str,
    /// What the first and the second value of each row are.
    pub names: [&'a str; 2],
    /// Whether there is a minus sign's side.
    pub is_signed: bool,
    /// From top to bottom.
    pub rows: &'a [Row<'a>],
}

/// A row.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    pub name: &'a str,
    /// A full bar.
    pub first: Option<f32>,
    /// A hollow dot.
    pub second: Option<f32>,
}

/// Draws the first values as bars from a common 0, in the middle if there is a minus sign's side, and the second ones as hollow
/// dots on the same rows; names at the left.
///
/// An area too small for all rows stays empty.
///
/// # Errors
///
/// What the backend reports.
pub fn bars<DB: DrawingBackend>(area: &Area<DB>, chart: &Bars, theme: &Theme) -> Result<()> {
    let pen = Pen::new(area, theme);
    pen.clear()?;
    let canvas = pen.canvas();
    let gap = pen.px(8.0);
    let mut widest = 0;
    for row in chart.rows {
        widest = widest.max(pen.measure(row.name)?.0);
    }
    let values = || chart.rows.iter().flat_map(|row| [row.first, row.second]).flatten();
    let least = if chart.is_signed { 0.5_f32 } else { 0.05 };
    let most = values().fold(least, |most, value| most.max(value.abs())) * 1.08;
    let has_second = chart.rows.iter().any(|row| row.second.is_some());
    let n_lines = if has_second { 2 } else { 1 };
    let top = pen.px(EDGE) + pen.line() * (3 + 2 * n_lines) / 2;
    let bottom = canvas.bottom - pen.line() * 3 / 2;
    let place = Rect {
        left: pen.px(EDGE) + widest + gap,
        top,
        right: canvas.right - pen.px(EDGE) - pen.measure("−0.0")?.0 / 2,
        bottom,
    };
    let n = chart.rows.len() as i32;
    if n == 0 || place.right - place.left < pen.px(60.0) || bottom - top < n * pen.px(12.0) {
        return Ok(());
    }
    let middle = if chart.is_signed { (place.left + place.right) / 2 } else { place.left };
    let reach = if chart.is_signed { f64::from(most) } else { 0.0 };
    let half = f64::from(place.right - place.left) / if chart.is_signed { 2.0 } else { 1.0 };
    let x = |value: f64| middle + (half * (value / f64::from(most)).clamp(-1.0, 1.0)).round() as i32;

    let row = |line: i32| pen.px(EDGE) + pen.line() / 2 + line * pen.line();
    let title = Words { bold: true, ..Words::new(chart.title, theme.muted, HPos::Left) };
    pen.text(&title, (pen.px(EDGE), row(0)))?;
    if has_second {
        let [first, second] = chart.names;
        let key = pen.px(EDGE) + pen.px(5.0);
        let half = pen.px(5.0);
        let y = row(1) + pen.px(2.0);
        pen.fill(
            Rect { left: key - half, right: key + half, top: y - half, bottom: y + half },
            theme.training,
        )?;
        pen.text(&Words::new(first, theme.training, HPos::Left), (key + gap, y))?;
        let next = key + gap + pen.measure(first)?.0 + 2 * gap;
        hollow(&pen, (next + pen.px(5.0), y))?;
        pen.text(&Words::new(second, theme.heldout, HPos::Left), (next + pen.px(5.0) + gap, y))?;
    }
    let n_ticks = ((place.right - place.left) / pen.px(40.0)).clamp(3, 7) as usize;
    for (tick, text) in span_ticks(-reach, most.into(), n_ticks) {
        let at = x(tick);
        let color = if tick == 0.0 { theme.ink } else { theme.line };
        pen.path(&[(at, place.top), (at, place.bottom)], color, 1.0)?;
        let words = Words::new(&text, theme.muted, HPos::Center);
        pen.text(&words, (at, canvas.bottom - pen.line() * 3 / 4))?;
    }
    for (i, row) in chart.rows.iter().enumerate() {
        let edge = |i: i32| place.top + (place.bottom - place.top) * i / n;
        let (from, to) = (edge(i as i32), edge(i as i32 + 1));
        let y = (from + to) / 2;
        pen.text(&Words::new(row.name, theme.ink, HPos::Left), (pen.px(EDGE), y))?;
        let thick = ((to - from) / 4).min(pen.px(7.0)).max(1);
        if let Some(value) = row.first {
            let at = x(value.into());
            let bar =
                Rect { left: at.min(middle), right: at.max(middle) + 1, top: y - thick, bottom: y + thick };
            pen.fill(bar, theme.training)?;
        }
        if let Some(value) = row.second {
            hollow(&pen, (x(value.into()), y))?;
        }
    }
    Ok(())
}

/// A dot with a rim.
fn hollow<DB: DrawingBackend>(pen: &Pen<DB>, at: (i32, i32)) -> Result<()> {
    pen.dot(at, 5.5, pen.theme.paper)?;
    pen.dot(at, 4.5, pen.theme.heldout)?;
    pen.dot(at, 2.5, pen.theme.paper)
}
