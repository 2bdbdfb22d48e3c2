//! Where in a policy's text its values stand, and how they are called.
//!
//! A manager who mistypes a number in a file of three hundred lines wants the line,
//! not a path. So values have a path for machines and references, and every path has
//! a line. A path names the items of a list by what they are about, so that a
//! reference stays right when an item is put before another:
//! `scorecard.indicators.sales_amount.weight`, `frequency.a/week.count`.

use toml::de::{DeTable, DeValue};

/// What names an item of a list, the first that no other item of it shares.
const NAMES: [&str; 5] = ["metric", "mode", "code", "tier", "phase"];
/// What tells items apart that are about the same: a tier's rules for week and month.
const SECONDS: [&str; 2] = ["period", "quarter"];

/// A TOML text and the places of its values.
pub struct Lines<'t> {
    text: &'t str,
    root: DeValue<'t>,
}

/// A value of a text that holds no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Its path.
    pub key: String,
    /// Its line, from 1.
    pub line: usize,
    /// What it says.
    pub value: String,
    /// Whether it is a number: an integer, or a share such as `"120%"`.
    pub is_number: bool,
}

impl<'t> Lines<'t> {
    /// Of a text that is TOML.
    pub fn of(text: &'t str) -> Option<Self> {
        let root = DeTable::parse(text).ok()?;
        Some(Self { text, root: DeValue::Table(root.into_inner()) })
    }

    /// The line, from 1, of the value under `path`; of the nearest value above it that
    /// is written down where it is missing itself.
    pub fn line(&self, path: &str) -> Option<usize> {
        let (mut at, mut offset) = (&self.root, None);
        for name in segments(path) {
            let Some((value, start)) = step(at, name) else { break };
            (at, offset) = (value, Some(start));
        }
        offset.map(|offset| line_at(self.text, offset))
    }

    /// Whether there is a value under `path`.
    pub fn has(&self, path: &str) -> bool {
        let start = Some(&self.root);
        segments(path)
            .into_iter()
            .fold(start, |at, name| at.and_then(|at| step(at, name)).map(|(value, _)| value))
            .is_some()
    }

    /// Every value but the references, in the order of their lines.
    pub fn leaves(&self) -> Vec<Leaf> {
        let mut found = Vec::new();
        self.collect(&self.root, "", 0, &mut found);
        found.sort_by_key(|leaf| leaf.line);
        found
    }

    fn collect(&self, at: &DeValue<'_>, path: &str, offset: usize, found: &mut Vec<Leaf>) {
        let below = |name: &str| {
            if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
        };
        match at {
            DeValue::Table(table) => {
                for (key, value) in table.iter() {
                    let name = key.get_ref().as_ref();
                    if !(path.is_empty() && name == "sources") {
                        self.collect(value.get_ref(), &below(name), key.span().start, found);
                    }
                }
            }
            DeValue::Array(items) if items.iter().any(|item| item.get_ref().is_table()) => {
                for (index, item) in items.iter().enumerate() {
                    let name = name_of(items.iter().map(|item| item.get_ref()), index);
                    self.collect(item.get_ref(), &below(&name), item.span().start, found);
                }
            }
            value => found.push(Leaf {
                key: path.to_owned(),
                line: line_at(self.text, offset),
                value: written(value),
                is_number: match value {
                    DeValue::Integer(_) | DeValue::Float(_) => true,
                    DeValue::String(text) => is_share(text),
                    _ => false,
                },
            }),
        }
    }
}

fn written(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.clone().into_owned(),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(yes) => yes.to_string(),
        DeValue::Datetime(at) => at.to_string(),
        DeValue::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| written(item.get_ref())).collect();
            items.join(", ")
        }
        DeValue::Table(_) => String::new(),
    }
}

fn is_share(text: &str) -> bool {
    text.parse::<crate::rules::units::Percent>().is_ok()
}

/// The line, from 1, on which a byte stands.
pub fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// The steps of a path. What stands under `sources` is a path itself.
fn segments(path: &str) -> Vec<&str> {
    match path.strip_prefix("sources.") {
        Some(key) => vec!["sources", key.trim_matches('"')],
        None => path.split('.').collect(),
    }
}

