//! The loss curve says what it shows, in every state of a run and at every width.

use pretune::plot::{LossCurve, loss_curve};
use pretune::rng::Rng;

use super::recorder::Mark;
use super::{bounds_of, record, texts, theme};

/// A run that falls from ln 512 to `floor` within a few time constants, with a noisy training loss.
pub struct Run {
    pub steps: Vec<u32>,
    pub train: Vec<f32>,
    pub val_steps: Vec<u32>,
    pub val: Vec<f32>,
    pub max_steps: u32,
    pub floor: Option<f32>,
}

pub const CEILING: f32 = 6.238_325;

impl Run {
    pub fn new(n_steps: u32, max_steps: u32, floor: f32) -> Self {
        let mut rng = Rng::new(1);
        let mut loss = |step: u32, noise: f32| {
            let left = libm::expf(-(step as f32) / 60.0);
            floor + 0.05 + (CEILING - floor) * left + noise * rng.normal()
        };
        let steps: Vec<u32> = (1..=n_steps).step_by((n_steps as usize / 300).max(1)).collect();
        let val_steps: Vec<u32> = (0..=n_steps).step_by((max_steps as usize / 24).max(1)).collect();
        Self {
            train: steps.iter().map(|&step| loss(step, 0.08)).collect(),
            val: val_steps.iter().map(|&step| loss(step, 0.0) + 0.05).collect(),
            steps,
            val_steps,
            max_steps,
            floor: Some(floor),
        }
    }

    pub fn curve(&self) -> LossCurve<'_> {
        LossCurve {
            steps: &self.steps,
            train: &self.train,
            val_steps: &self.val_steps,
            val: &self.val,
            max_steps: self.max_steps,
            floor: self.floor,
            ceiling: CEILING,
        }
    }
}

const EMPTY: LossCurve = LossCurve {
    steps: &[],
    train: &[],
    val_steps: &[],
    val: &[],
    max_steps: 600,
    floor: Some(1.31),
    ceiling: CEILING,
};

/// Draws at all widths and both scales; `record` checks what holds for every picture.
fn everywhere(curve: LossCurve, check: impl Fn(&[Mark])) {
    for css_size in [(280, 200), (360, 240), (640, 320), (900, 360)] {
        for scale in [1.0, 1.5, 2.0] {
            let theme = theme(false, scale);
            check(&record(css_size, &theme, |area| loss_curve(area, &curve, &theme)));
        }
    }
}

fn says(marks: &[Mark], part: &str) -> bool {
    texts(marks).iter().any(|text| text.contains(part))
}

#[test]
fn before_the_first_step_floor_and_ceiling_are_there() {
    everywhere(EMPTY, |marks| {
        assert!(says(marks, "ln V = 6.24") && says(marks, "1.31"), "{:?}", texts(marks));
        assert!(says(marks, "nats per token") && says(marks, "steps"));
        assert!(!says(marks, "training") && !says(marks, "held-out"));
    });
}

#[test]
fn every_state_of_a_run_is_labelled_where_the_curves_end() {
    for n_steps in [1, 2, 10, 60, 200, 400, 550, 600] {
        let run = Run::new(n_steps, 600, 1.31);
        everywhere(run.curve(), |marks| {
            let (training, heldout) = (bounds_of(marks, "training"), bounds_of(marks, "held-out"));
            assert_eq!(training.0, heldout.0, "both names begin in the same column");
            let end =
                marks.iter().filter_map(|m| if let Mark::Dot { at, .. } = m { Some(at.0) } else { None });
            assert!(f64::from(end.max().unwrap()) < heldout.0, "no dot is under a name");
        });
    }
}

#[test]
fn a_single_point_is_a_dot() {
    let run = Run::new(1, 600, 1.31);
    let curve = LossCurve { val_steps: &[], val: &[], ..run.curve() };
    everywhere(curve, |marks| {
        assert!(says(marks, "training") && !says(marks, "held-out"));
        let color = theme(false, 1.0).training;
        let dots: Vec<&Mark> = marks.iter().filter(|m| matches!(m, Mark::Dot { .. })).collect();
        let [Mark::Dot { color: found, .. }] = dots[..] else { panic!("{dots:?}") };
        assert_eq!(*found, (color.0, color.1, color.2));
    });
}

