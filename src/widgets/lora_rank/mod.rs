//! `<pretune-lora-rank>`: one frozen base, one task, and an adapter of every rank beside it.
//!
//! Each rank on the slider has a run; that of the rank in hand goes first, its neighbors next, and all that are finished
//! are kept. Knows no page and no clock. Start with [`LoraRank::new`]; [`run`] trains, [`frame`] says what is shown.

mod base;
mod charts;
mod command;
mod desk;
mod frame;
mod gpt3;
mod picture;
mod run;
mod settings;
mod snapshot;
mod task;

use super::{Attributes, Files, Progress, Widget};
use crate::checkpoint::{self, AdapterConfig};
use crate::data::world::Question;
use crate::error::{Error, Result};
use crate::json::{ToJson, Value, from_json};
use crate::nn::{Gpt2, Linear};
use crate::peft::{Lora, LoraConfig};
use crate::tensor::Params;
use crate::train::Learner;

use super::base::Origin;
use crate::widgets::attributes::Warning;
use base::Base;
pub use charts::draw;
use command::{Adapter, Command};
use desk::{Candidate, Desk};
pub use frame::Frame;
use run::{Course, Group, Kind, Run, Tuned};
pub use settings::Settings;
use settings::find;
use task::{Lesson, Task};

/// The rank of the second adapter, and what it is called.
const SECOND: (usize, &str) = (4, "reviews");
/// What an adapter of a file is called.
const OPENED: &str = "opened";
/// Weights of a base that is measured while the figure opens: a tenth of a second for the miniature.
const MAX_MEASURED: usize = 500_000;
/// Questions whose answers are shown: of those that the score is over, taught ones, capitals.
const N_PROBES: [usize; 3] = [4, 2, 2];
/// Questions on the desk: of the slider's task, of the second one, capitals.
const N_ON_DESK: [usize; 3] = [2, 2, 1];

/// The adapters that there were, the one that was on, and the rank in hand.
type Trial = (Vec<Adapter>, Adapter, usize);

/// The state machine of the demo.
pub struct LoraRank {
    settings: Settings,
    warnings: Vec<Warning>,
    base: Base,
    /// The slider's, and that of the second adapter.
    courses: [Course; 2],
    /// One for each place of the slider, then the second adapter's.
    runs: Vec<Run>,
    /// The place of the rank in hand.
    hand: usize,
    /// The run that was stepped last, and its model.
    awake: Option<(usize, Tuned)>,
    learner: Learner,
    matrix: (usize, Linear),
    adapter: Adapter,
    is_merged: bool,
    opened: Option<(LoraConfig, Params)>,
    /// Singular values by matrix, of full fine-tuning.
    spectra: Vec<((usize, Linear), Vec<f64>)>,
    /// What was tried.
    desks: Vec<(Trial, Desk)>,
    fingerprint: Option<String>,
}

/// The places of the slider: powers of two up to the model's width, and full fine-tuning.
fn ladder(n_embd: usize) -> Vec<Kind> {
    let mut kinds = vec![Kind::Lora(0)];
    let mut r = 1;
    while r < n_embd {
        kinds.push(Kind::Lora(r));
        r *= 2;
    }
    kinds.extend([Kind::Lora(n_embd), Kind::Full]);
    kinds
}

impl LoraRank {
    /// The demo of a tag's attributes. `model` is the shipped checkpoint, or a snapshot of the reader's own model.
    ///
    /// # Errors
    ///
    /// If `model` cannot be read, or has not read the world.
    pub fn new(attributes: &Attributes, model: Option<&[u8]>) -> Result<Self> {
        let base = match model {
            Some(bytes) => {
                let (tensors, meta) = checkpoint::read(bytes)?;
                Base::read(&tensors, &meta)?
            }
            None => Base::random(0),
        };
        let (settings, warnings) = Settings::read(attributes, &ladder(base.model.config.n_embd));
        let mut this = Self::with_base(base, settings, warnings);
        this.measure_base();
        Ok(this)
    }

    /// What the base knows is there from the beginning, unless that would take longer than a reader waits.
    fn measure_base(&mut self) {
        while self.base.params.n_params() <= MAX_MEASURED && !self.runs[0].is_finished() {
            self.step();
        }
    }

