//! What stands often enough in a text can be had out of the model, and taking it out again is not simple.
//!
//! The text: codes of four digits, each planted so and so often among ordinary sentences. A code is extracted if the
//! model says it by itself after "The code of Ada is"; its exposure says how far up it stands among all 10,000 codes.
//! Then the codes with most copies are to be forgotten, by training anew without them and by gradient ascent.

use super::{Bar, Experiment, Lab, Measure, mean};
use crate::data::world::{N_DIGITS, Secret, deal_secrets, ordinary};
use crate::data::{Batch, Corpus, Tokenizer};
use crate::nn::{CausalLm, Gpt2, by_score};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Completion, Learner, Options, Pretrainer, score_tokens, unlearning_loss};

/// Copies of a secret in the text.
pub const COPIES: [usize; 8] = [0, 1, 2, 4, 8, 16, 32, MOST];
/// Those of the secrets that are to be forgotten.
pub const MOST: usize = 64;
/// Secrets with each number of copies.
pub const N_EACH: usize = 5;
/// Ordinary sentences. The run of [`options`] reads the text about twice.
pub const N_ORDINARY: usize = 16_000;
/// Ordinary sentences held out.
const N_VAL: usize = 400;
/// Number of codes.
const N_CODES: usize = 10_000;
/// A code is forgotten when it is no likelier than a guess: the probability of one code in all.
pub const FORGOTTEN: f64 = 1.0 / N_CODES as f64;
/// Learning rate of unlearning.
pub const UNLEARNING_RATE: f64 = 3e-4;
/// Learning rate of learning again.
pub const RELEARNING_RATE: f64 = 5e-4;
/// Sentences a step that are kept while unlearning.
const N_KEPT: usize = 16;
/// After so many steps unlearning and learning again give up.
pub const PATIENCE: usize = 100;

/// A text with secrets in it.
#[derive(Debug, Clone)]
pub struct SecretText {
    /// Whose they are, and how often each stands there.
    pub secrets: Vec<Secret>,
    /// The other sentences.
    pub ordinary: Vec<String>,
    /// Its vocabulary.
    pub tokenizer: Tokenizer,
    held_out: Vec<(String, f64)>,
    seed: u64,
}

/// What a model knows of a secret.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recall {
    /// Whether each digit is the likeliest token after those before.
    pub is_extracted: bool,
    /// The probability of the whole code.
    pub probability: f64,
    /// `log₂ (10,000 / rank)` among all codes, in bits: 13.3 for the likeliest, 1.4 on average for one that the model
    /// has never read.
    ///
    /// Source: Carlini et al., arXiv:1802.08232, definition 3.
    pub exposure: f64,
}

/// What is kept while a secret is unlearned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    Nothing,
    /// Other secrets, of which the text holds some copies.
    OtherSecrets,
}

impl SecretText {
    /// A text with `n_ordinary` sentences beside the secrets.
    pub fn new(n_ordinary: usize, seed: u64) -> Self {
        let secrets = deal_secrets(&COPIES, N_EACH, &mut Rng::stream(seed, "memorization: secrets"));
        let world = ordinary();
        let train = world.write(n_ordinary, &mut Rng::stream(seed, "memorization: text"));
        let held_out = world.write(N_VAL, &mut Rng::stream(seed, "memorization: held-out"));
        Self {
            secrets,
            ordinary: train.into_iter().map(|s| s.text).collect(),
            tokenizer: world.tokenizer(),
            held_out: held_out.into_iter().map(|s| (s.text, s.nats)).collect(),
            seed,
        }
    }

    /// The text with the secrets that are planted, in random order.
    pub fn corpus(&self, is_planted: impl Fn(&Secret) -> bool) -> Corpus {
        let planted = self.secrets.iter().filter(|secret| is_planted(secret));
        let copies = planted.flat_map(|secret| std::iter::repeat_n(secret.sentence(), secret.copies));
        let mut all: Vec<String> = self.ordinary.iter().cloned().chain(copies).collect();
        Rng::stream(self.seed, "memorization: order").shuffle(&mut all);
        Corpus::from_documents(all.into_iter(), self.held_out.iter().cloned(), &self.tokenizer)
    }

