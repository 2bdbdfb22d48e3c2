//! The root maps of a deal document. Their order is fixed by genesis.

use crate::docs::genesis::roots;

roots! {
    ABOUT = "about",
    STAGES = "stages",
    PRODUCTS = "products",
    COMPETITORS = "competitors",
    MILESTONES = "milestones",
    QUOTES = "quotes",
    CONTRACT = "contract",
    INSTALMENTS = "instalments",
    PAYMENTS = "payments",
    LOSS_REVIEW = "loss_review",
}
