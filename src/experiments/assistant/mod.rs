//! The assistant that the lesson aligns: from random weights to a model that answers as people did who showed how.
//!
//! The recipe in pieces, so that a demo can go through it step by step: [`corpus`] and [`pretrainer`] for what it
//! learns first, [`Imitation`] for supervised fine-tuning. What is done with the result is in the modules beside it:
//! answers, comparisons of two and reward models in [`judging`](self), runs of PPO with what they lead to in
//! [`alignment`](self). Start with [`Assistant::train`], which is all of the recipe.

mod alignment;
mod examination;
mod judging;

pub use alignment::{Outcome, Point, Run, Yardstick, outcome};
pub use examination::{Examination, Reply, examine, write};
pub use judging::{REWARD_STEPS, agreement, collect, compare, judge, margins, reward_model};

use crate::data::explain::{self, MAX_COMPLETION_TOKENS, Topic, demonstration, pretraining_document};
use crate::data::{Batch, Corpus, Tokenizer};
use crate::json::fields;
use crate::nn::{CausalLm, Gpt2, Stop};
use crate::rng::Rng;
use crate::tensor::Params;
use crate::train::{Cosine, Learner, Options, Pretrainer};

/// Documents that it learns from before it is asked anything, and those that are held out.
const N_DOCUMENTS: usize = 6000;
const N_HELD_OUT: usize = 200;
const BLOCK_SIZE: usize = 48;
/// Tokens before an answer: `<|endoftext|>` and the prompt.
const N_PROMPT: usize = 4;

/// A model that explains.
#[derive(Clone)]
pub struct Assistant {
    /// Its vocabulary.
    pub tokenizer: Tokenizer,
    /// The network: two layers, 48 wide.
    pub model: Gpt2,
    /// The weights after supervised fine-tuning, the reference of whatever comes next.
    pub params: Params,
}

impl Assistant {
    /// Pre-training and then imitation, both to the end.
    pub fn train(seed: u64) -> Self {
        let tokenizer = explain::tokenizer();
        let corpus = corpus(&tokenizer, seed);
        let mut run = pretrainer(&tokenizer, seed);
        while run.step < run.config.max_iters {
            run.step(&corpus);
        }
        let Pretrainer { model, mut params, .. } = run;
        let mut imitation = Imitation::new(&tokenizer, &params, seed);
        while !imitation.is_done() {
            imitation.step(&model, &mut params);
        }
        Self { tokenizer, model, params }
    }

    /// The assistant itself, to be asked.
    pub fn lm(&self) -> CausalLm<'_> {
        CausalLm::new(&self.model, &self.params)
    }

    /// The request to explain a topic, four tokens.
    pub fn prompt(&self, topic: Topic) -> Vec<u32> {
        prompt(&self.tokenizer, topic)
    }

    /// When an answer ends: by itself, or when the context is full.
    pub fn stop(&self) -> Stop {
        Stop { max_new_tokens: BLOCK_SIZE - N_PROMPT, eos_token_id: Some(self.tokenizer.eos()) }
    }
}

fn prompt(tokenizer: &Tokenizer, topic: Topic) -> Vec<u32> {
    [vec![tokenizer.eos()], tokenizer.encode(&topic.prompt())].concat()
}

/// What the assistant is pre-trained on: documents, of which each row begins at a request, with the token before it.
pub fn corpus(tokenizer: &Tokenizer, seed: u64) -> Corpus {
    let eos = tokenizer.eos();
    let mut rng = Rng::stream(seed, "assistant: documents");
    let mut train = vec![eos];
    for _ in 0..N_DOCUMENTS {
        train.extend(tokenizer.encode(&pretraining_document(&mut rng)));
        train.push(eos);
    }
    let request = tokenizer.encode(&Topic::ALL[0].prompt())[0];
    let starts = (1..train.len()).filter(|&i| train[i] == request).map(|i| i - 1).collect();
    let mut rng = Rng::stream(seed, "assistant: held-out documents");
    let val = (0..N_HELD_OUT)
        .map(|_| [vec![eos], tokenizer.encode(&pretraining_document(&mut rng)), vec![eos]].concat())
        .collect();
    Corpus::Documents { train, starts, val, entropy: f64::NAN }
}

