//! The root maps of a case document. Their order is fixed by genesis.

use crate::docs::genesis::roots;

roots! {
    ABOUT = "about",
    PROGRESS = "progress",
    SURVEYS = "surveys",
    ATTACHMENTS = "attachments",
}
