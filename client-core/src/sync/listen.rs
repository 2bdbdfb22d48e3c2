//! Staying in step: live hints where they come through, polling where they do not.
//!
//! A stream may end, be held back by a proxy, or be refused; each of these is one
//! event here, and each ends in a sync after some waiting. So a phone whose hints
//! never come is only slower: § polling alone brings everything.
//!
//! Whoever saved something expects it to go out while there is a signal. So a save asks
//! for a sync too: what is saved within a tenth of a second or during a sync goes in one.
//! Where there was no way to the server, a save brings the next try forward, yet not sooner
//! than ten seconds after the last: a phone without a network must not knock once for every
//! visit that its owner logs. Where the server asked to wait, a save waits too.

use super::answer::Fault;
use super::backoff::{Backoff, Chance};
use crate::protocol::LiveHint;
use crate::time::Timestamp;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Somebody wants to stay in step.
    Begin,
    /// A hint came; the first of a stream also says that it works.
    Hint(LiveHint),
    /// There is no stream, or no more.
    Lost(Lost),
    /// Something was saved on this phone and waits to be sent.
    Saved,
    /// The sync that was asked for did what it could.
    Synced,
    /// It did not work.
    SyncFailed {
        /// Why.
        fault: Fault,
        /// When trying again makes sense.
        retry_at: Option<Timestamp>,
    },
    /// The rest that was asked for is over.
    Rested,
}

/// Why there is no stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// No connection, or it broke off.
    Broken,
    /// It ended in order: the server stops, or the token was too old.
    Ended,
    /// Nothing came for too long: held back by a proxy, or half open.
    Silent,
    /// The token has expired; a sync gets the next one.
    TokenExpired,
    /// The server has no room for another stream, or none at all.
    Refused {
        /// What it asked to wait.
        retry_after_s: Option<u32>,
    },
}

/// What to do now, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Open a stream; tell of its hints and of its end.
    Connect,
    /// Wait so many milliseconds.
    Rest {
        /// How long.
        millis: i64,
    },
    /// Run a sync.
    Sync,
    /// It is over: a person has to act first.
    Stop(Fault),
}

/// What can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Milliseconds between two polls where no stream can be had, at most.
    pub poll_every_ms: i64,
}

/// How long saves are gathered: a visit, its plan and its customer are three of them, and
/// nobody notices the wait.
const GATHER_MS: i64 = 100;

/// What a save leaves between two tries without a network.
const KNOCK_MS: i64 = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Down,
    Connecting,
    Up,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Nothing,
    /// Before a sync: the spread of a hint.
    RestingToSync,
    /// Before a sync: more may be saved yet.
    RestingToSend,
    /// Before another try: the last sync failed.
    RestingToRetry,
    /// Before another try for a stream.
    RestingToConnect,
    Syncing,
}

/// What follows a sync while there is no stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Connect,
    Rest { millis: i64 },
}

/// Decides when to pull. One stream, one sync and one rest at a time.
#[derive(Debug, Clone)]
pub struct Listen {
    pace: Pace,
    link: Link,
    doing: Doing,
    next: Next,
    backoff: Backoff,
    /// Up to where the running or coming sync pulls.
    wanted: u64,
    /// Up to where syncs have pulled since the stream was opened.
    pulled: u64,
    /// A hint that came while a sync ran, and may be about something after it.
    again: Option<LiveHint>,
    /// Something was saved while a sync ran, and may have come too late for it.
    unsent: bool,
    /// A save brings the next try forward to then.
    sooner: Option<Timestamp>,
    /// The server wants no stream before; syncs go on.
    no_stream_before: Timestamp,
    /// A sync has been tried for a fresh token.
    renewed: bool,
}

impl Listen {
    /// At rest.
    pub fn new(pace: Pace) -> Self {
        Self {
            pace,
            link: Link::Down,
            doing: Doing::Nothing,
            next: Next::Connect,
            backoff: Backoff::default(),
            wanted: 0,
            pulled: 0,
            again: None,
            unsent: false,
            sooner: None,
            no_stream_before: Timestamp::default(),
            renewed: false,
        }
    }

    /// Whether a stream is open.
    pub fn is_listening(&self) -> bool {
        self.link == Link::Up
    }

    /// Takes what happened, gives what to do.
    pub fn handle(&mut self, now: Timestamp, chance: Chance, heard: Heard) -> Vec<Step> {
        match heard {
            Heard::Begin => self.sync(),
            Heard::Hint(hint) => self.hint(chance, hint),
            Heard::Lost(lost) => self.lost(now, chance, lost),
            Heard::Saved => self.saved(now),
            Heard::Rested => self.rested(now, chance),
            Heard::Synced => self.synced(chance),
            Heard::SyncFailed { fault, .. } if !fault.retries() => vec![Step::Stop(fault)],
            Heard::SyncFailed { fault, retry_at } => {
                let millis = retry_at.map_or(self.pace.poll_every_ms, |at| at.since(now));
                let no_way = matches!(fault, Fault::Offline | Fault::TimedOut);
                self.sooner = (no_way && millis > KNOCK_MS).then(|| now.plus_millis(KNOCK_MS));
                self.unsent = false;
                self.rest(Doing::RestingToRetry, millis)
            }
        }
    }

