//! What a marker may name, and which tag, if any, is placed there.
//!
//! A lesson's markers are a promise to authors: a name that was accepted once stays. A component
//! whose widget does not exist yet is set as a figure around the author's own table, text or code.

use super::nearest::nearest;
use crate::train::{OptionInfo, Options};
use crate::widgets::attributes::FromAttributes;
use crate::widgets::{
    bias_probe, data_mixture, finetuning_types, forgetting, guardrails, lora_rank, memorization, objectives,
    peft_methods, rlhf_game, scaling, scratch_vs_transfer, sentiment, text_to_text, training_cost,
    transfer_depth,
};
use std::fmt;

/// The first word of a marker: what the block after it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Example,
    Table,
    Diagram,
    Checklist,
    /// The only kind without a name.
    Summary,
}

/// One name that a marker may carry.
#[derive(Debug, PartialEq)]
pub struct Component {
    pub kind: Kind,
    /// Empty for the summary.
    pub name: &'static str,
    /// The element that is placed around the block.
    pub tag: &'static str,
}

/// Every component, in the order of the two-stage story.
pub const COMPONENTS: [Component; 13] = [
    component(Kind::Example, "next-token", "pretune-next-token"),
    component(Kind::Example, "traditional-vs-transfer", "pretune-scratch-vs-transfer"),
    component(Kind::Table, "pretraining-objectives", "pretune-objectives"),
    component(Kind::Example, "pretraining-corpus", "pretune-data-mixture"),
    component(Kind::Table, "pretraining-cost", "pretune-training-cost"),
    component(Kind::Table, "finetuning-types", "pretune-finetuning-types"),
    component(Kind::Example, "sft-process", "pretune-sentiment"),
    component(Kind::Diagram, "rlhf-process", "pretune-rlhf-game"),
    component(Kind::Table, "peft-methods", "pretune-peft-methods"),
    component(Kind::Checklist, "transfer-depth", "pretune-transfer-depth"),
    component(Kind::Example, "catastrophic-forgetting", "pretune-forgetting"),
    component(Kind::Table, "forgetting-mitigation", "pretune-forgetting"),
    component(Kind::Summary, "", "pretune-summary"),
];

const fn component(kind: Kind, name: &'static str, tag: &'static str) -> Component {
    Component { kind, name, tag }
}

impl Component {
    /// The element to place, once it exists; until then the block is set as a figure.
    pub fn widget(&self) -> Option<&'static Widget> {
        // The second marker of the same demo is that demo's table, not a second demo.
        let is_first = COMPONENTS.iter().find(|c| c.tag == self.tag) == Some(self);
        WIDGETS.iter().find(|w| is_first && w.tag == self.tag)
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if self.name.is_empty() { Ok(()) } else { write!(f, ":{}", self.name) }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Example => "example",
            Kind::Table => "table",
            Kind::Diagram => "diagram",
            Kind::Checklist => "checklist",
            Kind::Summary => "summary",
        })
    }
}

/// The component that is written `KIND:NAME`.
///
/// # Errors
///
/// What to write instead: the nearest known name, or all of them.
pub fn find(written: &str) -> Result<&'static Component, String> {
    if let Some(component) = COMPONENTS.iter().find(|c| c.to_string() == written) {
        return Ok(component);
    }
    let known: Vec<String> = COMPONENTS.iter().map(Component::to_string).collect();
    // The right name under the wrong kind is nearer than any spelling.
    let name = written.split_once(':').map_or(written, |(_, name)| name);
    let near = COMPONENTS
        .iter()
        .filter(|c| !c.name.is_empty())
        .find(|c| nearest(name, [c.name]).is_some())
        .map(Component::to_string)
        .or_else(|| nearest(written, known.iter().map(String::as_str)).map(str::to_owned));
    Err(match near {
        Some(near) => format!("did you mean {near}?"),
        None => format!("known are {}", known.join(", ")),
    })
}

/// An element that an author may also write as a tag.
#[derive(Debug)]
pub struct Widget {
    pub tag: &'static str,
    /// The settings that it has beside [`COMMON_ATTRIBUTES`].
    options: &'static [OptionInfo],
    /// What an attribute allows, if a value is not allowed.
    reject: fn(&str, &str) -> Option<&'static str>,
}

