//! The order of a file says nothing: whatever is shuffled in it, nested lists too, the answer
//! is the same to the byte.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::PlainFile;
use crate::rules::fixture;

/// Numbers that follow from a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) % limit
    }

    fn day(&mut self) -> String {
        format!("2026-{:02}-{:02}", 8 + self.below(3), 1 + self.below(28))
    }

    fn maybe(&mut self, value: Value) -> Value {
        if self.below(2) == 0 { Value::Null } else { value }
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        let place = usize::try_from(self.below(all.len() as u64)).unwrap();
        all[place]
    }

    fn shuffle(&mut self, value: &mut Value) {
        match value {
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.shuffle(item));
                for place in (1..items.len()).rev() {
                    let other = usize::try_from(self.below(place as u64 + 1)).unwrap();
                    items.swap(place, other);
                }
            }
            Value::Object(fields) => fields.values_mut().for_each(|field| self.shuffle(field)),
            _ => {}
        }
    }
}

const REPS: [&str; 3] = ["anna", "boris", "chen"];
const REGIONS: [&str; 3] = ["East", "North", "West"];
const CUSTOMERS: [&str; 6] = ["C0", "C1", "C2", "C3", "C4", "C5"];
const DEALS: [&str; 10] = ["D0", "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9"];
const STAGES: [&str; 3] = ["lead", "needs_confirmed", "negotiation"];
const PRODUCTS: [&str; 3] = ["pump", "valve", "hose"];

fn list(count: u64, mut each: impl FnMut(u64) -> Value) -> Value {
    (0..count).map(&mut each).collect()
}

