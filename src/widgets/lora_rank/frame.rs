//! What the page shows.

use super::command::Adapter;
use super::desk::Desk;
use super::gpt3::AtGpt3;
use super::picture::{Picture, Spectrum};
use super::run::{Group, Kind, Run};
use super::task::Task;
use super::{Attributes, LoraRank, Trial};
use crate::data::world::Question;
use crate::json::{fields, fixed};
use crate::tensor::Params;
use crate::train::Learner;
use crate::widgets::attributes::Warning;
use crate::widgets::base::{Origin, Said, grouped};

/// Everything on screen.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Attributes that were not understood, and gave way to their defaults.
    pub warnings: Vec<Warning>,
    /// Where the base comes from.
    pub origin: Origin,
    /// Every setting by its attribute's name, as in force; `rank` is the one in hand.
    pub config: Attributes,
    /// Steps taken in all runs.
    pub step: usize,
    /// Steps of all runs together.
    pub steps: usize,
    /// Loss of the rank in hand, before its last step.
    pub loss: Option<f32>,
    /// What is learned.
    pub task: Task,
    /// Weights of the base, all of them frozen.
    pub n_params: usize,
    /// Questions that the score is over, and capitals that are not to be forgotten.
    pub n_asked: usize,
    pub n_kept: usize,
    /// The base's loss on held-out text, in nats per token, once measured.
    pub held_out: Option<f32>,
    /// The place of the rank in hand.
    pub hand: usize,
    /// The place of the run that is trained now, if it is one of the slider's.
    pub learning: Option<usize>,
    /// One for each place of the slider.
    pub runs: Vec<Place>,
    /// Questions that are shown with their answers.
    pub probes: Vec<Probed>,
    /// What the rank in hand answers to them as far as it has come; nothing before it has begun.
    pub answers: Option<Vec<Said>>,
    /// W + B·A of a matrix of the rank in hand.
    pub picture: Picture,
    /// Singular values of full fine-tuning's own update of that matrix, once it is finished.
    pub spectrum: Option<Spectrum>,
    /// Adapters swapped on the base, once there is one.
    pub desk: Option<OnDesk>,
    /// The same rank at the size of GPT-3.
    pub gpt3: AtGpt3,
    /// SHA-256 of all that was trained, once every run is finished.
    pub fingerprint: Option<String>,
    /// One plain sentence of what is on screen.
    pub summary: String,
}

fields!(write Frame: warnings, origin, config, step, steps, loss, task, n_params, n_asked, n_kept, held_out, hand, learning, runs, probes, answers, picture, spectrum, desk, gpt3, fingerprint, summary);

/// A place of the slider.
#[derive(Debug, Clone)]
pub struct Place {
    /// As it stands on the slider.
    pub label: String,
    /// The rank; nothing for full fine-tuning.
    pub rank: Option<usize>,
    /// Whether it is finished.
    pub done: bool,
    /// Steps taken, of how many.
    pub step: usize,
    pub steps: usize,
    /// Weights that are trained, and their share of the base's.
    pub trained: usize,
    pub share: f64,
    /// Bytes of optimizer state.
    pub optimizer_bytes: usize,
    /// Right answers of those that the score is over, when last measured.
    pub asked: Option<usize>,
    /// Capitals that are still known, at the end.
    pub kept: Option<usize>,
    /// By how much the loss on held-out text is above the base's, in nats per token, at the end.
    pub rise: Option<f32>,
    /// What it answers to the probes, at the end.
    pub answers: Option<Vec<Said>>,
}

fields!(write Place: label, rank, done, step, steps, trained, share, optimizer_bytes, asked, kept, rise, answers);

/// A question whose answer is shown.
#[derive(Debug, Clone)]
pub struct Probed {
    /// What it is there for.
    pub group: Group,
    pub prompt: String,
    /// The right answer.
    pub answer: String,
}

fields!(write Probed: group, prompt, answer);

/// What is on the desk.
#[derive(Debug, Clone)]
pub struct OnDesk {
    /// The adapter that is on.
    pub adapter: Adapter,
    /// Whether it is added into the weights.
    pub merged: bool,
    /// The questions.
    pub questions: Vec<Probed>,
    /// The answers, and what became of the base.
    pub found: Desk,
}

fields!(write OnDesk: adapter, merged, questions, found);

impl LoraRank {
    /// What is on screen now.
    pub(super) fn show(&mut self) -> Frame {
        let n_places = self.n_places();
        let hand = &self.runs[self.hand];
        let plan = &self.courses[0].plan;
        let held_out = self.runs[0].report.as_ref().map(|report| report.held_out);
        let mut config = self.settings.config();
        config.insert("rank".to_owned(), hand.kind.label());
        let steps = |i: usize| self.runs[i].steps(&self.course(i).plan);
        let r = if let Kind::Lora(r) = hand.kind { r } else { 0 };
        let gpt3 = AtGpt3::new(hand.kind, &plan.config(r));
        let next = self.next();
        let mut frame = Frame {
            warnings: self.warnings.clone(),
            origin: self.base.origin,
            config,
            step: self.runs.iter().map(|run| run.step).sum(),
            steps: (0..self.runs.len()).map(steps).sum(),
            loss: hand.loss,
            task: self.settings.task,
            n_params: self.base.params.n_params(),
            n_asked: self.courses[0].lesson.asked.len(),
            n_kept: self.courses[0].n_kept(),
            held_out,
            hand: self.hand,
            learning: next.filter(|i| *i < n_places && self.runs[*i].step > 0),
            runs: (0..n_places).map(|i| self.place(&self.runs[i], held_out)).collect(),
            probes: self.probed(0),
            gpt3,
            fingerprint: self.fingerprint.clone(),
            answers: None,
            picture: self.with_run(self.hand, |this, tuned, _| Picture::new(this.matrix, &this.base, tuned)),
            spectrum: None,
            desk: None,
            summary: String::new(),
        };
        frame.answers = match &self.runs[self.hand].report {
            Some(report) => Some(self.base.said(&report.answers)),
            None => self.live(),
        };
        frame.spectrum = self.spectrum();
        frame.desk = self.on_desk();
        frame.summary = summary(&frame);
        frame
    }

