//! `<pretune-rlhf-game>`: a model is shown how to answer, someone picks the better of two answers, and the model is made
//! to please whoever picked.
//!
//! Three rounds, each of short units: imitation, picks with a reward model that learns from them in view, and runs of
//! PPO, DPO or best-of-n. Knows no page and no clock. Start with [`RlhfGame::new`] and [`RlhfGame::task`]; [`judging`]
//! is the second round, [`run`] the third, [`frame`] says what is shown and [`showing`] how it
//! comes about.

mod charts;
mod command;
mod export;
mod fit;
mod frame;
mod judging;
mod others;
mod raters;
mod run;
mod settings;
mod show;
mod showing;
mod snapshot;
mod summary;
mod survey;

use super::{Attributes, Files, Progress, Widget};
use crate::checkpoint;
use crate::data::explain;
use crate::error::{Error, Result};
use crate::experiments::assistant::{self, Assistant, Examination, Imitation};
use crate::json::{ToJson, Value, from_json, names, shortest};
use crate::nn::Gpt2;
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::Completion;

use crate::widgets::attributes::Warning;
pub use charts::draw;
use command::Command;
pub use frame::Frame;
use frame::RunEnd;
use judging::{Judging, Pick, Task as JudgingTask};
use others::{Model, Other};
use run::{Doing, N_EXAMINED, N_SHOWN, Picked, Run, With};
use settings::Method;
pub use settings::Settings;
pub use snapshot::assistant_checkpoint;
use survey::{Asked, Survey};

/// Demonstrations in a step of imitation: so many that a step is short.
const BATCH_SIZE: usize = 24;
/// Steps of imitation between answers that are shown, and between points of the curve.
const PREVIEW_EVERY: usize = 25;
const POINT_EVERY: usize = 5;
/// Picks that raters may make at once.
const MAX_SIMULATED: usize = 200;
/// Picks that there may be in all.
const MAX_PICKS: usize = 1000;

/// Where the model comes from that has not been shown anything yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The shipped checkpoint.
    Pretrained,
    /// Drawn from a seed: it has read nothing.
    Random,
}

names!(Origin: Pretrained = "pretrained", Random = "random");

/// A round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Imitate,
    Judge,
    Optimize,
}

names!(Phase: Imitate = "imitate", Judge = "judge", Optimize = "optimize");

/// Loss of imitation: the mean of every few steps.
#[derive(Debug, Clone, Default)]
struct Curve {
    steps: Vec<usize>,
    loss: Vec<f32>,
    /// Sum since the last point.
    sum: f32,
    last: Option<f32>,
}

crate::json::fields!(Curve: steps, loss, sum, last);

/// What the next unit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    Imitate,
    /// Answers to be shown, or by which others are measured.
    Answer,
    Judge(JudgingTask),
    Run,
    Other,
}

/// The state machine of the demo.
pub struct RlhfGame {
    settings: Settings,
    warnings: Vec<Warning>,
    origin: Origin,
    pretrained: Params,
    /// While it imitates, on its way.
    assistant: Assistant,
    phase: Phase,
    imitation: Imitation,
    curve: Curve,
    /// To the requests that are shown: before imitation, and as far as it has come.
    before: Vec<Completion>,
    now: Vec<Completion>,
    survey: Option<Survey>,
    /// The assistant's own answers, once imitation is over, and its SHA-256.
    seen: Option<(Examination, String)>,
    judging: Judging,
    /// The run that is under way, or was last.
    run: Option<Run>,
    runs: Vec<RunEnd>,
    /// Runs that were begun.
    n_runs: usize,
    other: Option<Other>,
    models: Vec<Model>,
    tape: Tape,
}

impl RlhfGame {
    /// The demo of a tag's attributes. `model` is the shipped checkpoint of a model that has read what people explain.
    ///
    /// # Errors
    ///
    /// If `model` cannot be read, or is another model.
    pub fn new(attributes: &Attributes, model: Option<&[u8]>) -> Result<Self> {
        let tokenizer = explain::tokenizer();
        let untrained = assistant::pretrainer(&tokenizer, 0);
        let (origin, params) = match model {
            Some(bytes) => (Origin::Pretrained, read_pretrained(bytes, &untrained.model, &untrained.params)?),
            None => (Origin::Random, untrained.params),
        };
        let (settings, warnings) = Settings::read(attributes);
        let assistant = Assistant { tokenizer, model: untrained.model, params: params.clone() };
        let mut this = Self::with(origin, params, assistant, settings, warnings);
        this.answer_before();
        Ok(this)
    }

