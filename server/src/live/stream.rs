//! One stream: rings in, lines out.
//!
//! Three hints go out at once, then one each quarter of a second however much
//! happens: a single visit is told of in the moment of its commit, and an evening's
//! storm wakes nobody more than four times a second. A quiet stream says something
//! every 20 seconds, so that both sides notice a dead one, and in the same breath its
//! reader's session is looked at again: a revoked device hears no more.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use client_core::id::DeviceId;
use client_core::protocol::{HINT_EVENT, LiveHint};
use futures_util::stream::{Stream, unfold};
use tokio::time::{Interval, MissedTickBehavior, interval_at};

use super::hub::{Hub, Reader, Refused, Seat};
use crate::app::App;
use crate::auth::{AuthError, Signed, SignedDevice, verify_access, verify_web_session};
use crate::storage::model::Seq;
use crate::storage::{Accounts, Feed, StorageError};

/// Hints that may go out one after another.
const BURST: u32 = 3;
/// One more may go out after so long.
const EACH: Duration = Duration::from_millis(250);

/// A comment: proxies and phones see that the stream lives.
const ALIVE: Bytes = Bytes::from_static(b":\n\n");

/// Somebody who was let in.
pub(crate) struct Listener {
    app: App,
    hub: Arc<Hub>,
    seat: Seat,
    reader: Reader,
    token: Token,
    /// To be told: the opening hint, and what was rung for since.
    pending: Option<Seq>,
    allowed: u32,
    refill: Interval,
    check: Interval,
}

/// What is looked at again while somebody listens.
enum Token {
    /// A phone's access token.
    Access(String),
    /// A browser's session.
    Web(String),
}

/// Takes a place for a page that is looked at in a browser. A browser has no device, and
/// each of its windows listens by itself, so each stream is one of its own.
pub(crate) async fn open_page(
    app: &App,
    signed: &Signed,
    session: String,
) -> Result<Listener, OpenError> {
    let window = DeviceId::from_bytes(crate::edge::random_bytes(app.random()));
    let reader = Reader { org: signed.org, user: signed.user, device: window, replica: None };
    listen(app, reader, Token::Web(session)).await
}

/// Takes a place for the holder of `token`. The first hint names the head of the
/// feed: what was committed while nobody listened has to be pulled.
pub(crate) async fn open(
    app: &App,
    device: &SignedDevice,
    replica: Option<client_core::id::ReplicaId>,
    token: String,
) -> Result<Listener, OpenError> {
    let signed = &device.signed;
    let reader = Reader { org: signed.org, user: signed.user, device: device.device, replica };
    listen(app, reader, Token::Access(token)).await
}

async fn listen(app: &App, reader: Reader, token: Token) -> Result<Listener, OpenError> {
    let hub = Arc::clone(app.live());
    let seat = hub.join(reader).map_err(OpenError::Refused)?;
    // Joined, then scopes, then the head: nothing can fall between them unheard.
    let scopes = scopes_of(app, reader).await?;
    seat.reads(scopes);
    let head = app.storage().head(reader.org).await?;
    let (refill, check) = (every(EACH), every(hub.config().keep_alive));
    let app = app.clone();
    let pending = Some(head);
    Ok(Listener { app, hub, seat, reader, token, pending, allowed: BURST, refill, check })
}

/// Why nobody listens.
#[derive(Debug)]
pub(crate) enum OpenError {
    /// There is no place.
    Refused(Refused),
    /// Storage failed.
    Storage(StorageError),
}

impl From<StorageError> for OpenError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// Ticks from one period on.
#[expect(clippy::disallowed_methods, reason = "a timer of the runtime begins now")]
fn every(period: Duration) -> Interval {
    let mut ticks = interval_at(tokio::time::Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

async fn scopes_of(
    app: &App,
    reader: Reader,
) -> Result<Vec<client_core::protocol::Scope>, StorageError> {
    let access = app.storage().access(reader.org, reader.user).await?;
    Ok(access.map_or_else(Vec::new, |access| access.scopes))
}

impl Listener {
    /// The body of the answer. It ends with the server, with the session, and when
    /// the same device opens another.
    pub(crate) fn body(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
        unfold(self, |mut listener| async move {
            listener.next().await.map(|bytes| (Ok(bytes), listener))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.allowed > 0
                && let Some(up_to) = self.pending.take()
            {
                self.allowed -= 1;
                self.hub.metrics().hint();
                return Some(hint(up_to, self.hub.spread_ms()));
            }
            tokio::select! {
                biased;
                () = self.hub.closing() => return None,
                () = self.seat.bell.replaced() => return None,
                _ = self.refill.tick(), if self.allowed < BURST => self.allowed += 1,
                () = self.seat.bell.rung() => self.rung().await,
                _ = self.check.tick() => {
                    if !self.may_stay().await {
                        return None;
                    }
                    return Some(ALIVE);
                }
            }
        }
    }

    async fn rung(&mut self) {
        if self.seat.bell.access_moved() {
            match scopes_of(&self.app, self.reader).await {
                Ok(scopes) => self.seat.reads(scopes),
                Err(error) => tracing::debug!(%error, "a listener's scopes could not be read"),
            }
        }
        let up_to = self.seat.bell.up_to();
        // Rung for new access alone, the position may be older than what was told, and
        // there is something all the same.
        self.pending = Some(self.pending.map_or(up_to, |pending| pending.max(up_to)));
    }

    /// Whether the session that opened the stream is still good.
    async fn may_stay(&self) -> bool {
        let now = self.app.clock().now();
        let verified = match &self.token {
            Token::Access(token) => {
                verify_access(self.app.storage(), token, now).await.map(|_signed| ())
            }
            Token::Web(session) => verify_web_session(&self.app, session).await.map(|_signed| ()),
        };
        match verified {
            Ok(()) => true,
            // The database does not answer now: nobody is thrown out for that.
            Err(AuthError::Storage(_)) => true,
            Err(why) => {
                tracing::debug!(device = %self.reader.device, %why, "a stream has ended");
                false
            }
        }
    }
}

fn hint(up_to: Seq, spread_ms: u32) -> Bytes {
    let hint = LiveHint { up_to: up_to.get(), spread_ms };
    let data = serde_json::to_string(&hint).unwrap_or_default();
    Bytes::from(format!("event: {HINT_EVENT}\ndata: {data}\n\n"))
}
