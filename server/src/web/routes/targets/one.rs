//! `/targets/{target}` and `/targets/new`: setting, asking, splitting.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use client_core::id::RecordId;
use client_core::period::Period;
use client_core::protocol::AskTarget;
use client_core::records::{Metric, Role, TargetLevel, UserStatus};
use serde::Deserialize;

use super::super::answer::{self, PageError};
use super::super::behalf::{self, anybody, done, leader, office, refused};
use super::super::fields::Fields;
use super::super::query::Query;
use super::super::sections::parse;
use super::super::visitor::Visitor;
use crate::app::App;
use crate::office::{AskError, Cut, Registrar, SetTarget, TargetError};
use crate::web::form::Field;
use crate::web::frame::Section;
use crate::web::lists::given;
use crate::web::pages::targets::one::{Entered, NewTarget, TargetPage};
use crate::web::pages::targets::value;
use crate::web::queries::targets::{self, Asker};
use crate::web::view::State as Shown;

/// What an address may say was done; the words stand under `targets`.
const DONE: [&str; 6] = ["set", "asked", "split", "published", "approved", "declined"];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct TargetQuery {
    period: String,
    done: String,
}

/// The word about what was done.
pub(super) fn done_message(visitor: &Visitor, what: &str) -> Option<Shown> {
    let known = DONE.contains(&what);
    let key = format!("done_{what}");
    behalf::told(visitor, "targets", &[&key], if known { &key } else { "" })
}

pub(super) fn asker<'a>(visitor: &'a Visitor, registrar: &'a Registrar) -> Asker<'a> {
    let (user, role) = (visitor.signed.user, visitor.signed.role);
    Asker { reach: &visitor.reach, user, role, registrar }
}

/// `GET /targets/{target}`.
pub(in super::super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(target): Path<String>,
    Query(query): Query<TargetQuery>,
) -> Response {
    let page = async {
        let message = done_message(&visitor, &query.done);
        page(&app, &visitor, parse(&target)?, Entered::default(), message).await
    };
    visitor.answer(page.await)
}

async fn page(
    app: &App,
    visitor: &Visitor,
    target: RecordId,
    entered: Entered,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    let registrar = anybody(app, visitor).await?;
    let (office, asker) = (office(app, visitor), asker(visitor, &registrar));
    let (storage, base, f) = (app.storage(), &visitor.base, &visitor.f);
    let found = targets::one(storage, &office, base, f, &asker, target).await?;
    let mut data = found.ok_or(PageError::NotFound)?;
    data.entered = entered;
    answer::html(&TargetPage::new(visitor.frame(Section::Targets), f, &data, message))
}

/// `POST /targets/{target}`.
pub(in super::super) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    Path(target): Path<String>,
    fields: Fields,
) -> Response {
    let page = async {
        let id: RecordId = parse(&target)?;
        let (what, why) = match fields.get("do") {
            "set" => ("set", set(&app, &visitor, id, &fields).await?),
            "ask" => ("asked", ask(&app, &visitor, id, &fields).await?),
            "split" => ("split", split(&app, &visitor, id, &fields).await?),
            _ => return Err(PageError::Unreadable),
        };
        let Some(why) = why else { return Ok(done(&format!("/targets/{id}"), what)) };
        let entered = Entered {
            value: fields.sent("value").map(str::to_owned),
            reason: fields.get("reason").to_owned(),
        };
        let message = refused(visitor.f.w.say(why));
        let mut response = page(&app, &visitor, id, entered, message).await?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(response)
    };
    visitor.answer(page.await)
}

/// What went wrong, as a key of the catalogue; none if it was done.
type Why = Option<&'static str>;