/// The elements that exist.
pub static WIDGETS: [Widget; 18] = [
    Widget {
        tag: "pretune-bias-probe",
        options: bias_probe::Settings::ALL,
        reject: bias_probe::Settings::reject,
    },
    Widget { tag: "pretune-data-mixture", options: data_mixture::OPTIONS, reject: data_mixture::reject },
    Widget {
        tag: "pretune-finetuning-types",
        options: finetuning_types::OPTIONS,
        reject: finetuning_types::reject,
    },
    Widget { tag: "pretune-forgetting", options: forgetting::OPTIONS, reject: forgetting::reject },
    Widget {
        tag: "pretune-guardrails",
        options: guardrails::Settings::ALL,
        reject: guardrails::Settings::reject,
    },
    Widget {
        tag: "pretune-lora-rank",
        options: lora_rank::Settings::ALL,
        reject: lora_rank::Settings::reject,
    },
    Widget {
        tag: "pretune-memorization",
        options: memorization::Settings::ALL,
        reject: memorization::Settings::reject,
    },
    Widget { tag: "pretune-next-token", options: Options::ALL, reject: reject_option },
    Widget { tag: "pretune-peft-methods", options: peft_methods::OPTIONS, reject: peft_methods::reject },
    Widget { tag: "pretune-objectives", options: objectives::OPTIONS, reject: objectives::reject },
    Widget {
        tag: "pretune-rlhf-game",
        options: rlhf_game::Settings::ALL,
        reject: rlhf_game::Settings::reject,
    },
    Widget { tag: "pretune-scaling", options: scaling::OPTIONS, reject: scaling::reject },
    Widget {
        tag: "pretune-scratch-vs-transfer",
        options: scratch_vs_transfer::OPTIONS,
        reject: scratch_vs_transfer::reject,
    },
    Widget { tag: "pretune-sentiment", options: sentiment::OPTIONS, reject: sentiment::reject },
    Widget { tag: "pretune-summary", options: &[], reject: |_, _| None },
    Widget { tag: "pretune-text-to-text", options: text_to_text::OPTIONS, reject: text_to_text::reject },
    Widget {
        tag: "pretune-training-cost",
        options: training_cost::Settings::ALL,
        reject: training_cost::Settings::reject,
    },
    Widget {
        tag: "pretune-transfer-depth",
        options: transfer_depth::OPTIONS,
        reject: transfer_depth::reject,
    },
];

/// Attributes of every widget.
pub const COMMON_ATTRIBUTES: [&str; 9] =
    ["seed", "model", "corpus", "steps", "autoplay", "hide", "loading", "lang", "theme"];

impl Widget {
    /// All attributes that the element reads.
    pub fn attributes(&self) -> impl Iterator<Item = &'static str> {
        let own = self.options.iter().map(|o| o.name).filter(|name| !COMMON_ATTRIBUTES.contains(name));
        COMMON_ATTRIBUTES.into_iter().chain(own)
    }

    /// What an attribute allows, if `value` is not allowed.
    pub fn reject(&self, attribute: &str, value: &str) -> Option<&'static str> {
        (self.reject)(attribute, value)
    }
}

fn reject_option(attribute: &str, value: &str) -> Option<&'static str> {
    // `steps` is what every widget calls it, `max-iters` what a run does.
    let name = if attribute == "steps" { "max-iters" } else { attribute };
    let option = Options::ALL.iter().find(|o| o.name == name)?;
    Options::default().set(name, value).is_err().then_some(option.allowed)
}

/// The widget of a tag, if it exists.
pub fn widget(tag: &str) -> Option<&'static Widget> {
    WIDGETS.iter().find(|w| w.tag == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered() {
        assert_eq!(find("table:peft-methods").map(|c| c.tag), Ok("pretune-peft-methods"));
        assert_eq!(find("summary").map(|c| c.kind), Ok(Kind::Summary));
        assert_eq!(find("table:peft-method").unwrap_err(), "did you mean table:peft-methods?");
        assert_eq!(find("table:rlhf-process").unwrap_err(), "did you mean diagram:rlhf-process?");
        assert_eq!(find("sumary").unwrap_err(), "did you mean summary?");
        assert!(find("example:weather").unwrap_err().starts_with("known are example:next-token, "));
    }

    #[test]
    fn each_widget_is_placed_by_one_component_or_written_as_a_tag() {
        let placed =
            |tag: &str| COMPONENTS.iter().filter(|c| c.widget().is_some_and(|w| w.tag == tag)).count();
        for Widget { tag, .. } in &WIDGETS {
            let has_marker = COMPONENTS.iter().any(|c| c.tag == *tag);
            assert_eq!(placed(tag), usize::from(has_marker), "{tag}");
        }
    }

    #[test]
    fn a_widgets_own_attributes_are_checked_by_what_it_allows() {
        let reject = |tag, name, value| widget(tag).expect("it exists").reject(name, value);
        assert_eq!(reject("pretune-lora-rank", "task", "known"), None);
        assert_eq!(reject("pretune-lora-rank", "task", "cooking"), Some("known or new"));
        assert_eq!(reject("pretune-next-token", "steps", "0"), Some("a number from 1 to 100000"));
    }
}
