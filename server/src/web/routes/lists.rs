//! Lists with filters, each as a page and as a file, and the page of a deal.

use axum::extract::{Path, State};
use axum::response::Response;
use client_core::id::DocId;
use client_core::time::Date;

use super::answer::{self, PageError};
use super::behalf;
use super::edit;
use super::query::Query;
use super::sections::parse;
use super::visitor::Visitor;
use crate::app::App;
use crate::storage::Lists;
use crate::storage::lists::{Found, Window};
use crate::web::export::{Export, MOST_ROWS, What};
use crate::web::frame::Section;
use crate::web::lists::coverage::CoverageQuery;
use crate::web::lists::customers::CustomersQuery;
use crate::web::lists::deals::DealsQuery;
use crate::web::lists::funnel::FunnelQuery;
use crate::web::lists::visits::VisitsQuery;
use crate::web::pages::coverage::Coverage;
use crate::web::pages::customers::Customers;
use crate::web::pages::deal::DealPage;
use crate::web::pages::deals::Deals;
use crate::web::pages::funnel::Funnel;
use crate::web::pages::visits::Visits;
use crate::web::queries::{
    coverage as coverage_queries, customers as customer_queries, deals as deal_queries,
    funnel as funnel_queries, visits as visit_queries,
};

/// `GET /coverage`.
pub(super) async fn coverage(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<CoverageQuery>,
) -> Response {
    let page = async {
        let (base, reach) = (&visitor.base, &visitor.reach);
        let ask = query.ask(visitor.today())?;
        let data = coverage_queries::page(app.storage(), base, reach, ask, visitor.now).await?;
        answer::html(&Coverage::new(visitor.frame(Section::Coverage), &visitor.f, &data))
    };
    visitor.answer(page.await)
}

/// `GET /funnel`.
pub(super) async fn funnel(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<FunnelQuery>,
) -> Response {
    let page = async {
        let (base, reach) = (&visitor.base, &visitor.reach);
        let ask = query.ask(visitor.today())?;
        let data = funnel_queries::page(app.storage(), base, reach, ask, visitor.now).await?;
        answer::html(&Funnel::new(visitor.frame(Section::Funnel), &visitor.f, &data))
    };
    visitor.answer(page.await)
}

/// `GET /customers`.
pub(super) async fn customers(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<CustomersQuery>,
) -> Response {
    let page = async {
        let (base, reach, now) = (&visitor.base, &visitor.reach, visitor.now);
        let data = customer_queries::list(app.storage(), base, reach, query.ask()?, now).await?;
        answer::html(&Customers::new(visitor.frame(Section::Customers), &visitor.f, &data))
    };
    visitor.answer(page.await)
}

/// `GET /customers.csv`.
pub(super) async fn customers_csv(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<CustomersQuery>,
) -> Response {
    customers_file(&app, &visitor, &query, FileKind::Csv).await
}

/// `GET /customers.xlsx`.
pub(super) async fn customers_sheet(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<CustomersQuery>,
) -> Response {
    customers_file(&app, &visitor, &query, FileKind::Sheet).await
}

async fn customers_file(
    app: &App,
    visitor: &Visitor,
    query: &CustomersQuery,
    kind: FileKind,
) -> Response {
    let file = async {
        let (base, reach, ask) = (&visitor.base, &visitor.reach, query.ask()?);
        let filter =
            customer_queries::filter(app.storage(), base, reach, &ask, visitor.now).await?;
        let found = app.storage().find_customers(base.org.id, filter, Window::ALL).await?;
        let period = ask.cell.map(|(period, _)| period.to_string());
        let span = period.unwrap_or_else(|| visitor.today().to_string());
        download(app, visitor, (What::Customers, kind), &span, found).await
    };
    visitor.answer(file.await)
}

/// `GET /visits`.
pub(super) async fn visits(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<VisitsQuery>,
) -> Response {
    let page = async {
        let (base, reach) = (&visitor.base, &visitor.reach);
        let ask = query.ask(visitor.today())?;
        let data = visit_queries::list(app.storage(), base, reach, ask, visitor.now).await?;
        answer::html(&Visits::new(visitor.frame(Section::Visits), &visitor.f, &data))
    };
    visitor.answer(page.await)
}

/// `GET /visits.csv`.
pub(super) async fn visits_csv(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<VisitsQuery>,
) -> Response {
    visits_file(&app, &visitor, &query, FileKind::Csv).await
}

