//! Do phones and server agree? Each phone's visible state, read from its own
//! file, against the server's tables; each phone's scorecards, computed by the
//! phone, against the bytes the server stored.

use std::collections::BTreeMap;

use client_core::docs::Hydrated;
use client_core::docs::{
    Heads, case::CaseState, customer::CustomerState, deal::DealState, visit::VisitState,
};
use client_core::engine::{CaseQuery, Client, CustomerQuery, DealQuery, PageToken, VisitQuery};
use client_core::id::{DocId, OrgId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::time::Date;

use super::phone::SimPhone;
use super::world::World;
use crate::app::App;
use crate::storage::Scores;

/// What was compared and what differed, in words.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// Differences of documents; empty if phones and server agree.
    pub documents: Vec<String>,
    /// Differences of scorecards; empty if they are the same bytes.
    pub scorecards: Vec<String>,
    /// Scorecards compared.
    pub compared: u64,
}

type Visible = BTreeMap<DocId, (Heads, Vec<u8>)>;

/// Compares one phone with the server.
pub async fn compare(
    app: &App,
    org: OrgId,
    world: &World,
    phone: &SimPhone,
    periods: &[Period],
    verdict: &mut Verdict,
) -> anyhow::Result<()> {
    let rep = world.rep(phone.rep)?;
    let server: Visible = app
        .storage()
        .rows_for_rep(org, rep.id)
        .await?
        .into_iter()
        .map(|row| (row.header.doc, (row.heads, row.state.encode())))
        .collect();
    let own = visible(&phone.client, world.first_day, world.today)?;
    for (doc, (heads, body)) in &server {
        match own.get(doc) {
            None => verdict.documents.push(format!("{}: {doc} is only on the server", rep.login)),
            Some((own_heads, _)) if own_heads != heads => {
                verdict.documents.push(format!("{}: {doc} has other heads", rep.login));
            }
            Some((_, own_body)) if own_body != body => {
                verdict.documents.push(format!("{}: {doc} reads differently", rep.login));
            }
            Some(_) => {}
        }
    }
    for doc in own.keys().filter(|doc| !server.contains_key(*doc)) {
        verdict.documents.push(format!("{}: {doc} is only on the phone", rep.login));
    }
    for period in periods {
        let Some(card) = app.storage().scorecard(org, rep.id, *period).await? else {
            verdict.scorecards.push(format!("{}: the server has no card of {period}", rep.login));
            continue;
        };
        let computed = phone.client.scorecard(*period, Some(card.record.as_of))?;
        verdict.compared += 1;
        if computed.to_bytes() != card.outcome {
            verdict.scorecards.push(format!("{}: {period} differs", rep.login));
        }
        match phone.client.official_scorecard(*period)? {
            Some(official) if official.official == card.record => {}
            _ => verdict
                .scorecards
                .push(format!("{}: the official card of {period} is not on the phone", rep.login)),
        }
    }
    Ok(())
}

/// Everything a phone shows, by document.
fn visible(client: &Client, first: Date, last: Date) -> anyhow::Result<Visible> {
    let mut all = Visible::new();
    let mut after: Option<PageToken> = None;
    loop {
        let query = CustomerQuery { limit: 200, after, ..CustomerQuery::default() };
        let page = client.customers(&query)?;
        for row in page.items {
            let state: Hydrated<CustomerState> = Hydrated { value: row.state, faults: row.faults };
            all.insert(row.id, (row.heads, DocState::Customer(state).encode()));
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    loop {
        let query = VisitQuery { limit: 200, after, ..VisitQuery::default() };
        let page = client.visits(&query)?;
        for row in page.items {
            let state: Hydrated<VisitState> = Hydrated { value: row.state, faults: row.faults };
            all.insert(row.id, (row.heads, DocState::Visit(state).encode()));
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    loop {
        let query = DealQuery { limit: 200, after, ..DealQuery::default() };
        let page = client.deals(&query)?;
        for row in page.items {
            let state: Hydrated<DealState> = Hydrated { value: row.state, faults: row.faults };
            all.insert(row.id, (row.heads, DocState::Deal(state).encode()));
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    loop {
        let query = CaseQuery { limit: 200, after, ..CaseQuery::default() };
        let page = client.cases(&query)?;
        for row in page.items {
            let state: Hydrated<CaseState> = Hydrated { value: row.state, faults: row.faults };
            all.insert(row.id, (row.heads, DocState::Case(state).encode()));
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut day = first;
    while day <= last.plus_days(1) {
        if let Some(row) = client.plan(day)? {
            let state = Hydrated { value: row.state, faults: row.faults };
            all.insert(row.id, (row.heads, DocState::Plan(state).encode()));
        }
        day = day.next();
    }
    Ok(all)
}
