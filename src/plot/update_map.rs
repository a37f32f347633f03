//! W + B·A, drawn to scale: a frozen matrix, and beside it the update with the thin matrices that it is the product of.
//! Start with [`update_map`].

use ndarray::ArrayView2;
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;

use super::labels::Rect;
use super::pen::{Area, EDGE, Pen, Words};
use super::theme::{Rgb, Theme};
use crate::error::Result;

/// A matrix as cells.
#[derive(Debug, Clone, Copy)]
pub struct Cells<'a> {
    /// Rows and columns of the matrix that the cells stand for; 0 if there is none.
    pub size: (usize, usize),
    /// From −1 to 1. What is not finite counts as 0.
    pub values: ArrayView2<'a, f32>,
}

/// A weight and its update; rows are outputs.
#[derive(Debug, Clone, Copy)]
pub struct UpdateMap<'a> {
    /// What does not change.
    pub weight: Cells<'a>,
    /// What is added.
    pub update: Cells<'a>,
    /// (outputs, r), or nothing.
    pub b: Cells<'a>,
    /// (r, inputs), or nothing.
    pub a: Cells<'a>,
}

/// Draws W in gray at the left; at the right B, above it A, and their product in the corner between them, raised numbers in
/// color and lowered ones in ink. All are on one scale, in which there is room for a full rank.
///
/// # Errors
///
/// What the backend reports.
pub fn update_map<DB: DrawingBackend>(area: &Area<DB>, map: &UpdateMap, theme: &Theme) -> Result<()> {
    let pen = Pen::new(area, theme);
    pen.clear()?;
    let Some(places) = Places::new(&pen, map)? else { return Ok(()) };
    let Theme { paper, ink, training, muted, .. } = *theme;
    let gray = |x: f64| paper.mix(muted, 0.45 + 0.45 * x);
    let signed = |x: f64| paper.mix(if x < 0.0 { ink } else { training }, x.abs());
    draw_cells(&pen, places.weight, &map.weight, &gray)?;
    if map.a.size.0 > 0 {
        // How wide both would be if they held as much as W.
        places.full.iter().try_for_each(|place| frame(&pen, *place))?;
    }
    for (place, cells) in [(places.update, &map.update), (places.b, &map.b), (places.a, &map.a)] {
        draw_cells(&pen, place, cells, &signed)?;
        if cells.size.0 > 0 {
            frame(&pen, place)?;
        }
    }
    places.draw_names(&pen, map)?;
    places.draw_key(&pen, &signed)
}

const LOWERED: &str = "lowered";
const RAISED: &str = "raised";
/// Steps of the key's ramp.
const N_RAMP: i32 = 16;

/// Where the matrices are, in pixels.
struct Places {
    weight: Rect,
    update: Rect,
    b: Rect,
    a: Rect,
    /// B and A of full rank.
    full: [Rect; 2],
    plus: (i32, i32),
}

impl Places {
    /// `None` where there is no room for a figure.
    fn new<DB: DrawingBackend>(pen: &Pen<DB>, map: &UpdateMap) -> Result<Option<Self>> {
        let canvas = pen.canvas();
        let (rows, cols) = (map.weight.size.0 as i32, map.weight.size.1 as i32);
        let gap = pen.px(6.0);
        let plus = 3 * gap + pen.measure("+")?.0;
        let full = rows.min(cols);
        let (top, bottom) = (pen.px(EDGE) + 2 * pen.line(), canvas.bottom - pen.line() * 3);
        let width = canvas.right - 2 * pen.px(EDGE) - plus - gap;
        let height = bottom - top - gap;
        if rows == 0 || cols == 0 || width < pen.px(80.0) || height < pen.px(60.0) {
            return Ok(None);
        }
        // Pixels of a row or column, as a fraction: the smaller of the two that would fill the canvas.
        let (n_wide, n_high) = (2 * cols + full, rows + full);
        let (n, d) = if width * n_high < height * n_wide { (width, n_wide) } else { (height, n_high) };
        let length = |entries: i32| (entries * n / d).max(pen.px(2.0));
        let used = length(2 * cols + full) + plus + gap;
        let left = pen.px(EDGE) + (canvas.right - 2 * pen.px(EDGE) - used) / 2;
        let (h, w) = (length(rows), length(cols));
        let spare = bottom - top - length(full) - gap - h;
        let y = top + spare / 2 + length(full) + gap;
        let x = left + w + plus + length(full) + gap;
        let thin = |size: usize| if size == 0 { 0 } else { length(size as i32) };
        let b = |width: i32| Rect { left: x - gap - width, top: y, right: x - gap, bottom: y + h };
        let a = |height: i32| Rect { left: x, top: y - gap - height, right: x + w, bottom: y - gap };
        Ok(Some(Self {
            weight: Rect { left, top: y, right: left + w, bottom: y + h },
            update: Rect { left: x, top: y, right: x + w, bottom: y + h },
            b: b(thin(map.b.size.1)),
            a: a(thin(map.a.size.0)),
            full: [b(length(full)), a(length(full))],
            plus: (left + w + plus / 2, y + h / 2),
        }))
    }