async fn set(
    app: &App,
    visitor: &Visitor,
    id: RecordId,
    fields: &Fields,
) -> Result<Why, PageError> {
    let registrar = leader(app, visitor).await?;
    let found = office(app, visitor).target(id).await?.ok_or(PageError::NotFound)?;
    let value = value::read(&found.metric, visitor.base.org.currency, fields.get("value"));
    let Some(value) = value else { return Ok(Some("targets.wrong_value")) };
    let wanted = SetTarget {
        parent: found.parent,
        published_on: found.published_on,
        dimension: found.dimension,
        draft: found.draft,
        ..SetTarget::new(found.level, found.metric, found.period, value)
    };
    why(registrar.set_target(wanted).await)
}

async fn ask(
    app: &App,
    visitor: &Visitor,
    id: RecordId,
    fields: &Fields,
) -> Result<Why, PageError> {
    let registrar = anybody(app, visitor).await?;
    let office = office(app, visitor);
    let found = office.target(id).await?.ok_or(PageError::NotFound)?;
    let wanted = value::read(&found.metric, visitor.base.org.currency, fields.get("value"));
    let Some(wanted) = wanted else { return Ok(Some("targets.wrong_value")) };
    let reason = fields.get("reason").replace("\r\n", "\n");
    let asked = AskTarget { target: id, wanted, reason, at: registrar.asked_at() };
    match registrar.ask_target(office.fresh_record(), asked).await {
        Ok(_) => Ok(None),
        Err(AskError::Storage(error)) => Err(error.into()),
        Err(AskError::SameTarget { .. }) => Ok(Some("targets.same")),
        Err(AskError::Text(_)) => Ok(Some("targets.no_reason")),
        Err(_) => Err(PageError::NotFound),
    }
}

async fn split(
    app: &App,
    visitor: &Visitor,
    id: RecordId,
    fields: &Fields,
) -> Result<Why, PageError> {
    let registrar = leader(app, visitor).await?;
    let given: Vec<(&str, &str)> = fields.starting("weight.").collect();
    let mut weights = BTreeMap::new();
    for (part, weight) in given.iter().filter(|(_part, weight)| !weight.is_empty()) {
        let Ok(weight) = weight.parse::<u64>() else { return Ok(Some("targets.cannot_split")) };
        weights.insert((*part).to_owned(), weight);
    }
    let cut = match fields.get("cut") {
        "units" => Cut::Units { weights },
        "reps" => Cut::Reps { weights },
        "months" if weights.is_empty() => Cut::Months { weights: None },
        "months" => {
            let each = given.iter().map(|(part, _weight)| weights.get(*part).copied());
            Cut::Months { weights: Some(each.map(Option::unwrap_or_default).collect()) }
        }
        _ => return Err(PageError::Unreadable),
    };
    why(registrar.split_target(id, cut).await)
}

fn why<T>(done: Result<T, TargetError>) -> Result<Why, PageError> {
    match done {
        Ok(_) => Ok(None),
        Err(TargetError::Storage(error)) => Err(error.into()),
        Err(TargetError::Refused(_)) => Err(PageError::NotAllowed),
        Err(TargetError::Published { .. }) => Ok(Some("targets.is_published")),
        Err(TargetError::Set(_)) => Ok(Some("targets.wrong_value")),
        Err(TargetError::Split(_)) => Ok(Some("targets.cannot_split")),
    }
}

/// What stands in the form of a new target.
#[derive(Default)]
struct NewEntered {
    whose: String,
    metric: String,
    period: String,
    value: String,
    draft: bool,
}

/// `GET /targets/new`.
pub(in super::super) async fn blank(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<TargetQuery>,
) -> Response {
    let page = async {
        let registrar = leader(&app, &visitor).await?;
        let entered = NewEntered {
            metric: Metric::SalesAmount.as_str().to_owned(),
            period: match query.period.is_empty() {
                true => Period::month_of(visitor.today()).to_string(),
                false => query.period,
            },
            draft: true,
            ..NewEntered::default()
        };
        form(&visitor, &registrar, &entered, None, None).await
    };
    visitor.answer(page.await)
}

