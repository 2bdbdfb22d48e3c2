//! Meetings of a team, what they decided, and what is still to be done.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::id::{RecordId, UnitId, UserId};
use client_core::period::Period;
use client_core::protocol::ProblemCode;
use client_core::time::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::not_found;
use super::caller::id;
use super::values::Named;
use super::{Answer, Caller, Day, Id, Instant};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::{MeetingError, NewItem, agenda_of};
use crate::storage::Meetings;
use crate::storage::model::{MeetingItem, MeetingRow};
use crate::web::lists::Unreadable;
use crate::web::queries::reach::Reach;

/// Meetings that are listed.
const LISTED: u32 = 200;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, hold))
        .routes(routes!(one, decide))
        .routes(routes!(finish))
}

/// A meeting.
#[derive(Debug, Serialize, ToSchema)]
struct Meeting {
    id: Id,
    /// Of this unit and those below it; of the whole org if absent.
    unit: Option<Named>,
    /// A week, month or quarter.
    period: String,
    held_on: Day,
    made_by: Option<Named>,
    /// Kind of the report that it looks at, which is at `/v1/reports/{kind}/{period}`.
    report: Option<&'static str>,
}

/// Something that a meeting decided, or gave somebody to do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MeetingItem)]
pub(super) struct Item {
    id: Id,
    meeting: Id,
    /// `decision` or `action`.
    kind: &'static str,
    /// Empty once whoever was to do it was erased.
    text: String,
    owner: Option<Named>,
    due: Option<Day>,
    made_at: Instant,
    made_by: Option<Named>,
    done_at: Option<Instant>,
}

/// Meetings and what is still to be done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Meetings)]
struct MeetingsBody {
    /// The newest first.
    meetings: Vec<Meeting>,
    /// Actions that are not done, by the day on which they are due.
    open: Vec<Item>,
}

/// A meeting with what it decided.
#[derive(Debug, Serialize, ToSchema)]
struct MeetingInFull {
    meeting: Meeting,
    items: Vec<Item>,
}

fn person(caller: &Caller, user: UserId) -> Named {
    Named::of(user, caller.base.user_name(user))
}

fn meeting(caller: &Caller, row: MeetingRow) -> Meeting {
    let period: Option<Period> = row.period.parse().ok();
    Meeting {
        id: row.id.into(),
        unit: row.unit.map(|unit| Named::of(unit, caller.base.unit_name(unit))),
        report: period.and_then(agenda_of).map(|kind| kind.as_str()),
        period: row.period,
        held_on: row.held_on.into(),
        made_by: row.made_by.map(|by| person(caller, by)),
    }
}

pub(super) fn item(caller: &Caller, item: MeetingItem) -> Item {
    Item {
        id: item.id.into(),
        meeting: item.meeting.into(),
        kind: item.kind.as_str(),
        text: item.text,
        owner: item.owner.map(|owner| person(caller, owner)),
        due: item.due.map(Into::into),
        made_at: item.made_at.into(),
        made_by: item.made_by.map(|by| person(caller, by)),
        done_at: item.done_at.map(Into::into),
    }
}

/// Meetings of the reader's teams, and what is still to be done.
#[utoipa::path(get, path = "/v1/meetings", tag = "meetings",
    responses((status = 200, body = MeetingsBody)))]
async fn list(State(app): State<App>, caller: Caller) -> Answer<MeetingsBody> {
    caller.leading(&app).await?;
    let (storage, org, reach) = (app.storage(), caller.signed.org, &caller.reach);
    let held = storage.meetings(org, LISTED).await?.into_iter();
    let held = held.filter(|row| reach.sees_unit(row.unit));
    let open = storage.open_actions(org).await?.into_iter();
    let open = open.filter(|item| match item.owner {
        Some(owner) => reach.sees(owner),
        None => *reach == Reach::All,
    });
    Ok(Json(MeetingsBody {
        meetings: held.map(|row| meeting(&caller, row)).collect(),
        open: open.map(|one| item(&caller, one)).collect(),
    }))
}

/// A meeting to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HoldMeeting {
    /// A week, month or quarter that has begun.
    #[schema(value_type = String)]
    period: Period,
    /// Of this unit and those below; whoever sees a part of the org gets their own if absent.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    unit: Option<UnitId>,
}

/// Opens a meeting, today.
#[utoipa::path(post, path = "/v1/meetings", tag = "meetings", request_body = HoldMeeting,
    params(("Idempotency-Key" = Option<String>, Header, description = "Names the request.")),
    responses((status = 200, body = Meeting)))]
