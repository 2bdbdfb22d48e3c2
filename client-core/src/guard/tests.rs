//! What passes the screen and what does not.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sha2::{Digest, Sha256};

use proptest::prelude::*;

use super::*;
use crate::docs::samples::{device, full_customer, full_deal, full_plan, full_visit, header};
use crate::docs::scribble::scribble;
use crate::docs::{DocKind, Document, Heads};
use crate::projection::DocState;

fn screen(bytes: &[u8]) -> Result<ScreenedChange, Rejection> {
    ScreenedChange::screen(bytes, &Limits::default())
}

fn honest() -> Vec<(DocKind, Vec<u8>)> {
    [full_customer(), full_visit().0, full_deal(), full_plan()]
        .iter()
        .flat_map(|document| {
            let kind = document.header().kind;
            document
                .changes_since(&Heads::default())
                .into_iter()
                .map(move |change| (kind, change.bytes))
        })
        .collect()
}

fn unsigned(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A run length of a column; the next seven bits keep it positive.
fn run(length: u64) -> Vec<u8> {
    let mut bytes = unsigned(length);
    if bytes.last().unwrap() & 0x40 != 0 {
        *bytes.last_mut().unwrap() |= 0x80;
        bytes.push(0);
    }
    bytes
}

/// A chunk with a right length and a right checksum.
fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    let hashed = [vec![kind], unsigned(body.len() as u64), body.to_vec()].concat();
    let checksum = Sha256::digest(&hashed);
    [&MAGIC[..], &checksum[..4], &hashed].concat()
}

/// A change with these columns and nothing else unusual.
fn change(columns: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut body = vec![0, 16];
    body.extend([7; 16]);
    body.extend([1, 1, 0, 0, 0]);
    body.extend(unsigned(columns.len() as u64));
    for (specification, data) in columns {
        body.extend(unsigned(*specification));
        body.extend(unsigned(data.len() as u64));
    }
    for (_, data) in columns {
        body.extend(data);
    }
    chunk(RAW_CHANGE, &body)
}

/// The same bytes with the checksum that belongs to them.
fn repaired(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let checksum = Sha256::digest(&bytes[8..]);
    bytes[4..8].copy_from_slice(&checksum[..4]);
    bytes
}

/// The screen and Automerge say the same of an honest change.
fn agrees(bytes: &[u8]) -> u64 {
    let screened = screen(bytes).unwrap();
    let decoded = automerge::Change::from_bytes(bytes.to_vec()).unwrap();
    assert_eq!(screened.hash().0, decoded.hash().0);
    assert_eq!(&screened.actor().as_bytes()[..], decoded.actor_id().to_bytes());
    assert_eq!(screened.seq(), decoded.seq());
    assert_eq!(screened.operations(), decoded.len() as u64);
    assert_eq!(screened.claimed_at().millis(), decoded.timestamp());
    assert_eq!(screened.bytes(), bytes);
    let deps: Vec<_> = screened.deps().iter().map(|dep| dep.0).collect();
    assert_eq!(deps, decoded.deps().iter().map(|dep| dep.0).collect::<Vec<_>>());
    screened.operations()
}

#[test]
fn honest_changes_pass_and_are_named_as_automerge_names_them() {
    for (_, bytes) in honest() {
        agrees(&bytes);
    }
}

