//! What every rank came to: panels of dots above the places of a slider, of which one is in hand. Start with [`rank_chart`].

use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;

use super::labels::Rect;
use super::pen::{Area, EDGE, Pen, Words};
use super::theme::Rgb;
use super::ticks::loss_ticks;
use crate::error::Result;

/// Results by place, in panels one above the other.
#[derive(Debug, Clone, Copy)]
pub struct RankChart<'a> {
    /// What stands below each place; the last one is what the others are compared with.
    pub places: &'a [String],
    /// The place in hand.
    pub selected: usize,
    /// From top to bottom.
    pub panels: &'a [Panel<'a>],
}

/// Series with a common axis, which begins at 0.
#[derive(Debug, Clone, Copy)]
pub struct Panel<'a> {
    /// What is shown, with its unit.
    pub title: &'a str,
    /// Where the axis ends; what is beyond sticks to the edge.
    pub max: f32,
    /// Decimals of the value that is written out.
    pub decimals: usize,
    /// Its share of the height.
    pub height: i32,
    /// The first one's dots are full, the second one's hollow.
    pub series: &'a [Series<'a>],
}

/// One value for each place, as far as they are known.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    pub name: &'a str,
    pub values: &'a [Option<f32>],
}

/// Draws the places in hand in color, with their values, and all others in gray; a dashed line carries the last place's
/// value of the first series to all others.
///
/// # Errors
///
/// What the backend reports.
///
/// # Panics
///
/// If a series does not have a value for each place, or there is no place `selected`.
pub fn rank_chart<DB: DrawingBackend>(
    area: &Area<DB>,
    chart: &RankChart,
    theme: &super::Theme,
) -> Result<()> {
    assert!(chart.selected < chart.places.len(), "rank_chart: selected place");
    let pen = Pen::new(area, theme);
    pen.clear()?;
    let Some(grid) = Grid::new(&pen, chart)? else { return Ok(()) };
    grid.draw_places(&pen, chart)?;
    for (panel, place) in chart.panels.iter().zip(&grid.panels) {
        grid.draw_panel(&pen, chart, panel, *place)?;
    }
    Ok(())
}

const AXIS: &str = "rank";

/// Where things are, in pixels.
struct Grid {
    /// Middles of the places.
    x: Vec<i32>,
    /// Half of a place's width.
    half: i32,
    panels: Vec<Rect>,
}

impl Grid {
    /// `None` where there is no room for a figure.
    fn new<DB: DrawingBackend>(pen: &Pen<DB>, chart: &RankChart) -> Result<Option<Self>> {
        let canvas = pen.canvas();
        let gap = pen.px(8.0);
        let (mut widest_tick, mut widest_name) = (0, 0);
        for panel in chart.panels {
            for (_, text) in loss_ticks(f64::from(panel.max), N_TICKS) {
                widest_tick = widest_tick.max(pen.measure(&text)?.0);
            }
            for series in panel.series {
                widest_name = widest_name.max(pen.measure(series.name)?.0);
            }
        }
        let left = pen.px(EDGE) + widest_tick.max(pen.measure(AXIS)?.0) + gap;
        let right = canvas.right - pen.px(EDGE) - widest_name - gap;
        let n = chart.places.len() as i32;
        let top = pen.px(EDGE);
        let bottom = canvas.bottom - pen.line() * 3 / 2;
        if right - left < n * pen.px(8.0) || bottom - top < chart.panels.len() as i32 * pen.line() * 4 {
            return Ok(None);
        }
        let total: i32 = chart.panels.iter().map(|panel| panel.height).sum();
        let mut panels = Vec::new();
        let mut above = 0;
        for panel in chart.panels {
            let edge = |share: i32| top + (bottom - top) * share / total;
            // The title stands above its panel, and a dot on the axis has room below.
            let (from, to) = (edge(above) + pen.line() * 7 / 4, edge(above + panel.height) - pen.px(8.0));
            panels.push(Rect { left, top: from, right, bottom: to });
            above += panel.height;
        }
        let middle = |i: i32| left + (right - left) * (2 * i + 1) / (2 * n);
        Ok(Some(Self { x: (0..n).map(middle).collect(), half: (right - left) / (2 * n), panels }))
    }

    /// The band of the place in hand, and the names of all that have room.
    fn draw_places<DB: DrawingBackend>(&self, pen: &Pen<DB>, chart: &RankChart) -> Result<()> {
        let (Some(first), Some(last)) = (self.panels.first(), self.panels.last()) else { return Ok(()) };
        let x = self.x[chart.selected];
        let band = Rect { left: x - self.half, right: x + self.half, top: first.top, bottom: last.bottom };
        pen.fill(band, pen.theme.paper.mix(pen.theme.training, 0.1))?;
        let row = pen.canvas().bottom - pen.line() * 3 / 4;
        pen.text(&Words::new(AXIS, pen.theme.muted, HPos::Left), (pen.px(EDGE), row))?;
        // The one in hand and the last one are named in any case.
        let mut taken: Vec<(i32, i32)> = Vec::new();
        let n = chart.places.len();
        for i in [chart.selected, n - 1].into_iter().chain(0..n) {
            let half = (pen.measure(&chart.places[i])?.0 + pen.px(4.0)) * 11 / 20;
            let place = (self.x[i] - half, self.x[i] + half);
            if taken.iter().any(|(left, right)| place.0 < *right && *left < place.1) {
                continue;
            }
            taken.push(place);
            let bold = i == chart.selected;
            let color = if bold { pen.theme.training } else { pen.theme.muted };
            let words = Words { bold, ..Words::new(&chart.places[i], color, HPos::Center) };
            pen.text(&words, (self.x[i], row))?;
        }
        Ok(())
    }

