use crate::tensor::{Graph, Var, kernels};

impl Graph<'_> {
    /// `½x(1 + tanh(√(2/π)(x + 0.044715 x³)))`
    ///
    /// Shapes: `x (R, C) → (R, C)`. PyTorch: `torch.nn.functional.gelu(x, approximate="tanh")`.
    /// Source: Hendrycks & Gimpel, arXiv:1606.08415, section 2; Hugging Face's `gelu_new`.
    pub fn gelu(&mut self, x: Var) -> Var {
        let mut y = self.buffer(self.value(x).len());
        kernels::gelu(self.value(x), &mut y);
        let y = self.push(self.cols(x), y, &[x]);
        self.on_backward(y, move |g, dy| {
            kernels::gelu_backward(g.value(x), dy);
            g.hand_over(x, dy);
        });
        y
    }
}
