//! What the pages say, in the reader's language.
//!
//! Data hold codes, never words, so every word on a page comes from here: one
//! file for each area of the pages, merged into one catalogue. All languages
//! stand side by side: a translation that is missing is seen by whoever adds the
//! key, and by the tests below, not by a manager. Field terms follow the
//! project's glossary.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

use serde::Deserialize;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lang {
    /// English.
    En,
    /// Simplified Chinese.
    ZhCn,
    /// Traditional Chinese as written in Taiwan.
    ZhTw,
}

impl Lang {
    /// Every language, in the order readers choose from.
    pub const ALL: [Self; 3] = [Self::En, Self::ZhCn, Self::ZhTw];

    /// The language of a BCP 47 tag, as far as the pages speak it: of Chinese the
    /// script counts, or else what is written in the region.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let tag = tag.trim().to_ascii_lowercase();
        let mut parts = tag.split(['-', '_']);
        match parts.next()? {
            "en" => Some(Self::En),
            "zh" => Some(match parts.next() {
                Some("hant" | "tw" | "hk" | "mo") => Self::ZhTw,
                _ => Self::ZhCn,
            }),
            _ => None,
        }
    }

    /// The first language of an `Accept-Language` header that the pages speak,
    /// by weight.
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut wanted: Vec<(u32, usize, Self)> = header
            .split(',')
            .enumerate()
            .filter_map(|(place, item)| {
                let (tag, params) = item.split_once(';').unwrap_or((item, ""));
                Some((weight(params), place, Self::from_tag(tag)?))
            })
            .filter(|(weight, _, _)| *weight > 0)
            .collect();
        wanted.sort_by_key(|(weight, place, _)| (std::cmp::Reverse(*weight), *place));
        wanted.first().map(|(_, _, lang)| *lang)
    }

    /// The tag for `lang` attributes and URLs.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
            Self::ZhTw => "zh-TW",
        }
    }

    /// The language's name in itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::ZhCn => "简体中文",
            Self::ZhTw => "繁體中文",
        }
    }
}

/// `q=0.8` as thousandths; 1000 where nothing is said.
fn weight(params: &str) -> u32 {
    let Some(q) = params.trim().strip_prefix("q=") else { return 1000 };
    let (whole, part) = q.trim().split_once('.').unwrap_or((q.trim(), ""));
    let thousandths = format!("{part:0<3}").get(..3).and_then(|text| text.parse().ok());
    match whole {
        "1" => 1000,
        _ => thousandths.unwrap_or(0_u32),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    en: String,
    /// The English singular of a counted phrase.
    one: Option<String>,
    zh: String,
    tw: String,
}

type Catalogue = HashMap<String, HashMap<String, Entry>>;

/// The files of the catalogue. In them, `one` is the English singular of a
/// counted phrase, and `{name}` is filled in. A group may go on in another file.
const FILES: &[(&str, &str)] = &[
    ("alarms.toml", include_str!("alarms.toml")),
    ("appraisals.toml", include_str!("appraisals.toml")),
    ("audit.toml", include_str!("audit.toml")),
    ("board.toml", include_str!("board.toml")),
    ("boards.toml", include_str!("boards.toml")),
    ("books.toml", include_str!("books.toml")),
    ("changes.toml", include_str!("changes.toml")),
    ("customer.toml", include_str!("customer.toml")),
    ("deal.toml", include_str!("deal.toml")),
    ("devices.toml", include_str!("devices.toml")),
    ("door.toml", include_str!("door.toml")),
    ("edit.toml", include_str!("edit.toml")),
    ("frame.toml", include_str!("frame.toml")),
    ("one.toml", include_str!("one.toml")),
    ("people.toml", include_str!("people.toml")),
    ("funnel.toml", include_str!("funnel.toml")),
    ("late.toml", include_str!("late.toml")),
    ("library.toml", include_str!("library.toml")),
    ("lists.toml", include_str!("lists.toml")),
    ("meetings.toml", include_str!("meetings.toml")),
    ("merges.toml", include_str!("merges.toml")),
    ("placement.toml", include_str!("placement.toml")),
    ("policy.toml", include_str!("policy.toml")),
    ("policy_errors.toml", include_str!("policy_errors.toml")),
    ("reports.toml", include_str!("reports.toml")),
    ("scorecard.toml", include_str!("scorecard.toml")),
    ("targets.toml", include_str!("targets.toml")),
    ("visit.toml", include_str!("visit.toml")),
];

// A file that cannot be read would show keys; the tests below keep all readable,
// and keep a key from standing in two files.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut merged = Catalogue::new();
    for (_, text) in FILES {
        let read: Catalogue = toml::from_str(text).unwrap_or_default();
        for (group, names) in read {
            merged.entry(group).or_default().extend(names);
        }
    }
    merged
});

fn entry(key: &str) -> Option<&'static Entry> {
    let (group, name) = key.split_once('.')?;
    CATALOGUE.get(group)?.get(name)
}

/// The catalogue in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// The reader's language.
    pub lang: Lang,
}

impl Words {
    /// The words of `lang`.
    pub const fn new(lang: Lang) -> Self {
        Self { lang }
    }

    /// The language's tag.
    pub const fn tag(self) -> &'static str {
        self.lang.tag()
    }

    /// What stands under `key`; the key itself where nothing does.
    pub fn say(self, key: &str) -> &str {
        entry(key).map_or(key, |entry| self.pick(entry))
    }

    /// What stands under `key`, with `{name}` filled in.
    pub fn with(self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        fill(self.say(key), values)
    }

    /// A counted phrase: like [`Words::with`], in the singular for one.
    pub fn count(self, key: &str, n: i64, values: &[(&str, &dyn Display)]) -> String {
        let singular = entry(key)
            .filter(|_| n == 1 && self.lang == Lang::En)
            .and_then(|entry| entry.one.as_deref());
        fill(singular.unwrap_or_else(|| self.say(key)), values)
    }

    /// The word for a code of the data, for example `("mode", "onsite")`. A code
    /// of a newer app is shown as it came.
    pub fn code<'a>(self, group: &str, code: &'a str) -> Cow<'a, str> {
        let known = CATALOGUE.get(group).and_then(|names| names.get(code));
        known.map_or(Cow::Borrowed(code), |entry| Cow::Borrowed(self.pick(entry)))
    }

    fn pick(self, entry: &'static Entry) -> &'static str {
        match self.lang {
            Lang::En => &entry.en,
            Lang::ZhCn => &entry.zh,
            Lang::ZhTw => &entry.tw,
        }
    }
}

fn fill(phrase: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut text = String::with_capacity(phrase.len() + 16);
    let mut rest = phrase;
    // One pass from the left, so that a value containing braces stays as it is.
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            rest = after;
            break;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            text.push_str(&value.to_string());
        }
        rest = tail;
    }
    text.push_str(rest);
    text
}

mod retold;

#[cfg(test)]
mod tests;
