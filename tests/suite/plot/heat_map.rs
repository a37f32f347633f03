//! The heat map names its tokens, hides what is masked, and fits.

use ndarray::Array2;
use pretune::plot::{HeatMap, heat_map};

use super::recorder::Mark;
use super::{bounds_of, record, texts, theme};

/// Tokens and a causal matrix whose rows sum to 1.
pub struct Head {
    pub tokens: Vec<String>,
    pub values: Array2<f32>,
}

impl Head {
    pub fn new(tokens: &[&str]) -> Self {
        let n = tokens.len();
        let weight =
            |row: usize, column: usize| if column > row { 0.0 } else { ((row * 7 + column * 5) % 9) as f32 };
        let values = Array2::from_shape_fn((n, n), |(row, column)| {
            let sum: f32 = (0..n).map(|c| weight(row, c)).sum();
            if sum > 0.0 { weight(row, column) / sum } else { f32::from(row == column) }
        });
        Self { tokens: tokens.iter().map(|&t| t.to_owned()).collect(), values }
    }

    pub fn sentence() -> Self {
        Self::new(&[" The", " capital", " of", " France", " is", " Paris", "."])
    }

    pub fn map(&self, selected: Option<usize>) -> HeatMap<'_> {
        HeatMap {
            rows: &self.tokens,
            columns: &self.tokens,
            values: self.values.view(),
            causal: true,
            selected,
        }
    }
}

fn everywhere(map: HeatMap, check: impl Fn(&[Mark])) {
    for css_size in [(280, 280), (280, 360), (640, 400), (900, 420)] {
        for scale in [1.0, 2.0] {
            let theme = theme(true, scale);
            check(&record(css_size, &theme, |area| heat_map(area, &map, &theme)));
        }
    }
}

#[test]
fn rows_and_columns_carry_their_tokens() {
    let head = Head::sentence();
    everywhere(head.map(None), |marks| {
        for token in ["The", "capital", "of", "France", "is", "Paris", "."] {
            assert_eq!(texts(marks).iter().filter(|t| **t == token).count(), 2, "{token}");
        }
        for words in ["from ↓", "looks at →", "attention weight", "0", "1"] {
            assert!(texts(marks).contains(&words), "{words}");
        }
    });
}

#[test]
fn masked_tiles_are_hatched_and_explained() {
    let head = Head::sentence();
    let theme = theme(false, 1.0);
    let n_tiles = |map: HeatMap| {
        let marks = record((640, 400), &theme, |area| heat_map(area, &map, &theme));
        let explained = texts(&marks).iter().any(|t| t.contains("comes later"));
        // Tiles are all that is filled above the key, except for the paper.
        let key = bounds_of(&marks, "attention weight").1;
        let tiles = marks.iter().filter(|m| matches!(m, Mark::Fill { bounds, .. } if bounds.3 < key));
        (tiles.count(), explained)
    };
    assert_eq!(n_tiles(head.map(None)), (7 * 8 / 2, true));
    assert_eq!(n_tiles(HeatMap { causal: false, ..head.map(None) }), (7 * 7, false));
}

#[test]
fn the_selected_row_is_bold_and_written_out() {
    let head = Head::sentence();
    let theme = theme(false, 1.0);
    let marks = record((900, 420), &theme, |area| heat_map(area, &head.map(Some(3)), &theme));
    let bold: Vec<&str> = marks
        .iter()
        .filter_map(|m| if let Mark::Text { text, bold: true, .. } = m { Some(&text[..]) } else { None })
        .collect();
    assert!(bold.contains(&"France") && !bold.contains(&"Paris"), "{bold:?}");
    for column in 0..4 {
        let share = format!("{:.2}", head.values[[3, column]]);
        assert!(texts(&marks).contains(&&share[..]), "{share}");
    }
}

#[test]
fn a_larger_share_is_further_from_the_paper_in_light_and_dark() {
    for dark in [false, true] {
        let theme = theme(dark, 1.0);
        let tokens = ["a", "b", "c", "d"].map(String::from);
        let values = Array2::from_shape_vec((1, 4), vec![0.0, 0.2, 0.6, 1.0]).unwrap();
        let map = HeatMap {
            rows: &tokens[..1],
            columns: &tokens,
            values: values.view(),
            causal: false,
            selected: None,
        };
        let marks = record((640, 300), &theme, |area| heat_map(area, &map, &theme));
        let tiles: Vec<f64> = marks[1..5]
            .iter()
            .map(|m| match m {
                Mark::Fill { color: (r, g, b), .. } => pretune::plot::Rgb(*r, *g, *b).luminance(),
                other => panic!("{other:?}"),
            })
            .collect();
        let away: Vec<f64> = tiles.iter().map(|l| (l - theme.paper.luminance()).abs()).collect();
        assert!(away[0] > 0.0 && away.windows(2).all(|pair| pair[0] < pair[1]), "{away:?}");
    }
}

#[test]
fn long_odd_and_many_tokens_fit() {
    let long = "donaudampfschifffahrtsgesellschaft";
    everywhere(Head::new(&[long, "\n", " ", "日本語", "e\u{301}", "a"]).map(Some(0)), |marks| {
        assert!(texts(marks).iter().any(|t| t.ends_with('…')) && texts(marks).contains(&"↵"));
    });
    for n in [1, 2, 16, 32, 64] {
        let tokens: Vec<String> = (0..n).map(|i| format!("w{i}")).collect();
        let tokens: Vec<&str> = tokens.iter().map(|t| &t[..]).collect();
        let head = Head::new(&tokens);
        everywhere(head.map(None), |marks| assert!(marks.len() > n));
        everywhere(head.map(Some(n - 1)), |marks| assert!(marks.len() > n));
        everywhere(head.map(Some(n / 2)), |marks| assert!(marks.len() > n));
    }
}

#[test]
fn shares_that_are_none_and_no_tokens_at_all_are_drawn() {
    let mut head = Head::sentence();
    head.values.fill(f32::NAN);
    head.values[[1, 0]] = f32::INFINITY;
    everywhere(head.map(Some(2)), |marks| assert!(!texts(marks).contains(&"NaN")));
    everywhere(Head::new(&[]).map(None), |marks| assert_eq!(marks.len(), 1));
}
