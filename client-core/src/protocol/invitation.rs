//! What brings somebody onto a phone without a password: a code that a manager
//! made for them.
//!
//! People read it off a card and type it on glass, so it is sixteen letters of
//! Crockford's alphabet (80 bits) in groups of four: no letter is misread for a
//! digit, and capitals, spaces and dashes do not matter. A QR code carries the
//! same as an address, with the server's own, so that a phone that knows nothing
//! learns both at once: `fieldsync://enrol?server=https%3A%2F%2F…&code=7K2M-…`.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// Letters of a code.
const SYMBOLS: usize = 16;
const GROUP: usize = 4;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SCHEME: &str = "fieldsync:";
const ENROL: &str = "//enrol?";
/// Longest address of a server.
const ADDRESS_BYTES: usize = 2048;

/// A code that enrols one phone, once. It has no `Debug` of its own, so that it
/// reaches no log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EnrolmentCode([u8; 10]);

/// What somebody scanned or typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The server to enrol at, if it is named: without a slash at its end.
    pub server: Option<String>,
    /// The code.
    pub code: EnrolmentCode,
}

/// Why a text is no invitation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseInvitationError {
    /// Nothing but space.
    #[error("the code is empty: type the 16 letters and digits of the card, or scan it")]
    Empty,
    /// Too short or too long.
    #[error("the code has {symbols} letters and digits instead of {SYMBOLS}")]
    Length {
        /// How many there are.
        symbols: usize,
    },
    /// A letter that no code has.
    #[error("{found:?} is in no code: codes are made of digits and letters without I, L, O and U")]
    Symbol {
        /// The letter.
        found: char,
    },
    /// An address of something else.
    #[error("this is not an invitation of fieldsync: scan the code on the card")]
    Foreign,
    /// An invitation without a code.
    #[error("the invitation holds no code: ask for another one")]
    NoCode,
    /// The server's address cannot be used.
    #[error("the invitation names no usable server: {address:?}")]
    Server {
        /// What it names.
        address: String,
    },
}

impl EnrolmentCode {
    /// The code of ten random bytes.
    pub const fn from_bytes(bytes: [u8; 10]) -> Self {
        Self(bytes)
    }

    /// The ten bytes.
    pub const fn as_bytes(&self) -> &[u8; 10] {
        &self.0
    }

    /// SHA-256 of the bytes: the form in which a code is kept. No salt is needed
    /// against guessing at 80 random bits.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

impl fmt::Display for EnrolmentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.iter().fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
        for place in 0..SYMBOLS {
            if place > 0 && place % GROUP == 0 {
                f.write_str("-")?;
            }
            let five = (bits >> (5 * (SYMBOLS - 1 - place))) & 31;
            let letter = usize::try_from(five).ok().and_then(|five| ALPHABET.get(five));
            write!(f, "{}", char::from(letter.copied().unwrap_or(b'0')))?;
        }
        Ok(())
    }
}

impl FromStr for EnrolmentCode {
    type Err = ParseInvitationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (mut bits, mut symbols) = (0_u128, 0_usize);
        for letter in text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
            let value = value(letter).ok_or(ParseInvitationError::Symbol { found: letter })?;
            symbols += 1;
            if symbols <= SYMBOLS {
                bits = (bits << 5) | value;
            }
        }
        match symbols {
            0 => Err(ParseInvitationError::Empty),
            SYMBOLS => {
                let mut bytes = [0; 10];
                for (place, byte) in bytes.iter_mut().rev().enumerate() {
                    *byte = u8::try_from((bits >> (8 * place)) & 0xFF).unwrap_or_default();
                }
                Ok(Self(bytes))
            }
            symbols => Err(ParseInvitationError::Length { symbols }),
        }
    }
}

/// The five bits of a letter, as people write it.
fn value(letter: char) -> Option<u128> {
    let upper = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = ALPHABET.iter().position(|known| char::from(*known) == upper)?;
    u128::try_from(place).ok()
}

impl fmt::Display for Invitation {
    /// The address that a QR code carries.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{ENROL}")?;
        if let Some(server) = &self.server {
            f.write_str("server=")?;
            for byte in server.bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                        write!(f, "{}", char::from(byte))?;
                    }
                    _ => write!(f, "%{byte:02X}")?,
                }
            }
            f.write_str("&")?;
        }
        write!(f, "code={}", self.code)
    }
}

impl FromStr for Invitation {
    type Err = ParseInvitationError;

    /// Reads an invitation's address, or a code alone.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if !text.contains(':') {
            return Ok(Self { server: None, code: text.parse()? });
        }
        let query = text
            .split_at_checked(SCHEME.len())
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME))
            .and_then(|(_, rest)| rest.strip_prefix(ENROL))
            .ok_or(ParseInvitationError::Foreign)?;
        let find = |key: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(name, _)| *name == key).map(|(_, value)| decoded(value))
        };
        let code = find("code").ok_or(ParseInvitationError::NoCode)?;
        let server = find("server").map(|address| server(&address)).transpose()?;
        Ok(Self { server, code: code.parse()? })
    }
}