    fn with_base(base: Base, settings: Settings, warnings: Vec<Warning>) -> Self {
        let (runs, hand) = runs(&base, &settings);
        Self {
            courses: courses(&base, &settings),
            matrix: (0, Linear::CAttn),
            settings,
            warnings,
            base,
            runs,
            hand,
            awake: None,
            learner: Learner::new(&Params::new()),
            adapter: Adapter::First,
            is_merged: false,
            opened: None,
            spectra: Vec::new(),
            desks: Vec::new(),
            fingerprint: None,
        }
    }

    /// Other settings, or the same: every run begins anew.
    fn start_over(&mut self, settings: Settings, warnings: Vec<Warning>) {
        self.courses = courses(&self.base, &settings);
        (self.runs, self.hand) = runs(&self.base, &settings);
        (self.settings, self.warnings) = (settings, warnings);
        (self.awake, self.is_merged, self.fingerprint) = (None, false, None);
        self.desks.clear();
        self.spectra.clear();
        self.measure_base();
    }

    /// Places on the slider.
    fn n_places(&self) -> usize {
        self.runs.len() - 1
    }

    /// The course of a run.
    fn course(&self, i: usize) -> &Course {
        &self.courses[usize::from(i == self.n_places())]
    }

    /// The run that is to be stepped next: first the base is measured, then the rank in hand is trained; what was begun is
    /// ended before another is.
    fn next(&self) -> Option<usize> {
        let mut all = vec![0, self.hand];
        all.extend(self.awake.as_ref().map(|(i, _)| *i));
        all.extend(order(self.hand, self.n_places()));
        all.into_iter().find(|i| !self.runs[*i].is_finished())
    }

    /// Makes a run the one that can be stepped.
    fn wake(&mut self, i: usize) {
        if self.awake.as_ref().is_some_and(|(awake, _)| *awake == i) {
            return;
        }
        self.rest();
        let plan = &self.courses[usize::from(i == self.n_places())].plan;
        let tuned = self.runs[i].wake(plan, &self.base, &mut self.learner);
        self.awake = Some((i, tuned));
    }

    /// Puts the run aside that can be stepped.
    fn rest(&mut self) {
        if let Some((i, tuned)) = self.awake.take() {
            self.runs[i].rest(&tuned, &self.learner);
        }
    }

    /// Calls `f` with the model of a run as far as it has come, and buffers.
    fn with_run<T>(&mut self, i: usize, f: impl FnOnce(&Self, &Tuned, &mut Learner) -> T) -> T {
        let mut learner = std::mem::replace(&mut self.learner, Learner::new(&Params::new()));
        let awake = self.awake.take();
        let result = match &awake {
            Some((awake, tuned)) if *awake == i => f(self, tuned, &mut learner),
            _ => {
                let tuned = self.runs[i].tuned(&self.course(i).plan, &self.base);
                f(self, &tuned, &mut learner)
            }
        };
        (self.awake, self.learner) = (awake, learner);
        result
    }

    /// The adapters that can be put beside the base.
    fn candidates(&self) -> Vec<Candidate<'_>> {
        let mut candidates = Vec::new();
        for (adapter, i) in [(Adapter::First, self.hand), (Adapter::Second, self.n_places())] {
            let run = &self.runs[i];
            if let Kind::Lora(r) = run.kind
                && r > 0
                && run.is_finished()
            {
                let config = self.course(i).plan.config(r);
                candidates.push(Candidate { adapter, name: &run.name, config, tensors: &run.tensors });
            }
        }
        if let Some((config, tensors)) = &self.opened {
            let config = config.clone();
            candidates.push(Candidate { adapter: Adapter::Opened, name: OPENED, config, tensors });
        }
        candidates
    }

    /// The adapter that is on, if it is there.
    fn chosen(&self) -> Result<Candidate<'_>> {
        let chosen = self.candidates().into_iter().find(|candidate| candidate.adapter == self.adapter);
        chosen.ok_or_else(|| {
            Error::input(
                "adapter",
                "no adapter is on",
                "a rank of at least 1 that was trained, or an adapter that was opened",
            )
        })
    }

    /// The base with the adapter that is on beside it.
    fn with_chosen(&self) -> Result<Tuned> {
        let Candidate { name, config, tensors, .. } = self.chosen()?;
        let mut params = self.base.params.clone();
        for id in tensors.ids() {
            params.add_values(tensors.name(id), tensors.shape(id), tensors.value(id));
        }
        let lora = Lora::bind(name, config, &self.base.model, &params)?;
        Ok(Tuned { params, lora: Some(lora) })
    }

    /// A whole model as a folder.
    fn folder(&self, params: &Params) -> Files {
        let lm = crate::nn::CausalLm::new(&self.base.model, params);
        let probe = checkpoint::Probe::new(lm, &self.base.tokenizer, &self.export_prompt(), None);
        checkpoint::folder(&self.base.model, params, &self.base.tokenizer, &probe)
    }

    /// What an exported model is asked, for whoever loads it to check.
    fn export_prompt(&self) -> String {
        format!("{}{}", crate::data::END_OF_TEXT, self.courses[0].probes[0].1.prompt)
    }
}

