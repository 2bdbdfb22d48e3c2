//! The figures of a card that are others now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::rules::figures::{FigureUnit, unit_of};
use crate::rules::outcome::Outcome;
use crate::rules::policy::Group;

/// A figure that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedFigure {
    /// Its stable name: `total`, `result`, `process`, an indicator, an indicator with
    /// `.points` behind it, `coverage.…`, or a figure beside the card.
    pub id: String,
    /// What its value counts; points are in hundredths.
    pub unit: FigureUnit,
    /// What it was; absent where it had no value.
    pub old: Option<i64>,
    /// What it is.
    pub new: Option<i64>,
}

/// Where a figure stands in the list: the total first, then groups, lines and the rest.
type Place = (u8, String);

/// Every figure that is not the same in both, the total first.
pub fn moved_figures(old: &Outcome, new: &Outcome) -> Vec<MovedFigure> {
    let (old, mut new) = (figures(old), figures(new));
    let mut moved = Vec::new();
    let mut compare = |id: String, unit, old: Option<i64>, new: Option<i64>| {
        if old != new {
            moved.push(MovedFigure { id, unit, old, new });
        }
    };
    for (place, (unit, was)) in old {
        let is = new.remove(&place).and_then(|(_unit, value)| value);
        compare(place.1, unit, was, is);
    }
    for (place, (unit, is)) in new {
        compare(place.1, unit, None, is);
    }
    moved.sort_by_key(|figure| place_of(&figure.id));
    moved
}

fn place_of(id: &str) -> Place {
    let rank = match id {
        "total" => 0,
        "result" => 1,
        "process" => 2,
        _ if id.ends_with(".points") => 3,
        _ if id.starts_with("coverage.") => 5,
        _ => 4,
    };
    (rank, id.to_owned())
}

fn figures(card: &Outcome) -> BTreeMap<Place, (FigureUnit, Option<i64>)> {
    let mut all = BTreeMap::new();
    let mut add = |id: String, unit: FigureUnit, value: Option<i64>| {
        all.entry(place_of(&id)).or_insert((unit, value));
    };
    let points = FigureUnit::Hundredths;
    add("total".to_owned(), points, card.scorecard.total.map(|total| total.0));
    for group in &card.scorecard.groups {
        let name = match group.group {
            Group::Result => "result",
            Group::Process => "process",
        };
        add(name.to_owned(), points, Some(group.points.0));
    }
    for line in &card.scorecard.lines {
        add(line.indicator.to_string(), unit_of(&line.indicator), line.value);
        add(format!("{}.points", line.indicator), points, Some(line.points.0));
    }
    for named in &card.figures {
        add(named.id.clone(), named.unit, named.figure.value);
    }
    let coverage = &card.coverage.total;
    for (name, share) in [
        ("reach", coverage.reach),
        ("standard_met", coverage.standard_met),
        ("frequency", coverage.frequency),
    ] {
        let value = share.share.map(|share| share.0);
        add(format!("coverage.{name}"), FigureUnit::BasisPoints, value);
    }
    all
}