/// One device edits, or gets what another one has.
#[derive(Debug, Clone)]
enum Step {
    Edit { device: usize, what: u8, value: u8 },
    Merge { from: usize, to: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let edit = (0..3_usize, any::<u8>(), any::<u8>());
    let edit = edit.prop_map(|(device, what, value)| Step::Edit { device, what, value });
    let merge = (0..3_usize, 0..3_usize).prop_map(|(from, to)| Step::Merge { from, to });
    proptest::collection::vec(prop_oneof![4 => edit, 1 => merge], 1..30)
}

fn kind() -> impl Strategy<Value = DocKind> {
    proptest::sample::select(DocKind::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_automerge_writes_for_an_honest_edit_passes_and_is_counted_as_it_counts(
        kind in kind(),
        steps in steps(),
    ) {
        let mut devices = vec![Document::create(header(kind)); 3];
        let genesis = devices[0].operations();
        for step in steps {
            match step {
                Step::Edit { device: number, what, value } => {
                    let context = device(number as u8 + 1, i64::from(value) - 128);
                    if let Some(change) = scribble(&mut devices[number], &context, what, value) {
                        agrees(&change.bytes);
                    }
                }
                Step::Merge { from, to } => {
                    let have = devices[to].heads();
                    for change in devices[from].changes_since(&have) {
                        devices[to].apply(&screen(&change.bytes).unwrap()).unwrap();
                    }
                }
            }
        }
        for document in devices {
            let changes = document.changes_since(&Heads::default());
            let counted: u64 = changes.iter().map(|change| agrees(&change.bytes)).sum();
            prop_assert_eq!(genesis + counted, document.operations());
            let loaded = Document::load(header(kind), &document.snapshot()).unwrap();
            prop_assert_eq!(loaded.operations(), document.operations());
        }
    }
}

#[test]
fn a_tiny_change_that_claims_120_million_operations_is_turned_away() {
    let bomb = change(&[
        (52, run(120_000_000)),
        (66, [run(120_000_000), vec![1]].concat()),
        (86, [run(120_000_000), vec![0]].concat()),
        (112, [run(120_000_000), vec![0]].concat()),
    ]);
    assert!(bomb.len() < 133);
    let error = screen(&bomb).unwrap_err();
    assert_eq!(error.to_string(), "the change claims 120000000 operations, the limit is 5000");
    let at_limit = |operations| change(&[(66, [run(operations), vec![1]].concat())]);
    assert_eq!(screen(&at_limit(5_000)).unwrap().operations(), 5_000);
    assert!(screen(&at_limit(5_001)).is_err());
    assert!(screen(&at_limit(u64::MAX >> 1)).is_err());
}

#[test]
fn no_other_column_may_claim_more_than_the_operations() {
    let one = (66_u64, vec![1, 1]);
    let huge = [run(120_000_000), vec![0]].concat();
    for column in [1, 2, 17, 19, 21, 86, 112, 148, 165_u64] {
        let mut columns = vec![one.clone(), (column, huge.clone())];
        columns.sort();
        assert!(screen(&change(&columns)).is_err(), "column {column}");
    }
    // One operation that claims 120 million predecessors.
    let preds = change(&[one.clone(), (112, [vec![1], unsigned(120_000_000)].concat())]);
    assert!(matches!(screen(&preds), Err(Rejection::TooMuch { .. })));
    // A value that claims to be longer than a field, and one longer than its column.
    let long = change(&[one.clone(), (86, [vec![1], unsigned(1 << 30)].concat())]);
    assert!(matches!(screen(&long), Err(Rejection::TooMuch { .. })));
    let short =
        change(&[one.clone(), (86, [vec![1], unsigned(9 << 4 | 6)].concat()), (87, vec![])]);
    assert!(matches!(screen(&short), Err(Rejection::Malformed { .. })));
    // An actor that the change does not name.
    let stranger = change(&[(1, vec![1, 1]), (2, vec![1, 1]), one.clone()]);
    assert!(matches!(screen(&stranger), Err(Rejection::Malformed { .. })));
    // Columns: compressed, unknown, twice, out of order.
    for columns in [&[(66 | 8, vec![1, 1])][..], &[(200, vec![])], &[one.clone(), one.clone()]] {
        assert!(screen(&change(columns)).is_err(), "{columns:?}");
    }
    assert!(screen(&change(&[one, (52, vec![1])])).is_err());
}

#[test]
fn a_long_key_repeated_thousands_of_times_is_turned_away_before_it_is_copied() {
    let key = [unsigned(16_000), vec![b'k'; 16_000]].concat();
    let times =
        |n| change(&[(21, [run(n), key.clone()].concat()), (66, [run(n), vec![1]].concat())]);
    assert_eq!(screen(&times(65)).unwrap().operations(), 65);
    let error = screen(&times(5_000)).unwrap_err();
    assert_eq!(error.to_string(), "the change claims 80000000 bytes of keys, the limit is 1048576");
}

#[test]
fn only_raw_changes_pass() {
    let (_, bytes) = &honest()[0];
    let body = &bytes[11..];
    assert_eq!(chunk(1, body), *bytes, "the header is 11 bytes here");
    for kind in [0, 2, 3, 255] {
        let error = screen(&chunk(kind, body)).unwrap_err();
        assert_eq!(error.to_string(), "not a raw change: its chunk type is not 1");
    }
    let document = full_customer().snapshot();
    assert!(screen(&document).is_err());
    let compressed = automerge::Change::from_bytes(bytes.clone()).unwrap().bytes().into_owned();
    assert_ne!(compressed, *bytes);
    assert!(screen(&compressed).is_err());
}

#[test]
fn a_change_beyond_its_bytes_or_dependencies_is_turned_away_with_the_numbers() {
    let long = vec![0; 64 * 1024 + 1];
    let too_much = |what, claimed, limit| Err(Rejection::TooMuch { what, claimed, limit });
    assert_eq!(screen(&long), too_much("bytes", 65_537, 65_536));
    let mut body = unsigned(257);
    body.extend([0; 32 * 257]);
    assert_eq!(screen(&chunk(RAW_CHANGE, &body)), too_much("dependencies", 257, 256));
    let endless = unsigned(u64::MAX);
    assert!(screen(&chunk(RAW_CHANGE, &endless)).is_err());
}

#[test]
fn a_change_cut_anywhere_or_continued_is_turned_away() {
    for (_, bytes) in honest() {
        for end in 0..bytes.len() {
            assert!(screen(&bytes[..end]).is_err());
            if end > 11 {
                assert!(screen(&chunk(RAW_CHANGE, &bytes[11..end])).is_err());
            }
        }
        assert!(screen(&[&bytes[..], &[0]].concat()).is_err());
        assert!(screen(&chunk(RAW_CHANGE, &[&bytes[11..], &[0]].concat())).is_err());
    }
}

#[test]
fn one_wrong_bit_is_noticed_by_the_checksum() {
    for (_, bytes) in honest() {
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            assert!(screen(&damaged).is_err());
        }
    }
}

/// What a forger sends: damaged and with a right checksum. The screen never
/// panics; what it lets through counts as Automerge counts, and what Automerge
/// takes without panicking is read without panicking.
#[test]
fn forged_changes_are_turned_away_or_bounded() {
    let mut surprises = Vec::new();
    for (kind, bytes) in honest() {
        for at in 8..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            let Ok(screened) = screen(&repaired(&damaged)) else { continue };
            if screened.operations() > 5_000 {
                surprises.push(format!("{kind:?} {at}: {} operations", screened.operations()));
            }
            let mut document = Document::create(header(kind));
            // Automerge itself may panic here; the server contains it the same way.
            let applied = catch_unwind(AssertUnwindSafe(|| document.apply(&screened).is_ok()));
            if let Ok(true) = applied {
                let read = catch_unwind(AssertUnwindSafe(|| {
                    let state = DocState::read(&document);
                    DocState::decode(kind, &state.encode()).unwrap() == state
                        && document.conflicts().len() < 100
                }));
                if !matches!(read, Ok(true)) {
                    surprises.push(format!("{kind:?} {at}: {read:?}"));
                }
            }
        }
    }
    assert_eq!(surprises, Vec::<String>::new());
}

