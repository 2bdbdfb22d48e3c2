//! TLS of our own, for a server without a proxy before it.
//!
//! Certificates are renewed every few weeks by a program that knows nothing of us. So
//! the files are looked at once a minute and read again when they have changed; one
//! that cannot be read is said in the log, and the old certificate stays in use.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// Where certificate and key are, PEM both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those between it and its root.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Why they cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{path} could not be read: {reason}", path = path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// There is no certificate in it.
    #[error("{path} holds no certificate in PEM form", path = path.display())]
    NoCertificate {
        /// Which.
        path: PathBuf,
    },
    /// They do not belong together, or are of a kind that is not known here.
    #[error("certificate and key cannot be used together: {reason}")]
    Unfit {
        /// Why not.
        reason: String,
    },
}

const LOOK: Duration = Duration::from_secs(60);

/// TLS with the newest certificate.
#[derive(Clone)]
pub(crate) struct Tls {
    files: Arc<TlsFiles>,
    current: Arc<RwLock<(Option<Stamp>, TlsAcceptor)>>,
}

/// When the two files were written.
type Stamp = (SystemTime, SystemTime);

impl Tls {
    pub(crate) fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let current = (stamp(&files), acceptor(&files)?);
        Ok(Self { files: Arc::new(files), current: Arc::new(RwLock::new(current)) })
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.current.read().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// Reads the files again if they have changed; whether they had.
    pub(crate) fn renew(&self) -> Result<bool, TlsError> {
        let now = stamp(&self.files);
        if now == self.current.read().unwrap_or_else(PoisonError::into_inner).0 {
            return Ok(false);
        }
        let renewed = acceptor(&self.files)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = (now, renewed);
        Ok(true)
    }

    /// Looks at the files until `token` is cancelled.
    pub(crate) async fn watch(self, token: CancellationToken) {
        loop {
            tokio::select! {
                () = token.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            match self.renew() {
                Ok(true) => tracing::info!("another certificate is in use"),
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "the old certificate stays in use"),
            }
        }
    }
}

fn stamp(files: &TlsFiles) -> Option<Stamp> {
    let written = |path: &Path| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
    written(&files.cert).zip(written(&files.key))
}

fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, TlsError> {
    let read = |path: &Path| {
        std::fs::read(path).map_err(|error| TlsError::Unreadable {
            path: path.to_owned(),
            reason: error.to_string(),
        })
    };
    let chain = CertificateDer::pem_slice_iter(&read(&files.cert)?)
        .collect::<Result<Vec<_>, _>>()
        .ok()
        .filter(|chain| !chain.is_empty())
        .ok_or_else(|| TlsError::NoCertificate { path: files.cert.clone() })?;
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?).map_err(|error| {
        TlsError::Unreadable { path: files.key.clone(), reason: error.to_string() }
    })?;
    let unfit = |error: rustls::Error| TlsError::Unfit { reason: error.to_string() };
    let mut config =
        rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unfit)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(unfit)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
