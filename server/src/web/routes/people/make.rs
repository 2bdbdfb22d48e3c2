//! `/people/new`: making a person, who is invited on the next page.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use client_core::id::UnitId;
use client_core::records::{Role, UserRecord};
use client_core::time::Date;

use super::super::answer::{self, PageError};
use super::super::fields::Fields;
use super::super::visitor::Visitor;
use super::{done, keeper, refused};
use crate::app::App;
use crate::office::{
    ChangePerson, CreateUser, CreateUserError, PasswordChoice, Refusal, Registrar, TextError,
};
use crate::web::form::{Choice, Field};
use crate::web::frame::Section;
use crate::web::pages::people::person::{NewPerson, PersonForm};
use crate::web::pages::people::wording;
use crate::web::view::State as Shown;
use crate::web::words::Lang;

/// What somebody entered about a person.
#[derive(Debug, Clone, Default)]
pub(super) struct Entered {
    pub login: String,
    pub name: String,
    pub role: String,
    pub unit: String,
    pub also: Vec<String>,
    pub hired_on: String,
    pub locale: String,
}

/// What is wrong with it, field by field.
#[derive(Debug, Clone, Default)]
pub(super) struct Wrong {
    pub login: Option<String>,
    pub name: Option<String>,
    pub role: Option<String>,
    pub unit: Option<String>,
    pub hired_on: Option<String>,
    pub other: Option<String>,
}

impl Entered {
    pub(super) fn from(fields: &Fields) -> Self {
        Self {
            login: fields.get("login").to_owned(),
            name: fields.get("name").to_owned(),
            role: fields.get("role").to_owned(),
            unit: fields.get("unit").to_owned(),
            also: fields.all("also").map(str::to_owned).collect(),
            hired_on: fields.get("hired_on").to_owned(),
            locale: fields.get("locale").to_owned(),
        }
    }

    pub(super) fn of(user: &UserRecord, login: &str) -> Self {
        let mut units = user.units.iter().map(ToString::to_string);
        Self {
            login: login.to_owned(),
            name: user.name.clone(),
            role: user.role.as_str().to_owned(),
            unit: units.next().unwrap_or_default(),
            also: units.collect(),
            hired_on: user.hired_on.map(|day| day.to_string()).unwrap_or_default(),
            locale: user.locale.clone().unwrap_or_default(),
        }
    }

    /// What it says, or what is wrong with it.
    pub(super) fn read(&self, visitor: &Visitor) -> Result<ChangePerson, Box<Wrong>> {
        let w = visitor.f.w;
        let choose = || Some(w.say("form.choose").to_owned());
        let mut wrong = Wrong::default();
        let role = Role::parse(&self.role);
        if role.is_none() {
            wrong.role = choose();
        }
        let mut units: Vec<UnitId> = Vec::new();
        for text in std::iter::once(&self.unit).chain(&self.also) {
            match text.parse() {
                Ok(unit) if units.contains(&unit) => {}
                Ok(unit) => units.push(unit),
                Err(_unreadable) => wrong.unit = choose(),
            }
        }
        let hired_on: Option<Date> = if self.hired_on.is_empty() {
            None
        } else {
            let day = self.hired_on.parse().ok();
            if day.is_none() {
                wrong.hired_on = Some(w.say("form.date").to_owned());
            }
            day
        };
        let wrong_somewhere =
            wrong.role.is_some() || wrong.unit.is_some() || wrong.hired_on.is_some();
        match role {
            Some(role) if !wrong_somewhere => Ok(ChangePerson {
                name: self.name.clone(),
                role,
                units,
                hired_on,
                locale: Some(self.locale.clone()).filter(|locale| !locale.is_empty()),
            }),
            _ => Err(Box::new(wrong)),
        }
    }

    /// The form with it; `held` are the units that somebody is in already.
    pub(super) fn form(
        &self,
        visitor: &Visitor,
        registrar: &Registrar,
        held: &[UnitId],
        wrong: &Wrong,
    ) -> PersonForm {
        let w = visitor.f.w;
        let mut roles = registrar.roles();
        roles.extend(Role::parse(&self.role).filter(|role| !roles.contains(role)));
        let roles = roles.iter().map(|role| (role.as_str().to_owned(), wording::role(w, *role)));
        let units: Vec<_> =
            visitor.base.units.iter().map(|unit| (unit.id, unit.name.clone())).collect();
        let may = |id: &UnitId| registrar.reaches(*id) || held.contains(id);
        let main = units.iter().filter(|(id, _)| may(id));
        let languages = Lang::ALL.map(|lang| (lang.tag(), lang.own_name()));
        let languages = std::iter::once(("", w.say("person.locale_org"))).chain(languages);
        let mut fields = vec![
            Field::line("name", w.say("person.name"), &self.name)
                .required()
                .wrong(wrong.name.clone()),
            Field::choice("role", w.say("people.role"), &self.role, roles)
                .wrong(wrong.role.clone()),
            Field::choice(
                "unit",
                w.say("person.main_unit"),
                &self.unit,
                main.map(|(id, name)| (id.to_string(), name.clone())),
            )
            .wrong(wrong.unit.clone()),
            Field::date("hired_on", w.say("person.hired_on"), &self.hired_on)
                .wrong(wrong.hired_on.clone()),
            Field::choice(
                "locale",
                w.say("person.locale"),
                &self.locale,
                languages.map(|(tag, name)| (tag.to_owned(), name.to_owned())),
            ),
        ];
        if held.is_empty() {
            let login = Field::line("login", w.say("sign_in.login"), &self.login)
                .required()
                .hint(w.say("person.login_hint"))
                .wrong(wrong.login.clone());
            fields.insert(1, login);
        }
        let choice = |(id, name): &(UnitId, String)| {
            let value = id.to_string();
            Choice { chosen: self.also.contains(&value), label: name.clone(), value }
        };
        let also = units.iter().filter(|(id, _)| registrar.reaches(*id)).map(choice);
        let fixed = units.iter().filter(|(id, _)| !registrar.reaches(*id)).map(choice);
        PersonForm {
            fields,
            also: also.collect(),
            fixed: fixed.filter(|unit| unit.chosen).collect(),
        }
    }
}

