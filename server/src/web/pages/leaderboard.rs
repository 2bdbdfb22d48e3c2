//! The leaderboard: totals with their result and process parts, best first.

use askama::Template;
use client_core::id::UserId;
use client_core::period::Period;
use client_core::rules::policy::Group;
use client_core::rules::{CentiPoints, Scorecard};
use client_core::time::Date;

use super::board::Heard;
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::view::{State, Tone, TwoPart};

/// What the table is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortBy {
    /// The total.
    #[default]
    Total,
    /// Result points.
    Result,
    /// Process points.
    Process,
}

impl SortBy {
    /// Every key with its word.
    const ALL: [(Self, &'static str); 3] = [
        (Self::Total, "scorecard.total"),
        (Self::Result, "scorecard.result"),
        (Self::Process, "scorecard.process"),
    ];

    /// The key in the URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Result => "result",
            Self::Process => "process",
        }
    }

    /// The key a URL names; the total for anything else.
    pub fn parse(text: &str) -> Self {
        let named = Self::ALL.into_iter().find(|(key, _)| key.as_str() == text);
        named.map_or(Self::Total, |(key, _)| key)
    }
}

/// What the leaderboard is given.
#[derive(Debug, Clone)]
pub struct LeaderboardData {
    /// The month.
    pub period: Period,
    /// The day it is now.
    pub today: Date,
    /// Sorted by this.
    pub sort: SortBy,
    /// Names are hidden, but for the reader's own: for a wall, or a room.
    pub hidden: bool,
    /// Who reads.
    pub reader: UserId,
    /// The reps with a card whom the reader may see.
    pub cards: Vec<RepCard>,
    /// How many reps have a place, seen or not.
    pub ranked: usize,
}

/// A rep's card in short.
#[derive(Debug, Clone)]
pub struct RepCard {
    /// Who.
    pub rep: UserId,
    /// Their name.
    pub name: String,
    /// Their unit.
    pub unit: String,
    /// When their phone was heard last.
    pub heard: Heard,
    /// The score.
    pub card: Scorecard,
    /// The places among everybody, whoever reads.
    pub places: Places,
}

/// Places in the three orders, from 1; none without a total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Places {
    total: Option<usize>,
    result: Option<usize>,
    process: Option<usize>,
}

impl RepCard {
    fn group(&self, group: Group) -> i64 {
        self.card.groups.iter().find(|line| line.group == group).map_or(0, |line| line.points.0)
    }

    /// The place in an order.
    pub const fn place(&self, sort: SortBy) -> Option<usize> {
        match sort {
            SortBy::Total => self.places.total,
            SortBy::Result => self.places.result,
            SortBy::Process => self.places.process,
        }
    }

    /// What it is ranked by; nothing ranks last.
    fn key(&self, sort: SortBy) -> Option<i64> {
        match sort {
            SortBy::Total => self.card.total.map(|CentiPoints(points)| points),
            SortBy::Result => self.card.total.map(|_| self.group(Group::Result)),
            SortBy::Process => self.card.total.map(|_| self.group(Group::Process)),
        }
    }
}

/// Gives each of the cards of a whole org its places, and says how many have one.
///
/// Ranked before anybody's part is taken out, so that a rep's place is the same number for
/// everybody who may see it. DOMAIN A8: ties by rep id.
pub fn rank(cards: &mut [RepCard]) -> usize {
    for (sort, _word) in SortBy::ALL {
        cards.sort_by_key(|card| {
            let key = card.key(sort);
            (key.is_none(), std::cmp::Reverse(key), card.rep)
        });
        for (card, place) in cards.iter_mut().zip(1..) {
            let place = card.card.total.map(|_total| place);
            match sort {
                SortBy::Total => card.places.total = place,
                SortBy::Result => card.places.result = place,
                SortBy::Process => card.places.process = place,
            }
        }
    }
    cards.iter().filter(|card| card.card.total.is_some()).count()
}

/// Cards by their places in an order, those without one last.
pub fn by_place(cards: &mut [RepCard], sort: SortBy) {
    cards.sort_by_key(|card| (card.place(sort).is_none(), card.place(sort), card.rep));
}

/// The leaderboard.
#[derive(Debug, Template)]
#[template(path = "leaderboard.html")]
pub struct Leaderboard {
    frame: Frame,
    period: Period,
    period_name: String,
    standing: Option<String>,
    earlier: String,
    later: Option<String>,
    columns: Vec<SortColumn>,
    hidden: bool,
    other: (String, String),
    rows: Vec<RankRow>,
    /// Among how many the places are, where not all of them are shown.
    among: Option<String>,
}

