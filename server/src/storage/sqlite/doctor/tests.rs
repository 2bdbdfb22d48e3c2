//! Each kind of damage is found, what the log can heal is healed, and what it cannot
//! heal is left alone.

use std::collections::BTreeSet;
use std::path::PathBuf;

use client_core::records::Role;
use rusqlite::Connection;

use super::*;
use crate::storage::doctor::Weight;
use crate::testing::World;

/// A small company that worked: a customer with two visits, a deal's worth of edits,
/// two phones.
async fn company() -> World {
    let world = World::new().await;
    world.person("root", Role::Admin, &["sales"]).await;
    let mut anna = world.rep("anna").await;
    let mut boris = world.rep("boris").await;
    for (phone, name) in [(&mut anna, "Acme"), (&mut boris, "Beta")] {
        let (customer, change) = phone.customer(&world, name);
        phone.push(customer, &change).await;
        for _ in 0..2 {
            let (header, change) = phone.visit(&world, customer.doc);
            phone.push(header, &change).await;
        }
        for name in ["Acme AG", "Acme SE"] {
            let (header, change) = phone.rename(&world, customer.doc, name);
            phone.push(header, &change).await;
        }
    }
    crate::scoring::recompute_dirty(&world.app).await.unwrap();
    world
}

fn file(world: &World) -> PathBuf {
    world.dir.path().join(crate::DATA_FILE)
}

fn damage(world: &World, sql: &str) {
    let connection = Connection::open(file(world)).unwrap();
    connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    assert!(connection.changes() > 0 || sql.starts_with("drop"), "{sql} changed nothing");
}

fn look(world: &World) -> BTreeSet<Trouble> {
    let report = examine(&file(world), world.now(), &mut |_| {}).unwrap();
    assert!(report.documents <= 6, "{report:?}");
    report.found.into_keys().collect()
}

fn heal(world: &World) {
    rebuild(&file(world), world.now(), &mut |_| {}).unwrap();
}

#[tokio::test]
async fn what_nobody_damaged_is_whole_and_a_rebuild_of_it_changes_nothing() {
    let world = company().await;
    let report = examine(&file(&world), world.now(), &mut |_| {}).unwrap();
    assert_eq!(report.found, [].into());
    assert_eq!((report.documents, report.changes), (6, 10));
    let everything = || -> Vec<Vec<u8>> {
        let connection = Connection::open(file(&world)).unwrap();
        let mut all = Vec::new();
        for query in [
            "select body from visit_row",
            "select snapshot from doc order by doc",
            "select digest from scope_digest order by scope",
            "select mark from feed order by seq",
        ] {
            let mut statement = connection.prepare(query).unwrap();
            let rows = statement.query_map([], |row| row.get(0)).unwrap();
            all.extend(rows.map(Result::unwrap));
        }
        all
    };
    let before = everything();
    heal(&world);
    assert_eq!(everything(), before);
    assert_eq!(look(&world), [].into());
}

/// Damage that the log heals: found as what it is, gone after a rebuild.
#[tokio::test]
async fn a_rebuild_heals_what_follows_from_the_log() {
    use Trouble::{
        AccessDiffers, DigestDiffers, DocumentDiffers, HoldingDiffers, MembershipDiffers,
        RecordUnread, RowDiffers, RowOrphaned,
    };
    let one = "(select doc from doc where kind = 'customer' order by doc limit 1)";
    let cases: &[(String, Trouble)] = &[
        (format!("update doc set heads = zeroblob(32) where doc = {one}"), DocumentDiffers),
        (format!("update doc set snapshot = zeroblob(100) where doc = {one}"), DocumentDiffers),
        (format!("update doc set snapshot = (select snapshot from doc where doc <> {one} and \
            kind = 'customer') where doc = {one}"), DocumentDiffers),
        ("update customer_row set name = 'Nobody'".into(), RowDiffers),
        ("update customer_row set find = ''".into(), RowDiffers),
        ("update visit_row set body = zeroblob(20)".into(), RowDiffers),
        ("delete from visit_row".into(), RowDiffers),
        ("insert into visit_row select org, zeroblob(16), author, customer, customer_name, mode, \
            outcome, started_at, ended_at, submitted_at, heads, body, received_at, verdict, reasons, \
            fact from visit_row limit 1".into(), RowOrphaned),
        ("update token set session = zeroblob(16) where kind = 'access'".into(), RowOrphaned),
        (format!("delete from member where doc = {one}"), MembershipDiffers),
        ("update member set scope = x'7500000000000000000000000000000000' where \
            substr(scope, 1, 1) = x'6e' and doc = \
            (select doc from doc where kind = 'visit' limit 1)".into(), MembershipDiffers),
        ("update holding set owner = zeroblob(16)".into(), HoldingDiffers),
        ("delete from holding".into(), HoldingDiffers),
        ("delete from record_scope where rank = (select min(rank) from record_scope)".into(),
            RecordUnread),
        ("update access set scopes = substr(scopes, 1, 1)".into(), AccessDiffers),
        ("update scope_digest set count = count + 1".into(), DigestDiffers),
        ("delete from scope_digest".into(), DigestDiffers),
    ];
    for (sql, trouble) in cases {
        let world = company().await;
        damage(&world, sql);
        let found = look(&world);
        assert!(found.contains(trouble), "{sql}: {found:?}");
        assert!(found.iter().all(|trouble| trouble.heals()), "{sql}: {found:?}");
        heal(&world);
        let left = look(&world);
        assert!(left.iter().all(|left| left.weight() == Weight::Note), "{sql}: {left:?}");
        // What cards say of rows that were made again comes back with the next scoring.
        crate::scoring::recompute_dirty(&world.app).await.unwrap();
        assert_eq!(look(&world), [].into(), "{sql}");
    }
}

