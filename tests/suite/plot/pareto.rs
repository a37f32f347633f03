//! Prices and scores.

use pretune::plot::{Pareto, Priced, pareto};

use super::{record, texts, theme};

pub const NAMES: [&str; 2] = ["new facts", "what it knows"];

/// What the methods came to in the miniature; `n` of the scores are known.
pub fn priced(n: usize) -> Vec<Priced<'static>> {
    let all = [
        ("LoRA", 4096, 97.7, 100.0),
        ("adapters", 4384, 95.5, 91.7),
        ("prefix", 4096, 34.1, 100.0),
        ("prompt", 1024, 11.4, 100.0),
        ("full", 146_560, 100.0, 100.0),
    ];
    let known = |at: usize, score: f32| (at < n).then_some(score);
    let method = |(i, (name, trained, new, old)): (usize, (&'static str, usize, f32, f32))| Priced {
        name,
        trained,
        scores: [known(5 + i, new), known(i, old)],
    };
    all.into_iter().enumerate().map(method).collect()
}

#[test]
fn every_method_has_its_name_at_every_size() {
    for css_size in [(280, 260), (460, 368), (900, 400)] {
        for scale in [1.0, 2.0] {
            let theme = theme(true, scale);
            for (n, selected) in
                [(10, Some(0)), (10, None), (10, Some(3)), (5, Some(2)), (3, Some(0)), (0, Some(1))]
            {
                let methods = priced(n);
                let chart = Pareto { methods: &methods, selected, names: NAMES };
                let marks = record(css_size, &theme, |area| pareto(area, &chart, &theme));
                for (i, method) in methods.iter().enumerate() {
                    assert_eq!(
                        texts(&marks).contains(&method.name),
                        i < n,
                        "{} at {css_size:?}, {n} known",
                        method.name
                    );
                }
            }
        }
    }
}

#[test]
fn an_area_without_room_stays_empty() {
    let theme = theme(false, 1.0);
    let methods = priced(10);
    let chart = Pareto { methods: &methods, selected: None, names: NAMES };
    for css_size in [(120, 300), (300, 90)] {
        let marks = record(css_size, &theme, |area| pareto(area, &chart, &theme));
        assert_eq!(texts(&marks), Vec::<&str>::new());
    }
}
