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
    let cycle = |scope: &str| {
        let mut all = found.indicators.iter();
        let one = all.find(|one| one.id == "sales_cycle.median" && one.scope == scope);
        one.and_then(|one| one.value)
    };
    assert_eq!(cycle("team"), Some(30), "half days: 10 and 20");
    assert_eq!((cycle("rep:anna"), cycle("rep:boris")), (Some(20), Some(40)));
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

fn zoned(offset_s: i32) -> CalendarRecord {
    CalendarRecord { zone: crate::time::Zone::fixed("there", offset_s), ..fixture::calendar() }
}

#[test]
fn what_says_two_things_is_refused_with_its_path() {
    let check = |text: &str, parts: &[&str]| {
        let told = refusal(text);
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    };
    let twice = r#"{"deals": [{"id": "D"}, {"id": "D", "customer": "Acme"}]}"#;
    check(twice, &["deals[1].id", "deals[0]"]);
    check(r#"{"deals": [{"id": ""}]}"#, &["deals[0].id", "not empty"]);
    check(r#"{"deals": [], "deals": []}"#, &["\"deals\" stands twice"]);
    check(r#"{"customers": [{"id": "C", "lat": 1.0}]}"#, &["customers[0]", "lat and lon"]);
    check(r#"{"targets": [{"metric": "new_leads", "value": -5}]}"#, &["targets[0].value", "0 or"]);
    check(r#"{"confirms": ["invoices"]}"#, &["confirms", "orders, contracts or payments"]);
    evaluated("\u{feff}{\"deals\": [{\"id\": \"D\"}, {\"id\": \"D\"}]}");
}

#[test]
fn a_local_time_is_that_of_the_wall_on_the_day_the_clocks_change() {
    let spring = fixture::at("2026-03-29 09:00"); // 01:00 UTC
    let zone = crate::time::Zone {
        transitions: vec![(spring, 7_200), (fixture::at("2026-10-25 09:00"), 3_600)],
        ..zoned(3_600).zone
    };
    let berlin = CalendarRecord { zone, ..fixture::calendar() };
    let check = |local: &str, utc: &str| {
        assert_eq!(instant("at", local, &berlin).unwrap().to_string(), utc, "{local}");
    };
    check("2026-10-25 09:30", "2026-10-25T08:30:00.000Z");
    check("2026-03-29 09:30", "2026-03-29T07:30:00.000Z");
    check("2026-03-29 01:30", "2026-03-29T00:30:00.000Z");
}

#[test]
fn what_happened_later_had_not_happened() {
    let text = r#"{
      "customers": [{"id": "C", "tier": "b", "known_since": "2025-01-01"}],
      "deals": [
        {"id": "D0", "customer": "C", "outcome": "won", "decided_at": "2026-05-02 10:00",
         "amount_minor": 10},
        {"id": "D1", "customer": "C", "outcome": "won", "decided_at": "2026-10-02 10:00",
         "amount_minor": 500}
      ],
      "payments": [
        {"id": "P0", "deal": "D0", "received_on": "2026-05-08", "amount_minor": 10},
        {"id": "P1", "deal": "D1", "received_on": "2026-12-05", "amount_minor": 500}
      ],
      "orders": [
        {"id": "O", "customer": "C", "deal": "D1", "ordered_on": "2026-11-03", "amount_minor": 500}
      ]
    }"#;
    let found = evaluated(text);
    assert_eq!(value(&found, "sales_amount"), Some(500), "the order is of November");
    let again = found.indicators.iter().find(|one| one.id == "repurchase_rate").unwrap();
    assert_eq!((again.numerator, again.denominator), (Some(0), Some(1)), "not paid yet");
    assert_eq!(again.goal.as_ref().and_then(|goal| goal.met), Some(false));
}

#[test]
fn who_joined_a_visit_has_it_if_the_policy_says_so() {
    let text = r#"{"reps": ["a", "b"], "visits": [
        {"id": "V", "rep": "a", "co_visitors": ["b"], "customer": "C", "mode": "phone",
         "started_at": "2026-10-08 10:00", "ended_at": "2026-10-08 10:20",
         "outcome": "progress", "next_step": true, "submitted_at": "2026-10-08 10:20"}]}"#;
    let file = PlainFile::read(text, fixture::period("2026-10"), &calendar).unwrap();
    let visits = |joint| {
        let mut policy = fixture::policy();
        policy.visits.joint_visits = joint;
        file.evaluate(&policy, fixture::at("2026-10-31 23:59")).visits.len()
    };
    assert_eq!(visits(crate::rules::policy::JointVisits::Participants), 2);
    assert_eq!(visits(crate::rules::policy::JointVisits::Author), 1);
}

#[test]
fn a_lead_stays_stale_for_as_long_as_it_is() {
    for created in ["2026-08-01", "2026-03-01"] {
        let text =
            format!(r#"{{"deals": [{{"id": "D", "created_at": "{created}", "grade": "a"}}]}}"#);
        let found = evaluated(&text);
        assert!(found.tasks.iter().any(|task| task.kind == "stale_lead"), "{created}");
    }
}

#[test]
fn money_beyond_what_fits_is_held_against_its_target_exactly() {
    let text = r#"{
      "targets": [{"metric": "collection_rate", "value": 9000}],
      "instalments": [{"id": "I", "deal": "D", "due_on": "2026-10-08",
                       "amount_minor": 1000000000000000000}],
      "payments": [{"id": "P", "deal": "D", "received_on": "2026-10-08",
                    "amount_minor": 1000000000000000000}]
    }"#;
    let card = evaluated(text).scorecard.unwrap();
    let line = card.lines.iter().find(|line| line.id == "collection_rate").unwrap();
    assert_eq!((line.value, line.attainment), (Some(10_000), Some(11_111)));
}

#[test]
fn a_customer_that_was_passed_on_comes_again_to_whom_it_was_passed_on() {
    let text = r#"{
      "reps": ["a", "b"],
      "customers": [{"id": "C", "owned": [
        {"rep": "a", "from": "2025-01-01", "until": "2026-07-01"},
        {"rep": "b", "from": "2026-07-01"}]}],
      "deals": [
        {"id": "D0", "rep": "a", "customer": "C", "outcome": "won", "decided_at": "2026-05-02",
         "amount_minor": 10},
        {"id": "D1", "rep": "b", "customer": "C", "outcome": "won", "decided_at": "2026-10-02",
         "amount_minor": 10}
      ],
      "payments": [
        {"id": "P0", "deal": "D0", "received_on": "2026-05-08", "amount_minor": 10},
        {"id": "P1", "deal": "D1", "received_on": "2026-10-08", "amount_minor": 10}
      ]
    }"#;
    let found = evaluated(text);
    let of = |scope: &str| {
        let mut all = found.indicators.iter();
        let one = all.find(|one| one.id == "repurchase_rate" && one.scope == scope).unwrap();
        (one.numerator, one.denominator)
    };
    assert_eq!(of("rep:b"), (Some(1), Some(1)));
    assert_eq!(of("rep:a"), (Some(0), Some(0)));
}
