//! `/meetings`: weekly meetings with their agenda, decisions and actions.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use client_core::id::{RecordId, UnitId, UserId};
use client_core::period::Period;
use client_core::records::UserStatus;
use client_core::rules::Policy;
use client_core::time::Date;

use super::answer::{self, PageError};
use super::fields::Fields;
use super::reports::{leads, own_unit, sees};
use super::sections::parse;
use super::visitor::Visitor;
use crate::app::App;
use crate::office;
use crate::reports::periodic::{Kind, Question, Report, gather};
use crate::storage::Meetings;
use crate::storage::model::{ItemKind, MeetingItem, MeetingRow};
use crate::web::frame::Section;
use crate::web::lists::given;
use crate::web::pages::meetings::{MeetingPage, MeetingsPage, NamedItem};
use crate::web::pages::report::whose;
use crate::web::pages::report_view::sections;
use crate::web::queries::reach::Reach;

/// Meetings that the list shows.
const SHOWN: u32 = 100;

/// `GET /meetings`.
pub(super) async fn list(State(app): State<App>, visitor: Visitor) -> Response {
    let page = async {
        leads(&visitor)?;
        let base = &visitor.base;
        let held = app.storage().meetings(base.org.id, SHOWN).await?;
        let held = held.into_iter().filter(|row| sees(&visitor, row.unit)).map(|row| {
            let unit = row.unit.map(|unit| base.unit_name(unit));
            let whose = whose(&visitor.f, unit.as_deref());
            (row, whose)
        });
        let open = app.storage().open_actions(base.org.id).await?;
        let open: Vec<NamedItem> = open
            .into_iter()
            .filter(|item| match item.owner {
                Some(owner) => visitor.reach.sees(owner),
                None => visitor.reach == Reach::All,
            })
            .map(|item| named(&visitor, item))
            .collect();
        let all = (visitor.reach == Reach::All)
            .then(|| (String::new(), visitor.f.w.say("reports.no_unit").to_owned()));
        let tree = base.unit_tree(&visitor.reach).into_iter();
        let units = tree.map(|(id, depth, name)| {
            (id.to_string(), format!("{}{name}", "\u{2003}".repeat(depth)))
        });
        let week = base.calendar.week_of(visitor.today()).to_string();
        answer::html(&MeetingsPage::new(
            visitor.frame(Section::Meetings),
            &visitor.f,
            visitor.today(),
            week,
            all.into_iter().chain(units).collect(),
            held.collect(),
            &open,
        ))
    };
    visitor.answer(page.await)
}

/// `POST /meetings`: opens one.
pub(super) async fn hold(State(app): State<App>, visitor: Visitor, fields: Fields) -> Response {
    let page = async {
        leads(&visitor)?;
        let period: Period = parse(fields.get("period"))?;
        if kind_of(period).is_none() || visitor.today() < period.first_day() {
            return Err(PageError::Unreadable);
        }
        let unit: Option<UnitId> = given(fields.get("unit"))?;
        let unit = match visitor.reach {
            Reach::All => unit,
            Reach::Some { .. } => unit.or_else(|| own_unit(&visitor)),
        };
        if !sees(&visitor, unit) {
            return Err(PageError::NotFound);
        }
        let row = MeetingRow {
            id: office::fresh_record(&app),
            unit,
            period: period.to_string(),
            held_on: visitor.today(),
            made_at: visitor.now,
            made_by: Some(visitor.signed.user),
        };
        let there = format!("/meetings/{}", row.id);
        app.storage().hold(visitor.base.org.id, row).await?;
        Ok(Redirect::to(&there).into_response())
    };
    visitor.answer(page.await)
}

