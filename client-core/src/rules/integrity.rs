//! R13: what might be invented.
//!
//! S4 names faked performance as a danger and gives no rule, and a rule that cuts a
//! score would be fought by everybody it hits by mistake. So a signal is a question to
//! a person and nothing else: it names what was seen and in which documents. Signals
//! are computed where everything can be seen, on the server; a phone shows records.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::docs::visit::{Check, Fix, VisitMode, VisitState};
use crate::docs::{ChangeHash, Header, Heads, Hydrated};
use crate::geo::Point;
use crate::id::{DocId, UserId};
use crate::rules::facts::{FactRef, VisitFact};
use crate::rules::location::distance_mm;
use crate::rules::policy::{IntegrityPolicy, VisitPolicy};
use crate::time::{Date, Timestamp};

/// What can be seen (DOMAIN R13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suspicion {
    /// A mock provider, or an accuracy of exactly 0.
    Mock,
    /// Faster than anybody travels, in km/h.
    Travel,
    /// Two onsite visits at once, in minutes.
    Overlap,
    /// One photo on two visits.
    Photo,
    /// One point at several customers: how many.
    Point,
    /// Clocks that differ, in minutes.
    Clock,
    /// Written earlier, as it says, than what it builds on was received, in minutes.
    Backdate,
    /// Many visits entered within minutes: how many.
    Burst,
    /// Shorter than the mode asks for, in seconds.
    Short,
    /// Won at the end of a period and undone soon after, in days.
    Close,
}

impl Suspicion {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mock => "mock",
            Self::Travel => "travel",
            Self::Overlap => "overlap",
            Self::Photo => "photo",
            Self::Point => "point",
            Self::Clock => "clock",
            Self::Backdate => "backdate",
            Self::Burst => "burst",
            Self::Short => "short",
            Self::Close => "close",
        }
    }
}

/// Something to ask about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Suspect {
    /// What was seen.
    pub kind: Suspicion,
    /// Whose work.
    pub rep: UserId,
    /// In which visits or deals, by id.
    pub facts: Vec<FactRef>,
    /// The figure behind it; what it counts follows from the kind.
    pub measure: i64,
}

/// A visit as this rule sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedVisit {
    /// The visit.
    pub fact: FactRef,
    /// Whose.
    pub rep: UserId,
    /// At whom.
    pub customer: Option<DocId>,
    /// How.
    pub mode: Option<VisitMode>,
    /// It began.
    pub start: Option<Timestamp>,
    /// It ended.
    pub end: Option<Timestamp>,
    /// Where it began.
    pub fix: Option<Fix>,
    /// The hashes of its photos.
    pub photos: BTreeSet<ChangeHash>,
    /// Clocks of check-in and check-out, in their order.
    pub clocks: Vec<ClockReading>,
    /// Handed in, by the phone's clock.
    pub entered_at: Option<Timestamp>,
    /// When its last change was written, by the phone's clock.
    pub authored_at: Option<Timestamp>,
    /// The latest receipt, by the server's clock, of a change that it builds on.
    pub builds_on_received_at: Option<Timestamp>,
    /// When the server received it first, by its own clock.
    pub received_at: Option<Timestamp>,
}

impl WatchedVisit {
    /// A visit as its document has it; none for a draft, which claims nothing yet. What
    /// it builds on is for whoever has the log of its changes to add.
    pub fn of(header: &Header, heads: &Heads, visit: &Hydrated<VisitState>) -> Option<Self> {
        let (fact, state) = (VisitFact::of(header, heads, visit), &visit.value);
        let reading = |check: &Check| ClockReading {
            wall: check.at.at,
            monotonic_ms: check.clock.monotonic_ms,
            boot_id: check.clock.boot_id.clone(),
            server_seen_at: check.clock.server_seen_at,
        };
        let checks = [state.check_in.as_ref(), state.check_out.as_ref()];
        Some(Self {
            fact: fact.fact(),
            rep: header.author,
            customer: header.customer,
            start: fact.start(),
            end: fact.end(),
            fix: state.check_in.as_ref().and_then(|check| check.fix.clone()),
            photos: state.photos.values().map(|photo| photo.hash).collect(),
            clocks: checks.into_iter().flatten().map(reading).collect(),
            entered_at: Some(fact.submitted_at?),
            authored_at: None,
            builds_on_received_at: None,
            received_at: None,
            mode: fact.mode,
        })
    }
}

