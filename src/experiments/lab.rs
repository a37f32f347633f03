//! What experiments share: a world, and a model that was pre-trained on it.

use std::sync::OnceLock;

use super::assistant::{Assistant, REWARD_STEPS, collect, reward_model};
use super::reward_model::N_PICKS;
use super::rlhf::align;
use crate::data::explain::{RATERS, RaterConfig};
use crate::data::{Batch, Corpus, Tokenizer, World, world::Question};
use crate::nn::{CausalLm, Gpt2, Tuner};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Learner, Options, Pair, Pretrainer, RewardConfig, RewardModel};

/// Documents that the base learns from, and those that are held out.
const N_TRAIN: usize = 20_000;
const N_VAL: usize = 400;
/// Steps of the base, as of the checkpoint that ships.
const BASE_STEPS: usize = 1500;

/// A place to run experiments with one seed. What several of them begin with is made once, when the first asks.
pub struct Lab {
    /// Decides everything random.
    pub seed: u64,
    base: OnceLock<Base>,
    assistant: OnceLock<Assistant>,
    comparisons: OnceLock<Vec<Pair>>,
    reward_model: OnceLock<RewardModel>,
    aligned: OnceLock<Params>,
}

/// A model that was pre-trained on the world of a seed.
#[derive(Clone)]
pub struct Base {
    /// The world.
    pub world: World,
    /// Its vocabulary.
    pub tokenizer: Tokenizer,
    /// Documents to train on and held-out ones.
    pub corpus: Corpus,
    /// The network.
    pub model: Gpt2,
    /// The weights.
    pub params: Params,
}

impl Lab {
    /// An empty lab.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            base: OnceLock::new(),
            assistant: OnceLock::new(),
            comparisons: OnceLock::new(),
            reward_model: OnceLock::new(),
            aligned: OnceLock::new(),
        }
    }

    /// The base model of this seed: 1,500 steps with the default options, as the checkpoint that ships.
    pub fn base(&self) -> &Base {
        self.base.get_or_init(|| {
            let mut run = Base::untrained(self.seed, BASE_STEPS);
            while run.1.step < BASE_STEPS {
                run.1.step(&run.0.corpus);
            }
            Base { params: run.1.params, ..run.0 }
        })
    }

    /// The model that alignment begins with.
    pub fn assistant(&self) -> &Assistant {
        self.assistant.get_or_init(|| Assistant::train(self.seed))
    }

    /// Thirty comparisons by the rater who likes it plain.
    pub fn comparisons(&self) -> &[Pair] {
        self.comparisons.get_or_init(|| {
            let mut rng = Rng::stream(self.seed, "lab: comparisons");
            collect(self.assistant(), &RATERS[0], &RaterConfig::default(), N_PICKS, &mut rng)
        })
    }

    /// A reward model of these comparisons.
    pub fn reward_model(&self) -> &RewardModel {
        self.reward_model.get_or_init(|| {
            let mut rng = Rng::stream(self.seed, "lab: reward model");
            let config = RewardConfig::default();
            reward_model(self.assistant(), config, self.comparisons(), REWARD_STEPS, &mut rng)
        })
    }

    /// The assistant after PPO against that reward model, on the default leash.
    pub fn aligned(&self) -> &Params {
        self.aligned.get_or_init(|| align(self.assistant(), self.reward_model(), self.seed))
    }
}

impl Base {
    /// The world of a seed with random weights, and a run of `steps` that would train them.
    pub fn untrained(seed: u64, steps: usize) -> (Self, Pretrainer) {
        let world = World::new(seed);
        let tokenizer = world.tokenizer();
        let corpus = Corpus::from_world(&world, &tokenizer, N_TRAIN, N_VAL, seed);
        let options = Options { max_iters: steps, seed, ..Options::default() };
        let run = Pretrainer::random(&options, tokenizer.vocab_size(), tokenizer.eos());
        let (model, params) = (run.model.clone(), run.params.clone());
        (Self { world, tokenizer, corpus, model, params }, run)
    }