    fn draw_names<DB: DrawingBackend>(&self, pen: &Pen<DB>, map: &UpdateMap) -> Result<()> {
        let Theme { ink, muted, training, .. } = *pen.theme;
        let bold = |text, color, align| Words { bold: true, ..Words::new(text, color, align) };
        pen.text(&bold("+", ink, HPos::Center), self.plus)?;
        let middle = |place: Rect| (place.left + place.right) / 2;
        let below = self.weight.bottom + pen.line() * 3 / 4;
        pen.text(
            &bold("W", muted, HPos::Center),
            (middle(self.weight), self.weight.top - pen.line() * 3 / 4),
        )?;
        let size = |(rows, cols): (usize, usize)| format!("{rows} × {cols}");
        pen.text(&Words::new(&size(map.weight.size), muted, HPos::Center), (middle(self.weight), below))?;
        if map.a.size.0 > 0 {
            let [full_b, full_a] = self.full;
            let above = |place: Rect| (middle(place), place.top - pen.line() * 3 / 4);
            pen.text(&bold("A", training, HPos::Center), above(full_a))?;
            pen.text(&bold("B", training, HPos::Center), above(full_b))?;
            pen.text(&Words::new("B·A", muted, HPos::Center), (middle(self.update), below))?;
        } else {
            pen.text(&Words::new("ΔW", muted, HPos::Center), (middle(self.update), below))?;
        }
        Ok(())
    }

    /// What the colors of the update mean.
    fn draw_key<DB: DrawingBackend>(&self, pen: &Pen<DB>, color: &impl Fn(f64) -> Rgb) -> Result<()> {
        let y = pen.canvas().bottom - pen.line() * 3 / 4;
        let (gap, cell) = (pen.px(6.0), pen.px(5.0));
        let (lowered, raised) = (pen.measure(LOWERED)?.0, pen.measure(RAISED)?.0);
        let width = lowered + raised + 2 * gap + N_RAMP * cell;
        let left = (pen.canvas().right - width) / 2;
        pen.text(&Words::new(LOWERED, pen.theme.muted, HPos::Left), (left, y))?;
        let ramp = left + lowered + gap;
        for i in 0..N_RAMP {
            let value = f64::from(2 * i + 1 - N_RAMP) / f64::from(N_RAMP - 1);
            let (from, to) = (ramp + i * cell, ramp + (i + 1) * cell);
            let place = Rect { left: from, right: to, top: y - pen.px(5.0), bottom: y + pen.px(5.0) };
            pen.fill(place, color(value))?;
        }
        let right = ramp + N_RAMP * cell + gap;
        pen.text(&Words::new(RAISED, pen.theme.muted, HPos::Left), (right, y))
    }
}

fn frame<DB: DrawingBackend>(pen: &Pen<DB>, Rect { left, top, right, bottom }: Rect) -> Result<()> {
    let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
    pen.path(&corners, pen.theme.line, 1.0)
}

fn draw_cells<DB: DrawingBackend>(
    pen: &Pen<DB>,
    place: Rect,
    cells: &Cells,
    color: &impl Fn(f64) -> Rgb,
) -> Result<()> {
    let (n_rows, n_cols) = cells.values.dim();
    let cut = |from: i32, to: i32, i: usize, n: usize| from + (to - from) * i as i32 / n as i32;
    for ((row, col), &value) in cells.values.indexed_iter() {
        let value = if value.is_finite() { f64::from(value.clamp(-1.0, 1.0)) } else { 0.0 };
        let cell = Rect {
            left: cut(place.left, place.right, col, n_cols),
            right: cut(place.left, place.right, col + 1, n_cols),
            top: cut(place.top, place.bottom, row, n_rows),
            bottom: cut(place.top, place.bottom, row + 1, n_rows),
        };
        pen.fill(cell, color(value))?;
    }
    Ok(())
}
