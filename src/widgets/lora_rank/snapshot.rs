//! What is kept: the base, what every run has trained so far, and what is in hand.

use super::base::Base;
use super::command::Adapter;
use super::run::{Kind, Report, Run, Tuned};
use super::settings::Settings;
use super::{Attributes, LoraRank, ladder};
use crate::checkpoint::{self, Dtype, Meta};
use crate::error::{Error, Result};
use crate::json::{self, ToJson, fields};
use crate::nn::Linear;
use crate::peft::LoraConfig;
use crate::tensor::Params;
use crate::widgets::attributes::Warning;
use crate::widgets::base::{Answer, Origin};

/// What stands before the names of full fine-tuning's tensors, which are also the base's.
const FULL: &str = "full.";

struct Saved {
    settings: Attributes,
    warnings: Vec<Warning>,
    origin: Origin,
    hand: usize,
    layer: usize,
    module: usize,
    adapter: Adapter,
    is_merged: bool,
    opened: Option<SavedConfig>,
    runs: Vec<SavedRun>,
    fingerprint: Option<String>,
}

fields!(Saved: settings, warnings, origin, hand, layer, module, adapter, is_merged, opened, runs, fingerprint);

struct SavedRun {
    step: usize,
    loss: Option<f32>,
    asked: Option<usize>,
    is_due: bool,
    optimizer_step: Option<usize>,
    report: Option<Report>,
}

fields!(SavedRun: step, loss, asked, is_due, optimizer_step, report);

struct SavedConfig {
    r: usize,
    lora_alpha: f32,
    target_modules: Vec<String>,
}

fields!(SavedConfig: r, lora_alpha, target_modules);

impl LoraRank {
    /// What the runs have trained so far.
    pub(super) fn tensors(&self) -> Params {
        let mut all = Params::new();
        for i in 0..self.runs.len() {
            let (tensors, _) = self.at_rest(i);
            let prefix = if self.runs[i].kind == Kind::Full { FULL } else { "" };
            for id in tensors.ids() {
                let name = format!("{prefix}{}", tensors.name(id));
                all.add_values(&name, tensors.shape(id), tensors.value(id));
            }
        }
        all
    }

    /// A run's tensors and its optimizer's state, as [`Run::rest`] leaves them.
    fn at_rest(&self, i: usize) -> (Params, Option<(Params, usize)>) {
        match &self.awake {
            Some((awake, tuned)) if *awake == i && self.runs[i].step > 0 => {
                (tuned.trained(), Some(self.learner.optimizer.state(&tuned.params)))
            }
            _ => (self.runs[i].tensors.clone(), self.runs[i].moments.clone()),
        }
    }

    /// All that is needed to go on with the same bits.
    pub(super) fn save(&self) -> Vec<u8> {
        let mut tensors = self.base.params.clone();
        let mut add_all = |from: &Params| {
            for id in from.ids() {
                tensors.add_values(from.name(id), from.shape(id), from.value(id));
            }
        };
        add_all(&self.tensors());
        let mut runs = Vec::new();
        for (i, run) in self.runs.iter().enumerate() {
            let moments = self.at_rest(i).1;
            if let Some((state, _)) = &moments {
                add_all(state);
            }
            let &Run { step, loss, asked, is_due, .. } = run;
            let optimizer_step = moments.map(|(_, step)| step);
            runs.push(SavedRun { step, loss, asked, is_due, optimizer_step, report: run.report.clone() });
        }
        if let Some((_, opened)) = &self.opened {
            add_all(opened);
        }
        let opened = self.opened.as_ref().map(|(config, _)| SavedConfig {
            r: config.r,
            lora_alpha: config.lora_alpha,
            target_modules: config.target_modules.clone(),
        });
        let saved = Saved {
            settings: self.settings.config(),
            warnings: self.warnings.clone(),
            origin: self.base.origin,
            hand: self.hand,
            layer: self.matrix.0,
            module: self.matrix.1 as usize,
            adapter: self.adapter,
            is_merged: self.is_merged,
            opened,
            runs,
            fingerprint: self.fingerprint.clone(),
        };
        let mut meta = Meta::new();
        meta.insert("config".to_owned(), checkpoint::config_json(&self.base.model.config));
        meta.insert("tokenizer".to_owned(), self.base.tokenizer.to_json());
        meta.insert("run".to_owned(), saved.to_json().to_string());
        checkpoint::write(&tensors, &meta, Dtype::F32)
    }

