//! The rows that could not be taken, as a table to correct and import again.
//!
//! It is opened with the program that wrote the rows, so it is CSV as Excel reads
//! it, and its cells come from a file that nobody has checked: a value that Excel
//! would take for a formula gets an apostrophe before it. It holds what customers'
//! rows hold, so only its owner may read it. It is written beside and put in place
//! when it is complete, and never over a file that is not such a table.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

const HEADERS: [&str; 4] = ["line", "column", "value", "message"];
/// By which such a table is known: the byte order mark that Excel wants, and the names.
const FIRST_LINE: &[u8] = b"\xEF\xBB\xBFline,column,value,message\r\n";
/// Longest value that is repeated, in characters.
pub(super) const VALUE_CHARS: usize = 80;

/// Why the table of errors cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ErrorsFileError {
    /// Something else has its name.
    #[error("{} is there already and is not a table of import errors", .0.display())]
    NotOurs(PathBuf),
    /// The disk or the permissions do not let it.
    #[error("{} cannot be written: {error}", path.display())]
    Unwritable {
        /// Where it was to be.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

impl ErrorsFileError {
    /// What to do about it.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::NotOurs(_) => "Move it away, or name another file with --errors FILE.",
            Self::Unwritable { .. } => {
                "Check the disk and the permissions, or name another file with --errors FILE."
            }
        }
    }
}

/// A table of errors that is being written. Nothing is on the disk before the first
/// row, and an older table stays until [`ErrorsFile::finish`].
#[derive(Debug)]
pub struct ErrorsFile {
    path: PathBuf,
    part: PathBuf,
    writer: Option<csv::Writer<BufWriter<File>>>,
    rows: u64,
}

impl ErrorsFile {
    /// Where the errors of `source` go unless told otherwise: `deals.csv` has them in
    /// `deals.errors.csv`.
    #[must_use]
    pub fn beside(source: &Path) -> PathBuf {
        source.with_extension("errors.csv")
    }

    /// A table at `path`.
    ///
    /// # Errors
    /// If something else has the name.
    pub fn at(path: &Path) -> Result<Self, ErrorsFileError> {
        standing(path)?;
        let mut part = path.as_os_str().to_owned();
        part.push(format!(".{}.part", std::process::id()));
        Ok(Self { path: path.to_owned(), part: part.into(), writer: None, rows: 0 })
    }

    /// How many rows it has.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds a row. `column` and `value` may be empty.
    ///
    /// # Errors
    /// If the disk or the permissions do not let it.
    pub fn write(
        &mut self,
        line: u64,
        column: &str,
        value: &str,
        message: &str,
    ) -> Result<(), ErrorsFileError> {
        let (line, value) = (line.to_string(), shortened(value));
        let cells = [line, harmless(column), harmless(&value), harmless(message)];
        let written = self.writer().and_then(|writer| Ok(writer.write_record(&cells)?));
        written.map_err(|error| self.unwritable(error))?;
        self.rows += 1;
        Ok(())
    }

    /// Puts the table in place and says where. Without a row there is none, and an
    /// older one is removed, because its rows are in order now.
    ///
    /// # Errors
    /// If something else took the name meanwhile, or the disk or the permissions do
    /// not let it.
    pub fn finish(mut self) -> Result<Option<PathBuf>, ErrorsFileError> {
        let standing = standing(&self.path)?;
        let Some(writer) = self.writer.take() else {
            if standing {
                std::fs::remove_file(&self.path).map_err(|error| self.unwritable(error))?;
            }
            return Ok(None);
        };
        let placed = writer
            .into_inner()
            .map_err(|error| io::Error::other(error.to_string()))
            .and_then(|inner| Ok(inner.into_inner()?))
            .and_then(|file| file.sync_all())
            .and_then(|()| std::fs::rename(&self.part, &self.path));
        placed.map_err(|error| self.unwritable(error))?;
        Ok(Some(self.path.clone()))
    }

    fn writer(&mut self) -> io::Result<&mut csv::Writer<BufWriter<File>>> {
        match self.writer {
            Some(ref mut writer) => Ok(writer),
            None => {
                let mut file = create(&self.part)?;
                file.write_all(FIRST_LINE.get(..3).unwrap_or_default())?;
                let mut table = csv::WriterBuilder::new()
                    .terminator(csv::Terminator::CRLF)
                    .from_writer(BufWriter::new(file));
                table.write_record(HEADERS)?;
                Ok(self.writer.insert(table))
            }
        }
    }

