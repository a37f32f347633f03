//! Labelled texts as tokens, drawn so that what is held out is never trained on.
//!
//! Knows no method. Start with [`draw`].

use super::Base;
use crate::data::world::LabeledTexts;
use crate::rng::Rng;
use crate::train::Examples;

/// Draws `n` texts, of either class in turn, none of which is among `known`.
pub fn draw(base: &Base, texts: &LabeledTexts, n: usize, known: &Examples, rng: &mut Rng) -> Examples {
    let mut examples = Examples::default();
    while examples.len() < n {
        let class = examples.len() % 2;
        let ids = base.encode(&texts.draw(class, rng));
        if !known.ids.contains(&ids) {
            examples.push(ids, class as u32);
        }
    }
    examples
}
