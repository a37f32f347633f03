//! Elastic weight consolidation, and contrastive learning.

use pretune::data::Batch;
use pretune::tensor::{Graph, Params, Tape};
use pretune::train::{Ewc, info_nce, lm_loss};

use super::Fixture;
use super::forward::shifted;

/// Kirkpatrick et al. 2017 with torch autograd, one example at a time
#[test]
fn golden_ewc() {
    for f in Fixture::all("ewc") {
        let (model, mut params) = f.model();
        let (ids, batch_size) = (f.ids("input_ids"), f.shape("input_ids")[0]);
        let t = ids.len() / batch_size;
        let labels = shifted(&f.labels("labels"), batch_size);
        // Padding comes last and has no labels, so a causal model needs no mask.
        let row = |i: usize| Batch {
            input_ids: ids[i * t..][..t].to_vec(),
            labels: labels[i * t..][..t].to_vec(),
            batch_size: 1,
            block_size: t,
        };
        let rows: Vec<Batch> = (0..batch_size).map(row).collect();
        let losses: Vec<f32> = rows
            .iter()
            .map(|row| {
                let mut tape = Tape::new();
                let mut g = Graph::inference(&mut tape, &params);
                let loss = lm_loss(&mut g, &model, &pretune::nn::Input::new(&row.input_ids, 1), &row.labels);
                g.value(loss)[0]
            })
            .collect();
        f.check("row_losses", &losses);
        let ewc = Ewc::new(&model, &params, &rows);
        for id in params.ids() {
            f.check(&format!("fisher.{}", params.name(id)), ewc.fisher(id).expect("it is trained"));
        }
        let adamw = Fixture::all("adamw").into_iter().find(|a| a.folder == f.folder).expect("its neighbor");
        for id in params.ids() {
            let name = format!("all.param.{}", params.name(id));
            params.value_mut(id).copy_from_slice(adamw.floats(&name));
        }
        let mut tape = Tape::new();
        let mut g = Graph::new(&mut tape, &params);
        let penalty = ewc.penalty(&mut g, f.param("lambda") as f32);
        g.backward(penalty);
        f.check("penalty", g.value(penalty));
        for id in params.ids() {
            f.check(&format!("grad.{}", params.name(id)), tape.gradients.get(id).expect("reached"));
        }
    }
}

/// `transformers.models.clip.modeling_clip.image_text_contrastive_loss`
#[test]
fn golden_infonce() {
    for f in Fixture::all("infonce") {
        let mut params = Params::new();
        let [a, b] = ["a", "b"].map(|name| params.add_values(name, f.shape(name), f.floats(name)));
        let scale = params.add_values("logit_scale", &[1], f.floats("logit_scale"));
        let mut tape = Tape::new();
        let mut g = Graph::new(&mut tape, &params);
        let [x, y, logit_scale] = [a, b, scale].map(|id| g.param(id));
        let (loss, logits) = info_nce(&mut g, x, y, logit_scale);
        g.backward(loss);
        f.check("logits", g.value(logits));
        f.check("loss", g.value(loss));
        let n = g.rows(logits);
        let rows = g.value(logits).to_vec();
        let columns: Vec<f32> = (0..n * n).map(|i| rows[i % n * n + i / n]).collect();
        for (name, logits) in [("loss_a_to_b", rows), ("loss_b_to_a", columns)] {
            let labels: Vec<Option<u32>> = (0..n as u32).map(Some).collect();
            let logits = g.constant(n, &logits);
            let loss = g.cross_entropy(logits, &labels);
            f.check(name, g.value(loss));
        }
        for (name, id) in [("a", a), ("b", b), ("logit_scale", scale)] {
            f.check(&format!("grad.{name}"), tape.gradients.get(id).expect("reached"));
        }
    }
}
