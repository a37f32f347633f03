//! Contrastive learning, as CLIP is trained: all that is known of a picture and a caption is that they belong together.
//!
//! It can be learned without the order of words: among captions drawn at random hardly any two have the same words. What
//! comes of that is measured as well (Yuksekgonul et al., arXiv:2210.01936).

use std::ops::Range;

use super::{Bar, Experiment, Lab, Measure, mean};
use crate::data::pictures::{N_PATCHES, PATCH_SIZE, Pictures, Scene, patches};
use crate::rng::Rng;
use crate::train::{ContrastiveTrainer, Cosine, DualEncoderConfig};

/// Steps of a run.
pub const STEPS: usize = 500;
/// Pairs a step.
const BATCH_SIZE: usize = 32;
/// The highest rate of a run.
const LEARNING_RATE: f64 = 2e-3;
/// Among how many a picture's caption is to be found.
pub const N_CHOICES: usize = 16;
/// Times that every scene is drawn anew to be measured.
const N_ROUNDS: usize = 4;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "contrastive",
    claim: "A model that only learns which caption belongs to which picture finds the caption of a scene it never saw.",
    measures: &[
        Measure {
            name: "caption-of-16",
            meaning: "share of pictures of new scenes whose caption it finds among 16",
            bar: Bar::AtLeast(0.92),
        },
        Measure {
            name: "picture-of-16",
            meaning: "share of captions of new scenes whose picture it finds among 16",
            bar: Bar::AtLeast(0.92),
        },
        Measure {
            name: "caption-of-all",
            meaning: "share of pictures of new scenes whose caption it finds among those of all 184 new scenes",
            bar: Bar::Report,
        },
        Measure {
            name: "caption-not-swapped",
            meaning: "share of the same pictures of which it prefers the caption to one with both things swapped",
            bar: Bar::Report,
        },
    ],
    run,
};

fn run(lab: &Lab) -> Vec<f64> {
    let mut run = Run::new(lab.seed);
    (0..STEPS).for_each(|_| _ = run.step());
    run.measure().to_vec()
}

/// An exam under way.
pub struct Exam {
    rng: Rng,
    scenes: Vec<Scene>,
    n_rounds: usize,
    /// 1 or 0 for each question, by the experiment's measures.
    pub hits: [Vec<f64>; 4],
}

/// A model that learns from pictures and captions.
pub struct Run {
    /// The scenes.
    pub pictures: Pictures,
    /// The model.
    pub trainer: ContrastiveTrainer,
    seed: u64,
    rng: Rng,
}

impl Run {
    /// A run of [`STEPS`] that has not begun.
    pub fn new(seed: u64) -> Self {
        let pictures = Pictures::new(seed);
        let config = DualEncoderConfig {
            vocab_size: pictures.tokenizer.vocab_size(),
            n_positions: 8,
            n_patches: N_PATCHES,
            patch_size: PATCH_SIZE,
            n_embd: 32,
            n_layer: 2,
            n_head: 4,
            projection_dim: 32,
        };
        let schedule = Cosine {
            learning_rate: LEARNING_RATE,
            min_lr: LEARNING_RATE / 10.0,
            warmup_iters: 30,
            lr_decay_iters: STEPS,
        };
        let mut weights = Rng::stream(seed, "contrastive: weights");
        let trainer = ContrastiveTrainer::new(&config, schedule, &mut weights);
        Self { pictures, trainer, seed, rng: Rng::stream(seed, "contrastive: batches") }
    }

    /// The tokens of a scene's caption.
    pub fn caption(&self, scene: &Scene) -> Vec<u32> {
        self.pictures.tokenizer.encode(&scene.caption())
    }

    /// Learns from fresh pictures of different scenes; gives the loss before, in nats.
    pub fn step(&mut self) -> f32 {
        let mut scenes = self.pictures.scenes.clone();
        self.rng.shuffle(&mut scenes);
        scenes.truncate(BATCH_SIZE);
        let pictures: Vec<Vec<f32>> =
            scenes.iter().map(|scene| patches(&scene.draw(&mut self.rng))).collect();
        let captions: Vec<Vec<u32>> = scenes.iter().map(|scene| self.caption(scene)).collect();
        self.trainer.step(&captions, &pictures)
    }

    /// An exam that has not begun.
    pub fn exam(&self) -> Exam {
        let rng = Rng::stream(self.seed, "contrastive: new pictures");
        Exam { rng, scenes: self.pictures.held_out.clone(), n_rounds: 0, hits: Default::default() }
    }

    /// Draws every scene of an exam anew, and looks for captions and pictures; says whether there is more to do.
    pub fn examine(&mut self, exam: &mut Exam) -> bool {
        let Exam { rng, scenes, n_rounds, hits } = exam;
        let n = scenes.len();
        rng.shuffle(scenes);
        let swapped: Vec<Scene> = scenes.iter().map(Scene::swapped).collect();
        let captions: Vec<Vec<u32>> =
            scenes.iter().chain(&swapped).map(|scene| self.caption(scene)).collect();
        let pictures: Vec<Vec<f32>> = scenes.iter().map(|scene| patches(&scene.draw(rng))).collect();
        let cosines = self.trainer.cosines(&captions, &pictures); // (n, 2n)
        let cosine = |picture: usize, caption: usize| cosines[picture * 2 * n + caption];
        for i in 0..n - n % N_CHOICES {
            let first = i / N_CHOICES * N_CHOICES;
            let choices = first..first + N_CHOICES;
            hits[0].push(is_best(i, choices.clone(), |caption| cosine(i, caption)));
            hits[1].push(is_best(i, choices, |picture| cosine(picture, i)));
        }
        for i in 0..n {
            hits[2].push(is_best(i, 0..n, |caption| cosine(i, caption)));
            hits[3].push(is_best(i, n + i..n + i + 1, |caption| cosine(i, caption)));
        }
        *n_rounds += 1;
        *n_rounds < N_ROUNDS
    }

    /// The values of the experiment's measures, of scenes that were held out.
    pub fn measure(&mut self) -> [f64; 4] {
        let mut exam = self.exam();
        while self.examine(&mut exam) {}
        exam.hits.map(|hits| mean(&hits))
    }
}

/// 1 if the right one scores more than every other, else 0.
fn is_best(right: usize, mut choices: Range<usize>, score: impl Fn(usize) -> f32) -> f64 {
    f64::from(choices.all(|i| i == right || score(i) < score(right)))
}
