use serde_bytes::ByteBuf;

use super::*;
use crate::protocol::{ChangeResult, FeedEntry, SyncResponse};
use crate::store::tests::{Fixture, ME, NOW, elsewhere, empty, enter, results};
use crate::sync::{Manifest, Outgoing};

const MINE: Scope = Scope::User(ME);

/// The server's word on what documents amount to.
fn complete(documents: &[Document]) -> FeedEntry {
    let sum = documents.iter().fold(ScopeDigest::empty(MINE), |sum, document| {
        let header = document.header();
        sum.plus(ScopeDigest::term(header.doc, header.generation, &document.heads()))
    });
    FeedEntry::Complete(sum)
}

fn listing(documents: &[Document], after: Option<u8>, more: bool) -> RepairAnswer {
    let listed = documents.iter().flat_map(|document| {
        let header = document.header();
        ListedDoc::new(header.doc, header.generation, &document.heads()).to_bytes()
    });
    let entries = ByteBuf::from(listed.collect::<Vec<u8>>());
    let after = after.map(|doc| DocId::from_bytes([doc; 16]));
    let list = Listing { scope: MINE, after, entries, more };
    RepairAnswer { list: Some(list), docs: Vec::new() }
}

fn held(document: &Document) -> DocAnswer {
    DocAnswer::Held {
        header: *document.header(),
        scopes: vec![MINE],
        snapshot: ByteBuf::from(document.snapshot()),
    }
}

fn answered(fixture: &Fixture, answer: RepairAnswer) -> Applied {
    fixture.take(&Manifest::default(), &SyncResponse { repair: Some(answer), ..empty() })
}

fn asked(fixture: &Fixture) -> Option<RepairAsk> {
    fixture.store.read(|conn| ask(conn, NOW)).unwrap()
}

fn list_after(after: Option<u8>) -> Option<ListAsk> {
    let after = after.map(|doc| DocId::from_bytes([doc; 16]));
    Some(ListAsk { scope: MINE, after })
}

#[test]
fn a_list_is_compared_page_by_page_and_goes_on_after_the_app_was_closed() {
    let fixture = Fixture::new();
    let all: Vec<Document> = (1..=6).map(|n| elsewhere(n, "tea")).collect();
    // The second and the fifth never came, the fourth is not in the server's list.
    let here = [&all[0], &all[2], &all[3], &all[5]];
    let theirs: Vec<Document> =
        all.iter().filter(|it| it.header().doc != all[3].header().doc).cloned().collect();
    let mut feed: Vec<FeedEntry> = here.into_iter().map(enter).collect();
    feed.push(complete(&theirs));
    let applied = fixture.feed(feed);
    assert!(applied.repairing);
    assert_eq!(asked(&fixture), Some(RepairAsk { list: list_after(None), docs: Vec::new() }));

    answered(&fixture, listing(&theirs[..3], None, true));
    let again = asked(&fixture).unwrap();
    assert_eq!(again.list, list_after(Some(3)), "it goes on behind the third");
    assert_eq!(again.docs, [DocId::from_bytes([2; 16])]);
    // The same answer once more, because ours was lost: nothing moves.
    answered(&fixture, listing(&theirs[..3], None, true));
    assert_eq!(asked(&fixture), Some(again));

    let fixture = fixture.reopened();
    answered(&fixture, listing(&theirs[3..], Some(3), false));
    let wanted = asked(&fixture).unwrap();
    assert_eq!(wanted.list, None);
    assert_eq!(wanted.docs, [2, 4, 5].map(|doc| DocId::from_bytes([doc; 16])));
    let docs = vec![held(&all[1]), DocAnswer::NotYours(all[3].header().doc), held(&all[4])];
    let applied = answered(&fixture, RepairAnswer { list: None, docs });
    assert!(!applied.repairing && applied.faults == 0, "{applied:?}");
    assert_eq!(asked(&fixture), None);
    let applied = fixture.feed(vec![complete(&theirs)]);
    assert!(!applied.repairing);
    let tallies = fixture.store.read(tally::all).unwrap();
    assert!(tallies.iter().all(|tally| tally.matches && tally.fault.is_none()), "{tallies:?}");
}

