//! Who looks at whom: a matrix of shares as tiles. Start with [`heat_map`].

use ndarray::ArrayView2;
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;

use super::heat_key::Key;
use super::labels::Rect;
use super::pen::{Area, EDGE, Pen, Words};
use super::theme::{Rgb, Theme};
use crate::error::Result;

/// Attention of one head, or any other matrix of shares.
#[derive(Debug, Clone, Copy)]
pub struct HeatMap<'a> {
    /// The querying token of each row, T of them.
    pub rows: &'a [String],
    /// The key token of each column, S of them.
    pub columns: &'a [String],
    /// Shares from 0 to 1, shape (T, S). What is not finite counts as 0.
    pub values: ArrayView2<'a, f32>,
    /// Whether a row may look no further than its own column: the rest is hatched, not shown as 0.
    pub causal: bool,
    /// The row that is framed, and whose shares are written out where they fit.
    pub selected: Option<usize>,
}

/// Draws the matrix with one tile per pair, darker (lighter on a dark page) for a larger share.
///
/// Tokens that do not fit are shortened, turned upright above the columns, and where tiles are smaller than
/// letters only every second, third … is named. An area too small for a figure stays empty.
///
/// # Errors
///
/// What the backend reports.
///
/// # Panics
///
/// If `values` does not have a row for each of `rows` and a column for each of `columns`, or if there is no
/// row `selected`.
pub fn heat_map<DB: DrawingBackend>(area: &Area<DB>, map: &HeatMap, theme: &Theme) -> Result<()> {
    assert_eq!(map.values.dim(), (map.rows.len(), map.columns.len()), "heat_map: values and labels");
    assert!(map.selected.is_none_or(|row| row < map.rows.len()), "heat_map: selected row");
    let pen = Pen::new(area, theme);
    pen.clear()?;
    if map.values.is_empty() {
        return Ok(());
    }
    let Some(grid) = Grid::new(&pen, map)? else { return Ok(()) };
    grid.draw_tiles(&pen, map)?;
    grid.draw_row_names(&pen, map)?;
    grid.draw_column_names(&pen)?;
    grid.draw_selection(&pen, map)?;
    grid.draw_key(&pen, map)
}

/// A value as a share from 0 to 1.
fn share(value: f32) -> f32 {
    if value.is_finite() { value.clamp(0.0, 1.0) } else { 0.0 }
}

/// The color of a share: its square root of the way from paper to color, so that the small shares of a long
/// context differ too. Even 0 is told from the paper, so that a tile is not taken for a gap.
pub(super) fn tile_color(theme: &Theme, share: f32) -> Rgb {
    theme.paper.mix(theme.base, 0.06 + 0.94 * f64::from(share.sqrt()))
}

const QUERY: &str = "from ↓";
const KEY: &str = "looks at →";

/// Where things are, in pixels.
struct Grid {
    /// Left edges of the columns and the right edge of the last; the same for rows.
    x: Vec<i32>,
    y: Vec<i32>,
    row_names: Vec<String>,
    column_names: Vec<String>,
    upright: bool,
    key: Key,
}

impl Grid {
    /// `None` where there is no room for a figure.
    fn new<DB: DrawingBackend>(pen: &Pen<DB>, map: &HeatMap) -> Result<Option<Self>> {
        let canvas = pen.canvas();
        let gap = pen.px(6.0);
        let longest = (canvas.right / 4).min(pen.px(120.0));
        let (row_names, widest_row) = names(pen, map.rows, longest)?;
        let (column_names, widest_column) = names(pen, map.columns, (canvas.bottom / 4).min(longest))?;
        let key = Key::new(pen, map.causal)?;

        // Bold is up to a tenth wider.
        let widest_row = if map.selected.is_some() { widest_row * 11 / 10 } else { widest_row };
        let left = pen.px(EDGE) + widest_row.max(pen.measure(QUERY)?.0) + gap;
        let (n_rows, n_columns) = (map.rows.len() as i32, map.columns.len() as i32);
        let width = (canvas.right - pen.px(EDGE) - left).min(n_columns * pen.px(72.0));
        let upright = width / n_columns < widest_column + gap;
        let names_height = if upright { widest_column.max(pen.line()) } else { pen.line() };
        let top = pen.px(EDGE) + pen.line() * 5 / 4 + names_height + gap;
        let height = (canvas.bottom - key.height - pen.px(KEY_GAP) - top).min(n_rows * pen.px(40.0));
        if width < n_columns || height < n_rows || width < pen.px(60.0) || height < pen.px(40.0) {
            return Ok(None);
        }
        // A tile is at most twice as wide as high and never higher than wide, or rows and columns would not
        // look like the same tokens.
        let width = width.min(n_columns * 2 * height / n_rows);
        let height = height.min(n_rows * width / n_columns).max(n_rows);
        Ok(Some(Self {
            x: edges(left, width, map.columns.len()),
            y: edges(top, height, map.rows.len()),
            row_names,
            column_names,
            upright,
            key,
        }))
    }

