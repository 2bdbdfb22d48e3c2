//! Somebody who reads pages, as a program: signs in, follows addresses, sends forms.
//!
//! For what a page says and whom it answers. What a person sees and clicks is for a
//! browser (`browser`).

#![expect(clippy::panic, reason = "a suite without an answer has failed")]

use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Response, StatusCode};

use crate::evening::{Evening, PASSWORD};
use crate::tools;

/// A reader of an evening's pages.
pub struct Reader {
    base: String,
    cookie: String,
}

impl Reader {
    /// Somebody who never signed in.
    pub fn stranger(evening: &Evening) -> Self {
        Self::with_cookie(evening, "")
    }

    /// Somebody who shows this cookie.
    pub fn with_cookie(evening: &Evening, cookie: &str) -> Self {
        Self { base: evening.url(""), cookie: cookie.to_owned() }
    }

    /// `login`, signed in with everybody's password.
    ///
    /// # Panics
    /// When the server does not let them in.
    pub async fn signed_in(evening: &Evening, login: &str) -> Self {
        let mut reader = Self::stranger(evening);
        let answer = reader.post("/sign-in", &[("login", login), ("password", PASSWORD)]).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{login}");
        let cookie = answer.headers().get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.unwrap_or_default();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        reader.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        reader
    }

    /// The answer to an address.
    ///
    /// # Panics
    /// When there is none.
    pub async fn get(&self, path: &str) -> Response {
        let request = tools::http().get(format!("{}{path}", self.base));
        let request = request.header(COOKIE, &self.cookie).header("accept", "text/html");
        request.send().await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The answer to an address with what it says.
    ///
    /// # Panics
    /// When there is none.
    pub async fn read(&self, path: &str) -> (StatusCode, String) {
        let answer = self.get(path).await;
        let status = answer.status();
        (status, answer.text().await.unwrap_or_else(|error| panic!("{path}: {error}")))
    }

    /// A page that is there.
    ///
    /// # Panics
    /// When it is not.
    pub async fn page(&self, path: &str) -> String {
        let (status, page) = self.read(path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        page
    }

    /// Sends a form without fields, a button alone.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn press(&self, path: &str) -> Response {
        self.post::<&str, &str>(path, &[]).await
    }

    /// What the browser shows to be known by.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Sends a form as a browser would.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn post<K: AsRef<str>, V: AsRef<str>>(
        &self,
        path: &str,
        fields: &[(K, V)],
    ) -> Response {
        tools::http()
            .post(format!("{}{path}", self.base))
            .header(COOKIE, &self.cookie)
            .header("origin", &self.base)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded(fields))
            .send()
            .await
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

/// What a browser sends of a form.
pub fn encoded<K: AsRef<str>, V: AsRef<str>>(fields: &[(K, V)]) -> String {
    let letter = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    let text = |value: &str| value.bytes().map(letter).collect::<String>();
    let fields = fields
        .iter()
        .map(|(name, value)| format!("{}={}", text(name.as_ref()), text(value.as_ref())));
    fields.collect::<Vec<_>>().join("&")
}
