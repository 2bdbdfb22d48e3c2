//! Live hints: "there is something", and nothing else.
//!
//! `GET /v1/live` is a stream of server-sent events. A hint names the feed position
//! up to which there is something for this reader and how widely the fleet should
//! spread its pulls; what it is, only a sync tells. Losing every hint loses nothing:
//! the next sync, whenever it comes, brings the same.

use serde::{Deserialize, Serialize};

/// Where hints are served. A phone names its replica in the query, `?replica=<id>`,
/// so that it is not told of its own pushes.
pub const LIVE_PATH: &str = "/v1/live";
/// The media type of the stream.
pub const LIVE_MEDIA_TYPE: &str = "text/event-stream";
/// The name of the event that carries a [`LiveHint`].
pub const HINT_EVENT: &str = "hint";
/// Seconds after which a stream on which nothing came, not even a comment, is dead.
/// The server says something at least every third of this.
pub const LIVE_SILENCE_S: u64 = 60;

/// There is something up to this position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveHint {
    /// The feed position. Positions are compared with one another and mean nothing else.
    pub up_to: u64,
    /// Wait a random part of so many milliseconds before pulling.
    #[serde(default)]
    pub spread_ms: u32,
}

/// Reads a stream of server-sent events piece by piece.
#[derive(Debug, Default)]
pub struct HintReader {
    line: Vec<u8>,
    event: String,
    data: String,
    /// The line being read is longer than any of ours and is skipped.
    overlong: bool,
}

/// Our events are below a hundred bytes; whatever is longer is not ours.
const LONGEST_LINE: usize = 1024;

impl HintReader {
    /// Takes the bytes that came and gives the hints that are complete. Comments,
    /// other events and lines that cannot be read are skipped.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<LiveHint> {
        let mut hints = Vec::new();
        for byte in bytes {
            match byte {
                b'\n' => {
                    let line = std::mem::take(&mut self.line);
                    if !std::mem::take(&mut self.overlong) {
                        hints.extend(self.line(&line));
                    }
                }
                b'\r' => {}
                _ if self.line.len() >= LONGEST_LINE => self.overlong = true,
                byte => self.line.push(*byte),
            }
        }
        hints
    }

    fn line(&mut self, line: &[u8]) -> Option<LiveHint> {
        let line = std::str::from_utf8(line).unwrap_or_default();
        if line.is_empty() {
            let (event, data) = (std::mem::take(&mut self.event), std::mem::take(&mut self.data));
            return (event == HINT_EVENT).then(|| serde_json::from_str(&data).ok()).flatten();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" if self.data.len() < LONGEST_LINE => self.data.push_str(value),
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ":\n\nevent: hint\ndata: {\"up_to\":7,\"spread_ms\":0}\n\n:\n\n\
        event: other\ndata: {\"up_to\":8}\n\nevent: hint\r\ndata: {\"up_to\":9,\"spread_ms\":30000}\r\n\r\n";

    #[test]
    fn hints_are_read_wherever_the_stream_is_cut() {
        let wanted =
            [LiveHint { up_to: 7, spread_ms: 0 }, LiveHint { up_to: 9, spread_ms: 30_000 }];
        for cut in 0..STREAM.len() {
            let mut reader = HintReader::default();
            let (first, rest) = STREAM.as_bytes().split_at(cut);
            let mut hints = reader.push(first);
            hints.extend(reader.push(rest));
            assert_eq!(hints, wanted, "cut at {cut}");
        }
    }

    #[test]
    fn a_stream_that_is_not_ours_takes_no_memory_and_gives_nothing() {
        let mut reader = HintReader::default();
        for _ in 0..1_000 {
            assert!(reader.push(&[b'x'; 10_000]).is_empty());
            assert!(reader.push(b"\ndata: ").is_empty());
        }
        assert!(reader.line.len() <= LONGEST_LINE && reader.data.len() <= 2 * LONGEST_LINE);
        assert_eq!(reader.push(b"\n\nevent: hint\ndata: {\"up_to\":1}\n\n").len(), 1);
    }
}