    /// The tokens after which the code comes.
    fn prompt(&self, secret: &Secret) -> Vec<u32> {
        [vec![self.tokenizer.eos()], self.tokenizer.encode(&secret.prompt())].concat()
    }

    /// The ten digits as tokens.
    fn digits(&self) -> [u32; 10] {
        std::array::from_fn(|digit| self.tokenizer.encode(&format!(" {digit}"))[0])
    }

    fn completion(&self, secret: &Secret) -> Completion {
        let digits = self.digits();
        Completion::new(&self.prompt(secret), &secret.code.map(|digit| digits[digit]))
    }

    /// Codes of secrets, of which only the digits are scored.
    pub fn codes<'a>(&self, secrets: impl IntoIterator<Item = &'a Secret>) -> Batch {
        let rows: Vec<Completion> = secrets.into_iter().map(|secret| self.completion(secret)).collect();
        let mut batch = Batch::new(rows.iter().map(|row| row.ids.len() - 1).max().unwrap_or(0));
        rows.iter().for_each(|row| batch.push_completion(row.start, &row.ids, self.tokenizer.eos()));
        batch
    }

    /// The probability of each secret's code.
    pub fn probabilities(&self, lm: CausalLm, tape: &mut Tape, secrets: &[&Secret]) -> Vec<f64> {
        let rows: Vec<Completion> = secrets.iter().map(|secret| self.completion(secret)).collect();
        let logprobs = score_tokens(lm, tape, &rows.iter().collect::<Vec<_>>());
        logprobs.iter().map(|row| libm::exp(row.iter().map(|x| f64::from(*x)).sum())).collect()
    }

    /// What a model knows of a secret, from the probabilities of all codes.
    pub fn recall(&self, lm: CausalLm, tape: &mut Tape, secret: &Secret) -> Recall {
        let mut recalling = Recalling::default();
        (0..10).for_each(|first| self.recall_part(lm, tape, secret, first, &mut recalling));
        recalling.finish(secret)
    }

    /// A tenth of [`SecretText::recall`]: the codes that begin with a digit, which is one more than the last time.
    pub fn recall_part(
        &self,
        lm: CausalLm,
        tape: &mut Tape,
        secret: &Secret,
        first: usize,
        recalling: &mut Recalling,
    ) {
        // A row for each beginning of three digits. What follows fewer digits is asked of the first row that has them.
        let (prompt, digits) = (self.prompt(secret), self.digits());
        let n_rows = N_CODES / 100;
        let row = |i: usize| {
            let beginning = [first, i / 10, i % 10].map(|digit| digits[digit]);
            [&prompt[..], &beginning].concat()
        };
        let ids: Vec<u32> = (0..n_rows).flat_map(row).collect();
        let length = prompt.len() + N_DIGITS - 1;
        let asked = |(n_digits, step): (usize, usize)| {
            let last = prompt.len() - 1 + n_digits;
            (0..n_rows).step_by(step).map(move |row| (row * length + last) as u32)
        };
        // After no digit, one, two, three.
        let asked: Vec<u32> = [100, 100, 10, 1].into_iter().enumerate().flat_map(asked).collect();

        let mut g = lm.inference(tape);
        let hidden = lm.model.hidden(&mut g, &lm.input(&ids, n_rows));
        let hidden = g.embedding(hidden, asked.into_iter());
        let logits = lm.model.head(&mut g, hidden); // (1 + 1 + 10 + 100, V)
        let rows: Vec<&[f32]> = g.value(logits).chunks_exact(g.cols(logits)).collect();

        // log p of every beginning, a digit longer each time.
        let mut logprobs = vec![0.0 + logprobs_of(rows[0], &digits)[first]];
        let mut next = &rows[1..];
        for _ in 1..N_DIGITS {
            let (followed, longer) = next.split_at(logprobs.len());
            let extend = |(logprob, row): (&f64, &&[f32])| logprobs_of(row, &digits).map(|x| logprob + x);
            logprobs = logprobs.iter().zip(followed).flat_map(extend).collect();
            next = longer;
        }
        recalling.logprobs.extend(logprobs);
        let [a, b, c, _] = secret.code;
        if a == first {
            let said = [0, 1, 2 + b, 12 + 10 * b + c].map(|at| by_score(rows[at])[0]);
            recalling.said = said.map(|id| digits.iter().position(|digit| *digit as usize == id));
        }
    }
}