/// The value under `name`, and where it begins: at its key, or in a list at itself.
fn step<'a, 't>(at: &'a DeValue<'t>, name: &str) -> Option<(&'a DeValue<'t>, usize)> {
    match at {
        DeValue::Table(table) => table
            .iter()
            .find(|(key, _value)| key.get_ref().as_ref() == name)
            .map(|(key, value)| (value.get_ref(), key.span().start)),
        DeValue::Array(items) => {
            let named = (0..items.len())
                .find(|index| name_of(items.iter().map(|item| item.get_ref()), *index) == name);
            let about = || {
                items.iter().position(|item| {
                    NAMES.iter().any(|key| text_of(item.get_ref(), key).as_deref() == Some(name))
                })
            };
            let index = named.or_else(about).or_else(|| name.parse().ok())?;
            items.get(index).map(|item| (item.get_ref(), item.span().start))
        }
        _ => None,
    }
}

/// How the item at `index` is called: by what it is about, by that and its period, or
/// by its place.
fn name_of<'a, 't: 'a>(
    items: impl Iterator<Item = &'a DeValue<'t>> + Clone,
    index: usize,
) -> String {
    let alone = |name: &String, of: &dyn Fn(&DeValue<'t>) -> Option<String>| {
        items.clone().filter(|item| of(item).as_ref() == Some(name)).count() == 1
    };
    let Some(item) = items.clone().nth(index) else { return index.to_string() };
    for key in NAMES {
        let plain = |item: &DeValue<'t>| text_of(item, key);
        let Some(name) = plain(item) else { continue };
        if alone(&name, &plain) {
            return name;
        }
        for second in SECONDS {
            let both = |item: &DeValue<'t>| {
                Some(format!("{}/{}", text_of(item, key)?, text_of(item, second)?))
            };
            if let Some(name) = both(item)
                && alone(&name, &both)
            {
                return name;
            }
        }
    }
    index.to_string()
}

/// A text or whole number of an item, as it is written.
fn text_of(item: &DeValue<'_>, key: &str) -> Option<String> {
    let DeValue::Table(table) = item else { return None };
    let found = table.iter().find(|(name, _value)| name.get_ref().as_ref() == key);
    match found?.1.get_ref() {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "name = \"x\"\n\n[due]\nfollow_up = \"80%\"\n\n[[frequency]]\ntier = \"a\"\n\
                        count = 2\nperiod = \"week\"\n\n[[frequency]]\ntier = \"a\"\ncount = 1\n\
                        period = \"month\"\n\n[[frequency]]\ntier = \"b\"\ncount = 3\n\
                        period = \"month\"\n\n[sources]\n\"due.follow_up\" = \"ours\"\n";

    #[test]
    fn a_path_has_a_line_and_a_missing_value_that_of_what_it_is_missing_in() {
        let lines = Lines::of(TEXT).unwrap();
        let check = |path: &str, line: Option<usize>| {
            assert_eq!(lines.line(path), line, "{path}");
        };
        check("name", Some(1));
        check("due.follow_up", Some(4));
        check("due.lookback_days", lines.line("due"));
        check("frequency.0.count", Some(8));
        check("frequency.a/month.count", Some(13));
        check("frequency.a.count", Some(8));
        check("frequency.b.count", Some(18));
        check("sources.\"due.follow_up\"", Some(22));
        check("nothing", None);
        assert!(lines.has("frequency.b.period") && !lines.has("frequency.c.period"));
    }

    #[test]
    fn numbers_are_named_by_what_they_are_about() {
        let lines = Lines::of(TEXT).unwrap();
        let keys: Vec<String> =
            lines.leaves().into_iter().filter(|leaf| leaf.is_number).map(|leaf| leaf.key).collect();
        assert_eq!(
            keys,
            [
                "due.follow_up",
                "frequency.a/week.count",
                "frequency.a/month.count",
                "frequency.b.count"
            ]
        );
        assert!(Lines::of("a = ").is_none());
    }
}
