//! The data of the objectives: nothing is lost that the targets do not tell, and chance has the papers' proportions.

use std::collections::BTreeMap;

use pretune::data::objectives::{
    Denoising, Masking, Noise, PrefixBatch, SpanNoise, document_rotation, mask_tokens,
    random_spans_noise_mask, sentence_permutation, span_corruption, spans_noise_mask, targets_reference_code,
    text_infilling, token_deletion, token_masking,
};
use pretune::json::{from_json, parse};
use pretune::nn::{Gpt2, Gpt2Config, Input};
use pretune::rng::Rng;
use pretune::tensor::{AttentionMask, Graph, Params, Tape};
use proptest::prelude::*;

const EOS: u32 = 0;
const MASK: u32 = 1;
const FULL_STOP: u32 = 2;
/// Words are above, sentinels below.
const FIRST_SENTINEL: u32 = 99;

fn words() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(100_u32..140, 0..30)
}

/// Words and the mask of their noise.
fn noisy() -> impl Strategy<Value = (Vec<u32>, Vec<bool>)> {
    prop::collection::vec((100_u32..140, any::<bool>()), 0..30).prop_map(|pairs| pairs.into_iter().unzip())
}

/// Holds a count of independent draws of the given probability against what it ought to be.
fn assert_count(what: &str, count: usize, n_draws: usize, probability: f64) {
    let expected = n_draws as f64 * probability;
    let deviation = (expected * (1.0 - probability)).sqrt();
    let error = (count as f64 - expected).abs();
    assert!(error < 4.0 * deviation, "{what}: {count}, expected {expected} ± {deviation}");
}

/// Holds the counts of `n_kinds` equally likely outcomes against each other.
fn assert_equally_likely(what: &str, counts: &BTreeMap<Vec<u32>, usize>, n_kinds: usize) {
    let n_draws = counts.values().sum();
    assert_eq!(counts.len(), n_kinds, "{what}: {counts:?}");
    for (kind, &count) in counts {
        assert_count(&format!("{what} {kind:?}"), count, n_draws, 1.0 / n_kinds as f64);
    }
}

fn is_subsequence(part: &[u32], whole: &[u32]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|token| rest.any(|other| other == token))
}

fn sorted(tokens: &[u32]) -> Vec<u32> {
    let mut sorted = tokens.to_vec();
    sorted.sort_unstable();
    sorted
}

// Masked language modeling.

#[test]
fn of_the_tokens_chosen_80_percent_are_masked_10_random_and_10_stay() {
    const N_TEXTS: usize = 4000;
    let masking = Masking { mlm_probability: 0.15, mask_token_id: MASK, random_ids: 200..260 };
    let tokens: Vec<u32> = (100..140).collect();
    let mut rng = Rng::new(21);
    let (mut masked, mut random, mut kept) = (0, 0, 0);
    let (mut at, mut drawn) = (vec![0; 40], BTreeMap::new());
    for _ in 0..N_TEXTS {
        let text = mask_tokens(&tokens, &masking, &mut rng);
        assert_eq!(text.labels.iter().flatten().count(), 6, "15 % of 40");
        for (t, (&read, label)) in text.input_ids.iter().zip(&text.labels).enumerate() {
            match label {
                None => assert_eq!(read, tokens[t]),
                Some(label) => {
                    assert_eq!(*label, tokens[t]);
                    at[t] += 1;
                    match read {
                        MASK => masked += 1,
                        200..260 => {
                            random += 1;
                            *drawn.entry(vec![read]).or_default() += 1;
                        }
                        _ => {
                            assert_eq!(read, tokens[t]);
                            kept += 1;
                        }
                    }
                }
            }
        }
    }
    let n_chosen = 6 * N_TEXTS;
    assert_count("masked", masked, n_chosen, 0.8);
    assert_count("random", random, n_chosen, 0.1);
    assert_count("kept", kept, n_chosen, 0.1);
    at.iter().for_each(|&count| assert_count("a position", count, N_TEXTS, 0.15));
    assert_equally_likely("random tokens", &drawn, 60);
}

