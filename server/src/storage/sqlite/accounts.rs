//! People and devices.

use client_core::docs::ChangeHash;
use client_core::id::{ActorId, DeviceId, OrgId, UserId};
use client_core::records::{DeviceRecord, Record, UserRecord};
use client_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::codec::{hash, id, optional_id, optional_time, time};
use super::{SqliteStorage, access, sessions, write_records};
use crate::storage::model::{
    Access, Account, DeviceRow, DeviceSays, Enrolment, NewAccount, NewDevice, NewPassword,
    NewSession, NewToken, Origin, RefreshOutcome, Seq, SessionId, TokenHash, TokenOwner,
};
use crate::storage::{Accounts, StorageError};

impl Accounts for SqliteStorage {
    async fn create_account(
        &self,
        org: OrgId,
        account: NewAccount,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        self.write(move |connection| {
            add_account(connection, org, &account, at)?;
            write_records::all(connection, org, &[Record::User(account.user)], at).map(drop)
        })
        .await
    }

    async fn account_by_login(&self, login: &str) -> Result<Option<Account>, StorageError> {
        let login = login.to_owned();
        self.read(move |connection| {
            let found = connection
                .prepare_cached(
                    "select org, user, login, password, must_change, password_until from user
                     where login = ?1",
                )?
                .query_row([login], bare_account)
                .optional()?;
            found.map_or(Ok(None), |found| with_record(connection, found))
        })
        .await
    }

    async fn account(&self, org: OrgId, user: UserId) -> Result<Option<Account>, StorageError> {
        self.read(move |connection| one_account(connection, org, user)).await
    }

    async fn accounts(&self, org: OrgId) -> Result<Vec<Account>, StorageError> {
        self.read(move |connection| {
            let found: Vec<BareAccount> = connection
                .prepare_cached(
                    "select org, user, login, password, must_change, password_until from user
                     where org = ?1 order by login",
                )?
                .query_map([org.as_bytes()], bare_account)?
                .collect::<Result<_, _>>()?;
            let accounts: Result<Vec<_>, _> =
                found.into_iter().map(|found| with_record(connection, found)).collect();
            Ok(accounts?.into_iter().flatten().collect())
        })
        .await
    }

    async fn set_password(
        &self,
        org: OrgId,
        user: UserId,
        password: NewPassword,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        self.write(move |connection| {
            let changed = connection.execute(
                "update user set password = ?3, must_change = ?4, password_until = ?5
                 where org = ?1 and user = ?2",
                params![
                    org.as_bytes(),
                    user.as_bytes(),
                    password.hash,
                    password.must_change,
                    password.until.map(Timestamp::millis)
                ],
            )?;
            if changed == 0 {
                return Err(StorageError::Missing { what: "the user" });
            }
            connection.execute(
                "update session set revoked_at = ?3, revoked_why = 'password'
                 where org = ?1 and user = ?2 and revoked_at is null",
                params![org.as_bytes(), user.as_bytes(), at.millis()],
            )?;
            Ok(())
        })
        .await
    }

    async fn enrol(
        &self,
        org: OrgId,
        device: NewDevice,
        at: Timestamp,
    ) -> Result<Enrolment, StorageError> {
        self.write(move |connection| enrol(connection, org, &device, at)).await
    }

    async fn device(
        &self,
        org: OrgId,
        device: DeviceId,
    ) -> Result<Option<DeviceRow>, StorageError> {
        self.read(move |connection| one_device(connection, org, device)).await
    }

    async fn replaced(
        &self,
        org: OrgId,
        device: DeviceId,
        successor: DeviceId,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        self.write(move |connection| {
            let row = params![org.as_bytes(), device.as_bytes(), successor.as_bytes(), at.millis()];
            connection.execute(
                "update device set successor = ?3, replaced_at = ?4 where org = ?1 and device = ?2",
                row,
            )?;
            Ok(())
        })
        .await
    }

