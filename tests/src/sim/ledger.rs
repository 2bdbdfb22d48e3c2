//! What the simulation knows by itself: everything that was ever saved, and what
//! was said about it.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::{ChangeHash, Generation};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{ActorId, DocId, UserId};
use client_core::time::Timestamp;
use rusqlite::Connection;

use super::facts::Facts;
use super::verdict::quarantined;
use super::wire;
use super::words::Words;

/// A change that somebody's phone has saved.
#[derive(Debug, Clone)]
pub struct Saved {
    /// The phones that have it to bring. One that was lost has nothing any more.
    pub phones: BTreeSet<usize>,
    /// In which document.
    pub doc: DocId,
    /// By which actor.
    pub actor: ActorId,
    /// Under which number.
    pub seq: u64,
    /// Of which history.
    pub generation: Generation,
    /// The change.
    pub bytes: Vec<u8>,
}

/// A row of a phone's outbox.
#[derive(Debug, Clone)]
pub struct OutboxRow {
    /// The document.
    pub doc: DocId,
    /// How far it has come.
    pub state: String,
    /// Why not further.
    pub reason: String,
    /// The change.
    pub bytes: Vec<u8>,
    /// It is brought for a server that lost it.
    pub given: bool,
    /// Of which history.
    pub generation: Generation,
}

/// What somebody does not see any more.
#[derive(Debug, Clone, Copy)]
pub struct Loss {
    /// Since when.
    pub at: Timestamp,
    /// The office decided it. Otherwise the server forgot that it ever was theirs.
    pub decided: bool,
}

/// When somebody last stopped seeing a document.
pub type Losses = BTreeMap<(UserId, DocId), Loss>;

/// A change that the server had, and lost with a life of its data.
#[derive(Debug, Clone)]
struct Gone {
    doc: DocId,
    /// Who can give it back.
    phones: BTreeSet<usize>,
}

/// The books.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Everything that was saved.
    pub saved: BTreeMap<ChangeHash, Saved>,
    /// What the server's log holds now.
    pub on_server: BTreeSet<ChangeHash>,
    /// What it ever held.
    pub ever_on_server: BTreeSet<ChangeHash>,
    /// What that said of each document.
    ever_said: BTreeMap<DocId, Words>,
    /// What it said in this life of its data.
    said_here: BTreeMap<DocId, Words>,
    /// What a phone sealed before it let go of everything.
    pub rescued: BTreeSet<ChangeHash>,
    /// What was erased before it was sent: its phone keeps that it was, and no bytes.
    pub emptied: BTreeSet<ChangeHash>,
    /// Phones whose files were copied, so that they may have had to write anew.
    pub copied: BTreeSet<usize>,
    /// Actors of files that were copied with everything by which a phone knows itself:
    /// two lives of them may use a number before anybody can tell.
    pub doubled: BTreeSet<ActorId>,
    /// Documents whose history started anew, so that a change of the old one is not
    /// there any more, and what was not sent was written again.
    pub restarted: BTreeSet<DocId>,
    /// Documents of which something was erased.
    pub erased: BTreeSet<DocId>,
    /// Documents that began anew on a server which went back: what it lost of them before
    /// comes back in other changes.
    begun_again: BTreeSet<DocId>,
    /// What the log held of them that no history may hold again.
    pub forgotten: BTreeMap<DocId, Words>,
    /// Documents about which somebody decided against late work.
    pub declined: BTreeSet<DocId>,
    losses: Losses,
    gone: BTreeMap<ChangeHash, Gone>,
    lives: u32,
}

impl Ledger {
    /// Takes down what a phone has saved since the last look.
    pub fn note_saves(&mut self, phone: usize, replica: &Connection) -> Result<(), String> {
        for (hash, row) in outbox(replica).map_err(|error| error.to_string())? {
            if row.bytes.is_empty() {
                self.emptied.insert(hash);
            }
            if row.given || row.bytes.is_empty() {
                continue;
            }
            if let Some(known) = self.saved.get_mut(&hash) {
                known.phones.insert(phone);
                continue;
            }
            let change =
                ScreenedChange::screen(&row.bytes, &Limits::default()).map_err(|rejection| {
                    format!("phone {phone} saved what no guard takes: {rejection}")
                })?;
            if change.hash() != hash {
                return Err(format!("phone {phone} keeps a change under another hash"));
            }
            let (doc, generation) = (row.doc, row.generation);
            let (actor, seq) = (change.actor(), change.seq());
            let used = |known: &&Saved| {
                (known.doc, known.generation) == (doc, generation)
                    && (known.actor, known.seq) == (actor, seq)
            };
            if !self.doubled.contains(&actor) && self.saved.values().any(|known| used(&known)) {
                return Err(format!(
                    "phone {phone} used sequence number {seq} of {actor} in {doc} again"
                ));
            }
            let phones = BTreeSet::from([phone]);
            let bytes = row.bytes;
            self.saved.insert(hash, Saved { phones, doc, actor, seq, generation, bytes });
        }
        Ok(())
    }

