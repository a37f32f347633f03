//! Pictures that the program draws, and their captions: two colored shapes, and where they stand.
//!
//! It knows nothing of models. Start with [`Scene`], then [`Pictures::new`].

use super::tokenizer::{Pieces, Tokenizer, words};
use crate::rng::Rng;

/// Pixels of a picture's side.
pub const SIDE: usize = 16;
/// Pixels of a patch's side.
pub const PATCH_SIDE: usize = 8;
/// Patches of a picture.
pub const N_PATCHES: usize = (SIDE / PATCH_SIDE) * (SIDE / PATCH_SIDE);
/// Numbers of a patch: red, green and blue of each pixel.
pub const PATCH_SIZE: usize = 3 * PATCH_SIDE * PATCH_SIDE;

/// Names of colors, with red, green and blue from 0 to 1.
pub const COLORS: [(&str, [f32; 3]); 6] = [
    ("red", [0.9, 0.15, 0.15]),
    ("green", [0.1, 0.75, 0.3]),
    ("blue", [0.2, 0.35, 1.0]),
    ("yellow", [1.0, 0.9, 0.2]),
    ("purple", [0.75, 0.3, 0.9]),
    ("white", [1.0, 1.0, 1.0]),
];

/// Names of shapes.
pub const SHAPES: [&str; 4] = ["circle", "square", "triangle", "cross"];

/// Of so many scenes, one is held out.
const HELD_OUT: usize = 6;

/// Something in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thing {
    /// One of [`COLORS`].
    pub color: usize,
    /// One of [`SHAPES`].
    pub shape: usize,
}

/// Where the first thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Left of the second, at about the same height.
    LeftOf,
    /// Right above the second.
    Above,
}

/// What a picture shows and a caption says. Each scene has one caption and many pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scene {
    /// The one on the left, or on top; and the other.
    pub things: [Thing; 2],
    /// How they stand.
    pub relation: Relation,
}

impl Scene {
    /// `" a red circle left of a blue square"`, with a space before every word.
    pub fn caption(&self) -> String {
        let [first, second] = self.things.map(|thing| [COLORS[thing.color].0, SHAPES[thing.shape]].join(" "));
        let relation = match self.relation {
            Relation::LeftOf => "left of",
            Relation::Above => "above",
        };
        [" a", &first, relation, "a", &second].join(" ")
    }

    /// The scene with both things in each other's place: the same words in another order.
    pub fn swapped(&self) -> Self {
        Self { things: [self.things[1], self.things[0]], ..*self }
    }

    /// Draws it, on black: the row or column, sizes, places and brightness are random.
    ///
    /// Gives red, green and blue of each pixel, from 0 to 1, row by row; (SIDE, SIDE, 3).
    pub fn draw(&self, rng: &mut Rng) -> Vec<f32> {
        let mut pixels = vec![0.0; SIDE * SIDE * 3];
        // Each thing has a quarter of the picture to itself.
        let across = rng.below(2);
        for (along, thing) in self.things.iter().enumerate() {
            let [column, row] = match self.relation {
                Relation::LeftOf => [along, across],
                Relation::Above => [across, along],
            };
            let half = 2.5 + 0.5 * rng.below(3) as f32;
            let mut center = |quarter: usize| {
                let free = PATCH_SIDE as f32 - 2.0 * half;
                (quarter * PATCH_SIDE) as f32 + half + free * rng.below(3) as f32 / 2.0
            };
            let (x, y) = (center(column), center(row));
            let brightness = 0.7 + 0.3 * rng.uniform();
            for (i, pixel) in pixels.chunks_exact_mut(3).enumerate() {
                let (dx, dy) = ((i % SIDE) as f32 + 0.5 - x, (i / SIDE) as f32 + 0.5 - y);
                if thing.covers(dx / half, dy / half) {
                    pixel.copy_from_slice(&COLORS[thing.color].1.map(|part| brightness * part));
                }
            }
        }
        pixels
    }
}

impl Thing {
    /// Whether the shape covers a point of the square from −1 to 1; y points down.
    fn covers(self, x: f32, y: f32) -> bool {
        let (x, inside) = (x.abs(), x.abs() <= 1.0 && y.abs() <= 1.0);
        inside
            && match SHAPES[self.shape] {
                "circle" => x * x + y * y <= 1.0,
                "triangle" => 2.0 * x <= y + 1.0,
                "cross" => x.min(y.abs()) <= 0.34,
                _ => true,
            }
    }
}

/// A picture cut into patches as the model reads them: (N_PATCHES, PATCH_SIZE), row by row from the top left, within a
/// patch all of red, then green, then blue.
///
/// PyTorch: `unfold` of an image (3, SIDE, SIDE), so that a weight is that of a `Conv2d` with as large a stride.
pub fn patches(pixels: &[f32]) -> Vec<f32> {
    const PER_SIDE: usize = SIDE / PATCH_SIDE;
    let mut patches = Vec::with_capacity(pixels.len());
    for patch in 0..N_PATCHES {
        let (top, left) = (patch / PER_SIDE * PATCH_SIDE, patch % PER_SIDE * PATCH_SIDE);
        for channel in 0..3 {
            for y in top..top + PATCH_SIDE {
                patches.extend((left..left + PATCH_SIDE).map(|x| pixels[3 * (y * SIDE + x) + channel]));
            }
        }
    }
    patches
}

/// All scenes of two different things: those to learn from, and those held out.
#[derive(Debug, Clone)]
pub struct Pictures {
    /// To learn from.
    pub scenes: Vec<Scene>,
    /// Never learned from. All colors, shapes and relations are in others.
    pub held_out: Vec<Scene>,
    /// The word tokenizer of the captions.
    pub tokenizer: Tokenizer,
}

impl Pictures {
    /// The seed decides which scenes are held out.
    pub fn new(seed: u64) -> Self {
        let things: Vec<Thing> = (0..COLORS.len() * SHAPES.len())
            .map(|i| Thing { color: i / SHAPES.len(), shape: i % SHAPES.len() })
            .collect();
        let mut scenes = Vec::new();
        for (&first, &second) in things.iter().flat_map(|a| things.iter().map(move |b| (a, b))) {
            if first != second {
                let of = |relation| Scene { things: [first, second], relation };
                scenes.extend([Relation::LeftOf, Relation::Above].map(of));
            }
        }
        let captions: Vec<String> = scenes.iter().map(Scene::caption).collect();
        let mut vocabulary = Pieces::new();
        captions.iter().flat_map(|caption| words(caption)).for_each(|word| _ = vocabulary.insert(word, 0));
        let tokenizer = Tokenizer::from_words(vocabulary.into_keys());
        Rng::stream(seed, "pictures held out").shuffle(&mut scenes);
        let held_out = scenes.split_off(scenes.len() - scenes.len() / HELD_OUT);
        Self { scenes, held_out, tokenizer }
    }
}