/// A file of every list there is; `ids` where they may be left out.
fn file(chance: &mut Chance, ids: bool) -> Value {
    let stages: Vec<String> = fixture::policy()
        .pipeline
        .stages
        .iter()
        .map(|stage| stage.code.clone())
        .filter(|code| STAGES.contains(&code.as_str()) || code.len() % 2 == 0)
        .collect();
    let stages: Vec<&str> = stages.iter().map(String::as_str).collect();
    let id = |name: String| if ids { json!(name) } else { Value::Null };
    let mut file = json!({
        "people": REPS.map(|rep| json!({"rep": rep, "hired_on": "2024-01-01", "leave": [
            {"from": "2026-10-05", "until": "2026-10-06"},
            {"from": "2026-10-12", "until": "2026-10-12"}]})),
        "calendar": {"weekend": ["saturday", "sunday"], "holidays": ["2026-10-01", "2026-10-02"]},
        "products": PRODUCTS.map(|code| json!({"code": code,
            "class": chance.of(&["high_end", "middle", "basic"]),
            "margin": chance.of(&["high", "low"]),
            "launched_on": chance.of(&["2026-06-01", "2022-06-01"])})),
        "churn": REGIONS.map(|scope| json!({"scope": scope, "lost": 9, "active": 90,
            "previous_lost": 1, "previous_active": 90})),
        "confirms": ["orders", "payments"],
    });
    file["months"] = list(9, |place| {
        json!({"scope": REPS[usize::try_from(place % 3).unwrap()],
               "month": format!("2026-{:02}", 8 + place / 3), "value": 1_000 - 100 * (place / 3)})
    });
    file["customers"] = CUSTOMERS
        .map(|customer| {
            let (first, next) = (chance.of(&REPS), chance.of(&REPS));
            json!({"id": customer, "tier": chance.of(&["a", "b", "c"]),
                   "known_since": "2026-01-01", "owned": [
                {"rep": first, "from": "2026-01-01", "until": "2026-09-15"},
                {"rep": next, "from": "2026-09-15"}]})
        })
        .into_iter()
        .collect();
    file["deals"] = DEALS
        .map(|deal| {
            let outcome = *["won", "won", "lost", ""].get(chance.below(4) as usize).unwrap();
            let open = outcome.is_empty();
            let day = chance.day();
            json!({"id": deal, "rep": chance.of(&REPS), "customer": chance.of(&CUSTOMERS),
                   "created_at": "2026-07-20", "kind": chance.of(&["normal", "tender"]),
                   "outcome": if open { Value::Null } else { json!(outcome) },
                   "decided_at": if open { Value::Null } else { json!(day) },
                   "amount_minor": chance.below(90_000), "priority": chance.of(&["p1", "p2"]),
                   "stages": [{"stage": chance.of(&stages), "at": chance.day()},
                              {"stage": chance.of(&stages), "at": "2026-08-10"},
                              {"stage": chance.of(&stages), "at": "2026-08-10"}],
                   "milestones": [{"what": "trial", "due": "2026-10-20"},
                                  {"what": "report", "done_on": "2026-10-02"}],
                   "lines": [{"product": "pump", "amount_minor": chance.below(900)},
                             {"product": "valve", "amount_minor": chance.below(900)},
                             {"product": "unknown", "amount_minor": 5}]})
        })
        .into_iter()
        .collect();
    file["orders"] = list(8, |place| {
        let deal = json!(chance.of(&DEALS));
        json!({"id": format!("O{place}"), "rep": chance.of(&REPS),
               "deal": chance.maybe(deal), "customer": chance.of(&CUSTOMERS),
               "ordered_on": chance.day(), "amount_minor": chance.below(50_000),
               "paid_on": "2026-10-25", "lines": [
            {"product": "hose", "amount_minor": 7}, {"product": "pump", "amount_minor": 9}]})
    });
    file["quotes"] = list(8, |place| {
        json!({"id": format!("Q{}", place / 2), "deal": DEALS[usize::try_from(place / 2).unwrap()],
               "issued_on": "2026-10-08", "accepted": chance.maybe(json!(true)),
               "amount_minor": place})
    });
    file["contracts"] = list(4, |place| {
        json!({"id": format!("K{place}"), "deal": chance.of(&DEALS), "signed_on": chance.day(),
               "amount_minor": 500, "confirmed": chance.below(2) == 0})
    });
    file["instalments"] = list(8, |place| {
        json!({"id": format!("I{place}"), "deal": chance.of(&DEALS), "due_on": chance.day(),
               "amount_minor": 1 + chance.below(9_000)})
    });
    file["payments"] = list(12, |place| {
        let amount = i64::try_from(chance.below(9_000)).unwrap();
        let deal = json!(chance.of(&DEALS));
        json!({"id": format!("P{place:02}"), "rep": chance.of(&REPS), "deal": chance.maybe(deal),
               "customer": chance.of(&CUSTOMERS), "received_on": chance.day(),
               "amount_minor": if place % 4 == 3 { -amount } else { amount },
               "instalment": chance.maybe(json!("I3")),
               "refund_of": if place % 4 == 3 { json!("P00") } else { Value::Null }})
    });
    file["visits"] = list(16, |place| {
        let (day, hour) = (chance.day(), 9 + chance.below(3));
        json!({"id": format!("V{place:02}"), "rep": chance.of(&REPS),
               "customer": chance.of(&CUSTOMERS), "mode": chance.of(&["phone", "video"]),
               "started_at": format!("{day} {hour:02}:00"), "ended_at": format!("{day} {hour:02}:20"),
               "outcome": "progress", "next_step": true, "submitted_at": format!("{day} 19:00"),
               "co_visitors": ["boris", "chen"], "deals": [chance.of(&DEALS), "D0", "D1"],
               "purpose": chance.of(&["after_sales", "discovery"]),
               "photos": [chance.of(&["one", "two"]), "three"]})
    });
    file["plans"] = list(6, |place| {
        json!({"id": format!("N{place}"), "rep": chance.of(&REPS), "date": chance.day(),
               "stops": [
            {"id": id("S0".to_owned()), "customer": chance.of(&CUSTOMERS)},
            {"id": id("S1".to_owned()), "customer": "C1", "skipped": true},
            {"id": id("S2".to_owned()), "customer": "C2", "visit": "V03"},
            {"id": id("S3".to_owned()), "customer": "C2"}]})
    });
    file["cases"] = list(6, |place| {
        json!({"id": format!("E{place}"), "rep": chance.of(&REPS),
               "customer": chance.of(&CUSTOMERS), "kind": chance.of(&["complaint", "enquiry"]),
               "opened_at": chance.day(), "satisfied": chance.maybe(json!(false))})
    });
    file["surveys"] = list(6, |place| {
        json!({"id": format!("A{place}"), "rep": chance.of(&REPS), "score": chance.below(11),
               "customer": chance.of(&CUSTOMERS), "answered_on": chance.day()})
    });
    file["decisions"] = json!([
        {"visit": "V01", "ruling": "void", "at": "2026-10-20"},
        {"visit": "V01", "ruling": "accept", "at": "2026-10-20"},
        {"visit": "V02", "ruling": "reject"}]);
    file["signals"] =
        json!([{"visit": "V04", "code": "travel"}, {"visit": "V04", "code": "short"}]);
    let whole = "org sales_amount 2026-10";
    let mut targets = vec![
        json!({"id": id(whole.to_owned()), "level": "org", "metric": "sales_amount",
               "value": 900_000}),
        json!({"level": "east", "parent": whole, "metric": "sales_amount", "value": 100,
               "dimension": {"region": "east", "channel": "shop"}, "id": id("part".to_owned())}),
    ];
    for rep in REPS {
        for (metric, value) in [("sales_amount", 40_000), ("effective_visits", 8)] {
            let parent = if metric == "sales_amount" { json!(whole) } else { Value::Null };
            for (from, more) in [("2026-10-01", 0), ("2026-10-15", 5)] {
                targets.push(json!({"id": id(format!("{rep}{metric}{from}")), "rep": rep,
                    "metric": metric, "value": value + more + chance.below(9), "parent": parent,
                    "published_on": from}));
            }
        }
    }
    file["targets"] = Value::Array(targets);
    without_nulls(&mut file);
    file
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        Value::Object(fields) => {
            fields.retain(|_key, field| !field.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        _ => {}
    }
}

fn answer(file: &Value) -> String {
    let calendar = |_zone: &str| Some(fixture::calendar());
    let read = PlainFile::read(&file.to_string(), fixture::period("2026-10"), &calendar);
    let read = read.unwrap_or_else(|error| panic!("{error}"));
    let found = read.evaluate(&fixture::policy(), fixture::at("2026-11-20 10:00")).unwrap();
    serde_json::to_string(&found).unwrap()
}

#[test]
fn the_files_of_the_shuffle_show_what_they_are_for() {
    let mut shown = std::collections::BTreeSet::new();
    for seed in 0..12 {
        let found: Value = serde_json::from_str(&answer(&file(&mut Chance(seed), false))).unwrap();
        for flag in found["flags"].as_array().unwrap() {
            shown.insert(flag["rule"].as_str().unwrap().to_owned());
        }
        let all = found["indicators"].as_array().unwrap();
        for one in all.iter().filter(|one| !one["value"].is_null()) {
            shown.insert(one["id"].as_str().unwrap().to_owned());
        }
    }
    let wanted = ["R4", "R5", "R14", "new_product_share", "repurchase_rate", "mix.basic"];
    for one in wanted {
        assert!(shown.contains(one), "{one} is not in {shown:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_shuffled_the_answer_is_the_same_to_the_byte(seed: u64, ids: bool) {
        let mut chance = Chance(seed);
        let mut file = file(&mut chance, ids);
        let first = answer(&file);
        for _turn in 0..2 {
            chance.shuffle(&mut file);
            prop_assert_eq!(&answer(&file), &first);
        }
    }
}
