//! The crate as JavaScript sees it, in three modules: with the feature `worker` it is [`Session`], which trains; with
//! `page` it is [`draw`]; with `claims` it is [`Claims`], the experiments. What neither reaches is not in the file that readers download.
//!
//! The only place that knows wasm-bindgen. Everything crosses as plain data; errors are thrown as
//! `{code, message, action}`. Start with [`Session`].

#[cfg(feature = "worker")]
mod bench;
#[cfg(feature = "page")]
mod charts;
#[cfg(feature = "claims")]
mod claims;
#[cfg(feature = "worker")]
mod session;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::Error;
use crate::json::Value;

#[cfg(feature = "worker")]
pub use bench::Bench;
#[cfg(feature = "page")]
pub use charts::draw;
#[cfg(feature = "claims")]
pub use claims::Claims;
#[cfg(feature = "worker")]
pub use session::Session;

/// A value from JavaScript. Goes through JSON: the browser's writer and our reader are there anyway, serde-wasm-bindgen's reader is not.
#[cfg(any(feature = "page", feature = "worker"))]
fn read(value: &JsValue) -> crate::error::Result<Value> {
    let text = js_sys::JSON::stringify(value).ok().and_then(|text| text.as_string());
    crate::json::parse(&text.ok_or_else(|| Error::input("", "a value without a JSON form", "plain data"))?)
}

fn write(value: &Value) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    // Not `expect`, which could print whatever JavaScript throws, and with that floats: 5 KB of a module.
    let Ok(value) = value.serialize(&serializer) else { panic!("plain data has no JavaScript form") };
    value
}

fn throw(error: Error) -> JsValue {
    let code = if error.is_input() { "input" } else { "environment" };
    let message = error.to_string();
    let fields = [("code", code), ("message", &message), ("action", "")];
    write(&Value::object(fields.map(|(name, text)| (name, text.into())).to_vec()))
}
