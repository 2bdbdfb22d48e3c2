//! Every kind of entry that a feed has, told in its order, in pages of any size, each
//! page any number of times: the file is the same in the end. Entries that say that
//! something left, ended or is complete have an order, which the cursor keeps; what
//! has none is told in any order in `any_order`.

use proptest::prelude::*;
use rusqlite::types::Value;
use serde_bytes::ByteBuf;

use super::*;
use crate::docs::samples::device;
use crate::docs::scribble::scribble;
use crate::docs::{DocKind, Document, Generation, Header, Redaction};
use crate::guard::Limits;
use crate::id::{ActorId, DeviceId, DocId, OrgId, RecordId, ReplicaId, UserId};
use crate::protocol::{FeedEntry, LeaveReason, Scope, ScopeDigest, SyncResponse};
use crate::records::RecordKind;
use crate::sync::Manifest;
use crate::time::Timestamp;

const ME: UserId = UserId::from_bytes([2; 16]);
const MINE: Scope = Scope::User(ME);
const KINDS: [DocKind; 5] =
    [DocKind::Customer, DocKind::Visit, DocKind::Deal, DocKind::Plan, DocKind::Case];

#[derive(Debug, Clone, Copy)]
enum Event {
    Write { doc: usize, what: u8, value: u8 },
    Leave(usize),
    Enter(usize),
    Anew(usize),
    Record { kind: usize, value: u8 },
    Gone(usize),
    Complete,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let doc = 0..KINDS.len();
    let kind = 0..RecordKind::ALL.len();
    let event = prop_oneof![
        6 => (doc.clone(), any::<u8>(), 0..32_u8)
            .prop_map(|(doc, what, value)| Event::Write { doc, what, value }),
        1 => doc.clone().prop_map(Event::Leave),
        2 => doc.clone().prop_map(Event::Enter),
        1 => doc.prop_map(Event::Anew),
        4 => (kind.clone(), any::<u8>()).prop_map(|(kind, value)| Event::Record { kind, value }),
        1 => kind.prop_map(Event::Gone),
        1 => Just(Event::Complete),
    ];
    proptest::collection::vec(event, 4..48)
}

/// The server's side: what it holds, and what it has told.
struct Teller {
    docs: Vec<Document>,
    told: Vec<bool>,
    feed: Vec<FeedEntry>,
}

impl Teller {
    fn new() -> Self {
        let header = |kind: usize| Header {
            doc: DocId::from_bytes([kind as u8 + 1; 16]),
            kind: KINDS[kind],
            org: OrgId::from_bytes([1; 16]),
            author: ME,
            customer: KINDS[kind].has_customer().then(|| DocId::from_bytes([1; 16])),
            generation: Generation::default(),
        };
        let docs = (0..KINDS.len()).map(|kind| Document::create(header(kind))).collect();
        let mut teller = Self { docs, told: vec![false; KINDS.len()], feed: Vec::new() };
        (0..KINDS.len()).for_each(|doc| teller.take(Event::Enter(doc)));
        teller
    }

    fn take(&mut self, event: Event) {
        let version = self.feed.len() as u64 + 1;
        match event {
            Event::Write { doc, what, value } => {
                let context = device(10, version as i64);
                let written = scribble(&mut self.docs[doc], &context, what, value);
                let changes = written.map(|change| vec![ByteBuf::from(change.bytes)]);
                if let Some(changes) = changes.filter(|_written| self.told[doc]) {
                    let doc = self.docs[doc].header().doc;
                    self.feed.push(FeedEntry::Changes { doc, changes });
                }
            }
            Event::Leave(doc) if self.told[doc] => {
                self.told[doc] = false;
                let (doc, reason) = (self.docs[doc].header().doc, LeaveReason::Reassigned);
                self.feed.push(FeedEntry::Leave { doc, scope: MINE, reason });
            }
            Event::Enter(doc) if !self.told[doc] => {
                self.told[doc] = true;
                self.feed.push(FeedEntry::Enter {
                    header: *self.docs[doc].header(),
                    scopes: vec![MINE],
                    snapshot: ByteBuf::from(self.docs[doc].snapshot()),
                });
            }
            Event::Anew(doc) => {
                let generation = Generation(self.docs[doc].header().generation.0 + 1);
                let erased = Redaction::Customer(DocId::from_bytes([1; 16]));
                let context = device(version as u8 % 100 + 100, version as i64);
                let made = self.docs[doc].restart(generation, erased, &context).unwrap();
                self.docs[doc] = made.document;
                if self.told[doc] {
                    self.feed.push(FeedEntry::Reset {
                        doc: self.docs[doc].header().doc,
                        generation,
                        snapshot: ByteBuf::from(self.docs[doc].snapshot()),
                        header: Some(*self.docs[doc].header()),
                    });
                }
            }
            Event::Record { kind, value } => self.record(kind, version, vec![value; 3]),
            Event::Gone(kind) => self.record(kind, version, Vec::new()),
            Event::Complete => {
                let held = self.docs.iter().zip(&self.told).filter(|(_doc, told)| **told);
                let digest = held.fold(ScopeDigest::empty(MINE), |digest, (document, _told)| {
                    let header = document.header();
                    let term = ScopeDigest::term(header.doc, header.generation, &document.heads());
                    digest.plus(term)
                });
                self.feed.push(FeedEntry::Complete(digest));
            }
            Event::Leave(_) | Event::Enter(_) => {}
        }
    }

