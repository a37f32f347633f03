//! The model: GPT-2 as Hugging Face has it, letter for letter.

use super::{Linear, Sublayer, Tuner};
use crate::error::{Error, Result};
use crate::rng::Rng;
use crate::tensor::{AttentionMask, Graph, KvCache, ParamId, Params, Var};

/// Sizes and variants, named as in Hugging Face's `GPT2Config`.
#[derive(Debug, Clone, PartialEq)]
pub struct Gpt2Config {
    /// Number of tokens.
    pub vocab_size: usize,
    /// Longest context, in tokens (nanoGPT's `block_size`).
    pub n_positions: usize,
    /// Width of a token's vector.
    pub n_embd: usize,
    /// Number of blocks.
    pub n_layer: usize,
    /// Number of attention heads in a block; divides `n_embd`.
    pub n_head: usize,
    /// Width inside the MLP; four times `n_embd` if `None`.
    pub n_inner: Option<usize>,
    /// What layer normalization adds to the variance.
    pub layer_norm_epsilon: f32,
    /// Whether the output layer shares the embedding's table.
    pub tie_word_embeddings: bool,
    /// Whether a token sees only what is before it.
    pub is_causal: bool,
    /// The token that begins a text.
    pub bos_token_id: Option<u32>,
    /// The token that ends a text.
    pub eos_token_id: Option<u32>,
}

impl Default for Gpt2Config {
    /// The miniature of the lesson: 64 wide, two blocks, four heads, 48 tokens of context.
    fn default() -> Self {
        Self {
            vocab_size: 256,
            n_positions: 48,
            n_embd: 64,
            n_layer: 2,
            n_head: 4,
            n_inner: None,
            layer_norm_epsilon: 1e-5,
            tie_word_embeddings: true,
            is_causal: true,
            bos_token_id: None,
            eos_token_id: None,
        }
    }
}

impl Gpt2Config {
    /// Checks the sizes against each other.
    ///
    /// # Errors
    ///
    /// Names the field, its value and what it may be.
    pub fn validate(&self) -> Result<()> {
        let positive = [
            ("vocab_size", self.vocab_size),
            ("n_positions", self.n_positions),
            ("n_embd", self.n_embd),
            ("n_layer", self.n_layer),
            ("n_head", self.n_head),
            ("n_inner", self.n_inner()),
        ];
        for (field, value) in positive {
            if value == 0 {
                return Err(Error::input(field, value, "a whole number of at least 1"));
            }
        }
        if !self.n_embd.is_multiple_of(self.n_head) {
            let allowed = format!("a number that divides n_embd, which is {}", self.n_embd);
            return Err(Error::input("n_head", self.n_head, allowed));
        }
        Ok(())
    }

    /// Width inside the MLP.
    pub fn n_inner(&self) -> usize {
        self.n_inner.unwrap_or(4 * self.n_embd)
    }

    /// Floating-point operations of one training step over `batch_size` rows of `block_size` tokens: six for each weight
    /// that is multiplied and each token, and attention as if every token looked at every other.
    ///
    /// Source: Kaplan et al., arXiv:2001.08361, section 2.1.
    pub fn flops(&self, batch_size: usize, block_size: usize) -> f64 {
        let [c, inner, v, layers, b, t] =
            [self.n_embd, self.n_inner(), self.vocab_size, self.n_layer, batch_size, block_size]
                .map(|n| n as f64);
        let n_multiplied = layers * (4.0 * c * c + 2.0 * c * inner) + c * v;
        (6.0 * n_multiplied + 12.0 * layers * t * c) * b * t
    }

    /// The standard deviation that weights begin with: `0.8/√n_embd`.
    ///
    /// Differs: GPT-2 has 0.02, which suits its width of 768 and above. At a width of 64 it leaves attention on
    /// a plateau for hundreds of steps.
    pub fn initializer_range(&self) -> f32 {
        0.8 / libm::sqrtf(self.n_embd as f32)
    }
}