/// What a phone knew of time at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockReading {
    /// The wall clock.
    pub wall: Timestamp,
    /// Milliseconds since boot.
    pub monotonic_ms: Option<i64>,
    /// Which boot.
    pub boot_id: Option<String>,
    /// The last server time it had seen: a wall clock before it is wrong.
    pub server_seen_at: Option<Timestamp>,
}

/// A deal as this rule sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedDeal {
    /// The deal.
    pub fact: FactRef,
    /// Whom it is credited to.
    pub rep: UserId,
    /// Won on.
    pub won_on: Date,
    /// The last day of the period in which it was won.
    pub period_ends: Date,
    /// Cancelled or refunded on.
    pub undone_on: Option<Date>,
}

/// Every signal in these visits and deals, in order, each once. Pass the visits of all
/// reps: photos and points are compared across them.
pub fn suspects(
    visits: &[WatchedVisit],
    deals: &[WatchedDeal],
    policy: &IntegrityPolicy,
    rules: &VisitPolicy,
) -> Vec<Suspect> {
    suspects_among(visits, &[], deals, policy, rules)
}

/// The same, where `earlier` visits are known too: photos and points are compared with
/// theirs, and nothing else of them is asked about.
pub fn suspects_among(
    visits: &[WatchedVisit],
    earlier: &[WatchedVisit],
    deals: &[WatchedDeal],
    policy: &IntegrityPolicy,
    rules: &VisitPolicy,
) -> Vec<Suspect> {
    let mut found = BTreeSet::new();
    for visit in visits {
        found.extend(alone(visit, policy, rules));
    }
    let mut reps: BTreeMap<UserId, Vec<&WatchedVisit>> = BTreeMap::new();
    for visit in visits {
        reps.entry(visit.rep).or_default().push(visit);
    }
    for own in reps.values_mut() {
        own.sort_by(|a, b| (a.start, &a.fact).cmp(&(b.start, &b.fact)));
        found.extend(travel(own, policy));
        found.extend(overlaps(own));
        found.extend(bursts(own, policy));
    }
    let all = || visits.iter().chain(earlier);
    found.extend(photos(all()));
    found.extend(points(all(), policy));
    for deal in deals {
        found.extend(closed(deal, policy));
    }
    found.into_iter().collect()
}

fn suspect(kind: Suspicion, rep: UserId, mut facts: Vec<FactRef>, measure: i64) -> Suspect {
    facts.sort();
    facts.dedup();
    Suspect { kind, rep, facts, measure }
}

/// What one visit alone gives away.
fn alone(visit: &WatchedVisit, policy: &IntegrityPolicy, rules: &VisitPolicy) -> Vec<Suspect> {
    let mut found = Vec::new();
    let mut see = |kind, measure| {
        found.push(suspect(kind, visit.rep, vec![visit.fact.clone()], measure));
    };
    if visit.fix.as_ref().is_some_and(|fix| fix.is_mock || fix.accuracy_mm == 0) {
        see(Suspicion::Mock, 0);
    }
    // What was received before it began was written by a clock that is ahead.
    let ahead = visit.start.zip(visit.received_at).map(|(start, received)| start.since(received));
    let drift = drift(&visit.clocks).into_iter().chain(ahead).max();
    if let Some(drift) = drift.filter(|ms| *ms > minutes(policy.clock_minutes)) {
        see(Suspicion::Clock, drift / 60_000);
    }
    if let Some((written, received)) = visit.authored_at.zip(visit.builds_on_received_at)
        && received.since(written) > minutes(policy.clock_minutes)
    {
        see(Suspicion::Backdate, received.since(written) / 60_000);
    }
    let least = visit.mode.as_ref().and_then(|mode| rules.mode(mode)).map(|rule| rule.min_minutes);
    if let (Some(least), Some((start, end))) = (least, visit.start.zip(visit.end))
        && end.since(start) < minutes(least)
    {
        see(Suspicion::Short, end.since(start) / 1000);
    }
    found
}

