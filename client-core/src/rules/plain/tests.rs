use super::*;
use crate::rules::fixture;

fn calendar(_zone: &str) -> Option<CalendarRecord> {
    Some(fixture::calendar())
}

fn evaluated(text: &str) -> Evaluated {
    let file = PlainFile::read(text, fixture::period("2026-10"), &calendar).unwrap();
    file.evaluate(&fixture::policy(), fixture::at("2026-10-31 23:59"))
}

fn refusal(text: &str) -> String {
    PlainFile::read(text, fixture::period("2026-10"), &calendar).unwrap_err().to_string()
}

fn value(found: &Evaluated, id: &str) -> Option<i64> {
    found.indicators.iter().find(|one| one.id == id).and_then(|one| one.value)
}

const COLLECTION: &str = r#"{
  "instalments": [
    {"id": "old", "deal": "D", "customer": "Acme", "due_on": "2026-09-15", "amount_minor": 200},
    {"id": "first", "deal": "D", "customer": "Acme", "due_on": "2026-10-10", "amount_minor": 700},
    {"id": "second", "deal": "D", "customer": "Acme", "due_on": "2026-10-20", "amount_minor": 300}
  ],
  "payments": [
    {"id": "p1", "deal": "D", "customer": "Acme", "received_on": "2026-10-08",
     "amount_minor": 700, "instalment": "first"},
    {"id": "p2", "deal": "D", "customer": "Acme", "received_on": "2026-10-25",
     "amount_minor": 200, "instalment": "second"},
    {"id": "p3", "deal": "D", "customer": "Acme", "received_on": "2026-10-26",
     "amount_minor": 150, "instalment": "old"}
  ],
  "deals": [
    {"id": "D", "customer": "Acme", "outcome": "won", "decided_at": "2026-10-02",
     "amount_minor": 1500}
  ]
}"#;

#[test]
fn the_collection_vector_from_a_file() {
    let found = evaluated(COLLECTION);
    assert_eq!(value(&found, "collection_rate.received_over_due"), Some(8_750));
    assert_eq!(value(&found, "collection_rate.due_in_period"), Some(9_000));
    assert_eq!(value(&found, "collection_rate.received_over_booked"), Some(7_000));
    assert_eq!(value(&found, "on_time_rate"), Some(7_000));
    let rate = found.indicators.iter().find(|one| one.id == "collection_rate").unwrap();
    assert_eq!((rate.numerator, rate.denominator), (Some(1_050), Some(1_200)));
    assert_eq!(rate.facts, ["first", "old", "p1", "p2", "p3", "second"]);
    assert_eq!(rate.scope, "rep:rep");
}

#[test]
fn a_file_without_facts_is_evaluated_and_nothing_applies() {
    let found = evaluated("{}");
    let card = found.scorecard.unwrap();
    assert_eq!(card.total, None);
    assert!(card.lines.iter().all(|line| line.status == "not_applicable" || line.points == 0.0));
}

