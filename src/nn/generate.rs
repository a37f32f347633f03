//! Continuing a text, token by token.

use super::{Gpt2, Sampling};
use crate::rng::Rng;
use crate::tensor::{Graph, KvCache, Params, Tape};

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    /// After so many new tokens.
    pub max_new_tokens: usize,
    /// After this token, which is kept.
    pub eos_token_id: Option<u32>,
}

/// One text that a model goes on with.
///
/// Each token is computed once: keys and values of earlier ones are kept. When the context is full, the older
/// half of it is forgotten.
pub struct Generator<'a> {
    model: &'a Gpt2,
    params: &'a Params,
    caches: Vec<KvCache>,
    ids: Vec<u32>,
    /// First token that the model still sees.
    start: usize,
    logits: Vec<f32>,
}

impl<'a> Generator<'a> {
    /// Reads the prompt, or as much of its end as the context holds.
    ///
    /// # Panics
    ///
    /// If the prompt is empty.
    pub fn new(model: &'a Gpt2, params: &'a Params, tape: &mut Tape, prompt: &[u32]) -> Self {
        assert!(!prompt.is_empty(), "generate: a prompt has at least one token");
        let start = prompt.len().saturating_sub(model.config.n_positions);
        let caches = model.caches(1);
        let mut this = Self { model, params, caches, ids: prompt.to_vec(), start, logits: Vec::new() };
        this.read(tape, start);
        this
    }

    /// Scores of the next token.
    pub fn logits(&self) -> &[f32] {
        &self.logits
    }

    /// The prompt and what was appended.
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// Goes on by a token, whoever chose it.
    pub fn push(&mut self, tape: &mut Tape, token: u32) {
        self.ids.push(token);
        let n_positions = self.model.config.n_positions;
        if self.ids.len() - self.start > n_positions {
            self.start = self.ids.len() - n_positions.div_ceil(2);
            self.caches = self.model.caches(1);
            self.read(tape, self.start);
        } else {
            self.read(tape, self.ids.len() - 1);
        }
    }

    fn read(&mut self, tape: &mut Tape, from: usize) {
        let mut g = Graph::inference(tape, self.params);
        let logits = self.model.forward_cached(&mut g, &self.ids[from..], 1, &mut self.caches);
        let last = g.value(logits).rchunks_exact(g.cols(logits)).next().expect("at least one token");
        self.logits.clear();
        self.logits.extend_from_slice(last);
    }
}

/// The continuation of a prompt: new tokens only.
///
/// # Panics
///
/// If the prompt is empty.
pub fn generate(
    model: &Gpt2,
    params: &Params,
    tape: &mut Tape,
    prompt: &[u32],
    sampling: &Sampling,
    stop: Stop,
    rng: &mut Rng,
) -> Vec<u32> {
    let mut generator = Generator::new(model, params, tape, prompt);
    for n in 0..stop.max_new_tokens {
        let token = sampling.draw(generator.logits(), generator.ids(), rng);
        if Some(token) == stop.eos_token_id || n + 1 == stop.max_new_tokens {
            generator.ids.push(token);
            break;
        }
        generator.push(tape, token);
    }
    generator.ids.split_off(prompt.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Gpt2Config, Input};

    #[test]
    fn cached_scores_have_the_bits_of_the_whole_pass() {
        let config =
            Gpt2Config { vocab_size: 30, n_positions: 11, n_embd: 12, n_head: 2, ..Gpt2Config::default() };
        let (mut params, mut rng, mut tape) = (Params::new(), Rng::new(4), Tape::new());
        let model = Gpt2::init(config, &mut params, &mut rng);
        let ids: Vec<u32> = (0..11).map(|_| rng.below(30) as u32).collect();
        let mut generator = Generator::new(&model, &params, &mut tape, &ids[..3]);
        for n in 3..=11 {
            let bits = |logits: &[f32]| logits.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            let cached = bits(generator.logits());
            let mut g = Graph::inference(&mut tape, &params);
            let logits = model.forward(&mut g, &Input::new(&ids[..n], 1)).logits;
            assert_eq!(cached, bits(&g.value(logits)[(n - 1) * 30..]), "{n} tokens");
            if n < 11 {
                generator.push(&mut tape, ids[n]);
            }
        }
    }

    #[test]
    fn a_full_context_goes_on_with_its_newer_half() {
        let config =
            Gpt2Config { vocab_size: 9, n_positions: 6, n_embd: 8, n_head: 2, ..Gpt2Config::default() };
        let (mut params, mut rng, mut tape) = (Params::new(), Rng::new(4), Tape::new());
        let model = Gpt2::init(config, &mut params, &mut rng);
        let stop = Stop { max_new_tokens: 20, eos_token_id: None };
        let new = generate(&model, &params, &mut tape, &[1, 2], &Sampling::default(), stop, &mut rng);
        assert_eq!(new.len(), 20);
    }
}