proptest! {
    #[test]
    fn labels_bring_the_masked_text_back(tokens in words(), probability in 0.0_f32..1.0, seed: u64) {
        let masking = Masking { mlm_probability: probability, mask_token_id: MASK, random_ids: 100..140 };
        let masked = mask_tokens(&tokens, &masking, &mut Rng::new(seed));
        let filled: Vec<u32> =
            masked.input_ids.iter().zip(&masked.labels).map(|(&read, label)| label.unwrap_or(read)).collect();
        prop_assert_eq!(&filled, &tokens);
        let n_chosen = masked.labels.iter().flatten().count();
        prop_assert!(n_chosen >= usize::from(!tokens.is_empty()));
        prop_assert!(n_chosen <= 1 || (n_chosen as f32 - tokens.len() as f32 * probability).abs() <= 0.501);
    }
}

// Span corruption.

/// The text that inputs and targets were made from.
fn restored(inputs: &[u32], targets: &[u32]) -> Vec<u32> {
    let is_sentinel = |token: &u32| (3..=FIRST_SENTINEL).contains(token);
    let mut text = Vec::new();
    for &token in &inputs[..inputs.len() - 1] {
        if is_sentinel(&token) {
            let start = 1 + targets.iter().position(|&other| other == token).expect("in the targets");
            text.extend(targets[start..].iter().take_while(|token| !is_sentinel(token)));
        } else {
            text.push(token);
        }
    }
    text
}

proptest! {
    #[test]
    fn inputs_and_targets_bring_the_text_back((tokens, noise_mask) in noisy()) {
        let (inputs, targets) = span_corruption(&tokens, &noise_mask, FIRST_SENTINEL, EOS);
        prop_assert_eq!(restored(&inputs, &targets), &tokens[..]);
        prop_assert_eq!((inputs.last(), targets.last()), (Some(&EOS), Some(&EOS)));
        // Sentinels count down from the first, and the targets have one more than the inputs.
        let sentinels = |list: &[u32]| list.iter().copied().filter(|t| (3..100).contains(t)).collect::<Vec<_>>();
        let n_spans = sentinels(&inputs).len() as u32;
        let counted: Vec<u32> = (FIRST_SENTINEL - n_spans..=FIRST_SENTINEL).rev().collect();
        prop_assert_eq!(&sentinels(&inputs)[..], &counted[..n_spans as usize]);
        prop_assert_eq!(sentinels(&targets), counted);
    }

    #[test]
    fn the_reference_code_differs_in_the_closing_sentinel_only((tokens, noise_mask) in noisy()) {
        let (_, mut targets) = span_corruption(&tokens, &noise_mask, FIRST_SENTINEL, EOS);
        if noise_mask.last() != Some(&false) {
            targets.remove(targets.len() - 2);
        }
        let expected = (noise_mask.first() != Some(&true)).then_some(targets);
        prop_assert_eq!(targets_reference_code(&tokens, &noise_mask, FIRST_SENTINEL, EOS), expected);
    }

    #[test]
    fn noise_has_the_numbers_that_its_length_asks_for(
        length in 2_usize..60, noise_density in 0.0_f32..1.0, mean in 0.5_f32..6.0, random_roll: bool, seed: u64,
    ) {
        let noise = SpanNoise { noise_density, mean_noise_span_length: mean, random_roll };
        let mask = random_spans_noise_mask(length, &noise, &mut Rng::new(seed));
        let n_noise = mask.iter().filter(|&&is_noise| is_noise).count();
        let expected = ((length as f32 * noise_density).round_ties_even() as usize).clamp(1, length - 1);
        prop_assert_eq!((mask.len(), n_noise), (length, expected));
        // Around the end, so that rolling changes nothing.
        let n_spans = (0..length).filter(|&i| mask[i] && !mask[(i + length - 1) % length]).count();
        let most = n_noise.min(length - n_noise);
        prop_assert_eq!(n_spans, ((n_noise as f32 / mean).round_ties_even() as usize).clamp(1, most));
        prop_assert!(random_roll || (!mask[0] && mask[length - 1]), "text first, noise last");
    }
}

