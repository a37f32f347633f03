//! The third round: one run from the assistant to a policy, turn by turn, by whichever method. Start with [`Run::step`].

use super::fit::Judge;
use super::settings::{Method, Plan};
use super::survey::{Asked, Scores, Survey};
use crate::data::explain::{Rater, Topic};
use crate::experiments::assistant::{Assistant, Examination, Outcome, Point, Yardstick, outcome};
use crate::json::{fields, names};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::ppo::Part;
use crate::train::{Completion, DpoConfig, DpoTrainer, Pair, PpoConfig, PpoTrainer, best_of_n_kl};

mod saved;

pub use saved::SavedRun;

/// Answers of a turn, and in the examination at the end.
const N_ANSWERS: usize = 64;
pub const N_EXAMINED: usize = 192;
/// Steps of DPO in a turn, and pairs in each.
const DPO_STEPS: usize = 8;
const DPO_PAIRS: usize = 8;
/// Parts of a turn's completions in PPO: so few rows that a step is short.
const MINI_BATCHES: usize = 4;
/// Requests whose answers are shown.
pub const N_SHOWN: usize = 6;

/// A word for what is done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    Imitating,
    Answering,
    Pairing,
    Fitting,
    Writing,
    Scoring,
    Updating,
}

names!(Doing: Imitating = "imitating", Answering = "answering", Pairing = "pairing", Fitting = "fitting",
    Writing = "writing", Scoring = "scoring", Updating = "updating");

/// What a turn came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    pub turn: usize,
    /// Answers that it is measured over.
    pub answers: usize,
    /// The mean, in standard deviations of the assistant's.
    pub reward: f64,
    /// In nats an answer.
    pub kl: f64,
    /// Gain in standard deviations.
    pub true_score: Option<f64>,
    pub unreadable: f64,
    pub words: f64,
    /// Of PPO's policy.
    pub entropy: Option<f32>,
    pub clipfrac: Option<f32>,
}

fields!(Measured: turn, answers, reward, kl, true_score, unreadable, words, entropy, clipfrac);

/// The answers by which a turn was measured, so that whoever wants can measure again.
#[derive(Debug, Clone)]
pub struct Trail {
    pub turn: usize,
    pub topics: Vec<Topic>,
    pub scores: Scores,
}

fields!(Trail: turn, topics, scores);

/// What makes the policy.
enum Policy {
    Ppo(Box<PpoTrainer>),
    /// With the steps of this turn.
    Dpo(Box<DpoTrainer>, usize),
    /// The best answer to each request so far.
    Best(Scores),
    /// It is made.
    Made(Params),
}

/// What a run is made with, and measured by.
#[derive(Clone, Copy)]
pub struct With<'a> {
    pub assistant: &'a Assistant,
    pub judge: &'a Judge,
    /// The assistant's own answers.
    pub seen: &'a Examination,
}

/// A run.
pub struct Run {
    pub number: usize,
    pub plan: Plan,
    /// Decided picks.
    pub picks: usize,
    pub who: String,
    /// The one rater who made them.
    pub rater: Option<&'static Rater>,
    pub turn: usize,
    pub points: Vec<Measured>,
    pub trail: Vec<Trail>,
    /// Where it led, and the SHA-256 of the policy, at its end.
    pub end: Option<(Outcome, String)>,
    policy: Policy,
    survey: Option<Survey>,
    /// Share of tokens that were cut in the last step of PPO's last turn.
    clipfrac: Option<f32>,
    seed: u64,
}

/// Whose picks a run is made of.
pub struct Picked {
    pub pairs: Vec<Pair>,
    pub who: String,
    pub rater: Option<&'static Rater>,
}

impl Run {
    /// A run that has not begun.
    pub fn new(number: usize, plan: Plan, picked: Picked, with: With, seed: u64) -> Self {
        let Picked { pairs, who, rater } = picked;
        let picks = pairs.len();
        let policy = Policy::new(&plan, pairs, with, seed);
        let spread = with.seen.replies.len();
        let words = with.seen.replies.iter().map(|reply| reply.traits.words).sum::<usize>() as f64;
        let first = Measured {
            turn: 0,
            answers: spread,
            reward: 0.0,
            kl: 0.0,
            true_score: rater.map(|_| 0.0),
            unreadable: with.seen.unreadable(),
            words: words / spread as f64,
            entropy: None,
            clipfrac: None,
        };
        Self {
            number,
            plan,
            picks,
            who,
            rater,
            turn: 0,
            points: vec![first],
            trail: Vec::new(),
            end: None,
            policy,
            survey: None,
            clipfrac: None,
            seed,
        }
    }

