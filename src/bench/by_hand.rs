//! A small network whose kernels are called one after the other, without a tape. What the tape costs is the
//! difference; that both give the same bits says that the tape does nothing else.

use super::{Case, Kind, normal};
use crate::tensor::kernels::{
    Init, Matrix, Packed, add_rows, gelu, gelu_backward, gemm, gemm_packed, softmax_row,
};
use crate::tensor::{Graph, ParamId, Params, Tape};

/// The MLP of a block with a loss behind it: `cross_entropy(gelu(x·w1 + b1)·w2 + b2)`, all but `x` trained.
struct Mlp {
    params: Params,
    ids: [ParamId; 4],
    x: Vec<f32>,
    labels: Vec<Option<u32>>,
    rows: usize,
    c: usize,
}

impl Mlp {
    fn new(rows: usize, c: usize) -> Self {
        let mut params = Params::new();
        let shapes = [("w1", vec![c, 4 * c]), ("b1", vec![4 * c]), ("w2", vec![4 * c, c]), ("b2", vec![c])];
        let ids = shapes.map(|(name, shape)| {
            let mut values = normal(shape.iter().product()).into_iter();
            params.add(name, &shape, || 0.1 * values.next().expect("one value an element"))
        });
        let labels = (0..rows).map(|i| Some((i % c) as u32)).collect();
        Self { params, ids, x: normal(rows * c), labels, rows, c }
    }

    fn on_tape(&self, tape: &mut Tape) -> f32 {
        tape.gradients.clear();
        let mut g = Graph::new(tape, &self.params);
        let [w1, b1, w2, b2] = self.ids.map(|id| g.param(id));
        let x = g.constant(self.c, &self.x);
        let h = g.conv1d(x, w1, b1);
        let h = g.gelu(h);
        let y = g.conv1d(h, w2, b2);
        let loss = g.cross_entropy(y, &self.labels);
        g.backward(loss);
        g.value(loss)[0]
    }

    fn buffers(&self) -> Buffers {
        let Self { rows, c, .. } = *self;
        let [w1, _, w2, _] = self.ids.map(|id| self.params.value(id));
        let pack = |w: Matrix, k, n| {
            let mut packed = Packed::new();
            packed.pack(w, k, n);
            packed
        };
        Buffers {
            packed: [
                pack(Matrix::rows(w1, 4 * c), c, 4 * c),
                pack(Matrix::rows(w2, c), 4 * c, c),
                pack(Matrix::transposed(w2, c), c, 4 * c),
            ],
            wide: [0; 4].map(|_| vec![0.0; rows * 4 * c]),
            y: vec![0.0; rows * c],
            gradients: self.ids.map(|id| vec![0.0; self.params.value(id).len()]),
        }
    }

    fn by_hand(&self, to: &mut Buffers) -> f32 {
        let Self { rows, c, .. } = *self;
        let [_, b1, _, b2] = self.ids.map(|id| self.params.value(id));
        let Buffers { packed: [w1, w2, w2_transposed], wide: [h, gates, act, d_act], y, gradients } = to;
        gemm_packed(rows, Matrix::rows(&self.x, c), w1, Init::Bias(b1), h, 4 * c);
        gelu(h, gates, act);
        gemm_packed(rows, Matrix::rows(act, 4 * c), w2, Init::Bias(b2), y, c);
        let mut loss = 0.0;
        for (row, label) in y.chunks_exact_mut(c).zip(self.labels.iter().flatten()) {
            let logit = row[*label as usize];
            loss += f64::from(softmax_row(row, 1.0) - logit);
            row[*label as usize] -= 1.0;
            row.iter_mut().for_each(|d| *d *= 1.0 / rows as f32);
        }
        let [d_w1, d_b1, d_w2, d_b2] = gradients;
        let dy = Matrix::rows(y, c);
        gemm_packed(rows, dy, w2_transposed, Init::Zero, d_act, 4 * c);
        gemm([4 * c, rows, c], Matrix::transposed(act, 4 * c), dy, Init::Zero, d_w2, c);
        d_b2.fill(0.0);
        add_rows(y, d_b2);
        gelu_backward(h, gates, d_act);
        let dh = Matrix::rows(d_act, 4 * c);
        gemm([c, rows, 4 * c], Matrix::transposed(&self.x, c), dh, Init::Zero, d_w1, 4 * c);
        d_b1.fill(0.0);
        add_rows(d_act, d_b1);
        (loss / rows as f64) as f32
    }
}

struct Buffers {
    packed: [Packed; 3],
    wide: [Vec<f32>; 4],
    y: Vec<f32>,
    gradients: [Vec<f32>; 4],
}

/// The same forward and backward pass on the tape and by hand.
pub fn cases(rows: usize, c: usize) -> [Case; 2] {
    let (mlp, mut tape) = (Mlp::new(rows, c), Tape::new());
    let on_tape =
        Case::new(format!("mlp {rows}×{c}, on the tape"), Kind::Op, 0.0, 0, move || mlp.on_tape(&mut tape));
    let mlp = Mlp::new(rows, c);
    let mut buffers = mlp.buffers();
    [
        on_tape,
        Case::new(format!("mlp {rows}×{c}, by hand"), Kind::Op, 0.0, 0, move || mlp.by_hand(&mut buffers)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tape_computes_what_a_hand_would() {
        let (mlp, mut tape) = (Mlp::new(6, 5), Tape::new());
        let mut buffers = mlp.buffers();
        for _ in 0..2 {
            assert_eq!(mlp.on_tape(&mut tape).to_bits(), mlp.by_hand(&mut buffers).to_bits());
            for (id, by_hand) in mlp.ids.iter().zip(&buffers.gradients) {
                assert_eq!(tape.gradients.get(*id), Some(by_hand.as_slice()));
            }
        }
    }
}
