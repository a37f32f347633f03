//! `<pretune-transfer-depth>`: the reader bets how deep one should fine-tune, for so many labels and a domain that is near
//! or far; then every depth is trained, and a rule of thumb is held against what came out.
//!
//! A case is one number of labels in one domain; the one in hand is trained, and what each came to is kept. A depth that a
//! snapshot finds unfinished begins anew, which takes seconds and gives the same bits. Knows no page and no clock. Start with
//! [`TransferDepth::new`]; the runs are those of [`experiments::transfer_depth`](crate::experiments::transfer_depth).

mod frame;

use super::attributes::{self, SEED, Warning};
use super::base::{self, Origin, misfit};
use super::{Attributes, Files, Progress, Widget};
use crate::error::{Error, Result};
use crate::experiments::Base;
use crate::experiments::transfer_depth::{
    Continuing, Domain, Ground, LABELS, Method, N_DRAWS, N_TEST, classifier,
};
use crate::json::{FromJson, ToJson, Value, Wrong, field, fields, from_json};
use crate::tensor::{Params, Tape};
use crate::train::{Classifier, Examples, OptionInfo};

pub use frame::{Frame, draw};

/// Held-out texts of a unit.
const N_JUDGED: usize = 32;
const N_METHODS: usize = Method::ALL.len();
const ALLOWED: &str = "near or far";
const ALLOWED_LABELS: &str = "4, 16, 64 or 256";

/// The settings of a tag.
pub const OPTIONS: &[OptionInfo] = &[
    OptionInfo {
        name: "domain",
        help: "Whether the new task is near to what the model has read, or far, at first.",
        allowed: ALLOWED,
    },
    OptionInfo { name: "labels", help: "Labels that there are at first.", allowed: ALLOWED_LABELS },
    SEED,
];

/// What an attribute allows, if a value is not allowed.
pub fn reject(name: &str, value: &str) -> Option<&'static str> {
    attributes::reject(OPTIONS, name, value, &mut |name, value| Settings::default().set(name, value))
}

/// The case in hand, by places in [`Domain::ALL`] and [`LABELS`].
#[derive(Debug, Clone, Copy, Default)]
struct Settings {
    domain: usize,
    labels: usize,
    seed: u64,
}

impl Settings {
    fn set(&mut self, name: &str, given: &str) -> Option<()> {
        match name {
            "domain" => self.domain = Domain::ALL.iter().position(|domain| domain.name() == given)?,
            "labels" => self.labels = LABELS.iter().position(|n| given.parse() == Ok(*n))?,
            "seed" => self.seed = attributes::seed(given)?,
            _ => return None,
        }
        Some(())
    }

    /// Its place among all cases.
    fn case(self) -> usize {
        self.domain * LABELS.len() + self.labels
    }
}

/// What is known of a case.
#[derive(Debug, Clone, Default)]
struct Case {
    bet: Option<Method>,
    /// Accuracies, in the order of [`Method::ALL`].
    results: Vec<Option<f64>>,
    /// Whether it was for this case that more was read.
    has_read_on: bool,
    /// Of the weights that were trained last, once all depths are.
    fingerprint: Option<String>,
}

fields!(Case: bet, results, has_read_on, fingerprint);

impl Case {
    /// The accuracies, once all are known.
    fn accuracies(&self) -> Option<[f64; N_METHODS]> {
        let mut all = [0.0; N_METHODS];
        for (accuracy, result) in all.iter_mut().zip(&self.results) {
            *accuracy = (*result)?;
        }
        Some(all)
    }
}

/// A domain with what is held out, whole and in parts.
struct Field {
    ground: Ground,
    parts: Vec<Examples>,
    /// The same with what the base makes of them, as far as it has read.
    features: Vec<Examples>,
    continuing: Option<Continuing>,
}

impl Field {
    fn new(base: &Base, domain: Domain, seed: u64) -> Self {
        let ground = Ground::new(base, domain, seed);
        let mut parts = Vec::new();
        for start in (0..ground.test.len()).step_by(N_JUDGED) {
            let mut part = Examples::default();
            for i in start..(start + N_JUDGED).min(ground.test.len()) {
                part.push(ground.test.ids[i].clone(), ground.test.labels[i]);
            }
            parts.push(part);
        }
        Self { ground, parts, features: Vec::new(), continuing: None }
    }

    fn has_read_on(&self) -> bool {
        self.continuing.as_ref().is_some_and(Continuing::is_complete)
    }
}

