//! A view that is handed in freezes the card with everything that is here by then.

use client_core::protocol::AssessSelf;
use client_core::records::AppraisalRecord;

use super::{DAY, HOUR, MORNING, Rep};
use crate::office::{AskError, By};

const MINUTE: i64 = 60_000;

/// The rep hands in October, as a page, `/v1` and a phone's command do.
async fn hands_in(rep: &Rep) -> Result<AppraisalRecord, AskError> {
    let office = &rep.desk.office;
    let person = office.user(rep.id).await.unwrap().expect("the rep is there");
    let registrar = office.registrar(By::Person(person)).await.unwrap();
    let ask = AssessSelf {
        period: "2026-10".parse().unwrap(),
        comment: "a good month".to_owned(),
        ratings: [("teamwork".to_owned(), 4)].into(),
        at: registrar.asked_at(),
    };
    registrar.assess_self(ask).await
}

#[tokio::test]
async fn a_view_freezes_the_card_that_knows_the_last_visit_wherever_it_is_handed_in() {
    let mut anna = Rep::hired().await;
    anna.target("2026-10", 4).await;
    let acme = anna.finds_customer(MORNING - DAY).await;
    anna.phones(acme, MORNING - 3 * HOUR).await;
    anna.recompute().await;
    let before = anna.card("2026-10").await.unwrap().record;

    anna.phones(acme, MORNING - 2 * HOUR).await;
    let frozen = hands_in(&anna).await.unwrap().frozen.expect("handing in freezes");
    let now = anna.card("2026-10").await.unwrap().record;
    assert_ne!(now.inputs_digest, before.inputs_digest);
    assert_eq!(frozen.inputs_digest, now.inputs_digest);
    assert_eq!(frozen.outcome_digest, now.outcome_digest);
    assert_eq!((before.total_centipoints, frozen.total_centipoints), (Some(2_500), Some(5_000)));
    assert!(anna.marks().await > 0, "the job, which may know less, looks again");
    assert_eq!(anna.recompute().await, 0, "and finds nothing new");
}

#[tokio::test]
async fn a_month_with_a_visit_minutes_ahead_is_handed_in_after_it() {
    let mut anna = Rep::hired().await;
    let acme = anna.finds_customer(MORNING - DAY).await;
    let now = anna.desk.app.clock().now().millis();
    anna.phones(acme, now + 3 * MINUTE).await;
    let early = hands_in(&anna).await;
    assert!(matches!(early, Err(AskError::NotYet { .. })), "{early:?}");
    anna.desk.clock.advance_ms(4 * MINUTE);
    assert!(hands_in(&anna).await.unwrap().frozen.is_some());
}