    fn place(&self, run: &Run, held_out: Option<f32>) -> Place {
        let plan = &self.courses[0].plan;
        let trained = run.n_trained(plan, &self.base);
        let report = run.report.as_ref();
        Place {
            label: run.kind.label(),
            rank: if let Kind::Lora(r) = run.kind { Some(r) } else { None },
            done: report.is_some(),
            step: run.step,
            steps: run.steps(plan),
            trained,
            share: trained as f64 / self.base.params.n_params() as f64,
            optimizer_bytes: 2 * size_of::<f32>() * trained,
            asked: run.asked,
            kept: report.map(|report| report.kept),
            rise: report.zip(held_out).map(|(report, base)| report.held_out - base),
            answers: report.map(|report| self.base.said(&report.answers)),
        }
    }

    /// The questions of a course that are shown.
    fn probed(&self, course: usize) -> Vec<Probed> {
        let probed = |(group, Question { prompt, answer }): &(Group, Question)| Probed {
            group: *group,
            prompt: prompt.trim().to_owned(),
            answer: answer.trim().to_owned(),
        };
        self.courses[course].probes.iter().map(probed).collect()
    }

    /// The answers of the rank in hand, while it is unfinished.
    fn live(&mut self) -> Option<Vec<Said>> {
        let run = &self.runs[self.hand];
        if run.step == 0 && run.kind != Kind::Lora(0) {
            return None;
        }
        let answers = self.with_run(self.hand, |this, tuned, learner| {
            this.courses[0].probe(tuned.lm(&this.base.model), &mut learner.tape)
        });
        Some(self.base.said(&answers))
    }

    fn spectrum(&mut self) -> Option<Spectrum> {
        let full = self.n_places() - 1;
        if !self.runs[full].is_finished() {
            return None;
        }
        let matrix = self.matrix;
        if !self.spectra.iter().any(|(of, _)| *of == matrix) {
            let values = self.with_run(full, |this, tuned, _| Spectrum::values_of(matrix, &this.base, tuned));
            self.spectra.push((matrix, values));
        }
        let (_, values) = self.spectra.iter().find(|(of, _)| *of == matrix)?;
        let kept = if let Kind::Lora(r) = self.runs[self.hand].kind { r } else { values.len() };
        Some(Spectrum::new(values, kept))
    }

    fn on_desk(&mut self) -> Option<OnDesk> {
        let there: Vec<Adapter> = self.candidates().iter().map(|candidate| candidate.adapter).collect();
        if there.is_empty() {
            return None;
        }
        let trial: Trial = (there, self.adapter, self.hand);
        if !self.desks.iter().any(|(of, _)| *of == trial) {
            let mut learner = std::mem::replace(&mut self.learner, Learner::new(&Params::new()));
            let questions = &self.courses[1].probed;
            let desk =
                Desk::try_out(&self.base, &self.candidates(), self.adapter, questions, &mut learner.tape);
            self.learner = learner;
            self.desks.push((trial.clone(), desk));
        }
        let found = self.desks.iter().find(|(of, _)| *of == trial)?.1.clone();
        Some(OnDesk { adapter: self.adapter, merged: self.is_merged, questions: self.probed(1), found })
    }
}

/// One sentence of what is on screen.
fn summary(frame: &Frame) -> String {
    let place = &frame.runs[frame.hand];
    let name = match place.rank {
        Some(r) => format!("Rank {r}"),
        None => "Full fine-tuning".to_owned(),
    };
    let trains = match place.rank {
        Some(0) => "trains nothing: this is the base as it is".to_owned(),
        Some(_) => {
            let share = fixed(100.0 * place.share, 1);
            format!(
                "trains {} numbers beside the frozen base, {share} % of its {}",
                grouped(place.trained),
                grouped(frame.n_params)
            )
        }
        None => format!("trains all {} weights", grouped(place.trained)),
    };
    let score = |place: &Place| place.asked.map(|n| format!("{n} of {}", frame.n_asked));
    let Some(asked) = score(place).filter(|_| place.done) else {
        return if place.step == 0 {
            format!("{name} {trains}. It has not been trained yet.")
        } else {
            format!("{name}, step {} of {}: it {trains}.", place.step, place.steps)
        };
    };
    let kept = place.kept.map(|n| format!(" and still knows {n} of {} answers of before", frame.n_kept));
    let full = frame.runs.last().filter(|full| full.done && place.rank.is_some());
    let full = full.and_then(|full| Some(format!("; full fine-tuning, {}", score(full)?)));
    format!(
        "{name} {trains}. It answers {asked} questions{}{}.",
        kept.unwrap_or_default(),
        full.unwrap_or_default()
    )
}