impl Invitation {
    /// The address of a server as invitations name it: http or https, a host, nothing
    /// after it but a path, no slash at its end.
    ///
    /// # Errors
    /// [`ParseInvitationError::Server`].
    pub fn server_address(text: &str) -> Result<String, ParseInvitationError> {
        server(text.trim())
    }
}

fn server(address: &str) -> Result<String, ParseInvitationError> {
    let bad = || ParseInvitationError::Server { address: address.to_owned() };
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))
        .ok_or_else(bad)?;
    let host = rest.split('/').next().unwrap_or_default();
    let printable = address.bytes().all(|byte| byte.is_ascii_graphic());
    let odd = address.contains(['?', '#', '@', '\\', '"', '<', '>']);
    if host.is_empty() || !printable || odd || address.len() > ADDRESS_BYTES {
        return Err(bad());
    }
    Ok(address.trim_end_matches('/').to_owned())
}

/// A value of a query without its percent signs; what is no such sign stays.
fn decoded(value: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(value.len()), value.bytes());
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let hex = |digit: Option<u8>| digit.and_then(|digit| char::from(digit).to_digit(16));
        match (byte, hex(ahead.next()), hex(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> EnrolmentCode {
        EnrolmentCode::from_bytes([0x00, 0x44, 0x32, 0x14, 0xC7, 0x42, 0x54, 0xB6, 0x35, 0xCF])
    }

    #[test]
    fn a_code_is_read_back_however_people_type_it() {
        assert_eq!(code().to_string(), "0123-4567-89AB-CDEF");
        for typed in [
            "0123456789abcdef",
            " 0123 4567 89ab cdef\n",
            "oI23-4567-89ab-CDEF",
            "OL23456789ABCDEF",
        ] {
            assert!(typed.parse::<EnrolmentCode>().unwrap() == code(), "{typed:?}");
        }
        for bytes in [[0; 10], [0xFF; 10]] {
            let code = EnrolmentCode::from_bytes(bytes);
            assert_eq!(code.to_string().parse::<EnrolmentCode>().unwrap().as_bytes(), &bytes);
        }
    }

    #[test]
    fn what_is_no_code_says_why() {
        let why = |text: &str| text.parse::<Invitation>().err().expect(text);
        assert_eq!(why("  - "), ParseInvitationError::Empty);
        assert_eq!(why("0123-4567"), ParseInvitationError::Length { symbols: 8 });
        assert_eq!(why(&"7".repeat(5000)), ParseInvitationError::Length { symbols: 5000 });
        assert_eq!(why("0123-4567-89AU-CDEF"), ParseInvitationError::Symbol { found: 'U' });
        assert_eq!(why("王"), ParseInvitationError::Symbol { found: '王' });
        assert_eq!(why("https://example.com/enrol?code=1"), ParseInvitationError::Foreign);
        assert_eq!(why("fieldsync://pay?code=1"), ParseInvitationError::Foreign);
        assert_eq!(why("fieldsync://enrol?server=http%3A%2F%2Fa"), ParseInvitationError::NoCode);
        for address in ["ftp://a", "https://", "https://a?b=c", "https://me@a", "http://a b", "a"] {
            let text = format!("fieldsync://enrol?code=0123456789ABCDEF&server={address}");
            let address = address.to_owned();
            assert_eq!(why(&text), ParseInvitationError::Server { address });
        }
    }

    #[test]
    fn an_invitation_is_read_back_with_its_server() {
        let whole =
            Invitation { server: Some("https://sales.example:8443/fs".into()), code: code() };
        let text = whole.to_string();
        assert_eq!(
            text,
            "fieldsync://enrol?server=https%3A%2F%2Fsales.example%3A8443%2Ffs&code=0123-4567-89AB-CDEF"
        );
        assert!(text.parse::<Invitation>().unwrap() == whole);
        assert!(text.replace("fieldsync:", "FIELDSYNC:").parse::<Invitation>().unwrap() == whole);
        let bare = Invitation { server: None, code: code() };
        assert_eq!(bare.to_string(), "fieldsync://enrol?code=0123-4567-89AB-CDEF");
        assert!(bare.to_string().parse::<Invitation>().unwrap() == bare);
        assert!("0123-4567-89AB-CDEF".parse::<Invitation>().unwrap() == bare);
        let odd =
            "fieldsync://enrol?x=%zz&server=http%3A%2F%2F127.0.0.1%3A8080%2F&code=0123456789abcdef";
        let read: Invitation = odd.parse().unwrap();
        assert_eq!(read.server.as_deref(), Some("http://127.0.0.1:8080"));
    }
}
