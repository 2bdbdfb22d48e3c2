//! What every form about one visit shares: who may use it, what its head says, and the way
//! back to the visit.

use axum::response::{IntoResponse, Redirect, Response};
use client_core::id::DocId;

use super::answer::PageError;
use super::merge::decides;
use super::visitor::Visitor;
use crate::app::App;
use crate::web::pages::visit::VisitData;
use crate::web::pages::wording;
use crate::web::queries::visits;

/// The visit, for a reader who may see it; somebody else's is as good as none.
pub(super) async fn seen(
    app: &App,
    visitor: &Visitor,
    visit: DocId,
) -> Result<VisitData, PageError> {
    let data = visits::visit(app.storage(), &visitor.base, &visitor.reach, visit).await?;
    data.ok_or(PageError::NotFound)
}

/// The same for a reader who decides for the org.
pub(super) async fn to_decide(
    app: &App,
    visitor: &Visitor,
    visit: DocId,
) -> Result<VisitData, PageError> {
    if !decides(visitor.signed.role) {
        return Err(PageError::NotAllowed);
    }
    seen(app, visitor, visit).await
}

/// The customer that the visit counts for, and the line that says which visit it is.
pub(super) fn headline(visitor: &Visitor, data: &VisitData) -> (String, String) {
    let (w, f) = (visitor.f.w, &visitor.f);
    let name = data.customer_name.as_deref().or(data.state.customer_name.as_deref());
    let customer = wording::customer_name(w, name);
    let mode = wording::code(w, "mode", data.state.mode.as_ref().map(|mode| mode.as_str()));
    let day = f.day(f.zone.date(data.began()));
    let line = [customer.clone(), data.rep_name.clone(), mode, day].join(" · ");
    (customer, line)
}

/// Back to the visit, where what was decided shows.
pub(super) fn back(visit: DocId) -> Response {
    Redirect::to(&format!("/visits/{visit}")).into_response()
}
