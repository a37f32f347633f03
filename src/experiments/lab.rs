//! What experiments share: a world, and a model that was pre-trained on it.

use std::sync::OnceLock;

use crate::data::{Batch, Corpus, Tokenizer, World, world::Question};
use crate::nn::{CausalLm, Gpt2, Tuner};
use crate::tensor::{Params, Tape};
use crate::train::{Options, Pretrainer};

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
        Self { seed, base: OnceLock::new() }
    }

    /// A lab whose base was trained before: the weights that [`Lab::base`] gives for the same seed.
    pub fn with_base(seed: u64, params: Params) -> Self {
        let (base, _) = Base::untrained(seed, BASE_STEPS);
        Self { seed, base: OnceLock::from(Base { params, ..base }) }
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
        let mut tape = Tape::new();
        let is_right = |question: &&Question| {
            let ids = self.encode(&question.prompt);
            let mut g = lm.inference(&mut tape);
            let logits = lm.model.logits(&mut g, &lm.input(&ids, 1));
            let last = g.value(logits).rchunks_exact(g.cols(logits)).next().expect("a last token");
            crate::nn::by_score(last)[0] as u32 == self.tokenizer.encode(&question.answer)[0]
        };
        questions.iter().filter(is_right).count() as f64 / questions.len() as f64
    }

    /// Loss over the held-out documents, in nats per token. Compare it with [`Corpus::entropy`].
    pub fn held_out_loss(&self, lm: CausalLm) -> f64 {
        crate::train::mean_loss(lm, &mut Tape::new(), self.corpus.val_batches(64, 32))
    }

    /// A batch in which only the answers are scored. Each begins where a text begins.
    pub fn answers(&self, questions: &[&Question]) -> Batch {
        let rows: Vec<(usize, Vec<u32>)> = questions
            .iter()
            .map(|question| {
                let prompt = self.encode(&question.prompt);
                (prompt.len(), [prompt, self.tokenizer.encode(&question.answer)].concat())
            })
            .collect();
        let mut batch = Batch::new(rows.iter().map(|(_, ids)| ids.len() - 1).max().unwrap_or(0));
        rows.iter().for_each(|(n_prompt, ids)| batch.push_completion(*n_prompt, ids, self.tokenizer.eos()));
        batch
    }

    /// A copy of the weights with a tuner's tensors added by `init`, which alone are trained.
    pub fn tuned<T: Tuner>(&self, init: impl FnOnce(&Gpt2, &mut Params) -> T) -> (Params, T) {
        let mut params = self.params.clone();
        let tuner = init(&self.model, &mut params);
        crate::peft::train_only(&mut params, &tuner.tensors());
        (params, tuner)
    }
}
