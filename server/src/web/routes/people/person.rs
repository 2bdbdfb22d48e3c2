//! `/people/{user}` and what is done there.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use client_core::id::{DeviceId, UserId};

use super::super::answer::{self, PageError};
use super::super::fields::Fields;
use super::super::public_url::PublicUrl;
use super::super::query::Query;
use super::super::sections::parse;
use super::super::visitor::Visitor;
use super::list::PeopleQuery;
use super::make::{Entered, Wrong, beside, message};
use super::{done, keeper, refused, told};
use crate::app::App;
use crate::office::{ChangePersonError, PasswordChoice, PersonError, Registrar};
use crate::web::frame::Section;
use crate::web::pages::people::cards::Cards;
use crate::web::pages::people::person::{Person, PersonData, Powers};
use crate::web::pages::people::wording;
use crate::web::queries::people;
use crate::web::view::State as Shown;

/// `GET /people/{user}`.
pub(in super::super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(user): Path<String>,
    Query(query): Query<PeopleQuery>,
) -> Response {
    let page = async {
        let registrar = keeper(&app, &visitor).await?;
        let data = data(&app, &visitor, &registrar, parse(&user)?).await?;
        let message = told(&visitor, &query.done);
        page(&visitor, &registrar, &data, None, &Wrong::default(), message)
    };
    visitor.answer(page.await)
}

async fn data(
    app: &App,
    visitor: &Visitor,
    registrar: &Registrar,
    user: UserId,
) -> Result<PersonData, PageError> {
    let found = people::person(app.storage(), &visitor.base, registrar, user, visitor.now).await?;
    found.ok_or(PageError::NotFound)
}

fn page(
    visitor: &Visitor,
    registrar: &Registrar,
    data: &PersonData,
    entered: Option<Entered>,
    wrong: &Wrong,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    let oneself = data.user.id == visitor.signed.user;
    let powers = Powers { refused: registrar.looks_after(&data.user).err(), oneself };
    let form = (powers.refused.is_none() || oneself).then(|| {
        let entered = entered.unwrap_or_else(|| Entered::of(&data.user, &data.login));
        let mut form = entered.form(visitor, registrar, &data.user.units, wrong);
        if oneself {
            // Role, units and dates are for others to change; they are sent back as they are.
            form.fields.retain(|field| matches!(field.name.as_str(), "name" | "locale"));
            form.also.clear();
            form.fixed.clear();
        }
        form
    });
    let frame = visitor.frame(Section::People);
    answer::html(&Person::new(frame, &visitor.f, data, &powers, form, message))
}

/// `POST /people/{user}`.
pub(in super::super) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    Path(user): Path<String>,
    fields: Fields,
) -> Response {
    let page = async {
        let registrar = keeper(&app, &visitor).await?;
        let data = data(&app, &visitor, &registrar, parse(&user)?).await?;
        let mut entered = Entered::from(&fields);
        if fields.sent("role").is_none() {
            let own = Entered::of(&data.user, &data.login);
            entered = Entered { name: entered.name, locale: entered.locale, ..own };
        }
        let wrong = match entered.read(&visitor) {
            Ok(wanted) => match registrar.change_person(data.user.id, wanted).await {
                Ok(_) => return Ok(done(&format!("/people/{user}"), "changed")),
                Err(error) => why(&visitor, error)?,
            },
            Err(wrong) => *wrong,
        };
        let message = message(&visitor, &wrong);
        let mut response = page(&visitor, &registrar, &data, Some(entered), &wrong, message)?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(response)
    };
    visitor.answer(page.await)
}

fn why(visitor: &Visitor, error: ChangePersonError) -> Result<Wrong, PageError> {
    let w = visitor.f.w;
    let choose = || Some(w.say("form.choose").to_owned());
    let none = Wrong::default();
    match error {
        ChangePersonError::Refused(refusal) => Ok(beside(visitor, &refusal)),
        ChangePersonError::Name(error) => {
            Ok(Wrong { name: Some(wording::text(w, &error)), ..none })
        }
        ChangePersonError::UnknownUnit { .. } | ChangePersonError::NoUnit => {
            Ok(Wrong { unit: choose(), ..none })
        }
        ChangePersonError::Locale { .. } => Ok(Wrong { other: choose(), ..none }),
        ChangePersonError::Unknown { .. } => Err(PageError::NotFound),
        ChangePersonError::Storage(error) => Err(PageError::Storage(error)),
    }
}