/// A depth under way.
struct Live {
    /// Its place.
    method: usize,
    /// Choices of labels that are behind it, and the sum of their accuracies.
    draw: usize,
    sum: f64,
    classifier: Classifier,
    examples: Examples,
    is_read: bool,
    step: usize,
    steps: usize,
    loss: Option<f32>,
    /// Parts of the held-out texts that were judged, and how many texts rightly.
    part: usize,
    n_right: usize,
}

/// The state machine of the demo.
pub struct TransferDepth {
    settings: Settings,
    warnings: Vec<Warning>,
    origin: Origin,
    base: Base,
    fields: [Option<Box<Field>>; 2],
    cases: Vec<Case>,
    live: Option<Live>,
    /// Numbers that each depth trains.
    trained: Vec<usize>,
    tape: Tape,
}

impl TransferDepth {
    /// The demo of a tag's attributes. `model` is the shipped checkpoint, or a snapshot of the reader's own model.
    ///
    /// # Errors
    ///
    /// If `model` cannot be read, or has not read the world.
    pub fn new(attributes: &Attributes, model: Option<&[u8]>) -> Result<Self> {
        let (origin, base) = base::open(model)?;
        let mut settings = Settings::default();
        let warnings = attributes::read(attributes, OPTIONS, &mut |name, given| settings.set(name, given));
        Ok(Self::with_base(origin, base, settings, warnings))
    }

    fn with_base(origin: Origin, base: Base, settings: Settings, warnings: Vec<Warning>) -> Self {
        let trained = |method| classifier(&base, &base.params, method, LABELS[0], 0).0.params.n_trained();
        let case = Case { results: vec![None; N_METHODS], ..Case::default() };
        let mut this = Self {
            trained: Method::ALL.into_iter().map(trained).collect(),
            settings,
            warnings,
            origin,
            base,
            fields: [None, None],
            cases: vec![case; Domain::ALL.len() * LABELS.len()],
            live: None,
            tape: Tape::new(),
        };
        this.take(settings);
        this
    }

    /// Makes this the case in hand.
    fn take(&mut self, settings: Settings) {
        if settings.case() != self.settings.case() {
            self.live = None;
        }
        self.settings = settings;
        let new = || Box::new(Field::new(&self.base, Domain::ALL[settings.domain], settings.seed));
        self.fields[settings.domain].get_or_insert_with(new);
    }

    fn field(&self) -> &Field {
        self.fields[self.settings.domain].as_ref().expect("that of the case in hand")
    }

    fn hand(&self) -> &Case {
        &self.cases[self.settings.case()]
    }

    /// Steps of a depth, for all choices of labels.
    fn steps(&self, method: usize) -> usize {
        let i = self.settings.labels;
        N_DRAWS[i] * Method::ALL[method].config(LABELS[i]).1
    }

    /// A depth with the next choice of labels.
    fn begin(&self, method: usize, draw: usize, sum: f64) -> Live {
        let Self { base, settings, .. } = self;
        let field = self.field();
        let examples = field.ground.examples(base, settings.labels, draw);
        let continued = field.continuing.as_ref().filter(|_| Method::ALL[method] == Method::Continued);
        let params = continued.map_or(&base.params, |continuing| &continuing.params);
        let (classifier, steps) =
            classifier(base, params, Method::ALL[method], examples.len(), settings.seed);
        Live {
            method,
            draw,
            sum,
            classifier,
            examples,
            is_read: Method::ALL[method] != Method::Features,
            step: 0,
            steps,
            loss: None,
            part: 0,
            n_right: 0,
        }
    }

    /// Judges a part of the held-out texts, or prepares for it. Whether it was the last.
    fn judge(&mut self, live: &mut Live) -> bool {
        let Self { base, fields, settings, tape, .. } = self;
        let Field { parts, features, .. } = &mut **fields[settings.domain].as_mut().expect("in hand");
        let part = if Method::ALL[live.method] != Method::Features {
            &parts[live.part]
        } else if let Some(part) = features.get(live.part) {
            part
        } else {
            features.push(parts[live.part].with_features(base.lm(), tape));
            return false;
        };
        let classes = live.classifier.predict(part);
        live.n_right += classes.iter().zip(&part.labels).filter(|(class, label)| class == label).count();
        live.part += 1;
        live.part == parts.len()
    }
}

struct Saved {
    origin: Origin,
    domain: usize,
    labels: usize,
    seed: u64,
    warnings: Vec<Warning>,
    cases: Vec<Case>,
}

fields!(Saved: origin, domain, labels, seed, warnings, cases);

