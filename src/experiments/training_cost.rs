//! Six operations for each parameter and token explain what a training run takes, as far as it was published what was
//! read, and where.

use super::cost::{BLOOM, BLOOM_FOOTPRINT, BUDGETS, TABLE, Training};
use super::lab::base_flops;
use super::{Bar, Experiment, Lab, Measure};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "training-cost",
    claim: "Six times parameters times tokens gives the device-hours of GPT-3, and at least half of those of PaLM and \
            BLOOM. Rows of the table that count a text once which was read many times do not fit.",
    measures: &[
        Measure {
            name: "gpt-3-hours",
            meaning: "device-hours of GPT-3 by the formula over those of the table",
            bar: Bar::Within(0.9, 1.1),
        },
        Measure {
            name: "gpt-3-published",
            meaning: "the same over those published",
            bar: Bar::Within(0.9, 1.1),
        },
        Measure {
            name: "palm-published",
            meaning: "device-hours of PaLM over those published, in which downtime is counted",
            bar: Bar::Within(0.5, 1.1),
        },
        Measure {
            name: "bloom-published",
            meaning: "device-hours of BLOOM over those published, in which downtime is counted",
            bar: Bar::Within(0.5, 1.1),
        },
        Measure::report("palm-hours", "device-hours of PaLM by the formula over those of the table"),
        Measure::report("bert-hours", "the same of BERT-Base, for the text once"),
        Measure::report("bert-hours-read", "the same for the 128 billion tokens that it read"),
        Measure::report("bert-published", "these hours over the published ones, of an unnamed TPU"),
        Measure::report("gpt-2-hours", "the same of GPT-2 over those of the table, for the text once"),
        Measure::report("palm-utilization", "share of the peak that the published hours of PaLM imply"),
        Measure::report("bloom-utilization", "the same of BLOOM"),
        Measure::report(
            "gpt-3-dollars-low",
            "million dollars of GPT-3 at the lowest price; the table has 4 to 12",
        ),
        Measure::report("gpt-3-dollars-high", "the same at the highest price"),
        Measure::report(
            "palm-dollars-low",
            "million dollars of PaLM at the lowest price; the table has 10 to 20",
        ),
        Measure::report("palm-dollars-high", "the same at the highest price"),
        Measure::report("tab-flop", "operations of the base that ships, in units of 10¹²"),
        Measure::report("gpt-3-over-tab", "operations of GPT-3 over those, in units of 10⁹"),
        Measure::report("grant-pays", "rows of five that a Starting Grant of 1.5 million euros pays for"),
    ],
    run,
};

fn run(_: &Lab) -> Vec<f64> {
    let [bert, gpt_2, gpt_3, palm, _] = &TABLE;
    let known = |value: Option<f64>| value.expect("the table has it");
    let run = |training: Option<Training>| training.expect("the table has it");
    let (gpt_3_run, palm_run) = (run(gpt_3.training()), run(palm.training()));
    let [gpt_3_dollars, palm_dollars] =
        [gpt_3_run, palm_run].map(|training| training.dollars().map(|dollars| dollars / 1e6));
    let tab_flops = base_flops();
    vec![
        known(gpt_3.hours_ratio()),
        known(gpt_3.published_ratio()),
        known(palm.published_ratio()),
        BLOOM.device_hours() / BLOOM_FOOTPRINT.device_hours,
        known(palm.hours_ratio()),
        known(bert.hours_ratio()),
        run(bert.training_as_read()).device_hours() / known(bert.hours),
        known(bert.published_ratio()),
        known(gpt_2.hours_ratio()),
        palm_run.implied_utilization(known(palm.published_hours)),
        BLOOM.implied_utilization(BLOOM_FOOTPRINT.device_hours),
        gpt_3_dollars[0],
        gpt_3_dollars[1],
        palm_dollars[0],
        palm_dollars[1],
        tab_flops / 1e12,
        gpt_3_run.flops() / tab_flops / 1e9,
        BUDGETS[1].pays_for().count() as f64,
    ]
}
