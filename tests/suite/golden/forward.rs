//! The model itself: outputs, gradients, greedy generation.

use pretune::nn::{CausalLm, Input, Sampling, Stop, generate};
use pretune::rng::Rng;
use pretune::tensor::{AttentionMask, Graph, Params, Tape, Var};

use super::{Fixture, read};

/// `transformers.GPT2LMHeadModel(output_hidden_states=True, output_attentions=True)`
#[test]
fn golden_gpt2_forward() {
    for f in Fixture::all("gpt2_forward") {
        let (model, params) = f.model();
        let mut tape = Tape::new();
        let values =
            |g: &Graph, vars: &[Var]| vars.iter().flat_map(|&v| g.value(v).to_vec()).collect::<Vec<_>>();

        let ids = f.ids("input_ids");
        let mut g = Graph::inference(&mut tape, &params);
        let forward = model.forward(&mut g, &Input::new(&ids, f.shape("input_ids")[0]));
        f.check("logits", g.value(forward.logits));
        f.check("hidden_states", &values(&g, &forward.hidden_states));
        f.check("attentions", &values(&g, &forward.attentions));

        let (ids, mask) = (f.ids("padded.input_ids"), f.flags("padded.attention_mask"));
        let mut g = Graph::inference(&mut tape, &params);
        let input = Input { attention_mask: Some(&mask), ..Input::new(&ids, f.shape("padded.input_ids")[0]) };
        let forward = model.forward(&mut g, &input);
        f.check("padded.logits", &without_padding(g.value(forward.logits), &mask));

        let ids = f.ids("full_length.input_ids");
        let mut g = Graph::inference(&mut tape, &params);
        let forward = model.forward(&mut g, &Input::new(&ids, 1));
        let n = model.config.vocab_size;
        f.check("full_length.logits_last", g.value(forward.logits).rchunks_exact(n).next().unwrap());
    }
}

/// The same model with labels, and `loss.backward()`.
#[test]
fn golden_gpt2_grad() {
    for f in Fixture::all("gpt2_grad") {
        let (model, params) = f.model();
        let (ids, mask) = (f.ids("input_ids"), f.flags("attention_mask"));
        let batch_size = f.shape("input_ids")[0];
        let labels = shifted(&f.labels("labels"), batch_size);
        let mut tape = Tape::new();
        let mut g = Graph::new(&mut tape, &params);
        let input = Input { attention_mask: Some(&mask), ..Input::new(&ids, batch_size) };
        let forward = model.forward(&mut g, &input);
        let loss = g.cross_entropy(forward.logits, &labels);
        g.backward(loss);
        f.check("loss", g.value(loss));
        check_gradients(&f, &params, &tape);
    }
}

/// Bidirectional attention, labels where the tokens are.
#[test]
fn golden_mlm() {
    for f in Fixture::all("mlm") {
        let (model, params) = f.model();
        let (ids, mask) = (f.ids("input_ids"), f.flags("attention_mask"));
        let batch_size = f.shape("input_ids")[0];
        let mut tape = Tape::new();
        let mut g = Graph::new(&mut tape, &params);
        let input = Input {
            mask: Some(AttentionMask::Full),
            attention_mask: Some(&mask),
            ..Input::new(&ids, batch_size)
        };
        let forward = model.forward(&mut g, &input);
        let loss = g.cross_entropy(forward.logits, &f.labels("labels"));
        g.backward(loss);
        f.check("logits", &without_padding(g.value(forward.logits), &mask));
        f.check("loss", g.value(loss));
        let (t, n_head) = (ids.len() / batch_size, model.config.n_head);
        let queries: Vec<bool> = mask.chunks(t).flat_map(|row| row.repeat(n_head)).collect();
        f.check("attentions_layer0", &without_padding(g.value(forward.attentions[0]), &queries));
        check_gradients(&f, &params, &tape);
    }
}

/// `model.generate(do_sample=False)`
#[test]
fn golden_generation() {
    for f in Fixture::all("generation") {
        let (model, params) = f.model();
        let file: serde_json::Value =
            serde_json::from_str(&read(&f.folder, "generation.json")).expect("JSON");
        let ids = |v: &serde_json::Value| -> Vec<u32> {
            v.as_array().expect("a list").iter().map(|x| x.as_u64().expect("an id") as u32).collect()
        };
        for prompt in file["prompts"].as_array().expect("a list") {
            let expected = ids(&prompt["new"]);
            let stop = Stop { max_new_tokens: expected.len(), eos_token_id: None };
            let (sampling, mut tape, mut rng) = (Sampling::greedy(), Tape::new(), Rng::new(0));
            let new = generate(
                CausalLm::new(&model, &params),
                &mut tape,
                &ids(&prompt["prompt"]),
                &sampling,
                stop,
                &mut rng,
            );
            assert_eq!(new, expected, "{}: prompt {}", f.folder.display(), prompt["prompt"]);
        }
    }
}

fn check_gradients(f: &Fixture, params: &Params, tape: &Tape) {
    let mut squares = 0.0;
    for id in params.ids() {
        let grad = tape.gradients.get(id).expect("every tensor is reached");
        squares += grad.iter().map(|&g| f64::from(g) * f64::from(g)).sum::<f64>();
        f.check(&format!("grad.{}", params.name(id)), grad);
    }
    if f.has("grad_norm") {
        f.check("grad_norm", &[squares.sqrt() as f32]);
    }
}

/// Rows of padding set to 0, as the fixtures have them.
pub fn without_padding(values: &[f32], keep: &[bool]) -> Vec<f32> {
    let width = values.len() / keep.len();
    values.iter().enumerate().map(|(i, &x)| if keep[i / width] { x } else { 0.0 }).collect()
}

/// Labels moved by one, as Hugging Face does inside the loss.
pub fn shifted(labels: &[Option<u32>], batch_size: usize) -> Vec<Option<u32>> {
    let rows = labels.chunks(labels.len() / batch_size);
    rows.flat_map(|row| row[1..].iter().copied().chain([None])).collect()
}
