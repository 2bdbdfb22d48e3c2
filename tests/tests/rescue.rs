//! A revoked phone lets go of everything, and its unsent work is not lost with it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use client_core::engine::{Client, NewCustomer};
use client_core::id::{DeviceId, DocId};
use client_core::records::RecordKind;
use client_core::rescue::{Rescue, RescueSecret};
use client_core::sync::Fault;
use serde_json::Value;
use server::RunningServer;
use server::storage::{Accounts, Documents, Records};
use tests::company::{Company, PASSWORD};
use tests::phone::{complete_visit, open};

/// Words that only Anna's phone knows, in every place where it keeps any.
const SECRETS: [&str; 6] = [
    "Geheimwerk",             // a customer's name, and so its search row
    "geheimwerk",             // folded for searching
    "13912345678",            // a phone number as typed
    "+8613912345678",         // and as it is dialled
    "talked about the trial", // a visit's result
    "unter vier Augen",       // notes that were never sent
];

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

    fn phone_folder(&self) -> PathBuf {
        self.dir.path().join("phone")
    }

    fn phone(&self) -> Client {
        self.phone_in(&self.phone_folder())
    }

    fn phone_in(&self, folder: &Path) -> Client {
        open(folder, &format!("http://{}", self.server.addr())).expect("it opens")
    }

    /// Anna at work: a customer and a visit that were stored, and unsent work.
    async fn annas_day(&self) -> (Client, DocId, DocId) {
        let anna = self.phone();
        anna.sign_in("anna", PASSWORD).await.expect("signed in");
        anna.sync_once().await.expect("synced");
        let new = NewCustomer {
            name: "Geheimwerk".into(),
            phone: Some("13912345678".into()),
            ..NewCustomer::default()
        };
        let customer = anna.create_customer(new).expect("saved").id;
        complete_visit(&anna, customer).expect("saved");
        anna.sync_once().await.expect("synced");
        let unsent = complete_visit(&anna, customer).expect("saved");
        anna.edit_customer(customer, |edit| edit.set_notes(Some("unter vier Augen")))
            .expect("saved");
        (anna, customer, unsent)
    }

    async fn devices(&self) -> BTreeSet<DeviceId> {
        let devices = self.server.app().storage().devices(self.company.org).await.expect("read");
        devices.into_iter().map(|device| device.device).collect()
    }

    async fn device(&self) -> DeviceId {
        let devices = self.server.app().storage().devices(self.company.org).await.expect("read");
        let of_anna = devices.iter().rfind(|device| device.user == self.company.reps[0]);
        of_anna.expect("enrolled").device
    }

    async fn revoke(&self) {
        self.revoke_one(self.device().await).await;
    }

    async fn revoke_one(&self, device: DeviceId) {
        let storage = self.server.app().storage();
        let at = self.server.app().clock().now();
        assert!(storage.revoke_device(self.company.org, device, at).await.expect("written"));
    }

    /// Signs in on a phone that was not known, hears on the next sync that it was
    /// revoked meanwhile, and gives what it sealed.
    async fn revoked_after(&self, client: &Client, before: &BTreeSet<DeviceId>) -> PathBuf {
        let now = self.devices().await;
        let fresh: Vec<DeviceId> = now.difference(before).copied().collect();
        let [device] = fresh.as_slice() else { panic!("{fresh:?}") };
        self.revoke_one(*device).await;
        assert_eq!(client.sync_once().await.expect_err("revoked").fault, Fault::Revoked);
        client.rescue_files().remove(0)
    }
}

fn rescue(data: &Path, file: &Path, more: &[&str]) -> (i32, Value, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_relay"))
        .args(["rescue", "open", "--json", "--data"])
        .arg(data)
        .arg(file)
        .args(more)
        .output()
        .expect("the binary runs");
    let out = String::from_utf8(done.stdout).expect("UTF-8");
    let json = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out:?}"));
    (done.status.code().expect("it ended"), json, String::from_utf8(done.stderr).expect("UTF-8"))
}

/// Results of what was handed in, changes or requests.
fn results(told: &Value, of: &str) -> Vec<String> {
    let all = told[of].as_array().expect("a list").iter();
    all.map(|one| one["result"].as_str().expect("a result").to_owned()).collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("listed") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

/// What a backup of a phone leaves out: what its keystore keeps.
fn without_keystore(folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("listed") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|it| it == "token" || it == "installation") {
            std::fs::remove_file(path).expect("removed");
        }
    }
}

