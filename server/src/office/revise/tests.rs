//! A page that lay open writes what was changed on it, and nothing over others.

use client_core::docs::customer::{CustomerEdit, CustomerState, Phone};
use client_core::id::{DocId, UserId};
use client_core::projection::DocState;
use client_core::records::Role;

use super::{Revised, Revision, read_customer};
use crate::office::desk::{Desk, desk};
use crate::office::{CreateUser, Hand, NewContent, NewDocument, PasswordChoice};
use crate::storage::Documents;

async fn person(desk: &Desk, login: &str) -> UserId {
    let wanted = CreateUser {
        login: login.into(),
        name: login.into(),
        role: Role::Manager,
        units: Vec::new(),
        hired_on: None,
        locale: None,
        password: PasswordChoice::Later,
    };
    desk.office.create_user(wanted).await.unwrap().user.id
}

async fn customer(desk: &Desk, hand: &Hand) -> DocId {
    let doc = DocId::from_bytes([7; 16]);
    let content = NewContent::Customer(Box::new(|edit| {
        edit.set_name(Some("Acme"))?;
        edit.set_region(Some("East"))
    }));
    let new = NewDocument { doc, author: hand.user, content, placement: None };
    desk.office.create_documents(hand, vec![new]).await.unwrap().remove(0).unwrap();
    doc
}

async fn state(desk: &Desk, doc: DocId) -> CustomerState {
    let row = desk.app.storage().row(desk.office.org(), doc).await.unwrap().unwrap();
    let DocState::Customer(state) = row.state else { panic!("a customer") };
    state.value
}

fn changed(name: &str, was: &str, to: &str) -> Revision {
    Revision { name: name.into(), was: was.into(), to: to.into() }
}

#[tokio::test]
async fn a_field_changed_meanwhile_is_told_and_nothing_is_written() {
    let desk = desk().await;
    let (anna, boris) = (person(&desk, "anna").await, person(&desk, "boris").await);
    let (annas, boriss) =
        (desk.office.hand(anna).await.unwrap(), desk.office.hand(boris).await.unwrap());
    let doc = customer(&desk, &annas).await;
    let first = vec![changed("name", "Acme", "Acme AG")];
    assert_eq!(desk.office.revise_customer(&annas, doc, first).await.unwrap(), Revised::Saved);

    let late = vec![changed("name", "Acme", "Acme Ltd"), changed("region", "East", "West")];
    let told = desk.office.revise_customer(&boriss, doc, late).await.unwrap();
    let Revised::Clashes(clashes) = told else { panic!("{told:?}") };
    assert_eq!(clashes.len(), 1, "the region is as it was");
    assert_eq!((clashes[0].now.as_str(), clashes[0].by), ("Acme AG", Some(anna)));
    assert_eq!(state(&desk, doc).await.region.as_deref(), Some("East"), "all or nothing");

    let knowing = vec![changed("name", "Acme AG", "Acme Ltd"), changed("region", "East", "West")];
    assert_eq!(desk.office.revise_customer(&boriss, doc, knowing).await.unwrap(), Revised::Saved);
    let now = state(&desk, doc).await;
    assert_eq!((now.name.as_deref(), now.region.as_deref()), (Some("Acme Ltd"), Some("West")));
}

#[tokio::test]
async fn lists_and_contacts_are_added_changed_and_removed_by_their_id() {
    let desk = desk().await;
    let anna = person(&desk, "anna").await;
    let hand = desk.office.hand(anna).await.unwrap();
    let doc = customer(&desk, &hand).await;
    let (tag, contact) = (desk.office.new_item(), desk.office.new_item());
    let of = |field: &str| format!("contacts.{contact}.{field}");
    let added = vec![
        changed(&format!("tags.{tag}"), "", "key account"),
        changed(&of("name"), "", "王丽"),
        changed(&of("phone"), "", "138 1234 5678"),
        changed(&of("influence"), "", "4"),
        changed("credit_limit", "", "1250.50 CNY"),
    ];
    desk.office.revise_customer(&hand, doc, added).await.unwrap();
    let now = state(&desk, doc).await;
    assert_eq!(now.tags[&tag], "key account");
    assert_eq!(now.contacts[&contact].phone.e164.as_deref(), Some("+8613812345678"));
    assert_eq!(now.credit.limit.unwrap().minor, 125_050);
    let whole = read_customer(&now, &format!("contacts.{contact}"));
    let gone = vec![
        changed(&format!("tags.{tag}"), "key account", ""),
        changed(&format!("contacts.{contact}"), &whole, ""),
    ];
    desk.office.revise_customer(&hand, doc, gone).await.unwrap();
    let now = state(&desk, doc).await;
    assert!(now.tags.is_empty() && now.contacts.is_empty());
}

#[tokio::test]
async fn a_number_that_is_corrected_keeps_what_people_call_it() {
    let desk = desk().await;
    let anna = person(&desk, "anna").await;
    let hand = desk.office.hand(anna).await.unwrap();
    let doc = customer(&desk, &hand).await;
    let number = desk.office.new_item();
    let switchboard = move |edit: &mut CustomerEdit<'_>| {
        let label = Some("总机".to_owned());
        edit.add_phone(number, &Phone { raw: Some("021-1".into()), label, e164: None })
    };
    desk.office.edit_customer(&hand, doc, switchboard).await.unwrap();
    let corrected = vec![changed(&format!("phones.{number}"), "021-1", "021-61291706")];
    assert_eq!(desk.office.revise_customer(&hand, doc, corrected).await.unwrap(), Revised::Saved);
    let now = state(&desk, doc).await;
    assert_eq!(now.phones[&number].raw.as_deref(), Some("021-61291706"));
    assert_eq!(now.phones[&number].label.as_deref(), Some("总机"));
}
