//! The model: GPT-2 as Hugging Face has it, letter for letter.

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
    wte: ParamId,
    wpe: ParamId,
    blocks: Vec<Block>,
    ln_f: [ParamId; 2],
    lm_head: ParamId,
}

#[derive(Debug, Clone)]
struct Block {
    ln_1: [ParamId; 2],
    c_attn: [ParamId; 2],
    attn_c_proj: [ParamId; 2],
    ln_2: [ParamId; 2],
    c_fc: [ParamId; 2],
    mlp_c_proj: [ParamId; 2],
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
}

impl<'a> Input<'a> {
    /// Rows without padding, each token seeing what the model's configuration says.
    pub fn new(input_ids: &'a [u32], batch_size: usize) -> Self {
        Self { input_ids, batch_size, mask: None, attention_mask: None }
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
        let std = config.initializer_range();
        let residual_std = std / libm::sqrtf(2.0 * config.n_layer as f32);
        for (name, shape) in tensors(&config) {
            match name.rsplit_once('.') {
                Some((_, "bias")) => params.add(&name, &shape, || 0.0),
                Some((layer, _)) if layer.contains("ln_") => params.add(&name, &shape, || 1.0),
                Some((layer, _)) if layer.ends_with("c_proj") => {
                    params.add(&name, &shape, || residual_std * rng.normal())
                }
                _ => params.add(&name, &shape, || std * rng.normal()),
            };
        }
        Self::bind(config, params).expect("the tensors were just added")
    }

    /// Finds the tensors of a model in `params`.
    ///
    /// # Errors
    ///
    /// Names the tensor that is missing, or whose shape is not the configuration's.
    pub fn bind(config: Gpt2Config, params: &Params) -> Result<Self> {
        config.validate()?;
        for (name, shape) in tensors(&config) {
            match params.id(&name) {
                None => return Err(Error::input(name, "missing", format!("a tensor of shape {shape:?}"))),
                Some(id) if params.shape(id) != shape => {
                    let found = format!("shape {:?}", params.shape(id));
                    return Err(Error::input(name, found, format!("{shape:?}, by the configuration")));
                }
                Some(_) => {}
            }
        }
        let id = |name: &str| params.id(name).expect("checked above");
        let pair = |layer: String| [id(&format!("{layer}.weight")), id(&format!("{layer}.bias"))];
        let block = |i: usize| {
            let layer = |name: &str| pair(format!("transformer.h.{i}.{name}"));
            Block {
                ln_1: layer("ln_1"),
                c_attn: layer("attn.c_attn"),
                attn_c_proj: layer("attn.c_proj"),
                ln_2: layer("ln_2"),
                c_fc: layer("mlp.c_fc"),
                mlp_c_proj: layer("mlp.c_proj"),
            }
        };
        let wte = id("transformer.wte.weight");
        Ok(Self {
            wte,
            wpe: id("transformer.wpe.weight"),
            blocks: (0..config.n_layer).map(block).collect(),
            ln_f: pair("transformer.ln_f".to_owned()),
            lm_head: if config.tie_word_embeddings { wte } else { id("lm_head.weight") },
            config,
        })
    }

    /// Runs the model over whole rows.
    ///
    /// # Panics
    ///
    /// If a row is longer than `n_positions`, or an id not in the vocabulary.
    pub fn forward(&self, g: &mut Graph, input: &Input) -> Forward {
        let (mut hidden_states, mut attentions) = (Vec::new(), Vec::new());
        let attention = |g: &mut Graph, _, qkv| {
            let (y, probs) = self.attention(g, qkv, input);
            attentions.push(probs);
            y
        };
        let logits =
            self.run(g, input.input_ids, input.batch_size, 0, attention, |state| hidden_states.push(state));
        // The last state is the one that the output layer sees.
        hidden_states.swap_remove(hidden_states.len() - 2);
        Forward { logits, hidden_states, attentions }
    }

    /// [`Gpt2::forward`] for its logits only, (B·T, V).
    ///
    /// # Panics
    ///
    /// If a row is longer than `n_positions`, or an id not in the vocabulary.
    pub fn logits(&self, g: &mut Graph, input: &Input) -> Var {
        let attention = |g: &mut Graph, _, qkv| self.attention(g, qkv, input).0;
        self.run(g, input.input_ids, input.batch_size, 0, attention, |_| {})
    }

