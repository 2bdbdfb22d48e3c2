use client_core::docs::deal::{LeadGrade, LeadSource};

use super::bench::{TEAM, room};
use crate::import::ImportKind::{Customers, Deals, Leads, Team};

const FILE: &str = "key,owner,customer,name,source,grade,created,first_touch\n\
     L1,Anna Berg,Acme,Pumps,exhibition,A,2026-09-01,2026-09-01 15:00\n\
     L2,Anna Berg,,Valves,website,c,2026-09-02,\n";

#[tokio::test]
async fn leads_are_deals_that_nobody_qualified_and_become_deals_under_their_key() {
    let room = room().await;
    room.import(Team, TEAM).await;
    room.import(Customers, "name\nAcme\n").await;
    let report = room.import(Leads, FILE).await;
    assert_eq!((report.created, report.errors), (2, 0), "{report:?}");
    room.again(Leads, "", FILE).await;
    let lead = room.deal_state("L1").await;
    assert_eq!((lead.source, lead.grade), (Some(LeadSource::Exhibition), Some(LeadGrade::A)));
    assert_eq!(lead.stage, None, "the pipeline of the guides has no stage for leads");
    assert!(lead.stage_history.is_empty() && lead.outcome.is_none());
    let graded = lead.graded_at.unwrap();
    let zone = room.desk.office.calendar().await.unwrap().zone;
    assert_eq!(zone.date(graded).to_string(), "2026-09-01", "graded when it came, if nobody says");
    let touched = lead.first_touch_at.unwrap().millis() - lead.created_at.unwrap().millis();
    assert_eq!(touched, 15 * 3_600_000);
    let deals = "key,owner,customer,stage,created\nL1,Anna Berg,Acme,needs_confirmed,2026-09-01\n";
    let report = room.import(Deals, deals).await;
    assert_eq!((report.created, report.changed), (0, 1), "{report:?}");
    let deal = room.deal_state("L1").await;
    assert_eq!(deal.stage.as_deref(), Some("needs_confirmed"));
    assert_eq!(deal.source, Some(LeadSource::Exhibition), "what it was stays");
}

#[tokio::test]
async fn a_source_or_grade_that_is_none_is_refused_with_what_is_possible() {
    let room = room().await;
    room.import(Team, TEAM).await;
    let csv = "key,owner,source,grade\nL1,Anna Berg,fair,a\nL2,Anna Berg,website,d\n";
    let report = room.import(Leads, csv).await;
    assert_eq!((report.created, report.errors), (0, 2), "{report:?}");
    let errors = room.errors().unwrap();
    for says in ["2,source,fair", "exhibition, website", "3,grade,d", "a, b or c"] {
        assert!(errors.contains(says), "{says}: {errors}");
    }
    let map = "[values.source]\nfair = \"exhibition\"";
    let csv = "key,owner,source\nL1,Anna Berg,fair\n";
    // Columns of a written mapping are named; only values are mapped here.
    let map = format!("[columns]\nkey = \"key\"\nowner = \"owner\"\nsource = \"source\"\n{map}");
    let report = room.import_by(Leads, &map, csv.as_bytes()).await;
    assert_eq!((report.created, report.errors), (1, 0), "{report:?}");
}
