//! What the page shows, and how its chart is drawn.

use plotters::prelude::DrawingBackend;

use super::{DataMixture, ENCYCLOPEDIA, FRENCH, Found, Helpings, N, TAG, Trial};
use crate::error::{Error, Result};
use crate::json::{Value, fields, fixed};
use crate::plot::{Area, Bars, Row, Theme, bars};
use crate::widgets::Attributes;
use crate::widgets::attributes::Warning;
use crate::widgets::base::Said;

/// Facts that are shown with their answers.
const SHOWN: [(usize, usize); 2] = [(ENCYCLOPEDIA, 3), (FRENCH, 2)];
const NAMES: [&str; N] = ["Crawl", "Links", "Books", "Encyclopedia", "French"];

/// Everything on screen. Losses in nats per token.
pub struct Frame {
    warnings: Vec<Warning>,
    config: Attributes,
    step: usize,
    steps: usize,
    loss: Option<f32>,
    /// The mixture that is trained on next, or was last.
    mix: Helpings,
    /// What no model can beat on each voice.
    floors: [f64; N],
    /// The run before, and the last one.
    runs: Vec<Run>,
    /// What texts can begin with.
    starts: Vec<String>,
    facts: Vec<Asked>,
    fingerprint: Option<String>,
    summary: String,
}

fields!(write Frame: warnings, config, step, steps, loss, mix, floors, runs, starts, facts, fingerprint, summary);

struct Run {
    mix: Helpings,
    /// Of the text, from 0 to 1.
    shares: [f64; N],
    done: bool,
    losses: Vec<f64>,
    said: Vec<String>,
    /// Facts of the encyclopedia that it knows, and of the second language.
    knows: Vec<Known>,
}

fields!(write Run: mix, shares, done, losses, said, knows);

struct Known {
    right: usize,
    n: usize,
}

fields!(write Known: right, n);

struct Asked {
    question: String,
    expected: String,
    said: Vec<Option<Said>>,
}

fields!(write Asked: question, expected, said);

fn shares(mix: &Helpings) -> [f64; N] {
    let total = mix.iter().sum::<usize>() as f64;
    mix.map(|helping| helping as f64 / total)
}

impl DataMixture {
    /// What is on screen now.
    pub(super) fn show(&self) -> Frame {
        let mut config = Attributes::new();
        config.insert("mix".to_owned(), self.settings.mix.map(|helping| helping.to_string()).join(" "));
        config.insert("seed".to_owned(), self.settings.seed.to_string());
        config.insert("steps".to_owned(), self.settings.steps.to_string());
        let done = self.trials.iter().filter(|trial| trial.found.is_some()).count();
        let step = self.live.as_ref().map_or(0, |live| live.run.pretrainer.step);
        let of_live = self.live.as_ref().map(|live| live.loss).filter(|loss| loss.is_finite());
        let last = self.trials[1].found.as_ref();
        let mut frame = Frame {
            warnings: self.warnings.clone(),
            config,
            step: done * self.settings.steps + step,
            steps: self.trials.len() * self.settings.steps,
            loss: of_live.or(last.map(|found| found.loss)),
            mix: self.settings.mix,
            floors: self.floors,
            runs: self.trials.iter().map(|trial| self.run(trial)).collect(),
            starts: self.starts.iter().map(|ids| self.mixture.vocabulary.decode(&ids[1..])).collect(),
            facts: SHOWN.into_iter().flat_map(|(voice, n)| self.facts_of(voice).take(n)).collect(),
            fingerprint: last.filter(|_| done == 2).map(|found| found.fingerprint.clone()),
            summary: String::new(),
        };
        frame.summary = self.summary(&frame);
        frame
    }

