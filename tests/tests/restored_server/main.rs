//! A server restored from a backup gets back what came after it: from those who wrote
//! it, and from those who had it from somebody who never comes again.

mod between;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use client_core::docs::customer::{Contact, CustomerEdit, CustomerState};
use client_core::docs::{ConflictLabel, ERASED, Generation, LeftOut};
use client_core::engine::{Client, ConflictQuery, CustomerQuery, NewCustomer, VisitQuery};
use client_core::id::{DocId, ItemId};
use client_core::projection::DocState;
use client_core::records::{Cause, DecisionRecord, Verdict};
use client_core::time::Timestamp;
use server::edge::{Clock, SystemClock};
use server::erasures::Ledger;
use server::office::{By, Erase, Office};
use server::storage::{Documents, Records};
use server::{DATA_FILE, RunningServer, Server, ServerConfig};
use tests::company::{Company, PASSWORD, cheap_passwords};
use tests::phone::{complete_visit, open};

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

struct Story {
    dir: tempfile::TempDir,
    company: Company,
}

impl Story {
    async fn begin() -> (Self, RunningServer) {
        let dir = tempfile::tempdir().expect("a folder");
        let data = dir.path().join("server");
        let company = Company::found(&data, &["anna", "boris"]).await.expect("founded");
        let server = company.serve().await.expect("it serves");
        (Self { dir, company }, server)
    }

    fn phone(&self, server: &RunningServer, login: &str) -> Client {
        let folder = self.dir.path().join(login);
        open(&folder, &format!("http://{}", server.addr())).expect("it opens")
    }

    async fn signed_in(&self, server: &RunningServer, login: &str) -> Client {
        let client = self.phone(server, login);
        client.sign_in(login, PASSWORD).await.expect("signed in");
        client.sync_once().await.expect("synced");
        client
    }

    async fn serve(&self, data: &Path) -> RunningServer {
        let mut config = ServerConfig::new(data, ([127, 0, 0, 1], 0).into());
        config.app = cheap_passwords();
        config.drain = std::time::Duration::from_secs(2);
        Server::start(config).await.expect("it serves")
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("backup.tar")
    }
}

fn customer(client: &Client, name: &str) -> DocId {
    let new = NewCustomer { name: name.into(), ..NewCustomer::default() };
    client.create_customer(new).expect("saved").id
}

fn visits(client: &Client) -> BTreeSet<DocId> {
    let query = VisitQuery { limit: 500, ..VisitQuery::default() };
    client.visits(&query).expect("listed").items.into_iter().map(|visit| visit.id).collect()
}

fn names(client: &Client) -> BTreeSet<String> {
    let query = CustomerQuery { limit: 500, ..CustomerQuery::default() };
    let page = client.customers(&query).expect("listed");
    page.items.into_iter().filter_map(|entry| entry.state.name).collect()
}

/// Until nobody has anything to say any more.
async fn settle(phones: &[&Client]) {
    for _round in 0..3 {
        for phone in phones {
            phone.sync_once().await.expect("synced");
        }
    }
    for phone in phones {
        let pending = phone.pending().expect("counted");
        assert_eq!((pending.waiting(), pending.needs_a_look()), (0, 0), "{pending:?}");
        let scopes = phone.scopes().expect("read");
        assert!(scopes.iter().all(|scope| scope.matches), "{scopes:?}");
    }
}

/// What happens after the backup. Anna's phone is not heard of again.
struct After {
    visits: BTreeSet<DocId>,
    manager: Client,
    boris: Client,
}