/// A command; in JSON `{"type": "case", "domain": "far", "labels": "4"}` or `{"type": "bet", "method": "full"}`.
enum Command {
    /// Another case.
    Case { domain: String, labels: String },
    /// What the reader expects to win, or nothing.
    Bet { method: Option<Method> },
}

impl FromJson for Command {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        match value["type"].as_str() {
            Some("case") => {
                Self::Case { domain: field(value, "domain", wrong), labels: field(value, "labels", wrong) }
            }
            Some("bet") => Self::Bet { method: field(value, "method", wrong) },
            _ => {
                wrong.expected("case or bet", &value["type"]);
                Self::Bet { method: None }
            }
        }
    }
}

impl Widget for TransferDepth {
    fn command(&mut self, command: &Value) -> Result<()> {
        match from_json(command)? {
            Command::Case { domain, labels } => {
                let mut settings = self.settings;
                for (name, given, allowed) in
                    [("domain", domain, ALLOWED), ("labels", labels, ALLOWED_LABELS)]
                {
                    let set = settings.set(name, &given);
                    set.ok_or_else(|| Error::input(name, format!("{given:?}"), allowed))?;
                }
                self.take(settings);
            }
            Command::Bet { method } => {
                let case = &mut self.cases[self.settings.case()];
                if case.results.iter().any(Option::is_some) {
                    let given = "a bet on what is known in part";
                    return Err(Error::input("bet", given, "one before the first result"));
                }
                case.bet = method;
            }
        }
        Ok(())
    }

    fn step(&mut self) -> Progress {
        let at = self.settings.case();
        let Some(method) = self.cases[at].results.iter().position(Option::is_none) else {
            return Progress::Done;
        };
        if Method::ALL[method] == Method::Continued && !self.field().has_read_on() {
            let Self { base, fields, .. } = self;
            let Field { ground, continuing, .. } =
                &mut **fields[self.settings.domain].as_mut().expect("in hand");
            let Some(continuing) = continuing else {
                *continuing = Some(Continuing::new(base, ground.domain, &ground.test, self.settings.seed));
                return Progress::Part;
            };
            continuing.step(base);
            self.cases[at].has_read_on = true;
            return Progress::Step;
        }
        let Some(mut live) = self.live.take() else {
            self.live = Some(self.begin(method, 0, 0.0));
            return Progress::Part;
        };
        let mut progress = Progress::Part;
        if !live.is_read {
            live.is_read = live.examples.extract(self.base.lm(), &mut self.tape);
        } else if live.step < live.steps {
            live.loss = Some(live.classifier.step(&live.examples));
            live.step += 1;
            progress = Progress::Step;
        } else if self.judge(&mut live) {
            let (draw, sum) = (live.draw + 1, live.sum + live.n_right as f64 / N_TEST as f64);
            let n_draws = N_DRAWS[self.settings.labels];
            if draw < n_draws {
                self.live = Some(self.begin(method, draw, sum));
                return progress;
            }
            let case = &mut self.cases[at];
            case.results[method] = Some(sum / n_draws as f64);
            if method + 1 == N_METHODS {
                case.fingerprint = Some(live.classifier.params.fingerprint());
            }
            return progress;
        }
        self.live = Some(live);
        progress
    }

    fn frame(&mut self) -> Value {
        self.show().to_json()
    }

    fn snapshot(&self) -> Vec<u8> {
        let Settings { domain, labels, seed } = self.settings;
        let (warnings, cases) = (self.warnings.clone(), self.cases.clone());
        let saved = Saved { origin: self.origin, domain, labels, seed, warnings, cases };
        base::snapshot(&self.base, &Params::new(), &saved)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let (base, saved, _): (_, Saved, _) = base::restore(bytes)?;
        let Saved { origin, domain, labels, seed, warnings, cases } = saved;
        let is_whole = domain < Domain::ALL.len()
            && labels < LABELS.len()
            && cases.len() == self.cases.len()
            && cases.iter().all(|case| case.results.len() == N_METHODS);
        if !is_whole {
            return Err(misfit());
        }
        *self = Self { cases, ..Self::with_base(origin, base, Settings { domain, labels, seed }, warnings) };
        Ok(())
    }

    /// Its models live as long as their runs: there is none to give away.
    fn files(&mut self) -> Result<Files> {
        Err(Error::input(
            "export",
            "this figure keeps the numbers of its runs only",
            "another figure's model",
        ))
    }

    /// Another base.
    fn open(&mut self, files: &Files) -> Result<()> {
        let (origin, base) = base::import(files)?;
        *self = Self::with_base(origin, base, self.settings, self.warnings.clone());
        Ok(())
    }
}
