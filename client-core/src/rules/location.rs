//! F2: was the check-in at the customer's?
//!
//! A phone's position is a circle, not a point. So the verdict is sure only when
//! the whole circle lies inside or outside the fence; otherwise it is
//! `uncertain`, which never costs a rep a visit.

use serde::{Deserialize, Serialize};

use crate::docs::visit::Fix;
use crate::geo::Point;
use crate::rules::units::Meters;

/// Where a check-in was, against the customer's position and the fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocationVerdict {
    /// Surely inside.
    InFence,
    /// The accuracy radius crosses the fence.
    Uncertain,
    /// Surely outside.
    OutOfFence,
    /// No fix, no position of the customer, or different datums.
    Unverifiable,
    /// The mode asks for no place.
    NotAsked,
}

/// The earth's mean radius (IUGG) in metres.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// The distance between two points in millimetres; `None` across datums, whose
/// shift is larger than a fence.
pub fn distance_mm(from: Point, to: Point) -> Option<i64> {
    if from.datum != to.datum {
        return None;
    }
    let lat_from = radians(from.lat_e7);
    let lat_to = radians(to.lat_e7);
    let half_lat = libm::sin((lat_to - lat_from) / 2.0);
    let half_lon = libm::sin((radians(to.lon_e7) - radians(from.lon_e7)) / 2.0);
    let chord = half_lat * half_lat + libm::cos(lat_from) * libm::cos(lat_to) * half_lon * half_lon;
    let angle = 2.0 * libm::asin(libm::sqrt(chord.clamp(0.0, 1.0)));
    Some(to_millimetres(EARTH_RADIUS_M * angle))
}

#[expect(clippy::cast_precision_loss, reason = "a coordinate in 1e-7 degree needs 31 bits")]
fn radians(e7: i64) -> f64 {
    e7 as f64 / 1e7 * (core::f64::consts::PI / 180.0)
}

#[expect(clippy::cast_possible_truncation, reason = "half the earth is 2e10 mm")]
fn to_millimetres(metres: f64) -> i64 {
    libm::round(metres * 1000.0) as i64
}

/// The verdict on a check-in's `fix` at a customer's `position`.
pub fn verdict(fix: Option<&Fix>, position: Option<Point>, fence: Meters) -> LocationVerdict {
    let distance = fix.zip(position).and_then(|(fix, position)| {
        distance_mm(fix.point, position).map(|distance| (distance, fix.accuracy_mm.max(0)))
    });
    let Some((distance, accuracy)) = distance else {
        return LocationVerdict::Unverifiable;
    };
    verdict_at(distance, accuracy, i64::from(fence.0) * 1000)
}

/// The verdict at a known distance, all in millimetres.
fn verdict_at(distance: i64, accuracy: i64, fence: i64) -> LocationVerdict {
    if distance.saturating_add(accuracy) <= fence {
        LocationVerdict::InFence
    } else if distance.saturating_sub(accuracy) > fence {
        LocationVerdict::OutOfFence
    } else {
        LocationVerdict::Uncertain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Datum;

    #[test]
    fn a_verdict_is_sure_only_when_the_whole_circle_is_on_one_side() {
        let check = |distance_m: i64, accuracy_m: i64, expected| {
            assert_eq!(
                verdict_at(distance_m * 1000, accuracy_m * 1000, 300_000),
                expected,
                "{distance_m} ± {accuracy_m} m"
            );
        };
        check(250, 20, LocationVerdict::InFence);
        check(310, 50, LocationVerdict::Uncertain);
        check(400, 50, LocationVerdict::OutOfFence);
        // Exactly on the fence.
        check(300, 0, LocationVerdict::InFence);
        check(280, 20, LocationVerdict::InFence);
        check(320, 20, LocationVerdict::Uncertain);
        assert_eq!(verdict_at(300_001, 0, 300_000), LocationVerdict::OutOfFence);
        assert_eq!(verdict_at(0, i64::MAX, 300_000), LocationVerdict::Uncertain);
    }

    #[test]
    fn distances_are_right_to_the_millimetre_scale() {
        let point = |lat, lon| Point::wgs84(lat, lon).unwrap();
        let check = |from, to, expected: i64| assert_eq!(distance_mm(from, to), Some(expected));
        // One degree of a great circle: 6,371,008.8 m × π ÷ 180.
        check(point(0, 0), point(10_000_000, 0), 111_195_080);
        check(point(0, 0), point(0, 10_000_000), 111_195_080);
        check(point(312_304_000, 1_214_737_000), point(312_304_000, 1_214_737_000), 0);
        // Antipodes: half the circumference.
        check(point(0, 0), point(0, 1_800_000_000), 20_015_114_442);
    }

    #[test]
    fn what_cannot_be_compared_is_unverifiable() {
        let point = Point::wgs84(312_304_000, 1_214_737_000).unwrap();
        let fix =
            Fix { point, accuracy_mm: 10_000, provider: "gps".into(), is_mock: false, age_s: 1 };
        let fence = Meters(300);
        assert_eq!(verdict(Some(&fix), Some(point), fence), LocationVerdict::InFence);
        assert_eq!(verdict(None, Some(point), fence), LocationVerdict::Unverifiable);
        assert_eq!(verdict(Some(&fix), None, fence), LocationVerdict::Unverifiable);
        let other = Point { datum: Datum::Gcj02, ..point };
        assert_eq!(verdict(Some(&fix), Some(other), fence), LocationVerdict::Unverifiable);
    }
}
