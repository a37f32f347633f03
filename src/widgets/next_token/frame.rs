//! What the page shows, and how its charts are drawn.

use std::collections::BTreeMap;

use ndarray::Array2;
use plotters::prelude::DrawingBackend;

use super::{NextToken, Origin};
use crate::data::{END_OF_TEXT, TokenizerKind};
use crate::error::{Error, Result};
use crate::json::{Value, fields, fixed};
use crate::nn::{Cut, Input, by_score, probabilities};
use crate::plot::{Area, HeatMap, LossCurve, Theme, heat_map, loss_curve};
use crate::tensor::Graph;
use crate::train::Options;

/// Bars of the next token.
const N_NEXT: usize = 12;
/// Points of a loss curve, above which neighbors are merged.
const MAX_POINTS: usize = 400;
/// What the chart calls the token that begins a document.
const START: &str = "start";

/// Everything on screen. Losses are in nats per token, probabilities from 0 to 1.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Attributes that were not understood, and gave way to their defaults.
    pub warnings: Vec<Warning>,
    /// Where the weights come from.
    pub origin: Origin,
    /// The name of the text that is learned.
    pub corpus: String,
    /// How it is cut into tokens.
    pub tokenizer: TokenizerKind,
    /// Every option, by its attribute's name, as in force.
    pub config: BTreeMap<String, String>,
    /// Steps taken.
    pub step: usize,
    /// Steps of the whole run.
    pub steps: usize,
    /// Tokens that were predicted in training so far.
    pub tokens_seen: usize,
    /// Numbers that the model consists of.
    pub n_params: usize,
    /// Tokens that it knows.
    pub vocab_size: usize,
    /// Learning rate of the last step.
    pub learning_rate: f32,
    /// Norm of the last step's gradient, before clipping.
    pub grad_norm: Option<f32>,
    /// Loss of the last step's batch, before the step.
    pub loss: Option<f32>,
    /// Loss on held-out text, when it was last measured.
    pub val_loss: Option<f32>,
    /// Entropy of the text, where it is known: no model can do better.
    pub floor: Option<f32>,
    /// ln of the vocabulary's size: the loss of who knows nothing.
    pub ceiling: f32,
    /// Losses over the run.
    pub curve: Curve,
    /// The sentence to go on with.
    pub prompt: Prompt,
    /// The likeliest next tokens.
    pub next: Vec<Candidate>,
    /// Number of tokens that survive the cuts of sampling.
    pub n_kept: usize,
    /// What was generated last, at the end of the prompt.
    pub generated: Vec<Token>,
    /// The same beginning continued at several moments of the run.
    pub samples: Vec<Sample>,
    /// A training sentence, token by token.
    pub examples: Vec<Example>,
    /// Who looks at whom.
    pub attention: Attention,
    /// SHA-256 of the weights, once training is complete.
    pub fingerprint: Option<String>,
    /// One plain sentence of what is on screen.
    pub summary: String,
}

fields!(write Frame: warnings, origin, corpus, tokenizer, config, step, steps, tokens_seen, n_params, vocab_size, learning_rate, grad_norm, loss, val_loss, floor, ceiling, curve, prompt, next, n_kept, generated, samples, examples, attention, fingerprint, summary);

/// An attribute whose value is not allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct Warning {
    pub attribute: String,
    pub given: String,
    pub allowed: String,
}

fields!(Warning: attribute, given, allowed);

/// A token and what its chip says.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub id: u32,
    /// A leading space belongs to the token.
    pub text: String,
    /// A lone byte of a word that is not in the vocabulary.
    pub byte: bool,
}

fields!(write Token: id, text, byte);

/// The sentence box.
#[derive(Debug, Clone)]
pub struct Prompt {
    pub text: String,
    pub tokens: Vec<Token>,
    /// Tokens on the left that the model does not see, for lack of room.
    pub truncated: usize,
}

fields!(write Prompt: text, tokens, truncated);

