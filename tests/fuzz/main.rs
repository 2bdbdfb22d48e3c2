//! Untrusted bytes, made by damaging honest ones, against everything that reads them:
//! the screen of changes, documents, frames of the wire, cursors, files of an import.
//!
//! Runs on stable Rust and in the test command: seeded, a few thousand inputs for each
//! target. `FIELDSYNC_FUZZ_SECONDS=600` is the longer mode, so long for each target,
//! and `FIELDSYNC_FUZZ_SEED` another beginning. There is no coverage to steer by, so a
//! target says in a word what it made of an input, and what led to a new word is
//! damaged further. What was ever found lies in `found/<target>/` and is tried first.

mod harness;
mod seeds;

use std::panic::{AssertUnwindSafe, catch_unwind};

use client_core::docs::{Applied, DocKind, Document, Heads};
use client_core::guard::{Limits, ScreenedChange};
use client_core::projection::DocState;
use client_core::protocol::codec::{self, Encoding};
use client_core::protocol::{MAX_PUSH_BYTES, SyncRequest, SyncResponse};
use harness::{Fuzz, word};
use server::import::source::{Limits as FileLimits, Source};
use server::import::{ImportKind, Map};
use tests::intruder::{Forged, leb128, repaired, run};

fn screened(bytes: &[u8]) -> Result<ScreenedChange, String> {
    ScreenedChange::screen(bytes, &Limits::default()).map_err(|error| word(&error))
}

/// What passes the screen is what Automerge reads too: hash, actor, number, operations.
#[test]
fn guard() {
    Fuzz::of("guard").run(seeds::changes(), |bytes| {
        let _with_its_own_checksum = screened(bytes);
        let bytes = repaired(bytes.to_vec());
        let change = match screened(&bytes) {
            Ok(change) => change,
            Err(word) => return word,
        };
        assert!(change.operations() <= Limits::default().change_operations);
        let read = catch_unwind(|| automerge::Change::from_bytes(bytes.clone()));
        match read {
            Ok(Ok(theirs)) => {
                assert_eq!(change.hash().0, theirs.hash().0);
                assert_eq!(&change.actor().as_bytes()[..], theirs.actor_id().to_bytes());
                assert_eq!(change.seq(), theirs.seq());
                assert_eq!(change.operations(), theirs.len() as u64);
                "read".to_owned()
            }
            // The screen does not judge what operations mean.
            Ok(Err(error)) => word(&error),
            Err(_panic) => "automerge panicked".to_owned(),
        }
    });
}

/// Whatever is applied, reading the document gives a value, the same after a restart.
#[test]
fn hydrate() {
    let documents = seeds::documents();
    Fuzz::of("hydrate").run(seeds::changes(), |bytes| {
        let Ok(change) = screened(&repaired(bytes.to_vec())) else { return "screened".to_owned() };
        let mut said = String::new();
        let fresh = DocKind::ALL.map(|kind| Document::create(seeds::header(kind)));
        for document in fresh.iter().chain(&documents) {
            let mut document = document.clone();
            let before = document.heads();
            // Automerge may panic; the server contains it in the same way.
            let applied = catch_unwind(AssertUnwindSafe(|| document.apply(&change)));
            match applied {
                Ok(Ok(Applied::New)) => {}
                Ok(Ok(other)) => {
                    said.push_str(&word(&format!("{other:?}")));
                    continue;
                }
                Ok(Err(error)) => {
                    said.push_str(&word(&error));
                    continue;
                }
                Err(_panic) => {
                    said.push('!');
                    continue;
                }
            }
            // What the server asks before it stores anything, contained as there.
            let given = catch_unwind(AssertUnwindSafe(|| {
                document.gives_back(&before, vec![change.hash()])
            }));
            if !matches!(given, Ok(true)) {
                said.push('?');
                continue;
            }
            let state = DocState::read(&document);
            let kind = document.header().kind;
            assert_eq!(DocState::decode(kind, &state.encode()).expect("a row"), state);
            assert!(document.conflicts().len() < 10_000);
            let loaded = Document::load(*document.header(), &document.snapshot()).expect("loads");
            assert_eq!(loaded.heads(), document.heads());
            assert_eq!(loaded.operations(), document.operations());
            assert_eq!(DocState::read(&loaded), state);
            assert!(!document.changes_since(&Heads::default()).is_empty());
            said.push('+');
        }
        said
    });
}

