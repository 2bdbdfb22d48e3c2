//! A phone restored from a copy, and two phones from one: nothing is lost, nothing is
//! doubled, nobody is stuck.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use client_core::docs::DocKind;
use client_core::engine::{Client, CustomerQuery, ItemStatus, NewCustomer, VisitQuery};
use client_core::id::DocId;
use client_core::sync::Fault;
use server::RunningServer;
use server::storage::{Accounts, Documents};
use tests::company::{Company, PASSWORD};
use tests::phone::{complete_visit, open};

struct Story {
    dir: tempfile::TempDir,
    company: Company,
    server: RunningServer,
}

impl Story {
    async fn begin() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let company = Company::found(&dir.path().join("server"), &["anna"]).await.expect("founded");
        let server = company.serve().await.expect("it serves");
        Self { dir, company, server }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn phone(&self, name: &str) -> Client {
        open(&self.folder(name), &format!("http://{}", self.server.addr())).expect("it opens")
    }

    async fn signed_in(&self, name: &str, login: &str) -> Client {
        let client = self.phone(name);
        client.sign_in(login, PASSWORD).await.expect("signed in");
        client.sync_once().await.expect("synced");
        client
    }

    /// Changes of a document on the server, by sequence of storing.
    async fn log(&self, doc: DocId) -> usize {
        let app = self.server.app();
        app.storage().log(self.company.org, doc).await.expect("a log").len()
    }

    async fn phones(&self) -> usize {
        let devices = self.server.app().storage().devices(self.company.org).await.expect("devices");
        devices.into_iter().filter(|device| device.user == self.company.reps[0]).count()
    }

    /// Whoever looks, on the phone or at the server, sees the same.
    async fn assert_same(&self, phones: &[&Client], visits: &BTreeSet<DocId>) {
        for phone in phones {
            assert_eq!(phone.pending().expect("counted").waiting(), 0);
            assert_eq!(phone.pending().expect("counted").needs_a_look(), 0);
            assert_eq!(&all_visits(phone), visits);
            assert_eq!(all_customers(phone), all_customers(phones[0]));
        }
        for visit in visits {
            assert_eq!(self.log(*visit).await, 1, "{visit} was stored once");
        }
    }
}

fn copy(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("listed") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("UTF-8");
        if wanted(&name) {
            std::fs::copy(entry.path(), to.join(name)).expect("copied");
        }
    }
}

/// What a backup of a phone carries: everything but what its keystore keeps.
fn in_backup(name: &str) -> bool {
    !name.ends_with(".token") && !name.ends_with(".installation")
}

fn customer(client: &Client, name: &str) -> DocId {
    let new = NewCustomer { name: name.into(), ..NewCustomer::default() };
    client.create_customer(new).expect("saved").id
}

fn all_visits(client: &Client) -> BTreeSet<DocId> {
    let query = VisitQuery { limit: 500, ..VisitQuery::default() };
    let page = client.visits(&query).expect("listed");
    for visit in &page.items {
        assert!(visit.faults.is_empty(), "{:?}", visit.faults);
        assert_eq!(client.status(visit.id).expect("a status"), ItemStatus::Stored);
    }
    page.items.into_iter().map(|visit| visit.id).collect()
}

fn all_customers(client: &Client) -> Vec<(DocId, String)> {
    let query = CustomerQuery { limit: 500, ..CustomerQuery::default() };
    let page = client.customers(&query).expect("listed");
    let mut found: Vec<_> = page
        .items
        .into_iter()
        .map(|entry| (entry.id, format!("{:?} {:?}", entry.state, entry.heads)))
        .collect();
    found.sort();
    found
}

