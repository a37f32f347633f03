//! What methods get right against how many numbers each trains. Start with [`pareto`].

use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;

use super::labels::{Obstacles, Rect, first_free};
use super::pen::{Area, EDGE, Pen, Words};
use super::theme::Rgb;
use crate::error::Result;

/// Methods, in any order.
#[derive(Debug, Clone, Copy)]
pub struct Pareto<'a> {
    pub methods: &'a [Priced<'a>],
    /// The one in hand.
    pub selected: Option<usize>,
    /// What dots and rings are.
    pub names: [&'a str; 2],
}

/// A method with its price.
#[derive(Debug, Clone, Copy)]
pub struct Priced<'a> {
    pub name: &'a str,
    /// Numbers that it trains.
    pub trained: usize,
    /// Per cents of right answers, as far as they are known: a dot and a ring.
    pub scores: [Option<f32>; 2],
}

const X: &str = "numbers trained, in powers of ten";
const Y: &str = "right answers, %";
const Y_TICKS: [(f32, &str); 3] = [(0.0, "0"), (50.0, "50"), (100.0, "100")];
/// Powers of ten, and how they are written.
const POWERS: [&str; 7] = ["1", "10", "100", "1,000", "10,000", "100,000", "1 million"];

/// Draws each method where its price is, with its name; a line joins the dots that no cheaper method reaches, and the one
/// in hand is in color.
///
/// An area without room stays empty.
///
/// # Errors
///
/// What the backend reports.
pub fn pareto<DB: DrawingBackend>(area: &Area<DB>, chart: &Pareto, theme: &super::Theme) -> Result<()> {
    let pen = Pen::new(area, theme);
    pen.clear()?;
    let canvas = pen.canvas();
    let gap = pen.px(8.0);
    let left = pen.px(EDGE) + pen.measure("100")?.0 + gap;
    let bottom = canvas.bottom - pen.line() * 3;
    // Above 100 there is room for names.
    let place = Rect { left, top: pen.line() * 9 / 2, right: canvas.right - pen.px(30.0), bottom };
    if place.right - place.left < pen.px(140.0) || place.bottom - place.top < pen.px(80.0) {
        return Ok(());
    }
    let power = |n: usize| libm::log10(n.max(1) as f64);
    let all = || chart.methods.iter().map(|method| power(method.trained));
    // Some room on both sides.
    let low = all().fold(6.0, f64::min) - 0.2;
    let high = all().fold(low + 1.0, f64::max) + 0.2;
    let x = |at: f64| {
        place.left + (f64::from(place.right - place.left) * (at - low) / (high - low)).round() as i32
    };
    let y = |right: f32| place.bottom - ((place.bottom - place.top) as f32 * right / 100.0).round() as i32;
    let title = |text, at| pen.text(&Words { bold: true, ..Words::new(text, theme.muted, HPos::Left) }, at);
    title(Y, (pen.px(EDGE), pen.line() * 3 / 4))?;
    title(X, (pen.px(EDGE), canvas.bottom - pen.line() * 3 / 4))?;
    let mut key = pen.px(EDGE) + pen.px(7.0);
    for (i, name) in chart.names.into_iter().enumerate() {
        let row = pen.line() * 2;
        mark(&pen, (key, row), theme.muted, i == 1)?;
        pen.text(&Words::new(name, theme.muted, HPos::Left), (key + gap + pen.px(3.0), row))?;
        key += pen.measure(name)?.0 + 5 * gap;
    }
    for (tick, text) in Y_TICKS {
        let color = if tick == 0.0 { theme.ink } else { theme.line };
        pen.path(&[(place.left, y(tick)), (place.right, y(tick))], color, 1.0)?;
        pen.text(&Words::new(text, theme.muted, HPos::Right), (place.left - gap, y(tick)))?;
    }
    for (i, text) in POWERS.into_iter().enumerate() {
        let at = i as f64;
        if (low..=high).contains(&at) {
            pen.path(&[(x(at), place.top), (x(at), place.bottom)], theme.line, 1.0)?;
            pen.text(&Words::new(text, theme.muted, HPos::Center), (x(at), place.bottom + pen.line()))?;
        }
    }

    let dot = |i: usize, kind: usize| {
        let method = &chart.methods[i];
        Some((x(power(method.trained)), y(method.scores[kind]?)))
    };
    let mut frontier: Vec<(i32, i32)> = Vec::new();
    let mut price = 0;
    // From the cheapest on, whatever is better than all before.
    while let Some(next) = chart.methods.iter().map(|m| m.trained).filter(|n| *n > price).min() {
        let of_price = (0..chart.methods.len()).filter(|i| chart.methods[*i].trained == next);
        let best = of_price.filter_map(|i| dot(i, 0)).min_by_key(|(_, y)| *y);
        frontier.extend(best.filter(|(_, y)| frontier.last().is_none_or(|(_, before)| y < before)));
        price = next;
    }
    pen.path(&frontier, theme.paper.mix(theme.floor, 0.6), 1.0)?;
    let others = (0..chart.methods.len()).filter(|i| Some(*i) != chart.selected);
    // The one in hand is drawn last, above all others.
    let order: Vec<usize> = others.chain(chart.selected).collect();
    let mut taken = Vec::new();
    // Rings first: where a method has both in one place, its dot is inside of its ring.
    for kind in [1, 0] {
        for i in &order {
            if let Some(at) = dot(*i, kind) {
                mark(&pen, at, color(theme, chart, *i), kind == 1)?;
                let r = pen.px(7.0);
                taken.push(Rect { left: at.0 - r, top: at.1 - r, right: at.0 + r, bottom: at.1 + r });
            }
        }
    }
    for i in order.into_iter().rev() {
        let Some(at) = dot(i, 0).or_else(|| dot(i, 1)) else { continue };
        let name = chart.methods[i].name;
        let words = Words { bold: true, ..Words::new(name, color(theme, chart, i), HPos::Left) };
        let (width, height) = pen.measure(name)?;
        // Bold is up to a tenth wider.
        let size = (width * 11 / 10 + 1, height);
        let off = pen.px(11.0);
        let beside = [
            Rect::beside((at.0 + off, at.1), size),
            Rect::beside((at.0 - off - size.0, at.1), size),
            Rect::beside((at.0 - size.0 / 2, at.1), size),
        ];
        let mut candidates = beside[..2].to_vec();
        for n in 1..=4 {
            let away = n * (height / 2 + pen.px(6.0));
            for dy in [-away, away] {
                candidates.extend(beside.map(|rect| rect.moved(0, dy)));
            }
        }
        // Between the key and the axis.
        let room = Rect { top: pen.line() * 5 / 2 + pen.px(2.0), bottom: place.bottom, ..canvas };
        candidates.retain(|rect| rect.within(room));
        if candidates.is_empty() {
            continue;
        }
        let obstacles = Obstacles { canvas, taken: &taken, lines: &[&frontier] };
        let found = candidates[first_free(&candidates, &obstacles)];
        taken.push(found);
        pen.label(&words, found)?;
    }
    Ok(())
}

fn color(theme: &super::Theme, chart: &Pareto, i: usize) -> Rgb {
    if chart.selected == Some(i) { theme.training } else { theme.floor }
}

/// A ring, or a dot that fits into it.
fn mark<DB: DrawingBackend>(pen: &Pen<DB>, at: (i32, i32), color: Rgb, is_ring: bool) -> Result<()> {
    if !is_ring {
        return pen.dot(at, 4.0, color);
    }
    pen.dot(at, 7.5, pen.theme.paper)?;
    pen.dot(at, 6.5, color)?;
    pen.dot(at, 5.0, pen.theme.paper)
}
