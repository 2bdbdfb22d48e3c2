//! The first change of every document: a committed constant per kind.
//!
//! Genesis creates `schema` = 1 and the root maps of its kind, with a fixed
//! actor at time 0. The n-th map is operation n + 2 of that actor, which names
//! it for ever. A root map that a later schema needs comes as a further
//! constant change of the same actor that depends only on genesis.

use std::sync::LazyLock;

use automerge::{ActorId, Automerge, Change, ObjId};

use crate::docs::{ChangeHash, DocKind, case, customer, deal, plan, visit};

/// The actor of genesis. No device is ever bound to it.
pub(crate) const ACTOR: [u8; 16] = *b"fieldsync-origin";

/// The operation that creates the first root map; operation 1 puts `schema`.
const FIRST_MAP: u64 = 2;

/// A root map of a document, created by genesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Root {
    operation: u64,
    pub(crate) name: &'static str,
}

impl Root {
    /// The `index`-th map of its kind.
    pub(crate) const fn new(index: u64, name: &'static str) -> Self {
        Self { operation: FIRST_MAP + index, name }
    }

    /// The number of the operation that creates it.
    pub(crate) const fn operation(self) -> u64 {
        self.operation
    }

    /// Its object id. The last part is only a hint that Automerge checks.
    pub(crate) fn id(self) -> ObjId {
        ObjId::Id(self.operation, ActorId::from(&ACTOR[..]), 0)
    }
}

/// Declares the root maps of a kind in the order in which genesis creates them.
macro_rules! roots {
    ($($name:ident = $text:literal),+ $(,)?) => {
        crate::docs::genesis::roots!(@each 0; $($name = $text,)+);
        pub(crate) const ROOTS: &[crate::docs::genesis::Root] = &[$($name),+];
    };
    (@each $index:expr; $name:ident = $text:literal, $($rest:tt)*) => {
        pub(crate) const $name: crate::docs::genesis::Root =
            crate::docs::genesis::Root::new($index, $text);
        crate::docs::genesis::roots!(@each $index + 1; $($rest)*);
    };
    (@each $index:expr;) => {};
}
pub(crate) use roots;

/// The committed bytes of a kind's genesis.
pub(crate) const fn bytes(kind: DocKind) -> &'static [u8] {
    match kind {
        DocKind::Customer => include_bytes!("genesis/customer.bin"),
        DocKind::Visit => include_bytes!("genesis/visit.bin"),
        DocKind::Deal => include_bytes!("genesis/deal.bin"),
        DocKind::Plan => include_bytes!("genesis/plan.bin"),
        DocKind::Case => include_bytes!("genesis/case.bin"),
    }
}

/// The root maps of a kind.
pub(crate) const fn roots_of(kind: DocKind) -> &'static [Root] {
    match kind {
        DocKind::Customer => customer::layout::ROOTS,
        DocKind::Visit => visit::layout::ROOTS,
        DocKind::Deal => deal::layout::ROOTS,
        DocKind::Plan => plan::layout::ROOTS,
        DocKind::Case => case::layout::ROOTS,
    }
}

/// Operations of a kind's genesis: `schema` and a map each.
pub(crate) const fn operations(kind: DocKind) -> u64 {
    roots_of(kind).len() as u64 + 1
}

/// Genesis as a document, and its hash.
struct Genesis {
    document: Automerge,
    hash: ChangeHash,
}

fn parsed(kind: DocKind) -> Genesis {
    let mut document = Automerge::new();
    let mut hash = ChangeHash([0; 32]);
    // A committed constant; a test holds that it parses and applies.
    if let Ok(change) = Change::from_bytes(bytes(kind).to_vec()) {
        hash = ChangeHash(change.hash().0);
        let applied = document.apply_changes([change]);
        debug_assert!(applied.is_ok(), "{applied:?}");
    }
    Genesis { document, hash }
}

