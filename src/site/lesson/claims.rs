//! Numbers in the prose that an experiment gave, so that no sentence about the miniature is typed by hand.
//!
//! An author links a number to a measure, or words to how two measures compare:
//!
//! ```markdown
//! PPO gains [1.2](claim:rlhf.gain) standard deviations, [more than](claim:rlhf.gain>preference-methods.dpo) DPO.
//! ```
//!
//! The compiler puts in what was recorded, with as many decimals as were typed, and per cent where the text says so. What
//! was recorded stands in `claims.jsonl` beside the lesson, as `pretune claims --json` writes it. Start with [`Citations`].

use super::blocks::Located;
use super::html::escape;
use super::nearest::suggestion;
use super::render::plain_text;
use super::source::Findings;
use crate::error::{Error, Result};
use pulldown_cmark::{Event, Tag};
use serde::Deserialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// What a link's address begins with that cites an experiment.
pub const SCHEME: &str = "claim:";
/// Where results are recorded, in the lesson's folder.
pub const FILE: &str = "claims.jsonl";
const RECORD: &str = "`pretune claims --json > claims.jsonl` in the lesson's folder records them";
const FORMS: &str = "claim:EXPERIMENT.MEASURE under a number, or claim:EXPERIMENT.MEASURE>EXPERIMENT.MEASURE (or <, or a \
                     number on the right) under words";

/// What the experiments gave, by their names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claims(BTreeMap<String, Outcome>);

/// What one experiment gave: a line of `claims.jsonl`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Outcome {
    pub name: String,
    pub claim: String,
    /// Of all seeds together, where they were recorded.
    pub seconds: f64,
    pub seeds: Vec<u64>,
    pub measures: Vec<Measure>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Measure {
    pub name: String,
    pub meaning: String,
    pub mean: f64,
    pub spread: f64,
    /// By seed.
    pub values: Vec<f64>,
}

impl Claims {
    /// Reads recorded results; `path` is only used in messages.
    ///
    /// # Errors
    ///
    /// If a line is not what `pretune claims --json` writes.
    pub fn read(path: &str, text: &str) -> Result<Self> {
        let mut outcomes = BTreeMap::new();
        for (i, line) in text.lines().enumerate() {
            let outcome: Outcome = serde_json::from_str(line)
                .map_err(|e| Error::input(format!("{path}:{}", i + 1), e, RECORD))?;
            outcomes.insert(outcome.name.clone(), outcome);
        }
        Ok(Self(outcomes))
    }

    /// The measure that is written `EXPERIMENT.MEASURE`.
    fn find(&self, written: &str) -> std::result::Result<(&Outcome, &Measure), String> {
        if self.0.is_empty() {
            return Err(format!("no results are recorded; {RECORD}"));
        }
        let (experiment, measure) = written.split_once('.').ok_or_else(|| FORMS.to_owned())?;
        let outcome = self.0.get(experiment).ok_or_else(|| {
            let known = self.0.keys().map(String::as_str);
            let hint = suggestion(experiment, known.clone());
            format!("{hint}experiments are {}", known.collect::<Vec<_>>().join(", "))
        })?;
        let names = outcome.measures.iter().map(|measure| measure.name.as_str());
        let found = outcome.measures.iter().find(|other| other.name == measure).ok_or_else(|| {
            let hint = suggestion(measure, names.clone());
            format!("{hint}measures of {experiment} are {}", names.collect::<Vec<_>>().join(", "))
        })?;
        Ok((outcome, found))
    }
}

/// All that a lesson cites.
#[derive(Debug, Default)]
pub struct Citations<'a>(BTreeMap<usize, Citation<'a>>);

/// A number or some words that an experiment stands for.
#[derive(Debug)]
struct Citation<'a> {
    outcome: &'a Outcome,
    measure: &'a Measure,
    /// What the reader reads.
    text: String,
    /// Where what was typed says something else than what was recorded: what to do.
    disagreement: Option<String>,
}

impl<'a> Citations<'a> {
    /// Finds the links to experiments among the events of a lesson. What cannot be resolved is a finding.
    pub fn find(events: &[Located], claims: &'a Claims, findings: &mut Findings) -> Self {
        let mut all = BTreeMap::new();
        for (i, (event, range)) in events.iter().enumerate() {
            let Event::Start(Tag::Link { dest_url, .. }) = event else { continue };
            let Some(cited) = dest_url.strip_prefix(SCHEME) else { continue };
            let inside = events[i..].iter().position(|(e, _)| matches!(e, Event::End(_)));
            let typed = plain_text(&events[i..i + inside.unwrap_or(0)]);
            match resolve(cited, &typed, claims) {
                Ok(citation) => _ = all.insert(range.start, citation),
                Err(allowed) => findings.add(range.start, format!("[{typed}]({dest_url})"), allowed),
            }
        }
        Self(all)
    }

