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
