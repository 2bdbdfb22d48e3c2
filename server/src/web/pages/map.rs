//! The team map (C1 item 2): where everybody was on a day, planned against done.
//!
//! No tiles and nothing from outside: each region is a plain field in which points keep
//! their directions and relative distances. Points that would lie upon each other are one
//! circle with a number. What the drawing shows, the lists beside it say in words.

use std::collections::BTreeMap;

use askama::Template;
use client_core::geo::Point;
use client_core::id::{DocId, UserId};
use client_core::rules::Verdict;
use client_core::time::Timestamp;

use super::board::Heard;
use super::wording;
use crate::web::filters::{Choices, Filters};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::lists::team::TeamAsk;
use crate::web::view::{State, Tone};

/// A point of the day.
#[derive(Debug, Clone)]
pub struct Spot {
    /// Where it leads.
    pub href: String,
    /// The customer.
    pub name: Option<String>,
    /// Whose it is.
    pub rep: String,
    /// When the visit began; none for a stop that is still planned.
    pub at: Option<Timestamp>,
    /// Where it is, if that is known.
    pub point: Option<Point>,
    /// The verdict in words.
    pub state: State,
    /// The verdict, and whether the visit counts; none for a stop, or where no card has
    /// judged the visit yet.
    pub verdict: Option<(Verdict, bool)>,
}

/// A rep's day in numbers.
#[derive(Debug, Clone)]
pub struct RepOnMap {
    /// Who.
    pub rep: UserId,
    /// The name.
    pub name: String,
    /// Stops of the plan.
    pub planned: usize,
    /// Those of them that were visited.
    pub done: usize,
    /// Visits that no plan named.
    pub unplanned: usize,
    /// All visits.
    pub visits: usize,
    /// When the phone was heard last.
    pub heard: Heard,
    /// The last visit: which, at whom, when, and its verdict.
    pub last: Option<(DocId, Option<String>, Timestamp, State)>,
}

/// A region.
#[derive(Debug, Clone)]
pub struct RegionOf {
    /// Its name.
    pub name: String,
    /// Its points.
    pub spots: Vec<Spot>,
    /// Its reps, by name.
    pub reps: Vec<RepOnMap>,
}

/// What the page is given.
#[derive(Debug, Clone)]
pub struct MapData {
    /// What is asked for.
    pub ask: TeamAsk,
    /// The regions, by name.
    pub regions: Vec<RegionOf>,
    /// Whose may be asked for.
    pub choices: Choices,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "map.html")]
pub struct TeamMap {
    frame: Frame,
    filters: Filters,
    day: String,
    legend: Vec<State>,
    regions: Vec<RegionView>,
}

#[derive(Debug)]
struct RegionView {
    name: String,
    label: String,
    marks: Vec<Mark>,
    unplaced: Option<String>,
    line: String,
    reps: Vec<RepView>,
}

/// A point, or several that lie too near to be told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    x: i64,
    y: i64,
    tone: Tone,
    title: String,
    href: Option<String>,
    /// How many; none for one.
    many: Option<String>,
}

#[derive(Debug)]
struct RepView {
    href: String,
    name: String,
    stops: String,
    unplanned: String,
    last: Option<(String, String, String, State)>,
    heard: State,
}

const WIDTH: i64 = 480;
const HEIGHT: i64 = 280;
/// Points nearer than this, across or down, are one mark.
const CELL: i64 = 26;
const EDGE: i64 = 24;

impl TeamMap {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &MapData) -> Self {
        Self {
            filters: data.ask.by_day(f.w, "/map", &data.choices),
            day: f.day(data.ask.day),
            legend: [
                (Tone::Good, "verdict.effective"),
                (Tone::Watch, "verdict.needs_review"),
                (Tone::Late, "verdict.not_effective"),
                (Tone::Neutral, "map.planned_or_draft"),
            ]
            .map(|(tone, key)| State::new(tone, f.w.say(key)))
            .to_vec(),
            regions: data.regions.iter().map(|region| view(f, data, region)).collect(),
            frame,
        }
    }
}

