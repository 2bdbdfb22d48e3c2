//! Who may sync now, and who comes again later.
//!
//! When a whole region finds signal at once, answering everybody slowly is worse than
//! answering some: memory piles up, every request times out, and all come again. So a
//! few syncs work, a bounded number waits, and the rest is told when to come back, each
//! at another time. Bodies are counted by their bytes while they arrive, so that slow
//! ones cost memory that was set aside; a device has two requests in flight at most,
//! so no single phone can take what is there for all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use client_core::id::DeviceId;
use client_core::protocol::{MAX_PUSH_BYTES, ProblemCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::ProblemResponse;
use crate::app::App;

/// What can be set about syncs at the same time.
#[derive(Debug, Clone, Copy)]
pub struct AdmissionConfig {
    /// Syncs that work.
    pub working: usize,
    /// Syncs whose bodies are here and that wait for their turn.
    pub waiting: usize,
    /// How long one waits at most.
    pub patience: Duration,
    /// Bytes of bodies in memory.
    pub body_bytes: usize,
    /// Requests of one device in flight.
    pub per_device: u32,
}

impl Default for AdmissionConfig {
    /// For a server of 2 cores and 150 MB: what works needs a few megabytes each at worst.
    fn default() -> Self {
        Self {
            working: 16,
            waiting: 256,
            patience: Duration::from_secs(10),
            body_bytes: 48 << 20,
            per_device: 2,
        }
    }
}

/// Bodies are counted in these.
const PIECE: usize = 1024;

/// The turnstile of one server.
pub(crate) struct Admission {
    config: AdmissionConfig,
    working: Semaphore,
    waiting: Semaphore,
    bodies: Arc<Semaphore>,
    devices: Arc<Mutex<HashMap<DeviceId, u32>>>,
}

/// Room for one request's body, until dropped.
pub(super) struct Place {
    _body: OwnedSemaphorePermit,
    _device: OfDevice,
}

struct OfDevice {
    devices: Arc<Mutex<HashMap<DeviceId, u32>>>,
    device: DeviceId,
}

impl Drop for OfDevice {
    fn drop(&mut self) {
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = devices.get_mut(&self.device) {
            *count -= 1;
            if *count == 0 {
                devices.remove(&self.device);
            }
        }
    }
}

impl Admission {
    pub(crate) fn new(config: AdmissionConfig) -> Self {
        let pieces = (config.body_bytes / PIECE).max(MAX_PUSH_BYTES / PIECE);
        Self {
            config,
            working: Semaphore::new(config.working.max(1)),
            waiting: Semaphore::new(config.waiting.max(1)),
            bodies: Arc::new(Semaphore::new(pieces)),
            devices: Arc::default(),
        }
    }

    /// Room for a body of `length` bytes; of the largest if nobody said.
    pub(super) fn place(
        &self,
        app: &App,
        device: DeviceId,
        length: Option<usize>,
    ) -> Result<Place, ProblemResponse> {
        let of_device = self.of_device(device).ok_or_else(|| {
            let detail = "This device has other requests in flight: wait for their answers.";
            ProblemResponse::new(ProblemCode::SlowDown, detail).after(1 + u64::from(app.chance(3)))
        })?;
        let bytes = length.unwrap_or(MAX_PUSH_BYTES).min(MAX_PUSH_BYTES);
        let pieces = u32::try_from(bytes.div_ceil(PIECE).max(1)).unwrap_or(u32::MAX);
        let body = Arc::clone(&self.bodies)
            .try_acquire_many_owned(pieces)
            .map_err(|_none_left| self.busy(app))?;
        Ok(Place { _body: body, _device: of_device })
    }

    fn of_device(&self, device: DeviceId) -> Option<OfDevice> {
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        let count = devices.entry(device).or_default();
        if *count >= self.config.per_device {
            return None;
        }
        *count += 1;
        Some(OfDevice { devices: Arc::clone(&self.devices), device })
    }

    /// A turn to work, after waiting a little.
    pub(super) async fn turn(&self, app: &App) -> Result<SemaphorePermit<'_>, ProblemResponse> {
        if let Ok(turn) = self.working.try_acquire() {
            return Ok(turn);
        }
        let _waits = self.waiting.try_acquire().map_err(|_none_left| self.busy(app))?;
        match tokio::time::timeout(self.config.patience, self.working.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(self.busy(app)),
        }
    }

    /// Two seconds for what works now, and a random part of what the waiting need.
    fn busy(&self, app: &App) -> ProblemResponse {
        let waiting = self.config.waiting.saturating_sub(self.waiting.available_permits());
        let spread = u32::try_from(waiting / 8).unwrap_or(u32::MAX).clamp(5, 60);
        let detail = "More phones sync now than can be served. Nothing of this was stored; it \
                      stays on the phone and goes out when it comes again.";
        let seconds = 2 + u64::from(app.chance(spread));
        ProblemResponse::new(ProblemCode::Unavailable, detail).after(seconds)
    }
}
