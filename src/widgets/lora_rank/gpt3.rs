//! What a rank means at the size of GPT-3: the formula, beside what was published.
//!
//! Knows sizes only. Start with [`AtGpt3::new`].

use super::run::Kind;
use crate::json::fields;
use crate::nn::{Gpt2Config, Linear};
use crate::peft::LoraConfig;

/// Weights, blocks and width.
///
/// Source: Brown et al., arXiv:2005.14165, table 2.1; the weights as Hu et al., arXiv:2106.09685, table 4, count them.
const N_PARAMS: f64 = 175_255.8e6;
const N_LAYER: usize = 96;
const N_EMBD: usize = 12_288;

/// Bytes of a weight in use, and what a trained one needs besides: its gradient, a copy in single precision, and Adam's
/// two means.
///
/// Source: Rajbhandari et al., arXiv:1910.02054, section 3.1.
const WEIGHT_BYTES: f64 = 2.0;
const TRAINED_BYTES: f64 = 2.0 + 4.0 + 4.0 + 4.0;

/// Validation accuracy on WikiSQL, in per cent, of adapters of the matrices of queries and values.
///
/// Source: Hu et al., arXiv:2106.09685, table 6; all weights: table 4.
const WIKISQL: [(usize, f32); 5] = [(1, 73.4), (2, 73.3), (4, 73.7), (8, 73.8), (64, 73.5)];
const WIKISQL_FULL: f32 = 73.8;

/// The same rank, for a model of 175 billion weights.
#[derive(Debug, Clone, PartialEq)]
pub struct AtGpt3 {
    /// Weights.
    pub n_params: f64,
    /// Trained numbers with the targets in force.
    pub trained: f64,
    /// With those of the paper, the matrices of queries and values.
    pub trained_qv: f64,
    /// Bytes of a file with the latter, at two each.
    pub file_bytes: f64,
    /// Bytes of memory to train the latter: frozen and trained weights, gradients, optimizer.
    pub memory_bytes: f64,
    /// The same for all weights.
    pub full_memory_bytes: f64,
    /// The published score at this rank, where there is one.
    pub wikisql: Option<f32>,
    /// The published score of full fine-tuning.
    pub wikisql_full: f32,
}

fields!(write AtGpt3: n_params, trained, trained_qv, file_bytes, memory_bytes, full_memory_bytes, wikisql, wikisql_full);

impl AtGpt3 {
    /// For a rank and targets.
    pub fn new(kind: Kind, config: &LoraConfig) -> Self {
        let model = Gpt2Config { n_embd: N_EMBD, n_layer: N_LAYER, ..Gpt2Config::default() };
        let (trained, trained_qv, wikisql) = match kind {
            Kind::Full => (N_PARAMS, N_PARAMS, Some(WIKISQL_FULL)),
            Kind::Lora(r) => {
                let of_block = |module: Linear| {
                    let [inputs, outputs] = module.shape(N_EMBD, model.n_inner());
                    if config.targets(module) { inputs + outputs } else { 0 }
                };
                let sides: usize = Linear::ALL.into_iter().map(of_block).sum();
                let of_rank = |sides: usize| (r * sides * N_LAYER) as f64;
                let published = WIKISQL.iter().find(|(rank, _)| *rank == r).map(|(_, score)| *score);
                (of_rank(sides), of_rank(2 * 2 * N_EMBD), published)
            }
        };
        let memory = |trained: f64| WEIGHT_BYTES * N_PARAMS + TRAINED_BYTES * trained;
        // An adapter stands beside the weights; full fine-tuning trains the weights themselves.
        let beside = if kind == Kind::Full { 0.0 } else { WEIGHT_BYTES * trained_qv };
        Self {
            n_params: N_PARAMS,
            trained,
            trained_qv,
            file_bytes: WEIGHT_BYTES * trained_qv,
            memory_bytes: memory(trained_qv) + beside,
            full_memory_bytes: memory(N_PARAMS),
            wikisql,
            wikisql_full: WIKISQL_FULL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_gives_the_papers_counts() {
        let at = |r| AtGpt3::new(Kind::Lora(r), &LoraConfig::default());
        // Table 4: 4.7 M and 37.7 M; section 4.2: 35 MB (of 2^20 bytes), 350 GB.
        assert_eq!((at(1).trained_qv, at(8).trained_qv), (4_718_592.0, 37_748_736.0));
        assert!((at(4).file_bytes / 1024.0 / 1024.0 - 36.0).abs() < 0.1);
        assert!((at(4).memory_bytes / 1e9 - 350.8).abs() < 0.05);
        assert_eq!(at(0).trained, 0.0);
        // All matrices: 3 + 1, 1 + 1, 4 + 1 and 1 + 4 widths a block.
        assert_eq!(at(2).trained, (2 * 16 * N_EMBD * N_LAYER) as f64);
        let full = AtGpt3::new(Kind::Full, &LoraConfig::default());
        assert_eq!(full.memory_bytes, full.full_memory_bytes);
        assert!((full.memory_bytes / 1e12 - 2.8).abs() < 0.01);
    }
}
