//! `pretune bench`: how fast the core is here, natively or in a browser.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::{self, Case};
use crate::error::Result;

/// Runs of a case, at least.
const MIN_RUNS: usize = 5;
/// Time for a case.
const BUDGET: Duration = Duration::from_millis(600);

/// Time kernels, operations, steps of training and generation. Use the release build, on an otherwise idle machine.
#[derive(clap::Args)]
pub struct Args {
    /// Sizes: micro or mini.
    #[arg(long, default_value = "micro")]
    config: String,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

pub fn execute(args: &Args) -> Result<()> {
    let cases = bench::cases(&args.config)?;
    let results: Vec<Value> = cases.into_iter().map(measure).collect();
    let report = json!({ "engine": "native", "config": args.config, "cases": results });
    if args.json {
        println!("{report}");
    } else {
        table(&report);
    }
    Ok(())
}

/// The median and the best of many runs, after some that nobody counts.
fn measure(mut case: Case) -> Value {
    let mut run = || {
        let began = Instant::now();
        std::hint::black_box(case.run());
        began.elapsed()
    };
    let first = run().max(run());
    // Clocks tick coarsely in browsers; here the same blocks of runs keep the figures comparable.
    let block =
        (Duration::from_millis(2).as_secs_f64() / first.as_secs_f64().max(1e-9)).clamp(1.0, 1e6) as usize;
    let began = Instant::now();
    let mut times = Vec::new();
    while times.len() < MIN_RUNS || began.elapsed() < BUDGET {
        let seconds: f64 = (0..block).map(|_| run().as_secs_f64()).sum();
        times.push(1e3 * seconds / block as f64);
    }
    times.sort_by(f64::total_cmp);
    json!({
        "name": case.name, "kind": case.kind.name(), "flops": case.flops, "tokens": case.tokens,
        "ms": times[times.len() / 2], "min_ms": times[0], "runs": times.len() * block,
    })
}

/// Prints a report as a table. The first case is the peak that the others are held against.
fn table(report: &Value) {
    let cases = report["cases"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rate =
        |case: &Value, what: &str| case[what].as_f64().unwrap_or(0.0) / case["ms"].as_f64().unwrap_or(1.0);
    let peak = cases.first().map_or(1.0, |case| rate(case, "flops"));
    let shown = |x: f64, digits: usize| if x > 0.0 { format!("{x:.digits$}") } else { "·".to_owned() };
    println!("{:<34} {:>9} {:>9} {:>9} {:>7} {:>9}", "", "ms", "per s", "GFLOP/s", "% peak", "tokens/s");
    for case in cases {
        let flops = rate(case, "flops");
        println!(
            "{:<34} {:>9.3} {:>9.0} {:>9} {:>7} {:>9}",
            case["name"].as_str().unwrap_or_default(),
            case["ms"].as_f64().unwrap_or(0.0),
            1e3 / case["ms"].as_f64().unwrap_or(1.0),
            shown(flops / 1e6, 1),
            shown(100.0 * flops / peak, 0),
            shown(1e3 * rate(case, "tokens"), 0),
        );
    }
}
