//! Files that are no text, told by how they begin.
//!
//! The commonest mistake with a CSV import is to give it the workbook. It and its
//! relatives begin with bytes that no table begins with, so they are named, and
//! nothing is unpacked.

use std::fmt;

/// How much of a file is looked at.
pub(super) const HEAD_BYTES: usize = 4 << 10;

/// A known format that is not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// `.xlsx`.
    Workbook,
    /// `.xls`, or another file of an old office program.
    OldWorkbook,
    /// `.ods`.
    OpenDocument,
    /// `.numbers` or another zip archive.
    Zip,
    /// gzip, bzip2, xz, zstd, 7-Zip or RAR.
    Compressed,
    /// PDF.
    Pdf,
    /// A picture.
    Picture,
    /// SQLite.
    Database,
    /// HTML, as some portals export "Excel".
    WebPage,
    /// A program.
    Program,
}

impl FileKind {
    /// The format that a file with this beginning has.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        const MAGIC: &[(&[u8], FileKind)] = &[
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", FileKind::OldWorkbook),
            (b"PK\x03\x04", FileKind::Zip),
            (b"PK\x05\x06", FileKind::Zip),
            (b"\x1F\x8B", FileKind::Compressed),
            (b"BZh", FileKind::Compressed),
            (b"\xFD7zXZ\0", FileKind::Compressed),
            (b"\x28\xB5\x2F\xFD", FileKind::Compressed),
            (b"7z\xBC\xAF\x27\x1C", FileKind::Compressed),
            (b"Rar!\x1A\x07", FileKind::Compressed),
            (b"%PDF-", FileKind::Pdf),
            (b"\x89PNG", FileKind::Picture),
            (b"\xFF\xD8\xFF", FileKind::Picture),
            (b"GIF8", FileKind::Picture),
            (b"SQLite format 3\0", FileKind::Database),
            (b"\x7FELF", FileKind::Program),
        ];
        let found = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, kind)| *kind);
        match found {
            Some(Self::Zip) if holds(head, b"opendocument.spreadsheet") => Some(Self::OpenDocument),
            Some(Self::Zip) if holds(head, b"[Content_Types].xml") || holds(head, b"xl/") => {
                Some(Self::Workbook)
            }
            None if begins_as_page(head) => Some(Self::WebPage),
            found => found,
        }
    }

    pub(super) const fn advice(self) -> &'static str {
        match self {
            Self::Workbook | Self::OldWorkbook | Self::OpenDocument => {
                "Open it, choose \"Save as\" and the type \"CSV UTF-8\", and import that file."
            }
            Self::Zip | Self::Compressed => "Unpack it, and import the CSV file in it.",
            Self::WebPage => {
                "Open it in a spreadsheet program, save it as \"CSV UTF-8\", and import that file."
            }
            Self::Pdf | Self::Picture | Self::Database | Self::Program => {
                "Export the table as \"CSV UTF-8\", and import that file."
            }
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Workbook => "an Excel workbook, not a CSV file",
            Self::OldWorkbook => "an old Excel workbook or another office file, not a CSV file",
            Self::OpenDocument => "an OpenDocument spreadsheet, not a CSV file",
            Self::Zip => "a zip archive, not a CSV file",
            Self::Compressed => "a compressed file, not a CSV file",
            Self::Pdf => "a PDF, not a CSV file",
            Self::Picture => "a picture, not a CSV file",
            Self::Database => "a database, not a CSV file",
            Self::WebPage => "a web page, not a CSV file",
            Self::Program => "a program, not a CSV file",
        })
    }
}

fn holds(head: &[u8], part: &[u8]) -> bool {
    head.windows(part.len()).any(|window| window == part)
}

fn begins_as_page(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let begins =
        |tag: &[u8]| head.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    begins(b"<!doctype html") || begins(b"<html")
}

#[cfg(test)]
mod tests {
    use super::FileKind;

    #[test]
    fn what_people_give_an_import_by_mistake_is_named() {
        let cases: &[(&[u8], Option<FileKind>)] = &[
            (b"PK\x03\x04\x14\0\x06\0[Content_Types].xml", Some(FileKind::Workbook)),
            (
                b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
                Some(FileKind::OpenDocument),
            ),
            (b"PK\x03\x04bomb.txt", Some(FileKind::Zip)),
            (b"\x1F\x8B\x08", Some(FileKind::Compressed)),
            (b"\xEF\xBB\xBF\n<HTML><table>", Some(FileKind::WebPage)),
            (b"name,city\n", None),
            (b"PK,name\n", None),
            (b"", None),
        ];
        for (head, kind) in cases {
            assert_eq!(FileKind::of(head), *kind, "{}", String::from_utf8_lossy(head));
        }
    }
}
