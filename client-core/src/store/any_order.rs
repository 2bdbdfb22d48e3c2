//! The permutation property on the phone: the same pages in any order, any of them
//! any number of times, leave the same documents and the same rows.

use proptest::prelude::*;
use serde_bytes::ByteBuf;

use super::*;
use crate::docs::samples::device;
use crate::docs::scribble::scribble;
use crate::docs::{DocKind, Document, Generation, Header, Heads};
use crate::guard::{Limits, ScreenedChange};
use crate::id::{ActorId, DeviceId, DocId, OrgId, ReplicaId, UserId};
use crate::protocol::{FeedEntry, Scope, SyncResponse};
use crate::sync::Manifest;
use crate::time::Timestamp;

const ME: UserId = UserId::from_bytes([2; 16]);
const KINDS: [DocKind; 5] =
    [DocKind::Customer, DocKind::Visit, DocKind::Deal, DocKind::Plan, DocKind::Case];

fn header(kind: usize) -> Header {
    Header {
        doc: DocId::from_bytes([kind as u8 + 1; 16]),
        kind: KINDS[kind],
        org: OrgId::from_bytes([1; 16]),
        author: ME,
        customer: KINDS[kind].has_customer().then(|| DocId::from_bytes([1; 16])),
        generation: Generation::default(),
    }
}

/// What two devices wrote into one document of each kind, each of them seeing some of
/// what the other did.
#[derive(Debug, Clone)]
struct Edit {
    kind: usize,
    device: usize,
    what: u8,
    value: u8,
    merges: bool,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = (0..5_usize, 0..2_usize, any::<u8>(), 0..32_u8, any::<bool>());
    let edit = edit.prop_map(|(kind, device, what, value, merges)| Edit {
        kind,
        device,
        what,
        value,
        merges,
    });
    proptest::collection::vec(edit, 4..32)
}

fn merge(into: &mut Document, from: &Document) {
    for change in from.changes_since(&into.heads()) {
        into.apply(&ScreenedChange::screen(&change.bytes, &Limits::default()).unwrap()).unwrap();
    }
}

/// The documents in the end, and the entries of the feed that bring them: each
/// document whole as it was at first, then a change at a time.
fn written(edits: &[Edit]) -> (Vec<Document>, Vec<FeedEntry>) {
    let mut devices: Vec<Vec<Document>> =
        vec![(0..KINDS.len()).map(|kind| Document::create(header(kind))).collect(); 2];
    for Edit { kind, device: number, what, value, merges } in edits {
        if *merges {
            let from = devices[1 - number][*kind].clone();
            merge(&mut devices[*number][*kind], &from);
        }
        let context = device(*number as u8 + 10, i64::from(*value));
        scribble(&mut devices[*number][*kind], &context, *what, *value);
    }
    let mut feed = Vec::new();
    let mut documents = Vec::new();
    for (kind, (one, other)) in devices[0].iter().zip(&devices[1]).enumerate() {
        let mut whole = one.clone();
        merge(&mut whole, other);
        let changes = whole.changes_since(&Heads::default());
        let mut first = Document::create(header(kind));
        let (before, after) = changes.split_at(changes.len() / 3);
        for change in before {
            let change = ScreenedChange::screen(&change.bytes, &Limits::default()).unwrap();
            first.apply(&change).unwrap();
        }
        feed.push(FeedEntry::Enter {
            header: header(kind),
            scopes: vec![Scope::User(ME)],
            snapshot: ByteBuf::from(first.snapshot()),
        });
        feed.extend(after.iter().map(|change| FeedEntry::Changes {
            doc: header(kind).doc,
            changes: vec![ByteBuf::from(change.bytes.clone())],
        }));
        documents.push(whole);
    }
    (documents, feed)
}

fn deliver(pages: &[Vec<FeedEntry>]) -> Vec<(Heads, Heads, Vec<u8>)> {
    let dir = tempfile::tempdir().unwrap();
    let identity = Identity {
        org: OrgId::from_bytes([1; 16]),
        user: ME,
        device: DeviceId::from_bytes([3; 16]),
        actor: ActorId::from_bytes([4; 16]),
        replica: ReplicaId::from_bytes([5; 16]),
    };
    let store = Store::open(&dir.path().join("a.fieldsync"), &identity).unwrap();
    let now = Timestamp::from_millis(1_791_424_800_000);
    for feed in pages {
        let response = SyncResponse { feed: feed.clone(), ..tests::empty() };
        let (manifest, limits) = (Manifest::default(), Limits::default());
        let incoming =
            Incoming { me: ME, manifest: &manifest, response: &response, limits: &limits, now };
        store.write_again(|tx| apply(tx, &incoming)).unwrap();
    }
    let held = |kind: usize| {
        store.read(|conn| {
            let stored = document::load(conn, header(kind).doc)?.unwrap();
            let left: i64 = conn.query_row("select count(*) from orphan", [], |row| row.get(0))?;
            assert_eq!(left, 0, "something still waits");
            let table = projection::table(KINDS[kind]);
            let row: Vec<u8> = conn.query_row(
                &format!("select body from {table} where doc = ?1"),
                [header(kind).doc.as_bytes()],
                |row| row.get(0),
            )?;
            Ok::<_, StoreError>((stored.document.heads(), stored.acked.unwrap(), row))
        })
    };
    (0..KINDS.len()).map(|kind| held(kind).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_pages_in_any_order_and_any_number_give_the_same_documents_and_rows(
        edits in edits(),
        order in proptest::collection::vec((any::<u32>(), 1..3_usize, 1..4_usize), 64),
    ) {
        let (documents, feed) = written(&edits);
        let in_order = deliver(&feed.iter().map(|entry| vec![entry.clone()]).collect::<Vec<_>>());
        for (document, (heads, acked, _row)) in documents.iter().zip(&in_order) {
            prop_assert_eq!(&document.heads(), heads);
            prop_assert_eq!(acked, heads);
        }
        // Every entry at least once, some of them again, several on a page.
        let mut any: Vec<(u32, &FeedEntry)> = Vec::new();
        for (entry, (place, times, _)) in feed.iter().zip(order.iter().cycle()) {
            for again in 0..*times as u32 {
                any.push((place.wrapping_mul(again * 2 + 1), entry));
            }
        }
        any.sort_by_key(|(place, _)| *place);
        let mut pages: Vec<Vec<FeedEntry>> = Vec::new();
        let mut sizes = order.iter().map(|(_, _, size)| *size).cycle();
        let mut rest = any.as_slice();
        while !rest.is_empty() {
            let (page, later) = rest.split_at(sizes.next().unwrap().min(rest.len()));
            pages.push(page.iter().map(|(_, entry)| (*entry).clone()).collect());
            rest = later;
        }
        prop_assert_eq!(deliver(&pages), in_order);
    }
}
