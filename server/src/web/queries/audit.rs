//! Who did what to whom, with names: the log itself keeps ids.

use std::collections::BTreeMap;

use client_core::id::{DocId, RecordId};
use client_core::projection::DocState;
use client_core::time::Timestamp;

use super::base::Base;
use crate::storage::lists::Window;
use crate::storage::model::AuditEntry;
use crate::storage::{AnyStorage, Boards, Placing, StorageError};
use crate::web::lists::audit::{AuditAsk, Deeds};
use crate::web::pages::wording;
use crate::web::words::Words;

/// A part of the log.
#[derive(Debug, Clone)]
pub struct AuditData {
    /// What is asked for.
    pub ask: AuditAsk,
    /// How many match.
    pub matching: u64,
    /// How many there are.
    pub all: u64,
    /// Those of this page, newest first.
    pub deeds: Vec<Deed>,
    /// Everybody who may have done something, by name.
    pub people: Vec<(String, String)>,
}

/// Something that was done.
#[derive(Debug, Clone)]
pub struct Deed {
    /// When.
    pub at: Timestamp,
    /// Who; none for the command line.
    pub by: Option<String>,
    /// With which phone.
    pub device: Option<String>,
    /// What: a code.
    pub what: String,
    /// To whom or what.
    pub subject: Option<Subject>,
    /// What exactly.
    pub detail: String,
}

/// To whom or what something was done.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its id.
    pub id: RecordId,
    /// Its name; none for what has none, or is gone.
    pub name: Option<String>,
    /// Where it is shown.
    pub href: Option<String>,
}

/// A window of the log.
pub async fn read(
    storage: &AnyStorage,
    base: &Base,
    ask: AuditAsk,
    window: Window,
    w: Words,
) -> Result<AuditData, StorageError> {
    let org = base.org.id;
    let filter = ask.filter(base);
    let entries = storage.audit(org, filter.clone(), window).await?;
    let names = names(storage, base, &entries, w).await?;
    let deeds = entries.into_iter().map(|entry| deed(base, &names, w, entry));
    Ok(AuditData {
        deeds: deeds.collect(),
        matching: storage.audit_count(org, filter).await?,
        all: storage.audit_count(org, AuditAsk::default().filter(base)).await?,
        people: base.users.iter().map(|user| (user.id.to_string(), user.name.clone())).collect(),
        ask,
    })
}

type Named = BTreeMap<String, (String, Option<String>)>;

/// People, units, and the documents that these entries are about, by their ids.
async fn names(
    storage: &AnyStorage,
    base: &Base,
    entries: &[AuditEntry],
    w: Words,
) -> Result<Named, StorageError> {
    let people = base.users.iter().map(|user| {
        (user.id.to_string(), (user.name.clone(), Some(format!("/people/{}", user.id))))
    });
    let units = base.units.iter().map(|unit| {
        (unit.id.to_string(), (unit.name.clone(), Some(format!("/people/units/{}", unit.id))))
    });
    let mut names: Named = people.chain(units).collect();
    let docs: Vec<DocId> = entries
        .iter()
        .filter_map(|entry| entry.subject)
        .filter(|subject| !names.contains_key(&subject.to_string()))
        .map(|subject| DocId::from_bytes(*subject.as_bytes()))
        .collect();
    for row in storage.rows(base.org.id, docs).await? {
        let doc = row.header.doc;
        let (name, section) = match row.state {
            DocState::Customer(customer) => {
                (wording::customer_name(w, customer.value.name.as_deref()), Some("customers"))
            }
            DocState::Deal(deal) => (deal.value.name.unwrap_or_default(), Some("deals")),
            DocState::Visit(visit) => {
                let name = wording::customer_name(w, visit.value.customer_name.as_deref());
                (format!("{} · {name}", w.say("word.visit")), Some("visits"))
            }
            DocState::Plan(_) | DocState::Case(_) => continue,
        };
        let href = section.map(|section| format!("/{section}/{doc}"));
        names.insert(doc.to_string(), (name, href));
    }
    Ok(names)
}

/// Meetings are no documents: what was done at one leads to it.
fn meeting_of(w: Words, entry: &AuditEntry) -> Option<(String, Option<String>)> {
    let id = entry.subject?;
    if !Deeds::Meetings.codes().contains(&entry.what.as_str()) {
        return None;
    }
    Some((w.say("word.meeting").to_owned(), Some(format!("/meetings/{id}"))))
}

fn deed(base: &Base, names: &Named, w: Words, entry: AuditEntry) -> Deed {
    let device = entry.device.and_then(|id| base.devices.iter().find(|device| device.device == id));
    Deed {
        at: entry.at,
        by: entry.user.map(|user| base.user_name(user)),
        device: device.map(|device| device.name.clone()),
        subject: entry.subject.map(|id| {
            let found = names.get(&id.to_string()).cloned().or_else(|| meeting_of(w, &entry));
            let (name, href) = found.unwrap_or_default();
            Subject { id, name: Some(name).filter(|name| !name.is_empty()), href }
        }),
        what: entry.what,
        detail: told(names, entry.detail.as_deref().unwrap_or_default()),
    }
}

/// A detail with names in the place of ids.
fn told(names: &Named, detail: &str) -> String {
    let words = detail.split(' ').map(|word| {
        let bare = word.trim_end_matches([',', ';']);
        names.get(bare).map_or_else(|| word.to_owned(), |(name, _href)| word.replace(bare, name))
    });
    words.collect::<Vec<_>>().join(" ")
}
