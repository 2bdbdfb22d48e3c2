use super::*;
use crate::records::Tier;
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
    check("fence_m = 300", "fence_m = 0", &["visits.fence_m", "1 to 10000 metres"]);
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
    check("low = \"80%\"", "low = \"140%\"", &["pace.low", "0.01% to 100%"]);
    check("middle = \"50%\"", "middle = \"40%\"", &["goals.mix", "90%", "100%"]);
    check("phase = \"closed\"", "phase = \"lead\"", &["pipeline.stages.3.phase"]);
    check("hold_days = 7", "hold_days = 4294967295", &["risk.hold_days", "1 to 366 days"]);
    check("a_days = 30", "a_days = 4294967295", &["leads.a_days", "1 to 3660 days"]);
    check(
        "churn_rise = \"10%\"",
        "churn_rise = \"-10%\"",
        &["alarms.churn_rise", "0.01% to 1000%"],
    );
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

#[test]
fn every_error_names_the_line_that_is_wrong() {
    let check = |from: &str, to: &str| {
        let text = standard();
        let line = text.lines().position(|line| line.contains(from)).unwrap() + 1;
        let error = Policy::from_toml(&text.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error.line(), Some(line), "{error}");
        assert!(error.to_string().contains(&format!("line {line}")), "{error}");
    };
    check("fence_m = 300", "fence_metres = 300");
    check("fence_m = 300", "fence_m = \"far\"");
    check("fence_m = 300", "fence_m = 0");
    check("fence_m = 300", "fence_m = ");
    check("cap = \"120%\"", "cap = 1.2");
    check("mode = \"phone\"", "mode = \"fax\"");
    check("count = 2 ", "count = 0 ");
    check("period = \"week\"", "period = \"day\"");
    check("process_weight = 40", "process_weight = 50");
    check("code = \"closed\"", "code = \"proposal\"");
    check("\"visits.fence_m\" =", "\"visits.fence\" =");
    let error = Policy::from_toml(&standard().replacen("fence_m = 300 ", "# ", 1)).unwrap_err();
    let header = standard().lines().position(|line| line == "[visits]").unwrap() + 1;
    assert_eq!(error.line(), Some(header), "{error}");
}

#[test]
fn every_number_of_a_preset_says_where_it_comes_from_and_what_it_means() {
    for name in PRESETS {
        let text = preset_text(name).unwrap();
        let policy = Policy::from_toml(text).unwrap();
        let bare: Vec<String> = unexplained(text, &policy.sources)
            .into_iter()
            .map(|number| format!("line {}: {}", number.line, number.key))
            .collect();
        assert!(bare.is_empty(), "{name} has numbers without a line in [sources]: {bare:#?}");
        for (key, source) in &policy.sources {
            let guide = source.split([' ', ':']).next().unwrap_or_default();
            let known = ["S0", "S1", "S2", "S3", "S4", "ours"];
            assert!(known.contains(&guide), "{name}, {key}: {source} names no guide");
        }
    }
}

#[test]
fn every_example_goes_into_every_preset() {
    for preset in PRESETS {
        let base = preset_text(preset).unwrap();
        let before = Policy::from_toml(base).unwrap();
        for example in EXAMPLES {
            let text = example.put_into(base);
            let policy = Policy::from_toml(&text)
                .unwrap_or_else(|error| panic!("{} in {preset}: {error}\n{text}", example.name));
            assert!(
                policy.hash() != before.hash() || example.name == "stages-s3",
                "{} changes nothing in {preset}",
                example.name
            );
            assert!(unexplained(&text, &policy.sources).is_empty(), "{}", example.name);
            assert_eq!(example.put_into(&text), text, "{} again is the same", example.name);
        }
    }
}

#[test]
fn the_stage_lists_of_all_four_guides_map_to_the_canonical_phases() {
    let stages = |name: &str| {
        let example = Example::find(name).unwrap();
        let text = example.put_into(preset_text("guide-standard").unwrap());
        Policy::from_toml(&text).unwrap().pipeline.stages
    };
    let phases =
        |name: &str| -> Vec<Phase> { stages(name).into_iter().map(|stage| stage.phase).collect() };
    use Phase::{Closed, InitialContact, Lead, NeedsConfirmed, Proposal};
    assert_eq!(phases("stages-s3"), [InitialContact, NeedsConfirmed, Proposal, Closed]);
    assert_eq!(phases("stages-s1"), [Lead, NeedsConfirmed, Proposal, Proposal, Closed, Closed]);
    assert_eq!(phases("stages-s2"), [InitialContact, NeedsConfirmed, Proposal, Closed, Closed]);
    assert_eq!(
        phases("stages-s0"),
        [Lead, InitialContact, NeedsConfirmed, Proposal, Closed, Closed]
    );
    for name in ["stages-s0", "stages-s1", "stages-s2", "stages-s3"] {
        for stage in stages(name) {
            let named =
                ["zh-CN", "en"].into_iter().all(|language| stage.name.contains_key(language));
            assert!(named, "{name}: {} has a name in both languages", stage.code);
        }
    }
}

#[test]
fn both_visit_standards_hold_at_once_and_a_standard_twice_is_refused() {
    let base = preset_text("guide-standard").unwrap();
    let text = Example::find("frequency-both").unwrap().put_into(base);
    let policy = Policy::from_toml(&text).unwrap();
    let of = |tier| {
        let rules = policy.frequency.iter().filter(move |rule| rule.tier == tier);
        rules.map(|rule| (rule.count, rule.period)).collect::<Vec<_>>()
    };
    assert_eq!(of(Tier::A), [(2, RulePeriod::Week), (2, RulePeriod::Month)]);
    assert_eq!(of(Tier::B), [(1, RulePeriod::Month), (1, RulePeriod::Quarter)]);
    let twice = text.replacen("period = \"week\"", "period = \"month\"\nmodes = [\"onsite\"]", 1);
    let error = Policy::from_toml(&twice).unwrap_err().to_string();
    assert!(error.contains("frequency.1.period") && error.contains("one rule"), "{error}");
}
