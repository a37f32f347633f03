//! The charts of a run and of what a reward model pays for.

use pretune::plot::{Bars, Row, TurnCurves, bars, turn_curves};

use super::recorder::Mark;
use super::{record, texts, theme};

/// A run of 25 turns, of which the first `n` points are known; its reward rises and what it stands for falls.
pub struct Turns {
    turns: Vec<usize>,
    reward: Vec<Option<f32>>,
    true_score: Vec<Option<f32>>,
    price: Vec<Option<f32>>,
    kl: Vec<Option<f32>>,
}

impl Turns {
    pub fn new(n: usize, knows_rater: bool) -> Self {
        let turns: Vec<usize> = (0..n).collect();
        let of = |f: fn(f32) -> f32| turns.iter().map(|turn| Some(f(*turn as f32))).collect::<Vec<_>>();
        let kl = of(|t| 0.11 * t * t);
        Self {
            reward: of(|t| 2.4 * t / (t + 3.0)),
            true_score: if knows_rater { of(|t| 0.35 * t - 0.018 * t * t) } else { vec![None; n] },
            price: kl.iter().map(|kl| kl.map(|kl| 0.05 * kl)).collect(),
            kl,
            turns,
        }
    }

    pub fn curves(&self) -> TurnCurves<'_> {
        let Self { turns, reward, true_score, price, kl } = self;
        TurnCurves { turns, max_turns: 25, reward, true_score, price, kl }
    }
}

/// What a reward model pays for, with or without what a rater wants.
pub fn values(knows_rater: bool) -> Vec<Row<'static>> {
    let rows = [
        ("clear explanation", 1.39, 1.63),
        ("jargon", -1.4, -1.6),
        ("example", -0.67, -0.07),
        ("off topic", 0.08, -1.32),
        ("filler", -0.41, -0.33),
        ("flattery", -0.13, -0.37),
        ("hedge", -0.83, -0.16),
        ("words", -0.53, -0.16),
    ];
    let row = |(name, first, second)| Row { name, first: Some(first), second: knows_rater.then_some(second) };
    rows.map(row).to_vec()
}

pub fn chart<'a>(rows: &'a [Row<'a>]) -> Bars<'a> {
    Bars { title: "worth of a trait, in SD", names: ["reward model", "rater"], is_signed: true, rows }
}

#[test]
fn every_line_is_named_where_it_ends_at_every_size() {
    for (n, knows_rater) in [(26, true), (26, false), (4, true), (1, true)] {
        let run = Turns::new(n, knows_rater);
        for css_size in [(280, 300), (460, 380), (900, 420)] {
            for scale in [1.0, 2.0] {
                let theme = theme(true, scale);
                let marks = record(css_size, &theme, |area| turn_curves(area, &run.curves(), &theme));
                let texts = texts(&marks);
                for words in ["reward", "leash", "KL", "turn"] {
                    assert!(texts.contains(&words), "{words} of {n} points at {css_size:?}");
                }
                assert_eq!(texts.contains(&"true score"), knows_rater);
            }
        }
    }
}

#[test]
fn what_falls_below_0_is_on_the_axis() {
    let theme = theme(false, 1.0);
    let run = Turns::new(26, true);
    let marks = record((460, 380), &theme, |area| turn_curves(area, &run.curves(), &theme));
    assert!(texts(&marks).contains(&"−2"), "{:?}", texts(&marks));
}

#[test]
fn bars_stand_on_both_sides_of_0_and_are_explained_where_there_are_two() {
    for knows_rater in [true, false] {
        let rows = values(knows_rater);
        for css_size in [(280, 260), (460, 300), (900, 300)] {
            let theme = theme(false, 1.0);
            let marks = record(css_size, &theme, |area| bars(area, &chart(&rows), &theme));
            let texts = texts(&marks);
            for row in &rows {
                assert!(texts.contains(&row.name), "{} at {css_size:?}", row.name);
            }
            assert_eq!(texts.contains(&"rater"), knows_rater);
            let has = |start: &str| texts.iter().any(|text| text.starts_with(start));
            assert!(has("−1") && has("1"), "{texts:?}");
        }
    }
}

#[test]
fn areas_without_room_stay_empty() {
    let (theme, run, rows) = (theme(false, 1.0), Turns::new(9, true), values(true));
    for css_size in [(40, 300), (300, 60)] {
        let marks = record(css_size, &theme, |area| turn_curves(area, &run.curves(), &theme));
        assert_eq!(texts(&marks), Vec::<&str>::new());
        let marks = record(css_size, &theme, |area| bars(area, &chart(&rows), &theme));
        assert!(marks.iter().all(|mark| !matches!(mark, Mark::Text { .. })));
    }
}
