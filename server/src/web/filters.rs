//! The form above a list: what it may be filtered by, kept in the address.
//!
//! A plain GET form, so that it works without script and every view has an
//! address. What is asked for most stands in front; the rest opens below it and
//! is open when something in it is set.

use super::address::Address;
use super::words::Words;

/// One control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// How it is drawn.
    pub kind: Kind,
    /// Its key in the address.
    pub name: &'static str,
    /// What it is.
    pub label: String,
    /// What it says now.
    pub value: String,
    /// What may be typed, or the choices.
    pub hint: String,
    /// The choices of a select.
    pub options: Vec<Choice>,
}

/// How a control is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line of text to look for.
    Search,
    /// One of several.
    Select,
    /// A day.
    Date,
    /// A month.
    Month,
    /// A number.
    Number,
}

/// One of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the address says.
    pub value: String,
    /// What the page says.
    pub label: String,
    /// Whether it is in force.
    pub chosen: bool,
}

impl Control {
    fn new(kind: Kind, name: &'static str, label: &str, value: impl ToString) -> Self {
        Self {
            kind,
            name,
            label: label.to_owned(),
            value: value.to_string(),
            hint: String::new(),
            options: Vec::new(),
        }
    }

    /// A line of text; `hint` says what is looked in.
    pub fn search(name: &'static str, hint: &str, value: &str) -> Self {
        Self { hint: hint.to_owned(), ..Self::new(Kind::Search, name, hint, value) }
    }

    /// A day.
    pub fn date(name: &'static str, label: &str, value: Option<impl ToString>) -> Self {
        let value = value.map(|value| value.to_string()).unwrap_or_default();
        Self::new(Kind::Date, name, label, value)
    }

    /// A month.
    pub fn month(name: &'static str, label: &str, value: impl ToString) -> Self {
        Self::new(Kind::Month, name, label, value)
    }

    /// A number.
    pub fn number(name: &'static str, label: &str, value: &str) -> Self {
        Self::new(Kind::Number, name, label, value)
    }

    /// One of `options`, or `any` of them. A value that is none of them stays in
    /// the form: an address that was kept must not change by being opened.
    pub fn select(
        name: &'static str,
        label: &str,
        any: &str,
        options: impl IntoIterator<Item = (String, String)>,
        value: &str,
    ) -> Self {
        let mut choices = Vec::new();
        if !any.is_empty() {
            choices.push(Choice {
                value: String::new(),
                label: any.to_owned(),
                chosen: value.is_empty(),
            });
        }
        choices.extend(options.into_iter().map(|(code, label)| Choice {
            chosen: code == value,
            value: code,
            label,
        }));
        if !choices.iter().any(|choice| choice.chosen) && !value.is_empty() {
            let kept = value.to_owned();
            choices.push(Choice { value: kept.clone(), label: kept, chosen: true });
        }
        Self { options: choices, ..Self::new(Kind::Select, name, label, value) }
    }

    fn is_set(&self) -> bool {
        !self.value.is_empty()
    }
}

/// Whose lists a reader may ask for: values of the address, with names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// People.
    pub reps: Vec<(String, String)>,
    /// Units, each below its parent.
    pub units: Vec<(String, String)>,
}

impl Choices {
    /// The two controls; none where there is nothing to choose.
    pub fn controls(&self, w: Words, rep: String, unit: String) -> Vec<Control> {
        let mut controls = Vec::new();
        if self.reps.len() > 1 {
            let reps = self.reps.clone();
            let (label, any) = (w.say("word.rep"), w.say("lists.all_reps"));
            controls.push(Control::select("rep", label, any, reps, &rep));
        }
        if self.units.len() > 1 {
            let units = self.units.clone();
            let (label, any) = (w.say("word.unit"), w.say("board.all_units"));
            controls.push(Control::select("unit", label, any, units, &unit));
        }
        controls
    }
}

/// Something in force that the form has no control for, with the way out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// What is in force.
    pub label: String,
    /// The list without it.
    pub without: String,
    /// Its keys and values, kept when the form is sent.
    pub kept: Vec<(&'static str, String)>,
}

/// The form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filters {
    /// Where it leads.
    pub action: String,
    /// What is asked for most.
    pub main: Vec<Control>,
    /// The rest.
    pub more: Vec<Control>,
    /// "More filters".
    pub more_label: String,
    /// Whether the rest is open.
    pub open: bool,
    /// What has no control.
    pub chips: Vec<Chip>,
    /// What is kept without being shown.
    pub kept: Vec<(&'static str, String)>,
    /// The list without filters, if any is in force.
    pub clear: Option<String>,
}