/// Which tensor of a [`Params`] is what in a GPT-2.
#[derive(Debug, Clone)]
pub struct Gpt2 {
    /// Sizes and variants.
    pub config: Gpt2Config,
    prefix: String,
    wte: ParamId,
    wpe: ParamId,
    blocks: Vec<Block>,
    ln_f: [ParamId; 2],
    lm_head: ParamId,
}

#[derive(Debug, Clone)]
struct Block {
    ln_1: [ParamId; 2],
    ln_2: [ParamId; 2],
    /// By [`Linear`].
    linear: [[ParamId; 2]; 4],
}

/// What a forward pass reads.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Token ids, row-major (B, T).
    pub input_ids: &'a [u32],
    /// Number of rows, B.
    pub batch_size: usize,
    /// Which tokens a token may look at. `None`: as the model's configuration says.
    pub mask: Option<AttentionMask<'a>>,
    /// `false` where a token is padding, (B, T).
    pub attention_mask: Option<&'a [bool]>,
    /// What changes the pass on its way.
    pub tuner: Option<&'a dyn Tuner>,
    /// Vectors in the place of the ids' embeddings, (B·T, C); the ids then only count.
    pub inputs_embeds: Option<Var>,
}

impl<'a> Input<'a> {
    /// Rows without padding, each token seeing what the model's configuration says.
    pub fn new(input_ids: &'a [u32], batch_size: usize) -> Self {
        Self { input_ids, batch_size, mask: None, attention_mask: None, tuner: None, inputs_embeds: None }
    }

    /// The row of a hidden state, or of the logits, that belongs to token `i` of `input_ids`: virtual tokens of the
    /// tuner's come before those of each row.
    pub fn row(&self, i: usize) -> usize {
        let n = self.tuner.map_or(0, Tuner::num_embedded_tokens);
        i + n * (i / (self.input_ids.len() / self.batch_size) + 1)
    }
}

/// What a forward pass computes.
#[derive(Debug, Clone)]
pub struct Forward {
    /// Scores of the next token, (B·T, V).
    pub logits: Var,
    /// The embedding and each block's output, (B·T, C); the last one after the final layer normalization.
    pub hidden_states: Vec<Var>,
    /// Attention probabilities of each layer, (B·H·T, T).
    pub attentions: Vec<Var>,
}

impl Gpt2 {
    /// Adds the tensors of a fresh model to `params`.
    ///
    /// Weights are drawn from a normal distribution of [`Gpt2Config::initializer_range`], those that write into
    /// the residual stream from one narrower by `√(2·n_layer)`; biases are 0, gains 1.
    ///
    /// Source: Radford et al. 2019, section 2.3.
    pub fn init(config: Gpt2Config, params: &mut Params, rng: &mut Rng) -> Self {
        Self::init_with_prefix("", config, params, rng)
    }

    /// [`Gpt2::init`] with a prefix before every tensor's name: a part of a larger model.
    pub fn init_with_prefix(prefix: &str, config: Gpt2Config, params: &mut Params, rng: &mut Rng) -> Self {
        let std = config.initializer_range();
        let residual_std = std / libm::sqrtf(2.0 * config.n_layer as f32);
        for (name, shape) in tensors(prefix, &config) {
            match name.rsplit_once('.') {
                Some((_, "bias")) => params.add(&name, &shape, || 0.0),
                Some((layer, _)) if layer.contains("ln_") => params.add(&name, &shape, || 1.0),
                Some((layer, _)) if layer.ends_with("c_proj") => {
                    params.add(&name, &shape, || residual_std * rng.normal())
                }
                _ => params.add(&name, &shape, || std * rng.normal()),
            };
        }
        Self::bind_with_prefix(prefix, config, params).expect("the tensors were just added")
    }

    /// Finds the tensors of a model in `params`.
    ///
    /// # Errors
    ///
    /// Names the tensor that is missing, or whose shape is not the configuration's.
    pub fn bind(config: Gpt2Config, params: &Params) -> Result<Self> {
        Self::bind_with_prefix("", config, params)
    }