/// Damage to the log itself: said, with a way out, and not made worse by a rebuild.
#[tokio::test]
async fn what_the_log_has_lost_is_said_and_a_rebuild_takes_nothing_away() {
    use Trouble::{ChangeDamaged, ChangeMissing, ChangeOrphaned, FeedGap, KeysMissing};
    let renamed = "(select doc from doc where kind = 'customer' order by doc limit 1)";
    let cases: &[(String, Trouble)] = &[
        (
            format!("update change set bytes = zeroblob(length(bytes)) where doc = {renamed}"),
            ChangeDamaged,
        ),
        (
            format!(
                "update change set hash = zeroblob(32) where doc = {renamed} and actor_seq = \
            (select max(actor_seq) from change where doc = {renamed})"
            ),
            ChangeDamaged,
        ),
        (
            format!(
                "delete from change where doc = {renamed} and seq = \
            (select min(seq) from change where doc = {renamed})"
            ),
            ChangeMissing,
        ),
        (
            format!(
                "delete from change where doc = {renamed} and seq = \
            (select max(seq) from change where doc = {renamed})"
            ),
            ChangeMissing,
        ),
        (format!("delete from doc where doc = {renamed}"), ChangeOrphaned),
        ("delete from feed where seq = (select max(seq) from feed)".into(), FeedGap),
        ("update org set secret = zeroblob(32)".into(), KeysMissing),
    ];
    for (sql, trouble) in cases {
        let world = company().await;
        damage(&world, sql);
        let found = look(&world);
        assert!(found.contains(trouble) && !trouble.heals(), "{sql}: {found:?}");
        assert!(!trouble.advice().is_empty());
        let snapshots = |world: &World| -> Vec<Vec<u8>> {
            let connection = Connection::open(file(world)).unwrap();
            let mut statement =
                connection.prepare("select snapshot from doc order by doc").unwrap();
            let found = statement.query_map([], |row| row.get(0)).unwrap();
            found.map(Result::unwrap).collect()
        };
        let before = snapshots(&world);
        heal(&world);
        assert_eq!(snapshots(&world), before, "{sql}");
        assert!(look(&world).contains(trouble), "{sql}: it cannot have been healed");
    }
}

#[tokio::test]
async fn a_damaged_file_is_said_and_stale_indexes_are_healed() {
    let world = company().await;
    let path = file(&world);
    let connection = Connection::open(&path).unwrap();
    let (root, sql): (i64, String) = connection
        .query_row(
            "select rootpage, sql from sqlite_schema where name = 'visit_by_time'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    connection
        .execute_batch(
            "pragma writable_schema = on;
             delete from sqlite_schema where name = 'visit_by_time';
             pragma writable_schema = reset;
             update visit_row set rowid = rowid + 1000;
             pragma writable_schema = on;",
        )
        .unwrap();
    connection
        .execute(
            "insert into sqlite_schema (type, name, tbl_name, rootpage, sql)
             values ('index', 'visit_by_time', 'visit_row', ?1, ?2)",
            rusqlite::params![root, sql],
        )
        .unwrap();
    connection.execute_batch("pragma writable_schema = reset").unwrap();
    drop(connection);
    assert!(look(&world).contains(&Trouble::FileDamaged));
    heal(&world);
    assert_eq!(look(&world), [].into());

    damage(&world, "drop index deal_by_author");
    assert_eq!(look(&world), [Trouble::SchemaDiffers].into());
    drop(world);
}

#[tokio::test]
async fn garbage_and_emptiness_are_told_apart_from_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.db");
    let now = Timestamp::default();
    let missing = examine(&path, now, &mut |_| {});
    assert!(matches!(missing, Err(DoctorError::Open(OpenError::Missing { .. }))));
    std::fs::write(&path, "dear diary, this is no database at all".repeat(100)).unwrap();
    let report = examine(&path, now, &mut |_| {}).unwrap();
    assert!(report.found.contains_key(&Trouble::NotADatabase), "{report:?}");
}

#[tokio::test]
async fn a_clock_that_went_back_and_an_org_without_an_administrator_are_warned_of() {
    let world = company().await;
    let early = world.now().plus_millis(-3_600_000);
    let report = examine(&file(&world), early, &mut |_| {}).unwrap();
    assert!(report.found.contains_key(&Trouble::ClockBehind), "{report:?}");
    assert_eq!(report.worst(), Some(Weight::Warning));
    let lonely = World::new().await;
    assert_eq!(look(&lonely), [Trouble::NobodyAdministers].into());
}
