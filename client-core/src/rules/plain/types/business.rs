use serde::Deserialize;

/// A quote.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainQuote {
    /// Its id; revisions share it.
    pub id: String,
    /// Whose; the deal's rep if absent.
    #[serde(default)]
    pub rep: Option<String>,
    /// Whom it went to.
    #[serde(default)]
    pub customer: Option<String>,
    /// The deal.
    #[serde(default)]
    pub deal: Option<String>,
    /// Issued.
    #[serde(default)]
    pub issued_on: Option<String>,
    /// Accepted or declined; open if absent.
    #[serde(default)]
    pub accepted: Option<bool>,
    /// Decided.
    #[serde(default)]
    pub decided_on: Option<String>,
    /// Amount in minor units.
    #[serde(default)]
    pub amount_minor: Option<i64>,
}

/// A signed contract.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainContract {
    /// Its id.
    pub id: String,
    /// Whose; the deal's rep if absent.
    #[serde(default)]
    pub rep: Option<String>,
    /// With whom.
    #[serde(default)]
    pub customer: Option<String>,
    /// The deal it came of.
    #[serde(default)]
    pub deal: Option<String>,
    /// Signed.
    #[serde(default)]
    pub signed_on: Option<String>,
    /// Amount in minor units.
    #[serde(default)]
    pub amount_minor: Option<i64>,
    /// A record confirms it.
    #[serde(default)]
    pub confirmed: bool,
}

/// A part of a price that is due on a day.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainInstalment {
    /// Its id.
    pub id: String,
    /// Whose; the deal's rep if absent.
    #[serde(default)]
    pub rep: Option<String>,
    /// Who owes it.
    #[serde(default)]
    pub customer: Option<String>,
    /// The deal it is owed under.
    #[serde(default)]
    pub deal: Option<String>,
    /// Due.
    #[serde(default)]
    pub due_on: Option<String>,
    /// Amount in minor units.
    #[serde(default)]
    pub amount_minor: Option<i64>,
    /// Its currency; the org's if absent.
    #[serde(default)]
    pub currency: Option<String>,
    /// A record confirms it.
    #[serde(default)]
    pub confirmed: bool,
}

/// Money received, or given back.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainPayment {
    /// Its id.
    pub id: String,
    /// Whose; the deal's rep if absent.
    #[serde(default)]
    pub rep: Option<String>,
    /// Who paid.
    #[serde(default)]
    pub customer: Option<String>,
    /// The deal it is paid under.
    #[serde(default)]
    pub deal: Option<String>,
    /// Received.
    #[serde(default)]
    pub received_on: Option<String>,
    /// Amount in minor units; negative for a refund.
    #[serde(default)]
    pub amount_minor: Option<i64>,
    /// Its currency; the org's if absent.
    #[serde(default)]
    pub currency: Option<String>,
    /// The instalment it pays, if named.
    #[serde(default)]
    pub instalment: Option<String>,
    /// The payment that a refund gives back, if named.
    #[serde(default)]
    pub refund_of: Option<String>,
    /// A record confirms it.
    #[serde(default)]
    pub confirmed: bool,
}

/// A confirmed order.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainOrder {
    /// Its id.
    pub id: String,
    /// Whose.
    #[serde(default)]
    pub rep: Option<String>,
    /// Who ordered.
    #[serde(default)]
    pub customer: Option<String>,
    /// The deal it came of.
    #[serde(default)]
    pub deal: Option<String>,
    /// Ordered.
    #[serde(default)]
    pub ordered_on: Option<String>,
    /// Amount in minor units.
    #[serde(default)]
    pub amount_minor: Option<i64>,
    /// Its currency; the org's if absent.
    #[serde(default)]
    pub currency: Option<String>,
    /// Paid.
    #[serde(default)]
    pub paid_on: Option<String>,
    /// Cancelled.
    #[serde(default)]
    pub cancelled_on: Option<String>,
    /// What was ordered, for the product mix.
    #[serde(default)]
    pub lines: Vec<PlainOrderLine>,
}

/// A product in an order.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainOrderLine {
    /// The product, as the catalogue names it.
    pub product: String,
    /// Amount in minor units of the order's currency.
    #[serde(default)]
    pub amount_minor: Option<i64>,
}

/// A complaint or an enquiry.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainCase {
    /// Its id.
    pub id: String,
    /// Who looks after it.
    #[serde(default)]
    pub rep: Option<String>,
    /// Whose.
    #[serde(default)]
    pub customer: Option<String>,
    /// complaint or enquiry; a complaint if absent.
    #[serde(default)]
    pub kind: Option<String>,
    /// Opened.
    #[serde(default)]
    pub opened_at: Option<String>,
    /// First reply.
    #[serde(default)]
    pub first_reply_at: Option<String>,
    /// Resolved.
    #[serde(default)]
    pub resolved_at: Option<String>,
    /// Whether the customer was satisfied.
    #[serde(default)]
    pub satisfied: Option<bool>,
}

/// A customer's answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainAnswer {
    /// Its id.
    pub id: String,
    /// Whose customer.
    #[serde(default)]
    pub rep: Option<String>,
    /// Who answered.
    #[serde(default)]
    pub customer: Option<String>,
    /// nps or csat; nps if absent.
    #[serde(default)]
    pub kind: Option<String>,
    /// 0 to 10.
    pub score: u8,
    /// The day.
    #[serde(default)]
    pub answered_on: Option<String>,
}
