//! What the page shows, and how its chart is drawn. Start with [`Frame`].

use plotters::prelude::DrawingBackend;

use super::exercise::{Exercise, Kind, Piece, piece};
use super::model::{Learner, Model, POINT};
use super::{Goal, Objectives};
use crate::data::pictures::{Scene, patches};
use crate::error::{Error, Result};
use crate::experiments::contrastive::N_CHOICES;
use crate::experiments::objectives::STEPS;
use crate::json::{Value, fields, fixed};
use crate::plot::{Area, Axis, Dots, Plane, Points, Role, Theme, plane};
use crate::rng::Rng;
use crate::widgets::Attributes;
use crate::widgets::attributes::Warning;
use crate::widgets::base::percent;

/// Pictures that are shown.
const N_PICTURES: usize = 4;
/// Names of the objectives in the chart.
const NAMES: [&str; 5] = ["causal", "masked", "spans", "denoising", "contrastive"];
/// What each is called in a sentence.
const LEARNED: [&str; 5] = [
    "guess the next word",
    "guess hidden words",
    "write missing spans",
    "undo damage",
    "match pictures with captions",
];

/// Everything on screen.
pub struct Frame {
    /// Attributes that were not understood, and gave way to their defaults.
    pub warnings: Vec<Warning>,
    /// Every setting by its attribute's name, as in force.
    pub config: Attributes,
    /// Steps taken in all runs, and those of all runs together.
    pub step: usize,
    pub steps: usize,
    /// Loss of the model in hand, as a mean over its last steps.
    pub loss: Option<f32>,
    /// The objective in hand, and the one that learned last.
    pub hand: usize,
    pub learning: Option<usize>,
    /// By objective: what it makes of the sentence, and how far its model is.
    pub goals: Vec<GoalShown>,
    /// Sentences to choose from, and the one in hand.
    pub sentences: Vec<String>,
    pub sentence: usize,
    /// The sentence in hand, word by word.
    pub words: Vec<Word>,
    /// Sentences of this world that what is left can come from; none for pictures.
    pub fits: Option<usize>,
    /// What the model in hand says, once it has begun, and whether it is all as it was.
    pub said: Option<Vec<Said>>,
    pub exact: Option<bool>,
    /// Pictures with their captions, if they are in hand.
    pub pairs: Vec<Pair>,
    /// SHA-256 of the weights of the model in hand, once all are trained.
    pub fingerprint: Option<String>,
    /// One plain sentence of what is on screen.
    pub summary: String,
}

fields!(write Frame: warnings, config, step, steps, loss, hand, learning, goals, sentences, sentence, words, fits, said, exact, pairs, fingerprint, summary);

/// An objective.
pub struct GoalShown {
    pub name: &'static str,
    /// What its model reads of the sentence, and what it has to say; nothing of pictures.
    pub input: Vec<Piece>,
    pub target: Vec<Piece>,
    pub step: usize,
    pub done: bool,
    /// Mean losses of every ten steps, in nats.
    pub losses: Vec<f32>,
    /// Of the exam: answered, and asked.
    pub right: Option<usize>,
    pub asked: Option<usize>,
    /// Of pictures: captions preferred to those with both things swapped, and how often that was asked.
    pub swapped: Option<(usize, usize)>,
}

fields!(write GoalShown: name, input, target, step, done, losses, right, asked, swapped);

/// A word of the sentence in hand.
pub struct Word {
    pub text: String,
    pub hidden: bool,
}

fields!(write Word: text, hidden);

/// A piece of what a model says.
pub struct Said {
    pub text: String,
    pub kind: Kind,
    /// Whether it is as it was.
    pub right: bool,
}

fields!(write Said: text, kind, right);

/// A picture that was never learned from.
pub struct Pair {
    /// Red, green and blue of each pixel, row by row, two hexadecimal digits each.
    pub pixels: String,
    pub caption: String,
    /// The caption with both things in each other's place.
    pub swapped: String,
    pub found: Option<Found>,
}

fields!(write Pair: pixels, caption, swapped, found);

/// What the model says of a picture.
pub struct Found {
    /// The caption that it finds among 16, and whether it is the right one.
    pub caption: String,
    pub right: bool,
    /// Cosines of the picture with its caption, and with the swapped one.
    pub own: f32,
    pub other: f32,
}

fields!(write Found: caption, right, own, other);

