//! Scorecards and the facts behind them.
//!
//! Pages show the stored outcome and never compute a second one: two
//! computations of one score are how trust in it is lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use client_core::docs::deal::DealState;
use client_core::docs::visit::VisitState;
use client_core::id::{DocId, OrgId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::rules::{Due, FactRef, JudgedVisit, Outcome};

use super::base::Base;
use super::reach::Reach;
use crate::storage::model::{CardCalls, CardLines, Row, ScorecardRow};
use crate::storage::{AnyStorage, Boards, Scores, StorageError};
use crate::web::format::Format;
use crate::web::pages::customer::{stage_name, start_of};
use crate::web::pages::facts::{Fact, FactsOf, shared_weight};
use crate::web::pages::leaderboard::{Places, RepCard, rank};
use crate::web::pages::wording;

/// The stored outcome of a rep's period, if it was computed.
pub async fn outcome(
    storage: &AnyStorage,
    org: OrgId,
    rep: UserId,
    period: Period,
) -> Result<Option<Outcome>, StorageError> {
    storage.scorecard(org, rep, period).await?.as_ref().map(read).transpose()
}

/// The stored outcomes of a period that the reader may see.
pub async fn outcomes(
    storage: &AnyStorage,
    org: OrgId,
    reach: &Reach,
    period: Period,
) -> Result<Vec<Outcome>, StorageError> {
    let rows = storage.scorecards(org, period).await?;
    rows.iter().filter(|row| reach.sees(row.record.rep)).map(read).collect()
}

/// What the cards of a period came to, of the reps that the reader may see.
pub async fn lines(
    storage: &AnyStorage,
    org: OrgId,
    reach: &Reach,
    period: Period,
) -> Result<Vec<(UserId, Arc<CardLines>)>, StorageError> {
    let mut found = storage.card_lines(org, period).await?;
    found.retain(|(rep, _lines)| reach.sees(*rep));
    Ok(found)
}

/// What the cards of a period ask somebody to do, of the reps that the reader may see.
pub async fn calls(
    storage: &AnyStorage,
    org: OrgId,
    reach: &Reach,
    period: Period,
) -> Result<Vec<(UserId, Arc<CardCalls>)>, StorageError> {
    let mut found = storage.card_calls(org, period).await?;
    found.retain(|(rep, _calls)| reach.sees(*rep));
    Ok(found)
}

fn read(row: &ScorecardRow) -> Result<Outcome, StorageError> {
    ciborium::from_reader(row.outcome.as_slice()).map_err(|error: ciborium::de::Error<_>| {
        StorageError::Corrupt { what: "outcome", reason: error.to_string() }
    })
}

/// The cards of a month that the reader may see, for the leaderboard, and how many of the
/// org's have a place.
pub async fn ranking(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    period: Period,
) -> Result<(Vec<RepCard>, usize), StorageError> {
    let outcomes = outcomes(storage, base.org.id, &Reach::All, period).await?;
    let cards = outcomes.into_iter().filter_map(|outcome| {
        let user = base.users.iter().find(|user| user.id == outcome.rep)?;
        Some(RepCard {
            rep: user.id,
            name: user.name.clone(),
            unit: base.unit_of(user),
            heard: base.heard(user.id),
            card: outcome.scorecard,
            places: Places::default(),
        })
    });
    let mut cards: Vec<RepCard> = cards.collect();
    let ranked = rank(&mut cards);
    cards.retain(|card| reach.sees(card.rep));
    Ok((cards, ranked))
}

/// Verdicts of the visits in `outcomes`, by visit.
pub fn verdicts(outcomes: &[Outcome]) -> BTreeMap<DocId, JudgedVisit> {
    let visits = outcomes.iter().flat_map(|outcome| &outcome.visits);
    visits.map(|visit| (visit.fact.doc, visit.clone())).collect()
}

/// Due statuses of the customers in `outcomes`.
pub fn dues(outcomes: &[Outcome]) -> BTreeMap<DocId, Due> {
    let dues = outcomes.iter().flat_map(|outcome| &outcome.due);
    dues.map(|due| (due.customer, due.clone())).collect()
}

/// The facts of `refs` with what a page says about them, in the same order.
pub async fn facts(
    storage: &AnyStorage,
    f: &Format,
    base: &Base,
    outcome: &Outcome,
    refs: &[FactRef],
) -> Result<Vec<Fact>, StorageError> {
    let docs = refs.iter().map(|fact| fact.doc).collect();
    let rows = storage.rows(base.org.id, docs).await?;
    let by_doc: BTreeMap<DocId, &Row> = rows.iter().map(|row| (row.header.doc, row)).collect();
    let judged: BTreeMap<DocId, &JudgedVisit> =
        outcome.visits.iter().map(|visit| (visit.fact.doc, visit)).collect();
    let policy = base.policy_with(&outcome.policy_hash);
    let facts = refs.iter().map(|fact| {
        let bare = Fact {
            doc: fact.doc,
            heads: fact.heads.clone(),
            name: None,
            at: None,
            what: String::new(),
            state: None,
            href: None,
            why: Vec::new(),
        };
        match by_doc.get(&fact.doc).map(|row| &row.state) {
            Some(DocState::Visit(visit)) => {
                visit_fact(f, &visit.value, judged.get(&fact.doc).copied(), bare)
            }
            Some(DocState::Deal(deal)) => {
                let stage = deal.value.stage.as_deref();
                let stage = stage.map(|code| stage_name(f.w, policy.as_ref(), code));
                deal_fact(f, &deal.value, stage, bare)
            }
            Some(DocState::Case(case)) => Fact {
                name: case.value.subject.clone(),
                at: case.value.opened_at,
                what: wording::code(f.w, "doc_kind", Some("case")),
                ..bare
            },
            Some(DocState::Customer(customer)) => Fact {
                name: customer.value.name.clone(),
                what: wording::code(f.w, "doc_kind", Some("customer")),
                href: Some(format!("/customers/{}", fact.doc)),
                ..bare
            },
            Some(DocState::Plan(_)) => {
                Fact { what: wording::code(f.w, "doc_kind", Some("plan")), ..bare }
            }
            None => Fact { what: f.w.say("changes.record").to_owned(), ..bare },
        }
    });
    Ok(facts.collect())
}

fn visit_fact(f: &Format, state: &VisitState, judged: Option<&JudgedVisit>, fact: Fact) -> Fact {
    let mode = wording::code(f.w, "mode", state.mode.as_ref().map(|mode| mode.as_str()));
    let outcome = state.outcome.as_ref().map(|outcome| outcome.as_str());
    Fact {
        name: state.customer_name.clone(),
        at: start_of(state).or(judged.map(|judged| judged.at)),
        what: format!("{mode} · {}", wording::code(f.w, "outcome", outcome)),
        state: judged.map(|judged| wording::judged(f.w, judged)),
        href: Some(format!("/visits/{}", fact.doc)),
        ..fact
    }
}

fn deal_fact(f: &Format, state: &DealState, stage: Option<String>, fact: Fact) -> Fact {
    let amount = state.amount.map(|amount| f.money(amount));
    let outcome = state.outcome.as_ref().map(|outcome| outcome.as_str());
    let ended = outcome.map(|code| f.w.code("deal_outcome", code).into_owned());
    let parts: Vec<String> = ended.or(stage).into_iter().chain(amount).collect();
    Fact {
        name: state.name.clone(),
        at: state.decided_at.or(state.created_at),
        what: parts.join(" · "),
        href: Some(format!("/deals/{}", fact.doc)),
        ..fact
    }
}

/// What an address names on a card: one of its lines, or a figure beside it.
pub fn facts_of(outcome: &Outcome, code: &str) -> Option<FactsOf> {
    let card = &outcome.scorecard;
    if let Some(line) = card.lines.iter().find(|line| line.indicator.as_str() == code) {
        let shared_weight = shared_weight(card, line);
        return Some(FactsOf::Line { line: Box::new(line.clone()), shared_weight });
    }
    let figure = outcome.figures.iter().find(|one| one.id == code);
    figure.cloned().map(FactsOf::Figure)
}

/// The facts of a line, newest first: documents are named by their time.
pub fn newest_first(facts: &[FactRef]) -> Vec<FactRef> {
    let mut facts = facts.to_vec();
    facts.sort_by_key(|fact| std::cmp::Reverse(fact.doc));
    facts
}