    /// The tokens of a text, with `<|endoftext|>` before them, where every text begins.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        [vec![self.tokenizer.eos()], self.tokenizer.encode(text)].concat()
    }

    /// The base itself, to be asked.
    pub fn lm(&self) -> CausalLm<'_> {
        CausalLm::new(&self.model, &self.params)
    }

    /// Share of questions whose answer, one token, is the likeliest one.
    pub fn accuracy(&self, lm: CausalLm, questions: &[Question]) -> f64 {
        crate::train::accuracy(lm, &mut Tape::new(), &self.answers(&questions.iter().collect::<Vec<_>>()))
    }

    /// Loss over the held-out documents, in nats per token. Compare it with [`Corpus::entropy`].
    pub fn held_out_loss(&self, lm: CausalLm) -> f64 {
        // Room for the longest document, and for the virtual tokens of a tuner.
        crate::train::mean_loss(lm, &mut Tape::new(), self.corpus.val_batches(64, 32))
    }

    /// A batch in which only the answers are scored. Each begins where a text begins.
    pub fn answers(&self, questions: &[&Question]) -> Batch {
        self.batch(&questions.iter().map(|question| self.completion(question)).collect::<Vec<_>>())
    }

    /// The tokens of a question with its answer, after the number of those that belong to the question.
    pub fn completion(&self, question: &Question) -> (usize, Vec<u32>) {
        let prompt = self.encode(&question.prompt);
        (prompt.len(), [prompt, self.tokenizer.encode(&question.answer)].concat())
    }

    /// A batch of texts, as long as the longest, in each of which so many tokens are given and the rest is scored.
    pub fn batch(&self, rows: &[(usize, Vec<u32>)]) -> Batch {
        let mut batch = Batch::new(rows.iter().map(|(_, ids)| ids.len() - 1).max().unwrap_or(0));
        rows.iter().for_each(|(n_given, ids)| batch.push_completion(*n_given, ids, self.tokenizer.eos()));
        batch
    }

    /// A document that the base was trained on, between two `<|endoftext|>`.
    pub fn document(&self, rng: &mut Rng) -> &[u32] {
        let Corpus::Documents { train, starts, .. } = &self.corpus else { unreachable!("a world's corpus") };
        let i = rng.below(starts.len() - 1);
        &train[starts[i]..=starts[i + 1]]
    }

    /// Trains what is not frozen, for some steps of one learning rate, each with the next batch.
    pub fn fine_tune(
        &self,
        params: &mut Params,
        tuner: Option<&dyn Tuner>,
        learning_rate: f64,
        steps: usize,
        mut batch: impl FnMut() -> Batch,
    ) {
        let mut learner = Learner::new(params);
        for _ in 0..steps {
            learner.learn(&self.model, params, tuner, &batch(), learning_rate);
        }
    }

    /// A copy of the weights with a tuner's tensors added by `init`, which alone are trained.
    pub fn tuned<T: Tuner>(&self, init: impl FnOnce(&Gpt2, &mut Params) -> T) -> (Params, T) {
        let mut params = self.params.clone();
        let tuner = init(&self.model, &mut params);
        crate::peft::train_only(&mut params, &tuner.tensors());
        (params, tuner)
    }
}

/// What the base's run takes: what a tab computes that trains it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BaseRun {
    /// Weights.
    pub n_params: usize,
    /// Steps.
    pub steps: usize,
    /// Tokens that are read in all steps.
    pub tokens: usize,
    /// Floating-point operations of a step.
    pub step_flops: f64,
}

/// The run of the checkpoint that ships.
pub fn base_run() -> BaseRun {
    let (options, tokenizer) = (Options::default(), World::new(0).tokenizer());
    let run = Pretrainer::random(&options, tokenizer.vocab_size(), tokenizer.eos());
    let tokens = BASE_STEPS * options.batch_size * options.block_size;
    BaseRun { n_params: run.params.n_params(), steps: BASE_STEPS, tokens, step_flops: run.flops() }
}

/// Floating-point operations of that run.
pub(super) fn base_flops() -> f64 {
    let run = base_run();
    run.step_flops * run.steps as f64
}
