//! No sum of a file's money is more than a figure can hold: an amount cut off at the largest
//! number would look like one that was counted.

use serde_json::{Map, Value};

use super::{PlainError, Read};

/// Lists whose amounts may stand in one sum.
const TOGETHER: [&[&str]; 4] =
    [&["deals", "orders"], &["quotes", "contracts"], &["instalments"], &["payments"]];

/// All amounts of lists that are summed fit, and so do targets.
pub(super) fn check(file: &Map<String, Value>) -> Read<()> {
    let in_list = |list: &str, amount: &dyn Fn(&Value) -> i128| -> i128 {
        let items = file.get(list).and_then(Value::as_array).map(Vec::as_slice);
        items.unwrap_or_default().iter().map(amount).sum()
    };
    let lines = |one: &Value| -> i128 {
        let lines = one.get("lines").and_then(Value::as_array).map(Vec::as_slice);
        lines.unwrap_or_default().iter().map(|line| amount(line, "amount_minor")).sum()
    };
    for lists in TOGETHER {
        let of = |part: &dyn Fn(&Value) -> i128| lists.iter().map(|list| in_list(list, part)).sum();
        fits(&lists.join(" and "), of(&|one| amount(one, "amount_minor")))?;
        fits(&lists.join(" and "), of(&lines))?;
    }
    fits("targets", in_list("targets", &|one| amount(one, "value")))
}

fn amount(one: &Value, field: &str) -> i128 {
    let number = one.get(field).and_then(Value::as_i64).unwrap_or(0);
    i128::from(number).abs()
}

fn fits(lists: &str, sum: i128) -> Read<()> {
    if sum <= i128::from(i64::MAX) {
        return Ok(());
    }
    let problem = format!(
        "their amounts come to {sum}, and no more than {} can be counted: expected smaller ones, \
         or fewer facts in one file",
        i64::MAX
    );
    Err(PlainError::new(lists, problem))
}
