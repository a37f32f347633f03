//! A model is good at what it was fed: the shares of a mixture against the loss on each of its sources.

use super::{Bar, Experiment, Lab, Measure};
use crate::data::world::{Vocabulary, Voice};
use crate::data::{Batch, Corpus};
use crate::nn::CausalLm;
use crate::rng::Rng;
use crate::tensor::Tape;
use crate::train::{Options, Pretrainer, mean_loss};

/// Number of voices.
pub const N: usize = Voice::ALL.len();
/// Documents of each voice to draw from, and those that are held out.
const N_TRAIN: usize = 6000;
const N_VAL: usize = 100;
/// Shares that each voice has in turn, while the others share the rest evenly.
pub const SHARES: [f64; 3] = [0.03, 0.1, 0.3];

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "data-mixture",
    claim: "A model is good at what it was fed: with a voice's share of the text its loss on that voice falls, and a \
            language with a small share is learned badly.",
    measures: &[
        Measure {
            name: "minority-ratio",
            meaning: "loss on the second language at a share of 3 %, divided by that at 30 %",
            bar: Bar::AtLeast(1.5),
        },
        Measure {
            name: "least-gain",
            meaning: "smallest fall of a voice's loss from one share of its own to the next, of 3, 10 and 30 %, in nats \
                      per token; above 0 if all five fall all the way",
            bar: Bar::EachAtLeast(0.0),
        },
        Measure {
            name: "others-change",
            meaning: "largest change of any other voice's loss meanwhile, in nats per token",
            bar: Bar::AtMost(0.03),
        },
        Measure {
            name: "others-fall",
            meaning: "largest fall of any other voice's loss meanwhile, though its share fell too, in nats per token",
            bar: Bar::AtMost(0.03),
        },
        Measure {
            name: "minority-loss-few",
            meaning: "loss on the second language at a share of 3 %, in nats per token",
            bar: Bar::Report,
        },
        Measure {
            name: "minority-loss-many",
            meaning: "loss on the second language at a share of 30 %, in nats per token",
            bar: Bar::Report,
        },
    ],
    run,
};

/// Five voices in the world of a seed.
pub struct Mixture {
    /// Words of all voices.
    pub vocabulary: Vocabulary,
    /// Of each voice, in the order of [`Voice::ALL`].
    pub corpora: [Corpus; N],
    seed: u64,
}

/// A model that is trained on a mixture.
pub struct MixtureRun {
    /// The run.
    pub pretrainer: Pretrainer,
    shares: [f64; N],
    /// Rows that each voice has given, and where its next ones come from. Every mixture reads a voice's rows in the same
    /// order, so that runs differ in how many of them they have read and in nothing else.
    n_rows: [usize; N],
    rngs: [Rng; N],
}

impl Mixture {
    /// The voices in the world of a seed.
    pub fn new(seed: u64) -> Self {
        let sentences = Voice::ALL.map(|voice| voice.sentences(seed));
        let vocabulary = Vocabulary::new(&sentences);
        let corpora = std::array::from_fn(|i| {
            vocabulary.corpus(&sentences[i], N_TRAIN, N_VAL, seed, &format!("data-mixture: voice {i}"))
        });
        Self { vocabulary, corpora, seed }
    }

    /// How a run goes: one block 32 wide, 320 steps. The longest document fits into a row of 16 tokens.
    pub fn options(&self) -> Options {
        Options {
            n_layer: 1,
            n_head: 8,
            n_embd: 32,
            block_size: 16,
            batch_size: 32,
            max_iters: 320,
            learning_rate: 0.01,
            min_lr: 0.0,
            seed: self.seed,
            ..Options::default()
        }
    }

    /// A run over a mixture with these shares, or with others in the same proportion.
    ///
    /// # Panics
    ///
    /// If a share is negative, or all are 0.
    pub fn begin(&self, shares: [f64; N], options: &Options) -> MixtureRun {
        let total: f64 = shares.iter().sum();
        assert!(shares.iter().all(|share| *share >= 0.0) && total > 0.0, "mixture: shares of {shares:?}");
        let rows = |i| Rng::stream(self.seed, &format!("data-mixture: rows of voice {i}"));
        MixtureRun {
            pretrainer: Pretrainer::random(options, self.vocabulary.size(), Vocabulary::EOS),
            shares: shares.map(|share| share / total),
            n_rows: [0; N],
            rngs: std::array::from_fn(rows),
        }
    }

