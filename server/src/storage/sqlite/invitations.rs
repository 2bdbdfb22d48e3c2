//! Enrolment codes.
//!
//! A code is used in one transaction with the binding of the device, so that two
//! phones that show it at once are told apart. The phone whose answer was lost
//! shows it again; it is known by what it said only to us, because the ids of
//! devices are known to the whole org.

use client_core::id::{DeviceId, OrgId, RecordId, UserId};
use client_core::records::UserStatus;
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::codec::{id, optional_id, optional_time, time};
use super::{SqliteStorage, accounts, audit};
use crate::storage::model::{
    AuditEntry, CodeHash, CodePhone, CodeRow, CodeUse, Enrolment, NewCode, NewDevice,
};
use crate::storage::{Invitations, StorageError};

impl Invitations for SqliteStorage {
    async fn make_code(
        &self,
        org: OrgId,
        code: NewCode,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        self.write(move |connection| make(connection, org, &code, at)).await
    }

    async fn end_codes(&self, org: OrgId, user: UserId, at: Timestamp) -> Result<(), StorageError> {
        self.write(move |connection| end(connection, org, user, at)).await
    }

    async fn codes(&self, org: OrgId) -> Result<Vec<CodeRow>, StorageError> {
        self.read(move |connection| newest(connection, org)).await
    }

    async fn use_code(
        &self,
        hash: CodeHash,
        phone: CodePhone,
        at: Timestamp,
    ) -> Result<CodeUse, StorageError> {
        self.write(move |connection| use_code(connection, hash, &phone, at)).await
    }

    async fn note(&self, org: OrgId, entry: AuditEntry) -> Result<(), StorageError> {
        self.write(move |connection| audit::write(connection, org, &entry)).await
    }

    async fn note_once(
        &self,
        org: OrgId,
        entries: Vec<AuditEntry>,
        since: Timestamp,
    ) -> Result<(), StorageError> {
        let missing = self.read(move |connection| {
            let mut missing = Vec::new();
            for entry in entries {
                if !audit::stands(connection, org, &entry, since)? {
                    missing.push(entry);
                }
            }
            Ok(missing)
        });
        let missing = missing.await?;
        if missing.is_empty() {
            return Ok(());
        }
        self.write(move |connection| {
            missing.iter().try_for_each(|entry| audit::write(connection, org, entry))
        })
        .await
    }

    async fn audit_of(
        &self,
        org: OrgId,
        subject: RecordId,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        self.read(move |connection| audit::of(connection, org, subject, limit)).await
    }
}

fn make(
    connection: &Connection,
    org: OrgId,
    code: &NewCode,
    at: Timestamp,
) -> Result<(), StorageError> {
    end(connection, org, code.user, at)?;
    connection
        .prepare_cached(
            "insert into enrolment_code (hash, org, user, made_by, made_at, expires_at)
             values (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            code.hash.0,
            org.as_bytes(),
            code.user.as_bytes(),
            code.made_by.as_ref().map(UserId::as_bytes),
            at.millis(),
            code.expires_at.millis()
        ])?;
    Ok(())
}

/// Codes that nobody used are good no longer.
fn end(
    connection: &Connection,
    org: OrgId,
    user: UserId,
    at: Timestamp,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "update enrolment_code set replaced_at = ?3
             where org = ?1 and user = ?2 and used_at is null and replaced_at is null",
        )?
        .execute(params![org.as_bytes(), user.as_bytes(), at.millis()])?;
    Ok(())
}

fn newest(connection: &Connection, org: OrgId) -> Result<Vec<CodeRow>, StorageError> {
    let mut statement = connection.prepare_cached(
        "select user, made_at, expires_at, used_at from enrolment_code
         where org = ?1 and replaced_at is null order by user, made_at",
    )?;
    let found = statement.query_map([org.as_bytes()], |row| {
        Ok(CodeRow {
            user: id(row, 0, UserId::from_bytes)?,
            made_at: time(row, 1)?,
            expires_at: time(row, 2)?,
            used_at: optional_time(row, 3)?,
        })
    })?;
    let mut newest: Vec<CodeRow> = Vec::new();
    for code in found {
        let code = code?;
        newest.pop_if(|before| before.user == code.user);
        newest.push(code);
    }
    Ok(newest)
}