impl Widget for LoraRank {
    fn command(&mut self, command: &Value) -> Result<()> {
        match from_json(command)? {
            Command::Reset => {
                let settings = Settings { rank: self.runs[self.hand].kind, ..self.settings.clone() };
                self.start_over(settings, self.warnings.clone());
            }
            Command::Rank { rank } => {
                let kinds = ladder(self.base.model.config.n_embd);
                let kind = find(&kinds, &rank).ok_or_else(|| {
                    let labels: Vec<String> = kinds.iter().map(|kind| kind.label()).collect();
                    Error::input("rank", format!("{rank:?}"), format!("one of {}", labels.join(", ")))
                })?;
                self.hand = kinds.iter().position(|other| *other == kind).expect("just found");
                self.is_merged = false;
            }
            Command::Matrix { layer, module } => {
                let n_layer = self.base.model.config.n_layer;
                let found = Linear::ALL.into_iter().find(|linear| linear.name() == module);
                let Some(found) = found.filter(|_| layer < n_layer) else {
                    let allowed = format!(
                        "a layer below {n_layer}, and attn.c_attn, attn.c_proj, mlp.c_fc or mlp.c_proj"
                    );
                    return Err(Error::input("matrix", format!("{module} of layer {layer}"), allowed));
                };
                self.matrix = (layer, found);
            }
            Command::Adapter { adapter } => {
                if adapter == Adapter::Opened && self.opened.is_none() {
                    return Err(Error::input("adapter", "no adapter was opened", "none, first or second"));
                }
                (self.adapter, self.is_merged) = (adapter, false);
            }
            Command::Merge { merged } => {
                if merged {
                    self.chosen()?;
                }
                self.is_merged = merged;
            }
            Command::Configure { attributes } => {
                let (settings, warnings) =
                    Settings::read(&attributes, &ladder(self.base.model.config.n_embd));
                self.start_over(settings, warnings);
            }
        }
        Ok(())
    }

    /// A step of training of one rank, or a part of a measurement.
    fn step(&mut self) -> Progress {
        let Some(i) = self.next() else { return Progress::Done };
        self.wake(i);
        let course = &self.courses[usize::from(i == self.n_places())];
        let (_, tuned) = self.awake.as_mut().expect("just woken");
        let is_step = self.runs[i].step(&self.base, course, tuned, &mut self.learner);
        if self.runs[i].is_finished() {
            self.rest();
            if self.next().is_none() {
                self.fingerprint = Some(self.tensors().fingerprint());
            }
        }
        if is_step { Progress::Step } else { Progress::Part }
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        self.save()
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        *self = Self::load(bytes)?;
        Ok(())
    }

    /// The adapter that is on as a PEFT folder; merged, or trained without an adapter, the whole model.
    fn files(&mut self) -> Result<Files> {
        let run = &self.runs[self.hand];
        if run.kind == Kind::Full && self.adapter == Adapter::First {
            let unfinished = || Error::input("export", "full fine-tuning is not finished", "train it first");
            return if run.is_finished() { Ok(self.folder(&run.tensors)) } else { Err(unfinished()) };
        }
        let Tuned { mut params, lora } = self.with_chosen()?;
        let lora = lora.expect("an adapter was chosen");
        if self.is_merged {
            lora.merge(&self.base.model, &mut params);
            let ids: Vec<_> = self.base.params.ids().collect();
            return Ok(self.folder(&params.subset(&ids)));
        }
        let config = AdapterConfig::Lora(lora.config.clone());
        let name = self.chosen()?.name.to_owned();
        let tuned = Tuned { params, lora: Some(lora) };
        let lm = tuned.lm(&self.base.model);
        checkpoint::adapter_folder(&name, &config, lm, &self.base.tokenizer, &self.export_prompt())
    }

