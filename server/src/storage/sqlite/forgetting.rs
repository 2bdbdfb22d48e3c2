//! What was written in words about a document or a person beside the documents.
//!
//! A new generation takes the history. Around it stand texts that people wrote: the
//! note of a decision, the reason of a void, a command as its phone sent it, what a
//! closed placement keeps of a customer. Each is a room of its own here, so that a new
//! kind of record with words in it has one place to be named in.

use client_core::docs::ERASED;
use client_core::id::{DocId, OrgId, RecordId, UserId};
use client_core::records::{Approval, Record, RecordKind, Verdict};
use client_core::time::Timestamp;
use rusqlite::{Connection, params};

use super::codec::id;
use super::{aliases, issued, records, write_records};
use crate::storage::StorageError;

/// Kinds of record that hold what people said to each other.
const WITH_WORDS: [RecordKind; 8] = [
    RecordKind::Decision,
    RecordKind::Void,
    RecordKind::Review,
    RecordKind::Adjustment,
    RecordKind::Contest,
    RecordKind::Signal,
    RecordKind::Appraisal,
    RecordKind::Help,
];

/// The decisions about a document: what their leaders wrote goes, and what still waits
/// is over, because it builds on a history that is gone. To be called before the bytes
/// kept aside are deleted, which say which decisions these are.
pub(super) fn cases(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    at: Timestamp,
) -> Result<(), StorageError> {
    let cases: Vec<RecordId> = connection
        .prepare_cached(
            "select distinct decision from quarantine
             where org = ?1 and doc = ?2 and decision is not null",
        )?
        .query_map(params![org.as_bytes(), doc.as_bytes()], |row| id(row, 0, RecordId::from_bytes))?
        .collect::<Result<_, _>>()?;
    for case in cases {
        commands_with(connection, org, case.as_bytes())?;
        let row = records::one(connection, org, RecordKind::Decision, case)?;
        let Some(record) = row.and_then(|row| row.decode().ok()) else { continue };
        let mut wordless = without_words(record.clone()).unwrap_or(record);
        if let Record::Decision(decision) = &mut wordless
            && decision.verdict.is_none()
        {
            decision.verdict = Some(Verdict::Rejected);
            decision.at = Some(at);
            decision.note = Some(ERASED.to_owned());
        }
        write_records::one(connection, org, &wordless, at)?;
    }
    Ok(())
}

/// What else was written down about a document in words, and what a source calls it.
pub(super) fn beside(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    at: Timestamp,
) -> Result<(), StorageError> {
    for sql in [
        "update audit set detail = null where org = ?1 and subject = ?2",
        "delete from external_key where org = ?1 and id = ?2",
    ] {
        connection.prepare_cached(sql)?.execute(params![org.as_bytes(), doc.as_bytes()])?;
    }
    commands_with(connection, org, doc.as_bytes())?;
    issued::forget(connection, org, doc.as_bytes())?;
    help_on(connection, org, doc, at)?;
    left_with(connection, org, doc, at)
}

/// What somebody was told who asked for help on a visit: its record has the visit's id.
fn help_on(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    at: Timestamp,
) -> Result<(), StorageError> {
    let id = RecordId::from_bytes(*doc.as_bytes());
    let record = records::one(connection, org, RecordKind::Help, id)?;
    let wordless = record.and_then(|row| row.decode().ok()).and_then(without_words);
    match wordless {
        Some(wordless) => write_records::one(connection, org, &wordless, at).map(|_seq| ()),
        None => Ok(()),
    }
}

/// What former holders keep of a customer. Cards rest on it, so they are marked.
fn left_with(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    at: Timestamp,
) -> Result<(), StorageError> {
    let Some(mut placement) = records::placement(connection, org, doc)? else { return Ok(()) };
    let mut people = std::collections::BTreeSet::new();
    for span in &mut placement.spans {
        people.extend(span.people().collect::<Vec<_>>());
        if let Some(left) = &mut span.left_with {
            left.name = Some(ERASED.to_owned());
            left.position = None;
        }
    }
    write_records::one(connection, org, &Record::Placement(placement), at)?;
    aliases::mark_every_card(connection, org, &people, at)
}

/// What somebody wrote, or what was written about their work, beside documents.
pub(super) fn words_about(
    connection: &Connection,
    org: OrgId,
    user: UserId,
    at: Timestamp,
) -> Result<(), StorageError> {
    issued::forget(connection, org, user.as_bytes())?;
    for kind in WITH_WORDS {
        for row in records::of_kind(connection, org, kind)? {
            let Ok(record) = row.decode() else { continue };
            let theirs = match &record {
                Record::Decision(decision) => decision.author == user || decision.by == Some(user),
                Record::Void(void) => void.author == user || void.by == Some(user),
                Record::Review(review) => review.author == user || review.by == Some(user),
                Record::Adjustment(asked) => asked.by == Some(user),
                Record::Contest(contest) => contest.rep == user,
                Record::Help(help) => help.rep == user || help.by == Some(user),
                Record::Signal(signal) => signal.rep == user,
                Record::Appraisal(appraisal) => appraisal.rep == user,
                _ => false,
            };
            if let Some(wordless) = theirs.then(|| without_words(record)).flatten() {
                write_records::one(connection, org, &wordless, at)?;
            }
        }
    }
    Ok(())
}