    fn tile(&self, row: usize, column: usize) -> Rect {
        Rect { left: self.x[column], right: self.x[column + 1], top: self.y[row], bottom: self.y[row + 1] }
    }

    fn draw_tiles<DB: DrawingBackend>(&self, pen: &Pen<DB>, map: &HeatMap) -> Result<()> {
        for ((row, column), &value) in map.values.indexed_iter() {
            let tile = self.tile(row, column);
            if !(map.causal && column > row) {
                pen.fill(with_gap(pen, tile), tile_color(pen.theme, share(value)))?;
            }
        }
        if map.causal {
            let (n_rows, n_columns) = map.values.dim();
            let later = |row: usize| Rect { right: self.x[n_columns], ..self.tile(row, row + 1) };
            let strips: Vec<Rect> = (0..n_rows.min(n_columns - 1)).map(later).collect();
            pen.hatch(&strips, pen.theme.line)?;
        }
        Ok(())
    }

    fn draw_row_names<DB: DrawingBackend>(&self, pen: &Pen<DB>, map: &HeatMap) -> Result<()> {
        let Theme { ink, muted, .. } = *pen.theme;
        let x = self.x[0] - pen.px(6.0);
        for row in named(&self.y, pen.line(), map.selected) {
            let selected = map.selected == Some(row);
            let name = &self.row_names[row];
            let words =
                Words { bold: selected, ..Words::new(name, if selected { ink } else { muted }, HPos::Right) };
            pen.text(&words, (x, self.tile(row, 0).middle()))?;
        }
        let above = self.y[0] - pen.px(6.0) - pen.line() / 2;
        pen.text(&Words { bold: true, ..Words::new(QUERY, muted, HPos::Right) }, (x, above))
    }

    fn draw_column_names<DB: DrawingBackend>(&self, pen: &Pen<DB>) -> Result<()> {
        let muted = pen.theme.muted;
        let bottom = self.y[0] - pen.px(6.0);
        for column in named(&self.x, if self.upright { pen.line() } else { 1 }, None) {
            let middle = (self.x[column] + self.x[column + 1]) / 2;
            let name = &self.column_names[column];
            if self.upright {
                pen.text(&Words { upright: true, ..Words::new(name, muted, HPos::Left) }, (middle, bottom))?;
            } else {
                let at = (middle, bottom - pen.line() / 2);
                pen.text(&Words::new(name, muted, HPos::Center), at)?;
            }
        }
        let words = Words { bold: true, ..Words::new(KEY, muted, HPos::Left) };
        pen.text(&words, (self.x[0], pen.px(EDGE) + pen.line() / 2))
    }

    fn draw_selection<DB: DrawingBackend>(&self, pen: &Pen<DB>, map: &HeatMap) -> Result<()> {
        let Some(row) = map.selected else { return Ok(()) };
        let n_seen = if map.causal { (row + 1).min(map.columns.len()) } else { map.columns.len() };
        for column in 0..n_seen {
            let tile = self.tile(row, column);
            let share = share(map.values[[row, column]]);
            let text = format!("{share:.2}");
            let (width, height) = pen.measure(&text)?;
            if width + pen.px(4.0) <= tile.right - tile.left && height <= tile.bottom - tile.top {
                let Theme { ink, paper, .. } = *pen.theme;
                let words =
                    Words::new(&text, readable_on(tile_color(pen.theme, share), ink, paper), HPos::Center);
                pen.text(&words, ((tile.left + tile.right) / 2, tile.middle()))?;
            }
        }
        let (left, right) = (self.x[0], self.x[n_seen]);
        let (top, bottom) = (self.y[row], self.y[row + 1]);
        let frame = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        pen.path(&frame, pen.theme.ink, 2.0)
    }

