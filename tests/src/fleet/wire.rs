//! The network between the phones and the server: it counts, and it is not counted.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::fleet::meter::NOT_COUNTED;
use crate::wiretap::{Traffic, Wiretap};

/// One tap for each phone, on threads of their own, so that their CPU can be
/// told from the phones'.
pub struct Wire {
    server: SocketAddr,
    runtime: Option<tokio::runtime::Runtime>,
    taps: Vec<Wiretap>,
}

impl Wire {
    /// A wire to `server`.
    pub fn to(server: SocketAddr) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name(NOT_COUNTED)
            .enable_all()
            .build()?;
        Ok(Self { server, runtime: Some(runtime), taps: Vec::new() })
    }

    /// The address at which one more phone finds the server. The server sees each
    /// phone at an address of its own, as it would outside: its limits on attempts
    /// and requests are per address.
    pub async fn plug_in(&mut self) -> anyhow::Result<String> {
        let number = u16::try_from(self.taps.len())?;
        let [high, low] = number.to_be_bytes();
        let address = IpAddr::V4(Ipv4Addr::new(127, 77, high, low.saturating_add(1)));
        let server = self.server;
        let Some(runtime) = &self.runtime else { anyhow::bail!("the wire is cut") };
        let tap = runtime.spawn(async move { Wiretap::seen_as(address, server).await }).await??;
        let url = tap.url();
        self.taps.push(tap);
        Ok(url)
    }

    /// What has crossed so far, of all phones together.
    pub fn traffic(&self) -> Traffic {
        let all = self.taps.iter().map(Wiretap::traffic);
        all.fold(Traffic { up: 0, down: 0, requests: 0 }, |sum, one| Traffic {
            up: sum.up + one.up,
            down: sum.down + one.down,
            requests: sum.requests + one.requests,
        })
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.taps.clear();
        // Dropping a runtime waits, which is not allowed inside another one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
