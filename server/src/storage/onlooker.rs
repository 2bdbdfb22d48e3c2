//! What somebody beside the storage hears of its commits.
//!
//! Whoever waits for news must not ask the database every second, and a commit must
//! not wait for whoever wants to know. So the writer tells one onlooker after each
//! commit what it moved, from memory, and the onlooker may not block.

use std::collections::BTreeSet;
use std::time::Duration;

use client_core::id::{OrgId, ReplicaId, UserId};
use client_core::protocol::Scope;

use super::model::Seq;

/// One thing that a commit moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// A row of the feed was written.
    Feed {
        /// The org.
        org: OrgId,
        /// Its position.
        seq: Seq,
        /// Who reads it.
        scopes: BTreeSet<Scope>,
        /// The replica that pushed it.
        origin: Option<ReplicaId>,
    },
    /// What a user may read is no longer what it was.
    Access {
        /// The org.
        org: OrgId,
        /// The user.
        user: UserId,
    },
}

/// How one transaction of the writer went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// Jobs in it.
    pub jobs: usize,
    /// Jobs that waited when it was done.
    pub waiting: usize,
    /// From its beginning until it was durable.
    pub took: Duration,
    /// Whether it was kept.
    pub kept: bool,
}

/// Hears of commits, on the writer's thread: what it does there, every commit waits for.
pub trait Onlooker: Send + Sync {
    /// These were committed, in this order.
    fn committed(&self, moved: Vec<Moved>);
    /// A transaction ended.
    fn group(&self, group: Group);
}
