//! What is timed: kernels, operations, whole steps of training, generation.
//!
//! A [`Case`] does one unit of work, the same everywhere; whoever calls holds the clock. The sizes and the data of
//! a [`Reference`] are fixed, so that its first losses say whether the work was done right, and so that other
//! programs can do the very same step. Start with [`cases`].

mod by_hand;
mod reference;

use crate::error::{Error, Result};
use crate::nn::{Gpt2, Gpt2Config, Input};
use crate::rng::Rng;
use crate::tensor::kernels::{Init, Matrix, gemm};
use crate::tensor::{AttentionMask, Graph, Params, Tape, Var, kernels};

pub use reference::{Reference, Stream};

/// What is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A function on slices.
    Kernel,
    /// An operation of the tape, forward and backward.
    Op,
    /// A step of training.
    Step,
    /// The writing of a token.
    Generate,
}

impl Kind {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::Op => "op",
            Self::Step => "step",
            Self::Generate => "generate",
        }
    }
}

/// A unit of work.
pub struct Case {
    /// What it is, with its sizes.
    pub name: String,
    pub kind: Kind,
    /// Floating-point operations of a unit, 0 where they say nothing.
    pub flops: f64,
    /// Tokens of a unit, 0 where there are none.
    pub tokens: usize,
    run: Box<dyn FnMut() -> f32>,
}

impl Case {
    fn new(
        name: impl Into<String>,
        kind: Kind,
        flops: f64,
        tokens: usize,
        run: impl FnMut() -> f32 + 'static,
    ) -> Self {
        Self { name: name.into(), kind, flops, tokens, run: Box::new(run) }
    }

    /// Does the work once. Gives a number that depends on all of it: the loss, for a step.
    pub fn run(&mut self) -> f32 {
        (self.run)()
    }
}

/// The names of the lists of cases.
pub const CONFIGS: [&str; 3] = ["probe", "micro", "mini"];

/// The cases of a configuration: `probe`, a matrix product of about a millisecond; `micro` or `mini`, everything at
/// the sizes of that [`Reference`].
///
/// # Errors
///
/// If there is no such configuration.
pub fn cases(config: &str) -> Result<Vec<Case>> {
    let reference = match config {
        "probe" => return Ok(vec![product("matrix product", [128, 256, 256], Layout::Nn)]),
        "micro" => Reference::MICRO,
        "mini" => Reference::MINI,
        _ => return Err(Error::input("config", config, CONFIGS.join(", "))),
    };
    let mut cases = vec![peak()];
    cases.extend(kernels_of(&reference));
    cases.extend(ops_of(&reference));
    cases.extend(by_hand::cases(reference.rows_of_a_shard() * reference.block_size, reference.n_embd));
    cases.push(step_of(reference));
    cases.extend(generation_of(&reference));
    Ok(cases)
}

/// Which operand of a product runs along memory: `N` as it is, `T` transposed.
#[derive(Clone, Copy)]
enum Layout {
    Nn,
    Nt,
    Tn,
}

/// Multiplications and additions on registers only: what the others can come close to.
fn peak() -> Case {
    const TURNS: usize = 40_000;
    Case::new("multiply and add", Kind::Kernel, kernels::peak_flops(TURNS), 0, || kernels::peak(TURNS))
}

fn product(name: &str, [m, k, n]: [usize; 3], layout: Layout) -> Case {
    let (a, b, mut c) = (normal(m * k), normal(k * n), vec![0.0; m * n]);
    Case::new(format!("{name} {m}×{k}×{n}"), Kind::Kernel, 2.0 * (m * k * n) as f64, 0, move || {
        let (a, b) = match layout {
            Layout::Nn => (Matrix::rows(&a, k), Matrix::rows(&b, n)),
            Layout::Nt => (Matrix::rows(&a, k), Matrix::transposed(&b, k)),
            Layout::Tn => (Matrix::transposed(&a, m), Matrix::rows(&b, n)),
        };
        gemm([m, k, n], a, b, Init::Zero, &mut c, n);
        c[0]
    })
}

fn kernels_of(reference: &Reference) -> Vec<Case> {
    let Reference { n_embd: c, block_size, vocab_size, .. } = *reference;
    let rows = reference.rows_of_a_shard() * block_size;
    let products = [
        ("y = x·w", [rows, c, 3 * c], Layout::Nn),
        ("y = x·w", [rows, c, 4 * c], Layout::Nn),
        ("y = x·w", [rows, 4 * c, c], Layout::Nn),
        ("dx = dy·wᵀ", [rows, 3 * c, c], Layout::Nt),
        ("dx = dy·wᵀ", [rows, 4 * c, c], Layout::Nt),
        ("dw = xᵀ·dy", [c, rows, 3 * c], Layout::Tn),
        ("dw = xᵀ·dy", [c, rows, 4 * c], Layout::Tn),
    ];
    let mut cases: Vec<Case> =
        products.iter().map(|&(name, sizes, layout)| product(name, sizes, layout)).collect();
    let (x, mut gates, mut y) = (normal(rows * 4 * c), vec![0.0; rows * 4 * c], vec![0.0; rows * 4 * c]);
    cases.push(Case::new(format!("gelu {rows}×{}", 4 * c), Kind::Kernel, 0.0, 0, move || {
        kernels::gelu(&x, &mut gates, &mut y);
        y[0]
    }));
    let (logits, mut probs) = (normal(rows * vocab_size), vec![0.0; rows * vocab_size]);
    cases.push(Case::new(format!("softmax {rows}×{vocab_size}"), Kind::Kernel, 0.0, 0, move || {
        probs.copy_from_slice(&logits);
        probs.chunks_exact_mut(vocab_size).map(|row| kernels::softmax_row(row, 1.0)).sum()
    }));
    let n = 4 * c * c;
    let (mut p, g, mut m, mut v) = (normal(n), normal(n), vec![0.0; n], vec![0.0; n]);
    let update = kernels::AdamW {
        beta1: 0.9,
        beta2: 0.95,
        eps: 1e-8,
        step_size: 1e-3,
        correction2_sqrt: 1.0,
        keep: 1.0,
    };
    cases.push(Case::new(format!("adamw {n}"), Kind::Kernel, 0.0, 0, move || {
        update.apply(&mut p, &g, &mut m, &mut v);
        p[0]
    }));
    cases
}