/// A token that may come next.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub id: u32,
    pub text: String,
    pub byte: bool,
    /// As the model says.
    pub p: f32,
    /// After temperature and cuts; 0 for a token that was cut.
    pub p_sampled: f32,
    /// The setting that cut it.
    pub removed_by: Option<Cut>,
}

fields!(write Candidate: id, text, byte, p, p_sampled, removed_by);

/// A text of a moment of the run.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub step: usize,
    pub text: String,
}

fields!(Sample: step, text);

/// One prediction of a training sentence.
#[derive(Debug, Clone)]
pub struct Example {
    pub context: Vec<Token>,
    pub target: Token,
    /// −ln p(target)
    pub loss: f32,
    pub p: f32,
}

fields!(write Example: context, target, loss, p);

/// The attention of one head over the prompt.
#[derive(Debug, Clone)]
pub struct Attention {
    pub layer: usize,
    pub head: usize,
    pub n_layer: usize,
    pub n_head: usize,
    pub tokens: Vec<String>,
    /// Whether a token looks at nothing after it.
    pub causal: bool,
    /// `weights[i][j]`: how much token i looks at token j.
    pub weights: Vec<Vec<f32>>,
}

fields!(write Attention: layer, head, n_layer, n_head, tokens, causal, weights);

/// Losses over a run, thinned to a few hundred points: each is the mean of `every` steps and stands at the
/// first of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    pub steps: Vec<u32>,
    pub train: Vec<f32>,
    pub val_steps: Vec<u32>,
    pub val: Vec<f32>,
    /// Steps that a point stands for, as a power of two.
    doublings: u32,
    /// Steps in the last point so far.
    filled: u32,
}

fields!(Curve: steps, train, val_steps, val, doublings, filled);

impl Curve {
    /// The training loss of a step.
    pub fn push(&mut self, step: usize, loss: f32) {
        let every = 1 << self.doublings;
        match self.train.last_mut() {
            Some(mean) if self.filled < every => {
                self.filled += 1;
                *mean += (loss - *mean) / self.filled as f32;
            }
            _ => {
                self.steps.push(step as u32);
                self.train.push(loss);
                self.filled = 1;
            }
        }
        if self.train.len() == MAX_POINTS && self.filled == every {
            self.steps = self.steps.iter().step_by(2).copied().collect();
            self.train = self.train.chunks(2).map(|pair| (pair[0] + pair[1]) / 2.0).collect();
            self.doublings += 1;
            self.filled = 1 << self.doublings;
        }
    }

    /// A held-out loss after so many steps.
    pub fn push_val(&mut self, step: usize, loss: f32) {
        self.val_steps.push(step as u32);
        self.val.push(loss);
    }
}

impl NextToken {
    /// What is on screen now.
    pub(super) fn show(&mut self) -> Frame {
        let context = self.text.context(&self.prompt);
        let truncated = context.len().saturating_sub(self.run.model.config.n_positions);
        let (next, n_kept, attention) = self.look(&context[truncated..]);
        let config = &self.run.model.config;
        let corpus_floor = self.floor();
        let mut frame = Frame {
            warnings: self.warnings.clone(),
            origin: self.origin,
            corpus: self.text.name().to_owned(),
            tokenizer: self.text.tokenizer.kind(),
            config: self.config(),
            step: self.run.step,
            steps: if self.origin == Origin::Base { self.run.step } else { self.options.max_iters },
            tokens_seen: self.run.step * self.run.config.batch_size * self.run.config.block_size,
            n_params: self.run.params.n_params(),
            vocab_size: config.vocab_size,
            learning_rate: self.report.map_or(0.0, |report| report.learning_rate),
            grad_norm: self.report.map(|report| report.grad_norm),
            loss: self.report.map(|report| report.loss),
            val_loss: self.val_loss,
            floor: corpus_floor,
            ceiling: libm::logf(config.vocab_size as f32),
            curve: self.curve.clone(),
            prompt: Prompt {
                text: self.text.tokenizer.decode(&self.prompt).trim_start().to_owned(),
                tokens: self.tokens(&self.prompt),
                truncated,
            },
            next,
            n_kept,
            generated: self.tokens(&self.generated),
            samples: self.samples.clone(),
            examples: self.examples(),
            attention,
            fingerprint: self.fingerprint.clone(),
            summary: String::new(),
        };
        frame.summary = summary(&frame);
        frame
    }

