//! Contrastive learning: of many pictures and captions, which belong together?
//!
//! Knows no pictures, only patches of numbers, and no words, only ids. Start with [`info_nce`], then
//! [`ContrastiveTrainer::step`].

use super::{Cosine, Learner, Pooling, ScoreHead};
use crate::nn::{Gpt2, Gpt2Config, Input};
use crate::rng::Rng;
use crate::tensor::{Graph, ParamId, Params, Var};

/// The mean of two cross-entropies: each `a` has to find its `b` among all of them, and each `b` its `a`.
///
/// Rows are first scaled to length 1; `logit_scale` is the logarithm of what their products are multiplied with.
/// Gives the loss and the scores, row `a`, column `b`.
///
/// Shapes: `a (N, C), b (N, C), logit_scale (1, 1) → (1, 1)` and `(N, N)`.
/// Hugging Face: `image_text_contrastive_loss` of CLIP. Source: Radford et al., arXiv:2103.00020, figure 3.
///
/// # Panics
///
/// If the shapes differ.
pub fn info_nce(g: &mut Graph, a: Var, b: Var, logit_scale: Var) -> (Var, Var) {
    let (a, b) = (g.normalize(a), g.normalize(b));
    let scale = g.exp(logit_scale);
    let labels: Vec<Option<u32>> = (0..g.rows(a) as u32).map(Some).collect();
    let mut direction = |from, to| {
        let products = g.linear(from, to); // (N, N)
        let logits = g.scale_by(products, scale);
        let logprobs = g.logprobs(logits, &labels);
        (g.mean(logprobs), logits)
    };
    let ((a_to_b, logits), (b_to_a, _)) = (direction(a, b), direction(b, a));
    let sum = g.add(a_to_b, b_to_a);
    (g.scale(sum, -0.5), logits)
}

/// Sizes of a [`DualEncoder`].
#[derive(Debug, Clone, PartialEq)]
pub struct DualEncoderConfig {
    /// Number of tokens.
    pub vocab_size: usize,
    /// Most tokens of a caption.
    pub n_positions: usize,
    /// Patches of a picture.
    pub n_patches: usize,
    /// Numbers of a patch.
    pub patch_size: usize,
    /// Width of both towers.
    pub n_embd: usize,
    /// Blocks of each tower.
    pub n_layer: usize,
    /// Attention heads in a block.
    pub n_head: usize,
    /// Width of what the towers give.
    pub projection_dim: usize,
}

/// Two towers, one for captions and one for pictures, whose results can be compared.
///
/// Hugging Face: `VisionTextDualEncoderModel`, whose names it has. Source: Radford et al., arXiv:2103.00020, section 2.4.
/// Differs: both towers are GPT-2s in which every token sees all others, and what is projected is the mean over them.
#[derive(Debug, Clone)]
pub struct DualEncoder {
    text_model: Gpt2,
    vision_model: Gpt2,
    /// (C, patch_size)
    patch_embedding: ParamId,
    text_projection: ScoreHead,
    visual_projection: ScoreHead,
    logit_scale: ParamId,
}

impl DualEncoder {
    /// What cosines are multiplied with at first, and at most.
    const LOGIT_SCALES: [f32; 2] = [1.0 / 0.07, 100.0];

    /// Adds the tensors of a fresh model to `params`.
    pub fn init(config: &DualEncoderConfig, params: &mut Params, rng: &mut Rng) -> Self {
        let &DualEncoderConfig { n_embd, n_layer, n_head, projection_dim, patch_size, .. } = config;
        let tower = |vocab_size, n_positions| Gpt2Config {
            vocab_size,
            n_positions,
            n_embd,
            n_layer,
            n_head,
            is_causal: false,
            ..Gpt2Config::default()
        };
        let text = tower(config.vocab_size, config.n_positions);
        // Patches take the place of tokens; the one that a table must have is not used.
        let vision = tower(1, config.n_patches);
        let text_model = Gpt2::init_with_prefix("text_model.", text, params, rng);
        let vision_model = Gpt2::init_with_prefix("vision_model.", vision, params, rng);
        let mut weight = |name: &str, shape: [usize; 2]| {
            let std = 0.8 / libm::sqrtf(shape[1] as f32);
            params.add(name, &shape, || std * rng.normal())
        };
        let patch_embedding = weight("vision_model.embeddings.patch_embedding.weight", [n_embd, patch_size]);
        let mut projection =
            |name| ScoreHead { pooling: Pooling::Mean, weight: weight(name, [projection_dim, n_embd]) };
        let text_projection = projection("text_projection.weight");
        let visual_projection = projection("visual_projection.weight");
        let logit_scale = params.add("logit_scale", &[1], || libm::logf(Self::LOGIT_SCALES[0]));
        Self { text_model, vision_model, patch_embedding, text_projection, visual_projection, logit_scale }
    }

