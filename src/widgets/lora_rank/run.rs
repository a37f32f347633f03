//! One rank's run: an adapter, or a copy of all weights, on its way from the base to what it was taught.
//!
//! Knows its own settings and nothing of the slider. Start with [`Run::step`].

use super::base::Base;
use super::task::Lesson;
use crate::data::Batch;
use crate::data::world::Question;
use crate::json::{fields, names};
use crate::nn::{CausalLm, Gpt2, Linear, Tuner};
use crate::peft::{Lora, LoraConfig, train_only};
use crate::rng::Rng;
use crate::tensor::{Params, Tape};
use crate::train::Learner;
use crate::widgets::base::{self, Answer};

/// The score is measured so often in a run.
const N_MEASURES: usize = 4;
/// Questions that are asked at once.
const ROWS: usize = 24;

/// What is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An adapter of a rank.
    Lora(usize),
    /// All weights.
    Full,
}

impl Kind {
    /// The rank as it stands on the slider.
    pub fn label(self) -> String {
        match self {
            Self::Lora(r) => r.to_string(),
            Self::Full => "full".to_owned(),
        }
    }
}

/// What every run of a figure is done with.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Decides what adapters begin with.
    pub seed: u64,
    /// Steps.
    pub steps: usize,
    /// Learning rate of an adapter.
    pub learning_rate: f64,
    /// Learning rate of full fine-tuning.
    pub full_learning_rate: f64,
    /// `lora_alpha`
    pub lora_alpha: f32,
    /// `target_modules`
    pub target_modules: Vec<String>,
}

impl Plan {
    /// The settings of an adapter.
    pub fn config(&self, r: usize) -> LoraConfig {
        let (lora_alpha, target_modules) = (self.lora_alpha, self.target_modules.clone());
        LoraConfig { r, lora_alpha, target_modules, lora_dropout: 0.0 }
    }
}

/// What a question is shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The score is over it, and it was not taught.
    Asked,
    /// It was taught.
    Taught,
    /// It is of the second adapter's task.
    Second,
    /// It is not to be forgotten.
    Kept,
}

names!(Group: Asked = "asked", Taught = "taught", Second = "second", Kept = "kept");

/// What runs are about: a plan and questions.
pub struct Course {
    /// How a run goes.
    pub plan: Plan,
    /// What is taught, and what the score is over.
    pub lesson: Lesson,
    /// Questions that are shown with their answers, in this order.
    pub probes: Vec<(Group, Question)>,
    asked: Vec<Batch>,
    kept: Vec<Batch>,
    /// The same questions as rows.
    pub probed: Batch,
}

impl Course {
    /// A course; what is not to be forgotten are the world's capitals.
    pub fn new(base: &Base, plan: Plan, lesson: Lesson, probes: Vec<(Group, Question)>) -> Self {
        let capitals = base.world.capital_questions();
        let asked = lesson.asked.chunks(ROWS).map(|rows| base.batch(rows)).collect();
        let kept = capitals.chunks(ROWS).map(|rows| base.batch(rows)).collect();
        Self {
            plan,
            asked,
            kept,
            probed: base.batch(probes.iter().map(|(_, question)| question)),
            lesson,
            probes,
        }
    }

    /// Number of capitals that are asked for.
    pub fn n_kept(&self) -> usize {
        self.kept.iter().map(|batch| batch.batch_size).sum()
    }

    /// What a model answers to the probes.
    pub fn probe(&self, lm: CausalLm, tape: &mut Tape) -> Vec<Answer> {
        base::ask(lm, tape, &self.probed)
    }
}

/// What a finished run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Capitals that are still known.
    pub kept: usize,
    /// Loss on held-out text, in nats per token.
    pub held_out: f32,
    /// The probes' answers.
    pub answers: Vec<Answer>,
}

fields!(Report: kept, held_out, answers);

/// A measurement under way.
#[derive(Debug, Clone, Copy, Default)]
struct Measure {
    slice: usize,
    asked: usize,
    kept: usize,
    nats: f64,
    n_labels: usize,
}

/// A run that can be stepped, put aside and gone on with.
pub struct Run {
    /// What is trained.
    pub kind: Kind,
    /// The name of the adapter.
    pub name: String,
    /// Steps taken.
    pub step: usize,
    /// Loss of the last step's rows, before the step.
    pub loss: Option<f32>,
    /// Right answers of those that the score is over, when last measured.
    pub asked: Option<usize>,
    /// What it came to, once it is finished.
    pub report: Option<Report>,
    /// What was trained: the adapter's tensors, or all; nothing before the first step.
    pub tensors: Params,
    /// The optimizer's state and its steps, while the run is put aside unfinished.
    pub moments: Option<(Params, usize)>,
    /// Whether the score is to be measured before the next step.
    pub is_due: bool,
    measure: Measure,
}

/// The model of a run, ready to be computed with.
pub struct Tuned {
    /// The base's weights with the adapter's, or those that were trained.
    pub params: Params,
    /// The adapter.
    pub lora: Option<Lora>,
}

impl Tuned {
    /// The model.
    pub fn lm<'a>(&'a self, model: &'a Gpt2) -> CausalLm<'a> {
        CausalLm { model, params: &self.params, tuner: self.lora.as_ref().map(|lora| lora as &dyn Tuner) }
    }

    /// What is trained of it.
    pub fn trained(&self) -> Params {
        match &self.lora {
            Some(lora) => self.params.subset(&lora.tensors()),
            None => self.params.clone(),
        }
    }
}

