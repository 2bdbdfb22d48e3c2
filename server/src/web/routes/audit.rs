//! `/audit`: who did what to whom, and when.

use axum::extract::State;
use axum::response::Response;

use super::answer::{self, PageError};
use super::behalf::{exported, keeper};
use super::query::Query;
use super::visitor::Visitor;
use crate::app::App;
use crate::storage::lists::Window;
use crate::web::frame::Section;
use crate::web::lists::audit::AuditQuery;
use crate::web::pages::audit::{Audit, table};
use crate::web::queries::audit;
use crate::web::view;

/// Entries of a file.
const MOST: u32 = 100_000;

/// `GET /audit`, for whoever decides for the whole org.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<AuditQuery>,
) -> Response {
    let page = async {
        keeper(&app, &visitor).await?;
        let ask = query.ask()?;
        let window = view::window(ask.page);
        let data = audit::read(app.storage(), &visitor.base, ask, window, visitor.f.w).await?;
        answer::html(&Audit::new(visitor.frame(Section::Audit), &visitor.f, &data))
    };
    visitor.answer(page.await)
}

/// `GET /audit.csv`.
pub(super) async fn csv(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<AuditQuery>,
) -> Response {
    let file = async {
        let (name, table) = taken(&app, &visitor, &query).await?;
        Ok(answer::file(&name, answer::CSV, table.csv(visitor.f.w)))
    };
    visitor.answer(file.await)
}

/// `GET /audit.xlsx`.
pub(super) async fn sheet(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<AuditQuery>,
) -> Response {
    let file = async {
        let (name, table) = taken(&app, &visitor, &query).await?;
        Ok(answer::file(&name, answer::XLSX, table.sheet(visitor.f.w).await?))
    };
    visitor.answer(file.await)
}

async fn taken(
    app: &App,
    visitor: &Visitor,
    query: &AuditQuery,
) -> Result<(String, crate::web::export::Table), PageError> {
    keeper(app, visitor).await?;
    let window = Window { limit: MOST, offset: 0 };
    let (base, f) = (&visitor.base, &visitor.f);
    let data = audit::read(app.storage(), base, query.ask()?, window, f.w).await?;
    let name = format!("audit_until-{}", visitor.today());
    exported(app, visitor, &name, data.deeds.len()).await?;
    Ok((name, table(f, &data)))
}
