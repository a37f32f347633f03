//! Singular values as bars, and where a rank cuts them off. Start with [`spectrum`].

use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;

use super::labels::Rect;
use super::pen::{Area, EDGE, Pen, Words};
use super::theme::Theme;
use super::ticks::loss_ticks;
use crate::error::Result;

/// Singular values, the largest first.
#[derive(Debug, Clone, Copy)]
pub struct Spectrum<'a> {
    pub values: &'a [f32],
    /// How many a rank keeps.
    pub kept: usize,
    /// What stands beside the cut.
    pub label: &'a str,
}

/// Draws a bar for each value: in color what is kept, as an outline in gray what is cut off.
///
/// # Errors
///
/// What the backend reports.
pub fn spectrum<DB: DrawingBackend>(area: &Area<DB>, spectrum: &Spectrum, theme: &Theme) -> Result<()> {
    let pen = Pen::new(area, theme);
    pen.clear()?;
    let canvas = pen.canvas();
    let n = spectrum.values.len() as i32;
    let largest = spectrum.values.iter().copied().filter(|x| x.is_finite()).fold(0.0_f32, f32::max);
    let gap = pen.px(8.0);
    let ticks = loss_ticks(f64::from(if largest > 0.0 { largest } else { 1.0 }), 5);
    let mut widest = 0;
    for (_, text) in &ticks {
        widest = widest.max(pen.measure(text)?.0);
    }
    let plot = Rect {
        left: pen.px(EDGE) + widest + gap,
        top: pen.px(EDGE) + pen.line() * 3,
        right: canvas.right - pen.px(EDGE),
        bottom: canvas.bottom - pen.line() * 3 / 2,
    };
    if n == 0 || plot.right - plot.left < pen.px(60.0) || plot.bottom - plot.top < pen.px(40.0) {
        return Ok(());
    }
    let Theme { ink, muted, line, training, .. } = *theme;
    let height = f64::from(plot.bottom - plot.top);
    let most = f64::from(largest).max(f64::MIN_POSITIVE);
    let y = |value: f64| plot.bottom - (height * (value / most).clamp(0.0, 1.0)).round() as i32;
    let title = Words { bold: true, ..Words::new(TITLE, muted, HPos::Left) };
    pen.text(&title, (pen.px(EDGE), pen.px(EDGE) + pen.line() / 2))?;
    for (value, text) in &ticks {
        let y = if largest > 0.0 { y(*value) } else { plot.bottom - (height * value) as i32 };
        pen.path(&[(plot.left, y), (plot.right, y)], if *value == 0.0 { ink } else { line }, 1.0)?;
        pen.text(&Words::new(text, muted, HPos::Right), (plot.left - gap, y))?;
    }
    let edge = |i: i32| plot.left + (plot.right - plot.left) * i / n;
    let between = i32::from((plot.right - plot.left) / n > pen.px(3.0)) * pen.px(1.0).max(1);
    for (i, value) in (0..).zip(spectrum.values) {
        let value = if value.is_finite() { f64::from(*value) } else { 0.0 };
        let bar = Rect { left: edge(i), right: edge(i + 1) - between, top: y(value), bottom: plot.bottom };
        if (i as usize) < spectrum.kept {
            pen.fill(bar, training)?;
        } else if bar.top < bar.bottom {
            pen.fill(bar, theme.paper.mix(muted, 0.35))?;
        }
    }
    let row = plot.bottom + pen.line() * 4 / 5;
    pen.text(&Words::new("direction 1", muted, HPos::Left), (plot.left, row))?;
    pen.text(&Words::new(&n.to_string(), muted, HPos::Right), (plot.right, row))?;

    let cut = edge((spectrum.kept as i32).min(n));
    let words = Words { bold: true, ..Words::new(spectrum.label, training, HPos::Left) };
    // Bold is up to a tenth wider.
    let width = pen.measure(spectrum.label)?.0 * 11 / 10;
    let left = (cut + pen.px(6.0)).min(plot.right - width).max(pen.px(EDGE));
    let middle = plot.top - pen.line();
    pen.path(&[(cut, middle - pen.line() / 2), (cut, plot.bottom)], training, 1.5)?;
    pen.label(&words, Rect::beside((left, middle), (width, pen.line())))
}

const TITLE: &str = "singular value";
