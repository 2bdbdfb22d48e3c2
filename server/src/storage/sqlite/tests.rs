//! What only this backend promises: whose file it opens, and how it finds rows.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use client_core::docs::ConflictLabel;
use client_core::id::{DocId, OrgId};
use client_core::protocol::Scope;
use rusqlite::Connection;

use super::{
    OpenError, SCHEMA_VERSION, SqliteStorage, business, conflicts, feed_backfill, histories, marks,
    noted, order_days, reports,
};
use crate::storage::StorageError;
use crate::storage::lists::Window;
use crate::storage::model::{ConflictAsk, Seq};
use crate::storage::onlooker::{Group, Moved, Onlooker};

#[test]
fn a_file_that_is_not_ours_or_newer_or_missing_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.db");
    let missing = SqliteStorage::open(&path).unwrap_err();
    assert!(matches!(missing, OpenError::Missing { .. }), "{missing}");
    assert!(missing.to_string().contains("init"), "{missing}");

    std::fs::write(&path, "dear diary, this is no database at all".repeat(100)).unwrap();
    assert!(matches!(SqliteStorage::open(&path).unwrap_err(), OpenError::NotOurs { .. }));
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("create table diary (page text)").unwrap();
    assert!(matches!(SqliteStorage::open(&path).unwrap_err(), OpenError::NotOurs { .. }));
    std::fs::remove_file(&path).unwrap();

    drop(SqliteStorage::create(&path).unwrap());
    assert!(matches!(SqliteStorage::create(&path).unwrap_err(), OpenError::Exists { .. }));
    drop(SqliteStorage::open(&path).unwrap());
    let file = Connection::open(&path).unwrap();
    file.pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    drop(file);
    let newer = SqliteStorage::open(&path).unwrap_err();
    assert!(matches!(newer, OpenError::Newer { .. }), "{newer}");
}

/// Queries that run at every sync must find their rows by index.
#[test]
fn the_feeds_queries_scan_no_table() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.db");
    drop(SqliteStorage::create(&path).unwrap());
    let file = Connection::open(&path).unwrap();
    for query in [
        "select seq from feed_scope where org = ?1 and scope = ?2 and seq > ?3 order by seq limit 9",
        "select scope, since_seq from member indexed by member_by_doc
         where org = ?1 and doc = ?2",
        "select first_seq, doc from member where org = ?1 and scope = ?2 and rank = ?3
           and first_seq < ?4 order by first_seq desc limit 9",
        "select bytes from change where org = ?1 and doc = ?2 and seq = ?3 order by place",
        "select hash from change where org = ?1 and doc = ?2 and generation = ?3 and actor = ?4
           and actor_seq = ?5",
        "select rank, id from record_scope where org = ?1 and scope = ?2 and (rank, id) > (?3, ?4)
           order by rank, id limit 9",
        feed_backfill::RECORDS_LEAVING,
        feed_backfill::DOCUMENTS_LEAVING,
        marks::SHOWN,
        marks::ALIKE,
        order_days::OF_DAYS,
        order_days::OF_DEAL,
    ] {
        let mut statement = file.prepare(&format!("explain query plan {query}")).unwrap();
        let plan: Vec<String> =
            statement.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>().unwrap();
        let plan = plan.join("\n");
        assert!(plan.contains("SEARCH"), "{query}\n{plan}");
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{query}\n{plan}");
        assert!(!plan.contains("(org=?)"), "it reads the whole org: {query}\n{plan}");
    }
}

/// What moved since somebody looked costs what came since, never what there is.
#[test]
fn what_moved_since_is_read_by_its_place_in_the_feed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.db");
    drop(SqliteStorage::create(&path).unwrap());
    let file = Connection::open(&path).unwrap();
    for query in [business::SINCE, business::OF_SCOPE] {
        let mut statement = file.prepare(&format!("explain query plan {query}")).unwrap();
        let plan: Vec<String> =
            statement.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>().unwrap();
        let plan = plan.join("\n");
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{query}\n{plan}");
        assert!(plan.contains("seq>?"), "it reads what was there before: {query}\n{plan}");
    }
}