    fn draw_key<DB: DrawingBackend>(&self, pen: &Pen<DB>, map: &HeatMap) -> Result<()> {
        self.key.draw(pen, (self.x[0], self.y[map.rows.len()] + pen.px(KEY_GAP)))
    }
}

/// Between the matrix and its key, in CSS pixels.
const KEY_GAP: f64 = 10.0;

/// A little paper around a tile that is large enough.
fn with_gap<DB: DrawingBackend>(pen: &Pen<DB>, tile: Rect) -> Rect {
    let smaller = (tile.right - tile.left).min(tile.bottom - tile.top);
    let gap = if smaller >= pen.px(6.0) { pen.px(1.0).max(1) } else { 0 };
    Rect { right: tile.right - gap, bottom: tile.bottom - gap, ..tile }
}

/// `n + 1` whole pixels that cut `width` into `n` parts as equal as can be.
fn edges(start: i32, width: i32, n: usize) -> Vec<i32> {
    (0..=n as i32).map(|i| start + width * i / n as i32).collect()
}

/// The tokens as they are shown, none wider than `longest`, and the width of the widest.
fn names<DB: DrawingBackend>(pen: &Pen<DB>, tokens: &[String], longest: i32) -> Result<(Vec<String>, i32)> {
    let mut widest = 0;
    let mut names = Vec::new();
    for token in tokens {
        let mut name = visible(token);
        if pen.measure(&name)?.0 > longest {
            while name.pop().is_some() && pen.measure(&format!("{name}…"))?.0 > longest {}
            name.push('…');
        }
        widest = widest.max(pen.measure(&name)?.0);
        names.push(name);
    }
    Ok((names, widest))
}

/// A token without the space around it; space alone is shown by signs.
fn visible(token: &str) -> String {
    let trimmed = token.trim();
    if !trimmed.is_empty() {
        return trimmed.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    }
    token.chars().map(|c| if c == '\n' { '↵' } else { '␣' }).collect()
}

/// The tiles that are named so that names stay `room` apart: every k-th one, and always the selected.
fn named(edges: &[i32], room: i32, selected: Option<usize>) -> Vec<usize> {
    let n = edges.len() - 1;
    let size = (edges[n] - edges[0]) / n as i32;
    let stride = (room + size - 1) / size.max(1);
    let far =
        |i: &usize| selected.is_none_or(|s| *i == s || (edges[*i] - edges[s]).abs() >= room || stride <= 1);
    (0..n).filter(|i| i % stride.max(1) as usize == 0 || Some(*i) == selected).filter(far).collect()
}

/// Of two text colors the one with more contrast.
fn readable_on(background: Rgb, a: Rgb, b: Rgb) -> Rgb {
    let contrast = |text: Rgb| {
        let (x, y) = (text.luminance() + 0.05, background.luminance() + 0.05);
        if x > y { x / y } else { y / x }
    };
    if contrast(a) >= contrast(b) { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_small_tiles_keep_their_distance() {
        let edges = edges(0, 40, 10);
        assert_eq!(named(&edges, 4, None).len(), 10);
        assert_eq!(named(&edges, 12, None), [0, 3, 6, 9]);
        assert_eq!(named(&edges, 12, Some(4)), [0, 4, 9]);
    }

    #[test]
    fn every_token_is_visible() {
        assert_eq!([" Paris", " ", "\n", "a\u{0}"].map(visible), ["Paris", "␣", "↵", "a\u{fffd}"]);
    }

    #[test]
    fn text_stands_out_from_every_tile() {
        let (ink, paper) = (Rgb(29, 27, 24), Rgb(253, 252, 248));
        assert_eq!(readable_on(Rgb(0, 99, 155), ink, paper), paper);
        assert_eq!(readable_on(Rgb(223, 237, 246), ink, paper), ink);
    }
}
