//! Charts, for the page: plotters needs a real canvas.

use plotters::prelude::IntoDrawingArea;
use plotters_canvas::CanvasBackend;
use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

use super::{read, throw};
use crate::error::{Error, Result};
use crate::json;
use crate::plot::{FixedMetrics, Theme};
use crate::widgets;

/// Draws a chart of a frame on a canvas, whose `width` and `height` are device pixels.
#[wasm_bindgen]
pub fn draw(
    tag: &str,
    chart: &str,
    frame: JsValue,
    canvas: HtmlCanvasElement,
    theme: JsValue,
) -> std::result::Result<(), JsValue> {
    let draw = || -> Result<()> {
        let theme: Theme = json::from_json(&read(&theme)?)?;
        let backend = CanvasBackend::with_canvas_object(canvas)
            .ok_or_else(|| Error::environment("draw", "the canvas gives no 2d context", "reload the page"))?;
        let area = FixedMetrics::new(backend).into_drawing_area();
        widgets::draw(tag, chart, &read(&frame)?, &area, &theme)
    };
    draw().map_err(throw)
}
