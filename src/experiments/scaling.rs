//! Larger models trained for longer come closer to the entropy of the text, and by how much can be told beforehand.

use super::{Bar, Base, Experiment, Lab, Measure};
use crate::data::world::{Question, sums};
use crate::data::{Corpus, World};
use crate::nn::CausalLm;
use crate::train::{Options, Pretrainer};

/// Widths of the ladder, all with two blocks.
pub const WIDTHS: [usize; 7] = [8, 12, 16, 24, 32, 48, 64];
/// The width that is predicted from the others.
const PREDICTED: usize = 48;
/// Steps of the widest one; those of the others fall with the square root of the width, as a larger model is worth more
/// text. Each has a schedule of its own that ends with it: in the middle of a schedule, a loss is higher than it need be
/// for its compute.
///
/// Source: Hoffmann et al., arXiv:2203.15556, section 2 and figure A1.
const STEPS: usize = 1200;
/// Learning rate at width 1: it falls with the square root of the width, as the initial weights do.
///
/// Source: Yang et al., arXiv:2203.03466, section 3 (hyperparameters that transfer across widths).
const LEARNING_RATE: f64 = 0.064;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "scaling",
    claim: "What is left of the loss above the entropy falls as a power of compute, so the next size can be predicted; \
            a skill such as adding digits appears on the way.",
    measures: &[
        Measure {
            name: "r-squared",
            meaning: "of the straight line through log (loss − entropy) over log compute on the frontier",
            bar: Bar::AtLeast(0.95),
        },
        Measure {
            name: "prediction",
            meaning: "loss of a width that the line has not seen: relative error of its prediction",
            bar: Bar::AtMost(0.1),
        },
        Measure {
            name: "sums-small",
            meaning: "largest share of sums that a model of at most 10,000 parameters knows",
            bar: Bar::AtMost(0.35),
        },
        Measure {
            name: "sums-large",
            meaning: "smallest share of sums that a model of at least 80,000 parameters knows",
            bar: Bar::AtLeast(0.75),
        },
        Measure { name: "exponent", meaning: "slope of the line", bar: Bar::Report },
        Measure {
            name: "prediction-gap",
            meaning: "the same prediction of loss − entropy: relative error",
            bar: Bar::Report,
        },
    ],
    run,
};

/// A model of the ladder at the end of its run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Its width.
    pub n_embd: usize,
    /// Parameters, see [`n_used`].
    pub n_params: usize,
    /// Floating-point operations, `6·N·D`.
    ///
    /// Source: Kaplan et al., arXiv:2001.08361, section 2.1.
    pub compute: f64,
    /// Held-out loss in nats per token.
    pub loss: f64,
}

/// A straight line through logarithms: `y = scale · x^exponent`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerLaw {
    /// The value at 1.
    pub scale: f64,
    /// The slope.
    pub exponent: f64,
    /// Share of the variance of log y that the line explains.
    pub r_squared: f64,
}

impl PowerLaw {
    /// Fits the logarithms of positive numbers by least squares.
    pub fn fit(points: &[(f64, f64)]) -> Self {
        let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (libm::log(*x), libm::log(*y))).collect();
        let n = logs.len() as f64;
        let mean_x = logs.iter().map(|(x, _)| x).sum::<f64>() / n;
        let mean_y = logs.iter().map(|(_, y)| y).sum::<f64>() / n;
        let sum =
            |f: &dyn Fn(f64, f64) -> f64| logs.iter().map(|(x, y)| f(x - mean_x, y - mean_y)).sum::<f64>();
        let exponent = sum(&|x, y| x * y) / sum(&|x, _| x * x);
        let rest = sum(&|x, y| (y - exponent * x) * (y - exponent * x));
        let r_squared = 1.0 - rest / sum(&|_, y| y * y);
        Self { scale: libm::exp(mean_y - exponent * mean_x), exponent, r_squared }
    }

    /// What the law says of `x`.
    pub fn at(&self, x: f64) -> f64 {
        self.scale * libm::pow(x, self.exponent)
    }
}

/// The points that no cheaper one beats, cheapest first.
pub fn frontier(points: &[Point]) -> Vec<Point> {
    let mut ordered: Vec<Point> = Vec::new();
    for point in points {
        let at = ordered.partition_point(|other| other.compute <= point.compute);
        ordered.insert(at, *point);
    }
    let mut best = f64::INFINITY;
    ordered.retain(|point| {
        let is_better = point.loss < best;
        best = best.min(point.loss);
        is_better
    });
    ordered
}