    /// At the beginning, but for the first answers.
    fn with(
        origin: Origin,
        pretrained: Params,
        assistant: Assistant,
        settings: Settings,
        warnings: Vec<Warning>,
    ) -> Self {
        let mut imitation = Imitation::new(&assistant.tokenizer, &pretrained, settings.seed);
        imitation.batch_size = BATCH_SIZE;
        Self {
            imitation,
            judging: Judging::new(settings.seed),
            settings,
            warnings,
            origin,
            assistant: Assistant { params: pretrained.clone(), ..assistant },
            pretrained,
            phase: Phase::Imitate,
            curve: Curve::default(),
            before: Vec::new(),
            now: Vec::new(),
            survey: None,
            seen: None,
            run: None,
            runs: Vec::new(),
            n_runs: 0,
            other: None,
            models: Vec::new(),
            tape: Tape::new(),
        }
    }

    /// What the model says that has not been shown anything: there from the beginning, in a few hundredths of a second.
    fn answer_before(&mut self) {
        let mut survey = Survey::of(N_SHOWN, preview_luck());
        let asked = Asked { params: &self.pretrained, with_kl: false, reward_model: None };
        while survey.step(&self.assistant, asked, &mut self.tape) {}
        self.before = survey.into_scores().1.completions;
    }

    fn start_over(&mut self, settings: Settings, warnings: Vec<Warning>) {
        let before = std::mem::take(&mut self.before);
        let (pretrained, assistant) = (self.pretrained.clone(), self.assistant.clone());
        *self = Self::with(self.origin, pretrained, assistant, settings, warnings);
        self.before = before;
    }

    /// What the next unit is about; nothing if only the reader can go on.
    fn task(&self) -> Option<Task> {
        if self.seen.is_none() {
            let is_answering = self.survey.is_some() || self.imitation.is_done();
            return Some(if is_answering { Task::Answer } else { Task::Imitate });
        }
        if self.other.is_some() {
            return Some(Task::Other);
        }
        match self.phase {
            Phase::Judge => self.judging.next().map(Task::Judge),
            _ => self.run.as_ref().filter(|run| run.end.is_none()).map(|_| Task::Run),
        }
    }

    fn doing(&self) -> Option<Doing> {
        Some(match self.task()? {
            Task::Imitate => Doing::Imitating,
            Task::Answer => Doing::Answering,
            Task::Judge(JudgingTask::Pairing | JudgingTask::Picking) => Doing::Pairing,
            Task::Judge(JudgingTask::Guessing | JudgingTask::Fitting) => Doing::Fitting,
            Task::Run => self.run.as_ref()?.doing(),
            Task::Other => self.other.as_ref()?.doing(),
        })
    }

    /// A step of imitation.
    fn imitate(&mut self) {
        let loss = self.imitation.step(&self.assistant.model, &mut self.assistant.params);
        let step = self.imitation.step;
        let curve = &mut self.curve;
        (curve.sum, curve.last) = (curve.sum + loss, Some(loss));
        if step.is_multiple_of(POINT_EVERY) {
            curve.steps.push(step);
            curve.loss.push(curve.sum / POINT_EVERY as f32);
            curve.sum = 0.0;
        }
        if step.is_multiple_of(PREVIEW_EVERY) && !self.imitation.is_done() {
            self.survey = Some(Survey::of(N_SHOWN, preview_luck()));
        }
    }

    /// A part of answering; the second round begins with the last one.
    fn answer(&mut self) {
        let examines = self.imitation.is_done();
        let examination = || Survey::of(N_EXAMINED, Rng::stream(0, "assistant: examination"));
        let mut survey = self.survey.take().unwrap_or_else(examination);
        let asked = Asked { params: &self.assistant.params, with_kl: false, reward_model: None };
        if survey.step(&self.assistant, asked, &mut self.tape) {
            self.survey = Some(survey);
            return;
        }
        let (topics, scores) = survey.into_scores();
        self.now = scores.completions[..N_SHOWN].to_vec();
        if examines {
            let seen = scores.examination(&topics, &self.assistant);
            self.seen = Some((seen, self.assistant.params.fingerprint()));
            self.phase = Phase::Judge;
            if self.settings.rater != raters::YOU {
                self.judging.ask(&self.settings.rater, self.settings.picks);
            }
        }
    }

