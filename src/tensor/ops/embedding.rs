use crate::tensor::kernels::add_rows;
use crate::tensor::{Graph, Var};

impl Graph<'_> {
    /// The rows of a table, picked by `ids`.
    ///
    /// Shapes: `table (V, C), ids (R) → (R, C)`. PyTorch: `torch.nn.functional.embedding(ids, table)`.
    ///
    /// # Panics
    ///
    /// If an id is not a row of the table.
    pub fn embedding(&mut self, table: Var, ids: impl ExactSizeIterator<Item = u32> + Clone) -> Var {
        let cols = self.cols(table);
        let mut rows = self.buffer(ids.len() * cols);
        for (row, id) in rows.chunks_exact_mut(cols).zip(ids.clone()) {
            let n_rows = self.rows(table);
            assert!((id as usize) < n_rows, "embedding: id {id} in a table of {n_rows} rows");
            row.copy_from_slice(&self.value(table)[id as usize * cols..][..cols]);
        }
        let output = self.push(cols, rows, &[table]);
        let ids = self.indices(ids);
        self.on_backward(output, move |g, d_output| {
            g.with_grad(table, |g, d_table| {
                let d_table = d_table.begun();
                for (&id, d_row) in g.index_slice(ids).iter().zip(d_output.chunks_exact(cols)) {
                    add_rows(d_row, &mut d_table[id as usize * cols..][..cols]);
                }
            });
        });
        output
    }
}
