//! One phase: what it cost, in words and in JSON.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::stopwatch::{Laps, millis, now};
use super::world::World;
use crate::wiretap::Traffic;

/// What a phase cost, all phones together.
#[derive(Debug, Clone)]
pub struct Phase {
    /// Its name.
    pub name: &'static str,
    /// How often its thing was done: syncs, saves, visits.
    pub times: u64,
    /// Wall time.
    pub wall: Duration,
    /// CPU of the phones, the measuring included.
    pub client_cpu: Duration,
    /// CPU of the server.
    pub server_cpu: Duration,
    /// The server's largest memory in the phase, in bytes.
    pub server_peak: u64,
    /// Bytes and requests at the socket, HTTP headers included.
    pub traffic: Traffic,
    /// How long each thing took.
    pub laps: Laps,
    /// What else there is to say.
    pub more: Map<String, Value>,
}

/// The readings at a beginning.
pub struct Begun {
    at: std::time::Instant,
    client_cpu: Duration,
    server_cpu: Duration,
    traffic: Traffic,
}

impl Begun {
    /// Reads everything.
    pub fn now(world: &mut World) -> Self {
        world.server.reset_peak();
        Self {
            client_cpu: world.own.cpu(),
            server_cpu: world.server.cpu(),
            traffic: world.wire.traffic(),
            at: now(),
        }
    }

    /// Wall time so far.
    pub fn elapsed(&self) -> Duration {
        self.at.elapsed()
    }

    /// What has been used since; `wall` as measured by the caller.
    pub fn end(self, world: &mut World, name: &'static str, wall: Duration, laps: Laps) -> Phase {
        let traffic = world.wire.traffic();
        Phase {
            name,
            times: laps.len() as u64,
            wall,
            client_cpu: world.own.cpu().saturating_sub(self.client_cpu),
            server_cpu: world.server.cpu().saturating_sub(self.server_cpu),
            server_peak: world.server.peak(),
            traffic: Traffic {
                up: traffic.up - self.traffic.up,
                down: traffic.down - self.traffic.down,
                requests: traffic.requests - self.traffic.requests,
            },
            laps,
            more: Map::new(),
        }
    }
}

impl Phase {
    /// The same phase with one more thing to say.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.more.insert(key.into(), value.into());
        self
    }

    /// As the answer of `--json`.
    pub fn json(&self) -> Value {
        let mut all = json!({
            "phase": self.name,
            "times": self.times,
            "requests": self.traffic.requests,
            "bytes_up": self.traffic.up,
            "bytes_down": self.traffic.down,
            "wall_ms": millis(self.wall),
            "client_cpu_ms": millis(self.client_cpu),
            "server_cpu_ms": millis(self.server_cpu),
            "server_peak_mb": megabytes(self.server_peak),
            "p50_ms": millis(self.laps.percentile(50)),
            "p99_ms": millis(self.laps.percentile(99)),
        });
        if let Value::Object(fields) = &mut all {
            fields.extend(self.more.clone());
        }
        all
    }

    /// The head of the table for people.
    pub fn head() -> String {
        format!(
            "{:<14}{:>7}{:>10}{:>12}{:>12}{:>12}{:>12}{:>12}{:>9}{:>10}{:>10}",
            "phase",
            "times",
            "requests",
            "bytes up",
            "bytes down",
            "wall ms",
            "client ms",
            "server ms",
            "peak MB",
            "p50 ms",
            "p99 ms"
        )
    }

    /// A line of the table for people.
    pub fn line(&self) -> String {
        format!(
            "{:<14}{:>7}{:>10}{:>12}{:>12}{:>12.1}{:>12.1}{:>12.1}{:>9.1}{:>10.2}{:>10.2}",
            self.name,
            self.times,
            self.traffic.requests,
            self.traffic.up,
            self.traffic.down,
            millis(self.wall),
            millis(self.client_cpu),
            millis(self.server_cpu),
            megabytes(self.server_peak),
            millis(self.laps.percentile(50)),
            millis(self.laps.percentile(99)),
        )
    }
}

fn megabytes(bytes: u64) -> f64 {
    (bytes as f64 / 1e5).round() / 10.0
}