#[test]
fn texts_too_short_for_noise_have_none() {
    for random_roll in [false, true] {
        let noise = SpanNoise { random_roll, ..SpanNoise::default() };
        assert!(random_spans_noise_mask(0, &noise, &mut Rng::new(1)).is_empty());
        assert_eq!(random_spans_noise_mask(1, &noise, &mut Rng::new(1)), [false]);
    }
}

#[test]
fn spans_that_touch_or_overlap_are_one() {
    let mask = spans_noise_mask(6, &[1..3, 3..4, 2..4]);
    assert_eq!(mask, [false, true, true, true, false, false]);
    let (inputs, _) = span_corruption(&[10, 11, 12, 13, 14, 15], &mask, 9, EOS);
    assert_eq!(inputs, [10, 9, 14, 15, EOS]);
}

/// How often each mask comes, over 12 000 draws.
fn counts_of_masks(length: usize, noise: &SpanNoise) -> BTreeMap<Vec<u32>, usize> {
    let mut rng = Rng::new(22);
    let mut counts = BTreeMap::new();
    for _ in 0..12_000 {
        let mask = random_spans_noise_mask(length, noise, &mut rng);
        *counts.entry(mask.into_iter().map(u32::from).collect()).or_default() += 1;
    }
    counts
}

#[test]
fn masks_are_equally_likely() {
    // 4 tokens of noise and 4 of text, each in 2 runs: 3 ways to cut either.
    let noise = SpanNoise { noise_density: 0.5, mean_noise_span_length: 2.0, random_roll: false };
    assert_equally_likely("masks", &counts_of_masks(8, &noise), 9);
}

#[test]
fn only_rolling_moves_a_single_span() {
    let noise = SpanNoise { noise_density: 0.25, ..SpanNoise::default() };
    assert_eq!(counts_of_masks(8, &noise).into_keys().collect::<Vec<_>>(), [[0, 0, 0, 0, 0, 0, 1, 1]]);
    let rolled = SpanNoise { random_roll: true, ..noise };
    assert_equally_likely("places", &counts_of_masks(8, &rolled), 8);
}

// Denoising.

proptest! {
    #[test]
    fn masking_and_deletion_leave_the_rest_in_place(tokens in words(), ratio in 0.0_f32..1.0, seed: u64) {
        let masked = token_masking(&tokens, ratio, MASK, &mut Rng::new(seed));
        let deleted = token_deletion(&tokens, ratio, &mut Rng::new(seed));
        // The same random numbers choose the same tokens.
        let kept: Vec<u32> = masked.iter().copied().filter(|&token| token != MASK).collect();
        prop_assert_eq!(&kept, &deleted);
        prop_assert!(masked.iter().zip(&tokens).all(|(&after, &before)| after == MASK || after == before));
        prop_assert_eq!(masked.len(), tokens.len());
        prop_assert!(tokens.is_empty() || deleted.len() < tokens.len());
    }

    #[test]
    fn infilling_keeps_the_order_of_what_survives(
        tokens in words(), ratio in 0.0_f32..1.0, lambda in 0.0_f32..8.0, seed: u64,
    ) {
        let filled = text_infilling(&tokens, ratio, lambda, MASK, &mut Rng::new(seed));
        let survivors: Vec<u32> = filled.iter().copied().filter(|&token| token != MASK).collect();
        prop_assert!(is_subsequence(&survivors, &tokens));
        let n_noise = ((tokens.len() as f32 * ratio).round_ties_even() as usize).max(1).min(tokens.len());
        prop_assert_eq!(survivors.len(), tokens.len() - n_noise);
        prop_assert!(tokens.is_empty() || filled.contains(&MASK));
        prop_assert!(filled.len() <= tokens.len() + n_noise);
    }

    #[test]
    fn permutation_keeps_the_sentences(sentences in prop::collection::vec(words(), 0..6), seed: u64) {
        let text = sentences.join(&FULL_STOP);
        let permuted = sentence_permutation(&text, FULL_STOP, &mut Rng::new(seed));
        let cut = |text: &[u32]| {
            let mut sentences: Vec<Vec<u32>> = text.split_inclusive(|&t| t == FULL_STOP).map(Vec::from).collect();
            sentences.sort_unstable();
            sentences
        };
        // What has no full stop at its end may run into the sentence behind it.
        let mut ended = text.clone();
        ended.push(FULL_STOP);
        let permuted_ended = sentence_permutation(&ended, FULL_STOP, &mut Rng::new(seed));
        prop_assert_eq!(cut(&permuted_ended), cut(&ended));
        prop_assert_eq!(sorted(&permuted), sorted(&text));
    }

    #[test]
    fn rotation_turns_back(tokens in words(), seed: u64) {
        let rotated = document_rotation(&tokens, &mut Rng::new(seed));
        let twice = [rotated.as_slice(), &rotated].concat();
        prop_assert!(tokens.is_empty() || twice.windows(tokens.len()).any(|window| window == tokens));
        prop_assert_eq!(rotated.len(), tokens.len());
    }
}

