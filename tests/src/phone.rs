//! Phones for stories: real engines with their own files.

use std::path::Path;

use client_core::docs::visit::{NextStep, Outcome, VisitMode};
use client_core::engine::{Client, Config, DeviceInfo, NewVisit};
use client_core::id::DocId;

/// Opens the engine that keeps its files in `dir`.
pub fn open(dir: &Path, server_url: &str) -> anyhow::Result<Client> {
    std::fs::create_dir_all(dir)?;
    let device = DeviceInfo {
        name: "test phone".into(),
        platform: "test".into(),
        app_version: "0.1.0".into(),
    };
    Ok(Client::open(Config::new(dir, server_url, device))?)
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
