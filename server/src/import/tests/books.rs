use client_core::id::RecordId;
use client_core::records::{Confirms, ContractRecord, OrderRecord, Record, RecordKind};

use super::bench::{Room, TEAM, room};
use crate::import::ImportKind::{Contracts, Customers, Deals, Orders, Payments, Team};
use crate::import::Map;
use crate::storage::{Records, Scores};

const PAYMENTS: &str = "key,customer,received,amount,currency,reverses\n\
     P1,Acme,2026-09-10,1000.50,CNY,\n\
     P2,Acme,2026-09-20,-200,CNY,P1\n\
     P3,Beta,2026-09-21,300,CNY,\n";

async fn company() -> Room {
    let room = room().await;
    room.import(Team, TEAM).await;
    let customers = "name,owner,created\nAcme,Anna Berg,2020-01-01\nBeta,Boris Novak,2020-01-01\n";
    room.import(Customers, customers).await;
    room
}

fn ids(payments: &[client_core::records::PaymentRecord]) -> Vec<RecordId> {
    payments.iter().map(|payment| payment.id).collect()
}

#[tokio::test]
async fn payments_are_imported_once_and_corrected_by_what_the_file_corrects() {
    let room = company().await;
    let dry = room.dry_run(Payments, PAYMENTS).await;
    assert_eq!((dry.created, dry.errors), (3, 0), "{dry:?}");
    assert!(room.payments("Acme").await.is_empty(), "a dry run writes nothing");
    let report = room.import(Payments, PAYMENTS).await;
    assert_eq!((report.created, report.errors), (3, 0), "{report:?}");
    room.again(Payments, "", PAYMENTS).await;
    let acme = room.payments("Acme").await;
    assert_eq!(acme.iter().map(|one| one.amount.minor).collect::<Vec<_>>(), [100_050, -20_000]);
    assert_eq!(acme[1].reverses, Some(acme[0].id), "a refund names what it gives back");
    let report = room.import(Payments, &PAYMENTS.replace("300", "310")).await;
    assert_eq!((report.changed, report.unchanged), (1, 2), "{report:?}");
    assert_eq!(room.payments("Beta").await[0].amount.minor, 31_000);
    assert_eq!(ids(&room.payments("Acme").await), ids(&acme), "the ids stay");
}

#[tokio::test]
async fn what_the_office_corrected_stays_until_the_file_says_something_new() {
    let room = company().await;
    room.import(Payments, PAYMENTS).await;
    let mut payment = room.payments("Beta").await.remove(0);
    payment.received_on = "2026-09-25".parse().unwrap();
    let record = Record::Payment(payment);
    let (storage, org) = (room.desk.app.storage(), room.desk.office.org());
    let now = room.desk.app.clock().now();
    storage.write_records(org, vec![record], now).await.unwrap();
    room.again(Payments, "", PAYMENTS).await;
    room.import(Payments, &PAYMENTS.replace("300", "310")).await;
    let payment = room.payments("Beta").await.remove(0);
    assert_eq!(payment.received_on.to_string(), "2026-09-25");
    assert_eq!(payment.amount.minor, 31_000);
}

#[tokio::test]
async fn rows_that_cannot_be_taken_are_named_and_the_others_are_in() {
    let room = company().await;
    let csv = "key,customer,deal,received,amount,reverses\n\
         P1,Nobody,,2026-09-10,1,\n\
         P2,,,2026-09-10,1,\n\
         P3,Acme,D9,2026-09-10,1,\n\
         P4,Acme,,10.09.2026,1,\n\
         P5,Acme,,2026-09-10,1.234,\n\
         P6,Acme,,2026-09-10,5,P7\n\
         P7,Acme,,2026-09-10,5,\n\
         P8,Acme,,2026-09-11,5,P7\n\
         P9,Acme,,2026-09-11,0,\n";
    let report = room.import(Payments, csv).await;
    assert_eq!((report.created, report.errors), (1, 8), "{report:?}");
    let errors = room.errors().unwrap();
    for says in [
        "2,customer,Nobody,\"no customer is called so",
        "3,customer,,neither a customer nor a deal",
        "4,deal,D9,\"no deal has this key",
        "5,received,10.09.2026",
        "6,amount,1.234",
        "7,reverses,P7,no payment has this key",
        "9,amount,5,what gives a payment back",
        "10,amount,0,a payment of nothing",
    ] {
        assert!(errors.contains(says), "{says}: {errors}");
    }
    assert_eq!(room.payments("Acme").await.len(), 1);
}