fn count(n: usize) -> String {
    format::count(i64::try_from(n).unwrap_or(i64::MAX))
}

fn view(f: &Format, data: &MapData, region: &RegionOf) -> RegionView {
    let marks = marks(f, &region.spots);
    let unplaced = region.spots.iter().filter(|spot| spot.point.is_none()).count();
    let sum = |pick: fn(&RepOnMap) -> usize| count(region.reps.iter().map(pick).sum());
    let values: [(&str, &dyn std::fmt::Display); 3] = [
        ("done", &sum(|rep| rep.done)),
        ("planned", &sum(|rep| rep.planned)),
        ("visits", &sum(|rep| rep.visits)),
    ];
    let line = f.w.with("map.line", &values);
    RegionView {
        label: format!("{}: {line}", region.name),
        name: region.name.clone(),
        marks,
        unplaced: (unplaced > 0).then(|| f.w.with("map.unplaced", &[("n", &count(unplaced))])),
        line,
        reps: region.reps.iter().map(|rep| rep_view(f, data, rep)).collect(),
    }
}

fn rep_view(f: &Format, data: &MapData, rep: &RepOnMap) -> RepView {
    let values: [(&str, &dyn std::fmt::Display); 2] =
        [("of", &count(rep.done)), ("all", &count(rep.planned))];
    RepView {
        href: format!("/visits?rep={}&from={}&to={}", rep.rep, data.ask.day, data.ask.day),
        name: rep.name.clone(),
        stops: if rep.planned == 0 {
            f.w.say("map.no_plan").to_owned()
        } else {
            f.w.with("coverage.fraction", &values)
        },
        unplanned: count(rep.unplanned),
        last: rep.last.as_ref().map(|(doc, name, at, state)| {
            let name = wording::customer_name(f.w, name.as_deref());
            (format!("/visits/{doc}"), name, f.time(*at), state.clone())
        }),
        heard: match rep.heard {
            Heard::NoPhone => State::new(Tone::Unknown, f.w.say("heard.no_phone")),
            Heard::At(at) if at < f.zone.start_of(data.ask.day) => {
                State::new(Tone::Unknown, f.w.say("heard.silent"))
            }
            Heard::At(at) => State::new(Tone::Neutral, f.moment_on(at, data.ask.day)),
        },
    }
}

/// Where each point lies in the field: north is up, and a degree of longitude is as much
/// shorter as it is there.
fn places(points: &[Point]) -> Vec<(i64, i64)> {
    let lats = points.iter().map(|point| point.lat_e7);
    let lons = points.iter().map(|point| point.lon_e7);
    let (Some(south), Some(north)) = (lats.clone().min(), lats.max()) else { return Vec::new() };
    let (Some(west), Some(east)) = (lons.clone().min(), lons.max()) else { return Vec::new() };
    let middle = south.midpoint(north);
    // The cosine by its first terms, in thousandths: exact enough to draw with.
    let degrees = i128::from(middle.abs() / 10_000_000);
    let narrow = (1_000 - degrees * degrees * 1_000 / 6_565).clamp(100, 1_000);
    let wide = |lon: i64| (i128::from(lon) - i128::from(west)) * narrow / 1_000;
    let high = |lat: i64| i128::from(north) - i128::from(lat);
    let (across, down) = (wide(east).max(1), high(south).max(1));
    let room = (i128::from(WIDTH - 2 * EDGE), i128::from(HEIGHT - 2 * EDGE));
    // One scale for both ways, so that distances keep their proportions.
    let scale = |n: i128| {
        if across * room.1 > down * room.0 { n * room.0 / across } else { n * room.1 / down }
    };
    let (left, top) = ((room.0 - scale(across)) / 2, (room.1 - scale(down)) / 2);
    let place = |point: &Point| {
        let (x, y) = (left + scale(wide(point.lon_e7)), top + scale(high(point.lat_e7)));
        let at = |n: i128| EDGE + i64::try_from(n).unwrap_or(0);
        (at(x), at(y))
    };
    points.iter().map(place).collect()
}