impl Objectives {
    /// What is on screen now.
    pub(super) fn show(&mut self) -> Frame {
        let hand = self.settings.objective as usize;
        let tokens = self.sentences[self.sentence].tokens.clone();
        let exercise = |goal| Exercise::new(goal, &self.world, &tokens, &self.hidden);
        let mut goals = Vec::new();
        for (i, goal) in Goal::ALL.into_iter().enumerate() {
            let (mut input, mut target) = (Vec::new(), Vec::new());
            if let Some(exercise) = exercise(goal) {
                input.extend(exercise.reads().iter().map(|token| piece(&self.world, *token)));
                target.extend(exercise.asked().iter().map(|token| piece(&self.world, *token)));
            }
            let model = self.models[i].as_ref();
            let report = self.report(i);
            goals.push(GoalShown {
                name: goal.name(),
                input,
                target,
                step: model.map_or(0, |model| model.step),
                done: report.is_some(),
                losses: model.map_or_else(Vec::new, |model| model.losses.clone()),
                right: report.map(|report| report.right),
                asked: report.map(|report| report.asked),
                swapped: report.and_then(|report| report.swapped),
            });
        }
        let in_hand = exercise(Goal::ALL[hand]);
        let is_hidden = in_hand.as_ref().map_or(vec![false; tokens.len()], |e| e.is_hidden.clone());
        let word =
            |(token, hidden): (&u32, &bool)| Word { text: piece(&self.world, *token).text, hidden: *hidden };
        let words = tokens.iter().zip(&is_hidden).map(word).collect();
        let (mut said, mut exact, mut pairs) = (None, None, Vec::new());
        let begun = self.models[hand].as_mut().filter(|model| model.step > 0);
        match &in_hand {
            Some(exercise) => {
                if let Some(Learner::Text(run)) = begun.map(|model| &mut model.learner) {
                    let answer = run.trainer.answer(&exercise.example);
                    let first = exercise.example.n_given;
                    let is_right = |i: usize| exercise.example.targets.get(i) == answer.get(i);
                    let tell = |i: usize| {
                        let Piece { text, kind } = piece(&self.world, answer[i]);
                        Said { text, kind, right: is_right(i) }
                    };
                    said = Some((first..answer.len()).map(tell).collect());
                    exact = Some(answer == exercise.example.targets);
                }
            }
            None => pairs = self.pairs(),
        }
        let mut config = Attributes::new();
        config.insert("objective".to_owned(), Goal::ALL[hand].name().to_owned());
        config.insert("seed".to_owned(), self.settings.seed.to_string());
        config.insert("steps".to_owned(), self.settings.steps.to_string());
        let is_done = goals.iter().all(|goal| goal.done);
        let text = |statement: &crate::data::Statement| statement.text.trim().to_owned();
        let mut frame = Frame {
            warnings: self.warnings.clone(),
            config,
            step: goals.iter().map(|goal| goal.step).sum(),
            steps: self.settings.steps * goals.len(),
            loss: self.models[hand].as_ref().and_then(Model::loss),
            hand,
            learning: self.live,
            goals,
            sentences: self.sentences.iter().map(text).collect(),
            sentence: self.sentence,
            words,
            fits: in_hand.map(|exercise| exercise.n_fits),
            said,
            exact,
            pairs,
            fingerprint: self.report(hand).filter(|_| is_done).map(|report| report.fingerprint.clone()),
            summary: String::new(),
        };
        frame.summary = summary(&frame, self.settings.steps);
        frame
    }

    /// Some pictures, and what the model says of them if it has begun.
    fn pairs(&mut self) -> Vec<Pair> {
        let mut rng = Rng::stream(self.settings.seed, &format!("objectives: pictures {}", self.choice));
        let mut scenes = self.pictures.held_out.clone();
        rng.shuffle(&mut scenes);
        scenes.truncate(N_CHOICES);
        let swapped: Vec<Scene> = scenes.iter().take(N_PICTURES).map(Scene::swapped).collect();
        let drawn: Vec<Vec<f32>> = scenes.iter().take(N_PICTURES).map(|scene| scene.draw(&mut rng)).collect();
        let text = |scene: &Scene| scene.caption().trim().to_owned();
        let mut cosines = Vec::new();
        let begun = self.models[Goal::Contrastive as usize].as_mut().filter(|model| model.step > 0);
        if let Some(Learner::Pairs(run)) = begun.map(|model| &mut model.learner) {
            let captions: Vec<Vec<u32>> =
                scenes.iter().chain(&swapped).map(|scene| run.caption(scene)).collect();
            let pictures: Vec<Vec<f32>> = drawn.iter().map(|pixels| patches(pixels)).collect();
            cosines = run.trainer.cosines(&captions, &pictures);
        }
        let mut rows = cosines.chunks_exact(scenes.len() + swapped.len());
        let pair = |(i, pixels): (usize, &Vec<f32>)| Pair {
            pixels: hexadecimal(pixels),
            caption: text(&scenes[i]),
            swapped: text(&swapped[i]),
            found: rows.next().map(|row| {
                let best = (1..scenes.len()).fold(0, |best, j| if row[j] > row[best] { j } else { best });
                let (own, other) = (row[i], row[scenes.len() + i]);
                Found { caption: text(&scenes[best]), right: best == i, own, other }
            }),
        };
        drawn.iter().enumerate().map(pair).collect()
    }
}

