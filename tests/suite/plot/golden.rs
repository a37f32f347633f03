//! Pictures of the charts. `UPDATE=1 cargo test plot` writes them anew; look at them before you commit them.

use std::path::Path;

use plotters::prelude::{IntoDrawingArea, SVGBackend};
use pretune::plot::{
    Area, FixedMetrics, LossCurve, Pareto, Spectrum, Theme, TradeOff, bars, heat_map, label_curves,
    loss_curve, pareto as draw_pareto, plane as draw_plane, rank_chart, spectrum, trade_off, turn_curves,
    update_map,
};

use super::heat_map::Head;
use super::label_curves::Curves;
use super::loss_curve::Run;
use super::pareto::{NAMES, priced};
use super::plane;
use super::rank_chart::Ranks;
use super::theme;
use super::trade_off::{START, tried};
use super::turns::{self, Turns};
use super::update_map::Update;

/// Draws as SVG and compares with `tests/plots/NAME.svg`.
fn compare(
    name: &str,
    css_size: (u32, u32),
    theme: &Theme,
    draw: impl FnOnce(&Area<SVGBackend>) -> pretune::error::Result<()>,
) {
    let pixels = |css: u32| (f64::from(css) * theme.scale) as u32;
    let mut svg = String::new();
    {
        let backend = SVGBackend::with_string(&mut svg, (pixels(css_size.0), pixels(css_size.1)));
        let area = FixedMetrics::svg(backend).into_drawing_area();
        draw(&area).unwrap();
        area.present().unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plots").join(format!("{name}.svg"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &svg).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(svg == expected, "{} differs; UPDATE=1 writes it anew", path.display());
}

#[test]
fn loss_curves_look_as_approved() {
    let loss = |name: &str, css_size, theme: &Theme, curve: LossCurve| {
        compare(name, css_size, theme, |area| loss_curve(area, &curve, theme));
    };
    let (light, dark, sharp) = (theme(false, 1.0), theme(true, 1.0), theme(false, 2.0));
    let done = Run::new(600, 600, 1.31);
    loss("loss-640", (640, 320), &light, done.curve());
    loss("loss-640-dark", (640, 320), &dark, done.curve());
    loss("loss-900-sharp", (900, 360), &sharp, done.curve());
    loss("loss-280", (280, 200), &light, done.curve());
    loss("loss-280-dark-sharp", (280, 200), &theme(true, 2.0), Run::new(150, 600, 0.2).curve());
    loss("loss-start", (640, 320), &light, Run::new(1, 600, 1.31).curve());
    loss("loss-early", (640, 320), &dark, Run::new(60, 600, 1.31).curve());
    let empty = LossCurve { steps: &[], train: &[], val_steps: &[], val: &[], ..done.curve() };
    loss("loss-empty", (640, 320), &light, empty);
    let mut train = done.train.clone();
    for (i, loss) in train.iter_mut().enumerate().skip(120) {
        *loss += ((i - 120) * (i - 120)) as f32 * 0.002;
    }
    loss("loss-diverging", (640, 320), &light, LossCurve { train: &train, ..done.curve() });
}

#[test]
fn heat_maps_look_as_approved() {
    let heat = |name: &str, css_size, theme: &Theme, head: &Head, selected| {
        compare(name, css_size, theme, |area| heat_map(area, &head.map(selected), theme));
    };
    let (light, dark) = (theme(false, 1.0), theme(true, 1.0));
    let sentence = Head::sentence();
    heat("attention-640", (640, 400), &light, &sentence, Some(5));
    heat("attention-640-dark", (640, 400), &dark, &sentence, Some(5));
    heat("attention-280", (280, 300), &light, &sentence, Some(3));
    heat("attention-900-sharp", (900, 420), &theme(true, 2.0), &sentence, None);
    let tokens: Vec<String> =
        (0..32).map(|i| ["fox", "capital", "of", "jumps", "a"][i % 5].to_owned()).collect();
    let long = Head::new(&tokens.iter().map(|t| &t[..]).collect::<Vec<_>>());
    heat("attention-32", (640, 480), &light, &long, Some(20));
    heat("attention-32-280", (280, 320), &dark, &long, Some(31));
}

#[test]
fn charts_of_ranks_look_as_approved() {
    let (light, dark) = (theme(false, 1.0), theme(true, 1.0));
    let all: Vec<usize> = (0..9).collect();
    for (name, css_size, theme, known, selected) in [
        ("ranks-460", (460, 414), &light, &all[..], 3),
        ("ranks-460-dark", (460, 414), &dark, &[0, 1, 2, 3, 8], 1),
        ("ranks-280", (280, 280), &light, &all, 8),
    ] {
        Ranks::new(known).chart(selected, |chart| {
            compare(name, css_size, theme, |area| rank_chart(area, chart, theme));
        });
    }
    let update = |name, css_size, theme: &Theme, update: Update| {
        compare(name, css_size, theme, |area| update_map(area, &update.map(), theme));
    };
    update("update-460", (460, 460), &light, Update::new(192, 64, 4));
    update("update-280-dark", (280, 280), &dark, Update::new(64, 256, 16));
    update("update-460-full", (460, 460), &light, Update::new(64, 64, 0));
    let values: Vec<f32> = (1..=64).map(|i| 0.5 / i as f32).collect();
    let chart = Spectrum { values: &values, kept: 4, label: "4 kept: 87 % of the energy" };
    compare("spectrum-460", (460, 460), &light, |area| spectrum(area, &chart, &light));
    compare("spectrum-280-dark", (280, 280), &dark, |area| spectrum(area, &chart, &dark));
}

#[test]
fn charts_of_runs_look_as_approved() {
    let (light, dark) = (theme(false, 1.0), theme(true, 1.0));
    for (name, css_size, theme, n, knows_rater) in [
        ("turns-460", (460, 380), &light, 26, true),
        ("turns-460-dark", (460, 380), &dark, 9, false),
        ("turns-280", (280, 300), &light, 26, true),
    ] {
        let run = Turns::new(n, knows_rater);
        compare(name, css_size, theme, |area| turn_curves(area, &run.curves(), theme));
    }
    for (name, css_size, theme, knows_rater) in [
        ("values-460", (460, 300), &light, true),
        ("values-280-dark", (280, 260), &dark, true),
        ("values-460-alone", (460, 280), &light, false),
    ] {
        let rows = turns::values(knows_rater);
        compare(name, css_size, theme, |area| bars(area, &turns::chart(&rows), theme));
    }
}

#[test]
fn trade_offs_look_as_approved() {
    for (name, css_size, is_dark, selected) in [
        ("trade-off-460", (460, 368), false, 0),
        ("trade-off-460-dark", (460, 368), true, 3),
        ("trade-off-280", (280, 224), false, 4),
    ] {
        let theme = theme(is_dark, 1.0);
        let points = tried(6);
        compare(name, css_size, &theme, |area| {
            trade_off(area, &TradeOff { points: &points, selected, start: START }, &theme)
        });
    }
}

#[test]
fn points_in_a_plane_look_as_approved() {
    for (name, css_size, theme) in
        [("plane-460", (460, 400), theme(false, 1.0)), ("plane-280-dark", (280, 240), theme(true, 1.0))]
    {
        plane::chart(|chart| compare(name, css_size, &theme, |area| draw_plane(area, chart, &theme)));
    }
}

#[test]
fn curves_of_labels_look_as_approved() {
    for (name, css_size, is_dark, whole) in [
        ("labels-460", (460, 368), false, true),
        ("labels-460-dark", (460, 368), true, false),
        ("labels-280", (280, 224), false, true),
    ] {
        let theme = theme(is_dark, 1.0);
        Curves::new(whole)
            .chart(3, |chart| compare(name, css_size, &theme, |area| label_curves(area, chart, &theme)));
    }
}

#[test]
fn prices_look_as_approved() {
    let (light, dark) = (theme(false, 1.0), theme(true, 1.0));
    for (name, css_size, theme, n, selected) in [
        ("pareto-460", (460, 368), &light, 10, Some(0)),
        ("pareto-460-dark", (460, 368), &dark, 5, Some(3)),
        ("pareto-280", (280, 260), &light, 10, None),
    ] {
        let chart = Pareto { methods: &priced(n), selected, names: NAMES };
        compare(name, css_size, theme, |area| draw_pareto(area, &chart, theme));
    }
}