    fn bind_with_prefix(prefix: &str, config: Gpt2Config, params: &Params) -> Result<Self> {
        config.validate()?;
        for (name, shape) in tensors(prefix, &config) {
            params.expect(&name, &shape)?;
        }
        let id = |name: &str| params.id(&format!("{prefix}{name}")).expect("checked above");
        let pair = |layer: String| [id(&format!("{layer}.weight")), id(&format!("{layer}.bias"))];
        let block = |i: usize| {
            let layer = |name: &str| pair(format!("transformer.h.{i}.{name}"));
            Block {
                ln_1: layer("ln_1"),
                ln_2: layer("ln_2"),
                linear: Linear::ALL.map(|module| layer(module.name())),
            }
        };
        let wte = id("transformer.wte.weight");
        Ok(Self {
            prefix: prefix.to_owned(),
            wte,
            wpe: id("transformer.wpe.weight"),
            blocks: (0..config.n_layer).map(block).collect(),
            ln_f: pair("transformer.ln_f".to_owned()),
            lm_head: if config.tie_word_embeddings { wte } else { id("lm_head.weight") },
            config,
        })
    }

    /// The weight of a linear layer, (in, out).
    pub fn weight(&self, layer: usize, module: Linear) -> ParamId {
        self.blocks[layer].linear[module as usize][0]
    }

    /// The embedding's table, (V, C).
    pub fn wte(&self) -> ParamId {
        self.wte
    }

    /// The tensors of a block.
    pub fn block(&self, layer: usize) -> impl Iterator<Item = ParamId> {
        let Block { ln_1, ln_2, linear } = &self.blocks[layer];
        ln_1.iter().chain(ln_2).chain(linear.as_flattened()).copied()
    }

    /// Weight and bias of the final layer normalization.
    pub fn ln_f(&self) -> [ParamId; 2] {
        self.ln_f
    }

    /// All tensors, in the order in which PyTorch lists them.
    pub fn tensors(&self, params: &Params) -> Vec<ParamId> {
        let id = |(name, _): &(String, _)| params.id(name).expect("the model is bound");
        tensors(&self.prefix, &self.config).iter().map(id).collect()
    }

    /// Runs the model over whole rows.
    ///
    /// Virtual tokens of a tuner that embeds them come first in each row of the results.
    ///
    /// # Panics
    ///
    /// If a row is longer than `n_positions`, or an id not in the vocabulary.
    pub fn forward(&self, g: &mut Graph, input: &Input) -> Forward {
        let (mut hidden_states, mut attentions) = (Vec::new(), Vec::new());
        let attention = |g: &mut Graph, layer, qkv| {
            let (y, probs) = self.attention(g, layer, qkv, input);
            attentions.push(probs);
            y
        };
        let last = self.run(g, input, self.past(input), attention, |state| hidden_states.push(state));
        // The last state is the one that the output layer sees.
        hidden_states.swap_remove(hidden_states.len() - 2);
        Forward { logits: self.head(g, last), hidden_states, attentions }
    }

    /// [`Gpt2::forward`] for its last hidden state only, after the final layer normalization; (B·T, C).
    ///
    /// # Panics
    ///
    /// If a row is longer than `n_positions`, or an id not in the vocabulary.
    pub fn hidden(&self, g: &mut Graph, input: &Input) -> Var {
        let attention = |g: &mut Graph, layer, qkv| self.attention(g, layer, qkv, input).0;
        self.run(g, input, self.past(input), attention, |_| {})
    }

    /// The output layer: scores of the next token, (R, V), from hidden states (R, C).
    pub fn head(&self, g: &mut Graph, hidden: Var) -> Var {
        g.linear(hidden, g.param(self.lm_head))
    }

    /// [`Gpt2::forward`] for its logits only, (B·T, V).
    ///
    /// # Panics
    ///
    /// If a row is longer than `n_positions`, or an id not in the vocabulary.
    pub fn logits(&self, g: &mut Graph, input: &Input) -> Var {
        let hidden = self.hidden(g, input);
        self.head(g, hidden)
    }

