//! A server with TLS, vouched for by an authority that only its own org knows.

use std::path::Path;
use std::process::{Command, Stdio};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::company::Company;
use crate::process::Relay;

/// The server, and who vouches for it.
pub(super) struct Private {
    server: Relay,
    /// The authority's certificate, PEM.
    pub authority: String,
}

impl Private {
    /// Founds an org in `data`, makes its certificate there and serves it.
    pub async fn start(program: &str, data: &Path) -> anyhow::Result<Self> {
        Company::found(data, &[]).await?;
        let (cert, key) = (data.join("cert.pem"), data.join("key.pem"));
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let own = KeyPair::generate()?;
        let params = CertificateParams::new(vec!["localhost".to_owned()])?;
        std::fs::write(&cert, params.signed_by(&own, &authority)?.pem())?;
        std::fs::write(&key, own.serialize_pem())?;
        let options = ["--tls-cert".as_ref(), cert.as_ref(), "--tls-key".as_ref(), key.as_ref()];
        let mut command = Command::new(program);
        command.stderr(Stdio::null());
        let server = Relay::run_with(command, data, "127.0.0.1:0", &options)?;
        Ok(Self { server, authority: authority.pem() })
    }

    /// Its address by the name that its certificate holds.
    pub fn url(&self) -> String {
        let port = self.server.addr.rsplit(':').next().unwrap_or_default();
        format!("https://localhost:{port}")
    }
}
