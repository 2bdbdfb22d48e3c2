//! What visits cost on the wire: DESIGN 12, the full workload.

use crate::docs::samples::{at, captured, check, fill_visit, header};
use crate::docs::visit::{Attachment, JournalLink, VisitState};
use crate::docs::{ChangeHash, DocKind, Document, EditContext};
use crate::geo::Point;
use crate::id::{ActorId, DocId, ItemId};

/// Xorshift: what does not compress must not repeat.
struct Noise(u64);

impl Noise {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0.to_le_bytes()[5]
        })
    }
}

#[test]
fn fifty_full_visits_cost_less_than_their_json() {
    let mut noise = Noise(88_172_645_463_325_252);
    let actor = ActorId::from_bytes(noise.bytes());
    let (mut changes, mut json) = (Vec::new(), Vec::new());
    for number in 0..50_i64 {
        let minute = number * 60;
        let doc = DocId::new(at(minute), noise.bytes());
        let mut visit = Document::create(crate::docs::Header { doc, ..header(DocKind::Visit) });
        let context = EditContext { actor, at: at(minute) };
        let change = visit.edit_visit(&context, |edit| {
            let mut arrival = check(minute);
            arrival.fix.as_mut().unwrap().point =
                Point::wgs84(312_304_160 + number * 7919, 1_214_737_010 - number * 6101).unwrap();
            edit.check_in(&arrival)?;
            let photo = Attachment {
                hash: ChangeHash(noise.bytes()),
                length: 345_678,
                media_type: "image/jpeg".into(),
                taken_at: captured(minute + 3),
            };
            edit.add_photo(ItemId::new(at(minute), noise.bytes()), &photo)?;
            fill_visit(edit)?;
            let link = JournalLink { previous: noise.bytes(), customer_heads: noise.bytes() };
            edit.submit(&captured(minute + 50), &link)
        });
        changes.extend(change.unwrap().unwrap().bytes);
        json.extend(serde_json::to_vec(&VisitState::read(&visit).value).unwrap());
    }
    let changes = zstd::encode_all(&changes[..], 3).unwrap().len();
    let json = zstd::encode_all(&json[..], 3).unwrap().len();
    assert!(changes <= 22_000, "{changes} bytes for 50 visits");
    assert!(changes * 2 <= json * 3, "{changes} bytes, and {json} as JSON");
}