impl Run {
    /// A run that has not begun.
    pub fn new(kind: Kind, name: String) -> Self {
        Self {
            kind,
            name,
            step: 0,
            loss: None,
            asked: None,
            report: None,
            tensors: Params::new(),
            moments: None,
            is_due: kind == Kind::Lora(0),
            measure: Measure::default(),
        }
    }

    /// Whether there is nothing left to do.
    pub fn is_finished(&self) -> bool {
        self.report.is_some()
    }

    /// Steps of the whole run: rank 0 has nothing to train.
    pub fn steps(&self, plan: &Plan) -> usize {
        if self.kind == Kind::Lora(0) { 0 } else { plan.steps }
    }

    /// Weights that are trained.
    pub fn n_trained(&self, plan: &Plan, base: &Base) -> usize {
        match self.kind {
            Kind::Full => base.params.n_params(),
            Kind::Lora(r) => {
                let config = &base.model.config;
                let count = |(_, module): (usize, Linear)| {
                    let [inputs, outputs] = module.shape(config.n_embd, config.n_inner());
                    r * (inputs + outputs)
                };
                plan.config(r).layers(config.n_layer).into_iter().map(count).sum()
            }
        }
    }

    /// The model as far as it has come. What is not trained is frozen.
    pub fn tuned(&self, plan: &Plan, base: &Base) -> Tuned {
        let Kind::Lora(r) = self.kind else {
            let params = if self.tensors.is_empty() { &base.params } else { &self.tensors };
            return Tuned { params: params.clone(), lora: None };
        };
        let mut params = base.params.clone();
        let (config, model) = (plan.config(r), &base.model);
        let lora = if self.tensors.is_empty() {
            // A stream of its own for each rank: whichever is trained first, each begins alike.
            let mut rng = Rng::stream(plan.seed, &self.name);
            Lora::init(&self.name, config, model, &mut params, &mut rng)
        } else {
            for id in self.tensors.ids() {
                params.add_values(self.tensors.name(id), self.tensors.shape(id), self.tensors.value(id));
            }
            Lora::bind(&self.name, config, model, &params).expect("the run's own tensors")
        };
        train_only(&mut params, &lora.tensors());
        Tuned { params, lora: Some(lora) }
    }

    /// Gets ready for [`Run::step`]: the learner is this run's until [`Run::rest`].
    pub fn wake(&mut self, plan: &Plan, base: &Base, learner: &mut Learner) -> Tuned {
        let tuned = self.tuned(plan, base);
        learner.optimizer = Learner::new(&tuned.params).optimizer;
        if let Some((state, step)) = self.moments.take() {
            let loaded = learner.optimizer.load_state(&tuned.params, &state, step);
            loaded.expect("the run's own optimizer");
        }
        tuned
    }

    /// Keeps what is needed to go on later.
    pub fn rest(&mut self, tuned: &Tuned, learner: &Learner) {
        if self.step > 0 {
            self.tensors = tuned.trained();
            self.moments = (!self.is_finished()).then(|| learner.optimizer.state(&tuned.params));
        }
    }

    /// A step of training, or a part of a measurement; `true` for a step.
    pub fn step(&mut self, base: &Base, course: &Course, tuned: &mut Tuned, learner: &mut Learner) -> bool {
        if self.is_due {
            self.measure(base, course, tuned, &mut learner.tape);
            return false;
        }
        let plan = &course.plan;
        let rate = if self.kind == Kind::Full { plan.full_learning_rate } else { plan.learning_rate };
        let batch = base.batch(course.lesson.rows(self.step));
        let Tuned { params, lora } = tuned;
        let tuner = lora.as_ref().map(|lora| lora as &dyn Tuner);
        self.loss = Some(learner.learn(&base.model, params, tuner, &batch, rate));
        self.step += 1;
        let every = (plan.steps / N_MEASURES).max(1);
        self.is_due = self.step == plan.steps || self.step.is_multiple_of(every);
        true
    }

    /// A part of a measurement: some of the questions, or of the held-out text.
    fn measure(&mut self, base: &Base, course: &Course, tuned: &Tuned, tape: &mut Tape) {
        let lm = tuned.lm(&base.model);
        let (n_asked, n_kept) = (course.asked.len(), course.kept.len());
        let is_last = self.step == self.steps(&course.plan);
        let measure = &mut self.measure;
        let slice = measure.slice;
        measure.slice += 1;
        if slice < n_asked {
            measure.asked += n_right(lm, tape, &course.asked[slice]);
            if slice + 1 == n_asked {
                self.asked = Some(measure.asked);
                self.is_due = is_last;
            }
        } else if slice < n_asked + n_kept {
            measure.kept += n_right(lm, tape, &course.kept[slice - n_asked]);
        } else if let Some((nats, n_labels)) = base.held_out(lm, tape, slice - n_asked - n_kept) {
            measure.nats += nats;
            measure.n_labels += n_labels;
        } else {
            let held_out = (measure.nats / measure.n_labels as f64) as f32;
            self.report = Some(Report { kept: measure.kept, held_out, answers: course.probe(lm, tape) });
            self.is_due = false;
        }
        if !self.is_due {
            self.measure = Measure::default();
        }
    }
}

fn n_right(lm: CausalLm, tape: &mut Tape, questions: &Batch) -> usize {
    base::ask(lm, tape, questions).iter().filter(|answer| answer.is_right).count()
}
