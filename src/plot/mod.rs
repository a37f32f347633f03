//! Charts on any plotters backend: a canvas in the page, SVG in the tests.
//!
//! A chart is a function of plain data, a drawing area and a [`Theme`]; it knows no widget, no DOM and no
//! clock. It labels what it draws where it draws it (no legends), says its units, and gives every colour a
//! second cue. Every length is in CSS pixels times [`Theme::scale`]. The drawing area must sit on a
//! [`FixedMetrics`], so the layout is the same in every browser. Read [`loss_curve()`] first.
//!
//! ```
//! use plotters::prelude::{IntoDrawingArea, SVGBackend};
//! use pretune::plot::{FixedMetrics, LossCurve, Theme, loss_curve};
//!
//! let theme = pretune::json::parse(
//!     r##"{"ink": "#1d1b18", "muted": "#5d5850", "line": "#dcd6c9", "paper": "#fdfcf8", "base": "#00639b",
//!         "training": "#ad4600", "heldout": "#1d1b18", "floor": "rgb(106, 101, 157)",
//!         "font": "sans-serif", "scale": 1}"##,
//! )?;
//! let theme: Theme = pretune::json::from_json(&theme)?;
//! let curve = LossCurve {
//!     steps: &[1, 2, 3],
//!     train: &[6.2, 5.9, 5.1],
//!     val_steps: &[3],
//!     val: &[5.2],
//!     max_steps: 10,
//!     floor: Some(1.3),
//!     ceiling: 6.24,
//! };
//! let mut svg = String::new();
//! let area = FixedMetrics::new(SVGBackend::with_string(&mut svg, (640, 320))).into_drawing_area();
//! loss_curve(&area, &curve, &theme)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bars;
mod heat_key;
mod heat_map;
mod label_curves;
mod labels;
mod loss_curve;
mod metrics;
mod pareto;
mod pen;
mod plane;
mod rank_chart;
mod spectrum;
mod theme;
mod ticks;
mod trade_off;
mod turn_curves;
mod update_map;

pub use bars::{Bars, Row, bars};
pub use heat_map::{HeatMap, heat_map};
pub use label_curves::{LabelCurve, LabelCurves, label_curves};
pub use loss_curve::{LossCurve, loss_curve};
pub use metrics::{FixedMetrics, line_height, text_width};
pub use pareto::{Pareto, Priced, pareto};
pub use pen::Area;
pub use plane::{Axis, Dots, Plane, Points, Role, plane};
pub use rank_chart::{Panel, RankChart, Series, rank_chart};
pub use spectrum::{Spectrum, spectrum};
pub use theme::{Rgb, Theme};
pub use trade_off::{TradeOff, Tried, trade_off};
pub use turn_curves::{TurnCurves, turn_curves};
pub use update_map::{Cells, UpdateMap, update_map};
