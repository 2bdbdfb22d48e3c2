//! What a draft policy would have made of a month (DOMAIN B4-8).
//!
//! The same rows, the same rule core and the same instant, once with the policy in force
//! and once with the draft. Nothing is published and nothing is marked.

use client_core::id::{UnitId, UserId};
use client_core::period::Period;
use client_core::records::{PolicyRecord, Role, UserStatus};
use client_core::rules::{CardChange, CentiPoints, Facts, Policy, card_change};
use client_core::time::Timestamp;
use serde::Serialize;

use super::ScoringError;
use super::gather::{Held, Setting};
use super::recompute::as_of;
use crate::app::App;
use crate::office::Office;
use crate::storage::{main_unit, scopes};

/// Who gains and who loses. Its JSON is a contract: these keys, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// The month.
    pub period: Period,
    /// The instant from which both looked.
    pub as_of: Timestamp,
    /// The version of the policy in force for the month.
    pub policy_version: u32,
    /// SHA-256 of it, in hexadecimal.
    pub policy_hash: String,
    /// SHA-256 of the draft.
    pub draft_hash: String,
    /// How many reps gain.
    pub gain: usize,
    /// How many lose.
    pub lose: usize,
    /// How many keep their points.
    pub same: usize,
    /// The reps: who gains most first, who loses most last.
    pub reps: Vec<RepReplay>,
}

/// One rep's card under both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RepReplay {
    /// The rep.
    pub rep: UserId,
    /// The rep's name.
    pub name: String,
    /// What changes.
    #[serde(flatten)]
    pub card: CardChange,
}

/// Plays a month with `draft` instead of the policy in force, for the reps of a unit and
/// those below, or for all.
pub async fn replay(
    app: &App,
    office: &Office,
    draft: Policy,
    period: Period,
    unit: Option<UnitId>,
) -> Result<Replay, ScoringError> {
    let org = office.org();
    let setting = Setting::read(app, org).await?;
    let policies = office.policies().await?;
    let in_force = setting.policy(period)?;
    let version = PolicyRecord::for_period(&policies, period).map_or(0, |record| record.version);
    let as_of = as_of(&setting.calendar, period, app.clock().now());
    let units: Vec<_> = office.units().await?.into_values().collect();
    let reach = unit.map(|unit| scopes::at_or_below(&[unit], &units));
    let since = |policy: &Policy| Facts::first_visit(period, policy, &setting.calendar);
    let since = since(&in_force).min(since(&draft));
    let mut reps = Vec::new();
    for user in office.people().await? {
        let inside = reach
            .as_ref()
            .is_none_or(|reach| main_unit(&user).is_some_and(|unit| reach.contains(&unit)));
        if user.role != Role::Rep || !inside {
            continue;
        }
        let held = Held::read(app, org, user.id, since, &setting).await?;
        let question = |policy: &Policy| setting.question(user.id, period, as_of, policy.clone());
        let questions = [question(&in_force), question(&draft)];
        // Twice the work of a card: not on an async thread.
        let card = tokio::task::spawn_blocking(move || {
            let [before, after] = questions.map(|one| one.answer(&one.facts(&held)));
            card_change(&before, &after)
        })
        .await
        .map_err(|error| ScoringError::Rules { reason: error.to_string() })?;
        let gone = user.status == UserStatus::Disabled;
        if !(gone && card.before.is_none() && card.after.is_none()) {
            reps.push(RepReplay { rep: user.id, name: user.name, card });
        }
    }
    reps.sort_by(|a, b| {
        (b.card.difference, &a.name, a.rep).cmp(&(a.card.difference, &b.name, b.rep))
    });
    let count = |wanted: fn(CentiPoints) -> bool| {
        reps.iter().filter(|rep| wanted(rep.card.difference)).count()
    };
    let hex = |policy: &Policy| data_encoding::HEXLOWER.encode(&policy.hash());
    Ok(Replay {
        period,
        as_of,
        policy_version: version,
        policy_hash: hex(&in_force),
        draft_hash: hex(&draft),
        gain: count(|difference| difference.0 > 0),
        lose: count(|difference| difference.0 < 0),
        same: count(|difference| difference.0 == 0),
        reps,
    })
}
