//! What the page shows, and how its charts are drawn.

use plotters::prelude::DrawingBackend;

use super::{N, N_FIRST, Scaling, TAG, WIDTHS, n_steps};
use crate::error::{Error, Result};
use crate::json::{Value, fields, fixed};
use crate::plot::{Area, Axis, Dots, Plane, Points, Role, Theme, plane};
use crate::widgets::Attributes;
use crate::widgets::attributes::Warning;
use crate::widgets::base::grouped;

/// Everything on screen. Losses in nats per token.
pub struct Frame {
    warnings: Vec<Warning>,
    config: Attributes,
    step: usize,
    steps: usize,
    /// Floating-point operations that are done, and those of all sizes that are wanted.
    work: f64,
    works: f64,
    loss: Option<f32>,
    /// What no model can beat.
    floor: f64,
    rungs: Vec<Rung>,
    /// Sizes that are trained, and those that are before the first that is foretold.
    trained: usize,
    first: usize,
    /// Whether the next one has been begun.
    begun: bool,
    /// The line that is shown.
    law: Option<Law>,
    fingerprint: Option<String>,
    summary: String,
}

fields!(write Frame: warnings, config, step, steps, work, works, loss, floor, rungs, trained, first, begun, law, fingerprint, summary);

struct Rung {
    width: usize,
    parameters: usize,
    steps: usize,
    /// Floating-point operations of the whole run.
    compute: f64,
    loss: Option<f64>,
    sums: Option<f64>,
    /// By the line through all smaller ones. Told once the size is trained, or the reader has told a guess.
    foretold: Option<f64>,
    guess: Option<f64>,
}

fields!(write Rung: width, parameters, steps, compute, loss, sums, foretold, guess);

/// The line through the first `sizes`, and where it begins and ends: compute, and loss above the floor.
struct Law {
    sizes: usize,
    exponent: f64,
    r_squared: f64,
    from: [f64; 2],
    to: [f64; 2],
}

fields!(write Law: sizes, exponent, r_squared, from, to);

impl Scaling {
    /// What is on screen now.
    pub(super) fn show(&self) -> Frame {
        let mut config = Attributes::new();
        config.insert("sizes".to_owned(), self.sizes.to_string());
        config.insert("seed".to_owned(), self.seed.to_string());
        let n = self.trained.len();
        let steps = |sizes: usize| WIDTHS[..sizes].iter().map(|width| n_steps(*width)).sum::<usize>();
        let work = |sizes: usize| self.costs[..sizes].iter().map(|(_, compute)| compute).sum::<f64>();
        let under_way = if n < N { self.slot.step(n_steps(WIDTHS[n])) } else { 0 };
        let part = if n < N { under_way as f64 / n_steps(WIDTHS[n]) as f64 * self.costs[n].1 } else { 0.0 };
        let wanted = self.sizes.max(n + usize::from(self.is_begun())).min(N);
        let rung = |i: usize| Rung {
            width: WIDTHS[i],
            parameters: self.costs[i].0,
            steps: n_steps(WIDTHS[i]),
            compute: self.costs[i].1,
            loss: self.trained.get(i).map(|trained| trained.loss),
            sums: self.trained.get(i).map(|trained| trained.sums),
            foretold: self.foretold(i).filter(|_| i < n || self.guesses[i].is_some()),
            guess: self.guesses[i],
        };
        let is_done = n >= self.sizes && !self.is_begun();
        let mut frame = Frame {
            warnings: self.warnings.clone(),
            config,
            step: steps(n) + under_way,
            steps: steps(wanted),
            work: work(n) + part,
            works: work(wanted),
            loss: self.loss,
            floor: self.entropy,
            rungs: (0..N).map(rung).collect(),
            trained: n,
            first: N_FIRST,
            begun: self.is_begun(),
            law: self.shown_law(),
            fingerprint: self.trained.last().filter(|_| is_done).map(|last| last.fingerprint.clone()),
            summary: String::new(),
        };
        frame.summary = self.summary(&frame);
        frame
    }

    /// The line by which the last size was foretold, up to it; once the reader turns to the next, that through all of them.
    fn shown_law(&self) -> Option<Law> {
        let n = self.trained.len();
        let is_next = self.is_begun() || self.guesses.get(n).is_some_and(Option::is_some);
        let sizes = if n > N_FIRST && !is_next { n - 1 } else { n };
        let law = self.law(sizes)?;
        let at = |i: usize| [self.costs[i].1, law.at(self.costs[i].1)];
        let to = at(n - 1);
        Some(Law { sizes, exponent: law.exponent, r_squared: law.r_squared, from: at(0), to })
    }

