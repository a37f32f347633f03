//! From the state to the frame. Start with [`RlhfGame::show`].

use super::frame::{
    BeforeNow, CurveShown, Demonstration, Frame, Group, ImitationShown, Judged, JudgingShown, ModelShown,
    Optimizing, OtherShown, PairShown, PickShown, RaterInfo, RewardModelShown, RunShown, Standing,
};
use super::judging::{Choice, Pick, Two};
use super::raters::YOU;
use super::run::N_SHOWN;
use super::settings::Plan;
use super::show::Answer;
use super::summary::summary;
use super::{JudgingTask, Phase, RlhfGame, Task};
use crate::data::explain::{RATERS, Rater, Topic};
use crate::experiments::assistant::Imitation;
use crate::train::Completion;

/// Demonstrations, picks and guesses that are shown.
const N_DEMONSTRATIONS: usize = 6;
const N_PICKS: usize = 24;
const N_RECENT: usize = 10;

impl RlhfGame {
    /// What is on screen now.
    pub(super) fn show(&self) -> Frame {
        let doing = self.doing();
        let (step, steps) = self.progress();
        let judge = self.judging.judge.as_ref();
        let fit = self.judging.fit.as_ref().map(|(_, fit)| fit);
        let loss = match self.phase {
            Phase::Imitate => self.curve.last,
            _ => fit.map(|fit| fit.loss()).or(judge.map(|judge| judge.loss)).filter(|loss| loss.is_finite()),
        };
        let fingerprint = match self.phase {
            _ if matches!(self.task(), Some(Task::Run | Task::Other)) => None,
            Phase::Optimize => self.run.as_ref().and_then(|run| Some(run.end.clone()?.1)),
            _ => self.seen.as_ref().map(|(_, fingerprint)| fingerprint.clone()),
        };
        let mut frame = Frame {
            warnings: self.warnings.clone(),
            origin: self.origin,
            config: self.settings.config(),
            phase: self.phase,
            doing,
            step,
            steps,
            loss,
            n_params: self.pretrained.n_params(),
            imitation: self.show_imitation(),
            judging: self.seen.as_ref().map(|_| self.show_judging()),
            reward_model: self.show_reward_model(),
            optimizing: self.show_optimizing(),
            answers: self.show_answers(),
            raters: super::raters::all()
                .enumerate()
                .map(|(i, rater)| RaterInfo {
                    name: rater.name.to_owned(),
                    values: rater.values.to_owned(),
                    single: i >= RATERS.len(),
                })
                .collect(),
            standing: self.show_standing(),
            fingerprint,
            summary: String::new(),
        };
        frame.summary = summary(&frame);
        frame
    }

    fn progress(&self) -> (usize, usize) {
        match (self.phase, &self.run, &self.other) {
            (Phase::Imitate, ..) => (self.imitation.step, Imitation::N_STEPS),
            (Phase::Optimize, _, Some(other)) => other.turns(),
            (Phase::Optimize, Some(run), None) => {
                // The examination behind the last turn is a part of the run.
                let step =
                    if run.end.is_none() { run.turn.min(run.plan.turns.saturating_sub(1)) } else { run.turn };
                (step, run.plan.turns)
            }
            _ => match &self.judging.fit {
                Some((_, fit)) => (fit.step.min(fit.steps() - 1), fit.steps()),
                None => {
                    let steps = self.judging.judge.as_ref().map_or(0, |judge| judge.steps);
                    let is_due = self.judging.next() == Some(JudgingTask::Fitting);
                    (if is_due { 0 } else { steps }, steps)
                }
            },
        }
    }

    fn prompt(topic: Topic) -> String {
        topic.prompt().trim().to_owned()
    }

    fn answer_of(&self, topic: Topic, completion: &Completion, reward: Option<f32>) -> Answer {
        Answer::of(&self.assistant, topic, completion, reward)
    }

    fn show_imitation(&self) -> ImitationShown {
        let tokenizer = &self.assistant.tokenizer;
        // The token before the request, and then its three.
        let shown = |ids: &Vec<u32>| {
            let (prompt, answer) = ids.split_at(4.min(ids.len()));
            let prompt = tokenizer.decode(&prompt[1..]);
            let topic = Topic::ALL.into_iter().find(|topic| topic.prompt() == prompt)?;
            let answer = Answer::new(&self.assistant, topic, answer, None).sentences;
            Some(Demonstration { prompt: Self::prompt(topic), answer })
        };
        let all = self.imitation.demonstrations();
        ImitationShown {
            step: self.imitation.step,
            steps: Imitation::N_STEPS,
            n_demonstrations: all.len(),
            demonstrations: all.iter().take(N_DEMONSTRATIONS).filter_map(shown).collect(),
            curve: CurveShown { steps: self.curve.steps.clone(), loss: self.curve.loss.clone() },
            ceiling: libm::logf(tokenizer.vocab_size() as f32),
        }
    }

    fn show_pair(&self, two: &Two, rewards: Option<[f32; 2]>) -> PairShown {
        let Two { number, topic, answers } = two;
        let scale = self.judging.judge.as_ref().map_or(1.0, |judge| judge.reward_model.scale());
        let answer =
            |i: usize| self.answer_of(*topic, &answers[i], rewards.map(|rewards| rewards[i] / scale));
        PairShown {
            number: *number,
            topic: *topic,
            prompt: Self::prompt(*topic),
            first: answer(0),
            second: answer(1),
        }
    }

