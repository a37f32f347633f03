//! What is kept: the models, the picks, the runs, and whatever is half done.

use super::fit::{Fit, Judge, SavedFit, SavedJudge};
use super::frame::RunEnd;
use super::judging::{Judging, Pick, Pool, Simulation, Two};
use super::others::{Model, Other, SavedOther};
use super::run::{N_EXAMINED, Run, SavedRun};
use super::settings::Settings;
use super::survey::{SavedSurvey, Scores, Survey};
use super::{Attributes, Curve, Origin, Phase, RlhfGame};
use crate::checkpoint::{self, Dtype, Meta};
use crate::data::explain::{self, Topic};
use crate::error::{Error, Result};
use crate::experiments::assistant::{self, Assistant, Imitation, SavedImitation};
use crate::json::{self, ToJson, fields};
use crate::tensor::Params;
use crate::train::Completion;
use crate::widgets::attributes::Warning;

struct Saved {
    settings: Attributes,
    warnings: Vec<Warning>,
    origin: Origin,
    phase: Phase,
    imitation: SavedImitation,
    curve: Curve,
    before: Vec<Completion>,
    now: Vec<Completion>,
    survey: Option<SavedSurvey>,
    seen: Vec<Completion>,
    n_batches: usize,
    pool: Vec<Two>,
    picks: Vec<Pick>,
    simulation: Option<Simulation>,
    judge: Option<SavedJudge>,
    learned: usize,
    fit: Option<(usize, SavedFit)>,
    again: Option<usize>,
    n_commands: usize,
    run: Option<SavedRun>,
    runs: Vec<RunEnd>,
    n_runs: usize,
    other: Option<SavedOther>,
    models: Vec<Model>,
}

fields!(
    Saved: settings, warnings, origin, phase, imitation, curve, before, now, survey, seen, n_batches, pool, picks,
    simulation, judge, learned, fit, again, n_commands, run, runs, n_runs, other, models,
);

/// The checkpoint that ships: a model that has read what people explain, rounded to 8 significant bits.
///
/// `progress` hears of every step and of their number. About ten seconds on one core.
pub fn assistant_checkpoint(progress: &mut dyn FnMut(usize, usize)) -> Vec<u8> {
    let tokenizer = explain::tokenizer();
    let corpus = assistant::corpus(&tokenizer, 0);
    let mut run = assistant::pretrainer(&tokenizer, 0);
    while run.step < run.config.max_iters {
        run.step(&corpus);
        progress(run.step, run.config.max_iters);
    }
    let meta = Meta::from([
        ("config".to_owned(), checkpoint::config_json(&run.model.config)),
        ("tokenizer".to_owned(), tokenizer.to_json()),
    ]);
    checkpoint::write(&run.params, &meta, Dtype::BF16)
}

/// Adds tensors under a prefix.
fn put(tensors: &mut Params, prefix: &str, from: &Params) {
    for id in from.ids() {
        tensors.add_values(&format!("{prefix}{}", from.name(id)), from.shape(id), from.value(id));
    }
}

/// The tensors under a prefix.
fn take(tensors: &Params, prefix: &str) -> Params {
    let mut taken = Params::new();
    for id in tensors.ids() {
        if let Some(name) = tensors.name(id).strip_prefix(prefix) {
            taken.add_values(name, tensors.shape(id), tensors.value(id));
        }
    }
    taken
}

/// Before the names of another group's tensors.
const OTHER: [&str; 3] = ["other-fit/", "other-judge/", "other-run/"];

impl RlhfGame {
    /// All that is needed to go on with the same bits.
    pub(super) fn save(&self) -> Vec<u8> {
        let mut tensors = Params::new();
        put(&mut tensors, "pretrained/", &self.pretrained);
        put(&mut tensors, "assistant/", &self.assistant.params);
        let (moments, imitation) = self.imitation.save(&self.assistant.params);
        if self.seen.is_none() {
            put(&mut tensors, "imitation/", &moments);
        }
        let Judging { judge, fit, .. } = &self.judging;
        if let Some(judge) = judge {
            put(&mut tensors, "judge/", &judge.reward_model.params);
        }
        let fit = fit.as_ref().map(|(n, fit)| {
            let (fitted, saved) = fit.save();
            put(&mut tensors, "fit/", &fitted);
            (*n, saved)
        });
        let run = self.run.as_ref().map(|run| {
            let (policy, saved) = run.save();
            put(&mut tensors, "run/", &policy);
            saved
        });
        let other = self.other.as_ref().map(|other| {
            let (parts, saved) = other.save();
            parts.iter().zip(OTHER).for_each(|(part, prefix)| put(&mut tensors, prefix, part));
            saved
        });
        let seen = self.seen.iter().flat_map(|(seen, _)| &seen.replies);
        let saved = Saved {
            settings: self.settings.config(),
            warnings: self.warnings.clone(),
            origin: self.origin,
            phase: self.phase,
            imitation,
            curve: self.curve.clone(),
            before: self.before.clone(),
            now: self.now.clone(),
            survey: self.survey.as_ref().map(Survey::save),
            seen: seen.map(|reply| reply.completion.clone()).collect(),
            n_batches: self.judging.pool.n_batches(),
            pool: self.judging.pool.pairs.clone(),
            picks: self.judging.picks.clone(),
            simulation: self.judging.simulation.clone(),
            judge: judge.as_ref().map(Judge::save),
            learned: self.judging.learned,
            fit,
            again: self.judging.again,
            n_commands: self.judging.n_commands,
            run,
            runs: self.runs.clone(),
            n_runs: self.n_runs,
            other,
            models: self.models.clone(),
        };
        let mut meta = Meta::new();
        meta.insert("game".to_owned(), saved.to_json().to_string());
        checkpoint::write(&tensors, &meta, Dtype::F32)
    }

