//! Ids of any text, and back.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::read::settled::{stop_names, target_name};
use super::types::{PlainPlan, PlainTarget};
use crate::id::{DocId, ItemId, RecordId, UserId};
use crate::period::Period;

/// Every text of a file, in order: a text's place is its id, so that rules that go by
/// the order of ids go by the order of texts.
#[derive(Debug, Default)]
pub(super) struct Names {
    texts: Vec<String>,
}

impl Names {
    /// Of a file that is asked about `asked`, of a rep alone where there is one.
    pub(super) fn of(value: &Value, sole: Option<&str>, asked: Period) -> Self {
        let mut texts = BTreeSet::from([super::read::REP.to_owned()]);
        collect(value, &mut texts);
        // What has no id is named by what it says.
        for target in list::<PlainTarget>(value, "targets") {
            texts.insert(target_name(&target, sole, asked));
        }
        for plan in list::<PlainPlan>(value, "plans") {
            texts.extend(stop_names(&plan.stops));
        }
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

/// The elements of a list, as far as they can be read.
fn list<T: DeserializeOwned>(file: &Value, name: &str) -> Vec<T> {
    let items = file.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| serde_json::from_value(item.clone()).ok()).collect()
}

fn collect(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            texts.insert(text.clone());
        }
        Value::Array(items) => {
            items.iter().for_each(|item| collect(item, texts));
        }
        Value::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
        _ => {}
    }
}
