//! What the page shows, and how its chart is drawn.

use plotters::prelude::DrawingBackend;

use super::{Asked, BASE, N_TASKS, ONE, STEPS, Score, TAG, TextToTextFigure};
use crate::data::world::{N_KNOWN_WORDINGS, N_WORDINGS, Part, Task};
use crate::error::{Error, Result};
use crate::experiments::mean;
use crate::json::{Value, fields, fixed};
use crate::plot::{Area, Bars, Row, Theme, bars};
use crate::widgets::Attributes;
use crate::widgets::attributes::Warning;
use crate::widgets::base::grouped;

const NAMES: [&str; N_TASKS] = ["Translate", "Judge", "Answer", "Summarize"];
/// Wordings of a task that are offered: T5's prefix, one that is learned from, and two that are not.
const OFFERED: [usize; 4] = [0, 5, N_KNOWN_WORDINGS, N_WORDINGS - 1];

/// Everything on screen.
pub struct Frame {
    warnings: Vec<Warning>,
    config: Attributes,
    step: usize,
    steps: usize,
    loss: Option<f32>,
    /// The model that is trained: the base, the one for all tasks, one for each.
    learning: Option<usize>,
    /// Weights of a model.
    parameters: usize,
    tasks: Vec<TaskShown>,
    asked: Vec<AskedShown>,
    fingerprint: Option<String>,
    summary: String,
}

fields!(write Frame: warnings, config, step, steps, loss, learning, parameters, tasks, asked, fingerprint, summary);

struct TaskShown {
    /// Some of its wordings; the last two were never seen.
    wordings: Vec<String>,
    texts: Vec<String>,
    n_test: [usize; 2],
    /// Share of held-out texts that the one model does rightly, and the task's own: in wordings it has learned from, and in
    /// others.
    one: [Option<f64>; 2],
    apart: [Option<f64>; 2],
}

fields!(write TaskShown: wordings, texts, n_test, one, apart);

struct AskedShown {
    wording: String,
    text: String,
    /// Whether models have learned from this wording.
    seen: bool,
    base: Option<String>,
    one: Option<String>,
    /// Where there is one right answer.
    expected: Option<String>,
}

fields!(write AskedShown: wording, text, seen, base, one, expected);

impl TextToTextFigure {
    /// What is on screen now.
    pub(super) fn show(&self) -> Frame {
        let mut config = Attributes::new();
        config.insert("steps".to_owned(), self.steps.to_string());
        config.insert("seed".to_owned(), self.seed.to_string());
        let learning = self.next();
        let tuned = self.slots[ONE..].iter().filter(|slot| slot.trained().is_some()).count();
        let live = self.live.as_ref().map_or(0, |live| live.step);
        let share = |task: usize, group: usize| {
            let of = |part: usize| {
                let Score { right, done } = self.scores[group][task][part];
                (done == self.tests[task][part].len()).then(|| right as f64 / done as f64)
            };
            [of(0), of(1)]
        };
        let task = |i: usize| TaskShown {
            wordings: OFFERED.map(|wording| Task::ALL[i].wordings()[wording].trim().to_owned()).into(),
            texts: self.texts[i].iter().map(|text| text.text.trim().to_owned()).collect(),
            n_test: [0, 1].map(|part| self.tests[i][part].len()),
            one: share(i, 0),
            apart: share(i, 1),
        };
        let tasks: Vec<TaskShown> = (0..N_TASKS).map(task).collect();
        let is_done = learning.is_none() && tasks[N_TASKS - 1].apart[1].is_some();
        let one = self.slots[ONE].trained();
        let mut frame = Frame {
            warnings: self.warnings.clone(),
            config,
            step: self.slots[BASE].step(self.steps) + STEPS * tuned + live,
            steps: self.steps + STEPS * (1 + N_TASKS),
            loss: self.loss,
            learning,
            parameters: self.setting.base.params.n_params(),
            tasks,
            asked: self.asked.iter().map(|asked| self.shown(asked)).collect(),
            fingerprint: one.filter(|_| is_done).map(|params| params.fingerprint()),
            summary: String::new(),
        };
        frame.summary = summary(&frame);
        frame
    }

    fn shown(&self, Asked { wording, text, base, one }: &Asked) -> AskedShown {
        let asks = |task: &Task| task.wordings().iter().position(|known| known.trim() == wording);
        let found = (0..N_TASKS).find_map(|i| Some((i, asks(&Task::ALL[i])?)));
        let expected = found.and_then(|(i, _)| {
            let questions = [Part::Known, Part::HeldOut].map(|part| self.setting.world.questions(part));
            let questions = questions.iter().flat_map(|part| part.iter());
            let is_question = Task::ALL[i] == Task::Question;
            let mut all = self.texts[i].iter().chain(questions.filter(|_| is_question));
            all.find(|known| known.text.trim() == text).map(|known| known.answer.trim().to_owned())
        });
        AskedShown {
            wording: wording.clone(),
            text: text.clone(),
            seen: found.is_some_and(|(_, wording)| wording < N_KNOWN_WORDINGS),
            base: base.clone(),
            one: one.clone(),
            expected,
        }
    }
}

/// A sentence or two of what is on screen.
fn summary(frame: &Frame) -> String {
    let percent = |share: f64| format!("{} %", fixed(100.0 * share, 0));
    let of = |part: usize, is_one: bool| {
        let shares: Option<Vec<f64>> =
            frame.tasks.iter().map(|task| if is_one { task.one } else { task.apart }[part]).collect();
        shares.map(|shares| percent(mean(&shares)))
    };
    let (Some(known), Some(unseen)) = (of(0, true), of(1, true)) else {
        return match frame.learning {
            Some(BASE) if frame.step == 0 => "No model has read anything yet.".to_owned(),
            Some(BASE) => "The base reads a text in which nobody asks for anything.".to_owned(),
            _ => "The base has read; it learns to do what it is asked.".to_owned(),
        };
    };
    let mut text = format!(
        "One model with {} weights does {known} of what it is asked in four tasks, and {unseen} in wordings that it has never \
         seen",
        grouped(frame.parameters)
    );
    if let (Some(known), Some(unseen)) = (of(0, false), of(1, false)) {
        let weights = grouped(N_TASKS * frame.parameters);
        text += &format!("; four separate ones with {weights} together do {known}, and {unseen}");
    }
    text + "."
}

/// Draws `tasks`, which needs the frame's `tasks`.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    if chart != "tasks" {
        return Err(Error::input(TAG, format!("no chart {chart:?}"), "tasks"));
    }
    let tasks = frame["tasks"].as_array().filter(|tasks| tasks.len() == N_TASKS);
    let tasks = tasks.ok_or_else(|| Error::input(TAG, "not a frame", "a frame of this widget"))?;
    let share =
        |task: &Value, group: &str, part: usize| task[group][part].as_f64().map(|share| 100.0 * share as f32);
    let mut rows = Vec::new();
    for (i, task) in tasks.iter().enumerate() {
        for (part, name) in [NAMES[i], "… in new words"].into_iter().enumerate() {
            rows.push(Row { name, first: share(task, "one", part), second: share(task, "apart", part) });
        }
    }
    let chart = Bars {
        title: "done rightly, %",
        names: ["one model", "four separate"],
        is_signed: false,
        rows: &rows,
    };
    bars(area, &chart, theme)
}
