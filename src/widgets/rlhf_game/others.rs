//! Whose values? Models of other groups' picks, made of the same assistant in the same way. Start with [`Other::step`].

use super::fit::{Fit, Judge, SavedFit, SavedJudge, TraitValue};
use super::judging::{Choice, Pick, Pool, prefer};
use super::raters;
use super::run::{Doing, Picked, Run, SavedRun, With};
use super::settings::Plan;
use crate::data::explain::{RATERS, Rater};
use crate::experiments::assistant::{Assistant, Examination, Yardstick};
use crate::json::fields;
use crate::tensor::{Params, Tape};
use crate::train::Completion;

/// Picks of another group.
const N_PICKS: usize = 30;

/// Pairs that it looks at before it makes do with fewer.
const PATIENCE: usize = 1200;

/// A finished model, and what each group thinks of it.
#[derive(Debug, Clone)]
pub struct Model {
    pub who: String,
    pub picks: usize,
    pub kl: f64,
    pub traits: Vec<TraitValue>,
    /// To the requests that are shown, with rewards.
    pub answers: Vec<(Completion, f32)>,
    /// By group: how far the true score is above the assistant's, in standard deviations.
    pub gains: Vec<f64>,
}

fields!(Model: who, picks, kl, traits, answers, gains);

impl Model {
    /// The model of a run that has ended.
    pub fn new(run: &Run, with: With) -> Self {
        let traits = with.judge.values(with.seen, run.rater);
        let examined = run.trail.last().map(|trail| trail.scores.examination(&trail.topics, with.assistant));
        let gain = |rater: &'static Rater| {
            examined.as_ref().map_or(f64::NAN, |seen| Yardstick::new(rater, with.seen).gain(seen))
        };
        let answers = run.shown().map(|(completion, reward)| (completion.clone(), reward));
        Self {
            who: run.who.clone(),
            picks: run.picks,
            kl: run.points.last().map_or(f64::NAN, |point| point.kl),
            traits,
            answers: answers.collect(),
            gains: RATERS.iter().map(gain).collect(),
        }
    }
}

/// Another group's model on its way: picks, a reward model, a run.
pub struct Other {
    pub rater: &'static Rater,
    plan: Plan,
    picks: Vec<Pick>,
    /// Pairs that were looked at.
    place: usize,
    fit: Option<Fit>,
    judge: Option<Judge>,
    pub run: Option<Run>,
    seed: u64,
}

/// The same without its tensors.
#[derive(Debug, Clone)]
pub struct SavedOther {
    rater: String,
    plan: Plan,
    picks: Vec<Pick>,
    place: usize,
    fit: Option<SavedFit>,
    judge: Option<SavedJudge>,
    run: Option<SavedRun>,
}

fields!(SavedOther: rater, plan, picks, place, fit, judge, run);

impl Other {
    pub fn new(rater: &'static Rater, plan: Plan, seed: u64) -> Self {
        Self { rater, plan, picks: Vec::new(), place: 0, fit: None, judge: None, run: None, seed }
    }

    pub fn doing(&self) -> Doing {
        match &self.run {
            Some(run) => run.doing(),
            None if self.is_picking() => Doing::Pairing,
            None => Doing::Fitting,
        }
    }

    fn is_picking(&self) -> bool {
        self.picks.len() < N_PICKS && self.place < PATIENCE
    }

    /// Whether the group cannot tell any of the assistant's answers apart.
    pub fn is_at_a_loss(&self) -> bool {
        !self.is_picking() && self.picks.is_empty()
    }

    /// Turns so far, of how many.
    pub fn turns(&self) -> (usize, usize) {
        (self.run.as_ref().map_or(0, |run| run.turn), self.plan.turns)
    }

    /// A part; the model at the end.
    pub fn step(
        &mut self,
        pool: &mut Pool,
        assistant: &Assistant,
        seen: &Examination,
        tape: &mut Tape,
    ) -> Option<Model> {
        if self.is_picking() {
            match pool.pairs.get(self.place) {
                None => pool.step(assistant, tape),
                Some(two) => {
                    self.place += 1;
                    let choice = prefer(assistant, self.rater, two);
                    let (who, two) = (self.rater.name.to_owned(), two.clone());
                    if choice != Choice::Tie {
                        self.picks.push(Pick { two, choice, who, command: 0, before: None, after: None });
                    }
                }
            }
            return None;
        }
        let Some(judge) = &self.judge else {
            let mut fit = self.fit.take().unwrap_or_else(|| Fit::new(assistant, self.pairs(), self.seed));
            if fit.step(seen, tape) {
                self.fit = Some(fit);
            } else {
                self.judge = Some(fit.into_judge(tape));
            }
            return None;
        };
        let with = With { assistant, judge, seen };
        let Some(run) = &mut self.run else {
            let (who, rater) = (self.rater.name.to_owned(), Some(self.rater));
            let picked = Picked { pairs: self.pairs(), who, rater };
            self.run = Some(Run::new(0, self.plan.clone(), picked, with, self.seed));
            return None;
        };
        run.step(with, tape);
        run.end.is_some().then(|| Model::new(run, with))
    }

    fn pairs(&self) -> Vec<crate::train::Pair> {
        self.picks.iter().filter_map(Pick::pair).collect()
    }

    /// Tensors of the fit, of the reward model and of the run, and the rest.
    pub fn save(&self) -> ([Params; 3], SavedOther) {
        let fit = self.fit.as_ref().map(Fit::save);
        let run = self.run.as_ref().map(Run::save);
        let saved = SavedOther {
            rater: self.rater.name.to_owned(),
            plan: self.plan.clone(),
            picks: self.picks.clone(),
            place: self.place,
            fit: fit.as_ref().map(|(_, saved)| saved.clone()),
            judge: self.judge.as_ref().map(Judge::save),
            run: run.as_ref().map(|(_, saved)| saved.clone()),
        };
        let judge = self.judge.as_ref().map_or_else(Params::new, |judge| judge.reward_model.params.clone());
        let tensors = |part: Option<Params>| part.unwrap_or_default();
        ([tensors(fit.map(|(t, _)| t)), judge, tensors(run.map(|(t, _)| t))], saved)
    }

    /// `None` if the parts do not fit each other.
    pub fn load(
        [fit, judge, run]: &[Params; 3],
        saved: SavedOther,
        assistant: &Assistant,
        seen: &Examination,
        seed: u64,
    ) -> Option<Self> {
        let n_seen = seen.replies.len();
        let mut this = Self::new(raters::find(&saved.rater)?, saved.plan, seed);
        (this.picks, this.place) = (saved.picks, saved.place);
        this.picks.iter().all(|pick| pick.fits(assistant)).then_some(())?;
        if let Some(saved) = saved.fit {
            this.fit = Some(Fit::new(assistant, this.pairs(), seed).load(fit, saved, n_seen)?);
        }
        if let Some(saved) = saved.judge {
            this.judge = Some(Judge::load(assistant, judge, saved, n_seen)?);
        }
        if let Some(saved) = saved.run {
            let judge = Some(this.judge.as_ref()?);
            this.run = Some(Run::load(run, saved, this.pairs(), assistant, judge, seed)?);
        }
        Some(this)
    }
}
