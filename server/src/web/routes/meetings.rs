//! `/meetings`: meetings of a week, a month or a quarter, with their agenda, decisions and
//! actions.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use client_core::id::{RecordId, UnitId, UserId};
use client_core::period::Period;
use client_core::records::UserStatus;
use client_core::rules::Policy;
use client_core::time::Date;

use super::answer::{self, PageError};
use super::behalf::office;
use super::fields::Fields;
use super::reports::{leads, own_unit, sees};
use super::sections::parse;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::{MeetingError, NewItem, agenda_of};
use crate::reports::periodic::{Question, Report, gather};
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
        let unit: Option<UnitId> = given(fields.get("unit"))?;
        let unit = match visitor.reach {
            Reach::All => unit,
            Reach::Some { .. } => unit.or_else(|| own_unit(&visitor)),
        };
        if !sees(&visitor, unit) {
            return Err(PageError::NotFound);
        }
        let office = office(&app, &visitor);
        let held = office.hold_meeting(office.fresh_record(), unit, period, visitor.signed.user);
        let held = held.await.map_err(told)?;
        Ok(Redirect::to(&format!("/meetings/{}", held.id)).into_response())
    };
    visitor.answer(page.await)
}

fn told(error: MeetingError) -> PageError {
    match error {
        MeetingError::Storage(error) => error.into(),
        MeetingError::Unknown { .. } => PageError::NotFound,
        MeetingError::Period { .. } | MeetingError::Text(_) => PageError::Unreadable,
    }
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
        let kind = agenda_of(period).ok_or(PageError::Unreadable)?;
        let question = Question { kind, period, unit: row.unit };
        let sources = gather(app.storage(), base, question, visitor.now).await?;
        let policy = sources.policy.as_ref().and_then(|used| Policy::kept(&used.toml).ok());
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
        let action: Option<(UserId, Date)> = match ItemKind::parse(fields.get("kind")) {
            Some(ItemKind::Decision) => None,
            Some(ItemKind::Action) => {
                Some((parse(fields.get("owner"))?, parse(fields.get("due"))?))
            }
            None => return Err(PageError::Unreadable),
        };
        if action.is_some_and(|(owner, _due)| !visitor.reach.sees(owner)) {
            return Err(PageError::NotFound);
        }
        let office = office(&app, &visitor);
        let text = fields.get("text").replace("\r\n", "\n");
        let item = NewItem { id: office.fresh_record(), meeting: row.id, text, action };
        office.decide_at(item, visitor.signed.user).await.map_err(told)?;
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
        let (row, _items) = found(&app, &visitor, &meeting).await?;
        let (item, done) = (parse(&item)?, fields.get("done") == "yes");
        let (office, by) = (office(&app, &visitor), visitor.signed.user);
        office.finish_action(row.id, item, done, by).await.map_err(told)?;
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