/// The screen alone, a hundred thousand times: it never panics, and what it counts is
/// what Automerge counts.
#[test]
fn a_hundred_thousand_damaged_changes_are_turned_away_or_counted_right() {
    let honest = honest();
    let mut state = 20_261_122_u64;
    let mut below = move |limit: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    };
    let (mut passed, mut unread) = (0, 0);
    for number in 0..100_000 {
        let mut bytes = honest[number % honest.len()].1.clone();
        for _ in 0..=below(3) {
            let at = 8 + below(bytes.len() - 8);
            bytes[at] = match below(3) {
                0 => bytes[at] ^ (1 << below(8)),
                1 => below(256) as u8,
                _ => [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xff][below(7)],
            };
        }
        let bytes = repaired(&bytes);
        let Ok(screened) = screen(&bytes) else { continue };
        passed += 1;
        let read = catch_unwind(|| automerge::Change::from_bytes(bytes.clone()));
        match read {
            Ok(Ok(change)) => assert_eq!(screened.operations(), change.len() as u64),
            _ => unread += 1,
        }
    }
    println!("{passed} of 100,000 passed, {unread} of them mean nothing to Automerge");
    assert!(passed > 0);
}

#[test]
fn a_change_may_name_what_every_actor_of_a_full_document_wrote() {
    let limits = Limits::default();
    // Each actor's last change, and one of the constants that every history begins with.
    assert!(limits.change_dependencies > limits.document_actors);
    assert!(limits.change_dependencies * 32 < limits.change_bytes / 4);
}
