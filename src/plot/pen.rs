//! Drawing in the words of a figure: text, lines, dashes, hatching, in pixels of the area.
//!
//! Knows the theme and plotters, and no chart. Start with [`Pen`].

use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Rectangle, Text};
use plotters::prelude::{DrawingArea, DrawingBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, TextStyle,
};

use super::labels::Rect;
use super::metrics::{FixedMetrics, line_height};
use super::theme::{Rgb, Theme};
use crate::error::{Error, Result};

/// What charts draw on: any plotters backend, with [`FixedMetrics`] in between.
pub type Area<DB> = DrawingArea<FixedMetrics<DB>, Shift>;

/// Room between a figure and the edge of its canvas, in CSS pixels.
pub(super) const EDGE: f64 = 3.0;

/// A piece of text to draw: the anchor is on its middle line, at its `align` end.
pub(super) struct Words<'a> {
    pub text: &'a str,
    pub color: Rgb,
    pub align: HPos,
    pub bold: bool,
    /// Whether it reads from bottom to top.
    pub upright: bool,
}

impl<'a> Words<'a> {
    pub fn new(text: &'a str, color: Rgb, align: HPos) -> Self {
        Self { text, color, align, bold: false, upright: false }
    }
}

/// A drawing area with its theme. Positions and widths are pixels of the area, relative to its corner.
pub(super) struct Pen<'a, DB: DrawingBackend> {
    area: &'a Area<DB>,
    pub theme: &'a Theme,
    /// Font size in pixels.
    size: f64,
}

impl<'a, DB: DrawingBackend> Pen<'a, DB> {
    /// The font is a little smaller where the figure is narrower than a column of text.
    pub fn new(area: &'a Area<DB>, theme: &'a Theme) -> Self {
        let css_width = f64::from(area.dim_in_pixel().0) / theme.scale;
        let css_size = if css_width < 480.0 { 12.0 } else { 13.0 };
        Self { area, theme, size: css_size * theme.scale }
    }

    /// The whole area.
    pub fn canvas(&self) -> Rect {
        let (width, height) = self.area.dim_in_pixel();
        Rect { left: 0, top: 0, right: width as i32, bottom: height as i32 }
    }

    /// CSS pixels to pixels of the area.
    pub fn px(&self, css: f64) -> i32 {
        (css * self.theme.scale).round() as i32
    }

    /// Height of a line of text.
    pub fn line(&self) -> i32 {
        line_height(self.size).ceil() as i32
    }

    /// Width and height that the text needs, on one line.
    pub fn measure(&self, text: &str) -> Result<(i32, i32)> {
        let style = self.style(&Words::new(text, self.theme.ink, HPos::Left));
        let (width, height) = self.area.estimate_text_size(text, &style).map_err(drawing_failed)?;
        Ok((width as i32, height as i32))
    }

    /// Covers the area with paper.
    pub fn clear(&self) -> Result<()> {
        self.area.fill(&RGBColor::from(self.theme.paper)).map_err(drawing_failed)
    }

    pub fn text(&self, words: &Words, at: (i32, i32)) -> Result<()> {
        self.area.draw(&Text::new(words.text, at, self.style(words))).map_err(drawing_failed)
    }

    /// Text in a box of its own, on paper so that it stays readable on lines.
    pub fn label(&self, words: &Words, place: Rect) -> Result<()> {
        self.fill(place, self.theme.paper)?;
        let x = match words.align {
            HPos::Left => place.left,
            HPos::Center => (place.left + place.right) / 2,
            HPos::Right => place.right,
        };
        self.text(words, (x, place.middle()))
    }

    pub fn fill(&self, rect: Rect, color: Rgb) -> Result<()> {
        let corners = [(rect.left, rect.top), (rect.right, rect.bottom)];
        let style = ShapeStyle { color: RGBColor::from(color).into(), filled: true, stroke_width: 0 };
        self.area.draw(&Rectangle::new(corners, style)).map_err(drawing_failed)
    }

    /// A line of the given width (CSS pixels) through the points; nothing for less than two points.
    pub fn path(&self, points: &[(i32, i32)], color: Rgb, css_width: f64) -> Result<()> {
        if points.len() < 2 {
            return Ok(());
        }
        let style = ShapeStyle {
            color: RGBColor::from(color).into(),
            filled: false,
            stroke_width: self.px(css_width).max(1) as u32,
        };
        self.area.draw(&PathElement::new(points, style)).map_err(drawing_failed)
    }

    /// A horizontal dashed line.
    pub fn dashes(&self, y: i32, (from, to): (i32, i32), color: Rgb, css_width: f64) -> Result<()> {
        let (dash, gap) = (self.px(6.0).max(2), self.px(4.0).max(1));
        let mut x = from;
        while x < to {
            self.path(&[(x, y), ((x + dash).min(to), y)], color, css_width)?;
            x += dash + gap;
        }
        Ok(())
    }

    /// A filled dot.
    pub fn dot(&self, at: (i32, i32), css_radius: f64, color: Rgb) -> Result<()> {
        let style = ShapeStyle { color: RGBColor::from(color).into(), filled: true, stroke_width: 0 };
        self.area.draw(&Circle::new(at, self.px(css_radius).max(1), style)).map_err(drawing_failed)
    }

    /// Diagonal lines, from the lower left to the upper right, over rectangles that each of them crosses in a
    /// single stretch.
    pub fn hatch(&self, rects: &[Rect], color: Rgb) -> Result<()> {
        // The lines are x + y = c for multiples c of the spacing.
        let spacing = self.px(6.0).max(3);
        let from = rects.iter().map(|r| r.left + r.top).min().unwrap_or(0);
        let to = rects.iter().map(|r| r.right + r.bottom).max().unwrap_or(0);
        for c in (from.div_euclid(spacing)..=to / spacing).map(|i| i * spacing) {
            let stretches = rects.iter().filter_map(|r| {
                let (low, high) = ((c - r.bottom).max(r.left), (c - r.top).min(r.right));
                (low < high).then_some((low, high))
            });
            if let Some((low, high)) = stretches.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) {
                self.path(&[(low, c - low), (high, c - high)], color, 1.0)?;
            }
        }
        Ok(())
    }

    fn style(&self, words: &Words) -> TextStyle<'_> {
        let weight = if words.bold { FontStyle::Bold } else { FontStyle::Normal };
        let turn = if words.upright { FontTransform::Rotate270 } else { FontTransform::None };
        let font = FontDesc::new(FontFamily::Name(&self.theme.font), self.size, weight).transform(turn);
        let color = RGBColor::from(words.color).to_backend_color();
        TextStyle { font, color, pos: Pos::new(words.align, VPos::Center) }
    }
}

fn drawing_failed(cause: impl std::fmt::Display) -> Error {
    Error::environment("drawing a chart", cause, "reload the page")
}
