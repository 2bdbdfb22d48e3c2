//! Files as people have them, and as nobody should.

mod encodings;
mod hostile;
mod shapes;

use std::path::PathBuf;

use super::{Limits, Source, SourceError};

/// A file that goes when the test ends.
struct Sheet {
    dir: tempfile::TempDir,
}

impl Sheet {
    fn new(bytes: impl AsRef<[u8]>) -> Self {
        let sheet = Self { dir: tempfile::tempdir().unwrap() };
        std::fs::write(sheet.path(), bytes).unwrap();
        sheet
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("sheet.csv")
    }

    fn open(&self) -> Result<Source, SourceError> {
        Source::open(&self.path(), Limits::default())
    }

    fn open_with(&self, limits: Limits) -> Result<Source, SourceError> {
        Source::open(&self.path(), limits)
    }

    fn source(&self) -> Source {
        self.open().unwrap_or_else(|error| panic!("{error}"))
    }
}

/// Every row as `line: cell|cell`, and every error as it reads.
fn told(source: Source) -> Vec<String> {
    let columns = source.headers().names().len();
    source
        .map(|row| match row {
            Ok(row) => {
                let cells: Vec<_> = (0..columns).map(|at| row.at(at).unwrap()).collect();
                format!("{}: {}", row.line(), cells.join("|"))
            }
            Err(error) => error.to_string(),
        })
        .collect()
}

fn check(bytes: impl AsRef<[u8]>, expected: &[&str]) {
    assert_eq!(told(Sheet::new(bytes).source()), expected);
}

/// What the person reads when the file is refused.
fn refused(bytes: impl AsRef<[u8]>) -> String {
    match Sheet::new(bytes).open() {
        Ok(_) => panic!("it was read"),
        Err(error) => format!("{error}. {}", error.advice()),
    }
}