    async fn devices(&self, org: OrgId) -> Result<Vec<DeviceRow>, StorageError> {
        self.read(move |connection| {
            let sql = format!("{SELECT_DEVICES} where org = ?1 order by user, enrolled_at");
            let mut statement = connection.prepare_cached(&sql)?;
            let found = statement.query_map([org.as_bytes()], device_row)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn revoke_device(
        &self,
        org: OrgId,
        device: DeviceId,
        at: Timestamp,
    ) -> Result<bool, StorageError> {
        self.write(move |connection| revoke_device(connection, org, device, at)).await
    }

    async fn stored_up_to(
        &self,
        org: OrgId,
        device: DeviceId,
    ) -> Result<Option<Seq>, StorageError> {
        self.read(move |connection| {
            let found = connection
                .prepare_cached("select stored_seq from device where org = ?1 and device = ?2")?
                .query_row(params![org.as_bytes(), device.as_bytes()], |row| row.get(0))
                .optional()?;
            Ok(found.flatten())
        })
        .await
    }

    async fn stored_after(
        &self,
        org: OrgId,
        device: DeviceId,
        after: Seq,
    ) -> Result<Vec<ChangeHash>, StorageError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "select c.hash from feed f
                 join change c on c.org = f.org and c.doc = f.doc and c.seq = f.seq
                 where f.org = ?1 and f.seq > ?2 and f.op = 'change' and c.device = ?3
                   and c.replica <> ?4
                   -- What somebody accepted for it: the phone waits for the decision.
                   and not exists (select 1 from quarantine q where q.org = c.org
                       and q.doc = c.doc and q.change = c.hash and q.verdict is not null)",
            )?;
            let found = statement.query_map(
                params![org.as_bytes(), after, device.as_bytes(), Origin::GIVEN_BACK.as_bytes()],
                |row| hash(row, 0),
            )?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn actor_owner(
        &self,
        org: OrgId,
        actor: ActorId,
    ) -> Result<Option<DeviceRow>, StorageError> {
        self.read(move |connection| {
            let sql = format!("{SELECT_DEVICES} where org = ?1 and actor = ?2");
            Ok(connection
                .prepare_cached(&sql)?
                .query_row(params![org.as_bytes(), actor.as_bytes()], device_row)
                .optional()?)
        })
        .await
    }

    async fn open_session(
        &self,
        org: OrgId,
        session: NewSession,
        tokens: Vec<NewToken>,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        self.write(move |connection| sessions::open(connection, org, &session, &tokens, at)).await
    }

    async fn token_owner(&self, hash: TokenHash) -> Result<Option<TokenOwner>, StorageError> {
        self.read(move |connection| sessions::owner(connection, hash)).await
    }

    async fn confirm_tokens(
        &self,
        org: OrgId,
        session: SessionId,
        generation: u32,
    ) -> Result<(), StorageError> {
        self.write(move |connection| sessions::confirm(connection, org, session, generation)).await
    }

    async fn refresh(
        &self,
        hash: TokenHash,
        tokens: Vec<NewToken>,
        at: Timestamp,
    ) -> Result<RefreshOutcome, StorageError> {
        self.write(move |connection| sessions::refresh(connection, hash, &tokens, at)).await
    }

    async fn close_session(
        &self,
        org: OrgId,
        session: SessionId,
        why: &'static str,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        self.write(move |connection| sessions::close(connection, org, session, why, at)).await
    }

    async fn access(&self, org: OrgId, user: UserId) -> Result<Option<Access>, StorageError> {
        self.read(move |connection| access::current(connection, org, user)).await
    }

    async fn access_between(
        &self,
        org: OrgId,
        user: UserId,
        from: u32,
        to: u32,
    ) -> Result<Vec<Access>, StorageError> {
        self.read(move |connection| access::between(connection, org, user, from, to)).await
    }
}

/// Adds what somebody signs in with; the record of the person comes separately.
pub(super) fn add_account(
    connection: &Connection,
    org: OrgId,
    account: &NewAccount,
    at: Timestamp,
) -> Result<(), StorageError> {
    let added = connection
        .prepare_cached(
            "insert into user (org, user, login, password, must_change, created_at)
             values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do nothing",
        )?
        .execute(params![
            org.as_bytes(),
            account.user.id.as_bytes(),
            account.login,
            account.password,
            account.must_change,
            at.millis()
        ])?;
    if added == 0 {
        return Err(StorageError::Exists { what: "an account with this login" });
    }
    Ok(())
}

pub(super) fn one_account(
    connection: &Connection,
    org: OrgId,
    user: UserId,
) -> Result<Option<Account>, StorageError> {
    let found = connection
        .prepare_cached(
            "select org, user, login, password, must_change, password_until from user
             where org = ?1 and user = ?2",
        )?
        .query_row(params![org.as_bytes(), user.as_bytes()], bare_account)
        .optional()?;
    found.map_or(Ok(None), |found| with_record(connection, found))
}

struct BareAccount {
    org: OrgId,
    user: UserId,
    login: String,
    password: String,
    must_change: bool,
    password_until: Option<Timestamp>,
}

fn bare_account(row: &Row<'_>) -> rusqlite::Result<BareAccount> {
    Ok(BareAccount {
        org: id(row, 0, OrgId::from_bytes)?,
        user: id(row, 1, UserId::from_bytes)?,
        login: row.get(2)?,
        password: row.get(3)?,
        must_change: row.get(4)?,
        password_until: optional_time(row, 5)?,
    })
}

fn with_record(
    connection: &Connection,
    found: BareAccount,
) -> Result<Option<Account>, StorageError> {
    let user: Option<UserRecord> = access::user_record(connection, found.org, found.user)?;
    Ok(user.map(|user| Account {
        org: found.org,
        login: found.login,
        password: found.password,
        must_change: found.must_change,
        password_until: found.password_until,
        user,
    }))
}

const SELECT_DEVICES: &str = "select device, user, actor, name, platform, app_version, enrolled_at,
     seen_at, pushed_at, revoked_at, successor, replaced_at, waiting, clock_ahead_ms from device";

fn device_row(row: &Row<'_>) -> rusqlite::Result<DeviceRow> {
    Ok(DeviceRow {
        device: id(row, 0, DeviceId::from_bytes)?,
        user: id(row, 1, UserId::from_bytes)?,
        actor: id(row, 2, ActorId::from_bytes)?,
        name: row.get(3)?,
        platform: row.get(4)?,
        app_version: row.get(5)?,
        enrolled_at: time(row, 6)?,
        seen_at: time(row, 7)?,
        pushed_at: optional_time(row, 8)?,
        revoked_at: optional_time(row, 9)?,
        successor: optional_id(row, 10, DeviceId::from_bytes)?.zip(optional_time(row, 11)?),
        said: row
            .get::<_, Option<u32>>(12)?
            .zip(row.get::<_, Option<i64>>(13)?)
            .map(|(waiting, clock_ahead_ms)| DeviceSays { waiting, clock_ahead_ms }),
    })
}

pub(super) fn one_device(
    connection: &Connection,
    org: OrgId,
    device: DeviceId,
) -> Result<Option<DeviceRow>, StorageError> {
    let sql = format!("{SELECT_DEVICES} where org = ?1 and device = ?2");
    Ok(connection
        .prepare_cached(&sql)?
        .query_row(params![org.as_bytes(), device.as_bytes()], device_row)
        .optional()?)
}

pub(super) fn enrol(
    connection: &Connection,
    org: OrgId,
    new: &NewDevice,
    at: Timestamp,
) -> Result<Enrolment, StorageError> {
    if let Some(known) = one_device(connection, org, new.device)? {
        if known.user != new.user || known.actor != new.actor {
            return Ok(Enrolment::Taken);
        }
        if known.revoked_at.is_some() {
            return Ok(Enrolment::Revoked);
        }
        connection.execute(
            "update device set name = ?3, platform = ?4, app_version = ?5, seen_at = ?6
             where org = ?1 and device = ?2",
            params![
                org.as_bytes(),
                new.device.as_bytes(),
                new.name,
                new.platform,
                new.app_version,
                at.millis()
            ],
        )?;
        return Ok(Enrolment::Known);
    }
    let added = connection.execute(
        "insert into device (org, device, user, actor, name, platform, app_version, enrolled_at,
             seen_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) on conflict do nothing",
        params![
            org.as_bytes(),
            new.device.as_bytes(),
            new.user.as_bytes(),
            new.actor.as_bytes(),
            new.name,
            new.platform,
            new.app_version,
            at.millis()
        ],
    )?;
    if added == 0 {
        return Ok(Enrolment::Taken);
    }
    let record = DeviceRecord {
        id: new.device,
        user: new.user,
        actor: new.actor,
        platform: new.platform.clone(),
        enrolled_at: at,
        revoked_at: None,
    };
    write_records::one(connection, org, &Record::Device(record), at)?;
    Ok(Enrolment::New)
}

/// The devices of a person.
pub(super) fn devices_of(
    connection: &Connection,
    org: OrgId,
    user: UserId,
) -> Result<Vec<DeviceId>, StorageError> {
    let mut statement =
        connection.prepare_cached("select device from device where org = ?1 and user = ?2")?;
    let found = statement.query_map(params![org.as_bytes(), user.as_bytes()], |row| {
        id(row, 0, DeviceId::from_bytes)
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn revoke_device(
    connection: &Connection,
    org: OrgId,
    device: DeviceId,
    at: Timestamp,
) -> Result<bool, StorageError> {
    let Some(known) = one_device(connection, org, device)? else { return Ok(false) };
    connection.execute(
        "update device set revoked_at = coalesce(revoked_at, ?3) where org = ?1 and device = ?2",
        params![org.as_bytes(), device.as_bytes(), at.millis()],
    )?;
    connection.execute(
        "update session set revoked_at = ?3, revoked_why = 'device'
         where org = ?1 and device = ?2 and revoked_at is null",
        params![org.as_bytes(), device.as_bytes(), at.millis()],
    )?;
    let record = DeviceRecord {
        id: known.device,
        user: known.user,
        actor: known.actor,
        platform: known.platform,
        enrolled_at: known.enrolled_at,
        revoked_at: Some(known.revoked_at.unwrap_or(at)),
    };
    write_records::one(connection, org, &Record::Device(record), at)?;
    Ok(true)
}