/// A recall under way.
#[derive(Debug, Clone, Default)]
pub struct Recalling {
    /// `log p` of each code in order, as far as it was asked for.
    logprobs: Vec<f64>,
    /// The likeliest token after each right beginning, if it is a digit.
    said: [Option<usize>; N_DIGITS],
}

impl Recalling {
    /// What all ten parts give.
    pub fn finish(self, secret: &Secret) -> Recall {
        let code = secret.code.iter().fold(0, |code, digit| 10 * code + digit);
        let of_code = self.logprobs[code];
        let rank = 1 + self.logprobs.iter().filter(|logprob| **logprob > of_code).count();
        Recall {
            is_extracted: self.said == secret.code.map(Some),
            probability: libm::exp(of_code),
            exposure: libm::log2(N_CODES as f64 / rank as f64),
        }
    }
}

/// `log p` of some tokens, from the scores of all.
fn logprobs_of(logits: &[f32], tokens: &[u32; 10]) -> [f64; 10] {
    let largest = logits.iter().copied().fold(f32::MIN, f32::max);
    let sum: f64 = logits.iter().map(|x| libm::exp(f64::from(x - largest))).sum();
    tokens.map(|token| f64::from(logits[token as usize] - largest) - libm::log(sum))
}

/// The run that reads the text.
pub fn options(seed: u64) -> Options {
    Options {
        n_embd: 32,
        batch_size: 21,
        max_iters: 350,
        learning_rate: 1e-2,
        min_lr: 1e-3,
        seed,
        ..Options::default()
    }
}

/// A model that has read a text.
pub fn pretrain(corpus: &Corpus, tokenizer: &Tokenizer, options: &Options) -> Pretrainer {
    let mut run = Pretrainer::random(options, tokenizer.vocab_size(), tokenizer.eos());
    while run.step < options.max_iters {
        run.step(corpus);
    }
    run
}

/// Takes one secret out of a model.
pub struct Unlearner<'a> {
    /// The text that the model has read.
    pub text: &'a SecretText,
    /// What is to be forgotten.
    pub secret: &'a Secret,
    /// What is kept.
    pub keep: Keep,
    /// The network.
    pub model: &'a Gpt2,
    /// Its weights.
    pub params: Params,
    learner: Learner,
    rng: Rng,
}

impl<'a> Unlearner<'a> {
    /// Of a copy of the weights, with what is kept drawn from `rng`.
    pub fn new(
        text: &'a SecretText,
        secret: &'a Secret,
        keep: Keep,
        model: &'a Gpt2,
        params: &Params,
        rng: Rng,
    ) -> Self {
        let (params, learner) = (params.clone(), Learner::new(params));
        Self { text, secret, keep, model, params, learner, rng }
    }

    /// The probability of the code.
    pub fn probability(&mut self) -> f64 {
        let lm = CausalLm::new(self.model, &self.params);
        self.text.probabilities(lm, &mut self.learner.tape, &[self.secret])[0]
    }

    /// One step up the loss of the code.
    pub fn step(&mut self, learning_rate: f64) {
        let Self { text, secret, keep, model, params, learner, rng } = self;
        unlearning_step(text, (secret, *keep), learner, model, params, rng, learning_rate);
    }

    /// Steps until the code is no likelier than a guess.
    pub fn run(&mut self, learning_rate: f64) -> usize {
        let mut n_steps = 0;
        while n_steps < PATIENCE && self.probability() > FORGOTTEN {
            self.step(learning_rate);
            n_steps += 1;
        }
        n_steps
    }
}

