use super::ReadError;
use super::client::Client;
use crate::id::{DocId, UserId};
use crate::store::{
    self, CaseEntry, CaseQuery, CustomerEntry, CustomerQuery, DealEntry, DealQuery, Page,
    VisitEntry, VisitQuery,
};
use crate::time::Timestamp;

/// Something that happened at a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimelineItem {
    /// A visit, at its start.
    Visit(Box<VisitEntry>),
    /// A deal, when it was made.
    Deal(Box<DealEntry>),
    /// A complaint, enquiry or survey, when it was brought.
    Case(Box<CaseEntry>),
}

impl TimelineItem {
    /// When.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Visit(visit) => visit.at,
            Self::Deal(deal) => deal.created_at,
            Self::Case(case) => case.opened_at,
        }
    }
}

impl Client {
    /// A page of customers.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn customers(&self, query: &CustomerQuery) -> Result<Page<CustomerEntry>, ReadError> {
        self.inner.read(|conn, _who| store::query::customers(conn, query))
    }

    /// One customer, if it is on this phone.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn customer(&self, id: DocId) -> Result<Option<CustomerEntry>, ReadError> {
        self.inner.read(|conn, _who| store::query::customer(conn, id))
    }

    /// Customers that match what was typed, best first: any part of a Chinese or
    /// Latin name from one character on, pinyin or its initials, or the end of a number.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn search(&self, typed: &str, limit: u32) -> Result<Vec<CustomerEntry>, ReadError> {
        self.inner.read(|conn, _who| store::query::found(conn, typed, limit))
    }

    /// A page of visits, newest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn visits(&self, query: &VisitQuery) -> Result<Page<VisitEntry>, ReadError> {
        self.inner.read(|conn, _who| store::query::visits(conn, query))
    }

    /// One visit, if it is on this phone.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn visit(&self, id: DocId) -> Result<Option<VisitEntry>, ReadError> {
        self.inner.read(|conn, _who| store::query::visit(conn, id))
    }

    /// The open check-in of `rep` at a customer, if there is one.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn open_visit(&self, rep: UserId, customer: DocId) -> Result<Option<DocId>, ReadError> {
        self.inner.read(|conn, _who| store::query::open_visit(conn, rep, customer))
    }

    /// A page of deals, newest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn deals(&self, query: &DealQuery) -> Result<Page<DealEntry>, ReadError> {
        self.inner.read(|conn, _who| store::query::deals(conn, query))
    }

    /// One deal, if it is on this phone.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn deal(&self, id: DocId) -> Result<Option<DealEntry>, ReadError> {
        self.inner.read(|conn, _who| store::query::deal(conn, id))
    }

    /// What happened at a customer, newest first: at most `limit` visits, deals and
    /// cases before `before`, or up to now. The last item's time begins the next part.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn timeline(
        &self,
        customer: DocId,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<TimelineItem>, ReadError> {
        self.inner.read(|conn, _who| {
            let visits = store::query::visits(
                conn,
                &VisitQuery {
                    customer: Some(customer),
                    until: before,
                    limit,
                    ..VisitQuery::default()
                },
            )?;
            let deals = store::query::deals(
                conn,
                &DealQuery { customer: Some(customer), limit: 200, ..DealQuery::default() },
            )?;
            let cases = store::query::cases(
                conn,
                &CaseQuery { customer: Some(customer), limit: 200, ..CaseQuery::default() },
            )?;
            let visits = visits.items.into_iter().map(|visit| TimelineItem::Visit(Box::new(visit)));
            let deals = deals.items.into_iter().map(|deal| TimelineItem::Deal(Box::new(deal)));
            let cases = cases.items.into_iter().map(|case| TimelineItem::Case(Box::new(case)));
            let mut items: Vec<TimelineItem> = visits
                .chain(deals)
                .chain(cases)
                .filter(|item| before.is_none_or(|before| item.at() < before))
                .collect();
            items.sort_by_key(|item| std::cmp::Reverse(item.at()));
            items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            Ok(items)
        })
    }
}
