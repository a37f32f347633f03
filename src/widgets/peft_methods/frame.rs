//! What the page shows, and how its chart is drawn.

use plotters::prelude::DrawingBackend;

use super::{PeftMethods, Task, Way, places};
use crate::error::{Error, Result};
use crate::json::{Value, fields, fixed};
use crate::nn::CausalLm;
use crate::plot::{Area, Pareto, Priced, Theme, pareto};
use crate::widgets::Attributes;
use crate::widgets::attributes::Warning;
use crate::widgets::base::{Origin, Said, ask, grouped, said};

/// Everything on screen.
pub struct Frame {
    /// Attributes that were not understood, and gave way to their defaults.
    pub warnings: Vec<Warning>,
    /// Where the base comes from.
    pub origin: Origin,
    /// Every setting by its attribute's name, as in force.
    pub config: Attributes,
    /// Steps taken in all runs, of how many.
    pub step: usize,
    pub steps: usize,
    /// Loss of the run under way, before its last step.
    pub loss: Option<f32>,
    /// Weights of the base.
    pub n_params: usize,
    /// Questions that scores are over, by task, and what the base answers of them.
    pub asked: [usize; 2],
    pub right: [usize; 2],
    /// Capitals, and what the base knows of them.
    pub n_capitals: usize,
    pub kept: usize,
    pub methods: Vec<Method>,
    /// First of the one task, then of the other, in the order of the methods.
    pub runs: Vec<Made>,
    /// The run under way.
    pub learning: Option<usize>,
    /// The task in hand, and what is on, by its place among the methods.
    pub task: Task,
    pub on: Option<usize>,
    /// Questions that are shown, and what the base answers.
    pub probes: Vec<Probed>,
    pub before: Vec<Said>,
    /// What it answers with what is on, once that is trained.
    pub answers: Option<Vec<Said>>,
    /// SHA-256 of the base's weights before anything was beside them, and since something was put on.
    pub base_before: String,
    pub base_after: Option<String>,
    pub n_switched: usize,
    /// SHA-256 of all weights, tuners and base, once all runs are finished.
    pub fingerprint: Option<String>,
    /// One plain sentence of what is on screen.
    pub summary: String,
}

fields!(write Frame: warnings, origin, config, step, steps, loss, n_params, asked, right, n_capitals, kept, methods, runs, learning, task, on, probes, before, answers, base_before, base_after, n_switched, fingerprint, summary);

/// A method, whatever it learns.
pub struct Method {
    pub way: Way,
    /// Numbers that are trained, and their share of the base's.
    pub trained: usize,
    pub share: f64,
    /// What the optimizer keeps of them.
    pub optimizer_bytes: usize,
    /// What they weigh as a safetensors file.
    pub file_bytes: usize,
    /// Whether they can be added into the base's own weights, so that the model runs as fast as before.
    pub merges: bool,
}

fields!(write Method: way, trained, share, optimizer_bytes, file_bytes, merges);

/// A run.
pub struct Made {
    pub way: Way,
    pub task: Task,
    pub done: bool,
    pub step: usize,
    pub steps: usize,
    /// Right answers at the end, and capitals still known.
    pub right: Option<usize>,
    pub kept: Option<usize>,
    /// By how much the loss on held-out text is above the base's, in nats per token.
    pub rise: Option<f64>,
}

fields!(write Made: way, task, done, step, steps, right, kept, rise);

/// A question that is shown.
pub struct Probed {
    /// `known`, `new` or `capitals`.
    pub group: String,
    pub prompt: String,
    /// The right answer.
    pub answer: String,
}

fields!(write Probed: group, prompt, answer);

impl PeftMethods {
    /// What is on screen now.
    pub(super) fn show(&mut self) -> Frame {
        let n_params = self.base.params.n_params();
        let mut methods = Vec::new();
        for (way, price) in Way::ALL.into_iter().zip(&self.prices) {
            methods.push(Method {
                way,
                trained: price.trained,
                share: price.trained as f64 / n_params as f64,
                optimizer_bytes: price.optimizer_bytes,
                file_bytes: price.file_bytes,
                // An update of the weights is one; what stands between them, or before the text, is none.
                merges: way == Way::Lora,
            });
        }
        let mut runs = Vec::new();
        for (at, report) in self.reports.iter().enumerate() {
            let (task, way) = places(at);
            let steps = self.settings.of_task(Task::ALL[task]);
            let live = self.live.as_ref().filter(|live| live.at == at);
            runs.push(Made {
                way: Way::ALL[way],
                task: Task::ALL[task],
                done: report.is_some(),
                step: if report.is_some() { steps } else { live.map_or(0, |live| live.step) },
                steps,
                right: report.map(|report| report.right),
                kept: report.map(|report| report.kept),
                rise: report.zip(self.held_out).map(|(report, base)| report.held_out - base),
            });
        }
        let answers = self.worn().map(|at| {
            let (task, way) = places(at);
            let tuner = Some(&*self.tuners[task][way]);
            let lm = CausalLm { tuner, ..CausalLm::new(&self.base.model, &self.shared) };
            said(&self.base.tokenizer, &ask(lm, &mut self.tape, &self.probed))
        });
        let probed = |(group, question): &(&'static str, crate::data::world::Question)| Probed {
            group: (*group).to_owned(),
            prompt: question.prompt.trim().to_owned(),
            answer: question.answer.trim().to_owned(),
        };
        let mut config = Attributes::new();
        config.insert("seed".to_owned(), self.settings.seed.to_string());
        config.insert("steps".to_owned(), self.settings.steps.to_string());
        let loss = self.reports.last().copied().flatten().map(|report| report.loss);
        Frame {
            warnings: self.warnings.clone(),
            origin: self.origin,
            config,
            step: runs.iter().map(|run| run.step).sum(),
            steps: runs.iter().map(|run| run.steps).sum(),
            loss: self.live.as_ref().and_then(|live| live.loss).or(loss),
            n_params,
            asked: Task::ALL.map(|task| self.facts.asked(task).len()),
            right: self.before.right,
            n_capitals: self.capitals.batch_size,
            kept: self.before.kept,
            summary: self.summary(&methods, &runs),
            methods,
            runs,
            learning: self.live.as_ref().map(|live| live.at),
            task: self.task,
            on: self.on,
            probes: self.probes.iter().map(probed).collect(),
            before: said(&self.base.tokenizer, &self.before.answers),
            answers,
            base_before: self.before.fingerprint.clone(),
            base_after: self.after.clone(),
            n_switched: self.n_switched,
            fingerprint: self.fingerprint.clone(),
        }
    }

