//! Charts as inline SVG: this works out the places, the templates draw.
//!
//! Bars start at zero, values stand on the bars instead of in a legend, and a
//! day that is not fully known is hatched up to its target.

use client_core::time::Date;

use super::format;

/// A chart of columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Width of the drawing.
    pub width: i64,
    /// Height of the drawing.
    pub height: i64,
    /// Where the bars stand.
    pub floor: i64,
    /// Where the captions stand.
    pub caption_y: i64,
    /// Width of one bar.
    pub bar_width: i64,
    /// The target line.
    pub mark_y: Option<i64>,
    /// The bars.
    pub columns: Vec<Column>,
    /// The chart in words.
    pub label: String,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Left edge.
    pub x: i64,
    /// Middle.
    pub middle: i64,
    /// Top.
    pub y: i64,
    /// Height.
    pub height: i64,
    /// Top of the hatching.
    pub hatched_y: i64,
    /// Height of the hatching.
    pub hatched_height: i64,
    /// The number on it.
    pub value: String,
    /// Where the number stands.
    pub value_y: i64,
    /// Under it.
    pub caption: String,
    /// In words.
    pub title: String,
    /// The day looked at.
    pub strong: bool,
}

/// One day of a trend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayValue {
    /// The day.
    pub day: Date,
    /// How many.
    pub value: i64,
    /// Whether every phone has been heard for it.
    pub complete: bool,
    /// The day in words.
    pub title: String,
}

impl Columns {
    /// The trend of `days`, the last one in bold, with a line at `target`.
    pub fn trend(days: &[DayValue], target: Option<i64>, label: String) -> Self {
        let (width, height, floor, top) = (280, 132, 108, 20);
        let target = target.filter(|target| *target > 0);
        let most = days.iter().map(|day| day.value).max().unwrap_or(0);
        let full = most.max(target.unwrap_or(0)).max(1);
        let tall = |n: i64| n.max(0) * (floor - top) / full;
        let step = width / i64::try_from(days.len().max(1)).unwrap_or(1);
        let bar_width = (step * 7 / 10).max(2);
        let columns = days
            .iter()
            .enumerate()
            .map(|(place, day)| {
                let x = step * i64::try_from(place).unwrap_or(0) + (step - bar_width) / 2;
                let unknown = if day.complete { 0 } else { target.map_or(0, tall) };
                let reach = tall(day.value).max(unknown);
                Column {
                    x,
                    middle: x + bar_width / 2,
                    y: floor - tall(day.value),
                    height: tall(day.value),
                    hatched_y: floor - unknown,
                    hatched_height: if unknown > tall(day.value) { unknown } else { 0 },
                    value: format::count(day.value),
                    value_y: floor - reach - 5,
                    caption: day.day.naive().format("%-d").to_string(),
                    title: day.title.clone(),
                    strong: place + 1 == days.len(),
                }
            })
            .collect();
        let mark_y = target.map(|target| floor - tall(target));
        Self { width, height, floor, caption_y: floor + 18, bar_width, mark_y, columns, label }
    }
}

/// A neutral sketch of a check-in: the customer in the middle, the fence around
/// it, the check-in with its accuracy. No map, no tiles, nothing to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceSketch {
    /// Radius of the fence.
    pub fence_r: i64,
    /// The check-in, to the east.
    pub x: i64,
    /// The check-in, to the south.
    pub y: i64,
    /// Radius of the accuracy.
    pub accuracy_r: i64,
    /// The sketch in words.
    pub label: String,
}

impl PlaceSketch {
    /// A check-in `east_mm` and `north_mm` from the customer.
    pub fn new(
        east_mm: i64,
        north_mm: i64,
        accuracy_mm: i64,
        fence_mm: i64,
        label: String,
    ) -> Self {
        let far = east_mm.abs().max(north_mm.abs()).saturating_add(accuracy_mm.max(0));
        let full = far.max(fence_mm).max(1);
        let place = |mm: i64| i64::try_from(i128::from(mm) * 72 / i128::from(full)).unwrap_or(0);
        Self {
            fence_r: place(fence_mm),
            x: 80 + place(east_mm),
            y: 80 - place(north_mm),
            accuracy_r: place(accuracy_mm.max(0)).max(2),
            label,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str, value: i64, complete: bool) -> DayValue {
        DayValue { day: text.parse().unwrap(), value, complete, title: String::new() }
    }

    #[test]
    fn bars_stand_on_zero_and_unknown_reaches_the_target() {
        let days = [day("2026-10-08", 44, true), day("2026-10-09", 11, false)];
        let chart = Columns::trend(&days, Some(44), String::new());
        let [full, quarter] = chart.columns.as_slice() else { panic!("two columns") };
        assert_eq!(full.height, chart.floor - 20);
        assert_eq!(quarter.height * 4, full.height);
        assert_eq!((full.hatched_height, quarter.hatched_height), (0, full.height));
        assert!(chart.columns.iter().all(|c| c.y + c.height == chart.floor));
    }

    #[test]
    fn an_empty_trend_draws_nothing_and_does_not_divide_by_zero() {
        assert!(Columns::trend(&[], None, String::new()).columns.is_empty());
    }

    #[test]
    fn the_sketch_keeps_everything_inside() {
        let sketch = PlaceSketch::new(-400_000, 10_000, 50_000, 300_000, String::new());
        assert!(sketch.x - sketch.accuracy_r >= 8, "{sketch:?}");
        assert!(sketch.x < 80 && sketch.y < 80, "west and north of the customer");
    }
}