type Op = Box<dyn Fn(&mut Graph, &[Var]) -> Var>;

/// An operation on inputs of these shapes, there and back.
fn op(name: String, shapes: &[[usize; 2]], f: Op) -> Case {
    let mut params = Params::new();
    let ids: Vec<_> = shapes
        .iter()
        .enumerate()
        .map(|(i, &[rows, cols])| params.add_values(&i.to_string(), &[rows, cols], &normal(rows * cols)))
        .collect();
    let mut tape = Tape::new();
    Case::new(name, Kind::Op, 0.0, 0, move || {
        tape.gradients.clear();
        let mut g = Graph::new(&mut tape, &params);
        let inputs: Vec<Var> = ids.iter().map(|&id| g.param(id)).collect();
        let y = f(&mut g, &inputs);
        g.backward_from(y);
        g.value(y)[0]
    })
}

fn ops_of(reference: &Reference) -> Vec<Case> {
    let Reference { n_embd: c, block_size: t, n_head, vocab_size, .. } = *reference;
    let b = reference.rows_of_a_shard();
    let rows = b * t;
    let conv1d: Op = Box::new(|g, x| g.conv1d(x[0], x[1], x[2]));
    let layer_norm: Op = Box::new(|g, x| g.layer_norm(x[0], x[1], x[2], 1e-5));
    let attention: Op = Box::new(move |g, x| g.attention(x[0], b, n_head, AttentionMask::Causal, None).0);
    let labels: Vec<_> = (0..rows).map(|i| Some((i % vocab_size) as u32)).collect();
    let cross_entropy: Op = Box::new(move |g, x| g.cross_entropy(x[0], &labels));
    vec![
        op(format!("conv1d {rows}×{c}×{}", 4 * c), &[[rows, c], [c, 4 * c], [1, 4 * c]], conv1d),
        op(format!("layer_norm {rows}×{c}"), &[[rows, c], [1, c], [1, c]], layer_norm),
        op(format!("gelu {rows}×{}", 4 * c), &[[rows, 4 * c]], Box::new(|g, x| g.gelu(x[0]))),
        op(format!("attention {b}×{t}×{c}, {n_head} heads"), &[[rows, 3 * c]], attention),
        op(format!("cross_entropy {rows}×{vocab_size}"), &[[rows, vocab_size]], cross_entropy),
    ]
}

fn step_of(reference: Reference) -> Case {
    let mut run = reference.pretrainer();
    let mut stream = Stream::new();
    let (flops, tokens) = (run.flops(), reference.batch_size * reference.block_size);
    Case::new("training step", Kind::Step, flops, tokens, move || run.learn(stream.batch(&reference)).loss)
}

/// Tokens before the one that is timed.
const PREFIX: usize = 64;

/// A token after [`PREFIX`] others, with their keys and values at hand and without.
fn generation_of(reference: &Reference) -> [Case; 2] {
    let model = |seed| {
        let config = Gpt2Config { n_positions: 2 * PREFIX, ..reference.model() };
        let mut params = Params::new();
        (Gpt2::init(config, &mut params, &mut Rng::new(seed)), params)
    };
    let ids: Vec<u32> = (0..=PREFIX).map(|i| (i * 7 % reference.vocab_size) as u32).collect();
    let (prefix, last) = (ids[..PREFIX].to_vec(), ids[PREFIX]);
    let (cached, params) = model(1);
    let mut tape = Tape::new();
    let mut caches = cached.caches(1);
    let mut g = Graph::inference(&mut tape, &params);
    cached.forward_cached(&mut g, &Input::new(&prefix, 1), &mut caches);
    let with_cache = Case::new(format!("token {}, cached", PREFIX + 1), Kind::Generate, 0.0, 1, move || {
        caches.iter_mut().for_each(|cache| cache.truncate(PREFIX));
        let mut g = Graph::inference(&mut tape, &params);
        let logits = cached.forward_cached(&mut g, &Input::new(&[last], 1), &mut caches);
        g.value(logits)[0]
    });
    let (whole, params) = model(1);
    let mut tape = Tape::new();
    let without = Case::new(format!("token {}, recomputed", PREFIX + 1), Kind::Generate, 0.0, 1, move || {
        let mut g = Graph::inference(&mut tape, &params);
        let logits = whole.logits(&mut g, &crate::nn::Input::new(&ids, 1));
        let n = g.value(logits).len();
        g.value(logits)[n - g.cols(logits)]
    });
    [with_cache, without]
}

fn normal(n: usize) -> Vec<f32> {
    let mut rng = Rng::new(n as u64);
    (0..n).map(|_| rng.normal()).collect()
}