/// Every file below `folder` that holds one of the secrets, with the secret.
fn readable(folder: &Path) -> Vec<(PathBuf, &'static str)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("listed") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("read");
        for secret in SECRETS {
            if bytes.windows(secret.len()).any(|part| part == secret.as_bytes()) {
                found.push((path.clone(), secret));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_phone_keeps_nothing_readable_and_its_unsent_work_reaches_the_server() {
    let story = Story::begin().await;
    let (anna, customer, unsent) = story.annas_day().await;
    assert!(!readable(&story.phone_folder()).is_empty(), "the phone held all that");
    story.revoke().await;

    let error = anna.sync_once().await.expect_err("it was revoked");
    assert_eq!(error.fault, Fault::Revoked);
    assert_eq!(anna.signed_in(), None);
    assert_eq!(readable(&story.phone_folder()), []);
    let names: Vec<String> = std::fs::read_dir(story.phone_folder())
        .expect("listed")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    assert!(
        !names.iter().any(|name| name.contains(".fieldsync") || name.ends_with(".token")),
        "{names:?}"
    );
    let files = anna.rescue_files();
    let [file] = files.as_slice() else { panic!("{files:?}") };

    let (code, told, _err) = rescue(&story.company.data, file, &[]);
    assert_eq!(code, 0);
    let changes = told["changes"].as_array().expect("a list");
    assert_eq!(changes.len(), 2);
    assert_eq!(told["user"], "anna");
    let visit = changes.iter().find(|change| change["kind"] == "visit").expect("the visit");
    assert_eq!(visit["document"], unsent.to_string());
    assert_eq!(visit["title"], "Geheimwerk");
    assert_eq!(visit["author"], "anna");
    let fields = visit["fields"].as_array().expect("fields");
    assert!(fields.iter().any(
        |field| field["field"] == "about/result" && field["value"] == "talked about the trial"
    ));

    // Looking changed nothing; handing in does, once.
    let (org, storage) = (story.company.org, story.server.app().storage());
    assert!(storage.document(org, unsent).await.expect("read").is_none());
    let (code, told, _err) = rescue(&story.company.data, file, &["--apply"]);
    assert_eq!(code, 0);
    let results: Vec<_> =
        told["changes"].as_array().expect("a list").iter().map(|one| &one["result"]).collect();
    assert_eq!(results, ["taken", "taken"]);
    assert!(storage.document(org, unsent).await.expect("read").is_some());
    let (_code, again, _err) = rescue(&story.company.data, file, &["--apply"]);
    assert_eq!(again["changes"][0]["result"], "was there already");

    // The phone may be enrolled again: it is another device, and everything is there.
    anna.sign_in("anna", PASSWORD).await.expect("signed in again");
    anna.sync_once().await.expect("synced");
    let state = anna.customer(customer).expect("read").expect("there").state;
    assert_eq!(state.notes.as_deref(), Some("unter vier Augen"));
    assert!(anna.visit(unsent).expect("read").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_without_unsent_work_leaves_no_file_and_nothing_else() {
    let story = Story::begin().await;
    let (anna, _customer, _unsent) = story.annas_day().await;
    anna.sync_once().await.expect("synced");
    story.revoke().await;
    assert_eq!(anna.sync_once().await.expect_err("revoked").fault, Fault::Revoked);
    assert_eq!(anna.rescue_files(), Vec::<PathBuf>::new());
    assert_eq!(readable(&story.phone_folder()), []);
    anna.close();
    drop(anna);
    assert_eq!(story.phone().signed_in(), None, "the app starts as on a new phone");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_orgs_key_and_a_damaged_file_are_refused_clearly() {
    let story = Story::begin().await;
    let (anna, _customer, _unsent) = story.annas_day().await;
    story.revoke().await;
    assert_eq!(anna.sync_once().await.expect_err("revoked").fault, Fault::Revoked);
    let file = anna.rescue_files().remove(0);

    let other = Company::found(&story.dir.path().join("other"), &["boris"]).await.expect("founded");
    let (code, said, err) = rescue(&other.data, &file, &[]);
    assert_eq!(code, 4);
    assert!(said["error"].as_str().expect("words").contains("sealed for the org"), "{err}");

    let mut bytes = std::fs::read(&file).expect("read");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let damaged = story.dir.path().join("damaged.rescue");
    std::fs::write(&damaged, &bytes).expect("written");
    let (code, said, err) = rescue(&story.company.data, &damaged, &["--apply"]);
    assert_eq!(code, 4);
    assert!(said["error"].as_str().expect("words").contains("damaged"), "{err}");
    std::fs::write(&damaged, "a letter").expect("written");
    let (code, said, _err) = rescue(&story.company.data, &damaged, &[]);
    assert_eq!(code, 4);
    assert!(said["error"].as_str().expect("words").contains("not a rescue file"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_signed_out_before_it_was_revoked_lets_go_at_the_next_sign_in() {
    let story = Story::begin().await;
    let (anna, _customer, _unsent) = story.annas_day().await;
    anna.sign_out();
    story.revoke().await;
    assert!(!readable(&story.phone_folder()).is_empty(), "it has heard nothing yet");

    let refused = anna.sign_in("anna", PASSWORD).await.expect_err("it was revoked");
    assert!(refused.to_string().contains("revoked"), "{refused}");
    assert_eq!(readable(&story.phone_folder()), []);
    let files = anna.rescue_files();
    let [file] = files.as_slice() else { panic!("{files:?}") };
    let org = story.server.app().org(story.company.org).await.expect("read");
    let sealed = std::fs::read(file).expect("read");
    let content = Rescue::open(&sealed, org.id, &RescueSecret::of_org(&org.secret)).expect("ours");
    assert_eq!(content.changes.len(), 2, "its unsent work is safe");
    assert_eq!(content.user_name, "anna", "and says whose it is");
    story.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_of_a_revoked_phone_is_handed_in_however_many_they_are() {
    let story = Story::begin().await;
    let (anna, _customer, unsent) = story.annas_day().await;
    anna.sync_once().await.expect("synced");
    let before = story.devices().await;
    let manager = story.phone_in(&story.dir.path().join("manager"));
    manager.sign_in("manager", PASSWORD).await.expect("signed in");
    manager.sync_once().await.expect("synced");
    for number in 0..130 {
        manager.review_visit(unsent, Some(4), &format!("remark {number}")).expect("queued");
    }
    let file = story.revoked_after(&manager, &before).await;

    let (code, told, _err) = rescue(&story.company.data, &file, &[]);
    assert_eq!((code, told["commands"].as_array().map(Vec::len)), (0, Some(130)));
    let (code, told, _err) = rescue(&story.company.data, &file, &["--apply"]);
    assert_eq!((code, results(&told, "commands")), (0, vec!["taken".to_owned(); 130]));
    let (_code, told, _err) = rescue(&story.company.data, &file, &["--apply"]);
    assert_eq!(results(&told, "commands"), vec!["taken"; 130], "and again the same");
    let storage = story.server.app().storage();
    let kind = RecordKind::Review;
    let reviews = storage.records_about(story.company.org, unsent, kind).await.expect("read");
    assert_eq!(reviews.len(), 130, "each of them once");
}

/// A phone that lives twice: one life has used the numbers under which the other wrote,
/// and that one became a device of its own and was revoked before it could say so.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_revoked_phone_wrote_in_a_former_life_is_taken_as_its_authors() {
    let story = Story::begin().await;
    let (one, customer, _visit) = story.annas_day().await;
    one.sync_once().await.expect("synced");
    one.close();
    let folder = story.dir.path().join("two");
    copy(&story.phone_folder(), &folder);

    let two = story.phone_in(&folder);
    two.edit_customer(customer, |edit| edit.set_notes(Some("as who it was"))).expect("saved");
    let visit = complete_visit(&two, customer).expect("saved");
    two.close();
    without_keystore(&folder);
    let two = story.phone_in(&folder);
    two.edit_customer(customer, |edit| edit.set_industry(Some("steel"))).expect("saved");
    let one = story.phone();
    one.edit_customer(customer, |edit| edit.set_region(Some("north"))).expect("saved");
    one.sync_once().await.expect("synced");
    let before = story.devices().await;
    two.sign_in("anna", PASSWORD).await.expect("signed in");
    let file = story.revoked_after(&two, &before).await;

    let (code, told, _err) = rescue(&story.company.data, &file, &["--apply"]);
    assert_eq!((code, results(&told, "changes")), (0, vec!["taken".to_owned(); 3]));
    let (_code, told, _err) = rescue(&story.company.data, &file, &["--apply"]);
    assert_eq!(results(&told, "changes"), vec!["was there already"; 3]);
    one.sync_once().await.expect("synced");
    let state = one.customer(customer).expect("read").expect("there").state;
    assert_eq!(state.notes.as_deref(), Some("as who it was"));
    assert_eq!(state.industry.as_deref(), Some("steel"));
    assert_eq!(state.region.as_deref(), Some("north"));
    assert!(one.visit(visit).expect("read").is_some());
    story.server.shutdown().await;
}
