//! How the charts of a frame are drawn. Frames are read by hand, as commands are. Start with [`draw`].

use plotters::prelude::DrawingBackend;

use crate::error::{Error, Result};
use crate::json::Value;
use crate::plot::{Area, Bars, LossCurve, Row, Theme, TurnCurves, bars, loss_curve, turn_curves};

/// Draws `loss`, which needs the frame's `imitation`, `curves`, which needs its `optimizing.run`, or `values`, which needs its
/// `reward_model.traits`.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    match chart {
        "loss" => {
            let part = &frame["imitation"];
            let curve = &part["curve"];
            let steps: Option<Vec<u32>> = list(&curve["steps"], whole);
            let loss: Option<Vec<f32>> = list(&curve["loss"], float);
            let ((steps, train), max_steps) =
                steps.zip(loss).zip(whole(&part["steps"])).ok_or_else(not_a_frame)?;
            let curve = LossCurve {
                steps: &steps,
                train: &train,
                val_steps: &[],
                val: &[],
                max_steps,
                floor: None,
                // It has read before: the loss of knowing nothing would leave no room for what happens here.
                ceiling: f32::NAN,
            };
            loss_curve(area, &curve, theme)
        }
        "curves" => {
            let run = &frame["optimizing"]["run"];
            let points = run["points"].as_array().ok_or_else(not_a_frame)?;
            let column = |name: &str| {
                points.iter().map(|point| point[name].as_f64().map(|x| x as f32)).collect::<Vec<_>>()
            };
            let kl_coef = run["kl_coef"].as_f64().ok_or_else(not_a_frame)? as f32;
            let turns: Option<Vec<usize>> = list(&run["points"], |point| whole(&point["turn"]));
            let (turns, max_turns) = turns.zip(whole::<usize>(&run["turns"])).ok_or_else(not_a_frame)?;
            let kl = column("kl");
            let price: Vec<Option<f32>> = kl.iter().map(|kl| kl.map(|kl| kl_coef * kl)).collect();
            // DPO and best-of-n pay nothing on the way.
            let is_ppo = run["method"].as_str() == Some("ppo");
            let curves = TurnCurves {
                turns: &turns,
                max_turns: max_turns.max(1),
                reward: &column("reward"),
                true_score: &column("true_score"),
                price: if is_ppo { &price } else { &[] },
                kl: &kl,
            };
            turn_curves(area, &curves, theme)
        }
        "values" => {
            let traits = frame["reward_model"]["traits"].as_array().ok_or_else(not_a_frame)?;
            let number = |value: &Value| value.as_f64().map(|x| x as f32);
            let mut rows = Vec::new();
            for row in traits.iter().filter(|row| !row["pays"].is_null()) {
                let name = row["trait"].as_str().ok_or_else(not_a_frame)?;
                rows.push(Row { name, first: number(&row["pays"]), second: number(&row["wants"]) });
            }
            let title = "worth of a trait, in standard deviations";
            bars(area, &Bars { title, names: ["reward model", "rater"], is_signed: true, rows: &rows }, theme)
        }
        _ => Err(Error::input("pretune-rlhf-game", format!("no chart {chart:?}"), "loss, curves or values")),
    }
}

fn list<T>(value: &Value, item: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    value.as_array()?.iter().map(item).collect()
}

fn float(value: &Value) -> Option<f32> {
    if value.is_null() { Some(f32::NAN) } else { value.as_f64().map(|x| x as f32) }
}

fn whole<T: TryFrom<u64>>(value: &Value) -> Option<T> {
    value.as_u64()?.try_into().ok()
}

fn not_a_frame() -> Error {
    Error::input("pretune-rlhf-game", "not a frame", "a frame of this widget")
}
