use super::PRESETS;
use super::lines::{Lines, line_at};

/// Why a policy was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, an unknown key, a missing key, or a value of the wrong kind.
    #[error("the policy could not be read{}: {reason}", place(*line, written.as_deref()))]
    Text {
        /// The line, from 1, if it can be told.
        line: Option<usize>,
        /// What stands on it.
        written: Option<String>,
        /// What the parser said: key, and allowed values.
        reason: String,
    },
    /// A value that cannot be.
    #[error("{}{key} is {value}: {allowed}", ahead(*line))]
    Value {
        /// The line, from 1, if it can be told.
        line: Option<usize>,
        /// The key's path.
        key: String,
        /// What it says.
        value: String,
        /// What it may say.
        allowed: String,
    },
    /// No such preset.
    #[error("there is no preset {name:?}: choose one of {}", PRESETS.join(", "))]
    UnknownPreset {
        /// What was asked for.
        name: String,
    },
}

impl PolicyError {
    /// What the parser refused, with the line.
    pub(super) fn unreadable(text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().map(|span| line_at(text, span.start));
        let written = line.and_then(|line| text.lines().nth(line.saturating_sub(1)));
        Self::Text {
            line,
            written: written.map(|written| written.trim().chars().take(80).collect()),
            reason: in_words(&error.message().trim().replace('\n', ", ")),
        }
    }

    /// The same with the line of its key in `text`.
    pub(super) fn found_in(self, text: &str) -> Self {
        match self {
            Self::Value { line: None, key, value, allowed } => {
                let line = Lines::of(text).and_then(|lines| lines.line(&key));
                Self::Value { line, key, value, allowed }
            }
            other => other,
        }
    }

    /// The line of the text that is wrong, from 1.
    pub const fn line(&self) -> Option<usize> {
        match self {
            Self::Text { line, .. } | Self::Value { line, .. } => *line,
            Self::UnknownPreset { .. } => None,
        }
    }
}

/// What a parser expects, as whoever writes a policy says it.
const KINDS: [(&str, &str); 9] = [
    ("u8", "a whole number from 0 to 255"),
    ("u16", "a whole number from 0 to 65535"),
    ("u32", "a whole number, not below 0"),
    ("u64", "a whole number, not below 0"),
    ("i32", "a whole number"),
    ("i64", "a whole number"),
    ("a string", "a text in quotes"),
    ("a sequence", "a list in brackets, as in [1, 2]"),
    ("a boolean", "true or false"),
];

fn in_words(reason: &str) -> String {
    let Some((before, kind)) = reason.rsplit_once("expected ") else { return reason.to_owned() };
    let kind =
        KINDS.iter().find(|(name, _words)| *name == kind).map_or(kind, |(_name, words)| words);
    format!("{before}expected {kind}")
}

fn ahead(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!("line {line}: "))
}

fn place(line: Option<usize>, written: Option<&str>) -> String {
    match (line, written.filter(|written| !written.is_empty())) {
        (Some(line), Some(written)) => format!(" at line {line}, `{written}`"),
        (Some(line), None) => format!(" at line {line}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_is_said_in_words() {
        let check = |reason: &str, expected: &str| assert_eq!(in_words(reason), expected);
        check(
            "invalid type: string \"300\", expected u32",
            "invalid type: string \"300\", expected a whole number, not below 0",
        );
        check(
            "invalid value: integer `-1`, expected u8",
            "invalid value: integer `-1`, expected a whole number from 0 to 255",
        );
        check(
            "unknown variant `x`, expected one of `a`, `b`",
            "unknown variant `x`, expected one of `a`, `b`",
        );
        check("missing field `fence_m`", "missing field `fence_m`");
    }
}
