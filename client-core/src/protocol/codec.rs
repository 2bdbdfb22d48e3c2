//! Bodies: CBOR, compressed as a whole, bounded before anything is allocated.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// How a body travels; the value of `content-encoding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// zstd, level 3, window at most 8 MiB.
    Zstd,
}

impl Encoding {
    /// What this build prefers to send.
    pub const PREFERRED: Self = if cfg!(feature = "zstd-c") { Self::Zstd } else { Self::Identity };

    /// The header's value; none for identity.
    pub const fn header(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Zstd => Some("zstd"),
        }
    }
}

/// A body that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Longer than allowed once decompressed.
    #[error("the body is longer than {limit} bytes once decompressed")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// So many small values that they would take many times their bytes once read.
    #[error("the body holds more than {limit} values")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The compressed stream ended early or is damaged.
    #[error("the zstd stream is damaged or cut short: {reason}")]
    Compression {
        /// What the decoder said.
        reason: String,
    },
    /// The CBOR does not have the shape of the message.
    #[error("the CBOR could not be read: {reason}")]
    Cbor {
        /// What the decoder said.
        reason: String,
    },
    /// Another encoding than this build knows.
    #[error("the content encoding {name:?} is not known here: send zstd or none")]
    UnknownEncoding {
        /// What the header said.
        name: String,
    },
}

/// Reads the value of a `content-encoding` header.
pub fn parse_encoding(header: Option<&str>) -> Result<Encoding, DecodeError> {
    match header.map(str::trim) {
        None | Some("" | "identity") => Ok(Encoding::Identity),
        Some("zstd") if cfg!(feature = "zstd-c") => Ok(Encoding::Zstd),
        Some(other) => Err(DecodeError::UnknownEncoding { name: other.to_owned() }),
    }
}

/// Encodes a message. Falls back to identity where compression does not pay.
pub fn encode<T: Serialize>(message: &T, wanted: Encoding) -> (Vec<u8>, Encoding) {
    let mut cbor = Vec::new();
    // Writing to memory cannot fail, and every message has a CBOR form.
    let written = ciborium::into_writer(message, &mut cbor);
    debug_assert!(written.is_ok());
    match wanted {
        Encoding::Identity => (cbor, Encoding::Identity),
        Encoding::Zstd => match compress(&cbor) {
            Some(packed) if packed.len() < cbor.len() => (packed, Encoding::Zstd),
            _ => (cbor, Encoding::Identity),
        },
    }
}

/// Bytes that each value of a message may be thought to take: four million empty
/// strings fit into 4 MiB and become 100 MB of `Vec`s, twice that while they grow.
/// The densest honest push, of nothing but the smallest documents, has nine.
const BYTES_PER_VALUE: usize = 8;

/// Decodes a message of at most `limit` bytes after decompression.
pub fn decode<T: DeserializeOwned>(
    body: &[u8],
    encoding: Encoding,
    limit: usize,
) -> Result<T, DecodeError> {
    let unpacked;
    let cbor = match encoding {
        Encoding::Identity if body.len() > limit => return Err(DecodeError::TooLarge { limit }),
        Encoding::Identity => body,
        Encoding::Zstd => {
            unpacked = decompress(body, limit)?;
            &unpacked
        }
    };
    let values = limit / BYTES_PER_VALUE;
    if has_more_values_than(values, cbor) {
        return Err(DecodeError::TooMany { limit: values });
    }
    ciborium::from_reader(cbor).map_err(|error| DecodeError::Cbor { reason: error.to_string() })
}

/// Counts the heads of all values, whatever holds them, without reading any.
/// What is no CBOR ends the count: reading it will say so.
fn has_more_values_than(limit: usize, mut cbor: &[u8]) -> bool {
    for _value in 0..=limit {
        let Some((&head, rest)) = cbor.split_first() else { return false };
        let width = match head & 0x1f {
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => 0,
        };
        let Some((argument, rest)) = rest.split_at_checked(width) else { return false };
        let number = argument.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let length = match (head >> 5, head & 0x1f) {
            // Byte strings and texts; one of unknown length comes in pieces of known ones.
            (2 | 3, inline @ 0..24) => u64::from(inline),
            (2 | 3, 24..=27) => number,
            _ => 0,
        };
        let skipped = usize::try_from(length).ok().and_then(|length| rest.get(length..));
        let Some(rest) = skipped else { return false };
        cbor = rest;
    }
    true
}

