//! What a model is shown, and what it is asked for.

use pretune::data::objectives::{span_corruption, spans_noise_mask, targets_reference_code};
use serde_json::Value;

use super::{Fixture, read};

/// `noise_span_to_unique_sentinel` and `nonnoise_span_to_unique_sentinel` in `t5/data/preprocessors.py`
#[test]
fn golden_span_corruption() {
    for f in Fixture::all("span_corruption") {
        let file: Value = serde_json::from_str(&read(&f.folder, "span_corruption.json")).expect("JSON");
        let id = |name: &str| file[name].as_u64().expect("an id") as u32;
        let (first_sentinel, eos) = (id("first_sentinel"), id("eos"));
        let cases = file["cases"].as_array().expect("cases");
        assert!(!cases.is_empty());
        for case in cases {
            let ids = |name: &str| -> Vec<u32> { serde_json::from_value(case[name].clone()).expect("ids") };
            let spans: Vec<[usize; 2]> = serde_json::from_value(case["spans"].clone()).expect("spans");
            let spans: Vec<_> = spans.into_iter().map(|[start, length]| start..start + length).collect();
            let tokens = ids("tokens");
            let noise_mask = spans_noise_mask(tokens.len(), &spans);

            let pair = span_corruption(&tokens, &noise_mask, first_sentinel, eos);
            let label = format!("{} of {}", case["name"], f.folder.display());
            assert_eq!(pair, (ids("inputs"), ids("targets")), "{label}");

            let name = "targets_reference_code";
            let expected = (!case[name].is_null()).then(|| ids(name));
            let targets = targets_reference_code(&tokens, &noise_mask, first_sentinel, eos);
            assert_eq!(targets, expected, "{label}");
        }
    }
}
