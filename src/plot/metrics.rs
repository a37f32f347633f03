//! How wide text is, without asking anybody.
//!
//! plotters asks the DOM on wasm32: it appends a styled `<span>` to the body, which a worker does not have
//! and a strict content security policy forbids, and whose answer differs between browsers. A chart only
//! needs room enough, so widths come from a table. Start with [`text_width`].

use plotters::style::text_anchor;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontFamily,
    FontStyle, FontTransform,
};

/// Advance widths of U+0020 to U+007E in Helvetica and Arial, in thousandths of the font size.
///
/// Source: Adobe Core 14 AFM, `Helvetica.afm`.
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, // space to /
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, // p to ~
];

/// Interface fonts over Helvetica: Segoe UI 1.0, Roboto and SF 1.02, Noto Sans 1.06, DejaVu Sans and Verdana up
/// to 1.17. Text then stays inside what was set aside for it.
const SAFETY: f64 = 1.18;

/// Width of a line of text in the units of `size`, its font size.
///
/// An upper estimate for the usual sans-serif faces: letters of other alphabets count as wide as a capital,
/// East Asian ones and pictographs as a full em.
pub fn text_width(text: &str, size: f64) -> f64 {
    let advance = |c: char| match c {
        ' '..='~' => f64::from(HELVETICA[c as usize - 32]) / 1000.0,
        '\u{300}'..='\u{36f}' => 0.0,
        '\u{2026}' | '\u{2014}' => 1.0,
        '\u{2190}'..='\u{21ff}' => 1.0,
        '\u{2e80}'.. => 1.0,
        _ => 0.7,
    };
    text.chars().map(advance).sum::<f64>() * size * SAFETY
}

/// Height that a line of text occupies, in the units of `size`, its font size.
pub fn line_height(size: f64) -> f64 {
    size * 1.25
}

/// A backend that draws with another one and measures text by [`text_width`].
pub struct FixedMetrics<DB> {
    backend: DB,
    size_per_em: f64,
}

impl<DB> FixedMetrics<DB> {
    /// Wraps a backend that draws text of size `s` with an em of `s` pixels, as plotters-canvas does.
    pub fn new(backend: DB) -> Self {
        Self { backend, size_per_em: 1.0 }
    }

    /// Wraps plotters' SVG backend, which shrinks every font by 1.24, so that its text comes out as large as
    /// on a canvas.
    pub fn svg(backend: DB) -> Self {
        Self { backend, size_per_em: 1.24 }
    }
}

impl<DB: DrawingBackend> DrawingBackend for FixedMetrics<DB> {
    type ErrorType = DB::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.backend.get_size()
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<DB::ErrorType>> {
        self.backend.ensure_prepared()
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<DB::ErrorType>> {
        self.backend.present()
    }

    fn draw_pixel(
        &mut self,
        point: BackendCoord,
        color: BackendColor,
    ) -> Result<(), DrawingErrorKind<DB::ErrorType>> {
        self.backend.draw_pixel(point, color)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Result<(), DrawingErrorKind<DB::ErrorType>> {
        self.backend.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Result<(), DrawingErrorKind<DB::ErrorType>> {
        self.backend.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<DB::ErrorType>> {
        self.backend.draw_path(path, style)
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Result<(), DrawingErrorKind<DB::ErrorType>> {
        self.backend.draw_circle(center, radius, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vertices: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<DB::ErrorType>> {
        self.backend.fill_polygon(vertices, style)
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        pos: BackendCoord,
    ) -> Result<(), DrawingErrorKind<DB::ErrorType>> {
        self.backend.draw_text(text, &Resized { style, factor: self.size_per_em }, pos)
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<DB::ErrorType>> {
        let (width, height) = (text_width(text, style.size()), line_height(style.size()));
        Ok((width.ceil() as u32, height.ceil() as u32))
    }

    fn blit_bitmap(
        &mut self,
        pos: BackendCoord,
        size: (u32, u32),
        src: &[u8],
    ) -> Result<(), DrawingErrorKind<DB::ErrorType>> {
        self.backend.blit_bitmap(pos, size, src)
    }
}

/// A text style with its size multiplied.
struct Resized<'a, S> {
    style: &'a S,
    factor: f64,
}

impl<S: BackendTextStyle> BackendTextStyle for Resized<'_, S> {
    type FontError = S::FontError;

    fn color(&self) -> BackendColor {
        self.style.color()
    }

    fn size(&self) -> f64 {
        self.style.size() * self.factor
    }

    fn transform(&self) -> FontTransform {
        self.style.transform()
    }

    fn style(&self) -> FontStyle {
        self.style.style()
    }

    fn anchor(&self) -> text_anchor::Pos {
        self.style.anchor()
    }

    fn family(&self) -> FontFamily<'_> {
        self.style.family()
    }

    fn layout_box(&self, text: &str) -> Result<((i32, i32), (i32, i32)), S::FontError> {
        self.style.layout_box(text)
    }

    fn draw<E, DrawFunc: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        text: &str,
        pos: BackendCoord,
        draw: DrawFunc,
    ) -> Result<Result<(), E>, S::FontError> {
        self.style.draw(text, pos, draw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_grow_with_text_and_size() {
        assert_eq!(text_width("", 12.0), 0.0);
        assert!(text_width("mm", 12.0) > text_width("mi", 12.0));
        assert!((text_width("0", 20.0) - 0.556 * 20.0 * SAFETY).abs() < 1e-12);
        // A decomposed é is as wide as an e, an ideograph wider than any letter.
        assert_eq!(text_width("e\u{301}", 10.0), text_width("e", 10.0));
        assert!(text_width("日", 10.0) > text_width("W", 10.0));
    }
}
