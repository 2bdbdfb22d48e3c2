//! The documents of a rep: made by the intents a phone uses, pushed as a phone
//! pushes them.

use client_core::docs::visit::JournalLink;
use client_core::docs::{DocKind, Document, EditContext, EditError, Generation, Header, NewChange};
use client_core::id::ActorId;
use client_core::protocol::PushGroup;
use client_core::time::Timestamp;
use serde_bytes::ByteBuf;

use super::dice::Dice;
use super::profile::{Call, Customer, Profile, Visitor, captured};

const DAY_MS: i64 = 24 * 3600 * 1000;
/// Visits of a busy rep's day: how far back a history of so many visits reaches.
const VISITS_A_DAY: i64 = 15;

/// A document with the changes that made it.
#[derive(Debug)]
pub struct Made {
    /// The document.
    pub document: Document,
    /// What is pushed.
    pub group: PushGroup,
}

/// What a rep has when the measuring begins.
#[derive(Debug)]
pub struct History {
    /// Whom the rep visits.
    pub customers: Vec<Customer>,
    /// Everything, customers first, visits oldest first.
    pub documents: Vec<Made>,
}

/// How large a history is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Customers of a rep.
    pub customers: u32,
    /// Visits at each of them before today.
    pub visits: u32,
    /// Which fields are filled.
    pub profile: Profile,
}

fn header(
    visitor: Visitor,
    customer: &Customer,
    kind: DocKind,
    doc: client_core::id::DocId,
) -> Header {
    Header {
        doc,
        kind,
        org: visitor.org,
        author: visitor.rep,
        customer: (kind == DocKind::Visit).then_some(customer.id),
        generation: Generation::default(),
    }
}

fn made(document: Document, change: Option<NewChange>) -> Made {
    let changes = change.into_iter().map(|change| ByteBuf::from(change.bytes)).collect();
    Made { group: PushGroup { header: *document.header(), stamp: None, changes }, document }
}

/// A customer's document.
pub fn customer(
    visitor: Visitor,
    actor: ActorId,
    customer: &Customer,
    profile: Profile,
    dice: &mut Dice,
) -> Result<Made, EditError> {
    let mut document = Document::create(header(visitor, customer, DocKind::Customer, customer.id));
    let context = EditContext { actor, at: customer.created_at };
    let change = document.edit_customer(&context, |edit| customer.write(edit, profile, dice))?;
    Ok(made(document, change))
}

/// A visit's document, submitted.
pub fn visit(
    visitor: Visitor,
    actor: ActorId,
    at: Timestamp,
    to: &Customer,
    profile: Profile,
    dice: &mut Dice,
) -> Result<Made, EditError> {
    let call = Call::at(at, dice);
    let doc = client_core::id::DocId::new(call.to, dice.bytes());
    let mut document = Document::create(header(visitor, to, DocKind::Visit, doc));
    let context = EditContext { actor, at: call.to };
    let journal = JournalLink { previous: dice.bytes(), customer_heads: dice.bytes() };
    let change = document.edit_visit(&context, |edit| {
        call.write_frame(edit, to)?;
        call.write(edit, visitor, to, profile, dice)?;
        edit.submit(&captured(call.to.plus_millis(90_000)), &journal)
    })?;
    Ok(made(document, change))
}

/// A rep's history up to the evening before `now`.
pub fn history(
    visitor: Visitor,
    actor: ActorId,
    size: Size,
    now: Timestamp,
    dice: &mut Dice,
) -> Result<History, EditError> {
    let visits = i64::from(size.customers) * i64::from(size.visits);
    let days = visits / VISITS_A_DAY + 1;
    let first = now.plus_millis(-(days + 1) * DAY_MS);
    let mut customers = Vec::new();
    let mut documents = Vec::new();
    for _ in 0..size.customers {
        let one = Customer::new(first.plus_millis(-dice.between(1, 300) * DAY_MS), dice);
        documents.push(customer(visitor, actor, &one, size.profile, dice)?);
        customers.push(one);
    }
    for number in 0..visits {
        // In turn, so that every customer has as many.
        let turn = usize::try_from(number).unwrap_or(0).checked_rem(customers.len());
        let Some(to) = turn.and_then(|turn| customers.get(turn)) else { continue };
        let at = first.plus_millis(number * DAY_MS / VISITS_A_DAY + dice.between(0, 900_000));
        documents.push(visit(visitor, actor, at, to, size.profile, dice)?);
    }
    Ok(History { customers, documents })
}