    /// The widget of a snapshot.
    pub(super) fn load(bytes: &[u8]) -> Result<Self> {
        let (tensors, meta) = checkpoint::read(bytes)?;
        let allowed = "a snapshot of this figure";
        let text = meta.get("game").ok_or_else(|| Error::input("snapshot", "no game", allowed))?;
        let saved = json::parse(text).and_then(|saved| json::from_json::<Saved>(&saved));
        let saved = saved.map_err(|e| e.within("snapshot"))?;
        Self::put_together(&tensors, saved)
            .ok_or_else(|| Error::input("snapshot", "parts that do not fit each other", allowed))
    }

    fn put_together(tensors: &Params, saved: Saved) -> Option<Self> {
        let tokenizer = explain::tokenizer();
        let untrained = assistant::pretrainer(&tokenizer, 0);
        let (mut pretrained, mut trained) = (untrained.params.clone(), untrained.params);
        pretrained.load(&take(tensors, "pretrained/"))?;
        trained.load(&take(tensors, "assistant/"))?;
        let settings = Settings::read(&saved.settings).0;
        let seed = settings.seed;
        let assistant = Assistant { tokenizer, model: untrained.model, params: pretrained.clone() };
        let mut this = Self::with(saved.origin, pretrained, assistant, settings, saved.warnings);
        this.assistant.params = trained;
        let is_over = !saved.seen.is_empty();
        if is_over != (saved.phase != Phase::Imitate) {
            return None;
        }
        if is_over {
            this.imitation.step = Imitation::N_STEPS;
            (saved.seen.len() == N_EXAMINED).then_some(())?;
            let scores = Scores { completions: saved.seen, ..Scores::default() };
            scores.fit(N_EXAMINED, &this.assistant).then_some(())?;
            let topics: Vec<Topic> = Topic::ALL.into_iter().cycle().take(N_EXAMINED).collect();
            let seen = scores.examination(&topics, &this.assistant);
            this.seen = Some((seen, this.assistant.params.fingerprint()));
        } else {
            let moments = take(tensors, "imitation/");
            this.imitation.load(&this.assistant.params, &moments, saved.imitation)?;
        }
        let fits = |all: &[Completion]| all.iter().all(|completion| completion.fits(&this.assistant.model));
        let pairs_fit = |two: &Two| fits(&two.answers);
        if !fits(&saved.before)
            || !fits(&saved.now)
            || !saved.pool.iter().all(pairs_fit)
            || !saved.picks.iter().all(|pick| pairs_fit(&pick.two))
            || !saved.models.iter().flat_map(|m| &m.answers).all(|(c, _)| c.fits(&this.assistant.model))
        {
            return None;
        }
        (this.phase, this.curve) = (saved.phase, saved.curve);
        (this.before, this.now) = (saved.before, saved.now);
        if let Some(survey) = saved.survey {
            this.survey = Some(Survey::load(survey, &this.assistant)?);
        }
        (this.runs, this.n_runs, this.models) = (saved.runs, saved.n_runs, saved.models);

        let n = saved.picks.len();
        let mut judging = Judging::new(seed);
        judging.pool = Pool::with(seed, saved.n_batches, saved.pool);
        (judging.picks, judging.simulation) = (saved.picks, saved.simulation);
        (judging.learned, judging.again, judging.n_commands) = (saved.learned, saved.again, saved.n_commands);
        let is_decided = |of: usize| judging.picks[..of].iter().any(|pick| pick.pair().is_some());
        let in_range = |of: usize| of <= n && is_decided(of);
        if judging.learned > n || judging.again.is_some_and(|again| !in_range(again)) {
            return None;
        }
        let (model, n_seen) = (&this.assistant, if is_over { N_EXAMINED } else { 0 });
        if let Some(judge) = saved.judge {
            judging.judge = Some(Judge::load(model, &take(tensors, "judge/"), judge, n_seen)?);
        }
        if let Some((of, fit)) = saved.fit {
            (of <= judging.picks.len()).then_some(())?;
            let begun: Fit = judging.fit_of(of, model);
            judging.fit = Some((of, begun.load(&take(tensors, "fit/"), fit, n_seen)?));
        }
        if let Some(run) = saved.run {
            let pairs = judging.picks.iter().filter_map(Pick::pair).collect();
            let judge = judging.judge.as_ref();
            this.run = Some(Run::load(&take(tensors, "run/"), run, pairs, &this.assistant, judge, seed)?);
        }
        let is_team = |simulation: &Simulation| super::raters::team(&simulation.team).is_some();
        judging.simulation.iter().all(is_team).then_some(())?;
        if let (Some(other), Some((seen, _))) = (saved.other, &this.seen) {
            let parts = OTHER.map(|prefix| take(tensors, prefix));
            this.other = Some(Other::load(&parts, other, &this.assistant, seen, seed)?);
        }
        this.judging = judging;
        Some(this)
    }
}
