//! What every page has around it: who reads, where in the product, and how far
//! the data reach.

use client_core::time::{Date, Timestamp};

use super::assets::Assets;
use super::format::Format;
use super::nav::{self, NavGroup};
use super::words::{Lang, Words};

pub use super::nav::Section;

/// Who reads.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The name.
    pub name: String,
    /// The role in words.
    pub role: String,
}

/// How far the data on a page reach. A board without it would show "nothing
/// happened" and "not heard yet" alike.
#[derive(Debug, Clone)]
pub struct Known {
    /// "Known up to 17:42".
    pub line: String,
    /// "11 of 12 phones heard in the last 24 h".
    pub phones: String,
    /// "Policy v3".
    pub policy: String,
}

impl Known {
    /// From the last time each phone was heard.
    pub fn new(f: &Format, heard: &[Timestamp], policy: Option<u32>, now: Timestamp) -> Self {
        const DAY_MS: i64 = 24 * 3_600_000;
        let today = f.zone.date(now);
        let line = heard.iter().max().map_or_else(
            || f.w.say("known.nothing").to_owned(),
            |last| f.w.with("known.line", &[("time", &f.moment_on(*last, today))]),
        );
        let recent = heard.iter().filter(|at| now.since(**at) < DAY_MS).count();
        let all = i64::try_from(heard.len()).unwrap_or(i64::MAX);
        let phones = match all {
            0 => f.w.say("known.no_phones").to_owned(),
            _ => f.w.count("known.phones", all, &[("heard", &recent), ("phones", &all)]),
        };
        let policy = policy.map_or_else(
            || f.w.say("known.no_policy").to_owned(),
            |version| f.w.with("known.policy", &[("version", &version)]),
        );
        Self { line, phones, policy }
    }
}

/// The frame.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The reader's words.
    pub w: Words,
    /// The org's name.
    pub org: String,
    /// Where in the product.
    pub section: Section,
    /// Who reads; none before signing in.
    pub viewer: Option<Reader>,
    /// How far the data reach.
    pub known: Option<Known>,
    /// Style, script, icon.
    pub assets: Assets,
    /// This page in the other languages: language and address.
    pub languages: Vec<(Lang, String)>,
    /// Seconds between live refreshes; 0 for none.
    pub refresh_s: u32,
    /// The reader looks after people.
    pub people: bool,
    /// The reader decides on late work.
    pub decides: bool,
    /// Where what this page shows is edited, if the reader may.
    pub edit_href: Option<String>,
    /// What else may be decided about it: where, and in words.
    pub decisions: Vec<(String, String)>,
}

impl Frame {
    /// The navigation as this reader sees it.
    pub fn groups(&self) -> Vec<NavGroup> {
        nav::groups(self.w, self.section, self.decides, self.people)
    }

    /// A frame without a reader: signing in, problems.
    pub fn outside(w: Words, here: &str) -> Self {
        Self {
            w,
            org: "fieldsync".to_owned(),
            section: Section::None,
            viewer: None,
            known: None,
            assets: Assets::here(),
            languages: other_languages(here, w.lang),
            refresh_s: 0,
            people: false,
            decides: false,
            edit_href: None,
            decisions: Vec::new(),
        }
    }
}

/// `here` (path and query) in every language but `read`.
pub fn other_languages(here: &str, read: Lang) -> Vec<(Lang, String)> {
    let others = Lang::ALL.into_iter().filter(|lang| *lang != read);
    others.map(|lang| (lang, in_language(here, lang.tag()))).collect()
}

/// `here` (path and query) with its language replaced.
fn in_language(here: &str, tag: &str) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let mut parts: Vec<&str> = query
        .split('&')
        .filter(|part| !part.is_empty() && *part != "lang" && !part.starts_with("lang="))
        .collect();
    let lang = format!("lang={tag}");
    parts.push(&lang);
    format!("{path}?{}", parts.join("&"))
}

/// Dates of navigation, as a query wants them.
pub fn day_href(path: &str, key: &str, date: Date) -> String {
    format!("{path}?{key}={date}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_its_query_when_the_language_changes() {
        assert_eq!(in_language("/board", "en"), "/board?lang=en");
        assert_eq!(
            in_language("/board?date=2026-10-08&lang=zh-CN&unit=1", "en"),
            "/board?date=2026-10-08&unit=1&lang=en"
        );
    }
}