/// The largest difference between clocks of one visit, in milliseconds.
fn drift(clocks: &[ClockReading]) -> Option<i64> {
    let behind = clocks.iter().filter_map(|one| Some(one.server_seen_at?.since(one.wall)));
    let pairs = clocks.iter().zip(clocks.iter().skip(1)).filter_map(|(a, b)| {
        // Only within one boot does the monotonic clock say how long it was.
        (a.boot_id.is_some() && a.boot_id == b.boot_id).then_some(())?;
        let (from, to) = a.monotonic_ms.zip(b.monotonic_ms)?;
        Some((b.wall.since(a.wall) - to.saturating_sub(from)).abs())
    });
    behind.chain(pairs).max()
}

/// Faster than the policy allows from one check-in to the next.
fn travel(own: &[&WatchedVisit], policy: &IntegrityPolicy) -> Vec<Suspect> {
    let placed: Vec<(&WatchedVisit, Timestamp, &Fix)> = own
        .iter()
        .filter(|visit| visit.mode == Some(VisitMode::Onsite))
        .filter_map(|visit| Some((*visit, visit.start?, visit.fix.as_ref()?)))
        .collect();
    let pairs = placed.iter().zip(placed.iter().skip(1));
    pairs
        .filter_map(|((before, from, there), (after, to, here))| {
            let uncertain = there.accuracy_mm.max(0).saturating_add(here.accuracy_mm.max(0));
            let far = distance_mm(there.point, here.point)?.saturating_sub(uncertain).max(0);
            let took = to.since(*from).max(1);
            // mm ÷ ms is m ÷ s; × 3.6 is km/h.
            let speed = i128::from(far) * 36 / (i128::from(took) * 10);
            let over = i128::from(far) * 36 > i128::from(policy.travel_kmh) * i128::from(took) * 10;
            over.then(|| {
                let facts = vec![before.fact.clone(), after.fact.clone()];
                let speed = i64::try_from(speed).unwrap_or(i64::MAX);
                suspect(Suspicion::Travel, after.rep, facts, speed)
            })
        })
        .collect()
}

/// Two onsite visits of one rep at the same time.
fn overlaps(own: &[&WatchedVisit]) -> Vec<Suspect> {
    let onsite: Vec<(&WatchedVisit, Timestamp, Timestamp)> = own
        .iter()
        .filter(|visit| visit.mode == Some(VisitMode::Onsite))
        .filter_map(|visit| Some((*visit, visit.start?, visit.end?)))
        .collect();
    let mut found = Vec::new();
    // Each is asked about once, beside the one that lasts longest of those before it: of
    // a thousand at once that is a thousand questions, and not half a million.
    let mut longest: Option<(&WatchedVisit, Timestamp)> = None;
    for (other, start, other_end) in onsite {
        if let Some((one, end)) = longest.filter(|(_one, end)| start < *end) {
            // The same visit of two customers, or a repetition, is for people to tell.
            let shared = end.min(other_end).since(start) / 60_000;
            let facts = vec![one.fact.clone(), other.fact.clone()];
            found.push(suspect(Suspicion::Overlap, one.rep, facts, shared));
        }
        if longest.is_none_or(|(_one, end)| end < other_end) {
            longest = Some((other, other_end));
        }
    }
    found
}