/// The run of pre-training: 700 steps of 768 tokens.
pub fn pretrainer(tokenizer: &Tokenizer, seed: u64) -> Pretrainer {
    let options = Options {
        n_layer: 2,
        n_head: 4,
        n_embd: 48,
        block_size: BLOCK_SIZE,
        batch_size: 16,
        max_iters: 700,
        learning_rate: 9e-3,
        min_lr: 9e-4,
        seed,
        ..Options::default()
    };
    Pretrainer::random(&options, tokenizer.vocab_size(), tokenizer.eos())
}

/// Supervised fine-tuning on demonstrations, with the loss on the answers only.
///
/// TRL: `SFTTrainer` with `completion_only_loss=True`.
pub struct Imitation {
    /// Prompts and how people answered them.
    demonstrations: Vec<Vec<u32>>,
    /// Demonstrations in a step.
    pub batch_size: usize,
    eos: u32,
    schedule: Cosine,
    learner: Learner,
    rng: Rng,
    /// Steps taken.
    pub step: usize,
}

impl Imitation {
    /// People who show how.
    pub const N_DEMONSTRATIONS: usize = 400;
    /// Steps of the run.
    pub const N_STEPS: usize = 150;
    /// Demonstrations in a step, where nothing else is said.
    const BATCH_SIZE: usize = 32;

    /// A run that goes on from these weights.
    pub fn new(tokenizer: &Tokenizer, params: &Params, seed: u64) -> Self {
        let eos = tokenizer.eos();
        let mut rng = Rng::stream(seed, "assistant: demonstrations");
        let demonstrations = (0..Self::N_DEMONSTRATIONS)
            .map(|_| {
                let shown = demonstration(&mut rng);
                [vec![eos], tokenizer.encode(&shown.prompt), tokenizer.encode(&shown.completion), vec![eos]]
                    .concat()
            })
            .collect();
        let schedule =
            Cosine { learning_rate: 3e-3, min_lr: 3e-4, warmup_iters: 10, lr_decay_iters: Self::N_STEPS };
        let (learner, rng) = (Learner::new(params), Rng::stream(seed, "assistant: imitation"));
        Self { demonstrations, batch_size: Self::BATCH_SIZE, eos, schedule, learner, rng, step: 0 }
    }

    /// Whether all steps are taken.
    pub fn is_done(&self) -> bool {
        self.step == Self::N_STEPS
    }

    /// Learns from a batch of demonstrations; gives the loss before, in nats a token.
    pub fn step(&mut self, model: &Gpt2, params: &mut Params) -> f32 {
        let mut batch = Batch::new(N_PROMPT + MAX_COMPLETION_TOKENS - 1);
        for _ in 0..self.batch_size {
            let shown = &self.demonstrations[self.rng.below(self.demonstrations.len())];
            batch.push_completion(N_PROMPT, shown, self.eos);
        }
        let loss = self.learner.learn(model, params, None, &batch, self.schedule.rate(self.step));
        self.step += 1;
        loss
    }

    /// The demonstrations, as tokens of prompt and answer with `<|endoftext|>` at both ends.
    pub fn demonstrations(&self) -> &[Vec<u32>] {
        &self.demonstrations
    }

    /// All that is needed to go on with the same bits, but for the weights: the optimizer's tensors, and the rest.
    pub fn save(&self, params: &Params) -> (Params, SavedImitation) {
        let (state, optimizer_step) = self.learner.optimizer.state(params);
        (state, SavedImitation { step: self.step, optimizer_step, rng: self.rng.clone() })
    }

    /// Makes a new run of the same seed the one that [`Imitation::save`] was called on; `None`, and anything changed, if the
    /// parts do not fit.
    pub fn load(&mut self, params: &Params, state: &Params, saved: SavedImitation) -> Option<()> {
        (self.step, self.rng) = (saved.step, saved.rng);
        (self.step <= Self::N_STEPS).then_some(())?;
        self.learner.optimizer.load_state(params, state, saved.optimizer_step)
    }
}

/// What an [`Imitation`] is besides its tensors.
#[derive(Debug, Clone)]
pub struct SavedImitation {
    step: usize,
    optimizer_step: usize,
    rng: Rng,
}

fields!(SavedImitation: step, optimizer_step, rng);