/// A frame is read or refused; what is read is written and read again the same.
#[test]
fn frames() {
    Fuzz::of("frames").run(seeds::frames(), |bytes| {
        let mut said = String::new();
        for encoding in [Encoding::Identity, Encoding::Zstd] {
            let request = codec::decode::<SyncRequest>(bytes, encoding, MAX_PUSH_BYTES);
            said.push_str(&request.as_ref().map_or_else(word, |_| "+".to_owned()));
            if let Ok(request) = request {
                let (written, encoding) = codec::encode(&request, encoding);
                let again = codec::decode::<SyncRequest>(&written, encoding, 2 * MAX_PUSH_BYTES);
                assert_eq!(again.expect("its own words"), request);
            }
            let response = codec::decode::<SyncResponse>(bytes, encoding, MAX_PUSH_BYTES);
            said.push_str(&response.as_ref().map_or_else(word, |_| "+".to_owned()));
            if let Ok(response) = response {
                let (written, encoding) = codec::encode(&response, encoding);
                let again = codec::decode::<SyncResponse>(&written, encoding, 2 * MAX_PUSH_BYTES);
                assert_eq!(again.expect("its own words"), response);
            }
        }
        said
    });
}

/// A cursor is ours or it is refused, and a refused one costs nothing.
#[test]
fn cursor() {
    let office = seeds::Office::open();
    let honest = office.cursor();
    Fuzz::of("cursor").run(vec![honest.clone()], |bytes| {
        let answer = office.ask_from(bytes);
        if bytes == honest {
            assert!(answer.is_ok(), "{answer:?}");
        } else {
            assert!(answer.is_err(), "a cursor that nobody gave out was taken");
        }
        answer.map_or_else(|error| word(&error), |()| "ours".to_owned())
    });
}

/// A file is read row by row to its end or to an error with a line, and a mapping is
/// read or refused.
#[test]
fn import() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("file.csv");
    let limits = FileLimits { rows: 10_000, ..FileLimits::default() };
    Fuzz::of("import").run(seeds::files(), |bytes| {
        std::fs::write(&file, bytes).expect("written");
        let mut said = match Source::open(&file, limits) {
            Err(error) => word(&error),
            Ok(source) => {
                let mut said = format!("{:?}{:?}", source.encoding(), source.delimiter());
                let mut rows = 0_usize;
                for row in source {
                    rows += 1;
                    assert!(rows <= bytes.len() + 1, "more rows than bytes");
                    if let Err(error) = row {
                        said.push_str(&word(&error));
                    }
                }
                said
            }
        };
        if let Ok(text) = std::str::from_utf8(bytes) {
            for kind in [ImportKind::Team, ImportKind::Customers, ImportKind::Deals] {
                let map = Map::parse(kind, text);
                said.push_str(&map.map_or_else(|error| word(&error), |_| "+".to_owned()));
            }
        }
        said
    });
}

/// The harness itself finds what is there to be found.
#[test]
fn the_harness_finds_a_fault_that_two_damaged_bytes_uncover() {
    let hidden = |bytes: &[u8]| {
        assert!(!(bytes.first() == Some(&0xff) && bytes.len() > 40), "found");
        format!("{}", bytes.first().copied().unwrap_or(0) / 64)
    };
    let found =
        catch_unwind(|| Fuzz::of("itself").keeping_nothing().run(vec![vec![0; 30]], hidden));
    assert!(found.is_err());
    // And bombs are among what it makes of a change.
    let bomb = Forged {
        deps: Vec::new(),
        actor: [7; 16],
        seq: 1,
        start_op: 1,
        others: Vec::new(),
        columns: vec![(66, [run(120_000_000), leb128(1)].concat())],
    };
    let refused = ScreenedChange::screen(&bomb.bytes(), &Limits::default());
    assert!(refused.expect_err("a bomb").to_string().contains("120000000 operations"));
}