    /// Looks at the log of this life of the server.
    pub fn look_at(&mut self, server: &Connection, lives: u32) -> Result<(), String> {
        let now = log(server).map_err(|error| format!("the server's file: {error}"))?;
        let before = std::mem::replace(&mut self.on_server, now);
        let mut lost = before.difference(&self.on_server).filter(|hash| !self.began_anew(hash));
        if lives == self.lives
            && let Some(lost) = lost.next()
        {
            return Err(format!("the server does not have {} any more", short(lost)));
        }
        match lives == self.lives {
            true => {
                for hash in self.on_server.difference(&before) {
                    let (doc, bytes) = logged(server, hash).map_err(|error| error.to_string())?;
                    self.said_here.entry(doc).or_default().hear(&bytes);
                }
            }
            false => self.said_here = all_said(server).map_err(|error| error.to_string())?,
        }
        self.lives = lives;
        for hash in self.on_server.difference(&self.ever_on_server) {
            let (doc, bytes) = logged(server, hash).map_err(|error| error.to_string())?;
            self.ever_said.entry(doc).or_default().hear(&bytes);
        }
        self.ever_on_server.extend(self.on_server.iter().copied());
        Ok(())
    }

    fn began_anew(&self, hash: &ChangeHash) -> bool {
        let doc = self.saved.get(hash).map(|saved| saved.doc);
        doc.is_none_or(|doc| self.restarted.contains(&doc) || self.erased.contains(&doc))
    }

    /// What was taken from people so far.
    pub fn losses(&self) -> Losses {
        self.losses.clone()
    }

    /// Takes down who stopped seeing what by a decision.
    pub fn note_losses(&mut self, before: &Facts, after: &Facts, at: Timestamp) {
        self.lose(before, after, Loss { at, decided: true });
    }

    /// The server's data is what it was when these were the losses, and forgot the rest.
    pub fn go_back(&mut self, losses: Losses, before: &Facts, after: &Facts, at: Timestamp) {
        // What somebody lost in the life that is over was theirs in it, and nobody here
        // knows that.
        let lost = std::mem::replace(&mut self.losses, losses);
        for (who, loss) in lost {
            self.losses.entry(who).or_insert(Loss { decided: false, ..loss });
        }
        self.lose(before, after, Loss { at, decided: false });
    }

    fn lose(&mut self, before: &Facts, after: &Facts, loss: Loss) {
        for user in before.users.keys() {
            for doc in before.sight(*user).difference(&after.sight(*user)) {
                self.losses.insert((*user, *doc), loss);
            }
        }
    }

    /// When somebody stopped seeing a document.
    pub fn lost(&self, user: UserId, doc: DocId) -> Option<Loss> {
        self.losses.get(&(user, doc)).copied()
    }

    /// Whether work on a document may be refused: the server forgot whose it was, its
    /// history is another one, or somebody decided so.
    pub fn may_be_refused(&self, doc: DocId) -> bool {
        let forgotten =
            self.losses.iter().any(|((_user, lost), loss)| *lost == doc && !loss.decided);
        forgotten
            || self.restarted.contains(&doc)
            || self.erased.contains(&doc)
            || self.declined.contains(&doc)
    }

    /// The server lost a change, and these phones have it.
    pub fn note_gone(&mut self, hash: ChangeHash, doc: DocId, phones: BTreeSet<usize>) {
        self.gone.insert(hash, Gone { doc, phones });
    }

    /// The history of a document begins anew. One that does so on a server which went back
    /// does so with what it had then.
    pub fn begin_anew(&mut self, doc: DocId) {
        if self.lives > 1 {
            self.begun_again.insert(doc);
        }
    }