    /// What comes next.
    pub fn doing(&self) -> Doing {
        if let Some(survey) = &self.survey {
            return if survey.is_writing() { Doing::Writing } else { Doing::Scoring };
        }
        match &self.policy {
            Policy::Ppo(trainer) => match trainer.next_part() {
                Some(Part::Updating) => Doing::Updating,
                Some(Part::Scoring) => Doing::Scoring,
                _ => Doing::Writing,
            },
            Policy::Dpo(_, step) if *step < DPO_STEPS => Doing::Updating,
            _ => Doing::Writing,
        }
    }

    /// A part of a turn, or of the examination behind the last one. `true` when a turn, or the run, is over.
    pub fn step(&mut self, with: With, tape: &mut Tape) -> bool {
        if let Some(mut survey) = self.survey.take() {
            let params = self.params(with.assistant);
            let is_plain = matches!(self.policy, Policy::Best(_));
            let reward_model = Some(&with.judge.reward_model);
            let asked = Asked { params, with_kl: !is_plain, reward_model };
            if survey.step(with.assistant, asked, tape) {
                self.survey = Some(survey);
                return false;
            }
            let (topics, scores) = survey.into_scores();
            self.measure(topics, scores, with);
            return true;
        }
        let is_last = self.turn == self.plan.turns;
        match &mut self.policy {
            Policy::Made(_) => return false,
            Policy::Ppo(trainer) => {
                if trainer.next_part().is_some() {
                    let was = trainer.next_part();
                    trainer.part(&with.judge.reward_model);
                    let next = trainer.next_part();
                    if next.is_none() {
                        self.clipfrac = Some(trainer.stats.clipfrac);
                        self.turn += 1;
                    } else if was == Some(Part::Scoring) && next == Some(Part::Updating) {
                        self.look_back(with);
                    }
                    return next.is_none();
                }
                if !is_last {
                    trainer.begin(&all_prompts(with.assistant).iter().map(|p| &p[..]).collect::<Vec<_>>());
                    return false;
                }
                self.survey = Some(Survey::of(N_EXAMINED, Rng::stream(0, "assistant: examination")));
            }
            Policy::Dpo(trainer, step) => {
                if *step < DPO_STEPS {
                    trainer.step(None);
                    *step += 1;
                    return false;
                }
                self.turn += 1;
                let is_last = self.turn == self.plan.turns;
                self.survey = Some(if is_last {
                    Survey::of(N_EXAMINED, Rng::stream(0, "assistant: examination"))
                } else {
                    Survey::of(N_ANSWERS, self.luck())
                });
            }
            Policy::Best(_) => {
                self.turn += 1;
                self.survey = Some(Survey::of(N_ANSWERS, self.luck()));
            }
        }
        false
    }

    fn luck(&self) -> Rng {
        Rng::stream(self.seed, &format!("rlhf-game: answers {}", self.turn))
    }

    /// The weights of the policy as it is.
    pub fn params<'a>(&'a self, assistant: &'a Assistant) -> &'a Params {
        match &self.policy {
            Policy::Ppo(trainer) => &trainer.params,
            Policy::Dpo(trainer, _) => &trainer.params,
            Policy::Best(_) => &assistant.params,
            Policy::Made(params) => params,
        }
    }

    /// Where PPO's policy stood before this turn, by the answers that the turn learns from.
    fn look_back(&mut self, with: With) {
        let Policy::Ppo(trainer) = &self.policy else { return };
        let mut scores = Scores::default();
        for sample in trainer.samples() {
            scores.completions.push(sample.completion.clone());
            scores.logprobs.push(sample.logprob);
            scores.ref_logprobs.push(sample.ref_logprob);
            scores.rewards.push(sample.score);
        }
        let topics: Vec<Topic> = Topic::ALL.into_iter().cycle().take(scores.completions.len()).collect();
        if self.turn == 0 {
            // The policy is the assistant, and has been examined.
            self.points[0].entropy = Some(trainer.stats.entropy);
            return;
        }
        let entropy = Some(trainer.stats.entropy);
        self.record(topics, scores, entropy, with);
    }

    /// Takes in a survey.
    fn measure(&mut self, topics: Vec<Topic>, mut scores: Scores, with: With) {
        if let Policy::Best(best) = &mut self.policy {
            best.keep_better(&scores);
            scores = best.clone();
        }
        self.record(topics, scores, None, with);
        if let Policy::Dpo(_, step) = &mut self.policy {
            *step = 0;
        }
        if self.turn == self.plan.turns {
            self.finish(with.assistant);
        }
    }

