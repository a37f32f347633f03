//! Ten steps of training.

use pretune::nn::Input;
use pretune::tensor::{Graph, Tape};
use pretune::train::{AdamW, AdamWConfig, Cosine, clip_grad_norm};

use super::Fixture;
use super::forward::shifted;

/// `torch.optim.AdamW`, `torch.nn.utils.clip_grad_norm_`, `transformers.get_cosine_schedule_with_warmup`
#[test]
fn golden_adamw() {
    for f in Fixture::all("adamw") {
        for variant in ["all", "grouped"] {
            train(&f, variant);
        }
    }
}

fn train(f: &Fixture, variant: &str) {
    let (model, mut params) = f.model();
    let (ids, mask) = (f.ids("input_ids"), f.flags("attention_mask"));
    let batch_size = f.shape("input_ids")[0];
    let labels = shifted(&f.labels("labels"), batch_size);
    let steps = f.param("steps") as usize;
    let schedule = Cosine {
        learning_rate: f.param("lr"),
        min_lr: 0.0,
        warmup_iters: f.param("warmup_steps") as usize,
        lr_decay_iters: steps,
    };
    let config = AdamWConfig {
        beta1: f.params()["betas"][0].as_f64().unwrap(),
        beta2: f.params()["betas"][1].as_f64().unwrap(),
        eps: f.param("eps"),
        weight_decay: f.param("weight_decay"),
        decay_vectors: variant == "all",
    };
    let mut optimizer = AdamW::new(config, &params);
    let mut tape = Tape::new();
    let (mut losses, mut norms, mut rates) = (vec![], vec![], vec![]);
    for step in 0..=steps {
        tape.gradients.clear();
        let mut g = Graph::new(&mut tape, &params);
        let input = Input { attention_mask: Some(&mask), ..Input::new(&ids, batch_size) };
        let forward = model.forward(&mut g, &input);
        let loss = g.cross_entropy(forward.logits, &labels);
        g.backward(loss);
        losses.push(g.value(loss)[0]);
        if step < steps {
            norms.push(clip_grad_norm(&mut tape.gradients, f.param("max_grad_norm")) as f32);
            rates.push(schedule.rate(step) as f32);
            optimizer.step(&mut params, &tape.gradients, schedule.rate(step));
        }
    }
    f.check("lr", &rates);
    f.check(&format!("{variant}.loss"), &losses[..steps]);
    f.check(&format!("{variant}.final_loss"), &losses[steps..]);
    if f.has(&format!("{variant}.grad_norm")) {
        f.check(&format!("{variant}.grad_norm"), &norms);
    }
    for id in params.ids() {
        let name = format!("{variant}.param.{}", params.name(id));
        if f.has(&name) {
            f.check(&name, params.value(id));
        }
    }
}
