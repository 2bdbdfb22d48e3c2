//! What every handler and job shares.

use std::sync::Arc;

use crate::edge::{Clock, Random};
use crate::storage::AnyStorage;

/// The running server's state; cheap to clone.
#[derive(Clone)]
pub struct App {
    parts: Arc<Parts>,
}

struct Parts {
    storage: AnyStorage,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl App {
    /// The state over an open storage.
    pub fn new(storage: AnyStorage, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { parts: Arc::new(Parts { storage, clock, random }) }
    }

    /// What is kept.
    pub fn storage(&self) -> &AnyStorage {
        &self.parts.storage
    }

    /// The time, which a demo may run faster than life.
    pub fn clock(&self) -> &dyn Clock {
        &*self.parts.clock
    }

    /// Chance.
    pub fn random(&self) -> &dyn Random {
        &*self.parts.random
    }
}