    /// One sentence of what is on screen.
    fn summary(&self, methods: &[Method], runs: &[Made]) -> String {
        let (known, new) = runs.split_at(Way::ALL.len());
        let is_done = |runs: &[Made]| runs.iter().all(|run| run.done);
        let n = |task: Task| self.facts.asked(task).len();
        if !is_done(known) {
            return format!(
                "One model of {} numbers, and five ways to teach it: which of them is enough is to be seen.",
                grouped(self.base.params.n_params())
            );
        }
        let n_known = n(Task::Known);
        let good = |run: &&Made| 10 * run.right.unwrap_or(0) >= 9 * n_known;
        let place = |run: &Made| Way::ALL.iter().position(|way| *way == run.way).unwrap_or(0);
        let cheapest = known.iter().filter(good).min_by_key(|run| methods[place(run)].trained);
        let mut text = match cheapest {
            Some(run) => {
                let Method { trained, share, .. } = &methods[place(run)];
                format!(
                    "To tell what the model knows, {} is enough: {} trained numbers, {} % of all, and {} of {n_known} \
                     answers are right.",
                    words(run.way),
                    grouped(*trained),
                    fixed(100.0 * share, 1),
                    run.right.unwrap_or(0)
                )
            }
            None => "None of the five makes the model tell nine in ten of what was asked.".to_owned(),
        };
        if is_done(new) {
            text.push_str(&format!(" Of {} new facts,", n(Task::New)));
            for (i, run) in new.iter().enumerate() {
                let between = ["", ",", ",", ",", " and"][i];
                let verb = if i == 0 { " learns" } else { "" };
                text.push_str(&format!("{between} {}{verb} {}", words(run.way), run.right.unwrap_or(0)));
            }
            text.push('.');
        }
        if let Some(after) = &self.after {
            let same =
                if *after == self.before.fingerprint { "is bit for bit what it was" } else { "has changed" };
            text.push_str(&format!(" The base under all of them {same}."));
        }
        text
    }
}

/// A method as a sentence has it.
fn words(way: Way) -> &'static str {
    match way {
        Way::Lora => "LoRA",
        Way::Adapters => "adapters",
        Way::Prefix => "prefix tuning",
        Way::Prompt => "prompt tuning",
        Way::Full => "full fine-tuning",
    }
}

/// Draws `pareto`, which needs the frame's `methods`, `runs`, `asked` and `on`.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    let wrong = |given| Error::input("pretune-peft-methods", given, "the chart pareto of its own frame");
    if chart != "pareto" {
        return Err(wrong("no such chart"));
    }
    let methods = frame["methods"].as_array().unwrap_or_default();
    let runs = frame["runs"].as_array().unwrap_or_default();
    let asked = frame["asked"].as_array().unwrap_or_default();
    if methods.len() != Way::ALL.len() || runs.len() != 2 * methods.len() || asked.len() != 2 {
        return Err(wrong("not a frame"));
    }
    let mut priced = Vec::new();
    for (i, (method, way)) in methods.iter().zip(Way::ALL).enumerate() {
        let score = |task: usize| {
            let right = runs[task * methods.len() + i]["right"].as_f64()?;
            Some((100.0 * right / asked[task].as_f64()?.max(1.0)) as f32)
        };
        let name = match way {
            Way::Lora => "LoRA",
            Way::Adapters => "adapters",
            Way::Prefix => "prefix",
            Way::Prompt => "prompt",
            Way::Full => "full",
        };
        let trained = method["trained"].as_u64().unwrap_or(1) as usize;
        priced.push(Priced { name, trained, scores: [score(1), score(0)] });
    }
    let selected = frame["on"].as_u64().map(|on| on as usize).filter(|on| *on < priced.len());
    let names = ["new facts", "what it knows"];
    pareto(area, &Pareto { methods: &priced, selected, names }, theme)
}