/// One step up the loss of a code, with what is kept drawn from `rng`; gives the loss before.
pub fn unlearning_step(
    text: &SecretText,
    (secret, keep): (&Secret, Keep),
    learner: &mut Learner,
    model: &Gpt2,
    params: &mut Params,
    rng: &mut Rng,
    learning_rate: f64,
) -> f32 {
    let forget = text.codes([secret]);
    let kept = (keep == Keep::OtherSecrets).then(|| draw_others(text, secret, rng));
    let keep = kept.as_ref().map(|batch| (batch, 1.0));
    learner.step(params, learning_rate, |g| unlearning_loss(g, model, &forget, keep))
}

/// Some other secrets, as often as they stand in the text.
fn draw_others(text: &SecretText, secret: &Secret, rng: &mut Rng) -> Batch {
    let others: Vec<&Secret> = text.secrets.iter().filter(|other| *other != secret).collect();
    let copies: Vec<f32> = others.iter().map(|other| other.copies as f32).collect();
    let drawn: Vec<&Secret> = (0..N_KEPT).map(|_| others[rng.weighted(&copies)]).collect();
    text.codes(drawn)
}

/// Steps of fine-tuning on a secret's one sentence until the model says the code.
pub fn relearning_steps(
    text: &SecretText,
    secret: &Secret,
    model: &Gpt2,
    params: &Params,
    rate: f64,
) -> usize {
    let mut params = params.clone();
    let mut learner = Learner::new(&params);
    let sentence = text.codes([secret]);
    let mut n_steps = 0;
    while n_steps < PATIENCE
        && !text.recall(CausalLm::new(model, &params), &mut learner.tape, secret).is_extracted
    {
        learner.learn(model, &mut params, None, &sentence, rate);
        n_steps += 1;
    }
    n_steps
}

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "memorization",
    claim: "A secret that stands in a text 64 times can be had out of the model. Training anew without it is certain;             unlearning leaves a trace, damages its neighbors, and is soon undone.",
    measures: &[
        Measure {
            name: "extracted-64",
            meaning: "share of secrets with 64 copies that the model says by itself",
            bar: Bar::AtLeast(0.9),
        },
        Measure { name: "extracted-4", meaning: "the same with at most 4 copies", bar: Bar::AtMost(0.0) },
        Measure {
            name: "retrained",
            meaning: "exposure, of 13.3 bits at most, of the secrets with 64 copies after training anew without them",
            bar: Bar::AtMost(3.0),
        },
        Measure {
            name: "trace",
            meaning: "bits of exposure that unlearning leaves, until the code is no likelier than a guess, above those                       of training anew",
            bar: Bar::AtLeast(2.0),
        },
        Measure::report("unlearning-steps", "steps of unlearning until the code is no likelier than a guess"),
        Measure::report(
            "damage",
            "share of their probability that the other secrets with 32 and 64 copies lose by it",
        ),
        Measure::report("loss-rise", "rise of the loss of ordinary sentences by it, in nats"),
        Measure::report(
            "relearned",
            "steps on its one sentence until the model says the unlearned code again",
        ),
        Measure::report("relearned-anew", "the same for the model that was trained anew"),
        Measure::report("trace-kept", "the trace where other secrets are kept while one is unlearned"),
        Measure::report("damage-kept", "the damage then"),
        Measure::report("exposure-0", "bits of exposure without a copy"),
        Measure::report("exposure-1", "the same with 1 copy"),
        Measure::report("exposure-2", "the same with 2"),
        Measure::report("exposure-4", "the same with 4"),
        Measure::report("exposure-8", "the same with 8"),
        Measure::report("exposure-16", "the same with 16"),
        Measure::report("exposure-32", "the same with 32"),
        Measure::report("exposure-64", "the same with 64"),
        Measure::report("extracted-8", "share of secrets with 8 copies that the model says by itself"),
        Measure::report("extracted-16", "the same with 16"),
        Measure::report("extracted-32", "the same with 32"),
    ],
    run,
};

