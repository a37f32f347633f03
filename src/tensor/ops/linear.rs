use crate::tensor::kernels::{Init, Matrix, add_rows, gemm};
use crate::tensor::{Graph, Var};

impl Graph<'_> {
    /// `y = x·w + b` with the weight stored the way GPT-2 does, inputs first.
    ///
    /// Shapes: `x (R, I), w (I, O), b (1, O) → (R, O)`. Hugging Face: `Conv1D`; PyTorch: `torch.addmm(b, x, w)`.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit.
    pub fn conv1d(&mut self, x: Var, w: Var, b: Var) -> Var {
        let (rows, inputs, outputs) = (self.rows(x), self.cols(x), self.cols(w));
        assert_eq!(self.rows(w), inputs, "conv1d: x has {inputs} columns");
        let mut y = self.buffer(rows * outputs);
        self.multiply(self.value(x), rows, w, false, Init::Bias(self.value(b)), &mut y);
        let y = self.push(outputs, y, &[x, w, b]);
        self.on_backward(y, move |g, dy| {
            g.with_grad(x, |g, dx| g.multiply(dy, rows, w, true, dx.init(), dx.data));
            g.with_grad(w, |g, dw| {
                let d = Matrix::rows(dy, outputs);
                let x = Matrix::transposed(g.value(x), inputs);
                gemm([inputs, rows, outputs], x, d, dw.init(), dw.data, outputs);
            });
            g.with_grad(b, |_, db| add_rows(dy, db.begun()));
        });
        y
    }

    /// `y = a·b`
    ///
    /// Shapes: `a (R, I), b (I, O) → (R, O)`. PyTorch: `a @ b`.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit.
    pub fn matmul(&mut self, a: Var, b: Var) -> Var {
        let (rows, inputs, outputs) = (self.rows(a), self.cols(a), self.cols(b));
        assert_eq!(self.rows(b), inputs, "matmul: a has {inputs} columns");
        let mut y = self.buffer(rows * outputs);
        self.multiply(self.value(a), rows, b, false, Init::Zero, &mut y);
        let y = self.push(outputs, y, &[a, b]);
        self.on_backward(y, move |g, dy| {
            g.with_grad(a, |g, da| g.multiply(dy, rows, b, true, da.init(), da.data));
            g.with_grad(b, |g, db| {
                let (d, a) = (Matrix::rows(dy, outputs), Matrix::transposed(g.value(a), inputs));
                gemm([inputs, rows, outputs], a, d, db.init(), db.data, outputs);
            });
        });
        y
    }

    /// A row added to every row.
    ///
    /// Shapes: `x (R, C), b (1, C) → (R, C)`. PyTorch: `x + b`.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit.
    pub fn add_row(&mut self, x: Var, b: Var) -> Var {
        let cols = self.cols(x);
        assert_eq!(self.value(b).len(), cols, "add_row: x has {cols} columns");
        let mut y = self.buffer(self.value(x).len());
        for (y, x) in y.chunks_exact_mut(cols).zip(self.value(x).chunks_exact(cols)) {
            y.iter_mut().zip(x).zip(self.value(b)).for_each(|((y, x), b)| *y = x + b);
        }
        let y = self.push(cols, y, &[x, b]);
        self.on_backward(y, move |g, dy| {
            g.with_grad(b, |_, db| add_rows(dy, db.begun()));
            g.hand_over(x, dy);
        });
        y
    }

    /// `y = x·wᵀ` with the weight stored outputs first, as the output layer has it, which shares the
    /// embedding's table.
    ///
    /// Shapes: `x (R, I), w (O, I) → (R, O)`. PyTorch: `torch.nn.functional.linear(x, w)`.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit.
    pub fn linear(&mut self, x: Var, w: Var) -> Var {
        let (rows, inputs, outputs) = (self.rows(x), self.cols(x), self.rows(w));
        assert_eq!(self.cols(w), inputs, "linear: x has {inputs} columns");
        let mut y = self.buffer(rows * outputs);
        self.multiply(self.value(x), rows, w, true, Init::Zero, &mut y);
        let y = self.push(outputs, y, &[x, w]);
        self.on_backward(y, move |g, dy| {
            g.with_grad(x, |g, dx| g.multiply(dy, rows, w, false, dx.init(), dx.data));
            g.with_grad(w, |g, dw| {
                let (d, x) = (Matrix::transposed(dy, outputs), Matrix::rows(g.value(x), inputs));
                gemm([outputs, rows, inputs], d, x, dw.init(), dw.data, inputs);
            });
        });
        y
    }
}
