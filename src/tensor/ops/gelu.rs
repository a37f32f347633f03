use crate::tensor::{Graph, Var, kernels};

impl Graph<'_> {
    /// `½x(1 + tanh(√(2/π)(x + 0.044715 x³)))`
    ///
    /// Shapes: `x (R, C) → (R, C)`. PyTorch: `torch.nn.functional.gelu(x, approximate="tanh")`.
    /// Source: Hendrycks & Gimpel, arXiv:1606.08415, section 2; Hugging Face's `gelu_new`.
    pub fn gelu(&mut self, x: Var) -> Var {
        let n = self.value(x).len();
        let (mut gates, mut y) = (self.buffer(n), self.buffer(n));
        kernels::gelu(self.value(x), &mut gates, &mut y);
        let gates = self.push(self.cols(x), gates, &[]);
        let y = self.push(self.cols(x), y, &[x]);
        self.on_backward(y, move |g, dy| {
            kernels::gelu_backward(g.value(x), g.value(gates), dy);
            g.hand_over(x, dy);
        });
        y
    }
}
