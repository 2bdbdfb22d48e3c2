mod identity;

use rusqlite::Connection;
use serde_bytes::ByteBuf;

use super::*;
use crate::docs::{
    ConflictLabel, DocKind, Document, ERASED, EditContext, Generation, Header, Redaction,
};
use crate::guard::Limits;
use crate::id::{ActorId, DeviceId, DocId, OrgId, ReplicaId, UserId};
use crate::protocol::{
    ChangeResult, Cursor, FeedEntry, GroupResult, LeaveReason, RejectCode, Scope, ScopeDigest,
    SyncResponse,
};
use crate::sync::{Manifest, Outgoing};
use crate::time::Timestamp;

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_791_424_800_000);
pub(super) const ME: UserId = UserId::from_bytes([2; 16]);

fn identity() -> Identity {
    Identity {
        org: OrgId::from_bytes([1; 16]),
        user: ME,
        device: DeviceId::from_bytes([3; 16]),
        actor: ActorId::from_bytes([4; 16]),
        replica: ReplicaId::from_bytes([5; 16]),
    }
}

pub(super) struct Fixture {
    pub(super) store: Store,
    dir: tempfile::TempDir,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("a.fieldsync"), &identity()).unwrap();
        Self { store, dir }
    }

    /// The app is closed and opened again.
    pub(super) fn reopened(self) -> Self {
        let Self { store, dir } = self;
        drop(store);
        let store = Store::open(&dir.path().join("a.fieldsync"), &identity()).unwrap();
        Self { store, dir }
    }

    /// Names a customer here, creating it if needed.
    pub(super) fn name(&self, doc: u8, name: &str) -> DocId {
        self.store.write(|tx| name_in(tx, doc, name)).unwrap()
    }

    pub(super) fn collect(&self) -> Outgoing {
        self.collect_at(NOW)
    }

    pub(super) fn collect_at(&self, now: Timestamp) -> Outgoing {
        let collected = self.store.write(|tx| {
            let outgoing = outbox::collect(tx, identity().replica, 1 << 20, now)?;
            outbox::mark_sent(tx, &outgoing.manifest, now)?;
            Ok::<_, StoreError>(outgoing)
        });
        collected.unwrap()
    }

    pub(super) fn take(&self, manifest: &Manifest, response: &SyncResponse) -> Applied {
        self.take_at(manifest, response, NOW)
    }

    pub(super) fn take_at(
        &self,
        manifest: &Manifest,
        response: &SyncResponse,
        now: Timestamp,
    ) -> Applied {
        let limits = Limits::default();
        let incoming = Incoming { me: ME, manifest, response, limits: &limits, now };
        self.store.write(|tx| apply(tx, &incoming)).unwrap()
    }

    pub(super) fn feed(&self, feed: Vec<FeedEntry>) -> Applied {
        self.take(&Manifest::default(), &SyncResponse { feed, ..empty() })
    }

    fn status(&self, doc: DocId) -> ItemStatus {
        self.store.read(|conn| outbox::status(conn, doc)).unwrap()
    }

    pub(super) fn shown(&self, doc: DocId) -> Option<String> {
        let entry = self.store.read(|conn| query::customer(conn, doc)).unwrap();
        entry.and_then(|entry| entry.state.name)
    }

    /// Every projection row, as text.
    fn rows(&self) -> Vec<String> {
        self.store
            .read(|conn| {
                let mut all = Vec::new();
                for (table, columns) in [
                    (
                        "customer",
                        "hex(doc)||hex(author)||sort_key||created_at||hex(heads)||hex(body)",
                    ),
                    ("customer_search", "hex(doc)||names||sounds||phones"),
                    ("customer_phone", "hex(doc)||e164"),
                ] {
                    let sql = format!("select {columns} from {table} order by 1");
                    let mut statement = conn.prepare(&sql)?;
                    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
                    all.extend(rows.collect::<Result<Vec<_>, _>>()?);
                }
                Ok(all)
            })
            .unwrap()
    }
}

fn header(doc: u8) -> Header {
    Header {
        doc: DocId::from_bytes([doc; 16]),
        kind: DocKind::Customer,
        org: identity().org,
        author: ME,
        customer: None,
        generation: Generation::default(),
    }
}

