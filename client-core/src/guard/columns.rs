//! Counting the columns of a change without decoding operations.
//!
//! Automerge walks all columns as far as the action column reaches, and per
//! operation as many predecessors as the group column says. Those two sums are
//! bounded by the operation limit; every other column may not reach further. A
//! run repeats its value, so what a run of keys comes to is bounded too.

use crate::guard::bytes::Cursor;
use crate::guard::{Limits, Rejection, ensure};

/// What the values of a column are.
enum Holds {
    Actors,
    Numbers,
    Steps,
    Texts,
    Flags,
    Lengths,
    Bytes,
}

// Column specifications: id << 4 | type, with bit 3 for compression.
const ACTION: u64 = 66;
const PRED_COUNT: u64 = 112;
const PRED_ACTOR: u64 = 113;
const PRED_COUNTER: u64 = 115;

const UNKNOWN_COLUMN: Rejection =
    Rejection::Malformed { reason: "a column is unknown, compressed or out of order" };

/// Every column that a raw change may have, in the order in which they come.
const KNOWN: [(u64, Holds); 14] = [
    (1, Holds::Actors),
    (2, Holds::Numbers),
    (17, Holds::Actors),
    (19, Holds::Steps),
    (21, Holds::Texts),
    (52, Holds::Flags),
    (ACTION, Holds::Numbers),
    (86, Holds::Lengths),
    (87, Holds::Bytes),
    (PRED_COUNT, Holds::Numbers),
    (PRED_ACTOR, Holds::Actors),
    (PRED_COUNTER, Holds::Steps),
    (148, Holds::Flags),
    (165, Holds::Texts),
];

/// Screens the columns that `body` stands before and returns how many
/// operations they claim. `others` is the number of actors besides the author.
pub(super) fn screen(
    body: &mut Cursor<'_>,
    others: u64,
    limits: &Limits,
) -> Result<u64, Rejection> {
    let columns = split(body)?;
    let find = |wanted: u64| {
        let found = KNOWN.iter().zip(columns).find(|((known, _), _)| *known == wanted);
        found.map_or(Cursor::new(&[]), |(_, column)| column)
    };
    let limit = limits.change_operations;
    let operations = runs(find(ACTION), limit, Cursor::unsigned, |_, _| Ok(()))?;
    Rejection::unless_within("operations", operations, limit)?;
    let mut preds = 0_u64;
    let grouped = runs(find(PRED_COUNT), operations, Cursor::unsigned, |each, times| {
        preds = preds.saturating_add(each.saturating_mul(times));
        Ok(())
    })?;
    Rejection::unless_within("overwritten operations", preds.max(grouped), limit)?;

    let (mut texts, mut values) = (0_u64, 0_u64);
    for ((specification, holds), column) in KNOWN.iter().zip(columns) {
        let of_preds = [PRED_ACTOR, PRED_COUNTER].contains(specification);
        let bound = if of_preds { preds } else { operations };
        let reached = match holds {
            Holds::Actors => runs(column, bound, Cursor::unsigned, |index, _| {
                ensure(index <= others, "it refers to an actor it does not name")
            }),
            Holds::Numbers => runs(column, bound, Cursor::unsigned, |_, _| Ok(())),
            Holds::Steps => runs(column, bound, Cursor::signed, |_, _| Ok(())),
            Holds::Flags => flags(column, bound),
            Holds::Texts => {
                let read = |column: &mut Cursor<'_>| column.text(limits.text_bytes);
                runs(column, bound, read, |length, times| {
                    texts = texts.saturating_add(length.saturating_mul(times));
                    Rejection::unless_within("bytes of keys", texts, limits.document_bytes as u64)
                })
            }
            // The low four bits are the type, the others the length in the next column.
            Holds::Lengths => runs(column, bound, Cursor::unsigned, |meta, times| {
                values = values.saturating_add((meta >> 4).saturating_mul(times));
                Rejection::unless_within("bytes in one value", meta >> 4, limits.text_bytes as u64)
            }),
            Holds::Bytes => {
                let stated = values == column.rest().len() as u64;
                ensure(stated, "its values have other lengths than they state").map(|()| 0)
            }
        };
        ensure(reached? <= bound, "a column reaches beyond its operations")?;
    }
    Ok(operations)
}

/// The columns one after another, empty where there is none.
fn split<'b>(body: &mut Cursor<'b>) -> Result<[Cursor<'b>; KNOWN.len()], Rejection> {
    let count = body.unsigned()?;
    let mut lengths = [0_u64; KNOWN.len()];
    let mut known = KNOWN.iter().zip(&mut lengths);
    for _ in 0..count {
        let (specification, length) = (body.unsigned()?, body.unsigned()?);
        let slot = known.find(|((known, _), _)| *known == specification);
        *slot.ok_or(UNKNOWN_COLUMN)?.1 = length;
    }
    let mut columns = [Cursor::new(&[]); KNOWN.len()];
    for (column, length) in columns.iter_mut().zip(lengths) {
        *column = Cursor::new(body.slice(length)?);
    }
    Ok(columns)
}

/// How far a run-length column reaches: a positive number repeats one value, a
/// negative one is followed by as many values, zero by the length of a run of
/// nulls. Stops as soon as it reaches beyond `bound`.
fn runs<'b, T>(
    mut column: Cursor<'b>,
    bound: u64,
    mut read: impl FnMut(&mut Cursor<'b>) -> Result<T, Rejection>,
    mut each: impl FnMut(T, u64) -> Result<(), Rejection>,
) -> Result<u64, Rejection> {
    let mut reached = 0_u64;
    while !column.rest().is_empty() && reached <= bound {
        let run = column.signed()?;
        let length = if run == 0 { column.unsigned()? } else { run.unsigned_abs() };
        reached = reached.saturating_add(length);
        // One value that is repeated, or as many values as there are.
        let (values, times) = if run > 0 { (1, length) } else { (length, 1) };
        if run != 0 && reached <= bound {
            for _ in 0..values {
                each(read(&mut column)?, times)?;
            }
        }
    }
    Ok(reached)
}

/// How far a column of flags reaches: lengths of runs, alternating, false first.
fn flags(mut column: Cursor<'_>, bound: u64) -> Result<u64, Rejection> {
    let mut reached = 0_u64;
    while !column.rest().is_empty() && reached <= bound {
        reached = reached.saturating_add(column.unsigned()?);
    }
    Ok(reached)
}