    fn saved(&mut self, now: Timestamp) -> Vec<Step> {
        match self.doing {
            Doing::Syncing => {
                self.unsent = true;
                Vec::new()
            }
            Doing::RestingToSend => Vec::new(),
            Doing::RestingToRetry => match self.sooner.take() {
                Some(at) => self.rest(Doing::RestingToRetry, at.since(now).max(GATHER_MS)),
                None => Vec::new(),
            },
            Doing::Nothing | Doing::RestingToSync | Doing::RestingToConnect => {
                self.rest(Doing::RestingToSend, GATHER_MS)
            }
        }
    }

    fn hint(&mut self, chance: Chance, hint: LiveHint) -> Vec<Step> {
        let opening = self.link != Link::Up;
        if opening {
            self.link = Link::Up;
            self.backoff.succeed();
            self.renewed = false;
            // Another life of the server's data may count from another number.
            (self.wanted, self.pulled) = (0, 0);
        }
        if !opening && hint.up_to <= self.pulled {
            return Vec::new();
        }
        match self.doing {
            Doing::Syncing => {
                self.again = Some(hint);
                Vec::new()
            }
            Doing::RestingToSync | Doing::RestingToSend | Doing::RestingToRetry => {
                self.wanted = self.wanted.max(hint.up_to);
                Vec::new()
            }
            Doing::Nothing | Doing::RestingToConnect => {
                self.wanted = hint.up_to;
                match chance.part_of(i64::from(hint.spread_ms)) {
                    0 => self.sync(),
                    millis => self.rest(Doing::RestingToSync, millis),
                }
            }
        }
    }

    fn lost(&mut self, now: Timestamp, chance: Chance, lost: Lost) -> Vec<Step> {
        let was_up = std::mem::replace(&mut self.link, Link::Down) == Link::Up;
        self.again = None;
        self.next = match lost {
            Lost::TokenExpired if !std::mem::replace(&mut self.renewed, true) => Next::Connect,
            _ => {
                let until = self.backoff.fail(now, chance, None);
                Next::Rest { millis: until.since(now).min(self.pace.poll_every_ms) }
            }
        };
        if let Lost::Refused { retry_after_s: Some(seconds) } = lost {
            self.no_stream_before = now.plus_millis(i64::from(seconds) * 1000);
        }
        match (self.doing, self.next) {
            // Phones that heard until now lost nothing yet, and the whole fleet may have
            // lost its streams in the same moment.
            (Doing::Nothing, Next::Rest { millis }) if was_up => {
                self.rest(Doing::RestingToConnect, millis)
            }
            (Doing::Nothing | Doing::RestingToConnect, _) => self.sync(),
            (
                Doing::RestingToSync
                | Doing::RestingToSend
                | Doing::RestingToRetry
                | Doing::Syncing,
                _,
            ) => Vec::new(),
        }
    }

    fn rested(&mut self, now: Timestamp, chance: Chance) -> Vec<Step> {
        let to_connect = self.doing == Doing::RestingToConnect && self.link == Link::Down;
        if to_connect && self.no_stream_before <= now {
            self.doing = Doing::Nothing;
            return self.connect();
        }
        if to_connect {
            // A poll, and another one after that: half of the pace and a random half.
            let half = self.pace.poll_every_ms / 2;
            self.next = Next::Rest { millis: half + chance.part_of(half) };
        }
        self.sync()
    }

    fn synced(&mut self, chance: Chance) -> Vec<Step> {
        self.doing = Doing::Nothing;
        self.pulled = self.pulled.max(self.wanted);
        let again = self.again.take();
        if std::mem::take(&mut self.unsent) {
            self.wanted = self.wanted.max(again.map_or(0, |hint| hint.up_to));
            return self.rest(Doing::RestingToSend, GATHER_MS);
        }
        if let Some(hint) = again {
            return self.hint(chance, hint);
        }
        match (self.link, self.next) {
            (Link::Connecting | Link::Up, _) => Vec::new(),
            (Link::Down, Next::Connect) => self.connect(),
            (Link::Down, Next::Rest { millis }) => self.rest(Doing::RestingToConnect, millis),
        }
    }

    fn connect(&mut self) -> Vec<Step> {
        self.link = Link::Connecting;
        vec![Step::Connect]
    }

    fn sync(&mut self) -> Vec<Step> {
        self.doing = Doing::Syncing;
        vec![Step::Sync]
    }

    fn rest(&mut self, why: Doing, millis: i64) -> Vec<Step> {
        self.doing = why;
        vec![Step::Rest { millis: millis.max(0) }]
    }
}

#[cfg(test)]
mod tests;
