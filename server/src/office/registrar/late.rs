//! Deciding on late work.
//!
//! Whoever leads the author or the unit that holds the document reads what the work
//! would change, and says what it is worth. Accepting puts the changes into the
//! document as the author's, through the same screen and limits as a push; the
//! document, the decision and the entry of the audit log are one transaction. Where its
//! history began anew since, they are written again as intents.

use std::collections::BTreeSet;

use client_core::docs::{Applied, Document, Header, Things};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{ActorId, RecordId, ReplicaId, UserId};
use client_core::projection::DocState;
use client_core::protocol::hand_back;
use client_core::records::{
    DecisionRecord, PlacementRecord, Record, RecordKind, UserRecord, Verdict,
};
use client_core::time::Timestamp;

use super::{By, Refusal, Registrar};
use crate::office::{TextError, read, text};
use crate::relay::{self, Held, Refused, Writing};
use crate::storage::model::{DecideOutcome, Decided, DocCommit, KeptChange, Origin};
use crate::storage::{Accounts, Erasures, Quarantine, Records, StorageError, main_unit};

/// How often a case is looked at again because somebody wrote its document.
const ROUNDS: usize = 64;

/// Late work with what it is about, for whoever decides.
#[derive(Debug, Clone)]
pub struct Case {
    /// The case.
    pub decision: DecisionRecord,
    /// The changes, with their bytes.
    pub changes: Vec<KeptChange>,
    /// When the first and the last of them were written, by the phone's clock.
    pub written: Option<(Timestamp, Timestamp)>,
    /// What stands in the document now; none if it is not there.
    pub now: Option<DocState>,
    /// What would stand in it; none if the changes cannot be applied.
    pub then: Option<DocState>,
    /// Who holds it now.
    pub holder: Option<UserId>,
}

