//! The key below a heat map: a ramp from 0 to 1 and, where there is one, the hatched tile's meaning.

use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;

use super::heat_map::tile_color;
use super::labels::Rect;
use super::pen::{Pen, Words};
use crate::error::Result;

const WEIGHT: &str = "attention weight";
const MASKED: &str = "comes later, out of sight";

/// Width of the ramp and of the hatched tile, and the space between pieces, in CSS pixels.
const RAMP: f64 = 72.0;
const TILE: f64 = 18.0;
const GAP: f64 = 6.0;

/// The key's size: one line, or two where one is too long.
pub(super) struct Key {
    masked: bool,
    /// Whether both entries stand side by side.
    in_line: bool,
    width: i32,
    pub height: i32,
}

impl Key {
    /// `masked`: whether there are hatched tiles to explain.
    pub fn new<DB: DrawingBackend>(pen: &Pen<DB>, masked: bool) -> Result<Self> {
        let space = pen.px(GAP);
        let text = |words: &str| Ok(pen.measure(words)?.0 + space);
        let ramp = text(WEIGHT)? + text("0")? + pen.px(RAMP) + space + text("1")?;
        let hatch = if masked { pen.px(TILE) + space + text(MASKED)? } else { 0 };
        let (both, canvas) = (ramp + 2 * space + hatch, pen.canvas().right);
        let in_line = both <= canvas;
        let n_lines = if masked && !in_line { 2 } else { 1 };
        let width = if in_line { both } else { ramp.max(hatch) };
        Ok(Self { masked, in_line, width, height: n_lines * pen.line() * 5 / 4 })
    }

    /// Draws the key with its upper edge at `top`; it begins at `left`, or further left where it must.
    pub fn draw<DB: DrawingBackend>(&self, pen: &Pen<DB>, (left, top): (i32, i32)) -> Result<()> {
        let left = left.min(pen.canvas().right - self.width).max(0);
        let line = pen.line() * 5 / 4;
        let end = self.draw_ramp(pen, (left, top + line / 2))?;
        if !self.masked {
            return Ok(());
        }
        let at = if self.in_line {
            (end + 2 * pen.px(GAP), top + line / 2)
        } else {
            (left, top + line + line / 2)
        };
        self.draw_hatch(pen, at)
    }

    /// Returns where the ramp's entry ends.
    fn draw_ramp<DB: DrawingBackend>(&self, pen: &Pen<DB>, (left, middle): (i32, i32)) -> Result<i32> {
        let mut x = word(pen, WEIGHT, (left, middle))?;
        x = word(pen, "0", (x, middle))?;
        let ramp = Rect::beside((x, middle), (pen.px(RAMP), pen.px(10.0)));
        let n_steps = 24;
        for step in 0..n_steps {
            let edge = |step: i32| ramp.left + (ramp.right - ramp.left) * step / n_steps;
            let share = step as f32 / (n_steps - 1) as f32;
            let piece = Rect { left: edge(step), right: edge(step + 1), ..ramp };
            pen.fill(piece, tile_color(pen.theme, share))?;
        }
        word(pen, "1", (ramp.right + pen.px(GAP), middle))
    }

    fn draw_hatch<DB: DrawingBackend>(&self, pen: &Pen<DB>, (left, middle): (i32, i32)) -> Result<()> {
        let tile = Rect::beside((left, middle), (pen.px(TILE), pen.px(12.0)));
        pen.hatch(&[tile], pen.theme.line)?;
        word(pen, MASKED, (tile.right + pen.px(GAP), middle))?;
        Ok(())
    }
}

/// Draws a word and returns where the next may begin.
fn word<DB: DrawingBackend>(pen: &Pen<DB>, text: &str, at: (i32, i32)) -> Result<i32> {
    pen.text(&Words::new(text, pen.theme.muted, HPos::Left), at)?;
    Ok(at.0 + pen.measure(text)?.0 + pen.px(GAP))
}
