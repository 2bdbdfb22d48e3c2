use super::*;
use crate::rules::fixture;

fn calendar(_zone: &str) -> Option<CalendarRecord> {
    Some(fixture::calendar())
}

fn evaluated(text: &str) -> Evaluated {
    let file = PlainFile::read(text, fixture::period("2026-10"), &calendar).unwrap();
    file.evaluate(&fixture::policy(), fixture::at("2026-10-31 23:59")).unwrap()
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
    check(r#"{"visits": [{"rep": "a"}]}"#, &["visits[0]", "it has no id"]);
    check(
        r#"{"visits": [{"id": "v", "started_at": "yesterday"}]}"#,
        &["visits[0].started_at", "yesterday", "RFC 3339"],
    );
    check(
        r#"{"deals": [{"id": "d", "amount_minor": "5"}]}"#,
        &["deals[0].amount_minor", "a whole number"],
    );
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
        file.evaluate(&policy, fixture::at("2026-10-31 23:59")).unwrap().visits.len()
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

#[test]
fn two_targets_for_one_thing_are_an_error_unless_something_says_which_holds() {
    let two = |first: &str, second: &str| {
        let target = |more: &str, value: u32| {
            format!(r#"{{{more} "metric": "sales_amount", "value": {value}}}"#)
        };
        let deal = r#"{"id": "D", "outcome": "won", "decided_at": "2026-10-02",
                       "amount_minor": 100}"#;
        let (one, other) = (target(first, 100), target(second, 200));
        [format!("{one}, {other}"), format!("{other}, {one}")]
            .map(|targets| format!(r#"{{"deals": [{deal}], "targets": [{targets}]}}"#))
    };
    for text in two("", "") {
        let told = refusal(&text);
        assert!(told.contains("targets[1]") && told.contains("targets[0]"), "{told}");
    }
    for text in two(r#""id": "t","#, "") {
        assert!(refusal(&text).contains("nothing says which"), "an id on one of them");
    }
    let later = two(r#""published_on": "2026-10-15","#, r#""published_on": "2026-10-01","#);
    let named = two(r#""id": "t2","#, r#""id": "t1","#);
    for text in later.iter().chain(&named) {
        let card = evaluated(text).scorecard.unwrap();
        assert_eq!(card.lines[0].target, Some(100), "the later one holds: {text}");
    }
}

#[test]
fn flags_of_regions_and_parts_of_targets_are_named_and_stand_in_order() {
    let region = |scope: &str| {
        format!(
            r#"{{"scope": "{scope}", "lost": 9, "active": 90, "previous_lost": 1,
                "previous_active": 90}}"#
        )
    };
    let found = evaluated(&format!(
        r#"{{"churn": [{}, {}],
            "targets": [
              {{"level": "org", "metric": "sales_amount", "value": 10}},
              {{"parent": "org sales_amount 2026-10", "metric": "sales_amount", "value": 4}}]}}"#,
        region("West"),
        region("East")
    ));
    let churn = found.flags.iter().filter(|flag| flag.rule == "R4");
    assert_eq!(churn.map(|flag| &*flag.scope).collect::<Vec<_>>(), ["East", "West"]);
    let sum = found.flags.iter().find(|flag| flag.rule == "R14").unwrap();
    assert_eq!(sum.facts, ["org sales_amount 2026-10", "rep:rep sales_amount 2026-10"]);
}

#[test]
fn falling_months_are_months_each_once_and_end_with_the_last_one_that_is_over() {
    let months = |all: &[(&str, u32)]| {
        let each = all.iter().map(|(month, value)| {
            format!(r#"{{"scope": "East", "month": "{month}", "value": {value}}}"#)
        });
        format!(r#"{{"months": [{}]}}"#, each.collect::<Vec<_>>().join(","))
    };
    let flagged =
        |all: &[(&str, u32)]| evaluated(&months(all)).flags.iter().any(|flag| flag.rule == "R5");
    assert!(flagged(&[("2026-09", 80), ("2026-08", 90), ("2026-07", 100)]));
    assert!(!flagged(&[("2026-08", 80), ("2026-07", 90), ("2026-06", 100)]), "September lacks");
    let later = [("2026-12", 1), ("2026-09", 80), ("2026-08", 90), ("2026-07", 80)];
    assert!(!flagged(&later), "December is to come, and August rose");
    let told = refusal(&months(&[("2026-09", 80), ("2026-09", 90)]));
    assert!(told.contains("months[1].month") && told.contains("each once"), "{told}");
    for wrong in ["2026-Q3", "2026-W40"] {
        let told = refusal(&months(&[(wrong, 80)]));
        assert!(told.contains("months[0].month") && told.contains("2026-10"), "{told}");
    }
}

#[test]
fn new_products_are_told_by_their_launch() {
    let text = r#"{
      "products": [{"code": "new", "launched_on": "2026-08-01"},
                   {"code": "old", "launched_on": "2020-08-01"}],
      "deals": [{"id": "D", "outcome": "won", "decided_at": "2026-10-02", "amount_minor": 100,
                 "lines": [{"product": "new", "amount_minor": 25},
                           {"product": "old", "amount_minor": 75}]}]
    }"#;
    assert_eq!(value(&evaluated(text), "new_product_share"), Some(2_500));
}

#[test]
fn what_has_no_data_keeps_its_key_and_says_why() {
    let found = evaluated("{}");
    let of = |id: &str| {
        let one = found.indicators.iter().find(|one| one.id == id);
        let one = one.unwrap_or_else(|| panic!("there is no {id}"));
        (one.value, one.status, one.reason.as_deref())
    };
    assert_eq!(of("won_amount"), (Some(0), "applicable", None));
    for id in [
        "sales_per_customer",
        "average_order_value",
        "concentration.top_1",
        "concentration.key_accounts",
        "mix.high_end",
        "mix.middle",
        "mix.basic",
        "high_margin_share",
        "new_product_share",
        "win_rate",
        "repurchase_rate",
    ] {
        assert_eq!(of(id), (None, "not_applicable", Some("zero_denominator")), "{id}");
    }
}

#[test]
fn who_comes_again_is_known_without_a_list_of_customers() {
    let text = r#"{
      "deals": [
        {"id": "D0", "customer": "C", "outcome": "won", "decided_at": "2026-05-02"},
        {"id": "D1", "customer": "C", "outcome": "won", "decided_at": "2026-10-02"}],
      "payments": [
        {"id": "P0", "deal": "D0", "received_on": "2026-05-08", "amount_minor": 10},
        {"id": "P1", "deal": "D1", "received_on": "2026-10-08", "amount_minor": 10}]
    }"#;
    assert_eq!(value(&evaluated(text), "repurchase_rate"), Some(10_000));
}

#[test]
fn what_cannot_be_is_refused_with_its_path() {
    let check = |text: &str, parts: &[&str]| {
        let told = refusal(text);
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    };
    let visit = |more: &str| format!(r#"{{"visits": [{{"id": "v", {more}}}]}}"#);
    check(
        &visit(r#""started_at": "2026-10-08 10:00", "ended_at": "2026-10-08 09:00""#),
        &["visits[0].ended_at", "before started_at"],
    );
    check(
        &visit(r#""check_in": {"at": "2026-10-08", "lat": 1.0, "lon": 1.0, "accuracy_m": -5}"#),
        &["visits[0].check_in.accuracy_m", "0 or more"],
    );
    check(
        &visit(r#""check_in": {"at": "2026-10-08 10:00"}, "check_out": {"at": "2026-10-07"}"#),
        &["visits[0].check_out.at", "before check_in.at"],
    );
    check(
        r#"{"people": [{"rep": "a", "hired_on": "2026-02-01", "left_on": "2026-01-01"}]}"#,
        &["people[0].left_on", "before hired_on"],
    );
    check(
        r#"{"customers": [{"id": "c", "owned": [{"rep": "a", "from": "2026-02-01",
            "until": "2026-01-01"}]}]}"#,
        &["customers[0].owned[0].until", "before from"],
    );
    check(
        r#"{"customers": [{"id": "c", "owned": [{"rep": "a", "from": "2026-02-01"},
            {"rep": "b", "from": "2026-03-01"}]}]}"#,
        &["customers[0].owned", "overlap"],
    );
    check(
        r#"{"cases": [{"id": "c", "opened_at": "2026-02-01", "first_reply_at": "2026-01-01"}]}"#,
        &["cases[0].first_reply_at", "before opened_at"],
    );
    check(
        r#"{"deals": [{"id": "D"}], "payments": [{"id": "p", "deal": "E"}]}"#,
        &["payments[0].deal", "\"E\" is not in deals"],
    );
    check(
        r#"{"customers": [{"id": "C"}], "plans": [{"id": "p", "date": "2026-10-08",
            "stops": [{"customer": "D"}]}]}"#,
        &["plans[0].stops[0].customer", "not in customers"],
    );
    check(
        r#"{"reps": ["anna"], "deals": [{"id": "D", "rep": "ana"}]}"#,
        &["deals[0].rep", "neither in reps nor in people"],
    );
    check(
        r#"{"churn": [{"scope": "E", "lost": 5, "active": 4, "previous_lost": 0,
            "previous_active": 1}]}"#,
        &["churn[0].lost", "no more than active"],
    );
    check(r#"{"benchmarks": {"lead": 12000}}"#, &["benchmarks.lead", "0 to 10000"]);
    check(r#"{"market_size_minor": -1}"#, &["market_size_minor", "more than 0"]);
    check(r#"{"products": [{"code": "P"}, {"code": "p"}]}"#, &["products[1].code", "each once"]);
}

#[test]
fn a_stage_that_the_policy_does_not_have_is_refused_with_its_path() {
    let check = |text: &str, path: &str| {
        let file = PlainFile::read(text, fixture::period("2026-10"), &calendar).unwrap();
        let found = file.evaluate(&fixture::policy(), fixture::at("2026-10-31 23:59"));
        let told = found.unwrap_err().to_string();
        assert!(told.starts_with(path) && told.contains("expected one of"), "{told}");
    };
    check(
        r#"{"deals": [{"id": "Z"}, {"id": "A", "stages": [{"stage": "dream", "at": "2026-10-01"}]}]}"#,
        "deals[1].stages[0].stage",
    );
    check(r#"{"deals": [{"id": "A", "stage": "dream"}]}"#, "deals[0].stage");
    check(r#"{"benchmarks": {"dream": 5000}}"#, "benchmarks.dream");
}

#[test]
fn money_that_no_sum_can_hold_is_refused() {
    let deal = |id: &str| {
        format!(
            r#"{{"id": "{id}", "outcome": "won", "decided_at": "2026-10-02",
                "amount_minor": 9000000000000000000}}"#
        )
    };
    let told = refusal(&format!(r#"{{"deals": [{}, {}]}}"#, deal("A"), deal("B")));
    assert!(told.contains("18000000000000000000") && told.contains("9223372036854775807"));
    let one = evaluated(&format!(r#"{{"deals": [{}]}}"#, deal("A")));
    assert_eq!(value(&one, "sales_amount"), Some(9_000_000_000_000_000_000));
}

#[test]
fn errors_are_in_words_of_json() {
    let check = |text: &str, expected: &str| {
        assert_eq!(refusal(text), expected);
    };
    check(
        r#"{"surveys": [{"id": "s", "score": "9"}]}"#,
        "surveys[0].score: \"9\": expected a whole number from 0 to 255",
    );
    check(r#"{"visits": [7]}"#, "visits[0]: 7: expected an object with fields");
    check(
        r#"{"visits": [{"id": "v", "check_in": {"at": "2026-10-08", "lat": "north"}}]}"#,
        "visits[0].check_in.lat: \"north\": expected a number",
    );
    check(r#"{"visits": [{"id": "v", "text": 1}]}"#, "visits[0].text: 1: expected true or false");
    check(
        r#"{"plans": [{"id": "p", "date": "2026-10-08", "key_tasks": -1}]}"#,
        "plans[0].key_tasks: -1: expected a whole number of 0 or more",
    );
    check(r#"{"visits": [{"rep": "a"}]}"#, "visits[0]: it has no id: expected one");
    check(
        r#"{"churn": [{"scop": "E"}]}"#,
        "churn[0].scop: there is no field scop: expected one of scope, lost, active, previous_lost, previous_active",
    );
}
