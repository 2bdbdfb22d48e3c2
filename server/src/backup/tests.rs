use client_core::time::Timestamp;

use super::*;
use crate::lock::DataLock;
use crate::storage::Records;
use crate::storage::sqlite::SqliteStorage;
use crate::testing::World;

const NOW: Timestamp = Timestamp::from_millis(1_791_000_000_000);

async fn backed_up(world: &World) -> (tempfile::TempDir, PathBuf, Manifest) {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("evening.tar");
    std::fs::write(world.dir.path().join("cert.pem"), "a certificate").unwrap();
    std::fs::write(world.dir.path().join(LEDGER_FILE), "what was erased").unwrap();
    let made = backup(world.dir.path(), &file, NOW).unwrap();
    (out, file, made)
}

#[tokio::test]
async fn a_backup_comes_back_whole_and_as_another_life() {
    let world = World::new().await;
    let (out, file, made) = backed_up(&world).await;
    let names: Vec<&str> = made.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, [DATA_FILE, "cert.pem"], "the ledger of erasures stays where it is");
    let data = out.path().join("data");
    let restored = restore(&file, &data, false, || [7; 8], NOW).await.unwrap();
    assert_eq!(restored.manifest, made);
    assert_eq!(std::fs::read(data.join("cert.pem")).unwrap(), b"a certificate");
    let orgs = restored.storage.orgs().await.unwrap();
    let before = world.app.storage().orgs().await.unwrap();
    assert_eq!((orgs[0].epoch, orgs[0].secret), ([7; 8], before[0].secret));
    assert!(!data.join(LEDGER_FILE).exists());
}

#[tokio::test]
async fn data_that_is_there_is_never_replaced_unasked_and_never_removed() {
    let world = World::new().await;
    let (out, file, _made) = backed_up(&world).await;
    let data = out.path().join("data");
    drop(restore(&file, &data, false, || [7; 8], NOW).await.unwrap());
    let again = restore(&file, &data, false, || [8; 8], NOW).await;
    assert!(matches!(again, Err(BackupError::Occupied { .. })), "{again:?}");
    let in_use = restore(&file, world.dir.path(), true, || [8; 8], NOW).await;
    assert!(matches!(in_use, Err(BackupError::InUse { .. })), "{in_use:?}");
    std::fs::write(data.join(LEDGER_FILE), "what was erased since").unwrap();
    let forced = restore(&file, &data, true, || [8; 8], NOW).await.unwrap();
    assert!(forced.set_aside.unwrap().join(DATA_FILE).exists());
    assert!(data.join(LEDGER_FILE).exists(), "the ledger stays where it is");
    assert!(matches!(backup(&data, &file, NOW), Err(BackupError::Exists { .. })));
}

#[tokio::test]
async fn nothing_is_restored_under_a_server_and_no_server_starts_before_all_is_done() {
    let world = World::new().await;
    let (out, file, _made) = backed_up(&world).await;
    let data = out.path().join("data");
    let server = {
        std::fs::create_dir(&data).unwrap();
        DataLock::take(&data).unwrap()
    };
    let refused = restore(&file, &data, false, || [7; 8], NOW).await;
    assert!(matches!(refused, Err(BackupError::InUse { .. })), "{refused:?}");
    assert!(!data.join(DATA_FILE).exists());
    drop(server);
    let restored = restore(&file, &data, false, || [7; 8], NOW).await.unwrap();
    assert!(DataLock::take(&data).is_err(), "what was erased is to be erased again first");
    drop(restored);
    drop(DataLock::take(&data).unwrap());
}

#[tokio::test]
async fn whoever_was_shut_out_after_the_backup_stays_shut_out() {
    use client_core::records::{Record, RecordKind, Role, UserStatus};

    use crate::storage::Accounts;

    let world = World::new().await;
    let anna = world.rep("anna").await;
    let boris = world.person("boris", Role::Rep, &["north"]).await;
    let (out, file, _made) = backed_up(&world).await;
    let data = out.path().join("data");
    let first = restore(&file, &data, false, || [7; 8], NOW).await.unwrap();
    assert_eq!(first.shut_out, None, "nobody can tell");
    let device = anna.claim.id;
    first.storage.revoke_device(world.org, device, NOW).await.unwrap();
    let id = client_core::id::RecordId::from_bytes(*boris.as_bytes());
    let user = async |storage: &SqliteStorage| {
        let row = storage.record(world.org, RecordKind::User, id).await.unwrap().unwrap();
        let Ok(Record::User(user)) = row.decode() else { panic!("{row:?}") };
        user
    };
    let mut disabled = user(&first.storage).await;
    disabled.status = UserStatus::Disabled;
    first.storage.write_records(world.org, vec![Record::User(disabled)], NOW).await.unwrap();
    drop(first);
    let again = restore(&file, &data, true, || [8; 8], NOW).await.unwrap();
    assert_eq!(again.shut_out, Some(2));
    let known = again.storage.device(world.org, device).await.unwrap().unwrap();
    assert_eq!(known.revoked_at, Some(NOW));
    assert_eq!(user(&again.storage).await.status, UserStatus::Disabled);
}

#[tokio::test]
async fn a_backup_that_was_cut_or_changed_anywhere_changes_nothing() {
    let world = World::new().await;
    let (out, file, _made) = backed_up(&world).await;
    let whole = std::fs::read(&file).unwrap();
    let broken = out.path().join("broken.tar");
    let data = out.path().join("data");
    let mut tried = Vec::new();
    for part in 0..40 {
        let cut = whole.len() * part / 40;
        let mut changed = whole.clone();
        changed[cut] ^= 0x41;
        // What fills the last blocks means nothing.
        let last = whole.iter().rposition(|byte| *byte != 0).unwrap();
        tried.push(whole[..cut.min(last)].to_vec());
        if whole[cut] != 0 {
            tried.push(changed);
        }
    }
    for bytes in tried {
        std::fs::write(&broken, &bytes).unwrap();
        let done = restore(&broken, &data, false, || [7; 8], NOW).await;
        assert!(matches!(done, Err(BackupError::Damaged { .. })), "{}: {done:?}", bytes.len());
        assert!(!data.join(DATA_FILE).exists() && !data.join(".restore").exists());
    }
    let absent = restore(&out.path().join("none"), &data, false, || [7; 8], NOW).await;
    assert!(matches!(absent, Err(BackupError::File { .. })), "{absent:?}");
}

#[test]
fn sizes_beyond_octal_are_written_and_read() {
    for size in [0, 511, 512, 8_589_934_591, 8_589_934_592, 1 << 45] {
        let header = archive::test_header("fieldsync.db", size);
        assert_eq!(archive::test_parse(&header), Some(("fieldsync.db".to_owned(), size)));
    }
}