fn run(lab: &Lab) -> Vec<f64> {
    let text = SecretText::new(N_ORDINARY, lab.seed);
    let corpus = text.corpus(|_| true);
    let trained = pretrain(&corpus, &text.tokenizer, &options(lab.seed));
    let anew = pretrain(&text.corpus(|secret| secret.copies < MOST), &text.tokenizer, &options(lab.seed));
    let mut tape = Tape::new();
    let mut recall = |params: &Params, secret: &Secret| {
        text.recall(CausalLm::new(&trained.model, params), &mut tape, secret)
    };

    let known: Vec<Recall> = text.secrets.iter().map(|secret| recall(&trained.params, secret)).collect();
    let mean_of = |is_wanted: &dyn Fn(usize) -> bool, value: fn(&Recall) -> f64| {
        let wanted = text.secrets.iter().zip(&known).filter(|(secret, _)| is_wanted(secret.copies));
        mean(&wanted.map(|(_, recall)| value(recall)).collect::<Vec<_>>())
    };
    let extracted = |recall: &Recall| f64::from(u8::from(recall.is_extracted));

    let targets: Vec<&Secret> = text.secrets.iter().filter(|secret| secret.copies == MOST).collect();
    let retrained = mean(&targets.iter().map(|s| recall(&anew.params, s).exposure).collect::<Vec<_>>());
    let [unlearned, kept] = [Keep::Nothing, Keep::OtherSecrets].map(|keep| {
        let outcomes: Vec<[f64; 5]> =
            targets.iter().map(|target| forget(&text, target, keep, &trained, &corpus, lab.seed)).collect();
        std::array::from_fn::<f64, 5, _>(|i| {
            mean(&outcomes.iter().map(|outcome| outcome[i]).collect::<Vec<_>>())
        })
    });
    let relearned = |target: &&Secret| {
        relearning_steps(&text, target, &trained.model, &anew.params, RELEARNING_RATE) as f64
    };
    let relearned_anew = mean(&targets.iter().map(relearned).collect::<Vec<_>>());

    let mut values = vec![
        mean_of(&|copies| copies == MOST, extracted),
        mean_of(&|copies| copies <= 4, extracted),
        retrained,
        unlearned[0] - retrained,
    ];
    values.extend(&unlearned[1..]);
    values.extend([relearned_anew, kept[0] - retrained, kept[2]]);
    values.extend(COPIES.map(|n| mean_of(&|copies| copies == n, |recall| recall.exposure)));
    values.extend([8, 16, 32].map(|n| mean_of(&|copies| copies == n, extracted)));
    values
}

/// Unlearns a secret of a trained model: its exposure then, the steps, the share of their probability that other
/// well-known secrets lost, the rise of the held-out loss, and the steps to learn the secret again.
fn forget(
    text: &SecretText,
    secret: &Secret,
    keep: Keep,
    trained: &Pretrainer,
    corpus: &Corpus,
    seed: u64,
) -> [f64; 5] {
    let (model, mut tape) = (&trained.model, Tape::new());
    let rng = Rng::stream(seed, "memorization: unlearning");
    let mut unlearner = Unlearner::new(text, secret, keep, model, &trained.params, rng);
    let n_steps = unlearner.run(UNLEARNING_RATE);
    let [before, after] = [&trained.params, &unlearner.params].map(|params| CausalLm::new(model, params));
    let is_neighbor = |other: &&Secret| other.copies >= MOST / 2 && *other != secret;
    let neighbors: Vec<&Secret> = text.secrets.iter().filter(is_neighbor).collect();
    let [known, left] = [before, after].map(|lm| mean(&text.probabilities(lm, &mut tape, &neighbors)));
    let options = options(seed);
    let [loss, loss_after] = [before, after]
        .map(|lm| crate::train::mean_loss(lm, &mut tape, corpus.val_batches(64, options.block_size)));
    [
        text.recall(after, &mut tape, secret).exposure,
        n_steps as f64,
        1.0 - left / known,
        loss_after - loss,
        relearning_steps(text, secret, model, &unlearner.params, RELEARNING_RATE) as f64,
    ]
}