#[test]
fn what_the_server_lacks_of_ones_own_goes_out_again_and_what_others_wrote_does_not() {
    let fixture = Fixture::new();
    let doc = fixture.name(7, "Acme");
    let outgoing = fixture.collect();
    fixture.take(&outgoing.manifest, &results(&outgoing, &ChangeResult::Stored));
    assert_eq!(fixture.collect().manifest.changes(), 0);
    answered(&fixture, RepairAnswer { list: None, docs: vec![DocAnswer::Unknown(doc)] });
    let outgoing = fixture.collect();
    assert_eq!(outgoing.manifest.groups.len(), 1);
    assert_eq!(outgoing.manifest.groups[0].0, doc);

    // The server has somebody else's part of a document and not ours.
    let theirs = elsewhere(7, "tea");
    let fixture = Fixture::new();
    fixture.feed(vec![enter(&theirs)]);
    fixture.name(7, "Acme");
    let outgoing = fixture.collect();
    fixture.take(&outgoing.manifest, &results(&outgoing, &ChangeResult::Stored));
    answered(&fixture, RepairAnswer { list: None, docs: vec![held(&theirs)] });
    let again = fixture.collect();
    assert_eq!(again.manifest.groups, outgoing.manifest.groups, "ours alone");
    assert_eq!(fixture.shown(doc).as_deref(), Some("Acme"), "nothing was lost here");
}

#[test]
fn a_document_that_is_not_ours_stays_until_what_was_written_there_is_answered() {
    let fixture = Fixture::new();
    fixture.feed(vec![enter(&elsewhere(7, "tea"))]);
    let doc = fixture.name(7, "Acme");
    answered(&fixture, RepairAnswer { list: None, docs: vec![DocAnswer::NotYours(doc)] });
    assert_eq!(fixture.shown(doc).as_deref(), Some("Acme"));
    let outgoing = fixture.collect();
    fixture.take(&outgoing.manifest, &results(&outgoing, &ChangeResult::Stored));
    // Its author keeps it where nobody else says where it belongs; told once more, it goes.
    answered(&fixture, RepairAnswer { list: None, docs: vec![DocAnswer::NotYours(doc)] });
    assert_eq!(fixture.shown(doc), None);
}

#[test]
fn a_list_that_shows_no_difference_ends_it_for_a_day() {
    let fixture = Fixture::new();
    let one = elsewhere(1, "tea");
    let wrong = [one.clone(), elsewhere(2, "coffee")];
    fixture.feed(vec![enter(&one), complete(&wrong)]);
    let applied = answered(&fixture, listing(std::slice::from_ref(&one), None, false));
    assert_eq!((applied.faults, applied.repairing), (1, false));
    let told = fixture.store.read(tally::all).unwrap().remove(0);
    assert!(!told.matches && told.fault.is_some(), "{told:?}");
    let applied = fixture.feed(vec![complete(&[one.clone(), elsewhere(3, "water")])]);
    assert!(!applied.repairing, "not asked again so soon");
    fixture.feed(vec![complete(&[one])]);
    assert_eq!(fixture.store.read(tally::all).unwrap().remove(0).fault, None);
}

#[test]
fn documents_on_their_way_over_several_pages_leave_the_scope_incomplete() {
    let fixture = Fixture::new();
    let whole =
        |fixture: &Fixture| fixture.store.read(|conn| tally::is_complete(conn, MINE)).unwrap();
    let (one, two) = (elsewhere(1, "tea"), elsewhere(2, "coffee"));
    fixture.feed(vec![enter(&one)]);
    assert!(!whole(&fixture), "before the first end");
    fixture.feed(vec![complete(std::slice::from_ref(&one))]);
    assert!(whole(&fixture));
    let page = SyncResponse { feed: vec![enter(&two)], more: true, ..empty() };
    fixture.take(&Manifest::default(), &page);
    assert!(!whole(&fixture), "its visits may be on the next page");
    fixture.feed(vec![complete(&[one, two])]);
    assert!(whole(&fixture));
}

/// A push was stored and its answer lost; then half of it is sent again.
#[test]
fn sums_that_differ_by_a_missing_answer_ask_for_nothing() {
    let fixture = Fixture::new();
    let docs = [fixture.name(1, "Acme"), fixture.name(2, "Beta")];
    let sent = fixture.collect();
    let stored: Vec<Document> = docs
        .iter()
        .map(|doc| fixture.store.read(|conn| document::load(conn, *doc)).unwrap().unwrap().document)
        .collect();
    let duplicate = |place: usize, feed: Vec<FeedEntry>| {
        let manifest = Manifest {
            groups: vec![sent.manifest.groups[place].clone()],
            headers: vec![sent.manifest.headers[place]],
            ..Manifest::default()
        };
        let half = Outgoing { manifest, ..sent.clone() };
        let results = results(&half, &ChangeResult::Duplicate);
        fixture.take(&half.manifest, &SyncResponse { feed, ..results })
    };
    duplicate(0, vec![complete(&stored)]);
    assert_eq!(asked(&fixture), None, "the other half may be there");
    let applied = duplicate(1, Vec::new());
    assert_eq!((asked(&fixture), applied.repairing), (None, false), "and it was");
    let told = fixture.store.read(tally::all).unwrap().remove(0);
    assert!(told.matches, "{told:?}");
}
