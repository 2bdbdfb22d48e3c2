//! Pages and problems on their way out.

use askama::Template;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use client_core::protocol::ProblemCode;

use super::language;
use super::visitor::Visitor;
use crate::http::ProblemResponse;
use crate::scoring::ScoringError;
use crate::storage::StorageError;
use crate::web::export::SheetError;
use crate::web::frame::{Frame, Section};
use crate::web::lists::Unreadable;
use crate::web::pages::problem::Problem;
use crate::web::words::Words;

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum PageError {
    /// Nothing is there, or nothing that this reader may see: they are told the same.
    #[error("nothing here")]
    NotFound,
    /// The reader may not.
    #[error("not allowed")]
    NotAllowed,
    /// A part of the address is no date, month or id.
    #[error("the address could not be read")]
    Unreadable,
    /// More was sent than a form may hold.
    #[error("more was sent than a form may hold")]
    TooLong,
    /// What was to be shown named something that was erased.
    #[error("erased")]
    Erased,
    /// The reader is an analyst: these pages have names.
    #[error("no pages for analysts")]
    Analyst,
    /// Reading failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The rules could not be asked.
    #[error(transparent)]
    Scoring(ScoringError),
    /// A template failed.
    #[error("a page could not be rendered: {0}")]
    Render(#[from] askama::Error),
    /// A spreadsheet could not be made.
    #[error(transparent)]
    Sheet(SheetError),
}

impl From<SheetError> for PageError {
    fn from(error: SheetError) -> Self {
        match error {
            SheetError::Storage(error) => Self::Storage(error),
            other => Self::Sheet(other),
        }
    }
}

impl PageError {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Erased => StatusCode::GONE,
            Self::NotAllowed | Self::Analyst => StatusCode::FORBIDDEN,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::Storage(StorageError::Full) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Storage(_) | Self::Scoring(_) | Self::Render(_) | Self::Sheet(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// The problem in the reader's frame. A fault of ours is logged here, once.
    pub(super) fn page(&self, frame: Frame, reference: Option<String>) -> Response {
        let (title, detail) = match self {
            Self::NotFound => ("problem.not_found", "problem.not_found_detail"),
            Self::NotAllowed => ("problem.not_allowed", "problem.not_allowed_detail"),
            Self::Unreadable => ("problem.unreadable", "problem.unreadable_detail"),
            Self::Erased => ("reports.issued", "reports.erased"),
            Self::TooLong => ("problem.too_long", "problem.too_long_detail"),
            Self::Analyst => ("problem.analyst", "problem.analyst_detail"),
            Self::Storage(StorageError::Full) => ("problem.full", "problem.full_detail"),
            Self::Storage(_) | Self::Scoring(_) | Self::Render(_) | Self::Sheet(_) => {
                ("problem.fault", "problem.fault_detail")
            }
        };
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = %self, reference, "a page could not be made");
        }
        let page = Problem {
            title: frame.w.say(title).to_owned(),
            detail: frame.w.say(detail).to_owned(),
            status: status.as_u16(),
            way_on: match self {
                // Their session opens no page, so the way on is another one.
                Self::Analyst => ("/sign-in", "problem.other_person"),
                _ => ("/board", "problem.home"),
            },
            reference: reference.filter(|_| status.is_server_error()),
            frame,
        };
        let body = page.render().unwrap_or_else(|_error| page.title.clone());
        (status, Html(body)).into_response()
    }

    /// The problem for somebody whose session is not known.
    pub(super) fn outside(&self, words: Words) -> Response {
        self.page(Frame::outside(words, "/sign-in"), None)
    }
}

impl From<Unreadable> for PageError {
    fn from(_: Unreadable) -> Self {
        Self::Unreadable
    }
}

/// A kind of file: how its name ends, and its type.
pub(super) type FileType = (&'static str, &'static str);

/// Values between commas.
pub(super) const CSV: FileType = ("csv", "text/csv; charset=utf-8");

/// A workbook of spreadsheets.
pub(super) const XLSX: FileType =
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");

/// A file to keep; its name without the ending.
pub(super) fn file(name: &str, (ending, kind): FileType, body: impl Into<Body>) -> Response {
    // The name is ours: letters, digits, dashes and dots.
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    let headers =
        [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, body.into()).into_response()
}

/// A rendered page.
pub(super) fn html(page: &impl Template) -> Result<Response, PageError> {
    Ok(Html(page.render()?).into_response())
}

/// What no route answers: a page for people, a problem document for programs.
pub(super) async fn nothing_here(visitor: Result<Visitor, Response>, request: Request) -> Response {
    if !wants_html(request.headers()) {
        let detail = "there is nothing at this address";
        return ProblemResponse::new(ProblemCode::NotFound, detail).into_response();
    }
    visitor.map_or_else(
        |_door| {
            let lang = language::without_reader(request.uri(), request.headers());
            PageError::NotFound.outside(Words::new(lang))
        },
        |visitor| PageError::NotFound.page(visitor.frame(Section::None), None),
    )
}

fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}