    fn floor(&self) -> Option<f32> {
        // Known with the checkpoint, so that a figure at rest need not write a corpus.
        match self.entropy {
            Some(entropy) => Some(entropy),
            None => self.text.corpus(self.run.config.block_size).entropy().map(|h| h as f32),
        }
    }

    pub(super) fn config(&self) -> BTreeMap<String, String> {
        let mut config = BTreeMap::new();
        for info in Options::ALL {
            config.insert(info.name.to_owned(), self.options.get(info.name).expect("in the list"));
        }
        config
    }

    fn token(&self, id: u32) -> Token {
        Token { id, text: self.text.tokenizer.text_of(id), byte: self.text.tokenizer.is_byte(id) }
    }

    fn tokens(&self, ids: &[u32]) -> Vec<Token> {
        ids.iter().map(|&id| self.token(id)).collect()
    }

    /// Runs the model over the prompt: what comes next, and who looked at whom.
    fn look(&mut self, context: &[u32]) -> (Vec<Candidate>, usize, Attention) {
        let (layer, head) = self.head;
        let run = &mut self.run;
        let (vocab_size, t) = (run.model.config.vocab_size, context.len());
        let mut g = Graph::inference(&mut run.tape, &run.params);
        let forward = run.model.forward(&mut g, &Input::new(context, 1));
        let logits = g.value(forward.logits)[(t - 1) * vocab_size..].to_vec();
        let weights = &g.value(forward.attentions[layer])[head * t * t..][..t * t];
        let weights = weights.chunks_exact(t).map(<[f32]>::to_vec).collect();

        let p = probabilities(&logits);
        let mut processed = logits.clone();
        let cuts = self.sampling.process(&mut processed, context);
        let p_sampled = probabilities(&processed);
        let candidate = |id: usize| Candidate {
            id: id as u32,
            text: self.text.tokenizer.text_of(id as u32),
            byte: self.text.tokenizer.is_byte(id as u32),
            p: p[id],
            p_sampled: p_sampled[id],
            removed_by: cuts[id],
        };
        let next = by_score(&logits).into_iter().take(N_NEXT).map(candidate).collect();
        let n_kept = cuts.iter().filter(|cut| cut.is_none()).count();
        let eos = self.text.tokenizer.eos();
        let name = |&id: &u32| if id == eos { START.to_owned() } else { self.text.tokenizer.text_of(id) };
        let config = &self.run.model.config;
        let attention = Attention {
            layer,
            head,
            n_layer: config.n_layer,
            n_head: config.n_head,
            tokens: context.iter().map(name).collect(),
            causal: config.is_causal,
            weights,
        };
        (next, n_kept, attention)
    }

    /// The training sentence, each token with what the model thinks of it.
    fn examples(&mut self) -> Vec<Example> {
        let sentence = self.text.example(self.run.config.block_size);
        let Some((_, inputs)) = sentence.split_last().filter(|(_, inputs)| !inputs.is_empty()) else {
            return Vec::new();
        };
        // Documents of the world begin with a token of their own, which the drawing leaves out.
        let context = self.text.context(inputs);
        let skipped = context.len() - inputs.len();
        let run = &mut self.run;
        let mut g = Graph::inference(&mut run.tape, &run.params);
        let forward = run.model.forward(&mut g, &Input::new(&context, 1));
        let rows = g.value(forward.logits).chunks_exact(run.model.config.vocab_size).skip(skipped);
        let p: Vec<f32> = rows
            .zip(&sentence[1..])
            .map(|(logits, &target)| probabilities(logits)[target as usize])
            .collect();
        let example = |(i, &p): (usize, &f32)| Example {
            context: self.tokens(&sentence[..=i]),
            target: self.token(sentence[i + 1]),
            loss: -libm::logf(p.max(f32::MIN_POSITIVE)),
            p,
        };
        p.iter().enumerate().map(example).collect()
    }
}

