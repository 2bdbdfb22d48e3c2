//! Writing records: the one way in, so that every version is fed to its readers
//! and everything that follows from a record moves with it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use client_core::docs::DocKind;
use client_core::id::{OrgId, RecordId, UserId};
use client_core::protocol::Scope;
use client_core::records::{
    CalendarRecord, PlacementRecord, Record, RecordKind, Role, TargetLevel, UserRecord,
};
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::{id, scope_key};
use super::feed::{self, NewFeedRow};
use super::{about, access, aliases, confirms, leaving, membership, moves, records, scores, voids};
use crate::storage::StorageError;
use crate::storage::model::{Seq, record_rank};
use crate::storage::placing::changed_since;
use crate::storage::scopes::{Bearings, of_record, person_of};

pub(super) fn all(
    connection: &Connection,
    org: OrgId,
    written: &[Record],
    at: Timestamp,
) -> Result<Vec<Seq>, StorageError> {
    let versions = written
        .iter()
        .map(|record| unnoted(connection, org, record, None, at))
        .collect::<Result<Vec<_>, _>>()?;
    confirms::note(connection, org, written, at)?;
    if written.iter().any(|record| matches!(record.kind(), RecordKind::User | RecordKind::Unit)) {
        access::refresh(connection, org, at)?;
    }
    Ok(versions)
}

/// Writes one record without looking at what users may read.
pub(super) fn one(
    connection: &Connection,
    org: OrgId,
    record: &Record,
    at: Timestamp,
) -> Result<Seq, StorageError> {
    by_author(connection, org, record, None, at)
}

/// The same for the placement of a deal that is not stored yet, by its author.
pub(super) fn by_author(
    connection: &Connection,
    org: OrgId,
    record: &Record,
    author: Option<UserId>,
    at: Timestamp,
) -> Result<Seq, StorageError> {
    let seq = unnoted(connection, org, record, author, at)?;
    confirms::note(connection, org, std::slice::from_ref(record), at)?;
    Ok(seq)
}

/// Writes a record; what it confirms is noted once for a batch.
fn unnoted(
    connection: &Connection,
    org: OrgId,
    record: &Record,
    author: Option<UserId>,
    at: Timestamp,
) -> Result<Seq, StorageError> {
    let (kind, id, body) = (record.kind(), record.id(), record.encode());
    let before = records::one(connection, org, kind, id)?;
    if let Some(before) = before.as_ref().filter(|before| before.body == body) {
        return Ok(before.version);
    }
    let kept = match (record, &before) {
        (Record::Placement(placement), Some(before)) => {
            leaving::with_what_is_left(connection, org, before, placement)?
                .map_or(Cow::Borrowed(record), |placement| Cow::Owned(Record::Placement(placement)))
        }
        _ => Cow::Borrowed(record),
    };
    let record: &Record = &kept;
    let bearings = bearings(connection, org, record, author)?;
    let scopes = match record {
        Record::Alias(alias) => aliases::note(connection, org, alias)?,
        Record::Void(void) => voids::readers(connection, org, void)?,
        Record::Moved(moved) => moves::note(connection, org, moved)?,
        _ => match about::readers(connection, org, record)? {
            Some(scopes) => scopes,
            None => of_record(record, &bearings),
        },
    };
    let seq = store(connection, org, record, &scopes, at)?;
    match record {
        Record::Placement(placement) => {
            records::note_holding(connection, org, placement)?;
            membership::follow_placement(connection, org, placement, at)?;
            aliases::follow_placement(connection, org, placement, at)?;
            about::follow(connection, org, placement.subject, at)?;
        }
        Record::Alias(alias) => aliases::follow(connection, org, alias, at)?,
        Record::Void(void) => voids::mark(connection, org, void, at)?,
        Record::Moved(moved) => moves::follow(connection, org, moved, at)?,
        _ => about::note(connection, org, record)?,
    }
    let before = before.and_then(|row| row.decode().ok());
    if let (Record::User(user), Some(Record::User(former))) = (record, &before)
        && user.units != former.units
    {
        follow_person(connection, org, user, at)?;
    }
    mark_scores(connection, org, record, before.as_ref(), at)?;
    Ok(seq)
}

/// What decides who reads a record. A deal's author is looked up where nobody says it.
pub(super) fn bearings(
    connection: &Connection,
    org: OrgId,
    record: &Record,
    author: Option<UserId>,
) -> Result<Bearings, StorageError> {
    let units = match person_of(record) {
        Some(person) => access::units_of(connection, org, person)?,
        None => Vec::new(),
    };
    let Record::Placement(placement) = record else {
        return Ok(Bearings { units, ..Bearings::default() });
    };
    let author = match placement.kind {
        DocKind::Deal if author.is_none() => connection
            .prepare_cached("select author from doc where org = ?1 and doc = ?2")?
            .query_row(params![org.as_bytes(), placement.subject.as_bytes()], |row| {
                id(row, 0, UserId::from_bytes)
            })
            .optional()?,
        _ => author,
    };
    Ok(Bearings { units, author, kept_since: leaving::kept_since(connection, org)? })
}

