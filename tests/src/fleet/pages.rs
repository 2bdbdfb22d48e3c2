//! What the manager's pages cost when years of work are stored.
//!
//! A page that is quick with a demo's visits may read every row of an org, and nobody
//! notices before the second year. So this fills a company with as many visits as years
//! bring, opens every page of the navigation as a browser would, and one card, visit,
//! customer and deal that the lists lead to. The data can be kept and measured again by
//! another version.

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

/// Pages that stand in the navigation and lead to lists or figures of their own.
const PAGES: [&str; 30] = [
    "/board",
    "/due",
    "/risks",
    "/alarms",
    "/leaderboard",
    "/coverage",
    "/coverage?show=met",
    "/map",
    "/visits",
    "/customers",
    "/customers?sort=due",
    "/conflicts",
    "/funnel",
    "/deals",
    "/trends",
    "/attainment",
    "/targets",
    "/appraisals",
    "/quarantine",
    "/people",
    "/placement",
    "/devices",
    "/policy",
    "/audit",
    "/reports",
    "/reports/daily",
    "/reports/weekly",
    "/meetings",
    "/briefs",
    "/cases",
];

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
    let reader = Reader::sign_in(relay.url()).await?;
    let mut paths: Vec<(String, String)> =
        PAGES.iter().map(|page| ((*page).to_owned(), (*page).to_owned())).collect();
    for (list, prefix) in LED_TO {
        if let Some(path) = reader.led_to(list, prefix).await? {
            paths.push((format!("{prefix}…"), path));
        }
    }
    let mut figures = Vec::new();
    for (page, path) in paths {
        // Once before, as everybody but the first reader of a day finds it.
        let (status, bytes, _first) = reader.open(&path).await?;
        if status == StatusCode::NOT_FOUND {
            continue;
        }
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

/// A manager at a browser.
struct Reader {
    http: Client,
    server: String,
    cookie: String,
}

impl Reader {
    async fn sign_in(server: String) -> anyhow::Result<Self> {
        let http = crate::tools::http();
        let body = format!("login={MANAGER}&password={}&next=/board", PASSWORD.replace(' ', "+"));
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

    async fn open(&self, path: &str) -> anyhow::Result<(StatusCode, String, Duration)> {
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
        let marks = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        Ok(marks.into_iter().find(|href| is_of_one(href, prefix)).map(str::to_owned))
    }
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
    }

    #[test]
    fn the_table_names_what_was_not_answered_well() {
        let mut laps = Laps::default();
        laps.add(Duration::from_millis(12));
        let figure = PageFigure { page: "/map".into(), status: 500, bytes: 10, laps };
        assert!(table(&[figure]).contains("| `/map` (500) | 12 ms | 12 ms | 10 |"));
    }
}
