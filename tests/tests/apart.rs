//! Where phone and server compute a card from different facts, each is named.

use client_core::engine::Comparison;
use client_core::period::Period;
use tempfile::TempDir;
use tests::evening::{Evening, day};

#[tokio::test(flavor = "multi_thread")]
async fn which_facts_each_side_lacks_is_named() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let month = Period::month_of(day());
    let phones = dir.path().join("another");
    let phone = evening.phone(&phones, "chen").await.unwrap();
    server::scoring::recompute_dirty(evening.server.app()).await.unwrap();
    phone.sync_once().await.unwrap();
    assert!(phone.facts_apart(month).await.unwrap().is_empty(), "the same facts on both sides");

    // A record that was lost on the phone, as by a damaged file.
    phone.close();
    let mut files = Vec::new();
    find(&phones, &mut files);
    assert_eq!(files.len(), 1, "{files:?}");
    let file = rusqlite::Connection::open(&files[0]).unwrap();
    let gone = file.execute("delete from record where kind = 'target'", []).unwrap();
    assert!(gone > 0);
    drop(file);
    let phone = evening.phone(&phones, "chen").await.unwrap();
    let official = phone.official_scorecard(month).unwrap().expect("the card is here");
    assert_eq!(official.comparison, Comparison::OtherFacts);
    let apart = phone.facts_apart(month).await.unwrap();
    assert_eq!((apart.only_here.len(), apart.different.len()), (0, 0), "{apart:?}");
    assert!(!apart.only_there.is_empty());
    assert!(apart.only_there.iter().all(|one| one.kind == "target"), "{apart:?}");
    evening.server.shutdown().await;
}

fn find(dir: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, found);
        } else if path.extension().is_some_and(|end| end == "fieldsync") {
            found.push(path);
        }
    }
}
