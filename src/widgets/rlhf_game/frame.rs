//! What the page shows.

use super::fit::TraitValue;
use super::judging::Choice;
use super::run::{Doing, Measured, Run};
use super::settings::{Method, Plan};
use super::show::{Answer, Sentence};
use super::{Attributes, Origin, Phase};
use crate::data::explain::Topic;
use crate::experiments::assistant::Outcome;
use crate::json::fields;
use crate::widgets::attributes::Warning;

/// Everything on screen. The fields are explained in `www/src/frames/rlhf-game.ts`.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Attributes that were not understood, and gave way to their defaults.
    pub warnings: Vec<Warning>,
    /// Where the model comes from.
    pub origin: Origin,
    /// Every setting by its attribute's name, as in force.
    pub config: Attributes,
    /// The round.
    pub phase: Phase,
    /// What the next unit does.
    pub doing: Option<Doing>,
    /// How far the work of the round is.
    pub step: usize,
    pub steps: usize,
    /// Of imitation, then of the reward model.
    pub loss: Option<f32>,
    /// Weights of the model.
    pub n_params: usize,
    /// The first round.
    pub imitation: ImitationShown,
    /// The second round, once it has begun.
    pub judging: Option<JudgingShown>,
    /// What the picks taught.
    pub reward_model: Option<RewardModelShown>,
    /// The third round.
    pub optimizing: Optimizing,
    /// Requests answered before and now.
    pub answers: Vec<BeforeNow>,
    /// Who can be asked to pick.
    pub raters: Vec<RaterInfo>,
    /// Whose values the models have.
    pub standing: Option<Standing>,
    /// SHA-256 of what was trained last.
    pub fingerprint: Option<String>,
    /// One plain sentence of what is on screen.
    pub summary: String,
}

fields!(write Frame: warnings, origin, config, phase, doing, step, steps, loss, n_params, imitation, judging, reward_model, optimizing, answers, raters, standing, fingerprint, summary);

/// The first round.
#[derive(Debug, Clone)]
pub struct ImitationShown {
    pub step: usize,
    pub steps: usize,
    pub n_demonstrations: usize,
    pub demonstrations: Vec<Demonstration>,
    pub curve: CurveShown,
    /// The loss of knowing nothing.
    pub ceiling: f32,
}

fields!(write ImitationShown: step, steps, n_demonstrations, demonstrations, curve, ceiling);

/// A demonstration.
#[derive(Debug, Clone)]
pub struct Demonstration {
    pub prompt: String,
    pub answer: Vec<Sentence>,
}

fields!(write Demonstration: prompt, answer);

/// Loss by steps.
#[derive(Debug, Clone)]
pub struct CurveShown {
    pub steps: Vec<usize>,
    pub loss: Vec<f32>,
}

fields!(write CurveShown: steps, loss);

/// A request answered twice.
#[derive(Debug, Clone)]
pub struct BeforeNow {
    pub topic: Topic,
    pub prompt: String,
    pub before: Answer,
    pub now: Option<Answer>,
}

fields!(write BeforeNow: topic, prompt, before, now);

/// A pair.
#[derive(Debug, Clone)]
pub struct PairShown {
    pub number: usize,
    pub topic: Topic,
    pub prompt: String,
    pub first: Answer,
    pub second: Answer,
}

fields!(write PairShown: number, topic, prompt, first, second);

/// The second round.
#[derive(Debug, Clone)]
pub struct JudgingShown {
    pub asked: usize,
    pub decided: usize,
    pub ties: usize,
    pub by_reader: usize,
    pub to_simulate: usize,
    pub pair: Option<PairShown>,
    pub last: Option<Judged>,
    pub guessed: usize,
    pub guessed_right: usize,
    pub recent_guessed: usize,
    pub recent_right: usize,
    pub picks: Vec<PickShown>,
    pub undo: usize,
    pub whose: Option<String>,
}

fields!(write JudgingShown: asked, decided, ties, by_reader, to_simulate, pair, last, guessed, guessed_right, recent_guessed, recent_right, picks, undo, whose);

/// A pair that was judged.
#[derive(Debug, Clone)]
pub struct Judged {
    pub pair: PairShown,
    pub choice: Choice,
    pub who: String,
    pub before: Option<[f32; 2]>,
    pub after: Option<[f32; 2]>,
    pub p_before: Option<f32>,
    pub p_after: Option<f32>,
}

