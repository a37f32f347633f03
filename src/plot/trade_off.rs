//! What was learned against what was kept: a place for every run that was tried. Start with [`trade_off`].

use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;

use super::labels::Rect;
use super::pen::{Area, EDGE, Pen, Words};
use super::theme::Rgb;
use crate::error::Result;

/// Runs, by number from 1.
#[derive(Debug, Clone, Copy)]
pub struct TradeOff<'a> {
    /// What each came to, as far as it is known.
    pub points: &'a [Option<Tried>],
    /// The one in hand, counted from 0.
    pub selected: usize,
    /// Where all of them began.
    pub start: Tried,
}

/// Per cents of right answers.
#[derive(Debug, Clone, Copy)]
pub struct Tried {
    /// Of old questions.
    pub kept: f32,
    /// Of new ones that were trained.
    pub learned: f32,
    /// Of new ones that were not.
    pub rest: f32,
}

const X: &str = "old questions still right, %";
const Y: &str = "new questions right, %";
const TICKS: [(f32, &str); 3] = [(0.0, "0"), (50.0, "50"), (100.0, "100")];

/// Draws each run as a full dot, with its number, above a hollow one for what was not trained; the one in hand in color,
/// and an arrow's shaft from where it began.
///
/// # Errors
///
/// What the backend reports.
pub fn trade_off<DB: DrawingBackend>(area: &Area<DB>, chart: &TradeOff, theme: &super::Theme) -> Result<()> {
    let pen = Pen::new(area, theme);
    pen.clear()?;
    let canvas = pen.canvas();
    let gap = pen.px(8.0);
    let left = pen.px(EDGE) + pen.measure("100")?.0 + gap + pen.px(6.0);
    let bottom = canvas.bottom - pen.line() * 7 / 2;
    // Beyond the last tick there is room for numbers.
    let place = Rect { left, top: pen.line() * 3, right: canvas.right - pen.px(30.0), bottom };
    if place.right - place.left < pen.px(120.0) || place.bottom - place.top < pen.px(80.0) {
        return Ok(());
    }
    let x = |kept: f32| place.left + ((place.right - place.left) as f32 * kept / 100.0).round() as i32;
    let y = |right: f32| place.bottom - ((place.bottom - place.top) as f32 * right / 100.0).round() as i32;
    let title = |text, at| {
        let words = Words { bold: true, ..Words::new(text, theme.muted, HPos::Left) };
        pen.text(&words, at)
    };
    title(Y, (pen.px(EDGE), pen.line() * 3 / 4))?;
    title(X, (place.left, canvas.bottom - pen.line() * 3 / 4))?;
    for (tick, text) in TICKS {
        let color = if tick == 0.0 { theme.ink } else { theme.line };
        pen.path(&[(place.left, y(tick)), (place.right, y(tick))], color, 1.0)?;
        pen.path(&[(x(tick), place.top), (x(tick), place.bottom)], color, 1.0)?;
        pen.text(&Words::new(text, theme.muted, HPos::Right), (place.left - gap - pen.px(6.0), y(tick)))?;
        let below = place.bottom + gap + pen.line() / 2;
        pen.text(&Words::new(text, theme.muted, HPos::Center), (x(tick), below))?;
    }

    let mut taken = Vec::new();
    let in_hand = chart.points.get(chart.selected).copied().flatten();
    if let Some(tried) = in_hand {
        let color = theme.paper.mix(theme.training, 0.5);
        pen.path(
            &[(x(chart.start.kept), y(chart.start.learned)), (x(tried.kept), y(tried.learned))],
            color,
            1.0,
        )?;
    }
    let start = (x(chart.start.kept), y(chart.start.learned));
    mark(&pen, start, theme.ink, true)?;
    taken.push(around(&pen, start));
    let mut dots = Vec::new();
    let selected = in_hand.map(|tried| (chart.selected, tried));
    let others = chart.points.iter().enumerate().filter(|(i, _)| *i != chart.selected);
    // The one in hand is drawn last, above all others, and finds room for its number first.
    for (i, tried) in others.filter_map(|(i, tried)| Some((i, (*tried)?))).chain(selected) {
        let color = if i == chart.selected { theme.training } else { theme.floor };
        let (full, hollow) = ((x(tried.kept), y(tried.learned)), (x(tried.kept), y(tried.rest)));
        pen.path(&[full, hollow], color, 1.0)?;
        mark(&pen, hollow, color, true)?;
        mark(&pen, full, color, false)?;
        taken.extend([full, hollow].map(|at| around(&pen, at)));
        dots.push((i, full));
    }
    let words = Words::new("before", theme.ink, HPos::Left);
    // Above the axis, which would strike it through.
    number(&pen, &words, (start.0, start.1 - pen.line()), canvas, &mut taken)?;
    for (i, full) in dots.into_iter().rev() {
        let is_selected = i == chart.selected;
        let color = if is_selected { theme.training } else { theme.muted };
        let text = (i + 1).to_string();
        number(
            &pen,
            &Words { bold: is_selected, ..Words::new(&text, color, HPos::Left) },
            full,
            canvas,
            &mut taken,
        )?;
    }
    Ok(())
}

/// Pixels that a dot covers.
fn around<DB: DrawingBackend>(pen: &Pen<DB>, (x, y): (i32, i32)) -> Rect {
    let r = pen.px(4.0);
    Rect { left: x - r, top: y - r, right: x + r, bottom: y + r }
}

/// Words beside a dot, above or below it, or further up the right; nothing where all of that is taken.
fn number<DB: DrawingBackend>(
    pen: &Pen<DB>,
    words: &Words,
    (x, y): (i32, i32),
    canvas: Rect,
    taken: &mut Vec<Rect>,
) -> Result<()> {
    let (width, height) = pen.measure(words.text)?;
    // Bold is up to a tenth wider.
    let size = (width * 11 / 10 + 1, height);
    let off = pen.px(8.0);
    let beside = Rect::beside((x + off, y), size);
    let before = Rect::beside((x - off - size.0, y), size);
    let middle = Rect::beside((x - size.0 / 2, y), size);
    let mut candidates = vec![beside, before];
    for n in 1..=4 {
        let up = n * (height / 2 + pen.px(3.0));
        for dy in [-up, up] {
            candidates.extend([beside, before, middle].map(|rect| rect.moved(0, dy)));
        }
    }
    let is_free = |rect: &&Rect| rect.within(canvas) && !taken.iter().any(|other| rect.overlaps(*other));
    if let Some(place) = candidates.iter().find(is_free).copied() {
        taken.push(place);
        pen.text(words, (place.left, place.middle()))?;
    }
    Ok(())
}

/// A dot with a rim of paper, full or hollow.
fn mark<DB: DrawingBackend>(pen: &Pen<DB>, at: (i32, i32), color: Rgb, hollow: bool) -> Result<()> {
    pen.dot(at, 5.5, pen.theme.paper)?;
    pen.dot(at, 4.5, color)?;
    if hollow { pen.dot(at, 3.0, pen.theme.paper) } else { Ok(()) }
}
