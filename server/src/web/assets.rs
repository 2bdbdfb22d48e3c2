//! The style sheet, the one script and the icon: inside the program, served
//! under a name that holds their hash, so that browsers may keep them for ever
//! and a new release is never shown with an old style.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

struct Asset {
    path: String,
    media_type: &'static str,
    body: &'static str,
}

impl Asset {
    fn new(stem: &str, extension: &str, media_type: &'static str, body: &'static str) -> Self {
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(body.as_bytes()));
        let short = digest.get(..12).unwrap_or_default();
        Self { path: format!("/assets/{stem}-{short}.{extension}"), media_type, body }
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("app", "css", "text/css; charset=utf-8", include_str!("../../assets/app.css"))
});
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("live", "js", "text/javascript; charset=utf-8", include_str!("../../assets/live.js"))
});
static PRINT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("print", "css", "text/css; charset=utf-8", include_str!("../../assets/print.css"))
});
static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("icon", "svg", "image/svg+xml", include_str!("../../assets/favicon.svg"))
});

/// Where a page finds its assets.
#[derive(Debug, Clone, Copy)]
pub struct Assets {
    /// The style sheet.
    pub css: &'static str,
    /// The script.
    pub js: &'static str,
    /// The icon.
    pub icon: &'static str,
}

impl Assets {
    /// The assets of this program.
    pub fn here() -> Self {
        Self { css: &STYLE.path, js: &SCRIPT.path, icon: &ICON.path }
    }
}

/// The style sheet of pages for paper.
pub fn print_style() -> &'static str {
    &PRINT.path
}

/// `GET /assets/{name}`.
pub async fn serve(Path(name): Path<String>) -> Response {
    let path = format!("/assets/{name}");
    let known = [&*STYLE, &*SCRIPT, &*PRINT, &*ICON];
    known.into_iter().find(|asset| asset.path == path).map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |asset| {
            let headers = [
                (header::CONTENT_TYPE, asset.media_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (headers, asset.body).into_response()
        },
    )
}
