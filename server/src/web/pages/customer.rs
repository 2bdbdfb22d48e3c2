//! A customer: who they are, who decides there, what happened, who held them.

use askama::Template;
use client_core::docs::customer::CustomerState;
use client_core::docs::deal::DealState;
use client_core::docs::visit::VisitState;
use client_core::id::{DocId, UserId};
use client_core::records::{Record, Tier};
use client_core::rules::DueStatus;
use client_core::rules::policy::Policy;
use client_core::time::{Date, Timestamp};

use super::buying::{self, Buying, phone};
use super::timeline::{self, CaseEntry, EntryView};
use super::{scorecard, wording};
use crate::web::address::Address;
use crate::web::filters::{Control, Filters};
use crate::web::format::Format;
use crate::web::frame::Frame;
use crate::web::view::{Pair, State, Tone};
use crate::web::words::{Lang, Words};

/// What the page is given.
#[derive(Debug, Clone)]
pub struct CustomerData {
    /// Which.
    pub doc: DocId,
    /// The document's state.
    pub state: CustomerState,
    /// Due status, if it could be told.
    pub due: Option<DueStatus>,
    /// The owner's name now.
    pub owner: Option<String>,
    /// Collaborators' names now.
    pub collaborators: Vec<String>,
    /// The tier now.
    pub tier: Option<Tier>,
    /// Visits with their rep's name and verdict.
    pub visits: Vec<VisitEntry>,
    /// Deals with their owner's name.
    pub deals: Vec<DealEntry>,
    /// Complaints, enquiries and surveys.
    pub cases: Vec<CaseEntry>,
    /// Contracts, orders and payments that the books confirm.
    pub business: Vec<Record>,
    /// Placements, oldest first.
    pub spans: Vec<Span>,
    /// What people wrote without seeing each other.
    pub conflicts: Vec<ConflictEntry>,
    /// The policy, for the names of stages.
    pub policy: Option<Policy>,
    /// The day it is in the org, or that is asked for: days of other years are shown with
    /// theirs.
    pub today: Date,
    /// Told as it was known on the evening of this day.
    pub as_of: Option<Date>,
    /// Of some of it nothing says what stood then, and it is told as it stands now.
    pub unsure: bool,
}

/// A visit of the timeline.
#[derive(Debug, Clone)]
pub struct VisitEntry {
    /// Which.
    pub doc: DocId,
    /// Its state.
    pub state: VisitState,
    /// Who went.
    pub rep: String,
}

/// A deal of the timeline.
#[derive(Debug, Clone)]
pub struct DealEntry {
    /// Which.
    pub doc: DocId,
    /// Its state.
    pub state: DealState,
    /// Whose.
    pub owner: String,
}

/// A span of holding.
#[derive(Debug, Clone)]
pub struct Span {
    /// From.
    pub from: Timestamp,
    /// Until; open if absent.
    pub until: Option<Timestamp>,
    /// Who held it.
    pub owner: UserId,
    /// Their name.
    pub name: String,
    /// The tier then.
    pub tier: Option<Tier>,
    /// Whether the reader may see their card.
    pub seen: bool,
}

/// A conflict on one field.
#[derive(Debug, Clone)]
pub struct ConflictEntry {
    /// The field in words.
    pub field: String,
    /// Different fields of one thing: all of it stands.
    pub parallel: bool,
    /// The values, the shown one first: value, author, when by the device's clock.
    pub values: Vec<(String, String, Timestamp)>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "customer.html")]
pub struct CustomerPage {
    frame: Frame,
    filters: Filters,
    /// Which day is told, where it is not today.
    then: Option<String>,
    name: String,
    tier: String,
    owner_line: String,
    due: Option<State>,
    conflicts: Vec<ConflictView>,
    buying: Buying,
    timeline: Vec<EntryView>,
    timeline_line: String,
    profile: Vec<Pair>,
    placements: Vec<SpanView>,
    tiers: Vec<TierView>,
}

#[derive(Debug)]
struct ConflictView {
    field: String,
    parallel: bool,
    values: Vec<ValueView>,
}

#[derive(Debug)]
struct ValueView {
    value: String,
    shown: bool,
    author: String,
    written: String,
}

