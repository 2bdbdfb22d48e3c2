//! What happened at a customer, newest first: visits, deals, complaints, money, tiers,
//! phases of its life.

use client_core::docs::case::CaseState;
use client_core::id::DocId;
use client_core::records::Record;
use client_core::time::{Date, Timestamp};

use super::customer::{CustomerData, DealEntry, VisitEntry, stage_name, start_of};
use super::scorecard::tier_letter;
use super::wording;
use crate::web::format::Format;
use crate::web::view::{State, Tone};

/// A case of the timeline.
#[derive(Debug, Clone)]
pub struct CaseEntry {
    /// Which.
    pub doc: DocId,
    /// Its state.
    pub state: CaseState,
    /// Who wrote it down.
    pub author: String,
}

/// Something that happened, ready to print.
#[derive(Debug)]
pub struct EntryView {
    at: Option<Timestamp>,
    /// Where it is shown.
    pub href: Option<String>,
    /// What it was.
    pub title: String,
    /// When, and whose.
    pub when: String,
    /// What became of it.
    pub text: String,
    /// How it stands.
    pub state: Option<State>,
}

/// Everything that is known to have happened.
pub fn entries(f: &Format, data: &CustomerData) -> Vec<EntryView> {
    let mut entries: Vec<EntryView> = Vec::new();
    entries.extend(data.visits.iter().map(|visit| visit_entry(f, data, visit)));
    entries.extend(data.deals.iter().map(|deal| deal_entry(f, data, deal)));
    entries.extend(data.cases.iter().map(|case| case_entry(f, data, case)));
    entries.extend(data.business.iter().filter_map(|record| business(f, data.today, record)));
    entries.extend(phases(f, data));
    entries.extend(holders(f, data));
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    entries
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

fn case_entry(f: &Format, data: &CustomerData, case: &CaseEntry) -> EntryView {
    let state = &case.state;
    let kind = wording::code(f.w, "case_kind", state.kind.as_ref().map(|kind| kind.as_str()));
    let scores: Vec<String> =
        state.surveys.values().filter_map(|answer| answer.score).map(|n| n.to_string()).collect();
    let scores = (!scores.is_empty())
        .then(|| f.w.with("customer.answered", &[("scores", &scores.join(", "))]));
    let text = [state.subject.clone(), state.action.clone(), scores];
    let standing = match state.resolved_at {
        Some(at) => {
            let day = f.date_seen(at, data.today);
            State::new(Tone::Good, f.w.with("customer.resolved", &[("day", &day)]))
        }
        None => State::new(Tone::Watch, f.w.say("customer.unresolved")),
    };
    EntryView {
        at: state.opened_at,
        href: None,
        title: kind,
        when: when(f, data.today, state.opened_at, &case.author),
        text: text.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        // A survey is no complaint that waits for anything.
        state: state.surveys.is_empty().then_some(standing),
    }
}

/// What the books confirm: a contract, an order, money that came or was given back.
fn business(f: &Format, today: Date, record: &Record) -> Option<EntryView> {
    let (on, key, amount, number, counts) = match record {
        Record::Contract(one) => {
            (one.signed_on, "customer.contract", one.amount, &one.reference, one.counts())
        }
        Record::Payment(one) => {
            let key = if one.amount.minor < 0 { "customer.refund" } else { "customer.payment" };
            (one.received_on, key, one.amount, &one.reference, one.counts())
        }
        Record::Order(one) => {
            (one.ordered_on, "customer.order", one.amount, &one.reference, one.counts())
        }
        _ => return None,
    };
    let text = [Some(f.money(amount)), number.clone()];
    Some(EntryView {
        at: Some(f.zone.start_of(on)),
        href: None,
        title: f.w.say(key).to_owned(),
        when: f.date_near(on, today),
        text: text.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        state: (!counts).then(|| State::new(Tone::Neutral, f.w.say("customer.withdrawn"))),
    })
}

/// Steps of its life (S4).
fn phases<'a>(f: &'a Format, data: &'a CustomerData) -> impl Iterator<Item = EntryView> + 'a {
    data.state.lifecycle_history.values().map(|step| EntryView {
        at: Some(step.at),
        href: None,
        title: f.w.say("customer.lifecycle").to_owned(),
        when: when(f, data.today, Some(step.at), ""),
        text: f.w.code("lifecycle", step.to.as_str()).into_owned(),
        state: None,
    })
}

/// Who took it over, and when its tier became another.
fn holders(f: &Format, data: &CustomerData) -> Vec<EntryView> {
    let pairs = data.spans.windows(2);
    let each = pairs.filter_map(|pair| {
        let [before, after] = pair else { return None };
        let tiers = (before.tier != after.tier).then(|| {
            let (was, is) = (tier_letter(before.tier), tier_letter(after.tier));
            f.w.with("customer.tier_changed", &[("was", &was), ("is", &is)])
        });
        let moved = (before.owner != after.owner).then(|| {
            let values: [(&str, &dyn std::fmt::Display); 2] =
                [("was", &before.name), ("is", &after.name)];
            f.w.with("customer.owner_changed", &values)
        });
        let text: Vec<String> = [tiers, moved].into_iter().flatten().collect();
        (!text.is_empty()).then(|| EntryView {
            at: Some(after.from),
            href: None,
            title: f.w.say("customer.placements").to_owned(),
            when: when(f, data.today, Some(after.from), ""),
            text: text.join(" · "),
            state: None,
        })
    });
    each.collect()
}

fn when(f: &Format, today: Date, at: Option<Timestamp>, who: &str) -> String {
    let at = at.map_or_else(|| "–".to_owned(), |at| f.moment_seen(at, today));
    if who.is_empty() { at } else { format!("{at} · {who}") }
}