    /// Held-out loss on each voice, as [`Mixture::loss`] has it.
    pub fn losses(&self, lm: CausalLm) -> [f64; N] {
        let mut tape = Tape::new();
        std::array::from_fn(|i| self.loss(lm, &mut tape, i))
    }

    /// Held-out loss on a voice, in nats per token.
    ///
    /// The first word of a document is not scored: it says whose the document is, and what that costs is −ln of the
    /// voice's share, whatever the model knows.
    pub fn loss(&self, lm: CausalLm, tape: &mut Tape, voice: usize) -> f64 {
        let block_size = self.options().block_size;
        let unscored = |mut batch: Batch| {
            batch.labels.iter_mut().step_by(block_size).for_each(|label| *label = None);
            batch
        };
        mean_loss(lm, tape, self.corpora[voice].val_batches(N_VAL, block_size).map(unscored))
    }

    /// The loss that no model can beat on each voice, first words left out as in [`Mixture::losses`].
    pub fn entropies(&self) -> [f64; N] {
        let entropy = |corpus: &Corpus| {
            let Corpus::Documents { val, entropy, .. } = corpus else { unreachable!("documents") };
            let n_tokens: usize = val.iter().map(|tokens| tokens.len() - 1).sum();
            entropy * n_tokens as f64 / (n_tokens - val.len()) as f64
        };
        std::array::from_fn(|i| entropy(&self.corpora[i]))
    }
}

impl MixtureRun {
    /// Learns from one batch. Each row is one voice's, of the one that lacks most of its share. Gives the loss before, in
    /// nats per token.
    pub fn step(&mut self, mixture: &Mixture) -> f32 {
        let (batch_size, block_size) = (self.pretrainer.config.batch_size, self.pretrainer.config.block_size);
        let mut batch = Batch::new(block_size);
        for _ in 0..batch_size {
            let n = self.n_rows.iter().sum::<usize>() as f64 + 1.0;
            let lack = |i: &usize| self.shares[*i] * n - self.n_rows[*i] as f64;
            let voice = (0..N).max_by(|a, b| lack(a).total_cmp(&lack(b))).expect("there are voices");
            let row = mixture.corpora[voice].sample(&mut self.rngs[voice], 1, block_size);
            batch.input_ids.extend(row.input_ids);
            batch.labels.extend(row.labels);
            batch.batch_size += 1;
            self.n_rows[voice] += 1;
        }
        self.pretrainer.learn(&batch).loss
    }

    /// The model as it is.
    pub fn lm(&self) -> CausalLm<'_> {
        CausalLm::new(&self.pretrainer.model, &self.pretrainer.params)
    }
}

/// A mixture in which one voice has a share and the others have the rest, evenly.
pub fn with_share(voice: usize, share: f64) -> [f64; N] {
    let mut shares = [(1.0 - share) / (N - 1) as f64; N];
    shares[voice] = share;
    shares
}

fn run(lab: &Lab) -> Vec<f64> {
    let mixture = Mixture::new(lab.seed);
    let options = mixture.options();
    let losses = |shares| {
        let mut run = mixture.begin(shares, &options);
        (0..options.max_iters).for_each(|_| _ = run.step(&mixture));
        mixture.losses(run.lm())
    };
    let (mut least_gain, mut rise, mut fall) = (f64::INFINITY, 0.0_f64, 0.0_f64);
    let mut french = [0.0; SHARES.len()];
    for moved in 0..N {
        let by_share = SHARES.map(|share| losses(with_share(moved, share)));
        for voice in 0..N {
            let [few, some, many] = by_share.map(|losses| losses[voice]);
            if voice == moved {
                least_gain = least_gain.min(few - some).min(some - many);
                french = [few, some, many];
            } else {
                rise = rise.max(some - few).max(many - some).max(many - few);
                fall = fall.max(few - some).max(some - many).max(few - many);
            }
        }
    }
    // The last voice that was moved is the second language.
    let [few, _, many] = french;
    vec![few / many, least_gain, rise.max(fall), fall, few, many]
}
