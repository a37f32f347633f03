//! The lesson's experiments, for a tab that wants to see for itself.

use wasm_bindgen::prelude::*;

use super::{throw, write};
use crate::error::Error;
use crate::experiments::{self, Experiment, Lab};
use crate::json::{ToJson, Value};

/// A lab with one seed. What several experiments begin with is made once.
#[wasm_bindgen]
pub struct Claims {
    lab: Lab,
}

#[wasm_bindgen]
impl Claims {
    /// An empty lab.
    #[wasm_bindgen(constructor)]
    pub fn new(seed: u32) -> Claims {
        Self { lab: Lab::new(seed.into()) }
    }

    /// What can be run: `{name, claim, measures: [{name, meaning}]}` each.
    pub fn all() -> JsValue {
        let measure = |measure: &experiments::Measure| {
            Value::object(vec![("name", measure.name.into()), ("meaning", measure.meaning.into())])
        };
        let experiment = |experiment: &&Experiment| {
            Value::object(vec![
                ("name", experiment.name.into()),
                ("claim", experiment.claim.into()),
                ("measures", Value::List(experiment.measures.iter().map(measure).collect())),
            ])
        };
        write(&Value::List(experiments::ALL.iter().map(experiment).collect()))
    }

    /// Runs an experiment to its end; one number for each measure, with the bits of `pretune claims`.
    pub fn run(&self, name: &str) -> std::result::Result<Vec<f64>, JsValue> {
        let experiment = experiments::ALL.iter().find(|experiment| experiment.name == name);
        let experiment = experiment.ok_or_else(|| {
            let names: Vec<&str> = experiments::ALL.iter().map(|experiment| experiment.name).collect();
            throw(Error::input("claims", name, format!("one of {}", names.join(", "))))
        })?;
        Ok((experiment.run)(&self.lab))
    }

    /// SHA-256 of the weights of the lab's base, to tell whether two labs begin with the same bits.
    pub fn fingerprint(&self) -> JsValue {
        write(&self.lab.base().params.fingerprint().to_json())
    }
}
