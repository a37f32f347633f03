//! Units of work, for whoever holds a clock.

use wasm_bindgen::prelude::*;

use super::{throw, write};
use crate::bench::{self, Case};
use crate::json::{ToJson, Value};

/// Units of work to time: [`bench::cases`].
#[wasm_bindgen]
pub struct Bench {
    cases: Vec<Case>,
    loss: f32,
}

#[wasm_bindgen]
impl Bench {
    /// The cases of `probe`, `micro` or `mini`.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str) -> std::result::Result<Bench, JsValue> {
        Ok(Self { cases: bench::cases(config).map_err(throw)?, loss: 0.0 })
    }

    /// Each case as `{name, kind, flops, tokens}`.
    pub fn cases(&self) -> JsValue {
        let case = |Case { name, kind, flops, tokens, .. }: &Case| {
            Value::object(vec![
                ("name", name.to_json()),
                ("kind", kind.name().into()),
                ("flops", flops.to_json()),
                ("tokens", tokens.to_json()),
            ])
        };
        write(&Value::List(self.cases.iter().map(case).collect()))
    }

    /// Does a case once.
    pub fn run(&mut self, i: usize) {
        self.loss = self.cases[i].run();
    }

    /// What the last case computed: the loss, for a step.
    pub fn loss(&self) -> f32 {
        self.loss
    }
}
