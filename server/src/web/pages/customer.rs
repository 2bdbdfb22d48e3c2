//! A customer: who they are, who decides there, what happened, who held them.

use askama::Template;
use client_core::docs::customer::{CustomerState, Phone};
use client_core::docs::deal::DealState;
use client_core::docs::visit::VisitState;
use client_core::id::{DocId, UserId};
use client_core::records::Tier;
use client_core::rules::DueStatus;
use client_core::rules::policy::Policy;
use client_core::time::{Date, Timestamp};

use super::{scorecard, wording};
use crate::web::format::Format;
use crate::web::frame::Frame;
use crate::web::view::{Pair, State, Tone};
use crate::web::words::{Lang, Words};

/// What the page is given.
#[derive(Debug, Clone)]
pub struct CustomerData {
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
    /// Placements, oldest first.
    pub spans: Vec<Span>,
    /// Same-field conflicts.
    pub conflicts: Vec<ConflictEntry>,
    /// The policy, for the names of stages.
    pub policy: Option<Policy>,
    /// The day it is in the org: days of other years are shown with theirs.
    pub today: Date,
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
    /// The values, the shown one first: value, author, when by the device's clock.
    pub values: Vec<(String, String, Timestamp)>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "customer.html")]
pub struct CustomerPage {
    frame: Frame,
    name: String,
    tier: String,
    owner_line: String,
    due: Option<State>,
    conflicts: Vec<ConflictView>,
    contacts: Vec<ContactView>,
    timeline: Vec<EntryView>,
    timeline_line: String,
    profile: Vec<Pair>,
    placements: Vec<SpanView>,
}

#[derive(Debug)]
struct ConflictView {
    field: String,
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
struct ContactView {
    name: String,
    title: String,
    role: String,
    stance: String,
    phone: String,
}

#[derive(Debug)]
struct EntryView {
    at: Option<Timestamp>,
    href: Option<String>,
    title: String,
    when: String,
    text: String,
    state: Option<State>,
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
        let mut timeline: Vec<EntryView> = data
            .visits
            .iter()
            .map(|visit| visit_entry(f, data, visit))
            .chain(data.deals.iter().map(|deal| deal_entry(f, data, deal)))
            .collect();
        timeline.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        Self {
            name: wording::customer_name(f.w, data.state.name.as_deref()),
            tier: data.tier.map(|tier| scorecard::tier_letter(Some(tier))).unwrap_or_default(),
            owner_line: owner_line(f.w, data),
            due: data.due.and_then(|status| wording::due(f.w, status)),
            conflicts: data.conflicts.iter().map(|conflict| conflict_view(f, conflict)).collect(),
            contacts: contacts(f.w, &data.state),
            timeline_line: timeline_line(f.w, data),
            timeline,
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

fn visit_entry(f: &Format, data: &CustomerData, visit: &VisitEntry) -> EntryView {
    let state = &visit.state;
    let at = start_of(state);
    let mode = wording::code(f.w, "mode", state.mode.as_ref().map(|mode| mode.as_str()));
    let outcome = state.outcome.as_ref().map(|outcome| outcome.as_str());
    let mut text = wording::code(f.w, "outcome", outcome);
    if let Some(result) = state.result.as_deref().filter(|text| !text.trim().is_empty()) {
        text = format!("{text}: {result}");
    }
    EntryView {
        at,
        href: Some(format!("/visits/{}", visit.doc)),
        title: format!("{} · {mode}", f.w.say("word.visit")),
        when: when(f, data.today, at, &visit.rep),
        text,
        state: state
            .submitted_at
            .is_none()
            .then(|| State::new(Tone::Neutral, f.w.say("verdict.draft"))),
    }
}

/// When a visit began: its start, or its check-in.
pub fn start_of(state: &VisitState) -> Option<Timestamp> {
    let start = state.started_at.as_ref().map(|captured| captured.at);
    start.or_else(|| state.check_in.as_ref().map(|check| check.at.at))
}

fn deal_entry(f: &Format, data: &CustomerData, deal: &DealEntry) -> EntryView {
    let state = &deal.state;
    let at = state.decided_at.or(state.created_at);
    let name = state.name.as_deref().unwrap_or_else(|| f.w.say("customer.deal_unnamed"));
    let stage = state.stage.as_deref().map(|code| stage_name(f.w, data.policy.as_ref(), code));
    let amount = state.amount.map(|amount| f.money(amount));
    let text: Vec<String> = stage.into_iter().chain(amount).collect();
    EntryView {
        at,
        href: Some(format!("/deals/{}", deal.doc)),
        title: format!("{} · {name}", f.w.say("word.deal")),
        when: when(f, data.today, at, &deal.owner),
        text: text.join(" · "),
        state: Some(wording::deal_outcome(f.w, state.outcome.as_ref().map(|o| o.as_str()))),
    }
}

fn when(f: &Format, today: Date, at: Option<Timestamp>, who: &str) -> String {
    let at = at.map_or_else(|| "–".to_owned(), |at| f.moment_seen(at, today));
    if who.is_empty() { at } else { format!("{at} · {who}") }
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

fn contacts(w: Words, state: &CustomerState) -> Vec<ContactView> {
    let mut contacts: Vec<ContactView> = state
        .contacts
        .values()
        .map(|contact| ContactView {
            name: contact.name.clone().unwrap_or_else(|| "–".to_owned()),
            title: contact.title.clone().unwrap_or_default(),
            role: wording::code(
                w,
                "buying_role",
                contact.buying_role.as_ref().map(|role| role.as_str()),
            ),
            stance: wording::code(w, "stance", contact.stance.as_ref().map(|s| s.as_str())),
            phone: phone(&contact.phone),
        })
        .collect();
    contacts.sort_by(|a, b| a.name.cmp(&b.name));
    contacts
}

fn phone(phone: &Phone) -> String {
    phone.raw.clone().or_else(|| phone.e164.clone()).unwrap_or_else(|| "–".to_owned())
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

fn span_view(f: &Format, span: &Span) -> SpanView {
    let day = |at: Timestamp| f.day(f.zone.date(at));
    let dates = match span.until {
        None => f.w.with("customer.span_open", &[("from", &day(span.from))]),
        Some(until) => {
            f.w.with("customer.span", &[("from", &day(span.from)), ("until", &day(until))])
        }
    };
    let month = client_core::period::Period::month_of(f.zone.date(span.until.unwrap_or(span.from)));
    SpanView {
        href: span.seen.then(|| format!("/scorecards/{}/{month}", span.owner)),
        owner: span.name.clone(),
        tier: span.tier.map(|tier| scorecard::tier_letter(Some(tier))).unwrap_or_default(),
        dates,
    }
}

fn conflict_view(f: &Format, conflict: &ConflictEntry) -> ConflictView {
    let values = conflict.values.iter().enumerate();
    ConflictView {
        field: conflict.field.clone(),
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
