use crate::tensor::{Graph, Var};

impl Graph<'_> {
    /// Sets each element to 0 with probability `p` and divides the others by `1 − p`, in a pass
    /// [with dropout](Graph::with_dropout); elsewhere, `x` itself.
    ///
    /// Shapes: `x (R, C) → (R, C)`. PyTorch: `torch.nn.functional.dropout(x, p)`.
    /// Source: Srivastava et al., JMLR 15 (2014), section 4.
    ///
    /// # Panics
    ///
    /// If `p` is not from 0 to below 1.
    pub fn dropout(&mut self, x: Var, p: f32) -> Var {
        assert!((0.0..1.0).contains(&p), "dropout: a probability from 0 to below 1");
        if p == 0.0 || self.dropout.is_none() {
            return x;
        }
        let (mut mask, cols) = (self.buffer(self.value(x).len()), self.cols(x));
        let rng = self.dropout.as_mut().expect("it is there");
        mask.iter_mut().for_each(|m| *m = if rng.chance(p) { 0.0 } else { 1.0 / (1.0 - p) });
        let mask = self.push(cols, mask, &[]);
        self.mul(x, mask)
    }
}
