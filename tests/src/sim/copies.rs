//! Files that come back from the past, on phones and on the server, and what the
//! books make of it.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::{ChangeHash, Document};
use client_core::id::DocId;
use rusqlite::{Connection, OptionalExtension};

use super::facts::Facts;
use super::ledger::Losses;
use super::script::Step;
use super::world::{Broken, World, own};

/// Phones of one run at most.
const MOST_PHONES: usize = 6;

impl World<'_> {
    /// A step that copies a file or puts one back.
    pub fn copies(&mut self, step: Step) -> Result<(), Broken> {
        match step {
            Step::BackUp { phone } => {
                let number = self.phone(phone);
                self.phones[number].back_up().map_err(own("a backup"))
            }
            Step::PutBack { phone } => self.put_back(self.phone(phone)),
            Step::Replace { phone } => self.replace(self.phone(phone)),
            Step::Clone { phone, whole } => self.make_twin(self.phone(phone), whole),
            Step::CopyServer => {
                let losses = self.ledger.losses();
                self.server.copy(losses).map_err(own("a copy"))
            }
            Step::BackUpServer => {
                let losses = self.ledger.losses();
                self.server.back_up(losses).map_err(own("a backup of the server"))
            }
            Step::CopyServerBack => {
                let before = self.facts()?;
                let back = self.server.copy_back(self.runtime);
                match back.map_err(own("a copied server does not start"))? {
                    Some(losses) => self.another_life(losses, &before),
                    None => Ok(()),
                }
            }
            Step::RestoreServer => {
                let before = self.facts()?;
                let back = self.server.restore(self.runtime);
                match back.map_err(own("a restored server does not start"))? {
                    Some(losses) => self.another_life(losses, &before),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn put_back(&mut self, number: usize) -> Result<(), Broken> {
        let phone = &mut self.phones[number];
        if !phone.put_back().map_err(own("an app with an older file does not start"))? {
            return Ok(());
        }
        let identity = phone.identity();
        self.ledger.doubled.insert(identity.actor);
        self.another_file(number)
    }

    fn replace(&mut self, number: usize) -> Result<(), Broken> {
        let phone = &mut self.phones[number];
        if !phone.replace().map_err(own("an app on another phone does not start"))? {
            return Ok(());
        }
        self.another_file(number)
    }

    fn make_twin(&mut self, number: usize, whole: bool) -> Result<(), Broken> {
        if self.phones.len() >= MOST_PHONES {
            return Ok(());
        }
        let twin = self.phones.len();
        let dir = self.folder(twin);
        let phone = &mut self.phones[number];
        if whole {
            let identity = phone.identity();
            self.ledger.doubled.insert(identity.actor);
        }
        let made = phone.twin(dir, twin, whole).map_err(own("an app on a second phone"))?;
        self.phones.push(made);
        self.ledger.copied.insert(number);
        self.another_file(twin)
    }

    /// What a phone had is gone, and what its file says now is what it has.
    fn another_file(&mut self, number: usize) -> Result<(), Broken> {
        self.ledger.copied.insert(number);
        self.ledger.forget(number);
        self.begin_watching(number);
        self.look_at(number)
    }

    /// The server goes on from an earlier state.
    fn another_life(&mut self, losses: Losses, before: &Facts) -> Result<(), Broken> {
        let had = self.ledger.on_server.clone();
        self.ledger.give_up_unsettled();
        self.after_server()?;
        let gone: Vec<ChangeHash> = had.difference(&self.ledger.on_server).copied().collect();
        let mut by_doc: BTreeMap<DocId, Vec<ChangeHash>> = BTreeMap::new();
        for hash in gone {
            if let Some(saved) = self.ledger.saved.get(&hash) {
                by_doc.entry(saved.doc).or_default().push(hash);
            }
        }
        for (doc, hashes) in by_doc {
            let mut held = Vec::new();
            for (number, phone) in self.phones.iter_mut().enumerate() {
                let known = match phone.holds_data() {
                    true => known(phone.eyes(), before, doc).map_err(own("a document"))?,
                    false => None,
                };
                held.extend(known.map(|known| (number, known)));
            }
            for hash in hashes {
                let has = held.iter().filter(|(_number, document)| document.contains(&hash));
                let phones: BTreeSet<usize> = has.map(|(number, _document)| *number).collect();
                self.ledger.note_gone(hash, doc, phones);
            }
        }
        let after = self.facts()?;
        self.ledger.go_back(losses, before, &after, self.now());
        Ok(())
    }
}

/// A document as a phone has it.
fn known(replica: &Connection, facts: &Facts, doc: DocId) -> rusqlite::Result<Option<Document>> {
    let Some(header) = facts.headers.get(&doc) else { return Ok(None) };
    let snapshot: Option<Vec<u8>> = replica
        .prepare_cached("select snapshot from doc where id = ?1")?
        .query_row([doc.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(snapshot.and_then(|snapshot| Document::load(*header, &snapshot).ok()))
}
