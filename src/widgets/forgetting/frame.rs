//! What the page shows, and how its chart is drawn.

use plotters::prelude::DrawingBackend;

use super::remedies::REPLAYED;
use super::{CAPITALS, Forgetting, LEARNED, Report, Trial, UNTOUCHED, moments};
use crate::error::{Error, Result};
use crate::experiments::forgetting::share;
use crate::json::{Value, fields};
use crate::plot::{Area, Theme, TradeOff, Tried, trade_off};
use crate::widgets::Attributes;
use crate::widgets::attributes::Warning;
use crate::widgets::base::{Origin, Said, ask, said};

/// Everything on screen.
pub struct Frame {
    /// Attributes that were not understood, and gave way to their defaults.
    pub warnings: Vec<Warning>,
    /// Where the base comes from.
    pub origin: Origin,
    /// Every setting by its attribute's name, as in force; `remedies` are those in hand.
    pub config: Attributes,
    /// Steps taken in all runs, and those of all runs together.
    pub step: usize,
    pub steps: usize,
    /// Loss of the run in hand, before its last step.
    pub loss: Option<f32>,
    /// Places of the slider of old text, and the share of a step's rows that each is.
    pub replayed: Vec<Replayed>,
    /// The run in hand, and the one under way.
    pub hand: usize,
    pub learning: Option<usize>,
    /// What the base knows.
    pub base: Counts,
    /// Questions of each kind.
    pub asked: Counts,
    /// Every run that was made or is to be made.
    pub runs: Vec<Made>,
    /// Steps after which the run in hand was asked for all tasks, as far as it has come.
    pub moments: Vec<usize>,
    /// How many answers were right then.
    pub tasks: Vec<Row>,
    /// Questions that are shown with their answers.
    pub probes: Vec<Probed>,
    pub before: Vec<Said>,
    /// The answers of the run in hand as far as it has come; nothing before it has begun.
    pub answers: Option<Vec<Said>>,
    /// SHA-256 of the weights of the run in hand, once all runs are finished.
    pub fingerprint: Option<String>,
    /// One plain sentence of what is on screen.
    pub summary: String,
}

fields!(write Frame: warnings, origin, config, step, steps, loss, replayed, hand, learning, base, asked, runs, moments, tasks, probes, before, answers, fingerprint, summary);

/// A place of the slider.
pub struct Replayed {
    pub rows: usize,
    pub share: f64,
}

fields!(write Replayed: rows, share);

/// Answers by kind: those that were trained, others of the domain, capitals.
#[derive(Clone, Copy)]
pub struct Counts {
    pub learned: usize,
    pub untouched: usize,
    pub kept: usize,
}

fields!(write Counts: learned, untouched, kept);

/// A run.
pub struct Made {
    /// Its remedies' names.
    pub remedies: String,
    pub done: bool,
    /// Steps taken, of how many.
    pub step: usize,
    pub steps: usize,
    /// Right answers at the end.
    pub right: Option<Counts>,
    /// By how much the loss on held-out text is above the base's, in nats per token, at the end.
    pub rise: Option<f64>,
}

fields!(write Made: remedies, done, step, steps, right, rise);

/// A task over the moments of a run.
pub struct Row {
    pub name: String,
    /// Its questions.
    pub n: usize,
    pub right: Vec<usize>,
}

fields!(write Row: name, n, right);

/// A question whose answer is shown.
pub struct Probed {
    /// Its task.
    pub task: String,
    pub prompt: String,
    /// The right answer.
    pub answer: String,
}

fields!(write Probed: task, prompt, answer);

impl Forgetting {
    /// What is on screen now.
    pub(super) fn show(&mut self) -> Frame {
        let trial = &self.trials[self.hand];
        let live = self.live.as_ref().filter(|live| live.trial == self.hand);
        let report = trial.report.as_ref();
        let right = report.map(|report| &report.right).or(live.map(|live| &live.right));
        let (mut tasks, mut n_columns) = (Vec::new(), 0);
        for (i, (name, questions, _)) in self.tasks.iter().enumerate() {
            let right = right.map_or_else(Vec::new, |rows| rows[i].clone());
            n_columns = right.len();
            tasks.push(Row { name: (*name).to_owned(), n: questions.len(), right });
        }
        // A moment is shown when all tasks were asked for.
        tasks.iter_mut().for_each(|row| row.right.truncate(n_columns));
        let mut steps = moments(self.recipe(trial).steps);
        steps.truncate(n_columns);
        let answers = match (report, live) {
            (Some(report), _) => Some(said(&self.base.tokenizer, &report.answers)),
            (_, Some(live)) if live.step > 0 => {
                let answers = ask(live.run.lm(&self.base), &mut self.tape, &self.probed);
                Some(said(&self.base.tokenizer, &answers))
            }
            _ => None,
        };
        let mut config = Attributes::new();
        config.insert("remedies".to_owned(), trial.remedies.label());
        config.insert("seed".to_owned(), self.settings.seed.to_string());
        config.insert("steps".to_owned(), self.settings.steps.to_string());
        let runs: Vec<Made> = (0..self.trials.len()).map(|i| self.made(i)).collect();
        let replayed = |rows: &usize| Replayed { rows: *rows, share: share(*rows, &self.medicine) };
        let asked: Vec<usize> = self.tasks.iter().map(|(_, questions, _)| questions.len()).collect();
        let is_done = self.trials.iter().all(|trial| trial.report.is_some());
        let probed = |(task, question): &(usize, crate::data::world::Question)| Probed {
            task: self.tasks[*task].0.to_owned(),
            prompt: question.prompt.trim().to_owned(),
            answer: question.answer.trim().to_owned(),
        };
        Frame {
            warnings: self.warnings.clone(),
            origin: self.origin,
            config,
            step: runs.iter().map(|run| run.step).sum(),
            steps: runs.iter().map(|run| run.steps).sum(),
            loss: report.map(|report| report.loss).or(live.and_then(|live| live.loss)),
            replayed: REPLAYED.iter().map(replayed).collect(),
            hand: self.hand,
            learning: self.live.as_ref().map(|live| live.trial),
            base: counts(&self.before.1),
            asked: counts(&asked),
            summary: self.summary(&runs),
            runs,
            moments: steps,
            tasks,
            probes: self.probes.iter().map(probed).collect(),
            before: said(&self.base.tokenizer, &self.before.0),
            answers,
            fingerprint: report.filter(|_| is_done).map(|report| report.fingerprint.clone()),
        }
    }

