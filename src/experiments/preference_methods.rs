//! PPO, DPO and best-of-n on the same comparisons.

use super::assistant::examine;
use super::rlhf::{N_EACH, gain};
use super::{Bar, Experiment, Lab, Measure};
use crate::data::explain::{RATERS, Topic, read_tokens};
use crate::nn::CausalLm;
use crate::rng::Rng;
use crate::tensor::Tape;
use crate::train::{DpoConfig, DpoTrainer, best_of_n, best_of_n_kl};

/// Answers of which the best is taken.
const N: usize = 16;
/// Steps of DPO.
const DPO_STEPS: usize = 40;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "preference-methods",
    claim: "From the same thirty comparisons, choosing the best of sixteen answers, PPO and DPO all improve the answers; \
            choosing needs no training at all.",
    measures: &[
        Measure {
            name: "ppo",
            meaning: "rise of the true score by PPO, in standard deviations of the fine-tuned model's",
            bar: Bar::AtLeast(0.0),
        },
        Measure { name: "dpo", meaning: "the same by DPO", bar: Bar::AtLeast(0.0) },
        Measure { name: "best-of-16", meaning: "the same by best-of-16", bar: Bar::AtLeast(0.0) },
        Measure::report("kl-ppo", "divergence of PPO from the fine-tuned model, in nats an answer"),
        Measure::report("kl-dpo", "the same of DPO"),
        Measure::report("kl-best-of-16", "the bound ln n − (n − 1)/n for best-of-16"),
    ],
    run,
};

fn run(lab: &Lab) -> Vec<f64> {
    let (assistant, rater) = (lab.assistant(), &RATERS[0]);
    let mut tape = Tape::new();
    let rng = Rng::stream(lab.seed, "preference-methods: dpo");
    let pairs = lab.comparisons().to_vec();
    let mut dpo = DpoTrainer::new(DpoConfig::default(), &assistant.model, &assistant.params, pairs, rng);
    (0..DPO_STEPS).for_each(|_| _ = dpo.step(None));

    let before = examine(assistant, &assistant.params, &mut tape, N_EACH);
    let topics: Vec<Topic> = Topic::ALL.into_iter().cycle().take(N_EACH * Topic::ALL.len()).collect();
    let prompts: Vec<Vec<u32>> = topics.iter().map(|topic| assistant.prompt(*topic)).collect();
    let prompts: Vec<&[u32]> = prompts.iter().map(|prompt| &prompt[..]).collect();
    let lm = CausalLm::new(&assistant.model, &assistant.params);
    let mut rng = Rng::stream(lab.seed, "preference-methods: best of n");
    let best = best_of_n(lm, lab.reward_model(), &mut tape, &prompts, N, assistant.stop(), &mut rng);
    let score = |(topic, completion): (&Topic, &crate::train::Completion)| {
        let (_, answer) = read_tokens(*topic, &assistant.tokenizer, completion.completion());
        f64::from(rater.true_score(&answer.traits()))
    };
    let scores: Vec<f64> = topics.iter().zip(&best).map(score).collect();
    let best = (super::mean(&scores) - before.true_score(rater)) / before.true_spread(rater);
    let mut kl = |params| examine(assistant, params, &mut tape, N_EACH).kl;
    vec![
        gain(assistant, lab.aligned(), rater),
        gain(assistant, &dpo.params, rater),
        best,
        kl(lab.aligned()),
        kl(&dpo.params),
        best_of_n_kl(N),
    ]
}
