//! What changes a frozen model: LoRA, adapters, prefix and prompt tuning.

use pretune::nn::{Gpt2, Input, Linear, Tuner};
use pretune::peft::{
    Activation, Bottleneck, BottleneckConfig, Lora, LoraConfig, PrefixInit, PrefixTuning, PromptInit,
    PromptTuning, train_only,
};
use pretune::rng::Rng;
use pretune::tensor::{Graph, Params, Tape};

use super::forward::{shifted, without_padding};
use super::{Fixture, fixture};

/// Loss, logits and gradients of a tuned model, with `n_virtual` tokens before each row of the logits.
fn pass(
    f: &Fixture,
    model: &Gpt2,
    params: &Params,
    tuner: &dyn Tuner,
    n_virtual: usize,
) -> (f32, Vec<f32>, Tape) {
    let (ids, mask) = (f.ids("input_ids"), f.flags("attention_mask"));
    let batch_size = f.shape("input_ids")[0];
    let t = ids.len() / batch_size;
    let labels = f.labels("labels");
    let mut tape = Tape::new();
    let mut g = Graph::new(&mut tape, params);
    let input = Input { attention_mask: Some(&mask), tuner: Some(tuner), ..Input::new(&ids, batch_size) };
    let forward = model.forward(&mut g, &input);
    // Behind virtual tokens the first label counts, too.
    let labels: Vec<Option<u32>> = if n_virtual == 0 {
        shifted(&labels, batch_size)
    } else {
        let row = |row: &[Option<u32>]| [&vec![None; n_virtual - 1], row, &[None]].concat();
        labels.chunks(t).flat_map(row).collect()
    };
    let loss = g.cross_entropy(forward.logits, &labels);
    g.backward(loss);
    let keep: Vec<bool> = mask.chunks(t).flat_map(|row| [&vec![true; n_virtual], row].concat()).collect();
    (g.value(loss)[0], without_padding(g.value(forward.logits), &keep), tape)
}

/// `peft.LoraConfig(fan_in_fan_out=True)`, `merge_and_unload()`
#[test]
fn golden_lora() {
    for f in Fixture::all("lora") {
        let (model, mut params) = f.model();
        let targets = f.params()["targets"].as_array().expect("a list");
        let config = LoraConfig {
            r: f.param("r") as usize,
            lora_alpha: f.param("alpha") as f32,
            lora_dropout: 0.0,
            target_modules: targets.iter().map(|t| t.as_str().expect("a name").to_owned()).collect(),
        };
        let lora = lora(&f, config, &model, &mut params);
        train_only(&mut params, &lora.tensors());
        let (loss, logits, tape) = pass(&f, &model, &params, &lora, 0);
        f.check("logits", &logits);
        f.check("loss", &[loss]);
        for id in lora.tensors() {
            let name = params.name(id).replace(".default", "").replace("base_model.model.", "");
            f.check(&format!("grad.{name}"), tape.gradients.get(id).expect("it is trained"));
        }
        let before = params.fingerprint();
        let unmerged = lora.merge(&model, &mut params);
        for layer in 0..model.config.n_layer {
            for module in Linear::ALL {
                let id = model.weight(layer, module);
                let name = format!("merged.{}", params.name(id));
                if f.has(&name) {
                    f.check(&name, params.value(id));
                }
            }
        }
        let none = LoraConfig { r: 0, ..LoraConfig::default() };
        let none = Lora::bind("none", none, &model, &params).expect("nothing is missing");
        let (_, logits, _) = pass(&f, &model, &params, &none, 0);
        f.check("merged_logits", &logits);
        Lora::unmerge(&mut params, unmerged);
        assert_eq!(params.fingerprint(), before, "unmerged, the model is what it was");
    }
}

/// The adapter of the fixture's folder, under the name that PEFT gives the first one.
pub fn lora(f: &Fixture, config: LoraConfig, model: &Gpt2, params: &mut Params) -> Lora {
    for (name, (shape, values)) in fixture::floats(&f.folder.join("lora/adapter_model.safetensors")) {
        params.add_values(&name.replace(".weight", ".default.weight"), &shape, &values);
    }
    Lora::bind("default", config, model, params).expect("all tensors are there")
}

