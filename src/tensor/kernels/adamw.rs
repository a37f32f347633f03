//! The AdamW update of one tensor.

use crate::tensor::simd::F32x4;

/// Numbers of one step, the same for every weight of a tensor.
#[derive(Debug, Clone, Copy)]
pub struct AdamW {
    /// Share of the running mean that is kept.
    pub beta1: f32,
    /// Share of the running mean of squares that is kept.
    pub beta2: f32,
    /// Added to the root.
    pub eps: f32,
    /// Learning rate over `1 − beta1ᵗ`.
    pub step_size: f32,
    /// `√(1 − beta2ᵗ)`
    pub correction2_sqrt: f32,
    /// What weight decay leaves of a weight.
    pub keep: f32,
}

impl AdamW {
    /// Moves the weights `p` by the gradient `g`, with its running means `m` and, of squares, `v`.
    ///
    /// PyTorch: `torch.optim.adamw._single_tensor_adamw`, in its order of operations.
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    pub fn apply(&self, p: &mut [f32], g: &[f32], m: &mut [f32], v: &mut [f32]) {
        assert!(p.len() == g.len() && m.len() == g.len() && v.len() == g.len(), "adamw: lengths differ");
        let (p4, p_rest) = p.as_chunks_mut();
        let (g4, g_rest) = g.as_chunks();
        let (m4, m_rest) = m.as_chunks_mut();
        let (v4, v_rest) = v.as_chunks_mut();
        for (((p, &g), m), v) in p4.iter_mut().zip(g4).zip(m4).zip(v4) {
            self.four(p, g, m, v);
        }
        let n = g_rest.len();
        let filled =
            |from: &[f32]| -> [f32; 4] { std::array::from_fn(|i| if i < n { from[i] } else { 0.0 }) };
        let (mut p, mut m, mut v) = (filled(p_rest), filled(m_rest), filled(v_rest));
        self.four(&mut p, filled(g_rest), &mut m, &mut v);
        p_rest.copy_from_slice(&p[..n]);
        m_rest.copy_from_slice(&m[..n]);
        v_rest.copy_from_slice(&v[..n]);
    }

    #[inline(always)]
    fn four(&self, p: &mut [f32; 4], g: [f32; 4], m: &mut [f32; 4], v: &mut [f32; 4]) {
        let (s, load) = (F32x4::splat, F32x4::from_array);
        let (g, mean) = (load(g), load(*m));
        let mean = mean + (g - mean) * s(1.0 - self.beta1);
        let square = load(*v) * s(self.beta2) + g * g * s(1.0 - self.beta2);
        let denominator = square.sqrt() / s(self.correction2_sqrt) + s(self.eps);
        *p = (load(*p) * s(self.keep) - s(self.step_size) * mean / denominator).to_array();
        *m = mean.to_array();
        *v = square.to_array();
    }
}
