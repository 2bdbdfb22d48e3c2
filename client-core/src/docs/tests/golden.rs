//! Golden documents: what a released version wrote must load for ever.

use crate::docs::samples::{full_case, full_customer, full_deal, full_plan, full_visit, header};
use crate::docs::{DocKind, Document};
use crate::projection::DocState;

fn full(kind: DocKind) -> Document {
    match kind {
        DocKind::Customer => full_customer(),
        DocKind::Visit => full_visit().0,
        DocKind::Deal => full_deal(),
        DocKind::Plan => full_plan(),
        DocKind::Case => full_case(),
    }
}

macro_rules! fixture {
    ($kind:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/fixtures/documents/",
            $kind,
            "-schema-1.bin"
        ))
    };
}

/// A fixture is written once, when a schema is released, and never again.
fn golden(kind: DocKind) -> Document {
    let snapshot: &[u8] = match kind {
        DocKind::Customer => fixture!("customer"),
        DocKind::Visit => fixture!("visit"),
        DocKind::Deal => fixture!("deal"),
        DocKind::Plan => fixture!("plan"),
        DocKind::Case => fixture!("case"),
    };
    Document::load(header(kind), snapshot).unwrap()
}

#[test]
fn a_document_of_every_released_schema_loads_and_reads_the_same() {
    for kind in DocKind::ALL {
        let document = golden(kind);
        let state = serde_json::to_value(DocState::read(&document)).unwrap();
        let name = format!("{}-schema-1", kind.as_str());
        insta::assert_json_snapshot!(name, state);
    }
}

#[test]
fn intents_still_write_what_the_released_schema_reads() {
    for kind in DocKind::ALL {
        assert_eq!(DocState::read(&full(kind)), DocState::read(&golden(kind)), "{kind:?}");
    }
}

#[test]
fn every_field_of_the_full_documents_is_filled_and_faultless() {
    for kind in DocKind::ALL {
        let state = serde_json::to_value(DocState::read(&full(kind))).unwrap();
        let hydrated = &state[kind.as_str()];
        assert_eq!(hydrated["faults"], serde_json::json!([]), "{kind:?}");
        for (field, value) in hydrated["value"].as_object().unwrap() {
            let empty = value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
            assert!(!empty, "{kind:?} {field}");
        }
    }
}

#[test]
fn one_change_holds_a_full_visit_in_little_more_than_its_text() {
    let (_, change) = full_visit();
    assert_eq!(change.bytes.len(), 2260, "three files and two position fixes included");
    insta::assert_snapshot!("full-visit-change", data_encoding::BASE64.encode(&change.bytes));
}
