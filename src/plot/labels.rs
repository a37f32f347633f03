//! Where a label may stand: rectangles, what they would cover, and the first place that is free.
//!
//! Coordinates are pixels of the drawing area, x to the right, y down. Start with [`first_free`].

/// A rectangle of pixels, `right` and `bottom` outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Rect {
    /// The rectangle whose left edge is centered at `(left, middle)`.
    pub fn beside((left, middle): (i32, i32), (width, height): (i32, i32)) -> Self {
        let top = middle - height / 2;
        Self { left, top, right: left + width, bottom: top + height }
    }

    pub fn moved(self, dx: i32, dy: i32) -> Self {
        Self { left: self.left + dx, top: self.top + dy, right: self.right + dx, bottom: self.bottom + dy }
    }

    pub fn middle(self) -> i32 {
        (self.top + self.bottom) / 2
    }

    pub fn overlaps(self, other: Rect) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    pub fn within(self, outer: Rect) -> bool {
        self.left >= outer.left
            && self.right <= outer.right
            && self.top >= outer.top
            && self.bottom <= outer.bottom
    }

    /// Whether a polyline, its points ordered by x, passes through.
    pub fn crossed_by(self, line: &[(i32, i32)]) -> bool {
        let inside =
            |&(x, y): &(i32, i32)| x >= self.left && x < self.right && y >= self.top && y < self.bottom;
        line.iter().any(inside) || line.windows(2).any(|pair| self.crossed_by_segment(pair[0], pair[1]))
    }

    /// The segment is cut to the rectangle's columns; what is left of it spans a range of rows.
    fn crossed_by_segment(self, (x0, y0): (i32, i32), (x1, y1): (i32, i32)) -> bool {
        let (from, to) = (x0.max(self.left), x1.min(self.right - 1));
        if from > to {
            return false;
        }
        let row = |x: i32| {
            if x0 == x1 {
                f64::from(y0)
            } else {
                f64::from(y0) + f64::from(y1 - y0) * f64::from(x - x0) / f64::from(x1 - x0)
            }
        };
        let (a, b) = if x0 == x1 { (f64::from(y0), f64::from(y1)) } else { (row(from), row(to)) };
        a.min(b) < f64::from(self.bottom) && a.max(b) >= f64::from(self.top)
    }
}

/// What a label must stay clear of.
pub(super) struct Obstacles<'a> {
    /// Where it must stay inside.
    pub canvas: Rect,
    /// Other labels.
    pub taken: &'a [Rect],
    /// Curves, points ordered by x.
    pub lines: &'a [&'a [(i32, i32)]],
}

/// Index of the first candidate that covers no label and no curve; failing that the first that covers no
/// label; failing that the last, which is to be the smallest. There must be candidates.
pub(super) fn first_free(candidates: &[Rect], obstacles: &Obstacles) -> usize {
    let Obstacles { canvas, taken, lines } = *obstacles;
    let free = |r: &Rect| r.within(canvas) && !taken.iter().any(|t| r.overlaps(*t));
    let clear = |r: &Rect| free(r) && !lines.iter().any(|line| r.crossed_by(line));
    candidates
        .iter()
        .position(clear)
        .or_else(|| candidates.iter().position(free))
        .unwrap_or(candidates.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Rect = Rect { left: 10, top: 10, right: 20, bottom: 20 };
    const CANVAS: Rect = Rect { left: 0, top: 0, right: 100, bottom: 100 };

    #[test]
    fn neighbours_that_only_touch_do_not_overlap() {
        assert!(BOX.overlaps(BOX.moved(9, 9)));
        assert!(!BOX.overlaps(BOX.moved(10, 0)) && !BOX.overlaps(BOX.moved(0, 10)));
    }

    #[test]
    fn a_line_crosses_also_without_a_point_inside() {
        assert!(BOX.crossed_by(&[(0, 15), (100, 15)]));
        assert!(BOX.crossed_by(&[(0, 0), (30, 30)]));
        assert!(BOX.crossed_by(&[(15, 0), (15, 90)]));
        assert!(BOX.crossed_by(&[(12, 12)]));
        assert!(!BOX.crossed_by(&[(0, 25), (100, 21)]));
        assert!(!BOX.crossed_by(&[(0, 0), (9, 40)]));
        assert!(!BOX.crossed_by(&[]));
    }

    #[test]
    fn labels_avoid_labels_first_and_lines_second() {
        let places = [BOX, BOX.moved(0, 20), BOX.moved(0, 40)];
        let line: &[(i32, i32)] = &[(0, 35), (100, 35)];
        let free = |places: &[Rect], taken: &[Rect]| {
            first_free(places, &Obstacles { canvas: CANVAS, taken, lines: &[line] })
        };
        assert_eq!(free(&places, &[]), 0);
        assert_eq!(free(&places, &[BOX]), 2);
        assert_eq!(free(&places[..2], &[BOX]), 1);
        assert_eq!(free(&places[..1], &[BOX]), 0);
        assert_eq!(free(&[BOX.moved(-20, 0), BOX], &[]), 1);
    }
}
