//! The root maps of a visit document. Their order is fixed by genesis.

use crate::docs::genesis::roots;

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
