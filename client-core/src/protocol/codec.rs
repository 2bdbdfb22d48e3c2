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
    ciborium::from_reader(cbor).map_err(|error| DecodeError::Cbor { reason: error.to_string() })
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
    fn a_cut_stream_is_an_error_and_not_a_shorter_message() {
        let (body, encoding) = encode(&vec!["visit".to_owned(); 500], Encoding::Zstd);
        for cut in 0..body.len() {
            assert!(decode::<Vec<String>>(&body[..cut], encoding, 1 << 20).is_err(), "{cut}");
        }
    }
}
