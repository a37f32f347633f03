//! A run of PPO put aside, at any part of a turn. Start with [`PpoTrainer::save`].

use super::{Completion, PpoConfig, PpoStats, PpoTrainer, Sample, Stage};
use crate::json::fields;
use crate::nn::{CausalLm, Gpt2, Sampling};
use crate::rng::Rng;
use crate::tensor::Params;

/// A run of PPO without its tensors.
#[derive(Debug, Clone)]
pub struct SavedPpo {
    kl_coef: f32,
    stats: PpoStats,
    optimizer_step: usize,
    rng: Rng,
    /// Tokens that completions have, if they are being written; `rng` is then that of before the first.
    written: Option<usize>,
    /// Completions that are not scored yet.
    unscored: Vec<Completion>,
    scores: Option<Vec<f32>>,
    ref_logprobs: Option<Vec<Vec<f32>>>,
    samples: Vec<Sample>,
    steps: Vec<Vec<usize>>,
}

fields!(SavedPpo: kl_coef, stats, optimizer_step, rng, written, unscored, scores, ref_logprobs, samples, steps);
fields!(Sample: completion, score, logprob, ref_logprob, logprobs, values, advantages, returns);

impl PpoTrainer {
    /// All that is needed to go on with the same bits: the policy's tensors with those of the optimizer, and the rest.
    pub fn save(&self) -> (Params, SavedPpo) {
        let (state, optimizer_step) = self.learner.optimizer.state(&self.params);
        let mut tensors = self.params.clone();
        for id in state.ids() {
            tensors.add_values(state.name(id), state.shape(id), state.value(id));
        }
        let mut saved = SavedPpo {
            kl_coef: self.config.kl_coef,
            stats: self.stats,
            optimizer_step,
            rng: self.rng.clone(),
            written: None,
            unscored: Vec::new(),
            scores: None,
            ref_logprobs: None,
            samples: self.samples.clone(),
            steps: self.steps.clone(),
        };
        match &self.stage {
            Stage::Over => {}
            Stage::Writing { writer, before } => {
                (saved.written, saved.rng) = (Some(writer.n_written()), before.clone());
            }
            Stage::Scoring { completions, scores, ref_logprobs } => {
                saved.unscored.clone_from(completions);
                (saved.scores, saved.ref_logprobs) = (scores.clone(), ref_logprobs.clone());
            }
        }
        (tensors, saved)
    }

    /// Goes on where [`PpoTrainer::save`] was called; `None` if the parts do not fit each other. `prompts` are those of the
    /// turn under way.
    pub fn load(
        config: PpoConfig,
        model: &Gpt2,
        reference: &Params,
        prompts: &[&[u32]],
        tensors: &Params,
        saved: SavedPpo,
    ) -> Option<Self> {
        let mut this = Self::new(config, model, reference, saved.rng);
        this.params.load(tensors)?;
        this.learner.optimizer.load_state(&this.params, tensors, saved.optimizer_step)?;
        let n = saved.samples.len();
        let lists = |s: &Sample| [&s.logprobs, &s.values, &s.advantages, &s.returns].map(Vec::len);
        let fits = |s: &Sample| s.completion.fits(model) && lists(s) == [s.completion.completion().len(); 4];
        if !saved.samples.iter().all(fits)
            || saved.steps.iter().flatten().any(|i| *i >= n)
            || !saved.unscored.iter().all(|completion| completion.fits(model))
        {
            return None;
        }
        this.config.kl_coef = saved.kl_coef;
        (this.stats, this.samples, this.steps) = (saved.stats, saved.samples, saved.steps);
        if let Some(n) = saved.written {
            // Written again: the same tokens, from the same random numbers.
            let (mut writer, before) = (this.writer(prompts), this.rng.clone());
            while writer.n_written() < n {
                let policy = CausalLm::new(model, &this.params);
                if !writer.step(policy, &mut this.learner.tape, &Sampling::default(), &mut this.rng) {
                    return None;
                }
            }
            this.stage = Stage::Writing { writer, before };
        } else if !saved.unscored.is_empty() {
            let (scores, ref_logprobs) = (saved.scores, saved.ref_logprobs);
            let n = saved.unscored.len();
            let lengths_fit = |lists: &Vec<Vec<f32>>| {
                lists.len() == n
                    && lists.iter().zip(&saved.unscored).all(|(l, c)| l.len() == c.completion().len())
            };
            if scores.as_ref().is_some_and(|scores| scores.len() != n)
                || ref_logprobs.as_ref().is_some_and(|lists| !lengths_fit(lists))
            {
                return None;
            }
            this.stage = Stage::Scoring { completions: saved.unscored, scores, ref_logprobs };
        }
        Some(this)
    }
}
