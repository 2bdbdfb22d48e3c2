use super::*;
use crate::rules::units::Percent;

fn standard() -> String {
    preset_text("guide-standard").unwrap().to_owned()
}

/// The message for the default preset with one text replaced.
fn refusal(from: &str, to: &str) -> String {
    let text = standard();
    assert!(text.contains(from), "{from}");
    Policy::from_toml(&text.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn every_preset_is_read_and_says_where_its_values_come_from() {
    for name in PRESETS {
        let policy = Policy::preset(name).unwrap();
        assert_eq!(policy.name, name);
        assert_eq!(
            policy.source("scorecard.process_weight"),
            Some("S1 考核指标: 过程指标40%"),
            "{name}"
        );
        insta::assert_json_snapshot!(name, policy);
    }
    let error = Policy::preset("guide").unwrap_err().to_string();
    assert!(error.contains("guide-standard, guide-coverage"), "{error}");
}

#[test]
fn a_refused_policy_names_the_key_and_what_is_allowed() {
    let check = |from: &str, to: &str, expected: &[&str]| {
        let message = refusal(from, to);
        for part in expected {
            assert!(message.contains(part), "{part:?} is not in {message:?}");
        }
    };
    check("fence_m = 300", "fence_metres = 300", &["fence_metres", "fence_m"]);
    check("fence_m = 300", "fence_m = 0", &["visits.fence_m", "at least 1 metre"]);
    check("fence_m = 300 ", "# fence_m = 300", &["missing field `fence_m`"]);
    check("cap = \"120%\"", "cap = 1.2", &["cap", "120%"]);
    check("cap = \"120%\"", "cap = \"1.2\"", &["\"1.2\"", "percentage"]);
    check("\"redistribute\"", "\"drop\"", &["drop", "`redistribute` or `zero`"]);
    check("process_weight = 40", "process_weight = 50", &["scorecard.process_weight", "110"]);
    check("weight = 30", "weight = 31", &["scorecard.result_weight", "61"]);
    check("mode = \"phone\"", "mode = \"fax\"", &["visits.modes.1.mode", "fax", "onsite"]);
    check("mode = \"phone\"", "mode = \"onsite\"", &["visits.modes.1.mode", "each mode once"]);
    check("\"sales_amount\"", "\"turnover\"", &["turnover", "sales_amount"]);
    check("count = 2 ", "count = 0 ", &["frequency.0.count", "1 to 1000"]);
    check("period = \"week\"", "period = \"day\"", &["day", "week"]);
    check("low = \"80%\"", "low = \"140%\"", &["pace.low", "130%"]);
    check("middle = \"50%\"", "middle = \"40%\"", &["goals.mix", "90%", "100%"]);
    check("phase = \"closed\"", "phase = \"lead\"", &["pipeline.stages.3.phase"]);
    check("\"visits.fence_m\" =", "\"visits.fence\" =", &["visits.fence", "path of a value"]);
}

#[test]
fn the_hash_follows_values_and_not_comments_or_references() {
    let base = Policy::from_toml(&standard()).unwrap().hash();
    let hash =
        |from: &str, to: &str| Policy::from_toml(&standard().replacen(from, to, 1)).unwrap().hash();
    assert_eq!(hash("# ours: SPOTIO", "# SPOTIO"), base);
    assert_eq!(hash("\"ours: 300 m\"", "\"three hundred\""), base);
    assert_ne!(hash("fence_m = 300", "fence_m = 301"), base);
    assert_ne!(Policy::preset("guide-coverage").unwrap().hash(), base);
    assert_eq!(Policy::preset("guide-standard").unwrap().hash(), base);
}

#[test]
fn a_policy_survives_being_written_as_toml_again() {
    for name in PRESETS {
        let policy = Policy::preset(name).unwrap();
        let text = toml::to_string(&policy).unwrap();
        assert_eq!(Policy::from_toml(&text).unwrap(), policy);
    }
}

#[test]
fn defaults_are_those_of_the_guides() {
    let policy = Policy::preset("guide-standard").unwrap();
    assert_eq!(policy.scorecard.result_weight, 60);
    assert_eq!(policy.scorecard.cap, "120%".parse::<Percent>().unwrap());
    assert_eq!(policy.visits.fence_m.0, 300);
    assert_eq!(policy.pipeline.position("proposal"), Some(2));
    assert_eq!(policy.reminders.callback_days, 7);
}
