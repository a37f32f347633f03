//! A backend that writes down what is drawn, for questions about the layout.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontTransform,
};
use pretune::plot::{line_height, text_width};

/// A pixel rectangle: left, top, right, bottom.
pub type Bounds = (f64, f64, f64, f64);

/// What was drawn, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    Text { text: String, bounds: Bounds, bold: bool },
    Path { points: Vec<BackendCoord>, color: (u8, u8, u8), width: u32 },
    Fill { bounds: Bounds, color: (u8, u8, u8) },
    Dot { at: BackendCoord, color: (u8, u8, u8) },
}

/// Size of the canvas, and the marks that it shares with its reader.
pub struct Recorder {
    size: (u32, u32),
    marks: Rc<RefCell<Vec<Mark>>>,
}

impl Recorder {
    pub fn new(size: (u32, u32)) -> (Self, Rc<RefCell<Vec<Mark>>>) {
        let marks = Rc::default();
        (Self { size, marks: Rc::clone(&marks) }, marks)
    }

    fn push(&self, mark: Mark) -> Result<(), DrawingErrorKind<Infallible>> {
        self.marks.borrow_mut().push(mark);
        Ok(())
    }
}

impl DrawingBackend for Recorder {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn draw_pixel(&mut self, _: BackendCoord, _: BackendColor) -> Result<(), DrawingErrorKind<Infallible>> {
        panic!("a chart drew pixel by pixel")
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        _fill: bool,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let bounds = (left.into(), top.into(), right.into(), bottom.into());
        self.push(Mark::Fill { bounds, color: style.color().rgb })
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let points = path.into_iter().collect();
        self.push(Mark::Path { points, color: style.color().rgb, width: style.stroke_width() })
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        at: BackendCoord,
        _radius: u32,
        style: &S,
        _fill: bool,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.push(Mark::Dot { at, color: style.color().rgb })
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        assert!(matches!(style.anchor().v_pos, VPos::Center));
        let (width, height) = (text_width(text, style.size()), line_height(style.size()));
        let start = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -width / 2.0,
            HPos::Right => -width,
        };
        let (x, y) = (f64::from(x), f64::from(y));
        let bounds = match style.transform() {
            FontTransform::None => (x + start, y - height / 2.0, x + start + width, y + height / 2.0),
            FontTransform::Rotate270 => (x - height / 2.0, y - start - width, x + height / 2.0, y - start),
            _ => panic!("text is upright or level"),
        };
        self.push(Mark::Text { text: text.to_owned(), bounds, bold: style.style().as_str() == "bold" })
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        _: &str,
        _: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        panic!("a chart asked the backend how wide text is")
    }
}
