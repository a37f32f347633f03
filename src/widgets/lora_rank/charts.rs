//! How the charts of a frame are drawn. Frames are read by hand, as commands are. Start with [`draw`].

use ndarray::Array2;
use plotters::prelude::DrawingBackend;

use crate::error::{Error, Result};
use crate::json::{Value, fixed};
use crate::plot::{
    Area, Cells, Panel, RankChart, Series, Spectrum, Theme, UpdateMap, rank_chart, spectrum, update_map,
};

/// Draws `ranks`, which needs the frame's `runs`, `hand`, `n_asked` and `n_kept`, `update`, which needs its `picture`, or
/// `spectrum`.
///
/// # Errors
///
/// If there is no such chart, or `frame` is not one of this widget.
pub fn draw<DB: DrawingBackend>(chart: &str, frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    match chart {
        "ranks" => ranks(frame, area, theme),
        "update" => {
            let picture = &frame["picture"];
            let [weight, update, b, a] =
                ["weight", "update", "b", "a"].map(|name| Grid::read(&picture[name]));
            let (weight, update, b, a) = (weight?, update?, b?, a?);
            let [weight, update, b, a] = [&weight, &update, &b, &a].map(Grid::cells);
            update_map(area, &UpdateMap { weight, update, b, a }, theme)
        }
        "spectrum" => {
            let part = &frame["spectrum"];
            let values: Option<Vec<f32>> = list(&part["values"], float);
            let (values, kept) = values.zip(whole(&part["kept"])).ok_or_else(not_a_frame)?;
            let energy = part["energy"].as_f64().unwrap_or(0.0);
            let label = format!("{kept} kept: {} % of the energy", fixed(100.0 * energy, 0));
            spectrum(area, &Spectrum { values: &values, kept, label: &label }, theme)
        }
        _ => {
            Err(Error::input("pretune-lora-rank", format!("no chart {chart:?}"), "ranks, update or spectrum"))
        }
    }
}

fn ranks<DB: DrawingBackend>(frame: &Value, area: &Area<DB>, theme: &Theme) -> Result<()> {
    let runs = frame["runs"].as_array().ok_or_else(not_a_frame)?;
    let labels: Option<Vec<String>> = list(&frame["runs"], |run| Some(run["label"].as_str()?.to_owned()));
    let (labels, selected) = labels.zip(whole(&frame["hand"])).ok_or_else(not_a_frame)?;
    if selected >= labels.len() {
        return Err(not_a_frame());
    }
    let done = |run: &&Value| run["done"].as_bool() == Some(true);
    let share = |name: &'static str, of: &'static str| {
        let n = frame[of].as_f64().unwrap_or(1.0);
        runs.iter()
            .map(|run| Some((100.0 * run[name].as_f64().filter(|_| done(&run))? / n) as f32))
            .collect::<Vec<Option<f32>>>()
    };
    let (asked, kept) = (share("asked", "n_asked"), share("kept", "n_kept"));
    let rise: Vec<Option<f32>> = runs.iter().map(|run| run["rise"].as_f64().map(|x| x as f32)).collect();
    let highest = rise.iter().flatten().fold(0.0_f32, |a, b| a.max(*b));
    let panels = [
        Panel {
            title: "right answers, %",
            max: 100.0,
            decimals: 0,
            height: 3,
            series: &[Series { name: "new", values: &asked }, Series { name: "old", values: &kept }],
        },
        Panel {
            title: "rise of the loss on old text, nats per token",
            max: (1.15 * highest).max(0.02),
            decimals: 3,
            height: 2,
            series: &[Series { name: "", values: &rise }],
        },
    ];
    rank_chart(area, &RankChart { places: &labels, selected, panels: &panels }, theme)
}

/// A matrix of a picture.
struct Grid {
    size: (usize, usize),
    values: Array2<f32>,
}

impl Grid {
    fn read(grid: &Value) -> Result<Self> {
        let cells: Option<Vec<Vec<f32>>> = list(&grid["cells"], |row| list(row, float));
        let size = whole(&grid["rows"]).zip(whole(&grid["cols"]));
        let (cells, size) = cells.zip(size).ok_or_else(not_a_frame)?;
        let shape = (cells.len(), cells.first().map_or(0, Vec::len));
        let values = Array2::from_shape_vec(shape, cells.concat()).map_err(|_| not_a_frame())?;
        Ok(Self { size, values })
    }

    fn cells(&self) -> Cells<'_> {
        Cells { size: self.size, values: self.values.view() }
    }
}

fn list<T>(value: &Value, item: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    value.as_array()?.iter().map(item).collect()
}

fn float(value: &Value) -> Option<f32> {
    if value.is_null() { Some(f32::NAN) } else { value.as_f64().map(|x| x as f32) }
}

fn whole(value: &Value) -> Option<usize> {
    value.as_u64()?.try_into().ok()
}

fn not_a_frame() -> Error {
    Error::input("pretune-lora-rank", "not a frame", "a frame of this widget")
}
