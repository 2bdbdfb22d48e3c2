//! The replica encrypted: `mobile/scripts/sqlcipher-test` builds and runs this.
#![cfg(feature = "sqlcipher")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use client_core::engine::{
    Client, ClientError, Config, CustomerQuery, DeviceInfo, NewCustomer, SecretStore,
    SecretStoreError, SignedIn,
};
use client_core::id::{OrgId, UserId};
use client_core::records::Role;
use client_core::store::OpenError;

/// A keychain in memory.
#[derive(Default)]
struct Keys(Mutex<BTreeMap<String, Vec<u8>>>);

impl SecretStore for Keys {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, SecretStoreError> {
        Ok(self.0.lock().unwrap().get(name).cloned())
    }

    fn keep(&self, name: &str, secret: &[u8]) -> Result<(), SecretStoreError> {
        self.0.lock().unwrap().insert(name.to_owned(), secret.to_owned());
        Ok(())
    }

    fn forget(&self, name: &str) -> Result<(), SecretStoreError> {
        self.0.lock().unwrap().remove(name);
        Ok(())
    }
}

fn open(dir: &Path, keys: Option<&Arc<Keys>>) -> Result<Client, ClientError> {
    let device =
        DeviceInfo { name: "phone".into(), platform: "test".into(), app_version: "1".into() };
    let mut config = Config::new(dir, "http://127.0.0.1:9", device);
    config.secrets = keys.map(|keys| Arc::clone(keys) as Arc<dyn SecretStore>);
    let client = Client::open(config)?;
    if client.signed_in().is_none() {
        client.open_offline(SignedIn {
            org: OrgId::from_bytes([1; 16]),
            org_name: "Acme".into(),
            user: UserId::from_bytes([2; 16]),
            user_name: "anna".into(),
            role: Role::Rep,
        })?;
    }
    Ok(client)
}

fn save(client: &Client, name: &str) {
    let new = NewCustomer { name: name.into(), ..NewCustomer::default() };
    client.create_customer(new).unwrap();
}

fn names(client: &Client) -> Vec<String> {
    let page = client.customers(&CustomerQuery::default()).unwrap();
    page.items.into_iter().filter_map(|customer| customer.state.name).collect()
}

fn file(dir: &Path) -> PathBuf {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.into_iter().find(|path| path.extension().is_some_and(|end| end == "fieldsync")).unwrap()
}

fn readable(dir: &Path, text: &str) -> bool {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file());
    let holds = |bytes: Vec<u8>| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    files.into_iter().any(|path| holds(std::fs::read(path).unwrap()))
}

#[test]
fn nothing_of_a_replica_with_a_key_can_be_read_without_it() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Arc::new(Keys::default());
    let client = open(dir.path(), Some(&keys)).unwrap();
    save(&client, "Northwind Traders");
    assert!(!readable(dir.path(), "Northwind"), "also not in the log");
    client.close();
    drop(client);
    assert!(!readable(dir.path(), "Northwind") && !readable(dir.path(), "SQLite format 3"));
    let again = open(dir.path(), Some(&keys)).unwrap();
    assert_eq!(names(&again), ["Northwind Traders"]);
}

#[test]
fn another_key_is_refused_and_the_file_stays_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let client = open(dir.path(), Some(&Arc::default())).unwrap();
    save(&client, "Northwind Traders");
    client.close();
    drop(client);
    let before = std::fs::read(file(dir.path())).unwrap();
    for keys in [Some(Arc::default()), None] {
        let refused = open(dir.path(), keys.as_ref());
        let wrong = matches!(refused, Err(ClientError::Open(OpenError::WrongKey { .. })));
        assert!(wrong, "{refused:?}");
        assert_eq!(std::fs::read(file(dir.path())).unwrap(), before);
    }
}

#[test]
fn a_replica_in_the_clear_is_encrypted_at_the_next_opening_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let client = open(dir.path(), None).unwrap();
    save(&client, "Northwind Traders");
    client.close();
    drop(client);
    assert!(readable(dir.path(), "Northwind"));
    let keys = Arc::new(Keys::default());
    let client = open(dir.path(), Some(&keys)).unwrap();
    assert_eq!(names(&client), ["Northwind Traders"]);
    save(&client, "Fabrikam");
    client.close();
    drop(client);
    assert!(!readable(dir.path(), "Northwind"), "also not beside the new file");
    assert_eq!(names(&open(dir.path(), Some(&keys)).unwrap()).len(), 2);
}
