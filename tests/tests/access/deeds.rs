//! What is sent to each route that decides something: complete, so that whoever may is let
//! through and nobody else is.

use client_core::id::{DeviceId, DocId, RecordId, UnitId, UserId};
use serde_json::{Value, json};

/// Whom and what the deeds are about. Whoever is acted on is Boris; the work is Chen's.
#[derive(Debug, Clone)]
pub struct Things {
    /// Chen's unit.
    pub unit: UnitId,
    /// The unit at the top.
    pub top: UnitId,
    /// Chen.
    pub chen: UserId,
    /// Boris.
    pub boris: UserId,
    /// Boris's program.
    pub device: DeviceId,
    /// Chen's customer.
    pub customer: DocId,
    /// Chen's visit.
    pub visit: DocId,
    /// Another customer of Chen's.
    pub other: DocId,
    /// A deal with it.
    pub deal: String,
    /// Chen's target.
    pub target: RecordId,
    /// What Chen asked about it; nobody answered yet.
    pub request: String,
    /// A question about Chen's visit.
    pub signal: RecordId,
    /// What Chen objects to.
    pub contest: String,
    /// A meeting of Chen's unit.
    pub meeting: String,
    /// What it gave Chen to do.
    pub action: String,
    /// A payment of Chen's customer.
    pub payment: String,
    /// A report that was issued about Chen's unit.
    pub report: String,
    /// Rules that could be in force.
    pub toml: String,
    /// How often all this was made.
    pub turn: i64,
}

impl Things {
    /// What stands in the place of a parameter.
    pub fn part(&self, path: &str, part: &str) -> String {
        match part {
            "{rep}" => self.chen.to_string(),
            "{person}" | "{user}" => self.boris.to_string(),
            "{customer}" | "{subject}" | "{doc}" => self.customer.to_string(),
            "{visit}" => self.visit.to_string(),
            "{deal}" => self.deal.clone(),
            "{unit}" => self.unit.to_string(),
            "{period}" => "2026-10".to_owned(),
            "{indicator}" => "effective_visits".to_owned(),
            "{device}" => self.device.to_string(),
            "{signal}" => self.signal.to_string(),
            "{contest}" => self.contest.clone(),
            "{meeting}" => self.meeting.clone(),
            "{item}" => self.action.clone(),
            "{target}" => self.target.to_string(),
            "{request}" => self.request.clone(),
            "{report}" => self.report.clone(),
            "{id}" if path.contains("/reports/") => self.report.clone(),
            "{id}" | "{entry}" => self.payment.clone(),
            "{kind}" if path.contains("/reports/") => "monthly".to_owned(),
            "{kind}" => "payment".to_owned(),
            "{file}" => "print".to_owned(),
            "{name}" => "nothing.css".to_owned(),
            _ if part.starts_with('{') => "0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6".to_owned(),
            _ => part.to_owned(),
        }
    }