/// Looked for every few seconds: histories that need no folding are not among what is read.
#[test]
fn histories_to_be_folded_are_found_without_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.db");
    drop(SqliteStorage::create(&path).unwrap());
    let file = Connection::open(&path).unwrap();
    let query = format!("explain query plan {}", histories::UNFOLDED);
    let plan: String = file.query_row(&query, [vec![1], vec![9]], |row| row.get(3)).unwrap();
    assert!(plan.contains("doc_to_fold"), "{plan}");
}

/// Ten years of conflicts must not be read to show a page of them, whoever asks.
#[test]
fn a_page_of_conflicts_is_read_in_its_order_from_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.db");
    drop(SqliteStorage::create(&path).unwrap());
    let file = Connection::open(&path).unwrap();
    let ask = |within: bool, doc: bool| ConflictAsk {
        label: ConflictLabel::Conflict,
        within: within.then(|| vec![Scope::Org]),
        doc: doc.then(|| DocId::from_bytes([1; 16])),
        kind: None,
        window: Window { limit: 9, offset: 0 },
    };
    for (within, doc) in [(false, false), (true, false), (true, true)] {
        let (query, _) = conflicts::wanted(OrgId::from_bytes([1; 16]), &ask(within, doc));
        let query = format!("explain query plan {query}{}", conflicts::ORDER);
        let mut statement = file.prepare(&query).unwrap();
        let plan: Vec<String> =
            statement.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>().unwrap();
        let plan = plan.join("\n");
        assert!(!plan.contains("SCAN"), "{query}\n{plan}");
        let sorted = plan.contains("TEMP B-TREE");
        assert!(doc || !sorted, "what one document has may be sorted: {query}\n{plan}");
        let found = if doc { "(org=? AND doc=?)" } else { "(org=? AND label=?)" };
        assert!(plan.contains(found), "{query}\n{plan}");
    }
}

/// A report must not read the deals of ten years to show a month's.
#[test]
fn reports_find_deals_by_their_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.db");
    drop(SqliteStorage::create(&path).unwrap());
    let file = Connection::open(&path).unwrap();
    for found in [reports::DECIDED, reports::OPEN, reports::UNDECIDED, reports::DECIDED_SINCE] {
        let query = format!("explain query plan select r.body, p.body {found}");
        let mut statement = file.prepare(&query).unwrap();
        let plan: Vec<String> =
            statement.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>().unwrap();
        let plan = plan.join("\n");
        let by_time =
            plan.contains("(org=? AND decided_at") || plan.contains("(org=? AND created_at");
        assert!(by_time && !plan.contains("SCAN"), "{found}\n{plan}");
    }
}

#[derive(Default)]
struct Heard(Mutex<Vec<Moved>>);

impl Onlooker for Heard {
    fn committed(&self, moved: Vec<Moved>) {
        self.0.lock().unwrap().extend(moved);
    }

    fn group(&self, _group: Group) {}
}

/// Nobody is woken for what was taken back.
#[tokio::test]
async fn an_onlooker_hears_what_was_committed_and_nothing_that_was_rolled_back() {
    let dir = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::create(&dir.path().join("data.db")).unwrap();
    let heard = Arc::new(Heard::default());
    storage.tell(Arc::clone(&heard) as Arc<dyn Onlooker>);
    let row = |seq| Moved::Feed {
        org: OrgId::from_bytes([1; 16]),
        seq: Seq(seq),
        scopes: BTreeSet::new(),
        origin: None,
    };
    let (first, failed, last) = (row(1), row(2), row(3));
    let write = async |moved: Moved, fails: bool| {
        let job = move |_connection: &Connection| {
            noted::note(moved);
            if fails { Err(StorageError::Missing { what: "a thing" }) } else { Ok(()) }
        };
        storage.write(job).await
    };
    let kept = [write(first.clone(), false).await, write(failed, true).await];
    assert!(kept[0].is_ok() && kept[1].is_err());
    write(last.clone(), false).await.unwrap();
    assert_eq!(*heard.0.lock().unwrap(), [first, last]);
}