fn name_in(tx: &Transaction<'_>, doc: u8, name: &str) -> Result<DocId, StoreError> {
    let header = header(doc);
    let mut unit = Unit::begin(tx, Saving { actor: identity().actor, at: NOW })?;
    let stored = document::load(tx, header.doc)?;
    let mut document = stored.map_or_else(|| Document::create(header), |stored| stored.document);
    let change = document.edit_customer(&unit.edit_context(), |edit| edit.set_name(Some(name)));
    unit.put(&document, &change.unwrap().unwrap())?;
    Ok(header.doc)
}

/// The document as somebody else's phone and the server know it.
pub(super) fn elsewhere(doc: u8, notes: &str) -> Document {
    let mut document = Document::create(header(doc));
    let context = EditContext { actor: ActorId::from_bytes([9; 16]), at: NOW };
    document.edit_customer(&context, |edit| edit.set_notes(Some(notes))).unwrap();
    document
}

pub(super) fn enter(document: &Document) -> FeedEntry {
    FeedEntry::Enter {
        header: *document.header(),
        scopes: vec![Scope::User(ME)],
        snapshot: ByteBuf::from(document.snapshot()),
    }
}

fn leave(doc: u8) -> FeedEntry {
    FeedEntry::Leave {
        doc: DocId::from_bytes([doc; 16]),
        scope: Scope::User(ME),
        reason: LeaveReason::Reassigned,
    }
}

pub(super) fn empty() -> SyncResponse {
    SyncResponse {
        version: 1,
        server_time: NOW,
        results: Vec::new(),
        commands: Vec::new(),
        feed: Vec::new(),
        cursor: None,
        more: false,
        stamp: None,
        minimum_app: None,
        repair: None,
        pushed: None,
        receipt: None,
        hand_back: None,
    }
}

pub(super) fn results(outgoing: &Outgoing, result: &ChangeResult) -> SyncResponse {
    let results = outgoing.manifest.groups.iter().map(|(doc, changes)| GroupResult {
        doc: *doc,
        changes: vec![result.clone(); changes.len()],
    });
    SyncResponse { results: results.collect(), ..empty() }
}

#[test]
fn a_save_that_does_not_commit_never_happened() {
    let fixture = Fixture::new();
    let path = fixture.dir.path().join("a.fieldsync");
    {
        // A process that ends here has done everything but commit.
        let mut connection = Connection::open(&path).unwrap();
        let tx = connection.transaction().unwrap();
        name_in(&tx, 7, "Acme").unwrap();
    }
    assert_eq!(fixture.shown(DocId::from_bytes([7; 16])), None);
    assert_eq!(fixture.store.read(outbox::pending).unwrap(), Pending::default());

    let doc = fixture.name(7, "Acme");
    let again = Store::open(&path, &identity()).unwrap();
    assert_eq!(again.read(outbox::pending).unwrap().saved, 1);
    assert_eq!(again.read(|conn| outbox::status(conn, doc)).unwrap(), ItemStatus::Saved);
}

#[test]
fn a_save_waits_for_the_disk_whatever_was_written_before_it() {
    const FULL: i64 = 2;
    let fixture = Fixture::new();
    let waits = |tx: &Transaction<'_>| -> Result<i64, StoreError> {
        Ok(tx.pragma_query_value(None, "synchronous", |row| row.get(0))?)
    };
    assert_eq!(fixture.store.write(waits).unwrap(), FULL);
    // What the server can send again does not wait, and leaves nothing behind it that would
    // let the next save off.
    assert_ne!(fixture.store.write_again(waits).unwrap(), FULL);
    assert_eq!(fixture.store.write(waits).unwrap(), FULL);
}

#[test]
fn a_change_climbs_the_ladder_and_leaves_the_outbox_only_when_stored() {
    let fixture = Fixture::new();
    let doc = fixture.name(7, "Acme");
    fixture.name(7, "Acme AG");
    assert_eq!(fixture.status(doc), ItemStatus::Saved);
    let outgoing = fixture.collect();
    assert_eq!(outgoing.groups.len(), 1);
    assert_eq!(outgoing.groups[0].changes.len(), 2);
    assert_eq!(fixture.status(doc), ItemStatus::Sent);

    let repeated = fixture.collect();
    assert_eq!(repeated, outgoing, "an answer that never came changes nothing");
    let applied = fixture.take(&outgoing.manifest, &results(&outgoing, &ChangeResult::Stored));
    assert_eq!((applied.confirmed, applied.due), (2, false));
    assert_eq!(fixture.status(doc), ItemStatus::Stored);
    assert!(fixture.collect().groups.is_empty());
}

