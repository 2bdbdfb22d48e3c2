//! What separates the cells of a row.
//!
//! The separator is the one by which the first rows have as many cells as the line
//! of names. Counting characters would take the comma of `1,5` for one.

use std::fmt;
use std::str::FromStr;

use super::split::{Fed, Splitter};

/// What separates cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`, where the comma stands in numbers.
    Semicolon,
    /// A tab.
    Tab,
    /// `|`
    Bar,
}

impl Delimiter {
    /// In the order in which they win if they fit alike.
    const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Bar];

    pub(super) const fn letter(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
            Self::Bar => '|',
        }
    }

    /// The separator that a first line `sep=;` names, as Excel writes and reads it.
    pub(super) fn said_by(line: &str) -> Option<Result<Self, String>> {
        let line = line.trim_matches(['"', ' ', '\r']);
        let said =
            line.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and(line.get(4..))?;
        let mut letters = said.chars();
        match (letters.next(), letters.next()) {
            // `sep=` before a name or nothing is the name of a column.
            (None, _) | (Some(_), Some(_)) => None,
            (Some(letter), None) => {
                let known = Self::ALL.into_iter().find(|known| known.letter() == letter);
                Some(known.ok_or_else(|| letter.to_string()))
            }
        }
    }

    /// The separator by which `lines` are a table; a comma if they are one column.
    pub(super) fn of(lines: &[&str]) -> Self {
        let fitting = |delimiter: &Self| delimiter.fit(lines).is_some();
        // `max_by_key` takes the last of equals.
        let best = Self::ALL.into_iter().rev().filter(fitting).max_by_key(|it| it.fit(lines));
        best.unwrap_or(Self::Comma)
    }

    /// In how many of a thousand rows it makes as many cells as there are names, and
    /// how many names; none if it separates no names.
    fn fit(self, lines: &[&str]) -> Option<(usize, usize)> {
        let mut splitter = Splitter::new(self.letter(), usize::MAX);
        let mut counts = Vec::new();
        let mut open = false;
        for line in lines {
            let fed = if open { splitter.next(line) } else { splitter.first(line) };
            open = fed == Fed::Open;
            match fed {
                Fed::Complete => {
                    let cells = splitter.take();
                    if !cells.is_blank() {
                        counts.push(cells.count);
                    }
                }
                Fed::Broken => counts.push(0),
                Fed::Open => {}
            }
        }
        let (names, rows) = counts.split_first()?;
        let alike = rows.iter().filter(|count| *count == names).count();
        (*names > 1).then(|| (alike * 1_000 / rows.len().max(1), *names))
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Bar => "bar",
        })
    }
}

/// A name that no separator has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cells are not separated by {0:?}: say comma, semicolon, tab or bar")]
pub struct UnknownDelimiter(String);

impl FromStr for Delimiter {
    type Err = UnknownDelimiter;

    fn from_str(said: &str) -> Result<Self, Self::Err> {
        let meant = |known: &Self| {
            said == known.letter().to_string() || said.eq_ignore_ascii_case(&known.to_string())
        };
        let known = Self::ALL.into_iter().find(meant).or(match said {
            "\\t" => Some(Self::Tab),
            "pipe" => Some(Self::Bar),
            _ => None,
        });
        known.ok_or_else(|| UnknownDelimiter(said.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Delimiter) {
        assert_eq!(Delimiter::of(&text.lines().collect::<Vec<_>>()), expected, "{text}");
    }

    #[test]
    fn the_separator_is_the_one_that_makes_a_table() {
        check("name,city\nAcme,Bonn", Delimiter::Comma);
        check("name;amount\nAcme;1,5\nBeta;2,7", Delimiter::Semicolon);
        check("name, legal;amount, EUR\nAcme;1\nBeta;2", Delimiter::Semicolon);
        check("name\tnote\nAcme\ta, b; c", Delimiter::Tab);
        check("name|city|x\nAcme|Bonn|1,2", Delimiter::Bar);
        check("name,note\n\"a;b;c\",\"x;y\nz\"\nq,w", Delimiter::Comma);
        check("name\nAcme, Ltd", Delimiter::Comma);
        check("客户;城市\n甲;乙", Delimiter::Semicolon);
        check("name;city", Delimiter::Semicolon);
        check("", Delimiter::Comma);
    }

    #[test]
    fn excel_says_the_separator_in_the_first_line() {
        assert_eq!(Delimiter::said_by("sep=;"), Some(Ok(Delimiter::Semicolon)));
        assert_eq!(Delimiter::said_by("\"SEP=\t\""), Some(Ok(Delimiter::Tab)));
        assert_eq!(Delimiter::said_by("sep=^"), Some(Err("^".to_owned())));
        assert_eq!(Delimiter::said_by("sep,oct"), None);
        assert_eq!(Delimiter::said_by("sep=;,name"), None);
        assert_eq!(Delimiter::said_by("客户,城市"), None);
    }
}
