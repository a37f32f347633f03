//! `pretune claims`: the lesson's experiments, run natively.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;

use crate::error::{Error, Result};
use crate::experiments::{self, Bar, Experiment, Lab, Measure};
use crate::site::progress::Progress;

/// Run the lesson's experiments and hold them against what the lesson says.
///
/// Exits with 1 if a bar is missed. The same seed gives the same numbers, here and in every browser.
#[derive(clap::Args)]
pub struct Args {
    /// One JSON object an experiment, a line each.
    #[arg(long)]
    json: bool,
    /// Only these experiments.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Seeds to run each with.
    #[arg(long, value_name = "SEEDS", value_delimiter = ',', default_value = "1,2,3,4,5")]
    seeds: Vec<u64>,
}

/// What an experiment gave.
struct Outcome {
    experiment: &'static Experiment,
    /// By seed, then by measure.
    values: Vec<Vec<f64>>,
    /// Time of all seeds together.
    seconds: f64,
}

/// Returns whether every bar is cleared.
pub fn execute(args: &Args) -> Result<bool> {
    let chosen = choose(&args.only)?;
    let outcomes = run(&chosen, &args.seeds);
    let mut is_met = true;
    for outcome in &outcomes {
        is_met &= outcome.is_met();
        if args.json {
            println!("{}", outcome.to_json(&args.seeds));
        } else {
            outcome.print();
        }
    }
    Ok(is_met)
}

fn choose(only: &[String]) -> Result<Vec<&'static Experiment>> {
    let names = || experiments::ALL.iter().map(|e| e.name).collect::<Vec<_>>().join(", ");
    for name in only {
        if !experiments::ALL.iter().any(|e| e.name == name) {
            return Err(Error::input("--only", format!("{name:?}"), format!("one of {}", names())));
        }
    }
    let is_chosen = |e: &&&Experiment| only.is_empty() || only.iter().any(|name| name == e.name);
    Ok(experiments::ALL.iter().filter(is_chosen).copied().collect())
}

/// Runs every experiment with every seed, as many at once as there are processors.
fn run(chosen: &[&'static Experiment], seeds: &[u64]) -> Vec<Outcome> {
    let labs: BTreeMap<u64, Lab> = seeds.iter().map(|&seed| (seed, Lab::new(seed))).collect();
    // Seed by seed, so that a lab's models are made once and soon no longer needed.
    let jobs: Vec<(usize, usize)> =
        (0..seeds.len()).flat_map(|s| (0..chosen.len()).map(move |e| (e, s))).collect();
    let results = Mutex::new(vec![vec![(Vec::new(), 0.0); seeds.len()]; chosen.len()]);
    let next = Mutex::new(0);
    let bar = Progress::default().step("running experiments");
    let work = || {
        loop {
            let job = {
                let mut next = next.lock().expect("no job panics while it holds this");
                *next += 1;
                *next - 1
            };
            let Some(&(e, s)) = jobs.get(job) else { return };
            bar.message(&format!("{} with seed {}", chosen[e].name, seeds[s]));
            let began = Instant::now();
            let values = (chosen[e].run)(&labs[&seeds[s]]);
            assert_eq!(values.len(), chosen[e].measures.len(), "{}: a value a measure", chosen[e].name);
            let mut results = results.lock().expect("no job panics while it holds this");
            results[e][s] = (values, began.elapsed().as_secs_f64());
            bar.position(job + 1, jobs.len());
        }
    };
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    std::thread::scope(|scope| (0..n_threads).for_each(|_| _ = scope.spawn(work)));
    bar.done();
    let results = results.into_inner().expect("no job panics while it holds this");
    let outcome = |(experiment, runs): (&&'static Experiment, Vec<(Vec<f64>, f64)>)| Outcome {
        experiment,
        seconds: runs.iter().map(|(_, seconds)| seconds).sum(),
        values: runs.into_iter().map(|(values, _)| values).collect(),
    };
    chosen.iter().zip(results).map(outcome).collect()
}

impl Outcome {
    fn of(&self, measure: usize) -> Vec<f64> {
        self.values.iter().map(|values| values[measure]).collect()
    }

    fn measures(&self) -> impl Iterator<Item = (&'static Measure, Vec<f64>)> {
        self.experiment.measures.iter().enumerate().map(|(i, measure)| (measure, self.of(i)))
    }

    fn is_met(&self) -> bool {
        self.measures().all(|(measure, values)| measure.bar.is_met(&values))
    }

    fn print(&self) {
        let Outcome { experiment, seconds, .. } = self;
        println!("\n{}  ({seconds:.1} s)\n  {}", experiment.name, experiment.claim);
        for (measure, values) in self.measures() {
            let mark = match (measure.bar, measure.bar.is_met(&values)) {
                (Bar::Report, true) => "    ",
                (_, true) => "met ",
                (_, false) => "MISS",
            };
            let (mean, spread) = (experiments::mean(&values), experiments::spread(&values));
            println!(
                "  {mark}  {mean:>9.4} ± {spread:<8.4} {:<24} {}: {}",
                describe(measure.bar),
                measure.name,
                measure.meaning
            );
        }
    }

    fn to_json(&self, seeds: &[u64]) -> serde_json::Value {
        let number = |x: f64| serde_json::json!(x);
        let measures: Vec<_> = self
            .measures()
            .map(|(measure, values)| {
                serde_json::json!({
                    "name": measure.name,
                    "meaning": measure.meaning,
                    "bar": describe(measure.bar),
                    "mean": number(experiments::mean(&values)),
                    "spread": number(experiments::spread(&values)),
                    "values": values,
                    "met": measure.bar.is_met(&values),
                })
            })
            .collect();
        let first = &measures[0];
        serde_json::json!({
            "name": self.experiment.name,
            "claim": self.experiment.claim,
            "bar": first["bar"],
            "mean": first["mean"],
            "spread": first["spread"],
            "met": self.is_met(),
            "seconds": self.seconds,
            "seeds": seeds,
            "measures": measures,
        })
    }
}

fn describe(bar: Bar) -> String {
    match bar {
        Bar::AtLeast(low) => format!("at least {low}"),
        Bar::AtMost(high) => format!("at most {high}"),
        Bar::Within(low, high) => format!("{low} to {high}"),
        Bar::EachAtLeast(low) => format!("each at least {low}"),
        Bar::EachAtMost(high) => format!("each at most {high}"),
        Bar::Report => "reported".to_owned(),
    }
}
