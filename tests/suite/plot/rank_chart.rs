//! The chart of ranks says which one is in hand and what it came to, whatever is known of the others.

use pretune::plot::{Panel, RankChart, Series, rank_chart};

use super::recorder::Mark;
use super::{record, texts, theme};

/// What ranks came to: the first `n` places are known.
pub struct Ranks {
    places: Vec<String>,
    new: Vec<Option<f32>>,
    old: Vec<Option<f32>>,
    rise: Vec<Option<f32>>,
}

impl Ranks {
    pub fn new(known: &[usize]) -> Self {
        let places = ["0", "1", "2", "4", "8", "16", "32", "64", "full"];
        let of = |values: [f32; 9]| (0..9).map(|i| known.contains(&i).then_some(values[i])).collect();
        Self {
            places: places.map(str::to_owned).to_vec(),
            new: of([4.0, 62.0, 75.0, 88.0, 97.0, 97.0, 98.0, 96.0, 100.0]),
            old: of([100.0, 98.0, 75.0, 96.0, 94.0, 96.0, 98.0, 92.0, 97.0]),
            rise: of([0.0, 0.164, 0.076, 0.053, 0.048, 0.039, 0.042, 0.061, 0.034]),
        }
    }

    /// Calls `f` with the chart of a place in hand.
    pub fn chart<T>(&self, selected: usize, f: impl FnOnce(&RankChart) -> T) -> T {
        let share = [Series { name: "new", values: &self.new }, Series { name: "old", values: &self.old }];
        let rise = [Series { name: "", values: &self.rise }];
        let panels = [
            Panel { title: "right answers, %", max: 100.0, decimals: 0, height: 3, series: &share },
            Panel { title: "rise of the loss, nats", max: 0.19, decimals: 3, height: 2, series: &rise },
        ];
        f(&RankChart { places: &self.places, selected, panels: &panels })
    }
}

#[test]
fn the_rank_in_hand_is_written_out_at_every_size() {
    let (all, some): (Vec<usize>, [usize; 2]) = ((0..9).collect(), [0, 3]);
    for (ranks, selected, expected) in [
        (Ranks::new(&all), 3, &["88", "96", "0.053"][..]),
        (Ranks::new(&all), 0, &["4", "100", "0.000"]),
        (Ranks::new(&all), 8, &["100", "97", "0.034"]),
        (Ranks::new(&some), 3, &["88", "96", "0.053"]),
        (Ranks::new(&some), 5, &[]),
        (Ranks::new(&[]), 3, &[]),
    ] {
        for css_size in [(280, 280), (460, 414), (900, 420)] {
            for scale in [1.0, 2.0] {
                let theme = theme(true, scale);
                let marks = ranks.chart(selected, |chart| {
                    record(css_size, &theme, |area| rank_chart(area, chart, &theme))
                });
                for words in expected.iter().chain(&["right answers, %", "rank", "full"]) {
                    assert!(texts(&marks).contains(words), "{words} of place {selected} at {css_size:?}");
                }
            }
        }
    }
}

#[test]
fn full_fine_tuning_is_no_rank_and_stands_alone() {
    let theme = theme(false, 1.0);
    let paths = |known: &[usize]| {
        let ranks = Ranks::new(known);
        let marks =
            ranks.chart(3, |chart| record((460, 414), &theme, |area| rank_chart(area, chart, &theme)));
        marks.iter().filter(|m| matches!(m, Mark::Path { points, .. } if points.len() == 2)).count()
    };
    // Seven lines between eight ranks in three series; with full fine-tuning only dashes are added.
    assert_eq!(paths(&[0, 1, 2, 3, 4, 5, 6, 7]) - paths(&[]), 21);
    assert_eq!(paths(&[7, 8]), paths(&[8]), "the last rank and full fine-tuning are not connected");
}

#[test]
fn an_area_without_room_stays_empty() {
    let theme = theme(false, 1.0);
    let ranks = Ranks::new(&[0]);
    for css_size in [(40, 300), (300, 60)] {
        let marks = ranks.chart(0, |chart| record(css_size, &theme, |area| rank_chart(area, chart, &theme)));
        assert_eq!(texts(&marks), Vec::<&str>::new());
    }
}
