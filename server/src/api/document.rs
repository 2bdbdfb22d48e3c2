//! The OpenAPI document, at `/v1/openapi.json`.

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, Content, InfoBuilder, OpenApi, PathItem, Ref, RefOr, ResponseBuilder,
    SecurityRequirement,
};
use utoipa::{PartialSchema, ToSchema};

/// Where it is.
pub(super) const PATH: &str = "/v1/openapi.json";

const ABOUT: &str = "What the pages show, as JSON, and the decisions that they take. Sign in \
    with a device claim at `/v1/sign_in` and send the access token as `Authorization: Bearer`. \
    Every answer is no wider than the reader's reach: what they may not see is not found. Every \
    body that is read has an `ETag`; lists come in pages of 50 with a `Link` to the next. \
    Amounts are minor units, shares basis points, points hundredths of a point. A request that \
    makes something may carry an `Idempotency-Key` of the program's own: sent again with the \
    same key after its answer was lost, it makes nothing more and answers what is there.";

/// An error: RFC 9457.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
struct ProblemBody {
    /// `urn:fieldsync:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// What a program acts on.
    code: String,
    /// For people, always the same for one code.
    title: String,
    /// The HTTP status.
    status: u16,
    /// For people: what happened here.
    #[schema(required = false)]
    detail: Option<String>,
}

/// The document, written once.
#[derive(Clone)]
pub(super) struct Document(Bytes);

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}

/// Adds what every operation has: the bearer token and the problem answer.
pub(super) fn finished(mut document: OpenApi) -> Document {
    document.info = InfoBuilder::new()
        .title("fieldsync")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .build();
    let components = document.components.get_or_insert_with(Components::new);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    components.schemas.insert("Problem".into(), ProblemBody::schema());
    document.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    let about = "A problem document; a program acts on its code.";
    let problem = Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
    let problem = ResponseBuilder::new()
        .description(about)
        .content("application/problem+json", problem)
        .build();
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            operation.responses.responses.insert("default".into(), problem.clone().into());
        }
    }
    Document(serde_json::to_vec(&document).unwrap_or_default().into())
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut utoipa::openapi::path::Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.delete, &mut item.patch]
        .into_iter()
        .flatten()
}