#[test]
fn what_the_server_refuses_is_kept_and_shown() {
    let fixture = Fixture::new();
    let doc = fixture.name(7, "Acme");
    let outgoing = fixture.collect();
    let refused = ChangeResult::Rejected { code: RejectCode::NotAllowed, detail: "no".into() };
    fixture.take(&outgoing.manifest, &results(&outgoing, &refused));
    let expected = ItemStatus::Rejected { code: "not_allowed".into(), reason: "no".into() };
    assert_eq!(fixture.status(doc), expected);
    assert_eq!(fixture.shown(doc).as_deref(), Some("Acme"), "nothing is reverted");
    assert_eq!(fixture.store.read(outbox::refused).unwrap().len(), 1);
    assert!(fixture.collect().groups.is_empty(), "and it is not sent again");
}

#[test]
fn unsent_edits_stay_on_top_of_what_the_server_sends() {
    let fixture = Fixture::new();
    let doc = fixture.name(7, "Acme");
    let server = elsewhere(7, "likes tea");
    let applied = fixture.feed(vec![enter(&server)]);
    assert_eq!((applied.pulled, applied.faults), (1, 0));
    let entry = fixture.store.read(|conn| query::customer(conn, doc)).unwrap().unwrap();
    assert_eq!(entry.state.name.as_deref(), Some("Acme"));
    assert_eq!(entry.state.notes.as_deref(), Some("likes tea"));
    assert_eq!(entry.status, ItemStatus::Saved);
}

#[test]
fn a_document_with_unsent_edits_is_purged_only_after_their_answer() {
    let fixture = Fixture::new();
    let server = elsewhere(7, "likes tea");
    fixture.feed(vec![enter(&server)]);
    let doc = fixture.name(7, "Acme");
    let outgoing = fixture.collect();
    fixture.feed(vec![leave(7)]);
    assert!(fixture.shown(doc).is_some(), "the edit has no answer yet");
    fixture.take(&outgoing.manifest, &results(&outgoing, &ChangeResult::Stored));
    assert_eq!(fixture.shown(doc), None);
    let next = fixture.collect();
    assert_eq!(next.purged, [doc], "the server hears of it");
    fixture.take(&next.manifest, &empty());
    assert!(fixture.collect().purged.is_empty());
}

#[test]
fn one_bad_document_never_blocks_the_page() {
    let fixture = Fixture::new();
    let good = elsewhere(8, "fine");
    let bad = FeedEntry::Enter {
        header: header(7),
        scopes: vec![Scope::User(ME)],
        snapshot: ByteBuf::from(b"rubbish".to_vec()),
    };
    let orphan = FeedEntry::Changes {
        doc: DocId::from_bytes([6; 16]),
        changes: vec![ByteBuf::from(b"rubbish".to_vec())],
    };
    let cursor = Cursor(ByteBuf::from(b"next".to_vec()));
    let response = SyncResponse {
        feed: vec![bad, orphan, enter(&good)],
        cursor: Some(cursor.clone()),
        ..empty()
    };
    let applied = fixture.take(&Manifest::default(), &response);
    assert_eq!((applied.pulled, applied.faults), (1, 2));
    assert_eq!(fixture.collect().cursor, Some(cursor));
}

/// Bytes on the flash went bad.
fn damage(fixture: &Fixture, doc: DocId) {
    let sql = "update doc set snapshot = x'00' where id = ?1";
    let damaged = fixture.store.write(|tx| Ok::<_, StoreError>(tx.execute(sql, [doc.as_bytes()])?));
    assert_eq!(damaged.unwrap(), 1);
}

#[test]
fn a_damaged_document_of_this_phone_never_blocks_the_answer() {
    let fixture = Fixture::new();
    let mut server = elsewhere(7, "likes tea");
    fixture.feed(vec![enter(&server)]);
    let doc = fixture.name(7, "Acme");
    let outgoing = fixture.collect();
    damage(&fixture, doc);
    let context = EditContext { actor: ActorId::from_bytes([9; 16]), at: NOW };
    let change = server.edit_customer(&context, |edit| edit.set_notes(Some("likes coffee")));
    let changes = vec![ByteBuf::from(change.unwrap().unwrap().bytes)];
    let response = SyncResponse {
        feed: vec![FeedEntry::Changes { doc, changes }, enter(&elsewhere(8, "fine"))],
        ..results(&outgoing, &ChangeResult::Stored)
    };
    let applied = fixture.take(&outgoing.manifest, &response);
    assert_eq!((applied.confirmed, applied.pulled, applied.faults), (1, 1, 1));
    assert!(fixture.collect().groups.is_empty(), "the server has it");
}

