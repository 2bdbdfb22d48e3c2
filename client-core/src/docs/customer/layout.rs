//! The root maps of a customer document. Their order is fixed by genesis.

use crate::docs::genesis::roots;

roots! {
    ABOUT = "about",
    ALIASES = "aliases",
    PHONES = "phones",
    CONTACTS = "contacts",
    TAGS = "tags",
    NEEDS = "needs",
    PAINS = "pains",
    LIFECYCLE = "lifecycle",
    TIER_PROPOSAL = "tier_proposal",
    CREDIT = "credit",
}
