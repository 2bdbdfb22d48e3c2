//! Where a request comes from.
//!
//! `X-Forwarded-For` is whatever a client writes, so it is read only behind a
//! proxy of ours, and then only its last entry: the one our proxy appended.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// The peer of the connection, put on every request by the listener.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Whether a proxy of ours stands in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proxy {
    /// Clients connect to us.
    #[default]
    None,
    /// A proxy connects to us and appends the client to `X-Forwarded-For`.
    Trusted,
}

/// The client's address.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddr(pub IpAddr);

impl ClientAddr {
    /// The client of a request.
    pub(super) fn of(parts: &Parts) -> Self {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
        let forwarded = match parts.extensions.get::<Proxy>() {
            Some(Proxy::Trusted) => parts
                .headers
                .get_all("x-forwarded-for")
                .iter()
                .next_back()
                .and_then(|value| value.to_str().ok())
                .and_then(|list| list.rsplit(',').next())
                .and_then(|last| last.trim().parse().ok()),
            _ => None,
        };
        Self(forwarded.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddr {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts))
    }
}