/// A spot and where it is drawn.
type Placed<'a> = (&'a Spot, i64, i64);

fn marks(f: &Format, spots: &[Spot]) -> Vec<Mark> {
    let placed: Vec<(&Spot, Point)> =
        spots.iter().filter_map(|spot| Some((spot, spot.point?))).collect();
    let points: Vec<Point> = placed.iter().map(|(_spot, point)| *point).collect();
    let mut cells: BTreeMap<(i64, i64), Vec<Placed<'_>>> = BTreeMap::new();
    for ((spot, _point), (x, y)) in placed.iter().zip(places(&points)) {
        cells.entry((y / CELL, x / CELL)).or_default().push((spot, x, y));
    }
    cells.into_values().map(|spots| mark(f, &spots)).collect()
}

fn mark(f: &Format, spots: &[Placed<'_>]) -> Mark {
    let n = i64::try_from(spots.len()).unwrap_or(1).max(1);
    let mean = |pick: fn(&Placed<'_>) -> i64| spots.iter().map(pick).sum::<i64>() / n;
    // Of several, what wants a look most.
    let worst = [Tone::Late, Tone::Watch, Tone::Unknown, Tone::Neutral];
    let has = |tone: &Tone| spots.iter().any(|(spot, _x, _y)| spot.state.tone == *tone);
    let title = |spot: &Spot| {
        let name = wording::customer_name(f.w, spot.name.as_deref());
        let at = spot.at.map(|at| f.time(at)).unwrap_or_default();
        [name, spot.rep.clone(), at, spot.state.word.clone()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · ")
    };
    Mark {
        x: mean(|(_spot, x, _y)| *x),
        y: mean(|(_spot, _x, y)| *y),
        tone: worst.into_iter().find(has).unwrap_or(Tone::Good),
        title: spots.iter().take(8).map(|(spot, ..)| title(spot)).collect::<Vec<_>>().join("\n"),
        href: match spots {
            [(spot, ..)] => Some(spot.href.clone()),
            _ => None,
        },
        many: (n > 1).then(|| n.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::words::{Lang, Words};

    fn point(lat: i64, lon: i64) -> Point {
        Point::wgs84(lat * 100_000, lon * 100_000).unwrap()
    }

    #[test]
    fn north_is_up_east_is_right_and_everything_lies_inside() {
        let found = places(&[point(3_100, 12_100), point(3_200, 12_200), point(3_100, 12_200)]);
        let [southwest, northeast, southeast] = found.as_slice() else { panic!("three") };
        assert!(northeast.1 < southwest.1 && northeast.0 > southwest.0);
        assert_eq!((southeast.0, southeast.1), (northeast.0, southwest.1));
        assert!(
            found
                .iter()
                .all(|(x, y)| (EDGE..=WIDTH - EDGE).contains(x)
                    && (EDGE..=HEIGHT - EDGE).contains(y))
        );
        assert_eq!(places(&[point(1, 1)]).len(), 1);
        assert!(places(&[]).is_empty());
    }

    #[test]
    fn points_upon_each_other_are_one_mark_that_says_the_worst() {
        let f = Format::new(Words::new(Lang::En), client_core::time::Zone::fixed("UTC", 0));
        let spot = |lat, tone| Spot {
            href: "/visits/1".into(),
            name: Some("Acme".into()),
            rep: "Anna".into(),
            at: None,
            point: Some(point(lat, 12_100)),
            state: State::new(tone, "x"),
            verdict: None,
        };
        let found =
            marks(&f, &[spot(3_100, Tone::Good), spot(3_100, Tone::Late), spot(3_900, Tone::Good)]);
        assert_eq!(found.len(), 2);
        let many = found.iter().find(|mark| mark.many.is_some()).unwrap();
        assert_eq!((many.tone, many.many.as_deref(), &many.href), (Tone::Late, Some("2"), &None));
    }
}
