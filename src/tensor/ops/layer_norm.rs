use crate::tensor::kernels::{normalize_row, row_dot, row_sum};
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
        let (weight, bias) = (self.value(w), self.value(b));
        for (r, x) in self.value(x).chunks_exact(cols).enumerate() {
            let normed = &mut normed[r * cols..][..cols];
            rstd[r] = normalize_row(x, eps, normed);
            for (j, y) in y[r * cols..][..cols].iter_mut().enumerate() {
                *y = normed[j] * weight[j] + bias[j];
            }
        }
        let normed = self.push(cols, normed, &[]);
        let rstd = self.push(1, rstd, &[]);
        let y = self.push(cols, y, &[x, w, b]);
        self.on_backward(y, move |g, dy| {
            let mut d_normed = g.buffer(cols);
            g.with_grad(x, |g, dx| {
                let weight = g.value(w);
                let rows = dx
                    .chunks_exact_mut(cols)
                    .zip(dy.chunks_exact(cols))
                    .zip(g.value(normed).chunks_exact(cols));
                for (((dx, dy), normed), rstd) in rows.zip(g.value(rstd)) {
                    for (j, d) in d_normed.iter_mut().enumerate() {
                        *d = dy[j] * weight[j];
                    }
                    // dx = (d − mean(d) − x̂·mean(d·x̂)) / σ: what moves the mean or the scale of a row is lost.
                    let mean = row_sum(&d_normed) / cols as f32;
                    let slope = row_dot(&d_normed, normed) / cols as f32;
                    for (j, dx) in dx.iter_mut().enumerate() {
                        *dx += (d_normed[j] - mean - normed[j] * slope) * rstd;
                    }
                }
            });
            g.recycle(d_normed);
            g.with_grad(w, |g, dw| {
                for (dy, normed) in dy.chunks_exact(cols).zip(g.value(normed).chunks_exact(cols)) {
                    for (j, dw) in dw.iter_mut().enumerate() {
                        *dw += dy[j] * normed[j];
                    }
                }
            });
            g.with_grad(b, |_, db| {
                for dy in dy.chunks_exact(cols) {
                    db.iter_mut().zip(dy).for_each(|(db, dy)| *db += dy);
                }
            });
        });
        y
    }
}
