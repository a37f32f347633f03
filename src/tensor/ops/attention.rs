use crate::tensor::kernels::{self, Heads, Init, Matrix, gemm, softmax_row};
use crate::tensor::{Graph, Var};

/// Which keys a query may look at.
#[derive(Debug, Clone, Copy)]
pub enum AttentionMask<'a> {
    /// Itself and everything before it (GPT).
    Causal,
    /// Everything (BERT).
    Full,
    /// Everything within the first so many positions of its row, and what is before it (UL2, T5's prefix
    /// LM). One length a row of the batch.
    Prefix(&'a [usize]),
}

impl AttentionMask<'_> {
    /// Number of keys, from the first, that query `t` of row `b` may look at.
    fn n_visible(&self, b: usize, t: usize, n_keys: usize) -> usize {
        match self {
            Self::Causal => t + 1,
            Self::Full => n_keys,
            Self::Prefix(lengths) => (t + 1).max(lengths[b]).min(n_keys),
        }
    }
}

/// Keys and values of one layer's earlier tokens, so that generation computes each token once.
#[derive(Debug, Clone)]
pub struct KvCache {
    /// `(B, capacity, 2C)`: the key and the value of a token side by side.
    data: Vec<f32>,
    batch_size: usize,
    capacity: usize,
    len: usize,
}

impl KvCache {
    /// An empty cache for `batch_size` rows of at most `capacity` tokens with `n_embd` channels.
    pub fn new(batch_size: usize, capacity: usize, n_embd: usize) -> Self {
        Self { data: vec![0.0; batch_size * capacity * 2 * n_embd], batch_size, capacity, len: 0 }
    }

    /// Number of tokens of each row that are in the cache.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Forgets all but the first `len` tokens.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Adds tokens to each row: their keys and values side by side, (N, 2C).
    ///
    /// # Panics
    ///
    /// If there is no room for them.
    pub fn push(&mut self, key_value: &[f32]) {
        let row = self.data.len() / self.batch_size;
        let width = row / self.capacity;
        assert!(self.len * width + key_value.len() <= row, "push: no room in a cache of {}", self.capacity);
        for cached in self.data.chunks_exact_mut(row) {
            cached[self.len * width..][..key_value.len()].copy_from_slice(key_value);
        }
        self.len += key_value.len() / width;
    }

