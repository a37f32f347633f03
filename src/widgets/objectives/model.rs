//! A model that learns one objective, and its exam, in units that a worker can stop between. Start with [`Model::go_on`].

use super::Goal;
use crate::experiments::contrastive;
use crate::experiments::objectives::{Run, causal_lm, denoising, masked_lm, span_corruption};
use crate::json::fields;
use crate::tensor::Params;
use crate::train::Example;
use crate::widgets::Progress;

/// Steps whose losses are one point of the curve.
pub const POINT: usize = 10;
/// Questions of an exam in a unit.
const N_ASKED: usize = 16;

/// What an objective led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Mean losses of every [`POINT`] steps, in nats.
    pub losses: Vec<f32>,
    /// Questions of the exam that are answered, and all of them.
    pub right: usize,
    pub asked: usize,
    /// Of pictures: how often the caption is preferred to one with both things swapped, and how often that was asked.
    pub swapped: Option<(usize, usize)>,
    /// SHA-256 of the weights.
    pub fingerprint: String,
}

fields!(Report: losses, right, asked, swapped, fingerprint);

/// Who learns.
pub enum Learner {
    /// From sentences.
    Text(Box<Run>),
    /// From pictures and captions.
    Pairs(Box<contrastive::Run>),
}

/// An exam under way.
enum Exam {
    Text { examples: Vec<Example>, n_done: usize, n_right: usize },
    Pairs(contrastive::Exam),
}

/// A model on its way, or at its end.
pub struct Model {
    pub learner: Learner,
    /// Steps taken.
    pub step: usize,
    /// Mean losses of every [`POINT`] steps.
    pub losses: Vec<f32>,
    /// Losses since the last point.
    pending: Vec<f32>,
    exam: Option<Exam>,
    pub report: Option<Report>,
}

/// Right answers, and questions; of pairs, captions preferred to their swapped forms, and all.
type Marks = (usize, usize, Option<(usize, usize)>);

impl Model {
    /// A model of random weights.
    pub fn new(goal: Goal, seed: u64) -> Self {
        let recipe = match goal {
            Goal::CausalLm => Some(&causal_lm::RECIPE),
            Goal::MaskedLm => Some(&masked_lm::RECIPE),
            Goal::SpanCorruption => Some(&span_corruption::RECIPE),
            Goal::Denoising => Some(&denoising::RECIPE),
            Goal::Contrastive => None,
        };
        let learner = match recipe {
            Some(recipe) => Learner::Text(Box::new(Run::new(recipe, seed))),
            None => Learner::Pairs(Box::new(contrastive::Run::new(seed))),
        };
        let (losses, pending) = (Vec::new(), Vec::new());
        Self { learner, step: 0, losses, pending, exam: None, report: None }
    }

    /// The weights.
    pub fn params(&self) -> &Params {
        match &self.learner {
            Learner::Text(run) => &run.trainer.params,
            Learner::Pairs(run) => &run.trainer.params,
        }
    }

    /// The mean loss of the last steps.
    pub fn loss(&self) -> Option<f32> {
        self.losses.last().or(self.pending.last()).copied()
    }

    /// A unit: a step, or some questions of the exam after the last one.
    pub fn go_on(&mut self, steps: usize) -> Progress {
        if self.report.is_some() {
            return Progress::Done;
        }
        if self.step < steps {
            let loss = match &mut self.learner {
                Learner::Text(run) => run.step(),
                Learner::Pairs(run) => run.step(),
            };
            self.step += 1;
            self.pending.push(loss);
            if self.pending.len() == POINT || self.step == steps {
                self.losses.push(self.pending.iter().sum::<f32>() / self.pending.len() as f32);
                self.pending.clear();
            }
            return Progress::Step;
        }
        if let Some((right, asked, swapped)) = self.examine() {
            let fingerprint = self.params().fingerprint();
            match &mut self.learner {
                Learner::Text(run) => run.trainer.release(),
                Learner::Pairs(run) => run.trainer.release(),
            }
            self.report = Some(Report { losses: self.losses.clone(), right, asked, swapped, fingerprint });
        }
        Progress::Part
    }

    /// A part of the exam; what it came to after the last one.
    fn examine(&mut self) -> Option<Marks> {
        let Self { learner, exam, .. } = self;
        let exam = exam.get_or_insert_with(|| match learner {
            Learner::Text(run) => {
                let [examples, _] = run.exam();
                Exam::Text { examples, n_done: 0, n_right: 0 }
            }
            Learner::Pairs(run) => Exam::Pairs(run.exam()),
        });
        match (learner, exam) {
            (Learner::Text(run), Exam::Text { examples, n_done, n_right }) => {
                let end = (*n_done + N_ASKED).min(examples.len());
                let are_right = run.trainer.are_right(&examples[*n_done..end]);
                *n_right += are_right.into_iter().filter(|is_right| *is_right).count();
                *n_done = end;
                (end == examples.len()).then_some((*n_right, end, None))
            }
            (Learner::Pairs(run), Exam::Pairs(exam)) => {
                let count = |hits: &[f64]| (hits.iter().filter(|hit| **hit > 0.0).count(), hits.len());
                let is_over = !run.examine(exam);
                let [found, .., swapped] = &exam.hits;
                let (right, asked) = count(found);
                is_over.then(|| (right, asked, Some(count(swapped))))
            }
            _ => unreachable!("an exam of its own learner"),
        }
    }

    /// Makes a model that has not begun the one of a report; `None` if that is not of so many steps.
    pub fn restore(&mut self, params: Params, report: Report, steps: usize) -> Option<()> {
        (report.losses.len() == steps.div_ceil(POINT)).then_some(())?;
        match &mut self.learner {
            Learner::Text(run) => run.trainer.params = params,
            Learner::Pairs(run) => run.trainer.params = params,
        }
        (self.step, self.losses) = (steps, report.losses.clone());
        self.report = Some(report);
        Some(())
    }
}
