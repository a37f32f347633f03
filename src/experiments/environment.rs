//! Energy times what the grid burns for it: the grid decides what a training run means for the climate.

use super::cost::{
    BLOOM, BLOOM_FOOTPRINT, BLOOM_WHOLE_TONS, Footprint, GPT_3_FOOTPRINT, PALM_FOOTPRINT,
    TAB_FLOPS_PER_SECOND, TABLE, WORLD_GRAMS_PER_KWH, carbon_tons, tab_watt_hours,
};
use super::lab::base_flops;
use super::{Bar, Experiment, Lab, Measure};

/// Tons in the lesson's text.
const LESSON_GPT_3: f64 = 500.0;
const LESSON_BLOOM: f64 = 25.0;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "environment",
    claim: "From parameters and tokens to tons of carbon dioxide, the formulas give what was published of GPT-3; the same \
            work on the grid of BLOOM would have made less than a seventh of it.",
    measures: &[
        Measure {
            name: "gpt-3",
            meaning: "tons of GPT-3 from parameters, tokens, power and grid over those published",
            bar: Bar::Within(0.95, 1.05),
        },
        Measure {
            name: "gpt-3-energy",
            meaning: "kilowatt-hours of GPT-3 over those published",
            bar: Bar::Within(0.95, 1.05),
        },
        Measure {
            name: "bloom",
            meaning: "tons of BLOOM from device-hours, power and grid over those published",
            bar: Bar::Within(0.95, 1.05),
        },
        Measure {
            name: "bloom-energy",
            meaning: "kilowatt-hours of BLOOM over those published",
            bar: Bar::Within(0.95, 1.05),
        },
        Measure { name: "palm", meaning: "tons of PaLM, as of BLOOM", bar: Bar::Within(0.95, 1.05) },
        Measure::report("bloom-formula", "tons of BLOOM from parameters and tokens over those published"),
        Measure::report(
            "bloom-whole",
            "tons with the idle machine and its making over those of the GPUs' work",
        ),
        Measure::report("gpt-3-tons", "tons of GPT-3 by the formulas"),
        Measure::report("gpt-3-in-france", "the same on the grid of BLOOM"),
        Measure::report("lesson-gpt-3", "the lesson's tons of GPT-3 over those published"),
        Measure::report("lesson-bloom", "the lesson's tons of BLOOM over those published"),
        Measure::report("tab-watt-hours", "watt-hours of the base in a tab, at 15 watts and 15 GFLOP/s"),
        Measure::report("tab-grams", "grams of carbon dioxide of it, on the world's mean grid"),
    ],
    run,
};

fn run(_: &Lab) -> Vec<f64> {
    let gpt_3 = TABLE[2].training().expect("the table has it");
    let kilowatt_hours = gpt_3.kilowatt_hours(GPT_3_FOOTPRINT.pue);
    let tons = carbon_tons(kilowatt_hours, GPT_3_FOOTPRINT.grams_per_kwh);
    let tons_ratio =
        |footprint: &Footprint| footprint.tons_on(footprint.grams_per_kwh) / footprint.published_tons;
    let published_kwh = |footprint: &Footprint| footprint.published_kwh.expect("it was published");
    let bloom_kwh = BLOOM.kilowatt_hours(BLOOM_FOOTPRINT.pue);
    let watt_hours = tab_watt_hours(base_flops() / TAB_FLOPS_PER_SECOND);
    vec![
        tons / GPT_3_FOOTPRINT.published_tons,
        kilowatt_hours / published_kwh(&GPT_3_FOOTPRINT),
        tons_ratio(&BLOOM_FOOTPRINT),
        BLOOM_FOOTPRINT.kilowatt_hours() / published_kwh(&BLOOM_FOOTPRINT),
        tons_ratio(&PALM_FOOTPRINT),
        carbon_tons(bloom_kwh, BLOOM_FOOTPRINT.grams_per_kwh) / BLOOM_FOOTPRINT.published_tons,
        BLOOM_WHOLE_TONS / BLOOM_FOOTPRINT.published_tons,
        tons,
        carbon_tons(kilowatt_hours, BLOOM_FOOTPRINT.grams_per_kwh),
        LESSON_GPT_3 / GPT_3_FOOTPRINT.published_tons,
        LESSON_BLOOM / BLOOM_FOOTPRINT.published_tons,
        watt_hours,
        watt_hours * WORLD_GRAMS_PER_KWH / 1000.0,
    ]
}
