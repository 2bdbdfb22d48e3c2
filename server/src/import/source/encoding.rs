//! The encodings of text.

use std::fmt;
use std::str::FromStr;

use encoding_rs::{BIG5, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How characters are written as bytes. Detected are UTF-8, UTF-16 with its mark,
/// GB18030, Big5 and Windows-1252; any other that the web knows can be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding(&'static Encoding);

impl TextEncoding {
    /// UTF-8, with or without a byte order mark.
    pub const UTF_8: Self = Self(UTF_8);
    /// UTF-16, as old programs export "Unicode text".
    pub const UTF_16LE: Self = Self(UTF_16LE);
    /// UTF-16 the other way round.
    pub const UTF_16BE: Self = Self(UTF_16BE);
    /// GB18030, with GBK and GB 2312 in it: mainland China.
    pub const GB18030: Self = Self(GB18030);
    /// Big5: Taiwan, Hong Kong, Macau.
    pub const BIG5: Self = Self(BIG5);
    /// Windows-1252, with Latin-1 in it: western Europe, the Americas.
    pub const WINDOWS_1252: Self = Self(WINDOWS_1252);

    pub(super) fn of(encoding: &'static Encoding) -> Self {
        // GB18030 has all of GBK.
        Self(if encoding == GBK { GB18030 } else { encoding })
    }

    pub(super) const fn inner(self) -> &'static Encoding {
        self.0
    }

    /// The encoding that the first bytes say by their mark.
    pub(super) fn by_mark(head: &[u8]) -> Option<Self> {
        Encoding::for_bom(head).map(|(encoding, _)| Self(encoding))
    }

    pub(super) fn is_utf_16(self) -> bool {
        self == Self::UTF_16LE || self == Self::UTF_16BE
    }
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The web writes `gb18030` small and the others as their standards do.
        f.write_str(if *self == Self::GB18030 { "GB18030" } else { self.0.name() })
    }
}

/// A name that no encoding has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no encoding {0:?}: say utf-8, utf-16le, utf-16be, gb18030, big5, windows-1252 or \
     another that the web knows"
)]
pub struct UnknownLabel(String);

impl FromStr for TextEncoding {
    type Err = UnknownLabel;

    fn from_str(label: &str) -> Result<Self, Self::Err> {
        Encoding::for_label_no_replacement(label.as_bytes())
            .map(Self::of)
            .ok_or_else(|| UnknownLabel(label.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_go_by_the_names_that_people_know() {
        for (label, encoding) in [
            ("utf8", TextEncoding::UTF_8),
            ("GBK", TextEncoding::GB18030),
            ("gb2312", TextEncoding::GB18030),
            ("Big5", TextEncoding::BIG5),
            ("latin1", TextEncoding::WINDOWS_1252),
        ] {
            assert_eq!(label.parse(), Ok(encoding));
        }
        assert!("klingon".parse::<TextEncoding>().is_err());
        assert_eq!(TextEncoding::GB18030.to_string(), "GB18030");
    }
}