    /// Adds a finding for each sentence that says something else than what was recorded.
    pub fn disagreements(&self, findings: &mut Findings) {
        for (offset, Citation { outcome, measure, disagreement, .. }) in &self.0 {
            if let Some(wanted) = disagreement {
                let given = format!("the text disagrees with {}.{}", outcome.name, measure.name);
                findings.add(*offset, given, wanted);
            }
        }
    }

    /// The markup of the citation at an offset: text, with all that is needed to run the experiment again.
    pub fn html(&self, offset: usize) -> Option<String> {
        let Citation { outcome, measure, text, .. } = self.0.get(&offset)?;
        let position = outcome.measures.iter().position(|other| other.name == measure.name)?;
        let values: Vec<String> = measure.values.iter().map(f64::to_string).collect();
        let seeds: Vec<String> = outcome.seeds.iter().map(u64::to_string).collect();
        let seconds = outcome.seconds / outcome.seeds.len().max(1) as f64;
        Some(format!(
            "<pretune-claim experiment=\"{}\" measure=\"{}\" position=\"{position}\" claim=\"{}\" meaning=\"{}\" \
             seeds=\"{}\" values=\"{}\" seconds=\"{seconds:.0}\">{}</pretune-claim>",
            escape(&outcome.name),
            escape(&measure.name),
            escape(&outcome.claim),
            escape(&measure.meaning),
            seeds.join(" "),
            values.join(" "),
            escape(text),
        ))
    }
}

fn resolve<'a>(cited: &str, typed: &str, claims: &'a Claims) -> std::result::Result<Citation<'a>, String> {
    if let Some((left, right)) = cited.split_once(['<', '>']) {
        let (outcome, measure) = claims.find(left)?;
        let other = match right.parse::<f64>() {
            Ok(number) => number,
            Err(_) => claims.find(right)?.1.mean,
        };
        let wanted = if cited.contains('<') { Ordering::Less } else { Ordering::Greater };
        let is_true = measure.mean.partial_cmp(&other) == Some(wanted);
        let disagreement =
            (!is_true).then(|| format!("recorded are {} on the left and {other} on the right", measure.mean));
        return Ok(Citation { outcome, measure, text: typed.to_owned(), disagreement });
    }
    let (outcome, measure) = claims.find(cited)?;
    let text = fill(typed, measure.mean).ok_or_else(|| FORMS.to_owned())?;
    let disagreement = (text != typed).then(|| format!("write {text:?}"));
    Ok(Citation { outcome, measure, text, disagreement })
}

/// The first number of a text replaced by `value`, with as many decimals; times a hundred if "%" follows it.
fn fill(typed: &str, value: f64) -> Option<String> {
    let start = typed.find(|c: char| c.is_ascii_digit())?;
    let is_number = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    let length = typed[start..].find(|c| !is_number(c)).unwrap_or(typed.len() - start);
    let number = typed[start..start + length].trim_end_matches(['.', ',']);
    let after = &typed[start + number.len()..];
    let before = typed[..start].trim_end_matches(['+', '-', '\u{2212}']);
    let sign = &typed[before.len()..start];

    let is_percent = after.trim_start_matches([' ', '\u{a0}', '\u{202f}']).starts_with('%');
    let value = if is_percent { value * 100.0 } else { value };
    let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let digits = format!("{:.decimals$}", value.abs());
    let is_zero = digits.chars().all(|c| matches!(c, '0' | '.'));
    let sign = match sign {
        _ if value < 0.0 && !is_zero => "\u{2212}",
        "+" => "+",
        _ => "",
    };
    Some(format!("{before}{sign}{}{after}", grouped(&digits, number.contains(','))))
}

/// With a comma before every three digits of the whole part, if that is how it was typed.
fn grouped(digits: &str, is_grouped: bool) -> String {
    if !is_grouped {
        return digits.to_owned();
    }
    let (whole, decimals) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out + decimals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_filled_in_as_it_was_typed() {
        let fill = |typed, value| fill(typed, value).expect("there is a number");
        assert_eq!(fill("97 %", 0.9712), "97 %");
        assert_eq!(fill("about 0.0 nats", 1.234), "about 1.2 nats");
        assert_eq!(fill("+0.00", 0.066), "+0.07");
        assert_eq!(fill("+0.0", -1.5), "\u{2212}1.5");
        assert_eq!(fill("\u{2212}1", 2.0), "2");
        assert_eq!(fill("-0.1", -0.04), "0.0");
        assert_eq!(fill("9 times.", 38.6), "39 times.");
        assert_eq!(fill("1,000", 1234567.0), "1,234,567");
        assert_eq!(fill("3.", 4.0), "4.");
        assert_eq!(super::fill("many", 1.0), None);
    }
}
