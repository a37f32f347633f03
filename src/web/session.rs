//! A demo, for whoever runs it: the worker, or a page that may have none.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{read, throw, write};
use crate::error::Error;
use crate::json;
use crate::widgets::{self, Attributes, Files, Progress, Widget};

/// One widget's state machine.
#[wasm_bindgen]
pub struct Session {
    widget: Box<dyn Widget>,
}

#[wasm_bindgen]
impl Session {
    /// The widget of a tag: `attributes` are the tag's, raw, by their names; `model` is a checkpoint to begin with.
    #[wasm_bindgen(constructor)]
    pub fn new(
        tag: &str,
        attributes: JsValue,
        model: Option<Vec<u8>>,
    ) -> std::result::Result<Session, JsValue> {
        let attributes: Attributes = read(&attributes).and_then(|a| json::from_json(&a)).map_err(throw)?;
        let widget = widgets::open(tag, &attributes, model.as_deref()).map_err(throw)?;
        Ok(Self { widget })
    }

    /// Does what the reader asked for.
    pub fn command(&mut self, command: JsValue) -> std::result::Result<(), JsValue> {
        read(&command).and_then(|command| self.widget.command(&command)).map_err(throw)
    }

    /// One unit of learning. Gives 0 if there is nothing left to learn, 1 after a part of a step, 2 after a step.
    pub fn step(&mut self) -> u32 {
        code(self.widget.step())
    }

    /// Floating-point operations of a step of training.
    pub fn flops(&self) -> f64 {
        self.widget.flops()
    }

    /// Parts of the next step, if workers can share it; else 0.
    pub fn shards(&self) -> usize {
        self.widget.shards()
    }

    /// Adds one shard of the next step to the sum.
    pub fn shard(&mut self, i: usize) {
        let (run, corpus) = self.widget.run();
        if !run.is_under_way() {
            run.begin(corpus);
        }
        run.shard(i);
    }

    /// A part of [`Session::shard`] that is short enough to stop after it; `true` when the shard is complete.
    pub fn pass(&mut self, i: usize) -> bool {
        let (run, corpus) = self.widget.run();
        if !run.is_under_way() {
            run.begin(corpus);
        }
        run.pass(i)
    }

    /// Length of [`Session::partial`]'s buffer.
    #[wasm_bindgen(js_name = partialLength)]
    pub fn partial_length(&mut self) -> usize {
        self.widget.run().0.params.n_trained() + 1
    }

    /// Copies the sum over the shards that were computed here.
    pub fn partial(&mut self, to: &mut [f32]) {
        self.widget.run().0.partial(to);
    }

    /// Adds the sum over the next `n` shards, which were computed elsewhere.
    pub fn merge(&mut self, n: usize, from: &[f32]) {
        self.widget.run().0.merge(n, from);
    }

    /// Completes a step, all of whose shards are in the sum. Gives what [`Session::step`] gives.
    pub fn finish(&mut self) -> u32 {
        code(self.widget.finish())
    }

    /// Length of [`Session::weights`]' buffer.
    #[wasm_bindgen(js_name = weightsLength)]
    pub fn weights_length(&mut self) -> usize {
        self.widget.run().0.params.n_trained()
    }

    /// Copies the trained weights.
    pub fn weights(&mut self, to: &mut [f32]) {
        self.widget.run().0.params.trained(to);
    }

    /// Completes a step whose weights were moved elsewhere.
    pub fn follow(&mut self, weights: &[f32]) {
        self.widget.run().0.follow(weights);
    }

    /// Everything that the page shows.
    pub fn frame(&mut self) -> JsValue {
        write(&self.widget.frame())
    }

    /// All that is needed to go on with the same bits.
    pub fn snapshot(&self) -> Vec<u8> {
        self.widget.snapshot()
    }

    /// Goes back to a snapshot.
    pub fn restore(&mut self, bytes: &[u8]) -> std::result::Result<(), JsValue> {
        self.widget.restore(bytes).map_err(throw)
    }

    /// The model as a Hugging Face folder: pairs of a name and bytes.
    pub fn files(&mut self) -> std::result::Result<Array, JsValue> {
        let files = self.widget.files().map_err(throw)?;
        let pair = |(name, bytes): (String, Vec<u8>)| {
            Array::of2(&name.into(), &Uint8Array::from(bytes.as_slice()).into())
        };
        Ok(files.into_iter().map(pair).collect())
    }

    /// Goes on with the model of such a folder.
    pub fn open(&mut self, files: Array) -> std::result::Result<(), JsValue> {
        let pair = |file: JsValue| {
            let pair = Array::from(&file);
            let name = pair.get(0).as_string()?;
            Some((name, pair.get(1).dyn_into::<Uint8Array>().ok()?.to_vec()))
        };
        let files: Option<Files> = files.iter().map(pair).collect();
        let files =
            files.ok_or_else(|| Error::input("open", "not a list of files", "pairs of a name and bytes"));
        files.and_then(|files| self.widget.open(&files)).map_err(throw)
    }
}

fn code(progress: Progress) -> u32 {
    match progress {
        Progress::Done => 0,
        Progress::Part => 1,
        Progress::Step => 2,
    }
}
