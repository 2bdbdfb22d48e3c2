use super::ReadError;
use super::client::Client;
use crate::id::{DocId, UserId};
use crate::store::{
    self, CaseEntry, CaseQuery, CustomerEntry, CustomerQuery, DealEntry, DealQuery, Page,
    PageToken, StoreError, VisitEntry, VisitQuery,
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

    /// What happened at a customer, newest first: `limit` visits, deals and cases before
    /// `before`, or up to now, and what else happened at the last one's instant. So the
    /// last item's time begins the next part, and nothing is skipped or repeated.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn timeline(
        &self,
        customer: DocId,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<TimelineItem>, ReadError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let first = before.map(PageToken::before);
        self.inner.read(|conn, _who| {
            let customer = Some(customer);
            let visits = whole_instants(limit, first.clone(), TimelineItem::at, |after| {
                let query = VisitQuery { customer, after, ..VisitQuery::default() };
                let page = store::query::visits(conn, &query)?;
                Ok(page.map(|visit| TimelineItem::Visit(Box::new(visit))))
            })?;
            let deals = whole_instants(limit, first.clone(), TimelineItem::at, |after| {
                let query = DealQuery { customer, after, ..DealQuery::default() };
                let page = store::query::deals(conn, &query)?;
                Ok(page.map(|deal| TimelineItem::Deal(Box::new(deal))))
            })?;
            let cases = whole_instants(limit, first.clone(), TimelineItem::at, |after| {
                let query = CaseQuery { customer, after, ..CaseQuery::default() };
                let page = store::query::cases(conn, &query)?;
                Ok(page.map(|case| TimelineItem::Case(Box::new(case))))
            })?;
            let mut items: Vec<TimelineItem> =
                visits.into_iter().chain(deals).chain(cases).collect();
            items.sort_by_key(|item| std::cmp::Reverse(item.at()));
            let oldest =
                limit.checked_sub(1).and_then(|last| items.get(last)).map(TimelineItem::at);
            items.retain(|item| limit > 0 && oldest.is_none_or(|oldest| item.at() >= oldest));
            Ok(items)
        })
    }
}

/// The newest `limit` items, and what else happened at the instant of the last of them.
fn whole_instants<T>(
    limit: usize,
    mut after: Option<PageToken>,
    at: impl Fn(&T) -> Timestamp,
    page: impl Fn(Option<PageToken>) -> Result<Page<T>, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut items: Vec<T> = Vec::new();
    loop {
        let Page { items: more, next } = page(after)?;
        items.extend(more);
        let cut = limit.checked_sub(1).and_then(|last| items.get(last)).map(&at);
        let past = cut.is_some_and(|cut| items.last().is_some_and(|last| at(last) < cut));
        match next.filter(|_next| limit > 0 && !past) {
            Some(next) => after = Some(next),
            None => return Ok(items),
        }
    }
}