    /// What waited for a person goes with what is erased.
    pub fn give_up(&mut self, doc: DocId) {
        self.gone.retain(|_hash, gone| gone.doc != doc);
    }

    /// The server goes back once more. What it had not got back yet of histories that it
    /// began anew meanwhile is nowhere in those.
    pub fn give_up_unsettled(&mut self) {
        let lost = |hash: &ChangeHash, gone: &Gone| {
            self.begun_again.contains(&gone.doc)
                && !self.on_server.contains(hash)
                && self.missing_here(hash, gone.doc).is_some()
        };
        let lost = self.gone.iter().filter(|(hash, gone)| lost(hash, gone));
        let lost: Vec<ChangeHash> = lost.map(|(hash, _gone)| *hash).collect();
        lost.iter().for_each(|hash| drop(self.gone.remove(hash)));
    }

    /// What a change says and the server never said in this life.
    fn missing_here(&self, hash: &ChangeHash, doc: DocId) -> Option<String> {
        let words = self.saved.get(hash).map(|saved| Words::of(&saved.bytes))?;
        let nothing = Words::default();
        let said = self.said_here.get(&doc).unwrap_or(&nothing);
        match self.erased.contains(&doc) {
            true => words.impersonal_beyond(said),
            false => words.beyond(said),
        }
    }

    /// What a document said that the server lost, for somebody who erases it.
    pub fn lost_words(&self, doc: DocId) -> Words {
        let mut lost = Words::default();
        let of_it = self.gone.iter().filter(|(_hash, gone)| gone.doc == doc);
        for saved in of_it.filter_map(|(hash, _gone)| self.saved.get(hash)) {
            lost.hear(&saved.bytes);
        }
        lost
    }

    /// A phone has not what it had: another file is in its place, or none.
    pub fn forget(&mut self, phone: usize) {
        for saved in self.saved.values_mut() {
            saved.phones.remove(&phone);
        }
        self.forget_gone(phone);
    }

    /// A phone cannot give back any more what the server lost.
    pub fn forget_gone(&mut self, phone: usize) {
        for gone in self.gone.values_mut() {
            gone.phones.remove(&phone);
        }
    }

    /// Whether the server lost a change and nobody could give it back.
    pub fn is_lost_with_the_server(&self, hash: &ChangeHash) -> bool {
        self.gone.get(hash).is_some_and(|gone| gone.phones.is_empty())
    }

    /// Whether the server lost a change that a phone has, and would give back.
    pub fn is_kept_by(&self, phone: usize, hash: &ChangeHash) -> bool {
        self.gone.get(hash).is_some_and(|gone| gone.phones.contains(&phone))
    }

    /// What the server lost and did not get back, though one of these phones had it.
    pub fn not_given_back(&self, present: &BTreeSet<usize>, server: &Connection) -> Option<String> {
        let back = |hash: &ChangeHash, gone: &Gone| {
            if self.on_server.contains(hash) {
                return true;
            }
            // It was written again on a history that knew nothing of it, or somebody decides.
            let waits = || {
                let saved = self.saved.get(hash);
                saved.is_some_and(|saved| quarantined(server, gone.doc, &saved.bytes))
            };
            self.begun_again.contains(&gone.doc)
                && (self.missing_here(hash, gone.doc).is_none()
                    || self.declined.contains(&gone.doc)
                    || waits())
        };
        let found = self
            .gone
            .iter()
            .find(|(hash, gone)| !gone.phones.is_disjoint(present) && !back(hash, gone));
        found.map(|(hash, Gone { doc, phones })| {
            let missing = self.missing_here(hash, *doc).unwrap_or_default();
            format!(
                "{} of {doc} was stored, and phones {phones:?} did not give it back: {missing}",
                short(hash)
            )
        })
    }

    /// Notes what an erasure took out of documents, which held `before`.
    pub fn note_erased(
        &mut self,
        before: BTreeMap<DocId, Words>,
        server: &Connection,
    ) -> Result<(), String> {
        for (doc, held) in before {
            let left = held.gone_from(&said_of(server, doc)?);
            self.forgotten.entry(doc).or_default().add(left);
        }
        Ok(())
    }