/// Does one thing to a person, and says so on their page, or why not.
async fn act<T>(
    app: &App,
    visitor: &Visitor,
    user: &str,
    what: &str,
    deed: impl AsyncFnOnce(&Registrar, UserId) -> Result<T, PersonError>,
) -> Result<Response, PageError> {
    let registrar = keeper(app, visitor).await?;
    let data = data(app, visitor, &registrar, parse(user)?).await?;
    match deed(&registrar, data.user.id).await {
        Ok(_) => Ok(done(&format!("/people/{user}"), what)),
        Err(error) => sorry(visitor, &registrar, &data, error),
    }
}

/// The person's page with what was refused.
pub(super) fn sorry(
    visitor: &Visitor,
    registrar: &Registrar,
    data: &PersonData,
    error: PersonError,
) -> Result<Response, PageError> {
    let w = visitor.f.w;
    let text = match error {
        PersonError::Refused(refusal) => wording::refusal(w, &refusal),
        PersonError::Disabled { name } => w.with("person.is_disabled", &[("name", &name)]),
        PersonError::Unknown { .. } | PersonError::UnknownDevice { .. } => {
            return Err(PageError::NotFound);
        }
        PersonError::Storage(error) => return Err(PageError::Storage(error)),
        PersonError::Password(error) => {
            tracing::error!(%error, "a password could not be set");
            w.say("problem.fault_detail").to_owned()
        }
    };
    let mut response = page(visitor, registrar, data, None, &Wrong::default(), refused(text))?;
    *response.status_mut() = StatusCode::FORBIDDEN;
    Ok(response)
}

/// `POST /people/{user}/disable`.
pub(in super::super) async fn disable(
    State(app): State<App>,
    visitor: Visitor,
    Path(user): Path<String>,
) -> Response {
    let deed = async |registrar: &Registrar, user| registrar.disable(user).await;
    visitor.answer(act(&app, &visitor, &user, "disabled", deed).await)
}

/// `POST /people/{user}/enable`.
pub(in super::super) async fn enable(
    State(app): State<App>,
    visitor: Visitor,
    Path(user): Path<String>,
) -> Response {
    let deed = async |registrar: &Registrar, user| registrar.enable(user).await;
    visitor.answer(act(&app, &visitor, &user, "enabled", deed).await)
}

/// `POST /people/{user}/devices/{device}/revoke`.
pub(in super::super) async fn revoke(
    State(app): State<App>,
    visitor: Visitor,
    Path((user, device)): Path<(String, String)>,
) -> Response {
    let page = async {
        let device: DeviceId = parse(&device)?;
        let deed = async |registrar: &Registrar, user| registrar.revoke_device(user, device).await;
        act(&app, &visitor, &user, "revoked", deed).await
    };
    visitor.answer(page.await)
}

/// `POST /people/{user}/password`.
pub(in super::super) async fn reset_password(
    State(app): State<App>,
    visitor: Visitor,
    PublicUrl(server): PublicUrl,
    Path(user): Path<String>,
) -> Response {
    let page = async {
        let registrar = keeper(&app, &visitor).await?;
        let data = data(&app, &visitor, &registrar, parse(&user)?).await?;
        match registrar.reset_password(data.user.id, PasswordChoice::OneTime).await {
            Ok(drawn) => {
                let back = format!("/people/{user}");
                let who = (data.user.name.as_str(), data.login.as_str(), back.as_str());
                let drawn = drawn.map(|it| it.reveal().to_owned()).unwrap_or_default();
                let until = visitor.now.plus_millis(app.config().invitation_ms);
                let frame = visitor.frame(Section::People);
                answer::html(&Cards::password(frame, &visitor.f, &server, who, &drawn, until))
            }
            Err(error) => sorry(&visitor, &registrar, &data, error),
        }
    };
    visitor.answer(page.await)
}
