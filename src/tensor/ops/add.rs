use crate::tensor::{Graph, Var};

impl Graph<'_> {
    /// `a + b`: the residual connection.
    ///
    /// Shapes: `a (R, C), b (R, C) → (R, C)`. PyTorch: `a + b`.
    ///
    /// # Panics
    ///
    /// If the shapes differ.
    pub fn add(&mut self, a: Var, b: Var) -> Var {
        assert_eq!((self.rows(a), self.cols(a)), (self.rows(b), self.cols(b)), "add: shapes differ");
        let mut sum = self.buffer(self.value(a).len());
        for ((sum, a), b) in sum.iter_mut().zip(self.value(a)).zip(self.value(b)) {
            *sum = a + b;
        }
        let sum = self.push(self.cols(a), sum, &[a, b]);
        self.on_backward(sum, move |g, d_sum| {
            g.with_grad(a, |_, d_a| d_a.add(d_sum));
            g.hand_over(b, d_sum);
        });
        sum
    }
}