fn genesis(kind: DocKind) -> &'static Genesis {
    static CUSTOMER: LazyLock<Genesis> = LazyLock::new(|| parsed(DocKind::Customer));
    static VISIT: LazyLock<Genesis> = LazyLock::new(|| parsed(DocKind::Visit));
    static DEAL: LazyLock<Genesis> = LazyLock::new(|| parsed(DocKind::Deal));
    static PLAN: LazyLock<Genesis> = LazyLock::new(|| parsed(DocKind::Plan));
    static CASE: LazyLock<Genesis> = LazyLock::new(|| parsed(DocKind::Case));
    match kind {
        DocKind::Customer => &CUSTOMER,
        DocKind::Visit => &VISIT,
        DocKind::Deal => &DEAL,
        DocKind::Plan => &PLAN,
        DocKind::Case => &CASE,
    }
}

/// A fresh document that holds genesis and nothing else.
pub(crate) fn document(kind: DocKind) -> Automerge {
    genesis(kind).document.clone()
}

/// The hash of a kind's genesis.
pub(crate) fn hash(kind: DocKind) -> ChangeHash {
    genesis(kind).hash
}

#[cfg(test)]
mod tests {
    use automerge::transaction::{CommitOptions, Transactable};
    use automerge::{ObjType, ROOT, ReadDoc};

    use super::*;

    /// How the constants were made. Never bless a new result: a document that
    /// starts from other bytes does not merge with any document in the field.
    /// If this fails after an Automerge upgrade, the encoder changed: drop the
    /// comparison, keep the constants. If it fails after an edit of a layout,
    /// undo the edit: a new root map is an upgrade change, not a new genesis.
    fn rebuilt(kind: DocKind) -> Vec<u8> {
        let mut document = Automerge::new().with_actor(ActorId::from(&ACTOR[..]));
        let mut transaction = document.transaction();
        transaction.put(ROOT, "schema", 1_i64).unwrap();
        for root in roots_of(kind) {
            let id = transaction.put_object(ROOT, root.name, ObjType::Map).unwrap();
            assert_eq!(id, root.id(), "{}", root.name);
        }
        transaction.commit_with(CommitOptions::default().with_time(0));
        document.get_last_local_change().unwrap().raw_bytes().to_vec()
    }

    #[test]
    fn the_committed_genesis_is_what_its_recipe_gives() {
        for kind in DocKind::ALL {
            assert_eq!(bytes(kind), rebuilt(kind), "never re-bless: see `rebuilt`");
        }
    }

    #[test]
    fn the_hash_of_every_genesis_never_changes() {
        let hashes: Vec<_> = DocKind::ALL
            .iter()
            .map(|kind| format!("{} {} {}", kind.as_str(), bytes(*kind).len(), hash(*kind)))
            .collect();
        assert_eq!(hashes, HASHES, "never re-bless: devices in the field hold the old ones");
    }

    const HASHES: [&str; 5] = [
        "customer 145 8485a373d6d3f217a5393edf11ac09afaa5a693110fffd695c74b066b4e2cf4d",
        "plan 109 a5413cb6f9acbef98f69dc9c5448665ed848fc8ad3da3672a741f5236767cdc8",
        "deal 161 4bd071638e1373b26cd4e9ccc20024e9bfc84256ea08325e35eb170fa96a11a5",
        "visit 212 86819c514ced8180426b4ac76799600944be797233618673e7ebba9b2e2ceb57",
        "case 101 47c7bfa9dd5c409d5d333e22f3461e47e9aa6ff0f73208a1ed0cf87dfe254141",
    ];

    #[test]
    fn every_root_map_is_found_by_its_name_and_by_its_number() {
        for kind in DocKind::ALL {
            let document = document(kind);
            for root in roots_of(kind) {
                let (_, id) = document.get(ROOT, root.name).unwrap().unwrap();
                assert_eq!(id, root.id(), "{} {}", kind.as_str(), root.name);
            }
        }
    }
}
