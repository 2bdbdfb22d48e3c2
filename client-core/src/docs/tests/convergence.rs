//! Whatever the order of delivery, everyone comes out the same.

use proptest::prelude::*;

use crate::docs::customer::{Contact, Lifecycle, Phone};
use crate::docs::samples::{at, device, header, item};
use crate::docs::{Applied, DocKind, Document, EditError};
use crate::guard::{Limits, ScreenedChange};
use crate::projection::DocState;

#[derive(Debug, Clone)]
enum Step {
    /// One device writes something.
    Write { device: usize, what: u8, value: u8 },
    /// One device gets what another has, newest or oldest change first.
    Deliver { from: usize, to: usize, backwards: bool },
}

const DEVICES: usize = 3;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let write = (0..DEVICES, 0..9_u8, 0..3_u8).prop_map(|(device, what, value)| Step::Write {
        device,
        what,
        value,
    });
    let deliver = (0..DEVICES, 0..DEVICES, any::<bool>())
        .prop_map(|(from, to, backwards)| Step::Deliver { from, to, backwards });
    proptest::collection::vec(prop_oneof![3 => write, 1 => deliver], 1..40)
}

fn write(document: &mut Document, number: usize, what: u8, value: u8) {
    let context = device(u8::try_from(number).unwrap() + 1, i64::from(value));
    let text = format!("v{value}");
    let written = document.edit_customer(&context, |edit| match what {
        0 => edit.set_name(Some(&text)),
        1 => edit.set_name(None),
        2 => edit.add_tag(item(value), &text),
        3 => edit.remove_tag(item(value)),
        4 => edit.add_contact(item(value), &Contact { name: Some(text), ..Contact::default() }),
        5 => edit.set_contact_influence(item(value), Some(value + 1)),
        6 => edit.remove_contact(item(value)),
        7 => edit.add_phone(item(value), &Phone { raw: Some(text), ..Phone::default() }),
        _ => edit.enter_lifecycle(item(value), &Lifecycle::Active, at(i64::from(value))),
    });
    assert!(matches!(written, Ok(_) | Err(EditError::NoSuchItem { .. })), "{written:?}");
}

fn deliver(from: &Document, to: &mut Document, backwards: bool) {
    let mut waiting = from.changes_since(&to.heads());
    if backwards {
        waiting.reverse();
    }
    let mut rounds = 0;
    while !waiting.is_empty() {
        rounds += 1;
        assert!(rounds < 100, "delivery moves on");
        waiting.retain(|change| {
            let screened = ScreenedChange::screen(&change.bytes, &Limits::default()).unwrap();
            assert_eq!(screened.hash(), change.hash);
            matches!(to.apply(&screened).unwrap(), Applied::MissingDeps(_))
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_order_of_delivery_gives_the_same_rows_and_heads(steps in steps()) {
        let mut phones: Vec<_> =
            (0..DEVICES).map(|_| Document::create(header(DocKind::Customer))).collect();
        for step in steps {
            match step {
                Step::Write { device, what, value } => {
                    write(&mut phones[device], device, what, value);
                }
                Step::Deliver { from, to, backwards } => {
                    let source = phones[from].clone();
                    deliver(&source, &mut phones[to], backwards);
                }
            }
        }
        for to in 0..DEVICES {
            for from in 0..DEVICES {
                let source = phones[from].clone();
                deliver(&source, &mut phones[to], to == 1);
            }
        }
        let row = DocState::read(&phones[0]).encode();
        for phone in &phones {
            prop_assert_eq!(phone.heads(), phones[0].heads());
            prop_assert_eq!(&DocState::read(phone).encode(), &row);
            prop_assert_eq!(phone.conflicts(), phones[0].conflicts());
            let reloaded = Document::load(*phone.header(), &phone.snapshot()).unwrap();
            prop_assert_eq!(&DocState::read(&reloaded).encode(), &row);
            prop_assert_eq!(reloaded.snapshot(), phone.snapshot());
            prop_assert_eq!(reloaded.actors(), phone.actors());
        }
    }
}
