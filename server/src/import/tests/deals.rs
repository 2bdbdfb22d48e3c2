use client_core::docs::deal::DealOutcome;
use client_core::records::{Placement, Record, UserStatus};

use super::bench::{Room, TEAM, room};
use crate::import::ImportKind::{Customers, Deals, Products, Team};
use crate::office::PlaceCustomer;
use crate::storage::{Accounts, Documents, Records};

const FILE: &str = "key,owner,customer,product,stage,created,decided,amount\n\
     D1,Anna Berg,Acme,Pump,won,2016-10-20,2017-03-01,1054\n\
     D2,Clara Diaz,Acme,Pump,won,2016-11-02,2017-02-01,99.5\n\
     D3,Clara Diaz,Acme,Valve,lost,2016-12-01,2017-01-15,0\n\
     D4,Boris Novak,Beta,Pump,needs_confirmed,2017-05-01,,\n\
     D5,Anna Berg,Beta,Pump,needs_confirmed,2017-05-02,,\n\
     D6,Boris Novak,,Pump,initial_contact,,,\n\
     D7,Boris Novak,,Pump,needs_confirmed,2017-06-01,,\n";

async fn company() -> Room {
    let room = room().await;
    room.import(Team, TEAM).await;
    room.import(Products, "name,price\nPump,1000\n").await;
    room.import(Customers, "name\nAcme\nBeta\n").await;
    room
}

#[tokio::test]
async fn deals_keep_their_owner_and_elect_that_of_their_customer() {
    let room = company().await;
    let report = room.import(Deals, FILE).await;
    assert_eq!((report.created, report.errors), (7, 0), "{report:?}");
    assert_eq!(report.counts["customers_given_an_owner"], 2);
    assert_eq!(report.counts["placeholders_created"], 1);
    assert_eq!(report.counts["deals_under_placeholders"], 2);
    assert_eq!(report.counts["undated_deals"], 1);
    assert_eq!(report.unmapped_values["product"]["Valve"], 1);
    let (anna, clara) = (room.id("Anna Berg").await, room.id("Clara Diaz").await);
    let acme = room.held(room.customer("Acme").await).await.unwrap();
    assert_eq!((acme.owner, acme.collaborators.as_slice()), (clara, [anna].as_slice()));
    let beta = room.held(room.customer("Beta").await).await.unwrap();
    assert_eq!(beta.owner, anna, "a tie goes by name");
    let won = room.placement(room.deal("D1").await).await;
    assert_eq!(won.credit, Some(anna));
    assert_eq!(won.current().unwrap().owner, anna);
    let zone = room.desk.office.calendar().await.unwrap().zone;
    assert_eq!(zone.date(won.current().unwrap().from).to_string(), "2016-10-20");
    assert_eq!(zone.date(acme.from).to_string(), "2016-10-20", "the first day that is known");
    let log = room.desk.app.storage().log(room.desk.office.org(), room.deal("D1").await);
    assert_eq!(log.await.unwrap()[0].user, room.admin.id, "the log names who imported");
    room.again(Deals, "", FILE).await;
}

#[tokio::test]
async fn stages_are_dated_where_the_file_knows_the_day_and_only_there() {
    let room = company().await;
    room.import(Deals, FILE).await;
    let zone = room.desk.office.calendar().await.unwrap().zone;
    let history = |deal: &client_core::docs::deal::DealState| {
        let entries = deal.stage_history.values();
        let mut said: Vec<String> =
            entries.map(|one| format!("{} {}", zone.date(one.at), one.stage)).collect();
        said.sort();
        said
    };
    let won = room.deal_state("D1").await;
    assert_eq!(history(&won), ["2016-10-20 initial_contact", "2017-03-01 closed"]);
    assert_eq!(won.outcome, Some(DealOutcome::Won));
    assert_eq!(zone.date(won.decided_at.unwrap()).to_string(), "2017-03-01");
    assert_eq!(won.amount.unwrap().minor, 105_400);
    assert_eq!(won.products.values().next().unwrap().product.as_deref(), Some("Pump"));
    let lost = room.deal_state("D3").await;
    assert_eq!((lost.outcome.clone(), history(&lost).len()), (Some(DealOutcome::Lost), 1));
    let undated = room.deal_state("D6").await;
    assert_eq!(undated.stage.as_deref(), Some("initial_contact"));
    assert!(undated.stage_history.is_empty() && undated.created_at.is_none());
    let open = room.deal_state("D4").await;
    assert_eq!(open.stage.as_deref(), Some("needs_confirmed"));
}