    /// Tokens that are taken to come before the first.
    fn past(&self, input: &Input) -> usize {
        input.tuner.map_or(0, Tuner::num_prefix_tokens)
    }

    /// Attention over keys and values of the tuner's, if it has any, and those of `qkv`.
    fn attention(&self, g: &mut Graph, layer: usize, qkv: Var, input: &Input) -> (Var, Var) {
        let of_model = if self.config.is_causal { AttentionMask::Causal } else { AttentionMask::Full };
        let mask = input.mask.unwrap_or(of_model);
        let (batch_size, n_head) = (input.batch_size, self.config.n_head);
        let n = input.tuner.map_or(0, |tuner| tuner.num_prefix_tokens() + tuner.num_embedded_tokens());
        if n == 0 {
            return g.attention(qkv, batch_size, n_head, mask, input.attention_mask);
        }
        // Every token sees the virtual ones, which stand before it.
        let block_size = input.input_ids.len() / batch_size;
        let lengths: Vec<usize> = match mask {
            AttentionMask::Prefix(lengths) => lengths.iter().map(|length| n + length).collect(),
            _ => Vec::new(),
        };
        let mask = if lengths.is_empty() { mask } else { AttentionMask::Prefix(&lengths) };
        let attention_mask = input.attention_mask.map(|mask| -> Vec<bool> {
            mask.chunks_exact(block_size).flat_map(|row| [&vec![true; n], row].concat()).collect()
        });
        let attention_mask = attention_mask.as_deref();
        let Some(key_value) = input.tuner.and_then(|tuner| tuner.key_value(g, layer)) else {
            return g.attention(qkv, batch_size, n_head, mask, attention_mask);
        };
        // A query of 0 for each: what it finds is dropped.
        let query = g.constant(self.config.n_embd, &vec![0.0; n * self.config.n_embd]);
        let rows = g.concat(query, key_value); // (N, 3C)
        let qkv = g.prepend(rows, qkv, batch_size);
        let (y, probs) = g.attention(qkv, batch_size, n_head, mask, attention_mask);
        let real: Vec<u32> =
            (0..batch_size * block_size).map(|i| (i + n * (i / block_size + 1)) as u32).collect();
        (g.embedding(y, real.into_iter()), probs)
    }

    /// Scores of the next token after each of the input's tokens, which follow those in `caches` (one a layer) and are
    /// added to them; (B·T, V) for T new tokens in each of B rows. Causal, and the same bits as [`Gpt2::forward`].
    ///
    /// Caches that are empty begin with the tuner's prefix.
    ///
    /// # Panics
    ///
    /// If the caches have no room.
    pub fn forward_cached(&self, g: &mut Graph, input: &Input, caches: &mut [KvCache]) -> Var {
        if let Some(tuner) = input.tuner.filter(|_| caches[0].is_empty()) {
            for (layer, cache) in caches.iter_mut().enumerate() {
                if let Some(key_value) = tuner.key_value(g, layer) {
                    cache.push(g.value(key_value));
                }
            }
        }
        let past = caches[0].len();
        let attention = |g: &mut Graph, layer: usize, qkv| {
            g.attention_cached(qkv, self.config.n_head, &mut caches[layer])
        };
        let hidden = self.run(g, input, past, attention, |_| {});
        self.head(g, hidden)
    }

    /// Empty caches for [`Gpt2::forward_cached`].
    pub fn caches(&self, batch_size: usize) -> Vec<KvCache> {
        let cache = || KvCache::new(batch_size, self.config.n_positions, self.config.n_embd);
        std::iter::repeat_with(cache).take(self.config.n_layer).collect()
    }