async fn hold(State(app): State<App>, caller: Caller, request: Body) -> Answer<Meeting> {
    caller.leading(&app).await?;
    let HoldMeeting { period, unit } = body::json(request).await?;
    let unit = match caller.reach {
        Reach::All => unit,
        Reach::Some { .. } => unit.or_else(|| caller.unit()),
    };
    let exists = unit.is_none_or(|unit| caller.base.units.iter().any(|each| each.id == unit));
    if !exists || !caller.reach.sees_unit(unit) {
        return Err(not_found());
    }
    let (office, by) = (caller.office(&app), caller.signed.user);
    let held = office.hold_meeting(caller.new_record(&app), unit, period, by).await?;
    Ok(Json(meeting(&caller, held)))
}

async fn found(
    app: &App,
    caller: &Caller,
    meeting: &str,
) -> Result<(MeetingRow, Vec<MeetingItem>), ProblemResponse> {
    caller.leading(app).await?;
    let wanted: RecordId = id(meeting)?;
    let found = app.storage().meeting(caller.signed.org, wanted).await?;
    found.filter(|(row, _items)| caller.reach.sees_unit(row.unit)).ok_or_else(not_found)
}

/// A meeting with what it decided.
#[utoipa::path(get, path = "/v1/meetings/{meeting}", tag = "meetings",
    params(("meeting" = String, Path, description = "Which.")),
    responses((status = 200, body = MeetingInFull)))]
async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(wanted): Path<String>,
) -> Answer<MeetingInFull> {
    let (row, items) = found(&app, &caller, &wanted).await?;
    let items = items.into_iter().map(|one| item(&caller, one)).collect();
    Ok(Json(MeetingInFull { meeting: meeting(&caller, row), items }))
}

/// What a meeting decides; with `owner` and `due` what it gives somebody to do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMeetingItem {
    text: String,
    /// Who does it.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    owner: Option<UserId>,
    /// By when.
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    due: Option<Date>,
}

/// Keeps what a meeting decided, or gave somebody to do by a day.
#[utoipa::path(post, path = "/v1/meetings/{meeting}", tag = "meetings",
    params(("meeting" = String, Path, description = "Which."),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request.")),
    request_body = NewMeetingItem, responses((status = 200, body = Item)))]
async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(wanted): Path<String>,
    request: Body,
) -> Answer<Item> {
    let (row, _items) = found(&app, &caller, &wanted).await?;
    let NewMeetingItem { text, owner, due } = body::json(request).await?;
    let action = match (owner, due) {
        (None, None) => None,
        (Some(owner), Some(due)) => Some((owner, due)),
        _ => return Err(Unreadable.into()),
    };
    let known = |user: UserId| caller.base.users.iter().any(|each| each.id == user);
    if action.is_some_and(|(owner, _due)| !known(owner) || !caller.reach.sees(owner)) {
        return Err(not_found());
    }
    let new = NewItem { id: caller.new_record(&app), meeting: row.id, text, action };
    let kept = caller.office(&app).decide_at(new, caller.signed.user).await?;
    Ok(Json(item(&caller, kept)))
}

/// Whether an action was done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FinishAction {
    done: bool,
}

/// Says whether an action was done.
#[utoipa::path(post, path = "/v1/meetings/{meeting}/actions/{item}", tag = "meetings",
    params(("meeting" = String, Path, description = "Which meeting."),
        ("item" = String, Path, description = "Which action.")),
    request_body = FinishAction, responses((status = 200, body = Item)))]
async fn finish(
    State(app): State<App>,
    caller: Caller,
    Path((wanted, action)): Path<(String, String)>,
    request: Body,
) -> Answer<Item> {
    let (row, _items) = found(&app, &caller, &wanted).await?;
    let FinishAction { done } = body::json(request).await?;
    let (office, by) = (caller.office(&app), caller.signed.user);
    let finished = office.finish_action(row.id, id(&action)?, done, by).await?;
    Ok(Json(item(&caller, finished)))
}

impl From<MeetingError> for ProblemResponse {
    fn from(error: MeetingError) -> Self {
        let code = match error {
            MeetingError::Storage(error) => return error.into(),
            MeetingError::Unknown { .. } => ProblemCode::NotFound,
            MeetingError::Period { .. } | MeetingError::Text(_) => ProblemCode::Refused,
        };
        Self::new(code, error.to_string())
    }
}