#[test]
fn a_damaged_document_is_healed_with_the_edits_that_were_not_sent() {
    let fixture = Fixture::new();
    let server = elsewhere(7, "likes tea");
    fixture.feed(vec![enter(&server)]);
    let doc = fixture.name(7, "Acme");
    damage(&fixture, doc);
    fixture.feed(vec![enter(&server)]);
    assert_eq!(fixture.shown(doc).as_deref(), Some("Acme"));
    fixture.name(7, "Acme AG");
    let outgoing = fixture.collect();
    assert_eq!(outgoing.manifest.changes(), 2, "and the next edit is numbered after them");
}

#[test]
fn what_builds_on_a_refused_change_does_not_wait_for_ever() {
    let fixture = Fixture::new();
    let doc = fixture.name(7, "Acme");
    let first = fixture.collect();
    let refused = ChangeResult::Rejected { code: RejectCode::TooLarge, detail: "no".into() };
    fixture.take(&first.manifest, &results(&first, &refused));
    fixture.name(7, "Acme AG");
    fixture.name(7, "Acme Inc");
    let second = fixture.collect();
    let (_, hashes) = &second.manifest.groups[0];
    let (_, lacking) = &first.manifest.groups[0];
    let mut answer = results(&second, &ChangeResult::Stored);
    answer.results[0].changes = vec![
        ChangeResult::MissingDeps(lacking.clone()),
        ChangeResult::MissingDeps(vec![hashes[0]]),
    ];
    let applied = fixture.take(&second.manifest, &answer);
    assert_eq!((applied.refused, applied.due), (2, false));
    assert!(fixture.collect().groups.is_empty());
    assert_eq!(fixture.store.read(outbox::refused).unwrap().len(), 3, "all are kept and shown");
    assert_eq!(fixture.shown(doc).as_deref(), Some("Acme Inc"));
}

#[test]
fn a_scope_that_is_complete_is_counted_by_what_the_server_confirmed() {
    let fixture = Fixture::new();
    let server = elsewhere(7, "likes tea");
    let scope = Scope::User(ME);
    let term = ScopeDigest::term(server.header().doc, Generation(0), &server.heads());
    let digest = ScopeDigest::empty(scope).plus(term);
    fixture.feed(vec![enter(&server), FeedEntry::Complete(digest)]);
    let tally = fixture.store.read(tally::all).unwrap();
    assert!(tally[0].matches, "{tally:?}");
    fixture.name(7, "Acme");
    fixture.feed(vec![FeedEntry::Complete(digest)]);
    assert!(fixture.store.read(tally::all).unwrap()[0].matches, "unsent edits do not count");
    fixture.feed(vec![FeedEntry::Complete(digest.plus(1))]);
    assert!(!fixture.store.read(tally::all).unwrap()[0].matches);
}

/// The document `old` at the beginning of the next generation, as the server starts it.
fn anew(old: &Document, redaction: Redaction) -> (Document, FeedEntry) {
    let generation = Generation(old.header().generation.0 + 1);
    let context = EditContext { actor: ActorId::from_bytes([8; 16]), at: NOW };
    let fresh = old.restart(generation, redaction, &context).unwrap().document;
    let snapshot = ByteBuf::from(fresh.snapshot());
    let header = *fresh.header();
    let entry = FeedEntry::Reset { doc: header.doc, generation, snapshot, header: Some(header) };
    (fresh, entry)
}

/// What waits is sent and comes too late for its history: the next one is told.
fn ended(fixture: &Fixture, reset: FeedEntry) -> Applied {
    let sent = fixture.collect();
    let over =
        ChangeResult::Rejected { code: RejectCode::OldGeneration, detail: "over".to_owned() };
    let response = SyncResponse { feed: vec![reset], ..results(&sent, &over) };
    fixture.take(&sent.manifest, &response)
}