    /// What was erased and is in the log again.
    pub fn back_again(&self, server: &Connection) -> Result<Option<String>, String> {
        for (doc, gone) in &self.forgotten {
            if let Some(words) = gone.any_in(&said_of(server, *doc)?) {
                return Ok(Some(format!("{doc}: what was erased is back: {words}")));
            }
        }
        Ok(None)
    }

    /// Whether everything that a change says is in the log or waits on its phone.
    pub fn is_said_otherwise(
        &self,
        saved: &Saved,
        server: &Connection,
        rows: &BTreeMap<ChangeHash, OutboxRow>,
    ) -> Result<bool, String> {
        // A history that starts anew holds what stands, and no value that was replaced.
        let hash = ScreenedChange::screen(&saved.bytes, &Limits::default()).map(|it| it.hash());
        let had = hash.is_ok_and(|hash| self.ever_on_server.contains(&hash));
        let anew = self.restarted.contains(&saved.doc) || self.erased.contains(&saved.doc);
        if had && anew {
            return Ok(true);
        }
        if saved.phones.is_disjoint(&self.copied) && !anew {
            return Ok(false);
        }
        // What was written again on a history that began anew is there no more either,
        // once that one is over; nor is it on a server that went back since, until it is
        // given back.
        let over = anew || self.lives > 1;
        let before = self.ever_said.get(&saved.doc).filter(|_words| over);
        let mut said = before.cloned().unwrap_or_default();
        for row in rows.values().filter(|row| row.doc == saved.doc) {
            said.hear(&row.bytes);
        }
        for bytes in log_of(server, saved.doc).map_err(|error| error.to_string())? {
            said.hear(&bytes);
        }
        Ok(Words::of(&saved.bytes).are_in(&said))
    }
}

/// What the log says of each document.
fn all_said(server: &Connection) -> rusqlite::Result<BTreeMap<DocId, Words>> {
    let mut said: BTreeMap<DocId, Words> = BTreeMap::new();
    let mut statement = server.prepare_cached("select doc, bytes from change")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(1)?;
        said.entry(DocId::from_bytes(row.get(0)?)).or_default().hear(&bytes);
    }
    Ok(said)
}

/// What the log says of a document.
pub fn said_of(server: &Connection, doc: DocId) -> Result<Words, String> {
    let mut said = Words::default();
    for bytes in log_of(server, doc).map_err(|error| error.to_string())? {
        said.hear(&bytes);
    }
    Ok(said)
}

fn log(server: &Connection) -> rusqlite::Result<BTreeSet<ChangeHash>> {
    let mut statement = server.prepare_cached("select hash from change")?;
    let hashes = statement.query_map([], |row| row.get(0).map(ChangeHash))?;
    hashes.collect()
}

fn logged(server: &Connection, hash: &ChangeHash) -> rusqlite::Result<(DocId, Vec<u8>)> {
    server
        .prepare_cached("select doc, bytes from change where hash = ?1")?
        .query_row([hash.0], |row| Ok((DocId::from_bytes(row.get(0)?), row.get(1)?)))
}

fn log_of(server: &Connection, doc: DocId) -> rusqlite::Result<Vec<Vec<u8>>> {
    let mut statement = server.prepare_cached("select bytes from change where doc = ?1")?;
    let changes = statement.query_map([doc.as_bytes()], |row| row.get(0))?;
    changes.collect()
}

/// What waits in a phone's outbox, whatever its state.
pub fn outbox(replica: &Connection) -> rusqlite::Result<BTreeMap<ChangeHash, OutboxRow>> {
    let mut statement = replica.prepare_cached(
        "select hash, doc, state, coalesce(reason, ''), bytes, given, header from change",
    )?;
    let rows = statement.query_map([], |row| {
        let (doc, state, reason) = (DocId::from_bytes(row.get(1)?), row.get(2)?, row.get(3)?);
        let (bytes, given) = (row.get(4)?, row.get(5)?);
        let header: Vec<u8> = row.get(6)?;
        let generation = wire::header(&header).map_or(Generation(0), |header| header.generation);
        let row_read = OutboxRow { doc, state, reason, bytes, given, generation };
        Ok((ChangeHash(row.get(0)?), row_read))
    })?;
    rows.collect()
}

/// The beginning of a hash, for people.
pub fn short(hash: &ChangeHash) -> String {
    hash.0.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
