//! The rules: their versions, trying another text on a month, and putting it in force.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use client_core::period::Period;
use client_core::protocol::ProblemCode;
use client_core::records::PolicyRecord;
use client_core::rules::Policy;
use client_core::rules::policy::{difference, unexplained};
use client_core::time::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::month;
use super::values::Named;
use super::{Answer, Caller, Day, Instant};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::{Registrar, SetPolicy, SetPolicyError};
use crate::scoring::{RepReplay, replay};
use crate::web::lists::Unreadable;
use crate::web::queries::policy::{Version, versions};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, put)).routes(routes!(attempt))
}

/// A version of the rules.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyVersion {
    version: u32,
    name: String,
    effective_from: Day,
    /// The present month is scored by it.
    in_force: bool,
    /// SHA-256 of what it says.
    hash: String,
    /// Its text.
    toml: String,
}

impl From<Version> for PolicyVersion {
    fn from(one: Version) -> Self {
        Self {
            version: one.record.version,
            name: one.name,
            effective_from: one.record.effective_from.into(),
            in_force: one.in_force,
            hash: one.hash,
            toml: one.record.toml,
        }
    }
}

/// Every version of the rules, newest first.
#[utoipa::path(get, path = "/v1/policy", tag = "office",
    responses((status = 200, body = Vec<PolicyVersion>)))]
async fn show(State(app): State<App>, caller: Caller) -> Answer<Vec<PolicyVersion>> {
    caller.looking_after(&app).await?;
    let found = versions(&caller.base, caller.today()).into_iter();
    Ok(Json(found.map(PolicyVersion::from).collect()))
}

/// A text of rules to be tried on a month.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TryPolicy {
    /// The rules.
    toml: String,
    /// A month that has begun; the last one if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    period: Option<Period>,
}

/// What a text of rules would have made of a month.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyTrial {
    period: String,
    as_of: Instant,
    /// Of the rules in force.
    policy_version: u32,
    policy_hash: String,
    /// Of the text.
    draft_hash: String,
    gain: usize,
    lose: usize,
    same: usize,
    /// Who gains most first, who loses most last.
    reps: Vec<TrialOfRep>,
    /// What it says differently from the rules in force.
    changes: Vec<PolicyDifference>,
    /// Numbers for which it names no source: line and key.
    unexplained: Vec<PolicyLine>,
}

/// One rep's card under both.
#[derive(Debug, Serialize, ToSchema)]
struct TrialOfRep {
    rep: Named,
    /// Hundredths of a point.
    before: Option<i64>,
    after: Option<i64>,
    difference: i64,
}

/// A value that differs.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyDifference {
    /// Its path.
    key: String,
    before: Option<String>,
    after: Option<String>,
}

/// A line of the text.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyLine {
    line: usize,
    key: String,
}

impl From<RepReplay> for TrialOfRep {
    fn from(one: RepReplay) -> Self {
        Self {
            rep: Named::of(one.rep, one.name),
            before: one.card.before.map(|points| points.0),
            after: one.card.after.map(|points| points.0),
            difference: one.card.difference.0,
        }
    }
}

/// Whoever leads the whole org sets its rules.
async fn setter(app: &App, caller: &Caller) -> Result<Registrar, ProblemResponse> {
    let registrar = caller.looking_after(app).await?;
    registrar
        .leads_all()
        .map_err(|refusal| ProblemResponse::new(ProblemCode::NotAllowed, refusal.to_string()))?;
    Ok(registrar)
}

/// Tries a text of rules on a month. Nothing changes.
#[utoipa::path(post, path = "/v1/policy/try", tag = "office", request_body = TryPolicy,
    responses((status = 200, body = PolicyTrial)))]
async fn attempt(State(app): State<App>, caller: Caller, request: Body) -> Answer<PolicyTrial> {
    setter(&app, &caller).await?;
    let TryPolicy { toml, period } = body::long_json(request).await?;
    let draft = Policy::from_toml(&toml).map_err(SetPolicyError::from)?;
    let today = caller.today();
    let period = month(period.unwrap_or_else(|| Period::month_of(today).previous()))?;
    if today < period.first_day() {
        return Err(Unreadable.into());
    }
    let in_force = PolicyRecord::for_period(&caller.base.policies, period);
    let in_force = in_force.and_then(|policy| Policy::kept(&policy.toml).ok());
    let changes = in_force.map(|before| difference(&before, &draft)).unwrap_or_default();
    let unexplained = unexplained(&toml, &draft.sources).into_iter();
    let found = replay(&app, &caller.office(&app), draft, period, None).await?;
    Ok(Json(PolicyTrial {
        period: found.period.to_string(),
        as_of: found.as_of.into(),
        policy_version: found.policy_version,
        policy_hash: found.policy_hash,
        draft_hash: found.draft_hash,
        gain: found.gain,
        lose: found.lose,
        same: found.same,
        reps: found.reps.into_iter().map(TrialOfRep::from).collect(),
        changes: changes
            .into_iter()
            .map(|one| PolicyDifference { key: one.key, before: one.before, after: one.after })
            .collect(),
        unexplained: unexplained
            .map(|leaf| PolicyLine { line: leaf.line, key: leaf.key })
            .collect(),
    }))
}

/// Rules to be put in force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetPolicy)]
struct PutPolicy {
    /// Its text, comments included.
    toml: String,
    /// From this day; from the first of the present month if absent.
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    effective_from: Option<Date>,
    /// Also for months that are over: their cards are computed again.
    #[serde(default)]
    restate: bool,
}

/// Puts rules in force as the next version. The newest version's own text from its own day
/// is that version again.
#[utoipa::path(post, path = "/v1/policy", tag = "office", request_body = PutPolicy,
    responses((status = 200, body = PolicyVersion)))]
async fn put(State(app): State<App>, caller: Caller, request: Body) -> Answer<PolicyVersion> {
    let registrar = setter(&app, &caller).await?;
    let PutPolicy { toml, effective_from, restate } = body::long_json(request).await?;
    let newest = versions(&caller.base, caller.today()).into_iter().next();
    let open = Period::month_of(caller.today()).first_day();
    let same = |one: &Version| {
        one.record.toml == toml && one.record.effective_from == effective_from.unwrap_or(open)
    };
    if let Some(standing) = newest.filter(same) {
        return Ok(Json(standing.into()));
    }
    let set = registrar.set_policy(SetPolicy { toml, effective_from, restate }).await?;
    let mut base = caller.base.clone();
    base.policies.push(set);
    let set = versions(&base, caller.today()).into_iter().next();
    set.map(|set| Json(set.into())).ok_or_else(super::answer::not_found)
}

impl From<SetPolicyError> for ProblemResponse {
    fn from(error: SetPolicyError) -> Self {
        let code = match error {
            SetPolicyError::Storage(error) => return error.into(),
            SetPolicyError::Refused(_) => ProblemCode::NotAllowed,
            SetPolicyError::Policy(_) | SetPolicyError::Closed { .. } => ProblemCode::Refused,
        };
        Self::new(code, error.to_string())
    }
}