/// `GET /meetings/{meeting}`.
pub(super) async fn one(
    State(app): State<App>,
    visitor: Visitor,
    Path(meeting): Path<String>,
) -> Response {
    let page = async {
        let (row, items) = found(&app, &visitor, &meeting).await?;
        let base = &visitor.base;
        let period: Period = parse(&row.period)?;
        let kind = kind_of(period).ok_or(PageError::Unreadable)?;
        let question = Question { kind, period, unit: row.unit };
        let sources = gather(app.storage(), base, question, visitor.now).await?;
        let policy = sources.policy.as_ref().and_then(|used| Policy::from_toml(&used.toml).ok());
        let agenda = sections(&visitor.f, &Report::of(&sources), policy.as_ref());
        let query = row.unit.map_or_else(String::new, |unit| format!("?unit={unit}"));
        let report = format!("/reports/{}/{period}{query}", kind.as_str());
        let whose = whose(&visitor.f, row.unit.map(|unit| base.unit_name(unit)).as_deref());
        let items: Vec<NamedItem> = items.into_iter().map(|item| named(&visitor, item)).collect();
        let active = base.users.iter().filter(|user| user.status == UserStatus::Active);
        let people = active.filter(|user| visitor.reach.sees(user.id));
        answer::html(&MeetingPage::new(
            visitor.frame(Section::Meetings),
            &visitor.f,
            visitor.today(),
            (row, whose),
            (report, agenda),
            &items,
            people.map(|user| (user.id.to_string(), user.name.clone())).collect(),
        ))
    };
    visitor.answer(page.await)
}

/// `POST /meetings/{meeting}`: a decision or an action.
pub(super) async fn decide(
    State(app): State<App>,
    visitor: Visitor,
    Path(meeting): Path<String>,
    fields: Fields,
) -> Response {
    let page = async {
        let (row, _items) = found(&app, &visitor, &meeting).await?;
        let kind = ItemKind::parse(fields.get("kind")).ok_or(PageError::Unreadable)?;
        let text = office::note(&fields.get("text").replace("\r\n", "\n"));
        let text = text.map_err(|_error| PageError::Unreadable)?;
        let (owner, due): (Option<UserId>, Option<Date>) = match kind {
            ItemKind::Decision => (None, None),
            ItemKind::Action => {
                (Some(parse(fields.get("owner"))?), Some(parse(fields.get("due"))?))
            }
        };
        if owner.is_some_and(|owner| !visitor.reach.sees(owner)) {
            return Err(PageError::NotFound);
        }
        let item = MeetingItem {
            id: office::fresh_record(&app),
            meeting: row.id,
            kind,
            text,
            owner,
            due,
            made_at: visitor.now,
            made_by: Some(visitor.signed.user),
            done_at: None,
        };
        app.storage().decide_at_meeting(visitor.base.org.id, item).await?;
        Ok(Redirect::to(&format!("/meetings/{}", row.id)).into_response())
    };
    visitor.answer(page.await)
}

/// `POST /meetings/{meeting}/actions/{item}`: done, or not.
pub(super) async fn finish(
    State(app): State<App>,
    visitor: Visitor,
    Path((meeting, item)): Path<(String, String)>,
    fields: Fields,
) -> Response {
    let page = async {
        let (row, items) = found(&app, &visitor, &meeting).await?;
        let item: RecordId = parse(&item)?;
        if items.iter().all(|each| each.id != item) {
            return Err(PageError::NotFound);
        }
        let done = (fields.get("done") == "yes").then_some(visitor.now);
        let (org, by) = (visitor.base.org.id, visitor.signed.user);
        if !app.storage().finish_action(org, item, done, by).await? {
            return Err(PageError::NotFound);
        }
        Ok(Redirect::to(&format!("/meetings/{}", row.id)).into_response())
    };
    visitor.answer(page.await)
}

async fn found(
    app: &App,
    visitor: &Visitor,
    meeting: &str,
) -> Result<(MeetingRow, Vec<MeetingItem>), PageError> {
    leads(visitor)?;
    let id: RecordId = parse(meeting)?;
    let found = app.storage().meeting(visitor.base.org.id, id).await?;
    found.filter(|(row, _items)| sees(visitor, row.unit)).ok_or(PageError::NotFound)
}

fn named(visitor: &Visitor, item: MeetingItem) -> NamedItem {
    let owner = item.owner.map(|owner| visitor.base.user_name(owner));
    (item, owner)
}

/// The report that a meeting about this period looks at.
fn kind_of(period: Period) -> Option<Kind> {
    [Kind::Weekly, Kind::Monthly, Kind::Quarterly].into_iter().find(|kind| kind.is_of(period))
}
