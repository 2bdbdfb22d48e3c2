//! The history as documents: each made by its rep's own device through the same
//! intents a phone uses, and pushed through the same ingest.

use client_core::docs::case::{CaseKind, SurveyAnswer};
use client_core::docs::customer::{BuyingRole, Contact, CustomerPosition, Phone, PositionSource};
use client_core::docs::deal::{
    ContractClaim, DealEdit, DealProduct, InstalmentClaim, PaymentClaim, Quote,
};
use client_core::docs::visit::{
    Check, ClockEvidence, CompetitorSeen, Fix, HelpRequest, JournalLink, NextStep, VisitMode,
};
use client_core::docs::{DocKind, Document, EditContext, EditError, Generation, Header, NewChange};
use client_core::geo::Point;
use client_core::id::{DocId, OrgId};
use client_core::money::{Currency, Money};
use client_core::names::{Region, parse_phone};
use client_core::protocol::PushGroup;
use client_core::time::{CapturedAt, Timestamp, Zone};
use serde_bytes::ByteBuf;

use super::business::{PastContract, PastQuote};
use super::history::{Flaw, History, PastDeal, PastVisit};
use super::service::PastCase;
use super::world::{Customer, World};

/// A document that a rep's device wrote before the played day.
#[derive(Debug)]
pub struct Past {
    /// Index of the rep.
    pub rep: usize,
    /// When it was changed last.
    pub at: Timestamp,
    /// What is pushed.
    pub group: PushGroup,
}

/// Makes every rep's documents, customers first.
pub fn documents(world: &World, history: &History, org: OrgId) -> Result<Vec<Past>, EditError> {
    let mut all = Vec::new();
    for rep in 0..world.reps.len() {
        of_rep(world, history, org, rep, &mut all)?;
    }
    Ok(all)
}

fn of_rep(
    world: &World,
    history: &History,
    org: OrgId,
    rep: usize,
    all: &mut Vec<Past>,
) -> Result<(), EditError> {
    let Some(person) = world.reps.get(rep) else { return Ok(()) };
    let mut push = |at: Timestamp, group: PushGroup| all.push(Past { rep, at, group });
    let header = |doc: DocId, kind: DocKind, customer: Option<DocId>| Header {
        doc,
        kind,
        org,
        author: person.id,
        customer,
        generation: Generation::default(),
    };
    for customer in world.customers.iter().filter(|customer| customer.owner == rep) {
        let mut document = Document::create(header(customer.id, DocKind::Customer, None));
        let context = EditContext { actor: person.past_actor, at: customer.created_at };
        let change = document.edit_customer(&context, |edit| fill(edit, customer))?;
        push(customer.created_at, group(&document, change));
    }
    for deal in history.deals.iter().filter(|deal| deal.rep == rep) {
        let Some(customer) = world.customers.get(deal.customer) else { continue };
        let mut document = Document::create(header(deal.id, DocKind::Deal, Some(customer.id)));
        let made = past_deal(&mut document, person.past_actor, person.id, &world.zone, deal)?;
        // What was before the company wrote here comes with its customer.
        push(deal.last().max(customer.created_at), made);
    }
    for case in history.cases.iter().filter(|case| case.rep == rep) {
        let Some(customer) = world.customers.get(case.customer) else { continue };
        let mut document = Document::create(header(case.id, DocKind::Case, Some(customer.id)));
        let context = EditContext { actor: person.past_actor, at: case.last() };
        let change = document.edit_case(&context, |edit| past_case(edit, case))?;
        push(case.last(), group(&document, change));
    }
    let mut previous = [0_u8; 16];
    for visit in history.visits.iter().filter(|visit| visit.rep == rep) {
        let Some(customer) = world.customers.get(visit.customer) else { continue };
        let mut document = Document::create(header(visit.id, DocKind::Visit, Some(customer.id)));
        let done = visit.start.plus_millis((visit.minutes + 3) * 60_000);
        let context = EditContext { actor: person.past_actor, at: done };
        let change = document.edit_visit(&context, |edit| {
            log(edit, visit, customer, &world.zone)?;
            let journal = JournalLink { previous, customer_heads: [0; 16] };
            edit.submit(&captured(&world.zone, done), &journal)
        })?;
        if let Some(prefix) =
            change.as_ref().and_then(|change| change.hash.0.first_chunk::<16>().copied())
        {
            previous = prefix;
        }
        push(done, group(&document, change));
    }
    Ok(())
}