/// So many visits handed in within so many minutes.
fn bursts(own: &[&WatchedVisit], policy: &IntegrityPolicy) -> Vec<Suspect> {
    let mut entered: Vec<(Timestamp, &WatchedVisit)> =
        own.iter().filter_map(|visit| Some((visit.entered_at?, *visit))).collect();
    entered.sort_by(|a, b| (a.0, &a.1.fact).cmp(&(b.0, &b.1.fact)));
    let many = usize::try_from(policy.burst_visits.max(1)).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let mut rest = entered.as_slice();
    while let Some((first, _visit)) = rest.first() {
        let inside = rest
            .iter()
            .take_while(|(at, _visit)| at.since(*first) <= minutes(policy.burst_minutes))
            .count();
        if inside < many {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let group = rest.get(..inside).unwrap_or_default();
        let facts = group.iter().map(|(_at, visit)| visit.fact.clone()).collect();
        let rep = group.first().map(|(_at, visit)| visit.rep);
        let count = i64::try_from(inside).unwrap_or(i64::MAX);
        found.extend(rep.map(|rep| suspect(Suspicion::Burst, rep, facts, count)));
        rest = rest.get(inside..).unwrap_or_default();
    }
    found
}

/// One photo on two visits or more, whoever's they are: each rep is asked.
fn photos<'a>(visits: impl Iterator<Item = &'a WatchedVisit>) -> Vec<Suspect> {
    let mut seen: BTreeMap<ChangeHash, BTreeMap<FactRef, UserId>> = BTreeMap::new();
    for visit in visits {
        for photo in &visit.photos {
            seen.entry(*photo).or_default().insert(visit.fact.clone(), visit.rep);
        }
    }
    let shared = seen.into_values().filter(|visits| visits.len() > 1);
    shared.flat_map(|visits| asked(Suspicion::Photo, &visits, visits.len())).collect()
}

/// A point to five decimals of a degree: what is the same there is the same place to a metre.
pub fn five_decimals(point: Point) -> (i64, i64) {
    (point.lat_e7.div_euclid(100), point.lon_e7.div_euclid(100))
}

/// The customers that one point was said to be at, and the visits that said so.
type Place = (BTreeSet<DocId>, BTreeMap<FactRef, UserId>);

/// The same point, to five decimals of a degree, at several customers that were gone to.
fn points<'a>(
    visits: impl Iterator<Item = &'a WatchedVisit>,
    policy: &IntegrityPolicy,
) -> Vec<Suspect> {
    let mut seen: BTreeMap<(i64, i64), Place> = BTreeMap::new();
    for visit in visits {
        // A call says nothing of where the customer is.
        let onsite = visit.mode == Some(VisitMode::Onsite);
        let said = visit.fix.as_ref().zip(visit.customer).filter(|_said| onsite);
        let Some((fix, customer)) = said else { continue };
        let place = five_decimals(fix.point);
        let (customers, facts) = seen.entry(place).or_default();
        customers.insert(customer);
        facts.insert(visit.fact.clone(), visit.rep);
    }
    let many = usize::try_from(policy.point_customers.max(2)).unwrap_or(usize::MAX);
    let shared = seen.into_values().filter(|(customers, _facts)| customers.len() >= many);
    shared.flat_map(|(customers, facts)| asked(Suspicion::Point, &facts, customers.len())).collect()
}

/// One question to each rep who takes part.
fn asked(kind: Suspicion, facts: &BTreeMap<FactRef, UserId>, count: usize) -> Vec<Suspect> {
    let reps: BTreeSet<UserId> = facts.values().copied().collect();
    let all: Vec<FactRef> = facts.keys().cloned().collect();
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    reps.into_iter().map(|rep| suspect(kind, rep, all.clone(), count)).collect()
}

/// Won in the last days of a period and undone soon after.
fn closed(deal: &WatchedDeal, policy: &IntegrityPolicy) -> Option<Suspect> {
    let first = deal.period_ends.plus_days(1 - i64::from(policy.close_last_days));
    let undone = deal.undone_on?.days_since(deal.won_on);
    let late = first <= deal.won_on && deal.won_on <= deal.period_ends;
    (late && (0..=i64::from(policy.close_undone_days)).contains(&undone))
        .then(|| suspect(Suspicion::Close, deal.rep, vec![deal.fact.clone()], undone))
}

const fn minutes(count: u32) -> i64 {
    count as i64 * 60_000
}

#[cfg(test)]
mod tests;
