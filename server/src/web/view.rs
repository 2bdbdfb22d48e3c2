//! The small things pages are built of: a state, a bar, a figure, a labelled value.
//!
//! Everything a template prints is text by the time it gets here; templates
//! escape it and decide nothing.

use super::format;
use crate::storage::lists::Window;

/// How a state is drawn. Each tone has its own shape, because colour alone
/// says nothing to one man in twelve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Fine: a ticked circle.
    Good,
    /// Wants a look: a triangle.
    Watch,
    /// Late or refused: a diamond.
    Late,
    /// Not yet known: a hatched square.
    Unknown,
    /// Neither good nor bad: a circle.
    Neutral,
}

impl Tone {
    /// The class in the style sheet.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Watch => "watch",
            Self::Late => "late",
            Self::Unknown => "unknown",
            Self::Neutral => "neutral",
        }
    }
}

/// A state: a shape and a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The shape and colour.
    pub tone: Tone,
    /// The word.
    pub word: String,
}

impl State {
    /// A state.
    pub fn new(tone: Tone, word: impl Into<String>) -> Self {
        Self { tone, word: word.into() }
    }
}

/// Width of a meter in its own units.
const METER: i64 = 200;

/// A bar from zero, with a mark where the target is, and hatching for what is
/// not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// Length of what is known.
    pub filled: i64,
    /// Where the hatching ends; 0 for none.
    pub hatched: i64,
    /// The target's place, if it lies inside.
    pub mark: Option<i64>,
    /// Extra class of the bar.
    pub tone: &'static str,
    /// The same in words.
    pub label: String,
}

impl Meter {
    /// `actual` against `target`; hatched up to the target where `complete` is false.
    pub fn against(actual: i64, target: Option<i64>, complete: bool, label: String) -> Self {
        let target = target.filter(|target| *target > 0);
        let actual = actual.max(0);
        let full = target.unwrap_or(0).max(actual).max(1);
        let place = |n: i64| n.saturating_mul(METER) / full;
        let reached = target.is_some_and(|target| actual >= target);
        Self {
            filled: place(actual),
            hatched: if complete || reached { 0 } else { target.map_or(METER, place) },
            mark: target.filter(|target| *target < actual).map(place),
            tone: if reached { "good" } else { "" },
            label,
        }
    }
}

/// Two parts of one bar, from zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwoPart {
    /// Length of the first part.
    pub first: i64,
    /// Length of the second part.
    pub second: i64,
    /// Where 100 lies, if the scale goes beyond it.
    pub mark: Option<i64>,
    /// The same in words.
    pub label: String,
}

impl TwoPart {
    /// `first` and `second` on a scale from zero to `full`, with a mark at `at`.
    pub fn new(first: i64, second: i64, full: i64, at: i64, label: String) -> Self {
        let full = full.max(1);
        let place = |n: i64| n.clamp(0, full).saturating_mul(METER) / full;
        Self {
            first: place(first),
            second: place(second),
            mark: (at < full).then(|| place(at)),
            label,
        }
    }
}

/// The figure that matters: number, target, share, and a way to what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// What it is.
    pub label: String,
    /// The number.
    pub value: String,
    /// Its unit, where the number has none.
    pub unit: String,
    /// The target in words.
    pub against: String,
    /// Attainment.
    pub share: String,
    /// The bar.
    pub bar: Option<Meter>,
    /// What it is made of.
    pub href: String,
}

/// A labelled value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The label.
    pub label: String,
    /// The value.
    pub value: String,
    /// Where it leads.
    pub href: Option<String>,
}

impl Pair {
    /// A value that leads nowhere.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), href: None }
    }
}

/// Links between the pages of a long list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    /// The page before.
    pub earlier: Option<String>,
    /// The page after.
    pub later: Option<String>,
    /// Which part this is.
    pub line: String,
}

/// How many rows of a list a page shows.
pub const PAGE: usize = 50;

/// The part of a list that page `page` (from 1) shows.
pub fn window(page: usize) -> Window {
    let offset = page.saturating_sub(1).saturating_mul(PAGE);
    Window {
        limit: u32::try_from(PAGE).unwrap_or(u32::MAX),
        offset: u64::try_from(offset).unwrap_or(u64::MAX),
    }
}

impl Pages {
    /// Links for page `page` (from 1) of `all` rows at `path`, whose query must
    /// accept `page`; none if one page holds them all.
    pub fn of(w: super::words::Words, path: &str, page: usize, all: usize) -> Option<Self> {
        if all == 0 || (all <= PAGE && page <= 1) {
            return None;
        }
        let join = if path.contains('?') { '&' } else { '?' };
        let link = |page: usize| format!("{path}{join}page={page}");
        let last = all.div_ceil(PAGE);
        if page > last {
            let line = w.say("lists.past_end").to_owned();
            return Some(Self { earlier: Some(link(last)), later: None, line });
        }
        let from = page.saturating_sub(1) * PAGE;
        let to = (from + PAGE).min(all);
        let show = |n: usize| format::count(i64::try_from(n).unwrap_or(i64::MAX));
        let (first, last, total) = (show(from + 1), show(to), show(all));
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("from", &first), ("to", &last), ("all", &total)];
        Some(Self {
            earlier: (page > 1).then(|| link(page - 1)),
            later: (to < all).then(|| link(page + 1)),
            line: w.with("facts.page_line", &values),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_hatched_up_to_the_target() {
        let meter = Meter::against(1, Some(4), false, String::new());
        assert_eq!((meter.filled, meter.hatched, meter.mark), (50, 200, None));
        let known = Meter::against(1, Some(4), true, String::new());
        assert_eq!((known.filled, known.hatched), (50, 0));
    }

    #[test]
    fn a_bar_over_its_target_marks_where_the_target_was() {
        let meter = Meter::against(5, Some(4), false, String::new());
        assert_eq!((meter.filled, meter.hatched, meter.mark), (200, 0, Some(160)));
        assert_eq!(meter.tone, "good");
    }

    #[test]
    fn a_bar_without_target_or_value_is_empty() {
        let meter = Meter::against(0, None, true, String::new());
        assert_eq!((meter.filled, meter.hatched, meter.mark), (0, 0, None));
    }

    #[test]
    fn a_page_beyond_the_end_says_so_and_leads_to_the_last() {
        let w = crate::web::words::Words::new(crate::web::words::Lang::En);
        let pages = |page, all| Pages::of(w, "/deals?q=a", page, all);
        assert!(pages(1, PAGE).is_none() && pages(7, 0).is_none());
        let beyond = pages(7, PAGE + 1).unwrap();
        assert_eq!(beyond.earlier.as_deref(), Some("/deals?q=a&page=2"));
        assert_eq!((beyond.later, beyond.line.as_str()), (None, "The list ends before this page"));
        let last = pages(2, PAGE + 1).unwrap();
        assert_eq!((last.later, last.line.as_str()), (None, "51–51 of 51"));
    }
}