async fn form(
    visitor: &Visitor,
    registrar: &Registrar,
    entered: &NewEntered,
    wrong: Option<(&str, &str)>,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    let (base, w) = (&visitor.base, visitor.f.w);
    let units = base.unit_tree(&visitor.reach).into_iter().map(|(id, depth, name)| {
        let label = format!("{}{name}", "\u{2003}".repeat(depth.min(8)));
        (TargetLevel::Unit(id), label)
    });
    let reps = base.users.iter().filter(|user| {
        user.role == Role::Rep && user.status == UserStatus::Active && visitor.reach.sees(user.id)
    });
    let org = [(TargetLevel::Org, w.say("targets.org").to_owned())];
    let all = org.into_iter().chain(units);
    let all = all.chain(reps.map(|user| (TargetLevel::Rep(user.id), user.name.clone())));
    let mut levels = Vec::new();
    for (level, label) in all {
        if registrar.sets_target(level).await? {
            levels.push((level_code(level), label));
        }
    }
    let metrics = Metric::KNOWN
        .iter()
        .map(|metric| (metric.as_str().to_owned(), w.code("metric", metric.as_str()).into_owned()));
    let fields = [
        Field::choice("whose", w.say("targets.whose_choice"), &entered.whose, levels),
        Field::choice("metric", w.say("targets.metric"), &entered.metric, metrics),
        Field::line("period", w.say("targets.period"), entered.period.clone())
            .hint(w.say("targets.period_hint"))
            .required(),
        Field::line("value", w.say("targets.value"), entered.value.clone())
            .hint(w.say("targets.in_money"))
            .required(),
    ];
    let marked = fields.into_iter().map(|field| {
        let why = wrong.filter(|(name, _why)| *name == field.name);
        field.wrong(why.map(|(_name, why)| w.say(why).to_owned()))
    });
    let frame = visitor.frame(Section::Targets);
    answer::html(&NewTarget { frame, message, fields: marked.collect(), draft: entered.draft })
}

/// A level as forms send it.
fn level_code(level: TargetLevel) -> String {
    match level {
        TargetLevel::Org => "org".to_owned(),
        TargetLevel::Unit(unit) => format!("unit/{unit}"),
        TargetLevel::Rep(rep) => format!("rep/{rep}"),
    }
}

fn level(code: &str) -> Result<TargetLevel, PageError> {
    Ok(match code.split_once('/') {
        None if code == "org" => TargetLevel::Org,
        Some(("unit", id)) => TargetLevel::Unit(parse(id)?),
        Some(("rep", id)) => TargetLevel::Rep(parse(id)?),
        _ => return Err(PageError::Unreadable),
    })
}

/// `POST /targets/new`.
pub(in super::super) async fn make(
    State(app): State<App>,
    visitor: Visitor,
    fields: Fields,
) -> Response {
    let page = async {
        let registrar = leader(&app, &visitor).await?;
        let entered = NewEntered {
            whose: fields.get("whose").to_owned(),
            metric: fields.get("metric").to_owned(),
            period: fields.get("period").to_owned(),
            value: fields.get("value").to_owned(),
            draft: !fields.get("draft").is_empty(),
        };
        let metric = Metric::from(entered.metric.as_str());
        let period = given::<Period>(&entered.period).ok().flatten();
        let value = value::read(&metric, visitor.base.org.currency, &entered.value);
        let wrong = match (period, value) {
            (None, _) => ("period", "targets.wrong_period"),
            (_, None) => ("value", "targets.wrong_value"),
            (Some(period), Some(value)) => {
                let level = level(&entered.whose)?;
                let wanted = SetTarget::new(level, metric, period, value);
                let wanted = SetTarget { draft: entered.draft, ..wanted };
                match registrar.set_target(wanted).await {
                    Ok(target) => return Ok(done(&format!("/targets/{}", target.id), "set")),
                    Err(error) => match why::<()>(Err(error))? {
                        Some(why) => ("value", why),
                        None => return Err(PageError::Unreadable),
                    },
                }
            }
        };
        let message = refused(visitor.f.w.say("form.not_saved"));
        let mut response = form(&visitor, &registrar, &entered, Some(wrong), message).await?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(response)
    };
    visitor.answer(page.await)
}
