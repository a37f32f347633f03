//! What a figure shows where no script runs, and on paper: the chart and the sentence of a finished run.
//!
//! They stand at the end of the author's own words inside the figure's tag, so that a figure which comes to life replaces
//! both. Start with [`read`], then [`place`].

use super::html::{escape, raw_tags};
use crate::error::{Error, Result};
use crate::json::{self, Value};
use crate::plot::{FixedMetrics, Rgb, Theme};
use crate::widgets;
use plotters::prelude::{IntoDrawingArea, SVGBackend};
use std::collections::BTreeMap;

/// Markup by tag.
pub type Results = BTreeMap<String, String>;

/// Width and height of a chart, in CSS pixels: that of a figure's half column.
const SIZE: (u32, u32) = (460, 368);

/// Draws what a build has computed: an object of tags and frames.
///
/// # Errors
///
/// If it is not one, or a frame is not one of its figure's.
pub fn read(text: &str) -> Result<Results> {
    let frames = json::parse(text)?;
    let frames = frames
        .as_object()
        .ok_or_else(|| Error::input("results", "no object", "an object of tags and frames"))?;
    frames.iter().map(|(tag, frame)| Ok((tag.to_string(), markup(tag, frame)?))).collect()
}

fn markup(tag: &str, frame: &Value) -> Result<String> {
    let summary = escape(frame["summary"].as_str().unwrap_or_default());
    let chart = widgets::WITH_RESULT.iter().find(|(t, _)| *t == tag).and_then(|(_, chart)| *chart);
    let chart = chart.map(|chart| draw(tag, chart, frame)).transpose()?.unwrap_or_default();
    Ok(format!(
        "<figure class=\"result\">\n{chart}<figcaption><b>In one run:</b> {summary}</figcaption>\n</figure>\n"
    ))
}

fn draw(tag: &str, chart: &str, frame: &Value) -> Result<String> {
    let mut svg = String::new();
    let area = FixedMetrics::new(SVGBackend::with_string(&mut svg, SIZE)).into_drawing_area();
    widgets::draw(tag, chart, frame, &area, &paper())?;
    drop(area);
    // What is the default anyway weighs a third of it. The caption says what is to be seen.
    let lean = svg
        .replace(" opacity=\"1\"", "")
        .replace(" stroke=\"none\"", "")
        .replace(">\n", ">")
        .replace("\n<", "<");
    Ok(lean.replacen("<svg ", "<svg role=\"img\" aria-label=\"A chart of what is told below\" ", 1) + "\n")
}

/// The light theme of `www/styles/tokens.css`.
fn paper() -> Theme {
    Theme {
        ink: Rgb(0x1d, 0x1b, 0x18),
        muted: Rgb(0x5d, 0x58, 0x50),
        line: Rgb(0xdc, 0xd6, 0xc9),
        paper: Rgb(0xfd, 0xfc, 0xf8),
        base: Rgb(0x00, 0x63, 0x9b),
        training: Rgb(0xad, 0x46, 0x00),
        heldout: Rgb(0x1d, 0x1b, 0x18),
        floor: Rgb(0x6a, 0x65, 0x5d),
        font: "sans-serif".to_owned(),
        scale: 1.0,
    }
}

/// Puts the results into the figures of a lesson's text that have no settings of their own.
pub fn place(body: &str, results: &Results) -> String {
    let mut out = String::with_capacity(body.len());
    let mut written = 0;
    for tag in raw_tags(body).iter().filter(|tag| tag.attributes.iter().all(|a| a.name == "id")) {
        let Some(result) = results.get(&tag.name) else { continue };
        let Some(end) = body[tag.offset..].find(&format!("</{}>", tag.name)) else { continue };
        out.push_str(&body[written..tag.offset + end]);
        out.push_str(result);
        written = tag.offset + end;
    }
    out + &body[written..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_behind_the_authors_words() {
        let results = Results::from([("pretune-a".to_owned(), "R".to_owned())]);
        let place = |body: &str| place(body, &results);
        assert_eq!(
            place("<p>x</p><pretune-a id=\"a\">\n<p>y</p></pretune-a>z"),
            "<p>x</p><pretune-a id=\"a\">\n<p>y</p>R</pretune-a>z"
        );
        let own = "<pretune-a seed=\"7\">y</pretune-a><pretune-b>y</pretune-b>";
        assert_eq!(place(own), own, "settings of its own give another result");
    }

    #[test]
    fn what_is_no_result_is_refused() {
        assert!(read("[]").is_err());
        assert!(read("{\"pretune-guardrails\":{}}").is_err());
        assert_eq!(read("{}"), Ok(Results::new()));
    }
}
