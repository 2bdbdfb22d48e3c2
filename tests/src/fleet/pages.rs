//! What the manager's pages cost when years of work are stored.
//!
//! A page that is quick with a demo's visits may read every row of an org, and nobody
//! notices before the second year. So this fills a company with as many visits as years
//! bring, opens every page of the navigation as a browser would, every report of now and of
//! before, and one card, visit, customer and deal that the lists lead to. The data can be
//! kept and measured again by another version.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Client, StatusCode};

use super::Said;
use super::corpus::Size;
use super::founding::{self, MANAGER};
use super::stopwatch::{Laps, now};
use super::world::SERVER_ENV;
use crate::company::PASSWORD;
use crate::process::Relay;

/// What a run is set up with.
#[derive(Debug, Clone)]
pub struct PagesRun {
    /// Where the company lies; founded if nothing is there.
    pub data: PathBuf,
    /// Its reps.
    pub reps: u32,
    /// What each has.
    pub size: Size,
    /// How often each page is opened.
    pub rounds: u32,
    /// The same seed makes the same company.
    pub seed: u64,
}

/// What one page cost.
#[derive(Debug, Clone)]
pub struct PageFigure {
    /// The page, without ids.
    pub page: String,
    /// How it was answered.
    pub status: u16,
    /// Bytes of one answer.
    pub bytes: usize,
    /// How long each answer took, its last byte included.
    pub laps: Laps,
}

/// Pages of the navigation that read something else when they are asked for more.
const ALSO: [&str; 3] = ["/coverage?show=met", "/customers?sort=due", "/leaderboard?sort=process"];

/// Pages of one thing: the list that leads to it, and what its address begins with.
const LED_TO: [(&str, &str); 4] = [
    ("/leaderboard", "/scorecards/"),
    ("/visits", "/visits/"),
    ("/customers", "/customers/"),
    ("/deals", "/deals/"),
];

/// Measures every page.
pub async fn measure(run: &PagesRun, said: &mut Said) -> anyhow::Result<Vec<PageFigure>> {
    if !run.data.join(server::DATA_FILE).exists() {
        let mut told = |line: &str| said.say(line);
        founding::found(&run.data, run.reps, run.size, run.seed, &mut told).await?;
    }
    let relay = serve(&run.data)?;
    let reader = Reader::sign_in(relay.url(), MANAGER, PASSWORD).await?;
    let mut figures = Vec::new();
    for Address { page, path } in reader.addresses().await? {
        // Once before, as everybody but the first reader of a day finds it.
        let (status, bytes, _first) = reader.open(&path).await?;
        let mut laps = Laps::default();
        for _ in 0..run.rounds {
            laps.add(reader.open(&path).await?.2);
        }
        said.say(&format!("{page} {:?}", laps.percentile(50)));
        figures.push(PageFigure { page, status: status.as_u16(), bytes: bytes.len(), laps });
    }
    relay.kill();
    Ok(figures)
}

/// The table of docs/PERFORMANCE.md.
pub fn table(figures: &[PageFigure]) -> String {
    let mut table = String::from("| page | median | slowest | bytes |\n|---|---|---|---|\n");
    for figure in figures {
        let (median, slowest) = (figure.laps.percentile(50), figure.laps.percentile(100));
        let ms = Duration::as_millis;
        table.push_str(&format!(
            "| `{}`{} | {} ms | {} ms | {} |\n",
            figure.page,
            if figure.status == 200 { String::new() } else { format!(" ({})", figure.status) },
            ms(&median),
            ms(&slowest),
            figure.bytes
        ));
    }
    table
}

fn serve(data: &Path) -> anyhow::Result<Relay> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env(SERVER_ENV, "1").env("FIELDSYNC_LOG", "error").stderr(Stdio::inherit());
    Relay::run(command, data, "127.0.0.1:0")
}

/// A page that is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Its name, without ids.
    pub page: String,
    /// Where it is.
    pub path: String,
}

/// A manager at a browser.
pub struct Reader {
    http: Client,
    server: String,
    cookie: String,
}