/// `GET /visits.xlsx`.
pub(super) async fn visits_sheet(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<VisitsQuery>,
) -> Response {
    visits_file(&app, &visitor, &query, FileKind::Sheet).await
}

async fn visits_file(
    app: &App,
    visitor: &Visitor,
    query: &VisitsQuery,
    kind: FileKind,
) -> Response {
    let file = async {
        let base = &visitor.base;
        let ask = query.ask(visitor.today())?;
        let filter = ask.filter(base, &visitor.reach);
        let found = app.storage().find_visits(base.org.id, filter, Window::ALL).await?;
        let span = span(visitor.today(), ask.days);
        download(app, visitor, (What::Visits, kind), &span, found).await
    };
    visitor.answer(file.await)
}

/// `GET /deals`.
pub(super) async fn deals(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<DealsQuery>,
) -> Response {
    let page = async {
        let (base, reach, now) = (&visitor.base, &visitor.reach, visitor.now);
        let data = deal_queries::list(app.storage(), base, reach, query.ask()?, now).await?;
        answer::html(&Deals::new(visitor.frame(Section::Deals), &visitor.f, &data))
    };
    visitor.answer(page.await)
}

/// `GET /deals.csv`.
pub(super) async fn deals_csv(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<DealsQuery>,
) -> Response {
    deals_file(&app, &visitor, &query, FileKind::Csv).await
}

/// `GET /deals.xlsx`.
pub(super) async fn deals_sheet(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<DealsQuery>,
) -> Response {
    deals_file(&app, &visitor, &query, FileKind::Sheet).await
}

async fn deals_file(app: &App, visitor: &Visitor, query: &DealsQuery, kind: FileKind) -> Response {
    let file = async {
        let (base, ask) = (&visitor.base, query.ask()?);
        let reach = &visitor.reach;
        let filter = deal_queries::filter(app.storage(), base, reach, &ask, visitor.now).await?;
        let found = app.storage().find_deals(base.org.id, filter, Window::ALL).await?;
        let days = if ask.decided == (None, None) { ask.created } else { ask.decided };
        let span = span(visitor.today(), days);
        download(app, visitor, (What::Deals, kind), &span, found).await
    };
    visitor.answer(file.await)
}

/// `GET /deals/{deal}`.
pub(super) async fn deal(
    State(app): State<App>,
    visitor: Visitor,
    Path(deal): Path<String>,
) -> Response {
    let page = async {
        let doc: DocId = parse(&deal)?;
        let (base, reach, now) = (&visitor.base, &visitor.reach, visitor.now);
        let data = deal_queries::deal(app.storage(), base, reach, doc, now).await?;
        let data = data.ok_or(PageError::NotFound)?;
        let mut frame = visitor.frame(Section::Deals);
        edit::close_unless_open(&app, &visitor, doc, &mut frame).await?;
        answer::html(&DealPage::new(frame, &visitor.f, doc, &data))
    };
    visitor.answer(page.await)
}

/// The days of a file's name.
fn span(today: Date, days: (Option<Date>, Option<Date>)) -> String {
    match days {
        (None, None) => format!("until-{today}"),
        (from, to) => {
            let from = from.map(|day| day.to_string()).unwrap_or_default();
            format!("{from}_{}", to.unwrap_or(today))
        }
    }
}

/// What a list is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Csv,
    Sheet,
}

async fn download(
    app: &App,
    visitor: &Visitor,
    (what, kind): (What, FileKind),
    span: &str,
    found: Found,
) -> Result<Response, PageError> {
    // What no sheet holds comes as CSV.
    let kind = if found.docs.len() > MOST_ROWS { FileKind::Csv } else { kind };
    let policy = visitor.base.policy_for(visitor.today());
    let version = policy.as_ref().map_or(0, |(version, _)| *version);
    let name = format!("{}_{span}_policy-v{version}", what.stem());
    let export = Export {
        what,
        app: app.clone(),
        base: visitor.base.clone(),
        policy: policy.map(|(_, policy)| policy),
        f: visitor.f.clone(),
        silent: visitor.base.silent(visitor.now),
    };
    behalf::exported(app, visitor, &name, found.docs.len()).await?;
    Ok(match kind {
        FileKind::Csv => answer::file(&name, answer::CSV, export.csv(found.docs)),
        FileKind::Sheet => answer::file(&name, answer::XLSX, export.sheet(found.docs).await?),
    })
}