#[test]
fn lower_loss_is_drawn_lower_and_later_steps_to_the_right() {
    let theme = theme(false, 1.0);
    let curve = LossCurve { steps: &[0, 300, 600], train: &[6.0, 3.0, 1.5], ..EMPTY };
    let marks = record((640, 320), &theme, |area| loss_curve(area, &curve, &theme));
    let (r, g, b) = (theme.training.0, theme.training.1, theme.training.2);
    let line = marks.iter().find_map(|m| match m {
        Mark::Path { points, color, .. } if *color == (r, g, b) => Some(points.clone()),
        _ => None,
    });
    let [a, b, c] = line.expect("a training line")[..] else { panic!("three points") };
    assert!(a.0 < b.0 && b.0 < c.0 && a.1 < b.1 && b.1 < c.1);
    // Halfway in steps is halfway in pixels; 6 to 3 is twice as far as 3 to 1.5.
    assert!((a.0 + c.0 - 2 * b.0).abs() <= 1 && ((b.1 - a.1) - 2 * (c.1 - b.1)).abs() <= 2);
}

#[test]
fn numbers_that_are_none_leave_a_gap() {
    let run = Run::new(600, 600, 1.31);
    let mut train = run.train.clone();
    (train[50], train[51], train[100]) = (f32::NAN, f32::INFINITY, f32::NEG_INFINITY);
    let curve = LossCurve { train: &train, ..run.curve() };
    let color = theme(false, 1.0).training;
    everywhere(curve, |marks| {
        let is_training =
            |m: &&Mark| matches!(m, Mark::Path { color: c, .. } if *c == (color.0, color.1, color.2));
        assert_eq!(marks.iter().filter(is_training).count(), 3);
    });
}

#[test]
fn a_run_that_diverges_says_so() {
    for last in [50.0, 1e30, f32::MAX, f32::INFINITY, f32::NAN] {
        let run = Run::new(400, 600, 1.31);
        let mut train = run.train.clone();
        let n = train.len();
        for (i, loss) in train[n - 40..].iter_mut().enumerate() {
            *loss = if i < 20 { 3.0 + i as f32 * 2.0 } else { last };
        }
        let curve = LossCurve { train: &train, ..run.curve() };
        everywhere(curve, |marks| {
            assert!(says(marks, "training: off the chart") && says(marks, "held-out"), "{:?}", texts(marks));
            assert!(says(marks, "ln V = 6.24"), "the scale is still that of the task");
        });
    }
}

#[test]
fn extreme_input_is_drawn_without_overlaps() {
    let run = Run::new(600, 600, 1.31);
    let long = |max_steps| LossCurve { max_steps, ..run.curve() };
    for curve in [long(0), long(1), long(601), long(99_999), long(10_000_000), long(u32::MAX)] {
        everywhere(curve, |marks| assert!(says(marks, "training")));
    }
    for ceiling in [0.0, -1.0, 1e-6, 1e6, f32::NAN, f32::INFINITY] {
        everywhere(LossCurve { ceiling, ..run.curve() }, |marks| assert!(says(marks, "held-out")));
        everywhere(LossCurve { ceiling, ..EMPTY }, |_| {});
    }
    for floor in [None, Some(0.0), Some(0.05), Some(0.3), Some(6.0), Some(9.0), Some(f32::NAN)] {
        everywhere(LossCurve { floor, ..run.curve() }, |marks| assert!(says(marks, "held-out")));
    }
    let zeros = vec![0.0; run.train.len()];
    everywhere(LossCurve { train: &zeros, ..run.curve() }, |marks| assert!(says(marks, "training")));
}

#[test]
fn a_canvas_too_small_for_a_figure_stays_empty() {
    let theme = theme(false, 1.0);
    for css_size in [(0, 0), (1, 1), (159, 300), (300, 99)] {
        let marks = record(css_size, &theme, |area| loss_curve(area, &EMPTY, &theme));
        assert!(matches!(marks[..], [Mark::Fill { .. }]), "{marks:?}");
    }
}
