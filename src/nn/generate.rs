//! Continuing a text, token by token.

use super::{CausalLm, Sampling};
use crate::rng::Rng;
use crate::tensor::{KvCache, Tape};

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
    lm: CausalLm<'a>,
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
    pub fn new(lm: CausalLm<'a>, tape: &mut Tape, prompt: &[u32]) -> Self {
        assert!(!prompt.is_empty(), "generate: a prompt has at least one token");
        let start = prompt.len().saturating_sub(lm.context());
        let caches = lm.model.caches(1);
        let mut this = Self { lm, caches, ids: prompt.to_vec(), start, logits: Vec::new() };
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
        let context = self.lm.context();
        if self.ids.len() - self.start > context {
            self.start = self.ids.len() - context.div_ceil(2);
            self.caches = self.lm.model.caches(1);
            self.read(tape, self.start);
        } else {
            self.read(tape, self.ids.len() - 1);
        }
    }

    fn read(&mut self, tape: &mut Tape, from: usize) {
        let mut g = self.lm.inference(tape);
        let input = self.lm.input(&self.ids[from..], 1);
        let logits = self.lm.model.forward_cached(&mut g, &input, &mut self.caches);
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
    lm: CausalLm,
    tape: &mut Tape,
    prompt: &[u32],
    sampling: &Sampling,
    stop: Stop,
    rng: &mut Rng,
) -> Vec<u32> {
    let mut generator = Generator::new(lm, tape, prompt);
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

/// The continuations of prompts of one length, computed side by side: new tokens only, each up to its end.
///
/// # Panics
///
/// If the prompts differ in length or are empty, or a text would outgrow the context.
pub fn generate_batch(
    lm: CausalLm,
    tape: &mut Tape,
    prompts: &[&[u32]],
    sampling: &Sampling,
    stop: Stop,
    rng: &mut Rng,
) -> Vec<Vec<u32>> {
    let mut writer = BatchWriter::new(prompts, stop);
    while writer.step(lm, tape, sampling, rng) {}
    writer.into_written()
}

/// [`generate_batch`], a token of each text at a time, so that whoever calls can stop in between.
pub struct BatchWriter {
    stop: Stop,
    n_prompt: usize,
    /// Prompts with what was written so far.
    texts: Vec<Vec<u32>>,
    caches: Vec<KvCache>,
    /// The text of each row that is computed: those that have not ended.
    open: Vec<usize>,
    /// What the model has not read yet, row by row.
    new: Vec<u32>,
    /// Tokens written of a text that has not ended.
    n: usize,
}

impl BatchWriter {
    /// Texts that begin with these prompts.
    ///
    /// # Panics
    ///
    /// If the prompts differ in length or are empty.
    pub fn new(prompts: &[&[u32]], stop: Stop) -> Self {
        let n_prompt = prompts.first().map_or(0, |prompt| prompt.len());
        assert!(
            prompts.iter().all(|p| p.len() == n_prompt && n_prompt > 0),
            "generate_batch: prompts of one length"
        );
        Self {
            stop,
            n_prompt,
            texts: prompts.iter().map(|prompt| prompt.to_vec()).collect(),
            caches: Vec::new(),
            open: (0..prompts.len()).collect(),
            new: prompts.concat(),
            n: 0,
        }
    }

    /// Tokens that the longest text has so far.
    pub fn n_written(&self) -> usize {
        self.n
    }

    /// Draws a token for each text that has not ended; `false` when all have.
    ///
    /// # Panics
    ///
    /// If a text outgrows the context.
    pub fn step(&mut self, lm: CausalLm, tape: &mut Tape, sampling: &Sampling, rng: &mut Rng) -> bool {
        if self.open.is_empty() || self.n == self.stop.max_new_tokens {
            return false;
        }
        if self.n == 0 {
            self.caches = lm.model.caches(self.texts.len());
        }
        self.n += 1;
        let mut g = lm.inference(tape);
        let logits = lm.model.forward_cached(&mut g, &lm.input(&self.new, self.open.len()), &mut self.caches);
        let (cols, n_new) = (g.cols(logits), g.rows(logits) / self.open.len());
        let mut kept = Vec::new();
        for (i, text) in self.texts.iter_mut().enumerate() {
            let Ok(row) = self.open.binary_search(&i) else {
                // A text that has ended draws on, so that no other depends on when it did.
                sampling.skip(rng);
                continue;
            };
            let last = &g.value(logits)[(row * n_new + n_new - 1) * cols..][..cols];
            let token = sampling.draw(last, text, rng);
            text.push(token);
            if Some(token) != self.stop.eos_token_id {
                kept.push(row);
            }
        }
        if kept.len() < self.open.len() && !kept.is_empty() {
            self.caches.iter_mut().for_each(|cache| cache.keep(&kept));
        }
        self.open = kept.iter().map(|&row| self.open[row]).collect();
        self.new = self.open.iter().map(|&i| self.texts[i][self.texts[i].len() - 1]).collect();
        !self.open.is_empty() && self.n < self.stop.max_new_tokens
    }

    /// Tokens of each prompt.
    pub fn n_prompt(&self) -> usize {
        self.n_prompt
    }

    /// The prompts with what was written behind them.
    pub fn into_texts(self) -> Vec<Vec<u32>> {
        self.texts
    }

    /// What was written behind the prompts.
    pub fn into_written(self) -> Vec<Vec<u32>> {
        let n_prompt = self.n_prompt;
        self.texts.into_iter().map(|mut text| text.split_off(n_prompt)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Gpt2, Gpt2Config, Input};
    use crate::tensor::{Graph, Params};

    #[test]
    fn cached_scores_have_the_bits_of_the_whole_pass() {
        let config =
            Gpt2Config { vocab_size: 30, n_positions: 11, n_embd: 12, n_head: 2, ..Gpt2Config::default() };
        let (mut params, mut rng, mut tape) = (Params::new(), Rng::new(4), Tape::new());
        let model = Gpt2::init(config, &mut params, &mut rng);
        let ids: Vec<u32> = (0..11).map(|_| rng.below(30) as u32).collect();
        let mut generator = Generator::new(CausalLm::new(&model, &params), &mut tape, &ids[..3]);
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
        let new = generate(
            CausalLm::new(&model, &params),
            &mut tape,
            &[1, 2],
            &Sampling::default(),
            stop,
            &mut rng,
        );
        assert_eq!(new.len(), 20);
    }

    #[test]
    fn texts_side_by_side_are_those_written_alone() {
        let config =
            Gpt2Config { vocab_size: 9, n_positions: 16, n_embd: 8, n_head: 2, ..Gpt2Config::default() };
        let (mut params, mut rng, mut tape) = (Params::new(), Rng::new(4), Tape::new());
        let model = Gpt2::init(config, &mut params, &mut rng);
        let (lm, greedy) = (CausalLm::new(&model, &params), Sampling::greedy());
        let stop = Stop { max_new_tokens: 12, eos_token_id: Some(3) };
        let prompts: [&[u32]; 4] = [&[1, 2], &[4, 5], &[8, 0], &[3, 3]];
        let together = generate_batch(lm, &mut tape, &prompts, &greedy, stop, &mut rng);
        for (prompt, text) in prompts.iter().zip(together) {
            assert_eq!(generate(lm, &mut tape, prompt, &greedy, stop, &mut rng), text);
        }
    }

    #[test]
    fn a_text_does_not_depend_on_when_others_end() {
        let config =
            Gpt2Config { vocab_size: 9, n_positions: 16, n_embd: 8, n_head: 2, ..Gpt2Config::default() };
        let (mut params, mut tape) = (Params::new(), Tape::new());
        let model = Gpt2::init(config, &mut params, &mut Rng::new(4));
        let prompts: [&[u32]; 5] = [&[1, 2], &[4, 5], &[8, 0], &[3, 3], &[7, 1]];
        let mut written = |eos_token_id| {
            let stop = Stop { max_new_tokens: 14, eos_token_id };
            let lm = CausalLm::new(&model, &params);
            generate_batch(lm, &mut tape, &prompts, &Sampling::default(), stop, &mut Rng::new(5))
        };
        for (text, endless) in written(Some(3)).iter().zip(written(None)) {
            let n = endless.iter().position(|id| *id == 3).map_or(14, |end| end + 1);
            assert_eq!(text[..], endless[..n]);
        }
    }
}
