//! Pictures, captions, and the model that learns which belong together.

use std::collections::BTreeSet;

use pretune::data::pictures::{
    COLORS, N_PATCHES, PATCH_SIDE, PATCH_SIZE, Pictures, Relation, SHAPES, SIDE, Scene, Thing, patches,
};
use pretune::experiments::contrastive::Run;
use pretune::rng::Rng;
use pretune::tensor::Graph;

/// Where the pixels of a color are in the middle, whatever their brightness; `None` if there are none.
fn middle(pixels: &[f32], color: [f32; 3]) -> Option<[f32; 2]> {
    let is_of_color = |pixel: &[f32]| {
        let brightness = pixel[0] / color[0];
        brightness > 0.0 && pixel.iter().zip(color).all(|(x, part)| (x - brightness * part).abs() < 1e-4)
    };
    let found: Vec<usize> = (0..SIDE * SIDE).filter(|i| is_of_color(&pixels[3 * i..3 * i + 3])).collect();
    let mean =
        |of: &dyn Fn(usize) -> usize| found.iter().map(|&i| of(i) as f32).sum::<f32>() / found.len() as f32;
    (!found.is_empty()).then(|| [mean(&|i| i % SIDE), mean(&|i| i / SIDE)])
}

#[test]
fn things_stand_where_the_caption_says() {
    let mut rng = Rng::new(1);
    let pictures = Pictures::new(1);
    for scene in pictures.scenes.iter().chain(&pictures.held_out) {
        let [first, second] = scene.things;
        if first.color == second.color {
            continue;
        }
        let pixels = scene.draw(&mut rng);
        assert_eq!(pixels.len(), SIDE * SIDE * 3);
        assert!(pixels.iter().all(|x| (0.0..=1.0).contains(x)), "{scene:?}");
        let [a, b] = [first, second].map(|thing| middle(&pixels, COLORS[thing.color].1).expect("drawn"));
        let [along, across] = match scene.relation {
            Relation::LeftOf => [0, 1],
            Relation::Above => [1, 0],
        };
        assert!(b[along] - a[along] > 4.0, "{scene:?}: {a:?} {b:?}");
        assert!((b[across] - a[across]).abs() < 4.0, "{scene:?}: {a:?} {b:?}");
    }
}

#[test]
fn shapes_differ_at_every_size_and_place() {
    let seen: Vec<BTreeSet<Vec<u8>>> = (0..SHAPES.len())
        .map(|shape| {
            let thing = Thing { color: 0, shape };
            let other = Thing { color: 2, shape: 1 };
            let scene = Scene { things: [thing, other], relation: Relation::LeftOf };
            let mut rng = Rng::new(3);
            let draw = |_| {
                let pixels = scene.draw(&mut rng);
                let is_red = |pixel: &[f32]| u8::from(pixel[0] > pixel[2]);
                pixels.chunks_exact(3).map(is_red).collect::<Vec<u8>>()
            };
            (0..500).map(draw).collect()
        })
        .collect();
    for (i, shape) in seen.iter().enumerate() {
        assert!(shape.len() > 20, "{}: {} pictures", SHAPES[i], shape.len());
        assert!(seen[..i].iter().all(|other| other.is_disjoint(shape)), "{}", SHAPES[i]);
    }
}

#[test]
fn scenes_held_out_are_new_and_made_of_known_parts() {
    let pictures = Pictures::new(2);
    let captions = |scenes: &[Scene]| scenes.iter().map(Scene::caption).collect::<BTreeSet<_>>();
    let (learned, held_out) = (captions(&pictures.scenes), captions(&pictures.held_out));
    assert_eq!((learned.len(), held_out.len()), (920, 184), "24 · 23 · 2 scenes, a caption each");
    assert!(learned.is_disjoint(&held_out));
    for scene in &pictures.held_out {
        for (i, thing) in scene.things.iter().enumerate() {
            let has_part = |other: &&Scene| other.relation == scene.relation && other.things[i] == *thing;
            assert!(pictures.scenes.iter().any(|other| has_part(&other)), "{scene:?}");
        }
    }
    assert_ne!(held_out, captions(&Pictures::new(3).held_out));
    let scene = Scene {
        things: [Thing { color: 0, shape: 0 }, Thing { color: 2, shape: 1 }],
        relation: Relation::LeftOf,
    };
    assert_eq!(scene.caption(), " a red circle left of a blue square");
    assert_eq!(pictures.tokenizer.encode(&scene.caption()).len(), 8);
}

