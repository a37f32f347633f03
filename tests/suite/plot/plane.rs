//! Points in a plane: axes, a line for the equal, and names that keep apart.

use pretune::plot::{Axis, Dots, Plane, Points, Role, plane};

use super::recorder::Mark;
use super::{bounds_of, record, texts, theme};

const TICKS: [(f32, &str); 3] = [(-4.0, "she 55:1"), (0.0, "even"), (4.0, "he 55:1")];

/// A cloud before, a line after.
pub fn chart<T>(f: impl FnOnce(&Plane) -> T) -> T {
    let before: Vec<[f32; 2]> = (0..8).map(|i| [i as f32 - 4.0, 0.9 * (i as f32 - 4.0) + 0.2]).collect();
    let after = [[-3.0, -0.4], [3.0, 0.4]];
    let series = [
        Points { name: "before", points: &before, role: Role::Base, dots: Dots::Hollow, is_joined: false },
        Points {
            name: "slope 0.13",
            points: &after,
            role: Role::Training,
            dots: Dots::Full,
            is_joined: true,
        },
        Points {
            name: "even",
            points: &[[9.0, 0.3]],
            role: Role::Reference,
            dots: Dots::None,
            is_joined: false,
        },
    ];
    let axis = |title| Axis { title, ticks: &TICKS };
    let (x, y) = (axis("the text’s odds"), axis("the model’s odds"));
    f(&Plane { x, y, has_diagonal: true, level: Some(-1.0), series: &series })
}

#[test]
fn every_series_is_named_and_none_covers_another() {
    for css_size in [(280, 240), (460, 400), (900, 420)] {
        for scale in [1.0, 2.0] {
            let theme = theme(false, scale);
            let marks = chart(|chart| record(css_size, &theme, |area| plane(area, chart, &theme)));
            for words in ["before", "slope 0.13", "the text’s odds", "the model’s odds", "he 55:1"] {
                assert!(texts(&marks).contains(&words), "{words} at {css_size:?}");
            }
            // Hollow dots are a dot of paper in a dot; each has a rim of paper.
            let n_dots = marks.iter().filter(|mark| matches!(mark, Mark::Dot { .. })).count();
            assert_eq!(n_dots, 8 * 3 + 2 * 2);
            let [before, after] = ["before", "slope 0.13"].map(|name| bounds_of(&marks, name));
            assert!(before.3 <= after.1 + 2.0, "in the order of their ends: {before:?} {after:?}");
        }
    }
}

#[test]
fn an_area_without_room_stays_empty() {
    let theme = theme(false, 1.0);
    for css_size in [(60, 300), (300, 60)] {
        let marks = chart(|chart| record(css_size, &theme, |area| plane(area, chart, &theme)));
        assert_eq!(texts(&marks), Vec::<&str>::new());
    }
}