/// Whether a text stands anywhere in the files of a store.
fn stands(fixture: &Fixture, text: &str) -> bool {
    std::fs::read_dir(fixture.dir.path()).unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[test]
fn unsent_edits_are_written_again_on_a_history_that_starts_anew() {
    let fixture = Fixture::new();
    let server = elsewhere(7, "likes tea");
    fixture.feed(vec![enter(&server)]);
    let doc = fixture.name(7, "Acme");
    let before = fixture.collect();
    let (_, reset) = anew(&server, Redaction::Nothing);
    let applied = ended(&fixture, reset);
    assert!(applied.forgot);
    assert_eq!(fixture.status(doc), ItemStatus::Saved);
    assert_eq!(fixture.shown(doc).as_deref(), Some("Acme"));
    let again = fixture.collect();
    assert_eq!(again.groups.len(), 1);
    assert_eq!(again.groups[0].header.generation, Generation(1));
    assert_ne!(again.manifest.groups[0].1, before.manifest.groups[0].1, "another change");
}

#[test]
fn a_change_that_the_server_refused_as_old_is_written_again_when_the_reset_comes() {
    let fixture = Fixture::new();
    let server = elsewhere(7, "likes tea");
    fixture.feed(vec![enter(&server)]);
    let doc = fixture.name(7, "Acme");
    let sent = fixture.collect();
    let refused =
        ChangeResult::Rejected { code: RejectCode::OldGeneration, detail: "over".to_owned() };
    let results = vec![GroupResult { doc, changes: vec![refused] }];
    fixture.take(&sent.manifest, &SyncResponse { results, ..empty() });
    assert!(matches!(fixture.status(doc), ItemStatus::Rejected { .. }));
    let (_, reset) = anew(&server, Redaction::Nothing);
    fixture.feed(vec![reset]);
    assert_eq!(fixture.status(doc), ItemStatus::Saved);
    assert_eq!(fixture.collect().groups.len(), 1);
}

/// Its text was erased before the phone heard that the server had taken it.
#[test]
fn a_new_history_waits_until_what_was_sent_to_the_former_one_has_its_answer() {
    let fixture = Fixture::new();
    fixture.feed(vec![enter(&elsewhere(7, "likes tea"))]);
    let doc = fixture.name(7, "Zhang Sole Trader");
    let sent = fixture.collect();
    let taken = fixture.store.read(|conn| document::load(conn, doc)).unwrap().unwrap().document;
    let (_, reset) = anew(&taken, Redaction::Customer(doc));
    let applied = fixture.feed(vec![reset.clone()]);
    assert!(applied.aside && applied.progressed && applied.due);
    assert_eq!(fixture.shown(doc).as_deref(), Some("Zhang Sole Trader"));
    let answered = results(&sent, &ChangeResult::Duplicate);
    let response = SyncResponse { feed: vec![reset], ..answered };
    let applied = fixture.take(&sent.manifest, &response);
    assert!(applied.forgot && !applied.aside);
    assert_eq!(fixture.shown(doc).as_deref(), Some(ERASED));
    assert_eq!(fixture.collect().manifest.changes(), 0, "it is not written again");
}

#[test]
fn what_was_erased_leaves_the_phone_with_what_was_written_to_it_unsent() {
    let fixture = Fixture::new();
    let mut server = Document::create(header(7));
    let context = EditContext { actor: ActorId::from_bytes([9; 16]), at: NOW };
    server
        .edit_customer(&context, |edit| {
            edit.set_name(Some("Zhang Sole Trader"))?;
            edit.set_notes(Some("secret illness"))?;
            edit.set_region(Some("east"))
        })
        .unwrap();
    fixture.feed(vec![enter(&server)]);
    let doc = fixture.name(7, "Zhang Wei Trader");
    let change = fixture.store.write(|tx| {
        let mut unit = Unit::begin(tx, Saving { actor: identity().actor, at: NOW })?;
        let mut document = document::load(tx, doc)?.unwrap().document;
        let change =
            document.edit_customer(&unit.edit_context(), |edit| edit.set_region(Some("west")));
        unit.put(&document, &change.unwrap().unwrap())
    });
    change.unwrap();
    fixture.store.checkpoint().unwrap();
    assert!(stands(&fixture, "secret illness") && stands(&fixture, "Zhang Wei"));
    let (_, reset) = anew(&server, Redaction::Customer(doc));
    ended(&fixture, reset);
    fixture.store.forget().unwrap();
    for text in ["secret illness", "Zhang", "zhang"] {
        assert!(!stands(&fixture, text), "{text}");
    }
    assert_eq!(fixture.shown(doc).as_deref(), Some(ERASED));
    let kept = fixture.store.read(outbox::refused).unwrap();
    let ItemStatus::SetAside { reason } = &kept[0].status else { panic!("{kept:?}") };
    assert!(reason.contains("about/name"), "the rep is told which field: {reason}");
    let entry = fixture.store.read(|conn| query::customer(conn, doc)).unwrap().unwrap();
    assert_eq!(entry.state.region.as_deref(), Some("west"), "the rest goes on");
    assert_eq!(fixture.collect().manifest.changes(), 1);
}

#[test]
fn what_two_wrote_at_once_is_listed_until_somebody_decides() {
    let fixture = Fixture::new();
    let base = elsewhere(7, "likes tea");
    fixture.feed(vec![enter(&base)]);
    let doc = fixture.name(7, "Acme");
    let mut theirs = base.clone();
    let context = EditContext { actor: ActorId::from_bytes([9; 16]), at: NOW.plus_millis(60_000) };
    let made = theirs.edit_customer(&context, |edit| {
        edit.set_name(Some("Acme AG"))?;
        edit.set_region(Some("north"))
    });
    let changes = vec![ByteBuf::from(made.unwrap().unwrap().bytes)];
    fixture.feed(vec![FeedEntry::Changes { doc, changes }]);
    let listed = |label| {
        let query = ConflictQuery { label, ..ConflictQuery::default() };
        fixture.store.read(|conn| conflict::page(conn, &query)).unwrap().items
    };
    let found = listed(ConflictLabel::Conflict);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].field.as_str(), found[0].customer), ("about/name", Some(doc)));
    let values: Vec<&str> =
        found[0].values.iter().map(|value| value.written.value.as_str()).collect();
    assert_eq!(values.len(), 2);
    assert!(values.contains(&"Acme") && values.contains(&"Acme AG"));
    let parallel = listed(ConflictLabel::ParallelUpdate);
    assert_eq!(parallel.len(), 1);
    assert_eq!(parallel[0].field, "about/region");
    let choice = found[0].values.iter().find(|value| value.written.value == "Acme").unwrap();
    let rows = |fixture: &Fixture| {
        let rows = fixture.store.read(|conn| {
            let mut statement =
                conn.prepare("select hex(body)||field||at from conflict order by 1")?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        });
        rows.unwrap()
    };
    let before = rows(&fixture);
    fixture.store.rebuild_projections().unwrap();
    assert_eq!(rows(&fixture), before, "rebuilt from the history");
    let decided = fixture.store.write(|tx| {
        let mut unit = Unit::begin(tx, Saving { actor: identity().actor, at: NOW })?;
        let mut document = document::load(tx, doc)?.unwrap().document;
        let change =
            document.settle_conflict(&unit.edit_context(), "about/name", choice.written.change);
        unit.put(&document, &change.unwrap().unwrap())
    });
    decided.unwrap();
    assert_eq!(fixture.shown(doc).as_deref(), Some("Acme"));
    assert_eq!(listed(ConflictLabel::Conflict), []);
    assert_eq!(listed(ConflictLabel::ParallelUpdate), [], "somebody wrote on top of both");
}