    fn unwritable(&self, error: io::Error) -> ErrorsFileError {
        ErrorsFileError::Unwritable { path: self.path.clone(), error }
    }
}

impl Drop for ErrorsFile {
    fn drop(&mut self) {
        if self.writer.is_some() {
            // Half a table is of no use; that it stays is no harm.
            drop(std::fs::remove_file(&self.part));
        }
    }
}

/// Whether a table of errors stands at `path`.
fn standing(path: &Path) -> Result<bool, ErrorsFileError> {
    let unwritable = |error| ErrorsFileError::Unwritable { path: path.to_owned(), error };
    let metadata = match std::fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(unwritable(error)),
    };
    let not_ours = || ErrorsFileError::NotOurs(path.to_owned());
    if !metadata.is_file() {
        return Err(not_ours());
    }
    let mut first = Vec::new();
    let file = File::open(path).map_err(unwritable)?;
    let mut start = BufReader::new(file.take(FIRST_LINE.len() as u64));
    start.read_until(b'\n', &mut first).map_err(unwritable)?;
    if first == FIRST_LINE { Ok(true) } else { Err(not_ours()) }
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// The beginning of a value, on one line.
fn shortened(value: &str) -> String {
    let mut short: String = value
        .chars()
        .take(VALUE_CHARS)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if value.chars().nth(VALUE_CHARS).is_some() {
        short.push('…');
    }
    short
}

/// The cell so that no spreadsheet takes it for a formula.
fn harmless(cell: &str) -> String {
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '=', '+', '-', '@'];
    if cell.starts_with(formula) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(dir: &Path, rows: &[(u64, &str, &str, &str)]) -> Option<PathBuf> {
        let path = ErrorsFile::beside(&dir.join("deals.csv"));
        let mut file = ErrorsFile::at(&path).unwrap();
        for (line, column, value, message) in rows {
            file.write(*line, column, value, message).unwrap();
        }
        file.finish().unwrap()
    }

    #[test]
    fn errors_are_a_table_that_excel_reads_and_no_formula_runs_in() {
        let dir = tempfile::tempdir().unwrap();
        let rows = [
            (2, "amount", "1,5x", "not a number"),
            (9, "客户", "=HYPERLINK(\"http://x\")", "unknown"),
            (10, "@a", "\tcmd", "-"),
        ];
        let path = written(dir.path(), &rows).unwrap();
        assert_eq!(path.file_name().unwrap(), "deals.errors.csv");
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "\u{FEFF}line,column,value,message\r\n\
             2,amount,\"1,5x\",not a number\r\n\
             9,客户,\"'=HYPERLINK(\"\"http://x\"\")\",unknown\r\n\
             10,'@a, cmd,'-\r\n"
        );
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = written(dir.path(), &[(2, "", "", "x")]).unwrap();
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_later_import_replaces_or_removes_the_table_of_the_former() {
        let dir = tempfile::tempdir().unwrap();
        let path = written(dir.path(), &[(2, "", "", "first")]).unwrap();
        written(dir.path(), &[(3, "", "", "second")]).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().contains("second"));
        assert_eq!(written(dir.path(), &[]), None);
        assert!(!path.exists());
    }

    #[test]
    fn nothing_of_anybody_else_is_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deals.errors.csv");
        std::fs::write(&path, "line,column\nmine\n").unwrap();
        assert!(matches!(ErrorsFile::at(&path), Err(ErrorsFileError::NotOurs(_))));
        std::fs::remove_file(&path).unwrap();

        let mut file = ErrorsFile::at(&path).unwrap();
        file.write(2, "", "", "x").unwrap();
        std::fs::write(&path, "mine").unwrap();
        assert!(matches!(file.finish(), Err(ErrorsFileError::NotOurs(_))));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deals.errors.csv");
        std::os::unix::fs::symlink(dir.path().join("elsewhere"), &path).unwrap();
        assert!(matches!(ErrorsFile::at(&path), Err(ErrorsFileError::NotOurs(_))));
    }

    #[test]
    fn values_are_repeated_shortened() {
        let long = "长".repeat(200);
        assert_eq!(shortened(&long).chars().count(), VALUE_CHARS + 1);
        assert_eq!(shortened("a\nb"), "a b");
    }
}