#[derive(Debug)]
struct TierView {
    tier: String,
    was: Option<String>,
    dates: String,
}

#[derive(Debug)]
struct SpanView {
    href: Option<String>,
    owner: String,
    tier: String,
    dates: String,
}

impl CustomerPage {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &CustomerData) -> Self {
        let here = Address::new(format!("/customers/{}", data.doc)).given("as_of", data.as_of);
        let day = Control::date("as_of", f.w.say("customer.as_of"), data.as_of);
        let then = |day| {
            let key = if data.unsure { "customer.then_unsure" } else { "customer.then" };
            f.w.with(key, &[("day", &f.day(day))])
        };
        Self {
            filters: Filters::new(f.w, &here, vec![day], Vec::new()),
            then: data.as_of.map(then),
            name: wording::customer_name(f.w, data.state.name.as_deref()),
            tier: data.tier.map(|tier| scorecard::tier_letter(Some(tier))).unwrap_or_default(),
            owner_line: owner_line(f.w, data),
            due: data.due.and_then(|status| wording::due(f.w, status)),
            conflicts: data.conflicts.iter().map(|conflict| conflict_view(f, conflict)).collect(),
            buying: buying::centre(f, &data.state, &data.visits, data.today),
            timeline_line: timeline_line(f.w, data),
            timeline: timeline::entries(f, data),
            tiers: tiers(f, data),
            profile: profile(f, &data.state),
            placements: data.spans.iter().rev().map(|span| span_view(f, span)).collect(),
            frame,
        }
    }
}

fn owner_line(w: Words, data: &CustomerData) -> String {
    let Some(owner) = &data.owner else { return w.say("customer.no_owner").to_owned() };
    let line = w.with("customer.owner_line", &[("name", owner)]);
    if data.collaborators.is_empty() {
        return line;
    }
    let with = w.with("customer.with", &[("names", &data.collaborators.join(", "))]);
    format!("{line}, {with}")
}

fn timeline_line(w: Words, data: &CustomerData) -> String {
    let count = |key: &str, n: usize| {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        w.count(key, n, &[("n", &n)])
    };
    let visits = count("customer.n_visits", data.visits.len());
    format!("{visits} · {}", count("customer.n_deals", data.deals.len()))
}

/// When a visit began: its start, or its check-in.
pub fn start_of(state: &VisitState) -> Option<Timestamp> {
    let start = state.started_at.as_ref().map(|captured| captured.at);
    start.or_else(|| state.check_in.as_ref().map(|check| check.at.at))
}

/// A stage's name as the policy gives it in the reader's language.
pub fn stage_name(w: Words, policy: Option<&Policy>, code: &str) -> String {
    let stage = policy.and_then(|policy| policy.pipeline.stage(code));
    let named = stage.and_then(|stage| {
        // A preset names its stages in two languages; as long as the org kept its names,
        // the third is ours.
        let ours = Words::new(Lang::ZhCn).code("stage", code);
        let kept = stage.name.get("zh-CN").is_some_and(|name| *name == ours);
        if w.lang == Lang::ZhTw && kept && !stage.name.contains_key("zh-TW") {
            return Some(w.code("stage", code).into_owned());
        }
        let tags: [&str; 3] = match w.lang {
            Lang::En => ["en", "zh-CN", "zh-TW"],
            Lang::ZhCn => ["zh-CN", "zh-TW", "en"],
            Lang::ZhTw => ["zh-TW", "zh-CN", "en"],
        };
        tags.iter().find_map(|tag| stage.name.get(*tag)).cloned()
    });
    named.unwrap_or_else(|| w.code("stage", code).into_owned())
}

fn yes(f: &Format, said: Option<bool>) -> Option<String> {
    said.filter(|said| *said).map(|_said| f.w.say("answer.yes").to_owned())
}

