//! An appraisal goes through every hand on its page, with the score frozen, and the rep
//! reads how far it is and disputes it on a phone without signal.

use client_core::engine::Client;
use client_core::period::Period;
use client_core::records::{AppraisalState, Role};
use reqwest::StatusCode;
use server::office::{CreateUser, Office, PasswordChoice};
use server::storage::Records;
use tempfile::TempDir;
use tests::evening::{Evening, PASSWORD, day};
use tests::reader::Reader;

async fn hire_supervisor(evening: &Evening) {
    let app = evening.server.app();
    let org = app.storage().orgs().await.unwrap()[0].id;
    let office = Office::of(app.clone(), org);
    let unit = office.units().await.unwrap().into_values().find(|unit| unit.parent.is_some());
    let wanted = CreateUser {
        login: "wu".into(),
        name: "吴静".into(),
        role: Role::Supervisor,
        units: vec![unit.expect("the region").id],
        hired_on: None,
        locale: Some("en".into()),
        password: PasswordChoice::Given(PASSWORD.into()),
    };
    office.create_user(wanted).await.unwrap();
}

fn stands(phone: &Client, evening: &Evening) -> AppraisalState {
    phone.appraisal(evening.chen, Period::month_of(day())).unwrap().appraisal.state
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appraisal_goes_from_hand_to_hand_and_the_rep_disputes_it_offline() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    hire_supervisor(&evening).await;
    let chen = Reader::signed_in(&evening, "chen").await;
    let wu = Reader::signed_in(&evening, "wu").await;
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let anna = Reader::signed_in(&evening, "anna").await;
    let path = format!("/appraisals/{}/2026-10", evening.chen);

    let list = zhou.page("/appraisals?period=2026-10").await;
    assert!(list.contains("Hand in") && list.contains("Anna Fischer"), "{list}");
    let own = chen.page("/appraisals?period=2026-10").await;
    assert!(!own.contains("Anna Fischer"), "a rep sees their own alone");
    assert_eq!(anna.get(&path).await.status(), StatusCode::NOT_FOUND);
    let page = wu.page(&path).await;
    assert!(page.contains("not frozen yet") && !page.contains("<textarea"), "{page}");

    let phone = evening.phone(&dir.path().join("another"), "chen").await.unwrap();
    assert_eq!(stands(&phone, &evening), AppraisalState::Draft);
    for (who, to, comment, rating, status) in [
        (&wu, "supervisor_scored", "too early", "", StatusCode::CONFLICT),
        (&chen, "nonsense", "?", "", StatusCode::BAD_REQUEST),
        (&chen, "self_submitted", " ", "", StatusCode::UNPROCESSABLE_ENTITY),
        (&chen, "self_submitted", "a <b>good</b> month", "5", StatusCode::SEE_OTHER),
        (&zhou, "manager_reviewed", "skips the supervisor", "", StatusCode::CONFLICT),
        (&wu, "draft", " ", "", StatusCode::UNPROCESSABLE_ENTITY),
        (&wu, "supervisor_scored", "helped Anna", "9", StatusCode::BAD_REQUEST),
        (&wu, "supervisor_scored", "helped Anna", "4", StatusCode::SEE_OTHER),
        (&chen, "manager_reviewed", "mine", "", StatusCode::FORBIDDEN),
        (&zhou, "manager_reviewed", "agreed", "", StatusCode::SEE_OTHER),
        (&zhou, "published", "", "", StatusCode::SEE_OTHER),
    ] {
        let fields = [("to", to), ("comment", comment), ("rating.teamwork", rating)];
        let answer = who.post(&path, &fields).await;
        assert_eq!(answer.status(), status, "{to}: {comment}");
    }
    let page = chen.page(&path).await;
    assert!(page.contains("Published") && page.contains("Teamwork 4"), "{page}");
    assert!(page.contains("a &#60;b&#62;good") || page.contains("a &lt;b&gt;good"), "escaped");
    assert!(zhou.page(&format!("{path}?lang=zh-CN")).await.contains("团队协作 4"));

    phone.sync_once().await.unwrap();
    let month = Period::month_of(day());
    let entry = phone.appraisal(evening.chen, month).unwrap();
    assert_eq!(entry.appraisal.state, AppraisalState::Published);
    assert_eq!(entry.steps, [AppraisalState::Disputed]);
    let frozen = entry.appraisal.frozen.expect("the score is frozen").total_centipoints;
    assert_eq!(entry.total.map(|total| total.0), frozen, "ratings weigh nothing by the preset");
    // Without signal: queued, and sent with the next sync.
    phone.dispute_appraisal(month, "the visit of Friday is missing").unwrap();
    assert_eq!(stands(&phone, &evening), AppraisalState::Published);
    let disputed = phone.my_appraisal(month).unwrap();
    assert_eq!((disputed.waiting, disputed.steps), (Some(AppraisalState::Disputed), vec![]));
    phone.sync_once().await.unwrap();
    phone.sync_once().await.unwrap();
    assert_eq!(stands(&phone, &evening), AppraisalState::Disputed);
    let page = zhou.page(&format!("{path}?lang=en")).await;
    assert!(page.contains("the visit of Friday is missing") && page.contains("Answer the dispute"));
    for (to, comment) in [("resolved", "it was another customer's"), ("closed", "")] {
        let answer = zhou.post(&path, &[("to", to), ("comment", comment)]).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{to}");
    }
    assert!(zhou.page(&path).await.contains("It is closed."));
    phone.sync_once().await.unwrap();
    assert_eq!(stands(&phone, &evening), AppraisalState::Closed);
    evening.server.shutdown().await;
}
