//! fieldsync's core: what runs on a rep's phone and, in its pure parts, on the server.
//!
//! # What a replica is
//!
//! A rep works where there is no signal, so the phone does not cache the server:
//! it holds the truth of its user's day. That copy is a **replica**: one SQLite file
//! per org and user with
//!
//! - **documents** ([`docs`]): customers, visits, deals and day plans as CRDTs, which
//!   several people edit offline and which merge without anybody losing anything;
//! - **records** ([`records`]): what only the office decides (who holds which
//!   customer, policy, calendar, targets, official scorecards), read-only here;
//! - **projection rows** ([`projection`]): the documents' state as screens, search
//!   and rules read it;
//! - an **outbox**: every change made here until the server confirmed it.
//!
//! A save is one durable transaction over all of them and never waits for a network.
//! Sync is one request that may be repeated at any point; nothing shows as stored
//! before the server committed it, and what the server does not take stays visible.
//!
//! # A typical day
//!
//! ```
//! # #[cfg(feature = "engine")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use client_core::docs::visit::{NextStep, Outcome, VisitMode};
//! use client_core::engine::{Client, Config, DeviceInfo, ItemStatus, NewCustomer, NewVisit};
//! # use client_core::{engine::SignedIn, id::{OrgId, UserId}, records::Role};
//!
//! # let dir = tempfile::tempdir()?;
//! # let dir = dir.path();
//! let device = DeviceInfo {
//!     name: "Anna's phone".into(),
//!     platform: "android".into(),
//!     app_version: "1.0.0".into(),
//! };
//! let client = Client::open(Config::new(dir, "https://sales.example.com", device))?;
//! // Once, with signal: client.sign_in("anna", "…").await?;
//! # client.open_offline(SignedIn {
//! #     org: OrgId::from_bytes([1; 16]), org_name: "Acme".into(),
//! #     user: UserId::from_bytes([2; 16]), user_name: "Anna".into(), role: Role::Rep,
//! # })?;
//!
//! // From here on without signal.
//! let created = client.create_customer(NewCustomer {
//!     name: "华东机械".into(),
//!     phone: Some("138 1234 5678".into()),
//!     ..NewCustomer::default()
//! })?;
//! assert!(created.likely_duplicates.is_empty());
//! client.check_in(created.id, VisitMode::Onsite, None)?;
//! let visit = client.log_visit(NewVisit {
//!     outcome: Some(Outcome::Order),
//!     next_step: Some(NextStep::None),
//!     submit: true,
//!     ..NewVisit::at(created.id, VisitMode::Onsite)
//! })?;
//!
//! assert_eq!(client.search("hdjx", 10)?.len(), 1);
//! assert_eq!(client.status(visit)?, ItemStatus::Saved);
//! // With signal again: let report = client.sync_once().await?;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "engine"))]
//! # fn main() {}
//! ```
//!
//! Edits are **intents**: `client.edit_customer(id, |edit| edit.set_notes(Some("…")))`
//! writes that field and nothing else, so that a colleague's concurrent edit of another
//! field stays. Screens learn that they should read again from
//! `Client::observe`; lists are never pushed.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | none | the pure core: ids, documents, guard, protocol, sync machine, rules, projections. No IO, no clock, no chance; what the server uses |
//! | `store` | the replica in a SQLite file (`store`) |
//! | `engine` | the client that apps use (`engine`): `store`, tokio, HTTP |
//! | `bundled-sqlite` | SQLite compiled in, where the system brings none |
//! | `tls` | HTTPS with rustls and bundled roots |
//! | `zstd-c` | compressed bodies; without it they travel as they are |
//! | `simulation` | mistakes that tests switch on ([`faults`]); never in a product |
//!
//! All but the last are on by default.

pub mod docs;
#[cfg(feature = "engine")]
pub mod engine;
pub mod faults;
pub mod geo;
pub mod guard;
pub mod id;
pub mod money;
pub mod names;
pub mod period;
pub mod projection;
pub mod protocol;
pub mod records;
pub mod rescue;
pub mod rules;
#[cfg(feature = "store")]
pub mod store;
pub mod sync;
pub mod time;
