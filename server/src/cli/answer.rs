//! What a verb says: in words or as JSON.

use std::io::Write;
use std::process::ExitCode;

use serde_json::Value;

/// A verb's answer.
#[derive(Debug)]
pub(super) struct Answer {
    words: String,
    /// One JSON text; empty if there is nothing to say.
    json: String,
}

impl Answer {
    pub(super) fn new(words: impl Into<String>, json: Value) -> Self {
        Self { words: words.into(), json: json.to_string() }
    }

    /// A summary whose fields keep the order in which they are declared.
    #[cfg(feature = "demo")]
    pub(super) fn summary(summary: &impl serde::Serialize) -> serde_json::Result<Self> {
        let json = serde_json::to_string(summary)?;
        Ok(Self { words: serde_json::to_string_pretty(summary)?, json })
    }

    /// Nothing more to say.
    pub(super) fn silent() -> Self {
        Self { words: String::new(), json: String::new() }
    }

    /// Rows under a header, and the same as JSON.
    pub(super) fn table<const N: usize>(
        header: [&str; N],
        rows: &[[String; N]],
        json: Value,
    ) -> Self {
        let header = header.map(str::to_owned);
        let lines: Vec<&[String; N]> = std::iter::once(&header).chain(rows).collect();
        let mut words = String::new();
        for line in &lines {
            for (column, cell) in line.iter().enumerate() {
                let cells = lines.iter().filter_map(|line| line.get(column));
                let wide = cells.map(|cell| width(cell)).max().unwrap_or(0);
                words.push_str(cell);
                words.extend(std::iter::repeat_n(' ', wide - width(cell) + 2));
            }
            words.truncate(words.trim_end().len());
            words.push('\n');
        }
        Self { words: words.trim_end().to_owned(), json: json.to_string() }
    }

    pub(super) fn print(self, json: bool) -> ExitCode {
        let text = if json { self.json } else { self.words };
        if !text.is_empty() {
            say(&text);
        }
        ExitCode::SUCCESS
    }
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
