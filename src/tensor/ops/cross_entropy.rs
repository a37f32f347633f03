use super::IGNORE;
use crate::tensor::kernels::softmax_row;
use crate::tensor::{Graph, Var};

impl Graph<'_> {
    /// The mean of `−log p(label)` over the rows that have a label, in nats; 0 if none has.
    ///
    /// Shapes: `logits (R, V), labels (R) → (1, 1)`.
    /// PyTorch: `torch.nn.functional.cross_entropy(logits, labels, ignore_index=-100)`, where `None` is −100.
    ///
    /// # Panics
    ///
    /// If there is not one label a row, or a label is not a column.
    pub fn cross_entropy(&mut self, logits: Var, labels: &[Option<u32>]) -> Var {
        self.cross_entropy_over(logits, labels, labels.iter().flatten().count())
    }

    /// [`Graph::cross_entropy`] for a part of a batch: the sum over these rows, divided by `num_items_in_batch`, the
    /// number of labels in all of it. The losses of the parts add up to the loss of the batch.
    ///
    /// Hugging Face: `ForCausalLMLoss(…, num_items_in_batch)`.
    ///
    /// # Panics
    ///
    /// If there is not one label a row, or a label is not a column.
    pub fn cross_entropy_over(
        &mut self,
        logits: Var,
        labels: &[Option<u32>],
        num_items_in_batch: usize,
    ) -> Var {
        let cols = self.cols(logits);
        assert_eq!(labels.len(), self.rows(logits), "cross_entropy: one label a row");
        let n_labels = num_items_in_batch.max(1) as f32;
        let mut probs = self.buffer(labels.len() * cols);
        let mut sum = 0.0_f64;
        for (row, &label) in labels.iter().enumerate() {
            // A row without label costs nothing, here and on the way back.
            let Some(label) = label else { continue };
            let (logits, probs) =
                (&self.value(logits)[row * cols..][..cols], &mut probs[row * cols..][..cols]);
            assert!((label as usize) < cols, "cross_entropy: label {label} of {cols} columns");
            probs.copy_from_slice(logits);
            let log_sum = softmax_row(probs, 1.0);
            sum += f64::from(log_sum - logits[label as usize]);
        }
        let probs = self.push(cols, probs, &[]);
        let value = (sum / f64::from(n_labels)) as f32;
        let mut loss = self.buffer(1);
        loss[0] = value;
        let loss = self.push(1, loss, &[logits]);
        let labels = self.indices(labels.iter().map(|label| label.unwrap_or(IGNORE)));
        self.on_backward(loss, move |g, d_loss| {
            // The probabilities turn into the gradient where they are: p − 1 at the label.
            let mut d_logits = g.take_value(probs);
            let scale = d_loss[0] / n_labels;
            for (d, &label) in d_logits.chunks_exact_mut(cols).zip(g.index_slice(labels)) {
                if label == IGNORE {
                    d.fill(0.0);
                } else {
                    d[label as usize] -= 1.0;
                    d.iter_mut().for_each(|d| *d *= scale);
                }
            }
            g.hand_over(logits, &mut d_logits);
            g.recycle(d_logits);
        });
        loss
    }
}
