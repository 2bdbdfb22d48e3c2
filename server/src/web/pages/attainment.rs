//! The attainment tree (C1 item 5): the org, its units, their reps, each with how far it
//! is and where it should be by now.

use askama::Template;
use client_core::id::{UnitId, UserId};
use client_core::money::Currency;
use client_core::records::Metric;
use client_core::rules::{PaceSide, Policy, Progress, outside, pace};

use super::wording;
use crate::web::filters::{Choices, Control, Filters};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::lists::team::TeamAsk;
use crate::web::view::{State, Tone};

/// Who is how far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Everybody.
    Org,
    /// A unit and those below it.
    Unit(UnitId, String),
    /// A rep.
    Rep(UserId, String),
}

/// A line of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Who.
    pub who: Who,
    /// How far below the first.
    pub depth: usize,
    /// What was reached, in units of the metric; none without a card.
    pub reached: Option<i64>,
    /// The target of its own.
    pub wanted: Option<i64>,
    /// The sum of its reps' targets; none for a rep, or where none has one.
    pub parts: Option<i64>,
    /// A phone that may hold more was not heard.
    pub unknown: bool,
}

impl Node {
    /// The target it is held against: its own, else the sum of its reps'.
    fn target(&self) -> Option<i64> {
        self.wanted.or(self.parts).filter(|target| *target > 0)
    }
}

/// What the page is given.
#[derive(Debug, Clone)]
pub struct AttainmentData {
    /// What is asked for.
    pub ask: TeamAsk,
    /// Of which figure.
    pub metric: Metric,
    /// Figures that have a target in the month.
    pub metrics: Vec<Metric>,
    /// Working days of the month, and how many have passed.
    pub progress: Progress,
    /// The policy, which bounds the pace.
    pub policy: Option<Policy>,
    /// The lines.
    pub nodes: Vec<Node>,
    /// The org's currency.
    pub currency: Currency,
    /// Whose may be asked for.
    pub choices: Choices,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "attainment.html")]
pub struct AttainmentPage {
    frame: Frame,
    filters: Filters,
    metric: String,
    period_name: String,
    days: String,
    rows: Vec<RowView>,
}

#[derive(Debug)]
struct RowView {
    depth: usize,
    strong: bool,
    name: String,
    href: String,
    reached: String,
    wanted: String,
    note: String,
    attained: String,
    pace: String,
    bar: Option<PaceBar>,
    state: Option<State>,
}

/// A bar towards a target, with a mark where it should be by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaceBar {
    /// Length of what was reached, of 200.
    pub filled: i64,
    /// Where it should be by now.
    pub expected: i64,
    /// Where the target is, if more than it was reached.
    pub target: Option<i64>,
    /// What may still be on a phone is hatched up to the mark.
    pub hatched: i64,
    /// The same in words.
    pub label: String,
}

const WIDTH: i64 = 200;

impl PaceBar {
    /// `reached` of `target`, of which `expected` should be there by now.
    pub fn new(reached: i64, target: i64, expected: i64, unknown: bool, label: String) -> Self {
        let full = target.max(reached).max(1);
        let place = |n: i64| {
            let at = i128::from(n.clamp(0, full)) * i128::from(WIDTH) / i128::from(full);
            i64::try_from(at).unwrap_or(WIDTH)
        };
        let (filled, mark) = (place(reached), place(expected));
        Self {
            filled,
            expected: mark,
            target: (reached > target).then(|| place(target)),
            hatched: if unknown { (mark - filled).max(0) } else { 0 },
            label,
        }
    }
}

impl AttainmentPage {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &AttainmentData) -> Self {
        let mut filters = data.ask.by_month(f.w, "/attainment", &data.choices);
        if data.metrics.len() > 1 {
            let options = data.metrics.iter().map(|one| (one.to_string(), metric(f, one)));
            let label = f.w.say("attainment.figure");
            let value = data.metric.as_str();
            filters.main.insert(1, Control::select("metric", label, "", options, value));
        }
        let values: [(&str, &dyn std::fmt::Display); 2] =
            [("n", &data.progress.elapsed_days), ("all", &data.progress.working_days)];
        Self {
            filters,
            metric: metric(f, &data.metric),
            period_name: f.period(data.ask.month),
            days: f.w.with("targets.days", &values),
            rows: data.nodes.iter().map(|node| row(f, data, node)).collect(),
            frame,
        }
    }
}

