//! HTTP, and nothing but HTTP.
//!
//! Headers are kept to what the exchange needs: a sync with nothing to do has
//! 400 bytes for the whole request.

use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use reqwest::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};

use super::{ClientError, Config, session};
use crate::protocol::{MAX_PAGE_BYTES, MEDIA_TYPE, codec};
use crate::sync::{Answer, TransportFault};

/// What an exchange cost on the wire, headers included, TLS framing not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cost {
    pub requests: u64,
    pub up: u64,
    pub down: u64,
}

/// What is posted.
#[derive(Clone)]
pub struct Outbound {
    /// To which path of the server.
    pub path: &'static str,
    /// The bearer token, where one is needed.
    pub token: Option<String>,
    /// The media type.
    pub content_type: &'static str,
    /// How the body is compressed.
    pub encoding: codec::Encoding,
    /// The body.
    pub body: Vec<u8>,
}

impl Outbound {
    /// A message that people read, without a token.
    pub(super) fn json<T: serde::Serialize>(
        path: &'static str,
        message: &T,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            path,
            token: None,
            content_type: "application/json",
            encoding: codec::Encoding::Identity,
            body: serde_json::to_vec(message)?,
        })
    }
}

impl std::fmt::Debug for Outbound {
    /// Without the token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound")
            .field("path", &self.path)
            .field("content_type", &self.content_type)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Carries requests in place of the engine's own HTTP: for an app that has to use
/// its system's stack, and for simulations.
pub trait Carrier: Send + Sync {
    /// Posts and reads the whole answer, whatever it is.
    fn carry(&self, post: Outbound) -> Carried;
}

/// What a [`Carrier`] comes back with.
pub type Carried = Pin<Box<dyn Future<Output = Result<Answer, TransportFault>> + Send>>;

/// The way to one server.
pub(super) struct Transport {
    way: Way,
    /// None until an invitation has named it.
    server: RwLock<Option<Server>>,
}

enum Way {
    /// Our own connection pool.
    Http(Http),
    /// Somebody else's.
    Carrier(Arc<dyn Carrier>),
}

struct Http {
    pool: reqwest::Client,
    /// Silence for so long is the end.
    patience: Duration,
}

/// A server's address.
#[derive(Debug, Clone)]
pub(super) struct Server {
    url: String,
    host_len: u64,
}

impl Server {
    pub(super) fn at(url: &str) -> Result<Self, ClientError> {
        let parsed: reqwest::Url = url.parse().map_err(|error| ClientError::Unusable {
            what: "the server's address",
            reason: format!("{url:?}: {error}"),
        })?;
        let host_len = parsed.host_str().map_or(0, str::len) + parsed.port().map_or(0, |_port| 6);
        Ok(Self { url: url.to_owned(), host_len: host_len as u64 })
    }
}

/// Mobile networks stall rather than fail: after this, nobody is there.
const CONNECT: Duration = Duration::from_secs(15);
/// The slowest way that still counts as one, in bytes a second. One limit for whole
/// exchanges would end every long one there, and the same again the next time.
const SLOWEST: u64 = 1024;

impl Transport {
    pub(super) fn new(config: &Config) -> Result<Self, ClientError> {
        let server = if config.server_url.is_empty() {
            session::last_server(&config.dir).map(|url| Server::at(&url)).transpose()?
        } else {
            Some(Server::at(&config.server_url)?)
        };
        let way = match &config.carrier {
            Some(carrier) => Way::Carrier(Arc::clone(carrier)),
            None => Way::Http(http(config)?),
        };
        Ok(Self { way, server: RwLock::new(server) })
    }

    /// Whether it is known where to connect to.
    pub(super) fn has_server(&self) -> bool {
        self.server().is_some()
    }

    /// Our own connections and the server's address, for what is no exchange; none over
    /// somebody else's way, which carries exchanges alone.
    pub(super) fn direct(&self) -> Option<(&reqwest::Client, String)> {
        let Way::Http(http) = &self.way else { return None };
        Some((&http.pool, self.server()?.url))
    }

    /// From now on, this is the server.
    pub(super) fn use_server(&self, server: Server) {
        *self.server.write().unwrap_or_else(PoisonError::into_inner) = Some(server);
    }

