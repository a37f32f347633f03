//! One state machine a demo: what the worker runs, what the page shows, what a chart draws.
//!
//! A widget is built from the attributes of its tag, takes commands, learns in steps and shows itself as a
//! frame, which is plain data. The same attributes, commands and number of steps give the same frames, bit for
//! bit, in every browser and natively. No widget knows another, and none knows a page. Start with [`Widget`];
//! the list of all widgets is [`open`] and [`draw`].

pub mod attributes;
pub mod base;
pub mod bias_probe;
pub mod data_mixture;
pub mod finetuning_types;
pub mod forgetting;
pub mod guardrails;
pub mod lora_rank;
pub mod memorization;
pub mod next_token;
pub mod objectives;
pub mod peft_methods;
pub mod rlhf_game;
pub mod scaling;
pub mod scratch_vs_transfer;
pub mod sentiment;
mod slots;
pub mod text_to_text;
pub mod training_cost;
pub mod transfer_depth;

use std::collections::BTreeMap;

use plotters::prelude::DrawingBackend;

use crate::data::Corpus;
use crate::error::{Error, Result};
use crate::json::Value;
use crate::plot::{Area, Theme};
use crate::train::Pretrainer;
use bias_probe::BiasProbe;
use data_mixture::DataMixture;
use finetuning_types::FinetuningTypes;
use forgetting::Forgetting;
use guardrails::Guardrails;
use lora_rank::LoraRank;
use memorization::Memorization;
use next_token::NextToken;
use objectives::Objectives;
use peft_methods::PeftMethods;
use rlhf_game::RlhfGame;
use scaling::Scaling;
use scratch_vs_transfer::ScratchVsTransfer;
use sentiment::Sentiment;
use text_to_text::TextToTextFigure;
use training_cost::TrainingCost;
use transfer_depth::TransferDepth;

/// The attributes of a tag as they stand in the page, by their names in kebab case.
pub type Attributes = BTreeMap<String, String>;

/// Files of a folder: name and contents.
pub type Files = Vec<(String, Vec<u8>)>;

/// How far a unit of learning came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is nothing left to learn.
    Done,
    /// A part of a step, or of an evaluation between two steps.
    Part,
    /// A step of training is complete.
    Step,
}

/// A demo's state machine.
pub trait Widget {
    /// Does what the reader asked for.
    ///
    /// # Errors
    ///
    /// If the command is not one of the widget's, or asks for something that cannot be done; nothing has
    /// changed then.
    fn command(&mut self, command: &Value) -> Result<()>;

    /// One unit of learning, as short as its parts allow, so that whoever calls can stop in between.
    fn step(&mut self) -> Progress;

    /// Floating-point operations of one step of training, to predict its time; 0 where steps are not alike.
    fn flops(&self) -> f64 {
        0.0
    }

    /// Parts of the next unit, if it is a whole step of training that workers can share; else 0.
    fn shards(&self) -> usize {
        0
    }

    /// The run of training whose steps can be shared, and what it reads.
    ///
    /// # Panics
    ///
    /// If there are none: [`Widget::shards`] is then always 0.
    fn run(&mut self) -> (&mut Pretrainer, &Corpus) {
        unreachable!("run: no step is shared")
    }

    /// Completes a step that was shared: moves the weights.
    ///
    /// # Panics
    ///
    /// If shards of it are missing, or none can be shared.
    fn finish(&mut self) -> Progress {
        unreachable!("finish: no step is shared")
    }

    /// Everything that the page shows.
    fn frame(&mut self) -> Value;

    /// All that is needed to go on with the same bits.
    fn snapshot(&self) -> Vec<u8>;

    /// Goes back to a snapshot.
    ///
    /// # Errors
    ///
    /// If the bytes are not a snapshot of this kind of widget; nothing has changed then.
    fn restore(&mut self, bytes: &[u8]) -> Result<()>;

    /// The model as a Hugging Face folder.
    fn files(&mut self) -> Result<Files>;

    /// Goes on with the model of a Hugging Face folder.
    ///
    /// # Errors
    ///
    /// If the folder does not hold a model of this kind; nothing has changed then.
    fn open(&mut self, files: &Files) -> Result<()>;
}

const ALL: &str = "pretune-bias-probe, pretune-data-mixture, pretune-finetuning-types, pretune-forgetting, \
                   pretune-guardrails, pretune-lora-rank, pretune-memorization, pretune-next-token, \
                   pretune-objectives, pretune-peft-methods, pretune-rlhf-game, pretune-scaling, \
                   pretune-scratch-vs-transfer, pretune-sentiment, pretune-text-to-text, pretune-training-cost or \
                   pretune-transfer-depth";

