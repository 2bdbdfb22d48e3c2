//! Counting the columns of a change without decoding operations.
//!
//! Automerge walks all columns as far as the action column reaches, and per
//! operation as many predecessors as the group column says. Those two sums are
//! bounded by the operation limit; every other column may not reach further.

use crate::guard::bytes::{Cursor, check_value};
use crate::guard::{Limits, Rejection, malformed};

// Column specifications: id << 4 | type, with bit 3 for compression.
const OBJECT_ACTOR: u64 = 1;
const OBJECT_COUNTER: u64 = 2;
const KEY_ACTOR: u64 = 17;
const KEY_COUNTER: u64 = 19;
const KEY_TEXT: u64 = 21;
const INSERT: u64 = 52;
const ACTION: u64 = 66;
const VALUE_META: u64 = 86;
const VALUE: u64 = 87;
const PRED_COUNT: u64 = 112;
const PRED_ACTOR: u64 = 113;
const PRED_COUNTER: u64 = 115;
const EXPAND: u64 = 148;
const MARK_NAME: u64 = 165;

/// Every column a raw change may have, in the order in which they come.
const KNOWN: [u64; 14] = [
    OBJECT_ACTOR,
    OBJECT_COUNTER,
    KEY_ACTOR,
    KEY_COUNTER,
    KEY_TEXT,
    INSERT,
    ACTION,
    VALUE_META,
    VALUE,
    PRED_COUNT,
    PRED_ACTOR,
    PRED_COUNTER,
    EXPAND,
    MARK_NAME,
];

/// Screens the columns that `body` stands before and returns how many
/// operations they claim. `others` is the number of actors besides the author.
pub(super) fn screen(
    body: &mut Cursor<'_>,
    others: u64,
    limits: &Limits,
) -> Result<u64, Rejection> {
    let count = body.unsigned()?;
    if count > KNOWN.len() as u64 {
        return malformed("it has more columns than there are");
    }
    let mut lengths = [0_u64; KNOWN.len()];
    let mut known = KNOWN.iter().zip(&mut lengths);
    for _ in 0..count {
        let specification = body.unsigned()?;
        let length = body.unsigned()?;
        match known.find(|(known, _)| **known == specification) {
            Some((_, slot)) => *slot = length,
            None => return malformed("a column is unknown, compressed or out of order"),
        }
    }
    let mut columns = [Cursor::new(&[]); KNOWN.len()];
    for (column, length) in columns.iter_mut().zip(lengths) {
        *column = Cursor::new(body.slice(length)?);
    }
    let find = |wanted: u64| {
        let found = KNOWN.iter().zip(columns).find(|(known, _)| **known == wanted);
        found.map_or(Cursor::new(&[]), |(_, column)| column)
    };

    let limit = limits.change_operations;
    let operations = match runs(find(ACTION), limit, unsigned, |_, _| Ok(()))? {
        Counted::All(operations) => operations,
        Counted::Beyond(operations) => {
            return Err(Rejection::TooManyOperations { operations, limit });
        }
    };
    let mut preds = 0_u64;
    let counted = runs(find(PRED_COUNT), operations, unsigned, |each, times| {
        preds = preds.saturating_add(each.saturating_mul(times));
        Ok(())
    })?;
    counted.fits()?;
    if preds > limit {
        return Err(Rejection::TooManyOperations { operations: preds, limit });
    }

    let is_actor = |index: u64, _| {
        if index > others { malformed("it refers to an actor it does not name") } else { Ok(()) }
    };
    runs(find(OBJECT_ACTOR), operations, unsigned, is_actor)?.fits()?;
    runs(find(OBJECT_COUNTER), operations, unsigned, |_, _| Ok(()))?.fits()?;
    runs(find(KEY_ACTOR), operations, unsigned, is_actor)?.fits()?;
    runs(find(KEY_COUNTER), operations, signed, |_, _| Ok(()))?.fits()?;
    runs(find(PRED_ACTOR), preds, unsigned, is_actor)?.fits()?;
    runs(find(PRED_COUNTER), preds, signed, |_, _| Ok(()))?.fits()?;
    let text = |column: &mut Cursor<'_>| {
        let length = column.unsigned()?;
        match std::str::from_utf8(column.value(length, limits)?) {
            Ok(_) => Ok(()),
            Err(_) => malformed("a key is not UTF-8"),
        }
    };
    runs(find(KEY_TEXT), operations, text, |(), _| Ok(()))?.fits()?;
    runs(find(MARK_NAME), operations, text, |(), _| Ok(()))?.fits()?;
    booleans(find(INSERT), operations)?.fits()?;
    booleans(find(EXPAND), operations)?.fits()?;

    // The low four bits are the type, the others the length in the value column.
    let mut value_bytes = 0_u64;
    let counted = runs(find(VALUE_META), operations, unsigned, |meta, times| {
        check_value(meta >> 4, limits)?;
        value_bytes = value_bytes.saturating_add((meta >> 4).saturating_mul(times));
        Ok(())
    })?;
    counted.fits()?;
    if usize::try_from(value_bytes) != Ok(find(VALUE).rest().len()) {
        return malformed("its values have other lengths than they state");
    }
    Ok(operations)
}

/// How far a column reaches.
enum Counted {
    All(u64),
    Beyond(u64),
}

impl Counted {
    const fn fits(self) -> Result<(), Rejection> {
        match self {
            Self::All(_) => Ok(()),
            Self::Beyond(_) => malformed("a column reaches beyond its operations"),
        }
    }
}

fn unsigned(column: &mut Cursor<'_>) -> Result<u64, Rejection> {
    column.unsigned()
}

fn signed(column: &mut Cursor<'_>) -> Result<i64, Rejection> {
    column.signed()
}

/// Walks a run-length column: a positive number repeats one value, a negative
/// one is followed by as many values, zero by the length of a run of nulls.
/// Stops as soon as it reaches beyond `limit`.
fn runs<T>(
    mut column: Cursor<'_>,
    limit: u64,
    mut read: impl FnMut(&mut Cursor<'_>) -> Result<T, Rejection>,
    mut each: impl FnMut(T, u64) -> Result<(), Rejection>,
) -> Result<Counted, Rejection> {
    let mut total = 0_u64;
    while !column.rest().is_empty() {
        let run = column.signed()?;
        let length = if run == 0 { column.unsigned()? } else { run.unsigned_abs() };
        total = total.saturating_add(length);
        if total > limit {
            return Ok(Counted::Beyond(total));
        }
        match run {
            0 => {}
            1.. => each(read(&mut column)?, length)?,
            ..0 => {
                for _ in 0..length {
                    each(read(&mut column)?, 1)?;
                }
            }
        }
    }
    Ok(Counted::All(total))
}

/// Walks a boolean column: lengths of runs, alternating, false first.
fn booleans(mut column: Cursor<'_>, limit: u64) -> Result<Counted, Rejection> {
    let mut total = 0_u64;
    while !column.rest().is_empty() {
        total = total.saturating_add(column.unsigned()?);
        if total > limit {
            return Ok(Counted::Beyond(total));
        }
    }
    Ok(Counted::All(total))
}
