use client_core::docs::case::{CaseKind, CaseState};
use client_core::id::DocId;
use client_core::projection::DocState;

use super::bench::{Room, TEAM, room};
use crate::import::ImportKind::{Cases, Customers, Team};
use crate::storage::model::ExternalKind;
use crate::storage::{Documents, Imports};

const FILE: &str = "key,customer,kind,subject,opened,replied,resolved,satisfied,survey,score,assigned\n\
     K1,Acme,complaint,Leak,2026-09-10 09:00,2026-09-10 11:30,2026-09-12,yes,csat,8,Anna Berg\n\
     K2,Acme,enquiry,Delivery,2026-09-11 10:00,,,,,,\n\
     K3,Acme,survey,,2026-09-30,,,,nps,10,\n";

async fn company() -> Room {
    let room = room().await;
    room.import(Team, TEAM).await;
    room.import(Customers, "name,owner\nAcme,Anna Berg\n").await;
    room
}

async fn case(room: &Room, key: &str) -> CaseState {
    let (storage, org) = (room.desk.app.storage(), room.desk.office.org());
    let keys = vec![key.to_owned()];
    let found = storage.external_keys(org, "csv", ExternalKind::Case, keys).await.unwrap();
    let row = storage.row(org, DocId::from_bytes(found[0].id)).await.unwrap().unwrap();
    match row.state {
        DocState::Case(case) => case.value,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn cases_keep_their_minutes_and_answers_and_the_same_file_changes_nothing() {
    let room = company().await;
    let report = room.import(Cases, FILE).await;
    assert_eq!((report.created, report.errors), (3, 0), "{report:?}");
    room.again(Cases, "", FILE).await;
    let leak = case(&room, "K1").await;
    assert_eq!(leak.kind, Some(CaseKind::Complaint));
    let waited = leak.first_reply_at.unwrap().millis() - leak.opened_at.unwrap().millis();
    assert_eq!(waited, 150 * 60_000, "two hours and a half");
    let answer = leak.surveys.values().next().unwrap();
    assert_eq!((answer.score, leak.satisfied), (Some(8), Some(true)));
    assert_eq!(answer.asked_on.unwrap().to_string(), "2026-09-10");
    assert_eq!(leak.assigned_to, Some(room.id("Anna Berg").await));
    let survey = case(&room, "K3").await;
    assert_eq!(survey.kind, Some(CaseKind::Survey));
    assert_eq!(survey.surveys.values().next().unwrap().score, Some(10));
}

#[tokio::test]
async fn a_later_file_resolves_a_case_and_leaves_what_a_person_wrote() {
    let room = company().await;
    room.import(Cases, FILE).await;
    let later = FILE.replace("2026-09-11 10:00,,,", "2026-09-11 10:00,,2026-09-12 08:00,");
    let report = room.import(Cases, &later).await;
    assert_eq!((report.changed, report.unchanged), (1, 2), "{report:?}");
    let open = case(&room, "K2").await;
    assert!(open.resolved_at.is_some() && open.first_reply_at.is_none());
    assert_eq!(open.subject.as_deref(), Some("Delivery"));
}

#[tokio::test]
async fn every_error_of_a_row_is_named_at_once_and_the_row_counts_once() {
    let room = company().await;
    let csv = "key,customer,kind,opened,replied,score,satisfied\n\
         K1,Nobody,quarrel,yesterday,2026-09-10 27:00,11,perhaps\n\
         K2,Acme,complaint,2026-09-10,,,\n";
    let report = room.import(Cases, csv).await;
    assert_eq!((report.created, report.errors), (1, 1), "{report:?}");
    let errors = room.errors().unwrap();
    for says in ["customer,Nobody", "kind,quarrel", "opened,yesterday", "replied", "score,11"] {
        assert!(errors.contains(&format!("2,{says}")), "{says}: {errors}");
    }
    assert!(errors.contains("2,satisfied,perhaps"), "{errors}");
}

#[tokio::test]
async fn a_case_that_may_not_mean_what_it_says_is_taken_and_listed() {
    let room = company().await;
    let csv = "key,customer,kind,opened,replied,resolved,satisfied,survey,score\n\
         K1,Acme,complaint,2026-09-10 09:00,2026-09-10 10:00,2026-09-11,yes,csat,8\n\
         K2,Acme,complaint,2026-09-10,,2026-09-12,,,\n\
         K3,Acme,complaint,2026-09-10,,,yes,,\n\
         K4,Acme,enquiry,2150-09-10,,,,,\n\
         K5,Acme,survey,2026-09-10,,,,nps,\n\
         K6,Acme,,2026-09-10,,,,,\n";
    let report = room.import(Cases, csv).await;
    assert_eq!((report.created, report.errors, report.doubtful), (6, 0, 5), "{report:?}");
    for says in [
        "line 3: column \"replied\"",
        "line 4: column \"satisfied\": satisfaction",
        "line 5: column \"opened\": this lies in the future",
        "line 6: column \"survey\"",
        "line 7: column \"kind\"",
    ] {
        assert!(report.doubts.iter().any(|doubt| doubt.contains(says)), "{says}: {report:?}");
    }
    assert!(report.words().contains("5 rows are in and look doubtful"), "{}", report.words());
}

#[tokio::test]
async fn what_no_case_can_be_is_named_with_its_line() {
    let room = company().await;
    let csv = "key,customer,kind,opened,replied,score\n\
         K1,Nobody,complaint,2026-09-10,,\n\
         K2,Acme,quarrel,2026-09-10,,\n\
         K3,Acme,complaint,2026-09-10 09:00,2026-09-10 08:00,\n\
         K4,Acme,survey,2026-09-10,,11\n\
         K5,Acme,complaint,2026-09-10 27:00,,\n\
         K6,Acme,complaint,2026-09-10,,\n";
    let report = room.import(Cases, csv).await;
    assert_eq!((report.created, report.errors), (1, 5), "{report:?}");
    let errors = room.errors().unwrap();
    for says in ["2,customer,Nobody", "3,kind,quarrel", "4,replied", "5,score,11", "6,opened"] {
        assert!(errors.contains(says), "{says}: {errors}");
    }
}