    fn show_judging(&self) -> JudgingShown {
        let judging = &self.judging;
        let is_simulating = judging.simulation.is_some();
        let decided = judging.n_decided();
        let of_reader = |pick: &&Pick| pick.who == YOU && pick.choice != Choice::Tie;
        // Whether each was guessed rightly.
        let mut guesses = Vec::new();
        for pick in judging.picks.iter().filter(|pick| pick.choice != Choice::Tie) {
            guesses.extend(pick.probability(pick.before).map(|p| p > 0.5));
        }
        let recent = &guesses[guesses.len().saturating_sub(N_RECENT)..];
        let right = |guesses: &[bool]| guesses.iter().filter(|right| **right).count();
        let skipped = judging.picks.len().saturating_sub(N_PICKS);
        JudgingShown {
            asked: self.settings.picks,
            decided,
            ties: judging.picks.len() - decided,
            by_reader: judging.picks.iter().filter(of_reader).count(),
            to_simulate: judging.simulation.as_ref().map_or(0, |simulation| simulation.left),
            pair: judging.pair().filter(|_| !is_simulating).map(|two| self.show_pair(two, None)),
            last: judging.picks.last().map(|pick| Judged {
                pair: self.show_pair(&pick.two, pick.after.or(pick.before)),
                choice: pick.choice,
                who: pick.who.clone(),
                before: pick.before,
                after: pick.after,
                p_before: pick.probability(pick.before),
                p_after: pick.probability(pick.after),
            }),
            guessed: guesses.len(),
            guessed_right: right(&guesses),
            recent_guessed: recent.len(),
            recent_right: right(recent),
            picks: judging.picks[skipped..].iter().map(|pick| self.show_pick(pick)).collect(),
            undo: judging.n_undo(),
            whose: judging.whose().map(|rater| rater.name.to_owned()),
        }
    }

    fn show_pick(&self, pick: &Pick) -> PickShown {
        let Two { number, topic, answers } = &pick.two;
        let text = |completion: &Completion| self.answer_of(*topic, completion, None).text.trim().to_owned();
        let p_before = pick.probability(pick.before).filter(|_| pick.choice != Choice::Tie);
        PickShown {
            number: *number,
            topic: *topic,
            first: text(&answers[0]),
            second: text(&answers[1]),
            choice: pick.choice,
            who: pick.who.clone(),
            p_before,
        }
    }

    fn show_reward_model(&self) -> Option<RewardModelShown> {
        let (judge, (seen, _)) = (self.judging.judge.as_ref()?, self.seen.as_ref()?);
        let fit = self.judging.fit.as_ref().map(|(_, fit)| fit);
        Some(RewardModelShown {
            picks: judge.n_picks,
            step: fit.map_or(judge.steps, |fit| fit.step),
            steps: fit.map_or(judge.steps, |fit| fit.steps()),
            loss: Some(fit.map_or(judge.loss, |fit| fit.loss())).filter(|loss| loss.is_finite()),
            margins: Some(judge.margins),
            traits: judge.values(seen, self.judging.whose()),
            n_answers: seen.replies.len(),
        })
    }

    fn show_optimizing(&self) -> Optimizing {
        let Plan { method, kl_coef, turns, .. } = self.settings.plan();
        let run = self.run.as_ref().map(|run| RunShown {
            number: run.number,
            method: run.plan.method,
            kl_coef: run.plan.kl_coef,
            turn: run.turn,
            turns: run.plan.turns,
            picks: run.picks,
            points: run.points.clone(),
            outcome: run.end.as_ref().map(|(outcome, _)| *outcome),
            fingerprint: run.end.as_ref().map(|(_, fingerprint)| fingerprint.clone()),
        });
        let other = self.other.as_ref().map(|other| {
            let (turn, turns) = other.turns();
            OtherShown { rater: other.rater.name.to_owned(), doing: other.doing(), turn, turns }
        });
        let is_running = matches!(self.task(), Some(Task::Run | Task::Other));
        let ready = self.is_ready() && !is_running;
        Optimizing { method, kl_coef, turns, ready, run, runs: self.runs.clone(), other }
    }

    fn show_answers(&self) -> Vec<BeforeNow> {
        let row = |topic: Topic, before: Answer, now: Option<Answer>| BeforeNow {
            topic,
            prompt: Self::prompt(topic),
            before,
            now,
        };
        let topics = Topic::ALL.into_iter().take(N_SHOWN).enumerate();
        if let (Phase::Optimize, Some(run), Some((seen, _)), Some(judge)) =
            (self.phase, &self.run, &self.seen, &self.judging.judge)
        {
            let now: Vec<(&Completion, f32)> = run.shown().collect();
            return topics
                .map(|(i, topic)| {
                    let reward = judge.rewards.get(i).copied();
                    let before = self.answer_of(topic, &seen.replies[i].completion, reward);
                    let now = now.get(i).map(|(c, reward)| self.answer_of(topic, c, Some(*reward)));
                    row(topic, before, now)
                })
                .collect();
        }
        topics
            .filter_map(|(i, topic)| {
                let before = self.answer_of(topic, self.before.get(i)?, None);
                let now = self.now.get(i).map(|completion| self.answer_of(topic, completion, None));
                Some(row(topic, before, now))
            })
            .collect()
    }

    fn show_standing(&self) -> Option<Standing> {
        if self.models.is_empty() {
            return None;
        }
        let models = self.models.iter().map(|model| ModelShown {
            who: model.who.clone(),
            picks: model.picks,
            kl: model.kl,
            traits: model.traits.clone(),
            answers: Topic::ALL
                .into_iter()
                .zip(&model.answers)
                .map(|(topic, (completion, reward))| self.answer_of(topic, completion, Some(*reward)))
                .collect(),
        });
        let group = |(i, rater): (usize, &Rater)| Group {
            rater: rater.name.to_owned(),
            gains: self.models.iter().map(|model| model.gains.get(i).copied().unwrap_or(f64::NAN)).collect(),
        };
        Some(Standing { models: models.collect(), groups: RATERS.iter().enumerate().map(group).collect() })
    }
}