#[test]
fn an_error_names_the_path_and_what_is_allowed() {
    let check = |text: &str, expected: &[&str]| {
        let message = refusal(text);
        for part in expected {
            assert!(message.contains(part), "{part:?} is not in {message:?}");
        }
    };
    check("[]", &["the file", "object"]);
    check("{", &["JSON", "line 1"]);
    check(r#"{"visit": []}"#, &["visit", "visits"]);
    check(r#"{"visits": {}}"#, &["visits", "list"]);
    check(r#"{"visits": [{"id": "v", "rep": "a", "mode": "fax"}]}"#, &["visits[0].mode", "onsite"]);
    check(r#"{"visits": [{"id": "v", "begin": 1}]}"#, &["visits[0].begin", "started_at"]);
    check(r#"{"visits": [{"rep": "a"}]}"#, &["visits[0]", "missing field `id`"]);
    check(
        r#"{"visits": [{"id": "v", "started_at": "yesterday"}]}"#,
        &["visits[0].started_at", "yesterday", "RFC 3339"],
    );
    check(r#"{"deals": [{"id": "d", "amount_minor": "5"}]}"#, &["deals[0].amount_minor", "i64"]);
    check(r#"{"surveys": [{"id": "s", "score": 11}]}"#, &["surveys[0].score", "0 to 10"]);
    check(
        r#"{"visits": [{"id": "v", "rep": "a"}, {"id": "w", "rep": "b"}, {"id": "x"}]}"#,
        &["visits[2].rep", "more than one rep"],
    );
    check(r#"{"customers": [{"id": "c", "tier": "d"}]}"#, &["customers[0].tier", "a, b or c"]);
    check(r#"{"currency": "yuan"}"#, &["currency", "ISO 4217"]);
}

#[test]
fn the_order_of_the_file_never_matters() {
    let mut file: serde_json::Value = serde_json::from_str(COLLECTION).unwrap();
    let one = evaluated(COLLECTION);
    for list in ["instalments", "payments"] {
        file[list].as_array_mut().unwrap().reverse();
    }
    assert_eq!(evaluated(&file.to_string()), one);
}

#[test]
fn several_reps_have_a_card_each_and_a_team() {
    let found = evaluated(
        r#"{
          "deals": [
            {"id": "d1", "rep": "anna", "customer": "Acme", "outcome": "won",
             "decided_at": "2026-10-05", "amount_minor": 1000, "created_at": "2026-09-25"},
            {"id": "d2", "rep": "boris", "customer": "Brick", "outcome": "won",
             "decided_at": "2026-10-06", "amount_minor": 3000, "created_at": "2026-09-16"}
          ],
          "targets": [
            {"rep": "anna", "metric": "sales_amount", "value": 1000},
            {"rep": "boris", "metric": "sales_amount", "value": 1500}
          ]
        }"#,
    );
    assert_eq!(found.scorecard, None);
    let totals: Vec<_> = found.scorecards.iter().map(|card| (&*card.rep, card.total)).collect();
    assert_eq!(totals, [("anna", Some(100.0)), ("boris", Some(120.0))]);
    assert_eq!(value(&found, "won_amount"), Some(4_000));
    assert_eq!(value(&found, "sales_cycle.median"), Some(30), "half days: 10 and 20");
}

#[test]
fn flags_and_tasks_stand_under_stable_keys() {
    let found = evaluated(
        r#"{
          "customers": [{"id": "Acme", "tier": "a", "known_since": "2026-01-01"}],
          "instalments": [
            {"id": "i", "customer": "Acme", "due_on": "2026-10-20", "amount_minor": 5}
          ],
          "contracts": [{"id": "k", "customer": "Acme", "signed_on": "2026-10-20"}],
          "targets": [
            {"id": "t", "level": "org", "metric": "sales_amount", "value": 10},
            {"id": "u", "rep": "rep", "parent": "t", "metric": "sales_amount", "value": 11}
          ],
          "churn": [{"scope": "East", "lost": 5, "active": 110,
                     "previous_lost": 4, "previous_active": 100}]
        }"#,
    );
    let flag = |rule: &str| found.flags.iter().find(|flag| flag.rule == rule).unwrap();
    assert_eq!((&*flag("R1").level, flag("R1").reasons.len()), ("yellow", 2), "{:?}", found.flags);
    assert_eq!(
        (flag("R4").scope.as_str(), flag("R14").reasons[0].as_str()),
        ("East", "over_assigned")
    );
    let task = found.tasks.iter().find(|task| task.kind == "callback").unwrap();
    assert_eq!((task.id.as_str(), &task.state), ("callback:k", &serde_json::json!("overdue")));
    insta::assert_json_snapshot!(found);
}

#[cfg(feature = "schema")]
#[test]
fn the_schema_says_what_every_list_holds() {
    let schema = schemars::schema_for!(PlainFacts);
    let text = serde_json::to_string_pretty(&schema).unwrap();
    for word in ["instalments", "Latitude in degrees", "amount_minor", "answered_on"] {
        assert!(text.contains(word), "{word}");
    }
}
