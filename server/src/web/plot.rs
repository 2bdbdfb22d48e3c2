//! A line over months and a pie, as inline SVG: this works out the places, the templates
//! draw. Values stand at their points, a target is a dashed line, and slices are named
//! beside the pie with the colours in the order of the style sheet.

use std::f64::consts::TAU;
use std::fmt::Write;

/// A line with a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Width of the drawing.
    pub width: i64,
    /// Height of the drawing.
    pub height: i64,
    /// Where zero is.
    pub floor: i64,
    /// The line, as a path.
    pub path: String,
    /// The target, as a path; empty for none.
    pub target: String,
    /// Its points.
    pub points: Vec<Point>,
    /// In words.
    pub label: String,
}

/// A point of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// From the left.
    pub x: i64,
    /// From the top.
    pub y: i64,
    /// The number; empty where it would stand on another.
    pub value: String,
    /// Where it stands.
    pub value_y: i64,
    /// Under the axis.
    pub caption: String,
    /// In words.
    pub title: String,
}

/// What a line is drawn from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The value.
    pub value: i64,
    /// What was aimed at.
    pub target: Option<i64>,
    /// The value as it is read.
    pub text: String,
    /// Under the axis.
    pub caption: String,
    /// In words.
    pub title: String,
}

impl Line {
    /// A line through `stops`, from zero.
    pub fn through(stops: &[Stop], label: String) -> Self {
        let (width, height, floor, top, side) = (640_i64, 200_i64, 168_i64, 28_i64, 34_i64);
        let targets = stops.iter().filter_map(|stop| stop.target);
        let most = stops.iter().map(|stop| stop.value).chain(targets).max().unwrap_or(0).max(1);
        let count = i64::try_from(stops.len()).unwrap_or(1);
        let across = |n: usize| {
            let n = i64::try_from(n).unwrap_or(0);
            side + (width - 2 * side) * n / (count - 1).max(1)
        };
        let up = |value: i64| {
            let tall = i128::from(value.max(0)) * i128::from(floor - top) / i128::from(most);
            floor - i64::try_from(tall).unwrap_or(0)
        };
        let (mut path, mut target) = (String::new(), String::new());
        let mut points = Vec::with_capacity(stops.len());
        for (n, stop) in stops.iter().enumerate() {
            let (x, y) = (across(n), up(stop.value));
            let _written = write!(path, "{}{x} {y}", if n == 0 { "M" } else { "L" });
            if let Some(goal) = stop.target {
                let begins =
                    n == 0 || stops.get(n - 1).is_some_and(|before| before.target.is_none());
                let _written = write!(target, "{}{x} {}", if begins { "M" } else { "L" }, up(goal));
            }
            points.push(Point {
                x,
                y,
                value: stop.text.clone(),
                value_y: y - 9,
                caption: stop.caption.clone(),
                title: stop.title.clone(),
            });
        }
        Self { width, height, floor, path, target, points, label }
    }
}

/// A pie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pie {
    /// Its slices, from the top, clockwise.
    pub slices: Vec<Slice>,
    /// In words.
    pub label: String,
}

/// A slice of a pie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// The slice, as a path.
    pub path: String,
    /// Which colour: 0 to 7.
    pub colour: usize,
    /// What it is.
    pub name: String,
    /// How much.
    pub value: String,
}

impl Pie {
    /// A pie of parts: what each is, how much it is, and how that is read.
    pub fn of(parts: &[(String, i64, String)], label: String) -> Self {
        let whole: i64 = parts.iter().map(|(_name, part, _value)| (*part).max(0)).sum();
        let mut from = 0_i64;
        let slices = parts.iter().enumerate().filter(|(_n, part)| part.1 > 0).map(|(n, part)| {
            let until = from + part.1;
            let path = slice(from, until, whole.max(1));
            from = until;
            Slice { path, colour: n.min(7), name: part.0.clone(), value: part.2.clone() }
        });
        Self { slices: slices.collect(), label }
    }
}

/// From one share of the whole to another, on a circle of radius 90 around (100, 100).
fn slice(from: i64, until: i64, whole: i64) -> String {
    if from == 0 && until == whole {
        return "M100 10A90 90 0 1 1 99.99 10Z".to_owned();
    }
    #[expect(clippy::cast_precision_loss, reason = "a drawing is exact to a hundredth")]
    let at = |part: i64| {
        let turn = TAU * part as f64 / whole as f64;
        (100.0 + 90.0 * turn.sin(), 100.0 - 90.0 * turn.cos())
    };
    let ((x0, y0), (x1, y1)) = (at(from), at(until));
    let large = u8::from((until - from) * 2 > whole);
    format!("M100 100L{x0:.2} {y0:.2}A90 90 0 {large} 1 {x1:.2} {y1:.2}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stop(value: i64, target: Option<i64>) -> Stop {
        let text = value.to_string();
        Stop { value, target, text, caption: String::new(), title: String::new() }
    }

    #[test]
    fn a_line_begins_at_zero_and_its_target_has_gaps() {
        let stops = [stop(0, Some(50)), stop(100, None), stop(50, Some(100))];
        let line = Line::through(&stops, String::new());
        let [low, high, middle] = line.points.as_slice() else { panic!("three points") };
        assert_eq!(low.y, line.floor);
        assert_eq!((low.y - high.y), 2 * (low.y - middle.y));
        assert_eq!(line.target.matches('M').count(), 2, "{}", line.target);
        assert!(line.points.iter().all(|point| (0..=line.width).contains(&point.x)));
    }

    #[test]
    fn an_empty_line_and_an_empty_pie_draw_nothing() {
        assert!(Line::through(&[], String::new()).path.is_empty());
        assert!(Pie::of(&[("none".into(), 0, "0".into())], String::new()).slices.is_empty());
    }

    #[test]
    fn slices_fill_the_circle() {
        let part = |n: i64| (String::new(), n, String::new());
        let pie = Pie::of(&[part(1), part(1), part(2)], String::new());
        assert_eq!(pie.slices[0].path, "M100 100L100.00 10.00A90 90 0 0 1 190.00 100.00Z");
        assert_eq!(pie.slices[2].path, "M100 100L100.00 190.00A90 90 0 0 1 100.00 10.00Z");
        assert_eq!(Pie::of(&[part(3)], String::new()).slices.len(), 1);
    }
}
