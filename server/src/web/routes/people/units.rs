//! `/people/units`: the tree, and one unit of it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use client_core::id::UnitId;
use client_core::records::{UnitKind, UnitRecord};

use super::super::answer::{self, PageError};
use super::super::fields::Fields;
use super::super::query::Query;
use super::super::sections::parse;
use super::super::visitor::Visitor;
use super::list::PeopleQuery;
use super::{done, keeper, refused, told};
use crate::app::App;
use crate::office::{ChangeUnit, ChangeUnitError, CreateUnit, CreateUnitError, Registrar};
use crate::storage::scopes::at_or_below;
use crate::web::form::Field;
use crate::web::frame::Section;
use crate::web::lists::given;
use crate::web::pages::people::units::{self, Unit, Units};
use crate::web::pages::people::wording;
use crate::web::queries::people;
use crate::web::view::State as Shown;

/// What somebody entered about a unit.
struct Entered {
    name: String,
    kind: String,
    parent: String,
}

impl Entered {
    fn from(fields: &Fields) -> Self {
        Self {
            name: fields.get("name").to_owned(),
            kind: fields.get("kind").to_owned(),
            parent: fields.get("parent").to_owned(),
        }
    }

    fn kind(&self) -> Result<UnitKind, PageError> {
        let found = wording::KINDS.iter().find(|(_, code)| *code == self.kind);
        found.map(|(kind, _)| *kind).ok_or(PageError::Unreadable)
    }

    fn parts(&self) -> (&str, &str, &str) {
        (&self.name, &self.kind, &self.parent)
    }
}

/// `GET /people/units`.
pub(in super::super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<PeopleQuery>,
) -> Response {
    let page = async {
        let registrar = keeper(&app, &visitor).await?;
        let entered =
            Entered { name: String::new(), kind: "team".to_owned(), parent: String::new() };
        let message = told(&visitor, &query.done);
        tree(&visitor, &registrar, &entered, None, message)
    };
    visitor.answer(page.await)
}

fn tree(
    visitor: &Visitor,
    registrar: &Registrar,
    entered: &Entered,
    wrong: Option<(&str, String)>,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    let tree = people::tree(&visitor.base, registrar);
    let above = tree.iter().filter(|unit| unit.reached);
    let above = above.map(|unit| (unit.id.to_string(), indented(unit.depth, &unit.name)));
    let form = units::fields(&visitor.f, entered.parts(), above);
    let form = with_error(form, wrong);
    let frame = visitor.frame(Section::People);
    answer::html(&Units::new(frame, &visitor.f, &tree, form, message))
}

fn indented(depth: usize, name: &str) -> String {
    format!("{}{name}", "\u{2003}".repeat(depth.min(8)))
}

fn with_error(form: Vec<Field>, wrong: Option<(&str, String)>) -> Vec<Field> {
    let Some((name, why)) = wrong else { return form };
    let at = |field: Field| if field.name == name { field.wrong(Some(why.clone())) } else { field };
    form.into_iter().map(at).collect()
}

/// `POST /people/units`.
pub(in super::super) async fn make(
    State(app): State<App>,
    visitor: Visitor,
    fields: Fields,
) -> Response {
    let page = async {
        let registrar = keeper(&app, &visitor).await?;
        let entered = Entered::from(&fields);
        let wanted = CreateUnit {
            name: entered.name.clone(),
            kind: entered.kind()?,
            parent: given(&entered.parent)?,
        };
        let w = visitor.f.w;
        let wrong = match registrar.create_unit(wanted).await {
            Ok(_) => return Ok(done("/people/units", "unit_created")),
            Err(CreateUnitError::Name(error)) => ("name", wording::text(w, &error)),
            Err(CreateUnitError::NameTaken { .. }) => ("name", w.say("units.taken").to_owned()),
            Err(CreateUnitError::UnknownParent { .. }) => {
                ("parent", w.say("form.choose").to_owned())
            }
            Err(CreateUnitError::Refused(refusal)) => ("parent", wording::refusal(w, &refusal)),
            Err(CreateUnitError::Storage(error)) => return Err(error.into()),
        };
        let message = refused(w.say("form.not_saved"));
        let mut response = tree(&visitor, &registrar, &entered, Some(wrong), message)?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(response)
    };
    visitor.answer(page.await)
}

