//! The columns of each list. Codes are for programs and never change; a new
//! column comes last.

use std::collections::BTreeMap;
use std::time::Duration;

use client_core::docs::visit::{NextStep, VisitState};
use client_core::id::DocId;
use client_core::money::Money;
use client_core::projection::DocState;
use client_core::time::Timestamp;

use super::{Cell, Export, What};
use crate::storage::lists::{CustomerRow, DealRow, VisitRow};
use crate::storage::model::Row;
use crate::storage::{Boards, Lists, StorageError};
use crate::web::pages::customer::stage_name;
use crate::web::pages::wording;

const DAY_MS: i64 = 86_400_000;

const CUSTOMERS: &[&str] = &[
    "customer_id",
    "customer",
    "tier",
    "owner",
    "unit",
    "industry",
    "region",
    "lifecycle",
    "last_contact",
    "last_counted",
    "due",
];

const VISITS: &[&str] = &[
    "visit_id",
    "customer_id",
    "customer",
    "rep",
    "mode",
    "purpose",
    "started",
    "ended",
    "minutes",
    "submitted",
    "received",
    "outcome",
    "result",
    "next_step",
    "next_due",
    "verdict",
    "counts",
    "reasons",
    "change",
];

const DEALS: &[&str] = &[
    "deal_id",
    "deal",
    "customer_id",
    "customer",
    "owner",
    "unit",
    "stage",
    "outcome",
    "amount",
    "currency",
    "created",
    "decided",
    "priority",
    "products",
    "moved",
];

pub(super) const fn codes(what: What) -> &'static [&'static str] {
    match what {
        What::Customers => CUSTOMERS,
        What::Visits => VISITS,
        What::Deals => DEALS,
    }
}

pub(super) async fn rows(
    export: &Export,
    docs: Vec<DocId>,
) -> Result<Vec<Vec<Cell>>, StorageError> {
    let (storage, org) = (export.app.storage(), export.base.org.id);
    Ok(match export.what {
        What::Customers => {
            let rows = storage.customer_rows(org, docs).await?;
            rows.iter().map(|row| customer(export, row)).collect()
        }
        What::Visits => {
            let whole = storage.rows(org, docs.clone()).await?;
            let whole: BTreeMap<DocId, Row> =
                whole.into_iter().map(|row| (row.header.doc, row)).collect();
            let rows = storage.visit_rows(org, docs).await?;
            rows.iter().map(|row| visit(export, row, whole.get(&row.doc))).collect()
        }
        What::Deals => {
            let rows = storage.deal_rows(org, docs).await?;
            rows.iter().map(|row| deal(export, row)).collect()
        }
    })
}

impl Export {
    fn word(&self, group: &str, code: Option<&str>) -> Cell {
        Cell::text(code.map(|code| self.f.w.code(group, code).into_owned()))
    }

    /// In the org's zone.
    fn moment(&self, at: Option<Timestamp>) -> Cell {
        at.map_or(Cell::Empty, |at| {
            let local = at.plus_millis(i64::from(self.f.zone.offset_s(at)) * 1000);
            let since_midnight = local.millis().rem_euclid(DAY_MS).unsigned_abs();
            Cell::Moment(self.f.zone.date(at), Duration::from_millis(since_midnight))
        })
    }

    fn date(&self, at: Option<Timestamp>) -> Cell {
        Cell::day(at.map(|at| self.f.zone.date(at)))
    }
}

fn customer(export: &Export, row: &CustomerRow) -> Vec<Cell> {
    let silent = row.owner.is_some_and(|owner| export.silent.contains(&owner));
    let due = row.due.map(|due| if silent { due.unheard() } else { due });
    let due = due.and_then(|due| wording::due(export.f.w, due)).map(|state| state.word);
    vec![
        Cell::code(Some(row.doc)),
        Cell::text(row.name.clone()),
        Cell::text(row.tier.map(|tier| tier.as_str().to_ascii_uppercase())),
        Cell::text(row.owner.map(|owner| export.base.user_name(owner))),
        Cell::text(row.unit.map(|unit| export.base.unit_name(unit))),
        Cell::text(row.industry.clone()),
        Cell::text(row.region.clone()),
        export.word("lifecycle", row.lifecycle.as_deref()),
        export.moment(row.last_visit),
        Cell::day(row.last_counted),
        Cell::text(due),
    ]
}

fn visit(export: &Export, row: &VisitRow, whole: Option<&Row>) -> Vec<Cell> {
    const MINUTE_MS: i64 = 60_000;
    let w = export.f.w;
    let state: Option<&VisitState> = whole.and_then(|whole| match &whole.state {
        DocState::Visit(state) => Some(&state.value),
        _ => None,
    });
    let (step, due) = match state.and_then(|state| state.next_step.as_ref()) {
        Some(NextStep::Do { what, due, .. }) => (Some(what.clone()), *due),
        Some(_) => (Some(w.say("visit.next_none").to_owned()), None),
        None => (None, None),
    };
    let verdict = row.verdict.as_ref();
    let shown = verdict.map(|(verdict, counts)| wording::verdict(w, verdict, *counts).word);
    let reasons = verdict.map(|(verdict, _)| wording::reasons(w, verdict).join("; "));
    let counts = verdict.map(|(_, counts)| w.say(if *counts { "column.yes" } else { "column.no" }));
    let minutes = row.started_at.zip(row.ended_at).map(|(from, to)| to.since(from) / MINUTE_MS);
    let change = whole.and_then(|whole| whole.heads.as_slice().first().cloned());
    vec![
        Cell::code(Some(row.doc)),
        Cell::code(row.customer),
        Cell::text(row.customer_name.clone()),
        Cell::text(Some(export.base.user_name(row.rep))),
        export.word("mode", row.mode.as_deref()),
        export.word("purpose", state.and_then(|s| s.purpose.as_ref()).map(|p| p.as_str())),
        export.moment(row.started_at),
        export.moment(row.ended_at),
        minutes.map_or(Cell::Empty, Cell::Number),
        export.moment(row.submitted_at),
        export.moment(whole.map(|whole| whole.received_at)),
        export.word("outcome", row.outcome.as_deref()),
        Cell::text(state.and_then(|state| state.result.clone())),
        Cell::text(step),
        Cell::day(due),
        Cell::text(shown),
        Cell::text(counts),
        Cell::text(reasons),
        Cell::code(change.map(|hash| data_encoding::HEXLOWER.encode(&hash.0))),
    ]
}

fn deal(export: &Export, row: &DealRow) -> Vec<Cell> {
    let w = export.f.w;
    let stage = row.stage.as_deref().map(|code| stage_name(w, export.policy.as_ref(), code));
    let amount = row.amount_minor.zip(row.currency);
    vec![
        Cell::code(Some(row.doc)),
        Cell::text(row.name.clone()),
        Cell::code(row.customer),
        Cell::text(row.customer_name.clone()),
        Cell::text(Some(export.base.user_name(row.owner))),
        Cell::text(row.unit.map(|unit| export.base.unit_name(unit))),
        Cell::text(stage),
        Cell::text(Some(wording::deal_outcome(w, row.outcome.as_deref()).word)),
        amount.map_or(Cell::Empty, |(minor, currency)| Cell::Amount(Money::new(minor, currency))),
        Cell::code(amount.map(|(_, currency)| currency)),
        export.date(row.created_at),
        export.date(row.decided_at),
        Cell::text(row.priority.as_deref().map(str::to_ascii_uppercase)),
        Cell::text(Some(row.products.join("; "))),
        export.date(Some(row.moved_at)),
    ]
}
