//! What came between a restore and the phones that bring back the history that was lost.

use client_core::engine::Client;
use client_core::faults::Moment;
use client_core::id::DocId;
use client_core::records::{Cause, Verdict};
use server::RunningServer;
use server::office::By;
use server::storage::AnyStorage;
use tests::company::PASSWORD;
use tests::phone::open;

use super::{NOW, Story, customer, everybody_has, on_server, settle, wang};

/// A history began anew in which Wang was removed, and the server was restored to before
/// that. Somebody wrote about Wang before the phones come that hold the other history.
async fn written_between() -> (Story, RunningServer, DocId, Client) {
    let (story, server) = Story::begin().await;
    let anna = story.signed_in(&server, "anna").await;
    let acme = customer(&anna, "Acme");
    let (id, contact) = wang("buyer");
    anna.edit_customer(acme, |edit| edit.add_contact(id, &contact)).expect("saved");
    anna.sync_once().await.expect("synced");
    let manager = story.signed_in(&server, "manager").await;
    server::backup::backup(&story.company.data, &story.file(), NOW).expect("backed up");

    anna.edit_customer(acme, |edit| edit.remove_contact(id)).expect("saved");
    anna.sync_once().await.expect("synced");
    story.office(&server).begin_history_anew(acme).await.expect("begun");
    anna.sync_once().await.expect("synced");
    manager.sync_once().await.expect("synced");
    let server = story.restored(server, vec![anna, manager]).await;
    let dir = story.dir.path().join("the manager's other phone");
    let other = open(&dir, &format!("http://{}", server.addr())).expect("it opens");
    other.sign_in("manager", PASSWORD).await.expect("signed in");
    other.sync_once().await.expect("synced");
    other.edit_customer(acme, |edit| edit.set_contact_title(id, Some("retired"))).expect("saved");
    other.sync_once().await.expect("synced");
    (story, server, acme, other)
}

/// One case waits, with the work of whoever wrote about Wang.
async fn one_case_waits(story: &Story, server: &RunningServer, acme: DocId) {
    let (state, _generation) = on_server(story, server, acme).await;
    assert!(state.contacts.is_empty(), "the history came back in which Wang was removed");
    let cases = story.cases(server).await;
    let [case] = &cases[..] else { panic!("one case, not {cases:?}") };
    assert_eq!((case.subject, case.cause, case.changes.len()), (acme, Cause::CameBack, 1));
    assert_ne!(case.author, story.company.reps[0], "it is the work of whoever wrote it");
    let registrar = story.office(server).registrar(By::CommandLine).await.expect("a registrar");
    let shown = registrar.case(case.id).await.expect("read");
    assert_eq!(shown.changes.len(), 1, "its bytes are kept");
    registrar.decide(case.id, Verdict::Rejected, None).await.expect("decided");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_between_and_fits_no_more_waits_before_a_person() {
    let (story, server, acme, other) = written_between().await;
    let (anna, manager) = (story.phone(&server, "anna"), story.phone(&server, "manager"));
    settle(&[&manager, &anna, &other]).await;
    one_case_waits(&story, &server, acme).await;
    everybody_has(&story, &server, &[&anna, &manager, &other], acme).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_no_more_waits_though_the_server_dies_around_every_commit_of_its_return() {
    for moment in [Moment::BeforeCommit, Moment::AfterCommit] {
        let (story, mut server, acme, other) = written_between().await;
        other.close();
        drop(other);
        let mut deaths = 0;
        // The more commits, the more it lives through: else it would never get beyond one
        // that is made again each time.
        for nth in 1.. {
            assert!(nth < 40, "it comes to an end");
            let AnyStorage::Sqlite(storage) = server.app().storage();
            let doom = storage.doom().clone();
            doom.arm(nth, moment);
            let anna = story.phone(&server, "anna");
            let outcome = anna.sync_once().await;
            anna.close();
            drop(anna);
            if !doom.is_struck() {
                doom.disarm();
                assert!(outcome.is_ok(), "{outcome:?}");
                break;
            }
            deaths += 1;
            server.shutdown().await;
            server = story.serve(&story.dir.path().join("restored")).await;
        }
        assert!(deaths >= 2, "it died {deaths} times");
        let anna = story.phone(&server, "anna");
        settle(&[&anna]).await;
        one_case_waits(&story, &server, acme).await;
        server.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restored_server_had_not_got_back_is_given_back_after_a_second_restore() {
    let (story, server) = Story::begin().await;
    let anna = story.signed_in(&server, "anna").await;
    let acme = customer(&anna, "Acme");
    anna.sync_once().await.expect("synced");
    let manager = story.signed_in(&server, "manager").await;
    server::backup::backup(&story.company.data, &story.file(), NOW).expect("backed up");
    manager.edit_customer(acme, |edit| edit.set_region(Some("west"))).expect("saved");
    manager.sync_once().await.expect("synced");

    // The first restored server begins the history anew before the manager's phone comes.
    let server = story.restored(server, vec![anna, manager]).await;
    story.office(&server).begin_history_anew(acme).await.expect("begun");
    let anna = story.phone(&server, "anna");
    settle(&[&anna]).await;
    anna.edit_customer(acme, |edit| edit.set_notes(Some("on the new one"))).expect("saved");
    anna.sync_once().await.expect("synced");
    anna.close();
    drop(anna);
    server.shutdown().await;

    let dir = story.dir.path().join("restored again");
    let done = server::backup::restore(&story.file(), &dir, false, || [10; 8], NOW).await;
    drop(done.expect("restored"));
    let server = story.serve(&dir).await;
    let (anna, manager) = (story.phone(&server, "anna"), story.phone(&server, "manager"));
    settle(&[&anna, &manager]).await;
    let (state, _generation) = on_server(&story, &server, acme).await;
    assert_eq!(state.notes.as_deref(), Some("on the new one"), "the lost history came back");
    let cases = story.cases(&server).await;
    let [case] = &cases[..] else { panic!("one case, not {cases:?}") };
    assert_eq!((case.subject, case.cause, case.changes.len()), (acme, Cause::CameBack, 1));
    let registrar = story.office(&server).registrar(By::CommandLine).await.expect("a registrar");
    registrar.decide(case.id, Verdict::Accepted, None).await.expect("it fits");
    settle(&[&manager, &anna]).await;
    let (state, _generation) = on_server(&story, &server, acme).await;
    assert_eq!(state.region.as_deref(), Some("west"), "what only the manager's phone had");
    everybody_has(&story, &server, &[&anna, &manager], acme).await;
    server.shutdown().await;
}
