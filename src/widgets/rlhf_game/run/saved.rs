//! A run put aside, at any part of a turn. Start with [`Run::save`].

use super::super::survey::{SavedSurvey, Scores, Survey};
use super::{Judge, Measured, Plan, Policy, Run, Trail, all_prompts, dpo_trainer, ppo_config};
use crate::experiments::assistant::{Assistant, Outcome};
use crate::json::fields;
use crate::tensor::Params;
use crate::train::{Pair, PpoTrainer, SavedDpo, SavedPpo};

/// A run without its tensors.
#[derive(Debug, Clone)]
pub struct SavedRun {
    number: usize,
    plan: Plan,
    picks: usize,
    who: String,
    rater: Option<String>,
    turn: usize,
    points: Vec<Measured>,
    trail: Vec<Trail>,
    end: Option<(Outcome, String)>,
    ppo: Option<SavedPpo>,
    dpo: Option<(SavedDpo, usize)>,
    best: Option<Scores>,
    survey: Option<SavedSurvey>,
    clipfrac: Option<f32>,
}

fields!(SavedRun: number, plan, picks, who, rater, turn, points, trail, end, ppo, dpo, best, survey, clipfrac);

impl Run {
    /// The tensors of the policy and its optimizer, and the rest.
    pub fn save(&self) -> (Params, SavedRun) {
        let (mut ppo, mut dpo, mut best) = (None, None, None);
        let tensors = match &self.policy {
            Policy::Ppo(trainer) => {
                let (tensors, saved) = trainer.save();
                ppo = Some(saved);
                tensors
            }
            Policy::Dpo(trainer, step) => {
                let (tensors, saved) = trainer.save();
                dpo = Some((saved, *step));
                tensors
            }
            Policy::Best(scores) => {
                best = Some(scores.clone());
                Params::new()
            }
            Policy::Made(params) => params.clone(),
        };
        let saved = SavedRun {
            number: self.number,
            plan: self.plan.clone(),
            picks: self.picks,
            who: self.who.clone(),
            rater: self.rater.map(|rater| rater.name.to_owned()),
            turn: self.turn,
            points: self.points.clone(),
            trail: self.trail.clone(),
            end: self.end.clone(),
            ppo,
            dpo,
            best,
            survey: self.survey.as_ref().map(Survey::save),
            clipfrac: self.clipfrac,
        };
        (tensors, saved)
    }

    /// `None` if the parts do not fit each other. `pairs` are those that the run was made of, and `judge` is what it climbs;
    /// a run that has ended needs neither.
    pub fn load(
        tensors: &Params,
        saved: SavedRun,
        pairs: Vec<Pair>,
        assistant: &Assistant,
        judge: Option<&Judge>,
        seed: u64,
    ) -> Option<Self> {
        let policy = if saved.end.is_some() {
            let mut params = assistant.params.clone();
            params.load(tensors)?;
            Policy::Made(params)
        } else {
            match (saved.ppo, saved.dpo, saved.best) {
                (Some(ppo), None, None) => {
                    let prompts = all_prompts(assistant);
                    let prompts: Vec<&[u32]> = prompts.iter().map(|prompt| &prompt[..]).collect();
                    let config = ppo_config(&saved.plan);
                    let (model, reference) = (&assistant.model, &assistant.params);
                    let trainer = PpoTrainer::load(config, model, reference, &prompts, tensors, ppo)?;
                    Policy::Ppo(Box::new(trainer))
                }
                (None, Some((dpo, step)), None) if !pairs.is_empty() => {
                    let mut trainer = dpo_trainer(&saved.plan, pairs, assistant, judge?, seed);
                    trainer.load(tensors, dpo)?;
                    Policy::Dpo(Box::new(trainer), step)
                }
                (None, None, Some(best)) => {
                    best.fit(best.rewards.len(), assistant).then_some(())?;
                    Policy::Best(best)
                }
                _ => return None,
            }
        };
        let survey = match saved.survey {
            Some(survey) => Some(Survey::load(survey, assistant)?),
            None => None,
        };
        let rater = match &saved.rater {
            Some(name) => Some(crate::widgets::rlhf_game::raters::find(name)?),
            None => None,
        };
        let fits = |trail: &Trail| {
            let n = trail.topics.len();
            n > 0 && trail.scores.rewards.len() == n && trail.scores.fit(n, assistant)
        };
        if saved.points.is_empty() || saved.turn > saved.plan.turns || !saved.trail.iter().all(fits) {
            return None;
        }
        Some(Self {
            number: saved.number,
            plan: saved.plan,
            picks: saved.picks,
            who: saved.who,
            rater,
            turn: saved.turn,
            points: saved.points,
            trail: saved.trail,
            end: saved.end,
            policy,
            survey,
            clipfrac: saved.clipfrac,
            seed,
        })
    }
}
