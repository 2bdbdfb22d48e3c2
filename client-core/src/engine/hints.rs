//! The stream of live hints, and nothing but the stream.

use std::collections::VecDeque;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use tokio::time::timeout;

use super::transport::Transport;
use crate::id::ReplicaId;
use crate::protocol::{HintReader, LIVE_MEDIA_TYPE, LIVE_PATH, LIVE_SILENCE_S, LiveHint};
use crate::sync::Lost;

/// A stream is opened anew after so long at the latest.
const WHOLE: Duration = Duration::from_secs(24 * 3600);
/// A stream on which nothing comes, not even a comment, is dead.
const SILENCE: Duration = Duration::from_secs(LIVE_SILENCE_S);

/// An open stream.
#[derive(Debug)]
pub(super) struct LiveStream {
    response: reqwest::Response,
    reader: HintReader,
    read: VecDeque<LiveHint>,
}

impl LiveStream {
    /// Opens the stream for a replica.
    pub(super) async fn open(
        transport: &Transport,
        token: &str,
        replica: ReplicaId,
    ) -> Result<Self, Lost> {
        let (http, url) = transport.direct().ok_or(Lost::Broken)?;
        let request = http
            .get(format!("{url}{LIVE_PATH}?replica={replica}"))
            .header(ACCEPT, LIVE_MEDIA_TYPE)
            .bearer_auth(token)
            .timeout(WHOLE);
        let response = request.send().await.map_err(|_error| Lost::Broken)?;
        let header = |name: HeaderName| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
        };
        match response.status().as_u16() {
            // A portal's page is no stream.
            200 if header(CONTENT_TYPE).starts_with(LIVE_MEDIA_TYPE) => {
                Ok(Self { response, reader: HintReader::default(), read: VecDeque::new() })
            }
            401 => Err(Lost::TokenExpired),
            _ => Err(Lost::Refused { retry_after_s: header(RETRY_AFTER).trim().parse().ok() }),
        }
    }

    /// The next hint. Giving up waiting loses none; each byte that comes, of a comment
    /// too, is a sign of life.
    pub(super) async fn next(&mut self) -> Result<LiveHint, Lost> {
        loop {
            if let Some(hint) = self.read.pop_front() {
                return Ok(hint);
            }
            match timeout(SILENCE, self.response.chunk()).await {
                Ok(Ok(Some(chunk))) => self.read.extend(self.reader.push(&chunk)),
                Ok(Ok(None)) => return Err(Lost::Ended),
                Ok(Err(_broken)) => return Err(Lost::Broken),
                Err(_elapsed) => return Err(Lost::Silent),
            }
        }
    }
}
