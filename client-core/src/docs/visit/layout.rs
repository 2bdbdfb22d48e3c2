//! The root maps of a visit document. Their order is fixed by genesis.

use crate::docs::genesis::roots;

/// Expenses stand in `about`, each under this and its id: they came when the maps of
/// genesis were fixed, and one more key in a map that is there costs nobody an upgrade.
pub(crate) const EXPENSE: &str = "expense:";

roots! {
    ABOUT = "about",
    CO_VISITORS = "co_visitors",
    CONTACTS_MET = "contacts_met",
    DEALS = "deals",
    PHOTOS = "photos",
    VOICE_NOTES = "voice_notes",
    FORM_ANSWERS = "form_answers",
    PRODUCTS = "products",
    NEEDS = "needs",
    OBJECTIONS = "objections",
    COMPETITORS = "competitors",
    HELP_REQUEST = "help_request",
    SUBMIT = "submit",
    AMENDMENTS = "amendments",
    NOTES = "notes",
}