    fn run(&self, Trial { mix, found }: &Trial) -> Run {
        let knows = |voice| {
            let answers = self.facts.iter().zip(&found.as_ref()?.answers);
            let of_voice = || answers.clone().filter(|(fact, _)| fact.voice == voice);
            let right = of_voice().filter(|(_, answer)| answer.is_right).count();
            Some(Known { right, n: of_voice().count() })
        };
        Run {
            mix: *mix,
            shares: shares(mix),
            done: found.is_some(),
            losses: found.as_ref().map_or_else(Vec::new, |found| found.losses.clone()),
            said: found.as_ref().map_or_else(Vec::new, |found| found.said.clone()),
            knows: [ENCYCLOPEDIA, FRENCH].into_iter().filter_map(knows).collect(),
        }
    }

    fn facts_of(&self, voice: usize) -> impl Iterator<Item = Asked> {
        let of_voice = self.facts.iter().enumerate().filter(move |(_, fact)| fact.voice == voice);
        of_voice.map(|(i, fact)| {
            let said = |trial: &Trial| {
                let answer = trial.found.as_ref()?.answers[i];
                let text = self.mixture.vocabulary.decode(&[answer.id]).trim().to_owned();
                Some(Said { text, p: answer.p, right: answer.is_right })
            };
            Asked {
                question: fact.question.trim().to_owned(),
                expected: fact.answer.trim().to_owned(),
                said: self.trials.iter().map(said).collect(),
            }
        })
    }

    /// One sentence or two of what is on screen.
    fn summary(&self, frame: &Frame) -> String {
        let percent = |share: f64| format!("{} %", fixed(100.0 * share, 0));
        let [before, last] = &self.trials;
        let [Some(was), Some(is)] = [&before.found, &last.found] else {
            return match &before.found {
                None => "No model has read anything yet.".to_owned(),
                Some(_) => "One model has been trained; the next one reads another mixture.".to_owned(),
            };
        };
        let change = |voice: &usize| (is.losses[*voice] - was.losses[*voice]).abs();
        let most = (0..N).max_by(|a, b| change(a).total_cmp(&change(b))).expect("there are voices");
        let of = |found: &Found| fixed(found.losses[most], 2);
        let [from, to] = [before, last].map(|trial| percent(shares(&trial.mix)[most]));
        let verb = if is.losses[most] > was.losses[most] { "rose" } else { "fell" };
        let knows = |run: usize, i: usize| frame.runs[run].knows[i].right;
        format!(
            "{} went from {from} of the text to {to}, and the loss on it {verb} from {} to {} (at best: {}). Of {} facts the \
             model knows {}, before: {}; of {} in French {}, before: {}.",
            NAMES[most],
            of(was),
            of(is),
            fixed(self.floors[most], 2),
            frame.runs[1].knows[0].n,
            knows(1, 0),
            knows(0, 0),
            frame.runs[1].knows[1].n,
            knows(1, 1),
            knows(0, 1),
        )
    }
}

/// Draws `losses`, which needs the frame's `floors`, and of its `runs` the `losses`.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    if chart != "losses" {
        return Err(Error::input(TAG, format!("no chart {chart:?}"), "losses"));
    }
    let floors = frame["floors"].as_array().filter(|floors| floors.len() == N);
    let floors = floors.ok_or_else(|| Error::input(TAG, "not a frame", "a frame of this widget"))?;
    let over = |run: usize, i: usize| {
        let loss = frame["runs"][run]["losses"][i].as_f64()?;
        // A held-out part is small enough to be guessed a little better than the best on average.
        Some((loss - floors[i].as_f64()?).max(0.0) as f32)
    };
    // The only run there is, is the last one.
    let (before, last) =
        if frame["runs"][1]["done"].as_bool() == Some(true) { (0, 1) } else { (usize::MAX, 0) };
    let row = |i: usize| Row {
        name: NAMES[i],
        first: over(last, i),
        second: if before == 0 { over(before, i) } else { None },
    };
    let rows: [Row; N] = std::array::from_fn(row);
    let chart = Bars {
        title: "loss above the best possible, nats per token",
        names: ["this mixture", "the one before"],
        is_signed: false,
        rows: &rows,
    };
    bars(area, &chart, theme)
}
