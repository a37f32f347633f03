use crate::tensor::kernels::{add_row_products, add_rows, layer_norm_row, layer_norm_row_backward};
use crate::tensor::{Graph, Var};

impl Graph<'_> {
    /// `y = (x − mean) / √(variance + eps) · w + b`, mean and variance over each row.
    ///
    /// Shapes: `x (R, C), w (1, C), b (1, C) → (R, C)`. PyTorch: `torch.nn.functional.layer_norm(x, (C,), w, b, eps)`.
    /// Source: Ba, Kiros & Hinton, arXiv:1607.06450, equation 3.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit.
    pub fn layer_norm(&mut self, x: Var, w: Var, b: Var, eps: f32) -> Var {
        let (rows, cols) = (self.rows(x), self.cols(x));
        assert_eq!((self.cols(w), self.cols(b)), (cols, cols), "layer_norm: x has {cols} columns");
        // Going back needs x̂ and 1/σ, and not x.
        let (mut normed, mut rstd, mut y) =
            (self.buffer(rows * cols), self.buffer(rows), self.buffer(rows * cols));
        let affine = [self.value(w), self.value(b)];
        for (r, x) in self.value(x).chunks_exact(cols).enumerate() {
            let row = r * cols..(r + 1) * cols;
            rstd[r] = layer_norm_row(x, affine, eps, &mut normed[row.clone()], &mut y[row]);
        }
        let normed = self.push(cols, normed, &[]);
        let rstd = self.push(1, rstd, &[]);
        let y = self.push(cols, y, &[x, w, b]);
        self.on_backward(y, move |g, dy| {
            let mut d_normed = g.buffer(cols);
            g.with_grad(x, |g, dx| {
                let (weight, normed, rstd) = (g.value(w), g.value(normed), g.value(rstd));
                for (r, dx) in dx.begun().chunks_exact_mut(cols).enumerate() {
                    let row = r * cols..(r + 1) * cols;
                    layer_norm_row_backward(
                        &dy[row.clone()],
                        weight,
                        &normed[row],
                        rstd[r],
                        &mut d_normed,
                        dx,
                    );
                }
            });
            g.recycle(d_normed);
            g.with_grad(w, |g, dw| add_row_products(dy, g.value(normed), dw.begun()));
            g.with_grad(b, |_, db| add_rows(dy, db.begun()));
        });
        y
    }
}
