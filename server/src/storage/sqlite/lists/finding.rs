//! What a text search looks in.
//!
//! Everybody types a name their own way, so rows carry it folded (width, case,
//! script), by sound, and their numbers as digits, one a line; a search is then
//! one `instr`. The phone's store searches the same forms.

use client_core::docs::DocKind;
use client_core::docs::customer::{CustomerState, Phone};
use client_core::docs::deal::DealState;
use client_core::names::{digits, fold, initials, pinyin};
use client_core::projection::DocState;
use rusqlite::{Connection, params};

use crate::storage::StorageError;
use crate::storage::sqlite::codec::corrupt;

/// What is looked for: folded like what it is looked for in. `None` for a text of
/// nothing but spaces; a text of nothing but signs finds nothing, not everything.
pub(super) fn wanted(text: &str) -> Option<String> {
    let folded = fold(text);
    match (text.trim().is_empty(), folded.is_empty()) {
        (true, _) => None,
        (false, true) => Some("\n\n".to_owned()),
        (false, false) => Some(folded),
    }
}

/// What a customer is found by.
pub(crate) fn customer(state: &CustomerState) -> String {
    let names: Vec<&str> =
        state.name.iter().chain(state.aliases.values()).map(String::as_str).collect();
    let number = |phone: &Phone| {
        let typed = phone.e164.as_deref().or(phone.raw.as_deref());
        typed.map(digits)
    };
    let contacts = state.contacts.values().map(|contact| &contact.phone);
    let numbers = state.phones.values().chain(contacts).filter_map(number);
    let folded = names.iter().map(|name| fold(name));
    let sounds = names.iter().flat_map(|name| [initials(name), pinyin(name)]);
    let places = state.industry.iter().chain(&state.region).map(|text| fold(text));
    lines(folded.chain(sounds).chain(places).chain(numbers))
}

/// What a deal is found by.
pub(crate) fn deal(state: &DealState) -> String {
    let name = state.name.iter();
    lines(name.flat_map(|name| [fold(name), initials(name), pinyin(name)]))
}

/// Its products, one a line, with a line end on both sides of each.
pub(crate) fn products(state: &DealState) -> Option<String> {
    let names = state.products.values().filter_map(|product| product.product.as_deref());
    let listed = lines(names.map(|name| name.replace('\n', " ")));
    (!listed.is_empty()).then(|| format!("\n{listed}\n"))
}

fn lines(parts: impl Iterator<Item = String>) -> String {
    let mut seen: Vec<String> = Vec::new();
    for part in parts {
        if !part.is_empty() && !seen.contains(&part) {
            seen.push(part);
        }
    }
    seen.join("\n")
}

/// Fills in what rows of an older program lack. Costs an empty index where there
/// are none.
pub(crate) fn fill(connection: &mut Connection) -> Result<(), StorageError> {
    let transaction = connection.transaction()?;
    for (doc, kind, body) in unfound(&transaction)? {
        let state = DocState::decode(kind, &body)
            .map_err(|error| corrupt("projection row", error.to_string()))?;
        match &state {
            DocState::Customer(state) => {
                transaction
                    .prepare_cached("update customer_row set find = ?2 where rowid = ?1")?
                    .execute(params![doc, customer(&state.value)])?;
            }
            DocState::Deal(state) => {
                let state = &state.value;
                transaction
                    .prepare_cached(
                        "update deal_row set find = ?2, priority = ?3, products = ?4, staged_at = ?5
                         where rowid = ?1",
                    )?
                    .execute(params![
                        doc,
                        deal(state),
                        state.priority.as_ref().map(ToString::to_string),
                        products(state),
                        staged_at(state),
                    ])?;
            }
            DocState::Visit(_) | DocState::Plan(_) | DocState::Case(_) => {}
        }
    }
    transaction.commit()?;
    Ok(())
}

/// The last entry into a stage.
pub(crate) fn staged_at(state: &DealState) -> Option<i64> {
    state.stage_history.values().map(|entry| entry.at.millis()).max()
}

fn unfound(connection: &Connection) -> Result<Vec<(i64, DocKind, Vec<u8>)>, StorageError> {
    let mut found = Vec::new();
    for (kind, sql) in [
        (DocKind::Customer, "select rowid, body from customer_row where find is null"),
        (DocKind::Deal, "select rowid, body from deal_row where find is null"),
    ] {
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, kind, row.get(1)?)))?;
        for row in rows {
            found.push(row?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use client_core::docs::customer::Contact;
    use client_core::id::ItemId;

    use super::*;

    #[test]
    fn a_customer_is_found_by_name_sound_and_the_tail_of_a_number() {
        let mut state = CustomerState {
            name: Some("上海浦江精密機械有限公司".into()),
            industry: Some("Metalworking".into()),
            ..CustomerState::default()
        };
        let phone = Phone { raw: Some("138-1234-5678".into()), e164: None, label: None };
        let contact = Contact { phone, ..Contact::default() };
        state.contacts.insert(ItemId::from_bytes([1; 16]), contact);
        let find = customer(&state);
        for text in ["浦江", "PUJIANG", "shpj", "精密机械", "5678", "1234 5678", "metal"] {
            assert!(find.contains(&wanted(text).unwrap()), "{text} in {find}");
        }
        assert!(!find.contains(&wanted("%").unwrap()), "a percent sign finds percent signs only");
        assert_eq!(wanted("  "), None);
    }
}
