//! A line over months with its target beside it, and a pie: this works out the places,
//! templates draw.

use super::format;

/// A month of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthValue {
    /// Under the axis.
    pub caption: String,
    /// What was reached.
    pub value: i64,
    /// The month's target.
    pub target: Option<i64>,
    /// Far from the months before it.
    pub odd: bool,
    /// The month is not over.
    pub running: bool,
    /// The month in words.
    pub title: String,
    /// Its value in words.
    pub text: String,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Curve {
    /// Width of the drawing.
    pub width: i64,
    /// Height of the drawing.
    pub height: i64,
    /// Where zero lies.
    pub floor: i64,
    /// Months that are over, as the points of a line.
    pub line: String,
    /// From the last month that is over to the running one.
    pub running: String,
    /// Where the targets lie, a short line for each month.
    pub targets: Vec<(i64, i64, i64)>,
    /// The months.
    pub points: Vec<CurvePoint>,
    /// The line in words.
    pub label: String,
}

/// A month of a line, placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurvePoint {
    /// Its place.
    pub x: i64,
    /// Its value.
    pub y: i64,
    /// Under the axis.
    pub caption: String,
    /// In words.
    pub title: String,
    /// What stands beside the point: only where it says something of its own.
    pub text: Option<String>,
    /// Drawn as a dot that is looked at.
    pub odd: bool,
    /// Not over.
    pub running: bool,
}

impl Curve {
    /// The line of `months`, oldest first.
    pub fn of(months: &[MonthValue], label: String) -> Self {
        let (width, height, floor, top, side) = (720_i64, 240_i64, 204_i64, 28_i64, 32_i64);
        let most = months.iter().flat_map(|one| [one.value, one.target.unwrap_or(0)]).max();
        let full = i128::from(most.unwrap_or(0).max(1));
        let tall = |n: i64| {
            let at = i128::from(n.max(0)) * i128::from(floor - top) / full;
            floor - i64::try_from(at).unwrap_or(0)
        };
        let steps = i64::try_from(months.len().saturating_sub(1)).unwrap_or(1).max(1);
        let place = |n: usize| side + (width - 2 * side) * i64::try_from(n).unwrap_or(0) / steps;
        let best = months.iter().map(|one| one.value).max().unwrap_or(0);
        let points: Vec<CurvePoint> = months
            .iter()
            .enumerate()
            .map(|(n, one)| {
                let tells = one.odd || one.value == best || n + 1 == months.len();
                CurvePoint {
                    x: place(n),
                    y: tall(one.value),
                    caption: one.caption.clone(),
                    title: one.title.clone(),
                    text: (tells && one.value > 0).then(|| one.text.clone()),
                    odd: one.odd,
                    running: one.running,
                }
            })
            .collect();
        let half = (width - 2 * side) / steps / 2 - 4;
        let drawn = |points: &mut dyn Iterator<Item = &CurvePoint>| {
            points.map(|one| format!("{},{}", one.x, one.y)).collect::<Vec<_>>().join(" ")
        };
        let last = points.iter().rposition(|one| !one.running).unwrap_or(0);
        Self {
            width,
            height,
            floor,
            line: drawn(&mut points.iter().filter(|one| !one.running)),
            running: match points.iter().any(|one| one.running) {
                true => drawn(&mut points.iter().skip(last)),
                false => String::new(),
            },
            targets: months
                .iter()
                .enumerate()
                .filter_map(|(n, one)| Some((place(n) - half, place(n) + half, tall(one.target?))))
                .collect(),
            points,
            label,
        }
    }
}

/// A part of a pie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Its outline.
    pub path: String,
    /// Which of the colours, from 1.
    pub colour: usize,
    /// What it is.
    pub label: String,
    /// How many.
    pub count: String,
    /// Of all.
    pub share: String,
    /// What it is made of.
    pub href: Option<String>,
}

/// Slices of a pie; what is left over is one more.
pub const SLICES: usize = 6;

/// A pie of named counts, the largest first, with at most [`SLICES`] parts of their own.
pub fn pie(mut counts: Vec<(String, u64, Option<String>)>, other: &str) -> Vec<Slice> {
    counts.retain(|(_name, n, _href)| *n > 0);
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let rest: u64 = counts.iter().skip(SLICES).map(|(_name, n, _href)| n).sum();
    if counts.len() > SLICES {
        counts.truncate(SLICES);
        counts.push((other.to_owned(), rest, None));
    }
    let all: u64 = counts.iter().map(|(_name, n, _href)| n).sum();
    let mut before = 0_u64;
    let mut slices = Vec::new();
    for (place, (label, n, href)) in counts.into_iter().enumerate() {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        slices.push(Slice {
            path: sector(before, before + n, all),
            colour: place + 1,
            label,
            count: format::count(number(n)),
            share: format::percent(number(n), number(all)),
            href,
        });
        before += n;
    }
    slices
}

/// The outline of a sector of a disc of radius 90 around 100, 100, clockwise from the top.
#[expect(
    clippy::cast_precision_loss,
    reason = "a drawing of a disc is not exact beyond a hundredth of a pixel"
)]
fn sector(from: u64, to: u64, all: u64) -> String {
    let all = all.max(1);
    if to - from >= all {
        return "M100 10A90 90 0 1 1 99.99 10Z".to_owned();
    }
    let at = |n: u64| {
        let turn = (n as f64 / all as f64) * std::f64::consts::TAU;
        let (x, y) = (100.0 + 90.0 * turn.sin(), 100.0 - 90.0 * turn.cos());
        format!("{x:.2} {y:.2}")
    };
    let large = u8::from((to - from) * 2 > all);
    format!("M100 100L{}A90 90 0 {large} 1 {}Z", at(from), at(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(value: i64, running: bool) -> MonthValue {
        MonthValue {
            caption: String::new(),
            value,
            target: Some(100),
            odd: false,
            running,
            title: String::new(),
            text: value.to_string(),
        }
    }

    #[test]
    fn a_line_stands_on_zero_and_the_running_month_is_drawn_apart() {
        let curve =
            Curve::of(&[month(0, false), month(100, false), month(50, true)], String::new());
        assert_eq!(curve.points[0].y, curve.floor);
        assert_eq!(curve.points[1].y, 28);
        assert_eq!(curve.line.split(' ').count(), 2);
        assert_eq!(curve.running.split(' ').count(), 2);
        assert_eq!(curve.targets.len(), 3);
        assert!(Curve::of(&[], String::new()).points.is_empty());
    }

    #[test]
    fn a_pie_has_six_slices_and_the_rest() {
        let counts = (1..=9).map(|n| (format!("i{n}"), n, None)).collect();
        let slices = pie(counts, "other");
        assert_eq!(slices.len(), SLICES + 1);
        assert_eq!((slices[0].label.as_str(), slices[0].count.as_str()), ("i9", "9"));
        assert_eq!((slices[6].label.as_str(), slices[6].count.as_str()), ("other", "6"));
        assert_eq!(pie(vec![("all".into(), 3, None)], "other")[0].share, "100.0%");
        assert!(pie(Vec::new(), "other").is_empty());
    }
}
