//! Contrastive learning: of many pictures and captions, which belong together?

use crate::tensor::{Graph, Var};

/// The mean of two cross-entropies: each `a` has to find its `b` among all of them, and each `b` its `a`.
///
/// Rows are first scaled to length 1; `logit_scale` is the logarithm of what their products are multiplied with.
/// Gives the loss and the scores, row `a`, column `b`.
///
/// Shapes: `a (N, C), b (N, C), logit_scale (1, 1) → (1, 1)` and `(N, N)`.
/// Hugging Face: `image_text_contrastive_loss` of CLIP. Source: Radford et al., arXiv:2103.00020, figure 3.
///
/// # Panics
///
/// If the shapes differ.
pub fn info_nce(g: &mut Graph, a: Var, b: Var, logit_scale: Var) -> (Var, Var) {
    let (a, b) = (g.normalize(a), g.normalize(b));
    let scale = g.exp(logit_scale);
    let labels: Vec<Option<u32>> = (0..g.rows(a) as u32).map(Some).collect();
    let mut direction = |from, to| {
        let products = g.linear(from, to); // (N, N)
        let logits = g.scale_by(products, scale);
        let logprobs = g.logprobs(logits, &labels);
        (g.mean(logprobs), logits)
    };
    let ((a_to_b, logits), (b_to_a, _)) = (direction(a, b), direction(b, a));
    let sum = g.add(a_to_b, b_to_a);
    (g.scale(sum, -0.5), logits)
}
