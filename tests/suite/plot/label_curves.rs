//! Right answers by number of labels.

use pretune::plot::{LabelCurve, LabelCurves, label_curves};

use super::{record, texts, theme};

pub struct Curves {
    places: Vec<String>,
    values: [Vec<Option<f32>>; 2],
    enough_at: [Option<f32>; 2],
}

impl Curves {
    /// As measured in the miniature; without `whole`, the number in hand only.
    pub fn new(whole: bool) -> Self {
        let all = [99.8, 99.8, 99.8, 99.8, 99.8, 99.8, 99.8, 99.8];
        let scratch = [53.5, 54.5, 64.5, 83.0, 83.5, 88.2, 93.0, 96.5];
        let known = |values: [f32; 8], places: std::ops::Range<usize>| {
            (0..8).map(|i| (places.contains(&i) && (whole || i == 3)).then_some(values[i])).collect()
        };
        Self {
            places: (1..9).map(|i| (1 << i).to_string()).collect(),
            values: [known(all, 0..6), known(scratch, 3..8)],
            enough_at: if whole { [Some(0.0), Some(5.4)] } else { [None; 2] },
        }
    }

    pub fn chart<T>(&self, selected: usize, draw: impl FnOnce(&LabelCurves) -> T) -> T {
        let curve =
            |i: usize, name| LabelCurve { name, values: &self.values[i], enough_at: self.enough_at[i] };
        let curves = [curve(0, "pre-trained"), curve(1, "from scratch")];
        draw(&LabelCurves { places: &self.places, selected, enough: 90.0, curves })
    }
}

#[test]
fn both_curves_are_named_at_every_size() {
    for css_size in [(280, 224), (460, 368), (900, 400)] {
        for (whole, selected) in [(true, 0), (true, 7), (false, 3)] {
            let theme = theme(true, 2.0);
            let marks = Curves::new(whole)
                .chart(selected, |chart| record(css_size, &theme, |area| label_curves(area, chart, &theme)));
            for words in ["pre-trained", "from scratch", "right answers, %", "labels", "256"] {
                assert!(texts(&marks).contains(&words), "{words} at {css_size:?}");
            }
        }
    }
}

#[test]
fn an_area_without_room_stays_empty() {
    let theme = theme(false, 1.0);
    for css_size in [(100, 300), (300, 60)] {
        let marks = Curves::new(true)
            .chart(0, |chart| record(css_size, &theme, |area| label_curves(area, chart, &theme)));
        assert_eq!(texts(&marks), Vec::<&str>::new());
    }
}
