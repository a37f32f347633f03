//! Colours, font and scale, as the page's custom properties give them. Start with [`Theme`].

use std::fmt;
use std::str::FromStr;

use plotters::style::RGBColor;

use crate::error::{Error, Result};
use crate::json::{FromJson, Value, Wrong, field};

/// What a chart takes from the page around it. Each colour has one meaning in all figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Text and axes.
    pub ink: Rgb,
    /// Tick labels, axis titles, and what stands back.
    pub muted: Rgb,
    /// Grid lines and hatching.
    pub line: Rgb,
    /// The background, on which everything else must be readable.
    pub paper: Rgb,
    /// The base model.
    pub base: Rgb,
    /// The model that is being trained.
    pub training: Rgb,
    /// The loss on text that training never shows.
    pub heldout: Rgb,
    /// The dashed lines that no model can cross, or from which it starts.
    pub floor: Rgb,
    /// A CSS `font-family` list.
    pub font: String,
    /// Device pixels per CSS pixel, from 0.25 to 8.
    pub scale: f64,
}

/// An opaque sRGB colour. Reads `#rrggbb`, `#rgb`, `rgb(r, g, b)` and `rgb(r g b)` with whole numbers, which is
/// what `getComputedStyle` makes of every colour that CSS counts as legacy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// The colour at `share` (0 to 1, clamped) of the way to `other`, in sRGB.
    pub fn mix(self, other: Rgb, share: f64) -> Rgb {
        let share = share.clamp(0.0, 1.0);
        let channel = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
        Rgb(channel(self.0, other.0), channel(self.1, other.1), channel(self.2, other.2))
    }

    /// Relative luminance, 0 (black) to 1 (white).
    ///
    /// Source: WCAG 2.2, with the exponent 2 for the sRGB curve, enough to choose between two text colours.
    pub fn luminance(self) -> f64 {
        let linear = |c: u8| (f64::from(c) / 255.0) * (f64::from(c) / 255.0);
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
}

impl From<Rgb> for RGBColor {
    fn from(Rgb(r, g, b): Rgb) -> Self {
        RGBColor(r, g, b)
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl FromStr for Rgb {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse(text.trim())
            .ok_or_else(|| Error::input("color", format!("{text:?}"), "\"#rrggbb\" or \"rgb(r, g, b)\""))
    }
}

fn parse(text: &str) -> Option<Rgb> {
    if let Some(digits) = text.strip_prefix('#') {
        let digits: Vec<u8> =
            digits.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
        return match digits[..] {
            [r, g, b] => Some(Rgb(r * 17, g * 17, b * 17)),
            [r1, r0, g1, g0, b1, b0] => Some(Rgb(r1 * 16 + r0, g1 * 16 + g0, b1 * 16 + b0)),
            _ => None,
        };
    }
    let list = text.strip_prefix("rgb(")?.strip_suffix(')')?;
    let parts: Vec<&str> =
        if list.contains(',') { list.split(',').collect() } else { list.split_whitespace().collect() };
    let channel = |part: &str| {
        let part = part.trim();
        // `u8::from_str` would also take "+7".
        if part.bytes().all(|b| b.is_ascii_digit()) { part.parse().ok() } else { None }
    };
    match parts[..] {
        [r, g, b] => Some(Rgb(channel(r)?, channel(g)?, channel(b)?)),
        _ => None,
    }
}

impl FromJson for Rgb {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        String::read(value, wrong).parse().unwrap_or_else(|error| {
            wrong.note(error);
            Self(0, 0, 0)
        })
    }
}

impl FromJson for Theme {
    fn read(value: &Value, wrong: &mut Wrong) -> Self {
        let mut color = |name: &str| field(value, name, wrong);
        let theme = Self {
            ink: color("ink"),
            muted: color("muted"),
            line: color("line"),
            paper: color("paper"),
            base: color("base"),
            training: color("training"),
            heldout: color("heldout"),
            floor: color("floor"),
            font: field(value, "font", wrong),
            scale: field(value, "scale", wrong),
        };
        if !(0.25..=8.0).contains(&theme.scale) {
            wrong.expected("scale: device pixels per CSS pixel, 0.25 to 8", &value["scale"]);
        }
        theme
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_read_as_browsers_write_them() {
        for text in ["#0072b2", "#0072B2", "rgb(0, 114, 178)", "rgb(0 114 178)", " rgb(0,114,178) "] {
            assert_eq!(text.parse(), Ok(Rgb(0, 114, 178)), "{text}");
        }
        assert_eq!("#fa0".parse(), Ok(Rgb(255, 170, 0)));
        assert_eq!(Rgb(0, 114, 178).to_string(), "#0072b2");
    }

    #[test]
    fn other_colors_are_errors_that_quote_them() {
        let others =
            ["", "#", "#12", "#12345", "#12345g", "red", "rgb(1, 2)", "rgb(1, 2, 3, 4)", "rgb(256, 0, 0)"];
        let strange = ["rgb(-1, 0, 0)", "rgb(+1, 0, 0)", "rgb(1.5, 0, 0)", "rgb(1,,2)", "rgb(1 2 3", "#ééé"];
        for text in others.into_iter().chain(strange) {
            let message = text.parse::<Rgb>().unwrap_err().to_string();
            assert!(message.contains(&format!("{text:?}")) && message.contains("#rrggbb"), "{message}");
        }
    }

    #[test]
    fn mixing_is_linear_and_clamped() {
        let (black, white) = (Rgb(0, 0, 0), Rgb(255, 255, 255));
        assert_eq!(black.mix(white, 0.5), Rgb(128, 128, 128));
        assert_eq!(black.mix(white, -3.0), black);
        assert_eq!(black.mix(white, 9.0), white);
        assert!(white.luminance() > 0.999 && black.luminance() == 0.0);
    }
}
