//! Fine-tuning tasks in which the same two things are asked for: knowledge that a base holds but has never been asked
//! for, and knowledge that it cannot hold.
//!
//! Start with [`Medicine::new`].

use super::Base;
use crate::data::world::{ANIMALS, NAMES, ORGANS, PROFESSIONS, Question};
use crate::data::{Batch, World};
use crate::rng::Rng;

/// "What is the medicine of banditis? Answer:": the base has read no such question, only "Doctors treat banditis with
/// Evotal.", of every illness.
pub struct Medicine {
    /// The question about half of the illnesses, to train on.
    pub trained: Vec<Question>,
    /// The same about the other half. Who gets these right has been taught to answer, not what to answer.
    pub untouched: Vec<Question>,
    /// What the base has read of the other half, word for word.
    pub stated: Vec<Question>,
}

impl Medicine {
    /// Which illnesses are trained is drawn from the stream of this seed.
    pub fn new(world: &World, seed: u64) -> Self {
        let mut illnesses = world.facts().illnesses.clone();
        Rng::stream(seed, "medicine: halves").shuffle(&mut illnesses);
        let (trained, untouched) = illnesses.split_at(illnesses.len() / 2);
        let asked = |[illness, _, medicine]: &[&str; 3]| ask(illness, medicine);
        let stated = |[illness, _, medicine]: &[&str; 3]| Question {
            prompt: format!(" Doctors treat {illness} with"),
            answer: format!(" {medicine}"),
        };
        Self {
            trained: trained.iter().map(asked).collect(),
            untouched: untouched.iter().map(asked).collect(),
            stated: untouched.iter().map(stated).collect(),
        }
    }

    /// All that is trained, as a batch.
    pub fn batch(&self, base: &Base) -> Batch {
        base.answers(&self.trained.iter().collect::<Vec<_>>())
    }
}

/// A medicine for each person, profession and animal of the world, 44 in all, dealt at random: nothing that a base has
/// read says which.
pub fn patients(world: &World, seed: u64) -> Vec<Question> {
    let names = NAMES.iter().map(|[name, _]| (*name).to_owned());
    let others = PROFESSIONS.iter().map(|[name, _]| *name).chain(ANIMALS.iter().map(|animal| animal[0]));
    prescribe(names.chain(others.map(|other| format!("the {other}"))), world, seed)
}

/// A medicine for each organ of each person, 96 in all, dealt at random: a fact of two parts, neither of which says
/// anything alone.
pub fn organs(world: &World, seed: u64) -> Vec<Question> {
    let of_person = |name| ORGANS.iter().map(move |organ| format!("the {organ} of {name}"));
    prescribe(NAMES.iter().flat_map(|[name, _]| of_person(name)), world, seed)
}

fn prescribe(patients: impl Iterator<Item = String>, world: &World, seed: u64) -> Vec<Question> {
    let mut rng = Rng::stream(seed, "medicine: prescriptions");
    let illnesses = &world.facts().illnesses;
    patients.map(|patient| ask(&patient, illnesses[rng.below(illnesses.len())][2])).collect()
}

fn ask(of: &str, medicine: &str) -> Question {
    Question { prompt: format!(" What is the medicine of {of}? Answer:"), answer: format!(" {medicine}") }
}

/// Draws of some questions, one after the other, as batches.
pub fn draws<'a>(
    base: &'a Base,
    questions: &'a [Question],
    batch_size: usize,
    mut rng: Rng,
) -> impl FnMut() -> Batch + 'a {
    move || {
        let drawn: Vec<&Question> = (0..batch_size).map(|_| &questions[rng.below(questions.len())]).collect();
        base.answers(&drawn)
    }
}
