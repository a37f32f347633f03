//! What is kept: the reader's labels and sentence, the run with its optimizer, and what was measured.

use super::{ANSWERS, Labels, Measured, N_DECK, Sentiment, Settings};
use crate::error::Result;
use crate::json::fields;
use crate::rng::Rng;
use crate::tensor::Params;
use crate::widgets::attributes::Warning;
use crate::widgets::base::{self, Origin, misfit};

/// What stands before the names of the run's tensors, which are also the base's.
const TUNED: &str = "tuned.";

struct Saved {
    origin: Origin,
    labels: Labels,
    steps: usize,
    seed: u64,
    warnings: Vec<Warning>,
    mine: Vec<Option<usize>>,
    sentence: String,
    step: usize,
    loss: Option<f32>,
    optimizer_step: usize,
    rng: Rng,
    before: Option<Measured>,
    curve: Vec<(usize, usize)>,
    now: Option<Measured>,
    fingerprint: Option<String>,
}

fields!(Saved: origin, labels, steps, seed, warnings, mine, sentence, step, loss, optimizer_step, rng, before, curve, now, fingerprint);

impl Sentiment {
    /// All that is needed to go on with the same bits. A measurement under way begins anew.
    pub(super) fn save(&self) -> Vec<u8> {
        let mut tensors = Params::new();
        let mut optimizer_step = 0;
        // Before the first step the run is the base.
        if self.step > 0 {
            let params = &self.run.params;
            for id in params.ids() {
                tensors.add_values(
                    &format!("{TUNED}{}", params.name(id)),
                    params.shape(id),
                    params.value(id),
                );
            }
            let (state, step) = self.run.learner.optimizer.state(params);
            for id in state.ids() {
                tensors.add_values(state.name(id), state.shape(id), state.value(id));
            }
            optimizer_step = step;
        }
        let saved = Saved {
            origin: self.origin,
            labels: self.settings.labels,
            steps: self.settings.steps,
            seed: self.settings.seed,
            warnings: self.warnings.clone(),
            mine: self.mine.clone(),
            sentence: self.sentence.clone(),
            step: self.step,
            loss: self.loss,
            optimizer_step,
            rng: self.run.rng.clone(),
            before: self.before,
            curve: self.curve.clone(),
            now: self.now,
            fingerprint: self.fingerprint.clone(),
        };
        base::snapshot(&self.base, &tensors, &saved)
    }

    /// The widget of a snapshot.
    pub(super) fn load(bytes: &[u8]) -> Result<Self> {
        let (base, saved, tensors): (_, Saved, _) = base::restore(bytes)?;
        let settings = Settings { labels: saved.labels, steps: saved.steps, seed: saved.seed };
        let mut this = Self::with_base(saved.origin, base, settings, saved.warnings);
        let are_labels = saved.mine.iter().flatten().all(|label| *label < ANSWERS.len());
        if saved.mine.len() != N_DECK || !are_labels || saved.step > saved.steps {
            return Err(misfit());
        }
        if saved.step > 0 {
            let mut state = Params::new();
            for id in tensors.ids() {
                let name = tensors.name(id);
                if name.starts_with("exp_avg") {
                    state.add_values(name, tensors.shape(id), tensors.value(id));
                }
            }
            let params = &mut this.run.params;
            for id in params.ids() {
                let name = format!("{TUNED}{}", params.name(id));
                let tuned = tensors.expect(&name, params.shape(id)).map_err(|_| misfit())?;
                params.value_mut(id).copy_from_slice(tensors.value(tuned));
            }
            let optimizer = &mut this.run.learner.optimizer;
            optimizer.load_state(&this.run.params, &state, saved.optimizer_step).ok_or_else(misfit)?;
            this.run.rng = saved.rng;
        }
        (this.mine, this.sentence) = (saved.mine, saved.sentence);
        (this.step, this.loss, this.before, this.now) = (saved.step, saved.loss, saved.before, saved.now);
        (this.curve, this.fingerprint) = (saved.curve, saved.fingerprint);
        Ok(this)
    }
}