async fn settle(phones: &[&Client]) {
    for _round in 0..3 {
        for phone in phones {
            phone.sync_once().await.expect("synced");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_restored_from_a_backup_is_a_device_of_its_own_and_loses_nothing() {
    let story = Story::begin().await;
    let anna = story.signed_in("old", "anna").await;
    let acme = customer(&anna, "Acme");
    let mut visits = BTreeSet::from([complete_visit(&anna, acme).expect("saved")]);
    anna.sync_once().await.expect("synced");
    // Unsent when the backup is made.
    visits.insert(complete_visit(&anna, acme).expect("saved"));
    anna.edit_customer(acme, |edit| edit.set_notes(Some("unsent at the backup"))).expect("saved");
    anna.close();
    copy(&story.folder("old"), &story.folder("new"), in_backup);

    // The old phone goes on, sends that work and more, and then is lost.
    let old = story.phone("old");
    visits.insert(complete_visit(&old, acme).expect("saved"));
    old.edit_customer(acme, |edit| edit.set_name(Some("Acme AG"))).expect("saved");
    old.edit_customer(acme, |edit| edit.set_industry(Some("steel"))).expect("saved");
    old.sync_once().await.expect("synced");
    old.close();

    // The restored one works before it has signal, with the same sequence numbers.
    let new = story.phone("new");
    assert!(new.signed_in().is_some(), "what it held can be read at once");
    visits.insert(complete_visit(&new, acme).expect("saved"));
    new.edit_customer(acme, |edit| edit.set_region(Some("east"))).expect("saved");
    new.sign_in("anna", PASSWORD).await.expect("signed in");
    settle(&[&new]).await;

    assert_eq!(story.phones().await, 2);
    let manager = story.signed_in("manager", "manager").await;
    story.assert_same(&[&new, &manager], &visits).await;
    let state = new.customer(acme).expect("read").expect("there").state;
    assert_eq!(state.name.as_deref(), Some("Acme AG"));
    assert_eq!(state.industry.as_deref(), Some("steel"));
    assert_eq!(state.region.as_deref(), Some("east"));
    assert_eq!(state.notes.as_deref(), Some("unsent at the backup"));
    let scopes = new.scopes().expect("read");
    assert!(!scopes.is_empty() && scopes.iter().all(|scope| scope.matches), "{scopes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_put_back_on_the_same_phone_is_noticed_by_the_server() {
    let story = Story::begin().await;
    let anna = story.signed_in("phone", "anna").await;
    let acme = customer(&anna, "Acme");
    anna.sync_once().await.expect("synced");
    anna.close();
    copy(&story.folder("phone"), &story.folder("copy"), |name| name.ends_with(".fieldsync"));

    let anna = story.phone("phone");
    let mut visits = BTreeSet::from([complete_visit(&anna, acme).expect("saved")]);
    anna.edit_customer(acme, |edit| edit.set_name(Some("Acme AG"))).expect("saved");
    anna.sync_once().await.expect("synced");
    anna.close();
    let logs = |name: &str| name.ends_with("-wal") || name.ends_with("-shm");
    for entry in std::fs::read_dir(story.folder("phone")).expect("listed") {
        let entry = entry.expect("an entry");
        if logs(&entry.file_name().to_string_lossy()) {
            std::fs::remove_file(entry.path()).expect("removed");
        }
    }
    copy(&story.folder("copy"), &story.folder("phone"), |_| true);

    let anna = story.phone("phone");
    anna.edit_customer(acme, |edit| edit.set_region(Some("east"))).expect("saved");
    visits.insert(complete_visit(&anna, acme).expect("saved"));
    settle(&[&anna]).await;
    assert_eq!(story.phones().await, 2, "it is a device of its own now");
    let manager = story.signed_in("manager", "manager").await;
    story.assert_same(&[&anna, &manager], &visits).await;
    let state = anna.customer(acme).expect("read").expect("there").state;
    assert_eq!(state.name.as_deref(), Some("Acme AG"), "what its lost life stored came back");
    assert_eq!(state.region.as_deref(), Some("east"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_from_one_both_work_and_agree() {
    let story = Story::begin().await;
    let anna = story.signed_in("one", "anna").await;
    let acme = customer(&anna, "Acme");
    anna.sync_once().await.expect("synced");
    // Unsent when the phone is cloned, so both will bring it.
    let mut visits = BTreeSet::from([complete_visit(&anna, acme).expect("saved")]);
    anna.edit_customer(acme, |edit| edit.set_notes(Some("cloned unsent"))).expect("saved");
    anna.close();
    copy(&story.folder("one"), &story.folder("two"), |_| true);
    let (one, two) = (story.phone("one"), story.phone("two"));
    for round in 0..3 {
        visits.insert(complete_visit(&one, acme).expect("saved"));
        one.edit_customer(acme, |edit| edit.set_region(Some(&format!("east {round}"))))
            .expect("saved");
        visits.insert(complete_visit(&two, acme).expect("saved"));
        two.edit_customer(acme, |edit| edit.set_industry(Some(&format!("steel {round}"))))
            .expect("saved");
        one.sync_once().await.expect("synced");
        two.sync_once().await.expect("synced");
    }
    settle(&[&one, &two]).await;
    assert_eq!(story.phones().await, 2);
    let manager = story.signed_in("manager", "manager").await;
    story.assert_same(&[&one, &two, &manager], &visits).await;
    let state = one.customer(acme).expect("read").expect("there").state;
    assert_eq!(state.region.as_deref(), Some("east 2"));
    assert_eq!(state.industry.as_deref(), Some("steel 2"));
    assert_eq!(state.notes.as_deref(), Some("cloned unsent"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_is_no_revocation_and_takes_nothing_away() {
    let story = Story::begin().await;
    let anna = story.signed_in("phone", "anna").await;
    let acme = customer(&anna, "Acme");
    let app = story.server.app();
    let office = server::office::Office::of(app.clone(), story.company.org);
    let other = server::office::PasswordChoice::Given("another good password".into());
    office.reset_password("anna", other).await.expect("a new password");
    let error = anna.sync_once().await.expect_err("the session was ended");
    assert_eq!(error.fault, Fault::SignInNeeded);
    assert!(anna.customer(acme).expect("read").is_some());
    anna.sign_in("anna", "another good password").await.expect("signed in");
    anna.sync_once().await.expect("synced");
    let kinds = app.storage().document(story.company.org, acme).await.expect("read");
    assert_eq!(kinds.expect("stored").header.kind, DocKind::Customer);
}