#[tokio::test]
async fn a_payment_of_a_contract_names_the_instalment_that_was_due() {
    let room = company().await;
    let deals = "key,owner,customer,stage,created\nD1,Anna Berg,Acme,won,2026-08-01\n";
    room.import(Deals, deals).await;
    let csv = "key,deal,signed,amount,instalments,asked,approved\n\
         C1,D1,2026-09-01,10000,2026-11-01 4000; 2026-10-01 6000,2026-08-28,2026-08-30\n";
    let report = room.import(Contracts, csv).await;
    assert_eq!((report.created, report.errors), (1, 0), "{report:?}");
    room.again(Contracts, "", csv).await;
    let acme = room.customer("Acme").await;
    let contract: ContractRecord = match room.about(acme, RecordKind::Contract).await.remove(0) {
        Record::Contract(contract) => contract,
        other => panic!("{other:?}"),
    };
    assert_eq!(contract.deal, Some(room.deal("D1").await));
    let due: Vec<String> =
        contract.instalments.iter().map(|term| term.due_on.to_string()).collect();
    assert_eq!(due, ["2026-10-01", "2026-11-01"], "in order of the days");
    let csv = "key,contract,customer,received,amount,due\n\
         P1,C1,Acme,2026-10-02,6000,2026-10-01\nP2,C1,Acme,2026-10-02,1,2026-10-09\n";
    let report = room.import(Payments, csv).await;
    assert_eq!((report.created, report.errors), (1, 1), "{report:?}");
    let payment = room.payments("Acme").await.remove(0);
    assert_eq!(payment.contract, Some(contract.id));
    assert_eq!(payment.instalment, Some(contract.instalments[0].id));
    assert_eq!(payment.deal, contract.deal, "its contract's deal is its own");
    let wrong = "key,customer,signed,amount,instalments\n\
         C2,Acme,2026-09-01,1,soon\nC3,Acme,2026-09-01,1,2026-10-01 1; 2026-10-01 2\n";
    let report = room.import(Contracts, wrong).await;
    assert_eq!(report.errors, 2, "{report:?}");
}

#[tokio::test]
async fn an_order_is_paid_later_and_its_mapping_may_call_everything_otherwise() {
    let room = company().await;
    let map = "kind = \"orders\"\nsource = \"erp\"\n[columns]\nkey = \"SO\"\n\
        customer = \"Sold-to\"\nordered = \"Date\"\namount = \"Net\"\nproduct = \"Item\"\n\
        quantity = \"Qty\"\nmargin = \"GM\"\npaid = \"Cleared\"\n\
        [defaults]\ncurrency = \"EUR\"\n[format]\ndate = \"DD.MM.YYYY\"\ndecimal = \"comma\"\n";
    Map::parse(Orders, map).unwrap();
    let csv = "SO;Sold-to;Date;Net;Item;Qty;GM;Cleared\n\
         7001;Acme;08.09.2026;1.250,00;Pump;2;400,00;\n";
    let report = room.import_by(Orders, map, csv.as_bytes()).await;
    assert_eq!((report.created, report.errors), (1, 0), "{report:?}");
    room.again(Orders, map, csv).await;
    let later = csv.replace("400,00;", "400,00;30.09.2026");
    assert_eq!(room.import_by(Orders, map, later.as_bytes()).await.changed, 1);
    let acme = room.customer("Acme").await;
    let order: OrderRecord = match room.about(acme, RecordKind::Order).await.remove(0) {
        Record::Order(order) => order,
        other => panic!("{other:?}"),
    };
    assert_eq!(order.amount.to_string(), "EUR 1250.00");
    assert_eq!(order.paid_on.unwrap().to_string(), "2026-09-30");
    assert_eq!(order.lines[0].margin.unwrap().minor, 40_000);
    assert_eq!(order.reference.as_deref(), Some("7001"));
    // Every phone is told that orders are confirmed here, whosever they are.
    let confirms = room.desk.office.settings().await.unwrap().confirms;
    assert_eq!(confirms, Confirms { orders: true, ..Confirms::default() });
}

#[tokio::test]
async fn business_is_read_by_whoever_holds_the_customer_and_held_it_since() {
    let room = company().await;
    room.import(Payments, PAYMENTS).await;
    let (storage, org) = (room.desk.app.storage(), room.desk.office.org());
    let of = |name: &'static str| {
        let room = &room;
        async move {
            let rep = room.id(name).await;
            let kinds = vec![RecordKind::Payment];
            storage.records_for_rep(org, rep, kinds).await.unwrap().len()
        }
    };
    assert_eq!([of("Anna Berg").await, of("Boris Novak").await, of("Clara Diaz").await], [2, 1, 0]);
    let marked = storage.dirty(org, 100).await.unwrap();
    let anna = room.id("Anna Berg").await;
    assert!(marked.iter().any(|mark| mark.rep == anna), "the card is computed again");
    // Handed over after the payments, before the next one.
    room.import(Customers, "name,owner\nAcme,Clara Diaz\n").await;
    assert_eq!([of("Anna Berg").await, of("Clara Diaz").await], [2, 2], "history comes along");
    room.desk.clock.advance_ms(86_400_000);
    let next = "key,customer,received,amount\nP4,Acme,2026-10-09,7\n";
    room.import(Payments, next).await;
    assert_eq!([of("Anna Berg").await, of("Clara Diaz").await], [2, 3], "not what came after");
}
