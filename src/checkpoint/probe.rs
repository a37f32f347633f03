//! What a model computes, stated beside its weights so that whoever loads them can check. Start with
//! [`Probe::new`].

use crate::data::Tokenizer;
use crate::json::{ToJson, Value, fields};
use crate::nn::{CausalLm, Sampling, Stop, generate};
use crate::rng::Rng;
use crate::tensor::Tape;

/// The content of `probe.json`.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Encoded as it stands, without special tokens.
    pub prompt: String,
    /// The prompt's tokens.
    pub input_ids: Vec<u32>,
    /// Scores of the token after the prompt, one per vocabulary entry.
    pub logits_last: Vec<f32>,
    /// The likeliest continuation, new tokens only; a bidirectional model has none.
    pub greedy: Option<Vec<u32>>,
    /// exp of the mean loss, in nats per token, over a text in windows of `n_positions` tokens; within each the
    /// first is given.
    pub perplexity: Option<f64>,
    /// Texts that tokenizers like to disagree on.
    pub encodings: Vec<Encoding>,
}

/// A text and its tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoding {
    /// The text.
    pub text: String,
    /// Its tokens, without special ones.
    pub input_ids: Vec<u32>,
}

fields!(write Encoding: text, input_ids);

impl ToJson for Probe {
    fn to_json(&self) -> Value {
        let mut file = Value::object(vec![
            ("prompt", self.prompt.to_json()),
            ("input_ids", self.input_ids.to_json()),
            ("logits_last", self.logits_last.to_json()),
        ]);
        if let Some(greedy) = &self.greedy {
            file.push("greedy", greedy.to_json());
        }
        if let Some(perplexity) = self.perplexity {
            file.push("perplexity", perplexity.to_json());
        }
        file.push("encodings", self.encodings.to_json());
        file
    }
}

const MAX_NEW_TOKENS: usize = 20;
const TEXTS: [&str; 7] = [
    "",
    " ",
    "Hello there, it's 2024!",
    "  two  spaces\n\tand a tab",
    " The capital of France is Paris.",
    "naïve café – 日本語 🙂",
    "<|endoftext|> is a token, <|endof is none",
];

impl Probe {
    /// Runs the model on the prompt, and on `text` for the perplexity if the model is causal.
    ///
    /// A prompt that leaves no room in the context loses its beginning; an empty one becomes the token that
    /// ends a text.
    ///
    /// # Panics
    ///
    /// If the tokenizer has more tokens than the model.
    pub fn new(lm: CausalLm, tokenizer: &Tokenizer, prompt: &str, text: Option<&str>) -> Self {
        let config = &lm.model.config;
        assert!(tokenizer.vocab_size() <= config.vocab_size, "Probe::new: the tokenizer has more tokens");
        let (prompt, input_ids) = fitting(tokenizer, prompt, (lm.context() * 3 / 4).max(1));
        let mut tape = Tape::new();
        let logits = logits(lm, &mut tape, &input_ids);
        let greedy = config.is_causal.then(|| {
            let max_new_tokens = (lm.context() + 1 - input_ids.len()).min(MAX_NEW_TOKENS);
            let stop = Stop { max_new_tokens, eos_token_id: None };
            generate(lm, &mut tape, &input_ids, &Sampling::greedy(), stop, &mut Rng::new(0))
        });
        let ids = text.filter(|_| config.is_causal).map(|text| tokenizer.encode(text));
        let encoding = |text: &str| Encoding { text: text.to_owned(), input_ids: tokenizer.encode(text) };
        Self {
            prompt,
            logits_last: logits[logits.len() - config.vocab_size..].to_vec(),
            greedy,
            perplexity: ids.and_then(|ids| perplexity(lm, &mut tape, &ids)),
            encodings: TEXTS.into_iter().map(encoding).collect(),
            input_ids,
        }
    }
}

/// As much of the prompt's end as fits into `limit` tokens, at least one token.
fn fitting(tokenizer: &Tokenizer, prompt: &str, limit: usize) -> (String, Vec<u32>) {
    // No token is longer than the prompt and every byte is one at most: this leaves a cut of bounded cost.
    let mut rest = prompt;
    loop {
        let ids = tokenizer.encode(rest);
        if !ids.is_empty() && ids.len() <= limit {
            return (rest.to_owned(), ids);
        }
        match rest.char_indices().nth(1.max(ids.len().saturating_sub(limit) / 2)) {
            Some((start, _)) => rest = &rest[start..],
            None => break,
        }
    }
    let end = tokenizer.eos();
    (tokenizer.text_of(end), vec![end])
}

/// Scores after every token of a row, (T, V).
fn logits(lm: CausalLm, tape: &mut Tape, input_ids: &[u32]) -> Vec<f32> {
    let mut g = lm.inference(tape);
    let logits = lm.model.logits(&mut g, &lm.input(input_ids, 1));
    g.value(logits).to_vec()
}

/// `None` for less than two tokens.
fn perplexity(lm: CausalLm, tape: &mut Tape, ids: &[u32]) -> Option<f64> {
    let (mut total, mut count) = (0.0, 0);
    for window in ids.chunks(lm.context()).filter(|window| window.len() > 1) {
        let logits = logits(lm, tape, window);
        for (row, &next) in logits.chunks(lm.model.config.vocab_size).zip(&window[1..]) {
            let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f64 = row.iter().map(|&x| libm::exp(f64::from(x - max))).sum();
            total += libm::log(sum) - f64::from(row[next as usize] - max);
            count += 1;
        }
    }
    (count > 0).then(|| libm::exp(total / f64::from(count)))
}