    fn draw_panel<DB: DrawingBackend>(
        &self,
        pen: &Pen<DB>,
        chart: &RankChart,
        panel: &Panel,
        place: Rect,
    ) -> Result<()> {
        let theme = pen.theme;
        let title = Words { bold: true, ..Words::new(panel.title, theme.muted, HPos::Left) };
        pen.text(&title, (pen.px(EDGE), place.top - pen.line()))?;
        let y = |value: f32| {
            let share = (value / panel.max).clamp(0.0, 1.0);
            place.bottom - ((place.bottom - place.top) as f32 * share).round() as i32
        };
        let n_ticks = ((place.bottom - place.top) / (pen.line() * 3 / 2)).clamp(2, N_TICKS as i32) as usize;
        for (tick, text) in loss_ticks(f64::from(panel.max), n_ticks) {
            let y = y(tick as f32);
            let color = if tick == 0.0 { theme.ink } else { theme.line };
            pen.path(&[(place.left, y), (place.right, y)], color, 1.0)?;
            pen.text(&Words::new(&text, theme.muted, HPos::Right), (place.left - pen.px(8.0), y))?;
        }
        let mut names = Vec::new();
        let mut values: Vec<Rect> = Vec::new();
        for (i, series) in panel.series.iter().enumerate() {
            assert_eq!(series.values.len(), chart.places.len(), "rank_chart: values and places");
            let point = |place: usize| series.values[place].map(|value| (self.x[place], y(value)));
            let last = chart.places.len() - 1;
            if let (0, Some((_, level))) = (i, point(last)) {
                pen.dashes(level, (place.left, place.right), theme.floor, 1.0)?;
            }
            // Neighbors are connected; full fine-tuning is no rank, and stands alone.
            for pair in (0..last).map(point).collect::<Vec<_>>().windows(2) {
                if let [Some(from), Some(to)] = pair {
                    pen.path(&[*from, *to], theme.line.mix(theme.muted, 0.5), 1.0)?;
                }
            }
            for at in (0..=last).filter(|at| *at != chart.selected) {
                if let Some(at) = point(at) {
                    dot(pen, at, 3.5, theme.floor, i > 0)?;
                }
            }
            if let Some(at) = point(chart.selected) {
                dot(pen, at, 5.5, theme.training, i > 0)?;
                let value = series.values[chart.selected].unwrap_or(0.0);
                let text = crate::json::fixed(value.into(), panel.decimals);
                let size = pen.measure(&text)?;
                let label = self.beside(pen, at, size, place, &values);
                values.push(label);
                pen.label(&Words { bold: true, ..Words::new(&text, theme.training, HPos::Left) }, label)?;
            }
            if let Some((_, y)) = (0..=last).rev().find_map(point) {
                names.push((y, series.name));
            }
        }
        self.draw_names(pen, names, place)
    }

    /// Where a value fits: to the right of its dot, or to the left, above or below one that stands there.
    fn beside<DB: DrawingBackend>(
        &self,
        pen: &Pen<DB>,
        (x, y): (i32, i32),
        (width, height): (i32, i32),
        place: Rect,
        taken: &[Rect],
    ) -> Rect {
        let off = pen.px(9.0);
        // Bold is up to a tenth wider.
        let size = (width * 11 / 10, height);
        let left = if x + off + size.0 <= place.right { x + off } else { x - off - size.0 };
        let at = Rect::beside((left, y), size);
        let candidates = [at, at.moved(0, height), at.moved(0, -height), at.moved(0, 2 * height)];
        let inside = |r: &Rect| r.bottom <= place.bottom + height / 2 && r.top >= place.top - height / 2;
        let free = |r: &&Rect| inside(r) && !taken.iter().any(|t| t.overlaps(**r));
        *candidates.iter().find(free).unwrap_or(&candidates[0])
    }

    /// Each series by its name, at the right, at the height at which it ends.
    fn draw_names<DB: DrawingBackend>(
        &self,
        pen: &Pen<DB>,
        mut names: Vec<(i32, &str)>,
        place: Rect,
    ) -> Result<()> {
        if let [(first, _), (second, _)] = &mut names[..] {
            let overlap = (pen.line() - (*first - *second).abs()).max(0);
            let down = if *first <= *second { 1 } else { -1 };
            *first -= down * (overlap / 2);
            *second += down * (overlap - overlap / 2);
            let over = (*first.max(second) - place.bottom).max(0);
            *first -= over;
            *second -= over;
        }
        for (y, name) in names {
            pen.text(&Words::new(name, pen.theme.muted, HPos::Left), (place.right + pen.px(8.0), y))?;
        }
        Ok(())
    }
}

const N_TICKS: usize = 5;

/// A dot with a rim of paper, full or hollow.
fn dot<DB: DrawingBackend>(
    pen: &Pen<DB>,
    at: (i32, i32),
    css_radius: f64,
    color: Rgb,
    hollow: bool,
) -> Result<()> {
    pen.dot(at, css_radius + 1.0, pen.theme.paper)?;
    pen.dot(at, css_radius, color)?;
    if hollow { pen.dot(at, css_radius - 1.5, pen.theme.paper) } else { Ok(()) }
}