/// Steps of a model of some width.
pub fn n_steps(n_embd: usize) -> usize {
    let share = n_embd as f64 / WIDTHS[WIDTHS.len() - 1] as f64;
    libm::round(STEPS as f64 * libm::sqrt(share)) as usize
}

/// A run of the ladder's width on the world of a seed.
pub fn rung(n_embd: usize, seed: u64, world: &World) -> Pretrainer {
    let rate = LEARNING_RATE / libm::sqrt(n_embd as f64);
    let options = Options {
        n_embd,
        max_iters: n_steps(n_embd),
        learning_rate: rate,
        min_lr: rate / 10.0,
        seed,
        ..Options::default()
    };
    let tokenizer = world.tokenizer();
    Pretrainer::random(&options, tokenizer.vocab_size(), tokenizer.eos())
}

/// Parameters that take part: all but the embeddings of single bytes, which no text of the world has.
pub fn n_used(run: &Pretrainer, corpus: &Corpus) -> usize {
    let Corpus::Documents { train, .. } = corpus else { unreachable!("a world's corpus") };
    let mut occurs = vec![false; run.model.config.vocab_size];
    train.iter().for_each(|&id| occurs[id as usize] = true);
    let n_unused = occurs.iter().filter(|occurs| !**occurs).count();
    run.params.n_params() - n_unused * run.model.config.n_embd
}

/// Every sum of two digits, as the world asks for it.
pub fn questions() -> Vec<Question> {
    let ask = |(a, b, sum)| Question { prompt: format!(" {a} + {b} ="), answer: format!(" {sum}") };
    sums().map(ask).collect()
}

fn run(lab: &Lab) -> Vec<f64> {
    let (base, _) = Base::untrained(lab.seed, STEPS);
    let entropy = base.corpus.entropy().expect("a world's is known");
    let questions = questions();
    let mut points = Vec::new();
    // Parameters and share of sums of each finished model.
    let mut skills: Vec<(usize, f64)> = Vec::new();
    for n_embd in WIDTHS {
        let mut run = rung(n_embd, lab.seed, &base.world);
        let n_params = n_used(&run, &base.corpus);
        let tokens_per_step = run.config.batch_size * run.config.block_size;
        while run.step < run.config.max_iters {
            run.step(&base.corpus);
        }
        let compute = 6.0 * n_params as f64 * (run.step * tokens_per_step) as f64;
        let loss = base.held_out_loss(CausalLm::new(&run.model, &run.params));
        points.push(Point { n_embd, n_params, compute, loss });
        skills.push((n_params, base.accuracy(CausalLm::new(&run.model, &run.params), &questions)));
    }
    let gaps = |points: &[Point]| points.iter().map(|p| (p.compute, p.loss - entropy)).collect::<Vec<_>>();
    let law = PowerLaw::fit(&gaps(&frontier(&points)));
    let others: Vec<Point> = points.iter().copied().filter(|point| point.n_embd != PREDICTED).collect();
    let blind = PowerLaw::fit(&gaps(&frontier(&others)));
    let seen = points.iter().rfind(|point| point.n_embd == PREDICTED).expect("it is in the ladder");
    let predicted = blind.at(seen.compute);
    let small = skills.iter().filter(|(n, _)| *n <= 10_000).map(|(_, sums)| *sums);
    let large = skills.iter().filter(|(n, _)| *n >= 80_000).map(|(_, sums)| *sums);
    vec![
        law.r_squared,
        ((entropy + predicted) / seen.loss - 1.0).abs(),
        small.fold(f64::NAN, f64::max),
        large.fold(f64::NAN, f64::min),
        law.exponent,
        (predicted / (seen.loss - entropy) - 1.0).abs(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_law_is_found_again() {
        let points: Vec<(f64, f64)> = [1.0, 3.0, 10.0, 200.0].map(|x| (x, 5.0 * libm::pow(x, -0.7))).to_vec();
        let law = PowerLaw::fit(&points);
        assert!((law.scale - 5.0).abs() < 1e-9 && (law.exponent + 0.7).abs() < 1e-9, "{law:?}");
        assert!(
            (law.r_squared - 1.0).abs() < 1e-9 && (law.at(30.0) - 5.0 * libm::pow(30.0, -0.7)).abs() < 1e-9
        );
    }

    #[test]
    fn the_frontier_leaves_out_what_a_cheaper_model_beats() {
        let point = |compute, loss| Point { n_embd: 8, n_params: 1, compute, loss };
        let all = [point(4.0, 1.0), point(1.0, 2.0), point(2.0, 2.5), point(3.0, 1.5)];
        let computes: Vec<f64> = frontier(&all).iter().map(|point| point.compute).collect();
        assert_eq!(computes, [1.0, 3.0, 4.0]);
    }
}
