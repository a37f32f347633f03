//! One base, several adapters: whichever is on answers, and added into the weights it answers the same.
//!
//! Start with [`Desk::try_out`].

use super::base::Base;
use super::command::Adapter;
use crate::data::Batch;
use crate::json::fields;
use crate::nn::{CausalLm, Tuner};
use crate::peft::{Lora, LoraConfig};
use crate::tensor::{Params, Tape};
use crate::widgets::base::{self, Said};

/// An adapter that can be put beside the base.
pub struct Candidate<'a> {
    /// Which one.
    pub adapter: Adapter,
    /// Its name in the tensors' names.
    pub name: &'a str,
    /// Its settings.
    pub config: LoraConfig,
    /// Its tensors.
    pub tensors: &'a Params,
}

/// What an adapter, or the base alone, answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// Whose answers these are.
    pub adapter: Adapter,
    /// The rank; 0 for the base alone.
    pub r: usize,
    /// What it says to each question.
    pub answers: Vec<Said>,
}

fields!(write Tried: adapter, r, answers);

/// What was tried on the desk.
#[derive(Debug, Clone, PartialEq)]
pub struct Desk {
    /// The answers of each adapter that is there, the base's first.
    pub tried: Vec<Tried>,
    /// SHA-256 of the base's weights, before any adapter was beside them.
    pub fingerprint: String,
    /// The same after every adapter was on and off again.
    pub swapped: String,
    /// The same with the chosen adapter added into them; nothing for the base alone.
    pub merged: Option<String>,
    /// The same after it was taken out again.
    pub unmerged: Option<String>,
    /// The largest difference between any two scores, added in and beside.
    pub difference: Option<f32>,
}

fields!(write Desk: tried, fingerprint, swapped, merged, unmerged, difference);

impl Desk {
    /// Puts each adapter on in turn, asks, and merges the chosen one and takes it out again.
    pub fn try_out(
        base: &Base,
        candidates: &[Candidate],
        chosen: Adapter,
        questions: &Batch,
        tape: &mut Tape,
    ) -> Self {
        let fingerprint = base.params.fingerprint();
        let mut params = base.params.clone();
        let mut loras: Vec<(Adapter, Lora)> = Vec::new();
        for Candidate { adapter, name, config, tensors } in candidates {
            for id in tensors.ids() {
                params.add_values(tensors.name(id), tensors.shape(id), tensors.value(id));
            }
            let lora = Lora::bind(name, config.clone(), &base.model, &params);
            loras.push((*adapter, lora.expect("the adapter's own tensors")));
        }
        let ids: Vec<_> = base.params.ids().collect();
        let of_base = |params: &Params| params.subset(&ids).fingerprint();
        let mut ask = |params: &Params, adapter: Adapter, lora: Option<&Lora>| {
            let lm = CausalLm { model: &base.model, params, tuner: lora.map(|lora| lora as &dyn Tuner) };
            let answers = base.said(&base::ask(lm, tape, questions));
            Tried { adapter, r: lora.map_or(0, |lora| lora.config.r), answers }
        };
        let mut tried = vec![ask(&params, Adapter::None, None)];
        tried.extend(loras.iter().map(|(adapter, lora)| ask(&params, *adapter, Some(lora))));
        let swapped = of_base(&params);

        let mut desk = Self { tried, fingerprint, swapped, merged: None, unmerged: None, difference: None };
        if let Some((_, lora)) = loras.iter().find(|(adapter, _)| *adapter == chosen) {
            let beside = CausalLm { model: &base.model, params: &params, tuner: Some(lora) };
            let beside = base::logits(beside, tape, questions);
            let before = lora.merge(&base.model, &mut params);
            let merged = base::logits(CausalLm::new(&base.model, &params), tape, questions);
            let pairs = beside.iter().flatten().zip(merged.iter().flatten());
            desk.difference = Some(pairs.fold(0.0_f32, |most, (a, b)| most.max((a - b).abs())));
            desk.merged = Some(of_base(&params));
            Lora::unmerge(&mut params, before);
            desk.unmerged = Some(of_base(&params));
        }
        desk
    }
}