/// Why a case was not decided. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such case.
    #[error("there is no case {case}")]
    Unknown {
        /// What was given.
        case: RecordId,
    },
    /// Somebody was faster.
    #[error("this was decided before: it was {}", .verdict.as_str())]
    Already {
        /// What stands.
        verdict: Verdict,
        /// Who decided; none for the command line.
        by: Option<UserId>,
    },
    /// The office does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The note cannot be kept.
    #[error(transparent)]
    Note(#[from] TextError),
    /// The changes do not go into the document.
    #[error("it cannot be put into the document: {detail}; it can only be rejected")]
    CannotApply {
        /// Why.
        detail: String,
    },
    /// Nobody else holds it.
    #[error("nobody else holds it now: accept it instead")]
    NobodyElse,
    /// Others wrote the document all the time.
    #[error("the document was written {rounds} times in between: try again")]
    Busy {
        /// How often.
        rounds: usize,
    },
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Registrar {
    /// Late work that this reader may decide on: what waits first, then the newest.
    pub async fn cases(&self) -> Result<Vec<DecisionRecord>, StorageError> {
        let all = self.office.all(RecordKind::Decision, |record| match record {
            Record::Decision(decision) => Some(decision),
            _ => None,
        });
        let people = self.office.people().await?;
        let mut cases = all.await?;
        cases.retain(|case| {
            let author = people.iter().find(|person| person.id == case.author);
            self.decides(case, author).is_ok()
        });
        cases.sort_by_key(|case| {
            (case.verdict.is_some(), std::cmp::Reverse(case.received_at), case.id)
        });
        Ok(cases)
    }

    /// One case with its content.
    pub async fn case(&self, case: RecordId) -> Result<Case, DecideError> {
        let decision = self.decision(case).await?;
        let office = &self.office;
        let changes = office.app.storage().kept_in(office.org, case).await?;
        let holder = self.holder_of(&decision, &changes).await?;
        let held = relay::held(&office.app, office.org, decision.subject).await?;
        let limits = hand_back::limits(&office.app.config().limits);
        let bytes: Vec<Vec<u8>> = changes.iter().map(|change| change.bytes.clone()).collect();
        let header = changes.first().map(|change| change.header);
        let nobody = office.fresh(ActorId::new);
        let things = match header {
            Some(it) => office.app.storage().things(office.org, it.doc, it.generation).await?,
            None => Things::default(),
        };
        let looked = tokio::task::spawn_blocking(move || {
            let now = held.as_ref().map(|held| DocState::read(&held.document));
            let base = held.map(|held| held.document).or(header.map(Document::create));
            let written = written(&bytes, &limits);
            let then = base.zip(header).and_then(|(base, header)| {
                let bytes = if base.header() == &header {
                    bytes
                } else {
                    guarded(|| on_present(&base, &header, things, &bytes, nobody)).ok()?
                };
                with_changes(base, &bytes, &limits)
            });
            (now, then, written)
        });
        let (now, then, written) = looked
            .await
            .map_err(|error| StorageError::Unavailable { reason: error.to_string() })?;
        Ok(Case { decision, changes, written, now, then, holder })
    }

    /// Decides on a case.
    pub async fn decide(
        &self,
        case: RecordId,
        verdict: Verdict,
        note: Option<String>,
    ) -> Result<DecisionRecord, DecideError> {
        let note = match note.as_deref().map(str::trim).filter(|note| !note.is_empty()) {
            Some(note) => Some(text::note(note)?),
            None => None,
        };
        let (storage, org) = (self.office.app.storage(), self.office.org);
        for _round in 0..ROUNDS {
            let standing = self.decision(case).await?;
            if let Some(verdict) = standing.verdict {
                return Err(DecideError::Already { verdict, by: standing.by });
            }
            let changes = storage.kept_in(org, case).await?;
            let mut decided = Decided {
                case,
                seen: standing.changes.len(),
                verdict,
                by: self.by_id(),
                note: note.clone(),
                to: None,
                commit: None,
            };
            if verdict == Verdict::HandedOver {
                let holder = self.holder_of(&standing, &changes).await?;
                let to = holder.filter(|holder| *holder != standing.author);
                decided.to = Some(to.ok_or(DecideError::NobodyElse)?);
            }
            let mut loaded = None;
            if verdict != Verdict::Rejected {
                let prepared = self.prepared(&standing, &changes).await?;
                if let Some((commit, document)) = prepared {
                    loaded = Some((document, commit.expected, commit.snapshot.len()));
                    decided.commit = Some(commit);
                }
            }
            match storage.decide(org, decided, self.office.now()).await? {
                DecideOutcome::Done(record) => {
                    if let Some((document, before, length)) = loaded {
                        relay::keep(&self.office.app, document, before, length);
                    }
                    return Ok(record);
                }
                DecideOutcome::Stale => {}
                DecideOutcome::Already(record) => {
                    let verdict = record.verdict.unwrap_or(Verdict::Rejected);
                    return Err(DecideError::Already { verdict, by: record.by });
                }
                DecideOutcome::Unknown => return Err(DecideError::Unknown { case }),
            }
        }
        Err(DecideError::Busy { rounds: ROUNDS })
    }

    /// The case, for whoever may decide on it; others are told that there is none.
    async fn decision(&self, case: RecordId) -> Result<DecisionRecord, DecideError> {
        let office = &self.office;
        let row = office.app.storage().record(office.org, RecordKind::Decision, case).await?;
        let found = row.as_ref().map(read).transpose()?;
        let Some(Record::Decision(decision)) = found else {
            return Err(DecideError::Unknown { case });
        };
        let author = office.user(decision.author).await?;
        self.decides(&decision, author.as_ref())?;
        Ok(decision)
    }

    /// Whether this reader decides on work of `author`.
    fn decides(&self, case: &DecisionRecord, author: Option<&UserRecord>) -> Result<(), Refusal> {
        let By::Person(by) = &self.by else { return Ok(()) };
        if !Self::places(by.role) {
            return Err(Refusal::Places);
        }
        if by.id == case.author {
            return Err(Refusal::Oneself);
        }
        let led = |unit| self.led.contains(&unit);
        let over_author = author.and_then(main_unit).is_some_and(led);
        if self.does_everything() || over_author || case.unit.is_some_and(led) {
            return Ok(());
        }
        let name = author.map_or_else(|| case.author.to_string(), |author| author.name.clone());
        Err(Refusal::OtherUnit { name })
    }

    /// Who holds what a case is about.
    async fn holder_of(
        &self,
        case: &DecisionRecord,
        changes: &[KeptChange],
    ) -> Result<Option<UserId>, StorageError> {
        let own = self.office.placement(case.subject).await?;
        let customer = changes.first().and_then(|change| change.header.customer);
        let followed = match (&own, customer) {
            (None, Some(customer)) => self.office.placement(customer).await?,
            _ => None,
        };
        let placed = own.or(followed);
        Ok(placed.as_ref().and_then(PlacementRecord::current).map(|span| span.owner))
    }

    /// What accepting a case writes; none if it is in the document already.
    async fn prepared(
        &self,
        case: &DecisionRecord,
        changes: &[KeptChange],
    ) -> Result<Option<(DocCommit, Document)>, DecideError> {
        let cannot = |detail: &str| DecideError::CannotApply { detail: detail.to_owned() };
        let office = &self.office;
        let header = changes.first().ok_or_else(|| cannot("its bytes are not here"))?.header;
        let device = office.app.storage().device(office.org, case.device).await?;
        let device = device.ok_or_else(|| cannot("its device is not known"))?;
        let held = relay::held(&office.app, office.org, case.subject).await?;
        let held = held.unwrap_or_else(|| Held::new(header));
        let mut bytes: Vec<Vec<u8>> = changes.iter().map(|change| change.bytes.clone()).collect();
        let mut actor = device.actor;
        if held.document.header() != &header {
            // Nobody's device wrote these: whose work it is stands beside them.
            actor = office.fresh(ActorId::new);
            let document = held.document.clone();
            let things =
                office.app.storage().things(office.org, header.doc, header.generation).await?;
            let again = tokio::task::spawn_blocking(move || {
                guarded(|| on_present(&document, &header, things, &bytes, actor))
            });
            let again = again
                .await
                .map_err(|error| StorageError::Unavailable { reason: error.to_string() })?;
            bytes = again.map_err(|detail| DecideError::CannotApply { detail })?;
            if bytes.is_empty() {
                return Ok(None);
            }
        }
        let writing = Writing {
            // No phone's: the author's own phone is told of it as of anybody's change.
            origin: Origin {
                user: case.author,
                device: case.device,
                replica: office.fresh(ReplicaId::new),
            },
            actor,
            at: office.now(),
            // The beginning of a history that came back says all that stood.
            limits: hand_back::limits(&office.app.config().limits),
        };
        let prepared =
            tokio::task::spawn_blocking(move || relay::prepare_all(&held, bytes, &writing));
        let prepared = prepared
            .await
            .map_err(|error| StorageError::Unavailable { reason: error.to_string() })?;
        prepared.map_err(|Refused { detail }| DecideError::CannotApply { detail })
    }
}

/// Changes of a history that is over, written again on the one that there is now, as what
/// they meant: which field got which value, and of which thing. What they wrote into a
/// thing that does not stand any more, a contact that was removed, is written nowhere.
fn on_present(
    document: &Document,
    header: &Header,
    things: Things,
    changes: &[Vec<u8>],
    actor: ActorId,
) -> Result<Vec<Vec<u8>>, String> {
    let now = *document.header();
    if now != (Header { generation: now.generation, ..*header }) {
        return Err("its header is another one".to_owned());
    }
    let mut fresh = document.clone();
    let rebased = fresh.write_again(things, changes, actor);
    let lost: BTreeSet<String> =
        rebased.iter().flat_map(|one| one.impossible.iter().cloned()).collect();
    if !lost.is_empty() {
        let lost: Vec<String> = lost.into_iter().collect();
        return Err(format!(
            "its history was started anew since, and a part of this was written to what is not \
             in the new one ({})",
            lost.join(", ")
        ));
    }
    Ok(rebased.into_iter().filter_map(|one| one.new).map(|change| change.bytes).collect())
}

/// Runs document code that must harm nobody else, whatever the bytes make it do.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|_panic| Err("it cannot be read".to_owned()))
}

/// The state with the changes in it; none if they do not go in.
fn with_changes(mut base: Document, changes: &[Vec<u8>], limits: &Limits) -> Option<DocState> {
    let applied = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        for bytes in changes {
            let change = ScreenedChange::screen(bytes, limits).ok()?;
            if let Applied::MissingDeps(_) = base.apply(&change).ok()? {
                return None;
            }
        }
        Some(DocState::read(&base))
    }));
    applied.ok().flatten()
}

/// When the changes were written, by the clock of who wrote them.
fn written(changes: &[Vec<u8>], limits: &Limits) -> Option<(Timestamp, Timestamp)> {
    let at = |bytes: &Vec<u8>| {
        ScreenedChange::screen(bytes, limits).ok().map(|change| change.claimed_at())
    };
    let times: Vec<Timestamp> = changes.iter().filter_map(at).collect();
    Some((*times.iter().min()?, *times.iter().max()?))
}
