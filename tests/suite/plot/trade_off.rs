//! New against old.

use pretune::plot::{TradeOff, Tried, trade_off};

use super::{record, texts, theme};

pub const START: Tried = Tried { kept: 100.0, learned: 0.0, rest: 0.0 };

/// What the remedies came to in the miniature; `n` of them are known.
pub fn tried(n: usize) -> Vec<Option<Tried>> {
    [
        (0.0, 100.0, 0.0),
        (97.9, 100.0, 100.0),
        (43.8, 100.0, 100.0),
        (95.8, 100.0, 16.7),
        (93.8, 100.0, 100.0),
        (85.4, 100.0, 41.7),
    ]
    .into_iter()
    .enumerate()
    .map(|(i, (kept, learned, rest))| (i < n).then_some(Tried { kept, learned, rest }))
    .collect()
}

#[test]
fn every_run_has_its_number_at_every_size() {
    for css_size in [(280, 224), (460, 368), (900, 400)] {
        for scale in [1.0, 2.0] {
            let theme = theme(true, scale);
            for (n, selected) in [(6, 0), (6, 3), (2, 4), (0, 0)] {
                let points = tried(n);
                let chart = TradeOff { points: &points, selected, start: START };
                let marks = record(css_size, &theme, |area| trade_off(area, &chart, &theme));
                for i in 0..n {
                    assert!(
                        texts(&marks).contains(&&(i + 1).to_string()[..]),
                        "{} of {n} at {css_size:?}",
                        i + 1
                    );
                }
                assert!(texts(&marks).contains(&"before"));
            }
        }
    }
}

#[test]
fn an_area_without_room_stays_empty() {
    let theme = theme(false, 1.0);
    let points = tried(6);
    let chart = TradeOff { points: &points, selected: 0, start: START };
    for css_size in [(100, 300), (300, 60)] {
        let marks = record(css_size, &theme, |area| trade_off(area, &chart, &theme));
        assert_eq!(texts(&marks), Vec::<&str>::new());
    }
}
