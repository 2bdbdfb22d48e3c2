//! A person at a browser: signs in, follows what leads on, reads what stands there.

use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;

use tests::browser::Driver;
use tests::evening::{Evening, PASSWORD};

/// How long a page may take to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody with a browser of this size.
pub struct Visitor {
    /// The browser.
    pub client: Client,
}

impl Visitor {
    /// A browser on a desk, at `path`, where `login` has signed in.
    pub async fn at(driver: &Driver, evening: &Evening, login: &str, path: &str) -> Self {
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(driver.capabilities(1280, 900, false))
            .connect(driver.url())
            .await
            .unwrap_or_else(|error| panic!("no browser: {error}"));
        let visitor = Self { client };
        visitor.goto(evening, path).await;
        for (name, value) in [("login", login), ("password", PASSWORD)] {
            visitor.write(&format!("input[name={name}]"), value).await;
        }
        visitor.follow("button[type=submit]").await;
        visitor
    }

    /// Goes to an address.
    pub async fn goto(&self, evening: &Evening, path: &str) {
        let went = self.client.goto(&evening.url(path)).await;
        went.unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// What stands in the first element of a selector, once it is there.
    pub async fn text(&self, css: &str) -> String {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        let found = found.unwrap_or_else(|error| panic!("{css}: {error}"));
        found.text().await.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// Clicks what stays on the page.
    pub async fn click(&self, css: &str) {
        let found = self.client.find(Locator::Css(css)).await;
        let found = found.unwrap_or_else(|error| panic!("{css}: {error}"));
        found.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Writes into a field, in the place of what stands there.
    pub async fn write(&self, css: &str, text: &str) {
        let found = self.client.find(Locator::Css(css)).await;
        let found = found.unwrap_or_else(|error| panic!("{css}: {error}"));
        let cleared = found.clear().await;
        cleared.unwrap_or_else(|error| panic!("{css}: {error}"));
        found.send_keys(text).await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Chooses by what is read.
    pub async fn choose(&self, css: &str, label: &str) {
        let found = self.client.find(Locator::Css(css)).await;
        let found = found.unwrap_or_else(|error| panic!("{css}: {error}"));
        let chosen = found.select_by_label(label).await;
        chosen.unwrap_or_else(|error| panic!("{css} {label}: {error}"));
    }

    /// Clicks what leads to another page and waits until the old one is gone: a click
    /// returns when it was delivered, not when the answer has come.
    pub async fn follow(&self, css: &str) {
        let old = self.client.find(Locator::Css("html")).await;
        let old = old.unwrap_or_else(|error| panic!("no page: {error}"));
        self.click(css).await;
        let gone = async {
            while old.tag_name().await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let gone = tokio::time::timeout(PATIENCE, gone).await;
        gone.unwrap_or_else(|_late| panic!("{css} led nowhere"));
        self.text("main").await;
    }

    /// Closes the browser.
    pub async fn leave(self) {
        let closed = self.client.close().await;
        closed.unwrap_or_else(|error| panic!("the browser does not close: {error}"));
    }
}