    /// What a form sends.
    pub fn fields(&self, path: &str) -> Vec<(String, String)> {
        let (customer, boris) = (self.customer.to_string(), self.boris.to_string());
        let unit = self.unit.to_string();
        let rep = format!("rep/{}", self.chen);
        let name = format!("Somebody {}", self.turn);
        let login = format!("somebody.{}", self.turn);
        let (other, top, turn) =
            (self.other.to_string(), self.top.to_string(), self.turn.to_string());
        let (was, holder) = (format!("was.{customer}"), format!("{}/{unit}", self.chen));
        let nothing = "0".repeat(64);
        let fields: &[(&str, &str)] = match path {
            "/appraisals/{rep}/{period}" => &[("to", "self_submitted"), ("comment", "as it was")],
            "/visits/{visit}/judge" => &[("verdict", "accepted"), ("note", "as seen")],
            "/visits/{visit}/void" => &[("reason", "as seen")],
            "/visits/{visit}/move" => &[("to", &other)],
            "/customers/{customer}/merge" => &[("with", &other), ("keep", "this")],
            "/customers/merges" => &[("undo", &other)],
            "/customers/{customer}/books" => {
                &[("book", "payment"), ("received", "2026-10-08"), ("amount", "1")]
            }
            "/policy" => &[("do", "preview"), ("toml", &self.toml), ("from", "2026-11-01")],
            "/placement" | "/placement/preview" => &[("doc", &customer), ("to", &boris)],
            "/placement/undo" => &[("to", &boris), (&was, &holder)],
            "/targets/new" => &[
                ("whose", &rep),
                ("metric", "new_customers"),
                ("period", "2026-10"),
                ("value", "7"),
            ],
            "/targets/publish" => &[("period", "2026-10")],
            "/targets/requests/{request}" => &[("verdict", "decline"), ("note", "as agreed")],
            "/targets/{target}" => &[("do", "ask"), ("value", &turn), ("reason", "as agreed")],
            "/conflicts/{doc}" => &[("field", "about/name"), ("choice", &nothing)],
            "/alarms/signals/{signal}" => &[("verdict", "upheld"), ("note", "as seen")],
            "/help/{request}" => &[("state", "done")],
            "/meetings" => &[("period", "2026-W41")],
            "/meetings/{meeting}" => &[("kind", "decision"), ("text", "as said")],
            "/meetings/{meeting}/actions/{item}" => &[("done", "yes")],
            "/quarantine/{case}" => &[("verdict", "accepted"), ("note", "as seen")],
            "/people/new" => {
                &[("login", &login), ("name", &name), ("role", "rep"), ("unit", &unit)]
            }
            "/people/invite" => &[("user", &boris)],
            "/people/units" => &[("name", &name), ("kind", "team"), ("parent", &unit)],
            "/people/units/{unit}" => &[("name", "East"), ("kind", "region"), ("parent", &top)],
            "/people/{user}" => &[("name", &name), ("role", "rep"), ("unit", &unit)],
            _ => &[],
        };
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// What a program sends.
    pub fn body(&self, path: &str) -> Value {
        let name = format!("Somebody {}", self.turn);
        match path {
            "/v1/help/{request}" => json!({ "state": "done" }),
            "/v1/signals/{signal}" => json!({ "upheld": true, "note": "as seen" }),
            "/v1/quarantine/{case}" => json!({ "verdict": "accepted" }),
            "/v1/visits/{visit}/void" => json!({ "void": self.turn % 2 == 0, "reason": "as seen" }),
            "/v1/visits/{visit}/move" => json!({ "to": self.other }),
            "/v1/scorecards/{rep}/{period}/suppose" => json!({ "figures": {} }),
            "/v1/visits/{visit}/judge" => json!({ "accepted": true, "note": "as seen" }),
            "/v1/customers/{customer}/merge" => json!({ "into": self.other }),
            "/v1/visits/{visit}/reviews" => json!({ "comment": "well done", "rating": 5 }),
            "/v1/contests/{contest}" => json!({ "approved": false }),
            "/v1/scorecards/{rep}/{period}/contests" => {
                json!({ "line": "effective_visits", "reason": "one is missing" })
            }
            "/v1/customers/merges" => {
                json!({ "one": self.customer, "other": self.other, "apart": true })
            }
            "/v1/appraisals/{rep}/{period}" => {
                json!({ "to": "self_submitted", "comment": "as it was" })
            }
            "/v1/conflicts/{doc}" => json!({ "field": "about/name", "choice": "0".repeat(64) }),
            "/v1/placements/{subject}" => json!({ "tier": "b" }),
            "/v1/placements/preview" => {
                json!({ "to": self.boris, "customers": [self.customer] })
            }
            "/v1/placements" => json!({
                "handings": [{ "subject": self.customer, "to": self.chen }],
            }),
            "/v1/people/{person}/hand_over" => json!({ "to": self.chen }),
            "/v1/people/{person}/move" => json!({ "units": [self.unit] }),
            "/v1/customers/{customer}/books" => {
                json!({ "kind": "payment", "on": "2026-10-08", "minor": 1 })
            }
            "/v1/policy" => json!({ "toml": self.toml, "effective_from": "2026-11-01" }),
            "/v1/policy/try" => json!({ "toml": self.toml, "period": "2026-10" }),
            "/v1/targets" => json!({
                "rep": self.chen, "metric": "new_customers", "period": "2026-10", "value": 7,
            }),
            "/v1/targets/publish" => json!({ "period": "2026-10" }),
            "/v1/targets/{target}" => json!({ "value": 40_000_000 }),
            "/v1/targets/{target}/requests" => {
                json!({ "wanted": self.turn, "reason": "as agreed" })
            }
            "/v1/targets/{target}/split" => {
                json!({ "by": "region", "weights": { "north": 1, "south": 1 } })
            }
            "/v1/targets/requests/{request}" => json!({ "approved": false }),
            "/v1/meetings" => json!({ "period": "2026-W41" }),
            "/v1/meetings/{meeting}" => json!({ "text": "as said" }),
            "/v1/meetings/{meeting}/actions/{item}" => json!({ "done": true }),
            "/v1/people" => json!({
                "login": format!("program.{}", self.turn), "name": name, "role": "rep",
                "units": [self.unit],
            }),
            "/v1/people/{person}" => json!({
                "name": name, "role": "rep", "units": [self.unit], "hired_on": null,
                "locale": null,
            }),
            "/v1/units" => json!({ "name": name, "kind": "team", "parent": self.unit }),
            "/v1/units/{unit}" => json!({ "name": "East", "kind": "region", "parent": self.top }),
            _ => json!({}),
        }
    }
}