/// `peft.PrefixTuningConfig(prefix_projection=False)`
#[test]
fn golden_prefix_tuning() {
    for f in Fixture::all("prefix_tuning") {
        let (model, mut params) = f.model();
        let n = f.param("virtual_tokens") as usize;
        let prefix =
            PrefixTuning::init("default", n, PrefixInit::Random(1.0), &model, &mut params, &mut Rng::new(0));
        let [id] = prefix.tensors()[..] else { panic!("one tensor") };
        fill(&f, "prefix_tuning", &mut params, id);
        train_only(&mut params, &[id]);
        let (loss, logits, tape) = pass(&f, &model, &params, &prefix, 0);
        f.check("logits", &logits);
        f.check("loss", &[loss]);
        f.check("grad.prompt_embeddings", tape.gradients.get(id).expect("it is trained"));
    }
}

/// `peft.PromptTuningConfig`
#[test]
fn golden_prompt_tuning() {
    for f in Fixture::all("prompt_tuning") {
        let (model, mut params) = f.model();
        let n = f.param("virtual_tokens") as usize;
        let prompt =
            PromptTuning::init("default", n, PromptInit::Random(1.0), &model, &mut params, &mut Rng::new(0));
        let [id] = prompt.tensors()[..] else { panic!("one tensor") };
        fill(&f, "prompt_tuning", &mut params, id);
        train_only(&mut params, &[id]);
        let (loss, logits, tape) = pass(&f, &model, &params, &prompt, n);
        f.check("logits", &logits);
        f.check("loss", &[loss]);
        f.check("grad.prompt_embeddings", tape.gradients.get(id).expect("it is trained"));
    }
}

/// The one tensor of a folder of virtual tokens.
fn fill(f: &Fixture, folder: &str, params: &mut Params, id: pretune::tensor::ParamId) {
    let tensors = fixture::floats(&f.folder.join(folder).join("adapter_model.safetensors"));
    params.value_mut(id).copy_from_slice(&tensors["prompt_embeddings"].1);
}

/// Houlsby et al. 2019, section 2, in plain torch: `h + W_up act(W_down h + b_down) + b_up`
#[test]
fn golden_adapter() {
    for f in Fixture::all("adapter") {
        for (variant, activation, folder) in [
            ("gelu_new", Activation::GeluNew, "param"),
            ("relu", Activation::Relu, "param"),
            ("near_identity", Activation::GeluNew, "near_identity.param"),
        ] {
            let (model, mut params) = f.model();
            let base = params.ids().collect::<Vec<_>>();
            let config = BottleneckConfig {
                bottleneck_dim: f.param("bottleneck") as usize,
                activation,
                init_std: f.param("init_std") as f32,
            };
            let adapters = Bottleneck::init("a", config, &model, &mut params, &mut Rng::new(0));
            let tensor = |params: &Params, id| params.name(id).trim_start_matches("adapters.a.").to_owned();
            for id in adapters.tensors() {
                let values = f.floats(&format!("{folder}.{}", tensor(&params, id)));
                params.value_mut(id).copy_from_slice(values);
            }
            let norms = base.into_iter().filter(|&id| params.name(id).contains(".ln_")).collect::<Vec<_>>();
            train_only(&mut params, &[adapters.tensors(), norms.clone()].concat());
            let (loss, logits, tape) = pass(&f, &model, &params, &adapters, 0);
            f.check(&format!("{variant}.logits"), &logits);
            if variant == "near_identity" {
                continue;
            }
            f.check(&format!("{variant}.loss"), &[loss]);
            for id in adapters.tensors().into_iter().chain(norms) {
                let name = format!("{variant}.grad.{}", tensor(&params, id));
                f.check(&name, tape.gradients.get(id).expect("it is trained"));
            }
        }
    }
}
