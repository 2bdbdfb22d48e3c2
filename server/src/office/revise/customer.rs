//! The fields of a customer's form.

use std::collections::BTreeMap;

use client_core::docs::EditError;
use client_core::docs::customer::{
    BuyingRole, Channel, Contact, CustomerEdit, CustomerState, Lifecycle, Phone, Stance,
};
use client_core::id::{ItemId, UserId};
use client_core::names::{Region, parse_phone};
use client_core::time::Date;

use super::text::{amount, day, flag, given, maybe_money, money, of_flag, one_of, short, whole};
use super::{Pen, Revision, Wrong};

/// A field's name, taken apart.
enum Target<'n> {
    /// A field of the customer.
    Own(&'n str),
    /// Something in a list.
    Item(&'n str, ItemId),
    /// A field of a contact.
    Contact(ItemId, &'n str),
}

fn target(name: &str) -> Target<'_> {
    let mut parts = name.splitn(3, '.');
    let (list, id) =
        (parts.next().unwrap_or_default(), parts.next().and_then(|id| id.parse().ok()));
    match (id, parts.next()) {
        (Some(id), Some(field)) => Target::Contact(id, field),
        (Some(id), None) => Target::Item(list, id),
        (None, _) => Target::Own(name),
    }
}

/// What stands in a field; nothing for a field that is not there.
pub fn read(customer: &CustomerState, name: &str) -> String {
    match target(name) {
        Target::Own(field) => own(customer, field),
        Target::Item("phones", id) => customer.phones.get(&id).map(phone).unwrap_or_default(),
        Target::Item("contacts", id) => {
            let fields = customer
                .contacts
                .get(&id)
                .map(|contact| CONTACT_FIELDS.map(|field| of_contact(contact, field)).join(" | "));
            fields.unwrap_or_default()
        }
        Target::Item(list, id) => {
            items(customer, list).and_then(|items| items.get(&id)).cloned().unwrap_or_default()
        }
        Target::Contact(id, field) => {
            let contact = customer.contacts.get(&id);
            contact.map(|contact| of_contact(contact, field)).unwrap_or_default()
        }
    }
}

/// The fields of a contact, in the order of a form.
pub const CONTACT_FIELDS: [&str; 9] =
    ["name", "title", "buying_role", "influence", "stance", "phone", "email", "birthday", "notes"];

fn own(customer: &CustomerState, field: &str) -> String {
    let code = |code: Option<&str>| code.unwrap_or_default().to_owned();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    match field {
        "name" => text(&customer.name),
        "industry" => text(&customer.industry),
        "size_band" => text(&customer.size_band),
        "region" => text(&customer.region),
        "channel" => code(customer.channel.as_ref().map(Channel::as_str)),
        "address" => text(&customer.address),
        "lifecycle" => code(customer.lifecycle.as_ref().map(Lifecycle::as_str)),
        "nurture" => of_flag(customer.nurture),
        "reference" => of_flag(customer.reference),
        "at_risk" => of_flag(customer.at_risk),
        "recovery_plan" => text(&customer.recovery.plan),
        "recovery_owner" => {
            customer.recovery.owner.map(|owner| owner.to_string()).unwrap_or_default()
        }
        "recovery_due" => of_day(customer.recovery.due),
        "recovery_done_on" => of_day(customer.recovery.done_on),
        "notes" => text(&customer.notes),
        "credit_limit" => customer.credit.limit.map(money).unwrap_or_default(),
        "credit_grade" => text(&customer.credit.grade),
        "credit_reviewed_on" => of_day(customer.credit.reviewed_on),
        "credit_notes" => text(&customer.credit.notes),
        _ => String::new(),
    }
}

fn of_day(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn items<'c>(customer: &'c CustomerState, list: &str) -> Option<&'c BTreeMap<ItemId, String>> {
    match list {
        "aliases" => Some(&customer.aliases),
        "tags" => Some(&customer.tags),
        "needs" => Some(&customer.needs),
        "pains" => Some(&customer.pains),
        _ => None,
    }
}

fn phone(phone: &Phone) -> String {
    phone.raw.clone().or_else(|| phone.e164.clone()).unwrap_or_default()
}

fn of_contact(contact: &Contact, field: &str) -> String {
    let code = |code: Option<&str>| code.unwrap_or_default().to_owned();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    match field {
        "name" => text(&contact.name),
        "title" => text(&contact.title),
        "buying_role" => code(contact.buying_role.as_ref().map(BuyingRole::as_str)),
        "influence" => contact.influence.map(|influence| influence.to_string()).unwrap_or_default(),
        "stance" => code(contact.stance.as_ref().map(Stance::as_str)),
        "phone" => phone(&contact.phone),
        "email" => text(&contact.email),
        "birthday" => contact.birthday.map(|day| day.to_string()).unwrap_or_default(),
        "notes" => text(&contact.notes),
        _ => String::new(),
    }
}

/// Where the document keeps a field, as conflicts name it.
pub(super) fn path(name: &str) -> Option<String> {
    match target(name) {
        Target::Own(field) => Some(match field.strip_prefix("credit_") {
            Some(field) => format!("credit/{field}"),
            None => format!("about/{field}"),
        }),
        Target::Item("contacts", id) => Some(format!("contacts/{id}/name")),
        Target::Item(list, id) => Some(format!("{list}/{id}")),
        Target::Contact(id, field) => Some(format!("contacts/{id}/{field}")),
    }
}

