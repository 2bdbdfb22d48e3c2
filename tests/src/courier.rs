//! Carries a phone's requests to a real server, and can stop: a network that ends
//! after so many answers, and a look at the phone before each request.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use client_core::engine::{Carried, Carrier, Outbound};
use client_core::sync::{Answer, TransportFault};

type Look = Box<dyn FnMut(u64) + Send>;

/// A network between one phone and its server.
pub struct Courier {
    url: String,
    http: reqwest::Client,
    carried: AtomicU64,
    allowed: AtomicU64,
    lost: AtomicU64,
    look: Mutex<Option<Look>>,
}

impl Courier {
    /// A network that carries everything to this server.
    pub fn to(url: &str) -> anyhow::Result<Arc<Self>> {
        // Whoever was first has installed one; any will do.
        drop(rustls::crypto::ring::default_provider().install_default());
        Ok(Arc::new(Self {
            url: url.to_owned(),
            http: reqwest::Client::builder().http1_only().build()?,
            carried: AtomicU64::new(0),
            allowed: AtomicU64::new(u64::MAX),
            lost: AtomicU64::new(0),
            look: Mutex::new(None),
        }))
    }

    /// Carries so many requests more, then nothing.
    pub fn allow(&self, requests: u64) {
        self.allowed.store(self.carried() + requests, Ordering::SeqCst);
    }

    /// Loses the next so many answers: the server did what it was asked, and nobody
    /// is told.
    pub fn lose(&self, answers: u64) {
        self.lost.store(answers, Ordering::SeqCst);
    }

    /// Requests that were answered.
    pub fn carried(&self) -> u64 {
        self.carried.load(Ordering::SeqCst)
    }

    /// Calls `look` before each request with the number of those answered so far.
    pub fn before_each(&self, look: impl FnMut(u64) + Send + 'static) {
        *self.look.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(look));
    }
}

impl Carrier for Courier {
    fn carry(&self, post: Outbound) -> Carried {
        let carried = self.carried();
        if let Some(look) = self.look.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            look(carried);
        }
        if carried >= self.allowed.load(Ordering::SeqCst) {
            return Box::pin(async { Err(TransportFault::Offline) });
        }
        self.carried.fetch_add(1, Ordering::SeqCst);
        let fewer = |lost: u64| lost.checked_sub(1);
        let loses = self.lost.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer).is_ok();
        let mut request = self
            .http
            .post(format!("{}{}", self.url, post.path))
            .header("content-type", post.content_type)
            .header("accept-encoding", "zstd");
        if let Some(encoding) = post.encoding.header() {
            request = request.header("content-encoding", encoding);
        }
        if let Some(token) = &post.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let sent = request.body(post.body).send();
        Box::pin(async move {
            let response = sent.await.map_err(|_error| TransportFault::Broken)?;
            let text = |name: &str| {
                response
                    .headers()
                    .get(name)
                    .and_then(|value| value.to_str().ok())
                    .map(str::to_owned)
            };
            let (status, content_type) = (response.status().as_u16(), text("content-type"));
            let content_encoding = text("content-encoding");
            let body = response.bytes().await.map_err(|_error| TransportFault::Broken)?.to_vec();
            if loses {
                return Err(TransportFault::Broken);
            }
            Ok(Answer { status, content_type, content_encoding, retry_after_s: None, body })
        })
    }
}
