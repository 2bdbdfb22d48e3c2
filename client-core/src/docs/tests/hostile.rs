//! Reading is total: hostile or newer documents give a value and faults.

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};

use crate::docs::customer::CustomerState;
use crate::docs::samples::{
    captured, device, fill_visit, full_customer, full_deal, full_plan, full_visit, header, item,
};
use crate::docs::visit::{JournalLink, VisitState};
use crate::docs::{DocKind, Document, Problem};
use crate::projection::DocState;

/// The document after someone with a tool of their own wrote into it.
fn tampered(document: &Document, tamper: impl FnOnce(&mut AutoCommit)) -> Document {
    let mut raw = AutoCommit::load(&document.snapshot()).unwrap();
    raw.set_actor(ActorId::from(&[66_u8; 16][..]));
    tamper(&mut raw);
    Document::load(*document.header(), &raw.save()).unwrap()
}

fn map(raw: &AutoCommit, name: &str) -> ObjId {
    raw.get(ROOT, name).unwrap().unwrap().1
}

fn problem_at<'f>(faults: &'f [crate::docs::Fault], path: &str) -> &'f Problem {
    let found = faults.iter().find(|fault| fault.path == path);
    &found.unwrap_or_else(|| panic!("no fault at {path}: {faults:?}")).problem
}

#[test]
fn wrong_types_and_impossible_values_become_faults_and_the_rest_is_read() {
    let contact = data_encoding::BASE64URL_NOPAD.encode(item(4).as_bytes());
    let document = tampered(&full_customer(), |raw| {
        let about = map(raw, "about");
        raw.put(&about, "name", 5_i64).unwrap();
        raw.put_object(&about, "region", ObjType::List).unwrap();
        raw.put(&about, "created_at", ScalarValue::Timestamp(i64::MAX)).unwrap();
        raw.put(&about, "position", vec![0x9f_u8; 300]).unwrap();
        raw.put(&about, "channel", "teleport").unwrap();
        raw.put(map(raw, "tier_proposal"), "contribution", 900_i64).unwrap();
        raw.put(map(raw, "tags"), "not an id", "tag").unwrap();
        raw.put(map(raw, "credit"), "limit", "lots").unwrap();
        let contacts = map(raw, "contacts");
        let (_, item) = raw.get(&contacts, &contact).unwrap().unwrap();
        raw.put(&item, "influence", 6_i64).unwrap();
        raw.put(&item, "birthday", "2026-02-30").unwrap();
        let other = data_encoding::BASE64URL_NOPAD.encode(&[7; 16]);
        raw.put(&contacts, &other, "a contact").unwrap();
    });
    let read = CustomerState::read(&document);
    let fault = |path: &str| problem_at(&read.faults, path);
    assert!(matches!(fault("about/name"), Problem::WrongType { .. }));
    assert!(matches!(fault("about/region"), Problem::WrongType { .. }));
    assert!(matches!(fault("about/created_at"), Problem::OutOfRange { .. }));
    assert!(matches!(fault("about/position"), Problem::WrongType { .. }));
    assert!(matches!(fault("tier_proposal/contribution"), Problem::OutOfRange { .. }));
    assert!(matches!(fault("tags/not an id"), Problem::BadKey));
    assert!(matches!(fault("credit/limit"), Problem::OutOfRange { .. }));
    assert!(matches!(
        fault(&format!("contacts/{}/influence", item(4))),
        Problem::OutOfRange { .. }
    ));
    assert!(matches!(
        fault("contacts/07070707-0707-0707-0707-070707070707"),
        Problem::WrongType { .. }
    ));
    assert_eq!(read.faults.len(), 10, "{:?}", read.faults);
    assert_eq!(read.value.name, None);
    assert_eq!(read.value.channel.unwrap().as_str(), "teleport", "an unknown code is kept");
    assert_eq!(read.value.contacts[&item(4)].name.as_deref(), Some("王建国"));
}

#[test]
fn overwriting_a_root_map_hides_nothing() {
    for full in [full_customer(), full_visit().0, full_deal(), full_plan()] {
        let before = serde_json::to_value(DocState::read(&full)).unwrap();
        let document = tampered(&full, |raw| {
            raw.put(ROOT, "about", "gone").unwrap();
        });
        let after = serde_json::to_value(DocState::read(&document)).unwrap();
        let kind = full.header().kind.as_str();
        assert_eq!(after[kind]["value"], before[kind]["value"]);
        let faults = &after[kind]["faults"];
        assert!(faults.to_string().contains("missing_root"), "{faults}");
    }
}

#[test]
fn fields_of_a_newer_app_survive_an_edit() {
    let mut document = tampered(&full_customer(), |raw| {
        raw.put(map(raw, "about"), "mood", "sunny").unwrap();
    });
    let before = CustomerState::read(&document);
    assert_eq!(before.faults, []);
    document.edit_customer(&device(1, 900), |edit| edit.set_name(Some("Acme"))).unwrap();
    let raw = AutoCommit::load(&document.snapshot()).unwrap();
    let (mood, _) = raw.get(map(&raw, "about"), "mood").unwrap().unwrap();
    assert_eq!(mood.as_str(), Some("sunny"));
}

#[test]
fn a_document_nested_a_thousand_deep_is_read_without_recursion() {
    let document = tampered(&full_customer(), |raw| {
        let mut inner = map(raw, "contacts");
        for _ in 0..1_000 {
            let key = data_encoding::BASE64URL_NOPAD.encode(&[9; 16]);
            inner = raw.put_object(&inner, key, ObjType::Map).unwrap();
        }
        raw.put(map(raw, "about"), "position", vec![0x81_u8; 10_000]).unwrap();
    });
    assert_eq!(CustomerState::read(&document).faults.len(), 1, "the position");
    assert_eq!(document.conflicts(), []);
}

#[test]
fn submitting_again_does_not_hide_what_came_after_the_first_submit() {
    let mut visit = Document::create(header(DocKind::Visit));
    visit
        .edit_visit(&device(1, 0), |edit| {
            fill_visit(edit)?;
            edit.submit(&captured(50), &JournalLink::default())
        })
        .unwrap();
    let again = tampered(&visit, |raw| {
        raw.delete(map(raw, "submit"), "submitted_at").unwrap();
        raw.commit();
        raw.put(map(raw, "about"), "outcome", "order").unwrap();
        raw.commit();
        raw.put(map(raw, "submit"), "submitted_at", "now").unwrap();
    });
    let faults = VisitState::read(&again).faults;
    assert_eq!(problem_at(&faults, "about/outcome"), &Problem::EditAfterSubmit);
    assert!(
        faults.iter().any(|fault| fault.path == "submit/submitted_at"
            && fault.problem == Problem::EditAfterSubmit)
    );
}

#[test]
fn a_document_that_does_not_start_from_genesis_is_not_loaded() {
    let mut raw = AutoCommit::new();
    raw.put(ROOT, "name", "Acme").unwrap();
    let error = Document::load(header(DocKind::Customer), &raw.save()).unwrap_err();
    assert!(error.to_string().contains("genesis"), "{error}");
    let plan = full_plan();
    assert!(Document::load(header(DocKind::Visit), &plan.snapshot()).is_err());
    assert!(Document::load(header(DocKind::Visit), b"nonsense").is_err());
}