fn profile(f: &Format, state: &CustomerState) -> Vec<Pair> {
    let w = f.w;
    let code = |group: &str, code: Option<&str>| code.map(|code| w.code(group, code).into_owned());
    let list = |items: Vec<&String>| {
        let items: Vec<&str> = items.into_iter().map(String::as_str).collect();
        (!items.is_empty()).then(|| items.join(", "))
    };
    let phones: Vec<String> = state.phones.values().map(phone).collect();
    let limit = state.credit.limit.map(|limit| f.money(limit));
    let credit: Vec<String> = state.credit.grade.clone().into_iter().chain(limit).collect();
    let lines = [
        ("customer.industry", state.industry.clone()),
        ("customer.size", state.size_band.clone()),
        ("customer.region", state.region.clone()),
        ("customer.channel", code("channel", state.channel.as_ref().map(|c| c.as_str()))),
        ("customer.lifecycle", code("lifecycle", state.lifecycle.as_ref().map(|c| c.as_str()))),
        ("customer.address", state.address.clone()),
        ("customer.phones", (!phones.is_empty()).then(|| phones.join(", "))),
        ("customer.aliases", list(state.aliases.values().collect())),
        ("customer.needs", list(state.needs.values().collect())),
        ("customer.pains", list(state.pains.values().collect())),
        ("customer.tags", list(state.tags.values().collect())),
        ("customer.credit", (!credit.is_empty()).then(|| credit.join(" · "))),
        (
            "customer.tier_proposal",
            state
                .tier_proposal
                .as_ref()
                .and_then(|p| p.tier)
                .map(|t| scorecard::tier_letter(Some(t))),
        ),
        ("customer.proposal_why", state.tier_proposal.as_ref().and_then(|p| p.reason.clone())),
        ("customer.nurture", yes(f, state.nurture)),
        ("customer.reference", yes(f, state.reference)),
        ("customer.at_risk", yes(f, state.at_risk)),
        ("customer.recovery", state.recovery.plan.clone()),
        ("customer.notes", state.notes.clone()),
    ];
    lines
        .into_iter()
        .filter_map(|(label, value)| {
            let value = value.filter(|value| !value.trim().is_empty())?;
            Some(Pair::new(w.say(label), value))
        })
        .collect()
}

/// When its tier became which, the newest first (S3 quarterly re-tiering).
fn tiers(f: &Format, data: &CustomerData) -> Vec<TierView> {
    // Spans that differ in nothing but their holder are one in the history of the tier.
    let mut runs: Vec<(Option<Tier>, Timestamp, Option<Timestamp>)> = Vec::new();
    for span in &data.spans {
        match runs.last_mut() {
            Some((tier, _from, until)) if *tier == span.tier => *until = span.until,
            _ => runs.push((span.tier, span.from, span.until)),
        }
    }
    let before = std::iter::once(None).chain(runs.iter().map(|(tier, ..)| Some(*tier)));
    let told = runs.iter().zip(before).map(|((tier, from, until), before)| TierView {
        tier: scorecard::tier_letter(*tier),
        was: before.map(|before| {
            f.w.with("customer.tier_was", &[("tier", &scorecard::tier_letter(before))])
        }),
        dates: dates(f, *from, *until),
    });
    let mut told: Vec<TierView> = told.collect();
    told.reverse();
    told
}

fn dates(f: &Format, from: Timestamp, until: Option<Timestamp>) -> String {
    let day = |at: Timestamp| f.day(f.zone.date(at));
    match until {
        None => f.w.with("customer.span_open", &[("from", &day(from))]),
        Some(until) => f.w.with("customer.span", &[("from", &day(from)), ("until", &day(until))]),
    }
}

fn span_view(f: &Format, span: &Span) -> SpanView {
    let month = client_core::period::Period::month_of(f.zone.date(span.until.unwrap_or(span.from)));
    SpanView {
        href: span.seen.then(|| format!("/scorecards/{}/{month}", span.owner)),
        owner: span.name.clone(),
        tier: span.tier.map(|tier| scorecard::tier_letter(Some(tier))).unwrap_or_default(),
        dates: dates(f, span.from, span.until),
    }
}

fn conflict_view(f: &Format, conflict: &ConflictEntry) -> ConflictView {
    let values = conflict.values.iter().enumerate();
    ConflictView {
        field: conflict.field.clone(),
        parallel: conflict.parallel,
        values: values
            .map(|(place, (value, author, at))| ValueView {
                value: super::conflicts::readable(value),
                shown: place == 0,
                author: author.clone(),
                written: f.moment(*at),
            })
            .collect(),
    }
}
