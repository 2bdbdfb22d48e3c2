//! `/cases`, `/help` and `/competitors`: what a team learns from its own work.

use axum::extract::State;
use axum::response::Response;

use super::answer;
use super::query::Query;
use super::visitor::Visitor;
use crate::app::App;
use crate::storage::Lists;
use crate::web::frame::Section;
use crate::web::lists::library::{CasesQuery, WeekQuery};
use crate::web::pages::library::{CasesPage, CompetitorsPage, HelpPage};
use crate::web::queries::library;

/// `GET /cases`.
pub(super) async fn cases(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<CasesQuery>,
) -> Response {
    let page = async {
        let ask = query.ask()?;
        let (base, reach) = (&visitor.base, &visitor.reach);
        let found = library::cases(app.storage(), base, reach, &ask, visitor.now).await?;
        let industries = app.storage().industries(base.org.id, reach.scopes()).await?;
        let named = found.cases.into_iter().map(|case| {
            let rep = base.user_name(case.rep);
            (case, rep)
        });
        let cases: Vec<_> = named.collect();
        let frame = visitor.frame(Section::Cases);
        answer::html(&CasesPage::new(frame, &visitor.f, &ask, industries, &cases, &found.reviews))
    };
    visitor.answer(page.await)
}

/// `GET /help`.
pub(super) async fn help(State(app): State<App>, visitor: Visitor) -> Response {
    let page = async {
        let (base, reach, today) = (&visitor.base, &visitor.reach, visitor.today());
        let reader = visitor.signed.user;
        let wanted = library::help(app.storage(), base, reach, reader, today).await?;
        let named = wanted.into_iter().map(|one| {
            let (rep, asked) = (base.user_name(one.rep), one.asked_of);
            (one, rep, asked.map(|user| base.user_name(user)))
        });
        let frame = visitor.frame(Section::Help);
        answer::html(&HelpPage::new(frame, &visitor.f, today, named.collect()))
    };
    visitor.answer(page.await)
}

/// `GET /competitors`.
pub(super) async fn competitors(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<WeekQuery>,
) -> Response {
    let page = async {
        let (base, today) = (&visitor.base, visitor.today());
        let week = query.ask(base, today)?;
        let briefs = library::competitors(app.storage(), base, &visitor.reach, week).await?;
        let frame = visitor.frame(Section::Competitors);
        let person = |user| base.user_name(user);
        answer::html(&CompetitorsPage::new(frame, &visitor.f, (week, today), &briefs, person))
    };
    visitor.answer(page.await)
}