    /// The widget of a snapshot.
    pub(super) fn load(bytes: &[u8]) -> Result<Self> {
        let (tensors, meta) = checkpoint::read(bytes)?;
        let mut base = Base::read(&tensors, &meta)?;
        let saved = json::parse(&meta["run"]).and_then(|run| json::from_json::<Saved>(&run));
        let saved = saved.map_err(|e| e.within("snapshot"))?;
        base.origin = saved.origin;
        let kinds = ladder(base.model.config.n_embd);
        let settings = Settings::read(&saved.settings, &kinds).0;
        let mut this = Self::with_base(base, settings, saved.warnings);
        let misfit =
            || Error::input("snapshot", "parts that do not fit each other", "a snapshot of this figure");
        let module = Linear::ALL.get(saved.module);
        let (Some(&module), true) = (module, saved.layer < this.base.model.config.n_layer) else {
            return Err(misfit());
        };
        if saved.hand >= kinds.len() || saved.runs.len() != this.runs.len() {
            return Err(misfit());
        }
        (this.hand, this.matrix) = (saved.hand, (saved.layer, module));
        (this.adapter, this.is_merged, this.fingerprint) =
            (saved.adapter, saved.is_merged, saved.fingerprint);

        for (i, saved) in saved.runs.into_iter().enumerate() {
            let plan = this.course(i).plan.clone();
            let run = &this.runs[i];
            if saved.step > 0 {
                let fresh = run.tuned(&plan, &this.base);
                let (trained, moments) =
                    from(&tensors, run, &fresh, saved.optimizer_step).ok_or_else(misfit)?;
                (this.runs[i].tensors, this.runs[i].moments) = (trained, moments);
            }
            let run = &mut this.runs[i];
            (run.step, run.loss, run.asked, run.is_due) = (saved.step, saved.loss, saved.asked, saved.is_due);
            run.report = saved.report;
            let n_probes = this.courses[usize::from(i == kinds.len())].probes.len();
            if run.step > run.steps(&plan) || run.report.as_ref().is_some_and(|r| r.answers.len() != n_probes)
            {
                return Err(misfit());
            }
        }
        if let Some(SavedConfig { r, lora_alpha, target_modules }) = saved.opened {
            let config = LoraConfig { r, lora_alpha, target_modules, lora_dropout: 0.0 };
            let mut opened = Params::new();
            for id in
                tensors.ids().filter(|id| tensors.name(*id).ends_with(&format!(".{}.weight", super::OPENED)))
            {
                opened.add_values(tensors.name(id), tensors.shape(id), tensors.value(id));
            }
            crate::peft::Lora::bind(super::OPENED, config.clone(), &this.base.model, &opened)?;
            this.opened = Some((config, opened));
        }
        let vocab_size = this.base.model.config.vocab_size as u32;
        let mut answers = this.runs.iter().filter_map(|run| run.report.as_ref()).flat_map(|r| &r.answers);
        if answers.any(|Answer { id, .. }| *id >= vocab_size) {
            return Err(misfit());
        }
        Ok(this)
    }
}

/// A run's tensors, as those of `fresh`, and its optimizer's state, from a snapshot's.
fn from(
    tensors: &Params,
    run: &Run,
    fresh: &Tuned,
    optimizer_step: Option<usize>,
) -> Option<(Params, Option<(Params, usize)>)> {
    let prefix = if run.kind == Kind::Full { FULL } else { "" };
    let wanted = fresh.trained();
    let (mut trained, mut state) = (Params::new(), Params::new());
    for id in wanted.ids() {
        let (name, shape) = (wanted.name(id), wanted.shape(id));
        let value = |stored: &str| Some(tensors.value(tensors.expect(stored, shape).ok()?));
        trained.add_values(name, shape, value(&format!("{prefix}{name}"))?);
        if optimizer_step.is_some() {
            for kind in ["exp_avg", "exp_avg_sq"] {
                let name = format!("{kind}.{name}");
                state.add_values(&name, shape, value(&name)?);
            }
        }
    }
    Some((trained, optimizer_step.map(|step| (state, step))))
}