    fn made(&self, i: usize) -> Made {
        let Trial { remedies, report } = &self.trials[i];
        let steps = remedies.recipe(self.settings.steps).steps;
        let live = self.live.as_ref().filter(|live| live.trial == i);
        Made {
            remedies: remedies.label(),
            done: report.is_some(),
            step: if report.is_some() { steps } else { live.map_or(0, |live| live.step) },
            steps,
            right: report.as_ref().map(at_the_end),
            rise: report.as_ref().zip(self.held_out).map(|(report, base)| report.held_out - base),
        }
    }

    /// One sentence of what is on screen.
    fn summary(&self, runs: &[Made]) -> String {
        let [learned, n_kept] = [LEARNED, CAPITALS[0]].map(|task| self.tasks[task].1.len());
        let n_kept = n_kept + self.tasks[CAPITALS[1]].1.len();
        let before = counts(&self.before.1);
        let trial = &self.trials[self.hand];
        let percent = |n: usize| libm::round(100.0 * share(n, &self.medicine)) as usize;
        let name = trial.remedies.sentence(percent(trial.remedies.n_replayed));
        let Some(report) = &trial.report else {
            return format!(
                "The model knows {} of {n_kept} answers about capitals and {} of {learned} about medicine. Not fine-tuned \
                 yet: {name}.",
                before.kept, before.learned
            );
        };
        let Counts { learned: new, kept, .. } = at_the_end(report);
        let paris = said(&self.base.tokenizer, &report.answers).swap_remove(0);
        let mut text = format!(
            "Fine-tuned on medicine with {name}, it answers {new} of {learned} new questions and knows {kept} of the \
             {} capitals that it knew; it says the capital of France is {}.",
            before.kept, paris.text
        );
        // What it is to be compared with: the same without remedies, or the best that was tried.
        let plain = runs.iter().find(|run| run.remedies == "none" && run.remedies != trial.remedies.label());
        if let Some(right) = plain.and_then(|run| run.right) {
            text.push_str(&format!(" Without any remedy it knew {}.", right.kept));
        } else if let Some((best, right)) = best(runs) {
            let remedies = &self.trials[best].remedies;
            text.push_str(&format!(
                " With {} it knew {}.",
                remedies.sentence(percent(remedies.n_replayed)),
                right.kept
            ));
        }
        text
    }
}

/// The run that kept most of those that learned most.
fn best(runs: &[Made]) -> Option<(usize, Counts)> {
    let mut best: Option<(usize, Counts)> = None;
    for (i, run) in runs.iter().enumerate().filter(|(_, run)| run.remedies != "none") {
        let Some(right) = run.right else { continue };
        if best.is_none_or(|(_, b)| (right.learned, right.kept) > (b.learned, b.kept)) {
            best = Some((i, right));
        }
    }
    best
}

fn at_the_end(report: &Report) -> Counts {
    let last: Vec<usize> = report.right.iter().map(|row| *row.last().unwrap_or(&0)).collect();
    counts(&last)
}

fn counts(right: &[usize]) -> Counts {
    let kept = CAPITALS.iter().map(|task| right[*task]).sum();
    Counts { learned: right[LEARNED], untouched: right[UNTOUCHED], kept }
}

/// Draws `runs`, which needs the frame's `runs`, `hand`, `base` and `asked`.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    let wrong = |given| Error::input("pretune-forgetting", given, "the chart runs of a frame of this widget");
    if chart != "runs" {
        return Err(wrong("no such chart"));
    }
    let asked = &frame["asked"];
    let share = |right: &Value, kind: &str| {
        Some(100.0 * (right[kind].as_f64()? / asked[kind].as_f64()?.max(1.0)) as f32)
    };
    let tried = |right: &Value| {
        Some(Tried {
            kept: share(right, "kept")?,
            learned: share(right, "learned")?,
            rest: share(right, "untouched")?,
        })
    };
    let runs = frame["runs"].as_array().zip(tried(&frame["base"]));
    let (runs, start) = runs.ok_or_else(|| wrong("not a frame"))?;
    let points: Vec<Option<Tried>> = runs.iter().map(|run| tried(&run["right"])).collect();
    let selected = frame["hand"].as_u64().unwrap_or(0) as usize;
    trade_off(area, &TradeOff { points: &points, selected, start }, theme)
}
