//! What a model answers, always to the same requests and with the same luck, so that two models can be compared.

use super::Assistant;
use crate::data::explain::{Answer, Rater, Topic, Trait, Traits, read_tokens};
use crate::experiments::{mean, spread};
use crate::nn::{CausalLm, Sampling, generate_batch};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Completion, RewardModel, score_tokens};

/// A model's answer, which has been read.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What was asked for.
    pub topic: Topic,
    /// The tokens, the prompt's before them.
    pub completion: Completion,
    /// The text.
    pub text: String,
    /// Its sentences.
    pub answer: Answer,
    /// What there is to count in it.
    pub traits: Traits,
}

/// Has a model answer requests, side by side.
pub fn write(
    assistant: &Assistant,
    params: &Params,
    tape: &mut Tape,
    topics: &[Topic],
    rng: &mut Rng,
) -> Vec<Reply> {
    let prompts: Vec<Vec<u32>> = topics.iter().map(|topic| assistant.prompt(*topic)).collect();
    let prompts: Vec<&[u32]> = prompts.iter().map(|prompt| &prompt[..]).collect();
    let lm = CausalLm::new(&assistant.model, params);
    let written = generate_batch(lm, tape, &prompts, &Sampling::default(), assistant.stop(), rng);
    let read = |((topic, prompt), new): ((&Topic, &&[u32]), &Vec<u32>)| {
        Reply::read(assistant, *topic, Completion::new(prompt, new))
    };
    topics.iter().zip(&prompts).zip(&written).map(read).collect()
}

impl Reply {
    /// Reads what a model wrote.
    pub fn read(assistant: &Assistant, topic: Topic, completion: Completion) -> Self {
        let (text, answer) = read_tokens(topic, &assistant.tokenizer, completion.completion());
        let traits = answer.traits();
        Self { topic, completion, text, answer, traits }
    }
}

/// Answers of a model to every topic, equally often.
#[derive(Debug, Clone)]
pub struct Examination {
    /// The answers.
    pub replies: Vec<Reply>,
    /// The mean of `Σ log π − log ref` over answers, in nats: how far the model is from the assistant.
    pub kl: f64,
}

/// Examines a model: `n` answers to each topic, drawn with a seed that is the same for every model.
pub fn examine(assistant: &Assistant, params: &Params, tape: &mut Tape, n: usize) -> Examination {
    let topics: Vec<Topic> = Topic::ALL.into_iter().cycle().take(n * Topic::ALL.len()).collect();
    let mut rng = Rng::stream(0, "assistant: examination");
    let replies = write(assistant, params, tape, &topics, &mut rng);
    Examination::new(assistant, params, tape, replies)
}

impl Examination {
    fn new(assistant: &Assistant, params: &Params, tape: &mut Tape, replies: Vec<Reply>) -> Self {
        let completions: Vec<&Completion> = replies.iter().map(|reply| &reply.completion).collect();
        let lm = CausalLm::new(&assistant.model, params);
        let nats = |logprobs: Vec<Vec<f32>>| logprobs.iter().flatten().map(|x| f64::from(*x)).sum::<f64>();
        let policy = nats(score_tokens(lm, tape, &completions));
        let reference = nats(score_tokens(assistant.lm(), tape, &completions));
        let kl = (policy - reference) / completions.len() as f64;
        Self { replies, kl }
    }

    /// What each answer is worth to a rater.
    pub fn true_scores(&self, rater: &Rater) -> Vec<f64> {
        self.replies.iter().map(|reply| f64::from(rater.true_score(&reply.traits))).collect()
    }

    /// What the answers are worth to a rater, on average.
    pub fn true_score(&self, rater: &Rater) -> f64 {
        mean(&self.true_scores(rater))
    }

    /// The standard deviation of that over answers.
    pub fn true_spread(&self, rater: &Rater) -> f64 {
        spread(&self.true_scores(rater))
    }

    /// What a reward model thinks of the answers, on average.
    pub fn proxy(&self, reward_model: &RewardModel, tape: &mut Tape) -> f64 {
        let completions: Vec<&Completion> = self.replies.iter().map(|reply| &reply.completion).collect();
        let rewards = reward_model.score(tape, &completions);
        rewards.iter().map(|x| f64::from(*x)).sum::<f64>() / rewards.len() as f64
    }

    /// Share of answers with a sentence that cannot be read.
    pub fn unreadable(&self) -> f64 {
        let n = self.replies.iter().filter(|reply| reply.traits.unreadable > 0).count();
        n as f64 / self.replies.len() as f64
    }

    /// How often a trait occurs in an answer, on average.
    pub fn frequency(&self, which: Trait) -> f64 {
        let n: usize = self.replies.iter().map(|reply| reply.traits.count(which)).sum();
        n as f64 / self.replies.len() as f64
    }
}