    fn server(&self) -> Option<Server> {
        self.server.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Posts and reads the whole answer, whatever it is.
    pub(super) async fn post(
        &self,
        outbound: Outbound,
        cost: &mut Cost,
    ) -> Result<Answer, TransportFault> {
        let server = self.server().ok_or(TransportFault::Offline)?;
        self.post_to(&server, outbound, cost).await
    }

    /// The same to a server that was not decided on yet.
    pub(super) async fn post_to(
        &self,
        server: &Server,
        outbound: Outbound,
        cost: &mut Cost,
    ) -> Result<Answer, TransportFault> {
        match &self.way {
            Way::Http(http) => post_http(http, server, outbound, cost).await,
            Way::Carrier(carrier) => {
                cost.requests += 1;
                cost.up += outbound.body.len() as u64;
                let answer = carrier.carry(outbound).await?;
                cost.down += answer.body.len() as u64;
                Ok(answer)
            }
        }
    }
}

/// The pool of connections.
fn http(config: &Config) -> Result<Http, ClientError> {
    let failed = |reason: String| ClientError::Setup { reason };
    let builder = reqwest::Client::builder()
        // A portal's redirect is an answer to be recognised, not followed.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .http1_only()
        .connect_timeout(CONNECT.min(config.patience));
    let builder = secure(builder, config.extra_roots_pem.as_deref())?;
    let pool = builder.build().map_err(|error| failed(error.to_string()))?;
    Ok(Http { pool, patience: config.patience })
}

/// Waits no longer than that.
async fn within<T>(
    patience: Duration,
    waiting: impl Future<Output = Result<T, reqwest::Error>>,
) -> Result<T, TransportFault> {
    match tokio::time::timeout(patience, waiting).await {
        Ok(done) => done.map_err(|error| classify(&error)),
        Err(_silence) => Err(TransportFault::TimedOut),
    }
}

async fn post_http(
    http: &Http,
    server: &Server,
    outbound: Outbound,
    cost: &mut Cost,
) -> Result<Answer, TransportFault> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(outbound.content_type));
    if let Some(encoding) = outbound.encoding.header() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if outbound.content_type == MEDIA_TYPE
        && let Some(wanted) = codec::Encoding::PREFERRED.header()
    {
        headers.insert(reqwest::header::ACCEPT_ENCODING, HeaderValue::from_static(wanted));
    }
    if let Some(token) = &outbound.token {
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_error| TransportFault::Broken)?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    cost.requests += 1;
    cost.up += size_of(server, &outbound, &headers);
    let on_its_way = Duration::from_secs(outbound.body.len() as u64 / SLOWEST);
    let url = format!("{}{}", server.url, outbound.path);
    let request = http.pool.post(url).headers(headers).body(outbound.body);
    let mut response = within(http.patience + on_its_way, request.send()).await?;
    let status = response.status();
    let reason_len = status.canonical_reason().map_or(0, str::len) as u64;
    cost.down += 15 + reason_len + lines(response.headers().iter());
    let text = |name: HeaderName| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let mut answer = Answer {
        status: status.as_u16(),
        content_type: text(CONTENT_TYPE),
        content_encoding: text(CONTENT_ENCODING),
        retry_after_s: text(RETRY_AFTER).and_then(|value| value.trim().parse().ok()),
        body: Vec::new(),
    };
    while let Some(chunk) = within(http.patience, response.chunk()).await? {
        cost.down += chunk.len() as u64;
        // A body beyond any page is nobody's page; the decoder will say so.
        if answer.body.len() <= MAX_PAGE_BYTES {
            answer.body.extend_from_slice(&chunk);
        }
    }
    Ok(answer)
}

/// The request's size: its line, host, length and accept headers are added below us.
fn size_of(server: &Server, outbound: &Outbound, headers: &HeaderMap) -> u64 {
    let digits = outbound.body.len().to_string().len() as u64;
    let line = "POST  HTTP/1.1\r\n".len() as u64 + outbound.path.len() as u64;
    let host = "host: \r\n".len() as u64 + server.host_len;
    let below = "accept: */*\r\ncontent-length: \r\n\r\n".len() as u64 + digits;
    line + host + below + lines(headers.iter()) + outbound.body.len() as u64
}

/// Bytes of header lines.
fn lines<'a>(headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>) -> u64 {
    headers.map(|(name, value)| name.as_str().len() as u64 + value.len() as u64 + 4).sum()
}

fn classify(error: &reqwest::Error) -> TransportFault {
    if error.is_timeout() {
        return TransportFault::TimedOut;
    }
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(cause) = source {
        let text = cause.to_string();
        if text.contains("certificate") || text.contains("tls") || text.contains("TLS") {
            return TransportFault::Insecure;
        }
        source = cause.source();
    }
    if error.is_connect() { TransportFault::Offline } else { TransportFault::Broken }
}

#[cfg(feature = "tls")]
fn secure(
    builder: reqwest::ClientBuilder,
    extra_roots_pem: Option<&[u8]>,
) -> Result<reqwest::ClientBuilder, ClientError> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    let failed = |reason: String| ClientError::Setup { reason };
    let unusable =
        |reason: String| ClientError::Unusable { what: "the certificate of the authority", reason };
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = extra_roots_pem {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
            roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(unusable("no PEM certificate is in it".to_owned()));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(builder.tls_backend_preconfigured(tls))
}

#[cfg(not(feature = "tls"))]
fn secure(
    builder: reqwest::ClientBuilder,
    _extra_roots_pem: Option<&[u8]>,
) -> Result<reqwest::ClientBuilder, ClientError> {
    Ok(builder)
}