impl Filters {
    /// Whether there is nothing to choose, and nothing chosen.
    pub fn is_empty(&self) -> bool {
        let Self { main, more, chips, clear, .. } = self;
        main.is_empty() && more.is_empty() && chips.is_empty() && clear.is_none()
    }

    /// The form of a list at `address`.
    pub fn new(w: Words, address: &Address, main: Vec<Control>, more: Vec<Control>) -> Self {
        let set = more.iter().filter(|control| control.is_set()).count();
        let label = w.say("lists.more");
        Self {
            action: address.path().to_owned(),
            more_label: if set > 0 { format!("{label} ({set})") } else { label.to_owned() },
            open: set > 0,
            main,
            more,
            chips: Vec::new(),
            clear: (address.parts() > 0).then(|| address.bare().to_string()),
            kept: Vec::new(),
        }
    }

    /// With a part of the address that the form keeps and does not show.
    #[must_use]
    pub fn keeping(mut self, name: &'static str, value: &str) -> Self {
        if !value.is_empty() {
            self.kept.push((name, value.to_owned()));
        }
        self
    }
}

/// What stands over and under a list: how many of how many, the other way to get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// "312 of 8,800 deals".
    pub line: String,
    /// The list as CSV.
    pub csv: String,
    /// The list as a spreadsheet.
    pub sheet: String,
    /// Between its pages.
    pub pages: Option<super::view::Pages>,
}

impl Listing {
    /// Of `matching` out of `all`, at `address`, on page `page`; `noun` is the key
    /// of a counted phrase.
    pub fn new(
        w: Words,
        address: &Address,
        noun: &str,
        page: usize,
        (matching, all): (u64, u64),
    ) -> Self {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let shown = |n: u64| super::format::count(number(n));
        let line = if matching == all {
            w.count(noun, number(all), &[("n", &shown(all))])
        } else {
            let nouns = w.count(noun, number(all), &[("n", &shown(all))]);
            w.with("lists.of", &[("n", &shown(matching)), ("all", &nouns)])
        };
        let matching = usize::try_from(matching).unwrap_or(usize::MAX);
        Self {
            line,
            csv: address.at(format!("{}.csv", address.path())).to_string(),
            sheet: address.at(format!("{}.xlsx", address.path())).to_string(),
            pages: super::view::Pages::of(w, &address.to_string(), page, matching),
        }
    }
}

/// A heading by which a list can be sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The list sorted by it.
    pub href: String,
    /// Its word.
    pub label: String,
    /// `ascending` or `descending`, where it is sorted by it.
    pub sorted: Option<&'static str>,
    /// Numbers stand right.
    pub number: bool,
}

impl Heading {
    /// A heading that sorts nothing.
    pub fn plain(label: &str) -> Self {
        Self { href: String::new(), label: label.to_owned(), sorted: None, number: false }
    }

    /// The same over numbers.
    #[must_use]
    pub fn over_numbers(self) -> Self {
        Self { number: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::words::Lang;

    #[test]
    fn a_value_that_is_no_choice_stays_in_the_form() {
        let options = [("a".to_owned(), "A".to_owned())];
        let control = Control::select("tier", "Tier", "All", options.clone(), "z");
        let chosen: Vec<_> = control.options.iter().filter(|choice| choice.chosen).collect();
        assert_eq!(chosen.len(), 1);
        assert_eq!(chosen[0].value, "z");
        let control = Control::select("tier", "Tier", "All", options, "");
        assert_eq!(control.options[0].label, "All");
        assert!(control.options[0].chosen);
    }

    #[test]
    fn a_list_says_how_many_of_how_many() {
        let w = Words::new(Lang::En);
        let address = Address::new("/deals").with("stage", "lead");
        let listing = Listing::new(w, &address, "lists.n_deals", 2, (120, 8_800));
        assert_eq!(listing.line, "120 of 8,800 deals");
        assert_eq!(listing.csv, "/deals.csv?stage=lead");
        assert_eq!(listing.sheet, "/deals.xlsx?stage=lead");
        assert_eq!(listing.pages.unwrap().line, "51–100 of 120");
        assert_eq!(Listing::new(w, &address, "lists.n_deals", 1, (1, 1)).line, "1 deal");
    }
}
