//! How much of a file is read before it is refused.
//!
//! A table of customers or deals has rows of a few hundred bytes; a file that is
//! none may have one line of 200 MB. Memory is bounded by `line_bytes`, never by
//! the file: at most a handful of texts of that length exist at a time.

/// The limits of one reading. [`Limits::default`] is what the command line uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest file, in bytes: a gibibyte, some ten million rows.
    pub file_bytes: u64,
    /// Longest physical line, and longest row with quoted line breaks, in bytes of UTF-8.
    pub line_bytes: usize,
    /// Most physical lines of one row with quoted line breaks. It is also how far
    /// the end of a quote is looked for.
    pub row_lines: usize,
    /// Most columns.
    pub columns: usize,
    /// Longest cell, in bytes of UTF-8: four times the longest text of a document.
    pub cell_bytes: usize,
    /// Most rows, headers and empty lines not counted.
    pub rows: u64,
    /// Rows with a broken quote before the whole file is taken to be quoted another way.
    pub broken_quotes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 1 << 30,
            line_bytes: 1 << 20,
            row_lines: 1_000,
            columns: 512,
            cell_bytes: 64 << 10,
            rows: 2_000_000,
            broken_quotes: 100,
        }
    }
}

/// A number of bytes as people say it.
pub(in crate::import) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    UNITS.iter().find(|(_, unit)| bytes >= *unit).map_or_else(
        || format!("{bytes} bytes"),
        |(name, unit)| {
            format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit).replace(".0 ", " ")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_read_as_people_say_them() {
        for (bytes, said) in [(7, "7 bytes"), (1 << 20, "1 MiB"), (1_600_000_000, "1.4 GiB")] {
            assert_eq!(size(bytes), said);
        }
    }
}
