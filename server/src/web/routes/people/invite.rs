//! Inviting one person, or many at once.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use client_core::id::UserId;

use super::super::answer::{self, PageError};
use super::super::fields::Fields;
use super::super::public_url::PublicUrl;
use super::super::sections::parse;
use super::super::visitor::Visitor;
use super::person::sorry;
use super::{keeper, refused};
use crate::app::App;
use crate::office::Invited;
use crate::web::frame::Section;
use crate::web::pages::people::cards::Cards;
use crate::web::pages::people::list::People;
use crate::web::pages::people::wording;
use crate::web::queries::people::{self, Wanted};

/// How many are invited at once: each may cost a password hash.
const AT_ONCE: usize = 200;

/// `POST /people/{user}/invite`.
pub(in super::super) async fn one(
    State(app): State<App>,
    visitor: Visitor,
    PublicUrl(server): PublicUrl,
    Path(user): Path<String>,
) -> Response {
    let page = async {
        let registrar = keeper(&app, &visitor).await?;
        let user: UserId = parse(&user)?;
        let (storage, base) = (app.storage(), &visitor.base);
        let data = people::person(storage, base, &registrar, user, visitor.now).await?;
        let data = data.ok_or(PageError::NotFound)?;
        match registrar.invite(user).await {
            Ok(invited) => cards(&visitor, &server, &[invited]),
            Err(error) => sorry(&visitor, &registrar, &data, error),
        }
    };
    visitor.answer(page.await)
}

/// `POST /people/invite`: those who were selected, or everybody who was never invited.
pub(in super::super) async fn many(
    State(app): State<App>,
    visitor: Visitor,
    PublicUrl(server): PublicUrl,
    fields: Fields,
) -> Response {
    let page = async {
        let registrar = keeper(&app, &visitor).await?;
        let mut wanted: Vec<UserId> = if fields.get("which") == "uninvited" {
            registrar.uninvited().await?.into_iter().map(|user| user.id).collect()
        } else {
            fields.all("user").map(parse).collect::<Result<_, _>>()?
        };
        wanted.truncate(AT_ONCE);
        // Nobody is invited if somebody among them may not be.
        let refusal = visitor
            .base
            .users
            .iter()
            .filter(|user| wanted.contains(&user.id))
            .find_map(|user| registrar.looks_after(user).err());
        let w = visitor.f.w;
        let why = match refusal {
            Some(refusal) => Some(wording::refusal(w, &refusal)),
            None if wanted.is_empty() => Some(w.say("people.nobody_selected").to_owned()),
            None => None,
        };
        if let Some(why) = why {
            let wanted = Wanted { page: 1, ..Wanted::default() };
            let (storage, base) = (app.storage(), &visitor.base);
            let data = people::list(storage, base, &registrar, &wanted, visitor.now).await?;
            let frame = visitor.frame(Section::People);
            let page = People::new(frame, &visitor.f, "/people", &wanted, &data, refused(why));
            let mut response = answer::html(&page)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(response);
        }
        let mut invited = Vec::with_capacity(wanted.len());
        for user in wanted {
            match registrar.invite(user).await {
                Ok(one) => invited.push(one),
                Err(crate::office::PersonError::Storage(error)) => return Err(error.into()),
                // Disabled or gone since the list was read.
                Err(error) => tracing::info!(%error, "somebody was not invited"),
            }
        }
        cards(&visitor, &server, &invited)
    };
    visitor.answer(page.await)
}

fn cards(visitor: &Visitor, server: &str, invited: &[Invited]) -> Result<Response, PageError> {
    let frame = visitor.frame(Section::People);
    let unit = |one: &Invited| visitor.base.unit_of(&one.user);
    answer::html(&Cards::invited(frame, &visitor.f, server, invited, unit))
}