/// Beside which field a refusal stands.
pub(super) fn beside(visitor: &Visitor, refusal: &Refusal) -> Wrong {
    let text = Some(wording::refusal(visitor.f.w, refusal));
    match refusal {
        Refusal::Admin | Refusal::Colleague | Refusal::LastAdmin => {
            Wrong { role: text, ..Wrong::default() }
        }
        Refusal::NotYours { .. } => Wrong { unit: text, ..Wrong::default() },
        Refusal::Role
        | Refusal::Places
        | Refusal::WholeOrg
        | Refusal::OtherUnit { .. }
        | Refusal::Oneself => Wrong { other: text, ..Wrong::default() },
    }
}

/// `GET /people/new`.
pub(in super::super) async fn show(State(app): State<App>, visitor: Visitor) -> Response {
    let page = async {
        let registrar = keeper(&app, &visitor).await?;
        let entered = Entered { role: Role::Rep.as_str().to_owned(), ..Entered::default() };
        page(&visitor, &registrar, &entered, &Wrong::default())
    };
    visitor.answer(page.await)
}

fn page(
    visitor: &Visitor,
    registrar: &Registrar,
    entered: &Entered,
    wrong: &Wrong,
) -> Result<Response, PageError> {
    let frame = visitor.frame(Section::People);
    let form = entered.form(visitor, registrar, &[], wrong);
    answer::html(&NewPerson { frame, form, message: message(visitor, wrong) })
}

/// That something is wrong, at the head of the page.
pub(super) fn message(visitor: &Visitor, wrong: &Wrong) -> Option<Shown> {
    let anything = [&wrong.login, &wrong.name, &wrong.role, &wrong.unit, &wrong.hired_on];
    match &wrong.other {
        Some(other) => refused(other.clone()),
        None if anything.iter().any(|field| field.is_some()) => {
            refused(visitor.f.w.say("form.not_saved"))
        }
        None => None,
    }
}

/// `POST /people/new`.
pub(in super::super) async fn make(
    State(app): State<App>,
    visitor: Visitor,
    fields: Fields,
) -> Response {
    let page = async {
        let registrar = keeper(&app, &visitor).await?;
        let entered = Entered::from(&fields);
        let wrong = match entered.read(&visitor) {
            Ok(wanted) => {
                let wanted = CreateUser {
                    login: entered.login.clone(),
                    name: wanted.name,
                    role: wanted.role,
                    units: wanted.units,
                    hired_on: wanted.hired_on,
                    locale: wanted.locale,
                    password: PasswordChoice::Later,
                };
                match registrar.create_person(wanted).await {
                    Ok(made) => return Ok(done(&format!("/people/{}", made.user.id), "created")),
                    Err(error) => why(&visitor, error)?,
                }
            }
            Err(wrong) => *wrong,
        };
        let mut response = page(&visitor, &registrar, &entered, &wrong)?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(response)
    };
    visitor.answer(page.await)
}

fn why(visitor: &Visitor, error: CreateUserError) -> Result<Wrong, PageError> {
    let w = visitor.f.w;
    let none = Wrong::default();
    match error {
        CreateUserError::Text(error) => {
            let text = Some(wording::text(w, &error));
            let login = match &error {
                TextError::Empty { what }
                | TextError::TooLong { what, .. }
                | TextError::Character { what, .. } => *what == "login",
            };
            Ok(if login { Wrong { login: text, ..none } } else { Wrong { name: text, ..none } })
        }
        CreateUserError::LoginTaken { .. } => {
            Ok(Wrong { login: Some(w.say("person.login_taken").to_owned()), ..none })
        }
        CreateUserError::Refused(refusal) => Ok(beside(visitor, &refusal)),
        CreateUserError::UnknownUnit { .. } => {
            Ok(Wrong { unit: Some(w.say("form.choose").to_owned()), ..none })
        }
        CreateUserError::Storage(error) => Err(PageError::Storage(error)),
        error => {
            tracing::error!(%error, "a person could not be made");
            Ok(Wrong { other: Some(w.say("problem.fault_detail").to_owned()), ..none })
        }
    }
}