/// `GET /people/units/{unit}`.
pub(in super::super) async fn one(
    State(app): State<App>,
    visitor: Visitor,
    Path(unit): Path<String>,
) -> Response {
    let page = async {
        let registrar = keeper(&app, &visitor).await?;
        let unit = shaped(&registrar, parse(&unit)?)?;
        let entered = Entered {
            name: unit.name.clone(),
            kind: wording::kind_code(unit.kind).to_owned(),
            parent: unit.parent.map(|parent| parent.to_string()).unwrap_or_default(),
        };
        form(&visitor, &registrar, unit, &entered, None)
    };
    visitor.answer(page.await)
}

fn shaped(registrar: &Registrar, unit: UnitId) -> Result<&UnitRecord, PageError> {
    let found = registrar.units().get(&unit).filter(|_| registrar.shapes(unit));
    found.ok_or(PageError::NotFound)
}

fn form(
    visitor: &Visitor,
    registrar: &Registrar,
    unit: &UnitRecord,
    entered: &Entered,
    wrong: Option<(&str, String)>,
) -> Result<Response, PageError> {
    let below = at_or_below(&[unit.id], &visitor.base.units);
    let tree = people::tree(&visitor.base, registrar);
    let above = tree.iter().filter(|each| {
        let stays = unit.parent == Some(each.id);
        (each.reached || stays) && !below.contains(&each.id)
    });
    let above = above.map(|each| (each.id.to_string(), indented(each.depth, &each.name)));
    let mut fields = units::fields(&visitor.f, entered.parts(), above);
    if unit.parent.is_none() {
        fields.retain(|field| field.name != "parent");
    }
    let message = wrong.as_ref().and_then(|_| refused(visitor.f.w.say("form.not_saved")));
    answer::html(&Unit {
        frame: visitor.frame(Section::People),
        message,
        name: unit.name.clone(),
        path: format!("/people/units/{}", unit.id),
        form: with_error(fields, wrong),
    })
}

/// `POST /people/units/{unit}`.
pub(in super::super) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    Path(unit): Path<String>,
    fields: Fields,
) -> Response {
    let page = async {
        let registrar = keeper(&app, &visitor).await?;
        let unit = shaped(&registrar, parse(&unit)?)?;
        let entered = Entered::from(&fields);
        let wanted = ChangeUnit {
            name: entered.name.clone(),
            kind: entered.kind()?,
            parent: given(&entered.parent)?,
        };
        let w = visitor.f.w;
        let wrong = match registrar.change_unit(unit.id, wanted).await {
            Ok(_) => return Ok(done("/people/units", "unit_changed")),
            Err(ChangeUnitError::Name(error)) => ("name", wording::text(w, &error)),
            Err(ChangeUnitError::NameTaken { .. }) => ("name", w.say("units.taken").to_owned()),
            Err(ChangeUnitError::Cycle { .. }) => ("parent", w.say("units.cycle").to_owned()),
            Err(ChangeUnitError::Top) => ("parent", w.say("units.top").to_owned()),
            Err(ChangeUnitError::Unknown { .. }) => ("parent", w.say("form.choose").to_owned()),
            Err(ChangeUnitError::Refused(refusal)) => ("parent", wording::refusal(w, &refusal)),
            Err(ChangeUnitError::Storage(error)) => return Err(error.into()),
        };
        let mut response = form(&visitor, &registrar, unit, &entered, Some(wrong))?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(response)
    };
    visitor.answer(page.await)
}
