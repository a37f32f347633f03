//! Scaled dot-product attention, one head of one row of the batch after the other, forward and backward.
//!
//! Everything here is six small products and a softmax. Where a query looks at nothing after it, the half of each
//! product that the mask hides is neither computed nor read.

use super::gemm::{Init, Matrix, Triangle, gemm_triangle};
use super::rowwise::softmax_row_backward;

/// How queries, keys and values lie in rows of `3·C`, as GPT-2's `c_attn` gives them.
#[derive(Debug, Clone, Copy)]
pub struct Heads {
    /// B, rows of the batch.
    pub batch_size: usize,
    /// T, tokens of a row.
    pub block_size: usize,
    /// H, heads.
    pub n_head: usize,
    /// hs, channels of a head: `C = H·hs`.
    pub head_size: usize,
    /// Whether a token looks at nothing after it.
    pub causal: bool,
}

impl Heads {
    /// What scores are multiplied with: `1/√hs`.
    pub fn scale(&self) -> f32 {
        1.0 / (self.head_size as f32).sqrt()
    }

    /// Elements of the probabilities, `(B·H·T, T)`.
    pub fn n_probs(&self) -> usize {
        self.batch_size * self.n_head * self.block_size * self.block_size
    }

    fn n_embd(&self) -> usize {
        self.n_head * self.head_size
    }

    /// Where a head's queries begin in `(B·T, 3C)`, and its part of `(B·T, C)`.
    fn starts(&self, bh: usize) -> (usize, usize) {
        let (b, h) = (bh / self.n_head, bh % self.n_head);
        let c = self.n_embd();
        (b * self.block_size * 3 * c + h * self.head_size, b * self.block_size * c + h * self.head_size)
    }

    /// Query, key and value `(T, hs)` of a head.
    fn qkv<'a>(&self, qkv: &'a [f32], start: usize) -> [Matrix<'a>; 3] {
        let c = self.n_embd();
        [0, 1, 2].map(|part| Matrix::rows(&qkv[start + part * c..], 3 * c))
    }

    /// What products with the lower triangle of probabilities leave out: of the result, of a left-hand side as it is,
    /// and transposed.
    fn triangles(&self) -> [Triangle; 3] {
        if self.causal { [Triangle::LowerC, Triangle::LowerA, Triangle::UpperA] } else { [Triangle::Full; 3] }
    }
}

/// `output = p·v` with `p = softmax(q·kᵀ/√hs)`. `softmax` turns the scores of query `i` in row `b` of the batch into
/// probabilities, 0 where it may not look.
///
/// Shapes: `qkv (B·T, 3C), probs (B·H·T, T), output (B·T, C)`.
///
/// Source: Vaswani et al., arXiv:1706.03762, equation 1.
pub fn attention(
    heads: Heads,
    qkv: &[f32],
    softmax: impl Fn(usize, usize, &mut [f32]),
    probs: &mut [f32],
    output: &mut [f32],
) {
    let Heads { block_size: t, head_size: hs, n_head, .. } = heads;
    let (c, [lower_c, lower_a, _]) = (heads.n_embd(), heads.triangles());
    for (bh, probs) in probs.chunks_exact_mut((t * t).max(1)).enumerate() {
        let (start, out) = heads.starts(bh);
        let [q, k, v] = heads.qkv(qkv, start);
        gemm_triangle(lower_c, [t, hs, t], q, k.transpose(), Init::Zero, probs, t);
        for (i, scores) in probs.chunks_exact_mut(t).enumerate() {
            softmax(bh / n_head, i, scores);
        }
        gemm_triangle(lower_a, [t, t, hs], Matrix::rows(probs, t), v, Init::Zero, &mut output[out..], c);
    }
}

/// The way back of [`attention`]: `d_qkv` begins with `init`. `d_scores (T, T)` is scratch.
pub fn attention_backward(
    heads: Heads,
    qkv: &[f32],
    probs: &[f32],
    d_output: &[f32],
    d_scores: &mut [f32],
    init: Init,
    d_qkv: &mut [f32],
) {
    let Heads { block_size: t, head_size: hs, causal, .. } = heads;
    let (c, scale) = (heads.n_embd(), heads.scale());
    let [lower_c, lower_a, upper_a] = heads.triangles();
    for (bh, probs) in probs.chunks_exact((t * t).max(1)).enumerate() {
        let (start, out) = heads.starts(bh);
        let [q, k, v] = heads.qkv(qkv, start);
        let (p, d_out) = (Matrix::rows(probs, t), Matrix::rows(&d_output[out..], c));
        // o = p·v gives dp = do·vᵀ and dv = pᵀ·do
        gemm_triangle(lower_c, [t, hs, t], d_out, v.transpose(), Init::Zero, d_scores, t);
        let d_v = &mut d_qkv[start + 2 * c..];
        gemm_triangle(upper_a, [t, t, hs], p.transpose(), d_out, init, d_v, 3 * c);
        for (i, (d, p)) in d_scores.chunks_exact_mut(t).zip(probs.chunks_exact(t)).enumerate() {
            // A hidden key has p = 0, hence no gradient.
            let (d, hidden) = d.split_at_mut(if causal { i + 1 } else { t });
            hidden.fill(0.0);
            softmax_row_backward(&p[..d.len()], d, scale);
        }
        // s = q·kᵀ gives dq = ds·k and dk = dsᵀ·q
        let ds = Matrix::rows(d_scores, t);
        gemm_triangle(lower_a, [t, t, hs], ds, k, init, &mut d_qkv[start..], 3 * c);
        gemm_triangle(upper_a, [t, t, hs], ds.transpose(), q, init, &mut d_qkv[start + c..], 3 * c);
    }
}
