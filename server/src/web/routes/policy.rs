//! `/policy`: the rules, trying another text on a month, and putting it in force.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use client_core::period::Period;
use client_core::records::PolicyRecord;
use client_core::rules::Policy;
use client_core::rules::policy::{difference, unexplained};
use client_core::time::Date;
use serde::Deserialize;

use super::answer::{self, PageError};
use super::behalf::{done, keeper, office, refused};
use super::fields::Fields;
use super::query::Query;
use super::sections::month;
use super::targets::told;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::{SetPolicy, SetPolicyError};
use crate::scoring::replay;
use crate::web::form::{Field, Input};
use crate::web::frame::Section;
use crate::web::lists::given;
use crate::web::pages::policy::{PolicyData, PolicyPage, Preview};
use crate::web::queries::policy::{hash, versions};
use crate::web::view::{State as Shown, Tone};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PolicyQuery {
    version: String,
    done: String,
}

/// What stands in the form.
struct Entered {
    toml: String,
    from: String,
    month: String,
    restate: bool,
}

/// What is wrong with what was entered.
#[derive(Default)]
struct Wrong {
    from: Option<String>,
    month: Option<String>,
}

/// `GET /policy`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<PolicyQuery>,
) -> Response {
    let page = async {
        let may = keeper(&app, &visitor).await?.leads_all().is_ok();
        let today = visitor.today();
        let policies = &visitor.base.policies;
        let asked: Option<u32> = given(&query.version)?;
        let shown = match asked {
            Some(version) => policies.iter().find(|policy| policy.version == version),
            None => PolicyRecord::for_period(policies, Period::month_of(today)),
        };
        if asked.is_some() && shown.is_none() {
            return Err(PageError::NotFound);
        }
        let entered = Entered {
            toml: shown.map(|policy| policy.toml.clone()).unwrap_or_default(),
            from: Period::month_of(today).next_first_day().to_string(),
            month: Period::month_of(today).previous().to_string(),
            restate: false,
        };
        let mut data = data(&visitor, may, &entered, Wrong::default());
        data.shown = shown.map(|policy| policy.version);
        let was_set = || Shown::new(Tone::Good, visitor.f.w.say("policy.was_set"));
        page(&visitor, &data, (query.done == "set").then(was_set))
    };
    visitor.answer(page.await)
}

fn page(
    visitor: &Visitor,
    data: &PolicyData,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    let frame = visitor.frame(Section::Policy);
    answer::html(&PolicyPage::new(frame, &visitor.f, data, message))
}

fn data(visitor: &Visitor, may: bool, entered: &Entered, wrong: Wrong) -> PolicyData {
    let w = visitor.f.w;
    let from = Field::date("from", w.say("policy.from"), entered.from.clone());
    let month = Field::line("month", w.say("policy.month"), entered.month.clone());
    PolicyData {
        versions: versions(&visitor.base, visitor.today()),
        text: entered.toml.clone(),
        shown: None,
        may,
        fields: vec![
            from.wrong(wrong.from),
            Field { kind: Input::Line("month"), ..month }.wrong(wrong.month),
        ],
        restate: entered.restate,
        error: None,
        preview: None,
        currency: visitor.base.org.currency,
    }
}

/// `POST /policy`: tries the text, or sets what was tried.
pub(super) async fn work(State(app): State<App>, visitor: Visitor, fields: Fields) -> Response {
    let page = async {
        let registrar = keeper(&app, &visitor).await?;
        if registrar.leads_all().is_err() {
            return Err(PageError::NotAllowed);
        }
        let entered = Entered {
            toml: format!("{}\n", fields.get("toml").replace("\r\n", "\n")),
            from: fields.get("from").to_owned(),
            month: fields.get("month").to_owned(),
            restate: !fields.get("restate").is_empty(),
        };
        let w = visitor.f.w;
        let draft = match Policy::from_toml(&entered.toml) {
            Ok(draft) => draft,
            Err(error) => {
                let mut data = data(&visitor, true, &entered, Wrong::default());
                data.error = Some(error);
                return unusable(page(&visitor, &data, refused(w.say("policy.wrong"))));
            }
        };
        let seen = hash(&draft);
        let sets = fields.get("do") == "set";
        if sets && fields.get("seen") == seen {
            let from: Option<Date> = given(&entered.from)?;
            let wanted = SetPolicy {
                toml: entered.toml.clone(),
                effective_from: from,
                restate: entered.restate,
            };
            match registrar.set_policy(wanted).await {
                Ok(_) => return Ok(done("/policy", "set")),
                Err(SetPolicyError::Closed { open, .. }) => {
                    let day = visitor.f.date(open);
                    let why = w.with("policy.closed", &[("day", &day)]);
                    let wrong = Wrong { from: Some(why.clone()), ..Wrong::default() };
                    let mut data = data(&visitor, true, &entered, wrong);
                    data.preview = tried(&app, &visitor, &entered, draft, seen).await?;
                    return unusable(page(&visitor, &data, refused(why)));
                }
                Err(SetPolicyError::Storage(error)) => return Err(error.into()),
                Err(SetPolicyError::Refused(_)) => return Err(PageError::NotAllowed),
                Err(SetPolicyError::Policy(_)) => return Err(PageError::Unreadable),
            }
        }
        let preview = tried(&app, &visitor, &entered, draft, seen).await?;
        let not_begun = || w.say("policy.not_begun").to_owned();
        let month = preview.is_none().then(not_begun);
        let mut data = data(&visitor, true, &entered, Wrong { month, ..Wrong::default() });
        data.preview = preview;
        let message = sets.then(|| Shown::new(Tone::Watch, w.say("policy.look_first")));
        page(&visitor, &data, message)
    };
    visitor.answer(page.await)
}

fn unusable(page: Result<Response, PageError>) -> Result<Response, PageError> {
    page.map(|page| (StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// What the draft would make of the month; none if that has not begun.
async fn tried(
    app: &App,
    visitor: &Visitor,
    entered: &Entered,
    draft: Policy,
    seen: String,
) -> Result<Option<Preview>, PageError> {
    let today = visitor.today();
    let asked = given(&entered.month)?.unwrap_or_else(|| Period::month_of(today).previous());
    let period = month(asked)?;
    if today < period.first_day() {
        return Ok(None);
    }
    let in_force = PolicyRecord::for_period(&visitor.base.policies, period);
    let in_force = in_force.and_then(|policy| Policy::kept(&policy.toml).ok());
    let unexplained = unexplained(&entered.toml, &draft.sources);
    Ok(Some(Preview {
        seen,
        changes: in_force.map(|before| difference(&before, &draft)).unwrap_or_default(),
        unexplained: unexplained.into_iter().map(|leaf| (leaf.line, leaf.key)).collect(),
        replay: replay(app, &office(app, visitor), draft, period, None).await.map_err(told)?,
    }))
}
