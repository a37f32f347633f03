//! Charts: what must be on them, where it may be, and how they look (`tests/plots/*.svg`).

mod golden;
mod heat_map;
mod label_curves;
mod loss_curve;
mod pareto;
mod plane;
mod rank_chart;
mod recorder;
mod trade_off;
mod turns;
mod update_map;

use plotters::prelude::IntoDrawingArea;
use pretune::json::{from_json, parse};
use pretune::plot::{Area, FixedMetrics, Theme};

use recorder::{Bounds, Mark, Recorder};

/// The page's own colors (`www/styles/tokens.css`).
fn theme(dark: bool, scale: f64) -> Theme {
    let colors = if dark {
        r##""ink": "#ece8df", "muted": "#aca69b", "line": "#363b44", "paper": "#15171b", "base": "#62b4ea",
            "training": "#ff934d", "heldout": "#ece8df", "floor": "#a19b90""##
    } else {
        r##""ink": "#1d1b18", "muted": "#5d5850", "line": "#dcd6c9", "paper": "#fdfcf8", "base": "#00639b",
            "training": "#ad4600", "heldout": "#1d1b18", "floor": "#6a655d""##
    };
    let theme = parse(&format!(r#"{{{colors}, "font": "sans-serif", "scale": {scale}}}"#)).unwrap();
    from_json(&theme).unwrap()
}

/// Draws on a canvas of the given size in CSS pixels and returns what was drawn.
fn record(
    css_size: (u32, u32),
    theme: &Theme,
    draw: impl FnOnce(&Area<Recorder>) -> pretune::error::Result<()>,
) -> Vec<Mark> {
    let pixels = |css: u32| (f64::from(css) * theme.scale) as u32;
    let size = (pixels(css_size.0), pixels(css_size.1));
    let (recorder, marks) = Recorder::new(size);
    draw(&FixedMetrics::new(recorder).into_drawing_area()).unwrap();
    let marks = marks.take();
    assert_inside(&marks, size);
    assert_no_overlaps(&marks);
    marks
}

fn texts(marks: &[Mark]) -> Vec<&str> {
    marks
        .iter()
        .filter_map(|m| if let Mark::Text { text, .. } = m { Some(&text[..]) } else { None })
        .collect()
}

fn bounds_of(marks: &[Mark], wanted: &str) -> Bounds {
    let found = marks.iter().find_map(|m| match m {
        Mark::Text { text, bounds, .. } if text == wanted => Some(*bounds),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{wanted:?} is not among {:?}", texts(marks)))
}

fn assert_inside(marks: &[Mark], (width, height): (u32, u32)) {
    // Half a line may stick out where a stroke is centered on an edge, and a pixel from rounding.
    let (width, height) = (f64::from(width) + 1.0, f64::from(height) + 1.0);
    let inside = |(left, top, right, bottom): Bounds| {
        left >= -1.0 && top >= -1.0 && right <= width && bottom <= height && left <= right && top <= bottom
    };
    let point = |&(x, y): &(i32, i32)| (f64::from(x), f64::from(y), f64::from(x), f64::from(y));
    for mark in marks {
        let fits = match mark {
            Mark::Text { bounds, .. } | Mark::Fill { bounds, .. } => inside(*bounds),
            Mark::Path { points, .. } => points.iter().map(point).all(inside),
            Mark::Dot { at, .. } => inside(point(at)),
        };
        assert!(fits, "{mark:?} leaves the canvas of {width} by {height}");
    }
}

fn assert_no_overlaps(marks: &[Mark]) {
    let texts: Vec<(&str, Bounds)> = marks
        .iter()
        .filter_map(
            |m| if let Mark::Text { text, bounds, .. } = m { Some((&text[..], *bounds)) } else { None },
        )
        .collect();
    for (i, (text, a)) in texts.iter().enumerate() {
        for (other, b) in &texts[..i] {
            // Two pixels of the estimated boxes may touch: letters do not fill their line.
            let apart = a.0 + 2.0 >= b.2 || b.0 + 2.0 >= a.2 || a.1 + 2.0 >= b.3 || b.1 + 2.0 >= a.3;
            assert!(apart, "{text:?} {a:?} covers {other:?} {b:?}");
        }
    }
}
