//! What might be invented (R13): looked for where everything can be seen.
//!
//! Photos, points and receipts of other people are on the server alone, so it looks and
//! the phones are told. A signal is a question to whoever leads the rep: it is asked
//! once, grows with what belongs to it while it waits, and goes when a person answers.
//! Nothing here cuts a score, and nothing here takes a question back: facts that were
//! changed afterwards are for people to judge.
//!
//! What a visit builds on is read from the log only where somebody else wrote in it too, and
//! from the links that its submit embeds: a phone knows its own changes without the server.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::deal::DealOutcome;
use client_core::id::{DocId, OrgId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::{Record, RecordKind, SignalKind, SignalRecord};
use client_core::rules::{Policy, Suspect, WatchedDeal, WatchedVisit, suspects_among};
use client_core::time::{Date, Timestamp};

use super::ScoringError;
use super::backdate::{self, Submit, built_on};
use super::gather::Setting;
use crate::app::App;
use crate::office::Office;
use crate::storage::model::Row;
use crate::storage::{Boards, Documents, Records, Reports, StorageError};

/// Days that are looked at, unless the policy asks for more. Photos and points of these days
/// are compared with those of all kept visits, by an index.
const DAYS: i64 = 31;

/// Looks at an org's visits and deals of the last weeks, and asks about what is new.
/// Gives how many questions were written.
pub async fn look(app: &App, org: OrgId) -> Result<usize, ScoringError> {
    let setting = Setting::read(app, org).await?;
    let now = app.clock().now();
    let today = setting.calendar.zone.date(now);
    let policy = setting.policy(Period::month_of(today))?;
    let close = i64::from(policy.integrity.close_undone_days)
        .saturating_add(policy.integrity.close_last_days.into());
    let first = today.plus_days(-DAYS.max(close.min(366)));
    let visits = visits(app, org, &setting, first, now).await?;
    let deals = deals(app, org, &setting, &policy, first, now).await?;
    let earlier = alike(app, org, &setting, &visits).await?;
    let days = days(&setting, &visits, &deals);
    // Thousands of visits are compared with one another: not on an async thread.
    let found = tokio::task::spawn_blocking(move || {
        suspects_among(&visits, &earlier, &deals, &policy.integrity, &policy.visits)
    });
    let found = found.await.map_err(|error| ScoringError::Rules { reason: error.to_string() })?;
    let known = Office::of(app.clone(), org).signals().await?;
    let mut written = 0;
    for suspect in found {
        let on = suspect.facts.iter().filter_map(|fact| days.get(&fact.doc)).min();
        let asked = ask(&known, &suspect, on.copied().unwrap_or(today), now);
        written += usize::from(match asked {
            Ask::Known => false,
            Ask::New(signal) => {
                app.storage().write_records(org, vec![Record::Signal(signal)], now).await?;
                true
            }
            Ask::Grown(signal) => grow(app, org, signal, now).await?,
        });
    }
    Ok(written)
}

async fn visits(
    app: &App,
    org: OrgId,
    setting: &Setting,
    first: Date,
    now: Timestamp,
) -> Result<Vec<WatchedVisit>, StorageError> {
    let from = setting.calendar.zone.start_of(first);
    let mut watched = Vec::new();
    // One rep after the other: whole rows of everybody would be what memory rises by.
    for rep in setting.reps() {
        let (mut own, mut submits) = (Vec::new(), Vec::new());
        for row in app.storage().visits_of(org, vec![rep], from, now).await? {
            let DocState::Visit(state) = &row.state else { continue };
            let Some(mut visit) = WatchedVisit::of(&row.header, &row.heads, state) else {
                continue;
            };
            if setting.is_void(visit.fact.doc) {
                continue;
            }
            visit.received_at = Some(row.received_at);
            visit.customer = visit.customer.map(|one| setting.aliases().resolve(one));
            let amended = state.value.amendments.values().any(|one| one.by != rep);
            if amended || !state.value.co_visitor_notes.is_empty() {
                let log = app.storage().log(org, visit.fact.doc).await?;
                if let Some((written, received)) = built_on(&log, rep) {
                    (visit.authored_at, visit.builds_on_received_at) =
                        (Some(written), Some(received));
                }
            }
            submits.extend(Submit::of(&row, state));
            own.push(visit);
        }
        let linked = backdate::linked(app.storage(), org, rep, &submits).await?;
        for visit in &mut own {
            let Some(bound) = linked.get(&visit.fact.doc) else { continue };
            let gap = |(written, received): (Timestamp, Timestamp)| received.since(written);
            let known = visit.authored_at.zip(visit.builds_on_received_at);
            if known.is_none_or(|known| gap(known) < gap(*bound)) {
                (visit.authored_at, visit.builds_on_received_at) = (Some(bound.0), Some(bound.1));
            }
        }
        watched.extend(own);
    }
    Ok(watched)
}

/// Visits of before that show a photo or were at a point of these.
async fn alike(
    app: &App,
    org: OrgId,
    setting: &Setting,
    visits: &[WatchedVisit],
) -> Result<Vec<WatchedVisit>, StorageError> {
    let docs = visits.iter().map(|visit| visit.fact.doc).collect();
    let found = app.storage().visits_alike(org, docs).await?;
    let rows = app.storage().rows(org, found).await?;
    let watched = rows.iter().filter_map(|row| match &row.state {
        DocState::Visit(state) => WatchedVisit::of(&row.header, &row.heads, state),
        _ => None,
    });
    let stands = watched.filter(|visit| !setting.is_void(visit.fact.doc));
    Ok(stands
        .map(|visit| WatchedVisit {
            customer: visit.customer.map(|one| setting.aliases().resolve(one)),
            ..visit
        })
        .collect())
}

async fn deals(
    app: &App,
    org: OrgId,
    setting: &Setting,
    policy: &Policy,
    first: Date,
    now: Timestamp,
) -> Result<Vec<WatchedDeal>, StorageError> {
    let zone = &setting.calendar.zone;
    let mut watched = Vec::new();
    for deal in app.storage().deals_between(org, zone.start_of(first), now).await? {
        let won = deal.fact.outcome == Some(DealOutcome::Won);
        let Some(at) = deal.fact.decided_at.filter(|_at| won) else { continue };
        let won_on = zone.date(at);
        let period_ends = Period::month_of(won_on).last_day();
        let late = period_ends.plus_days(-i64::from(policy.integrity.close_last_days)) < won_on;
        if late {
            let undone_on = undone(app, org, deal.fact.doc, won_on).await?;
            let (fact, rep) = (deal.fact.fact(), deal.credit.rep);
            watched.push(WatchedDeal { fact, rep, won_on, period_ends, undone_on });
        }
    }
    Ok(watched)
}

/// The first day from `won_on` on which a deal's order or contract was cancelled, or money
/// for it was given back.
async fn undone(
    app: &App,
    org: OrgId,
    deal: DocId,
    won_on: Date,
) -> Result<Option<Date>, StorageError> {
    let mut days = BTreeSet::new();
    for kind in [RecordKind::Order, RecordKind::Contract, RecordKind::Payment] {
        for record in app.storage().records_about(org, deal, kind).await? {
            days.extend(match record {
                Record::Order(order) if order.counts() => order.cancelled_on,
                Record::Contract(contract) if contract.counts() => contract.cancelled_on,
                Record::Payment(payment) if payment.counts() && payment.is_refund() => {
                    Some(payment.received_on)
                }
                _ => None,
            });
        }
    }
    if let Some(Row { state: DocState::Deal(state), .. }) = app.storage().row(org, deal).await? {
        let claims = state.value.payments.values();
        let refunds = claims.filter(|one| one.amount.is_some_and(|amount| amount.minor < 0));
        days.extend(refunds.filter_map(|one| one.received_on));
    }
    Ok(days.into_iter().find(|on| *on >= won_on))
}

/// The business day of everything that is watched.
fn days(
    setting: &Setting,
    visits: &[WatchedVisit],
    deals: &[WatchedDeal],
) -> BTreeMap<DocId, Date> {
    let zone = &setting.calendar.zone;
    let visits = visits.iter().filter_map(|one| {
        let at = one.start.or(one.entered_at)?;
        Some((one.fact.doc, zone.date(at)))
    });
    visits.chain(deals.iter().map(|one| (one.fact.doc, one.won_on))).collect()
}

/// What becomes of something that was seen.
enum Ask {
    /// It was asked already.
    Known,
    /// It is new.
    New(SignalRecord),
    /// A question that waits is about more by now.
    Grown(SignalRecord),
}

fn ask(known: &[SignalRecord], suspect: &Suspect, on: Date, now: Timestamp) -> Ask {
    let kind = SignalKind::from(suspect.kind.as_str());
    let subjects: BTreeSet<DocId> = suspect.facts.iter().map(|fact| fact.doc).collect();
    let alike = || known.iter().filter(|one| one.kind == kind && one.rep == suspect.rep);
    let covers = |one: &&SignalRecord| subjects.iter().all(|doc| one.subjects.contains(doc));
    if alike().any(|one| covers(&one)) {
        return Ask::Known;
    }
    let touches = |one: &&SignalRecord| one.subjects.iter().any(|doc| subjects.contains(doc));
    if let Some(waiting) = alike().filter(|one| one.is_open()).find(touches) {
        let all: BTreeSet<DocId> = waiting.subjects.iter().copied().chain(subjects).collect();
        let measure = waiting.measure.max(Some(suspect.measure));
        return Ask::Grown(SignalRecord {
            subjects: all.into_iter().collect(),
            measure,
            on: waiting.on.min(on),
            ..waiting.clone()
        });
    }
    let subjects: Vec<DocId> = subjects.into_iter().collect();
    Ask::New(SignalRecord {
        id: SignalRecord::id_of(&kind, suspect.rep, &subjects),
        kind,
        rep: suspect.rep,
        subjects,
        on,
        noticed_at: now,
        measure: Some(suspect.measure),
        answer: None,
    })
}

/// Writes a question anew, unless somebody answered it meanwhile.
async fn grow(
    app: &App,
    org: OrgId,
    signal: SignalRecord,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let (kind, id) = (RecordKind::Signal, signal.id);
    let Some(row) = app.storage().record(org, kind, id).await? else { return Ok(false) };
    match row.decode() {
        Ok(Record::Signal(stands)) if stands.is_open() => {
            let seen = vec![(kind, id, row.version)];
            app.storage().write_records_if(org, seen, vec![Record::Signal(signal)], now).await
        }
        _ => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use client_core::docs::Heads;
    use client_core::id::UserId;
    use client_core::rules::{FactRef, Suspicion};

    use super::*;

    const REP: UserId = UserId::from_bytes([7; 16]);

    fn doc(number: u8) -> DocId {
        DocId::from_bytes([number; 16])
    }

    fn burst(visits: &[u8]) -> Suspect {
        let fact = |number: &u8| FactRef { doc: doc(*number), heads: Heads::default() };
        Suspect {
            kind: Suspicion::Burst,
            rep: REP,
            facts: visits.iter().map(fact).collect(),
            measure: i64::try_from(visits.len()).unwrap(),
        }
    }

    #[test]
    fn a_question_is_asked_once_grows_while_it_waits_and_is_asked_anew_about_more() {
        let (on, now) = ("2026-10-08".parse().unwrap(), Timestamp::from_millis(1));
        let asked = |known: Option<&SignalRecord>, visits: &[u8]| {
            let known: Vec<SignalRecord> = known.into_iter().cloned().collect();
            ask(&known, &burst(visits), on, now)
        };
        let Ask::New(first) = asked(None, &[1, 2]) else { panic!("nobody asked before") };
        assert_eq!(
            (first.subjects.len(), first.measure, &first.kind),
            (2, Some(2), &SignalKind::Burst)
        );
        assert!(matches!(asked(Some(&first), &[1, 2]), Ask::Known));
        assert!(matches!(asked(Some(&first), &[2]), Ask::Known), "less is no question");
        let Ask::Grown(grown) = asked(Some(&first), &[2, 3]) else { panic!("it waits") };
        assert_eq!((grown.id, grown.subjects), (first.id, [1, 2, 3].map(doc).to_vec()));
        let answer = client_core::records::SignalAnswer {
            upheld: false,
            by: None,
            at: now,
            note: "a fair".into(),
        };
        let answered = SignalRecord { answer: Some(answer), ..first };
        assert!(matches!(asked(Some(&answered), &[1, 2]), Ask::Known));
        assert!(matches!(asked(Some(&answered), &[1, 2, 3]), Ask::New(_)));
    }
}