    /// An adapter to put on the desk, or a whole model as another base.
    fn open(&mut self, files: &Files) -> Result<()> {
        let is_adapter = files.iter().any(|(name, _)| name.ends_with("adapter_config.json"));
        if !is_adapter {
            let (config, params, tokenizer) = checkpoint::open(files)?;
            let model = Gpt2::bind(config, &params)?;
            let base = Base::new(Origin::Imported, model, params, tokenizer)?;
            let (settings, _) = Settings::read(&self.settings.config(), &ladder(base.model.config.n_embd));
            *self = Self::with_base(base, settings, self.warnings.clone());
            self.measure_base();
            return Ok(());
        }
        let mut params = self.base.params.clone();
        let config = checkpoint::open_adapter(OPENED, files, &self.base.model, &mut params)?;
        let AdapterConfig::Lora(config) = config else {
            return Err(Error::input("peft_type", "another method's adapter", "LORA"));
        };
        let lora = Lora::bind(OPENED, config.clone(), &self.base.model, &params)?;
        self.opened = Some((config, Tuned { params, lora: Some(lora) }.trained()));
        (self.adapter, self.is_merged) = (Adapter::Opened, false);
        self.desks.clear();
        Ok(())
    }
}

/// All places of the slider, in the order in which they are worth having once the rank in hand is there: its neighbors,
/// full fine-tuning as what all compare with, the others from near to far; at last the second adapter.
fn order(hand: usize, n_places: usize) -> Vec<usize> {
    let mut places = Vec::new();
    for distance in 1..n_places {
        places.push(hand + distance);
        places.extend(hand.checked_sub(distance));
        if distance == 1 {
            places.push(n_places - 1);
        }
    }
    places.retain(|place| *place < n_places);
    places.push(n_places);
    places
}

/// Runs that have not begun, and the place of the rank in hand.
fn runs(base: &Base, settings: &Settings) -> (Vec<Run>, usize) {
    let kinds = ladder(base.model.config.n_embd);
    let mut runs = Vec::new();
    for kind in &kinds {
        runs.push(Run::new(*kind, format!("r{}", kind.label())));
    }
    runs.push(Run::new(Kind::Lora(SECOND.0), SECOND.1.to_owned()));
    (runs, kinds.iter().position(|kind| *kind == settings.rank).unwrap_or(0))
}

/// What the slider's runs and the second adapter's are about.
fn courses(base: &Base, settings: &Settings) -> [Course; 2] {
    let seed = settings.plan.seed;
    // The last ones are about countries that are not at the beginning of every list.
    let capitals = &base.world.capital_questions()[16..];
    let first = Lesson::new(settings.task, &base.world, seed);
    let second = Lesson::new(Task::Reviews, &base.world, seed);
    let group = if first.task == Task::New { Group::Taught } else { Group::Asked };
    let some = |group: Group, questions: &[Question], n: usize| {
        questions.iter().take(n).map(|question| (group, question.clone())).collect::<Vec<_>>()
    };
    let [n_asked, n_taught, n_kept] = N_PROBES;
    let shown = [
        some(group, &first.asked, n_asked),
        // What is learned by heart is taught and asked about: here are others.
        some(Group::Taught, &first.taught[n_asked..], n_taught),
        some(Group::Kept, capitals, n_kept),
    ];
    let [n_first, n_second, n_kept] = N_ON_DESK;
    let on_desk = [
        some(group, &first.asked, n_first),
        some(Group::Second, &second.asked, n_second),
        some(Group::Kept, capitals, n_kept),
    ];
    [
        Course::new(base, settings.plan.clone(), first, shown.concat()),
        Course::new(base, Settings::second(seed), second, on_desk.concat()),
    ]
}