    fn attention(&self, g: &mut Graph, qkv: Var, input: &Input) -> (Var, Var) {
        let of_model = if self.config.is_causal { AttentionMask::Causal } else { AttentionMask::Full };
        let mask = input.mask.unwrap_or(of_model);
        g.attention(qkv, input.batch_size, self.config.n_head, mask, input.attention_mask)
    }

    /// Scores of the next token after each of `input_ids`, which follow the tokens in `caches` (one a layer) and
    /// are added to them; (B·T, V) for T new tokens in each of B rows. The same bits as [`Gpt2::forward`].
    ///
    /// # Panics
    ///
    /// If the caches have no room.
    pub fn forward_cached(
        &self,
        g: &mut Graph,
        input_ids: &[u32],
        batch_size: usize,
        caches: &mut [KvCache],
    ) -> Var {
        let past = caches[0].len();
        let attention = |g: &mut Graph, layer: usize, qkv| {
            g.attention_cached(qkv, self.config.n_head, &mut caches[layer])
        };
        self.run(g, input_ids, batch_size, past, attention, |_| {})
    }

    /// Empty caches for [`Gpt2::forward_cached`].
    pub fn caches(&self, batch_size: usize) -> Vec<KvCache> {
        let cache = || KvCache::new(batch_size, self.config.n_positions, self.config.n_embd);
        std::iter::repeat_with(cache).take(self.config.n_layer).collect()
    }

    /// The network, with `attention` (graph, layer, qkv) filled in. `state` hears of the embedding, each block's output,
    /// and the last one after the final layer normalization.
    fn run(
        &self,
        g: &mut Graph,
        input_ids: &[u32],
        batch_size: usize,
        past: usize,
        mut attention: impl FnMut(&mut Graph, usize, Var) -> Var,
        mut state: impl FnMut(Var),
    ) -> Var {
        let block_size = input_ids.len() / batch_size;
        let end = past + block_size;
        assert!(
            end <= self.config.n_positions,
            "forward: {end} tokens in a context of {}",
            self.config.n_positions
        );
        let positions = (0..input_ids.len()).map(|i| (past + i % block_size) as u32);
        let eps = self.config.layer_norm_epsilon;
        let norm = |g: &mut Graph, x, [w, b]: [ParamId; 2]| g.layer_norm(x, g.param(w), g.param(b), eps);
        let conv1d = |g: &mut Graph, x, [w, b]: [ParamId; 2]| g.conv1d(x, g.param(w), g.param(b));

        let tokens = g.embedding(g.param(self.wte), input_ids.iter().copied()); // (B·T, C)
        let places = g.embedding(g.param(self.wpe), positions);
        let mut x = g.add(tokens, places);
        state(x);
        for (layer, block) in self.blocks.iter().enumerate() {
            let h = norm(g, x, block.ln_1);
            let qkv = conv1d(g, h, block.c_attn); // (B·T, 3C)
            let y = attention(g, layer, qkv);
            let y = conv1d(g, y, block.attn_c_proj);
            x = g.add(x, y);
            let h = norm(g, x, block.ln_2);
            let h = conv1d(g, h, block.c_fc); // (B·T, 4C)
            let h = g.gelu(h);
            let y = conv1d(g, h, block.mlp_c_proj);
            x = g.add(x, y);
            state(x);
        }
        let x = norm(g, x, self.ln_f);
        state(x);
        g.linear(x, g.param(self.lm_head)) // (B·T, V)
    }
}

/// Every tensor's name and shape, in the order in which PyTorch lists them.
fn tensors(config: &Gpt2Config) -> Vec<(String, Vec<usize>)> {
    let (c, inner) = (config.n_embd, config.n_inner());
    let mut tensors = vec![
        ("transformer.wte.weight".to_owned(), vec![config.vocab_size, c]),
        ("transformer.wpe.weight".to_owned(), vec![config.n_positions, c]),
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
            layer(format!("transformer.h.{i}.{name}"), shape);
        }
    }
    layer("transformer.ln_f".to_owned(), vec![c]);
    if !config.tie_word_embeddings {
        tensors.push(("lm_head.weight".to_owned(), vec![config.vocab_size, c]));
    }
    tensors
}