fields!(write Judged: pair, choice, who, before, after, p_before, p_after);

/// A pick in a list.
#[derive(Debug, Clone)]
pub struct PickShown {
    pub number: usize,
    pub topic: Topic,
    pub first: String,
    pub second: String,
    pub choice: Choice,
    pub who: String,
    pub p_before: Option<f32>,
}

fields!(write PickShown: number, topic, first, second, choice, who, p_before);

/// What the picks taught.
#[derive(Debug, Clone)]
pub struct RewardModelShown {
    pub picks: usize,
    pub step: usize,
    pub steps: usize,
    pub loss: Option<f32>,
    pub margins: Option<[f32; 3]>,
    pub traits: Vec<TraitValue>,
    pub n_answers: usize,
}

fields!(write RewardModelShown: picks, step, steps, loss, margins, traits, n_answers);

/// The third round.
#[derive(Debug, Clone)]
pub struct Optimizing {
    pub method: Method,
    pub kl_coef: f64,
    pub turns: usize,
    pub ready: bool,
    pub run: Option<RunShown>,
    pub runs: Vec<RunEnd>,
    pub other: Option<OtherShown>,
}

fields!(write Optimizing: method, kl_coef, turns, ready, run, runs, other);

/// A run.
#[derive(Debug, Clone)]
pub struct RunShown {
    pub number: usize,
    pub method: Method,
    pub kl_coef: f64,
    pub turn: usize,
    pub turns: usize,
    pub picks: usize,
    pub points: Vec<Measured>,
    pub outcome: Option<Outcome>,
    pub fingerprint: Option<String>,
}

fields!(write RunShown: number, method, kl_coef, turn, turns, picks, points, outcome, fingerprint);

/// A run that has ended.
#[derive(Debug, Clone)]
pub struct RunEnd {
    pub number: usize,
    pub method: Method,
    pub kl_coef: f64,
    pub turns: usize,
    pub learning_rate: f64,
    pub picks: usize,
    pub who: String,
    pub reward: f64,
    pub kl: f64,
    pub true_score: Option<f64>,
    pub peak_true_score: Option<f64>,
    pub unreadable: f64,
    pub outcome: Outcome,
    pub fingerprint: String,
}

fields!(RunEnd: number, method, kl_coef, turns, learning_rate, picks, who, reward, kl, true_score, peak_true_score, unreadable, outcome, fingerprint);

impl RunEnd {
    /// `None` if it has not.
    pub fn new(run: &Run) -> Option<Self> {
        let (outcome, fingerprint) = run.end.clone()?;
        let last = run.points.last()?;
        let Plan { method, kl_coef, turns, learning_rate } = run.plan;
        let scores = run.points.iter().filter_map(|point| point.true_score);
        Some(Self {
            number: run.number,
            method,
            kl_coef,
            turns,
            learning_rate,
            picks: run.picks,
            who: run.who.clone(),
            reward: last.reward,
            kl: last.kl,
            true_score: last.true_score,
            peak_true_score: last.true_score.map(|last| scores.fold(last, f64::max)),
            unreadable: last.unreadable,
            outcome,
            fingerprint,
        })
    }
}

/// Another group's run.
#[derive(Debug, Clone)]
pub struct OtherShown {
    pub rater: String,
    pub doing: Doing,
    pub turn: usize,
    pub turns: usize,
}

fields!(write OtherShown: rater, doing, turn, turns);

/// Who can be asked to pick.
#[derive(Debug, Clone)]
pub struct RaterInfo {
    pub name: String,
    pub values: String,
    pub single: bool,
}

fields!(write RaterInfo: name, values, single);

/// Whose values the models have.
#[derive(Debug, Clone)]
pub struct Standing {
    pub models: Vec<ModelShown>,
    pub groups: Vec<Group>,
}

fields!(write Standing: models, groups);

/// A model.
#[derive(Debug, Clone)]
pub struct ModelShown {
    pub who: String,
    pub picks: usize,
    pub kl: f64,
    pub traits: Vec<TraitValue>,
    pub answers: Vec<Answer>,
}

fields!(write ModelShown: who, picks, kl, traits, answers);

/// What a group thinks of each model.
#[derive(Debug, Clone)]
pub struct Group {
    pub rater: String,
    pub gains: Vec<f64>,
}

fields!(write Group: rater, gains);
