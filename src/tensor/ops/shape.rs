use crate::tensor::{Graph, Var};

impl Graph<'_> {
    /// `rows` in front of each of `batch_size` equal parts of `x`: virtual tokens before those of a text.
    ///
    /// Shapes: `rows (N, C), x (B·T, C) → (B·(N + T), C)`.
    /// PyTorch: `torch.cat([rows.expand(B, N, C), x.view(B, T, C)], 1)`.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit.
    pub fn prepend(&mut self, rows: Var, x: Var, batch_size: usize) -> Var {
        let cols = self.cols(x);
        let (n, part) = (self.value(rows).len(), self.value(x).len() / batch_size);
        assert_eq!(self.cols(rows), cols, "prepend: x has {cols} columns");
        assert_eq!(self.rows(x) % batch_size, 0, "prepend: x does not have {batch_size} equal parts");
        let mut output = self.buffer(batch_size * (n + part));
        for (to, x) in output.chunks_exact_mut(n + part).zip(self.value(x).chunks_exact(part)) {
            to[..n].copy_from_slice(self.value(rows));
            to[n..].copy_from_slice(x);
        }
        let output = self.push(cols, output, &[rows, x]);
        self.on_backward(output, move |g, d_output| {
            g.with_grad(rows, |_, d| {
                let d = d.begun();
                for d_part in d_output.chunks_exact(n + part) {
                    d.iter_mut().zip(d_part).for_each(|(d, d_part)| *d += d_part);
                }
            });
            g.with_grad(x, |_, d| {
                for (d, d_part) in d.begun().chunks_exact_mut(part).zip(d_output.chunks_exact(n + part)) {
                    d.iter_mut().zip(&d_part[n..]).for_each(|(d, d_part)| *d += d_part);
                }
            });
        });
        output
    }

    /// Columns `start..start + n`.
    ///
    /// Shapes: `x (R, C) → (R, n)`. PyTorch: `x.narrow(1, start, n)`.
    ///
    /// # Panics
    ///
    /// If there are not so many.
    pub fn narrow(&mut self, x: Var, start: usize, n: usize) -> Var {
        let (rows, cols) = (self.rows(x), self.cols(x));
        assert!(start + n <= cols, "narrow: columns {start} to {} of {cols}", start + n);
        let mut output = self.buffer(rows * n);
        for (to, from) in output.chunks_exact_mut(n).zip(self.value(x).chunks_exact(cols)) {
            to.copy_from_slice(&from[start..start + n]);
        }
        let output = self.push(n, output, &[x]);
        self.on_backward(output, move |g, d_output| {
            g.with_grad(x, |_, d| {
                for (d, from) in d.begun().chunks_exact_mut(cols).zip(d_output.chunks_exact(n)) {
                    d[start..start + n].iter_mut().zip(from).for_each(|(d, from)| *d += from);
                }
            });
        });
        output
    }

    /// `left` and `right` side by side.
    ///
    /// Shapes: `left (R, C), right (R, D) → (R, C + D)`. PyTorch: `torch.cat([left, right], 1)`.
    ///
    /// # Panics
    ///
    /// If they have different numbers of rows.
    pub fn concat(&mut self, left: Var, right: Var) -> Var {
        assert_eq!(self.rows(left), self.rows(right), "concat: different numbers of rows");
        let (c, d) = (self.cols(left), self.cols(right));
        let mut output = self.buffer(self.rows(left) * (c + d));
        for (row, to) in output.chunks_exact_mut(c + d).enumerate() {
            to[..c].copy_from_slice(&self.value(left)[row * c..][..c]);
            to[c..].copy_from_slice(&self.value(right)[row * d..][..d]);
        }
        let output = self.push(c + d, output, &[left, right]);
        self.on_backward(output, move |g, d_output| {
            for (input, start, n) in [(left, 0, c), (right, c, d)] {
                g.with_grad(input, |_, grad| {
                    for (to, from) in grad.begun().chunks_exact_mut(n).zip(d_output.chunks_exact(c + d)) {
                        to.iter_mut().zip(&from[start..]).for_each(|(to, from)| *to += from);
                    }
                });
            }
        });
        output
    }

    /// The sum of all elements, added in their order.
    ///
    /// Shapes: `x (R, C) → (1, 1)`. PyTorch: `x.sum()`.
    pub fn sum(&mut self, x: Var) -> Var {
        // In double precision, because a loss over a thousand tokens is compared in its last digits.
        let total: f64 = self.value(x).iter().map(|x| f64::from(*x)).sum();
        let mut output = self.buffer(1);
        output[0] = total as f32;
        let output = self.push(1, output, &[x]);
        self.on_backward(output, move |g, d_output| {
            let d_sum = d_output[0];
            g.with_grad(x, |_, d| d.begun().iter_mut().for_each(|d| *d += d_sum));
        });
        output
    }

    /// The mean of all elements.
    ///
    /// Shapes: `x (R, C) → (1, 1)`. PyTorch: `x.mean()`.
    pub fn mean(&mut self, x: Var) -> Var {
        let n = self.value(x).len();
        let sum = self.sum(x);
        self.scale(sum, 1.0 / n as f32)
    }
}
