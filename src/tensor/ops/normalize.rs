use crate::tensor::kernels::row_dot;
use crate::tensor::{Graph, Var};

impl Graph<'_> {
    /// Each row divided by its length, `x / ‖x‖`; a row of zeros gives no numbers.
    ///
    /// Shapes: `x (R, C) → (R, C)`. PyTorch: `x / x.norm(dim=-1, keepdim=True)`.
    pub fn normalize(&mut self, x: Var) -> Var {
        let cols = self.cols(x);
        let (mut norms, mut y) = (self.buffer(self.rows(x)), self.buffer(self.value(x).len()));
        let rows = y.chunks_exact_mut(cols).zip(self.value(x).chunks_exact(cols));
        for ((y, x), norm) in rows.zip(&mut norms) {
            *norm = row_dot(x, x).sqrt();
            y.iter_mut().zip(x).for_each(|(y, x)| *y = x / *norm);
        }
        let norms = self.push(1, norms, &[]);
        let y = self.push(cols, y, &[x]);
        self.on_backward(y, move |g, dy| {
            // dx = (dy − y(y·dy)) / ‖x‖: what lengthens a row is lost.
            let rows = g.value(y).chunks_exact(cols).zip(g.value(norms));
            for (dy, (y, norm)) in dy.chunks_exact_mut(cols).zip(rows) {
                let along = row_dot(y, dy);
                dy.iter_mut().zip(y).for_each(|(dy, y)| *dy = (*dy - y * along) / norm);
            }
            g.hand_over(x, dy);
        });
        y
    }
}