    /// A part of the run; what it came to, if it is over.
    fn optimize(&mut self) -> bool {
        let (Some(run), Some((seen, _)), Some(judge)) = (&mut self.run, &self.seen, &self.judging.judge)
        else {
            return false;
        };
        let with = With { assistant: &self.assistant, judge, seen };
        let is_step = run.step(with, &mut self.tape);
        if run.end.is_some() {
            self.runs.extend(RunEnd::new(run));
            let model = Model::new(run, with);
            if self.models.is_empty() {
                self.models.push(model);
            } else {
                self.models[0] = model;
            }
        }
        is_step
    }

    /// A part of another group's model.
    fn go_on_with_other(&mut self) {
        self.other.take_if(|other| other.is_at_a_loss());
        let (Some(other), Some((seen, _))) = (&mut self.other, &self.seen) else { return };
        if let Some(model) = other.step(&mut self.judging.pool, &self.assistant, seen, &mut self.tape) {
            // The first is that of the picks here, whoever made them.
            match self.models.iter().skip(1).position(|known| known.who == model.who) {
                Some(i) => self.models[i + 1] = model,
                None => self.models.push(model),
            }
            self.other = None;
        }
    }

    /// Refuses what has to wait for the second round.
    fn after_imitation(&self, at: &str) -> Result<()> {
        match self.phase {
            Phase::Imitate => {
                let allowed = "wait until the model has learned from the demonstrations";
                Err(Error::input(at, "there is nothing to judge yet", allowed))
            }
            _ => Ok(()),
        }
    }

    /// Back to the second round. A run that is under way is given up.
    fn back_to_judging(&mut self) {
        self.phase = Phase::Judge;
        self.other = None;
        self.run.take_if(|run| run.end.is_none());
    }

    /// Begins a run.
    fn begin_run(&mut self) -> Result<()> {
        self.after_imitation("optimize")?;
        if self.other.is_some() {
            return Err(Error::input("optimize", "another group's model is being made", "wait for it"));
        }
        let (Some(judge), Some((seen, _)), true) = (&self.judging.judge, &self.seen, self.is_ready()) else {
            let allowed = "at least one pick that is no tie, and a reward model that has learned from all";
            return Err(Error::input("optimize", "the reward model is not ready", allowed));
        };
        let plan = self.settings.plan();
        if plan.method == Method::Dpo && plan.kl_coef == 0.0 {
            return Err(Error::input(
                "optimize",
                "DPO without a leash has nothing to learn",
                "a leash above 0",
            ));
        }
        let with = With { assistant: &self.assistant, judge, seen };
        let (who, rater) = (self.judging.who(), self.judging.whose());
        let pairs = self.judging.picks.iter().filter_map(Pick::pair).collect();
        self.n_runs += 1;
        let picked = Picked { pairs, who, rater };
        self.run = Some(Run::new(self.n_runs, plan, picked, with, self.settings.seed));
        self.phase = Phase::Optimize;
        Ok(())
    }

    /// Whether the reward model has learned from all picks that there are, and from one at least.
    fn is_ready(&self) -> bool {
        let is_learning = matches!(
            self.judging.next(),
            Some(JudgingTask::Picking | JudgingTask::Guessing | JudgingTask::Fitting)
        ) || self.judging.simulation.is_some();
        self.judging.judge.is_some() && self.judging.n_decided() > 0 && !is_learning
    }
}

/// Luck of the answers that are shown while it imitates.
fn preview_luck() -> Rng {
    Rng::stream(0, "rlhf-game: preview")
}

/// The weights of a checkpoint, which must be of this model.
fn read_pretrained(bytes: &[u8], model: &Gpt2, like: &Params) -> Result<Params> {
    let (tensors, meta) = checkpoint::read(bytes)?;
    let config = meta.get("config").map(|config| checkpoint::read_config(config.as_bytes()));
    let mut params = like.clone();
    let fits = config.transpose()?.is_some_and(|config| config == model.config);
    if !fits || params.load(&tensors).is_none() {
        let allowed = "the model that ships for this figure, which has read what people explain";
        return Err(Error::input("model", "another model", allowed));
    }
    Ok(params)
}