fn metric(f: &Format, metric: &Metric) -> String {
    f.w.code("metric", metric.as_str()).into_owned()
}

fn row(f: &Format, data: &AttainmentData, node: &Node) -> RowView {
    let value = |n: i64| wording::value(f, &data.metric, data.currency, n);
    let (target, reached) = (node.target(), node.reached.unwrap_or(0));
    let days = data.progress;
    let expected = target.map(|target| {
        let so_far = i128::from(target) * i128::from(days.elapsed_days);
        i64::try_from(so_far / i128::from(days.working_days.max(1))).unwrap_or(i64::MAX)
    });
    let side = target
        .zip(data.policy.as_ref())
        .and_then(|(target, policy)| outside(reached, target, days, &policy.pace));
    let state = target.filter(|_| node.reached.is_some()).map(|_| match side {
        Some(PaceSide::Below) if node.unknown => (Tone::Unknown, "attainment.not_known"),
        Some(PaceSide::Below) => (Tone::Watch, "targets.slow"),
        Some(PaceSide::Above) => (Tone::Watch, "targets.fast"),
        None => (Tone::Good, "targets.on_pace"),
    });
    let (name, href) = match &node.who {
        Who::Org => (f.w.say("targets.org").to_owned(), "/leaderboard".to_owned()),
        Who::Unit(unit, name) => {
            (name.clone(), format!("/attainment?period={}&unit={unit}", data.ask.month))
        }
        Who::Rep(rep, name) => {
            (name.clone(), format!("/scorecards/{rep}/{}/{}", data.ask.month, data.metric))
        }
    };
    let bar = target.zip(expected).map(|(target, expected)| {
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("n", &value(reached)), ("target", &value(target)), ("expected", &value(expected))];
        let label = f.w.with("attainment.bar", &values);
        PaceBar::new(reached, target, expected, node.unknown, label)
    });
    RowView {
        depth: node.depth.min(8),
        strong: !matches!(node.who, Who::Rep(..)),
        name,
        href,
        reached: node.reached.map_or_else(|| "–".to_owned(), value),
        wanted: target.map_or_else(|| "–".to_owned(), value),
        note: note(f, node, value),
        attained: target.map_or_else(|| "–".to_owned(), |t| format::percent(reached, t)),
        pace: target
            .and_then(|target| pace(reached, target, days))
            .map_or_else(|| "–".to_owned(), |pace| format::percent(pace.0, 10_000)),
        bar,
        state: state.map(|(tone, key)| State::new(tone, f.w.say(key))),
    }
}

/// Where the target comes from, where that is not plain (R14).
fn note(f: &Format, node: &Node, value: impl Fn(i64) -> String) -> String {
    match (node.wanted, node.parts) {
        (None, Some(_)) => f.w.say("attainment.of_parts").to_owned(),
        (Some(own), Some(parts)) if own != parts => {
            f.w.with("attainment.parts_differ", &[("n", &value(parts))])
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stands_where_a_target_should_be_by_now() {
        let bar = PaceBar::new(25, 100, 50, false, String::new());
        assert_eq!((bar.filled, bar.expected, bar.target, bar.hatched), (50, 100, None, 0));
        let silent = PaceBar::new(25, 100, 50, true, String::new());
        assert_eq!(silent.hatched, 50, "what a phone may still hold reaches up to the mark");
        let over = PaceBar::new(200, 100, 50, false, String::new());
        assert_eq!((over.filled, over.expected, over.target), (200, 50, Some(100)));
    }

    #[test]
    fn a_unit_without_a_target_is_held_against_the_sum_of_its_reps() {
        let node = Node {
            who: Who::Org,
            depth: 0,
            reached: Some(5),
            wanted: None,
            parts: Some(10),
            unknown: false,
        };
        assert_eq!(node.target(), Some(10));
        assert_eq!(Node { wanted: Some(12), ..node.clone() }.target(), Some(12));
        assert_eq!(Node { parts: Some(0), ..node }.target(), None);
    }
}