    /// A sentence or two of what is on screen.
    fn summary(&self, frame: &Frame) -> String {
        let n = frame.trained;
        let known = |i: usize| fixed(100.0 * self.trained[i].sums, 0);
        let Some(law) = &frame.law else {
            return match n {
                0 => "No model has been trained yet.".to_owned(),
                1 => "One size is trained; a line needs more.".to_owned(),
                _ => format!("{n} sizes are trained; a line needs three that improve on each other."),
            };
        };
        let last = n - 1;
        let times = self.costs[last].1 / self.costs[0].1;
        let mut text = format!(
            "With {} times the computation, what is left of the loss above the unavoidable falls from {} to {}; a straight line \
             accounts for {} % of how.",
            fixed(times, 0),
            fixed(self.trained[0].loss - self.entropy, 2),
            fixed(self.trained[last].loss - self.entropy, 2),
            fixed(100.0 * law.r_squared, 0),
        );
        if let (true, Some(foretold)) = (law.sizes < n, self.foretold(last)) {
            let loss = self.trained[last].loss;
            let off = |guess: f64| fixed(100.0 * (guess / loss - 1.0).abs(), 1);
            let guess = self.guesses[last];
            text = format!(
                "From the {last} smaller ones the line foretold a loss of {} for {} weights; it came out at {}: {} % off.{}",
                fixed(foretold, 3),
                grouped(self.costs[last].0),
                fixed(loss, 3),
                off(foretold),
                guess.map_or_else(String::new, |guess| format!(
                    " You had said {}: {} % off.",
                    fixed(guess, 3),
                    off(guess)
                )),
            );
        }
        text + &format!(" Of a hundred sums the smallest knows {}, the largest {}.", known(0), known(last))
    }
}

/// Draws `law`, which needs the frame's `floor`, `rungs` and `law`, or `sums`, which needs its `rungs`.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    let rungs = frame["rungs"].as_array().filter(|rungs| rungs.len() == N);
    let rungs = rungs.ok_or_else(|| Error::input(TAG, "not a frame", "a frame of this widget"))?;
    match chart {
        "law" => draw_law(rungs, frame, area, theme),
        "sums" => draw_sums(rungs, area, theme),
        _ => Err(Error::input(TAG, format!("no chart {chart:?}"), "law or sums")),
    }
}

/// The logarithm of 1, and not the 0 that a plane marks.
const LOG_1: f32 = 1e-6;

fn log(x: f64) -> f32 {
    (libm::log(x) / std::f64::consts::LN_10) as f32
}

fn draw_law<DB: DrawingBackend>(
    rungs: &[Value],
    frame: &Value,
    area: &Area<DB>,
    theme: &Theme,
) -> Result<()> {
    let floor = frame["floor"].as_f64().unwrap_or(0.0);
    let points = |name: &str| -> Vec<[f32; 2]> {
        let point = |rung: &Value| {
            let gap = rung[name].as_f64()? - floor;
            (gap > 0.0).then(|| Some([log(rung["compute"].as_f64()?), log(gap)]))?
        };
        rungs.iter().filter_map(point).collect()
    };
    let (losses, mut guesses) = (points("loss"), points("guess"));
    // The last one only: earlier ones are in the table.
    let guess = guesses.pop().into_iter().collect::<Vec<_>>();
    let end = |name: &str| {
        let [x, y] = [0, 1].map(|i| frame["law"][name][i].as_f64());
        Some([log(x?), log(y?)])
    };
    let line: Vec<[f32; 2]> = ["from", "to"].into_iter().filter_map(end).collect();
    let series = [
        Points { name: "line", points: &line, role: Role::Reference, dots: Dots::None, is_joined: true },
        Points { name: "model", points: &losses, role: Role::Training, dots: Dots::Full, is_joined: false },
        Points { name: "guess", points: &guess, role: Role::Base, dots: Dots::Hollow, is_joined: false },
    ];
    let chart = Plane {
        x: Axis {
            title: "computation, operations",
            ticks: &[(9.699, "5 billion"), (10.699, "50 billion"), (11.699, "500 billion")],
        },
        y: Axis {
            title: "loss above the unavoidable, nats",
            ticks: &[(-2.0, "0.01"), (-1.523, "0.03"), (-1.0, "0.1"), (-0.523, "0.3"), (LOG_1, "1")],
        },
        has_diagonal: false,
        level: None,
        series: &series,
    };
    plane(area, &chart, theme)
}

fn draw_sums<DB: DrawingBackend>(rungs: &[Value], area: &Area<DB>, theme: &Theme) -> Result<()> {
    let point =
        |rung: &Value| Some([log(rung["parameters"].as_f64()?), 100.0 * rung["sums"].as_f64()? as f32]);
    let sums: Vec<[f32; 2]> = rungs.iter().filter_map(point).collect();
    let series =
        [Points { name: "sums", points: &sums, role: Role::Training, dots: Dots::Full, is_joined: true }];
    let chart = Plane {
        x: Axis {
            title: "weights",
            ticks: &[(3.699, "5,000"), (4.0, "10,000"), (4.477, "30,000"), (5.0, "100,000"), (5.176, "")],
        },
        y: Axis {
            title: "sums that are right, %",
            ticks: &[(0.0, "0"), (25.0, "25"), (50.0, "50"), (75.0, "75"), (100.0, "100")],
        },
        has_diagonal: false,
        level: None,
        series: &series,
    };
    plane(area, &chart, theme)
}
