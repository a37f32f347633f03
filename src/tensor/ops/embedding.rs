use crate::tensor::{Graph, Var};

impl Graph<'_> {
    /// The rows of a table, picked by `ids`.
    ///
    /// Shapes: `table (V, C), ids (R) → (R, C)`. PyTorch: `torch.nn.functional.embedding(ids, table)`.
    ///
    /// # Panics
    ///
    /// If an id is not a row of the table.
    pub fn embedding(&mut self, table: Var, ids: &[u32]) -> Var {
        let cols = self.cols(table);
        let mut rows = self.buffer(ids.len() * cols);
        for (row, &id) in rows.chunks_exact_mut(cols).zip(ids) {
            let n_rows = self.rows(table);
            assert!((id as usize) < n_rows, "embedding: id {id} in a table of {n_rows} rows");
            row.copy_from_slice(&self.value(table)[id as usize * cols..][..cols]);
        }
        let output = self.push(cols, rows, &[table]);
        let ids = self.indices(ids.iter().copied());
        self.on_backward(output, move |g, d_output| {
            g.with_grad(table, |g, d_table| {
                for (&id, d_row) in g.index_slice(ids).iter().zip(d_output.chunks_exact(cols)) {
                    let to = &mut d_table[id as usize * cols..][..cols];
                    to.iter_mut().zip(d_row).for_each(|(to, d)| *to += d);
                }
            });
        });
        output
    }
}
