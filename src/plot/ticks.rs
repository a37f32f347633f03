//! Numbers on axes and labels, as short as they may be. Start with [`loss_ticks`].

use plotters::coord::ranged1d::{BoldPoints, Ranged};
use plotters::coord::types::RangedCoordf64;

/// From here on numbers are written as 5e5.
const LARGE: f64 = 1e5;

/// Round numbers from 0 to `max`, at most `n` of them, each with its text; all texts have as many decimals.
pub(super) fn loss_ticks(max: f64, n: usize) -> Vec<(f64, String)> {
    let ticks = RangedCoordf64::from(0.0..max).key_points(BoldPoints(n));
    let decimals = decimals(ticks.get(1).copied().unwrap_or(1.0));
    let text = |tick: f64| if max >= LARGE { format!("{tick:e}") } else { format!("{tick:.decimals$}") };
    ticks.into_iter().map(|tick| (tick, text(tick))).collect()
}

/// Round numbers between two bounds that are below [`LARGE`], at most `n` of them, each with its text; a minus sign is
/// typeset.
pub(super) fn span_ticks(low: f64, high: f64, n: usize) -> Vec<(f64, String)> {
    let ticks = RangedCoordf64::from(low..high).key_points(BoldPoints(n));
    let step = ticks.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    let decimals = decimals(if step.is_finite() { step } else { 1.0 });
    let text = |tick: f64| {
        let sign = if tick < 0.0 { "−" } else { "" };
        format!("{sign}{:.decimals$}", tick.abs())
    };
    // What is 0 but for rounding is 0.
    let round = |tick: f64| if tick.abs() < 1e-9 { 0.0 } else { tick };
    ticks.into_iter().map(round).map(|tick| (tick, text(tick))).collect()
}

/// Decimals that a tick and its multiples need, four at most.
fn decimals(tick: f64) -> usize {
    let whole = |d: i32| {
        let shifted = tick * 10_f64.powi(d);
        (shifted - shifted.round()).abs() <= 1e-6
    };
    (0..4).find(|&d| whole(d)).unwrap_or(4) as usize
}

/// A loss with two decimals.
pub(super) fn loss(value: f32) -> String {
    if f64::from(value) >= LARGE { format!("{value:.2e}") } else { format!("{value:.2}") }
}

/// A whole number with its thousands set apart: 11,300.
pub(super) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_they_may_be() {
        assert_eq!([2.0, 0.5, 0.2, 0.05, 0.0].map(decimals), [0, 1, 1, 2, 0]);
        assert_eq!([0.0, 999.0, 1000.0, 1_234_567.0].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([1.314, 0.0, 2.5e7].map(loss), ["1.31", "0.00", "2.50e7"]);
    }

    #[test]
    fn ticks_start_at_0_and_stay_within_the_axis() {
        for max in [1e-6, 0.3, 1.0, 6.9, 55.0, 1e7, 3.4e38] {
            let ticks = loss_ticks(max, 6);
            assert!((2..=6).contains(&ticks.len()), "{max}: {ticks:?}");
            assert!(ticks[0].0 == 0.0 && ticks.iter().all(|(tick, _)| *tick <= max * 1.000_001), "{ticks:?}");
            assert!(ticks.iter().all(|(_, text)| text.len() < 8), "{ticks:?}");
        }
    }
}
