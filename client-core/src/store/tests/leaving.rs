//! Records that went out of sight.

use super::*;
use crate::id::{RecordId, UnitId};
use crate::records::{Placement, PlacementRecord, Record, RecordKind};

fn placed(doc: u8) -> PlacementRecord {
    PlacementRecord {
        subject: DocId::from_bytes([doc; 16]),
        kind: DocKind::Customer,
        spans: vec![Placement {
            from: NOW,
            until: None,
            owner: ME,
            collaborators: Vec::new(),
            unit: UnitId::from_bytes([8; 16]),
            tier: None,
            left_with: None,
        }],
        credit: None,
    }
}

fn told(placement: &PlacementRecord, version: u64, here: bool) -> FeedEntry {
    let record = Record::Placement(placement.clone());
    let body = if here { record.encode() } else { Vec::new() };
    let (kind, id) = (RecordKind::Placement, record.id());
    FeedEntry::Record { kind, id, version, body: ByteBuf::from(body) }
}

fn holdings(fixture: &Fixture) -> i64 {
    let count = |conn: &Connection| {
        Ok::<_, StoreError>(conn.query_row("select count(*) from holding", [], |row| row.get(0))?)
    };
    fixture.store.read(count).unwrap()
}

#[test]
fn a_record_that_left_is_dropped_with_what_was_computed_from_it_and_may_come_back() {
    let fixture = Fixture::new();
    let placement = placed(7);
    let held = || {
        let id = RecordId::from_bytes([7; 16]);
        let read = |conn: &Connection| record::get(conn, RecordKind::Placement, id);
        fixture.store.read(read).unwrap().is_some()
    };
    fixture.feed(vec![told(&placement, 5, true)]);
    assert!(held() && holdings(&fixture) == 1);
    // One that overtook a newer version says nothing.
    fixture.feed(vec![told(&placement, 4, false)]);
    assert!(held());
    let applied = fixture.feed(vec![told(&placement, 6, false), told(&placed(8), 6, false)]);
    assert!(!held() && holdings(&fixture) == 0);
    assert!(applied.touched.records.contains(&RecordKind::Placement));
    assert_eq!((applied.purged, applied.faults), (1, 0), "one of them was never here");
    fixture.feed(vec![told(&placement, 5, true)]);
    assert!(held() && holdings(&fixture) == 1, "whoever sees it again is sent it again");
}
