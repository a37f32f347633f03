//! Unlearning: up the gradient of what is to be forgotten.

use super::lm_loss;
use crate::data::Batch;
use crate::nn::{Gpt2, Input};
use crate::tensor::{Graph, Var};

/// `−loss(forget) + keep_coef · loss(keep)`, both the mean of `−log p(label)` over their own labels, in nats; (1, 1).
///
/// A [`Learner`](super::Learner) that goes down this goes up the loss of what is to be forgotten. There is no bottom:
/// whoever calls says when it is enough, and Jang et al. stop where the text is no likelier than one that the model has
/// never read.
///
/// Source: Jang et al., arXiv:2210.01504, equation 1. With a text to keep it is the gradient difference of Liu et al.,
/// arXiv:2203.12817, in the words of Maini et al., arXiv:2401.06121, section 4.1.
pub fn unlearning_loss(g: &mut Graph, model: &Gpt2, forget: &Batch, keep: Option<(&Batch, f32)>) -> Var {
    let mut loss_of = |batch: &Batch, factor| {
        let loss = lm_loss(g, model, &Input::new(&batch.input_ids, batch.batch_size), &batch.labels);
        g.scale(loss, factor)
    };
    let ascent = loss_of(forget, -1.0);
    match keep.map(|(keep, keep_coef)| loss_of(keep, keep_coef)) {
        Some(kept) => g.add(ascent, kept),
        None => ascent,
    }
}
