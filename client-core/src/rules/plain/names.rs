//! Ids of any text, and back.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::id::{DocId, ItemId, RecordId, UserId};

/// Every text of a file, in order: a text's place is its id, so that rules that go by
/// the order of ids go by the order of texts.
#[derive(Debug, Default)]
pub(super) struct Names {
    texts: Vec<String>,
}

impl Names {
    pub(super) fn of(value: &Value) -> Self {
        let mut texts = BTreeSet::from([super::read::REP.to_owned()]);
        collect(value, &mut texts);
        // Places in lists stand for ids that were left out.
        Self { texts: texts.into_iter().collect() }
    }

    fn bytes(&self, text: &str) -> [u8; 16] {
        let place = self.texts.binary_search_by(|known| known.as_str().cmp(text)).ok();
        let place = place.and_then(|place| u128::try_from(place).ok());
        place.map_or(0, |place| place + 1).to_be_bytes()
    }

    pub(super) fn doc(&self, text: &str) -> DocId {
        DocId::from_bytes(self.bytes(text))
    }

    pub(super) fn rep(&self, text: &str) -> UserId {
        UserId::from_bytes(self.bytes(text))
    }

    pub(super) fn item(&self, text: &str) -> ItemId {
        ItemId::from_bytes(self.bytes(text))
    }

    pub(super) fn record(&self, text: &str) -> RecordId {
        RecordId::from_bytes(self.bytes(text))
    }

    /// The text of an id.
    pub(super) fn text(&self, bytes: &[u8; 16]) -> String {
        let place = u128::from_be_bytes(*bytes).checked_sub(1);
        let place = place.and_then(|place| usize::try_from(place).ok());
        place.and_then(|place| self.texts.get(place)).cloned().unwrap_or_default()
    }

    pub(super) fn of_doc(&self, doc: DocId) -> String {
        self.text(doc.as_bytes())
    }

    /// A reminder's id with texts in the place of ids.
    pub(super) fn in_task(&self, id: &str) -> String {
        let named = id.split_once(':').and_then(|(kind, subject)| {
            let doc: DocId = subject.parse().ok()?;
            Some(format!("{kind}:{}", self.of_doc(doc)))
        });
        named.unwrap_or_else(|| id.to_owned())
    }
}

fn collect(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            texts.insert(text.clone());
        }
        Value::Array(items) => {
            texts.extend((0..items.len()).map(|place| format!("#{}", place + 1)));
            items.iter().for_each(|item| collect(item, texts));
        }
        Value::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
        _ => {}
    }
}
