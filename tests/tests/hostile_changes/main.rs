//! What somebody with an account and no scruples may push, at a real server process:
//! each message costs at most 250 ms of CPU and 64 MiB, the process lives, and nobody
//! else's documents notice. `FIELDSYNC_MUTATIONS=100000` is the longer mode of the
//! damaged changes, of which the screen alone sees that many on every run
//! (`client-core/src/guard/tests.rs`).
#![cfg(target_os = "linux")]

mod documents;
mod siege;

use std::collections::BTreeSet;

use automerge::transaction::Transactable;
use automerge::{AutoCommit, ObjType, ROOT, ReadDoc, ScalarValue};
use client_core::docs::visit::Outcome;
use client_core::docs::{DocKind, Document, Header};
use client_core::protocol::codec::{self, Encoding};
use client_core::protocol::{ChangeResult, MAX_PUSH_BYTES, RejectCode};
use documents::{fields, full_documents, tampered};
use siege::{Siege, bytes, code, now};
use tests::company::PASSWORD;
use tests::intruder::{Forged, Intruder, chunk, group, leb128, repaired, request, run};

/// A change that claims these columns, on top of genesis alone.
fn forged(siege: &Siege, header: &Header, columns: Vec<(u64, Vec<u8>)>) -> Forged {
    let genesis = Document::create(*header);
    Forged {
        deps: genesis.heads().as_slice().iter().map(|hash| hash.0).collect(),
        actor: *siege.mallory.actor.as_bytes(),
        seq: 1,
        start_op: genesis.operations() + 1,
        others: Vec::new(),
        columns,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_of_operations_bytes_and_texts_are_turned_away_unread() {
    let mut siege = Siege::lay().await;
    let header = siege.mallory.header(DocKind::Customer, None);
    let all = run(120_000_000);
    let columns = vec![
        (52, all.clone()),
        (66, [all.clone(), vec![1]].concat()),
        (86, [all.clone(), vec![0]].concat()),
        (112, [all.clone(), vec![0]].concat()),
    ];
    let bomb = forged(&siege, &header, columns).bytes();
    assert!(bomb.len() <= 133, "{} bytes", bomb.len());
    let results = siege.push_to("120 million operations", header, vec![bomb]).await;
    assert_eq!(code(&results[0]), RejectCode::TooLarge);

    // As many predecessors of one operation; a key repeated five thousand times.
    let one = (66_u64, vec![1, 1]);
    let preds = vec![one.clone(), (112, [vec![1], leb128(120_000_000)].concat())];
    let key = [leb128(16_000), vec![b'k'; 16_000]].concat();
    let keys = vec![(21, [run(5_000), key].concat()), (66, [run(5_000), vec![1]].concat())];
    let value = vec![one, (86, [vec![1], leb128(200_000_000 << 4 | 6)].concat()), (87, vec![])];
    for (what, columns) in
        [("predecessors", preds), ("a long key", keys), ("a text of 200 MB", value)]
    {
        let change = forged(&siege, &header, columns).bytes();
        let results = siege.push_to(what, header, vec![change]).await;
        assert_eq!(code(&results[0]), RejectCode::TooLarge, "{what}");
    }

    // A compressed chunk: what it would become is never seen.
    let mut large = AutoCommit::new();
    large.put(ROOT, "x", "0".repeat(50_000_000)).expect("put");
    large.commit();
    let packed = large.get_last_local_change().expect("a change").bytes().into_owned();
    assert!(packed.len() < 65_536 && packed[8] == 2, "{} bytes", packed.len());
    for kind in [0, 2, 3, 255] {
        let bomb = if kind == 2 { packed.clone() } else { chunk(kind, &packed[12..]) };
        let results = siege.push_to("a deflate bomb", header, vec![bomb]).await;
        assert_eq!(code(&results[0]), RejectCode::Malformed, "chunk type {kind}");
    }

    // The same for whole requests: 200 MB of text, said and real, and empty values
    // without end.
    let said = [&b"\xa1\x61g\x7a"[..], &200_000_000_u32.to_be_bytes(), b"xx"].concat();
    let zeros = [said.clone(), vec![b'0'; 200_000_000]].concat();
    // Each takes one byte on the way and 24 once it is read.
    let empty = group(header, vec![Vec::new(); 4_100_000]);
    let (empties, _) = codec::encode(&request(vec![empty]), Encoding::Identity);
    let pack = |bytes: &[u8]| zstd::bulk::compress(bytes, 3).expect("packed");
    for (what, body, encoding, status) in [
        ("a text that is not there", said.clone(), None, 400),
        ("200 MB of text, packed", pack(&zeros), Some("zstd"), 413),
        ("more than a push, packed", pack(&vec![0; MAX_PUSH_BYTES + 1]), Some("zstd"), 413),
        ("more than a push", vec![0; MAX_PUSH_BYTES + 1], None, 413),
        ("four million empty values", empties.clone(), None, 413),
        ("four million empty values, packed", pack(&empties), Some("zstd"), 413),
        ("a window of 2 GB", window(), Some("zstd"), 400),
        ("an encoding nobody knows", said.clone(), Some("br"), 400),
    ] {
        let mallory = siege.mallory.sender();
        let (got, answer) = siege.weigh(what, mallory.post(body, encoding)).await.expect(what);
        assert_eq!(got, status, "{what}: {}", String::from_utf8_lossy(&answer));
    }
    siege.holds("bombs").await;
}

/// A zstd frame that asks its reader to keep 2 GB.
fn window() -> Vec<u8> {
    // Magic, descriptor without content size, window log 31, one raw block of one byte.
    vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, (31 - 10) << 3, 0x09, 0x00, 0x00, 0x41]
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_impostors_and_doubles_are_refused_with_the_reason() {
    let mut siege = Siege::lay().await;
    let (header, mut document) = siege.foothold().await;
    let heads: Vec<_> = document.heads().as_slice().iter().map(|hash| hash.0).collect();
    // An operation in an object of an actor that never wrote here.
    let (mine, start_op) = (*siege.mallory.actor.as_bytes(), document.operations() + 1);
    let put = |others: Vec<[u8; 16]>, seq| {
        let mut columns = vec![
            (21, vec![1, 1, b'x']),
            (52, vec![1]),
            (66, vec![1, 1]),
            (86, vec![1, 0]),
            (112, vec![1, 0]),
        ];
        if !others.is_empty() {
            columns.splice(0..0, [(1, vec![1, 1]), (2, vec![1, 5])]);
        }
        Forged { deps: heads.clone(), actor: mine, seq, start_op, others, columns }
    };
    let stranger = put(vec![[77; 16]], 2).bytes();
    let crowd = put(
        (0..5_000_u32)
            .map(|n| {
                let mut actor = [3; 16];
                actor[..4].copy_from_slice(&n.to_be_bytes());
                actor
            })
            .collect(),
        2,
    )
    .bytes();
    let results = siege.push_to("an unknown actor", header, vec![stranger]).await;
    assert_eq!(code(&results[0]), RejectCode::Malformed);
    let results = siege.push_to("5,000 named actors", header, vec![crowd]).await;
    assert_eq!(code(&results[0]), RejectCode::TooLarge);

    // Somebody else's actor, which the server knows to be bound to her phone.
    let impostor = Intruder::sign_in(&siege.url(), "anna", 7).await.expect("signs in");
    let context = impostor.context(now());
    let change = document.clone().edit_customer(&context, |edit| edit.set_name(Some("Stolen")));
    let results = siege.push_to("an impersonated actor", header, vec![bytes(change)]).await;
    assert_eq!(code(&results[0]), RejectCode::ForeignActor);

    // Five thousand writers, each with one change.
    let crowd: Vec<Vec<u8>> = (0..5_000_u32)
        .map(|n| {
            let mut forged = put(Vec::new(), 1);
            forged.actor = [3; 16];
            forged.actor[..4].copy_from_slice(&n.to_be_bytes());
            forged.bytes()
        })
        .collect();
    for part in crowd.chunks(500) {
        let results = siege.push_to("500 of 5,000 actors", header, part.to_vec()).await;
        assert!(results.iter().all(|result| code(result) == RejectCode::ForeignActor));
    }

    // The same number with other content, and a number that leaves a gap.
    let context = siege.mallory.context(now());
    let mut other = Document::create(header);
    let rival = bytes(other.edit_customer(&context, |edit| edit.set_name(Some("Rival"))));
    let results = siege.push_to("a number used twice", header, vec![rival]).await;
    assert_eq!(code(&results[0]), RejectCode::ForkedActor);
    let gap = put(Vec::new(), 9).bytes();
    let results = siege.push_to("a gap in the numbers", header, vec![gap]).await;
    assert_eq!(code(&results[0]), RejectCode::Malformed);
    let mut far = put(Vec::new(), 2);
    far.start_op = u64::from(u32::MAX) - 5;
    let results = siege.push_to("a jump in the operations", header, vec![far.bytes()]).await;
    assert_eq!(code(&results[0]), RejectCode::Malformed);
    // None of it is in the document: the honest next change is taken.
    let next = bytes(document.edit_customer(&context, |edit| edit.set_name(Some("Next"))));
    let results = siege.push_to("an honest change", header, vec![next]).await;
    assert_eq!(results, [ChangeResult::Stored]);
    siege.holds("strangers").await;
}

/// Each change of an honest phone builds on its last one. Heads that nobody merges would
/// be more than the next change of anybody may name.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_never_builds_on_its_own_words_locks_no_document() {
    let mut siege = Siege::lay().await;
    let (header, mut document) = siege.foothold().await;
    let beside: Vec<Vec<u8>> = (0..300_u32)
        .map(|n| {
            let key = [vec![1], leb128(4), format!("{n:04}").into_bytes()].concat();
            let columns = vec![
                (21, key),
                (52, vec![1]),
                (66, vec![1, 1]),
                (86, vec![1, 0]),
                (112, vec![1, 0]),
            ];
            let forged = forged(&siege, &header, columns);
            Forged { seq: u64::from(n) + 2, ..forged }.bytes()
        })
        .collect();
    let results = siege.push_to("300 heads", header, beside).await;
    assert!(results.iter().all(|result| code(result) == RejectCode::Malformed), "{results:?}");
    let why = format!("{:?}", results[0]);
    assert!(why.contains("does not build on what its actor wrote last"), "{why}");
    let context = siege.mallory.context(now());
    let next = bytes(document.edit_customer(&context, |edit| edit.set_name(Some("Next"))));
    let results = siege.push_to("an honest change", header, vec![next]).await;
    assert_eq!(results, [ChangeResult::Stored]);
    siege.holds("heads").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_orphans_and_rings_of_missing_causes_are_never_kept() {
    let mut siege = Siege::lay().await;
    let (header, mut document) = siege.foothold().await;
    let first = document.heads().as_slice().iter().map(|hash| hash.0).next().expect("a head");
    let orphan = |n: u32, deps: Vec<[u8; 32]>| {
        let mut deps = deps;
        deps.sort_unstable();
        Forged {
            deps,
            actor: *siege.mallory.actor.as_bytes(),
            seq: u64::from(n) + 2,
            start_op: u64::from(n) + 100,
            others: Vec::new(),
            columns: vec![
                (
                    21,
                    [vec![1], leb128(4), n.to_be_bytes().map(|byte| byte % 64 + 48).to_vec()]
                        .concat(),
                ),
                (52, vec![1]),
                (66, vec![1, 1]),
                (86, vec![1, 0]),
                (112, vec![1, 0]),
            ],
        }
        .bytes()
    };
    let hash = |change: &[u8]| {
        let automerge = automerge::Change::from_bytes(change.to_vec()).expect("a change");
        automerge.hash().0
    };
    let orphans: Vec<Vec<u8>> = (0..20_000_u32)
        .map(|n| {
            let mut missing = [0xab; 32];
            missing[..4].copy_from_slice(&n.to_be_bytes());
            orphan(n, vec![missing, first])
        })
        .collect();
    // Rings cannot be made of hashes; this is as near as one comes: each builds on the
    // one before and on a guess at the one behind.
    let mut ring: Vec<Vec<u8>> = Vec::new();
    for n in 0..500_u32 {
        let before = ring.last().map_or([0xcd; 32], |change| hash(change));
        let mut guess = [0xef; 32];
        guess[..4].copy_from_slice(&n.to_be_bytes());
        ring.push(orphan(n, vec![before, guess]));
    }
    let memory = siege.meter.peak();
    for part in orphans.chunks(500) {
        let results = siege.push_to("500 of 20,000 orphans", header, part.to_vec()).await;
        assert!(
            results.iter().all(|it| matches!(it, ChangeResult::MissingDeps(it) if it.len() == 1))
        );
    }
    for _again in 0..3 {
        let results = siege.push_to("a ring", header, ring.clone()).await;
        assert!(results.iter().all(|it| matches!(it, ChangeResult::MissingDeps(_))));
    }
    let kept = siege.meter.peak().saturating_sub(memory);
    assert!(kept < 16 << 20, "{} KiB stayed", kept >> 10);
    // The document is as it was, and as small.
    let context = siege.mallory.context(now());
    let next = bytes(document.edit_customer(&context, |edit| edit.set_name(Some("Next"))));
    let results = siege.push_to("an honest change", header, vec![next]).await;
    assert_eq!(results, [ChangeResult::Stored]);
    siege.holds("orphans").await;
}

fn mutations() -> usize {
    let said = std::env::var("FIELDSYNC_MUTATIONS").ok();
    said.map_or(4_000, |said| said.parse().expect("FIELDSYNC_MUTATIONS is a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_changes_with_repaired_checksums_harm_nobody() {
    /// Damaged changes of one request.
    const PUSH: usize = 20;
    let mut siege = Siege::lay().await;
    let honest = full_documents(&mut siege.mallory);
    let mut seen = [0_u64; 5];
    for push in 0..mutations() / PUSH {
        let mut groups = Vec::new();
        for number in 0..PUSH {
            let (document, changes) = &honest[(push * PUSH + number) % honest.len()];
            let mut header = *document.header();
            header.doc = siege.mallory.header(header.kind, None).doc;
            let mut change = changes[0].clone();
            let dice = &mut siege.mallory.dice;
            for _ in 0..=dice.below(3) {
                let place = 8 + dice.below(change.len() as u64 - 8) as usize;
                change[place] = match dice.below(3) {
                    0 => change[place] ^ (1 << dice.below(8)),
                    1 => dice.bytes::<1>()[0],
                    _ => [0, 1, 0x7f, 0x80, 0xff][dice.below(5) as usize],
                };
            }
            groups.push(group(header, vec![repaired(change)]));
        }
        for result in siege.push("20 damaged changes", groups).await {
            seen[match result {
                ChangeResult::Stored => 0,
                ChangeResult::Duplicate => 1,
                ChangeResult::MissingDeps(_) => 2,
                ChangeResult::Rejected { .. } => 3,
                ChangeResult::Quarantined { .. } => 4,
            }] += 1;
        }
    }
    let [stored, duplicate, missing, refused, quarantined] = seen;
    println!(
        "{} damaged changes: {stored} read like honest ones, {duplicate} were there, {missing} \
         lack causes, {refused} refused, {quarantined} set aside after a panic",
        mutations()
    );
    assert!(refused > 0);
    siege.holds("damaged changes").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_types_in_every_field_and_deleted_root_maps_leave_every_page_readable() {
    let mut siege = Siege::lay().await;
    let mut pages = BTreeSet::from(["/board".to_owned()]);
    let wrong: [(&str, ScalarValue); 8] = [
        ("a number", ScalarValue::Int(i64::MIN)),
        ("a text", ScalarValue::Str("not that".into())),
        ("bytes", ScalarValue::Bytes(vec![0x9f; 200])),
        ("a flag", ScalarValue::Boolean(true)),
        ("nothing", ScalarValue::Null),
        ("no number", ScalarValue::F64(f64::NAN)),
        ("a far time", ScalarValue::Timestamp(i64::MAX)),
        ("a counter", ScalarValue::Counter(i64::MAX.into())),
    ];
    let actor = siege.mallory.actor;
    for (mut document, changes) in full_documents(&mut siege.mallory) {
        let header = *document.header();
        let results = siege.push_to("an honest document", header, changes).await;
        assert!(results.iter().all(|result| *result == ChangeResult::Stored), "{results:?}");
        for (what, value) in &wrong {
            let change = tampered(&mut document, actor, |raw| {
                for (map, key) in fields(raw).into_iter().filter(|(map, _)| *map != ROOT) {
                    raw.put(&map, key, value.clone()).expect("put");
                }
            });
            let what = format!("{what} in every field of a {}", header.kind.as_str());
            let results = siege.push_to(&what, header, vec![change]).await;
            assert_eq!(results, [ChangeResult::Stored], "{what}");
        }
        for object in [ObjType::List, ObjType::Text, ObjType::Map] {
            let change = tampered(&mut document, actor, |raw| {
                for (map, key) in fields(raw).into_iter().filter(|(map, _)| *map != ROOT) {
                    raw.put_object(&map, key, object).expect("put");
                }
            });
            let results = siege.push_to("an object in every field", header, vec![change]).await;
            assert_eq!(results, [ChangeResult::Stored]);
        }
        let change = tampered(&mut document, actor, |raw| {
            for (_, key) in fields(raw).into_iter().filter(|(map, _)| *map == ROOT) {
                raw.delete(ROOT, key).expect("deleted");
            }
        });
        let results = siege.push_to("deleted root maps", header, vec![change]).await;
        assert_eq!(results, [ChangeResult::Stored]);
        // What comes after still lands where it belongs.
        let context = siege.mallory.context(now());
        let after = match header.kind {
            DocKind::Customer => document.edit_customer(&context, |it| it.set_name(Some("Back"))),
            DocKind::Visit => document.edit_visit(&context, |it| {
                it.set_co_visitor_note(client_core::id::UserId::from_bytes([1; 16]), Some("Back"))
            }),
            DocKind::Deal => document.edit_deal(&context, |it| it.set_name(Some("Back"))),
            DocKind::Plan => {
                document.edit_plan(&context, |it| it.set_report_progress(Some("Back")))
            }
            DocKind::Case => document.edit_case(&context, |it| it.set_cause(Some("Back"))),
        };
        let results = siege.push_to("an honest change", header, vec![bytes(after)]).await;
        assert_eq!(results, [ChangeResult::Stored]);
        match header.kind {
            DocKind::Customer => {
                pages.extend(["/customers".into(), format!("/customers/{}", header.doc)])
            }
            DocKind::Visit => pages.extend(["/visits".into(), format!("/visits/{}", header.doc)]),
            DocKind::Deal => pages.extend(["/deals".into(), format!("/deals/{}", header.doc)]),
            DocKind::Plan | DocKind::Case => {}
        }
    }
    let cookie = manager(&siege.url()).await;
    let http = tests::tools::http();
    for page in pages {
        let url = format!("{}{page}", siege.url());
        let asking = http.get(url).header("cookie", cookie.clone()).send();
        let answer = siege.weigh(&page, asking).await.expect("answered");
        assert_eq!(answer.status(), 200, "{page}");
    }
    siege.holds("wrong types").await;
}

async fn manager(url: &str) -> String {
    let signed_in = tests::tools::http()
        .post(format!("{url}/sign-in"))
        .header("origin", url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("login=manager&password={}&next=/board", PASSWORD.replace(' ', "+")))
        .send()
        .await
        .expect("answered");
    signed_in.headers()["set-cookie"].to_str().expect("text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_after_a_submit_stay_visible_and_do_not_count() {
    let mut siege = Siege::lay().await;
    let mut documents = full_documents(&mut siege.mallory);
    let (mut document, changes) = documents.remove(1);
    let header = *document.header();
    let results = siege.push_to("an honest visit", header, changes).await;
    assert!(results.iter().all(|result| *result == ChangeResult::Stored), "{results:?}");
    let actor = siege.mallory.actor;
    let edit = |document: &mut Document, outcome: &str| {
        tampered(document, actor, |raw| {
            let (_, about) = raw.get(ROOT, "about").expect("read").expect("a map");
            raw.put(&about, "outcome", outcome).expect("put");
        })
    };
    let change = edit(&mut document, "order");
    let results = siege.push_to("an edit after the submit", header, vec![change]).await;
    assert_eq!(results, [ChangeResult::Stored], "kept, because somebody wrote it");
    // Taking the submit back first does not help.
    let back = tampered(&mut document, actor, |raw| {
        let (_, submit) = raw.get(ROOT, "submit").expect("read").expect("a map");
        raw.delete(&submit, "submitted_at").expect("deleted");
    });
    let again = edit(&mut document, "lost");
    let results = siege.push_to("a submit taken back", header, vec![back, again]).await;
    assert_eq!(results, [ChangeResult::Stored, ChangeResult::Stored]);
    let read = client_core::docs::visit::VisitState::read(&document);
    let late: Vec<_> = read
        .faults
        .iter()
        .filter(|fault| fault.problem == client_core::docs::Problem::EditAfterSubmit)
        .map(|fault| fault.path.as_str())
        .collect();
    assert!(late.contains(&"about/outcome"), "{:?}", read.faults);
    assert_ne!(read.value.outcome, None::<Outcome>, "{:?}", read.value.outcome);
    // The manager's page says so.
    let cookie = manager(&siege.url()).await;
    let url = format!("{}/visits/{}", siege.url(), header.doc);
    let page = tests::tools::http().get(url).header("cookie", cookie).send().await.expect("asked");
    assert_eq!(page.status(), 200);
    siege.holds("edits after submit").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_cursors_and_documents_at_their_limits_cost_no_more_than_others() {
    let mut siege = Siege::lay().await;
    let lengths: Vec<usize> = vec![0, 1, 16, 64, 200, 5_000];
    for length in lengths {
        let mut cursor = vec![0; length];
        for byte in &mut cursor {
            *byte = siege.mallory.dice.bytes::<1>()[0];
        }
        let mallory = siege.mallory.sender();
        let status = siege.weigh("a forged cursor", mallory.ask_from(cursor)).await;
        assert_eq!(status.expect("answered"), 400);
    }
    // Ten changes of five thousand operations each in about two hundred bytes: the
    // eleventh is more than a document may hold. The server may begin the history anew
    // before it comes to that, and then what goes on with the old one is refused.
    let header = siege.mallory.header(DocKind::Customer, None);
    let genesis = Document::create(header);
    let mut deps: Vec<[u8; 32]> = genesis.heads().as_slice().iter().map(|hash| hash.0).collect();
    let mut start_op = genesis.operations() + 1;
    let mut results = Vec::new();
    for seq in 1..=11_u64 {
        let forged = Forged {
            deps: deps.clone(),
            actor: *siege.mallory.actor.as_bytes(),
            seq,
            start_op,
            others: Vec::new(),
            columns: vec![
                (21, [run(5_000), vec![1, b'a' + seq as u8]].concat()),
                (52, leb128(5_000)),
                (66, [run(5_000), vec![1]].concat()),
                (86, [run(5_000), vec![0]].concat()),
                (112, [run(5_000), vec![0]].concat()),
            ],
        };
        let change = forged.bytes();
        start_op += 5_000;
        deps = vec![automerge::Change::from_bytes(change.clone()).expect("a change").hash().0];
        results.extend(siege.push_to("5,000 operations in 100 bytes", header, vec![change]).await);
    }
    println!("5,000 operations each: {results:?}");
    let stored = results.iter().take_while(|result| **result == ChangeResult::Stored).count();
    assert!((1..=10).contains(&stored), "{stored} entered");
    for refused in &results[stored..] {
        assert!(matches!(code(refused), RejectCode::TooLarge | RejectCode::OldGeneration));
    }
    siege.holds("limits").await;
}
