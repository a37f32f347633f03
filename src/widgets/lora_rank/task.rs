//! What is learned, what shows that it was, and what ought not to be forgotten.
//!
//! Knows questions and no model. Start with [`Lesson::new`].

use crate::data::World;
use crate::data::world::{COLORS, LabeledTexts, NAMES, Question, TOYS};
use crate::experiments::medicine::Medicine;
use crate::experiments::sentiment::{ANSWERS, ASK};
use crate::json::names;
use crate::rng::Rng;

/// The task of the slider, or of the second adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// To say in answer to a question what was only ever read as a statement: half of the illnesses are asked about in
    /// training, the score is over the other half.
    Known,
    /// To learn by heart what no text says: of which color each of 96 toys is, dealt at random.
    New,
    /// To say whether who wrote a review was happy or sad.
    Reviews,
}

names!(Task: Known = "known", New = "new", Reviews = "reviews");

/// Reviews to learn from and to be asked about.
const N_REVIEWS: usize = 160;
const N_REVIEWS_ASKED: usize = 32;

/// What suits a task where the reader says nothing.
///
/// With half and twice these learning rates, on ten seeds, what is known is told all the same, and what is new is learned
/// less well or at the cost of the old.
pub struct Recipe {
    /// Steps of a run.
    pub steps: usize,
    /// Learning rate of an adapter.
    pub learning_rate: f64,
    /// Learning rate of full fine-tuning, its own best.
    pub full_learning_rate: f64,
    /// Rows in a step.
    pub batch_size: usize,
}

impl Task {
    /// The settings that suit it.
    pub fn recipe(self) -> Recipe {
        let (steps, learning_rate, full_learning_rate, batch_size) = match self {
            Self::Known => (80, 2.5e-3, 3e-4, 12),
            Self::New => (120, 1e-2, 1e-3, 24),
            Self::Reviews => (80, 5e-3, 1e-3, 16),
        };
        Recipe { steps, learning_rate, full_learning_rate, batch_size }
    }
}

/// The questions of a task.
pub struct Lesson {
    /// Which one.
    pub task: Task,
    /// What is trained on.
    pub taught: Vec<Question>,
    /// What the score is over.
    pub asked: Vec<Question>,
}

impl Lesson {
    /// The questions that a seed picks.
    pub fn new(task: Task, world: &World, seed: u64) -> Self {
        let (taught, asked) = match task {
            Task::Known => {
                let Medicine { trained, untouched, .. } = Medicine::new(world, seed);
                (trained, untouched)
            }
            Task::New => {
                let mut rng = Rng::stream(seed, "lora-rank: toys");
                let mut taught = Vec::new();
                for toy in TOYS {
                    for [name, _] in NAMES {
                        let prompt = format!(" What color is the {toy} of {name}? Answer:");
                        let answer = format!(" {}", COLORS[rng.below(COLORS.len())]);
                        taught.push(Question { prompt, answer });
                    }
                }
                rng.shuffle(&mut taught);
                (taught.clone(), taught)
            }
            Task::Reviews => {
                let texts = LabeledTexts::reviews();
                let mut rng = Rng::stream(seed, "lora-rank: reviews");
                let mut taught = Vec::new();
                while taught.len() < N_REVIEWS {
                    let class = taught.len() % 2;
                    let prompt = texts.draw(class, &mut rng) + ASK;
                    let question = Question { prompt, answer: ANSWERS[class].to_owned() };
                    if !taught.contains(&question) {
                        taught.push(question);
                    }
                }
                let asked = taught.split_off(N_REVIEWS - N_REVIEWS_ASKED);
                (taught, asked)
            }
        };
        Self { task, taught, asked }
    }

    /// The rows of a step: all questions in turn.
    pub fn rows(&self, step: usize) -> impl Iterator<Item = &Question> {
        let n = self.task.recipe().batch_size;
        self.taught.iter().cycle().skip(step * n % self.taught.len()).take(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_of_a_task_that_is_known_is_over_what_was_not_taught() {
        for task in [Task::Known, Task::Reviews] {
            for seed in 0..3 {
                let lesson = Lesson::new(task, &World::new(0), seed);
                assert!(lesson.asked.len() >= 12);
                assert!(lesson.asked.iter().all(|q| !lesson.taught.contains(q)), "{task:?}");
            }
        }
    }

    #[test]
    fn every_question_is_taught_as_often_as_any_other() {
        let lesson = Lesson::new(Task::New, &World::new(0), 1);
        let mut n = vec![0; lesson.taught.len()];
        for step in 0..8 {
            for row in lesson.rows(step) {
                n[lesson.taught.iter().position(|q| q == row).expect("it is taught")] += 1;
            }
        }
        assert_eq!(n, [2; 96]);
    }
}