/// Moves what belongs to a person's units with the person: plans, targets, cards and
/// decisions. Whoever leads the new unit needs them, whoever led the old one does not.
fn follow_person(
    connection: &Connection,
    org: OrgId,
    user: &UserRecord,
    at: Timestamp,
) -> Result<(), StorageError> {
    membership::follow_author(connection, org, user.id, at)?;
    let mine: Vec<(u8, RecordId)> = connection
        .prepare_cached(
            "select rank, id from record_scope where org = ?1 and scope = ?2 order by rank, id",
        )?
        .query_map(params![org.as_bytes(), scope_key(Scope::User(user.id))], |row| {
            Ok((row.get(0)?, id(row, 1, RecordId::from_bytes)?))
        })?
        .collect::<Result<_, _>>()?;
    for (rank, id) in mine {
        let Some(kind) = RecordKind::ALL.get(usize::from(rank)) else { continue };
        let Some(row) = records::one(connection, org, *kind, id)? else { continue };
        let Ok(record) = row.decode() else { continue };
        if person_of(&record) == Some(user.id) {
            let bearings = Bearings { units: user.units.clone(), ..Bearings::default() };
            store(connection, org, &record, &of_record(&record, &bearings), at)?;
        }
    }
    Ok(())
}

/// Gives a record its next version and feeds it to `scopes`; whoever read it through
/// another scope is told that it left.
pub(super) fn store(
    connection: &Connection,
    org: OrgId,
    record: &Record,
    scopes: &BTreeSet<Scope>,
    at: Timestamp,
) -> Result<Seq, StorageError> {
    let (kind, id, body) = (record.kind(), record.id(), record.encode());
    let rank = record_rank(kind);
    let seq = feed::append(connection, org, &NewFeedRow::record(rank, id, &body), scopes)?;
    connection
        .prepare_cached(
            "insert into record (org, kind, id, version, body, written_at)
             values (?1, ?2, ?3, ?4, ?5, ?6)
             on conflict (org, kind, id) do update
             set version = excluded.version, body = excluded.body, written_at = excluded.written_at",
        )?
        .execute(params![org.as_bytes(), kind.as_str(), id.as_bytes(), seq, body, at.millis()])?;
    leaving::bring_to(connection, org, (rank, id), scopes)?;
    Ok(seq)
}

/// Which scorecards a record bears on, and since when: cards of months that are over
/// are restated by what changes in them.
fn mark_scores(
    connection: &Connection,
    org: OrgId,
    record: &Record,
    before: Option<&Record>,
    at: Timestamp,
) -> Result<(), StorageError> {
    let (reps, since) = match record {
        Record::Placement(placement) => {
            let before = match before {
                Some(Record::Placement(before)) => Some(before),
                _ => None,
            };
            let reps = holders(placement).chain(before.into_iter().flat_map(holders)).collect();
            (reps, changed_since(before, placement))
        }
        Record::Target(target) => match target.level {
            TargetLevel::Rep(rep) => {
                return scores::mark(connection, org, rep, target.period);
            }
            TargetLevel::Org | TargetLevel::Unit(_) => return Ok(()),
        },
        // Since when somebody was a rep or was hired bears on any card they have.
        Record::User(user) if user.role == Role::Rep => {
            (BTreeSet::from([user.id]), before.map(|_before| Timestamp::default()))
        }
        Record::Policy(policy) => {
            let zone = records::zone(connection, org)?;
            (every_rep(connection, org)?, Some(zone.start_of(policy.effective_from)))
        }
        Record::Calendar(calendar) => {
            let before = match before {
                Some(Record::Calendar(before)) => Some(before),
                _ => None,
            };
            (every_rep(connection, org)?, before.map(|before| calendar_since(before, calendar)))
        }
        Record::Signal(signal) => {
            let zone = records::zone(connection, org)?;
            (BTreeSet::from([signal.rep]), Some(zone.start_of(signal.on)))
        }
        // With the first confirmed record of a kind every card is read anew.
        Record::Org(settings) => match before {
            Some(Record::Org(before)) if before.confirms != settings.confirms => {
                (every_rep(connection, org)?, Some(Timestamp::default()))
            }
            _ => return Ok(()),
        },
        // What the books say bears on whoever held the customer then.
        Record::Order(_) | Record::Payment(_) | Record::Contract(_) => {
            let mut reps = BTreeSet::new();
            let mut since = None;
            for version in before.into_iter().chain([record]) {
                reps.extend(people(&about::readers(connection, org, version)?.unwrap_or_default()));
                let first = about::since(connection, org, version)?;
                since = [since, first].into_iter().flatten().min();
            }
            (reps, since)
        }
        _ => return Ok(()),
    };
    scores::mark_since(connection, org, &reps, since.unwrap_or(at).min(at), at)
}

/// The first day that two calendars see differently.
fn calendar_since(before: &CalendarRecord, after: &CalendarRecord) -> Timestamp {
    let weeks = before.weekend != after.weekend || before.week_starts != after.week_starts;
    if before.zone != after.zone || weeks {
        return Timestamp::default();
    }
    let holidays = before.holidays.symmetric_difference(&after.holidays);
    let adjusted = before.adjusted_workdays.symmetric_difference(&after.adjusted_workdays);
    let first = holidays.chain(adjusted).min();
    first.map_or_else(Timestamp::default, |day| after.zone.start_of(*day))
}

fn holders(placement: &PlacementRecord) -> impl Iterator<Item = UserId> + '_ {
    placement
        .spans
        .iter()
        .flat_map(|span| std::iter::once(span.owner).chain(span.collaborators.iter().copied()))
}

fn every_rep(connection: &Connection, org: OrgId) -> Result<BTreeSet<UserId>, StorageError> {
    Ok(records::of_kind(connection, org, RecordKind::User)?
        .into_iter()
        .filter_map(|row| match row.decode() {
            Ok(Record::User(user)) if user.role == Role::Rep => Some(user.id),
            _ => None,
        })
        .collect())
}

/// The people among scopes.
pub(super) fn people(scopes: &BTreeSet<Scope>) -> BTreeSet<UserId> {
    scopes
        .iter()
        .filter_map(|scope| match scope {
            Scope::User(user) => Some(*user),
            Scope::Org | Scope::Unit(_) => None,
        })
        .collect()
}
