//! `pretune bench`: how fast the core is here, natively, in a browser or in Node.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::{self, Case};
use crate::error::{Error, Result};
use crate::site::browser::Browser;
use crate::site::build::{self, Profile};
use crate::site::progress::Progress;
use crate::site::project::Project;
use crate::site::server::{self, Site};
use crate::site::tools::NODE;

/// Runs of a case, at least.
const MIN_RUNS: usize = 5;
/// What a browser may take besides measuring.
const PATIENCE: Duration = Duration::from_secs(120);

/// Time kernels, operations, steps of training and generation. Use the release build, on an otherwise idle machine.
#[derive(clap::Args)]
pub struct Args {
    /// Sizes: micro or mini.
    #[arg(long, default_value = "micro")]
    config: String,
    /// Where: without it, natively.
    #[arg(long, value_enum)]
    browser: Option<Engine>,
    /// The module without SIMD.
    #[arg(long, requires = "browser")]
    scalar: bool,
    /// Time for all cases together.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// Where the WebAssembly module runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Engine {
    Chromium,
    Firefox,
    Node,
}

pub fn execute(args: &Args) -> Result<()> {
    let report = match args.browser {
        None => natively(args)?,
        Some(Engine::Node) => in_node(args)?,
        Some(Engine::Chromium) => in_browser(args, Browser::Chromium)?,
        Some(Engine::Firefox) => in_browser(args, Browser::Firefox)?,
    };
    if let Some(reason) = report["error"].as_str() {
        return Err(Error::environment(
            "the measurement",
            reason,
            "mend what it says and run the command again",
        ));
    }
    if args.json {
        println!("{report}");
    } else {
        table(&report);
    }
    Ok(())
}

fn profile(args: &Args) -> Profile {
    if args.scalar { Profile::Scalar } else { Profile::Release }
}

fn natively(args: &Args) -> Result<Value> {
    let cases = bench::cases(&args.config)?;
    let budget = Duration::from_secs(args.seconds) / cases.len() as u32;
    let results: Vec<Value> = cases.into_iter().map(|case| measure(case, budget)).collect();
    Ok(json!({ "engine": "native", "config": args.config, "cases": results }))
}

/// The median and the best of many runs, after two that nobody counts.
fn measure(mut case: Case, budget: Duration) -> Value {
    let mut run = || {
        let began = Instant::now();
        std::hint::black_box(case.run());
        began.elapsed().as_secs_f64()
    };
    let first = run().max(run());
    // Blocks of runs: a clock says little about a microsecond.
    let block = (2e-3 / first.max(1e-9)).clamp(1.0, 1e6) as usize;
    let began = Instant::now();
    let mut times = Vec::new();
    while times.len() < MIN_RUNS || began.elapsed() < budget {
        times.push(1e3 * (0..block).map(|_| run()).sum::<f64>() / block as f64);
    }
    times.sort_by(f64::total_cmp);
    json!({
        "name": case.name, "kind": case.kind.name(), "flops": case.flops, "tokens": case.tokens,
        "ms": times[times.len() / 2], "min_ms": times[0], "runs": times.len() * block,
    })
}

fn in_node(args: &Args) -> Result<Value> {
    let project = Project::find()?;
    let (module, _) = build::bench(&project, profile(args), &Progress::default())?;
    let mut node = NODE.command();
    node.arg("bench-node.mjs").arg(module).args(["--config", &args.config]);
    node.args(["--seconds", &args.seconds.to_string()]).current_dir(project.www());
    read(NODE.run(&mut node, None)?.as_bytes())
}

fn in_browser(args: &Args, browser: Browser) -> Result<Value> {
    // Its error names the configurations; the page would have to be asked first.
    bench::cases(&args.config)?;
    let (_, folder) = build::bench(&Project::find()?, profile(args), &Progress::default())?;
    let refused = |e| Error::environment("listening on this machine", e, "try again");
    let listener = TcpListener::bind("127.0.0.1:0").map_err(refused)?;
    let port = listener.local_addr().map_err(refused)?.port();
    let Args { config, seconds, .. } = args;
    let window = browser.open(&format!("http://127.0.0.1:{port}/?config={config}&seconds={seconds}"))?;
    let patience = PATIENCE + Duration::from_secs(3 * args.seconds);
    let result = server::receive(listener, &Site::folder(&folder), patience);
    drop(window);
    read(&result?)
}

fn read(report: &[u8]) -> Result<Value> {
    serde_json::from_slice(report)
        .map_err(|e| Error::environment("the measurement", e, "run the command again"))
}

/// Prints a report. The fastest kernel is the peak that the others are held against.
fn table(report: &Value) {
    let of = |case: &Value, what: &str| case[what].as_f64().unwrap_or(0.0);
    let rate = |case: &Value, what: &str| of(case, what) / of(case, "ms").max(1e-9);
    let cases = report["cases"].as_array().map(Vec::as_slice).unwrap_or_default();
    let peak = cases.iter().map(|case| rate(case, "flops")).fold(1.0, f64::max);
    let shown = |x: f64, digits: usize| if x > 0.0 { format!("{x:.digits$}") } else { "·".to_owned() };
    println!("{:<34} {:>9} {:>9} {:>9} {:>7} {:>9}", "", "ms", "per s", "GFLOP/s", "% peak", "tokens/s");
    for case in cases {
        let flops = rate(case, "flops");
        println!(
            "{:<34} {:>9.3} {:>9.0} {:>9} {:>7} {:>9}",
            case["name"].as_str().unwrap_or_default(),
            of(case, "ms"),
            1e3 / of(case, "ms").max(1e-9),
            shown(flops / 1e6, 1),
            shown(100.0 * flops / peak, 0),
            shown(1e3 * rate(case, "tokens"), 0),
        );
    }
    for team in report["workers"].as_array().into_iter().flatten() {
        println!("training step, {} worker(s): {:.3} ms", team["workers"], of(team, "ms"));
    }
    for other in report["others"].as_array().into_iter().flatten() {
        println!("{}: {:.3} ms", other["name"].as_str().unwrap_or_default(), of(other, "ms"));
    }
    if let Some(losses) = report["loss"].as_array().filter(|losses| !losses.is_empty()) {
        println!("first losses: {}", losses.iter().map(Value::to_string).collect::<Vec<_>>().join(", "));
    }
}
