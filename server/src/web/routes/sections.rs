//! The pages, each from its address.
//!
//! What an address says is parsed here and nowhere else; a part that cannot be
//! read is told, not guessed.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use client_core::id::{DocId, UserId};
use client_core::period::Period;
use client_core::records::UserRecord;
use serde::Deserialize;

use super::answer::{self, PageError};
use super::edit;
use super::query::Query;
use super::visitor::Visitor;
use crate::app::App;
use crate::storage::Scores;
use crate::web::frame::{Frame, Section};
use crate::web::lists::customers::AsOfQuery;
use crate::web::lists::{self, given};
use crate::web::pages::board::Board;
use crate::web::pages::customer::CustomerPage;
use crate::web::pages::facts::{FactsData, FactsPage};
use crate::web::pages::leaderboard::{Leaderboard, LeaderboardData, SortBy};
use crate::web::pages::scorecard::{Closed, ScorecardData, ScorecardPage};
use crate::web::pages::whatif::Supposed;
use crate::web::pages::wording;
use crate::web::queries::{board as boards, cards, customers as customer_queries};
use crate::web::view::PAGE;

/// Seconds between live refreshes of a board.
pub(super) const REFRESH_S: u32 = 10;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BoardQuery {
    date: String,
    span: String,
    unit: String,
    line: String,
}

