//! Requests to the server (a review, a contested score line), queued offline.

use rusqlite::{Connection, OptionalExtension, params};
use serde_bytes::ByteBuf;

use super::StoreError;
use crate::id::CommandId;
use crate::protocol::{Command, CommandResult};
use crate::time::Timestamp;

/// How far a command has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandState {
    /// Waits on this phone.
    Saved,
    /// The server refused it.
    Refused {
        /// For people.
        reason: String,
    },
    /// The server took it: its effect arrives as a record.
    Taken,
}

/// A request that the server has not taken: it waits, or was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestEntry {
    /// Its id.
    pub id: CommandId,
    /// What is asked, for example `review_visit`.
    pub kind: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// What is asked, as the request's kind says: see [`protocol`](crate::protocol).
    pub body: Vec<u8>,
    /// How far it has come.
    pub state: CommandState,
}

/// Every request that the server has not taken, oldest first.
pub(crate) fn not_taken(conn: &Connection) -> Result<Vec<RequestEntry>, StoreError> {
    let mut statement = conn.prepare_cached(
        "select id, kind, queued_at, state, reason, body from command order by queued_at, id",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let id = CommandId::from_slice(&row.get::<_, Vec<u8>>(0)?)
            .ok_or_else(|| StoreError::damaged("command", "an id is not 16 bytes"))?;
        let state = match row.get::<_, String>(3)?.as_str() {
            "refused" => CommandState::Refused {
                reason: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
            },
            _ => CommandState::Saved,
        };
        let asked_at = Timestamp::from_millis(row.get(2)?);
        let (kind, body) = (row.get(1)?, row.get(5)?);
        found.push(RequestEntry { id, kind, asked_at, body, state });
    }
    Ok(found)
}

/// Lets go of a request that was refused.
pub(crate) fn dismiss(conn: &Connection, id: CommandId) -> Result<bool, StoreError> {
    let gone = conn
        .prepare_cached("delete from command where id = ?1 and state = 'refused'")?
        .execute(params![id.as_bytes()])?;
    Ok(gone > 0)
}

/// Puts a command behind those that wait, also where the clock stands still or goes
/// back: the second answer to one question must not overtake the first.
pub(crate) fn queue(conn: &Connection, command: &Command, at: Timestamp) -> Result<(), StoreError> {
    conn.prepare_cached(
        "insert into command (id, kind, body, state, queued_at)
         values (?1, ?2, ?3, 'saved', max(?4, coalesce((select max(queued_at) + 1 from command), ?4)))
         on conflict (id) do nothing",
    )?
    .execute(params![
        command.id.as_bytes(),
        command.kind,
        command.body.as_slice(),
        at.millis()
    ])?;
    Ok(())
}

/// At most 100 waiting commands, oldest first: as many as go into one request.
pub(super) fn collect(conn: &Connection) -> Result<Vec<Command>, StoreError> {
    waiting(conn, 100)
}

/// Every waiting command, oldest first.
pub(super) fn all(conn: &Connection) -> Result<Vec<Command>, StoreError> {
    waiting(conn, i64::MAX)
}

fn waiting(conn: &Connection, limit: i64) -> Result<Vec<Command>, StoreError> {
    let mut statement = conn.prepare_cached(
        "select id, kind, body from command where state <> 'refused'
         order by queued_at, id limit ?1",
    )?;
    let mut rows = statement.query(params![limit])?;
    let mut commands = Vec::new();
    while let Some(row) = rows.next()? {
        let id = CommandId::from_slice(&row.get::<_, Vec<u8>>(0)?)
            .ok_or_else(|| StoreError::damaged("command", "an id is not 16 bytes"))?;
        commands.push(Command {
            id,
            kind: row.get(1)?,
            body: ByteBuf::from(row.get::<_, Vec<u8>>(2)?),
        });
    }
    Ok(commands)
}

/// The server answered: a taken command is done, a refused one is kept.
pub(super) fn settle(conn: &Connection, result: &CommandResult) -> Result<(), StoreError> {
    match &result.refused {
        None => conn
            .prepare_cached("delete from command where id = ?1")?
            .execute(params![result.id.as_bytes()])?,
        Some(reason) => conn
            .prepare_cached("update command set state = 'refused', reason = ?2 where id = ?1")?
            .execute(params![result.id.as_bytes(), reason])?,
    };
    Ok(())
}

pub(super) fn waiting_count(conn: &Connection) -> Result<u64, StoreError> {
    counted(conn, "select count(*) from command where state <> 'refused'")
}

pub(super) fn refused_count(conn: &Connection) -> Result<u64, StoreError> {
    counted(conn, "select count(*) from command where state = 'refused'")
}

fn counted(conn: &Connection, sql: &str) -> Result<u64, StoreError> {
    let count: i64 = conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// A command that is no longer here was taken.
pub(crate) fn state(conn: &Connection, id: CommandId) -> Result<CommandState, StoreError> {
    let row: Option<(String, Option<String>)> = conn
        .prepare_cached("select state, reason from command where id = ?1")?
        .query_row(params![id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match row {
        None => CommandState::Taken,
        Some((state, reason)) if state == "refused" => {
            CommandState::Refused { reason: reason.unwrap_or_default() }
        }
        Some(_) => CommandState::Saved,
    })
}
