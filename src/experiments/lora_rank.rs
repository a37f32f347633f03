//! LoRA of a small rank is as good as full fine-tuning where a model is to show what it knows, and slower where it is to
//! learn what it cannot know.

use super::medicine::{self, Medicine};
use super::{Bar, Base, Experiment, Lab, Measure};
use crate::data::Batch;
use crate::nn::{CausalLm, Input, Linear};
use crate::peft::{Lora, LoraConfig, energy, singular_values, trainable_parameters};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};

/// Ranks to choose from.
pub const RANKS: [usize; 6] = [0, 1, 2, 4, 8, 16];
/// The rank that the claim is about.
const RANK: usize = 2;
/// Steps, in each of which all trained questions are seen.
pub const STEPS: usize = 60;
/// Learning rate of LoRA, whatever the rank.
pub const LORA_RATE: f64 = 2.5e-3;
/// Rates of full fine-tuning, of which the best counts. The last is that of pre-training.
pub const FULL_RATES: [f64; 6] = [2.5e-4, 5e-4, 1e-3, 2e-3, 4e-3, 8e-3];

/// Steps and batch size of learning by heart, and the rates of full fine-tuning and LoRA, each the better one of two.
const NEW_STEPS: usize = 200;
const NEW_BATCH: usize = 24;
const NEW_FULL_RATES: [f64; 2] = [1e-3, 2e-3];
const NEW_LORA_RATES: [f64; 2] = [5e-3, 1e-2];
/// How much longer LoRA then gets, at the lower rate.
const NEW_LONGER: usize = 3;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "lora-rank",
    claim: "To make a model tell what it knows, LoRA of rank 2 does what full fine-tuning does, with a thirtieth of \
            the parameters; to learn new facts, it needs about three times the steps.",
    measures: &[
        Measure {
            name: "gain",
            meaning: "gain of rank 2 on facts that are not trained, as a share of the gain of full fine-tuning at its \
                      best rate",
            bar: Bar::AtLeast(0.95),
        },
        Measure {
            name: "parameters",
            meaning: "trained parameters of rank 2, as a share of all",
            bar: Bar::EachAtMost(0.05),
        },
        Measure {
            name: "merged",
            meaning: "largest difference between logits of the merged and the unmerged model",
            bar: Bar::EachAtMost(1e-3),
        },
        Measure::report("base", "score of the base"),
        Measure::report("rank-1", "score of rank 1"),
        Measure::report("rank-2", "score of rank 2"),
        Measure::report("rank-4", "score of rank 4"),
        Measure::report("rank-16", "score of rank 16"),
        Measure::report("full", "score of full fine-tuning at its best rate"),
        Measure::report("full-rate", "that rate"),
        Measure::report(
            "forgetting-best",
            "rise of the held-out loss by rank 2, divided by that by full fine-tuning at its best rate",
        ),
        Measure::report(
            "forgetting-pretraining",
            "the same with full fine-tuning at the rate of pre-training",
        ),
        Measure::report("rise-lora", "rise of the held-out loss by rank 2, in nats"),
        Measure::report(
            "energy-1",
            "share of the full update's energy in the largest singular value, mean over matrices",
        ),
        Measure::report("energy-4", "the same for the four largest"),
        Measure::report("energy-16", "the same for the sixteen largest"),
        Measure::report("new-full", "share of 96 new facts that full fine-tuning learns in 200 steps"),
        Measure::report("new-rank-2", "share of them that rank 2 learns"),
        Measure::report("new-rank-16", "share of them that rank 16 learns"),
        Measure::report("new-longer", "share of them that rank 2 learns in three times the steps"),
        Measure::report("new-rise-full", "rise of the held-out loss by full then, in nats"),
        Measure::report("new-rise-rank-2", "the same by rank 2"),
    ],
    run,
};

/// A fine-tuned model and what it is worth.
pub struct Tuned {
    /// The weights, the adapter's included.
    pub params: Params,
    /// The adapter; none if all weights were trained.
    pub lora: Option<Lora>,
    /// Share of the questions asked that are answered rightly.
    pub score: f64,
    /// Rise of the held-out loss, in nats.
    pub rise: f64,
}

/// A fresh adapter beside every linear layer, which alone is trained.
pub fn adapter(base: &Base, rank: usize, seed: u64) -> (Params, Lora) {
    let config = LoraConfig { r: rank, lora_alpha: 4.0, ..LoraConfig::default() };
    let mut rng = Rng::stream(seed, "lora-rank: adapter");
    base.tuned(|model, params| Lora::init("default", config, model, params, &mut rng))
}

/// Singular values of what fine-tuning did to each linear layer, in the order of the network.
pub fn spectra(base: &Base, tuned: &Tuned) -> Vec<Vec<f64>> {
    let of_layer = |layer, module: Linear| {
        let id = base.model.weight(layer, module);
        let cols = base.params.shape(id)[1];
        let update = match &tuned.lora {
            Some(lora) => lora.delta_weight(layer, module, &tuned.params),
            None => {
                let pairs = tuned.params.value(id).iter().zip(base.params.value(id));
                Some(pairs.map(|(now, before)| now - before).collect())
            }
        };
        update.map_or_else(Vec::new, |update| singular_values(&update, cols))
    };
    let layers = 0..base.model.config.n_layer;
    layers.flat_map(|layer| Linear::ALL.map(|module| of_layer(layer, module))).collect()
}

