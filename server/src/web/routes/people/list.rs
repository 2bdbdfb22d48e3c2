//! `GET /people`.

use axum::extract::State;
use axum::response::Response;
use client_core::records::Role;
use serde::Deserialize;

use super::super::answer::{self, PageError};
use super::super::query::Query;
use super::super::visitor::Visitor;
use super::{keeper, told};
use crate::app::App;
use crate::web::address::percent_encoded;
use crate::web::frame::Section;
use crate::web::lists::{given, page as page_number};
use crate::web::pages::people::list::{People, StandingFilter};
use crate::web::queries::people::{self, Wanted};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct PeopleQuery {
    q: String,
    unit: String,
    role: String,
    status: String,
    page: String,
    pub(super) done: String,
}

impl PeopleQuery {
    fn wanted(&self) -> Result<Wanted, PageError> {
        let code = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let unreadable = || PageError::Unreadable;
        Ok(Wanted {
            text: self.q.trim().to_owned(),
            unit: given(&self.unit)?,
            role: code(&self.role).map(|it| Role::parse(&it).ok_or_else(unreadable)).transpose()?,
            standing: code(&self.status)
                .map(|it| StandingFilter::parse(&it).ok_or_else(unreadable))
                .transpose()?,
            page: page_number(&self.page)?,
        })
    }

    /// The search without its page.
    fn path(&self) -> String {
        let pairs =
            [("q", &self.q), ("unit", &self.unit), ("role", &self.role), ("status", &self.status)];
        let pairs = pairs.iter().filter(|(_, value)| !value.trim().is_empty());
        let pairs: Vec<String> =
            pairs.map(|(key, value)| format!("{key}={}", percent_encoded(value.trim()))).collect();
        if pairs.is_empty() { "/people".to_owned() } else { format!("/people?{}", pairs.join("&")) }
    }
}

/// `GET /people`.
pub(in super::super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<PeopleQuery>,
) -> Response {
    let page = async {
        let registrar = keeper(&app, &visitor).await?;
        let wanted = query.wanted()?;
        let data =
            people::list(app.storage(), &visitor.base, &registrar, &wanted, visitor.now).await?;
        let frame = visitor.frame(Section::People);
        let message = told(&visitor, &query.done);
        answer::html(&People::new(frame, &visitor.f, &query.path(), &wanted, &data, message))
    };
    visitor.answer(page.await)
}
