//! What is left of the scores.

use pretune::nn::{Sampling, probabilities};

use super::Fixture;

/// `transformers/generation/logits_process.py`
#[test]
fn golden_sampling() {
    for f in Fixture::all("sampling") {
        let (rows, cols) = (f.shape("logits")[0], f.shape("logits")[1]);
        let (logits, previous) = (f.floats("logits"), f.ids("previous_ids"));
        let n_previous = previous.len() / rows;
        let process = |sampling: Sampling| -> Vec<f32> {
            let row = |r: usize| {
                let mut logits = logits[r * cols..][..cols].to_vec();
                sampling.process(&mut logits, &previous[r * n_previous..][..n_previous]);
                logits
            };
            (0..rows).flat_map(row).collect()
        };
        let off = Sampling::default();
        let temperature = f.param("temperature") as f32;
        let top_k = f.param("top_k") as usize;
        let top_p = f.param("top_p") as f32;
        let repetition_penalty = f.param("penalty") as f32;
        f.check("temperature", &process(Sampling { temperature, ..off }));
        f.check("top_k", &process(Sampling { top_k, ..off }));
        f.check("top_p", &process(Sampling { top_p, ..off }));
        f.check("min_p", &process(Sampling { min_p: f.param("min_p") as f32, ..off }));
        f.check("repetition_penalty", &process(Sampling { repetition_penalty, ..off }));
        let combined = process(Sampling { temperature, top_k, top_p, repetition_penalty, min_p: 0.0 });
        f.check("combined", &combined);
        let probs: Vec<f32> = combined.chunks(cols).flat_map(probabilities).collect();
        f.check("probabilities", &probs);
    }
}