#[tokio::test]
async fn a_later_file_wins_a_deal_hands_one_over_and_finds_ids_again() {
    let room = company().await;
    room.import(Deals, FILE).await;
    let (d4, d5) = (room.deal("D4").await, room.deal("D5").await);
    let newer = FILE
        .replace(
            "D4,Boris Novak,Beta,Pump,needs_confirmed,2017-05-01,,",
            "D4,Boris Novak,Beta,Pump,won,2017-05-01,2017-07-01,500",
        )
        .replace("D5,Anna Berg", "D5,Clara Diaz")
        .replace("D1,Anna Berg", "D1,Boris Novak")
        .replace("D7,Boris Novak,,", "D7,Boris Novak,Acme,");
    let report = room.import(Deals, &newer).await;
    assert_eq!((report.created, report.errors), (0, 0), "{report:?}");
    assert_eq!(report.changed, 3, "{report:?}");
    assert_eq!(report.skipped.values().sum::<u64>(), 1, "the customer of a deal stays");
    assert_eq!((room.deal("D4").await, room.deal("D5").await), (d4, d5));
    let boris = room.id("Boris Novak").await;
    let won = room.deal_state("D4").await;
    assert_eq!((won.outcome, won.stage.as_deref()), (Some(DealOutcome::Won), Some("closed")));
    assert_eq!(room.placement(d4).await.credit, Some(boris));
    let handed = room.placement(d5).await;
    assert_eq!(handed.spans.len(), 2, "an open deal changes hands now");
    let corrected = room.placement(room.deal("D1").await).await;
    assert_eq!((corrected.credit, corrected.spans.len()), (Some(boris), 1));
    let again = room.import(Deals, &newer).await;
    assert_eq!((again.created, again.changed, again.changes), (0, 0, 0), "{again:?}");
}

#[tokio::test]
async fn what_a_person_decided_is_not_put_back() {
    let room = company().await;
    let clara = room.id("Clara Diaz").await;
    let beta = room.customer("Beta").await;
    let given = PlaceCustomer {
        customer: beta,
        owner: clara,
        collaborators: Vec::new(),
        unit: None,
        tier: None,
        from: None,
    };
    room.desk.office.place_customer(given).await.unwrap();
    room.import(Deals, FILE).await;
    let held = room.held(beta).await.unwrap();
    assert_eq!((held.owner, held.collaborators.len()), (clara, 0), "chosen by a person");
    let hand = room.desk.office.hand(room.admin.id).await.unwrap();
    let d4 = room.deal("D4").await;
    let amount = client_core::money::Money::new(7, client_core::money::Currency::CNY);
    let edited = room.desk.office.edit_deal(&hand, d4, move |deal| deal.set_amount(Some(amount)));
    edited.await.unwrap();
    room.again(Deals, "", FILE).await;
    assert_eq!(room.deal_state("D4").await.amount, Some(amount));
}