async fn a_day(story: &Story, server: &RunningServer, backup: impl FnOnce()) -> After {
    let anna = story.signed_in(server, "anna").await;
    let boris = story.signed_in(server, "boris").await;
    let acme = customer(&anna, "Acme");
    let mut all = BTreeSet::from([complete_visit(&anna, acme).expect("saved")]);
    anna.sync_once().await.expect("synced");
    let manager = story.signed_in(server, "manager").await;
    backup();

    let bolt = customer(&anna, "Bolt");
    all.insert(complete_visit(&anna, bolt).expect("saved"));
    all.insert(complete_visit(&anna, acme).expect("saved"));
    anna.edit_customer(acme, |edit| edit.set_name(Some("Acme AG"))).expect("saved");
    anna.sync_once().await.expect("synced");
    let crane = customer(&boris, "Crane");
    all.insert(complete_visit(&boris, crane).expect("saved"));
    boris.sync_once().await.expect("synced");
    manager.sync_once().await.expect("synced");
    assert_eq!(visits(&manager), all, "the manager's phone has everybody's work");
    // On top of what the backup lacks, and not sent before the server is another.
    all.insert(complete_visit(&boris, crane).expect("saved"));
    manager
        .edit_customer(acme, |edit| edit.set_notes(Some("written by the manager")))
        .expect("saved");
    for phone in [&anna, &boris, &manager] {
        phone.close();
    }
    let (manager, boris) = (drop_and("manager", manager), drop_and("boris", boris));
    After { visits: all, manager, boris }
}

/// Keeps the types in step: the phones are opened again on the restored server.
fn drop_and(_login: &str, client: Client) -> Client {
    client
}

