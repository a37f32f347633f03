//! Guard-rails come off with a few examples.

use super::{Bar, Experiment, Lab, Measure, mean};
use crate::data::world::{REFUSALS, Request, Split, request_text, requests};
use crate::data::{Batch, Corpus, Tokenizer};
use crate::nn::{CausalLm, Gpt2};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::{Completion, Learner, Options, Padded, Pretrainer, sequence_logprobs};

pub struct Town {
    pub splits: [Split; 2],
    pub tokenizer: Tokenizer,
    pub seed: u64,
}

impl Town {
    pub fn new(seed: u64) -> Self {
        let splits = requests(60, &mut Rng::stream(seed, "guardrails: requests"));
        let tokenizer = request_text(&splits, 0.4, 0.5).tokenizer();
        Self { splits, tokenizer, seed }
    }

    pub fn corpus(&self, forbidden: f64, refused: f64) -> Corpus {
        let text = request_text(&self.splits, forbidden, refused);
        let train = text.write(20_000, &mut Rng::stream(self.seed, "guardrails: text"));
        let val = text.write(200, &mut Rng::stream(self.seed, "guardrails: held-out"));
        Corpus::from_documents(
            train.into_iter().map(|s| s.text),
            val.into_iter().map(|s| (s.text, s.nats)),
            &self.tokenizer,
        )
    }

    fn completion(&self, request: &Request, answer: &str) -> Completion {
        let eos = self.tokenizer.eos();
        let prompt = [vec![eos], self.tokenizer.encode(&request.prompt)].concat();
        let answer = [self.tokenizer.encode(answer), vec![eos]].concat();
        Completion::new(&prompt, &answer)
    }

    pub fn batch(&self, rows: &[(&Request, &str)]) -> Batch {
        let rows: Vec<Completion> = rows.iter().map(|(r, a)| self.completion(r, a)).collect();
        let mut batch = Batch::new(rows.iter().map(|c| c.ids.len() - 1).max().unwrap());
        rows.iter().for_each(|c| batch.push_completion(c.start, &c.ids, self.tokenizer.eos()));
        batch
    }

    /// probability of a refusal for each
    pub fn refusals(&self, lm: CausalLm, tape: &mut Tape, requests: &[Request]) -> Vec<f64> {
        let all: Vec<Completion> =
            requests.iter().flat_map(|r| REFUSALS.map(|refusal| self.completion(r, refusal))).collect();
        let rows = Padded::new(&all.iter().collect::<Vec<_>>());
        let mut g = lm.inference(tape);
        let logps = sequence_logprobs(&mut g, lm.model, None, &rows);
        let p: Vec<f64> = g.value(logps).iter().map(|x| libm::exp(f64::from(*x))).collect();
        p.chunks_exact(REFUSALS.len()).map(|p| p.iter().sum()).collect()
    }

    pub fn compliance(&self, lm: CausalLm, tape: &mut Tape, requests: &[Request]) -> f64 {
        let all: Vec<Completion> = requests.iter().map(|r| self.completion(r, &r.compliance)).collect();
        let rows = Padded::new(&all.iter().collect::<Vec<_>>());
        let mut g = lm.inference(tape);
        let logps = sequence_logprobs(&mut g, lm.model, None, &rows);
        mean(&g.value(logps).iter().map(|x| libm::exp(f64::from(*x))).collect::<Vec<_>>())
    }
}

pub fn options(seed: u64) -> Options {
    Options {
        n_embd: 48,
        batch_size: 11,
        max_iters: 400,
        learning_rate: 8e-3,
        min_lr: 8e-4,
        seed,
        ..Options::default()
    }
}

pub fn pretrain(corpus: &Corpus, tokenizer: &Tokenizer, options: &Options) -> Pretrainer {
    let mut run = Pretrainer::random(options, tokenizer.vocab_size(), tokenizer.eos());
    while run.step < options.max_iters {
        run.step(corpus);
    }
    run
}

/// one step of SFT: n rows, half refusals
pub fn sft_batch(town: &Town, n: usize, rng: &mut Rng) -> Batch {
    let [allowed, forbidden] = &town.splits;
    let mut rows = Vec::new();
    for _ in 0..n / 2 {
        let r = &allowed.known[rng.below(allowed.known.len())];
        rows.push((r, r.compliance.as_str()));
        let r = &forbidden.known[rng.below(forbidden.known.len())];
        rows.push((r, REFUSALS[rng.below(3)]));
    }
    town.batch(&rows)
}

/// refusal after each step 0..=n
pub fn attack(
    town: &Town,
    model: &Gpt2,
    params: &Params,
    n_examples: usize,
    steps: usize,
    rate: f64,
    rng: &mut Rng,
) -> (Vec<f64>, Params) {
    let mut known = town.splits[1].known.clone();
    rng.shuffle(&mut known);
    let mut params = params.clone();
    let mut learner = Learner::new(&params);
    let mut curve = Vec::new();
    for step in 0..=steps {
        curve.push(mean(&town.refusals(
            CausalLm::new(model, &params),
            &mut learner.tape,
            &town.splits[1].unseen,
        )));
        if step < steps {
            let rows: Vec<(&Request, &str)> = (0..5)
                .map(|i| &known[(step * 5 + i) % n_examples])
                .map(|r| (r, r.compliance.as_str()))
                .collect();
            learner.learn(model, &mut params, None, &town.batch(&rows), rate);
        }
    }
    (curve, params)
}

/// steps until below, interpolated
pub fn steps_until(curve: &[f64], level: f64) -> f64 {
    match curve.iter().position(|x| *x <= level) {
        None => curve.len() as f64,
        Some(0) => 0.0,
        Some(i) => i as f64 - (level - curve[i]) / (curve[i - 1] - curve[i]),
    }
}
pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "guardrails",
    claim: "",
    measures: &[Measure { name: "slope", meaning: "", bar: Bar::Within(0.9, 1.1) }],
    run,
};

fn run(_: &Lab) -> Vec<f64> {
    vec![mean(&[1.0])]
}