#[derive(Debug)]
struct SortColumn {
    href: String,
    /// The colour of the part in the bars.
    key: &'static str,
    label: String,
    chosen: bool,
}

#[derive(Debug)]
struct RankRow {
    rank: String,
    top: bool,
    /// Not where names are hidden: an address tells whose card it is.
    href: Option<String>,
    name: String,
    unit: String,
    total: String,
    result: String,
    process: String,
    bar: Option<TwoPart>,
    heard: Option<State>,
}

impl Leaderboard {
    /// The leaderboard of `data`.
    pub fn new(frame: Frame, f: &Format, data: &LeaderboardData) -> Self {
        let address = |period: Period, sort: SortBy, hidden: bool| {
            let names = if hidden { "&names=hidden" } else { "" };
            format!("/leaderboard?period={period}&sort={}{names}", sort.as_str())
        };
        let link = |period: Period, sort: SortBy| address(period, sort, data.hidden);
        let other = if data.hidden { "leaderboard.show_names" } else { "leaderboard.hide_names" };
        let next = Period::month_of(data.period.next_first_day());
        let running = data.period.contains(data.today);
        Self {
            period: data.period,
            period_name: f.period(data.period),
            standing: running.then(|| f.w.say("leaderboard.running").to_owned()),
            earlier: link(data.period.previous(), data.sort),
            later: (next.first_day() <= data.today).then(|| link(next, data.sort)),
            columns: SortBy::ALL
                .into_iter()
                .map(|(key, label)| SortColumn {
                    href: link(data.period, key),
                    key: if key == SortBy::Total { "" } else { key.as_str() },
                    label: f.w.say(label).to_owned(),
                    chosen: key == data.sort,
                })
                .collect(),
            hidden: data.hidden,
            other: (address(data.period, data.sort, !data.hidden), f.w.say(other).to_owned()),
            rows: rows(f, data),
            among: among(f, data),
            frame,
        }
    }
}

fn rows(f: &Format, data: &LeaderboardData) -> Vec<RankRow> {
    let mut cards = data.cards.clone();
    by_place(&mut cards, data.sort);
    let most = cards.iter().filter_map(|card| card.key(SortBy::Total)).max().unwrap_or(0);
    let full = most.max(10_000);
    cards
        .iter()
        .map(|card| {
            let rank = card.place(data.sort);
            let (result, process) = (card.group(Group::Result), card.group(Group::Process));
            let scored = card.card.total.is_some();
            let named = !data.hidden || card.rep == data.reader;
            let text = |points: i64| if scored { format::points(points) } else { "–".to_owned() };
            let words = f.w.with(
                "leaderboard.bar_label",
                &[("result", &text(result)), ("process", &text(process))],
            );
            RankRow {
                rank: rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string()),
                top: rank.is_some_and(|rank| rank <= 3),
                href: named.then(|| format!("/scorecards/{}/{}", card.rep, data.period)),
                name: if named {
                    card.name.clone()
                } else {
                    f.w.say("leaderboard.somebody").to_owned()
                },
                unit: if named { card.unit.clone() } else { String::new() },
                total: card.card.total.map_or_else(|| "–".to_owned(), |t| format::points(t.0)),
                result: text(result),
                process: text(process),
                bar: scored.then(|| TwoPart::new(result, process, full, 10_000, words)),
                heard: named.then(|| heard(f, data, card)),
            }
        })
        .collect()
}

fn among(f: &Format, data: &LeaderboardData) -> Option<String> {
    let shown = data.cards.iter().filter(|card| card.place(data.sort).is_some()).count();
    let n = i64::try_from(data.ranked).unwrap_or(i64::MAX);
    (0 < shown && shown < data.ranked)
        .then(|| f.w.with("leaderboard.among", &[("n", &format::count(n))]))
}

fn heard(f: &Format, data: &LeaderboardData, card: &RepCard) -> State {
    let until = data.period.last_day().min(data.today);
    match card.heard {
        Heard::NoPhone => State::new(Tone::Unknown, f.w.say("heard.no_phone")),
        Heard::At(at) if at < f.zone.start_of(until) => {
            State::new(Tone::Unknown, f.w.with("heard.silent_since", &[("when", &f.moment(at))]))
        }
        Heard::At(at) => State::new(Tone::Neutral, f.moment_on(at, data.today)),
    }
}