fn hexadecimal(pixels: &[f32]) -> String {
    let mut text = String::new();
    for value in pixels {
        let byte = (255.0 * value.clamp(0.0, 1.0)).round() as u32;
        text.extend([byte / 16, byte % 16].into_iter().filter_map(|digit| char::from_digit(digit, 16)));
    }
    text
}

/// One sentence of what is on screen.
fn summary(frame: &Frame, steps: usize) -> String {
    let share_of = |right: usize, asked: usize| percent(right as f64 / asked as f64);
    let goal = &frame.goals[frame.hand];
    let (Some(right), Some(asked), Some(first), Some(last)) =
        (goal.right, goal.asked, goal.losses.first(), goal.losses.last())
    else {
        let n = frame.goals.iter().filter(|goal| goal.done).count();
        let so_far = match goal.step {
            0 => "has learned nothing yet".to_owned(),
            step => format!("has taken {step} of {steps} steps"),
        };
        return format!(
            "One sentence, five exercises: the network that is to {} {so_far}; {n} of 5 are trained.",
            LEARNED[frame.hand]
        );
    };
    let share = share_of(right, asked);
    let did = match Goal::ALL[frame.hand] {
        Goal::CausalLm => format!(
            "the model names the next word in {share} of the places in new sentences where the words before it leave no choice"
        ),
        Goal::MaskedLm => {
            format!("the model fills {share} of the blanks in new sentences where the rest leaves no choice")
        }
        Goal::SpanCorruption => format!(
            "the model writes {share} of the missing spans of new sentences word for word, where the rest leaves no choice"
        ),
        Goal::Denoising => format!(
            "the model restores {share} of damaged new sentences word for word, where there is one way to do it"
        ),
        Goal::Contrastive => {
            format!("the model finds the caption of a new picture among {N_CHOICES} in {share} of cases")
        }
    };
    let mut text = format!(
        "After {steps} steps of learning to {}, {did}; its loss fell from {} to {} nats.",
        LEARNED[frame.hand],
        fixed(f64::from(*first), 2),
        fixed(f64::from(*last), 2)
    );
    if let Some((right, asked)) = goal.swapped {
        text.push_str(&format!(
            " Asked to choose between the caption and the same one with both things swapped, it is right in {}, where a \
             coin would be in 50: its exercise hardly ever asked for the order of words.",
            share_of(right, asked)
        ));
    }
    text
}

/// Draws `losses`, which needs the names and losses of the frame's `goals`, and `hand`.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    let wrong = |given| Error::input(super::TAG, given, "the chart losses of a frame of this widget");
    if chart != "losses" {
        return Err(wrong("no such chart"));
    }
    let goals = frame["goals"].as_array().filter(|goals| goals.len() == NAMES.len());
    let goals = goals.ok_or_else(|| wrong("not a frame"))?;
    let hand = frame["hand"].as_u64().unwrap_or(0) as usize;
    let points = |goal: &Value| -> Vec<[f32; 2]> {
        let losses = goal["losses"].as_array().unwrap_or_default();
        let point = |(i, loss): (usize, &Value)| Some([((i + 1) * POINT) as f32, loss.as_f64()? as f32]);
        losses.iter().enumerate().filter_map(point).collect()
    };
    let curves: Vec<Vec<[f32; 2]>> = goals.iter().map(points).collect();
    let series = |i: usize| Points {
        name: NAMES[i],
        points: &curves[i],
        role: if i == hand { Role::Training } else { Role::Reference },
        dots: Dots::None,
        is_joined: true,
    };
    // The one in hand is drawn over the others.
    let mut order: Vec<usize> = (0..NAMES.len()).filter(|i| *i != hand).collect();
    order.push(hand);
    let all: Vec<Points> = order.into_iter().filter(|i| *i < NAMES.len()).map(series).collect();
    let end = STEPS as f32;
    let x = Axis {
        title: "step",
        ticks: &[(0.0, "0"), (100.0, "100"), (200.0, "200"), (300.0, "300"), (400.0, "400"), (end, "500")],
    };
    let y = Axis { title: "loss, in nats", ticks: &[(0.0, "0"), (2.0, "2"), (4.0, "4"), (6.0, "6")] };
    plane(area, &Plane { x, y, has_diagonal: false, level: None, series: &all }, theme)
}
