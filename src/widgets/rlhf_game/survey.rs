//! Answers to a list of requests, written and scored in short parts. Start with [`Survey::step`].

use crate::data::explain::Topic;
use crate::experiments::assistant::{Assistant, Examination, Reply};
use crate::json::fields;
use crate::nn::{BatchWriter, CausalLm, Sampling};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Completion, RewardModel, score_tokens};

/// Tokens of each answer that are written in a part.
const TOKENS: usize = 4;
/// Answers that are scored in a part.
pub const ROWS: usize = 32;

/// Answers of one model, as far as they are written and scored.
pub struct Survey {
    topics: Vec<Topic>,
    /// Random numbers of before the first token.
    rng: Rng,
    writer: Option<(BatchWriter, Rng)>,
    scores: Scores,
}

/// What is known of each answer, in the answers' order.
#[derive(Debug, Clone, Default)]
pub struct Scores {
    /// All of them, once they are written.
    pub completions: Vec<Completion>,
    /// `Σ log π` and `Σ log ref` in nats.
    pub logprobs: Vec<f32>,
    pub ref_logprobs: Vec<f32>,
    /// Rewards.
    pub rewards: Vec<f32>,
}

fields!(Scores: completions, logprobs, ref_logprobs, rewards);

/// A survey put aside. What is half written is written again, with the same luck.
#[derive(Debug, Clone)]
pub struct SavedSurvey {
    topics: Vec<Topic>,
    rng: Rng,
    scores: Scores,
}

fields!(SavedSurvey: topics, rng, scores);

/// Whose answers, and what is asked of each.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The model's weights.
    pub params: &'a Params,
    /// Whether its distance from the assistant is wanted.
    pub with_kl: bool,
    /// Who gives rewards.
    pub reward_model: Option<&'a RewardModel>,
}

impl Survey {
    /// A survey whose answers are drawn from `rng`.
    pub fn new(topics: Vec<Topic>, rng: Rng) -> Self {
        Self { topics, rng, writer: None, scores: Scores::default() }
    }

    /// `n` topics, all equally often as far as that goes.
    pub fn of(n: usize, rng: Rng) -> Self {
        Self::new(Topic::ALL.into_iter().cycle().take(n).collect(), rng)
    }

    /// Whether the answers are still being written.
    pub fn is_writing(&self) -> bool {
        self.scores.completions.is_empty()
    }

    /// Writes or scores a part; `false` when nothing was left to do.
    pub fn step(&mut self, assistant: &Assistant, asked: Asked, tape: &mut Tape) -> bool {
        if self.is_writing() {
            self.write(assistant, asked.params, tape);
            return true;
        }
        let Scores { completions, logprobs, ref_logprobs, rewards } = &mut self.scores;
        let part = |done: usize| completions[done..].iter().take(ROWS).collect::<Vec<_>>();
        let nats = |lm, tape: &mut Tape, rows: &[&Completion]| {
            let sum = |tokens: &Vec<f32>| tokens.iter().sum::<f32>();
            score_tokens(lm, tape, rows).iter().map(sum).collect::<Vec<f32>>()
        };
        let n = completions.len();
        if asked.with_kl && logprobs.len() < n {
            let lm = CausalLm::new(&assistant.model, asked.params);
            logprobs.extend(nats(lm, tape, &part(logprobs.len())));
        } else if asked.with_kl && ref_logprobs.len() < n {
            ref_logprobs.extend(nats(assistant.lm(), tape, &part(ref_logprobs.len())));
        } else if let Some(reward_model) = asked.reward_model
            && rewards.len() < n
        {
            rewards.extend(reward_model.score(tape, &part(rewards.len())));
        } else {
            return false;
        }
        true
    }

    fn write(&mut self, assistant: &Assistant, params: &Params, tape: &mut Tape) {
        let (mut writer, mut rng) = self.writer.take().unwrap_or_else(|| {
            let prompts: Vec<Vec<u32>> = self.topics.iter().map(|topic| assistant.prompt(*topic)).collect();
            let prompts: Vec<&[u32]> = prompts.iter().map(|prompt| &prompt[..]).collect();
            (BatchWriter::new(&prompts, assistant.stop()), self.rng.clone())
        });
        let lm = CausalLm::new(&assistant.model, params);
        let goes_on = (0..TOKENS).all(|_| writer.step(lm, tape, &Sampling::default(), &mut rng));
        if goes_on {
            self.writer = Some((writer, rng));
        } else {
            self.scores.completions = completions(writer);
        }
    }

    /// The topics and what is known of the answers, once nothing is left to do.
    pub fn into_scores(self) -> (Vec<Topic>, Scores) {
        (self.topics, self.scores)
    }

    pub fn save(&self) -> SavedSurvey {
        SavedSurvey { topics: self.topics.clone(), rng: self.rng.clone(), scores: self.scores.clone() }
    }

    /// `None` if the parts do not fit each other.
    pub fn load(saved: SavedSurvey, assistant: &Assistant) -> Option<Self> {
        let SavedSurvey { topics, rng, scores } = saved;
        let n = if scores.completions.is_empty() { 0 } else { topics.len() };
        scores.fit(n, assistant).then_some(Self { topics, rng, writer: None, scores })
    }
}

impl Scores {
    /// Whether there are `n` answers that a model can read, and no more numbers than answers.
    pub fn fit(&self, n: usize, assistant: &Assistant) -> bool {
        self.completions.len() == n
            && self.completions.iter().all(|completion| completion.fits(&assistant.model))
            && [&self.logprobs, &self.ref_logprobs, &self.rewards].iter().all(|list| list.len() <= n)
    }

    /// The mean of `Σ log π − log ref` in nats.
    pub fn kl(&self) -> f64 {
        let sum = |list: &[f32]| list.iter().map(|x| f64::from(*x)).sum::<f64>();
        (sum(&self.logprobs) - sum(&self.ref_logprobs)) / self.completions.len() as f64
    }

    /// The answers, read.
    pub fn examination(&self, topics: &[Topic], assistant: &Assistant) -> Examination {
        let read =
            |(topic, completion): (&Topic, &Completion)| Reply::read(assistant, *topic, completion.clone());
        let kl = if self.logprobs.is_empty() { 0.0 } else { self.kl() };
        Examination { replies: topics.iter().zip(&self.completions).map(read).collect(), kl }
    }
}

/// What was written, with the prompts.
fn completions(writer: BatchWriter) -> Vec<Completion> {
    let start = writer.n_prompt();
    writer.into_texts().into_iter().map(|ids| Completion { ids, start }).collect()
}
