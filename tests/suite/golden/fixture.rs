//! Reading a fixture folder, and judging results by its manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pretune::nn::{Gpt2, Gpt2Config};
use pretune::tensor::Params;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

use super::{folders, read};

/// The cases that have a test.
const TESTED: [&str; 17] = [
    "gpt2_forward",
    "gpt2_grad",
    "adamw",
    "mlm",
    "lora",
    "prefix_tuning",
    "prompt_tuning",
    "adapter",
    "reward",
    "ppo",
    "dpo",
    "ewc",
    "infonce",
    "span_corruption",
    "sampling",
    "tokenizer",
    "generation",
];

/// One case of a fixture folder.
pub struct Fixture {
    pub folder: PathBuf,
    case: String,
    manifest: Value,
    tensors: BTreeMap<String, (Vec<usize>, Data)>,
}

enum Data {
    Floats(Vec<f32>),
    Ids(Vec<i64>),
}

impl Fixture {
    /// The case of each folder that has it.
    pub fn all(case: &str) -> Vec<Self> {
        folders().into_iter().filter_map(|folder| Self::open(folder, case)).collect()
    }

    fn open(folder: PathBuf, case: &str) -> Option<Self> {
        let manifest: Value = serde_json::from_str(&read(&folder, "manifest.json")).expect("JSON");
        let tested = manifest["cases"][case].is_object();
        println!("{} {case} of {}", if tested { "testing" } else { "skipping" }, folder.display());
        let file = folder.join(format!("{case}.safetensors"));
        let tensors = if file.exists() { tensors(&file) } else { BTreeMap::new() };
        tested.then(|| Self { folder, case: case.to_owned(), manifest, tensors })
    }

    /// A number among the case's `params`.
    pub fn param(&self, name: &str) -> f64 {
        let params = &self.manifest["cases"][&self.case]["params"];
        params[name].as_f64().unwrap_or_else(|| panic!("{}: no param {name}", self.case))
    }

    /// The case's `params`, as they stand.
    pub fn params(&self) -> &Value {
        &self.manifest["cases"][&self.case]["params"]
    }

    /// What the manifest says of a method's hyperparameters.
    pub fn hyperparameters(&self, method: &str) -> &Value {
        &self.manifest["hyperparameters"][method]
    }

    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    pub fn shape(&self, name: &str) -> &[usize] {
        &self.tensors.get(name).unwrap_or_else(|| panic!("no tensor {name}")).0
    }

    pub fn floats(&self, name: &str) -> &[f32] {
        match &self.tensors[name].1 {
            Data::Floats(values) => values,
            Data::Ids(_) => panic!("{name} holds ids"),
        }
    }

    pub fn ids(&self, name: &str) -> Vec<u32> {
        match &self.tensors[name].1 {
            Data::Ids(values) => values.iter().map(|&x| x as u32).collect(),
            Data::Floats(_) => panic!("{name} holds floats"),
        }
    }

    pub fn flags(&self, name: &str) -> Vec<bool> {
        self.ids(name).iter().map(|&x| x != 0).collect()
    }

    /// Labels; −100 is `None`.
    pub fn labels(&self, name: &str) -> Vec<Option<u32>> {
        match &self.tensors[name].1 {
            Data::Ids(values) => values.iter().map(|&x| u32::try_from(x).ok()).collect(),
            Data::Floats(_) => panic!("{name} holds floats"),
        }
    }

    /// The model that the cases are about.
    pub fn model(&self) -> (Gpt2, Params) {
        let config: Value = serde_json::from_str(&read(&self.folder, "model/config.json")).expect("JSON");
        let size = |key: &str| config[key].as_u64().expect("a size") as usize;
        let config = Gpt2Config {
            vocab_size: size("vocab_size"),
            n_positions: size("n_positions"),
            n_embd: size("n_embd"),
            n_layer: size("n_layer"),
            n_head: size("n_head"),
            n_inner: config["n_inner"].as_u64().map(|n| n as usize),
            layer_norm_epsilon: config["layer_norm_epsilon"].as_f64().expect("a number") as f32,
            ..Gpt2Config::default()
        };
        let mut params = Params::new();
        for (name, (shape, data)) in tensors(&self.folder.join("model/model.safetensors")) {
            let Data::Floats(values) = data else { panic!("{name} holds ids") };
            let mut values = values.into_iter();
            params.add(&name, &shape, || values.next().expect("one value an element"));
        }
        (Gpt2::bind(config, &params).expect("a GPT-2"), params)
    }

    /// Holds `values` against a tensor, with the manifest's bounds.
    pub fn check(&self, name: &str, values: &[f32]) {
        let expected = self.floats(name);
        let bounds = &self.manifest["cases"][&self.case]["files"][format!("{}.safetensors", self.case)][name];
        let label = format!("{} {name} of {}", self.case, self.folder.display());
        assert_eq!(values.len(), expected.len(), "{label}: number of elements");
        let max_abs = bounds["max_abs"].as_f64().unwrap_or_else(|| panic!("{label}: no bound"));
        let ignored = |i: usize| {
            let ranges = bounds["ignore"].as_array().into_iter().flatten();
            ranges
                .into_iter()
                .any(|r| r[0].as_u64().unwrap() <= i as u64 && (i as u64) < r[1].as_u64().unwrap())
        };
        let (mut worst, mut sum, mut count) = (0.0_f64, 0.0, 0);
        for (i, (&x, &y)) in values.iter().zip(expected).enumerate().filter(|(i, _)| !ignored(*i)) {
            let error = if x == y { 0.0 } else { (f64::from(x) - f64::from(y)).abs() };
            assert!(error <= max_abs, "{label}, element {i}: {x}, expected {y} ± {max_abs:e}");
            worst = worst.max(error);
            sum += error;
            count += 1;
        }
        if let Some(mean_abs) = bounds["mean_abs"].as_f64() {
            let mean = sum / f64::from(count.max(1));
            assert!(mean <= mean_abs, "{label}: mean error {mean:e}, accepted {mean_abs:e}");
        }
        println!("{label}: {:.1} % of the bound", 100.0 * worst / max_abs.max(f64::MIN_POSITIVE));
    }
}

/// The tensors of a file that has no ids.
pub fn floats(file: &Path) -> BTreeMap<String, (Vec<usize>, Vec<f32>)> {
    let float = |(name, (shape, data)): (String, (Vec<usize>, Data))| match data {
        Data::Floats(values) => (name, (shape, values)),
        Data::Ids(_) => panic!("{name} holds ids"),
    };
    tensors(file).into_iter().map(float).collect()
}

fn tensors(file: &Path) -> BTreeMap<String, (Vec<usize>, Data)> {
    let bytes = std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let read = |(name, view): (String, safetensors::tensor::TensorView)| {
        let data = match view.dtype() {
            Dtype::F32 => {
                Data::Floats(view.data().as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect())
            }
            Dtype::I64 => {
                Data::Ids(view.data().as_chunks().0.iter().map(|&b| i64::from_le_bytes(b)).collect())
            }
            other => panic!("{name}: {other:?}"),
        };
        (name, (view.shape().to_vec(), data))
    };
    tensors.tensors().into_iter().map(read).collect()
}

#[test]
fn every_golden_case_has_a_test() {
    for folder in folders() {
        let manifest: Value = serde_json::from_str(&read(&folder, "manifest.json")).expect("JSON");
        let cases = manifest["cases"].as_object().expect("cases");
        let of_folder: Vec<&str> = cases.keys().map(String::as_str).collect();
        let mut tested = TESTED;
        tested.sort_unstable();
        assert_eq!(of_folder, tested, "{}", folder.display());
    }
}
