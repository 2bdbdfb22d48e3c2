//! Finding a customer by what a rep has in mind: a piece of the name in either
//! script, its sound, the end of a number; and by what a new one is too like.

use rusqlite::{Connection, params};

use super::{StoreError, alias, outbox};
use crate::docs::customer::{CustomerState, Phone};
use crate::id::DocId;
use crate::names::{self, FoldedName, Likeness, LikenessReason, likeness};

/// Stands between the parts of one searchable text; never part of folded text.
const MARK: char = '|';

/// A customer that a new one may be a duplicate of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The customer.
    pub customer: DocId,
    /// How alike the names are; [`Likeness::SAME`] for the same number.
    pub likeness: Likeness,
    /// What the names have in common, if they are alike.
    pub name: Option<LikenessReason>,
    /// They have a phone number in common.
    pub same_phone: bool,
}

fn phones(state: &CustomerState) -> impl Iterator<Item = &Phone> {
    state.phones.values().chain(state.contacts.values().map(|contact| &contact.phone))
}

/// Writes what a customer is found by.
pub(super) fn put(conn: &Connection, doc: DocId, state: &CustomerState) -> Result<(), StoreError> {
    let known = || {
        let contacts = state.contacts.values().filter_map(|contact| contact.name.as_ref());
        state.name.iter().chain(state.aliases.values()).chain(contacts)
    };
    let (mut text, mut sounds) = (String::from(MARK), String::from(MARK));
    for name in known() {
        text.push_str(&names::fold(name));
        text.push(MARK);
        sounds.push_str(&names::initials(name));
        sounds.push(MARK);
        sounds.push_str(&names::pinyin(name));
        sounds.push(MARK);
    }
    let mut numbers = String::from(MARK);
    conn.prepare_cached("delete from customer_phone where doc = ?1")?
        .execute(params![doc.as_bytes()])?;
    for phone in phones(state) {
        for form in [&phone.raw, &phone.e164].into_iter().flatten() {
            numbers.push_str(&names::digits(form));
            numbers.push(MARK);
        }
        if let Some(e164) = &phone.e164 {
            conn.prepare_cached(
                "insert into customer_phone (doc, e164) values (?1, ?2) on conflict do nothing",
            )?
            .execute(params![doc.as_bytes(), e164])?;
        }
    }
    conn.prepare_cached(
        "insert into customer_search (doc, names, sounds, phones) values (?1, ?2, ?3, ?4)
         on conflict (doc) do update set names = excluded.names, sounds = excluded.sounds,
             phones = excluded.phones",
    )?
    .execute(params![doc.as_bytes(), text, sounds, numbers])?;
    Ok(())
}

/// What to look for, prepared from what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needle {
    /// Folded text; a substring of a name or the beginning of its sound.
    pub text: String,
    /// Digits and the mark: the tail of a number.
    pub tail: Option<String>,
}

impl Needle {
    /// `None` when nothing searchable was typed.
    pub(super) fn of(typed: &str) -> Option<Self> {
        let text = names::fold(typed);
        let digits = names::digits(typed);
        let number = !digits.is_empty() && digits == text;
        (!text.is_empty()).then(|| Self { text, tail: number.then(|| format!("{digits}{MARK}")) })
    }
}

/// The condition of a search over `customer_search s`, with `:text` and `:tail`.
/// Initials match anywhere (people type the part they remember).
pub(super) const MATCHES: &str = "(instr(s.names, :text) > 0 or instr(s.sounds, :text) > 0
     or (:tail is not null and instr(s.phones, :tail) > 0))";

/// Order of a search: whole name, beginning of a name, inside a name, sound, number.
pub(super) const RANK: &str = "case when instr(s.names, '|' || :text || '|') > 0 then 0
     when instr(s.names, '|' || :text) > 0 then 1
     when instr(s.names, :text) > 0 then 2
     when instr(s.sounds, '|' || :text) > 0 then 3 else 4 end";

/// Customers that a new one with this name and number may be a duplicate of,
/// likeliest first, at most `limit`.
pub(crate) fn candidates(
    conn: &Connection,
    name: &str,
    phone: Option<&Phone>,
    limit: usize,
) -> Result<Vec<Candidate>, StoreError> {
    let wanted = FoldedName::of(name);
    let e164 = phone.and_then(|phone| phone.e164.as_deref());
    let mut statement = conn.prepare_cached(
        "select s.doc, s.names, exists (
             select 1 from customer_phone p where p.doc = s.doc and p.e164 = ?1)
         from customer_search s",
    )?;
    let mut rows = statement.query(params![e164])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let names: String = row.get(1)?;
        let same_phone: bool = row.get(2)?;
        let best = names
            .split(MARK)
            .filter(|name| !name.is_empty())
            .map(|name| likeness(&wanted, &FoldedName::of(name)))
            .max_by_key(|(likeness, _)| *likeness)
            .filter(|(likeness, _)| *likeness >= Likeness::WORTH_A_LOOK);
        if best.is_some() || same_phone {
            found.push(Candidate {
                customer: alias::shown_as(conn, outbox::doc_id(&row.get::<_, Vec<u8>>(0)?)?)?,
                likeness: if same_phone {
                    Likeness::SAME
                } else {
                    best.map(|(likeness, _)| likeness).unwrap_or_default()
                },
                name: best.map(|(_, reason)| reason),
                same_phone,
            });
        }
    }
    found.sort_by_key(|candidate| (std::cmp::Reverse(candidate.likeness), candidate.customer));
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|candidate| seen.insert(candidate.customer));
    found.truncate(limit);
    Ok(found)
}