impl Reader {
    /// Signs in at a server.
    pub async fn sign_in(server: String, login: &str, password: &str) -> anyhow::Result<Self> {
        let http = crate::tools::http();
        let body = format!("login={login}&password={}&next=/board", password.replace(' ', "+"));
        let answer = http
            .post(format!("{server}/sign-in"))
            .header(ORIGIN, &server)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await?;
        let cookie = answer.headers().get(SET_COOKIE).context("nobody was signed in")?;
        let cookie = cookie.to_str()?.split(';').next().unwrap_or_default().to_owned();
        Ok(Self { http, server, cookie })
    }

    /// Every page: those of the navigation as this reader finds it, every report that runs or
    /// has just ended, and one thing of each list. They are read from pages and never written
    /// here, so that no address stays behind when a page moves.
    pub async fn addresses(&self) -> anyhow::Result<Vec<Address>> {
        let (_status, board, _took) = self.open("/board").await?;
        let menu = board.split("class=\"menu\"").nth(1).context("the board has no navigation")?;
        let menu = menu.split("</details>").next().unwrap_or_default();
        let mut paths: Vec<&str> = hrefs(menu).filter(|href| !href.contains('?')).collect();
        paths.extend(ALSO);
        let named = |path: &str| Address { page: path.to_owned(), path: path.to_owned() };
        let mut found: Vec<Address> = paths.into_iter().map(named).collect();
        let (_status, reports, _took) = self.open("/reports").await?;
        found.extend(hrefs(&reports).filter(|href| is_report(href)).map(named));
        for (list, prefix) in LED_TO {
            if let Some(path) = self.led_to(list, prefix).await? {
                found.push(Address { page: format!("{prefix}…"), path });
            }
        }
        Ok(found)
    }

    /// The answer to an address, and how long it took with its last byte.
    pub async fn open(&self, path: &str) -> anyhow::Result<(StatusCode, String, Duration)> {
        let begun = now();
        let asked = self.http.get(format!("{}{path}", self.server)).header(COOKIE, &self.cookie);
        let answer = asked.send().await?;
        let status = answer.status();
        let body = answer.text().await?;
        Ok((status, body, begun.elapsed()))
    }

    /// The first address on `list` of a thing that begins with `prefix`.
    async fn led_to(&self, list: &str, prefix: &str) -> anyhow::Result<Option<String>> {
        let (_status, html, _took) = self.open(list).await?;
        Ok(hrefs(&html).find(|href| is_of_one(href, prefix)).map(str::to_owned))
    }
}

/// Where the links of a page lead.
fn hrefs(html: &str) -> impl Iterator<Item = &str> {
    html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next())
}

/// A report of some days that was not issued, and not a file of it.
fn is_report(href: &str) -> bool {
    let below = href.strip_prefix("/reports/").unwrap_or_default();
    let mut parts = below.split('/');
    let kind = parts.next().filter(|kind| !kind.is_empty() && *kind != "issued");
    kind.is_some() && parts.next().is_some() && parts.next().is_none()
}

fn is_of_one(href: &str, prefix: &str) -> bool {
    href.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 26 && !rest.contains('?'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_one_thing_is_told_from_its_list() {
        assert!(is_of_one("/visits/01JABCDEFGHJKMNPQRSTVWXYZ0", "/visits/"));
        assert!(!is_of_one("/visits?page=2", "/visits/"));
        assert!(!is_of_one("/deals/", "/deals/"));
        assert!(is_report("/reports/weekly/2026-W41"));
        assert!(!is_report("/reports") && !is_report("/reports/issued/01JABC"));
        assert!(!is_report("/reports/weekly/2026-W41/print"));
    }

    #[test]
    fn the_table_names_what_was_not_answered_well() {
        let mut laps = Laps::default();
        laps.add(Duration::from_millis(12));
        let figure = PageFigure { page: "/map".into(), status: 500, bytes: 10, laps };
        assert!(table(&[figure]).contains("| `/map` (500) | 12 ms | 12 ms | 10 |"));
    }
}