/// A record with its texts marked; none for a kind that holds none.
fn without_words(record: Record) -> Option<Record> {
    let erased = || ERASED.to_owned();
    match record {
        Record::Decision(mut decision) => {
            decision.note = decision.note.map(|_note| erased());
            for left_out in &mut decision.left_out {
                left_out.value = left_out.value.take().map(|_value| erased());
            }
            Some(Record::Decision(decision))
        }
        Record::Void(mut void) => {
            void.reason = erased();
            Some(Record::Void(void))
        }
        Record::Review(mut review) => {
            review.comment = erased();
            Some(Record::Review(review))
        }
        Record::Adjustment(mut asked) => {
            asked.reason = erased();
            asked.answer = asked.answer.map(wordless);
            Some(Record::Adjustment(asked))
        }
        Record::Contest(mut contest) => {
            contest.reason = erased();
            contest.answer = contest.answer.map(wordless);
            Some(Record::Contest(contest))
        }
        Record::Help(mut help) => {
            help.note = help.note.take().map(|_note| erased());
            Some(Record::Help(help))
        }
        Record::Signal(mut signal) => {
            if let Some(answer) = &mut signal.answer {
                answer.note = erased();
            }
            Some(Record::Signal(signal))
        }
        Record::Appraisal(mut appraisal) => {
            for step in &mut appraisal.steps {
                step.comment = step.comment.take().map(|_comment| erased());
            }
            Some(Record::Appraisal(appraisal))
        }
        _ => None,
    }
}

/// A yes or a no without what was said with it.
fn wordless(answer: Approval) -> Approval {
    Approval { note: answer.note.map(|_note| ERASED.to_owned()), ..answer }
}

/// Empties commands that speak of a thing. They were answered: what stays is that they
/// were, so that a repeated one is answered alike.
fn commands_with(connection: &Connection, org: OrgId, id: &[u8; 16]) -> Result<(), StorageError> {
    connection
        .prepare_cached("update command set body = x'' where org = ?1 and instr(body, ?2) > 0")?
        .execute(params![org.as_bytes(), id])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use client_core::id::{CommandId, DeviceId};
    use client_core::protocol::DecideQuarantine;
    use client_core::records::Cause;

    use super::*;
    use crate::storage::conformance::{Bench, NOW, erasures::anew};
    use crate::storage::model::{AsideOutcome, Decided, NewCommand, Room, SetAside};
    use crate::storage::sqlite::SqliteStorage;
    use crate::storage::{Documents, Erasures, Quarantine, Records};

    const SECRET: &str = "his wife is ill";

    /// Whether a text stands anywhere in what the file's tables hold.
    fn stands(path: &std::path::Path, text: &str) -> bool {
        let file = Connection::open(path).unwrap();
        let found = |sql: &str| {
            let mut statement = file.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| row.get::<_, Option<Vec<u8>>>(0)).unwrap();
            let rows: Vec<Option<Vec<u8>>> = rows.map(Result::unwrap).collect();
            rows.iter()
                .flatten()
                .any(|body| body.windows(text.len()).any(|at| at == text.as_bytes()))
        };
        found("select body from command")
            || found("select body from record")
            || found("select cast(detail as blob) from audit")
            || found("select bytes from quarantine")
    }

    #[tokio::test]
    async fn words_about_a_document_go_with_its_history() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data.db");
        let storage = SqliteStorage::create(&path).unwrap();
        let bench = Bench::over(&storage).await;
        let anna = bench.rep().await;
        let mut draft = bench.stored(anna).await;
        let stored = draft.clone();
        draft.rename(SECRET);
        let changes = draft.changes.iter().map(|one| (one.hash, one.bytes.clone())).collect();
        let aside = SetAside {
            header: *draft.document.header(),
            origin: draft.commit().origin,
            reason: "late".into(),
            cause: Cause::Late,
            changes,
            room: Room::default(),
        };
        let kept = storage.set_aside(bench.org, aside, NOW).await.unwrap();
        let AsideOutcome::Kept(case) = kept else { panic!("{kept:?}") };
        let note = Some(SECRET.to_owned());
        let body = DecideQuarantine { case, verdict: Verdict::Rejected, note: note.clone() };
        let command = NewCommand {
            id: CommandId::from_bytes([1; 16]),
            user: anna,
            device: DeviceId::from_bytes([2; 16]),
            kind: DecideQuarantine::KIND.into(),
            body: body.encode(),
            refused: None,
        };
        storage.keep_command(bench.org, command, NOW).await.unwrap();
        let decided = Decided {
            case,
            seen: 1,
            verdict: Verdict::Rejected,
            by: Some(anna),
            note,
            to: None,
            commit: None,
            left_out: Vec::new(),
            waits_on: Vec::new(),
        };
        storage.decide(bench.org, decided, NOW).await.unwrap();
        assert!(stands(&path, SECRET));

        storage.restart(bench.org, anew(&stored)).await.unwrap();
        assert!(!stands(&path, SECRET));
        let row = storage.record(bench.org, RecordKind::Decision, case).await.unwrap().unwrap();
        let Ok(Record::Decision(decision)) = row.decode() else { panic!("{row:?}") };
        let (verdict, note) = (decision.verdict, decision.note.as_deref());
        assert_eq!((verdict, note), (Some(Verdict::Rejected), Some(ERASED)), "that it was stays");
        let answered = storage.command_answer(bench.org, CommandId::from_bytes([1; 16])).await;
        assert_eq!(answered.unwrap(), Some(None), "a repeated command is answered alike");
    }
}