/// `GET /board`.
pub(super) async fn board(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<BoardQuery>,
) -> Response {
    let page = async {
        let wanted = boards::Wanted {
            day: given(&query.date)?.unwrap_or_else(|| visitor.today()),
            span: boards::Span::parse(&query.span)?,
            unit: given(&query.unit)?,
            line: Some(query.line.as_str()).filter(|line| !line.is_empty()),
            now: visitor.now,
        };
        let (base, reach) = (&visitor.base, &visitor.reach);
        let data = boards::board(app.storage(), visitor.f.w, base, reach, wanted).await?;
        let frame = Frame { refresh_s: REFRESH_S, ..visitor.frame(Section::Board) };
        answer::html(&Board::new(frame, &visitor.f, &data))
    };
    visitor.answer(page.await)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LeaderboardQuery {
    period: String,
    sort: String,
    names: String,
}

/// `GET /leaderboard`.
pub(super) async fn leaderboard(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<LeaderboardQuery>,
) -> Response {
    let page = async {
        let period = given(&query.period)?.unwrap_or_else(|| Period::month_of(visitor.today()));
        let period = month(period)?;
        let (base, reach) = (&visitor.base, &visitor.reach);
        let (cards, ranked) = cards::ranking(app.storage(), base, reach, period).await?;
        let data = LeaderboardData {
            period,
            today: visitor.today(),
            sort: SortBy::parse(&query.sort),
            hidden: query.names == "hidden",
            reader: visitor.signed.user,
            cards,
            ranked,
        };
        let frame = Frame { refresh_s: REFRESH_S, ..visitor.frame(Section::Leaderboard) };
        answer::html(&Leaderboard::new(frame, &visitor.f, &data))
    };
    visitor.answer(page.await)
}

/// `GET /scorecards/{rep}/{period}`.
pub(super) async fn scorecard(
    State(app): State<App>,
    visitor: Visitor,
    Path((rep, period)): Path<(String, String)>,
    Query(supposed): Query<Supposed>,
) -> Response {
    let page = async {
        let (rep, period) = rep_and_month(&visitor, &rep, &period)?;
        let org = visitor.base.org.id;
        let outcome = cards::outcome(app.storage(), org, rep.id, period).await?;
        let closed = app.storage().closed_card(org, rep.id, period).await?;
        let data = ScorecardData {
            rep: rep.id,
            name: rep.name.clone(),
            unit: visitor.base.unit_of(rep),
            period,
            today: visitor.today(),
            currency: visitor.base.org.currency,
            policy: outcome
                .as_ref()
                .and_then(|outcome| visitor.base.policy_with(&outcome.policy_hash)),
            closed: closed.map(|kept| Closed {
                on: visitor.base.zone().date(kept.closed_at),
                total: kept.card.record.total_centipoints,
                restated: outcome
                    .as_ref()
                    .is_some_and(|now| now.digest() != kept.card.record.outcome_digest),
            }),
            outcome,
            supposed,
        };
        let frame = Frame { refresh_s: REFRESH_S, ..visitor.frame(Section::Leaderboard) };
        answer::html(&ScorecardPage::new(frame, &visitor.f, &data))
    };
    visitor.answer(page.await)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PageQuery {
    page: String,
}

/// `GET /scorecards/{rep}/{period}/{indicator}`.
pub(super) async fn facts(
    State(app): State<App>,
    visitor: Visitor,
    Path((rep, period, indicator)): Path<(String, String, String)>,
    Query(query): Query<PageQuery>,
) -> Response {
    let page = async {
        let (rep, period) = rep_and_month(&visitor, &rep, &period)?;
        let (storage, org) = (app.storage(), visitor.base.org.id);
        let outcome = cards::outcome(storage, org, rep.id, period).await?;
        // The card's page says why there is none yet.
        let Some(outcome) = outcome else {
            let card = format!("/scorecards/{}/{period}", rep.id);
            return Ok(Redirect::to(&card).into_response());
        };
        let of = cards::facts_of(&outcome, &indicator).ok_or(PageError::NotFound)?;
        let number = lists::page(&query.page)?;
        let mut refs = cards::newest_first(of.facts());
        refs = refs.into_iter().skip((number - 1).saturating_mul(PAGE)).take(PAGE).collect();
        let (f, base) = (&visitor.f, &visitor.base);
        let counted = cards::facts(storage, f, base, &outcome, &refs).await?;
        let left_out: Vec<_> = of.exclusions().iter().map(|each| each.fact.clone()).collect();
        let mut excluded = cards::facts(storage, f, base, &outcome, &left_out).await?;
        for (fact, exclusion) in excluded.iter_mut().zip(of.exclusions()) {
            let reasons = exclusion.reasons.iter();
            fact.why = reasons.map(|reason| wording::exclusion(f.w, *reason)).collect();
        }
        let data = FactsData {
            rep: rep.id,
            name: rep.name.clone(),
            period,
            currency: base.org.currency,
            policy: base.policy_with(&outcome.policy_hash),
            facts: counted,
            page: number,
            excluded,
            of,
        };
        answer::html(&FactsPage::new(visitor.frame(Section::Leaderboard), f, &data))
    };
    visitor.answer(page.await)
}

/// `GET /customers/{customer}`.
pub(super) async fn customer(
    State(app): State<App>,
    visitor: Visitor,
    Path(customer): Path<String>,
    Query(query): Query<AsOfQuery>,
) -> Response {
    let page = async {
        let doc: DocId = parse(&customer)?;
        let (base, reach) = (&visitor.base, &visitor.reach);
        let (when, w) = (query.when(visitor.now)?, visitor.f.w);
        let data = customer_queries::customer(app.storage(), base, reach, doc, when, w).await?;
        let data = data.ok_or(PageError::NotFound)?;
        let mut frame = visitor.frame(Section::Customers);
        edit::close_unless_open(&app, &visitor, doc, &mut frame).await?;
        answer::html(&CustomerPage::new(frame, &visitor.f, &data))
    };
    visitor.answer(page.await)
}

/// A person the visitor may see, and a month.
pub(super) fn rep_and_month<'a>(
    visitor: &'a Visitor,
    rep: &str,
    period: &str,
) -> Result<(&'a UserRecord, Period), PageError> {
    let rep: UserId = parse(rep)?;
    let user = visitor.base.users.iter().find(|user| user.id == rep);
    let user = user.filter(|user| visitor.reach.sees(user.id)).ok_or(PageError::NotFound)?;
    Ok((user, month(parse(period)?)?))
}

pub(super) fn month(period: Period) -> Result<Period, PageError> {
    match period {
        Period::Month(_) => Ok(period),
        _ => Err(PageError::Unreadable),
    }
}

pub(super) fn parse<T: std::str::FromStr>(text: &str) -> Result<T, PageError> {
    text.parse().map_err(|_error| PageError::Unreadable)
}