#[cfg(feature = "zstd-c")]
fn compress(cbor: &[u8]) -> Option<Vec<u8>> {
    zstd::bulk::compress(cbor, 3).ok()
}

#[cfg(not(feature = "zstd-c"))]
fn compress(_cbor: &[u8]) -> Option<Vec<u8>> {
    None
}

#[cfg(feature = "zstd-c")]
fn decompress(body: &[u8], limit: usize) -> Result<Vec<u8>, DecodeError> {
    use std::io::Read;

    /// 2^23 bytes: the largest window a peer may ask us to keep.
    const WINDOW_LOG_MAX: u32 = 23;

    let fail = |error: std::io::Error| DecodeError::Compression { reason: error.to_string() };
    let mut decoder = zstd::stream::read::Decoder::with_buffer(body).map_err(fail)?;
    decoder.window_log_max(WINDOW_LOG_MAX).map_err(fail)?;
    let mut unpacked = Vec::new();
    let read = decoder.take(limit as u64 + 1).read_to_end(&mut unpacked).map_err(fail)?;
    if read > limit { Err(DecodeError::TooLarge { limit }) } else { Ok(unpacked) }
}

#[cfg(not(feature = "zstd-c"))]
fn decompress(_body: &[u8], _limit: usize) -> Result<Vec<u8>, DecodeError> {
    Err(DecodeError::UnknownEncoding { name: "zstd".to_owned() })
}

#[cfg(all(test, feature = "zstd-c"))]
mod tests {
    use super::*;

    #[test]
    fn a_body_survives_both_encodings_and_is_bounded() {
        let message = vec!["visit".to_owned(); 500];
        for wanted in [Encoding::Identity, Encoding::Zstd] {
            let (body, encoding) = encode(&message, wanted);
            assert_eq!(decode::<Vec<String>>(&body, encoding, 1 << 20).unwrap(), message);
            assert_eq!(
                decode::<Vec<String>>(&body, encoding, 100),
                Err(DecodeError::TooLarge { limit: 100 })
            );
        }
    }

    #[test]
    fn a_body_of_countless_tiny_values_is_turned_away_before_it_is_read() {
        const LIMIT: usize = 1 << 20;
        let array = |count: u32, value: &[u8]| {
            [vec![0x9a], count.to_be_bytes().to_vec(), value.repeat(count as usize)].concat()
        };
        let most = (LIMIT / BYTES_PER_VALUE) as u32;
        let too_many = Err(DecodeError::TooMany { limit: most as usize });
        for tiny in [&[0x40][..], &[0x60], &[0x80], &[0xf6], &[0x18, 0xff]] {
            let read = |count| {
                let cbor = array(count, tiny);
                decode::<serde::de::IgnoredAny>(&cbor, Encoding::Identity, LIMIT).map(drop)
            };
            assert_eq!(read(most - 1), Ok(()), "{tiny:02x?}");
            assert_eq!(read(most), too_many, "{tiny:02x?}");
        }
        // What looks like many values inside a string is one.
        let string = [&[0x5a, 0, 0x0f, 0, 0][..], &[0x40; 0x0f_0000]].concat();
        assert!(decode::<serde::de::IgnoredAny>(&string, Encoding::Identity, LIMIT).is_ok());
    }

    #[test]
    fn a_cut_stream_is_an_error_and_not_a_shorter_message() {
        let (body, encoding) = encode(&vec!["visit".to_owned(); 500], Encoding::Zstd);
        for cut in 0..body.len() {
            assert!(decode::<Vec<String>>(&body[..cut], encoding, 1 << 20).is_err(), "{cut}");
        }
    }
}