    fn record(&mut self, topics: Vec<Topic>, scores: Scores, entropy: Option<f32>, with: With) {
        let seen = scores.examination(&topics, with.assistant);
        let n = scores.completions.len() as f64;
        let kl = match &self.policy {
            Policy::Best(_) => best_of_n_kl(self.turn),
            _ => scores.kl(),
        };
        let words = seen.replies.iter().map(|reply| reply.traits.words).sum::<usize>() as f64;
        self.points.push(Measured {
            turn: self.turn,
            answers: scores.completions.len(),
            reward: scores.rewards.iter().map(|reward| f64::from(*reward)).sum::<f64>() / n,
            kl,
            true_score: self.rater.map(|rater| Yardstick::new(rater, with.seen).gain(&seen)),
            unreadable: seen.unreadable(),
            words: words / n,
            entropy,
            clipfrac: self.clipfrac,
        });
        self.trail.push(Trail { turn: self.turn, topics, scores });
    }

    fn finish(&mut self, assistant: &Assistant) {
        let point = |m: &Measured| Point {
            proxy: m.reward,
            true_score: m.true_score,
            kl: m.kl,
            unreadable: m.unreadable,
        };
        let params = assistant_tensors(assistant, self.params(assistant));
        let points: Vec<Point> = self.points.iter().map(point).collect();
        self.end = Some((outcome(&points), params.fingerprint()));
        self.policy = Policy::Made(params);
    }

    /// Answers to the requests that are shown, with their rewards, as of when it was measured last.
    pub fn shown(&self) -> impl Iterator<Item = (&Completion, f32)> {
        let last = self.trail.last().map(|trail| &trail.scores);
        last.into_iter()
            .flat_map(|scores| scores.completions.iter().zip(scores.rewards.iter().copied()))
            .take(N_SHOWN)
    }
}

impl Policy {
    fn new(plan: &Plan, pairs: Vec<Pair>, with: With, seed: u64) -> Self {
        let Assistant { model, params, .. } = with.assistant;
        match plan.method {
            Method::Ppo => {
                let rng = Rng::stream(seed, "rlhf-game: completions");
                Self::Ppo(Box::new(PpoTrainer::new(ppo_config(plan), model, params, rng)))
            }
            Method::Dpo => {
                let trainer = dpo_trainer(plan, pairs, with.assistant, with.judge, seed);
                Self::Dpo(Box::new(trainer), 0)
            }
            Method::BestOfN => Self::Best(Scores::default()),
        }
    }
}

impl Scores {
    /// Replaces answers by those that got a higher reward.
    fn keep_better(&mut self, others: &Self) {
        if self.completions.is_empty() {
            *self = others.clone();
            return;
        }
        for i in 0..others.completions.len().min(self.completions.len()) {
            if others.rewards[i] > self.rewards[i] {
                self.rewards[i] = others.rewards[i];
                self.completions[i].clone_from(&others.completions[i]);
            }
        }
    }
}

fn ppo_config(plan: &Plan) -> PpoConfig {
    PpoConfig {
        learning_rate: plan.learning_rate,
        kl_coef: plan.kl_coef as f32,
        num_mini_batches: MINI_BATCHES,
        batch_size: N_ANSWERS,
        ..PpoConfig::default()
    }
}

/// DPO pays for a nat what PPO pays: its β is in units of the raw reward, the leash in standard deviations of it.
fn dpo_trainer(plan: &Plan, pairs: Vec<Pair>, assistant: &Assistant, judge: &Judge, seed: u64) -> DpoTrainer {
    let config = DpoConfig {
        beta: plan.kl_coef as f32 * judge.reward_model.scale(),
        learning_rate: plan.learning_rate / 3.0,
        batch_size: DPO_PAIRS,
    };
    let Assistant { model, params, .. } = assistant;
    DpoTrainer::new(config, model, params, pairs, Rng::stream(seed, "rlhf-game: dpo"))
}

fn all_prompts(assistant: &Assistant) -> Vec<Vec<u32>> {
    Topic::ALL.map(|topic| assistant.prompt(topic)).to_vec()
}

/// The tensors of a policy that the assistant has as well: without a value head.
fn assistant_tensors(assistant: &Assistant, params: &Params) -> Params {
    let mut kept = assistant.params.clone();
    kept.load(params).expect("the policy is the assistant's network");
    kept
}