async fn everything_is_back(story: &Story, server: &RunningServer, after: After) {
    drop((after.manager, after.boris));
    let manager = story.phone(server, "manager");
    let boris = story.phone(server, "boris");
    settle(&[&boris, &manager]).await;
    assert_eq!(visits(&manager), after.visits);
    let names_of_all = BTreeSet::from(["Acme AG", "Bolt", "Crane"].map(str::to_owned));
    assert_eq!(names(&manager), names_of_all);
    let storage = server.app().storage();
    for visit in &after.visits {
        let log = storage.log(story.company.org, *visit).await.expect("read");
        assert_eq!(log.len(), 1, "{visit} is there once");
    }
    // Somebody with a new phone finds what the lost one had sent.
    let dir = story.dir.path().join("anna's new phone");
    let anna = open(&dir, &format!("http://{}", server.addr())).expect("it opens");
    anna.sign_in("anna", PASSWORD).await.expect("signed in");
    settle(&[&anna]).await;
    let of_boris = visits(&boris);
    let of_anna: BTreeSet<DocId> = after.visits.difference(&of_boris).copied().collect();
    assert_eq!(visits(&anna), of_anna);
    assert_eq!(of_anna.len(), 3);
    for visit in of_anna {
        let log = storage.log(story.company.org, visit).await.expect("read");
        assert_eq!(log[0].user, story.company.reps[0], "it is still Anna's work");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn phones_give_back_what_a_backup_lacks_also_of_a_phone_that_never_comes_again() {
    let (story, server) = Story::begin().await;
    let data = story.company.data.clone();
    let file = story.file();
    let after = a_day(&story, &server, || {
        server::backup::backup(&data, &file, NOW).expect("backed up while it serves");
    })
    .await;
    server.shutdown().await;
    let restored = story.dir.path().join("restored");
    let done = server::backup::restore(&file, &restored, false, || [9; 8], NOW).await;
    let done = done.expect("restored");
    let orgs = done.storage.orgs().await.expect("read");
    assert_eq!(orgs[0].epoch, [9; 8], "it is another life");
    drop(done);
    let server = story.serve(&restored).await;
    everything_is_back(&story, &server, after).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_file_that_was_simply_copied_back_is_noticed_by_its_last_row() {
    let (story, server) = Story::begin().await;
    let data = story.company.data.clone();
    let file = story.file();
    let copy = story.dir.path().join("copied back");
    let after = a_day(&story, &server, || {
        server::backup::backup(&data, &file, NOW).expect("backed up while it serves");
    })
    .await;
    server.shutdown().await;
    // The same epoch: nobody told it that it is another life.
    std::fs::create_dir_all(&copy).expect("a folder");
    let tar = std::fs::read(&file).expect("read");
    std::fs::write(copy.join(DATA_FILE), data_file(&tar)).expect("written");
    let server = story.serve(&copy).await;
    everything_is_back(&story, &server, after).await;
    server.shutdown().await;
}

/// The data file inside a backup, found as any `tar` finds it.
fn data_file(tar: &[u8]) -> &[u8] {
    let mut at = 0;
    loop {
        let header = &tar[at..at + 512];
        let end = header.iter().position(|byte| *byte == 0).expect("a name ends");
        let size = std::str::from_utf8(&header[124..135]).expect("octal");
        let size = usize::from_str_radix(size, 8).expect("octal");
        if &header[..end] == DATA_FILE.as_bytes() {
            return &tar[at + 512..at + 512 + size];
        }
        at += 512 + size.div_ceil(512) * 512;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_receipt_brings_nobody_elses_work_in() {
    let (story, server) = Story::begin().await;
    let data = story.company.data.clone();
    let file = story.file();
    let after = a_day(&story, &server, || {
        server::backup::backup(&data, &file, NOW).expect("backed up while it serves");
    })
    .await;
    server.shutdown().await;
    let restored = story.dir.path().join("restored");
    drop(server::backup::restore(&file, &restored, false, || [9; 8], NOW).await.expect("restored"));
    // The manager's phone lost the signatures, or made some up.
    for path in std::fs::read_dir(story.dir.path().join("manager")).expect("listed") {
        let path = path.expect("an entry").path();
        if path.extension().is_some_and(|ending| ending == "fieldsync") {
            let replica = rusqlite::Connection::open(path).expect("opened");
            let forged = replica.execute("update receipt set signature = zeroblob(64)", []);
            assert!(forged.expect("written") > 0);
        }
    }
    let server = story.serve(&restored).await;
    drop((after.manager, after.boris));
    let manager = story.phone(&server, "manager");
    for _round in 0..3 {
        manager.sync_once().await.expect("synced");
    }
    let storage = server.app().storage();
    let mut stored = 0;
    for visit in &after.visits {
        stored +=
            usize::from(storage.document(story.company.org, *visit).await.expect("read").is_some());
    }
    assert_eq!(stored, 1, "only what the backup held");
    // What the manager wrote on top of Anna's lost words is kept, and goes on by itself
    // should her phone come again.
    let pending = manager.pending().expect("counted");
    assert_eq!((pending.waiting(), pending.needs_a_look()), (1, 0), "{pending:?}");
    assert!(visits(&manager).len() >= 4, "and the manager's phone still shows it");
    server.shutdown().await;
}

/// A customer as the server holds it, with its generation.
async fn on_server(
    story: &Story,
    server: &RunningServer,
    doc: DocId,
) -> (CustomerState, Generation) {
    let row = server.app().storage().row(story.company.org, doc).await.expect("read");
    let row = row.expect("it is here");
    let DocState::Customer(state) = row.state else { panic!("a customer") };
    (state.value, row.header.generation)
}

/// The same customer on every phone as on the server.
async fn everybody_has(story: &Story, server: &RunningServer, phones: &[&Client], doc: DocId) {
    let (state, _generation) = on_server(story, server, doc).await;
    for phone in phones {
        let held = phone.customer(doc).expect("read").expect("it is here");
        assert_eq!(held.state, state);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_began_anew_after_the_backup_comes_back_with_what_was_written_since() {
    let (story, server) = Story::begin().await;
    let (data, file) = (story.company.data.clone(), story.file());
    let anna = story.signed_in(&server, "anna").await;
    let acme = customer(&anna, "Acme");
    anna.sync_once().await.expect("synced");
    let manager = story.signed_in(&server, "manager").await;
    server::backup::backup(&data, &file, NOW).expect("backed up while it serves");

    anna.edit_customer(acme, |edit| edit.set_name(Some("Acme AG"))).expect("saved");
    anna.sync_once().await.expect("synced");
    let office = Office::of(server.app().clone(), story.company.org);
    office.begin_history_anew(acme).await.expect("begun");
    drop(office);
    manager.sync_once().await.expect("synced");
    manager.edit_customer(acme, |edit| edit.set_notes(Some("by the manager"))).expect("saved");
    manager.sync_once().await.expect("synced");
    anna.sync_once().await.expect("synced");
    anna.edit_customer(acme, |edit| edit.set_region(Some("west"))).expect("saved");
    for phone in [&anna, &manager] {
        phone.close();
    }
    drop((anna, manager));
    server.shutdown().await;
    let restored = story.dir.path().join("restored");
    drop(server::backup::restore(&file, &restored, false, || [9; 8], NOW).await.expect("restored"));
    let server = story.serve(&restored).await;
    let (_older, stood) = on_server(&story, &server, acme).await;

    // Before any of them comes, somebody writes on what the backup held.
    let dir = story.dir.path().join("the manager's other phone");
    let other = open(&dir, &format!("http://{}", server.addr())).expect("it opens");
    other.sign_in("manager", PASSWORD).await.expect("signed in");
    other.sync_once().await.expect("synced");
    other.edit_customer(acme, |edit| edit.set_industry(Some("pumps"))).expect("saved");
    other.sync_once().await.expect("synced");

    let (anna, manager) = (story.phone(&server, "anna"), story.phone(&server, "manager"));
    settle(&[&manager, &anna, &other]).await;
    let (state, generation) = on_server(&story, &server, acme).await;
    assert!(generation > stood, "everybody starts from the history that came back");
    assert_eq!(state.name.as_deref(), Some("Acme AG"), "written before it began");
    assert_eq!(state.notes.as_deref(), Some("by the manager"), "stored on it, and lost");
    assert_eq!(state.industry.as_deref(), Some("pumps"), "stored on what was restored");
    assert_eq!(state.region.as_deref(), Some("west"), "not sent before the server was another");
    everybody_has(&story, &server, &[&anna, &manager, &other], acme).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_after_an_erasure_comes_back_and_what_was_erased_does_not() {
    let (story, server) = Story::begin().await;
    let (data, file) = (story.company.data.clone(), story.file());
    let anna = story.signed_in(&server, "anna").await;
    let acme = customer(&anna, "Acme");
    anna.sync_once().await.expect("synced");
    let manager = story.signed_in(&server, "manager").await;
    server::backup::backup(&data, &file, NOW).expect("backed up while it serves");

    let office = Office::of(server.app().clone(), story.company.org);
    let ledger = Ledger::of(&data);
    office.erase(Erase::Customer(acme), &ledger, None, false).await.expect("erased");
    drop(office);
    anna.sync_once().await.expect("synced");
    anna.edit_customer(acme, |edit| edit.set_region(Some("west"))).expect("saved");
    anna.sync_once().await.expect("synced");
    // The manager's phone has it from the server, and Anna's is never heard of again.
    manager.sync_once().await.expect("synced");
    for phone in [&anna, &manager] {
        phone.close();
    }
    drop((anna, manager));
    server.shutdown().await;
    drop(server::backup::restore(&file, &data, true, || [9; 8], NOW).await.expect("restored"));
    let server = story.serve(&data).await;
    let (state, _generation) = on_server(&story, &server, acme).await;
    assert_eq!(state.name.as_deref(), Some(ERASED), "before anybody asks");
    assert_eq!(state.region, None);

    let manager = story.phone(&server, "manager");
    settle(&[&manager]).await;
    let (state, _generation) = on_server(&story, &server, acme).await;
    assert_eq!(state.name.as_deref(), Some(ERASED));
    assert_eq!(state.region.as_deref(), Some("west"));
    everybody_has(&story, &server, &[&manager], acme).await;
    server.shutdown().await;
}

impl Story {
    /// The office of a server.
    fn office(&self, server: &RunningServer) -> Office {
        Office::of(server.app().clone(), self.company.org)
    }

    /// A backup of the server, put into another folder and served from there.
    async fn restored(&self, server: RunningServer, phones: Vec<Client>) -> RunningServer {
        for phone in &phones {
            phone.close();
        }
        drop(phones);
        server.shutdown().await;
        let dir = self.dir.path().join("restored");
        let done = server::backup::restore(&self.file(), &dir, false, || [9; 8], NOW).await;
        drop(done.expect("restored"));
        self.serve(&dir).await
    }

    /// What waits before a person, the oldest first.
    async fn cases(&self, server: &RunningServer) -> Vec<DecisionRecord> {
        let registrar = self.office(server).registrar(By::CommandLine).await.expect("a registrar");
        let mut cases = registrar.cases().await.expect("read");
        cases.retain(|case| case.verdict.is_none());
        cases.sort_by_key(|case| (case.cause != Cause::CameBack, case.received_at));
        cases
    }
}

fn wang(title: &str) -> (ItemId, Contact) {
    let contact =
        Contact { name: Some("Wang".into()), title: Some(title.into()), ..Contact::default() };
    (ItemId::from_bytes([7; 16]), contact)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_phones_hold_of_a_history_that_a_restored_server_began_anew_is_written_again() {
    let (story, server) = Story::begin().await;
    let anna = story.signed_in(&server, "anna").await;
    let acme = customer(&anna, "Acme");
    anna.sync_once().await.expect("synced");
    let manager = story.signed_in(&server, "manager").await;
    server::backup::backup(&story.company.data, &story.file(), NOW).expect("backed up");

    let (id, contact) = wang("buyer");
    anna.edit_customer(acme, |edit| edit.add_contact(id, &contact)).expect("saved");
    anna.edit_customer(acme, |edit| edit.set_name(Some("Acme AG"))).expect("saved");
    anna.sync_once().await.expect("synced");
    manager.sync_once().await.expect("synced");
    // In a thing that the restored server never heard of.
    manager
        .edit_customer(acme, |edit| edit.set_contact_title(id, Some("head of purchasing")))
        .expect("saved");
    manager.sync_once().await.expect("synced");
    anna.edit_customer(acme, |edit| edit.set_region(Some("west"))).expect("saved");
    let server = story.restored(server, vec![anna, manager]).await;
    let begun = story.office(&server).begin_history_anew(acme).await.expect("begun");

    let (anna, manager) = (story.phone(&server, "anna"), story.phone(&server, "manager"));
    settle(&[&manager, &anna]).await;
    let (state, generation) = on_server(&story, &server, acme).await;
    assert_eq!(generation, begun, "what came back is on top of what stands");
    assert_eq!(state.name.as_deref(), Some("Acme AG"));
    assert_eq!(state.contacts[&id].title.as_deref(), Some("head of purchasing"));
    assert_eq!(state.region.as_deref(), Some("west"), "not sent before");
    everybody_has(&story, &server, &[&anna, &manager], acme).await;
    assert_eq!(story.cases(&server).await, [], "nobody has to look");
    let log = server.app().storage().log(story.company.org, acme).await.expect("read");
    assert_eq!(log.len(), 5, "each is there once, whoever brought it: {log:?}");
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_after_a_restored_server_erased_brings_nothing_of_that() {
    let (story, server) = Story::begin().await;
    let anna = story.signed_in(&server, "anna").await;
    let acme = customer(&anna, "Acme");
    anna.sync_once().await.expect("synced");
    let manager = story.signed_in(&server, "manager").await;
    server::backup::backup(&story.company.data, &story.file(), NOW).expect("backed up");

    let (id, contact) = wang("buyer");
    anna.edit_customer(acme, |edit| {
        edit.set_region(Some("west"))?;
        edit.set_notes(Some("ask for Wang"))?;
        edit.add_contact(id, &contact)
    })
    .expect("saved");
    anna.edit_customer(acme, |edit| edit.set_name(Some("Acme AG"))).expect("saved");
    anna.sync_once().await.expect("synced");
    manager.sync_once().await.expect("synced");
    let server = story.restored(server, vec![anna, manager]).await;
    let ledger = Ledger::of(&story.dir.path().join("restored"));
    let erasing = story.office(&server);
    erasing.erase(Erase::Customer(acme), &ledger, None, false).await.expect("erased");

    let (anna, manager) = (story.phone(&server, "anna"), story.phone(&server, "manager"));
    settle(&[&manager, &anna]).await;
    let (state, _generation) = on_server(&story, &server, acme).await;
    assert_eq!(state.region.as_deref(), Some("west"), "it is nobody's");
    assert_eq!(state.name.as_deref(), Some(ERASED));
    assert_eq!((state.notes.as_deref(), state.contacts.len()), (None, 0));
    everybody_has(&story, &server, &[&anna, &manager], acme).await;
    let log = server.app().storage().log(story.company.org, acme).await.expect("read");
    let said = |words: &str| {
        log.iter().any(|row| row.bytes.windows(words.len()).any(|found| found == words.as_bytes()))
    };
    assert!(said("west") && !said("Wang") && !said("Acme"), "nor in a change");
    assert_eq!(story.cases(&server).await, [], "nor before a person");
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_only_in_part_after_an_erasure_waits_without_what_was_erased() {
    let (story, server) = Story::begin().await;
    let anna = story.signed_in(&server, "anna").await;
    let acme = customer(&anna, "Acme");
    let (wang, contact) = wang("buyer");
    let li = ItemId::from_bytes([8; 16]);
    let named = Contact { name: Some("Li".into()), ..Contact::default() };
    anna.edit_customer(acme, |edit| {
        edit.add_contact(wang, &contact)?;
        edit.add_contact(li, &named)
    })
    .expect("saved");
    anna.sync_once().await.expect("synced");
    let manager = story.signed_in(&server, "manager").await;
    server::backup::backup(&story.company.data, &story.file(), NOW).expect("backed up");

    anna.edit_customer(acme, |edit| {
        edit.set_region(Some("west"))?;
        edit.set_contact_title(wang, Some("driver"))?;
        edit.set_contact_title(li, Some("engineer"))
    })
    .expect("saved");
    anna.sync_once().await.expect("synced");
    manager.sync_once().await.expect("synced");
    let server = story.restored(server, vec![anna, manager]).await;
    let ledger = Ledger::of(&story.dir.path().join("restored"));
    let office = story.office(&server);
    let hand = office.hand(story.company.reps[0]).await.expect("a hand");
    let gone = move |edit: &mut CustomerEdit<'_>| edit.remove_contact(li);
    office.edit_customer(&hand, acme, gone).await.expect("Li has left");
    office.erase(Erase::Person(wang), &ledger, None, false).await.expect("erased");

    let (anna, manager) = (story.phone(&server, "anna"), story.phone(&server, "manager"));
    settle(&[&manager, &anna]).await;
    let (state, _generation) = on_server(&story, &server, acme).await;
    assert_eq!((state.region.as_deref(), state.contacts.len()), (Some("west"), 0));
    let cases = story.cases(&server).await;
    let [case] = &cases[..] else { panic!("one case, not {cases:?}") };
    assert_eq!((case.subject, case.cause, case.changes.len()), (acme, Cause::CameBack, 1));
    let registrar = office.registrar(By::CommandLine).await.expect("a registrar");
    let shown = registrar.case(case.id).await.expect("read");
    let said = |words: &str| {
        let bytes = shown.changes.iter().map(|change| &change.bytes);
        bytes.into_iter().any(|it| it.windows(words.len()).any(|at| at == words.as_bytes()))
    };
    assert!(said("west") && !said("driver"), "{:?}", shown.changes);
    // Whose title it was can be told no more: it might be the erased one's.
    assert!(!said("engineer"), "{:?}", shown.changes);
    let nowhere = LeftOut { field: "…/title".to_owned(), value: None };
    assert_eq!(shown.rest.nowhere, [nowhere], "it is told that something has no place");
    registrar.decide(case.id, Verdict::Rejected, None).await.expect("decided");
    everybody_has(&story, &server, &[&anna, &manager], acme).await;
    server.shutdown().await;
}

/// Both lives began the history of Acme anew, and in the one that was lost it was written to
/// after that. Whether the restored one wrote something of its own before says `between`.
async fn begun_anew_twice(between: bool) -> (Story, RunningServer, DocId, [Client; 2]) {
    let (story, server) = Story::begin().await;
    let anna = story.signed_in(&server, "anna").await;
    let acme = customer(&anna, "Acme");
    anna.sync_once().await.expect("synced");
    let manager = story.signed_in(&server, "manager").await;
    server::backup::backup(&story.company.data, &story.file(), NOW).expect("backed up");

    let lost = story.office(&server).begin_history_anew(acme).await.expect("begun");
    anna.sync_once().await.expect("synced");
    anna.edit_customer(acme, |edit| edit.set_region(Some("west"))).expect("saved");
    anna.sync_once().await.expect("synced");
    manager.sync_once().await.expect("synced");
    let server = story.restored(server, vec![anna, manager]).await;
    if between {
        let dir = story.dir.path().join("the manager's other phone");
        let other = open(&dir, &format!("http://{}", server.addr())).expect("it opens");
        other.sign_in("manager", PASSWORD).await.expect("signed in");
        other.sync_once().await.expect("synced");
        other.edit_customer(acme, |edit| edit.set_name(Some("Acme GmbH"))).expect("saved");
        other.sync_once().await.expect("synced");
    }
    // Generations are counted by the clock, in seconds.
    while Generation(0).next(SystemClock.now()) <= lost {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    story.office(&server).begin_history_anew(acme).await.expect("begun");
    let (anna, manager) = (story.phone(&server, "anna"), story.phone(&server, "manager"));
    settle(&[&manager, &anna]).await;
    (story, server, acme, [anna, manager])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_on_a_history_that_both_lives_began_comes_back_where_they_agree() {
    let (story, server, acme, [anna, manager]) = begun_anew_twice(false).await;
    let (state, _generation) = on_server(&story, &server, acme).await;
    assert_eq!(state.region.as_deref(), Some("west"));
    assert_eq!(story.cases(&server).await, [], "nobody has to look");
    everybody_has(&story, &server, &[&anna, &manager], acme).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_both_lives_began_a_history_and_differ_a_person_decides() {
    let (story, server, acme, [anna, manager]) = begun_anew_twice(true).await;
    let (state, _generation) = on_server(&story, &server, acme).await;
    assert_eq!((state.name.as_deref(), state.region), (Some("Acme GmbH"), None));
    let registrar = story.office(&server).registrar(By::CommandLine).await.expect("a registrar");
    let cases = story.cases(&server).await;
    assert_eq!(cases.iter().map(|case| case.changes.len()).sum::<usize>(), 2, "{cases:?}");
    for case in cases {
        registrar.decide(case.id, Verdict::Accepted, None).await.expect("it fits");
    }
    settle(&[&manager, &anna]).await;
    let (state, _generation) = on_server(&story, &server, acme).await;
    assert_eq!((state.name.as_deref(), state.region.as_deref()), (Some("Acme"), Some("west")));
    everybody_has(&story, &server, &[&anna, &manager], acme).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_late_is_a_conflict_with_what_was_written_since_and_not_over_it() {
    let (story, server) = Story::begin().await;
    let anna = story.signed_in(&server, "anna").await;
    let acme = customer(&anna, "Acme");
    anna.sync_once().await.expect("synced");
    server::backup::backup(&story.company.data, &story.file(), NOW).expect("backed up");
    anna.edit_customer(acme, |edit| edit.set_name(Some("Acme AG"))).expect("saved");
    anna.sync_once().await.expect("synced");
    let server = story.restored(server, vec![anna]).await;
    story.office(&server).begin_history_anew(acme).await.expect("begun");
    let manager = story.signed_in(&server, "manager").await;
    manager.edit_customer(acme, |edit| edit.set_name(Some("Acme GmbH"))).expect("saved");
    manager.sync_once().await.expect("synced");

    let anna = story.phone(&server, "anna");
    settle(&[&anna, &manager]).await;
    let query = ConflictQuery { label: ConflictLabel::Conflict, ..ConflictQuery::default() };
    for phone in [&anna, &manager] {
        let found = phone.conflicts(&query).expect("listed").items;
        let names: BTreeSet<&str> = found
            .iter()
            .flat_map(|entry| &entry.values)
            .map(|value| value.written.value.as_str())
            .collect();
        assert_eq!(names, BTreeSet::from(["Acme AG", "Acme GmbH"]), "both are seen");
    }
    everybody_has(&story, &server, &[&anna, &manager], acme).await;
    server.shutdown().await;
}
