use super::IGNORE;
use crate::tensor::kernels::{row_dot, row_sum, softmax_row};
use crate::tensor::{Graph, Var};

impl Graph<'_> {
    /// `log p(label)` of each row, in nats; 0 for a row without label.
    ///
    /// Shapes: `logits (R, V), labels (R) → (R, 1)`.
    /// PyTorch: `torch.log_softmax(logits, -1).gather(-1, labels)`; TRL: `selective_log_softmax`.
    ///
    /// # Panics
    ///
    /// If there is not one label a row, or a label is not a column.
    pub fn logprobs(&mut self, logits: Var, labels: &[Option<u32>]) -> Var {
        let cols = self.cols(logits);
        assert_eq!(labels.len(), self.rows(logits), "logprobs: one label a row");
        let (mut probs, mut output) = (self.buffer(labels.len() * cols), self.buffer(labels.len()));
        for (row, &label) in labels.iter().enumerate() {
            output[row] = 0.0;
            // A row without label costs nothing, here and on the way back.
            let Some(label) = label else { continue };
            assert!((label as usize) < cols, "logprobs: label {label} of {cols} columns");
            let range = row * cols..(row + 1) * cols;
            let (logits, probs) = (&self.value(logits)[range.clone()], &mut probs[range]);
            probs.copy_from_slice(logits);
            let log_sum = softmax_row(probs, 1.0);
            output[row] = logits[label as usize] - log_sum;
        }
        let probs = self.push(cols, probs, &[]);
        let output = self.push(1, output, &[logits]);
        let labels = self.indices(labels.iter().map(|label| label.unwrap_or(IGNORE)));
        self.on_backward(output, move |g, d_output| {
            // The probabilities turn into the gradient where they are: −p, and 1 − p at the label. As the sum of the
            // others that is precise also where p is nearly 1.
            let mut d_logits = g.take_value(probs);
            let rows = d_logits.chunks_exact_mut(cols).zip(g.index_slice(labels)).zip(&*d_output);
            for ((d, &label), d_row) in rows {
                if label == IGNORE {
                    d.fill(0.0);
                } else {
                    d[label as usize] = 0.0;
                    d[label as usize] = -row_sum(d);
                    d.iter_mut().for_each(|d| *d *= -d_row);
                }
            }
            g.hand_over(logits, &mut d_logits);
            g.recycle(d_logits);
        });
        output
    }

    /// The entropy of each row's distribution, `−Σ p log p`, in nats.
    ///
    /// Shapes: `logits (R, V) → (R, 1)`. PyTorch: `torch.distributions.Categorical(logits=logits).entropy()`.
    pub fn entropy(&mut self, logits: Var) -> Var {
        let (rows, cols) = (self.rows(logits), self.cols(logits));
        let (mut probs, mut means) = (self.buffer(rows * cols), self.buffer(rows));
        let mut output = self.buffer(rows);
        probs.copy_from_slice(self.value(logits));
        for (row, p) in probs.chunks_exact_mut(cols).enumerate() {
            let log_sum = softmax_row(p, 1.0);
            means[row] = row_dot(p, &self.value(logits)[row * cols..][..cols]);
            output[row] = log_sum - means[row];
        }
        let probs = self.push(cols, probs, &[]);
        let means = self.push(1, means, &[]);
        let output = self.push(1, output, &[logits]);
        self.on_backward(output, move |g, d_output| {
            // dH/dxⱼ = −pⱼ(log pⱼ + H) = −pⱼ(xⱼ − Σ p x)
            let mut d_logits = g.take_value(probs);
            let inputs = g.value(logits).chunks_exact(cols).zip(g.value(means));
            for ((d, (x, mean)), d_row) in d_logits.chunks_exact_mut(cols).zip(inputs).zip(&*d_output) {
                d.iter_mut().zip(x).for_each(|(d, x)| *d *= -(x - mean) * d_row);
            }
            g.hand_over(logits, &mut d_logits);
            g.recycle(d_logits);
        });
        output
    }
}