#[test]
fn sentences_and_turns_are_equally_likely() {
    let text = [10, FULL_STOP, 20, FULL_STOP, 30, FULL_STOP];
    let mut rng = Rng::new(23);
    let (mut orders, mut turns) = (BTreeMap::new(), BTreeMap::new());
    for _ in 0..12_000 {
        *orders.entry(sentence_permutation(&text, FULL_STOP, &mut rng)).or_default() += 1;
        *turns.entry(document_rotation(&[10, 20, 30, 40], &mut rng)).or_default() += 1;
    }
    assert_equally_likely("orders", &orders, 6);
    assert_equally_likely("turns", &turns, 4);
}

#[test]
fn filled_spans_are_as_long_as_lambda_says() {
    const N_TEXTS: usize = 50;
    let tokens: Vec<u32> = (100..2100).collect();
    let mut rng = Rng::new(24);
    let (mut n_masks, mut n_inserted) = (0, 0);
    for _ in 0..N_TEXTS {
        let filled = text_infilling(&tokens, 0.3, 3.0, MASK, &mut rng);
        n_masks += filled.iter().filter(|&&token| token == MASK).count();
        // Neighbors with nothing but one mask between them: nothing is missing there.
        n_inserted += filled.windows(3).filter(|w| w[1] == MASK && w[0] > MASK && w[0] + 1 == w[2]).count();
    }
    let mean = (600 * N_TEXTS) as f64 / n_masks as f64;
    // Mean and deviation of the Poisson distribution, for 10 000 spans.
    assert!((mean - 3.0).abs() < 4.0 * 3.0_f64.sqrt() / 100.0, "{mean} tokens a mask");
    // Spans of length 0 that stand alone: both neighbors in the row of 1400 tokens and about 200 masks are tokens.
    let alone = (1400.0 / 1600.0_f64).powi(2);
    assert_count("masks for nothing", n_inserted, n_masks, (-3.0_f64).exp() * alone);
}

#[test]
fn a_name_does_what_the_function_does() {
    let denoising =
        Denoising { mask_ratio: 0.3, poisson_lambda: 3.0, mask_token_id: MASK, full_stop_id: FULL_STOP };
    let tokens: Vec<u32> = (100..107).chain([FULL_STOP]).chain(107..115).chain([FULL_STOP]).collect();
    let rng = || Rng::new(25);
    let expected = [
        ("token_masking", token_masking(&tokens, 0.3, MASK, &mut rng())),
        ("token_deletion", token_deletion(&tokens, 0.3, &mut rng())),
        ("text_infilling", text_infilling(&tokens, 0.3, 3.0, MASK, &mut rng())),
        ("sentence_permutation", sentence_permutation(&tokens, FULL_STOP, &mut rng())),
        ("document_rotation", document_rotation(&tokens, &mut rng())),
    ];
    for (name, expected) in expected {
        let noise: Noise = from_json(&parse(&format!("{name:?}")).unwrap()).unwrap();
        assert_eq!((noise.name(), noise.apply(&tokens, &denoising, &mut rng())), (name, expected));
    }
}

// Rows for a model.

