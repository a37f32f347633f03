//! W + B·A is drawn to scale, and the spectrum says where it is cut.

use ndarray::Array2;
use pretune::plot::{Cells, Spectrum, UpdateMap, spectrum, update_map};

use super::recorder::{Bounds, Mark};
use super::{record, texts, theme};

/// A weight of `rows` × `cols` with an adapter of rank `r`.
pub struct Update {
    size: (usize, usize),
    r: usize,
    cells: [Array2<f32>; 4],
}

impl Update {
    pub fn new(rows: usize, cols: usize, r: usize) -> Self {
        let cells = |rows: usize, cols: usize| {
            let value = |(i, j): (usize, usize)| ((i * 7 + j * 5) % 21) as f32 / 10.0 - 1.0;
            Array2::from_shape_fn((rows.min(32), cols.min(32)), value)
        };
        Self {
            size: (rows, cols),
            r,
            cells: [cells(rows, cols), cells(rows, cols), cells(rows, r), cells(r, cols)],
        }
    }

    pub fn map(&self) -> UpdateMap<'_> {
        let ((rows, cols), r) = (self.size, self.r);
        let sizes = [(rows, cols), (rows, cols), (rows * r.min(1), r), (r, cols * r.min(1))];
        let cells = |i: usize| Cells { size: sizes[i], values: self.cells[i].view() };
        UpdateMap { weight: cells(0), update: cells(1), b: cells(2), a: cells(3) }
    }
}

fn fills(marks: &[Mark]) -> Vec<Bounds> {
    let fills =
        marks.iter().filter_map(|m| if let Mark::Fill { bounds, .. } = m { Some(*bounds) } else { None });
    // The first is the paper.
    fills.skip(1).collect()
}

#[test]
fn every_part_is_named_and_inside_at_every_size_and_rank() {
    for (rows, cols) in [(192, 64), (64, 64), (256, 64), (64, 256), (12, 4)] {
        for r in [0, 1, 4, cols.min(rows)] {
            for css_size in [(240, 240), (460, 460), (900, 300)] {
                let theme = theme(r == 4, 2.0);
                let update = Update::new(rows, cols, r);
                let marks = record(css_size, &theme, |area| update_map(area, &update.map(), &theme));
                let size = format!("{rows} × {cols}");
                let expected: &[&str] =
                    if r == 0 { &["W", "+", "ΔW"] } else { &["W", "+", "A", "B", "B·A"] };
                for words in expected.iter().chain(&[&size[..], "lowered", "raised"]) {
                    assert!(
                        texts(&marks).contains(words),
                        "{words}: {rows} × {cols}, rank {r}, {css_size:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn thin_matrices_are_as_thin_as_their_rank() {
    let theme = theme(false, 1.0);
    let width_of_b = |r: usize| {
        let update = Update::new(192, 64, r);
        let fills = fills(&record((460, 460), &theme, |area| update_map(area, &update.map(), &theme)));
        // W's and the update's 32 × 32 cells come before those of B.
        let b = &fills[2 * 32 * 32..][..32 * r.min(32)];
        b.iter().map(|f| f.2).fold(0.0, f64::max) - b.iter().map(|f| f.0).fold(f64::MAX, f64::min)
    };
    let (four, full) = (width_of_b(4), width_of_b(64));
    assert!((full / four - 16.0).abs() < 3.0, "{four} and {full} pixels");
}

#[test]
fn the_spectrum_tells_what_is_kept() {
    let values: Vec<f32> = (1..=64).map(|i| 0.5 / i as f32).collect();
    let theme = theme(false, 2.0);
    for kept in [0, 1, 4, 64] {
        for css_size in [(240, 240), (460, 460)] {
            let label = format!("{kept} kept: 83 % of the energy");
            let chart = Spectrum { values: &values, kept, label: &label };
            let marks = record(css_size, &theme, |area| spectrum(area, &chart, &theme));
            for words in [&label[..], "singular value", "direction 1", "64"] {
                assert!(texts(&marks).contains(&words), "{words}");
            }
            let color = |m: &&Mark| matches!(m, Mark::Fill { color, .. } if *color == (0xad, 0x46, 0x00));
            assert_eq!(marks.iter().filter(color).count(), kept);
        }
    }
    let empty = Spectrum { values: &[], kept: 0, label: "" };
    assert_eq!(texts(&record((300, 200), &theme, |area| spectrum(area, &empty, &theme))), Vec::<&str>::new());
}
