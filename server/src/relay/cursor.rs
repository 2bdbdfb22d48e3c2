//! The cursor's content.
//!
//! ```text
//! 1   layout, 1
//! 8   epoch of the data file
//! 4   access version this cursor serves
//! 4   access version whose scopes are complete (0: none)
//! 4   oldest access version of which anything may have been sent
//! 8   common position
//! 8   mark of the feed row there
//! 1   flags: 1 in mid-pull, 2 a back-fill follows
//! [2  index of the scope in back-fill
//!  1  place: 0 its start, 1 records, 2 documents, 3 leaving, 4 what matters today
//!  …  1: rank (1), id (16) · 2: rank (1), position (8) · 3: document (16)
//!     4: class (1), key (8), document (16), step (1)]
//! 16  signature
//! ```

use client_core::id::{DocId, RecordId};

use crate::storage::model::{BackfillPlace, Mark, RelevantPlace, Seq};

const LAYOUT: u8 = 1;
const IN_PULL: u8 = 1;
const BACKFILL: u8 = 2;

/// Where a reader stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) epoch: [u8; 8],
    pub(super) access: u32,
    pub(super) complete: u32,
    pub(super) oldest: u32,
    pub(super) after: Seq,
    pub(super) mark: Mark,
    pub(super) in_pull: bool,
    pub(super) backfill: Option<(u16, Option<BackfillPlace>)>,
}

impl Position {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![LAYOUT];
        bytes.extend(self.epoch);
        bytes.extend(self.access.to_be_bytes());
        bytes.extend(self.complete.to_be_bytes());
        bytes.extend(self.oldest.to_be_bytes());
        bytes.extend(self.after.get().to_be_bytes());
        bytes.extend(self.mark);
        let mut flags = 0;
        if self.in_pull {
            flags |= IN_PULL;
        }
        if self.backfill.is_some() {
            flags |= BACKFILL;
        }
        bytes.push(flags);
        if let Some((index, place)) = &self.backfill {
            bytes.extend(index.to_be_bytes());
            match place {
                None => bytes.push(0),
                Some(BackfillPlace::Records { rank, id }) => {
                    bytes.extend([1, *rank]);
                    bytes.extend(id.as_bytes());
                }
                Some(BackfillPlace::Documents { rank, below }) => {
                    bytes.extend([2, *rank]);
                    bytes.extend(below.get().to_be_bytes());
                }
                Some(BackfillPlace::Leaving { after }) => {
                    bytes.push(3);
                    bytes.extend(after.as_bytes());
                }
                Some(BackfillPlace::Relevant(RelevantPlace { class, key, doc, step })) => {
                    bytes.extend([4, *class]);
                    bytes.extend(key.to_be_bytes());
                    bytes.extend(doc.as_bytes());
                    bytes.push(*step);
                }
            }
        }
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        if reader.take::<1>()? != [LAYOUT] {
            return None;
        }
        let epoch = reader.take()?;
        let access = u32::from_be_bytes(reader.take()?);
        let complete = u32::from_be_bytes(reader.take()?);
        let oldest = u32::from_be_bytes(reader.take()?);
        let after = Seq::from_wire(u64::from_be_bytes(reader.take()?));
        let mark = reader.take()?;
        let [flags] = reader.take()?;
        let backfill = if flags & BACKFILL == 0 { None } else { Some(reader.backfill()?) };
        let in_pull = flags & IN_PULL != 0;
        reader.0.is_empty().then_some(Self {
            epoch,
            access,
            complete,
            oldest,
            after,
            mark,
            in_pull,
            backfill,
        })
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn backfill(&mut self) -> Option<(u16, Option<BackfillPlace>)> {
        let index = u16::from_be_bytes(self.take()?);
        let place = match self.take::<1>()? {
            [0] => None,
            [1] => {
                let [rank] = self.take()?;
                Some(BackfillPlace::Records { rank, id: RecordId::from_bytes(self.take()?) })
            }
            [2] => {
                let [rank] = self.take()?;
                let below = Seq::from_wire(u64::from_be_bytes(self.take()?));
                Some(BackfillPlace::Documents { rank, below })
            }
            [3] => Some(BackfillPlace::Leaving { after: DocId::from_bytes(self.take()?) }),
            [4] => {
                let [class] = self.take()?;
                let key = i64::from_be_bytes(self.take()?);
                let doc = DocId::from_bytes(self.take()?);
                let [step] = self.take()?;
                Some(BackfillPlace::Relevant(RelevantPlace { class, key, doc, step }))
            }
            _ => return None,
        };
        Some((index, place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(backfill: Option<(u16, Option<BackfillPlace>)>) -> Position {
        Position {
            epoch: [7; 8],
            access: 3,
            complete: 2,
            oldest: 1,
            after: Seq::from_wire(258),
            mark: [9; 8],
            in_pull: true,
            backfill,
        }
    }

    #[test]
    fn every_place_survives_and_nothing_else_is_read() {
        let id = [5; 16];
        for place in [
            None,
            Some(BackfillPlace::Records { rank: 4, id: RecordId::from_bytes(id) }),
            Some(BackfillPlace::Documents { rank: 1, below: Seq::from_wire(99) }),
            Some(BackfillPlace::Leaving { after: DocId::from_bytes(id) }),
            Some(BackfillPlace::Relevant(RelevantPlace {
                class: 1,
                key: -5,
                doc: DocId::from_bytes(id),
                step: 3,
            })),
            Some(BackfillPlace::Relevant(RelevantPlace::END)),
        ] {
            let position = position(Some((2, place)));
            let bytes = position.encode();
            assert_eq!(Position::decode(&bytes), Some(position));
            for cut in 0..bytes.len() {
                assert_eq!(Position::decode(&bytes[..cut]), None, "{cut}");
            }
        }
    }

    #[test]
    fn the_layout_is_fixed() {
        let place = BackfillPlace::Documents { rank: 1, below: Seq::from_wire(99) };
        let bytes = position(Some((2, Some(place)))).encode();
        insta::assert_snapshot!(data_encoding::HEXLOWER.encode(&bytes), @"0107070707070707070000000300000002000000010000000000000102090909090909090903000202010000000000000063");
    }
}