    /// The network up to its last hidden state, with `attention` (graph, layer, qkv) filled in, for tokens that follow
    /// `past` others. `state` hears of the embedding, each block's output, and the last one after the final layer
    /// normalization.
    fn run(
        &self,
        g: &mut Graph,
        input: &Input,
        past: usize,
        mut attention: impl FnMut(&mut Graph, usize, Var) -> Var,
        mut state: impl FnMut(Var),
    ) -> Var {
        let &Input { input_ids, batch_size, tuner, inputs_embeds, .. } = input;
        let eps = self.config.layer_norm_epsilon;
        let norm = |g: &mut Graph, x, [w, b]: [ParamId; 2]| g.layer_norm(x, g.param(w), g.param(b), eps);
        let linear = |g: &mut Graph, layer: usize, module: Linear, x| {
            let [w, b] = self.blocks[layer].linear[module as usize];
            let y = g.conv1d(x, g.param(w), g.param(b));
            tuner.map_or(y, |tuner| tuner.linear(g, layer, module, x, y))
        };
        let residual = |g: &mut Graph, layer: usize, sublayer: Sublayer, x, y| {
            let y = tuner.map_or(y, |tuner| tuner.sublayer(g, layer, sublayer, y));
            g.add(x, y)
        };

        let embed = |g: &mut Graph| g.embedding(g.param(self.wte), input_ids.iter().copied());
        let mut tokens = inputs_embeds.unwrap_or_else(|| embed(g)); // (B·T, C)
        let before_all = past == 0 || tuner.is_some_and(|tuner| past == tuner.num_prefix_tokens());
        if let Some(rows) = tuner.filter(|_| before_all).and_then(|tuner| tuner.embed(g)) {
            tokens = g.prepend(rows, tokens, batch_size);
        }
        let block_size = g.rows(tokens) / batch_size;
        let end = past + block_size;
        assert!(
            end <= self.config.n_positions,
            "forward: {end} tokens in a context of {}",
            self.config.n_positions
        );
        let positions = (0..batch_size * block_size).map(|i| (past + i % block_size) as u32);
        let places = g.embedding(g.param(self.wpe), positions);
        let mut x = g.add(tokens, places);
        state(x);
        for (layer, block) in self.blocks.iter().enumerate() {
            let h = norm(g, x, block.ln_1);
            let qkv = linear(g, layer, Linear::CAttn, h); // (B·T, 3C)
            let y = attention(g, layer, qkv);
            let y = linear(g, layer, Linear::AttnCProj, y);
            x = residual(g, layer, Sublayer::Attention, x, y);
            let h = norm(g, x, block.ln_2);
            let h = linear(g, layer, Linear::CFc, h); // (B·T, 4C)
            let h = g.gelu(h);
            let y = linear(g, layer, Linear::MlpCProj, h);
            x = residual(g, layer, Sublayer::Mlp, x, y);
            state(x);
        }
        let x = norm(g, x, self.ln_f);
        state(x);
        x
    }
}

/// Every tensor's name and shape, in the order in which PyTorch lists them.
fn tensors(prefix: &str, config: &Gpt2Config) -> Vec<(String, Vec<usize>)> {
    let (c, inner) = (config.n_embd, config.n_inner());
    let mut tensors = vec![
        (format!("{prefix}transformer.wte.weight"), vec![config.vocab_size, c]),
        (format!("{prefix}transformer.wpe.weight"), vec![config.n_positions, c]),
    ];
    let mut layer = |name: String, weight: Vec<usize>| {
        let bias = vec![weight[weight.len() - 1]];
        tensors.push((format!("{name}.weight"), weight));
        tensors.push((format!("{name}.bias"), bias));
    };
    for i in 0..config.n_layer {
        let block = [
            ("ln_1", vec![c]),
            ("attn.c_attn", vec![c, 3 * c]),
            ("attn.c_proj", vec![c, c]),
            ("ln_2", vec![c]),
            ("mlp.c_fc", vec![c, inner]),
            ("mlp.c_proj", vec![inner, c]),
        ];
        for (name, shape) in block {
            layer(format!("{prefix}transformer.h.{i}.{name}"), shape);
        }
    }
    layer(format!("{prefix}transformer.ln_f"), vec![c]);
    if !config.tie_word_embeddings {
        tensors.push((format!("{prefix}lm_head.weight"), vec![config.vocab_size, c]));
    }
    tensors
}
