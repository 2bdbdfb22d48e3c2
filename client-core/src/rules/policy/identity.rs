//! What a policy is known by: the hash that cards, reports and receipts name it by.
//!
//! Those are kept for years, and the policy is read again from the text that a manager
//! entered. A key that is new since then stands in no such text; its default does what
//! the rules did without it. So a value that a later key has by default is left out of
//! the hash, whether the text says it or not: the policy says what it always said, and
//! an old card finds it. A number that differs from the default is another policy.

use std::collections::BTreeMap;

use ciborium::Value;

use super::Policy;
use crate::rules::canonical;

/// A key that policies were already known without, and the value that stands for its
/// absence: what serde's default was when it came, which later defaults do not change.
struct Later {
    /// The table, and the key in it.
    table: &'static str,
    key: &'static str,
    absent: Absent,
}

enum Absent {
    Text(&'static str),
    Count(u32),
}

/// In the order in which they came. A new key of a policy gets its line here.
const LATER: [Later; 2] = [
    Later { table: "goals", key: "key_accounts", absent: Absent::Text("20%") },
    Later { table: "goals", key: "new_product_months", absent: Absent::Count(12) },
];

/// SHA-256 of the values; comments, layout and `[sources]` do not count.
pub(super) fn hash(policy: &Policy) -> [u8; 32] {
    let bare = Policy { sources: BTreeMap::new(), ..policy.clone() };
    let Ok(mut values) = Value::serialized(&bare) else {
        // Every policy was read from TOML, which holds less than CBOR can.
        return canonical::digest(&bare);
    };
    for later in &LATER {
        let Some(table) = entry(&mut values, later.table).and_then(Value::as_map_mut) else {
            continue;
        };
        table.retain(|(key, value)| key.as_text() != Some(later.key) || !later.absent.is(value));
    }
    canonical::digest(&values)
}

impl Absent {
    fn is(&self, value: &Value) -> bool {
        match self {
            Self::Text(text) => value.as_text() == Some(*text),
            Self::Count(count) => *value == Value::from(*count),
        }
    }
}

fn entry<'a>(of: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    let found = of.as_map_mut()?.iter_mut().find(|(key, _value)| key.as_text() == Some(name));
    found.map(|(_key, value)| value)
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;
    use crate::rules::policy::preset_text;

    fn hash_of(text: &str) -> String {
        HEXLOWER.encode(&Policy::from_toml(text).unwrap().hash())
    }

    /// Texts as they were entered, and what cards of their time call them.
    const FROZEN: [(&str, &str); 2] = [
        (
            include_str!("frozen/rules-6.toml"),
            "be42b3a0a4cf217d6b07cc1b95da6bb6df28b5b1ba082e27f0b143778c761738",
        ),
        (
            include_str!("frozen/rules-7.toml"),
            "31c77265fcad8d8210519100a4e04d1c5b8045da13d07bd2847310255062b627",
        ),
    ];

    #[test]
    fn a_policy_from_before_a_key_existed_keeps_the_hash_that_its_cards_name() {
        for (text, hash) in FROZEN {
            assert_eq!(hash_of(text), hash);
        }
    }

    #[test]
    fn saying_the_default_of_a_later_key_is_the_same_policy_and_another_value_another() {
        let text = preset_text("guide-standard").unwrap();
        let base = hash_of(text);
        let without = |line: &str| {
            let found = text.lines().find(|given| given.starts_with(line)).unwrap();
            let source = format!("\"goals.{line}\" =");
            let rest = text.lines().filter(|given| *given != found && !given.starts_with(&source));
            rest.collect::<Vec<_>>().join("\n")
        };
        for (key, given, other) in
            [("key_accounts", "\"20%\"", "\"21%\""), ("new_product_months", "12", "13")]
        {
            assert_eq!(hash_of(&without(key)), base, "{key}");
            let line = text.lines().find(|line| line.starts_with(key)).unwrap();
            let changed = text.replacen(line, &line.replacen(given, other, 1), 1);
            assert_ne!(hash_of(&changed), base, "{key}");
        }
    }

    #[test]
    fn the_absent_values_are_the_defaults() {
        // Where a default were changed, texts without the key would mean something else
        // under the same hash.
        let old = Policy::from_toml(FROZEN[0].0).unwrap();
        let mut values = Value::serialized(&old).unwrap();
        for later in &LATER {
            let table = entry(&mut values, later.table).unwrap();
            assert!(later.absent.is(entry(table, later.key).unwrap()), "{}", later.key);
        }
    }
}
