//! What scoring reads: a rep's documents, and whose of them moved.

use std::collections::BTreeSet;

use client_core::id::{DocId, UserId};
use client_core::records::Record;
use client_core::rules::facts::{CustomerSeen, PlanFact, VisitFact};

use super::{Row, Seq};

/// What the rules see of one rep's documents.
#[derive(Debug, Clone, Default)]
pub struct FactRows {
    /// Visits.
    pub visits: Vec<VisitFact>,
    /// Customers.
    pub customers: Vec<CustomerSeen>,
    /// Deals, whole: there are few.
    pub deals: Vec<Row>,
    /// Cases, whole.
    pub cases: Vec<Row>,
    /// Day plans, from as far back as reminders look.
    pub plans: Vec<PlanFact>,
}

/// What bears on something that is counted of a rep. Customers, deals, books and settings
/// always do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearing {
    /// Nothing else.
    Business,
    /// Visits and rulings about them too.
    Visits,
    /// And cards, which tell how visits were judged.
    Cards,
}

/// Whose business moved after a position of the feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BusinessMoved {
    /// The last position when this was looked up.
    pub head: Seq,
    /// Whether anything did that bears on deals and books, whoever holds them.
    pub books: bool,
    /// Whether something did that bears on everybody: settings, rules, units, people,
    /// products, customers that are one.
    pub everybody: bool,
    /// Else of which reps something moved.
    pub reps: BTreeSet<UserId>,
}

/// What was agreed with a customer and paid by it: by the books, and by what deals claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Dealings {
    /// The customer.
    pub customer: DocId,
    /// Contracts and payments.
    pub books: Vec<Record>,
    /// Its deals.
    pub deals: Vec<Row>,
}