    /// What the tower for captions gives, (N, projection_dim).
    ///
    /// # Panics
    ///
    /// If a caption is empty or too long.
    pub fn text_embeds(&self, g: &mut Graph, captions: &[Vec<u32>]) -> Var {
        let block_size = captions.iter().map(Vec::len).max().unwrap_or(0);
        let mut input_ids = Vec::new();
        let mut attention_mask = Vec::new();
        for caption in captions {
            input_ids.extend(caption);
            attention_mask.extend((0..block_size).map(|t| t < caption.len()));
            input_ids.resize(attention_mask.len(), 0);
        }
        let spans: Vec<[usize; 2]> = captions.iter().map(|caption| [0, caption.len()]).collect();
        let input = Input { attention_mask: Some(&attention_mask), ..Input::new(&input_ids, captions.len()) };
        self.text_projection.scores(g, &self.text_model, &input, &spans)
    }

    /// What the tower for pictures gives, (N, projection_dim), of the patches of each.
    ///
    /// # Panics
    ///
    /// If a picture has another number of patches.
    pub fn image_embeds(&self, g: &mut Graph, pictures: &[Vec<f32>]) -> Var {
        let patches = g.constant(g.cols(g.param(self.patch_embedding)), &pictures.concat());
        let inputs_embeds = g.linear(patches, g.param(self.patch_embedding)); // (N·P, C)
        let n_patches = self.vision_model.config.n_positions;
        let ids = vec![0; g.rows(patches)];
        assert_eq!(ids.len(), pictures.len() * n_patches, "image_embeds: {n_patches} patches a picture");
        let input = Input { inputs_embeds: Some(inputs_embeds), ..Input::new(&ids, pictures.len()) };
        let spans = vec![[0, n_patches]; pictures.len()];
        self.visual_projection.scores(g, &self.vision_model, &input, &spans)
    }
}

/// Learns which caption belongs to which picture.
pub struct ContrastiveTrainer {
    /// The model.
    pub model: DualEncoder,
    /// Its weights.
    pub params: Params,
    /// The learning rate over the run.
    pub schedule: Cosine,
    /// The optimizer, and buffers.
    pub learner: Learner,
    /// Steps taken.
    pub step: usize,
}

impl ContrastiveTrainer {
    /// A model from scratch.
    pub fn new(config: &DualEncoderConfig, schedule: Cosine, rng: &mut Rng) -> Self {
        let mut params = Params::new();
        let model = DualEncoder::init(config, &mut params, rng);
        let learner = Learner::new(&params);
        Self { model, params, schedule, learner, step: 0 }
    }

    /// Gives back what a run that is over no longer needs.
    pub fn release(&mut self) {
        self.learner.release();
    }

    /// Learns from captions and the picture of each; gives the loss before, in nats.
    ///
    /// # Panics
    ///
    /// If there are not as many of both, or they have the wrong sizes.
    pub fn step(&mut self, captions: &[Vec<u32>], pictures: &[Vec<f32>]) -> f32 {
        let learning_rate = self.schedule.rate(self.step);
        self.step += 1;
        let model = &self.model;
        let loss = self.learner.step(&mut self.params, learning_rate, |g| {
            let (text, images) = (model.text_embeds(g, captions), model.image_embeds(g, pictures));
            info_nce(g, images, text, g.param(model.logit_scale)).0
        });
        let scale = &mut self.params.value_mut(model.logit_scale)[0];
        *scale = scale.min(libm::logf(DualEncoder::LOGIT_SCALES[1]));
        loss
    }

    /// How well each picture, a row, goes with each caption, a column: cosines, from −1 to 1.
    ///
    /// # Panics
    ///
    /// If they have the wrong sizes.
    pub fn cosines(&mut self, captions: &[Vec<u32>], pictures: &[Vec<f32>]) -> Vec<f32> {
        let mut g = Graph::inference(&mut self.learner.tape, &self.params);
        let (text, images) =
            (self.model.text_embeds(&mut g, captions), self.model.image_embeds(&mut g, pictures));
        let (text, images) = (g.normalize(text), g.normalize(images));
        let cosines = g.linear(images, text);
        g.value(cosines).to_vec()
    }
}