fn group(document: &Document, change: Option<NewChange>) -> PushGroup {
    PushGroup {
        header: *document.header(),
        stamp: None,
        changes: change.into_iter().map(|change| ByteBuf::from(change.bytes)).collect(),
    }
}

fn fill(
    edit: &mut client_core::docs::customer::CustomerEdit<'_>,
    customer: &Customer,
) -> Result<(), EditError> {
    edit.set_name(Some(&customer.name))?;
    edit.set_industry(Some(customer.industry))?;
    edit.set_address(Some(&customer.address))?;
    edit.set_created_at(Some(customer.created_at))?;
    edit.set_position(Some(CustomerPosition {
        point: customer.position,
        accuracy_mm: Some(12_000),
        source: PositionSource::CheckIn,
    }))?;
    let phone = Phone { label: Some("总机".into()), ..parse_phone(&customer.phone, Region::CN) };
    edit.add_phone(customer.phone_item, &phone)?;
    let roles = [BuyingRole::Decision, BuyingRole::Technical, BuyingRole::Financial];
    for ((id, name, title), role) in customer.contacts.iter().zip(roles) {
        let contact = Contact {
            name: Some(name.clone()),
            title: Some((*title).into()),
            buying_role: Some(role),
            ..Contact::default()
        };
        edit.add_contact(*id, &contact)?;
    }
    Ok(())
}

fn past_deal(
    document: &mut Document,
    actor: client_core::id::ActorId,
    rep: client_core::id::UserId,
    zone: &Zone,
    deal: &PastDeal,
) -> Result<PushGroup, EditError> {
    let mut changes = Vec::new();
    let created = EditContext { actor, at: deal.created_at };
    changes.extend(document.edit_deal(&created, |edit| {
        edit.set_name(Some(deal.product))?;
        edit.set_amount(Some(cny(deal.amount_minor)))?;
        if let Some(business) = &deal.business {
            edit.set_source(Some(business.source.clone()))?;
            edit.set_priority(Some(business.priority.clone()))?;
            edit.grade(business.grade.clone(), deal.created_at)?;
            let line = DealProduct {
                product: Some(deal.product.into()),
                quantity: Some(1),
                amount: Some(cny(deal.amount_minor)),
            };
            edit.add_product(business.line, &line)?;
        }
        edit.set_created_at(Some(deal.created_at))
    })?);
    for (entry, stage, at) in &deal.stages {
        let context = EditContext { actor, at: *at };
        changes.extend(
            document
                .edit_deal(&context, |edit| edit.move_to_stage(*entry, stage, *at, Some(rep)))?,
        );
    }
    if let Some((won, at)) = deal.decided {
        let context = EditContext { actor, at };
        changes.extend(
            document.edit_deal(&context, |edit| {
                if won { edit.win(at) } else { edit.lose(at, "price") }
            })?,
        );
    }
    let business = deal.business.as_ref();
    let context = EditContext { actor, at: deal.last() };
    changes.extend(document.edit_deal(&context, |edit| {
        if let Some(quote) = business.and_then(|business| business.quote.as_ref()) {
            past_quote(edit, zone, deal.amount_minor, quote)?;
        }
        match business.and_then(|business| business.contract.as_ref()) {
            Some(contract) => past_contract(edit, zone, deal.amount_minor, contract),
            None => Ok(()),
        }
    })?);
    Ok(PushGroup {
        header: *document.header(),
        stamp: None,
        changes: changes.into_iter().map(|change| ByteBuf::from(change.bytes)).collect(),
    })
}

const fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

fn past_quote(
    edit: &mut DealEdit<'_>,
    zone: &Zone,
    amount: i64,
    quote: &PastQuote,
) -> Result<(), EditError> {
    let issued = Quote {
        version: Some(1),
        amount: Some(cny(amount)),
        terms: Some("30/50/20".into()),
        issued_on: Some(zone.date(quote.issued_at)),
        accepted: quote.decided.map(|(accepted, _)| accepted),
        decided_on: quote.decided.map(|(_, at)| zone.date(at)),
    };
    edit.add_quote(quote.id, &issued)
}

