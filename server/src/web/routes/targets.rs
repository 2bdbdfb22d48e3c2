//! `/targets`: how far they are, and the milestones of the year.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use client_core::id::RecordId;
use client_core::period::Period;
use client_core::records::{TargetLevel, TargetRecord};
use serde::Deserialize;

use super::answer::{self, PageError};
use super::merge::decides;
use super::query::Query;
use super::sections::month;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::Office;
use crate::scoring::{ScoringError, milestones, progress};
use crate::web::frame::Section;
use crate::web::lists::given;
use crate::web::pages::targets::{Target, Targets, TargetsData};
use crate::web::queries::reach::Reach;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TargetsQuery {
    period: String,
}

/// `GET /targets`. Everybody sees their own, their units' and the org's (S4 目标公示), as
/// far as they are published.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<TargetsQuery>,
) -> Response {
    let page = async {
        let (base, today) = (&visitor.base, visitor.today());
        let period = month(given(&query.period)?.unwrap_or_else(|| Period::month_of(today)))?;
        if today < period.first_day() {
            return Err(PageError::Unreadable);
        }
        let year = Period::year_of(period.first_day());
        let office = Office::of(app.clone(), base.org.id);
        let known: BTreeMap<RecordId, TargetRecord> =
            office.targets().await?.into_iter().map(|target| (target.id, target)).collect();
        let draft = |id| known.get(&id).is_some_and(|target| target.draft);
        let shown =
            |level, id| sees(&visitor, level) && (decides(visitor.signed.role) || !draft(id));
        let whose = |level| match level {
            TargetLevel::Org => None,
            TargetLevel::Unit(unit) => Some(base.unit_name(unit)),
            TargetLevel::Rep(rep) => Some(base.user_name(rep)),
        };
        let found = progress(&app, &office, period).await.map_err(told)?;
        let reached = milestones(&app, &office, year).await.map_err(told)?;
        let data = TargetsData {
            period,
            today,
            days: (found.working_days, found.elapsed_days),
            targets: found
                .targets
                .into_iter()
                .filter(|one| shown(one.level, one.target))
                .map(|one| Target {
                    whose: whose(one.level),
                    draft: draft(one.target),
                    progress: one,
                })
                .collect(),
            year,
            milestones: reached
                .into_iter()
                .filter(|one| shown(one.level, one.target))
                .map(|one| (whose(one.level), one))
                .collect(),
            currency: base.org.currency,
        };
        answer::html(&Targets::new(visitor.frame(Section::Targets), &visitor.f, &data))
    };
    visitor.answer(page.await)
}

fn sees(visitor: &Visitor, level: TargetLevel) -> bool {
    match level {
        TargetLevel::Org => true,
        TargetLevel::Rep(rep) => visitor.reach.sees(rep),
        TargetLevel::Unit(unit) => {
            let reader = visitor.base.users.iter().find(|user| user.id == visitor.signed.user);
            let own = reader.is_some_and(|reader| reader.units.contains(&unit));
            own || match &visitor.reach {
                Reach::All => true,
                Reach::Some { units, .. } => units.contains(&unit),
            }
        }
    }
}

pub(super) fn told(error: ScoringError) -> PageError {
    match error {
        ScoringError::Storage(error) => error.into(),
        error => PageError::Scoring(error),
    }
}
