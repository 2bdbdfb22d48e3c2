//! Phones for stories: real engines with their own files.

use std::collections::BTreeSet;
use std::path::Path;

use client_core::docs::visit::{NextStep, Outcome, VisitMode};
use client_core::engine::{Client, Config, DeviceInfo, NewCustomer, NewVisit, VisitQuery};
use client_core::id::DocId;

/// Opens the engine that keeps its files in `dir`.
pub fn open(dir: &Path, server_url: &str) -> anyhow::Result<Client> {
    open_with(dir, server_url, |_config| {})
}

/// The same, set up otherwise.
pub fn open_with(
    dir: &Path,
    server_url: &str,
    set_up: impl FnOnce(&mut Config),
) -> anyhow::Result<Client> {
    std::fs::create_dir_all(dir)?;
    let device = DeviceInfo {
        name: "test phone".into(),
        platform: "test".into(),
        app_version: "0.1.0".into(),
    };
    let mut config = Config::new(dir, server_url, device);
    set_up(&mut config);
    Ok(Client::open(config)?)
}

/// A new customer with this name.
pub fn customer(client: &Client, name: &str) -> anyhow::Result<DocId> {
    let new = NewCustomer { name: name.into(), ..NewCustomer::default() };
    Ok(client.create_customer(new)?.id)
}

/// Every visit on the phone.
///
/// # Panics
/// If one is there twice or only in part.
pub fn visits(client: &Client) -> BTreeSet<DocId> {
    let mut ids = BTreeSet::new();
    let mut after = None;
    loop {
        let query = VisitQuery { limit: 200, after, ..VisitQuery::default() };
        let page = client.visits(&query).expect("visits are listed");
        for visit in page.items {
            assert!(visit.state.submitted_at.is_some(), "{} is half a visit", visit.id);
            assert!(ids.insert(visit.id), "{} is listed twice", visit.id);
        }
        after = page.next;
        if after.is_none() {
            return ids;
        }
    }
}

/// Changes that still wait on the phone.
pub fn waiting(client: &Client) -> u64 {
    let pending = client.pending().expect("the outbox is read");
    pending.saved + pending.sent
}

/// A complete phone visit that began twenty minutes ago.
pub fn complete_visit(client: &Client, customer: DocId) -> anyhow::Result<DocId> {
    let now = client_core::engine::Clock::now(&client_core::engine::SystemClock::default());
    let mut visit = NewVisit::at(customer, VisitMode::Phone);
    visit.started_at = Some(now.plus_millis(-20 * 60_000));
    visit.outcome = Some(Outcome::Progress);
    visit.result = Some("talked about the trial".into());
    visit.next_step = Some(NextStep::Do { what: "send the quote".into(), due: None, who: None });
    visit.submit = true;
    Ok(client.log_visit(visit)?)
}