/// The figures that come to an end by themselves, each with the chart that can stand alone: a page shows their last frame before
/// they are started. The longest come first, since they are run side by side.
pub const WITH_RESULT: &[(&str, Option<&str>)] = &[
    ("pretune-text-to-text", Some("tasks")),
    ("pretune-objectives", Some("losses")),
    ("pretune-scaling", Some("law")),
    ("pretune-finetuning-types", None),
    ("pretune-lora-rank", Some("ranks")),
    ("pretune-data-mixture", Some("losses")),
    ("pretune-transfer-depth", None),
    ("pretune-peft-methods", Some("pareto")),
    ("pretune-guardrails", Some("refusals")),
    ("pretune-scratch-vs-transfer", Some("curves")),
    ("pretune-memorization", Some("exposure")),
    ("pretune-bias-probe", Some("odds")),
    ("pretune-forgetting", None),
    ("pretune-sentiment", None),
    ("pretune-training-cost", None),
];

/// The widget of a tag. `model` is a checkpoint to begin with, if the page has one.
///
/// # Errors
///
/// If there is no such widget, or the checkpoint cannot be read. A bad attribute is no error: it gives way to its
/// default, and the frame says so.
pub fn open(tag: &str, attributes: &Attributes, model: Option<&[u8]>) -> Result<Box<dyn Widget>> {
    match tag {
        "pretune-bias-probe" => Ok(Box::new(BiasProbe::new(attributes))),
        "pretune-data-mixture" => Ok(Box::new(DataMixture::new(attributes))),
        "pretune-finetuning-types" => Ok(Box::new(FinetuningTypes::new(attributes, model)?)),
        "pretune-guardrails" => Ok(Box::new(Guardrails::new(attributes))),
        "pretune-forgetting" => Ok(Box::new(Forgetting::new(attributes, model)?)),
        "pretune-lora-rank" => Ok(Box::new(LoraRank::new(attributes, model)?)),
        "pretune-memorization" => Ok(Box::new(Memorization::new(attributes))),
        "pretune-next-token" => Ok(Box::new(NextToken::new(attributes, model)?)),
        "pretune-peft-methods" => Ok(Box::new(PeftMethods::new(attributes, model)?)),
        "pretune-objectives" => Ok(Box::new(Objectives::new(attributes))),
        "pretune-rlhf-game" => Ok(Box::new(RlhfGame::new(attributes, model)?)),
        "pretune-scaling" => Ok(Box::new(Scaling::new(attributes))),
        "pretune-text-to-text" => Ok(Box::new(TextToTextFigure::new(attributes))),
        "pretune-training-cost" => Ok(Box::new(TrainingCost::new(attributes))),
        "pretune-scratch-vs-transfer" => Ok(Box::new(ScratchVsTransfer::new(attributes, model)?)),
        "pretune-sentiment" => Ok(Box::new(Sentiment::new(attributes, model)?)),
        "pretune-transfer-depth" => Ok(Box::new(TransferDepth::new(attributes, model)?)),
        _ => Err(Error::input(tag, "no such widget", ALL)),
    }
}

/// Draws a chart of a frame.
///
/// # Errors
///
/// If the widget has no such chart, or the frame is not one of its frames.
pub fn draw<DB: DrawingBackend>(
    tag: &str,
    chart: &str,
    frame: &Value,
    area: &Area<DB>,
    theme: &Theme,
) -> Result<()> {
    match tag {
        "pretune-bias-probe" => bias_probe::draw(chart, frame, area, theme),
        "pretune-data-mixture" => data_mixture::draw(chart, frame, area, theme),
        "pretune-guardrails" => guardrails::draw(chart, frame, area, theme),
        "pretune-forgetting" => forgetting::draw(chart, frame, area, theme),
        "pretune-lora-rank" => lora_rank::draw(chart, frame, area, theme),
        "pretune-memorization" => memorization::draw(chart, frame, area, theme),
        "pretune-next-token" => next_token::draw(chart, frame, area, theme),
        "pretune-peft-methods" => peft_methods::draw(chart, frame, area, theme),
        "pretune-objectives" => objectives::draw(chart, frame, area, theme),
        "pretune-rlhf-game" => rlhf_game::draw(chart, frame, area, theme),
        "pretune-scaling" => scaling::draw(chart, frame, area, theme),
        "pretune-scratch-vs-transfer" => scratch_vs_transfer::draw(chart, frame, area, theme),
        "pretune-text-to-text" => text_to_text::draw(chart, frame, area, theme),
        "pretune-transfer-depth" => transfer_depth::draw(chart, frame, area, theme),
        _ => Err(Error::input(tag, "no such widget", ALL)),
    }
}