/// A code as its row holds it.
struct Stored {
    org: OrgId,
    user: UserId,
    expires_at: Timestamp,
    replaced: bool,
    used: Option<UsedBy>,
}

/// The phone that used a code.
struct UsedBy {
    device: DeviceId,
    proof: Option<[u8; 32]>,
}

impl UsedBy {
    fn is(&self, phone: &CodePhone) -> bool {
        let known = self.device == phone.claim.id || self.proof.is_some();
        known && self.proof == phone.proof
    }
}

fn stored(connection: &Connection, hash: CodeHash) -> Result<Option<Stored>, StorageError> {
    Ok(connection
        .prepare_cached(
            "select org, user, expires_at, replaced_at, device, proof from enrolment_code
             where hash = ?1",
        )?
        .query_row([hash.0], |row| {
            let proof = row.get(5)?;
            let device = optional_id(row, 4, DeviceId::from_bytes)?;
            Ok(Stored {
                org: id(row, 0, OrgId::from_bytes)?,
                user: id(row, 1, UserId::from_bytes)?,
                expires_at: time(row, 2)?,
                replaced: optional_time(row, 3)?.is_some(),
                used: device.map(|device| UsedBy { device, proof }),
            })
        })
        .optional()?)
}

fn use_code(
    connection: &Connection,
    hash: CodeHash,
    phone: &CodePhone,
    at: Timestamp,
) -> Result<CodeUse, StorageError> {
    let Some(code) = stored(connection, hash)? else { return Ok(CodeUse::Unknown) };
    if code.used.as_ref().is_some_and(|used| !used.is(phone)) {
        return Ok(CodeUse::Used);
    }
    let account = accounts::one_account(connection, code.org, code.user)?;
    let Some(account) = account.filter(|account| account.user.status == UserStatus::Active) else {
        return Ok(CodeUse::Disabled);
    };
    if code.replaced {
        return Ok(CodeUse::Replaced);
    }
    if code.expires_at <= at {
        return Ok(CodeUse::Expired);
    }
    let device = device_of(connection, code.org, code.user, phone)?;
    let bound = device.device;
    match accounts::enrol(connection, code.org, &device, at)? {
        Enrolment::New | Enrolment::Known => {}
        Enrolment::Taken => return Ok(CodeUse::Taken),
        Enrolment::Revoked => return Ok(CodeUse::Revoked),
    }
    connection
        .prepare_cached(
            "update enrolment_code set used_at = coalesce(used_at, ?2), device = ?3, proof = ?4
             where hash = ?1",
        )?
        .execute(params![hash.0, at.millis(), bound.as_bytes(), phone.proof])?;
    Ok(CodeUse::Enrolled(Box::new(account), bound))
}

/// As what a phone enrols: as the device it is to this person already, if it is one.
fn device_of(
    connection: &Connection,
    org: OrgId,
    user: UserId,
    phone: &CodePhone,
) -> Result<NewDevice, StorageError> {
    let claim = &phone.claim;
    let mut device = NewDevice {
        device: claim.id,
        user,
        actor: claim.actor,
        name: claim.name.clone(),
        platform: claim.platform.clone(),
        app_version: claim.app_version.clone(),
    };
    for known in std::iter::once(&claim.id).chain(&phone.known) {
        let row = accounts::one_device(connection, org, *known)?;
        if let Some(row) = row.filter(|row| row.user == user) {
            // A claimed device must claim its actor too; a known one brings it along.
            if row.device != claim.id {
                (device.device, device.actor) = (row.device, row.actor);
            }
            break;
        }
    }
    Ok(device)
}
