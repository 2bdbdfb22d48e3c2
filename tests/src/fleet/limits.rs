//! What nobody can be faster or smaller than, measured in the same run: a bare
//! durable insert, zstd of the plain JSON, an echo over loopback.

use std::path::Path;
use std::time::Duration;

use client_core::docs::{DocKind, Document};
use client_core::engine::{Client, CustomerQuery, VisitQuery};
use client_core::id::{DocId, UserId};
use client_core::projection::DocState;
use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::stopwatch::{Laps, now, timed};

/// Bytes of the bare row: about one visit's change.
const ROW: usize = 640;

/// A table with one column that is inserted into durably: WAL, `synchronous = FULL`.
pub struct BareInsert {
    connection: Connection,
    row: Vec<u8>,
}

impl BareInsert {
    /// In a file of its own in `dir`.
    pub fn in_dir(dir: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(dir.join("bare.db"))?;
        connection.execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full;
             create table if not exists bare (id integer primary key, body blob not null) strict;",
        )?;
        Ok(Self { connection, row: vec![7; ROW] })
    }

    /// Inserts one row durably.
    pub fn insert(&mut self) -> anyhow::Result<Duration> {
        let mut statement =
            self.connection.prepare_cached("insert into bare (body) values (?1)")?;
        let (done, lap) = timed(|| statement.execute(params![self.row]));
        done?;
        Ok(lap)
    }
}

/// Bytes of `zstd -3` over documents as plain JSON of the same fields.
pub fn zstd_of_json(documents: &[Value]) -> anyhow::Result<u64> {
    let plain = serde_json::to_vec(documents)?;
    Ok(zstd::bulk::compress(&plain, 3)?.len() as u64)
}

/// A document as plain JSON: what is set, and what its header says.
pub fn plain(document: &Document) -> anyhow::Result<Value> {
    let header = document.header();
    fields(&DocState::read(document), header.doc, header.customer, header.author)
}

/// Everything a phone shows, as plain JSON.
pub fn plain_of_phone(client: &Client) -> anyhow::Result<Vec<Value>> {
    let mut all = Vec::new();
    let mut query = CustomerQuery { limit: 200, ..CustomerQuery::default() };
    loop {
        let page = client.customers(&query)?;
        for row in page.items {
            let state = client_core::docs::Hydrated { value: row.state, faults: Vec::new() };
            all.push(fields(&DocState::Customer(state), row.id, None, row.author)?);
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    let mut query = VisitQuery { limit: 200, ..VisitQuery::default() };
    loop {
        let page = client.visits(&query)?;
        for row in page.items {
            let state = client_core::docs::Hydrated { value: row.state, faults: Vec::new() };
            all.push(fields(&DocState::Visit(state), row.id, row.customer, row.author)?);
        }
        query.after = page.next;
        if query.after.is_none() {
            return Ok(all);
        }
    }
}

/// One visit that a phone shows, as plain JSON.
pub fn plain_visit(client: &Client, visit: DocId) -> anyhow::Result<Option<Value>> {
    let Some(row) = client.visit(visit)? else { return Ok(None) };
    let state = client_core::docs::Hydrated { value: row.state, faults: Vec::new() };
    fields(&DocState::Visit(state), row.id, row.customer, row.author).map(Some)
}

fn fields(
    state: &DocState,
    doc: DocId,
    customer: Option<DocId>,
    author: UserId,
) -> anyhow::Result<Value> {
    let value = match state {
        DocState::Customer(state) => serde_json::to_value(&state.value)?,
        DocState::Visit(state) => serde_json::to_value(&state.value)?,
        DocState::Deal(state) => serde_json::to_value(&state.value)?,
        DocState::Plan(state) => serde_json::to_value(&state.value)?,
        DocState::Case(state) => serde_json::to_value(&state.value)?,
    };
    let mut all = Map::new();
    all.insert("id".into(), json!(doc));
    all.insert("author".into(), json!(author));
    if state.kind() == DocKind::Visit {
        all.insert("customer".into(), json!(customer));
    }
    if let Value::Object(fields) = tidy(value) {
        all.extend(fields);
    }
    Ok(Value::Object(all))
}

/// As people would write the JSON: what is not set is left out, bytes are hex.
fn tidy(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(key, value)| (key, tidy(value)))
                .filter(|(_, value)| !is_nothing(value))
                .collect(),
        ),
        Value::Array(items) if items.len() >= 16 && items.iter().all(Value::is_u64) => {
            let bytes = items.iter().filter_map(Value::as_u64);
            Value::String(bytes.map(|byte| format!("{byte:02x}")).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(tidy).collect()),
        other => other,
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Round trips of one small message over loopback: no request can be faster.
pub async fn loopback_echo(times: u32) -> anyhow::Result<Laps> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let mut buffer = [0; 512];
        loop {
            let read = stream.read(&mut buffer).await?;
            if read == 0 {
                return std::io::Result::Ok(());
            }
            stream.write_all(&buffer[..read]).await?;
        }
    });
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut laps, message, mut buffer) = (Laps::default(), [7; 300], [0; 300]);
    for _ in 0..times {
        let lap = now();
        stream.write_all(&message).await?;
        stream.read_exact(&mut buffer).await?;
        laps.add(lap.elapsed());
    }
    Ok(laps)
}
