//! The part of a row that the rules look at, small enough to read a year of.
//!
//! A scorecard looks at every visit of the last year and needs a tenth of each.
//! Decoding whole rows for it took fourteen microseconds a visit; this part
//! stands beside the row, in a form that has no field names. It belongs to the
//! row's version: another form is another [`VERSION`](super::VERSION).

use serde::{Deserialize, Serialize};

use super::RowError;
use crate::docs::customer::Lifecycle;
use crate::docs::visit::{Outcome, PlannedRef, Purpose, VisitMode};
use crate::docs::{DocKind, Heads};
use crate::geo::Point;
use crate::id::{DocId, UserId};
use crate::rules::facts::{CheckFact, CustomerSeen, VisitFact};
use crate::time::{Date, Timestamp};

/// What is not in a column of its own; the order is the form.
#[derive(Serialize, Deserialize)]
struct Visit {
    customer_name: Option<String>,
    mode: Option<VisitMode>,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    check_in: Option<CheckFact>,
    check_out: Option<CheckFact>,
    outcome: Option<Outcome>,
    has_text: bool,
    has_next_step: bool,
    submitted_at: Option<Timestamp>,
    co_visitors: Vec<UserId>,
    deals: Vec<DocId>,
    edited_after_submit: bool,
    purpose: Option<Purpose>,
    next_step_due: Option<Date>,
    planned: Option<PlannedRef>,
    competitor_seen: bool,
}

#[derive(Serialize, Deserialize)]
struct Customer {
    name: Option<String>,
    created_at: Option<Timestamp>,
    position: Option<Point>,
    lifecycle: Option<Lifecycle>,
    at_risk: bool,
}

fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let bytes = postcard::to_allocvec(value);
    // Writing to memory cannot fail; an empty part would be refused when read.
    debug_assert!(bytes.is_ok());
    bytes.unwrap_or_default()
}

fn decode<'a, T: Deserialize<'a>>(kind: DocKind, bytes: &'a [u8]) -> Result<T, RowError> {
    postcard::from_bytes(bytes).map_err(|error| RowError { kind, reason: error.to_string() })
}

/// The narrow part of a visit's row.
pub fn encode_visit(fact: VisitFact) -> Vec<u8> {
    encode(&Visit {
        customer_name: fact.customer_name,
        mode: fact.mode,
        started_at: fact.started_at,
        ended_at: fact.ended_at,
        check_in: fact.check_in,
        check_out: fact.check_out,
        outcome: fact.outcome,
        has_text: fact.has_text,
        has_next_step: fact.has_next_step,
        submitted_at: fact.submitted_at,
        co_visitors: fact.co_visitors,
        deals: fact.deals,
        edited_after_submit: fact.edited_after_submit,
        purpose: fact.purpose,
        next_step_due: fact.next_step_due,
        planned: fact.planned,
        competitor_seen: fact.competitor_seen,
    })
}

/// The visit of a narrow part and the columns beside it.
///
/// # Errors
/// The bytes are of another form; rebuild the row from its document.
pub fn decode_visit(
    doc: DocId,
    author: UserId,
    customer: Option<DocId>,
    heads: Heads,
    bytes: &[u8],
) -> Result<VisitFact, RowError> {
    let visit: Visit = decode(DocKind::Visit, bytes)?;
    Ok(VisitFact {
        doc,
        heads,
        author,
        customer,
        customer_name: visit.customer_name,
        mode: visit.mode,
        started_at: visit.started_at,
        ended_at: visit.ended_at,
        check_in: visit.check_in,
        check_out: visit.check_out,
        outcome: visit.outcome,
        has_text: visit.has_text,
        has_next_step: visit.has_next_step,
        submitted_at: visit.submitted_at,
        co_visitors: visit.co_visitors,
        deals: visit.deals,
        edited_after_submit: visit.edited_after_submit,
        purpose: visit.purpose,
        next_step_due: visit.next_step_due,
        planned: visit.planned,
        competitor_seen: visit.competitor_seen,
    })
}

/// The narrow part of a customer's row.
pub fn encode_customer(seen: CustomerSeen) -> Vec<u8> {
    encode(&Customer {
        name: seen.name,
        created_at: seen.created_at,
        position: seen.position,
        lifecycle: seen.lifecycle,
        at_risk: seen.at_risk,
    })
}

/// The customer of a narrow part and the columns beside it.
///
/// # Errors
/// The bytes are of another form; rebuild the row from its document.
pub fn decode_customer(
    doc: DocId,
    author: UserId,
    heads: Heads,
    bytes: &[u8],
) -> Result<CustomerSeen, RowError> {
    let Customer { name, created_at, position, lifecycle, at_risk } =
        decode(DocKind::Customer, bytes)?;
    Ok(CustomerSeen { doc, author, heads, name, created_at, position, lifecycle, at_risk })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docs::samples;
    use crate::projection::DocState;

    #[test]
    fn the_narrow_part_says_what_the_whole_row_says() {
        let documents = [samples::full_visit().0, samples::full_customer()];
        for document in documents {
            let (header, heads) = (*document.header(), document.heads());
            match DocState::read(&document) {
                DocState::Visit(state) => {
                    let fact = VisitFact::of(&header, &heads, &state);
                    let bytes = encode_visit(fact.clone());
                    let read = decode_visit(
                        header.doc,
                        header.author,
                        header.customer,
                        heads.clone(),
                        &bytes,
                    );
                    assert_eq!(read.unwrap(), fact);
                }
                DocState::Customer(state) => {
                    let seen = CustomerSeen::of(&header, &heads, &state);
                    let bytes = encode_customer(seen.clone());
                    let read = decode_customer(header.doc, header.author, heads.clone(), &bytes);
                    assert_eq!(read.unwrap(), seen);
                }
                DocState::Deal(_) | DocState::Plan(_) | DocState::Case(_) => {}
            }
        }
    }

    #[test]
    fn bytes_of_another_form_are_refused() {
        let (doc, author) = (DocId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        assert!(decode_visit(doc, author, None, Heads::default(), &[]).is_err());
        assert!(decode_customer(doc, author, Heads::default(), &[7]).is_err());
    }
}
