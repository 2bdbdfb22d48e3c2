//! What a verb says: in words or as JSON.

use std::io::Write;
use std::process::ExitCode;

use serde_json::Value;

use super::failure::Exit;

/// A verb's answer.
#[derive(Debug)]
pub(super) struct Answer {
    words: String,
    /// One JSON text; empty if there is nothing to say.
    json: String,
    /// How the process ends, if not well.
    exit: Option<Exit>,
}

impl Answer {
    pub(super) fn new(words: impl Into<String>, json: Value) -> Self {
        Self { words: words.into(), json: json.to_string(), exit: None }
    }

    /// A summary whose fields keep the order in which they are declared.
    #[cfg(feature = "demo")]
    pub(super) fn summary(summary: &impl serde::Serialize) -> serde_json::Result<Self> {
        Self::of(serde_json::to_string_pretty(summary)?, summary)
    }

    /// Words, and JSON whose fields keep the order in which they are declared.
    pub(super) fn of(
        words: impl Into<String>,
        json: &impl serde::Serialize,
    ) -> serde_json::Result<Self> {
        Ok(Self { words: words.into(), json: serde_json::to_string(json)?, exit: None })
    }

    /// Nothing more to say.
    pub(super) fn silent() -> Self {
        Self { words: String::new(), json: String::new(), exit: None }
    }

    /// The answer of a verb that did a part of it.
    #[must_use]
    pub(super) const fn ending(mut self, exit: Exit) -> Self {
        self.exit = Some(exit);
        self
    }

    /// Rows under a header, and the same as JSON.
    pub(super) fn table<const N: usize>(
        header: [&str; N],
        rows: &[[String; N]],
        json: Value,
    ) -> Self {
        let header = header.map(str::to_owned);
        let lines: Vec<&[String; N]> = std::iter::once(&header).chain(rows).collect();
        Self { words: columns(&lines, [Align::Left; N]), json: json.to_string(), exit: None }
    }

    /// The same below a heading for people.
    #[must_use]
    pub(super) fn below(mut self, heading: &str) -> Self {
        self.words.insert_str(0, heading);
        self
    }

    pub(super) fn print(self, json: bool) -> ExitCode {
        let text = if json { &self.json } else { &self.words };
        if !text.is_empty() {
            say(text);
        }
        self.exit.map_or(ExitCode::SUCCESS, ExitCode::from)
    }
}

/// Where the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// Words.
    Left,
    /// Numbers, so that their digits stand below one another.
    Right,
}

/// Lines of cells as columns, two spaces apart.
pub(super) fn columns<const N: usize>(lines: &[&[String; N]], aligns: [Align; N]) -> String {
    let wide = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| width(cell)).max().unwrap_or(0)
    };
    let columns: Vec<(Align, usize)> =
        aligns.into_iter().enumerate().map(|(column, align)| (align, wide(column))).collect();
    let mut words = String::new();
    for line in lines {
        for (cell, (align, wide)) in line.iter().zip(&columns) {
            let space = std::iter::repeat_n(' ', wide - width(cell));
            match align {
                Align::Left => words.extend(cell.chars().chain(space)),
                Align::Right => words.extend(space.chain(cell.chars())),
            }
            words.push_str("  ");
        }
        words.truncate(words.trim_end().len());
        words.push('\n');
    }
    words.truncate(words.trim_end().len());
    words
}

/// A line on standard output, at once. A reader that went away is not an error.
pub(super) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

/// Columns a text takes on a terminal: Chinese characters take two.
fn width(text: &str) -> usize {
    text.chars().map(|letter| if u32::from(letter) >= 0x1100 { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right_and_chinese_takes_two_columns() {
        let lines = [["NAME", "WON"], ["王安娜", "1,234"], ["Bo", "5"]];
        let lines = lines.map(|line| line.map(str::to_owned));
        let shown = columns(&lines.iter().collect::<Vec<_>>(), [Align::Left, Align::Right]);
        assert_eq!(shown, "NAME      WON\n王安娜  1,234\nBo          5");
    }
}
