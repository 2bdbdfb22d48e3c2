//! Deciding on late work.
//!
//! Whoever leads the author or the unit that holds the document reads what the work
//! would change, and says what it is worth. Accepting puts the changes into the
//! document as the author's, through the same screen and limits as a push; the
//! document, the decision and the entry of the audit log are one transaction. Where its
//! history began anew since, they are written again as intents ([`late_fit`](super::late_fit)).
//! Of what fits only in part, the part that fits is accepted by whoever says so: the record
//! names what had no place any more, and changes that did not go in at all wait on.

use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{ActorId, RecordId, ReplicaId, UserId};
use client_core::projection::DocState;
use client_core::protocol::hand_back;
use client_core::records::{
    DecisionRecord, PlacementRecord, Record, RecordKind, UserRecord, Verdict,
};
use client_core::time::Timestamp;

use super::late_fit::{Again, Fit, Rest};
use super::{By, Refusal, Registrar};
use crate::office::{TextError, read, text};
use crate::relay::{self, Held, Writing};
use crate::storage::model::{DecideOutcome, Decided, KeptChange, Origin};
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
    /// What would stand in it; none if nothing of the changes goes in.
    pub then: Option<DocState>,
    /// What of them does not go in.
    pub rest: Rest,
    /// Who holds it now.
    pub holder: Option<UserId>,
}

/// How much of a case has to fit for it to be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// Something of it.
    WhatFits,
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
    /// A part of the changes does, and nobody said that a part is enough.
    #[error("only a part of it fits into the document: {rest}; accept what fits, or reject it")]
    InPart {
        /// What does not.
        rest: Rest,
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
        let limits = hand_back::limits(&office.app.config().limits);
        let bytes: Vec<Vec<u8>> = changes.iter().map(|change| change.bytes.clone()).collect();
        let held = relay::held(&office.app, office.org, decision.subject).await?;
        let looked = tokio::task::spawn_blocking(move || {
            let now = held.map(|held| DocState::read(&held.document));
            (now, written(&bytes, &limits))
        });
        let (now, written) = looked.await.map_err(broken)?;
        let (then, rest) = match self.fit(&decision, &changes).await {
            Ok(fit) if fit.is_nothing(changes.len()) => (None, fit.rest),
            Ok(Fit { prepared: Some((commit, _)), rest }) => (Some(commit.state), rest),
            // The same stands there already.
            Ok(Fit { prepared: None, rest }) => (now.clone(), rest),
            Err(DecideError::CannotApply { .. }) => (None, Rest::default()),
            Err(error) => return Err(error),
        };
        Ok(Case { decision, changes, written, now, then, rest, holder })
    }

    /// Decides on a case as a whole.
    pub async fn decide(
        &self,
        case: RecordId,
        verdict: Verdict,
        note: Option<String>,
    ) -> Result<DecisionRecord, DecideError> {
        self.decide_on(case, verdict, Extent::Whole, note).await
    }

    /// Decides on a case, or on what of it fits into the document.
    pub async fn decide_on(
        &self,
        case: RecordId,
        verdict: Verdict,
        extent: Extent,
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
                left_out: Vec::new(),
                waits_on: Vec::new(),
            };
            if verdict == Verdict::HandedOver {
                let holder = self.holder_of(&standing, &changes).await?;
                let to = holder.filter(|holder| *holder != standing.author);
                decided.to = Some(to.ok_or(DecideError::NobodyElse)?);
            }
            let mut loaded = None;
            if verdict != Verdict::Rejected {
                let Fit { prepared, rest } = self.fitting(&standing, &changes, extent).await?;
                decided.left_out = rest.left_out;
                decided.waits_on = rest.waits_on.into_iter().map(|(change, _why)| change).collect();
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

    /// What accepting a case writes, to the extent that somebody asked for.
    async fn fitting(
        &self,
        case: &DecisionRecord,
        changes: &[KeptChange],
        extent: Extent,
    ) -> Result<Fit, DecideError> {
        let fit = self.fit(case, changes).await?;
        if fit.rest.is_empty() {
            return Ok(fit);
        }
        if fit.is_nothing(changes.len()) {
            return Err(DecideError::CannotApply { detail: fit.rest.to_string() });
        }
        match extent {
            Extent::Whole => Err(DecideError::InPart { rest: fit.rest }),
            Extent::WhatFits => Ok(fit),
        }
    }

    /// What of a case goes into its document.
    async fn fit(&self, case: &DecisionRecord, changes: &[KeptChange]) -> Result<Fit, DecideError> {
        let cannot = |detail: &str| DecideError::CannotApply { detail: detail.to_owned() };
        let office = &self.office;
        let header = changes.first().ok_or_else(|| cannot("its bytes are not here"))?.header;
        let device = office.app.storage().device(office.org, case.device).await?;
        let device = device.ok_or_else(|| cannot("its device is not known"))?;
        let held = relay::held(&office.app, office.org, case.subject).await?;
        let held = held.unwrap_or_else(|| Held::new(header));
        let again = match held.document.header() == &header {
            true => None,
            false => {
                let things = office.app.storage().things(office.org, header.doc, header.generation);
                let redacted = office.app.redacted(office.org).await?;
                let missed = relay::missed(&header, redacted.get(&header.doc));
                let erased = missed.iter().map(|one| one.redaction).collect();
                Some(Again { header, things: things.await?, erased })
            }
        };
        let writing = Writing {
            // No phone's: the author's own phone is told of it as of anybody's change.
            origin: Origin {
                user: case.author,
                device: case.device,
                replica: office.fresh(ReplicaId::new),
            },
            // What is written again no device wrote: whose work it is stands beside it.
            actor: match again {
                None => device.actor,
                Some(_) => office.fresh(ActorId::new),
            },
            at: office.now(),
            // The beginning of a history that came back says all that stood.
            limits: hand_back::limits(&office.app.config().limits),
        };
        let kept: Vec<_> = changes.iter().map(|one| (one.hash, one.bytes.clone())).collect();
        let fit = tokio::task::spawn_blocking(move || Fit::of(&held, again, kept, &writing));
        let fit = fit.await.map_err(broken)?;
        fit.map_err(|detail| DecideError::CannotApply { detail })
    }
}

fn broken(error: tokio::task::JoinError) -> StorageError {
    StorageError::Unavailable { reason: error.to_string() }
}

/// When the changes were written, by the clock of who wrote them.
fn written(changes: &[Vec<u8>], limits: &Limits) -> Option<(Timestamp, Timestamp)> {
    let at = |bytes: &Vec<u8>| {
        ScreenedChange::screen(bytes, limits).ok().map(|change| change.claimed_at())
    };
    let times: Vec<Timestamp> = changes.iter().filter_map(at).collect();
    Some((*times.iter().min()?, *times.iter().max()?))
}