#[test]
fn rebuilt_rows_are_identical() {
    let fixture = Fixture::new();
    for (doc, name) in [(7, "华东机械"), (8, "Acme"), (9, "绿源科技")] {
        fixture.name(doc, name);
    }
    fixture.feed(vec![enter(&elsewhere(7, "likes tea"))]);
    let before = fixture.rows();
    assert!(before.len() >= 6);
    assert_eq!(fixture.store.rebuild_projections().unwrap(), 3);
    assert_eq!(fixture.rows(), before);
}

#[test]
fn another_users_file_is_refused() {
    let fixture = Fixture::new();
    let other = Identity { user: UserId::from_bytes([8; 16]), ..identity() };
    let refused = Store::open(&fixture.dir.path().join("a.fieldsync"), &other);
    assert!(matches!(refused, Err(OpenError::AnotherUser { .. })));
}

#[test]
fn queries_over_growing_tables_use_their_indexes_and_sort_nothing() {
    let fixture = Fixture::new();
    for sql in query::plans_to_check() {
        let plan: Vec<String> = fixture
            .store
            .read(|conn| {
                let mut statement = conn.prepare(&format!("explain query plan {sql}"))?;
                let mut rows = statement.raw_query();
                let mut plan = Vec::new();
                while let Some(row) = rows.next()? {
                    plan.push(row.get(3)?);
                }
                Ok(plan)
            })
            .unwrap();
        let plan = plan.join("; ");
        assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
        assert!(plan.contains("INDEX"), "{sql}: {plan}");
    }
}

mod decisions;
mod leaving;
mod waiting;