impl Widget for RlhfGame {
    fn command(&mut self, command: &Value) -> Result<()> {
        match from_json(command)? {
            Command::Reset => self.start_over(self.settings.clone(), self.warnings.clone()),
            Command::Configure { attributes } => {
                let (settings, warnings) = Settings::read(&attributes);
                self.start_over(settings, warnings);
            }
            Command::Pick { choice } => {
                self.after_imitation("pick")?;
                if self.judging.simulation.is_some() {
                    return Err(Error::input("pick", "a rater is picking", "wait, or undo"));
                }
                if self.judging.picks.len() >= MAX_PICKS {
                    let given = format!("{MAX_PICKS} picks were made");
                    return Err(Error::input("pick", given, "undo some, or begin anew"));
                }
                if self.judging.pick(choice).is_none() {
                    return Err(Error::input("pick", "there is no pair yet", "wait until it is written"));
                }
                self.back_to_judging();
            }
            Command::Undo => {
                self.after_imitation("undo")?;
                if self.judging.undo().is_none() {
                    return Err(Error::input("undo", "there is no pick", "pick one of two answers first"));
                }
                self.back_to_judging();
            }
            Command::Simulate { rater, n } => {
                self.after_imitation("simulate")?;
                if raters::team(&rater).is_none() {
                    let all: Vec<&str> = raters::all().map(|rater| rater.name).collect();
                    let allowed = format!("one of {}, or two with a plus sign between them", all.join(", "));
                    return Err(Error::input("rater", format!("{rater:?}"), allowed));
                }
                if self.judging.simulation.is_some() {
                    return Err(Error::input("simulate", "a rater is picking", "wait, or undo"));
                }
                if n == 0 || n > MAX_SIMULATED || self.judging.picks.len() + n > MAX_PICKS {
                    let allowed = format!("1 to {MAX_SIMULATED}, and {MAX_PICKS} picks in all");
                    return Err(Error::input("n", n, allowed));
                }
                self.judging.ask(&rater, n);
                self.back_to_judging();
            }
            Command::Judge => {
                self.after_imitation("judge")?;
                self.back_to_judging();
            }
            Command::Leash { kl_coef } => {
                if !(0.0..=1.0).contains(&kl_coef) {
                    return Err(Error::input("kl_coef", shortest(kl_coef), "a number from 0 to 1"));
                }
                self.settings.kl_coef = kl_coef;
            }
            Command::Method { method } => self.settings.method = method,
            Command::Optimize => self.begin_run()?,
            Command::Other { rater } => {
                let given = format!("{rater:?}");
                let Some(rater) = raters::find(&rater) else {
                    let all: Vec<&str> = raters::all().map(|rater| rater.name).collect();
                    return Err(Error::input("rater", given, format!("one of {}", all.join(", "))));
                };
                let is_free = self.phase == Phase::Optimize && self.task().is_none();
                if !is_free || self.models.is_empty() {
                    let allowed = "a run of yours that has ended, and nothing else under way";
                    return Err(Error::input("other", "there is nothing to compare with yet", allowed));
                }
                let plan = self.settings.plan();
                if plan.method == Method::Dpo && plan.kl_coef == 0.0 {
                    let given = "DPO without a leash has nothing to learn";
                    return Err(Error::input("other", given, "a leash above 0"));
                }
                self.other = Some(Other::new(rater, plan, self.settings.seed));
            }
        }
        Ok(())
    }

    /// A step of training, a token of a few answers, or another part of whatever is to be done.
    fn step(&mut self) -> Progress {
        let Some(task) = self.task() else { return Progress::Done };
        let is_step = match task {
            Task::Imitate => {
                self.imitate();
                true
            }
            Task::Answer => {
                self.answer();
                false
            }
            Task::Judge(task) => {
                if let Some((seen, _)) = &self.seen {
                    self.judging.step(&self.assistant, seen, &mut self.tape);
                }
                task == JudgingTask::Fitting
            }
            Task::Run => self.optimize(),
            Task::Other => {
                self.go_on_with_other();
                false
            }
        };
        if is_step { Progress::Step } else { Progress::Part }
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        self.save()
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        *self = Self::load(bytes)?;
        Ok(())
    }

    /// The policy as a folder, with the picks, the runs, and all that is needed to compute their curves again.
    fn files(&mut self) -> Result<Files> {
        self.export()
    }

    /// Picks of a file `preferences.jsonl` in place of those that were made.
    fn open(&mut self, files: &Files) -> Result<()> {
        self.import(files)
    }
}
