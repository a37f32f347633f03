//! Points in a plane, and lines through them: what one number does to another. Start with [`plane`].

use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;

use super::labels::Rect;
use super::pen::{Area, EDGE, Pen, Words};
use super::theme::{Rgb, Theme};
use crate::error::Result;

/// Series over two axes.
#[derive(Debug, Clone, Copy)]
pub struct Plane<'a> {
    pub x: Axis<'a>,
    pub y: Axis<'a>,
    /// Whether a line shows where both are equal.
    pub has_diagonal: bool,
    /// A dashed line at this height.
    pub level: Option<f32>,
    /// Later ones are drawn over earlier ones.
    pub series: &'a [Points<'a>],
}

/// An axis, from its first tick to its last one.
#[derive(Debug, Clone, Copy)]
pub struct Axis<'a> {
    /// What is shown, with its unit.
    pub title: &'a str,
    /// Values from small to large, and what stands there.
    pub ticks: &'a [(f32, &'a str)],
}

/// Points that belong together. What is beyond an axis sticks to its edge.
#[derive(Debug, Clone, Copy)]
pub struct Points<'a> {
    /// Stands beside the last point; two or three short words.
    pub name: &'a str,
    pub points: &'a [[f32; 2]],
    pub role: Role,
    pub dots: Dots,
    /// Whether neighbors are joined.
    pub is_joined: bool,
}

/// What a series stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The model that is trained.
    Training,
    /// What it is compared with.
    Base,
    /// What stands back.
    Reference,
}

/// How points are marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dots {
    None,
    Full,
    Hollow,
}

impl Axis<'_> {
    /// The share of the way from the first tick to the last one.
    fn share(&self, value: f32) -> f32 {
        let [from, to] = [self.ticks.first(), self.ticks.last()].map(|tick| tick.map_or(0.0, |tick| tick.0));
        if value.is_finite() { ((value - from) / (to - from)).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// Draws the axes, then every series with its name at the right.
///
/// # Errors
///
/// What the backend reports.
pub fn plane<DB: DrawingBackend>(area: &Area<DB>, chart: &Plane, theme: &Theme) -> Result<()> {
    let pen = Pen::new(area, theme);
    pen.clear()?;
    let gap = pen.px(8.0);
    let canvas = pen.canvas();
    let (mut widest_tick, mut widest_name) = (0, 0);
    for (_, text) in chart.y.ticks {
        widest_tick = widest_tick.max(pen.measure(text)?.0);
    }
    for series in chart.series {
        // Bold is up to a tenth wider.
        widest_name = widest_name.max(pen.measure(series.name)?.0 * 11 / 10 + gap);
    }
    let place = Rect {
        left: pen.px(EDGE) + widest_tick + gap,
        top: pen.px(EDGE) + pen.line() * 2,
        right: canvas.right - pen.px(EDGE) - widest_name.max(pen.px(10.0)),
        bottom: canvas.bottom - pen.line() * 3,
    };
    if place.right - place.left < pen.px(60.0) || place.bottom - place.top < pen.px(40.0) {
        return Ok(());
    }
    draw_axes(&pen, chart, place)?;
    let at = |[x, y]: [f32; 2]| {
        let (width, height) = ((place.right - place.left) as f32, (place.bottom - place.top) as f32);
        let x = place.left + (width * chart.x.share(x)).round() as i32;
        (x, place.bottom - (height * chart.y.share(y)).round() as i32)
    };
    if chart.has_diagonal {
        let low = chart.x.ticks.first().zip(chart.y.ticks.first()).map_or(0.0, |(x, y)| x.0.max(y.0));
        let high = chart.x.ticks.last().zip(chart.y.ticks.last()).map_or(0.0, |(x, y)| x.0.min(y.0));
        pen.path(&[at([low, low]), at([high, high])], theme.floor, 1.0)?;
    }
    if let Some(level) = chart.level {
        pen.dashes(at([0.0, level]).1, (place.left, place.right), theme.floor, 1.0)?;
    }
    let mut names = Vec::new();
    for series in chart.series {
        let color = color(theme, series.role);
        let points: Vec<(i32, i32)> = series.points.iter().map(|point| at(*point)).collect();
        if series.is_joined {
            pen.path(&points, color, 2.0)?;
        }
        for at in points.iter().filter(|_| series.dots != Dots::None) {
            pen.dot(*at, 4.5, theme.paper)?;
            pen.dot(*at, 3.5, color)?;
            if series.dots == Dots::Hollow {
                pen.dot(*at, 2.0, theme.paper)?;
            }
        }
        if let Some((_, y)) = points.last() {
            names.push((*y, series.name, color));
        }
    }
    draw_names(&pen, names, place)
}

fn color(theme: &Theme, role: Role) -> Rgb {
    match role {
        Role::Training => theme.training,
        Role::Base => theme.base,
        Role::Reference => theme.floor,
    }
}

fn draw_axes<DB: DrawingBackend>(pen: &Pen<DB>, chart: &Plane, place: Rect) -> Result<()> {
    let Theme { ink, muted, line, .. } = *pen.theme;
    let gap = pen.px(8.0);
    let title = |text| Words { bold: true, ..Words::new(text, muted, HPos::Left) };
    pen.text(&title(chart.y.title), (pen.px(EDGE), pen.px(EDGE) + pen.line() / 2))?;
    pen.text(&title(chart.x.title), (place.left, place.bottom + pen.line() * 9 / 4))?;
    for (value, text) in chart.y.ticks {
        let height = (place.bottom - place.top) as f32;
        let y = place.bottom - (height * chart.y.share(*value)).round() as i32;
        pen.path(&[(place.left, y), (place.right, y)], if *value == 0.0 { ink } else { line }, 1.0)?;
        pen.text(&Words::new(text, muted, HPos::Right), (place.left - gap, y))?;
    }
    let mut free = 0;
    for (value, text) in chart.x.ticks {
        let x = place.left + ((place.right - place.left) as f32 * chart.x.share(*value)).round() as i32;
        let half = pen.measure(text)?.0 * 11 / 20;
        pen.path(&[(x, place.bottom), (x, place.bottom + pen.px(4.0))], line, 1.0)?;
        // What has no room is left out.
        if x - half >= free {
            let row = place.bottom + pen.line();
            pen.text(&Words::new(text, muted, HPos::Center), (x, row))?;
            free = x + half + pen.px(4.0);
        }
    }
    Ok(())
}

/// Each series by its name, at the right, at the height at which it ends, and none over another.
fn draw_names<DB: DrawingBackend>(
    pen: &Pen<DB>,
    mut names: Vec<(i32, &str, Rgb)>,
    place: Rect,
) -> Result<()> {
    let step = pen.line();
    let mut ordered: Vec<(i32, &str, Rgb)> = Vec::new();
    while let Some(next) = (0..names.len()).min_by_key(|i| names[*i].0) {
        let (y, name, color) = names.remove(next);
        let y = ordered.last().map_or(y, |(above, ..)| y.max(above + step));
        ordered.push((y, name, color));
    }
    let over = ordered.last().map_or(0, |(y, ..)| (y - place.bottom).max(0));
    let mut floor = i32::MAX;
    for (y, ..) in ordered.iter_mut().rev() {
        *y = (*y).min(floor).min(place.bottom.max(*y - over));
        floor = *y - step;
    }
    for (y, name, color) in ordered {
        let words = Words { bold: true, ..Words::new(name, color, HPos::Left) };
        pen.text(&words, (place.right + pen.px(8.0), y))?;
    }
    Ok(())
}