/// Why a value cannot stand in a field.
pub fn wrong(name: &str, to: &str) -> Option<Wrong> {
    let codes = |known: Vec<&str>| one_of(to, known);
    let field = match target(name) {
        Target::Own(field) => field,
        Target::Contact(_, field) => field,
        Target::Item(..) => "",
    };
    match field {
        "name" if to.is_empty() && matches!(target(name), Target::Own(_)) => Some(Wrong::Empty),
        "channel" => codes(Channel::KNOWN.iter().map(Channel::as_str).collect()),
        "lifecycle" => codes(Lifecycle::KNOWN.iter().map(Lifecycle::as_str).collect()),
        "nurture" | "reference" | "at_risk" => one_of(to, ["yes", "no"]),
        "credit_limit" => amount(to),
        "credit_reviewed_on" | "birthday" | "recovery_due" | "recovery_done_on" => day(to),
        "recovery_owner" => {
            let known = to.is_empty() || to.parse::<UserId>().is_ok();
            (!known).then_some(Wrong::Choice)
        }
        "buying_role" => codes(BuyingRole::KNOWN.iter().map(BuyingRole::as_str).collect()),
        "stance" => codes(Stance::KNOWN.iter().map(Stance::as_str).collect()),
        "influence" => whole(to, 1, 5),
        _ => short(to),
    }
}

/// Puts what was changed, and nothing else.
pub(super) fn put(
    edit: &mut CustomerEdit<'_>,
    customer: &CustomerState,
    revisions: &[Revision],
    pen: Pen,
) -> Result<(), EditError> {
    for Revision { name, to, .. } in revisions {
        match target(name) {
            Target::Own(field) => put_own(edit, field, to, pen)?,
            Target::Item(list, id) => put_item(edit, customer, list, id, to)?,
            Target::Contact(id, field) => {
                // Fills nothing into one that is there.
                edit.add_contact(id, &Contact::default())?;
                put_contact(edit, customer, id, field, to)?;
            }
        }
    }
    Ok(())
}

fn put_own(edit: &mut CustomerEdit<'_>, field: &str, to: &str, pen: Pen) -> Result<(), EditError> {
    match field {
        "name" => edit.set_name(given(to)),
        "industry" => edit.set_industry(given(to)),
        "size_band" => edit.set_size_band(given(to)),
        "region" => edit.set_region(given(to)),
        "channel" => edit.set_channel(given(to).map(Channel::from)),
        "address" => edit.set_address(given(to)),
        "lifecycle" => match given(to) {
            Some(to) => edit.enter_lifecycle(pen.entry, &Lifecycle::from(to), pen.at),
            // A phase that was entered is left only for another one.
            None => Ok(()),
        },
        "nurture" => edit.set_nurture(flag(to)),
        "reference" => edit.set_reference(flag(to)),
        "at_risk" => edit.set_at_risk(flag(to)),
        "recovery_plan" => edit.set_recovery_plan(given(to)),
        "recovery_owner" => edit.set_recovery_owner(to.parse().ok()),
        "recovery_due" => edit.set_recovery_due(to.parse().ok()),
        "recovery_done_on" => edit.set_recovery_done_on(to.parse().ok()),
        "notes" => edit.set_notes(given(to)),
        "credit_limit" => edit.set_credit_limit(maybe_money(to)),
        "credit_grade" => edit.set_credit_grade(given(to)),
        "credit_reviewed_on" => edit.set_credit_reviewed_on(to.parse().ok()),
        "credit_notes" => edit.set_credit_notes(given(to)),
        _ => Ok(()),
    }
}

/// A number as it was typed; what people call it stays.
fn typed(to: &str, before: Option<&Phone>) -> Phone {
    let label = before.and_then(|before| before.label.clone());
    Phone { label, ..parse_phone(to, Region::CN) }
}

fn put_item(
    edit: &mut CustomerEdit<'_>,
    customer: &CustomerState,
    list: &str,
    id: ItemId,
    to: &str,
) -> Result<(), EditError> {
    match (list, given(to)) {
        ("aliases", Some(to)) => edit.add_alias(id, to),
        ("aliases", None) => edit.remove_alias(id),
        ("tags", Some(to)) => edit.add_tag(id, to),
        ("tags", None) => edit.remove_tag(id),
        ("needs", Some(to)) => edit.add_need(id, to),
        ("needs", None) => edit.remove_need(id),
        ("pains", Some(to)) => edit.add_pain(id, to),
        ("pains", None) => edit.remove_pain(id),
        ("phones", Some(to)) => edit.add_phone(id, &typed(to, customer.phones.get(&id))),
        ("phones", None) => edit.remove_phone(id),
        ("contacts", None) => edit.remove_contact(id),
        _ => Ok(()),
    }
}

fn put_contact(
    edit: &mut CustomerEdit<'_>,
    customer: &CustomerState,
    id: ItemId,
    field: &str,
    to: &str,
) -> Result<(), EditError> {
    match field {
        "name" => edit.set_contact_name(id, given(to)),
        "title" => edit.set_contact_title(id, given(to)),
        "buying_role" => edit.set_contact_buying_role(id, given(to).map(BuyingRole::from)),
        "influence" => edit.set_contact_influence(id, to.parse().ok()),
        "stance" => edit.set_contact_stance(id, given(to).map(Stance::from)),
        "phone" => {
            let before = customer.contacts.get(&id).map(|contact| &contact.phone);
            let phone = given(to).map(|to| typed(to, before));
            edit.set_contact_phone(id, phone.as_ref())
        }
        "email" => edit.set_contact_email(id, given(to)),
        "birthday" => edit.set_contact_birthday(id, to.parse().ok()),
        "notes" => edit.set_contact_notes(id, given(to)),
        _ => Ok(()),
    }
}