#[test]
fn patches_hold_each_number_of_the_picture_once() {
    let pixels: Vec<f32> = (0..SIDE * SIDE * 3).map(|i| i as f32).collect();
    let cut = patches(&pixels);
    assert_eq!(cut.len(), N_PATCHES * PATCH_SIZE);
    for (i, &value) in cut.iter().enumerate() {
        let (patch, rest) = (i / PATCH_SIZE, i % PATCH_SIZE);
        let (channel, y, x) =
            (rest / (PATCH_SIDE * PATCH_SIDE), rest / PATCH_SIDE % PATCH_SIDE, rest % PATCH_SIDE);
        let (y, x) = (patch / 2 * PATCH_SIDE + y, patch % 2 * PATCH_SIDE + x);
        assert_eq!(value, pixels[(y * SIDE + x) * 3 + channel]);
    }
}

#[test]
fn a_caption_means_the_same_beside_longer_ones() {
    let mut run = Run::new(4);
    let [short, long] = [Relation::Above, Relation::LeftOf].map(|relation| {
        let scene = run.pictures.scenes.iter().find(|scene| scene.relation == relation).expect("both");
        run.caption(scene)
    });
    assert!(short.len() < long.len());
    let trainer = &mut run.trainer;
    let mut embed = |captions: &[Vec<u32>]| {
        let mut g = Graph::inference(&mut trainer.learner.tape, &trainer.params);
        let embeds = trainer.model.text_embeds(&mut g, captions);
        g.value(embeds)[..32].to_vec()
    };
    let (alone, beside) = (embed(std::slice::from_ref(&short)), embed(&[short, long]));
    for (a, b) in alone.iter().zip(beside) {
        assert!((a - b).abs() < 1e-6, "{a} {b}");
    }
}

#[test]
fn a_picture_goes_with_its_own_patches_only() {
    let mut run = Run::new(5);
    let scenes = run.pictures.scenes[..3].to_vec();
    let mut rng = Rng::new(6);
    let pictures: Vec<Vec<f32>> = scenes.iter().map(|scene| patches(&scene.draw(&mut rng))).collect();
    let captions: Vec<Vec<u32>> = scenes.iter().map(|scene| run.caption(scene)).collect();
    let all = run.trainer.cosines(&captions, &pictures);
    for i in 0..3 {
        for j in 0..3 {
            let alone = run.trainer.cosines(&captions[j..j + 1], &pictures[i..i + 1])[0];
            assert!((alone - all[3 * i + j]).abs() < 1e-6 && alone.abs() <= 1.0 + 1e-6, "{i} {j}");
        }
    }
}

#[test]
fn a_step_trains_both_towers_and_keeps_the_scale_in_bounds() {
    let mut run = Run::new(7);
    let scale = run.trainer.params.id("logit_scale").expect("learned");
    run.step();
    run.trainer.params.value_mut(scale)[0] = 4.7;
    let before = run.trainer.params.clone();
    run.step();
    let params = &run.trainer.params;
    assert_eq!(params.value(scale)[0], libm::logf(100.0));
    for id in params.ids() {
        // A tower for pictures has no tokens.
        let is_unused = params.name(id) == "vision_model.transformer.wte.weight";
        assert_eq!(params.value(id) == before.value(id), is_unused, "{}", params.name(id));
    }
}

#[test]
fn pairs_are_told_apart_after_some_steps() {
    let mut run = Run::new(8);
    let first = run.step();
    (0..60).for_each(|_| _ = run.step());
    let [captions, pictures, ..] = run.measure();
    assert!(first > 3.0, "{first}: near ln 32 at first");
    assert!(captions > 0.3 && pictures > 0.3, "{captions} {pictures}, where chance is a sixteenth");
}
