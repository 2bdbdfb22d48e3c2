//! One rep's month, computed by hand and by the program: in any order of its facts, in
//! every process, and (in the gate) by the release build, the same bytes.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

const FACTS: &str = include_str!("lin-yan.json");
const ANSWER: &str = include_str!("lin-yan.answer.json");

/// What `fieldsync evaluate` says of a file, byte by byte.
fn evaluated(facts: &Path) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_relay"))
        .args(["evaluate", "--facts", facts.to_str().expect("UTF-8")])
        .args(["--policy", "guide-standard", "--period", "2026-10"])
        .args(["--as-of", "2026-10-31", "--json"])
        .output()
        .expect("the binary runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("UTF-8")
}

fn golden() -> Value {
    serde_json::from_str(ANSWER).expect("the golden answer is JSON")
}

/// An indicator of the rep's: value, above the line, below it.
fn indicator(answer: &Value, id: &str) -> [Value; 3] {
    let all = answer["indicators"].as_array().expect("indicators");
    let own = |one: &&Value| one["id"] == id && one["scope"] == "rep:rep";
    let found = all.iter().find(own).unwrap_or_else(|| panic!("there is no {id}"));
    ["value", "numerator", "denominator"].map(|key| found[key].clone())
}

/// Lin Yan's card, line by line:
///
/// | line | value | target | a = value ÷ target | n (at most 1.20) | weight | points |
/// |---|---|---|---|---|---|---|
/// | sales | 60,000 (D1) + 40,000 (D2) + 10,000 (D6) = 110,000 yuan | 100,000 | 1.10 | 1.10 | 30 | 33.00 |
/// | collection | (30,000 + 15,000) ÷ (5,000 overdue + 30,000 + 25,000 due) = 75 % | 90 % | 0.833333333 | same | 20 | 16.666 |
/// | growth | 2 new (jiangnan, ningbo) after 1 in September (suzhou): +100 % | 80 % | 1.25 | 1.20 | 10 | 12.00 |
/// | visits | v1, v3, v4, v5, v6 = 5; v2 is too short, v7 was not handed in | 8 | 0.625 | same | 15 | 9.375 |
/// | quotes | q1, q2, q5 of q1 to q5 = 60 %; q1's revision is the same quote | 50 % | 1.20 | 1.20 | 15 | 18.00 |
/// | satisfaction | (9 + 7 + 6) ÷ 3 = 7.3333 | 8.00 | 0.916666667 | same | 10 | 9.166 |
///
/// The exact sum is 98.2083…, shown as 98.21. The floors of the lines come to 98.19; the
/// two hundredths that are missing go to the largest remainders: satisfaction and
/// collection (0.67 of a hundredth each) before the visits (0.50).
#[test]
fn the_card_of_lin_yan_is_what_a_hand_computes() {
    let answer = golden();
    let card = &answer["scorecard"];
    let lines: Vec<(Value, Value, Value)> = card["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| (line["id"].clone(), line["value"].clone(), line["centipoints"].clone()))
        .collect();
    let line = |id: &str, value: i64, points: i64| (json!(id), json!(value), json!(points));
    assert_eq!(
        lines,
        [
            line("sales_amount", 11_000_000, 3_300),
            line("collection_rate", 7_500, 1_667),
            line("new_customer_growth", 10_000, 1_200),
            line("effective_visits", 5, 937),
            line("quote_conversion", 6_000, 1_800),
            line("customer_satisfaction", 733, 917),
        ]
    );
    assert_eq!(card["total"], json!(98.21));
    assert_eq!((&card["result"], &card["process"]), (&json!(61.67), &json!(36.54)));
}

/// The figures beside the card:
///
/// - F7: V2 is 45,000 ÷ 55,000 = 81.82 %, V3 is 45,000 ÷ 110,000 = 40.91 %; p1 came two
///   days early and p2 on the day, so on time is 45,000 ÷ 55,000 too.
/// - F4: of the stops of 9 October one of two was made, on the 22nd the only one: 2 of 3;
///   v3, v4 and v6 were not planned.
/// - F10: only huadong had paid before (D4), and it paid again for D1: 1 of 1.
/// - F13: c1 waited 6 h = 360 minutes, c2 waits since 32 h less a moment = 1,919 minutes;
///   the mean 1,139.5 rounds to the even 1,140; one of two within 24 h. c1 was resolved
///   after 3 days = 4,320 minutes. One promoter (9) and one detractor (6) of three: NPS 0.
/// - F3: of huadong's four weeks that end in October, two visits each, two visits count:
///   2 of 8; jiangnan's month has its deep contact (v4). pujiang's quarter ends later. Of five
///   customers three were reached; suzhou and ningbo have no tier and no visit.
/// - F11: 110,000 yuan of three deals of three customers are 36,666.67 each; with pujiang,
///   which was visited and bought nothing, four were active: 27,500. All three were won.
#[test]
fn the_figures_of_lin_yan_are_what_a_hand_computes() {
    let answer = golden();
    let check = |id: &str, value: i64, above: i64, below: i64| {
        assert_eq!(indicator(&answer, id), [json!(value), json!(above), json!(below)], "{id}");
    };
    check("collection_rate.received_over_due", 7_500, 4_500_000, 6_000_000);
    check("collection_rate.due_in_period", 8_182, 4_500_000, 5_500_000);
    check("collection_rate.received_over_booked", 4_091, 4_500_000, 11_000_000);
    check("on_time_rate", 8_182, 4_500_000, 5_500_000);
    check("plan_adherence", 6_667, 2, 3);
    check("unplanned_visits", 3, 3, 1);
    check("repurchase_rate", 10_000, 1, 1);
    check("new_customers", 2, 2, 1);
    check("quote_conversion", 6_000, 3, 5);
    check("first_reply.mean", 1_140, 2_279, 2);
    check("first_reply.p50", 360, 360, 1);
    check("first_reply.p90", 1_919, 1_919, 1);
    check("first_reply.within", 5_000, 1, 2);
    check("satisfaction.mean", 733, 22, 3);
    check("satisfaction.nps", 0, 0, 3);
    check("coverage.a.frequency", 2_500, 2, 8);
    check("coverage.b.standard_met", 10_000, 1, 1);
    check("coverage.total.reach", 6_000, 3, 5);
    check("coverage.none.reach", 0, 0, 2);
    check("sales_per_customer", 3_666_667, 11_000_000, 3);
    check("average_order_value", 3_666_667, 11_000_000, 3);
    check("amount_per_customer", 2_750_000, 11_000_000, 4);
    check("win_rate", 10_000, 3, 3);
}

/// - R1, R2: of i0 5,000 yuan are open since 20 March, which is late, and a signal after
///   30 days; a customer of tier A is seen twice a week, so every 3.5 days, and 31 October is
///   8 days after v6, more than twice that: two signals, huadong is red. i2 is a day late:
///   jiangnan is yellow. pujiang's last answer is 6: one signal, yellow.
/// - R10: k1 was called back by v6, after-sales, on the 23rd. R12: the 14th had a visit and
///   no report. R13: v2 took 480 seconds where ten minutes are asked. F13: c2 waits.
/// - R11: D3 is P1; v5 touched it on the 22nd, so it was to be touched on the 23rd.
#[test]
fn the_flags_and_reminders_of_lin_yan_are_those_of_the_month() {
    let answer = golden();
    let flags = answer["flags"].as_array().expect("flags");
    let of = |rule: &str, subject: Option<&str>| {
        let found = flags.iter().find(|flag| {
            flag["rule"] == rule && subject.is_none_or(|subject| flag["subject"] == subject)
        });
        found.unwrap_or_else(|| panic!("no flag of {rule} about {subject:?}: {flags:?}"))
    };
    let huadong = of("R2", Some("huadong"));
    assert_eq!(huadong["level"], "red");
    assert_eq!(huadong["reasons"], json!(["overdue", "no_visit", "long_overdue"]));
    assert_eq!(of("R1", Some("jiangnan"))["reasons"], json!(["overdue"]));
    assert_eq!(of("R2", Some("pujiang"))["level"], "yellow");
    assert_eq!(of("R2", Some("pujiang"))["reasons"], json!(["low_score"]));
    assert_eq!(of("R13", None)["reasons"], json!(["short"]));
    assert_eq!(of("R13", None)["facts"], json!(["v2"]));
    let tasks = answer["tasks"].as_array().expect("tasks");
    let state = |id: &str| {
        let found = tasks.iter().find(|task| task["id"] == id);
        found.unwrap_or_else(|| panic!("no reminder {id}: {tasks:?}"))["state"].clone()
    };
    assert_eq!(state("callback:k1"), "resolved");
    assert_eq!(state("missing_report:2026-10-14"), "overdue");
    assert_eq!(state("first_reply:c2"), "overdue");
    assert_eq!(state("hygiene:D3"), "overdue");
    assert!(tasks.iter().all(|task| task["id"] != "missing_report:2026-10-15"));
}

#[test]
fn the_same_facts_in_any_order_and_process_give_the_same_bytes() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("facts.json");
    std::fs::write(&path, FACTS).expect("written");
    let first = evaluated(&path);
    assert_eq!(
        first, ANSWER,
        "the rules say something else than the golden answer: if that is meant, compute it by \
         hand, then store what `fieldsync evaluate` says"
    );
    assert_eq!(evaluated(&path), first, "another process");
    let mut file: Value = serde_json::from_str(FACTS).expect("JSON");
    for turn in 1..4 {
        for list in file.as_object_mut().expect("an object").values_mut() {
            if let Some(list) = list.as_array_mut() {
                list.reverse();
                let by = turn % list.len().max(1);
                list.rotate_left(by);
            }
        }
        std::fs::write(&path, file.to_string()).expect("written");
        assert_eq!(evaluated(&path), first, "turn {turn}");
    }
}