/// One sentence of what is on screen.
fn summary(frame: &Frame) -> String {
    let state = match frame.origin {
        Origin::Random if frame.step == 0 => "Untrained, with random weights".to_owned(),
        Origin::Random => format!("After {} of {} training steps", frame.step, frame.steps),
        Origin::Base => "The model that comes with the page".to_owned(),
        Origin::Mine => format!("Your own model, after {} training steps", frame.step),
        Origin::Imported => "The model that you opened".to_owned(),
    };
    let best = frame.next.first().map(|next| {
        let token = match next.text.as_str() {
            END_OF_TEXT => "the end of the text".to_owned(),
            text if text.trim().is_empty() => "a space".to_owned(),
            text => format!("“{}”", text.trim()),
        };
        format!("the likeliest next token is {token} at {} %", fixed(f64::from(100.0 * next.p), 0))
    });
    let loss = frame.val_loss.map(|loss| match frame.floor {
        Some(floor) => {
            let (loss, above) = (two_decimals(loss), two_decimals(loss - floor));
            format!("its held-out loss is {loss} nats per token, {above} above what any model could reach")
        }
        None => format!("its held-out loss is {} nats per token", two_decimals(loss)),
    });
    let rest: Vec<String> = best.into_iter().chain(loss).collect();
    format!("{state}: {}.", rest.join("; "))
}

fn two_decimals(x: f32) -> String {
    fixed(x.into(), 2)
}

/// Draws `loss` or `attention`.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    match chart {
        "loss" => {
            let curve = &frame["curve"];
            let max_steps = frame["steps"].as_u64().unwrap_or(0) as u32;
            let curve = LossCurve {
                steps: &whole(&curve["steps"])?,
                train: &floats(&curve["train"])?,
                val_steps: &whole(&curve["val_steps"])?,
                val: &floats(&curve["val"])?,
                max_steps,
                floor: frame["floor"].as_f64().map(|x| x as f32),
                ceiling: float(&frame["ceiling"]).unwrap_or(f32::NAN),
            };
            loss_curve(area, &curve, theme)
        }
        "attention" => {
            let attention = &frame["attention"];
            let tokens: Option<Vec<String>> =
                list(&attention["tokens"], |token| Some(token.as_str()?.to_owned()));
            let tokens = tokens.ok_or_else(not_a_frame)?;
            let rows = list(&attention["weights"], |row| list(row, float)).ok_or_else(not_a_frame)?;
            let n = tokens.len();
            let values = Array2::from_shape_vec((n, n), rows.concat()).map_err(|_| not_a_frame())?;
            let map = HeatMap {
                rows: &tokens,
                columns: &tokens,
                values: values.view(),
                causal: attention["causal"].as_bool().unwrap_or(true),
                selected: n.checked_sub(1),
            };
            heat_map(area, &map, theme)
        }
        _ => Err(Error::input("pretune-next-token", format!("no chart {chart:?}"), "loss or attention")),
    }
}

// Read by hand, as commands are: a derived reader of frames would be there for the charts alone.

fn list<T>(value: &Value, item: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    value.as_array()?.iter().map(item).collect()
}

/// Plain data has no infinities and no NaN; they travel as null.
fn float(value: &Value) -> Option<f32> {
    if value.is_null() { Some(f32::NAN) } else { value.as_f64().map(|x| x as f32) }
}

fn floats(value: &Value) -> Result<Vec<f32>> {
    list(value, float).ok_or_else(not_a_frame)
}

fn whole(value: &Value) -> Result<Vec<u32>> {
    list(value, |n| n.as_u64()?.try_into().ok()).ok_or_else(not_a_frame)
}

fn not_a_frame() -> Error {
    Error::input("pretune-next-token", "not a frame", "a frame of this widget")
}