#[tokio::test]
async fn a_rep_who_is_new_to_a_customer_joins_and_its_owner_stays() {
    let room = company().await;
    room.import(Deals, FILE).await;
    let more = "key,owner,customer,stage,created\n\
         E1,Boris Novak,Acme,needs_confirmed,2018-01-01\n\
         E2,Boris Novak,Acme,needs_confirmed,2018-01-01\n\
         E3,Boris Novak,Acme,needs_confirmed,2018-01-01\n";
    let report = room.import(Deals, more).await;
    assert_eq!(report.counts["customers_with_more_reps"], 1, "{report:?}");
    let held: Placement = room.held(room.customer("Acme").await).await.unwrap();
    assert_eq!(held.owner, room.id("Clara Diaz").await);
    assert_eq!(held.collaborators.len(), 2);
    room.again(Deals, "", more).await;
    room.again(Deals, "", FILE).await;
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_writes_nothing() {
    let room = company().await;
    let before = room.head().await;
    let devices = room.desk.app.storage().devices(room.desk.office.org()).await.unwrap().len();
    let dry = room.dry_run(Deals, FILE).await;
    assert_eq!(room.head().await, before);
    let after = room.desk.app.storage().devices(room.desk.office.org()).await.unwrap().len();
    assert_eq!(after, devices);
    let real = room.import(Deals, FILE).await;
    let told = |report: &crate::import::Report| {
        let counts = report.counts.clone();
        (report.rows, report.created, report.changed, report.unchanged, report.changes, counts)
    };
    assert_eq!(told(&dry), told(&real));
}

#[tokio::test]
async fn an_import_that_was_cut_off_is_completed_by_running_it_again() {
    let room = company().await;
    let half: String = FILE.lines().take(4).map(|line| format!("{line}\n")).collect();
    assert_eq!(room.import(Deals, &half).await.created, 3);
    let report = room.import(Deals, FILE).await;
    assert_eq!((report.created, report.unchanged), (4, 3), "{report:?}");
    room.again(Deals, "", FILE).await;
}

#[tokio::test]
async fn placeholders_are_named_as_the_mapping_says() {
    let room = company().await;
    let map = "[columns]\nkey = \"key\"\nowner = \"owner\"\nstage = \"stage\"\n\
               [deals]\nplaceholder = \"No account: {owner}\"";
    let csv = "key,owner,stage\nP1,Boris Novak,initial_contact\nP2,Boris Novak,initial_contact\n";
    let report = room.import_by(Deals, map, csv.as_bytes()).await;
    assert_eq!(report.counts["placeholders_created"], 1, "{report:?}");
    let doc = room.customer("No account: Boris Novak").await;
    assert_eq!(room.held(doc).await.unwrap().owner, room.id("Boris Novak").await);
    let record = Record::Placement(room.placement(doc).await);
    assert!(matches!(record, Record::Placement(_)));
}

#[tokio::test]
async fn what_a_rep_moved_stays_where_the_file_says_another_day_or_amount() {
    let room = company().await;
    let file = "key,owner,customer,product,stage,created,decided,amount\n\
         D1,Anna Berg,Acme,Pump,needs_confirmed,2017-05-01,2017-09-01,10\n\
         D2,Anna Berg,Acme,Pump,needs_confirmed,2017-05-01,,10\n";
    room.import(Deals, file).await;
    let hand = room.desk.office.hand(room.admin.id).await.unwrap();
    let (now, d1, d2) = (room.desk.app.clock().now(), room.deal("D1").await, room.deal("D2").await);
    room.desk.office.edit_deal(&hand, d1, move |deal| deal.win(now)).await.unwrap();
    let chosen = "2027-01-31".parse().unwrap();
    let edited = room.desk.office.edit_deal(&hand, d2, move |deal| {
        deal.set_name(Some("Two pumps"))?;
        deal.set_expected_close(Some(chosen))
    });
    edited.await.unwrap();
    let newer = file
        .replace("2017-05-01,2017-09-01,10", "2017-05-02,2017-09-09,20")
        .replace("Pump,needs_confirmed,2017-05-01,,", "Valve,proposal,2017-05-01,,");
    let report = room.import(Deals, &newer).await;
    assert_eq!((report.changed, report.errors), (2, 0), "{report:?}");
    let won = room.deal_state("D1").await;
    assert_eq!((won.outcome, won.decided_at), (Some(DealOutcome::Won), Some(now)));
    assert_eq!(won.amount.unwrap().minor, 2_000);
    let open = room.deal_state("D2").await;
    assert_eq!(open.stage.as_deref(), Some("proposal"));
    assert_eq!(open.name.as_deref(), Some("Two pumps"));
    assert_eq!(open.expected_close, Some(chosen));
    room.again(Deals, "", &newer).await;
}

#[tokio::test]
async fn customers_with_keys_get_an_owner_from_deals_that_name_them() {
    let room = room().await;
    room.import(Team, TEAM).await;
    room.import(Customers, "key,name\nC1,Acme\nC2,Beta\n").await;
    let map = "source = \"erp\"\n[columns]\nname = \"n\"";
    room.import_by(Customers, map, b"n,x\nGamma,1\n").await;
    let deals = "key,owner,customer,stage\n\
         D1,Anna Berg,Acme,won\nD2,Boris Novak,C2,won\nD3,Clara Diaz,Gamma,won\n";
    let report = room.import(Deals, deals).await;
    assert_eq!(report.counts["customers_given_an_owner"], 3, "{report:?}");
    for (customer, rep) in [("Acme", "Anna Berg"), ("Beta", "Boris Novak"), ("Gamma", "Clara Diaz")]
    {
        let held = room.held(room.customer(customer).await).await.unwrap();
        assert_eq!(held.owner, room.id(rep).await, "{customer}");
    }
    room.again(Deals, "", deals).await;
}

#[tokio::test]
async fn a_deal_of_somebody_who_left_is_no_error_in_the_next_file() {
    let room = company().await;
    room.import(Deals, FILE).await;
    let mut clara = room.person("Clara Diaz").await;
    clara.status = UserStatus::Disabled;
    let (storage, now) = (room.desk.app.storage(), room.desk.app.clock().now());
    storage.write_records(room.desk.office.org(), vec![Record::User(clara)], now).await.unwrap();
    let report = room.import(Deals, FILE).await;
    assert_eq!((report.errors, report.changes, report.unchanged), (0, 0, 7), "{report:?}");
    let report = room.import(Deals, &FILE.replace("99.5", "100")).await;
    assert_eq!((report.errors, report.changed), (0, 1), "{report:?}");
    let report = room.import(Deals, &FILE.replace("D1,Anna Berg", "D1,Clara Diaz")).await;
    assert_eq!(report.errors, 1, "she gets nothing more: {report:?}");
}

#[tokio::test]
async fn all_that_is_wrong_with_a_deal_is_named_at_once() {
    let room = company().await;
    let csv = "key,owner,stage,created,decided,amount,quantity,grade,source\n\
         D1,Nobody,nowhere,soon,2017-03-01,much,few,z,rumour\n\
         D2,Anna Berg,won,2017-03-02,2017-03-01,x1,,,\n";
    let report = room.import(Deals, csv).await;
    assert_eq!(report.created, 0, "{report:?}");
    let errors = room.errors().unwrap();
    let first = ["owner,Nobody", "stage,nowhere", "created,soon", "amount,much", "quantity,few"];
    let more = ["grade,z", "source,rumour"];
    for says in first.iter().chain(&more).map(|says| format!("2,{says}")) {
        assert!(errors.contains(&says), "{says}: {errors}");
    }
    for says in ["3,decided,2017-03-01", "3,amount,x1"] {
        assert!(errors.contains(says), "{says}: {errors}");
    }
}
