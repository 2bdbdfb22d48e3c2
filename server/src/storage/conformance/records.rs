use client_core::id::{DocId, OrgId, RecordId};
use client_core::money::{Currency, Money};
use client_core::records::{Confirms, PaymentRecord, Record, RecordKind, UnitKind, UnitRecord};
use client_core::time::Date;

use super::Bench;
use super::bench::{NOW, org};
use crate::storage::{Storage, StorageError};

pub(super) async fn an_org_is_made_once(bench: &Bench<'_, impl Storage>) {
    let again = bench.storage.create_org(org(1), NOW).await;
    assert!(matches!(again, Err(StorageError::Exists { .. })));
    assert_eq!(bench.storage.orgs().await.unwrap().len(), 1);
    bench.storage.probe().await.unwrap();
}

pub(super) async fn a_record_gets_a_version_and_the_same_body_keeps_it(
    bench: &Bench<'_, impl Storage>,
) {
    let unit = |name: &str| {
        Record::Unit(UnitRecord {
            id: bench.unit,
            name: name.to_owned(),
            kind: UnitKind::Region,
            parent: None,
        })
    };
    let write = async |name: &str| {
        bench.storage.write_records(bench.org, vec![unit(name)], NOW).await.unwrap()[0]
    };
    let first = write("South").await;
    assert_eq!(write("South").await, first, "nothing was said");
    let second = write("East").await;
    assert!(second > first);
    let id = RecordId::from_bytes(*bench.unit.as_bytes());
    let row = bench.storage.record(bench.org, RecordKind::Unit, id).await.unwrap().unwrap();
    assert_eq!((row.version, row.decode().unwrap()), (second, unit("East")));
}

pub(super) async fn records_of_another_org_are_not_there(bench: &Bench<'_, impl Storage>) {
    bench.storage.create_org(org(2), NOW).await.unwrap();
    let (ours, theirs) = (bench.org, OrgId::from_bytes([2; 16]));
    let their_unit = RecordId::from_bytes([2; 16]);
    let found = bench.storage.record(ours, RecordKind::Unit, their_unit).await.unwrap();
    assert_eq!(found, None);
    assert_eq!(bench.storage.records(theirs, RecordKind::Unit).await.unwrap().len(), 1);
}

pub(super) async fn books_that_were_there_before_are_noted_once(bench: &Bench<'_, impl Storage>) {
    let payment = |withdrawn_at| {
        Record::Payment(PaymentRecord {
            id: RecordId::from_bytes([40; 16]),
            customer: DocId::from_bytes([41; 16]),
            deal: None,
            contract: None,
            instalment: None,
            reverses: None,
            reference: None,
            received_on: Date::from_ymd(2026, 10, 8).unwrap(),
            amount: Money::new(100, Currency::CNY),
            withdrawn_at,
        })
    };
    let write = async |record| {
        bench.storage.write_records(bench.org, vec![record], NOW).await.unwrap();
    };
    let settings = async || {
        let rows = bench.storage.records(bench.org, RecordKind::Org).await.unwrap();
        let Record::Org(settings) = rows[0].decode().unwrap() else { panic!("no settings") };
        (settings.confirms, rows[0].version)
    };
    // A payment, and settings as a program left them that noted nothing.
    let unnoted = org(1).records.remove(0);
    write(payment(Some(NOW))).await;
    bench.storage.note_confirms(bench.org, NOW).await.unwrap();
    assert_eq!(settings().await.0, Confirms::default(), "what was withdrawn confirms nothing");
    write(payment(None)).await;
    write(unnoted).await;
    assert_eq!(settings().await.0, Confirms::default());
    bench.storage.note_confirms(bench.org, NOW).await.unwrap();
    let noted = settings().await;
    assert_eq!(noted.0, Confirms { payments: true, ..Confirms::default() });
    bench.storage.note_confirms(bench.org, NOW).await.unwrap();
    assert_eq!(settings().await, noted, "and says nothing new the next time");
}