/// Largest difference that merging the adapter into the weights makes to a logit, over some rows.
pub fn merging_error(base: &Base, tuned: &Tuned, batch: &Batch) -> f64 {
    let Some(lora) = &tuned.lora else { return 0.0 };
    let logits = |params: &Params, lora: Option<&Lora>| {
        let (mut tape, tuner) = (Tape::new(), lora.map(|lora| lora as _));
        let lm = CausalLm { tuner, ..CausalLm::new(&base.model, params) };
        let mut g = lm.inference(&mut tape);
        let input = Input { tuner: lm.tuner, ..Input::new(&batch.input_ids, batch.batch_size) };
        let logits = lm.model.logits(&mut g, &input);
        g.value(logits).to_vec()
    };
    let mut merged = tuned.params.clone();
    lora.merge(&base.model, &mut merged);
    let pairs = logits(&merged, None).into_iter().zip(logits(&tuned.params, Some(lora)));
    pairs.map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max)
}

fn run(lab: &Lab) -> Vec<f64> {
    let base = lab.base();
    let loss = base.held_out_loss(base.lm());
    // All weights, or an adapter of a rank; then how good it is at other questions.
    let tune = |rank: Option<usize>, rate, steps, batch: &mut dyn FnMut() -> Batch, asked: &[_]| {
        let (mut params, lora) = match rank {
            None => (base.params.clone(), None),
            Some(rank) => {
                let (params, lora) = adapter(base, rank, lab.seed);
                (params, Some(lora))
            }
        };
        let tuner = lora.as_ref().map(|lora| lora as _);
        base.fine_tune(&mut params, tuner, rate, steps, batch);
        let lm = CausalLm { tuner, ..CausalLm::new(&base.model, &params) };
        let (score, rise) = (base.accuracy(lm, asked), base.held_out_loss(lm) - loss);
        Tuned { params, lora, score, rise }
    };

    let medicine = Medicine::new(&base.world, lab.seed);
    let questions = medicine.batch(base);
    let elicit = |rank, rate| tune(rank, rate, STEPS, &mut || questions.clone(), &medicine.untouched);
    let full = FULL_RATES.map(|rate| elicit(None, rate));
    // The best score; among equals, the one that forgets least.
    let is_better = |a: &Tuned, b: &Tuned| a.score > b.score || (a.score == b.score && a.rise < b.rise);
    let best = (1..full.len()).fold(0, |best, i| if is_better(&full[i], &full[best]) { i } else { best });
    let ranks = RANKS.map(|rank| elicit(Some(rank), LORA_RATE));
    let of_rank = |rank| &ranks[RANKS.iter().position(|r| *r == rank).expect("one of the ranks")];
    let (lora, base_score) = (of_rank(RANK), of_rank(0).score);

    let pretraining = &full[FULL_RATES.len() - 1];
    let spectra = spectra(base, &full[best]);
    let energy = |k| super::mean(&spectra.iter().map(|values| energy(values, k)).collect::<Vec<_>>());
    let n_trained = trainable_parameters(lora.lora.as_ref().expect("an adapter"), &lora.params);
    let held_out = base.corpus.val_batches(64, 32).next().expect("there is one");

    let facts = medicine::organs(&base.world, lab.seed);
    let draw = || {
        let rng = Rng::stream(lab.seed, "lora-rank: new facts");
        medicine::draws(base, &facts, NEW_BATCH, rng)
    };
    let memorize = |rank, rates: [f64; 2]| {
        let [a, b] = rates.map(|rate| tune(rank, rate, NEW_STEPS, &mut draw(), &facts));
        if is_better(&a, &b) { a } else { b }
    };
    let [new_full, new_2, new_16] = [
        memorize(None, NEW_FULL_RATES),
        memorize(Some(RANK), NEW_LORA_RATES),
        memorize(Some(16), NEW_LORA_RATES),
    ];
    let longer = tune(Some(RANK), NEW_LORA_RATES[0], NEW_LONGER * NEW_STEPS, &mut draw(), &facts);
    vec![
        (lora.score - base_score) / (full[best].score - base_score),
        n_trained as f64 / base.params.n_params() as f64,
        merging_error(base, lora, &held_out),
        base_score,
        of_rank(1).score,
        lora.score,
        of_rank(4).score,
        of_rank(16).score,
        full[best].score,
        FULL_RATES[best],
        lora.rise / full[best].rise,
        lora.rise / pretraining.rise,
        lora.rise,
        energy(1),
        energy(4),
        energy(16),
        new_full.score,
        new_2.score,
        new_16.score,
        longer.score,
        new_full.rise,
        new_2.rise,
    ]
}
