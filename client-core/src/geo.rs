//! Positions as phones report them.
//!
//! Latitude and longitude are kept as integers of 10⁻⁷ degree (about 1 cm), the
//! resolution of GNSS receivers, so that they merge, hash and compare exactly.

use serde::{Deserialize, Serialize};

/// Which coordinate system a point is given in. Points of different datums are
/// never compared: the shift between WGS-84 and GCJ-02 is 100 to 500 m, larger
/// than a fence.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    /// What phones report.
    #[default]
    Wgs84,
    /// Mainland China's map system.
    Gcj02,
    /// Baidu's map system.
    Bd09,
}

/// A point on the earth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Point {
    /// Latitude in 10⁻⁷ degree, −900,000,000 to 900,000,000.
    pub lat_e7: i64,
    /// Longitude in 10⁻⁷ degree, −1,800,000,000 to 1,800,000,000.
    pub lon_e7: i64,
    /// The coordinate system.
    pub datum: Datum,
}

impl Point {
    /// A WGS-84 point from 10⁻⁷ degrees, if it lies on the earth.
    pub fn wgs84(lat_e7: i64, lon_e7: i64) -> Option<Self> {
        let on_earth = lat_e7.abs() <= 900_000_000 && lon_e7.abs() <= 1_800_000_000;
        on_earth.then_some(Self { lat_e7, lon_e7, datum: Datum::Wgs84 })
    }
}