fn past_contract(
    edit: &mut DealEdit<'_>,
    zone: &Zone,
    amount: i64,
    contract: &PastContract,
) -> Result<(), EditError> {
    edit.claim_contract(&ContractClaim {
        signed_on: Some(zone.date(contract.signed_at)),
        amount: Some(cny(amount)),
        number: Some(contract.number.clone()),
    })?;
    for (id, due_on, amount) in &contract.instalments {
        let due = InstalmentClaim { due_on: Some(*due_on), amount: Some(cny(*amount)) };
        edit.add_instalment(*id, &due)?;
    }
    for payment in &contract.payments {
        let claim = PaymentClaim {
            received_on: Some(zone.date(payment.at)),
            amount: Some(cny(payment.amount_minor)),
            instalment: Some(payment.instalment),
            reverses: None,
        };
        edit.add_payment(payment.id, &claim)?;
    }
    Ok(())
}

fn past_case(
    edit: &mut client_core::docs::case::CaseEdit<'_>,
    case: &PastCase,
) -> Result<(), EditError> {
    edit.set_kind(Some(case.kind.clone()))?;
    edit.set_subject(Some(case.subject))?;
    edit.set_opened_at(Some(case.opened_at))?;
    if case.kind != CaseKind::Survey {
        edit.set_first_reply_at(case.replied_at)?;
        edit.set_resolved_at(case.resolved_at)?;
        edit.set_satisfied(case.resolved_at.map(|_| true))?;
    }
    for (id, kind, score, asked_on) in &case.answers {
        let answer = SurveyAnswer {
            kind: Some(kind.clone()),
            score: Some(*score),
            asked_on: Some(*asked_on),
            contact: None,
            comment: None,
        };
        edit.add_survey(*id, &answer)?;
    }
    Ok(())
}

fn log(
    edit: &mut client_core::docs::visit::VisitEdit<'_>,
    visit: &PastVisit,
    customer: &Customer,
    zone: &Zone,
) -> Result<(), EditError> {
    let end = visit.start.plus_millis(visit.minutes * 60_000);
    edit.set_customer_name(Some(&customer.name))?;
    edit.set_mode(Some(visit.mode.clone()))?;
    if visit.mode == VisitMode::Onsite {
        edit.check_in(&check(zone, visit.start, fix(visit, customer)))?;
        if visit.flaw != Flaw::NoCheckOut {
            edit.check_out(&check(zone, end, fix(visit, customer)))?;
        }
    } else {
        edit.set_started_at(Some(captured(zone, visit.start)))?;
        edit.set_ended_at(Some(captured(zone, end)))?;
    }
    if visit.flaw != Flaw::NoOutcome {
        edit.record_outcome(&visit.outcome, Some(visit.result))?;
    }
    if let Some((id, need)) = visit.need {
        edit.add_need(id, need)?;
    }
    if let Some(seen) = visit.competitor {
        let (name, note) = (Some(seen.name.to_owned()), Some(seen.note.to_owned()));
        edit.add_competitor(seen.id, &CompetitorSeen { name, note })?;
    }
    if let Some(wanted) = visit.help {
        edit.request_help(&HelpRequest {
            kind: Some(wanted.kind.to_owned()),
            text: Some(wanted.text.to_owned()),
            asked_of: None,
        })?;
    }
    let due = zone.date(end).plus_days(7);
    edit.set_next_step(Some(NextStep::Do {
        what: visit.next_step.into(),
        due: Some(due),
        who: None,
    }))
}

fn check(zone: &Zone, at: Timestamp, fix: Option<Fix>) -> Check {
    Check { at: captured(zone, at), clock: ClockEvidence::default(), fix }
}

/// An instant as a phone in the org's zone captures it.
pub fn captured(zone: &Zone, at: Timestamp) -> CapturedAt {
    CapturedAt { at, zone: zone.name.clone(), offset_s: zone.offset_s(at) }
}

fn fix(visit: &PastVisit, customer: &Customer) -> Option<Fix> {
    (visit.flaw != Flaw::NoFix).then(|| Fix {
        point: north_of(customer.position, visit.off_by_m),
        accuracy_mm: 15_000,
        provider: "gps".into(),
        is_mock: visit.flaw == Flaw::Mock,
        age_s: 3,
    })
}

/// The point `metres` north of another: a degree of latitude is about 111.32 km.
pub fn north_of(point: Point, metres: i64) -> Point {
    Point { lat_e7: point.lat_e7 + metres * 10_000_000 / 111_320, ..point }
}