    /// Keeps only these rows, in this order.
    ///
    /// # Panics
    ///
    /// If they do not rise, or one is not there.
    pub fn keep(&mut self, rows: &[usize]) {
        assert!(rows.is_sorted_by(|a, b| a < b), "keep: rows {rows:?} do not rise");
        let row = self.data.len() / self.batch_size;
        let used = row / self.capacity * self.len;
        for (to, from) in rows.iter().enumerate() {
            self.data.copy_within(from * row..from * row + used, to * row);
        }
        self.batch_size = rows.len();
        self.data.truncate(rows.len() * row);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Graph<'_> {
    /// Multi-head scaled dot-product attention, `softmax(q·kᵀ/√hs)·v` in each head; gives the output and the
    /// probabilities.
    ///
    /// `qkv` holds query, key and value of a token side by side, as GPT-2's `c_attn` gives them.
    /// `attention_mask`, one flag a token, hides padding from every query; a query that may look at nothing
    /// at all gives meaningless numbers, as in Hugging Face.
    ///
    /// Shapes: `qkv (B·T, 3C) → (B·T, C)` and probabilities `(B·H·T, T)`.
    /// PyTorch: `torch.nn.functional.scaled_dot_product_attention`.
    /// Source: Vaswani et al., arXiv:1706.03762, equation 1.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit.
    pub fn attention(
        &mut self,
        qkv: Var,
        batch_size: usize,
        n_head: usize,
        mask: AttentionMask,
        attention_mask: Option<&[bool]>,
    ) -> (Var, Var) {
        let (rows, width) = (self.rows(qkv), self.cols(qkv));
        let (t, c) = (rows / batch_size, width / 3);
        let hs = c / n_head;
        assert_eq!((batch_size * t, 3 * n_head * hs), (rows, width), "attention: B·T rows of 3·H·hs columns");
        assert!(attention_mask.is_none_or(|m| m.len() == rows), "attention: one flag a token");
        let causal = matches!(mask, AttentionMask::Causal);
        let heads = Heads { batch_size, block_size: t, n_head, head_size: hs, causal };

        let (mut probs, mut output) = (self.buffer(heads.n_probs()), self.buffer(rows * c));
        let softmax = |b: usize, i: usize, scores: &mut [f32]| {
            let (visible, hidden) = scores.split_at_mut(mask.n_visible(b, i, t));
            hidden.fill(0.0);
            softmax_visible(visible, heads.scale(), attention_mask.map(|m| &m[b * t..]));
        };
        kernels::attention(heads, self.value(qkv), softmax, &mut probs, &mut output);
        let probs = self.push(t, probs, &[]);
        let output = self.push(c, output, &[qkv]);
        self.on_backward(output, move |g, d_output| {
            let mut d_scores = g.buffer(t * t);
            g.with_grad(qkv, |g, d_qkv| {
                let (qkv, probs) = (g.value(qkv), g.value(probs));
                let init = d_qkv.init();
                kernels::attention_backward(heads, qkv, probs, d_output, &mut d_scores, init, d_qkv.data);
            });
            g.recycle(d_scores);
        });
        (output, probs)
    }
}

impl Graph<'_> {
    /// [`Graph::attention`] for tokens that follow those in `cache`, and that are added to it. Causal, and
    /// without a way back.
    ///
    /// The result has the same bits as attention over all the tokens at once.
    ///
    /// Shapes: `qkv (B·T, 3C) → (B·T, C)` for `T` new tokens a row.
    ///
    /// # Panics
    ///
    /// If the cache has no room for them, or was made for another shape.
    pub fn attention_cached(&mut self, qkv: Var, n_head: usize, cache: &mut KvCache) -> Var {
        let (rows, width) = (self.rows(qkv), self.cols(qkv));
        let (t, c) = (rows / cache.batch_size, width / 3);
        let (hs, past, total) = (c / n_head, cache.len, cache.len + rows / cache.batch_size);
        assert!(total <= cache.capacity, "attention_cached: {total} tokens, room for {}", cache.capacity);
        assert_eq!(
            cache.data.len(),
            cache.batch_size * cache.capacity * 2 * c,
            "attention_cached: {c} channels"
        );
        let scale = 1.0 / (hs as f32).sqrt();
        let (mut output, mut scores) = (self.buffer(rows * c), self.buffer(t * total));
        let values = self.value(qkv);
        for (b, cached) in cache.data.chunks_exact_mut(cache.capacity * 2 * c).enumerate() {
            for (row, to) in cached[past * 2 * c..].chunks_exact_mut(2 * c).take(t).enumerate() {
                to.copy_from_slice(&values[(b * t + row) * width + c..][..2 * c]);
            }
            for h in 0..n_head {
                let q = Matrix::rows(&values[b * t * width + h * hs..], width);
                let k = Matrix::rows(&cached[h * hs..], 2 * c);
                let v = Matrix::rows(&cached[c + h * hs..], 2 * c);
                gemm([t, hs, total], q, k.transpose(), Init::Zero, &mut scores, total);
                for (i, row) in scores.chunks_exact_mut(total).enumerate() {
                    let (visible, hidden) = row.split_at_mut(past + i + 1);
                    softmax_row(visible, scale);
                    hidden.fill(0.0);
                }
                let to = &mut output[b * t * c + h * hs..];
                gemm([t, total, hs], Matrix::rows(&scores, total), v, Init::Zero, to, c);
            }
        }
        cache.len = total;
        self.recycle(scores);
        self.push(c, output, &[])
    }
}

/// Softmax over the keys of a row that are not padding; the others get 0.
fn softmax_visible(scores: &mut [f32], scale: f32, attention_mask: Option<&[bool]>) {
    let Some(mask) = attention_mask else {
        softmax_row(scores, scale);
        return;
    };
    let padding = |scores: &mut [f32], value| {
        scores.iter_mut().zip(mask).filter(|(_, keep)| !**keep).for_each(|(score, _)| *score = value);
    };
    padding(scores, f32::MIN);
    softmax_row(scores, scale);
    padding(scores, 0.0);
}
