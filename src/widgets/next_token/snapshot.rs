//! What is kept of a run: everything that the next step depends on, and what the figure shows of the past.

use std::collections::BTreeMap;

use super::frame::{Curve, Sample, Warning};
use super::text::{Source, Text};
use super::{Attributes, NextToken, Origin, read_attributes};
use crate::checkpoint::{self, Dtype, Meta};
use crate::data::Tokenizer;
use crate::error::{Error, Result};
use crate::json::{self, ToJson, fields};
use crate::nn::{Gpt2, Sampling};
use crate::rng::Rng;
use crate::tensor::Params;
use crate::train::{MeanLoss, Pretrainer, StepReport};
use crate::widgets::{Progress, Widget};

/// Steps of the model that ships.
const BASE_STEPS: usize = 1500;

struct Saved {
    options: Attributes,
    warnings: Vec<Warning>,
    origin: Origin,
    source: Source,
    step: usize,
    optimizer_step: Option<usize>,
    rng: Rng,
    report: Option<StepReport>,
    val_loss: Option<f32>,
    entropy: Option<f32>,
    evaluation: Option<(usize, MeanLoss)>,
    curve: Curve,
    samples: Vec<Sample>,
    sampling: Sampling,
    prompt: Vec<u32>,
    generated: Vec<u32>,
    head: (usize, usize),
    fingerprint: Option<String>,
}

fields!(
    Saved: options, warnings, origin, source, step, optimizer_step, rng, report, val_loss, entropy, evaluation, curve,
    samples, sampling, prompt, generated, head, fingerprint,
);

/// The checkpoint that ships: the widget's own run from random weights, with more steps, rounded to 8 significant bits.
///
/// `progress` hears of every step and of their number. About twenty seconds on one core.
pub fn base_checkpoint(progress: &mut dyn FnMut(usize, usize)) -> Vec<u8> {
    let attributes = BTreeMap::from([("max-iters".to_owned(), BASE_STEPS.to_string())]);
    let mut widget = NextToken::new(&attributes, None).expect("no checkpoint to go wrong");
    while widget.step() != Progress::Done {
        progress(widget.run.step, BASE_STEPS);
    }
    widget.origin = Origin::Base;
    let block_size = widget.run.config.block_size;
    widget.entropy = widget.text.corpus(block_size).entropy().map(|h| h as f32);
    widget.write(&widget.run.params, None, Dtype::BF16)
}

impl NextToken {
    /// All that is needed to go on with the same bits.
    pub(super) fn save(&self) -> Vec<u8> {
        let (state, step) = self.run.optimizer.state(&self.run.params);
        let mut tensors = self.run.params.clone();
        for id in state.ids() {
            tensors.add_values(state.name(id), state.shape(id), state.value(id));
        }
        self.write(&tensors, Some(step), Dtype::F32)
    }

    fn write(&self, tensors: &Params, optimizer_step: Option<usize>, dtype: Dtype) -> Vec<u8> {
        let saved = Saved {
            options: self.config(),
            warnings: self.warnings.clone(),
            origin: self.origin,
            source: self.text.source.clone(),
            step: self.run.step,
            optimizer_step,
            rng: self.run.rng.clone(),
            report: self.report,
            val_loss: self.val_loss,
            entropy: self.entropy,
            evaluation: self.evaluation,
            curve: self.curve.clone(),
            samples: self.samples.clone(),
            sampling: self.sampling,
            prompt: self.prompt.clone(),
            generated: self.generated.clone(),
            head: self.head,
            fingerprint: self.fingerprint.clone(),
        };
        let meta = Meta::from([
            ("config".to_owned(), checkpoint::config_json(&self.run.model.config)),
            ("tokenizer".to_owned(), self.text.tokenizer.to_json()),
            ("run".to_owned(), saved.to_json().to_string()),
        ]);
        checkpoint::write(tensors, &meta, dtype)
    }

    /// The widget of a snapshot.
    pub(super) fn load(bytes: &[u8]) -> Result<Self> {
        let (tensors, meta) = checkpoint::read(bytes)?;
        let part = |key: &str| {
            meta.get(key)
                .ok_or_else(|| Error::input("snapshot", format!("no {key}"), "a snapshot of this figure"))
        };
        let config =
            checkpoint::read_config(part("config")?.as_bytes()).map_err(|e| e.within("snapshot:config"))?;
        let saved = json::parse(part("run")?).and_then(|run| json::from_json::<Saved>(&run));
        let saved = saved.map_err(|e| e.within("snapshot:run"))?;
        let tokenizer = Tokenizer::from_json(part("tokenizer")?)?;
        let options = read_attributes(&saved.options).0;

        let (mut params, mut state) = (Params::new(), Params::new());
        for id in tensors.ids() {
            let to = if tensors.name(id).starts_with("exp_avg") { &mut state } else { &mut params };
            to.add_values(tensors.name(id), tensors.shape(id), tensors.value(id));
        }
        let model = Gpt2::bind(config, &params)?;
        let fits = |n: usize, limit: usize| n < limit;
        if saved.prompt.iter().chain(&saved.generated).any(|&id| !fits(id as usize, model.config.vocab_size))
            || tokenizer.vocab_size() > model.config.vocab_size
            || !fits(saved.head.0, model.config.n_layer)
            || !fits(saved.head.1, model.config.n_head)
        {
            return Err(Error::input(
                "snapshot",
                "parts that do not fit each other",
                "a snapshot of this figure",
            ));
        }
        let mut run = Pretrainer::with_options(&options, model, params);
        run.step = saved.step;
        run.rng = saved.rng;
        if let Some(step) = saved.optimizer_step {
            run.optimizer.load_state(&run.params, &state, step).ok_or_else(|| {
                Error::input("snapshot", "an optimizer of another model", "a snapshot of this figure")
            })?;
        }
        Ok(Self {
            options,
            warnings: saved.warnings,
            origin: saved.origin,
            text: Text::new(saved.source, tokenizer).checked(run.config.block_size)?,
            run,
            report: saved.report,
            val_loss: saved.val_loss,
            entropy: saved.entropy,
            evaluation: saved.evaluation,
            curve: saved.curve,
            samples: saved.samples,
            sampling: saved.sampling,
            prompt: saved.prompt,
            generated: saved.generated,
            head: saved.head,
            fingerprint: saved.fingerprint,
        })
    }

    /// Begins with a model that the page has: the shipped one, or the reader's own. The tag's options are for
    /// runs from here on.
    pub(super) fn adopt(&mut self, bytes: &[u8], attributes: &Attributes) -> Result<()> {
        *self = Self::load(bytes)?;
        (self.options, self.warnings) = read_attributes(attributes);
        if self.origin != Origin::Base {
            self.origin = Origin::Mine;
        }
        self.prompt = self.text.encode_prompt(self.text.first_prompt());
        Ok(())
    }
}