    fn record(&mut self, kind: usize, version: u64, body: Vec<u8>) {
        let id = RecordId::from_bytes([kind as u8 + 1; 16]);
        let (kind, body) = (RecordKind::ALL[kind], ByteBuf::from(body));
        self.feed.push(FeedEntry::Record { kind, id, version, body });
    }
}

/// Everything in the file that says what this phone knows, row by row.
fn known(store: &Store) -> Vec<Vec<Value>> {
    const TABLES: [&str; 13] = [
        "select id, kind, generation, heads, acked, leaving from doc order by id",
        "select doc, heads, body from customer order by doc",
        "select doc, heads, body from visit order by doc",
        "select doc, heads, body from deal order by doc",
        "select doc, heads, body from plan order by doc",
        "select doc, heads, body from case_row order by doc",
        "select doc, scope from membership order by doc, scope",
        "select kind, id, version, body from record order by kind, id",
        "select subject, owner, tier from holding order by subject",
        "select scope, server_count, server_sum, local_count, local_sum from scope",
        "select doc, hash, state from change order by hash",
        "select doc, hash from orphan order by doc, hash",
        "select doc from customer_search order by doc",
    ];
    let table = |conn: &Connection, sql: &str| -> Result<Vec<Vec<Value>>, StoreError> {
        let mut statement = conn.prepare(sql)?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect())?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    let read = store.read(|conn| {
        TABLES.iter().map(|sql| table(conn, sql)).collect::<Result<Vec<_>, StoreError>>()
    });
    read.unwrap().concat()
}

fn told<'a>(pages: impl Iterator<Item = &'a [FeedEntry]>) -> Vec<Vec<Value>> {
    let dir = tempfile::tempdir().unwrap();
    let identity = Identity {
        org: OrgId::from_bytes([1; 16]),
        user: ME,
        device: DeviceId::from_bytes([3; 16]),
        actor: ActorId::from_bytes([4; 16]),
        replica: ReplicaId::from_bytes([5; 16]),
    };
    let store = Store::open(&dir.path().join("a.fieldsync"), &identity).unwrap();
    for feed in pages {
        let response = SyncResponse { feed: feed.to_vec(), ..tests::empty() };
        let (manifest, limits) = (Manifest::default(), Limits::default());
        let now = Timestamp::from_millis(1_791_424_800_000);
        let incoming =
            Incoming { me: ME, manifest: &manifest, response: &response, limits: &limits, now };
        store.write_again(|tx| apply(tx, &incoming)).unwrap();
    }
    known(&store)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_feed_of_every_kind_in_pages_of_any_size_each_told_again_leaves_the_same_file(
        events in events(),
        sizes in proptest::collection::vec((1..6_usize, 1..4_usize), 64),
    ) {
        let mut teller = Teller::new();
        events.iter().chain([&Event::Complete]).for_each(|event| teller.take(*event));
        let once = told(teller.feed.chunks(1));
        let mut pages: Vec<&[FeedEntry]> = Vec::new();
        let mut sizes = sizes.iter().cycle();
        // Changes of a history that ended say nothing after its end, so a page that tells
        // of an end begins with it.
        let ends = |entry: &FeedEntry| matches!(entry, FeedEntry::Reset { .. });
        for part in teller.feed.chunk_by(|_, next| !ends(next)) {
            let mut rest = part;
            while !rest.is_empty() {
                let (size, times) = sizes.next().unwrap();
                let (page, later) = rest.split_at((*size).min(rest.len()));
                pages.extend(std::iter::repeat_n(page, *times));
                rest = later;
            }
        }
        prop_assert_eq!(told(pages.into_iter()), once);
    }
}
