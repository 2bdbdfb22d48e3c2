//! Sessions and their tokens.
//!
//! A session gives out pairs of tokens, numbered. A refresh token stays good
//! until a later pair is first used, because the answer that carried that pair
//! may have been lost; from then on, using it again means that somebody else has
//! it, and the session ends. Only a repetition that was on its way longer than its
//! answer (a proxy sent it twice, two parts of one app asked at the same time) is
//! no theft: within a minute of the answer it is answered like the first.

use client_core::id::{ActorId, DeviceId, OrgId, UserId};
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::{id, optional_id, optional_time, time};
use super::{access, audit};
use crate::storage::StorageError;
use crate::storage::model::{
    AuditEntry, NewSession, NewToken, RefreshOutcome, SessionId, TokenHash, TokenKind, TokenOwner,
};

pub(super) fn open(
    connection: &Connection,
    org: OrgId,
    new: &NewSession,
    tokens: &[NewToken],
    at: Timestamp,
) -> Result<(), StorageError> {
    connection.execute(
        "insert into session (org, session, user, device, created_at) values (?1, ?2, ?3, ?4, ?5)",
        params![
            org.as_bytes(),
            new.session.0,
            new.user.as_bytes(),
            new.device.as_ref().map(DeviceId::as_bytes),
            at.millis()
        ],
    )?;
    // Nobody is its subject: what was done to a person is told on their page, and who came
    // and went is not.
    let entry = AuditEntry {
        at,
        user: Some(new.user),
        device: new.device,
        what: "signed_in".to_owned(),
        subject: None,
        detail: None,
    };
    audit::write(connection, org, &entry)?;
    add_tokens(connection, org, new.session, 0, tokens)
}

fn add_tokens(
    connection: &Connection,
    org: OrgId,
    session: SessionId,
    generation: u32,
    tokens: &[NewToken],
) -> Result<(), StorageError> {
    let mut statement = connection.prepare_cached(
        "insert into token (hash, org, session, kind, generation, expires_at)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for token in tokens {
        statement.execute(params![
            token.hash.0,
            org.as_bytes(),
            session.0,
            token.kind.as_str(),
            generation,
            token.expires_at.millis()
        ])?;
    }
    Ok(())
}

pub(super) fn owner(
    connection: &Connection,
    hash: TokenHash,
) -> Result<Option<TokenOwner>, StorageError> {
    let found = connection
        .prepare_cached(
            "select t.org, t.session, t.kind, t.generation, t.expires_at, s.user, s.device,
                 s.confirmed, s.revoked_at, d.actor, d.revoked_at
             from token t
             join session s on s.org = t.org and s.session = t.session
             left join device d on d.org = s.org and d.device = s.device
             where t.hash = ?1",
        )?
        .query_row([hash.0], |row| {
            let kind: String = row.get(2)?;
            Ok((
                id(row, 0, OrgId::from_bytes)?,
                SessionId(row.get(1)?),
                match kind.as_str() {
                    "access" => TokenKind::Access,
                    "refresh" => TokenKind::Refresh,
                    _ => TokenKind::Web,
                },
                row.get(3)?,
                time(row, 4)?,
                id(row, 5, UserId::from_bytes)?,
                optional_id(row, 6, DeviceId::from_bytes)?,
                row.get(7)?,
                optional_id(row, 9, ActorId::from_bytes)?,
                (optional_time(row, 8)?.is_some(), optional_time(row, 10)?.is_some()),
            ))
        })
        .optional()?;
    let Some((org, session, kind, generation, expires_at, user, device, confirmed, actor, over)) =
        found
    else {
        return Ok(None);
    };
    let user = access::user_record(connection, org, user)?;
    Ok(user.map(|user| TokenOwner {
        org,
        session,
        user,
        device,
        actor,
        kind,
        generation,
        confirmed,
        expires_at,
        revoked: over.1,
        ended: over.0,
    }))
}

pub(super) fn confirm(
    connection: &Connection,
    org: OrgId,
    session: SessionId,
    generation: u32,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "update session set confirmed = max(confirmed, ?3) where org = ?1 and session = ?2",
        )?
        .execute(params![org.as_bytes(), session.0, generation])?;
    Ok(())
}

pub(super) fn refresh(
    connection: &Connection,
    hash: TokenHash,
    tokens: &[NewToken],
    at: Timestamp,
) -> Result<RefreshOutcome, StorageError> {
    let Some(owner) = owner(connection, hash)? else { return Ok(RefreshOutcome::Unknown) };
    if owner.revoked {
        return Ok(RefreshOutcome::Revoked);
    }
    if owner.ended {
        return Ok(RefreshOutcome::Ended);
    }
    if owner.kind != TokenKind::Refresh || owner.expires_at <= at {
        return Ok(RefreshOutcome::Unknown);
    }
    if owner.generation < owner.confirmed && !is_late_repetition(connection, &owner, tokens, at)? {
        close(connection, owner.org, owner.session, "reuse", at)?;
        return Ok(RefreshOutcome::Reused);
    }
    confirm(connection, owner.org, owner.session, owner.generation)?;
    let latest: u32 = connection
        .prepare_cached(
            "update session set latest = latest + 1 where org = ?1 and session = ?2
             returning latest",
        )?
        .query_row(params![owner.org.as_bytes(), owner.session.0], |row| row.get(0))?;
    connection
        .prepare_cached(
            "delete from token where org = ?1 and session = ?2 and kind = 'access'
               and expires_at < ?3",
        )?
        .execute(params![owner.org.as_bytes(), owner.session.0, at.millis()])?;
    add_tokens(connection, owner.org, owner.session, latest, tokens)?;
    Ok(RefreshOutcome::Renewed(owner.org, owner.user.id))
}

/// How long after a pair was given out the token that asked for it may come again.
const REPETITION_MS: i64 = 60_000;

/// Whether the pair that took this token's place was given out just now.
fn is_late_repetition(
    connection: &Connection,
    owner: &TokenOwner,
    tokens: &[NewToken],
    at: Timestamp,
) -> Result<bool, StorageError> {
    let lifetime = tokens
        .iter()
        .find(|token| token.kind == TokenKind::Refresh)
        .map_or(0, |token| token.expires_at.since(at));
    let expires_at = connection
        .prepare_cached(
            "select expires_at from token where org = ?1 and session = ?2 and kind = 'refresh'
               and generation = ?3",
        )?
        .query_row(params![owner.org.as_bytes(), owner.session.0, owner.confirmed], |row| {
            time(row, 0)
        })
        .optional()?;
    Ok(expires_at
        .is_some_and(|expires_at| at.since(expires_at.plus_millis(-lifetime)) <= REPETITION_MS))
}

pub(super) fn close(
    connection: &Connection,
    org: OrgId,
    session: SessionId,
    why: &str,
    at: Timestamp,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "update session set revoked_at = ?3, revoked_why = ?4
             where org = ?1 and session = ?2 and revoked_at is null",
        )?
        .execute(params![org.as_bytes(), session.0, at.millis(), why])?;
    Ok(())
}
