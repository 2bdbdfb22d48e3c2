//! Does everybody agree? Each phone's documents, read from its own file, against
//! the server's tables; the manager's against the union of the team's; each
//! phone's scorecards against the bytes the server stored.

use std::collections::BTreeMap;

use client_core::docs::{Heads, Hydrated};
use client_core::engine::{Client, CustomerQuery, DealQuery, VisitQuery};
use client_core::id::DocId;
use client_core::period::Period;
use client_core::projection::DocState;
use server::app::App;
use server::storage::Scores;

use super::founding;
use super::phases::now_at;
use super::profile::zone;
use super::world::World;

/// What was compared, and what differed, in words.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Documents compared, on all phones.
    pub documents: u64,
    /// Scorecards compared.
    pub scorecards: u64,
    /// Differences; empty if everybody agrees.
    pub differences: Vec<String>,
}

type Visible = BTreeMap<DocId, (Heads, Vec<u8>)>;

/// Compares everybody with the server's file, which nothing else writes any more.
/// `each` documents are expected on every rep's phone.
pub async fn verify(world: &World, each: &[u64]) -> anyhow::Result<Verdict> {
    let app = founding::open(world.data())?;
    let (mut verdict, mut union) = (Verdict::default(), Visible::new());
    for (phone, expected) in world.phones.iter().zip(each) {
        let (org, rep) = (world.founded.org, phone.rep.visitor.rep);
        let rows = app.storage().rows_for_rep(org, rep).await?.into_iter();
        let server: Visible =
            rows.map(|row| (row.header.doc, (row.heads, row.state.encode()))).collect();
        if server.len() as u64 != *expected {
            let (login, found) = (&phone.rep.login, server.len());
            verdict.differences.push(format!("{login}: {found} documents, not {expected}"));
        }
        compare(&phone.rep.login, &server, &visible(&phone.client)?, &mut verdict);
        cards(&app, world, phone, &mut verdict).await?;
        union.extend(server);
    }
    compare("manager", &union, &visible(&world.manager)?, &mut verdict);
    Ok(verdict)
}

fn compare(whose: &str, server: &Visible, own: &Visible, verdict: &mut Verdict) {
    verdict.documents += own.len() as u64;
    for (doc, (heads, body)) in server {
        let what = match own.get(doc) {
            None => "is only on the server",
            Some((own_heads, _)) if own_heads != heads => "has other heads",
            Some((_, own_body)) if own_body != body => "reads differently",
            Some(_) => continue,
        };
        verdict.differences.push(format!("{whose}: {doc} {what}"));
    }
    for doc in own.keys().filter(|doc| !server.contains_key(*doc)) {
        verdict.differences.push(format!("{whose}: {doc} is only on the phone"));
    }
}

/// This month's card and the one before.
async fn cards(
    app: &App,
    world: &World,
    phone: &super::world::Phone,
    verdict: &mut Verdict,
) -> anyhow::Result<()> {
    let month = Period::month_of(zone().date(now_at()));
    for period in [month, month.previous()] {
        let rep = phone.rep.visitor.rep;
        let Some(card) = app.storage().scorecard(world.founded.org, rep, period).await? else {
            continue;
        };
        verdict.scorecards += 1;
        let own = phone.client.scorecard(period, Some(card.record.as_of))?;
        if own.to_bytes() != card.outcome {
            verdict.differences.push(format!("{}: the card of {period} differs", phone.rep.login));
        }
    }
    Ok(())
}

/// Everything a phone shows, by document.
fn visible(client: &Client) -> anyhow::Result<Visible> {
    let mut all = Visible::new();
    let mut query = CustomerQuery { limit: 200, ..CustomerQuery::default() };
    loop {
        let page = client.customers(&query)?;
        for row in page.items {
            let state = DocState::Customer(Hydrated { value: row.state, faults: row.faults });
            all.insert(row.id, (row.heads, state.encode()));
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    let mut query = VisitQuery { limit: 200, ..VisitQuery::default() };
    loop {
        let page = client.visits(&query)?;
        for row in page.items {
            let state = DocState::Visit(Hydrated { value: row.state, faults: row.faults });
            all.insert(row.id, (row.heads, state.encode()));
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    let mut query = DealQuery { limit: 200, ..DealQuery::default() };
    loop {
        let page = client.deals(&query)?;
        for row in page.items {
            let state = DocState::Deal(Hydrated { value: row.state, faults: row.faults });
            all.insert(row.id, (row.heads, state.encode()));
        }
        query.after = page.next;
        if query.after.is_none() {
            return Ok(all);
        }
    }
}