#[test]
fn a_row_has_inputs_a_separator_and_targets() {
    let mut rows = PrefixBatch::new(8, EOS, Some(4));
    rows.push(&[11, 12, 13], &[21, 22, 23]);
    rows.push(&[11, 12, 13, 14], &[21]);
    let row = |b: usize| {
        let (from, to) = (8 * b, 8 * (b + 1));
        (&rows.batch.input_ids[from..to], &rows.batch.labels[from..to], &rows.attention_mask[from..to])
    };
    let (yes, no) = (true, false);
    let labels = [None, None, None, None, Some(21), Some(22), Some(23), None];
    let shown = [yes, yes, yes, no, yes, yes, yes, no];
    assert_eq!(row(0), (&[11, 12, 13, EOS, EOS, 21, 22, EOS][..], &labels[..], &shown[..]));
    let labels = [None, None, None, None, Some(21), None, None, None];
    let shown = [yes, yes, yes, yes, yes, no, no, no];
    assert_eq!(row(1), (&[11, 12, 13, 14, EOS, EOS, EOS, EOS][..], &labels[..], &shown[..]));
    assert_eq!((rows.prefix_lengths, rows.batch.batch_size), (vec![4, 4], 2));

    let mut rows = PrefixBatch::new(5, EOS, None);
    rows.push(&[11, 12], &[21, 22, EOS]);
    assert_eq!(rows.batch.input_ids, [11, 12, EOS, 21, 22]);
    assert_eq!(rows.batch.labels, [None, None, Some(21), Some(22), Some(EOS)]);
    assert_eq!((rows.prefix_lengths, rows.attention_mask), (vec![2], vec![true; 5]));
}

#[test]
fn a_masked_row_is_all_prefix() {
    let masking = Masking { mlm_probability: 0.4, mask_token_id: MASK, random_ids: 100..140 };
    let masked = mask_tokens(&[110, 120, 130, 140, 150], &masking, &mut Rng::new(26));
    let mut rows = PrefixBatch::new(7, EOS, None);
    rows.push_masked(&masked);
    assert_eq!(rows.batch.input_ids, [&masked.input_ids[..], &[EOS, EOS]].concat());
    assert_eq!(rows.batch.labels, [&masked.labels[..], &[None, None]].concat());
    assert_eq!(rows.attention_mask, [true, true, true, true, true, false, false]);
    assert_eq!((rows.prefix_lengths, rows.batch.batch_size), (vec![7], 1));
}

/// The model's logits, one list a position.
fn logits(rows: &PrefixBatch) -> Vec<Vec<f32>> {
    let config = Gpt2Config { vocab_size: 40, n_positions: 12, n_embd: 16, ..Gpt2Config::default() };
    let mut params = Params::new();
    let model = Gpt2::init(config, &mut params, &mut Rng::new(27));
    let mut tape = Tape::new();
    let mut g = Graph::inference(&mut tape, &params);
    let input = Input {
        mask: Some(AttentionMask::Prefix(&rows.prefix_lengths)),
        attention_mask: Some(&rows.attention_mask),
        ..Input::new(&rows.batch.input_ids, rows.batch.batch_size)
    };
    let logits = model.forward(&mut g, &input).logits;
    g.value(logits).chunks(40).map(Vec::from).collect()
}

#[test]
fn a_model_sees_all_inputs_no_padding_and_no_target_to_come() {
    let read = |change: &dyn Fn(&mut PrefixBatch)| {
        let mut rows = PrefixBatch::new(10, EOS, Some(5));
        rows.push(&[11, 12, 13], &[21, 22, 23, 24]);
        change(&mut rows);
        logits(&rows)
    };
    let logits = read(&|_| ());
    let other_padding = read(&|rows| rows.batch.input_ids[3..5].fill(30));
    assert_eq!((&other_padding[..3], &other_padding[5..]), (&logits[..3], &logits[5..]));
    let other_targets = read(&|rows| rows.batch.input_ids[7..].fill(30));
    assert_eq!(other_targets[..7], logits[..7]);
    assert_ne!(other_targets[7], logits[7]);
    let other_input = read(&|rows| rows.batch.input_ids[2] = 30);
    assert!((0..3).all(|t| other_input[t] != logits[t]), "inputs look both ways");
    assert!((5..9).all(|t| other_input[t] != logits[t]), "targets look at the inputs");
}
